"""Sums of returns that most questions need, kept beside the returns and changed in the same transaction.

No return spans two years, and none is ever counted twice, so that sums of periods add up to those of years.
"""

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from datetime import date
from operator import attrgetter
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session

from registry.codes import PlacementMeasure
from registry.history import Coded, table_behind
from registry.placements.calendar import year_of
from registry.placements.tables import Kept, PlacementReturn, PlacementsOfPeriod, PlacementsOfYear, Return

_RETURNS = table_behind(PlacementReturn)
_PERIODS, _YEARS = table_behind(PlacementsOfPeriod), table_behind(PlacementsOfYear)

_DIMENSIONS = {
    Kept.NOTHING: (),
    Kept.COUNTRY: ("country_code",),
    Kept.SECTOR: ("sector_code",),
    Kept.COUNTRY_AND_SECTOR: ("country_code", "sector_code"),
}

#: Each kind of sum, and the finer kind that it is summed from where all are made afresh; none for the returns. Sums of
#: periods by country and sector would be nearly as many as the returns.
_KINDS: dict[tuple[sa.Table, Kept], tuple[sa.Table, Kept] | None] = {
    (_PERIODS, Kept.COUNTRY): None,
    (_PERIODS, Kept.SECTOR): None,
    (_PERIODS, Kept.NOTHING): (_PERIODS, Kept.SECTOR),
    (_YEARS, Kept.COUNTRY_AND_SECTOR): None,
    (_YEARS, Kept.COUNTRY): (_PERIODS, Kept.COUNTRY),
    (_YEARS, Kept.SECTOR): (_PERIODS, Kept.SECTOR),
    (_YEARS, Kept.NOTHING): (_PERIODS, Kept.NOTHING),
}


def roll_up(session: Session, source_ids: Collection[int] | None = None) -> None:
    """Makes sums afresh from the returns, as is needed once returns were written other than by `report`.

    Those of all returns, or of the returns of these sources.
    """

    def concerned(rows: sa.FromClause) -> list[sa.ColumnElement[bool]]:
        return [] if source_ids is None else [rows.c.source_id.in_(source_ids)]

    for kept_sums in (_PERIODS, _YEARS):
        session.execute(sa.delete(kept_sums).where(*concerned(kept_sums)))
    for (kept_sums, kept), finer in _KINDS.items():
        whole = sa.select(_RETURNS) if finer is None else _kept(*finer)
        rows = whole.where(*concerned(_RETURNS if finer is None else finer[0])).subquery("rows")
        session.execute(sa.insert(kept_sums).from_select([*kept_sums.c.keys()], _sums(kept_sums, kept, rows)))


def differing(session: Session) -> Iterator[tuple[str, Kept, int]]:
    """Sums that are not those of the returns: the table, what it keeps apart, and how many rows differ."""
    for kept_sums, kept in _KINDS:
        both = sa.union_all(_kept(kept_sums, kept), _sums(kept_sums, kept, _RETURNS)).subquery("both")
        # What is right stands there twice: as it is stored, and as it is made afresh.
        alone = (
            sa.select(sa.literal(1).label("one"))
            .select_from(both)
            .group_by(*both.c)
            .having(sa.func.count() == 1)
            .subquery("alone")
        )
        count = session.execute(sa.select(sa.func.count()).select_from(alone)).scalar_one()
        if count:
            yield kept_sums.name, kept, count


def _kept(kept_sums: sa.Table, kept: Kept) -> sa.Select[Any]:
    return sa.select(kept_sums).where(kept_sums.c.kept == kept)


def _sums(kept_sums: sa.Table, kept: Kept, rows: sa.FromClause) -> sa.Select[Any]:
    """The rows of one kind of sum, in the order of its columns, from returns or from finer sums."""
    made: dict[str, sa.ColumnElement[Any]] = {
        "kept": sa.literal(kept, Coded(Kept)),
        "people": sa.func.sum(rows.c.people),
        "period_start": sa.func.min(rows.c.period_start),
        "period_end": sa.func.max(rows.c.period_end),
    }
    groups: list[sa.ColumnElement[Any]] = []
    for column in kept_sums.primary_key.columns:
        if column.name in ("country_code", "sector_code"):
            if column.name in _DIMENSIONS[kept]:
                groups.append(rows.c[column.name])
                made[column.name] = sa.func.coalesce(rows.c[column.name], "")
            else:
                made[column.name] = sa.literal("")
        elif column.name != "kept":
            made[column.name] = year_of(rows.c.period_start) if column.name == "year" else rows.c[column.name]
            groups.append(made[column.name])
    return sa.select(*(made[column.name].label(column.name) for column in kept_sums.c)).group_by(*groups)


def add(session: Session, changed: Collection[tuple[Return, int]]) -> None:
    """Adds to the sums what returns have changed by: all of its people where a return is new."""
    for kept_sums, kept in _KINDS:
        key = _key(kept_sums, kept)
        groups: dict[tuple[Any, ...], tuple[int, date, date]] = {}
        for row, people in changed:
            of, start, end = key(row), row.period_start, row.period_end
            held = groups.get(of)
            if held is not None:
                people, start, end = people + held[0], min(start, held[1]), max(end, held[2])
            groups[of] = people, start, end
        if groups:
            names = [column.name for column in kept_sums.primary_key.columns]
            rows = [
                {**dict(zip(names, of, strict=True)), "people": people, "period_start": start, "period_end": end}
                for of, (people, start, end) in groups.items()
            ]
            session.execute(_adding(kept_sums, session.get_bind().dialect.name), rows)


def _key(kept_sums: sa.Table, kept: Kept) -> Callable[[Any], tuple[Any, ...]]:
    """What reads of a return the primary key of its sum."""
    readers = [_reader(column.name, kept) for column in kept_sums.primary_key.columns]
    return lambda row: tuple([read(row) for read in readers])


def _reader(name: str, kept: Kept) -> Callable[[Any], Any]:
    if name == "kept":
        return lambda row: kept
    if name == "year":
        return lambda row: row.period_start.year
    if name not in ("country_code", "sector_code"):
        return attrgetter(name)
    if name not in _DIMENSIONS[kept]:
        return lambda row: ""
    return lambda row: getattr(row, name) or ""


def _adding(kept_sums: sa.Table, dialect: str) -> sa.Insert:
    insert = sqlite.insert(kept_sums) if dialect == "sqlite" else postgresql.insert(kept_sums)
    held, more = kept_sums.c, insert.excluded
    changed = {
        "people": held.people + more.people,
        "period_start": sa.case((more.period_start < held.period_start, more.period_start), else_=held.period_start),
        "period_end": sa.case((more.period_end > held.period_end, more.period_end), else_=held.period_end),
    }
    keys = list(kept_sums.primary_key.columns)
    return insert.on_conflict_do_update(
        index_elements=keys, set_={name: value for name, value in changed.items() if held[name] not in keys}
    )


@dataclass(frozen=True)
class End:
    """An end of the days that are asked for, and the calendar year that it lies in: number, first and last day.

    `cuts` tells whether a part of that year lies outside. The values may be dates and a number, or bound parameters.
    """

    day: Any
    year: Any
    begins: Any
    ends: Any
    cuts: bool

    @classmethod
    def first(cls, day: date) -> "End":
        """The first of the days that are asked for."""
        return cls(day, day.year, date(day.year, 1, 1), date(day.year, 12, 31), (day.month, day.day) != (1, 1))

    @classmethod
    def last(cls, day: date) -> "End":
        """The last of the days that are asked for."""
        return cls(day, day.year, date(day.year, 1, 1), date(day.year, 12, 31), (day.month, day.day) != (12, 31))


def kept_by(
    dimensions: Collection[str], *, years: bool, first: End | None = None, last: End | None = None
) -> Kept | None:
    """The smallest kind of sums that answer questions about these columns of a return; None where only the returns do.

    `years` tells that only whole years matter, but for those that an end of the days cuts.
    """
    fitting = next((kept for kept, columns in _DIMENSIONS.items() if set(dimensions) <= set(columns)), None)
    by_years = years and not any(end is not None and end.cuts for end in (first, last))
    return fitting if by_years or (_PERIODS, fitting) in _KINDS else None


def sums_by(
    dimensions: Collection[str],
    measure: PlacementMeasure,
    *,
    years: bool,
    first: End | None = None,
    last: End | None = None,
) -> tuple[sa.FromClause, bool] | None:
    """The smallest sums that answer questions about these columns of a return; None where only the returns do.

    They have the columns of a return that they keep, and `year`. Where only `years` matter, returns of one year are one
    row, unless an end of the days cuts the year: that year's are as long as the returns are. It is told besides whether
    all of them lie within the days, or need not.
    """
    kept = kept_by(dimensions, years=years, first=first, last=last)
    if kept is None:
        return None
    if not years:
        periods = _shown(_PERIODS, kept, measure).add_columns(_PERIODS.c.frequency)
        whole = first is None and last is None
        return periods.subquery("sums"), whole
    found = _shown(_YEARS, kept, measure).where(*_in_years(first, last))
    parts = [_shown(_PERIODS, kept, measure).where(*days) for days in _in_cut_years(first, last)]
    return (sa.union_all(found, *parts) if parts else found).subquery("sums"), not parts


def _in_years(first: End | None, last: End | None) -> Iterator[sa.ColumnElement[bool]]:
    """That a year lies within the days."""
    year = _YEARS.c.year
    if first:
        yield year > first.year if first.cuts else year >= first.year
    if last:
        yield year < last.year if last.cuts else year <= last.year


def _in_cut_years(first: End | None, last: End | None) -> Iterator[list[sa.ColumnElement[bool]]]:
    """That a period lies in the year that the first day cuts; and that it lies in the one that the last day cuts."""
    begins = _PERIODS.c.period_start
    if first and first.cuts:
        yield [begins.between(first.begins, first.ends)]
    if last and last.cuts:
        yield [begins.between(last.begins, last.ends), *([begins > first.ends] if first and first.cuts else [])]


def _shown(kept_sums: sa.Table, kept: Kept, measure: PlacementMeasure) -> sa.Select[Any]:
    """The sums as returns would show them."""
    rows = kept_sums.c
    shown = {"country_code": rows.country_code, "sector_code": sa.func.nullif(rows.sector_code, "", type_=sa.String)}
    year = rows.year if kept_sums is _YEARS else year_of(rows.period_start).label("year")
    columns = [rows.measure, rows.source_id, rows.period_start, rows.period_end, rows.people, year]
    columns.extend(column.label(name) for name, column in shown.items() if name in _DIMENSIONS[kept])
    empty = [rows[name] == "" for name in shown if name not in _DIMENSIONS[kept]]
    return sa.select(*columns).where(rows.kept == kept, rows.measure == measure, *empty)
