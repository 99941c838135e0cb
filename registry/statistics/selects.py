"""The selects that sum placement returns: one of sums, which has the totals beside each row, and one of sources.

The returns in question, or the sums kept beside them where those can answer, are one select. It is grouped once, before
any join; totals and rows come out of the groups, together.
"""

from collections.abc import Collection, Sequence
from typing import Any

import sqlalchemy as sa
from sqlmodel import SQLModel

from registry.agreements import Agreement
from registry.companies import Company
from registry.database import as_kept
from registry.errors import BadInput
from registry.history import table_behind as table
from registry.placements import (
    End,
    Frequency,
    PlacementMeasure,
    PlacementReturn,
    kept_by,
    month_of,
    sums_by,
    year_of,
)
from registry.sectors import OccupationPart, SectorPart
from registry.sources import Source
from registry.statistics.asking import (
    CHOSEN,
    COLUMNS,
    DEFAULT_ROWS,
    Parents,
    PlacementDimension,
    PlacementFilter,
    PlacementOrder,
    PlacementOrderField,
)

#: What a table may tell besides its totals, each of which takes time.
TOLD = frozenset({"rows", "period"})

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


def placement_selects(
    measure: PlacementMeasure,
    group_by: Sequence[PlacementDimension],
    filter: PlacementFilter,
    order: PlacementOrder | None,
    first: int | None,
    parents: Parents | None,
    *,
    told: Collection[str] = TOLD,
) -> tuple[sa.Select[Any], sa.Select[Any]]:
    """The select of sums, which has the totals beside each row, and that of sources, for a `Tabulation`.

    The keys of `parents` may be a select of them; where there is a single one, the rows do not say whose they are. What
    is not among `told` is left out of the tables.
    """
    if parents and parents.dimension not in _PARENTS:
        raise BadInput(f"There are no tables for each {parents.dimension}.", path=("groupBy",))
    placed, whole = _answering(measure, group_by, filter, parents)
    returns = _returns(placed, measure, filter, parents, whole).subquery("returns")
    parent = ["parent"] if parents and not parents.single else []
    groups = _groups(returns, parent, group_by, whole, told)
    totals = _totals(groups, parent)
    if group_by and "rows" in told:
        sums = _rows_beside(totals, groups, parent, group_by, order, first or DEFAULT_ROWS)
    else:
        sums = sa.select(totals)
    return sums, _sources(returns, [returns.c[key] for key in parent], whole)


def reads_all_returns(
    group_by: Collection[PlacementDimension],
    chosen: Collection[str],
    ends: Sequence[End | None],
    parents: PlacementDimension | None = None,
) -> bool:
    """Whether all returns have to be read, or a large part of them, of which there may be a million.

    That is where no sums are kept of what is told apart, unless by a company or agreement whose few returns are found
    at once. `chosen` are the fields of the filter that have a value, `ends` those of its period.
    """
    apart = _told_apart([], chosen, parents)
    first, last = ends
    kept = kept_by(_told_apart(group_by, chosen, parents), years=_by_years(group_by), first=first, last=last)
    return kept is None and apart.isdisjoint(COLUMNS[dimension] for dimension in _NAMED)


def _told_apart(
    group_by: Collection[PlacementDimension], chosen: Collection[str], parents: PlacementDimension | None
) -> set[str]:
    """The columns by which a question tells returns apart, but for their periods and sources."""
    by = {*group_by, *([parents] if parents else [])}
    return {COLUMNS[each] for each in by - _TIMES} | {CHOSEN[name] for name in chosen if name in CHOSEN}


def _by_years(group_by: Collection[PlacementDimension]) -> bool:
    """Whether it matters of periods only in which year they lie."""
    return not {PlacementDimension.QUARTER, PlacementDimension.MONTH} & set(group_by)


def _answering(
    measure: PlacementMeasure,
    group_by: Sequence[PlacementDimension],
    filter: PlacementFilter,
    parents: Parents | None,
) -> tuple[sa.FromClause, bool]:
    """The returns, or rows like them that answer the same: sums of them by all that the question tells apart.

    With it, whether all of them lie within the filter's period.
    """
    chosen = [name for name in CHOSEN if getattr(filter, name) is not None]
    wanted = _told_apart(group_by, chosen, parents.dimension if parents else None)
    first, last = filter.ends
    kept = sums_by(wanted, measure, years=_by_years(group_by), first=first, last=last)
    return kept or (table(PlacementReturn), first is None and last is None)


def _returns(
    placed: sa.FromClause, measure: PlacementMeasure, filter: PlacementFilter, parents: Parents | None, whole: bool
) -> sa.Select[Any]:
    """The returns in question: those within the filter's period and, unless all are, those only partly within it."""
    start, end = (None, None) if whole else filter.ends
    within: list[sa.ColumnElement[bool]] = [sa.true()]
    overlapping: list[sa.ColumnElement[bool]] = []
    if start:
        within.append(placed.c.period_start >= start.day)
        overlapping.append(placed.c.period_end >= start.day)
    if end:
        within.append(placed.c.period_end <= end.day)
        overlapping.append(placed.c.period_start <= end.day)
    returns = sa.select(
        *(column for column in placed.c if column.name != "year"),
        placed.c.get("year", year_of(placed.c.period_start).label("year")),
        ((month_of(placed.c.period_start) + 2) // 3).label("quarter"),
        placed.c.period_start.label("month"),
        sa.and_(*within).label("within"),
    ).where(*overlapping)
    if isinstance(placed, sa.Table):  # sums are of one measure already
        returns = returns.where(placed.c.measure == measure)
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
        ("source_id", _ids(table(Source), filter.source)),
    ]


def _parts(parts: sa.Table, codes: Sequence[str] | None) -> sa.Select[Any] | None:
    return None if codes is None else sa.select(parts.c.part_code).where(parts.c.whole_code.in_(codes))


def _ids(records: sa.Table, references: Sequence[str] | None) -> sa.Select[Any] | None:
    return None if references is None else sa.select(records.c.id).where(records.c.reference.in_(references))


def _for_each(returns: sa.Select[Any], placed: sa.FromClause, parents: Parents) -> sa.Select[Any]:
    column: sa.ColumnElement[Any]
    if parents.dimension is PlacementDimension.SECTOR:
        part = table(SectorPart)
        returns = returns.join_from(placed, part, part.c.part_code == placed.c.sector_code)
        column = part.c.whole_code if parents.single else as_kept(part.c.whole_code)  # else each is looked for in turn
    else:
        column = placed.c[COLUMNS[parents.dimension]]
    if parents.single:
        return returns.where(column == parents.keys)
    return returns.add_columns(column.label("parent")).where(column.in_(parents.keys))


def _allotted(returns: sa.FromClause, group_by: Sequence[PlacementDimension]) -> list[sa.ColumnElement[bool]]:
    """That the period of a return is not too long for the finest period grouped by; no return spans two years."""
    if PlacementDimension.MONTH in group_by:
        return [returns.c.frequency == Frequency.MONTH]
    if PlacementDimension.QUARTER in group_by:
        return [returns.c.frequency.in_((Frequency.MONTH, Frequency.QUARTER))]
    return []


def _groups(
    returns: sa.FromClause,
    parent: Sequence[str],
    group_by: Sequence[PlacementDimension],
    whole: bool,
    told: Collection[str],
) -> sa.CTE:
    """The returns by all that is told apart, those that make no row among them: their `people` are null."""
    within = [] if whole else [returns.c.within]
    allotted = _allotted(returns, group_by)
    keys = [*parent, *(COLUMNS[dimension] for dimension in group_by)]
    sums: dict[str, sa.ColumnElement[Any]] = {
        "people": sa.func.sum(_where([*within, *allotted], returns.c.people)),
    }
    if allotted:
        sums["total"] = sa.func.sum(_where(within, returns.c.people))
    if not whole:
        sums["straddling"] = sa.func.sum(_where([sa.not_(returns.c.within)], returns.c.people))
    if "period" in told or not group_by:
        sums["period_start"] = sa.func.min(_where(within, returns.c.period_start))
        sums["period_end"] = sa.func.max(_where(within, returns.c.period_end))
    grouped = sa.select(*(returns.c[key] for key in keys), *(each.label(name) for name, each in sums.items())).group_by(
        *(returns.c[key] for key in keys)
    )
    if PlacementDimension.AGREEMENT in group_by:
        grouped = _with_agreements_shown(grouped.subquery("hidden"), keys)
    return grouped.cte("groups")


#: How what is told of groups is told of several groups together.
_TOGETHER: dict[str, Any] = {
    "people": sa.func.sum,
    "total": sa.func.sum,
    "straddling": sa.func.sum,
    "period_start": sa.func.min,
    "period_end": sa.func.max,
}


def _together(groups: sa.FromClause) -> list[sa.ColumnElement[Any]]:
    return [make(groups.c[name]).label(name) for name, make in _TOGETHER.items() if name in groups.c]


def _where(conditions: Sequence[sa.ColumnElement[bool]], column: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
    """The column where all of the conditions hold, else null."""
    return sa.case((sa.and_(*conditions), column)) if conditions else column


def _with_agreements_shown(groups: sa.Subquery, keys: Sequence[str]) -> sa.Select[Any]:
    """The same groups, those of agreements that are hidden put to what returns leave open."""
    agreement = table(Agreement)
    columns = {key: groups.c[key] for key in keys}
    columns["agreement_id"] = agreement.c.id.label("agreement_id")
    joined = groups.outerjoin(agreement, agreement.c.id == groups.c.agreement_id)
    return sa.select(*columns.values(), *_together(groups)).select_from(joined).group_by(*columns.values())


def _totals(groups: sa.CTE, parent: Sequence[str]) -> sa.Subquery:
    keys = [groups.c[key] for key in parent]
    sums = [each.label("allotted") if each.name == "people" else each for each in _together(groups)]
    return sa.select(*keys, *sums, sa.func.count(groups.c.people).label("row_count")).group_by(*keys).subquery("totals")


def _rows_beside(
    totals: sa.Subquery,
    groups: sa.CTE,
    parent: Sequence[str],
    group_by: Sequence[PlacementDimension],
    order: PlacementOrder | None,
    first: int,
) -> sa.Select[Any]:
    """The totals beside each of the first rows, or once where there are none."""
    named: sa.FromClause = groups
    keys: list[sa.ColumnElement[Any]] = []
    for dimension in group_by:
        column = groups.c[COLUMNS[dimension]]
        if dimension in _NAMED:
            records = table(_NAMED[dimension]).alias()
            named = named.outerjoin(records, records.c.id == column)
            column = records.c.reference
        keys.append(column)
    ordering = _ordering(groups.c.people, keys, order)
    place = sa.func.row_number().over(partition_by=[groups.c[key] for key in parent] or None, order_by=ordering)
    shown = [groups.c[key] for key in [*parent, *(COLUMNS[dimension] for dimension in group_by)]]
    rows = (
        sa.select(*shown, groups.c.people, place.label("place")).select_from(named).where(groups.c.people.is_not(None))
    )
    if not parent:  # a few rows need no place to be known of all the others
        rows = rows.order_by(*ordering).limit(first)
    ranked = rows.subquery("ranked")
    beside = sa.and_(ranked.c.place <= first, *(ranked.c[key] == totals.c[key] for key in parent))
    return (
        sa.select(totals, *(column for column in ranked.c if column.name not in parent))
        .select_from(totals.outerjoin(ranked, beside))
        .order_by(ranked.c.place)
    )


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


def _sources(returns: sa.FromClause, parent: Sequence[sa.ColumnElement[Any]], whole: bool) -> sa.Select[Any]:
    within = [] if whole else [returns.c.within]
    cited = sa.select(*parent, returns.c.source_id).where(*within).distinct().subquery("cited")
    source = table(Source)
    return (
        sa.select(cited).select_from(cited.join(source, source.c.id == cited.c.source_id)).order_by(source.c.reference)
    )
