"""How a backup is made: in one read transaction, so that all of it is of one moment, while others go on writing."""

import os
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlmodel import SQLModel

from registry import health
from registry.away import cause_of
from registry.backup.archive import BESIDE, FORMAT, BadBackup, Manifest, hash_of, is_backup, pack, put_in_place
from registry.backup.workplace import workplace
from registry.database import WRITES, file_of, highest_id, newest_version, open_engine, open_snapshot, version_of
from registry.knowledge.making import copy_registry
from registry.settings import VERSION

_STATE = "SELECT sequence, digest, known_at FROM registry_state"


def back_up(engine: sa.Engine, file: Path) -> Manifest:
    """Writes a backup to a file, which is there whole or not at all; an older one of that name stays until then.

    Raises `BadBackup` where there is nothing to back up, the registry is broken, or anything else stands at the place.
    """
    file = Path(file).absolute()
    if not file.parent.is_dir():
        raise BadBackup(f"There is no folder {file.parent}.", hint="Make it first, or name another.")
    try:
        _refuse_loss(engine, file)
        with workplace("backup", file.parent) as folder:
            copy, archive = folder / "registry.db", folder / "backup.zip"
            _copy(engine, copy)
            manifest = _manifest(copy, engine.dialect.name)
            pack(manifest, copy, archive)
            put_in_place(archive, file)
    except OSError as error:
        raise BadBackup(f"The backup cannot be written: {error.strerror}.") from None
    return manifest


def _refuse_loss(engine: sa.Engine, file: Path) -> None:
    """Raises `BadBackup` where a backup would take the place of anything but an older backup."""
    hint = "Name another file."
    database = file_of(engine)
    for one in {database, database.resolve()} if database else ():
        if any(_is_same(file, one.with_name(one.name + ending)) for ending in ("", *BESIDE)):
            raise BadBackup(f"{file} belongs to the database that is to be backed up.", hint=hint)
    if not os.path.lexists(file):
        return
    if file.is_symlink() or not file.is_file():
        raise BadBackup(f"{file} is no regular file.", hint=hint)
    if not is_backup(file):
        hint = "Name another file, or move this one away first."
        raise BadBackup(f"{file} is there already, and is no whole backup of a registry.", hint=hint)


def _is_same(file: Path, other: Path) -> bool:
    """Whether two paths lead to one file, or would if there were one."""
    named = file.parent.resolve() / file.name == other.parent.resolve() / other.name
    return named or (file.exists() and other.exists() and file.samefile(other))


def _copy(engine: sa.Engine, copy: Path) -> None:
    """Copies the registry into an SQLite file, as it is at one moment."""
    try:
        with open_snapshot(engine) as registry, registry.begin():
            tables = version_of(registry)
            if tables is None:
                raise BadBackup("There is no registry in this database.")
            if engine.dialect.name != "sqlite" and tables != newest_version():
                told = health.migrations(registry)
                raise BadBackup(told.told, hint="Back it up by the version that made it, or migrate it first.")
            copy_registry(registry, copy)
            if engine.dialect.name != "sqlite":
                _keep_ids(registry, copy)
    except sa.exc.DBAPIError as error:
        raise BadBackup(f"The database cannot be read: {cause_of(error)}.") from None


def _keep_ids(registry: sa.Connection, copy: Path) -> None:
    """Lets ids that were given once, and whose records have gone, never be given again."""
    engine = open_engine(f"sqlite:///{copy}")
    try:
        with engine.connect().execution_options(**WRITES) as connection, connection.begin():
            for table in SQLModel.metadata.sorted_tables:
                if "id" in table.c and isinstance(table.c.id.type, sa.Integer):
                    given: Any = (highest_id(registry, table), table.name)
                    connection.exec_driver_sql("UPDATE sqlite_sequence SET seq = ? WHERE name = ?", given)
                    connection.exec_driver_sql(
                        "INSERT INTO sqlite_sequence (seq, name) SELECT ?1, ?2"
                        " WHERE ?1 > 0 AND NOT EXISTS (SELECT 1 FROM sqlite_sequence WHERE name = ?2)",
                        given,
                    )
    finally:
        engine.dispose()


def _manifest(copy: Path, database: str) -> Manifest:
    """What is told of the copy, read from the copy itself. Raises `BadBackup` where that is not whole."""
    with closing(sqlite3.connect(copy)) as connection:
        connection.execute("PRAGMA journal_mode = DELETE")  # one file, and none beside it
        faults = [row[0] for row in connection.execute("PRAGMA integrity_check(5)")]
        if faults != ["ok"]:
            raise BadBackup(f"The database is damaged: {faults[0]}.", hint="Restore an earlier backup.")
        state = connection.execute(_STATE).fetchone() or (0, "", None)
        (tables,) = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    return Manifest(
        format=FORMAT,
        version=VERSION,
        tables=tables,
        database=database,
        made_at=datetime.now(UTC).isoformat(timespec="seconds"),
        known_at=state[2],
        sequence=state[0],
        digest=state[1],
        bytes=copy.stat().st_size,
        sha256=hash_of(copy),
    )
