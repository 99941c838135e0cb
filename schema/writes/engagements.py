"""Dealings between countries are recorded."""

from strawberry import UNSET

from registry import engagements
from registry.access import OFFICIAL, Audience
from registry.engagements import EngagementKind
from schema.mutations import REASON, Payload, asked, meant, payload, record
from schema.references import EngagementType
from schema.scalars import EDTF, CountryCode
from schema.writes.sources import CITATIONS, CitationInput


@asked(engagements.Engagement)
class EngagementRecordInput:
    """A dealing between countries, or a national act that bears on them."""

    reference: str | None = meant("Stable, readable, unique name; made by the registry where left out.", UNSET)
    kind: EngagementKind
    title: str
    date: EDTF
    countries: list[CountryCode] = meant("Countries that took part, or that it is about.")
    agreement: str | None = meant("Reference of the agreement that it was about.", UNSET)
    topics: list[str] = meant("Topics, in the source's words.", [])
    audience: Audience = meant("Whom it may be shown to; left out, the public does not see it.", OFFICIAL)
    citations: list[CitationInput] = meant(CITATIONS)
    reason: str = REASON


@payload
class EngagementPayload(Payload):
    """What became of a dealing that was to be recorded."""

    engagement: EngagementType | None = record(engagements.Engagement, "The dealing; null where it was refused.")
