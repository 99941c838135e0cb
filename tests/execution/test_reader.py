"""Reads take turns where there are many, and one given up leaves its connection whole."""

import asyncio
import threading
from typing import Any

import pytest
import sqlalchemy as sa

from registry.settings import Settings
from schema import schema
from schema.context import Context
from schema.execution.direct import Direct
from schema.execution.run import MOST_READING, Reader


def test_more_requests_than_connections_are_answered_one_after_another(any_seeded: sa.Engine) -> None:
    direct = Direct(schema, any_seeded, Settings())

    async def ask(number: int) -> Any:
        context = Context(any_seeded, Settings(), direct=direct)
        asked = f"{{ a{number}: knownAt countries(first: 1) {{ totalCount nodes {{ name }} }} }}"
        return await schema.execute(asked, context_value=context)

    async def ask_all() -> list[Any]:
        async with asyncio.timeout(25):  # a connection is waited for 30 seconds
            return await asyncio.gather(*(ask(number) for number in range(6 * MOST_READING)))

    assert not any(result.errors for result in asyncio.run(ask_all()))
    direct.close()


def test_a_read_given_up_keeps_its_connection_until_it_has_ended(any_seeded: sa.Engine) -> None:
    begun, go_on, ended = threading.Event(), threading.Event(), threading.Event()
    seen: list[Any] = []
    reader = Reader(any_seeded)

    def slow(read: Any) -> None:
        begun.set()
        go_on.wait(20)
        seen.extend(read("SELECT count(*) FROM country", ()))
        ended.set()

    async def give_up() -> Any:
        reading = asyncio.ensure_future(reader.run(slow, True))
        await asyncio.to_thread(begun.wait, 20)
        reading.cancel()
        with pytest.raises(asyncio.CancelledError):
            await reading
        meanwhile = await reader.run(lambda read: read("SELECT 1", ()), True)
        go_on.set()
        await asyncio.to_thread(ended.wait, 20)
        return meanwhile

    assert asyncio.run(give_up()) == [(1,)]
    assert seen[0][0] > 200
    reader.close()
