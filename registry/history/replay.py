"""The log done again, or undone: how what was known at a moment is known again."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from functools import cache
from typing import Any

import orjson
import sqlalchemy as sa
from sqlmodel import Session, SQLModel

from registry.database import WRITES
from registry.history.changes import digest_of
from registry.history.columns import Instant, Row, table_behind
from registry.history.shape import key_columns, kind_of
from registry.history.tables import Change, RegistryState

#: No log is longer: positions are GraphQL integers.
FAR = 2**31 - 1

_OPPOSITE = {"created": "removed", "removed": "created", "revised": "revised"}

Step = tuple[sa.Table, str, list[dict[str, Any]]]


def changes_between(connection: sa.Connection, after: int, until: int, backward: bool = False) -> Iterator[sa.Row[Any]]:
    """The changes with positions above `after` and up to `until`, oldest first or else newest first."""
    table = table_behind(Change)
    order = table.c.sequence.desc() if backward else table.c.sequence
    where = (table.c.sequence > after, table.c.sequence <= until)
    yield from connection.execution_options(yield_per=200).execute(sa.select(table).where(*where).order_by(order))


def chain_faults(session: Session) -> Iterator[str]:
    """A sentence for each place where the log has a gap, is not what its digest was made of, or does not end."""
    previous, sequence = "", 0
    for change in changes_between(session.connection(), 0, FAR):
        sequence += 1
        if change.sequence != sequence:
            yield f"The log has change {change.sequence} where {sequence} should be."
            sequence = change.sequence
        if digest_of(previous, dict(change._mapping)) != change.digest:
            yield f"Change {change.sequence} of the log is not what its digest was made of."
        previous = change.digest
    state = session.get(RegistryState, 1)
    if (sequence, previous) != ((state.sequence, state.digest) if state else (0, "")):
        yield "The log does not end where the registry says it does."


@contextmanager
def replaying(engine: sa.Engine) -> Iterator[sa.Connection]:
    """A transaction on an SQLite registry that changes are replayed in: rows may be there before what they point to."""
    with engine.connect().execution_options(**WRITES) as connection:
        raw: Any = connection.connection.driver_connection
        raw.execute("PRAGMA foreign_keys = OFF")
        raw.execute("PRAGMA synchronous = OFF")  # what is replayed can be replayed again
        try:
            with connection.begin():
                yield connection
        finally:
            raw.execute("PRAGMA foreign_keys = ON")


def redo(connection: sa.Connection, rows: str) -> None:
    """Does to the tables what a change did; `rows` is its column of that name."""
    for step in orjson.loads(rows):
        _apply(connection, _step(step))


def undo(connection: sa.Connection, rows: str) -> None:
    """Takes back what a change did."""
    for step in reversed(orjson.loads(rows)):
        table, what, items = _step(step)
        if what == "revised":
            items = [{"key": item["key"], "old": item["new"], "new": item["old"]} for item in items]
        _apply(connection, (table, _OPPOSITE[what], items[::-1]))


def _step(told: dict[str, Any]) -> Step:
    table = SQLModel.metadata.tables[told["table"]]
    what = next(what for what in _OPPOSITE if what in told)
    if what == "revised":
        return table, what, [{part: _typed(table, item[part]) for part in item} for item in told[what]]
    return table, what, [_typed(table, dict(zip(told["columns"], row, strict=True))) for row in told[what]]


def _apply(connection: sa.Connection, step: Step) -> None:
    table, what, items = step
    if what == "created":
        blank = _blank(kind_of(table.name))
        connection.execute(sa.insert(table), [blank | item for item in items])
    elif what == "removed":
        keys = [{f"key_{name}": item[name] for name in key_columns(table.name)} for item in items]
        connection.execute(sa.delete(table).where(_found(table)), keys)
    else:
        for item in items:
            key = {f"key_{name}": value for name, value in item["key"].items()}
            connection.execute(sa.update(table).where(_found(table)), key | item["new"])


@cache
def _found(table: sa.Table) -> sa.ColumnElement[bool]:
    return sa.and_(
        *(table.c[name] == sa.bindparam(f"key_{name}", type_=table.c[name].type) for name in key_columns(table.name))
    )


@cache
def _blank(kind: type[Row]) -> dict[str, Any]:
    """What a row holds before it is told: nothing, and something harmless where what follows is not derived yet."""
    harmless: dict[Any, Any] = {str: "", int: 0, date: date.min}
    row: dict[str, Any] = {}
    for column in table_behind(kind).c:
        field = kind.model_fields[column.name]
        if not column.info.get("logged", True) and field.is_required():
            row[column.name] = harmless[field.annotation]
        else:
            row[column.name] = None if field.is_required() else field.get_default(call_default_factory=True)
    return row


def _typed(table: sa.Table, values: dict[str, Any]) -> dict[str, Any]:
    """The values of columns, out of JSON; columns that the tables no longer have are passed over."""
    return {
        name: value if value is None or name not in (typed := _parsers(table.name)) else typed[name](value)
        for name, value in values.items()
        if name in table.c
    }


@cache
def _parsers(table: str) -> dict[str, Any]:
    parsers: dict[str, Any] = {}
    for column in SQLModel.metadata.tables[table].c:
        if isinstance(column.type, Instant):
            parsers[column.name] = datetime.fromisoformat
        elif isinstance(column.type, sa.Date):
            parsers[column.name] = date.fromisoformat
    return parsers
