"""Answers that may be many, one after another, whichever way they are sent, and the bounds of what is open for them."""

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing, contextmanager
from dataclasses import dataclass
from typing import Any

import orjson
import sqlalchemy as sa
from strawberry.http import GraphQLRequestData, process_result

from registry.access import Actor
from registry.errors import TurnedAway
from registry.following import Follower
from registry.settings import Settings
from registry.telemetry.noting import note_code
from registry.web.asking import kind_of
from registry.web.rates import told_away
from registry.web.refusing import Refused
from schema import PublishedSchema
from schema.context import Context, Stream
from schema.errors import codes_of, executed
from schema.execution.annex import Walked
from schema.execution.budget import BUDGET
from schema.execution.direct import Direct
from schema.execution.telling import Telling


@dataclass(frozen=True)
class Answer:
    """A result as JSON. `cursor` resumes after it; `errors` is why nothing was executed, where nothing was."""

    body: bytes
    cursor: str | None = None
    errors: Any = None


class Streams:
    """All streams of answers that are open in this process, be they sockets or responses."""

    def __init__(self, engine: sa.Engine, settings: Settings, schema: PublishedSchema, direct: Direct) -> None:
        self._schema = schema
        self._engine, self._settings, self._direct = engine, settings, direct
        self._follower, self._telling = Follower(engine), Telling(direct)
        self._open: Counter[str] = Counter()
        self.ending = asyncio.Event()

    def end(self) -> None:
        """Lets all streams end, so that the server can; whoever was told of a cursor can resume elsewhere."""
        self.ending.set()

    async def close(self) -> None:
        """Ends what the streams share."""
        self.end()
        await self._follower.close()

    @property
    def count(self) -> int:
        """Streams that are open."""
        return sum(self._open.values())

    @property
    def subscribers(self) -> int:
        """Subscriptions that wait for changes."""
        return self._follower.waiting

    def full(self, client: str) -> bool:
        """Whether a client, by its address, has as many streams open as it may."""
        return self._open[client] >= self._settings.client_streams

    @contextmanager
    def opened(self, client: str) -> Iterator[None]:
        """Counts a stream as open."""
        self._open[client] += 1
        try:
            yield
        finally:
            self._open[client] -= 1
            self._open += Counter()  # forgets those who have none

    async def answers(
        self, asked: GraphQLRequestData, actor: Actor, after: str | None = None
    ) -> AsyncGenerator[Answer, None]:
        """The results of an operation: one of a query or mutation, any number of a subscription.

        `after` is a cursor to resume a subscription from, whatever the operation says.
        """
        try:
            body = await self._direct.execute(asked.query or "", asked.variables, asked.operation_name, actor=actor)
            if isinstance(body, Walked):
                yield _elsewhere(body)
                return
            if body is not None:
                yield Answer(body)
                return
            kind_of(asked, await self._direct.document(asked.query or ""))
        except (Refused, TurnedAway) as refusal:
            note_code(refusal.code)
            errors = [told_away(refusal) if isinstance(refusal, TurnedAway) else refusal.told()]
            yield Answer(orjson.dumps({"errors": errors}), errors=errors)
            return
        if (budget := BUDGET.get()) is not None:
            budget.until = None  # a subscription has no end, and each of its results a time of its own
        stream = Stream(self._follower, self._telling, after)
        context = Context(self._engine, self._settings, actor, stream, direct=self._direct)
        results = await self._schema.stream(
            asked.query,
            variable_values=asked.variables,
            context_value=context,
            operation_name=asked.operation_name,
        )
        async with aclosing(results):
            async for result in results:
                yield _answer(result, stream.cursor)


def _elsewhere(walked: Walked) -> Answer:
    for code in walked.codes:
        note_code(code)
    body = bytes(walked)
    return Answer(body, errors=None if walked.executed else orjson.loads(body)["errors"])


def _answer(result: Any, cursor: str | None) -> Answer:
    told = process_result(result)
    for code in codes_of(result):
        note_code(code)
    if executed(result):
        return Answer(orjson.dumps(told, default=str), cursor)
    told.pop("data", None)
    return Answer(orjson.dumps(told, default=str), None, told.get("errors"))
