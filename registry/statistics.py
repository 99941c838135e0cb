"""Placement returns summed on the server: one table for all, or one for each of many parents, in two statements.

The returns in question, or the sums kept beside them where those can answer, are one select. It is grouped once, before
any join; totals and rows come out of the groups, together.
"""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date as Day
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlmodel import SQLModel

from registry.agreements import Agreement
from registry.codes import Code
from registry.companies import Company
from registry.errors import BadInput
from registry.history import table_behind as table
from registry.placements import End, Frequency, PlacementChannel, PlacementMeasure, PlacementReturn, Sex, sums_by
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

    Where a plan is made for days yet to come, each is an `End` of bound parameters.

    Countries, sectors and occupations are named by code, and a sector or occupation stands for its parts too;
    companies, agreements and sources are named by reference.
    """

    country: Sequence[str] | None = None
    sector: Sequence[str] | None = None
    company: Sequence[str] | None = None
    agreement: Sequence[str] | None = None
    occupation: Sequence[str] | None = None
    sex: Sequence[Sex] | None = None
    channel: Sequence[PlacementChannel] | None = None
    source: Sequence[str] | None = None
    period_from: Day | End | None = None
    period_until: Day | End | None = None

    @property
    def ends(self) -> tuple[End | None, End | None]:
        """The first and the last day, with the years that they lie in."""
        first, last = self.period_from, self.period_until
        return End.first(first) if isinstance(first, Day) else first, End.last(last) if isinstance(last, Day) else last


#: What a table may tell besides its totals, each of which takes time.
TOLD = frozenset({"rows", "period"})

_EVERYTHING = PlacementFilter()


@dataclass(frozen=True)
class PlacementOrder:
    """Order of the rows. What returns leave open comes last either way, and ties go by the dimensions, ascending."""

    field: PlacementOrderField
    descending: bool = True


@dataclass(frozen=True)
class Parents:
    """The records that a table is asked for each: codes of countries or sectors, ids of companies or agreements.

    `keys` is a sequence of them, or a select of them; with `single` a select of one.
    """

    dimension: PlacementDimension
    keys: Any
    single: bool = False


class PlacementRow(NamedTuple):
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
    check_question(group_by, filter, first)
    sums, cited = placement_selects(measure, group_by, filter, order, first, parents)
    found = [connection.execute(select).all() for select in (sums, cited)]
    tabulation = Tabulation(measure, group_by, sums.selected_columns.keys())
    return tabulation.tables(parents.keys if parents else None, *found)


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

    The keys of `parents` may be a select of them; where they are one key, the rows do not say whose they are. What is
    not among `told` is left out of the tables.
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


class Tabulation:
    """What makes tables of the rows that the selects of a question give; `columns` names those of the sums."""

    def __init__(
        self, measure: PlacementMeasure, group_by: Sequence[PlacementDimension], columns: Sequence[str]
    ) -> None:
        self._measure, self._group_by = measure, tuple(group_by)
        self._at = {name: place for place, name in enumerate(columns)}
        told = {_COLUMNS[dimension] for dimension in group_by} & self._at.keys()
        self._dimensions = [(place, self._at[name]) for place, name in enumerate(PlacementRow._fields) if name in told]

    def tables(
        self, parents: Sequence[Any] | None, sums: Sequence[Any], sources: Sequence[Any]
    ) -> dict[Any, PlacementTable]:
        """What the rows say, for each of the parents, or under the key None where none are named."""
        if parents is None:
            return {None: self._table(sums, tuple(source for (source,) in sources))}
        grouped: defaultdict[Any, list[Any]] = defaultdict(list)
        for row in sums:
            grouped[row[self._at["parent"]]].append(row)
        cited: defaultdict[Any, list[int]] = defaultdict(list)
        for parent, source in sources:
            cited[parent].append(source)
        return {key: self._table(grouped[key], tuple(cited[key])) for key in parents}

    def _table(self, rows: Sequence[Any], source_ids: tuple[int, ...]) -> PlacementTable:
        totals = {name: rows[0][place] for name, place in self._at.items()} if rows else {}
        allotted = totals.get("allotted")
        counted, straddling = totals.get("total", allotted), totals.get("straddling")
        if counted is straddling is None:  # nothing was found: at most one row of nulls
            return PlacementTable(self._measure, self._group_by)
        total = int(counted or 0)
        if self._group_by:
            shown = self._rows(rows, total)
        else:
            shown = [PlacementRow(total, 1.0 if total else None)] if totals["period_start"] else []
        return PlacementTable(
            self._measure,
            self._group_by,
            total=total,
            row_count=int(totals["row_count"]) if self._group_by else len(shown),
            unallocated=total - int(allotted or 0),
            straddling=int(straddling or 0),
            period_start=totals.get("period_start"),
            period_end=totals.get("period_end"),
            rows=tuple(shown),
            source_ids=source_ids,
        )

    def _rows(self, rows: Sequence[Any], total: int) -> list[PlacementRow]:
        at, blank = self._at.get("people"), [None] * len(PlacementRow._fields)
        if at is None:
            return []
        shown = []
        for row in rows:
            if row[at] is not None:
                made: list[Any] = blank.copy()
                made[0] = people = int(row[at])
                made[1] = people / total if total else None
                for place, found in self._dimensions:
                    made[place] = row[found]
                shown.append(PlacementRow._make(made))
        return shown


def check_question(group_by: Sequence[PlacementDimension], filter: PlacementFilter, first: int | None) -> None:
    """Raises `BadInput` for a dimension named twice, for `first` outside 1 to 1,000, for days that end too early."""
    twice = [dimension for place, dimension in enumerate(group_by) if dimension in group_by[:place]]
    if twice:
        raise BadInput(f"{twice[0]} is named twice.", path=("groupBy",), hint="Name each dimension once.")
    if first is not None and not 1 <= first <= MOST_ROWS:
        hint = f"Ask for 1 to {MOST_ROWS:,} rows, or narrow the filter."
        raise BadInput(f"A table has no {first} rows to show.", path=("first",), hint=hint)
    start, end = filter.period_from, filter.period_until
    if isinstance(start, Day) and isinstance(end, Day) and end < start:
        hint = "Give the earlier day as from, the later as until."
        raise BadInput(f"The period ends on {end}, before it begins on {start}.", path=("filter", "period"), hint=hint)


def _answering(
    measure: PlacementMeasure,
    group_by: Sequence[PlacementDimension],
    filter: PlacementFilter,
    parents: Parents | None,
) -> tuple[sa.FromClause, bool]:
    """The returns, or rows like them that answer the same: sums of them by all that the question tells apart.

    With it, whether all of them lie within the filter's period.
    """
    wanted = [_COLUMNS[dimension] for dimension in group_by if dimension not in _TIMES]
    wanted += [name for name, chosen in _choices(filter) if chosen is not None and name != "source_id"]
    wanted += [_COLUMNS[parents.dimension]] if parents else []
    years = not set(group_by) & {PlacementDimension.QUARTER, PlacementDimension.MONTH}
    first, last = filter.ends
    kept = sums_by(wanted, measure, years=years, first=first, last=last)
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
    month = sa.cast(sa.extract("month", placed.c.period_start), sa.Integer)
    year = sa.cast(sa.extract("year", placed.c.period_start), sa.Integer).label("year")
    returns = sa.select(
        *(column for column in placed.c if column.name != "year"),
        placed.c.get("year", year),
        ((month + 2) // 3).label("quarter"),
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
        column = part.c.whole_code
    else:
        column = placed.c[_COLUMNS[parents.dimension]]
    if parents.single:
        return returns.where(column == parents.keys.scalar_subquery())
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
    keys = [*parent, *(_COLUMNS[dimension] for dimension in group_by)]
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
        column = groups.c[_COLUMNS[dimension]]
        if dimension in _NAMED:
            records = table(_NAMED[dimension]).alias()
            named = named.outerjoin(records, records.c.id == column)
            column = records.c.reference
        keys.append(column)
    ordering = _ordering(groups.c.people, keys, order)
    place = sa.func.row_number().over(partition_by=[groups.c[key] for key in parent] or None, order_by=ordering)
    shown = [groups.c[key] for key in [*parent, *(_COLUMNS[dimension] for dimension in group_by)]]
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
