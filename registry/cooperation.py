"""How far cooperation has come on a day: with each country, and with each partner company.

Both answers are selects over the stored facts, one row for each country or company, so that a filter, a list or a batch
joins them. What is undecided on the day does not count: of the statuses that an instrument may have the least counts,
and an engagement counts once the last day that it may have been on has come. Where no such day is on record, as with a
day of an unknown year, it counts once a source that tells of it is out: by then it had happened.
"""

from collections.abc import Collection, Mapping
from datetime import date as Day
from typing import Any

import sqlalchemy as sa

from registry.agreements import Agreement, Party, StatusPossibility
from registry.codes import Code
from registry.companies import Company, Partnership, PartnershipStage
from registry.countries import Country
from registry.database import as_kept, behind, probed
from registry.engagements import Engagement, EngagementCountry, EngagementKind
from registry.figures import FigureDestination
from registry.history import Coded
from registry.history import table_behind as table
from registry.placements import Kept, PlacementMeasure, PlacementsOfYear
from registry.quotas import Quota
from registry.sources import Citation, Source
from registry.status import AgreementStatus, InstrumentType
from registry.visibility import shown


class CooperationStage(Code):
    """The furthest stage that cooperation with a country has reached on a day."""

    NONE = "NONE", "Nothing on record shows for certain that a stage was reached."
    PROSPECT = "PROSPECT", "Cooperation is considered, or an instrument is reported of which no act is on record."
    IN_DISCUSSION = "IN_DISCUSSION", "Meetings, discussions or negotiations have been held."
    COOPERATING = "COOPERATING", "There is practical cooperation, without a signed instrument on record."
    AGREEMENT_SIGNED = "AGREEMENT_SIGNED", "An instrument has been signed, or one that does not bind is operative."
    AGREEMENT_IN_FORCE = "AGREEMENT_IN_FORCE", "An instrument is in force."


#: A legal day, or an SQL expression of one, such as the bound parameter of a prepared statement.
LegalDay = Day | sa.ColumnElement[Day]

#: What is suspended is in force: its parties are released from performance, not from the instrument (VCLT art. 72).
_BY_STATUS = {
    AgreementStatus.IN_FORCE: CooperationStage.AGREEMENT_IN_FORCE,
    AgreementStatus.DENUNCIATION_PENDING: CooperationStage.AGREEMENT_IN_FORCE,
    AgreementStatus.SUSPENDED: CooperationStage.AGREEMENT_IN_FORCE,
    AgreementStatus.SIGNED: CooperationStage.AGREEMENT_SIGNED,
    AgreementStatus.PARTLY_CONSENTED: CooperationStage.AGREEMENT_SIGNED,
    AgreementStatus.PROVISIONALLY_APPLIED: CooperationStage.AGREEMENT_SIGNED,
    AgreementStatus.OPERATIVE: CooperationStage.AGREEMENT_SIGNED,
    AgreementStatus.PAUSED: CooperationStage.AGREEMENT_SIGNED,
    AgreementStatus.PROPOSED: CooperationStage.IN_DISCUSSION,
    AgreementStatus.UNDER_DISCUSSION: CooperationStage.IN_DISCUSSION,
    AgreementStatus.UNDER_NEGOTIATION: CooperationStage.IN_DISCUSSION,
    AgreementStatus.INITIALLED: CooperationStage.IN_DISCUSSION,
    AgreementStatus.PARTLY_SIGNED: CooperationStage.IN_DISCUSSION,
    AgreementStatus.REPORTED: CooperationStage.PROSPECT,
}

_BY_ENGAGEMENT = {
    EngagementKind.COOPERATION: CooperationStage.COOPERATING,
    EngagementKind.MEETING: CooperationStage.IN_DISCUSSION,
    EngagementKind.VISIT: CooperationStage.IN_DISCUSSION,
    EngagementKind.FORUM: CooperationStage.IN_DISCUSSION,
    EngagementKind.NEGOTIATION_ROUND: CooperationStage.IN_DISCUSSION,
    EngagementKind.JOINT_COMMITTEE: CooperationStage.IN_DISCUSSION,
    EngagementKind.PROSPECT: CooperationStage.PROSPECT,
}

_BY_PARTNERSHIP = {
    PartnershipStage.ACTIVE: CooperationStage.COOPERATING,
    PartnershipStage.CONTRACTED: CooperationStage.COOPERATING,
    PartnershipStage.IN_DISCUSSION: CooperationStage.IN_DISCUSSION,
    PartnershipStage.PROSPECT: CooperationStage.PROSPECT,
}

#: How far each stage of cooperation is, the furthest last.
_RANK = {stage: rank for rank, stage in enumerate(CooperationStage)}

#: How much each partnership says of the company; one that is over says more than none.
_PARTNERSHIP_RANK = {
    stage: rank
    for rank, stage in enumerate(
        (
            PartnershipStage.ENDED,
            PartnershipStage.SUSPENDED,
            PartnershipStage.PROSPECT,
            PartnershipStage.IN_DISCUSSION,
            PartnershipStage.CONTRACTED,
            PartnershipStage.ACTIVE,
        ),
        start=1,
    )
}


def day_of(day: LegalDay) -> sa.ColumnElement[Day]:
    """The legal day as an SQL expression."""
    return day if isinstance(day, sa.ColumnElement) else sa.literal(day, sa.Date())


def runs_on(spans: sa.FromClause, day: LegalDay) -> sa.ColumnElement[bool]:
    """That a stretch of days (`from_day` to before `until_day`) includes the day; an open end has no last day."""
    moment = day_of(day)
    until = as_kept(spans.c.until_day)
    return sa.and_(spans.c.from_day <= moment, sa.or_(until > moment, until == Day.max))


def has_been(engagement: sa.FromClause, day: LegalDay, told: sa.FromClause) -> sa.ColumnElement[bool]:
    """That an engagement certainly was on the day or before it; `told` is that of `told_by` the day."""
    by_source = engagement.c.id.in_(sa.select(told.c.id))
    return sa.or_(engagement.c.date_latest <= day_of(day), sa.and_(engagement.c.date_latest.is_(None), by_source))


def told_by(day: LegalDay) -> sa.CTE:
    """The ids of engagements without a last day that certainly were by the day, as a source that tells of them was out.

    A source that was out before even the first day of one tells of what is planned. Who sees an engagement sees what it
    rests on. This is written once beside a statement, and read only where an engagement without a last day is met: what
    may be seen of sources takes PostgreSQL long to plan.
    """
    engagement, citation, source = (behind(table(kind)).alias() for kind in (Engagement, Citation, Source))
    out = probed(
        citation.c.subject == Engagement.__name__,
        citation.c.subject_id == engagement.c.id,
        source.c.id == citation.c.source_id,
        source.c.published_latest <= day_of(day),
        sa.or_(engagement.c.date_earliest.is_(None), engagement.c.date_earliest <= source.c.published_latest),
    )
    return sa.select(engagement.c.id).where(engagement.c.date_latest.is_(None), out).cte()


def involves(agreement_id: sa.ColumnElement[int], country: str) -> sa.ColumnElement[bool]:
    """That a country is a party to the agreement."""
    party = table(Party).alias()
    return sa.exists().where(party.c.agreement_id == agreement_id, party.c.country_code == country)


def certainly(
    agreement_id: sa.ColumnElement[int], statuses: Collection[AgreementStatus], day: LegalDay
) -> sa.ColumnElement[bool]:
    """That every status which the agreement may have on the day is one of these, and that it may have one."""
    possible = table(StatusPossibility)
    is_one = sa.func.min(sa.case((possible.c.status.in_(statuses), 1), else_=0))
    least = sa.select(is_one).where(possible.c.agreement_id == agreement_id, runs_on(possible, day))
    return least.scalar_subquery() == 1


def is_on_record(country: sa.ColumnElement[str]) -> sa.ColumnElement[bool]:
    """That something on record concerns the country, whatever the day: all that a stage may rest on, places and people.

    What is kept for comparison does not count, nor who sits there.
    """
    party, agreement, engagement = table(Party), table(Agreement), table(EngagementCountry)
    company, quota, figure, placed = table(Company), table(Quota), table(FigureDestination), table(PlacementsOfYear)
    agreed = [
        party.c.country_code == country,
        agreement.c.id == party.c.agreement_id,
        agreement.c.comparator.is_(False),
    ]
    # That it is one of all measures says nothing, but lets the key be searched.
    returned = [placed.c.kept == Kept.COUNTRY, placed.c.measure.in_(PlacementMeasure), placed.c.country_code == country]
    others = ([kind.c.country_code == country] for kind in (engagement, company, quota, figure))
    return sa.or_(*(probed(*conditions) for conditions in (agreed, returned, *others)))


def statuses_leading_to(stage: CooperationStage) -> list[AgreementStatus]:
    """The statuses of an instrument that lead to a stage or further."""
    return _leading_to(stage, _BY_STATUS)


def stage_on(
    day: LegalDay,
    home_country: str,
    *,
    countries: Collection[str] | None = None,
) -> sa.Select[tuple[str, CooperationStage]]:
    """The furthest stage that cooperation with each country has reached on the day: columns `country_code` and `stage`.

    Every country has one row; nothing certain is NONE, and so is the home country. A contract with a company counts as
    cooperation at most; what ended, was abandoned or is kept for comparison does not count.
    """
    country, kind = table(Country), Coded(CooperationStage)
    none = sa.literal(CooperationStage.NONE, kind)
    furthest_first = [stage for stage in reversed(CooperationStage) if stage is not CooperationStage.NONE]
    told = told_by(day)
    reached = (
        (_is_reached(stage, country.c.code, day, home_country, told), sa.literal(stage, kind))
        for stage in furthest_first
    )
    stage = sa.case((country.c.code == home_country, none), *reached, else_=none)
    rows = sa.select(country.c.code.label("country_code"), stage.label("stage"))
    return rows if countries is None else rows.where(country.c.code.in_(countries))


def company_stage_on(
    day: LegalDay, *, companies: Collection[int] | None = None
) -> sa.Select[tuple[int, PartnershipStage]]:
    """How far the partnership with each company has come on the day: columns `company_id` and `stage`.

    Every company has one row. Of the partnerships that have certainly begun and are not certainly over the furthest
    counts, up to ACTIVE; where only a suspended one runs it is SUSPENDED, where all are over ENDED, where there is none
    PROSPECT. A record without an end of its own lasts until a later one under the same agreement has certainly begun.
    """
    partnership, company = table(Partnership), table(Company)
    rank = sa.case(
        (_lasts(partnership, day), _ranked(partnership.c.stage, _PARTNERSHIP_RANK)),
        (partnership.c.until_latest < day_of(day), _PARTNERSHIP_RANK[PartnershipStage.ENDED]),
        else_=0,
    )
    furthest = sa.select(partnership.c.company_id, sa.func.max(rank).label("rank")).group_by(partnership.c.company_id)
    if companies is not None:
        furthest = furthest.where(partnership.c.company_id.in_(companies))
    reached = furthest.subquery("reached")
    kind = Coded(PartnershipStage)
    stage = sa.case(
        *((reached.c.rank == place, sa.literal(stage, kind)) for stage, place in _PARTNERSHIP_RANK.items()),
        else_=sa.literal(PartnershipStage.PROSPECT, kind),
    )
    rows = sa.select(company.c.id.label("company_id"), stage.label("stage")).select_from(
        company.outerjoin(reached, reached.c.company_id == company.c.id)
    )
    return rows if companies is None else rows.where(company.c.id.in_(companies))


def partnerships_on(day: LegalDay, *, partnerships: Collection[int]) -> sa.Select[tuple[int, bool]]:
    """Whether each of these partnerships certainly runs on the day, by the rules above: columns `id` and `runs`."""
    partnership = table(Partnership)
    runs = sa.case((_lasts(partnership, day), sa.true()), else_=sa.false())
    return sa.select(partnership.c.id, runs.label("runs")).where(partnership.c.id.in_(partnerships))


def _is_reached(
    stage: CooperationStage, country: sa.ColumnElement[str], day: LegalDay, home_country: str, told: sa.FromClause
) -> sa.ColumnElement[bool]:
    """That something leads to this stage with a country, or further.

    Each is looked for until one is found: to tell of all countries, few of the records of each have to be read.
    """
    ways = [_by_agreement(stage, country, day, home_country)]
    if kinds := _leading_to(stage, _BY_ENGAGEMENT):
        ways.append(_by_engagement(kinds, country, day, told))
    if stages := _leading_to(stage, _BY_PARTNERSHIP):
        ways.append(_by_company(stages, country, day))
    return sa.or_(*ways)


def _leading_to(stage: CooperationStage, codes: Mapping[Any, CooperationStage]) -> list[Any]:
    """The codes that lead to a stage or further."""
    return [code for code, reached in codes.items() if _RANK[reached] >= _RANK[stage]]


def _by_agreement(
    stage: CooperationStage, country: sa.ColumnElement[str], day: LegalDay, home_country: str
) -> sa.ColumnElement[bool]:
    party, agreement = table(Party), table(Agreement)
    found = [
        party.c.country_code == country,
        agreement.c.id == party.c.agreement_id,
        agreement.c.comparator.is_(False),
        involves(agreement.c.id, home_country),
        certainly(agreement.c.id, _leading_to(stage, _BY_STATUS), day),
    ]
    if _RANK[stage] > _RANK[CooperationStage.COOPERATING]:
        found.append(agreement.c.type != InstrumentType.COMPANY_CONTRACT)
    return probed(*found)


def _by_engagement(
    kinds: Collection[EngagementKind], country: sa.ColumnElement[str], day: LegalDay, told: sa.FromClause
) -> sa.ColumnElement[bool]:
    engagement, among = table(Engagement), table(EngagementCountry)
    return probed(
        among.c.country_code == country,
        engagement.c.id == among.c.engagement_id,
        engagement.c.kind.in_(kinds),
        has_been(engagement, day, told),
    )


def _by_company(
    stages: Collection[PartnershipStage], country: sa.ColumnElement[str], day: LegalDay
) -> sa.ColumnElement[bool]:
    company, partnership = table(Company), table(Partnership)
    return probed(
        company.c.country_code == country,
        partnership.c.company_id == company.c.id,
        partnership.c.stage.in_(stages),
        _lasts(partnership, day),
    )


def _lasts(partnership: sa.FromClause, day: LegalDay) -> sa.ColumnElement[bool]:
    moment = day_of(day)
    lasts = sa.or_(partnership.c.until_latest.is_(None), partnership.c.until_latest >= moment)
    return sa.and_(_has_begun(partnership, moment), lasts, ~_is_overtaken(partnership, moment))


def _has_begun(partnership: sa.FromClause, moment: sa.ColumnElement[Day]) -> sa.ColumnElement[bool]:
    return sa.or_(partnership.c.since.is_(None), partnership.c.since_latest <= moment)


def _is_overtaken(partnership: sa.FromClause, moment: sa.ColumnElement[Day]) -> sa.ColumnElement[bool]:
    """Whether a record without a stated end has been followed by another on the same company and agreement."""
    later, agreement = table(Partnership).alias(), table(Agreement)
    return (
        sa.select(later.c.id)
        .where(
            later.c.company_id == partnership.c.company_id,
            shown(later.c.agreement_id, agreement).is_not_distinct_from(shown(partnership.c.agreement_id, agreement)),
            later.c.since_latest <= moment,
            partnership.c.until.is_(None),
            later.c.since_earliest > partnership.c.since_latest,
        )
        .exists()
    )


def _ranked(code: sa.ColumnElement[Code], ranks: Mapping[Any, int]) -> sa.Case[int]:
    by_rank: dict[int, list[Any]] = {}
    for value, rank in ranks.items():
        by_rank.setdefault(rank, []).append(value)
    return sa.case(*((code.in_(values), rank) for rank, values in by_rank.items()), else_=0)
