"""A request's read transaction: many at a time wait for their turn, and one given up leaves its connection whole."""

import asyncio
import threading
from typing import Any

import pytest
import sqlalchemy as sa

from registry.settings import Settings
from schema import root, schema
from schema.context import MOST_READING, Context


def test_more_requests_than_connections_are_answered_one_after_another(seeded: sa.Engine) -> None:
    async def ask() -> Any:
        context = Context(seeded, Settings())
        try:
            asked = "{ knownAt countries(first: 1) { totalCount nodes { name } } }"
            return await schema.execute(asked, context_value=context, root_value=root(context))
        finally:
            await context.close()

    async def ask_all() -> list[Any]:
        async with asyncio.timeout(25):  # a connection is waited for 30 seconds
            return await asyncio.gather(*(ask() for _ in range(6 * MOST_READING)))

    assert not any(result.errors for result in asyncio.run(ask_all()))


def test_a_read_given_up_keeps_its_connection_until_it_has_ended(seeded: sa.Engine) -> None:
    begun, go_on = threading.Event(), threading.Event()
    seen: list[Any] = []

    def slow(connection: sa.Connection) -> None:
        connection.execute(sa.text("SELECT 1"))
        begun.set()
        go_on.wait(20)
        seen.append(connection.execute(sa.text("SELECT count(*) FROM country")).scalar())

    async def give_up() -> None:
        context = Context(seeded, Settings())
        reading = asyncio.ensure_future(context.call(slow))
        await asyncio.to_thread(begun.wait, 20)
        reading.cancel()
        closing = asyncio.ensure_future(context.close())
        await asyncio.sleep(0.1)
        assert not closing.done()
        go_on.set()
        with pytest.raises(asyncio.CancelledError):
            await reading
        await closing

    asyncio.run(give_up())
    assert seen
    assert seen[0] > 200
