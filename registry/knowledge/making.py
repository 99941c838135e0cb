"""How a snapshot is made: an SQLite file that holds the registry as it was known at a position of its log.

It begins with whatever lies nearest: the registry as it is, a snapshot made before, or nothing. The changes between are
undone or done again, and what follows from the records that they touched is derived anew.
"""

import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlmodel import Session, SQLModel

from registry.access import RESTRICTED
from registry.database import migrate, open_engine, open_snapshot
from registry.history import Change, ChangeCountry, RegistryState, follow, logged_tables, table_behind
from registry.history.replay import changes_between, redo, replaying, undo
from registry.history.shape import kind_of, whole_behind
from registry.knowledge.closing import close_since
from registry.knowledge.consequences import Consequences
from registry.search import SearchEntry

#: Bytes that are copied in the time that it takes to do or undo one change.
_BYTES_A_CHANGE = 1_000_000

_ROWS = 5_000

#: Pages of an SQLite file, of 4 KB each, that are copied between two looks at what else goes on.
_PAGES = 5_000

_CHANGE, _COUNTRY, _STATE = table_behind(Change), table_behind(ChangeCountry), table_behind(RegistryState)
_ENTRIES = table_behind(SearchEntry)


class Held(NamedTuple):
    """A snapshot that another can be made from: its position in the log, and its file."""

    sequence: int
    file: Path


def make(engine: sa.Engine, sequence: int, file: Path, held: Sequence[Held] = ()) -> int:
    """Writes into a new file what the registry knew when the change at that position of its log had been made.

    Any of the snapshots that are `held` may serve as a beginning. The position is from 1 to that of the last change,
    which is returned.
    """
    with open_snapshot(engine) as registry, registry.begin():
        newest = int(registry.execute(sa.select(_STATE.c.sequence)).scalar_one())
        begin = _begin(registry, newest, sequence, file, held)
        copy = open_engine(f"sqlite:///{file}")
        try:
            with replaying(copy) as connection:
                consequences = _replay(registry, connection, begin, sequence)
                _keep_log(registry, connection, begin, sequence)
                _keep_state(registry, connection, sequence)
                _leave_out_service(connection)
                consequences.note_shown_anew(close_since(registry, connection, sequence))
                with Session(connection, autoflush=False) as session:
                    consequences.derive(session)
            with copy.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        finally:
            copy.dispose()
    return newest


# ── The beginning ───────────────────────────────────────────────────────────────────────────────────────────────────


def _begin(registry: sa.Connection, newest: int, sequence: int, file: Path, held: Sequence[Held]) -> int:
    """Makes the file from what takes the least to get to the position, and says which position it is at."""
    nearest = min(held, key=lambda each: _cost(each, sequence), default=None)
    costs = {
        "nothing": sequence,
        "now": abs(newest - sequence) + _size(registry) / _BYTES_A_CHANGE,
        "held": _cost(nearest, sequence) if nearest else float("inf"),
    }
    match min(costs, key=lambda name: costs[name]):
        case "held" if nearest:
            _copy_file(nearest.file, file)
            return nearest.sequence
        case "nothing":
            _make_empty(file)
            return 0
    copy_registry(registry, file)
    return newest


def _cost(held: Held, sequence: int) -> float:
    return abs(held.sequence - sequence) + held.file.stat().st_size / _BYTES_A_CHANGE


def _size(registry: sa.Connection) -> int:
    if registry.dialect.name == "sqlite":
        pages = registry.exec_driver_sql("PRAGMA page_count").scalar_one()
        return int(pages) * int(registry.exec_driver_sql("PRAGMA page_size").scalar_one())
    return int(registry.exec_driver_sql("SELECT pg_database_size(current_database())").scalar_one())


def _make_empty(file: Path) -> None:
    engine = open_engine(f"sqlite:///{file}")
    migrate(engine)
    engine.dispose()


def _copy_file(held: Path, file: Path) -> None:
    source, copy = sqlite3.connect(held), sqlite3.connect(file)
    try:
        source.backup(copy)
    finally:
        source.close()
        copy.close()


def copy_registry(registry: sa.Connection, file: Path) -> None:
    """Copies all tables, as the transaction of `registry` sees them."""
    if registry.dialect.name == "sqlite":
        source: Any = registry.connection.driver_connection
        copy = sqlite3.connect(file)
        try:
            source.backup(copy, pages=_PAGES, progress=lambda *_: None)  # between two parts signals are heard
        finally:
            copy.close()
        return
    _make_empty(file)
    engine = open_engine(f"sqlite:///{file}")
    try:
        with replaying(engine) as connection:
            for table in SQLModel.metadata.sorted_tables:
                if table is not _ENTRIES:
                    _copy_rows(registry, connection, sa.select(table), table)
            index_words(connection)
    finally:
        engine.dispose()


def index_words(copy: sa.Connection) -> None:
    """Each database has words in an index of its own kind, so that they cannot be copied from one to the other."""
    with Session(copy, autoflush=False) as session:
        for table in logged_tables():
            kind = kind_of(table.name)
            if whole_behind(kind) is None:
                (key,) = table.primary_key.columns
                follow(session, {kind.__name__: map(str, session.scalars(sa.select(key).order_by(key)))})


def _copy_rows(registry: sa.Connection, copy: sa.Connection, select: sa.Select[Any], table: sa.Table) -> None:
    rows = registry.execution_options(yield_per=_ROWS).execute(select).mappings()
    for some in rows.partitions():
        copy.execute(sa.insert(table), [dict(row) for row in some])


# ── From there to the position ──────────────────────────────────────────────────────────────────────────────────────


def _replay(registry: sa.Connection, copy: sa.Connection, begin: int, sequence: int) -> Consequences:
    consequences, backward = Consequences(), begin > sequence
    for change in changes_between(registry, min(begin, sequence), max(begin, sequence), backward):
        consequences.note(change)
        (undo if backward else redo)(copy, change.rows)
    return consequences


def _keep_log(registry: sa.Connection, copy: sa.Connection, begin: int, sequence: int) -> None:
    """Lets the log of the copy end at the position too."""
    guards = sa.text("SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'change'")
    for name in copy.scalars(guards).all():
        copy.exec_driver_sql(f'DROP TRIGGER "{name}"')
    for table in (_COUNTRY, _CHANGE):
        copy.execute(sa.delete(table).where(table.c.sequence > sequence))
    for table in (_CHANGE, _COUNTRY):
        later = sa.select(table).where(table.c.sequence > begin, table.c.sequence <= sequence)
        _copy_rows(registry, copy, later, table)


def _keep_state(registry: sa.Connection, copy: sa.Connection, sequence: int) -> None:
    state = dict(registry.execute(sa.select(_STATE)).mappings().one())
    told = sa.select(_CHANGE.c.at, _CHANGE.c.digest).where(_CHANGE.c.sequence == sequence)
    at, digest = registry.execute(told).one()
    copy.execute(sa.delete(_STATE))
    copy.execute(sa.insert(_STATE), state | {"sequence": sequence, "known_at": at, "digest": digest})


def _leave_out_service(copy: sa.Connection) -> None:
    """Takes out what only keeps the service going, which is nobody's to read."""
    for table in SQLModel.metadata.sorted_tables:
        told = any(column.info.get("audience", RESTRICTED) is not RESTRICTED for column in table.c)
        if not told and not kind_of(table.name).__logged__:
            copy.execute(sa.delete(table))
