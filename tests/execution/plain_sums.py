"""Placement tables as one would write them who keeps no sums: the returns are added up anew for each table.

What plans give from sums that are kept is held against this, so that it also shows that these sums are those of the
returns.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from datetime import date
from typing import Any, NamedTuple

import sqlalchemy as sa

from registry.agreements import Agreement
from registry.codes import Code
from registry.companies import Company
from registry.history import table_behind
from registry.placements import Frequency, PlacementMeasure, PlacementReturn
from registry.sectors import OccupationPart, SectorPart
from registry.sources import Source
from registry.statistics import (
    DEFAULT_ROWS,
    Parents,
    PlacementDimension,
    PlacementFilter,
    PlacementOrder,
    PlacementOrderField,
    PlacementRow,
    PlacementTable,
)

RETURNS = table_behind(PlacementReturn)
SOURCES, COMPANIES, AGREEMENTS = (table_behind(kind) for kind in (Source, Company, Agreement))
YEAR = sa.cast(sa.extract("year", RETURNS.c.period_start), sa.Integer)
QUARTER = (sa.cast(sa.extract("month", RETURNS.c.period_start), sa.Integer) + 2) // 3

#: What is grouped by, as the rows name it, and what it is of a return. A hidden agreement is none.
GROUPED: dict[PlacementDimension, tuple[str, Any]] = {
    PlacementDimension.YEAR: ("year", YEAR),
    PlacementDimension.QUARTER: ("quarter", QUARTER),
    PlacementDimension.MONTH: ("month", RETURNS.c.period_start),
    PlacementDimension.COUNTRY: ("country_code", RETURNS.c.country_code),
    PlacementDimension.SECTOR: ("sector_code", RETURNS.c.sector_code),
    PlacementDimension.COMPANY: ("company_id", RETURNS.c.company_id),
    PlacementDimension.AGREEMENT: ("agreement_id", AGREEMENTS.c.id),
    PlacementDimension.OCCUPATION: ("occupation_code", RETURNS.c.occupation_code),
    PlacementDimension.SEX: ("sex", RETURNS.c.sex),
    PlacementDimension.CHANNEL: ("channel", RETURNS.c.channel),
}


class Asked(NamedTuple):
    """What a table is asked for, as `statistics.placement_table` takes it."""

    measure: PlacementMeasure
    group_by: tuple[PlacementDimension, ...]
    filter: PlacementFilter
    order: PlacementOrder | None
    first: int | None


def placement_tables(
    connection: sa.Connection, asked: Asked, parents: Parents | None, told: Collection[str]
) -> dict[Any, PlacementTable]:
    """The table for each of the parents, or under the key None; its sources only where they are among what is told."""
    names = [GROUPED[dimension][0] for dimension in asked.group_by]
    columns = [GROUPED[dimension][1] for dimension in asked.group_by]
    within, fine = _within(asked.filter), _fine_enough(asked.group_by)
    people = RETURNS.c.people
    parent = _parent(parents)
    select = sa.select(
        parent.label("parent"),
        *columns,
        sa.func.sum(people).filter(within, fine).label("people"),
        sa.func.sum(people).filter(within).label("total"),
        sa.func.sum(people).filter(~within).label("straddling"),
        sa.func.min(RETURNS.c.period_start).filter(within).label("first_day"),
        sa.func.max(RETURNS.c.period_end).filter(within).label("last_day"),
    )
    groups: dict[Any, list[Any]] = defaultdict(list)
    for row in connection.execute(_of(select, asked, parents).group_by(*([parent] if parents else []), *columns)):
        groups[row.parent].append(row)
    cited: dict[Any, list[int]] = defaultdict(list)
    if "sources" in told:
        sources = sa.select(parent.label("parent"), SOURCES.c.id, SOURCES.c.reference).distinct()
        joined = _of(sources, asked, parents).where(within, SOURCES.c.id == RETURNS.c.source_id)
        for row in sorted(connection.execute(joined), key=lambda row: row.reference):
            cited[row.parent].append(row.id)
    order, keys = _Order(connection, asked), parents.keys if parents else [None]
    return {key: _table(asked, names, groups[key], order, tuple(cited[key])) for key in keys}


def _parent(parents: Parents | None) -> Any:
    if parents is None:
        return sa.null()
    if parents.dimension is PlacementDimension.SECTOR:
        return table_behind(SectorPart).c.whole_code
    if parents.dimension is PlacementDimension.AGREEMENT:
        return RETURNS.c.agreement_id
    return GROUPED[parents.dimension][1]


def _of(select: sa.Select[Any], asked: Asked, parents: Parents | None) -> sa.Select[Any]:
    """A select of the returns in question, the agreement of each beside it where that may be seen."""
    rows: Any = RETURNS
    if PlacementDimension.AGREEMENT in asked.group_by:
        rows = rows.outerjoin(AGREEMENTS, AGREEMENTS.c.id == RETURNS.c.agreement_id)
    if parents and parents.dimension is PlacementDimension.SECTOR:
        part = table_behind(SectorPart)
        rows = rows.join(part, part.c.part_code == RETURNS.c.sector_code)
    found = select.select_from(rows).where(RETURNS.c.measure == asked.measure, *_conditions(asked.filter))
    return found.where(_parent(parents).in_(parents.keys)) if parents else found


def _conditions(filter: PlacementFilter) -> Iterator[sa.ColumnElement[bool]]:
    if filter.period_from is not None:
        yield RETURNS.c.period_end >= filter.period_from
    if filter.period_until is not None:
        yield RETURNS.c.period_start <= filter.period_until
    for name, chosen in (("country_code", filter.country), ("sex", filter.sex), ("channel", filter.channel)):
        if chosen is not None:
            yield RETURNS.c[name].in_(chosen)
    for name, parts, whole in (
        ("sector_code", table_behind(SectorPart), filter.sector),
        ("occupation_code", table_behind(OccupationPart), filter.occupation),
    ):
        if whole is not None:
            of = parts.alias()  # the parts themselves may stand in the statement already
            yield RETURNS.c[name].in_(sa.select(of.c.part_code).where(of.c.whole_code.in_(whole)))
    for name, records, references in (
        ("company_id", COMPANIES, filter.company),
        ("agreement_id", AGREEMENTS, filter.agreement),
        ("source_id", SOURCES, filter.source),
    ):
        if references is not None:
            of = records.alias()
            yield RETURNS.c[name].in_(sa.select(of.c.id).where(of.c.reference.in_(references)))


def _within(filter: PlacementFilter) -> sa.ColumnElement[bool]:
    """That all of a return's period is asked for."""
    return sa.and_(
        RETURNS.c.period_start >= (filter.period_from or date.min),
        RETURNS.c.period_end <= (filter.period_until or date.max),
    )


def _fine_enough(group_by: Sequence[PlacementDimension]) -> sa.ColumnElement[bool]:
    """That a return's period is no longer than the finest one grouped by."""
    if PlacementDimension.MONTH in group_by:
        return RETURNS.c.frequency == Frequency.MONTH
    if PlacementDimension.QUARTER in group_by:
        return RETURNS.c.frequency.in_((Frequency.MONTH, Frequency.QUARTER))
    return sa.true()


class _Order:
    """The order of a table's rows: companies and agreements by reference, what returns leave open always last."""

    def __init__(self, connection: sa.Connection, asked: Asked) -> None:
        self._order = asked.order
        self._named: list[dict[Any, str] | None] = []
        for dimension in asked.group_by:
            kinds = {PlacementDimension.COMPANY: COMPANIES, PlacementDimension.AGREEMENT: AGREEMENTS}
            records = kinds.get(dimension)
            named = None if records is None else connection.execute(sa.select(records.c.id, records.c.reference))
            self._named.append(None if named is None else {row.id: row.reference for row in named})

    def of(self, rows: list[PlacementRow], names: Sequence[str]) -> list[PlacementRow]:
        """The rows in this order."""
        order = self._order
        by_people = order is not None and order.field is PlacementOrderField.PEOPLE
        backward = order is not None and order.descending
        for name, named in reversed(list(zip(names, self._named, strict=True))):
            told = {row: _told(getattr(row, name), named) for row in rows}
            stated = [row for row in rows if told[row] is not None]
            stated.sort(key=told.__getitem__, reverse=backward and not by_people)
            rows = stated + [row for row in rows if told[row] is None]
        if by_people:
            rows.sort(key=lambda row: row.people, reverse=backward)
        return rows


def _told(value: Any, named: dict[Any, str] | None) -> Any:
    if named is not None:
        return named.get(value)
    return value.value if isinstance(value, Code) else value


def _table(
    asked: Asked, names: list[str], groups: list[Any], order: _Order, source_ids: tuple[int, ...]
) -> PlacementTable:
    found = [group for group in groups if group.total is not None]
    total = int(sum(group.total for group in found))
    rows = [
        PlacementRow(
            int(group.people),
            int(group.people) / total if total else None,
            **dict(zip(names, group[1 : 1 + len(names)], strict=True)),
        )
        for group in found
        if group.people is not None
    ]
    return PlacementTable(
        asked.measure,
        asked.group_by,
        total=total,
        row_count=len(rows),
        unallocated=total - sum(row.people for row in rows),
        straddling=int(sum(group.straddling or 0 for group in groups)),
        period_start=min((group.first_day for group in found), default=None),
        period_end=max((group.last_day for group in found), default=None),
        rows=tuple(order.of(rows, names)[: asked.first or DEFAULT_ROWS]),
        source_ids=source_ids,
    )
