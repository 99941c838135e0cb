"""Placement returns summed on the server: one table for all, or one for each of many parents, in three statements.

The returns in question, or the sums kept beside them where those can answer, are one select; totals, rows and sources
are each an aggregation of it, grouped before any join.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date as Day
from typing import Any

import sqlalchemy as sa
from sqlmodel import SQLModel

from registry.agreements import Agreement
from registry.codes import Code
from registry.companies import Company
from registry.errors import BadInput
from registry.history import table_behind as table
from registry.placements import Frequency, PlacementChannel, PlacementMeasure, PlacementReturn, Sex, sums_by
from registry.sectors import OccupationPart, SectorPart
from registry.sources import Source

#: Rows of a table where nobody says how many, and at most.
DEFAULT_ROWS, MOST_ROWS = 100, 1000


class PlacementDimension(Code):
    """What placement returns are grouped by."""

    YEAR = "YEAR", "Calendar year."
    QUARTER = "QUARTER", "Quarter of a year, 1 to 4; together with the year where that is grouped by too."
    MONTH = "MONTH", "Calendar month, named by its first day."
    COUNTRY = "COUNTRY", "Country of destination."
    SECTOR = "SECTOR", "Sector, as the return states it."
    COMPANY = "COMPANY", "Company that people work for or went through."
    AGREEMENT = "AGREEMENT", "Instrument that people went under."
    OCCUPATION = "OCCUPATION", "Occupation, as the return states it."
    SEX = "SEX", "Women and men apart."
    CHANNEL = "CHANNEL", "Through whom people were placed."


class PlacementOrderField(Code):
    """What the rows of a placement table are ordered by."""

    PEOPLE = "PEOPLE", "Number of people; rows of equal number in the order of their dimensions."
    DIMENSION = "DIMENSION", "The dimensions, in the order they are grouped by; what returns leave open comes last."


@dataclass(frozen=True)
class PlacementFilter:
    """Which returns count. None does not filter, an empty sequence matches nothing; both days belong to the period.

    Countries, sectors and occupations are named by code, and a sector or occupation stands for its parts too; companies
    and agreements are named by reference.
    """

    country: Sequence[str] | None = None
    sector: Sequence[str] | None = None
    company: Sequence[str] | None = None
    agreement: Sequence[str] | None = None
    occupation: Sequence[str] | None = None
    sex: Sequence[Sex] | None = None
    channel: Sequence[PlacementChannel] | None = None
    period_from: Day | None = None
    period_until: Day | None = None


_EVERYTHING = PlacementFilter()


@dataclass(frozen=True)
class PlacementOrder:
    """Order of the rows. What returns leave open comes last either way, and ties go by the dimensions, ascending."""

    field: PlacementOrderField
    descending: bool = True


@dataclass(frozen=True)
class Parents:
    """The records that a table is asked for each: codes of countries or sectors, ids of companies or agreements.

    `keys` is a sequence of them, or a select of them.
    """

    dimension: PlacementDimension
    keys: Any


@dataclass(frozen=True)
class PlacementRow:
    """One group; the fields of dimensions not grouped by are None, as are those that the returns leave open."""

    people: int
    share: float | None
    year: int | None = None
    quarter: int | None = None
    month: Day | None = None
    country_code: str | None = None
    sector_code: str | None = None
    company_id: int | None = None
    agreement_id: int | None = None
    occupation_code: str | None = None
    sex: Sex | None = None
    channel: PlacementChannel | None = None


@dataclass(frozen=True)
class PlacementTable:
    """Sums over the returns that a filter lets through; what each number counts is said in the published contract."""

    measure: PlacementMeasure
    group_by: tuple[PlacementDimension, ...]
    total: int = 0
    row_count: int = 0
    unallocated: int = 0
    straddling: int = 0
    period_start: Day | None = None
    period_end: Day | None = None
    rows: tuple[PlacementRow, ...] = ()
    source_ids: tuple[int, ...] = ()

    @property
    def period(self) -> str | None:
        """From the first to the last day that the returns cover, in EDTF; None where there are none."""
        return f"{self.period_start}/{self.period_end}" if self.period_start and self.period_end else None


_COLUMNS = {
    PlacementDimension.YEAR: "year",
    PlacementDimension.QUARTER: "quarter",
    PlacementDimension.MONTH: "month",
    PlacementDimension.COUNTRY: "country_code",
    PlacementDimension.SECTOR: "sector_code",
    PlacementDimension.COMPANY: "company_id",
    PlacementDimension.AGREEMENT: "agreement_id",
    PlacementDimension.OCCUPATION: "occupation_code",
    PlacementDimension.SEX: "sex",
    PlacementDimension.CHANNEL: "channel",
}

_TIMES = {PlacementDimension.YEAR, PlacementDimension.QUARTER, PlacementDimension.MONTH}

#: Dimensions whose records are named by an id: rows are ordered by the reference, which people can read.
_NAMED: dict[PlacementDimension, type[SQLModel]] = {
    PlacementDimension.COMPANY: Company,
    PlacementDimension.AGREEMENT: Agreement,
}
_PARENTS = {
    PlacementDimension.COUNTRY,
    PlacementDimension.SECTOR,
    PlacementDimension.COMPANY,
    PlacementDimension.AGREEMENT,
}


def placement_table(
    connection: sa.Connection,
    *,
    measure: PlacementMeasure,
    group_by: Sequence[PlacementDimension] = (PlacementDimension.YEAR,),
    filter: PlacementFilter = _EVERYTHING,
    order: PlacementOrder | None = None,
    first: int | None = None,
    parents: Parents | None = None,
) -> dict[Any, PlacementTable]:
    """Sums of people by one measure, for each of the parents, or under the key None where none are named.

    Rows stand in the order of the dimensions unless `order` says otherwise, 100 of them unless `first` does. A return
    whose period is longer than the finest period grouped by counts as `unallocated`, and one that lies only partly
    within the filter's period as `straddling`. A sector as parent stands for its parts too. Raises `BadInput` for a
    dimension named twice, for `first` outside 1 to 1,000 and for a period that ends before it begins.
    """
    selects = placement_selects(measure, group_by, filter, order, first, parents)
    found = [list(connection.execute(select)) if select is not None else [] for select in selects]
    return placement_tables(measure, group_by, parents.keys if parents else None, *found)


def placement_selects(
    measure: PlacementMeasure,
    group_by: Sequence[PlacementDimension],
    filter: PlacementFilter,
    order: PlacementOrder | None,
    first: int | None,
    parents: Parents | None,
) -> tuple[sa.Select[Any], sa.Select[Any] | None, sa.Select[Any]]:
    """The selects of totals, of rows (None where nothing is grouped by) and of sources, for `placement_tables`.

    The keys of `parents` may be a select of them. Raises as `placement_table` does.
    """
    _check(group_by, filter, first, parents)
    placed = _answering(measure, group_by, filter, parents)
    returns = _returns(placed, measure, filter, parents).subquery("returns")
    parent = [returns.c.parent] if parents else []
    rows = _rows(returns, parent, group_by, order, first or DEFAULT_ROWS) if group_by else None
    return _totals(returns, parent, group_by), rows, _sources(returns, parent)


def placement_tables(
    measure: PlacementMeasure,
    group_by: Sequence[PlacementDimension],
    parents: Sequence[Any] | None,
    totals: Sequence[Any],
    rows: Sequence[Any],
    sources: Sequence[Any],
) -> dict[Any, PlacementTable]:
    """What the rows of the selects say, for each of the parents, or under the key None where none are named."""
    of_parent: dict[Any, Any] = {_key(row, parents): row for row in totals}
    grouped: defaultdict[Any, list[Any]] = defaultdict(list)
    for row in rows:
        grouped[_key(row, parents)].append(row)
    cited: defaultdict[Any, list[int]] = defaultdict(list)
    for row in sources:
        cited[_key(row, parents)].append(row.source_id)
    return {
        key: _table(measure, tuple(group_by), of_parent.get(key), grouped[key], tuple(cited[key]))
        for key in (parents if parents is not None else (None,))
    }


def _check(
    group_by: Sequence[PlacementDimension], filter: PlacementFilter, first: int | None, parents: Parents | None
) -> None:
    twice = [dimension for place, dimension in enumerate(group_by) if dimension in group_by[:place]]
    if twice:
        raise BadInput(f"{twice[0]} is named twice.", path=("groupBy",), hint="Name each dimension once.")
    if first is not None and not 1 <= first <= MOST_ROWS:
        hint = f"Ask for 1 to {MOST_ROWS:,} rows, or narrow the filter."
        raise BadInput(f"A table has no {first} rows to show.", path=("first",), hint=hint)
    start, end = filter.period_from, filter.period_until
    if start and end and end < start:
        hint = "Give the earlier day as from, the later as until."
        raise BadInput(f"The period ends on {end}, before it begins on {start}.", path=("filter", "period"), hint=hint)
    if parents and parents.dimension not in _PARENTS:
        raise BadInput(f"There are no tables for each {parents.dimension}.", path=("groupBy",))


def _answering(
    measure: PlacementMeasure,
    group_by: Sequence[PlacementDimension],
    filter: PlacementFilter,
    parents: Parents | None,
) -> sa.FromClause:
    """The returns, or rows like them that answer the same: sums of them by all that the question tells apart."""
    wanted = [_COLUMNS[dimension] for dimension in group_by if dimension not in _TIMES]
    wanted += [name for name, chosen in _choices(filter) if chosen is not None]
    wanted += [_COLUMNS[parents.dimension]] if parents else []
    years = not set(group_by) & {PlacementDimension.QUARTER, PlacementDimension.MONTH}
    days = {"period_from": filter.period_from, "period_until": filter.period_until}
    kept = sums_by(wanted, measure, years=years, **days)
    return table(PlacementReturn) if kept is None else kept


def _returns(
    placed: sa.FromClause, measure: PlacementMeasure, filter: PlacementFilter, parents: Parents | None
) -> sa.Select[Any]:
    """The returns in question: those within the filter's period, and those only partly within it."""
    start, end = filter.period_from, filter.period_until
    within: list[sa.ColumnElement[bool]] = [sa.true()]
    overlapping: list[sa.ColumnElement[bool]] = []
    if start:
        within.append(placed.c.period_start >= start)
        overlapping.append(placed.c.period_end >= start)
    if end:
        within.append(placed.c.period_end <= end)
        overlapping.append(placed.c.period_start <= end)
    month = sa.cast(sa.extract("month", placed.c.period_start), sa.Integer)
    year = sa.cast(sa.extract("year", placed.c.period_start), sa.Integer).label("year")
    returns = sa.select(
        *(column for column in placed.c if column.name != "year"),
        placed.c.get("year", year),
        ((month + 2) // 3).label("quarter"),
        placed.c.period_start.label("month"),
        sa.and_(*within).label("within"),
    ).where(placed.c.measure == measure, *overlapping)
    chosen = [placed.c[name].in_(among) for name, among in _choices(filter) if among is not None]
    return _for_each(returns.where(*chosen), placed, parents) if parents else returns.where(*chosen)


def _choices(filter: PlacementFilter) -> list[tuple[str, Any]]:
    """What the filter lets through of each column; None for all."""
    return [
        ("country_code", filter.country),
        ("sector_code", _parts(table(SectorPart), filter.sector)),
        ("company_id", _ids(table(Company), filter.company)),
        ("agreement_id", _ids(table(Agreement), filter.agreement)),
        ("occupation_code", _parts(table(OccupationPart), filter.occupation)),
        ("sex", filter.sex),
        ("channel", filter.channel),
    ]


def _parts(parts: sa.Table, codes: Sequence[str] | None) -> sa.Select[Any] | None:
    return None if codes is None else sa.select(parts.c.part_code).where(parts.c.whole_code.in_(codes))


def _ids(records: sa.Table, references: Sequence[str] | None) -> sa.Select[Any] | None:
    return None if references is None else sa.select(records.c.id).where(records.c.reference.in_(references))


def _for_each(returns: sa.Select[Any], placed: sa.FromClause, parents: Parents) -> sa.Select[Any]:
    if parents.dimension is PlacementDimension.SECTOR:
        part = table(SectorPart)
        joined = returns.join_from(placed, part, part.c.part_code == placed.c.sector_code)
        return joined.add_columns(part.c.whole_code.label("parent")).where(part.c.whole_code.in_(parents.keys))
    column = placed.c[_COLUMNS[parents.dimension]]
    return returns.add_columns(column.label("parent")).where(column.in_(parents.keys))


def _allotted(returns: sa.FromClause, group_by: Sequence[PlacementDimension]) -> sa.ColumnElement[bool]:
    """That the period of a return is not too long for the finest period grouped by; no return spans two years."""
    if PlacementDimension.MONTH in group_by:
        return returns.c.frequency == Frequency.MONTH
    if PlacementDimension.QUARTER in group_by:
        return returns.c.frequency.in_((Frequency.MONTH, Frequency.QUARTER))
    return sa.true()


def _totals(
    returns: sa.FromClause, parent: Sequence[sa.ColumnElement[Any]], group_by: Sequence[PlacementDimension]
) -> sa.Select[Any]:
    within, people = returns.c.within, returns.c.people
    unallocated = sa.and_(within, sa.not_(_allotted(returns, group_by)))
    return sa.select(
        *parent,
        sa.func.count(sa.case((within, 1))).label("returns"),
        sa.func.sum(sa.case((within, people), else_=0)).label("total"),
        sa.func.sum(sa.case((unallocated, people), else_=0)).label("unallocated"),
        sa.func.sum(sa.case((within, 0), else_=people)).label("straddling"),
        sa.func.min(sa.case((within, returns.c.period_start))).label("period_start"),
        sa.func.max(sa.case((within, returns.c.period_end))).label("period_end"),
    ).group_by(*parent)


def _rows(
    returns: sa.FromClause,
    parent: Sequence[sa.ColumnElement[Any]],
    group_by: Sequence[PlacementDimension],
    order: PlacementOrder | None,
    first: int,
) -> sa.Select[Any]:
    dimensions = [returns.c[_COLUMNS[dimension]] for dimension in group_by]
    groups = (
        sa.select(*parent, *dimensions, sa.func.sum(returns.c.people).label("people"))
        .where(returns.c.within, _allotted(returns, group_by))
        .group_by(*parent, *dimensions)
        .subquery("groups")
    )
    if PlacementDimension.AGREEMENT in group_by:
        groups = _with_agreements_shown(groups)
    named: sa.FromClause = groups
    keys: list[sa.ColumnElement[Any]] = []
    for dimension in group_by:
        column = groups.c[_COLUMNS[dimension]]
        if dimension in _NAMED:
            records = table(_NAMED[dimension])
            named = named.outerjoin(records, records.c.id == column)
            column = records.c.reference
        keys.append(column)
    each = [groups.c.parent] if parent else None
    place = sa.func.row_number().over(partition_by=each, order_by=_ordering(groups.c.people, keys, order))
    ranked = (
        sa.select(groups, place.label("place"), sa.func.count().over(partition_by=each).label("row_count"))
        .select_from(named)
        .subquery("ranked")
    )
    return sa.select(ranked).where(ranked.c.place <= first).order_by(ranked.c.place)


def _with_agreements_shown(groups: sa.Subquery) -> sa.Subquery:
    """The same groups, those of agreements that are hidden put to what returns leave open."""
    agreement = table(Agreement)
    columns = {column.name: column for column in groups.c if column.name != "people"}
    columns["agreement_id"] = agreement.c.id.label("agreement_id")
    joined = groups.outerjoin(agreement, agreement.c.id == groups.c.agreement_id)
    people = sa.func.sum(groups.c.people).label("people")
    return sa.select(*columns.values(), people).select_from(joined).group_by(*columns.values()).subquery("shown_groups")


def _ordering(
    people: sa.ColumnElement[int], keys: list[sa.ColumnElement[Any]], order: PlacementOrder | None
) -> list[sa.ColumnElement[Any]]:
    ascending: list[sa.ColumnElement[Any]] = [key.asc().nulls_last() for key in keys]
    if order is None:
        return ascending
    if order.field is PlacementOrderField.PEOPLE:
        return [people.desc() if order.descending else people.asc(), *ascending]
    if order.descending:
        return [key.desc().nulls_last() for key in keys]
    return ascending


def _sources(returns: sa.FromClause, parent: Sequence[sa.ColumnElement[Any]]) -> sa.Select[Any]:
    cited = sa.select(*parent, returns.c.source_id).where(returns.c.within).distinct().subquery("cited")
    source = table(Source)
    return (
        sa.select(cited).select_from(cited.join(source, source.c.id == cited.c.source_id)).order_by(source.c.reference)
    )


def _key(row: sa.Row[Any], parents: Sequence[Any] | None) -> Any:
    return row.parent if parents is not None else None


def _table(
    measure: PlacementMeasure,
    group_by: tuple[PlacementDimension, ...],
    totals: sa.Row[Any] | None,
    rows: list[sa.Row[Any]],
    source_ids: tuple[int, ...],
) -> PlacementTable:
    if totals is None or totals.total is None:  # without parents one row of nulls comes back where nothing was found
        return PlacementTable(measure, group_by)
    total = int(totals.total)
    shown = [_row(row._mapping, group_by, total) for row in rows]
    if not group_by and totals.returns:
        shown = [PlacementRow(total, 1.0 if total else None)]
    return PlacementTable(
        measure,
        group_by,
        total=total,
        row_count=int(rows[0].row_count) if rows else len(shown),
        unallocated=int(totals.unallocated),
        straddling=int(totals.straddling),
        period_start=totals.period_start,
        period_end=totals.period_end,
        rows=tuple(shown),
        source_ids=source_ids,
    )


def _row(values: Mapping[Any, Any], group_by: tuple[PlacementDimension, ...], total: int) -> PlacementRow:
    people = int(values["people"])
    dimensions = {_COLUMNS[dimension]: values[_COLUMNS[dimension]] for dimension in group_by}
    return PlacementRow(people, people / total if total else None, **dimensions)
