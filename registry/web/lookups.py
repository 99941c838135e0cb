"""What a request needs from the database before anybody can answer it: who asks, and whether it was answered before."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from functools import partial
from typing import TypeVar

import sqlalchemy as sa

from registry.away import warn
from registry.database import SECONDS
from registry.errors import DatabaseUnavailable

T = TypeVar("T")

#: Look-ups done at a time: each is one row, found by its key.
MOST_LOOKING = 4

#: Seconds after its own bound that the database has to say why it gave up.
GRACE = 0.5


class Lookups:
    """Threads of their own for look-ups, so that nothing else stands behind them where the database does not answer.

    `engine` lets PostgreSQL itself give up a statement after `seconds`, which frees the thread and the connection.
    """

    def __init__(self, engine: sa.Engine, seconds: float) -> None:
        self.engine = engine.execution_options(**{SECONDS: seconds})
        self._seconds = seconds
        self._pool = ThreadPoolExecutor(MOST_LOOKING, "registry-door")

    async def run(self, look_up: Callable[..., T], *given: object) -> T:
        """What is found by `look_up` with the engine and what is given. Raises `DatabaseUnavailable` where that lasts.

        What has not begun by then is never begun.
        """
        found = asyncio.wrap_future(self._pool.submit(copy_context().run, partial(look_up, self.engine, *given)))
        try:
            return await asyncio.wait_for(found, self._seconds + GRACE)
        except TimeoutError:
            if not found.cancelled():  # it was another's
                raise
            warn(f"The database has not answered for {self._seconds:g} s.")
            told = "The database does not answer at the moment."
            raise DatabaseUnavailable(told, hint="Ask again in a moment.") from None

    def close(self) -> None:
        """Lets the threads end."""
        self._pool.shutdown(wait=False, cancel_futures=True)
