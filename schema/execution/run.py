"""Runs plans: each in one read transaction of a connection of its own."""

import asyncio
import sqlite3
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from contextvars import copy_context
from threading import Lock
from time import perf_counter
from typing import Any, TypeVar

import sqlalchemy as sa

from registry.database import DatabaseUnavailable, open_snapshot
from registry.telemetry.noting import STATEMENTS

T = TypeVar("T")
Read = Callable[[str, Any], list[Any]]

#: Threads that read at a time, each on a connection of its own; further reads wait for their turn. Engines have some
#: more connections, for those who write.
MOST_READING = 10


class Reader:
    """Connections to read from: one for short reads on the event loop, others for threads.

    Whatever may take time is read in a thread: heavy plans, PostgreSQL, and SQLite while somebody else has locked it.
    A request that is given up while a thread reads for it leaves the thread to end, which has the connection till then.
    """

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine
        self._sqlite = engine.dialect.name == "sqlite"
        self._loop: sa.Connection | None = None
        self._raw: sqlite3.Connection | None = None
        self._lock = Lock()
        self._threads: ThreadPoolExecutor | None = None

    async def run(self, work: Callable[[Read], T], heavy: bool) -> T:
        """What `work` makes of a function that reads rows, all of them of one moment.

        It may be called again from the beginning. Raises `DatabaseUnavailable` where the database cannot be read now.
        """
        if self._sqlite and not heavy:
            await self.open()
            try:
                return self._short(work)
            except sqlite3.OperationalError as error:
                if not _is_locked(error):
                    raise
        return await self._in_thread(lambda: self._apart(work))

    async def select(self, statement: sa.Select[Any]) -> Sequence[sa.Row[Any]]:
        """The rows of a statement, as of what was committed last. Raises `DatabaseUnavailable`."""

        def rows() -> Sequence[sa.Row[Any]]:
            with open_snapshot(self._engine) as connection, connection.begin():
                return connection.execute(statement).all()

        return await self._in_thread(rows)

    async def version(self) -> int | None:
        """A number that changes whenever anything is committed to the database; None where reading it is not cheap.

        SQLite counts for each connection the commits of all others, and this one never writes.
        """
        if not self._sqlite:
            return None
        await self.open()
        with self._lock:
            try:
                assert self._raw is not None
                ((number,),) = self._raw.execute("PRAGMA data_version")
            except sqlite3.Error:
                self._leave()
                raise
        return int(number)

    def close(self) -> None:
        """Closes what is open."""
        self._leave()
        if self._threads is not None:
            self._threads.shutdown(wait=False)
            self._threads = None

    # ── On the event loop ─────────────────────────────────────────────────────────────────────────

    def _short(self, work: Callable[[Read], T]) -> T:
        """On the event loop: a switch of threads would take longer than the reading."""
        with self._lock:
            try:
                raw = self._raw
                assert raw is not None
                raw.execute("BEGIN")
                try:
                    return work(_timed(lambda text, values: raw.execute(text, values).fetchall()))
                finally:
                    raw.execute("COMMIT")
            except sqlite3.Error:  # the next request opens another connection
                self._leave()
                raise

    async def open(self) -> None:
        """Opens the connection of the event loop, unless it is open. Raises `DatabaseUnavailable`."""
        if self._raw is None:
            await self._in_thread(self._connect)

    def _connect(self) -> None:
        with self._lock:
            if self._raw is None:
                self._loop = self._engine.connect()
                raw: Any = self._loop.connection.driver_connection
                self._loop.detach()
                raw.execute("PRAGMA busy_timeout = 0")  # what is locked is waited for in a thread
                self._raw = raw

    def _leave(self) -> None:
        if self._loop is not None:
            self._loop.close()
        self._loop = self._raw = None

    # ── In threads ────────────────────────────────────────────────────────────────────────────────

    async def _in_thread(self, work: Callable[[], T]) -> T:
        if self._threads is None:
            self._threads = ThreadPoolExecutor(MOST_READING, "registry-read")
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, copy_context().run, work)
        except sa.exc.SQLAlchemyError as error:
            raise self._told(error) from error

    def _apart(self, work: Callable[[Read], T]) -> T:
        """In a thread, on a connection from the pool."""
        with open_snapshot(self._engine) as connection, connection.begin():
            raw: Any = connection.connection.driver_connection
            with closing(raw.cursor()) as cursor:

                def read(text: str, values: Any) -> list[Any]:
                    try:
                        return list(cursor.execute(text, values or ()).fetchall())
                    except self._engine.dialect.loaded_dbapi.Error as error:
                        raise self._told(error) from error

                return work(_timed(read))

    def _told(self, error: Exception) -> Exception:
        """The error, or in its place that the database is out of reach."""
        cause: Any = error.orig if isinstance(error, sa.exc.DBAPIError) else error
        away = isinstance(error, sa.exc.TimeoutError) or (
            isinstance(cause, self._engine.dialect.loaded_dbapi.OperationalError)
            and getattr(cause, "sqlite_errorcode", None) != sqlite3.SQLITE_ERROR  # which is a fault of the statement
        )
        if not away:
            return error
        return DatabaseUnavailable("The registry cannot be read at the moment.", hint="Ask again in a moment.")


def _timed(read: Read) -> Read:
    """What reads rows, and notes how long each statement took."""

    def timed(text: str, values: Any) -> list[Any]:
        begun = perf_counter()
        try:
            return read(text, values)
        finally:
            STATEMENTS.ran(text, begun)

    return timed


def _is_locked(error: sqlite3.Error) -> bool:
    return error.sqlite_errorcode & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
