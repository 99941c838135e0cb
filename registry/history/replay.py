"""The log done again, or undone: how what was known at a moment is known again."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from functools import cache
from typing import Any

import orjson
import sqlalchemy as sa
from sqlalchemy.dialects import sqlite
from sqlmodel import Session, SQLModel

from registry.database import WRITES
from registry.history.columns import Instant, instant_text, table_behind
from registry.history.shape import key_columns, kind_of
from registry.history.tables import Change, RegistryState
from registry.history.undated import digest_of

#: No log is longer: positions are GraphQL integers.
FAR = 2**31 - 1


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
        if "revised" in step:
            _write_over(connection, step["table"], [(item["key"], item["new"]) for item in step["revised"]])
        elif "created" in step:
            _put_in(connection, step["table"], step["columns"], step["created"])
        else:
            _take_out(connection, step["table"], step["columns"], step["removed"])


def undo(connection: sa.Connection, rows: str) -> None:
    """Takes back what a change did."""
    for step in reversed(orjson.loads(rows)):
        if "revised" in step:
            _write_over(connection, step["table"], [(item["key"], item["old"]) for item in step["revised"][::-1]])
        elif "created" in step:
            _take_out(connection, step["table"], step["columns"], step["created"][::-1])
        else:
            _put_in(connection, step["table"], step["columns"], step["removed"][::-1])


# ── Straight through the driver, since a log may tell of millions of rows ───────────────────────────────────────────


def _put_in(connection: sa.Connection, table: str, columns: list[str], rows: list[list[Any]]) -> None:
    blank = _blank(table)
    told = [(place, _stored(table, name)) for place, name in enumerate(columns) if name in blank]
    names = [columns[place] for place, _ in told]
    rest = [value for name, value in blank.items() if name not in columns]
    names += [name for name in blank if name not in columns]
    places = ", ".join("?" * len(names))
    connection.exec_driver_sql(
        f"INSERT INTO {_quoted(table)} ({', '.join(map(_quoted, names))}) VALUES ({places})",
        [(*(row[place] if store is None else store(row[place]) for place, store in told), *rest) for row in rows],
    )


def _take_out(connection: sa.Connection, table: str, columns: list[str], rows: list[list[Any]]) -> None:
    keys = [columns.index(name) for name in key_columns(table)]
    connection.exec_driver_sql(
        f"DELETE FROM {_quoted(table)} WHERE {_found(table)}", [tuple(row[place] for place in keys) for row in rows]
    )


def _write_over(connection: sa.Connection, table: str, items: list[tuple[dict[str, Any], dict[str, Any]]]) -> None:
    for key, values in items:
        stores = {name: _stored(table, name) for name in values if name in _blank(table)}
        told = [store(values[name]) if store else values[name] for name, store in stores.items()]
        if told:
            connection.exec_driver_sql(
                f"UPDATE {_quoted(table)} SET {', '.join(f'{_quoted(name)} = ?' for name in stores)}"
                f" WHERE {_found(table)}",
                (*told, *(key[name] for name in key_columns(table))),
            )


def _quoted(name: str) -> str:
    return _DIALECT.identifier_preparer.quote(name)


def _found(table: str) -> str:
    return " AND ".join(f"{_quoted(name)} = ?" for name in key_columns(table))


@cache
def _blank(table: str) -> dict[str, Any]:
    """What a row holds before it is told: nothing, and something harmless where what follows is not derived yet.

    As it is stored, by column; columns that the log tells of and the table no longer has are not among them.
    """
    harmless: dict[Any, Any] = {str: "", int: 0, date: date.min}
    kind, row = kind_of(table), {}
    for column in table_behind(kind).c:
        field = kind.model_fields[column.name]
        if not column.info.get("logged", True) and field.is_required():
            value = harmless[field.annotation]
        else:
            value = None if field.is_required() else field.get_default(call_default_factory=True)
        bind = column.type.dialect_impl(_DIALECT).bind_processor(_DIALECT)
        row[column.name] = value if bind is None or value is None else bind(value)
    return row


@cache
def _stored(table: str, column: str) -> Callable[[Any], Any] | None:
    """What makes of a value that the log tells the value that SQLite stores; None for itself, as of days."""
    kind = SQLModel.metadata.tables[table].c[column].type
    if isinstance(kind, Instant):
        return lambda told: None if told is None else instant_text(datetime.fromisoformat(told))
    if isinstance(kind, sa.JSON):
        return lambda told: None if told is None else json.dumps(told)  # as SQLAlchemy writes it
    return None


_DIALECT = sqlite.dialect()
