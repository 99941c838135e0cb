"""Lanes for work that takes long: threads of which only some run, and a queue that only so many may stand in.

The smallest piece goes first, so that an honest page does not stand behind a few huge ones, though no piece lets those
pass for ever that come after it; and on the event loop only one piece that is not tiny is done between two looks at
who else has asked.
"""

import asyncio
import contextvars
import heapq
import math
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from itertools import count
from threading import Lock
from typing import Any, TypeVar

from registry.errors import DeadlineExceeded, Overloaded, RegistryError
from schema.execution.budget import BUDGET, Budget
from schema.execution.watch import WATCH, Watch

T = TypeVar("T")

#: Seconds after which whoever was turned away may ask again.
AGAIN = 2


#: Seconds after which work that was stopped and goes on is stopped again.
UNTIL_AGAIN = 0.2

#: Size by which a piece is one second later than a tiny one that came with it, and the most seconds that it lets pass
#: before it: fewer than a request has, so that no flood of tiny ones keeps it from its turn.
PER_SECOND, MOST_LATER = 5_000, 15.0


class Abandoned(DeadlineExceeded):
    """Whoever asked has gone; nobody will read the answer."""


class Lane:
    """Threads that work for requests: so many at a time, while so many wait.

    An answer may take `seconds` where its request does not say, each statement for it `statement_seconds`.
    """

    def __init__(self, name: str, threads: int, waiting: int, seconds: float, statement_seconds: float) -> None:
        self._name, self._threads, self._most = name, threads, waiting
        self._seconds, self._statement_seconds = seconds, statement_seconds
        self._free, self._lock, self._numbers = threads, Lock(), count()
        self._waiting: list[tuple[float, int, asyncio.AbstractEventLoop, asyncio.Future[None]]] = []
        self._pool: ThreadPoolExecutor | None = None
        self._stopping: set[asyncio.Task[None]] = set()

    @property
    def waiting(self) -> int:
        """Pieces of work that wait for their turn."""
        return sum(not turn.done() for *_, turn in list(self._waiting))

    async def run(self, work: Callable[[], T], size: float | None = None, *, whole: bool = False) -> T:
        """What some work gives, done in a thread when its turn comes; its size is what its request costs, if not given.

        With `whole` it is not given up any more once it has begun.

        Raises `Overloaded` where too many wait, `DeadlineExceeded` where it takes too long, and `Abandoned` where its
        client has gone: it is then stopped at what it reads.
        """
        budget = BUDGET.get()
        until = time.monotonic() + self._seconds if budget is None or budget.until is None else budget.until
        async with Attention(budget) as attention:
            size = size if size is not None else budget.points if budget else 0
            await self._turn(size, until, attention)
            return await self._done(work, math.inf if whole else until, Attention(None) if whole else attention)

    def close(self) -> None:
        """Lets the threads end."""
        if self._pool is not None:
            self._pool.shutdown(wait=False)
            self._pool = None

    # ── Waiting ───────────────────────────────────────────────────────────────────────────────────

    async def _turn(self, size: float, until: float, attention: "Attention") -> None:
        with self._lock:
            if self._free:
                self._free -= 1
                return
            self._waiting = [each for each in self._waiting if not each[3].done()]
            if len(self._waiting) >= self._most:
                raise Overloaded("As many questions wait for their answer as may wait.", seconds=AGAIN)
            loop = asyncio.get_running_loop()
            turn: asyncio.Future[None] = loop.create_future()
            heapq.heapify(self._waiting)
            due = time.monotonic() + min(size / PER_SECOND, MOST_LATER)
            heapq.heappush(self._waiting, (due, next(self._numbers), loop, turn))
        try:
            if not await attention.to(turn, until - time.monotonic()):
                raise late()
        except BaseException:
            if turn.done() and not turn.cancelled():
                self._leave()
            turn.cancel()
            raise

    def _leave(self, _done: object = None) -> None:
        """Gives a thread that is free to the smallest piece that waits; in whatever thread."""
        with self._lock:
            while self._waiting:
                _, _, loop, turn = heapq.heappop(self._waiting)
                with suppress(RuntimeError):  # a loop that has ended
                    loop.call_soon_threadsafe(self._give, turn)
                    return
            self._free += 1

    def _give(self, turn: "asyncio.Future[None]") -> None:
        if turn.done():  # given up meanwhile
            self._leave()
        else:
            turn.set_result(None)

    # ── Working ───────────────────────────────────────────────────────────────────────────────────

    async def _done(self, work: Callable[[], T], until: float, attention: "Attention") -> T:
        watch, context = Watch(), contextvars.copy_context()
        context.run(WATCH.set, watch)
        try:
            if self._pool is None:
                self._pool = ThreadPoolExecutor(self._threads, self._name)
            running: Future[T] = self._pool.submit(context.run, work)
        except BaseException:
            self._leave()
            raise
        running.add_done_callback(self._leave)
        result = asyncio.wrap_future(running)
        result.add_done_callback(take)
        try:
            while not await attention.to(result, self._next_look(watch, until)):
                if self._is_late(watch, until):
                    raise late()
            return result.result()
        except (RegistryError, asyncio.CancelledError) as why:
            if not running.done():
                result.cancel()
                stopping = asyncio.create_task(_stop(watch, why, running))
                self._stopping.add(stopping)
                stopping.add_done_callback(self._stopping.discard)
            raise

    def _next_look(self, watch: Watch, until: float) -> float:
        now, begun = time.monotonic(), watch.begun
        return max(0.0, min(until, (begun or now) + self._statement_seconds) - now)

    def _is_late(self, watch: Watch, until: float) -> bool:
        now, begun = time.monotonic(), watch.begun
        return now >= until or (begun is not None and now >= begun + self._statement_seconds)


async def _stop(watch: Watch, why: BaseException, running: Future[Any]) -> None:
    """Stops some work, again and again until it has ended: an interruption just before a statement begins is lost."""
    while not running.done():
        with suppress(Exception):  # of a connection that has been closed meanwhile
            await asyncio.to_thread(watch.stop, why)
        await asyncio.sleep(UNTIL_AGAIN)


class Attention:
    """Waits for something, and meanwhile minds whether the client is still there."""

    def __init__(self, budget: Budget | None) -> None:
        self._budget = budget
        self._gone: asyncio.Future[Any] | None = None

    async def __aenter__(self) -> "Attention":
        if self._budget is not None and self._budget.hung_up is not None:
            self._gone = asyncio.ensure_future(self._budget.hung_up())
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._gone is not None:
            self._gone.cancel()

    async def to(self, thing: "asyncio.Future[Any]", seconds: float) -> bool:
        """Whether a thing is done within so many seconds. Raises `Abandoned`."""
        meant = {thing} if self._gone is None else {thing, self._gone}
        timeout = seconds if math.isfinite(seconds) else None
        await asyncio.wait(meant, timeout=timeout, return_when=asyncio.FIRST_COMPLETED)
        if not thing.done() and self._gone is not None and self._gone.done():
            raise Abandoned("Whoever asked has gone.", seconds=AGAIN)
        return thing.done()


def take(result: "asyncio.Future[Any]") -> None:
    """Takes what became of something, lest asyncio complain where whoever waited is cancelled as it fails."""
    if not result.cancelled():
        result.exception()


def late() -> DeadlineExceeded:
    """Why an answer is given up that has taken its time."""
    hint = "Ask for less at once: smaller pages, or several queries."
    return DeadlineExceeded("The answer took longer than it may, and was given up.", seconds=AGAIN, hint=hint)


class Turns:
    """Pieces of work on the event loop that are not tiny: one of them between two looks at who else has asked."""

    def __init__(self) -> None:
        self._taken = False
        self._waiting: deque[asyncio.Future[None]] = deque()

    async def next(self) -> None:
        """Waits until it is one's turn; what follows must not wait for anything."""
        loop = asyncio.get_running_loop()
        if self._taken:
            turn: asyncio.Future[None] = loop.create_future()
            self._waiting.append(turn)
            await turn
        else:
            self._taken = True
            loop.call_soon(self._over, loop)

    def _over(self, loop: asyncio.AbstractEventLoop) -> None:
        while self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_result(None)
                loop.call_soon(self._over, loop)
                return
        self._taken = False
