"""Reads take turns where there are many; what cannot be read is told, and the next request is served."""

import asyncio
import shutil
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from registry.access import OPERATOR
from registry.database import open_engine
from registry.settings import Settings
from schema import schema
from schema.context import Context
from schema.execution.direct import Direct
from schema.execution.run import MOST_READING, Reader
from tests.execution.twice import Twice


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


# ── A database that is locked, or gone ──────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def twice(seeded_copy: sa.Engine) -> Iterator[Twice]:
    with Twice(seeded_copy) as made:
        yield made


def locked(engine: sa.Engine) -> sqlite3.Connection:
    """A connection that lets nobody else read until it is closed."""
    connection = sqlite3.connect(str(engine.url.database), isolation_level=None)
    connection.execute("PRAGMA locking_mode = EXCLUSIVE")
    connection.execute("PRAGMA journal_mode = DELETE")
    connection.execute("BEGIN EXCLUSIVE")
    return connection


NAME = '{ country(code: "DE") { name } }'


def test_while_the_database_is_locked_the_event_loop_goes_on_and_the_answer_comes_after_it(
    seeded_copy: sa.Engine,
) -> None:
    direct = Direct(schema, seeded_copy, Settings(answer_cache_bytes=0))

    async def ask() -> tuple[bytes | None, int]:
        answering = asyncio.ensure_future(direct.execute(NAME, actor=OPERATOR))
        beats = 0
        while not answering.done():
            await asyncio.sleep(0.01)
            beats += 1
            if beats == 20:
                connection.close()
        return await answering, beats

    with closing(locked(seeded_copy)) as connection:
        answer, beats = asyncio.run(ask())

    assert answer == b'{"data":{"country":{"name":"Germany"}}}'
    assert beats >= 20
    direct.close()


def test_a_database_that_stays_locked_is_told_and_the_next_request_is_served(seeded_file: Path, tmp_path: Path) -> None:
    engine = open_engine(f"sqlite:///{shutil.copyfile(seeded_file, tmp_path / 'registry.db')}")
    sa.event.listen(engine, "connect", lambda raw, _: raw.execute("PRAGMA busy_timeout = 50"))
    with Twice(engine) as twice:
        with closing(locked(engine)):
            assert twice.by_plan(NAME) is None
            data, (error,) = twice.walked(NAME)[1:]
        assert data == {"country": None}
        assert error.path == ["country"]
        assert error.extensions["code"] == "DATABASE_UNAVAILABLE"
        assert error.extensions["hint"]
        assert "failed: DATABASE_UNAVAILABLE" in twice.direct.fallbacks
        assert twice.by_plan(NAME) is not None
    engine.dispose()


def test_a_database_that_is_lost_while_it_is_read_is_told_and_the_next_request_is_served(
    seeded_postgres: sa.Engine,
) -> None:
    with Twice(seeded_postgres) as twice:
        broken: list[int] = []
        run: Any = twice.reader.run

        async def broken_off(work: Any, heavy: bool) -> Any:
            def between(read: Any) -> Any:
                def ended(text: str, values: Any) -> Any:
                    if len(broken) < 2:  # once for the bytes, once for the tree
                        ((pid,),) = read("SELECT pg_backend_pid()", ())
                        with seeded_postgres.connect() as other:
                            other.execute(sa.select(sa.func.pg_terminate_backend(pid)))
                        broken.append(pid)
                    return read(text, values)

                return work(ended)

            return await run(between, heavy)

        twice.reader.run = broken_off  # type: ignore[method-assign]
        assert twice.by_plan(NAME) is None
        data, (error,) = twice.walked(NAME)[1:]
        assert data == {"country": None}
        assert error.extensions["code"] == "DATABASE_UNAVAILABLE"
        assert twice.by_plan(NAME) is not None


def test_an_address_where_no_database_answers_is_told(tmp_path: Path) -> None:
    url = f"postgresql://nobody@/registry?host={tmp_path}"
    with Twice(open_engine(url)) as twice:
        _, data, errors = twice.walked("{ a: agreements { totalCount } b: countries { totalCount } }")
        assert data is None
        assert {error.extensions["code"] for error in errors} == {"DATABASE_UNAVAILABLE"}
        assert str(tmp_path) not in str(errors)
