"""What is on record, read back into the columns of its sheet: for exports, and to find what an import repeats."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from decimal import Decimal
from functools import cache
from itertools import groupby
from typing import Any

import sqlalchemy as sa

from registry.exchange.agreement_cells import Audiences
from registry.exchange.columns import columns_of, parameters_of, part_of
from registry.exchange.lists import Cell
from registry.exchange.sheets import Sheet
from registry.history import table_behind
from registry.sources import Citation, Cited, Source
from registry.visibility import RESTING, may_see, seen_again

#: So many records are read at a time, with what belongs to them.
AT_ONCE = 1_000

_CITED = tuple(one.name for one in fields(Cited))


@dataclass(frozen=True)
class Held:
    """A record on record: its id (None where it has none of its own) and its cells by column, the empty ones too."""

    id: Any
    cells: dict[str, Cell]


def held(
    connection: sa.Connection,
    sheet: Sheet,
    *,
    within: Sequence[Any] | None = None,
    audiences: Audiences = None,
    in_part: bool = False,
) -> Iterator[Held]:
    """The records of a sheet, in an order that does not depend on their ids where they have references.

    `within` are references or codes that the first part of the sheet's key is to be one of. With `audiences` they are
    what these may see, from a connection that shows everything: what names a record that they may not see is blank.
    `in_part` leaves only records of which something is. Rows come as they are read.
    """
    statement = _statement(sheet, audiences)
    if audiences is not None:
        statement = statement.where(may_see(table_behind(sheet.table).name, audiences))
    if within is not None:
        statement = statement.where(_first_key(sheet).in_(within))
    if in_part:
        statement = statement.where(sa.or_(sa.false(), *_hidden(sheet)))
    result = connection.execute(statement, execution_options={"yield_per": AT_ONCE})
    for rows in result.partitions():
        beside = [_listed(connection, sheet, rows), _parts(connection, sheet, rows), _cited(connection, sheet, rows)]
        beside += _composed(connection, sheet, rows, audiences)
        for row in rows:
            cells: dict[str, Cell] = dict.fromkeys(_names(sheet), "")
            cells |= {name: _cell(value) for name, value in row._mapping.items() if name != "_id"}
            for told in beside:
                cells |= told.get(row._id, {})
            yield Held(row._id, cells)


def citations_of(connection: sa.Connection, sheet: Sheet) -> int:
    """How many sources the best sourced record of the sheet has."""
    if "citations" not in parameters_of(sheet):
        return 0
    citation, table = table_behind(Citation), table_behind(sheet.table)
    most = (
        sa.select(sa.func.max(citation.c.position))
        .join_from(citation, table, table.c.id == citation.c.subject_id)
        .where(citation.c.subject == sheet.table.__name__, *_counted(sheet))
    )
    return (connection.execute(most).scalar() or 0) + 1


@cache
def _names(sheet: Sheet) -> tuple[str, ...]:
    return tuple(column.name for column in columns_of(sheet) if not column.numbered)


@cache
def _plain(sheet: Sheet) -> dict[str, sa.ColumnElement[Any]]:
    """The columns of the sheet that stand in the table itself, or name a record that it points to."""
    return {name: found for name in _names(sheet) if (found := _column(sheet, name)) is not None}


def _column(sheet: Sheet, name: str) -> sa.ColumnElement[Any] | None:
    table = table_behind(sheet.table)
    if name in sheet.lists or any(name in _part_fields(sheet, part) for part in sheet.parts):
        return None
    for column in (name, f"{name}_code"):
        if column in table.c:
            return table.c[column]
    pointer = table.c.get(f"{name}_id")
    return None if pointer is None else _pointed_to(sheet, name).c.reference


@cache
def _pointed_to(sheet: Sheet, name: str) -> sa.FromClause:
    (key,) = table_behind(sheet.table).c[f"{name}_id"].foreign_keys
    target: sa.FromClause = key.column.table.alias(f"{name}_record")
    return target


def _part_fields(sheet: Sheet, parameter: str) -> list[str]:
    return [one.name for one in fields(part_of(parameters_of(sheet)[parameter]))]


def _first_key(sheet: Sheet) -> sa.ColumnElement[Any]:
    return _plain(sheet)[sheet.key[0]]


@cache
def _statement(sheet: Sheet, audiences: Audiences) -> sa.Select[Any]:
    table = table_behind(sheet.table)
    own = table.c.id if "id" in table.c else table.c.code
    statement = sa.select(own.label("_id"), *(column.label(name) for name, column in _plain(sheet).items()))
    joined: sa.FromClause = table
    # What the order begins with leads: its index gives the order, and the rows that point to it come by theirs.
    for name in _pointers(sheet):
        target = _pointed_to(sheet, name)
        on = table.c[f"{name}_id"] == target.c.id
        if name == sheet.key[0]:
            joined = target.join(joined, on)
        else:
            joined = joined.outerjoin(target, sa.and_(on, _seen(sheet, name, audiences)))
    order = [table.c.position] if "position" in table.c else [own]
    return statement.select_from(joined).where(*_counted(sheet)).order_by(_first_key(sheet), *order)


def _pointers(sheet: Sheet) -> list[str]:
    """The columns of the sheet that name a record which the table points to."""
    return [name for name in _plain(sheet) if f"{name}_id" in table_behind(sheet.table).c]


def _seen(sheet: Sheet, name: str, audiences: Audiences) -> sa.ColumnElement[bool]:
    """That the record a column names is seen; a source always is where something that is seen rests on it."""
    (key,) = table_behind(sheet.table).c[f"{name}_id"].foreign_keys
    record = key.column.table
    rests = record.name == "source" and table_behind(sheet.table).name in RESTING
    return sa.true() if audiences is None or rests else seen_again(_pointed_to(sheet, name), record, audiences)


def _hidden(sheet: Sheet) -> Iterator[sa.ColumnElement[bool]]:
    """What tells of a row that a record which it points to was not found."""
    for name in _pointers(sheet):
        yield sa.and_(table_behind(sheet.table).c[f"{name}_id"].is_not(None), _pointed_to(sheet, name).c.id.is_(None))


def _counted(sheet: Sheet) -> list[sa.ColumnElement[bool]]:
    """What tells the rows of the table that the sheet has."""
    return [table_behind(sheet.table).c[name] == value for name, value in sheet.only.items()]


def _cell(value: Any) -> Cell:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return format(Decimal(repr(value)), "f")
    if isinstance(value, Decimal):
        return format(value, "f")
    return [str(item) for item in value] if isinstance(value, list) else str(value)


def _listed(connection: sa.Connection, sheet: Sheet, rows: Sequence[Any]) -> dict[Any, dict[str, Cell]]:
    told: dict[Any, dict[str, Cell]] = {}
    for name, kind in sheet.lists.items():
        table = table_behind(kind)
        owner = next(iter(table.primary_key.columns))
        ordered = "position" in table.c
        value = next(column for column in table.c if column.name not in (owner.name, "position"))
        found = connection.execute(
            sa.select(owner, value)
            .where(owner.in_([row._id for row in rows]))
            .order_by(owner, table.c.position if ordered else value)
        )
        for own, listed in groupby(found, key=lambda one: one[0]):
            told.setdefault(own, {})[name] = [str(item) for _own, item in listed]
    return told


def _parts(connection: sa.Connection, sheet: Sheet, rows: Sequence[Any]) -> dict[Any, dict[str, Cell]]:
    told: dict[Any, dict[str, Cell]] = {}
    for parameter, kind in sheet.parts.items():
        table = table_behind(kind)
        (owner,) = table.primary_key.columns
        names = _part_fields(sheet, parameter)
        found = connection.execute(
            sa.select(owner, *(table.c[name] for name in names)).where(owner.in_([row._id for row in rows]))
        )
        for own, *values in found:
            told.setdefault(own, {}).update({name: _cell(value) for name, value in zip(names, values, strict=True)})
    return told


def _composed(
    connection: sa.Connection, sheet: Sheet, rows: Sequence[Any], audiences: Audiences
) -> list[dict[Any, dict[str, Cell]]]:
    ids = [row._id for row in rows]
    return [composed.tell(connection, ids, audiences) for composed in sheet.composed.values() if composed.tell]


def _cited(connection: sa.Connection, sheet: Sheet, rows: Sequence[Any]) -> dict[Any, dict[str, Cell]]:
    if "citations" not in parameters_of(sheet):
        return {}
    citation, source = table_behind(Citation), table_behind(Source)
    found = connection.execute(
        sa.select(citation.c.subject_id, source.c.reference, citation.c.quote, citation.c.locator, citation.c.note)
        .join_from(citation, source, source.c.id == citation.c.source_id)
        .where(citation.c.subject == sheet.table.__name__, citation.c.subject_id.in_([row._id for row in rows]))
        .order_by(citation.c.subject_id, citation.c.position)
    )
    told: dict[Any, dict[str, Cell]] = {}
    for own, cited in groupby(found, key=lambda one: one[0]):
        for number, (_own, *values) in enumerate(cited, start=1):
            cells = {f"{name}_{number}": _cell(value) for name, value in zip(_CITED, values, strict=True)}
            told.setdefault(own, {}).update(cells)
    return told
