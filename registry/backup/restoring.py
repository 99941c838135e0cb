"""How a registry is made again out of a backup, on either kind of database: whole, or not at all."""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.util.exc import CommandError
from sqlmodel import SQLModel

from registry import verification
from registry.away import cause_of
from registry.backup.archive import BESIDE, BadBackup, Manifest, put_in_place, unpack
from registry.backup.workplace import workplace
from registry.bulk import write_rows
from registry.database import WRITES, file_of, highest_id, migrate, migrations_on, open_engine, version_of
from registry.errors import DatabaseUnavailable
from registry.health import existing
from registry.history import Change, RegistryState, table_behind
from registry.knowledge.making import index_words
from registry.search import SearchEntry

#: Rows that are read at once.
_ROWS = 5_000

#: Seconds that those who have the database open are given to leave it.
_LEAVING = 3

_STOP = "Stop the server first, and whatever else has it open."


def restore(file: Path, url: str, *, force: bool = False, verify: bool = False) -> Manifest:
    """Makes the registry of a backup in the database at `url`, whose tables are brought to the newest version.

    What the database holds is replaced with `force`, else the backup is refused. With `verify` it is verified before
    anything is replaced, and on PostgreSQL also afterwards. Raises `BadBackup`, and `DatabaseUnavailable` where the
    database cannot be used or the tables of the backup are of a newer version.
    """
    target = open_engine(url)
    try:
        named = file_of(target)
        place = named.resolve() if named else None  # a link stays, and leads to what is new
        _refuse_loss(target, place, force)
        target.dispose()  # whose own connection would count as one that has the database open
        with workplace("restore", existing(place.parent) if place else None) as folder:
            unpacked = folder / "registry.db"
            manifest = unpack(file, unpacked)
            with _opened(unpacked, manifest) as source:
                if verify:
                    _check(source)
                if place is None:
                    _load(source, target)
            if place is not None:
                _replace(unpacked, place)
        if verify and place is None:
            _check(target)
    except OSError as error:
        raise BadBackup(f"The registry cannot be written: {error.strerror}.") from None
    finally:
        target.dispose()
    return manifest


@contextmanager
def _opened(unpacked: Path, manifest: Manifest) -> Iterator[sa.Engine]:
    """The registry of a backup, brought to the newest tables; closed, it is one file."""
    source = open_engine(f"sqlite:///{unpacked}")
    try:
        migrate(source)
        with source.connect() as connection:
            state = connection.execute(sa.select(table_behind(RegistryState))).first()
        if (state.sequence if state else 0, state.digest if state else "") != (manifest.sequence, manifest.digest):
            raise BadBackup("The backup does not end where its manifest says it does.")
        yield source
    finally:
        source.dispose()
    with closing(sqlite3.connect(unpacked)) as connection:
        connection.execute("PRAGMA journal_mode = DELETE")


def _check(engine: sa.Engine) -> None:
    faults = verification.verify(engine)
    if faults:
        more = f" and {len(faults) - 1} more" if len(faults) > 1 else ""
        raise BadBackup(f"The registry of the backup is not sound: {faults[0]}{more}")


def _refuse_loss(target: sa.Engine, place: Path | None, force: bool) -> None:
    """Raises `BadBackup` where something is recorded in the database that nobody has said may go, or it is in use."""
    if place is not None and place.exists() and not place.is_file():
        raise BadBackup(f"{place} is no regular file.", hint="Name the file of a database by --database-url.")
    if place is not None and not (place.exists() and place.stat().st_size):
        return
    try:
        with target.connect() as connection:
            recorded = (
                sa.inspect(connection).has_table("change")
                and connection.execute(sa.select(table_behind(Change).c.sequence).limit(1)).first()
            )
    except sa.exc.DBAPIError as error:
        raise DatabaseUnavailable(f"The database cannot be used: {cause_of(error)}.") from None
    if recorded and not force:
        hint = "Name an empty database by --database-url, or replace what is there by --force."
        raise BadBackup("There are records in this database already.", hint=hint)


# ── SQLite: the file takes the place of the other ───────────────────────────────────────────────────────────────────


def _replace(unpacked: Path, place: Path) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    if place.exists():
        _take_over(place)
    for ending in BESIDE:
        place.with_name(place.name + ending).unlink(missing_ok=True)
    put_in_place(unpacked, place)


def _take_over(place: Path) -> None:
    """Makes sure that nobody has the file open, and that nothing of it is left beside it."""
    with closing(sqlite3.connect(place, timeout=_LEAVING, isolation_level=None)) as connection:
        try:
            connection.execute("PRAGMA locking_mode = EXCLUSIVE")
            connection.execute("BEGIN EXCLUSIVE")
            connection.execute("ROLLBACK")
        except sqlite3.OperationalError:
            raise BadBackup("The database is in use.", hint=_STOP) from None
        except sqlite3.DatabaseError:
            raise BadBackup(f"{place} is no database.", hint="Move it away first, if nobody needs it.") from None


# ── PostgreSQL: tables are made anew and filled, in one transaction ─────────────────────────────────────────────────


def _load(source: sa.Engine, target: sa.Engine) -> None:
    try:
        with (
            source.connect() as read,
            target.connect().execution_options(**WRITES) as written,
            read.begin(),
            written.begin(),
        ):
            _make_tables(written)
            for table in SQLModel.metadata.sorted_tables:
                if table is not table_behind(SearchEntry):  # each database has an index of words of its own kind
                    _copy_rows(read, written, table)
                    _continue_ids(read, written, table)
            index_words(written)
    except CommandError as error:
        raise BadBackup(f"The tables of the database are of a version that is not known here: {error}.") from None
    except sa.exc.DBAPIError as error:
        raise BadBackup(f"The database cannot be filled: {cause_of(error)}.", hint=_STOP) from None


def _make_tables(written: sa.Connection) -> None:
    configuration = migrations_on(written)
    if version_of(written) is not None:
        _wait_for_others(written)
        written.exec_driver_sql("SET LOCAL lock_timeout = '5s'")
        command.downgrade(configuration, "base")
    command.upgrade(configuration, "head")


def _wait_for_others(written: sa.Connection) -> None:
    """Raises `BadBackup` where others stay; one who has just hung up is still seen for a moment."""
    others = (
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        " AND backend_type = 'client backend'"
    )
    until = time.monotonic() + _LEAVING
    while written.exec_driver_sql(others).scalar():
        if time.monotonic() > until:
            raise BadBackup("The database is in use.", hint=_STOP)
        time.sleep(0.05)
        written.exec_driver_sql("SELECT pg_stat_clear_snapshot()")


def _copy_rows(read: sa.Connection, written: sa.Connection, table: sa.Table) -> None:
    """Copies a table by one statement, so that rows may point to rows after them."""
    write_rows(written, table, read.execution_options(yield_per=_ROWS).execute(sa.select(table)))


def _continue_ids(read: sa.Connection, written: sa.Connection, table: sa.Table) -> None:
    """Lets ids go on after all that were ever given, also to records that have gone."""
    if "id" not in table.c or not isinstance(table.c.id.type, sa.Integer):
        return
    last = read.execute(sa.select(sa.func.max(table.c.id))).scalar() or 0
    written.execute(
        sa.text("SELECT setval(pg_get_serial_sequence(:table, 'id'), :last) WHERE :last > 0"),
        {"table": table.name, "last": max(last, highest_id(read, table))},
    )
