"""Runs plans: each in one read transaction of a connection of its own."""

import asyncio
from collections.abc import Callable
from threading import Lock
from typing import Any, TypeVar

import sqlalchemy as sa

from registry.database import open_snapshot

T = TypeVar("T")
Read = Callable[[str, Any], list[Any]]


class Reader:
    """Connections to read from: one for short reads on the event loop, others for threads."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine
        self._loop: sa.Connection | None = None
        self._lock = Lock()

    async def run(self, work: Callable[[Read], T], plan: Any) -> T:
        """What `work` makes of a function that reads rows, all of them of one moment."""
        if self._engine.dialect.name == "sqlite":
            return self._short(work)
        return await asyncio.to_thread(self._apart, work)

    def _short(self, work: Callable[[Read], T]) -> T:
        with self._lock:
            if self._loop is None:
                self._loop = self._engine.connect()
            raw: Any = self._loop.connection.driver_connection
            cursor = raw.cursor()
            cursor.execute("BEGIN")
            try:
                return work(lambda text, values: cursor.execute(text, values).fetchall())
            finally:
                cursor.execute("COMMIT")
                cursor.close()

    def _apart(self, work: Callable[[Read], T]) -> T:
        with open_snapshot(self._engine) as connection:
            connection.begin()
            raw: Any = connection.connection.driver_connection
            with raw.cursor() as cursor:
                return work(lambda text, values: cursor.execute(text, values or None).fetchall())

    def close(self) -> None:
        """Closes what is open."""
        if self._loop is not None:
            self._loop.close()
            self._loop = None
