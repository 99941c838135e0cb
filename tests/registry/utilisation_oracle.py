"""The rules of utilisation once more, as one select over quotas and returns: slow, and written on its own."""

from datetime import date as Day
from typing import Any

import sqlalchemy as sa

from registry.access import Audience
from registry.agreements import Agreement
from registry.codes import CountedUnit, ValueOperator
from registry.history import Coded
from registry.history import table_behind as table
from registry.placements import PlacementMeasure, PlacementReturn
from registry.quotas import Quota, QuotaOrigin
from registry.sectors import OccupationPart, SectorPart
from registry.utilisation import Outcome

#: What is counted for each unit; the first that has returns in the scope of a quota is compared with it.
_MEASURES = {
    CountedUnit.PERSONS: (PlacementMeasure.DEPARTED, PlacementMeasure.ARRIVED, PlacementMeasure.EMPLOYED),
    CountedUnit.VISAS: (PlacementMeasure.VISA_ISSUED,),
    CountedUnit.ENTRIES: (PlacementMeasure.ARRIVED,),
}


def utilisation_select(home_country: str) -> sa.Select[Any]:
    """One row for each quota: `quota_id`, `outcome`, `measure`, `counted`, `unclear`, `remaining`."""
    quota = table(Quota)
    best = _best_measure(home_country).subquery("best")
    kind = Coded(Outcome)
    outcome = sa.case(
        *((condition, sa.literal(value, kind)) for condition, value in _objections(quota, home_country)),
        (best.c.quota_id.is_(None), sa.literal(Outcome.NO_RETURNS, kind)),
        (best.c.straddling > 0, sa.literal(Outcome.STRADDLING, kind)),
        (sa.and_(best.c.open > 0, best.c.fitting == 0), sa.literal(Outcome.LEFT_OPEN, kind)),
        (best.c.open > 0, sa.literal(Outcome.PARTLY_LEFT_OPEN, kind)),
        else_=sa.literal(Outcome.COMPARABLE, kind),
    )
    return sa.select(
        quota.c.id.label("quota_id"),
        outcome.label("outcome"),
        best.c.measure,
        best.c.counted,
        best.c.unclear,
        sa.case((outcome == Outcome.COMPARABLE, _most_places(quota) - best.c.counted)).label("remaining"),
    ).select_from(quota.outerjoin(best, best.c.quota_id == quota.c.id))


def _most_places(quota: sa.Table) -> sa.ColumnElement[Any]:
    fewer = sa.case((quota.c.places > 0, quota.c.places - 1), else_=0)
    return sa.case(
        (quota.c.operator.in_([ValueOperator.EXACT, ValueOperator.AT_MOST]), quota.c.places),
        (quota.c.operator == ValueOperator.LESS_THAN, fewer),
    )


def is_for(quota: sa.FromClause, country: str) -> sa.ColumnElement[bool]:
    """That the places are for people of this country of origin and of no other."""
    origin = table(QuotaOrigin).alias()
    of_quota = sa.exists().where(origin.c.quota_id == quota.c.id)
    return sa.and_(of_quota, sa.not_(of_quota.where(origin.c.country_code != country)))


def _objections(quota: sa.FromClause, home_country: str) -> list[tuple[sa.ColumnElement[bool], Outcome]]:
    """What stands against comparing a quota with anything, in the order in which it is told."""
    origin = table(QuotaOrigin).alias()
    return [
        (quota.c.unit == CountedUnit.PERMITS, Outcome.PERMITS),
        (quota.c.unit == CountedUnit.CONSENTS, Outcome.CONSENTS),
        (quota.c.unit == CountedUnit.JOBS, Outcome.JOBS),
        (sa.not_(sa.exists().where(origin.c.quota_id == quota.c.id)), Outcome.OPEN_TO_ALL),
        (sa.not_(is_for(quota, home_country)), Outcome.OTHER_ORIGINS),
        (quota.c.condition.is_not(None), Outcome.CONDITIONAL),
        (sa.and_(quota.c.period_start.is_(None), quota.c.period_end.is_(None)), Outcome.NO_PERIOD),
    ]


def _best_measure(home_country: str) -> sa.Select[Any]:
    """For each quota the measure to compare with: the first with returns in scope, else the first with any near."""
    near = _near_returns(home_country).subquery("near")
    people, fits, within = near.c.people, near.c.fits, near.c.within
    fitting = sa.and_(fits, within)
    sums = (
        sa.select(
            near.c.quota_id,
            near.c.measure,
            near.c.preference,
            sa.func.sum(sa.case((fitting, 1), else_=0)).label("fitting"),
            sa.func.sum(sa.case((within, 0), else_=1)).label("straddling"),
            sa.func.sum(sa.case((sa.and_(within, sa.not_(fits)), 1), else_=0)).label("open"),
            sa.func.sum(sa.case((fitting, people), else_=0)).label("counted"),
            sa.func.sum(sa.case((fitting, 0), else_=people)).label("unclear"),
        )
        .group_by(near.c.quota_id, near.c.measure, near.c.preference)
        .subquery("sums")
    )
    in_order = [sa.case((sums.c.fitting > 0, 0), else_=1), sums.c.preference]
    place = sa.func.row_number().over(partition_by=sums.c.quota_id, order_by=in_order)
    ranked = sa.select(sums, place.label("place")).subquery("ranked")
    return sa.select(ranked).where(ranked.c.place == 1)


def _near_returns(home_country: str) -> sa.Select[Any]:
    """Returns that may count people of a quota: whether their scope surely `fits`, and their period lies `within`."""
    quota, placed = table(Quota), table(PlacementReturn)
    sector = _Scope("sector_code", table(SectorPart))
    occupation = _Scope("occupation_code", table(OccupationPart))
    agreement = sa.or_(quota.c.agreement_id.is_(None), quota.c.agreement_id == placed.c.agreement_id)
    agreement_open = sa.or_(placed.c.agreement_id.is_(None), _is_hidden(quota, placed))
    start, end = quota.c.period_start, quota.c.period_end
    joined = quota.join(placed, sa.and_(placed.c.country_code == quota.c.country_code, _counts_the_unit(quota, placed)))
    return (
        sa.select(
            quota.c.id.label("quota_id"),
            placed.c.measure,
            placed.c.people,
            _preference(placed).label("preference"),
            sa.case((sa.and_(sector.fits, occupation.fits, agreement), sa.true()), else_=sa.false()).label("fits"),
            sa.and_(
                sa.or_(start.is_(None), placed.c.period_start >= start),
                sa.or_(end.is_(None), placed.c.period_end <= end),
            ).label("within"),
        )
        .select_from(occupation.joined(sector.joined(joined)))
        .where(sa.or_(start.is_(None), placed.c.period_end >= start))
        .where(placed.c.period_start <= sa.func.coalesce(end, sa.literal(Day.max, sa.Date)))
        .where(sector.may_fit, occupation.may_fit, sa.or_(agreement, agreement_open))
        .where(*(sa.not_(objection) for objection, _ in _objections(quota, home_country)))
    )


def _is_hidden(quota: sa.Table, placed: sa.Table) -> sa.ColumnElement[bool]:
    """That the agreement of a return is for a closer audience than that of the quota."""
    return _closeness(placed.c.agreement_id) > _closeness(quota.c.agreement_id)


def _closeness(agreement_id: sa.ColumnElement[Any]) -> sa.ScalarSelect[int]:
    agreement = table(Agreement).alias()
    closeness = sa.case({audience: place for place, audience in enumerate(Audience)}, value=agreement.c.audience)
    return sa.select(closeness).where(agreement.c.id == agreement_id).correlate_except(agreement).scalar_subquery()


class _Scope:
    """A dimension with wholes and parts, on which a return fits a quota, may fit it, or does not."""

    def __init__(self, column: str, parts: sa.Table) -> None:
        self._limit, self._stated = table(Quota).c[column], table(PlacementReturn).c[column]
        self._inside, self._around = parts.alias(f"{column}_inside"), parts.alias(f"{column}_around")
        self.fits = sa.or_(self._limit.is_(None), self._inside.c.part_code.is_not(None))
        self.may_fit = sa.or_(self.fits, self._stated.is_(None), self._around.c.part_code.is_not(None))

    def joined(self, rows: sa.FromClause) -> sa.FromClause:
        """The rows with what tells whether the return's code lies inside the quota's, or around it."""
        inside, around = self._inside, self._around
        return rows.outerjoin(
            inside, sa.and_(inside.c.whole_code == self._limit, inside.c.part_code == self._stated)
        ).outerjoin(around, sa.and_(around.c.whole_code == self._stated, around.c.part_code == self._limit))


def _counts_the_unit(quota: sa.Table, placed: sa.Table) -> sa.ColumnElement[bool]:
    return sa.or_(
        *(sa.and_(quota.c.unit == unit, placed.c.measure.in_(measures)) for unit, measures in _MEASURES.items())
    )


def _preference(placed: sa.Table) -> sa.Case[int]:
    order = [measure for measures in _MEASURES.values() for measure in measures]
    return sa.case(
        *((placed.c.measure == measure, order.index(measure)) for measure in PlacementMeasure if measure in order)
    )
