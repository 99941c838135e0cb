"""Quotas are allotted, and later decisions on them recorded."""

from typing import Any

from strawberry import UNSET

from registry import quotas
from registry.codes import CountedUnit, ValueOperator
from registry.history import Changes
from registry.quotas import QuotaBasis, QuotaKind
from schema.mutations import REASON, VERSION, Payload, asked, meant, payload, record
from schema.references import QuotaType
from schema.scalars import EDTF, CountryCode
from schema.writes.sources import CITATIONS, CitationInput


@asked(quotas.Quota)
class QuotaAllotInput:
    """A number of places for a period and scope, with what kind of promise it is."""

    reference: str
    kind: QuotaKind
    basis: QuotaBasis
    agreement: str | None = meant("Reference of the agreement behind the number.", UNSET)
    country: CountryCode
    origins: list[CountryCode] = meant("Countries of origin the places are for; empty where they are open to all.")
    part_of: str | None = meant("Reference of the quota that this one is a share of.", UNSET)
    sector: str | None = meant("Code of the sector that the places are limited to.", UNSET)
    occupation: str | None = meant("Code of the occupation that the places are limited to.", UNSET)
    condition: str | None = UNSET
    unit: CountedUnit = CountedUnit.PERSONS
    period: EDTF
    operator: ValueOperator = ValueOperator.EXACT
    places: int
    citations: list[CitationInput] = meant(CITATIONS)
    reason: str = REASON


@asked(quotas.Quota)
class QuotaReviseInput:
    """A later decision on a quota; the former one stays among its revisions."""

    reference: str = meant("Which quota, by its reference.")
    expected_version: int = VERSION
    places: int
    decided: EDTF | None = UNSET
    citations: list[CitationInput] = meant("What the new decision rests on, as its sources put it.")
    reason: str = REASON


@payload
class QuotaPayload(Payload):
    """What became of a quota that was to be allotted or revised."""

    quota: QuotaType | None = record(quotas.Quota, "The quota; null where it was refused.")


def revise_quota(changes: Changes, reference: str, **said: Any) -> quotas.Quota:
    """Records a later decision on the quota of that reference."""
    return quotas.revise(changes, quota=reference, **said)
