"""Places allotted to labour migrants, with what kind of promise, and earlier decisions on them."""

from collections.abc import Iterable, Sequence
from datetime import date

import sqlalchemy as sa
from sqlmodel import Session

from registry import inputs, utilisation
from registry.access import PUBLIC
from registry.codes import Code, CountedUnit, ValueOperator
from registry.database import batches
from registry.history import Changes, Record, Row, column, table_behind
from registry.sources import Citation, Cited, check_words, cite


class QuotaKind(Code):
    """What kind of promise a number of places is."""

    CEILING = "CEILING", "At most so many; no promise that they are filled."
    RESERVED = "RESERVED", "Kept for those it names."
    COMMITMENT = "COMMITMENT", "Promised to be filled."
    TARGET = "TARGET", "Aimed at."
    DEMAND = "DEMAND", "Asked for by employers."
    ESTIMATE = "ESTIMATE", "Estimated."


class QuotaBasis(Code):
    """What a number of places rests on."""

    AGREEMENT = "AGREEMENT", "An instrument between the countries."
    DOMESTIC_RULE = "DOMESTIC_RULE", "A rule of the country of destination alone."
    EMPLOYER = "EMPLOYER", "An employer's decision."


class Quota(Record, table=True):
    """A number of places for a period and scope."""

    # What the lists of a country go by, so that only what they show is looked up.
    __table_args__ = (sa.Index("ix_quota_of_country", "country_code", "period_start", "period_end", "reference"),)

    reference: str = column("Stable, readable, unique name.", PUBLIC, unique=True)
    kind: QuotaKind = column("What kind of promise it is.", PUBLIC, kind=QuotaKind, index=True)
    basis: QuotaBasis = column("What it rests on.", PUBLIC, kind=QuotaBasis, index=True)
    agreement_id: int | None = column(
        "The agreement behind the number; null where none stands behind it.",
        PUBLIC,
        references="agreement.id",
        default=None,
        index=True,
    )
    country_code: str = column("Country of destination.", PUBLIC, references="country.code")
    part_of_id: int | None = column(
        "The quota this one is a share of; never add a part to its whole.",
        PUBLIC,
        references="quota.id",
        default=None,
        index=True,
    )
    sector_code: str | None = column(
        "Sector it is limited to.", PUBLIC, references="sector.code", default=None, index=True
    )
    occupation_code: str | None = column(
        "Occupation it is limited to.", PUBLIC, references="occupation.code", default=None
    )
    condition: str | None = column("Further condition in the source's words, such as seasonal.", PUBLIC, default=None)
    unit: CountedUnit = column("What is counted.", PUBLIC, kind=CountedUnit, default=CountedUnit.PERSONS)
    period: str = column("Period it is for, in EDTF.", PUBLIC)
    period_start: date | None = column("First day of the period; null is open or unknown.", PUBLIC, default=None)
    period_end: date | None = column(
        "Last day of the period; null is open or unknown.", PUBLIC, default=None, index=True
    )
    period_key: date = column(
        "First day of the period, the first of days where open. Derived.", PUBLIC, index=True, logged=False
    )
    operator: ValueOperator = column(
        "How the number of places is to be read.", PUBLIC, kind=ValueOperator, default=ValueOperator.EXACT
    )
    places: int = column("Number of places.", PUBLIC, index=True)
    decided: str | None = column("When this number was decided, in EDTF; null where not known.", PUBLIC, default=None)
    decided_earliest: date | None = column("First day it may have been decided on.", PUBLIC, default=None)
    decided_latest: date | None = column("Last day it may have been decided on.", PUBLIC, default=None)
    version: int = column("Counts the changes to this record.", PUBLIC, default=1)


class QuotaOrigin(Row, table=True):
    """A country of origin that a quota is for; none stands for all."""

    __tablename__ = "quota_origin"

    quota_id: int = column("The quota.", PUBLIC, references="quota.id", primary_key=True)
    country_code: str = column(
        "The country of origin.", PUBLIC, references="country.code", primary_key=True, index=True
    )


class QuotaRevision(Record, table=True):
    """An earlier decision on the same quota."""

    __part_of__ = "quota_id"
    __tablename__ = "quota_revision"

    quota_id: int = column("The quota.", PUBLIC, references="quota.id", index=True)
    position: int = column("Place among the decisions, oldest 0.", PUBLIC)
    places: int = column("Number of places then.", PUBLIC)
    decided: str | None = column("When it was decided, in EDTF; null where not known.", PUBLIC, default=None)
    decided_earliest: date | None = column("First day it may have been decided on.", PUBLIC, default=None)
    decided_latest: date | None = column("Last day it may have been decided on.", PUBLIC, default=None)


def allot(
    changes: Changes,
    *,
    reference: str,
    kind: QuotaKind,
    basis: QuotaBasis,
    country: str,
    period: str,
    places: int,
    citations: Sequence[Cited],
    origins: Sequence[str] = (),
    agreement: str | None = None,
    part_of: str | None = None,
    sector: str | None = None,
    occupation: str | None = None,
    condition: str | None = None,
    unit: CountedUnit = CountedUnit.PERSONS,
    operator: ValueOperator = ValueOperator.EXACT,
    decided: str | None = None,
) -> Quota:
    """Records places for a period (EDTF) in a country of destination, for people from `origins` or, if none, from all.

    `decided` is when the number was decided, in EDTF. Refuses with `Conflict`, `NotFound`, `BadInput` or `Unsourced`.
    """
    with inputs.checked():
        days = inputs.window(period)
        quota = Quota(
            reference=inputs.new_reference(changes, "quota", reference),
            kind=kind,
            basis=basis,
            agreement_id=inputs.id_or_none(changes, "agreement", agreement, "agreement"),
            country_code=inputs.code_of(changes, "country", country, "country"),
            part_of_id=inputs.id_or_none(changes, "quota", part_of, "partOf"),
            sector_code=inputs.code_or_none(changes, "sector", sector, "sector"),
            occupation_code=inputs.code_or_none(changes, "occupation", occupation, "occupation"),
            condition=inputs.remark(condition, "condition"),
            unit=unit,
            period_key=days["period_start"] or date.min,
            operator=operator,
            places=inputs.count(places, "places"),
            **days,
            **inputs.dated("decided", decided),
        )
        countries = inputs.codes(changes, "country", origins, "origins")
        words = check_words(changes, citations)
    changes.add(quota)
    for code in countries:
        changes.add(QuotaOrigin(quota_id=inputs.key(quota), country_code=code))
    cite(changes, quota, words)
    utilisation.derive(changes.session, [inputs.key(quota)])
    return quota


def revise(
    changes: Changes,
    *,
    quota: str,
    places: int,
    citations: Sequence[Cited],
    decided: str | None = None,
    expected_version: int | None = None,
) -> Quota:
    """Records a later decision, made on `decided` (EDTF), on the quota of that reference.

    The former number, its day and its words become a `QuotaRevision`; the new ones stand in the quota. Refuses with
    `Conflict` where the quota is not at `expected_version` any more, `NotFound`, `Unsourced` or `BadInput`, also where
    number and day are those on record: other words alone are no other decision.
    """
    with inputs.checked():
        quota_id = inputs.id_of(changes, "quota", quota, "reference")
        inputs.check_version(changes, Quota, quota_id, expected_version)
        position = inputs.room(changes, "quota_revision", "quota_id", quota_id, "reference")
        decision = {"places": inputs.count(places, "places"), **inputs.dated("decided", decided)}
        row = changes.session.get(Quota, quota_id)
        held = {name: getattr(row, name) for name in decision if row}
        inputs.check_something({name: value for name, value in decision.items() if not row or value != held[name]})
        words = check_words(changes, citations)
    assert row is not None
    former: QuotaRevision = changes.add(QuotaRevision(quota_id=quota_id, position=position, **held))
    for name, value in decision.items():
        setattr(row, name, value)
    row.version += 1
    for citation in changes.session.scalars(sa.select(Citation).filter_by(subject="Quota", subject_id=quota_id)):
        citation.subject, citation.subject_id = "QuotaRevision", inputs.key(former)
    changes.session.flush()
    cite(changes, row, words)
    utilisation.derive(changes.session, [quota_id])
    return row


def record_former(
    changes: Changes, *, quota: str, places: int, citations: Sequence[Cited], decided: str | None = None
) -> QuotaRevision:
    """Records a decision on the quota of that reference from before the one in force; the latest of those on record.

    For decisions that come in late, as from another register. Refuses with `NotFound`, `BadInput` or `Unsourced`.
    """
    with inputs.checked():
        quota_id = inputs.id_of(changes, "quota", quota, "quota")
        former = QuotaRevision(
            quota_id=quota_id,
            position=inputs.room(changes, "quota_revision", "quota_id", quota_id, "quota"),
            places=inputs.count(places, "places"),
            **inputs.dated("decided", decided),
        )
        words = check_words(changes, citations)
    changes.add(former)
    row = changes.session.get_one(Quota, quota_id)
    row.version += 1
    cite(changes, former, words, row)
    return former


def derive(session: Session, quota_ids: Iterable[int]) -> None:
    """Computes anew what these quotas are ordered by, and how far they are used."""
    table, ids = table_behind(Quota), list(quota_ids)
    key = sa.func.coalesce(table.c.period_start, sa.literal(date.min, sa.Date))
    for batch in batches(ids):
        session.execute(sa.update(table).where(table.c.id.in_(batch)).values(period_key=key))
    utilisation.derive(session, ids)
