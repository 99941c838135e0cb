"""Whether a registry can do its work: what is looked at before it takes requests, and when something is amiss."""

import os
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from registry.codes import Code
from registry.database import newest_version, version_of
from registry.settings import Settings


class State(Code):
    """How much a finding weighs."""

    OK = "ok", "It is as it should be."
    WARN = "warn", "It works, but somebody should look at it."
    FAIL = "fail", "It does not work."


@dataclass(frozen=True)
class Finding:
    """What was looked at, how it is, in a sentence, and what to do about it."""

    name: str
    state: State
    told: str
    todo: str = ""

    @property
    def ok(self) -> bool:
        """Whether it works, be it with a warning."""
        return self.state is not State.FAIL


def migrations(connection: sa.Connection) -> Finding:
    """The tables are those that this code works with."""
    held, newest = version_of(connection), newest_version()
    if held == newest:
        return Finding("migrations", State.OK, f"The tables are of version {held}, the newest.")
    told = f"The tables are of version {held}; this registry needs {newest}."
    todo = "Run `registry migrate`." if held is None or held < newest else "Run a newer registry on this database."
    return Finding("migrations", State.FAIL, told, todo)


def rights(connection: sa.Connection) -> Finding:
    """What the registry has to do in the database, and may do; by a connection that sees everything."""
    if connection.dialect.name == "sqlite":
        return ANSWERS
    role, name, temporary, only_read, records = connection.exec_driver_sql(_RIGHTS).one()
    if not temporary:
        told = f"The role {role} has no TEMPORARY privilege on {name}, without which nothing can be shown."
        return Finding("database", State.FAIL, told, f"GRANT TEMPORARY ON DATABASE {name} TO {role}.")
    if only_read:
        told = "The database is read-only: questions are answered, but nothing can be recorded."
        todo = f"RESET default_transaction_read_only, by ALTER DATABASE {name} or ALTER ROLE {role}."
        return Finding("database", State.WARN, told, todo)
    if not records:
        told = f"The role {role} may only read: questions are answered, but nothing can be recorded."
        todo = f"GRANT INSERT, UPDATE, DELETE ON ALL TABLES and USAGE ON ALL SEQUENCES IN SCHEMA public TO {role}."
        return Finding("database", State.WARN, told, todo)
    return ANSWERS


#: What is found of a database that lacks nothing.
ANSWERS = Finding("database", State.OK, "The database answers.")

_RIGHTS = """SELECT quote_ident(current_user), quote_ident(current_database()),
  has_database_privilege(current_database(), 'TEMPORARY'), current_setting('transaction_read_only') = 'on',
  has_table_privilege('change', 'INSERT')"""


def disk(settings: Settings) -> Finding:
    """There is space left wherever the registry writes."""
    least = settings.disk_bytes_min
    try:
        free = min(shutil.disk_usage(existing(folder)).free for folder in written(settings))
    except OSError as error:
        told = f"What is free on disk cannot be told: {error.strerror}."
        return Finding("disk", State.FAIL, told, "Let the server reach the folders that it writes to.")
    if free >= least:
        return Finding("disk", State.OK, f"{free // 1_000_000:,} MB are free.")
    told = f"{free // 1_000_000:,} MB are free, less than the {least // 1_000_000:,} MB of disk_bytes_min."
    return Finding("disk", State.FAIL, told, "Make room, or lower the setting.")


def snapshots(settings: Settings, own: Path | None = None) -> Finding:
    """Snapshots of earlier knowledge can be written: into the folder that a server has made its own, if it has one."""
    try:
        with tempfile.TemporaryFile(dir=own or existing(snapshots_folder(settings))):
            pass
    except OSError as error:
        told = f"The folder for snapshots cannot be written to: {error.strerror}."
        return Finding("snapshots", State.FAIL, told, "Let snapshots_dir name a folder that the server may write to.")
    return Finding("snapshots", State.OK, "The folder for snapshots can be written to.")


def snapshots_folder(settings: Settings) -> Path:
    """The folder for snapshots of earlier knowledge."""
    return settings.snapshots_dir or Path(tempfile.gettempdir())


def database_file(settings: Settings) -> Path | None:
    """The file of an SQLite database; None for another."""
    address = sa.make_url(settings.database_url)
    return Path(address.database) if address.get_backend_name() == "sqlite" and address.database else None


def written(settings: Settings) -> list[Path]:
    """The folders that the registry writes to."""
    file = database_file(settings)
    return [snapshots_folder(settings), *([file.parent] if file else [])]


def existing(folder: Path) -> Path:
    """A folder, or the nearest around it that exists."""
    folder = Path(os.path.abspath(folder))
    return folder if folder.exists() else existing(folder.parent)
