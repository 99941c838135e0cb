"""What a resolver receives: the database as one snapshot, the legal day, and loaders that read for many at once."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Hashable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, TypeVar
from weakref import WeakKeyDictionary
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from strawberry.dataloader import DataLoader

from registry.access import ANYONE, Actor
from registry.database import open_snapshot
from registry.following import Follower
from registry.history import RegistryState, table_behind
from registry.repeats import Repeatable
from registry.settings import Settings
from registry.visibility import viewing

T = TypeVar("T")

#: Read transactions that are open at a time, the others waiting for their turn; engines have some more connections.
MOST_READING = 10
_READING: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Semaphore] = WeakKeyDictionary()


@dataclass(frozen=True)
class Moment:
    """The legal day that answers hold for. `pinned` is true inside `at`, where records carry the day in their id."""

    day: date
    pinned: bool = False


@dataclass
class Viewed:
    """A row as it is seen at a moment."""

    row: Any
    moment: Moment


@dataclass
class Stream:
    """A subscription that is being answered.

    `after` is the cursor to resume it from, before what the operation itself says; `cursor` that of what is being told.
    """

    follower: Follower
    after: str | None = None
    cursor: str | None = None


class Context:
    """One request's view of the registry: who asks, and one read transaction from the first read until `close`.

    What is read is what the actor may see. `engine` itself sees everything, and is for writing.
    """

    def __init__(
        self, engine: sa.Engine, settings: Settings, actor: Actor = ANYONE, stream: Stream | None = None
    ) -> None:
        self.engine = engine
        self.settings = settings
        self.actor = actor
        self.stream = stream
        #: What the request is known by where it comes again, and whether anything was to be written by it.
        self.repeatable: Repeatable | None = None
        self.wrote = False
        self.home: str = settings.home_country
        self.today = self._today()
        self._connection: sa.Connection | None = None
        self._reads = self._closed = False
        self._turn = asyncio.Lock()
        self._loaders: dict[Hashable, DataLoader[Any, Any]] = {}

    async def read(self, statement: sa.Executable) -> Sequence[sa.Row[Any]]:
        """The rows of a statement."""
        return await self.call(lambda connection: connection.execute(statement).all())

    async def call(self, work: Callable[[sa.Connection], T]) -> T:
        """What `work` makes of the connection, in a thread of its own so that other requests go on meanwhile."""
        async with self._turn:
            if self._closed:  # a field whose neighbour was refused may still be reading when the answer has gone out
                raise asyncio.CancelledError
            if not self._reads:
                await _reading().acquire()
                self._reads = True
            return await _finished(asyncio.to_thread(self._call, work))

    def _call(self, work: Callable[[sa.Connection], T]) -> T:
        if self._connection is None:
            self._connection = open_snapshot(viewing(self.engine, self.actor.audiences))
        return work(self._connection)

    def load(
        self, name: Hashable, key: Hashable, batch: Callable[[list[Any]], Awaitable[dict[Any, Any]]]
    ) -> Awaitable[Any]:
        """What `batch` gives for `key`, asked together with the other keys that come up under the same `name`."""
        if name not in self._loaders:

            async def load_all(keys: list[Any]) -> list[Any]:
                found = await batch(keys)
                return [found.get(key) for key in keys]

            self._loaders[name] = DataLoader(load_fn=load_all)
        # A field that is given up because its neighbour was refused must not take along others that wait for the same.
        return asyncio.shield(self._loaders[name].load(key))

    async def state(self) -> sa.Row[Any]:
        """How current the registry is, and the key that cursors are signed with."""
        table = table_behind(RegistryState)

        async def batch(keys: list[Any]) -> dict[Any, Any]:
            return {row.id: row for row in await self.read(sa.select(table))}

        row: sa.Row[Any] = await self.load(RegistryState, 1, batch)
        return row

    async def renew(self) -> None:
        """Lets what is read from now on see what has been committed meanwhile, on the day that it is meanwhile."""
        async with self._turn:
            self.today = self._today()
            self._loaders = {}
            await self._end()

    async def close(self) -> None:
        """Ends the read transaction."""
        async with self._turn:
            self._closed = True
            await self._end()

    def _today(self) -> date:
        return datetime.now(ZoneInfo(self.settings.time_zone)).date()

    async def _end(self) -> None:
        try:
            if self._connection is not None:
                await _finished(asyncio.to_thread(self._connection.close))
        finally:
            self._connection = None
            if self._reads:
                self._reads = False
                _reading().release()


def _reading() -> asyncio.Semaphore:
    return _READING.setdefault(asyncio.get_running_loop(), asyncio.Semaphore(MOST_READING))


async def _finished(work: Coroutine[Any, Any, T]) -> T:
    """What comes of a thread's work. Where nobody wants it any more it is waited for still: it has the connection."""
    begun = asyncio.ensure_future(work)
    try:
        return await asyncio.shield(begun)
    except asyncio.CancelledError:
        await asyncio.wait([begun])
        if not begun.cancelled():
            begun.exception()  # nobody asks for it, which is no fault
        raise
