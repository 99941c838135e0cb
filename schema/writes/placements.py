"""Placement returns are reported, those of one source together."""

from strawberry import UNSET

from registry import placements
from registry.placements import Counted, PlacementChannel, PlacementMeasure, Sex
from schema.mutations import REASON, Payload, asked, meant, payload, value
from schema.scalars import EDTF, CountryCode


@asked(placements.PlacementReturn, becomes=Counted)
class PlacementInput:
    """So many people by one measure in one period and destination; what the return leaves open is left out."""

    period: EDTF = meant("A month, quarter, half-year or year.")
    country: CountryCode
    measure: PlacementMeasure = PlacementMeasure.DEPARTED
    people: int
    sector: str | None = meant("Code of the sector, where the return states it.", UNSET)
    company: str | None = meant("Reference of the company, where the return states it.", UNSET)
    agreement: str | None = meant("Reference of the agreement, where the return states it.", UNSET)
    occupation: str | None = meant("Code of the occupation, where the return states it.", UNSET)
    sex: Sex | None = UNSET
    channel: PlacementChannel | None = UNSET
    withdrawn: bool = meant(placements.WITHDRAWN, False)


@asked(placements.PlacementReturn)
class PlacementsReportInput:
    """Returns of one source."""

    source: str = meant("Reference of the source of the returns.")
    placements: list[PlacementInput] = meant(
        "The returns; none may count people whom another counts. Those withdrawn are taken back before any is entered."
    )
    reason: str = REASON


@payload
class PlacementsReportPayload(Payload):
    """What became of a report."""

    accepted: int = value("Number of returns that were accepted: all of the report, or none.", 0)
