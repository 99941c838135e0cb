"""Learns when the log of changes has grown, whichever process has written to it."""

import asyncio
import contextlib
import logging
from typing import Any

import sqlalchemy as sa

from registry.history import CHANNEL

LOG = logging.getLogger("registry.following")

#: Seconds between two looks at an SQLite file, each of which costs some microseconds.
POLL = 0.025

#: Seconds after which PostgreSQL is asked even where it has told nothing: a pooler in between may keep it from telling.
PATIENCE = 5.0

#: Seconds until another try where the database cannot be followed.
RETRY = 1.0

#: Seconds that following goes on for when nobody waits.
REST = 1.0

_END = "SELECT sequence FROM registry_state"


class Follower:
    """Follows the log of one database, for all who wait for it in this process, and only while somebody does."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine
        self._end = 0
        self._waiting: set[asyncio.Future[None]] = set()
        self._wanted_until = 0.0
        self._task: asyncio.Task[None] | None = None
        self._failing = False

    @property
    def waiting(self) -> int:
        """How many wait."""
        return len(self._waiting)

    async def beyond(self, position: int) -> int:
        """The position of the last change in the log, as soon as it is beyond this one.

        It is before this one where the log has been put back meanwhile, as by a copy from before.
        """
        loop = asyncio.get_running_loop()
        while self._end <= position:
            if self._task is None or self._task.done():
                self._task = loop.create_task(self._follow())
            told: asyncio.Future[None] = loop.create_future()
            self._waiting.add(told)
            try:
                await told
            finally:
                self._waiting.discard(told)
                self._wanted_until = loop.time() + REST
            if self._end < position:
                break
        return self._end

    async def close(self) -> None:
        """Ends the following."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    def _wanted(self) -> bool:
        return bool(self._waiting) or asyncio.get_running_loop().time() < self._wanted_until

    def _tell(self, row: Any) -> None:
        """Wakes whoever waits, where the log has another end."""
        self._failing = False
        if row is not None and row[0] != self._end:
            self._end = int(row[0])
            for told in self._waiting:
                if not told.done():
                    told.set_result(None)

    async def _follow(self) -> None:
        while self._wanted():
            try:
                await (self._poll() if self._engine.dialect.name == "sqlite" else self._listen())
            except Exception:
                LOG.log(
                    logging.DEBUG if self._failing else logging.ERROR,
                    "The log of changes cannot be followed; trying again until it can.",
                    exc_info=True,
                )
                self._failing = True
                await asyncio.sleep(RETRY)

    async def _poll(self) -> None:
        """SQLite counts for each connection what all others have committed."""
        with self._engine.connect() as connection:
            raw: Any = connection.connection.driver_connection
            seen = None
            while self._wanted():
                (version,) = raw.execute("PRAGMA data_version").fetchone()
                if version != seen:
                    seen = version
                    self._tell(raw.execute(_END).fetchone())
                await asyncio.sleep(POLL)

    async def _listen(self) -> None:
        """PostgreSQL tells each connection that listens, when the transaction that wrote has been committed."""
        from psycopg import AsyncConnection

        _, given = self._engine.dialect.create_connect_args(self._engine.url)
        async with await AsyncConnection.connect(**given, autocommit=True) as connection:
            await connection.execute(f"LISTEN {CHANNEL}")
            while self._wanted():
                self._tell(await (await connection.execute(_END)).fetchone())
                async for _ in connection.notifies(timeout=PATIENCE, stop_after=1):
                    pass
