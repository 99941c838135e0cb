"""Institutions are registered."""

from strawberry import UNSET

from registry import institutions
from registry.institutions import InstitutionKind
from schema.mutations import REASON, Payload, asked, meant, payload, record
from schema.references import InstitutionType
from schema.scalars import CountryCode
from schema.writes.sources import CITATIONS, CitationInput


@asked(institutions.Institution)
class InstitutionRegisterInput:
    """An institution that acts under agreements or helps those who move."""

    reference: str
    name: str
    names: list[str] = meant("Further labels that sources use for it.", [])
    kind: InstitutionKind
    country: CountryCode | None = UNSET
    parent: str | None = meant("Reference of the institution that it belongs to.", UNSET)
    succeeds: str | None = meant("Reference of the institution whose successor it is.", UNSET)
    comparator: bool = False
    citations: list[CitationInput] = meant(CITATIONS)
    reason: str = REASON


@payload
class InstitutionPayload(Payload):
    """What became of an institution that was to be entered."""

    institution: InstitutionType | None = record(
        institutions.Institution, "The institution; null where it was refused."
    )
