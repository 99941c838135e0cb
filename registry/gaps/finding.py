"""Each kind of gap as selects over the stored facts, and `gaps_on`, which puts them together.

What is asked for only some countries or agreements is asked so within each select: then a few rows are read by their
indexes, where else all would be read to show a few.
"""

from collections.abc import Callable, Collection
from typing import Any

import sqlalchemy as sa

from registry.agreements import (
    ABOUT_LABOUR,
    Agreement,
    AgreementSubject,
    LegalAct,
    Party,
    StatusPossibility,
    StatusSpan,
)
from registry.companies import Company, Licence, LicenceState
from registry.cooperation import LegalDay, certainly, day_of, has_been, involves, runs_on, told_by
from registry.countries import Country
from registry.database import as_kept
from registry.deadlines import Among
from registry.engagements import Engagement, EngagementCountry, EngagementKind
from registry.figures import Figure, FigureDestination
from registry.gaps.kinds import GapKind
from registry.gaps.scope import Scope, gaps_of
from registry.gaps.words import unquoted
from registry.history import table_behind as table
from registry.placements import Kept, PlacementMeasure, PlacementsOfYear
from registry.quotas import Quota, QuotaKind
from registry.status import AgreementStatus, InstrumentType, LegalActKind
from registry.utilisation import Outcome, QuotaUtilisation

#: Columns that put gaps into one order; rows of `per_country` need `country_code` after them.
ORDER = ("kind_rank", "subject_type", "subject_reference", "subject_id")

_IN_FORCE = (AgreementStatus.IN_FORCE, AgreementStatus.DENUNCIATION_PENDING)

#: An instrument that is applied provisionally is still to be brought into force, and its application ends by a notice
#: (VCLT 25).
_NOT_YET_IN_FORCE = (AgreementStatus.SIGNED, AgreementStatus.PARTLY_CONSENTED, AgreementStatus.PROVISIONALLY_APPLIED)

#: Promises that more people break; what is promised, aimed at, asked for or estimated may well be surpassed.
_LIMITS = (QuotaKind.CEILING, QuotaKind.RESERVED)

#: Kinds of gap that an agreement, or an act of one, may have.
_OF_AGREEMENTS = (
    GapKind.REPORTED_WITHOUT_ACT,
    GapKind.SIGNED_NOT_IN_FORCE,
    GapKind.IN_FORCE_WITHOUT_DATE,
    GapKind.IN_FORCE_WITHOUT_QUOTA,
    GapKind.SOURCES_CONTRADICT,
    GapKind.UNQUOTED,
)

#: Kinds of gap that a company may have.
_OF_COMPANIES = (GapKind.LICENCE_LAPSED, GapKind.UNQUOTED)

#: Acts that happen once for each party named, so that two records of them are one act.
_ONCE = (
    LegalActKind.SIGNATURE,
    LegalActKind.EXCHANGE_OF_NOTES,
    LegalActKind.RATIFICATION,
    LegalActKind.ACCEPTANCE,
    LegalActKind.APPROVAL,
    LegalActKind.ACCESSION,
    LegalActKind.SUCCESSION,
    LegalActKind.NOTE_RECEIVED,
    LegalActKind.INSTRUMENTS_EXCHANGED,
    LegalActKind.ENTRY_INTO_FORCE,
    LegalActKind.INVALIDATED,
    LegalActKind.TERMINATED_BY_CONSENT,
    LegalActKind.TERMINATED_FOR_BREACH,
    LegalActKind.REPLACED,
    LegalActKind.EXPIRED,
)


def gaps_on(
    day: LegalDay,
    home_country: str,
    *,
    kinds: Collection[GapKind] | None = None,
    countries: Among | None = None,
    agreement_ids: Among | None = None,
    company_ids: Among | None = None,
    per_country: bool = False,
) -> sa.Select[Any]:
    """What is missing, contradictory or unused on the day, one row for each kind and subject.

    Columns: `kind_rank`, `kind`; `subject_type`, `subject_id` (null for a Country: `country_code` names it), the same
    as `subject_key` with 0 for null, and `subject_reference`; `country_code`, for an agreement its first partner, with
    `per_country` each partner in a row of its own; `agreement_id`, where the subject is an agreement or an act of one;
    and what `explain` needs.
    `countries` finds an agreement by its other partners too; `agreement_ids` leaves only gaps of these and their acts,
    `company_ids` only gaps of these companies.
    What is kept for comparison, and agreements that do not exist yet on the day, have no gaps.
    """
    finder = _Finder(day, home_country, countries, agreement_ids, company_ids, per_country)
    possible = _OF_AGREEMENTS if agreement_ids is not None else _OF_COMPANIES if company_ids is not None else GapKind
    wanted = [kind for kind in possible if kinds is None or kind in kinds]
    selects = [select for kind in wanted or possible for select in finder.find(kind)]
    if wanted and len(selects) == 1:
        return selects[0]
    found = sa.select(sa.union_all(*selects).subquery("found"))
    return found if wanted else found.where(sa.false())


class _Finder(Scope):
    """The selects behind each kind of gap, all with the same columns."""

    def find(self, kind: GapKind) -> list[sa.Select[Any]]:
        if kind is GapKind.UNQUOTED:
            return unquoted(self)
        select: Callable[[], sa.Select[Any]] = getattr(self, f"_{kind.value.lower()}")
        return [select()]

    # ── Agreements ─────────────────────────────────────────────────────────────────────────────────

    def _reported_without_act(self) -> sa.Select[Any]:
        agreement, act = table(Agreement), table(LegalAct)
        done = sa.exists().where(act.c.agreement_id == agreement.c.id, act.c.in_record)
        return self._certainly(GapKind.REPORTED_WITHOUT_ACT, AgreementStatus.REPORTED).where(sa.not_(done))

    def _signed_not_in_force(self) -> sa.Select[Any]:
        agreement, span = table(Agreement), table(StatusSpan)
        status = sa.select(span.c.status).where(span.c.agreement_id == agreement.c.id, runs_on(span, self.day))
        return self._certainly(GapKind.SIGNED_NOT_IN_FORCE, *_NOT_YET_IN_FORCE, status=status.scalar_subquery())

    def _in_force_without_date(self) -> sa.Select[Any]:
        agreement = table(Agreement)
        rows = self._certainly(GapKind.IN_FORCE_WITHOUT_DATE, *_IN_FORCE, AgreementStatus.SUSPENDED)
        return rows.where(agreement.c.force_earliest != agreement.c.force_latest)

    def _in_force_without_quota(self) -> sa.Select[Any]:
        agreement, subject, quota = table(Agreement), table(AgreementSubject), table(Quota)
        return self._certainly(GapKind.IN_FORCE_WITHOUT_QUOTA, *_IN_FORCE, AgreementStatus.OPERATIVE).where(
            sa.exists().where(subject.c.agreement_id == agreement.c.id, subject.c.subject.in_(ABOUT_LABOUR)),
            sa.not_(sa.exists().where(quota.c.agreement_id == agreement.c.id)),
        )

    def _sources_contradict(self) -> sa.Select[Any]:
        """The first two records of one act that allow no common day, the earlier day first."""
        agreement = table(Agreement)
        one, other = table(LegalAct).alias("one"), table(LegalAct).alias("other")
        before, beside = table(LegalAct).alias("before"), table(LegalAct).alias("beside")
        earlier = sa.or_(before.c.id < one.c.id, sa.and_(before.c.id == one.c.id, beside.c.id < other.c.id))
        of_agreement = (before.c.agreement_id == one.c.agreement_id, beside.c.agreement_id == one.c.agreement_id)
        rows = self._agreements(
            GapKind.SOURCES_CONTRADICT,
            lambda rows: rows.join(one, one.c.agreement_id == agreement.c.id).join(
                other, other.c.agreement_id == agreement.c.id
            ),
            act=one.c.kind,
            first=sa.func.coalesce(one.c.effective, one.c.date),
            second=sa.func.coalesce(other.c.effective, other.c.date),
        )
        return rows.where(
            *_contradict(one, other),
            sa.not_(sa.exists().where(*of_agreement, *_contradict(before, beside), earlier)),
            self.exists(),
        )

    def _certainly(self, kind: GapKind, *statuses: AgreementStatus, **details: sa.ColumnElement[Any]) -> sa.Select[Any]:
        """Agreements of which every status that they may have on the day is one of these."""
        agreement, possible = table(Agreement), table(StatusPossibility).alias("possible")
        if self.narrowed:  # begins with the few agreements
            few = self._agreements(kind, lambda rows: rows, **details)
            return few.where(certainly(agreement.c.id, statuses, self.day))
        running = sa.and_(possible.c.agreement_id == agreement.c.id, runs_on(possible, self.day))
        certain = _is_certain(possible, statuses, self.day)
        return self._agreements(kind, lambda rows: rows.join(possible, running), **details).where(*certain)

    def _agreements(
        self,
        kind: GapKind,
        join: Callable[[sa.FromClause], sa.FromClause],
        **details: sa.ColumnElement[Any],
    ) -> sa.Select[Any]:
        agreement = table(Agreement)
        joined, country, shown = self.of_agreements(join(agreement))
        rows = gaps_of(
            kind, "Agreement", agreement.c.id, agreement.c.reference, country, agreement_id=agreement.c.id, **details
        )
        return rows.select_from(joined).where(*shown)

    # ── Countries ──────────────────────────────────────────────────────────────────────────────────

    def _placements_without_agreement_in_force(self) -> sa.Select[Any]:
        agreement = table(Agreement)
        in_force = certainly(agreement.c.id, (*_IN_FORCE, AgreementStatus.OPERATIVE), self.day)
        by_states = agreement.c.type != InstrumentType.COMPANY_CONTRACT
        return self._countries(GapKind.PLACEMENTS_WITHOUT_AGREEMENT_IN_FORCE, self._is_placed_in(), by_states, in_force)

    def _destination_without_agreement(self) -> sa.Select[Any]:
        country = table(Country)
        figure, destination = table(Figure), table(FigureDestination)
        engagement, taking_part = table(Engagement), table(EngagementCountry)
        stated = sa.exists().where(
            destination.c.country_code == country.c.code,
            figure.c.id == destination.c.figure_id,
            sa.or_(figure.c.period_start.is_(None), figure.c.period_start <= day_of(self.day)),
        )
        cooperating = sa.exists().where(
            taking_part.c.country_code == country.c.code,
            engagement.c.id == taking_part.c.engagement_id,
            engagement.c.kind == EngagementKind.COOPERATION,
            has_been(engagement, self.day, told_by(self.day)),
        )
        is_destination = sa.or_(self._is_placed_in(), stated, cooperating)
        return self._countries(GapKind.DESTINATION_WITHOUT_AGREEMENT, is_destination, self.exists())

    def _is_placed_in(self) -> sa.ColumnElement[bool]:
        """That returns up to the day name the country."""
        country, placed = table(Country), table(PlacementsOfYear)
        return sa.exists().where(
            placed.c.kept == Kept.COUNTRY,
            placed.c.measure.in_(PlacementMeasure),  # says nothing new, but the key can be searched by it
            placed.c.country_code == country.c.code,
            placed.c.period_start <= day_of(self.day),
        )

    def _countries(
        self, kind: GapKind, condition: sa.ColumnElement[bool], *agreed: sa.ColumnElement[bool]
    ) -> sa.Select[Any]:
        """Countries that the condition holds for, without any agreement of the home country that is `agreed`."""
        country, agreement, party = table(Country), table(Agreement), table(Party)
        having = sa.exists().where(
            party.c.country_code == country.c.code,
            agreement.c.id == party.c.agreement_id,
            agreement.c.comparator.is_(False),
            involves(agreement.c.id, self.home_country),
            *agreed,
        )
        nobody = sa.cast(sa.null(), sa.Integer())
        rows = gaps_of(kind, "Country", nobody, country.c.code, country.c.code)
        rows = rows.where(country.c.code != self.home_country, condition, sa.not_(having))
        return rows.where(*self.about(country.c.code))

    # ── Quotas and licences ────────────────────────────────────────────────────────────────────────

    def _quota_unused(self) -> sa.Select[Any]:
        quota, use = table(Quota), table(QuotaUtilisation)
        nobody = sa.and_(use.c.outcome == Outcome.COMPARABLE, use.c.counted == 0)
        unused = self._quotas(GapKind.QUOTA_UNUSED).where(sa.or_(use.c.outcome == Outcome.NO_RETURNS, nobody))
        return unused.where(quota.c.places > 0)  # none at all are for nobody

    def _quota_exceeded(self) -> sa.Select[Any]:
        quota, use = table(Quota), table(QuotaUtilisation)
        # Of the most places that there may be; where nothing says how many these are, nothing is told of what remains.
        return self._quotas(GapKind.QUOTA_EXCEEDED).where(use.c.remaining < 0, quota.c.kind.in_(_LIMITS))

    def _quotas(self, kind: GapKind) -> sa.Select[Any]:
        """Quotas whose period has begun, with how far they are used; those of others are never comparable."""
        quota, use, agreement = table(Quota), table(QuotaUtilisation), table(Agreement)
        begun = sa.or_(quota.c.period_start.is_(None), quota.c.period_start <= day_of(self.day))
        kept_for_comparison = sa.exists().where(agreement.c.id == quota.c.agreement_id, agreement.c.comparator)
        details = {"places": quota.c.places, "operator": quota.c.operator, "number": use.c.counted}
        rows = gaps_of(kind, "Quota", quota.c.id, quota.c.reference, quota.c.country_code, **details)
        # It pays to begin with how they are used, which rules most of them out, unless few quotas are asked for.
        used = use.c.quota_id if self.narrowed else as_kept(use.c.quota_id)
        rows = rows.select_from(quota.join(use, used == quota.c.id)).where(begun, sa.not_(kept_for_comparison))
        return rows.where(*self.about(quota.c.country_code))

    def _licence_lapsed(self) -> sa.Select[Any]:
        company, licence, later = table(Company), table(Licence), table(Licence).alias("later")
        goes_on = sa.exists().where(
            later.c.company_id == licence.c.company_id,
            later.c.number.is_not_distinct_from(licence.c.number),
            later.c.id != licence.c.id,
            sa.or_(later.c.until_latest.is_(None), later.c.until_latest > licence.c.until_latest),
        )
        named = (company.c.id, company.c.reference, company.c.country_code)
        rows = gaps_of(GapKind.LICENCE_LAPSED, "Company", *named, until=sa.func.max(licence.c.until_latest))
        return (
            rows.select_from(company.join(licence, licence.c.company_id == company.c.id))
            .where(licence.c.state == LicenceState.VALID, licence.c.until_latest < day_of(self.day), sa.not_(goes_on))
            .where(*self.about(company.c.country_code), *self.of_companies())
            .group_by(*named)
        )


# ── What the selects are made of ────────────────────────────────────────────────────────────────────────────────────


def _is_certain(
    possible: sa.FromClause, statuses: Collection[AgreementStatus], day: LegalDay
) -> list[sa.ColumnElement[bool]]:
    """That one of several possibilities of an agreement stands for all: each is one of these statuses, it the first."""
    other = table(StatusPossibility).alias("other_possible")
    otherwise = sa.exists().where(
        other.c.agreement_id == possible.c.agreement_id,
        runs_on(other, day),
        sa.or_(other.c.status.not_in(statuses), other.c.status < possible.c.status),
    )
    return [possible.c.status.in_(statuses), sa.not_(otherwise)]


def _contradict(one: sa.FromClause, other: sa.FromClause) -> list[sa.ColumnElement[bool]]:
    """That two records of one act of an agreement allow no common day, and this one the earlier."""
    return [
        one.c.kind.in_(_ONCE),
        other.c.kind == one.c.kind,
        other.c.party_code.is_not_distinct_from(one.c.party_code),
        one.c.in_record,
        other.c.in_record,
        _bound(one, "latest") < _bound(other, "earliest"),
    ]


def _bound(act: sa.FromClause, end: str) -> sa.ColumnElement[Any]:
    """The earliest or latest day of an act: of its taking effect where that is told."""
    return sa.case((act.c.effective.is_not(None), act.c[f"effective_{end}"]), else_=act.c[f"date_{end}"])
