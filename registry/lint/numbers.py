"""What looks odd about numbers: jumps against neighbouring years, and parts that do not add up to the whole."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from itertools import islice
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session

from registry import inputs
from registry.codes import ValueOperator
from registry.dates import add_months
from registry.figures import Figure, FigureDestination, FigureMeasure, FigureNature
from registry.history import Changes, table_behind
from registry.lint.countries import names_alone
from registry.lint.notices import Notice
from registry.placements import DIMENSIONS, PlacementMeasure, PlacementReturn, Reported, Return
from registry.quotas import Quota, QuotaOrigin, QuotaRevision
from registry.sources import Source
from registry.visibility import may_see

#: A number so many times another is a jump.
_JUMP = 10

#: Jumps between smaller numbers are no news.
_FEW = 100

#: Notices of one report; more would not be read.
_MOST = 50

_YEAR = 12  # months

#: How far "about" may be off, as a share of the number.
_ABOUT = Decimal("0.1")


def _jumps(number: Decimal | int, other: Decimal | int) -> bool:
    less, more = sorted((number, other))
    return more >= _FEW and less > 0 and less * _JUMP <= more


def _neighbours(start: date | None, end: date | None) -> list[tuple[date, date]]:
    """The same period a year before and a year after."""
    if start is None or end is None or start < date(2, 1, 1) or end > date(9998, 12, 31):
        return []
    whole = (end + timedelta(days=1)).day == 1
    return [(add_months(start, months), _last(end, months, whole)) for months in (-_YEAR, _YEAR)]


def _last(end: date, months: int, whole: bool) -> date:
    """The last day of a period so many months away; the last of a month stays the last of a month."""
    if not whole:
        return add_months(end, months)
    return add_months(end + timedelta(days=1), months) - timedelta(days=1)


def _jump(number: Decimal | int, other: Decimal | int, period: str, name: str, path: tuple[str, ...]) -> Notice:
    return Notice(
        "TENFOLD_JUMP",
        path,
        f"{number:,} is at least ten times off {other:,}, the number for {period} ({name}).",
        "Check for a digit too many or too few, and for what is counted.",
    )


# ── Quotas ──────────────────────────────────────────────────────────────────────────────────────────────────────────

_SCOPE = ("country_code", "kind", "basis", "unit", "agreement_id", "sector_code", "occupation_code", "condition")


def of_quota(changes: Changes, quota: Quota, _said: Mapping[str, Any]) -> Iterator[Notice]:
    """What looks odd about a quota as it has been allotted or revised."""
    session = changes.session
    origins = _origins(session, quota)
    scope = {name: getattr(quota, name) for name in _SCOPE}
    periods = {(quota.period_start, quota.period_end), *_neighbours(quota.period_start, quota.period_end)}
    alike = sa.select(Quota).filter_by(**scope).where(names_alone(Quota, QuotaOrigin, origins))
    for other in session.scalars(alike.where(may_see("quota", changes.actor.audiences)).order_by(sa.text("id"))):
        if other.id == quota.id or (other.period_start, other.period_end) not in periods:
            continue
        if (other.part_of_id is None) is not (quota.part_of_id is None):
            continue
        if other.period_start != quota.period_start:
            if _jumps(quota.places, other.places):
                yield _jump(quota.places, other.places, other.period, other.reference, ("places",))
        elif quota.period_start is not None:
            yield Notice(
                "DUPLICATE",
                ("reference",),
                f"{other.reference} is of the same kind, scope and period.",
                "A later decision on the same quota is a revision of it.",
            )
    yield from _parts(changes, quota)
    yield from _decided_before(session, quota)


def _decided_before(session: Session, quota: Quota) -> Iterator[Notice]:
    """Whether a decision certainly comes before the one whose place it took."""
    revisions = sa.select(QuotaRevision).filter_by(quota_id=quota.id)
    former = session.scalars(revisions.order_by(sa.text("position DESC"))).first()
    latest = quota.decided_latest
    if former and former.decided_earliest and latest and latest < former.decided_earliest:
        yield Notice(
            "DECIDED_BEFORE_FORMER",
            ("decided",),
            f"The decision of {quota.decided} took the place of that of {former.decided}, which is later.",
            "Check both days; the decision on record is to be the latest.",
        )


def _origins(session: Session, quota: Quota) -> frozenset[str]:
    return frozenset(session.scalars(sa.select(table_behind(QuotaOrigin).c.country_code).filter_by(quota_id=quota.id)))


def _parts(changes: Changes, quota: Quota) -> Iterator[Notice]:
    """Whether shares of a quota are more than the whole: those of the quota, or those beside it.

    Nothing is told of what the actor may not see: hidden shares are not added up, and none to a hidden whole.
    """
    session = changes.session
    whole = session.get(Quota, quota.part_of_id or quota.id)
    assert whole is not None
    if not inputs.may_be_seen(changes, whole):
        return
    limits: dict[tuple[bool, ...], list[Quota]] = {}
    shares = sa.select(Quota).filter_by(part_of_id=whole.id, unit=whole.unit)
    for part in session.scalars(shares.where(may_see("quota", changes.actor.audiences))):
        if part.operator is ValueOperator.EXACT:
            limits.setdefault(_limited(session, part), []).append(part)
    if whole.operator not in (ValueOperator.EXACT, ValueOperator.AT_MOST):
        return
    mine = _limited(session, quota) if quota.part_of_id else None
    for limited, parts in limits.items():
        total = sum(part.places for part in parts)
        if total > whole.places and mine in (None, limited):
            yield Notice(
                "PARTS_DO_NOT_ADD_UP",
                ("places",),
                f"The {len(parts)} shares of {whole.reference} add up to {total:,}; it has {whole.places:,} places.",
                "Check the numbers, and whether the shares overlap.",
            )


def _limited(session: Session, quota: Quota) -> tuple[bool, ...]:
    """By what a share is limited: shares by sector and shares by origin each divide the whole once."""
    columns = (quota.sector_code, quota.occupation_code, quota.condition, quota.agreement_id)
    return (*(column is not None for column in columns), bool(_origins(session, quota)))


# ── Returns and figures ─────────────────────────────────────────────────────────────────────────────────────────────

_RETURN = table_behind(PlacementReturn).c
_SAME = ("measure", "country_code", "frequency")


def of_returns(changes: Changes, reported: Reported, _said: Mapping[str, Any]) -> Iterator[Notice]:
    """What looks odd about returns that have been reported: the first of it, where there is much."""
    notices = (
        notice
        for place, row in enumerate(reported.returns)
        if place not in reported.withdrawn
        for notice in _return_jumps(changes.session, row, ("placements", str(place), "people"))
    )
    yield from islice(notices, _MOST)
    yield from islice(_figures_missed(changes.session, reported.returns), _MOST)


def _return_jumps(session: Session, row: Return, path: tuple[str, ...]) -> Iterator[Notice]:
    starts = [start for start, _end in _neighbours(row.period_start, row.period_end)]
    alike = [_RETURN[name] == getattr(row, name) for name in _SAME]
    alike += [_RETURN[name].is_not_distinct_from(getattr(row, name)) for name in DIMENSIONS]
    source = table_behind(Source)
    found = sa.select(_RETURN.period, _RETURN.people, source.c.reference).join(source, source.c.id == _RETURN.source_id)
    for period, people, named in session.execute(found.where(_RETURN.period_start.in_(starts), *alike)):
        if _jumps(row.people, people):
            yield _jump(row.people, people, period, named, path)


def _figures_missed(session: Session, returns: Sequence[Return]) -> Iterator[Notice]:
    """Figures that returns of the same people and time do not add up to."""
    places: dict[tuple[str, str], int] = {}
    for place, row in enumerate(returns):
        places.setdefault((row.country_code, row.measure.value), place)
    for (country, measure), place in places.items():
        if measure not in FigureMeasure.__members__:
            continue
        named = sa.select(table_behind(FigureDestination).c.figure_id).filter_by(country_code=country)
        stated = sa.select(Figure).filter_by(measure=FigureMeasure[measure]).where(table_behind(Figure).c.id.in_(named))
        for figure in session.scalars(stated.order_by(sa.text("id"))):
            yield from _missed(session, figure, ("placements", str(place), "people"))


#: By which figures of one scope and the same destinations state the same number.
_STATED = ("operator", "value", "period_start", "period_end", "destination_as_printed")


def of_figure(changes: Changes, figure: Figure, _said: Mapping[str, Any]) -> Iterator[Notice]:
    """What looks odd about a figure that has been reported."""
    session = changes.session
    scope = {name: getattr(figure, name) for name in ("measure", "nature", "unit", "sector_code", "company_id")}
    years = _neighbours(figure.period_start, figure.period_end)
    destinations = _destinations(session, figure)
    alike = sa.select(Figure).filter_by(**scope).where(names_alone(Figure, FigureDestination, destinations))
    for other in session.scalars(alike.order_by(sa.text("id"))):
        if other.id == figure.id:
            continue
        if (other.period_start, other.period_end) in years and _jumps(figure.value, other.value):
            yield _jump(figure.value, other.value, other.period, other.reference, ("value",))
        elif all(getattr(other, name) == getattr(figure, name) for name in _STATED):
            yield Notice(
                "DUPLICATE",
                ("value",),
                f"{other.reference} states the same number of the same.",
                "Withdraw one of the two, unless they speak of different things; one figure can name several sources.",
            )
    yield from _missed(session, figure, ("value",))


def _destinations(session: Session, figure: Figure) -> frozenset[str]:
    return frozenset(
        session.scalars(sa.select(table_behind(FigureDestination).c.country_code).filter_by(figure_id=figure.id))
    )


_HOLDS: dict[ValueOperator, Callable[[Decimal, Decimal], bool]] = {
    ValueOperator.EXACT: lambda total, value: total == value,
    ValueOperator.MORE_THAN: lambda total, value: total > value,
    ValueOperator.LESS_THAN: lambda total, value: total < value,
    ValueOperator.AT_LEAST: lambda total, value: total >= value,
    ValueOperator.AT_MOST: lambda total, value: total <= value,
    ValueOperator.ABOUT: lambda total, value: abs(total - value) <= value * _ABOUT,
}


def _missed(session: Session, figure: Figure, path: tuple[str, ...]) -> Iterator[Notice]:
    """Where a figure and the returns of the very same people and time say different things."""
    start, end = figure.period_start, figure.period_end
    countries = _destinations(session, figure)
    counted = figure.nature is FigureNature.FLOW and figure.measure in PlacementMeasure.__members__
    if start is None or end is None or len(countries) != 1 or not counted or figure.unit != "persons":
        return
    (country,) = countries
    within = [
        _RETURN.country_code == country,
        _RETURN.measure == PlacementMeasure[figure.measure],
        _RETURN.period_end >= start,
        _RETURN.period_start <= end,
        *(_RETURN[name] == value for name in ("sector_code", "company_id") if (value := getattr(figure, name))),
    ]
    periods = sa.select(_RETURN.period_start, _RETURN.period_end, sa.func.sum(_RETURN.people)).where(*within)
    found = session.execute(periods.group_by(_RETURN.period_start, _RETURN.period_end)).all()
    total = Decimal(sum(people for _start, _end, people in found))
    if _cover([(first, last) for first, last, _people in found], start, end) and not _HOLDS[figure.operator](
        total, figure.value
    ):
        yield Notice(
            "PARTS_DO_NOT_ADD_UP",
            path,
            f"Returns for {country}, {figure.measure}, {figure.period} add up to {total:,}; {figure.reference} states"
            f" {figure.operator} {figure.value:,}.",
            "Check both; where sources disagree, both may stand.",
        )


def _cover(periods: Sequence[tuple[date, date]], start: date, end: date) -> bool:
    """Whether periods take up a stretch of days exactly, leaving no day out and none over."""
    reached = start
    for first, last in sorted(periods):
        if first > reached or first < start or last > end:
            return False
        reached = max(reached, last + timedelta(days=1))
    return reached == end + timedelta(days=1)
