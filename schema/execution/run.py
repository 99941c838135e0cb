"""Runs plans: each in one read transaction of a connection of its own."""

import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from threading import Lock
from time import perf_counter
from typing import Any, TypeVar

import sqlalchemy as sa

from registry.away import code_of, is_away, is_held, unreached
from registry.database import open_snapshot
from registry.settings import Settings
from registry.telemetry.noting import STATEMENTS
from schema.execution.budget import BUDGET
from schema.execution.connections import Connections, Together, driven, opened
from schema.execution.kept import Kept
from schema.execution.lanes import Lane, Turns
from schema.execution.watch import watched

T = TypeVar("T")
Read = Callable[[str, Any], list[Any]]

#: What reads: given a function that reads rows and, where there is one, what was kept of the version that it reads.
Work = Callable[[Read, Kept | None], T]

#: Threads that read at a time what does not take long, each on a connection of its own; further reads wait for their
#: turn. Engines have some more connections, for those who write.
MOST_READING = 8

#: Short reads that may wait for one of these threads.
MOST_WAITING = 1_000

#: Points up to which a read is tiny: it waits for no turn.
TINY = 40

#: Points up to which what takes long does not take very long.
MIDDLING = 3_000

#: Instructions of SQLite after which a statement is looked at, and how often it is until it is no short one: then it
#: has taken some ten milliseconds.
LOOK_EVERY, MOST_LOOKS = 10_000, 50


#: Bytes of the database that the event loop's connection may hold: what is there need not be fetched for each answer.
CACHED = 32 * 1_024 * 1_024


class TooLong(Exception):
    """A read took longer than the event loop should wait; it is to be done in a thread, from the beginning."""


class Several(Exception):
    """A read took more than one statement; it is to be done from the beginning, in a transaction."""


class Lanes:
    """Where the readers of one registry read: a lane for what takes long, one for what does not, and the event loop.

    What takes long is read, and trees are walked by GraphQL, in one lane up to a certain cost and in another beyond, so
    that no honest page stands behind a huge one. Documents are read and plans made in lanes of their own, one for those
    that are short, and changes written in another. Few threads are best: all compute in turn, and the event loop has to
    wait for whoever does.
    """

    def __init__(self, settings: Settings) -> None:
        times = (settings.request_seconds, settings.statement_seconds)
        self.middle = Lane("registry-middle", settings.heavy_reads, settings.heavy_waiting_max, *times)
        self.heavy = Lane("registry-heavy", settings.heavy_reads, settings.heavy_waiting_max, *times)
        self.short = Lane("registry-read", MOST_READING, MOST_WAITING, *times)
        self.brief = Lane("registry-brief", 1, settings.heavy_waiting_max, *times)
        self.making = Lane("registry-plan", 1, settings.heavy_waiting_max, *times)
        self.writing = Lane("registry-write", 1, settings.writes_waiting_max, *times)
        self.turns = Turns()
        self.connections = Together()
        self._named = {
            "heavy": self.heavy,
            "middle": self.middle,
            "short": self.short,
            "brief": self.brief,
            "making": self.making,
            "writing": self.writing,
        }

    def waiting(self) -> dict[str, int]:
        """How many pieces of work wait in each lane, by its name."""
        return {name: lane.waiting for name, lane in self._named.items()}

    def long(self) -> Lane:
        """The lane for what takes long and costs what the request that is being answered costs."""
        budget = BUDGET.get()
        return self.middle if budget is not None and budget.points <= MIDDLING else self.heavy

    def close(self) -> None:
        """Lets the threads end."""
        for lane in self._named.values():
            lane.close()


class Reader:
    """Connections to read from: one for short reads on the event loop, others for threads.

    Whatever may take time is read in a thread: heavy plans, PostgreSQL, and SQLite while somebody else has locked it.
    A read that is given up is interrupted, and its thread has the connection till then.
    """

    def __init__(self, engine: sa.Engine, lanes: Lanes | None = None, kept: Kept | None = None) -> None:
        self._engine = engine
        self._lanes = lanes or Lanes(Settings())
        self._connections = Connections(engine, self._lanes.connections)
        self._sqlite = engine.dialect.name == "sqlite"
        self.kept = Kept(0) if kept is None else kept
        self._loop: sa.Connection | None = None
        self._raw: sqlite3.Connection | None = None
        self._lock = Lock()
        self._looks = 0

    async def run(self, work: Work[T], heavy: bool, alone: bool = False, keeps: bool = False) -> T:
        """What `work` makes of a function that reads rows, all of them of one moment.

        It may be called again from the beginning. With `alone` one statement is thought to be enough, which needs no
        transaction. With `keeps` it is given what has been kept of the same version, where that can be told. Raises
        `DatabaseUnavailable` where the database cannot be read now, `TooLong` where what was not thought to be heavy
        is, `Several` where one statement may not be enough, and `TurnedAway` where there is no time for it.
        """
        if self._sqlite and not heavy:
            if self._raw is None:
                await self.open()
            budget = BUDGET.get()
            if budget is not None and budget.points > TINY:
                await self._lanes.turns.next()
            try:
                return self._short(work, alone, keeps)
            except sqlite3.OperationalError as error:
                if code_of(error) == sqlite3.SQLITE_INTERRUPT:
                    raise TooLong from None
                if not is_held(error):
                    raise
        lane = self._lanes.long() if heavy else self._lanes.short
        return await self._in_thread(lambda: self._apart(work, alone), lane)

    async def select(self, statement: sa.Select[Any]) -> Sequence[sa.Row[Any]]:
        """The rows of a statement, as of what was committed last. Raises `DatabaseUnavailable`."""

        def rows() -> Sequence[sa.Row[Any]]:
            with open_snapshot(self._engine) as connection, connection.begin():
                return connection.execute(statement).all()

        return await self._in_thread(rows, self._lanes.short)

    async def version(self) -> int | None:
        """A number that changes whenever anything is committed to the database; None where reading it is not cheap.

        SQLite counts for each connection the commits of all others, and this one never writes.
        """
        if not self._sqlite:
            return None
        if self._raw is None:
            await self.open()
        with self._lock:
            try:
                assert self._raw is not None
                return _version(self._raw)
            except sqlite3.Error:
                self._leave()
                raise

    def close(self) -> None:
        """Closes what is open."""
        self._leave()
        self._connections.close()

    # ── On the event loop ─────────────────────────────────────────────────────────────────────────

    def _short(self, work: Work[T], alone: bool, keeps: bool) -> T:
        """On the event loop: a switch of threads would take longer than the reading."""
        with self._lock:
            try:
                raw = self._raw
                assert raw is not None
                self._looks = 0
                once = alone and not keeps
                read = _noted(lambda text, values: raw.execute(text, values).fetchall(), once)
                if once:
                    return work(read, None)
                raw.execute("BEGIN")
                try:
                    return work(read, self.kept.at(_version(raw)) if keeps else None)
                finally:
                    raw.execute("COMMIT")
            except sqlite3.Error as error:
                if code_of(error) != sqlite3.SQLITE_INTERRUPT:
                    self._leave()  # the next request opens another connection
                raise

    def _look(self) -> bool:
        """Whether a statement on the event loop is to be broken off: SQLite asks every so many instructions."""
        self._looks += 1
        return self._looks > MOST_LOOKS

    async def open(self) -> None:
        """Opens the connection of the event loop, where there is to be one. Raises `DatabaseUnavailable`."""
        if self._raw is None and self._sqlite:
            await self._in_thread(self._connect, self._lanes.short, whole=True)

    def _connect(self) -> None:
        with self._lock:
            if self._raw is None:
                self._loop = opened(self._engine)
                raw = driven(self._loop)
                raw.execute("PRAGMA busy_timeout = 0")  # what is locked is waited for in a thread
                raw.execute(f"PRAGMA cache_size = -{CACHED // 1_024}")
                raw.set_progress_handler(self._look, LOOK_EVERY)
                self.kept.clear()  # each connection counts versions by itself
                self._raw = raw

    def _leave(self) -> None:
        if self._loop is not None:
            self._loop.close()
        self._loop = self._raw = None

    # ── In threads ────────────────────────────────────────────────────────────────────────────────

    async def _in_thread(self, work: Callable[[], T], lane: Lane, whole: bool = False) -> T:
        try:
            return await lane.run(work, whole=whole)
        except (sa.exc.SQLAlchemyError, self._engine.dialect.loaded_dbapi.Error) as error:
            raise self._told(error) from error

    def _apart(self, work: Work[T], alone: bool) -> T:
        """In a thread, on a connection that nobody else reads from meanwhile."""
        watch = watched()
        with self._connections.reading(alone) as raw, closing(raw.cursor()) as cursor, watch.over(raw):

            def read(text: str, values: Any) -> list[Any]:
                try:
                    return watch.rows(cursor, text, values)
                except self._engine.dialect.loaded_dbapi.Error as error:
                    raise self._told(error) from error

            return work(_noted(read, alone), None)

    def _told(self, error: Exception) -> Exception:
        """The error, or in its place that the database is out of reach."""
        return unreached(error) if is_away(error) else error


def _version(raw: sqlite3.Connection) -> int:
    """The number of commits of others that a connection has seen."""
    ((number,),) = raw.execute("PRAGMA data_version")
    return int(number)


def _noted(read: Read, once: bool) -> Read:
    """What reads rows, and notes how long each statement took; with `once` it raises `Several` for a second one."""
    any_before = False

    def noted(text: str, values: Any) -> list[Any]:
        nonlocal any_before
        if any_before and once:
            raise Several
        any_before, begun = True, perf_counter()
        try:
            return read(text, values)
        finally:
            STATEMENTS.ran(text, begun)

    return noted
