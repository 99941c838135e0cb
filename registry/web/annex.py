"""The annex: a second process, in which queries are answered that take long, so that short ones never wait for them.

Python computes in one thread of a process at a time; whoever answers a small question would wait for whoever works on a
large one. The annex is started by the server, stands back behind it, and ends with it. Where it has grown and nobody
asks, another takes its place, which gives its memory back. While there is none, the server does all by itself.
"""

import asyncio
import logging
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from itertools import count
from pathlib import Path
from typing import Any

from registry.access import Actor
from registry.errors import Overloaded, TurnedAway
from registry.settings import Settings
from registry.telemetry import request_id, traces
from registry.telemetry.noting import STATEMENTS, current
from registry.web.annexed import Head, message, read_message
from registry.web.rates import AWAY, Bucket
from schema.execution import cost
from schema.execution.annex import Walked
from schema.execution.budget import BUDGET, Budget
from schema.execution.lanes import AGAIN, Attention, late, take

LOG = logging.getLogger("registry.annex")

#: Bytes that a process may have grown by before another takes its place, and seconds between two looks at that.
GROWN, EVERY = 64_000_000, 5.0

#: Seconds until one that has ended is replaced, at first and at most.
SOON, LATEST = 0.5, 60.0

#: Seconds beyond its time after which an answer that has not come shows that the process hangs.
HANGS = 5.0

#: Seconds that the process has to end.
PARTING = 2.0

#: A message: its head and its body.
Told = tuple[Head, bytes]

_HOME = str(Path(__file__).resolve().parents[2])


class Gone(Exception):
    """The process has ended, with questions unanswered or not."""


class Room:
    """One process of the annex. `state` is what it told last of itself."""

    def __init__(
        self,
        process: subprocess.Popen[bytes],
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        state: dict[str, Any],
    ) -> None:
        self.process, self._writer = process, writer
        self.state, self._begun_with = state, state["held"]
        self._numbers, self._awaited = count(1), dict[int, tuple[asyncio.Future[Told], Callable[[Head], None]]]()
        self.reading: asyncio.Task[None] = asyncio.create_task(self._read(reader))

    @classmethod
    async def opened(cls, process: subprocess.Popen[bytes], ours: socket.socket, settings: Settings) -> "Room":
        """A process that takes questions, once it has begun and can. Raises `Gone` and `OSError`."""
        reader, writer = await asyncio.open_connection(sock=ours)
        writer.write(message(settings.model_dump(mode="json", exclude={"metrics_token"}, exclude_unset=True)))
        try:
            told, _ = await read_message(reader)
        except (asyncio.IncompleteReadError, OSError):
            writer.close()
            await _ended(process)
            raise Gone from None
        return cls(process, reader, writer, told["state"])

    @property
    def idle(self) -> bool:
        """Whether nobody waits for an answer."""
        return not self._awaited

    @property
    def grown(self) -> bool:
        """Whether it holds more memory than it should."""
        return bool(self.state["held"] > self._begun_with + GROWN)

    async def ask(self, question: Head, settle: Callable[[Head], None], budget: Budget | None, seconds: float) -> Told:
        """The answer to a question; `settle` is told of it even if nobody waits for it any more.

        Raises `Gone`, and `Abandoned` where the client has.
        """
        if self.reading.done():
            raise Gone
        number = next(self._numbers)
        answer: asyncio.Future[Told] = asyncio.get_running_loop().create_future()
        answer.add_done_callback(take)
        self._awaited[number] = answer, settle
        self._writer.write(message({"number": number, **question}))
        try:
            async with Attention(budget) as attention:
                if not await attention.to(answer, seconds + HANGS):
                    LOG.error("The annex hangs, and is replaced.")
                    self.process.kill()
                    raise late()
            return answer.result()
        finally:
            if not answer.done():
                answer.cancel()
                self._writer.write(message({"number": number}))  # whoever asked has gone

    async def close(self) -> None:
        """Lets the process end, or ends it."""
        self._writer.close()
        await _ended(self.process)

    async def _read(self, reader: asyncio.StreamReader) -> None:
        try:
            while True:
                told, body = await read_message(reader)
                if "state" in told:
                    self.state = told["state"]
                    continue
                answer, settle = self._awaited.pop(told["number"])
                settle(told)
                if not answer.done():
                    answer.set_result((told, body))
        except (asyncio.IncompleteReadError, OSError):
            for answer, _ in self._awaited.values():
                if not answer.done():
                    answer.set_exception(Gone())
            self._awaited.clear()


def _started() -> tuple[subprocess.Popen[bytes], socket.socket]:
    """A process that has begun, and the socket to it."""
    paths = os.pathsep.join(filter(None, (_HOME, os.environ.get("PYTHONPATH"))))
    ours, theirs = socket.socketpair()
    with theirs:
        process = subprocess.Popen(
            [sys.executable, "-m", "registry.web.annexed", str(theirs.fileno())],
            stdin=subprocess.DEVNULL,
            pass_fds=[theirs.fileno()],
            env={**os.environ, "PYTHONPATH": paths},
        )
    return process, ours


async def _ended(process: subprocess.Popen[bytes]) -> None:
    """Waits until a process has ended; one that takes too long is killed."""
    try:
        await asyncio.to_thread(process.wait, PARTING)
    except subprocess.TimeoutExpired:
        process.kill()
        await asyncio.to_thread(process.wait)


class Annex:
    """The annex of a server: one process, replaced when it has ended or grown. `started` counts them all."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self.room: Room | None = None
        self.started = self.answered = 0
        self._keeping: asyncio.Task[None] | None = None
        self._ending = asyncio.Event()
        self._begun: subprocess.Popen[bytes] | None = None

    @property
    def open(self) -> bool:
        """Whether there is a process that takes questions."""
        return self.room is not None

    @property
    def state(self) -> dict[str, Any]:
        """What the process has told last of itself; nothing where there is none."""
        return self.room.state if self.room is not None else {}

    def start(self) -> None:
        """Lets there be a process, where the settings want one, as soon as it has started."""
        if self._settings.annex:
            self._keeping = asyncio.create_task(self._keep())

    async def close(self) -> None:
        """Ends the process."""
        self._ending.set()
        if self._begun is not None:
            self._begun.kill()  # it has not opened yet
        if self._keeping is not None:
            await self._keeping

    # ── Processes ─────────────────────────────────────────────────────────────────────────────────

    async def _keep(self) -> None:
        """Sees to it that there is a process until the server ends."""
        pause = SOON
        while not self._ending.is_set():
            begun, failed = time.monotonic(), False
            try:
                await self._replace()
                await self._until_ended_or_grown()
            except (Gone, OSError) as error:
                if self._ending.is_set():
                    break
                failed = True  # one that has grown may still stand
                LOG.warning("The annex could not be started, and is tried again: %s", type(error).__name__)
            if failed or self.room is None:
                pause = SOON if time.monotonic() - begun > LATEST else pause
                await self._waited(pause)
                pause = min(pause * 2, LATEST)
        await self._leave()

    async def _replace(self) -> None:
        """Lets a new process take the place of the one there is; that one ends once the other is there."""
        process, ours = await asyncio.to_thread(_started)
        self._begun = process
        if self._ending.is_set():
            process.kill()
        room = await Room.opened(process, ours, self._settings)
        self._begun = None
        before, self.room = self.room, room
        self.started += 1
        if before is not None:
            while not before.idle and not await self._waited(0.1, before.reading):
                pass
            await before.close()

    async def _leave(self) -> None:
        room, self.room = self.room, None
        if room is not None:
            await room.close()

    async def _until_ended_or_grown(self) -> None:
        while (room := self.room) is not None and not await self._waited(EVERY, room.reading):
            if room.reading.done():
                LOG.warning("The annex has ended, and is started again.")
                await self._leave()
            elif room.grown and room.idle:
                return

    async def _waited(self, seconds: float, *others: asyncio.Task[None]) -> bool:
        """Waits for so long, or until one of others has ended. Returns whether the server ends."""
        ending = asyncio.create_task(self._ending.wait())
        await asyncio.wait([ending, *others], timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        ending.cancel()
        return self._ending.is_set()

    # ── Questions ─────────────────────────────────────────────────────────────────────────────────

    async def answer(
        self, query: str, variables: Mapping[str, Any], operation_name: str | None, actor: Actor
    ) -> bytes | None:
        """The answer by a plan, or one that is `Walked`; None for what is no query. What it costs is charged, if
        it was not before.

        Raises `TurnedAway`.
        """
        budget, noted = BUDGET.get(), current.get()
        question = {
            "query": query,
            "variables": variables,
            "name": operation_name,
            "actor": actor.name,
            "role": actor.role.name,
            "seconds": self._seconds(budget),
            "planned": budget and budget.planned,
            "request_id": request_id(),
            "trace": traces.carried(noted.span) if noted is not None and noted.span is not None else {},
        }
        told, body = await self._asked(question, budget)
        if budget is not None and not budget.points:
            budget.points, budget.records = told["points"], told["records"]
        STATEMENTS.add(told["sql"], told["sql_seconds"])
        if noted is not None:
            noted.apart, noted.cost, noted.took = True, cost.told(told["points"]), told["took"]
        return _read(told, body)

    def _seconds(self, budget: Budget | None) -> float:
        """How long an answer may take."""
        if budget is None or budget.until is None:
            return self._settings.request_seconds
        return budget.until - time.monotonic()

    async def _asked(self, question: Head, budget: Budget | None) -> Told:
        """What the process tells to a question, which may spend what is left of a budget's purse."""
        purse = budget.purse if budget is not None and isinstance(budget.purse, Bucket) else None
        points = cost.told(budget.points) if budget is not None and budget.points else 0
        paid, lent = (0, None) if purse is None else purse.lent(points)

        def settle(told: Head) -> None:
            self.answered += 1
            if purse is not None:
                purse.owe(told["taken"] - paid)

        try:
            if self.room is None:
                raise Gone
            return await self.room.ask({**question, "purse": lent}, settle, budget, question["seconds"])
        except Gone:
            raise Overloaded("Whoever worked on the answer has stopped.", seconds=AGAIN) from None


def _read(told: dict[str, Any], body: bytes) -> bytes | None:
    match told["kind"]:
        case "direct":
            return body
        case "walked":
            return Walked.of(body, told["executed"], told["status"], told["codes"], told["reason"])
        case "left":
            return None
        case "away":
            raise _away(told)
        case _:
            raise RuntimeError(f"the annex has failed, see {told['log_id']}")


def _away(told: dict[str, Any]) -> TurnedAway:
    kind = AWAY.get(told["code"], Overloaded)
    return kind(told["message"], seconds=told["seconds"], hint=told["hint"], details=told["details"])
