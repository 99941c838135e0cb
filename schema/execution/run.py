"""Runs plans: each in one read transaction of a connection of its own."""

import asyncio
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from threading import Lock
from typing import Any, TypeVar

import sqlalchemy as sa

from registry.database import open_snapshot

T = TypeVar("T")
Read = Callable[[str, Any], list[Any]]


#: Threads that read at a time, each on a connection of its own; further reads wait for their turn. Engines have some
#: more connections, for those who write.
MOST_READING = 10


class Reader:
    """Connections to read from: one for short reads on the event loop, others for threads.

    A request that is given up while a thread reads for it leaves the thread to end, which has the connection till then.
    """

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine
        self._loop: sa.Connection | None = None
        self._lock = Lock()
        self._threads: ThreadPoolExecutor | None = None

    async def run(self, work: Callable[[Read], T], heavy: bool) -> T:
        """What `work` makes of a function that reads rows, all of them of one moment."""
        if self._engine.dialect.name == "sqlite" and not heavy:
            return self._short(work)
        return await self._in_thread(lambda: self._apart(work))

    async def select(self, statement: sa.Select[Any]) -> Sequence[sa.Row[Any]]:
        """The rows of a statement, as of what was committed last."""

        def rows() -> Sequence[sa.Row[Any]]:
            with open_snapshot(self._engine) as connection, connection.begin():
                return connection.execute(statement).all()

        return await self._in_thread(rows)

    async def _in_thread(self, work: Callable[[], T]) -> T:
        if self._threads is None:
            self._threads = ThreadPoolExecutor(MOST_READING, "registry-read")
        return await asyncio.get_running_loop().run_in_executor(self._threads, work)

    def version(self) -> int | None:
        """A number that changes whenever anything is committed to the database; None where reading it is not cheap.

        SQLite counts for each connection the commits of all others, and this one never writes.
        """
        if self._engine.dialect.name != "sqlite":
            return None
        with self._lock, self._replacing():
            ((number,),) = self._raw().execute("PRAGMA data_version").fetchall()
        return int(number)

    def _raw(self) -> Any:
        if self._loop is None:
            self._loop = self._engine.connect()
        return self._loop.connection.driver_connection

    def _short(self, work: Callable[[Read], T]) -> T:
        """On the event loop: a switch of threads would take longer than the reading."""
        with self._lock, self._replacing():
            raw = self._raw()
            raw.execute("BEGIN")
            try:
                return work(lambda text, values: raw.execute(text, values).fetchall())
            finally:
                raw.execute("COMMIT")

    @contextmanager
    def _replacing(self) -> Iterator[None]:
        """Gives up the connection after an error; the next request opens another."""
        try:
            yield
        except sqlite3.Error:
            self._leave()
            raise

    def _apart(self, work: Callable[[Read], T]) -> T:
        """In a thread, on a connection from the pool."""
        with open_snapshot(self._engine) as connection, connection.begin():
            raw: Any = connection.connection.driver_connection
            with closing(raw.cursor()) as cursor:
                return work(lambda text, values: cursor.execute(text, values or ()).fetchall())

    def _leave(self) -> None:
        if self._loop is not None:
            self._loop.close()
            self._loop = None

    def close(self) -> None:
        """Closes what is open."""
        self._leave()
        if self._threads is not None:
            self._threads.shutdown(wait=False)
            self._threads = None
