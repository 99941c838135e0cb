"""Figures are reported as their sources state them."""

from decimal import Decimal

from strawberry import UNSET

from registry import figures
from registry.codes import ValueOperator
from registry.figures import FigureMeasure, FigureNature
from schema.mutations import REASON, Payload, asked, meant, payload, record
from schema.references import FigureType
from schema.scalars import EDTF, CountryCode
from schema.writes.sources import CITATIONS, CitationInput


@asked(figures.Figure)
class FigureReportInput:
    """A number exactly as a source states it."""

    reference: str | None = meant("Stable, readable, unique name; made by the registry where left out.", UNSET)
    measure: FigureMeasure
    nature: FigureNature
    operator: ValueOperator = ValueOperator.EXACT
    value: Decimal
    unit: str = "persons"
    period: EDTF
    destinations: list[CountryCode] = meant("Countries of destination that it speaks of.", [])
    destination_as_printed: str | None = UNSET
    sector: str | None = meant("Code of the sector that it is limited to.", UNSET)
    company: str | None = meant("Reference of the company that it is limited to.", UNSET)
    note: str | None = UNSET
    citations: list[CitationInput] = meant(CITATIONS)
    reason: str = REASON


@payload
class FigurePayload(Payload):
    """What became of a figure that was to be reported."""

    figure: FigureType | None = record(figures.Figure, "The figure; null where it was refused.")
