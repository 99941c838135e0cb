"""The engine, and what differs between SQLite and PostgreSQL."""

import sqlite3
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import cache, partial
from pathlib import Path
from typing import Any, TypeVar

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import Script, ScriptDirectory
from alembic.util.exc import CommandError
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from registry.away import cause_of, is_denied, is_held, todo_for
from registry.errors import DatabaseHeld, DatabaseUnavailable
from registry.telemetry.noting import STATEMENTS

T = TypeVar("T")

MIGRATIONS = Path(__file__).parent / "migrations"

#: Seconds that PostgreSQL has to take a connection; its own bound would be minutes.
CONNECT = 10

#: Statements that a connection to SQLite keeps ready, some 20 KB each: to make one ready takes as long as to run it.
MOST_PREPARED = 500

#: Seconds that one waits for others who write, or hold an SQLite file.
BUSY = 10

#: Execution options of an engine or connection that will write: its transactions wait for one another. Else one that
#: has read and only then wants to write may find that another has written meanwhile.
WRITES = {"registry_writes": True}

#: Execution option with the seconds that PostgreSQL may take for each statement, waiting for others included; what is
#: given up then does not keep its thread for ever.
SECONDS = "registry_seconds"

#: Where a connection to SQLite keeps which file it has opened.
_FILE = "registry_file"

#: What the one who writes holds on PostgreSQL; any number will do, as long as it stays the same.
_WRITERS_LOCK = 7235109

#: What PostgreSQL calls it (SQLSTATE) when one has waited for a lock for as long as one would.
_LOCK_NOT_AVAILABLE = "55P03"

#: Seconds after which whoever found others writing may ask again.
_AGAIN = 10

#: What a role needs that brings the tables up to date.
_RIGHTS_HINT = (
    "Grant the role what it lacks, such as CREATE on the schema to make tables, or give the address of their owner."
)

_ADDRESS_HINT = "Give sqlite:///path/to/registry.db or postgresql://user:password@host/name."


def open_engine(url: str) -> sa.Engine:
    """An engine on `url` (`sqlite:///file.db` or `postgresql://…`), with foreign keys enforced and, on SQLite, WAL.

    Raises `DatabaseUnavailable` where the address is not one of a database the registry knows.
    """
    try:
        address = sa.make_url(url)
        backend = address.get_backend_name()
    except (sa.exc.ArgumentError, ValueError):
        raise DatabaseUnavailable("The database address cannot be read.", hint=_ADDRESS_HINT) from None
    if backend in ("postgresql", "postgres"):  # as many write it
        return _open_postgresql(address)
    if backend != "sqlite":
        raise DatabaseUnavailable(f"The registry runs on SQLite or PostgreSQL, not on {backend}.", hint=_ADDRESS_HINT)
    if address.database in (None, "", ":memory:"):
        raise DatabaseUnavailable("The registry needs an SQLite file, not one in memory.", hint=_ADDRESS_HINT)
    arguments = {"check_same_thread": False, "timeout": BUSY, "cached_statements": MOST_PREPARED}
    engine = sa.create_engine(address, connect_args=arguments, hide_parameters=True)
    sa.event.listen(engine, "connect", _prepare_sqlite)
    sa.event.listen(engine, "connect", partial(_remember_file, file_of(engine)))
    sa.event.listen(engine, "begin", _begin_sqlite)
    return _noted(engine)


def open_existing(url: str) -> sa.Engine:
    """The same on a database that is there: SQLite would make an empty one of an address that was mistyped.

    Raises `DatabaseUnavailable` as `open_engine` does, and where there is no file.
    """
    engine = open_engine(url)
    file = file_of(engine)
    if file is not None and not file.exists():
        hint = "Mend REGISTRY_DATABASE_URL or --database-url; `registry serve` or `registry seed` makes a registry."
        raise DatabaseUnavailable(f"There is no database at {file}.", hint=hint)
    return engine


def file_of(engine: sa.Engine) -> Path | None:
    """The file of an SQLite database; None for another."""
    return Path(engine.url.database or "").absolute() if engine.dialect.name == "sqlite" else None


def _open_postgresql(address: sa.URL) -> sa.Engine:
    try:
        engine = sa.create_engine(
            address.set(drivername="postgresql+psycopg"),
            connect_args={} if "connect_timeout" in address.query else {"connect_timeout": CONNECT},
            hide_parameters=True,  # what records hold has no place in a log
            pool_pre_ping=True,
        )
    except ModuleNotFoundError:
        raise DatabaseUnavailable("PostgreSQL needs the driver psycopg, which is not installed.") from None
    sa.event.listen(engine, "do_connect", _connect_postgresql)
    sa.event.listen(engine, "connect", _prepare_postgresql)
    sa.event.listen(engine, "begin", _begin_postgresql)
    return _noted(engine)


def _noted(engine: sa.Engine) -> sa.Engine:
    """The engine, whose statements are counted, and traced where there are traces."""

    def begin(_connection: Any, _cursor: Any, _text: str, _values: Any, context: Any, _many: bool) -> None:
        context.begun = time.perf_counter()

    def end(_connection: Any, _cursor: Any, text: str, _values: Any, context: Any, _many: bool) -> None:
        STATEMENTS.ran(text, context.begun)

    sa.event.listen(engine, "before_cursor_execute", begin)
    sa.event.listen(engine, "after_cursor_execute", end)
    return engine


def _prepare_sqlite(connection: sqlite3.Connection, _record: Any) -> None:
    connection.isolation_level = None  # transactions begin where SQLAlchemy says, so that a read is one snapshot
    connection.execute("PRAGMA foreign_keys = ON")
    _keep_wal(connection)
    connection.execute("PRAGMA synchronous = FULL")


def _remember_file(file: Path | None, _connection: Any, record: Any) -> None:
    record.info[_FILE] = (file, _identity(file))


def is_moved(connection: sa.Connection) -> bool:
    """Whether an SQLite file is not any more where it was when a connection opened it; it is written to all the same.

    What would be recorded then, nobody would find under the name of the registry.
    """
    file, identity = connection.info.get(_FILE, (None, None))
    return identity is not None and identity != _identity(file)


def _identity(file: Path | None) -> tuple[int, int] | None:
    """What tells a file from others of its name; None where there is none."""
    try:
        found = file.stat() if file is not None else None
    except OSError:
        return None
    return None if found is None else (found.st_dev, found.st_ino)


def _keep_wal(connection: sqlite3.Connection) -> None:
    """Turns the write-ahead log on where it is off; SQLite itself does not wait for others who do so just now."""
    until = time.monotonic() + BUSY
    while True:
        try:
            if connection.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
                connection.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as error:
            if not is_held(error) or time.monotonic() > until:
                raise
            time.sleep(0.01)


def _connect_postgresql(dialect: Any, _record: Any, given: Any, named: Any) -> Any:
    """Opens a connection. Raises `DatabaseUnavailable` where the database cannot hold the letters of all countries."""
    connection = dialect.connect(*given, **named)
    encoding = connection.info.parameter_status("server_encoding")
    if encoding not in ("UTF8", None):  # None from a pooler that does not say
        connection.close()
        told = f"PostgreSQL keeps this database in {encoding}, which lacks letters."
        raise DatabaseUnavailable(told, hint="Make a database with ENCODING 'UTF8', and give its address.")
    return connection


def _prepare_postgresql(connection: Any, _record: Any) -> None:
    """Turns off what compiles statements to machine code: it takes seconds for ours, which run for milliseconds.

    PostgreSQL does so where it thinks that a statement runs long, and views that hide records make it think so. It is
    set here and not where the connection is opened, as poolers refuse options there.
    """
    connection.autocommit = True  # else it would hold for a transaction only
    connection.execute("SET jit = off")
    connection.autocommit = False


def _begin_sqlite(connection: sa.Connection) -> None:
    if _writes(connection) and is_moved(connection):
        hint = "Those who run the registry have to put it back, or start the registry anew."
        raise DatabaseUnavailable("The file of the database is not where it was.", hint=hint)
    try:
        connection.exec_driver_sql("BEGIN IMMEDIATE" if _writes(connection) else "BEGIN")
    except sa.exc.OperationalError as error:
        if not (_writes(connection) and isinstance(error.orig, sqlite3.Error) and is_held(error.orig)):
            raise
        raise _held() from None


def _begin_postgresql(connection: sa.Connection) -> None:
    """Lets whoever writes wait for others, as long as on SQLite; what statements wait for afterwards has no bound."""
    if seconds := connection.get_execution_options().get(SECONDS):
        connection.exec_driver_sql(f"SET LOCAL statement_timeout = {max(1, round(seconds * 1_000))}")
    if not _writes(connection):
        return
    connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{BUSY}s'")
    try:
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_WRITERS_LOCK})")
    except sa.exc.OperationalError as error:
        if getattr(error.orig, "sqlstate", None) != _LOCK_NOT_AVAILABLE:
            raise
        raise _held() from None
    connection.exec_driver_sql("SET LOCAL lock_timeout TO DEFAULT")


def _held() -> DatabaseHeld:
    return DatabaseHeld("Somebody else is writing to the registry.", seconds=_AGAIN)


def _writes(connection: sa.Connection) -> bool:
    return bool(connection.get_execution_options().get("registry_writes"))


def open_snapshot(engine: sa.Engine) -> sa.Connection:
    """A connection all of whose reads see the registry at one moment, that of the first of them, until it is closed."""
    connection = engine.connect()
    if engine.dialect.name == "postgresql":
        return connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
    return connection


class as_kept(FunctionElement[Any]):
    """A column to compare where no index of it is to be gone by; on SQLite that also makes days twice as fast.

    It takes the declared type DATE for one of numbers (affinity NUMERIC), and at every row looks for a number in both
    sides. What is made of a column has no type, so that text is compared with text.
    """

    inherit_cache = True

    def __init__(self, column: sa.ColumnElement[Any]) -> None:
        super().__init__(column)
        self.type = column.type


@compiles(as_kept)
def _plain(element: as_kept, compiler: SQLCompiler, **options: Any) -> str:
    return compiler.process(element.clauses, **options)


@compiles(as_kept, "sqlite")
def _without_type(element: as_kept, compiler: SQLCompiler, **options: Any) -> str:
    return f"+{_plain(element, compiler, **options)}"


class behind(sa.TableClause):
    """A table itself, though a connection may have a view of its name: for rows that are seen with what leads to them.

    To make a statement ready, SQLite takes a view apart wherever it is named, which takes longer than to run most; it
    is also where a table has a name of its own. PostgreSQL looks through the view, which shows the same rows.
    """

    inherit_cache = True

    def __init__(self, table: sa.Table) -> None:
        super().__init__(table.name, *(sa.column(each.name, each.type) for each in table.columns))


@compiles(behind)
def _by_name(element: behind, compiler: Any, **options: Any) -> str:
    return str(compiler.visit_table(element, **options))


@compiles(behind, "sqlite")
def _in_main(element: behind, compiler: Any, **options: Any) -> str:
    return f"main.{_by_name(element, compiler, **options)}"


def probed(*conditions: sa.ColumnElement[bool]) -> sa.ColumnElement[bool]:
    """That there is a row of which these hold, where that is asked of few rows, or in one of several ways.

    Where it cannot join them, PostgreSQL finds all such rows beforehand and then looks each one up; with an offset it
    looks for one each time, as SQLite does.
    """
    return sa.select(sa.literal_column("1")).where(*conditions).suffix_with("OFFSET 0", dialect="postgresql").exists()


def batches(keys: Iterable[T], most: int = 500) -> Iterator[list[T]]:
    """Keys by the hundred, within what databases take as parameters of one statement; each once, in their order."""
    ordered = sorted(set(keys))  # type: ignore[type-var]
    return (ordered[start : start + most] for start in range(0, len(ordered), most))


def continue_ids(connection: sa.Connection, table: sa.Table) -> None:
    """Lets the ids that the database gives go on after those that rows brought with them; on SQLite they do anyway."""
    if connection.dialect.name == "postgresql":
        sequence = sa.func.pg_get_serial_sequence(table.name, "id")
        connection.execute(sa.select(sa.func.setval(sequence, sa.select(sa.func.max(table.c.id)).scalar_subquery())))


def highest_id(connection: sa.Connection, table: sa.Table) -> int:
    """The highest id that the database ever gave to a row of a table, or that a row brought with it; 0 for none."""
    if connection.dialect.name == "postgresql":
        statement = "SELECT pg_sequence_last_value(CAST(pg_get_serial_sequence(:name, 'id') AS regclass))"
    else:
        statement = "SELECT seq FROM sqlite_sequence WHERE name = :name"
    return connection.execute(sa.text(statement), {"name": table.name}).scalar() or 0


def migrate(engine: sa.Engine) -> None:
    """Brings the tables to the newest version; where they are of it, nobody who writes is waited for.

    Raises `DatabaseUnavailable` where the database cannot be opened, is none, or was made by a newer version, and
    `DatabaseHeld` where others keep it.
    """
    try:
        with engine.connect() as connection:
            if version_of(connection) == newest_version():
                return
        with _migrating(engine) as connection:
            command.upgrade(migrations_on(connection), "head")
    except sa.exc.DBAPIError as error:
        told = f"The database at {_place(engine)} cannot be used: {cause_of(error)}."
        hint = _RIGHTS_HINT if is_denied(error) else todo_for(error) or _ADDRESS_HINT
        raise DatabaseUnavailable(told, hint=hint) from None
    except CommandError as error:
        told = f"The tables at {_place(engine)} are of a version that is not known here: {error}."
        raise DatabaseUnavailable(told) from None


def _place(engine: sa.Engine) -> str:
    """The address of a database as people write it, without a password."""
    address = engine.url.set(drivername=engine.url.get_backend_name())
    return address.render_as_string(hide_password=True)


@cache
def newest_version() -> str:
    """The version of the newest tables that this code knows."""
    head = ScriptDirectory(str(MIGRATIONS)).get_current_head()
    assert head is not None
    return head


def version_of(connection: sa.Connection) -> str | None:
    """The version of the tables of a database; None where it has none."""
    return MigrationContext.configure(connection).get_current_revision()


def migrations_on(connection: sa.Connection) -> Config:
    """Alembic's configuration, bound to a connection."""
    configuration = Config()
    configuration.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    configuration.set_main_option("file_template", "%%(rev)s_%%(slug)s")
    configuration.attributes["connection"] = connection
    return configuration


@contextmanager
def _migrating(engine: sa.Engine) -> Iterator[sa.Connection]:
    """A transaction that no other writes beside; SQLite checks foreign keys at its end, not within.

    A table that is rebuilt is dropped for a moment, and with foreign keys enforced its rows would pull others down.
    """
    with engine.connect().execution_options(**WRITES) as connection:
        if engine.dialect.name != "sqlite":
            with connection.begin():
                yield connection
            return
        raw: Any = connection.connection.driver_connection
        raw.execute("PRAGMA foreign_keys = OFF")
        try:
            with connection.begin():
                yield connection
                if broken := connection.exec_driver_sql("PRAGMA foreign_key_check").first():
                    raise DatabaseUnavailable(f"A migration left {broken[0]} without the {broken[2]} it names.")
        finally:
            raw.execute("PRAGMA foreign_keys = ON")


def write_migration(message: str) -> Path | None:
    """Writes the migration from the newest version to the tables as the models now are, and returns its file.

    Returns None where the tables are as the models are. The file is to be read before it is committed.
    """
    with tempfile.TemporaryDirectory() as folder:
        engine = open_engine(f"sqlite:///{folder}/empty.db")
        try:
            migrate(engine)
            with engine.begin() as connection:
                return _autogenerate(migrations_on(connection), message)
        finally:
            engine.dispose()


def _autogenerate(configuration: Config, message: str) -> Path | None:
    def only_if_something_changed(_context: Any, _revision: Any, directives: list[Any]) -> None:
        if directives[0].upgrade_ops.is_empty():
            directives.clear()

    made = command.revision(
        configuration,
        message,
        autogenerate=True,
        rev_id=f"{len(list((MIGRATIONS / 'versions').glob('[0-9]*.py'))) + 1:04}",
        process_revision_directives=only_if_something_changed,
    )
    return Path(made.path) if isinstance(made, Script) else None
