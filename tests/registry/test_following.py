"""Learning that the log has grown: at once, whoever has written, and only while somebody waits."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator

import pytest
import sqlalchemy as sa

from registry import following
from registry.database import open_engine
from registry.following import Follower
from registry.history import CHANNEL, changeset
from tests.factories import make_source


@pytest.fixture
def writer(any_engine: sa.Engine) -> Iterator[sa.Engine]:
    """Another process's engine on the same database."""
    engine = open_engine(any_engine.url.render_as_string(hide_password=False))
    yield engine
    engine.dispose()


def write(engine: sa.Engine, reference: str) -> None:
    with changeset(engine, "A test.") as changes:
        make_source(changes, reference)


def followed(engine: sa.Engine, test: Callable[[Follower], Awaitable[None]]) -> None:
    async def run() -> None:
        follower = Follower(engine)
        try:
            async with asyncio.timeout(30):
                await test(follower)
        finally:
            await follower.close()

    asyncio.run(run())


def test_what_is_already_in_the_log_is_told_at_once(any_engine: sa.Engine) -> None:
    write(any_engine, "a")

    async def test(follower: Follower) -> None:
        assert await follower.beyond(0) == 1

    followed(any_engine, test)


def test_all_who_wait_are_told_what_another_process_commits(any_engine: sa.Engine, writer: sa.Engine) -> None:
    async def test(follower: Follower) -> None:
        for end in (1, 2, 3):
            waiting = [asyncio.ensure_future(follower.beyond(end - 1)) for _ in range(3)]
            await asyncio.sleep(0.1)
            assert not any(each.done() for each in waiting)
            await asyncio.to_thread(write, writer, f"source-{end}")
            async with asyncio.timeout(following.PATIENCE - 1):  # PostgreSQL tells by itself
                assert await asyncio.gather(*waiting) == [end] * 3

    followed(any_engine, test)


def test_who_waits_for_more_is_not_woken_before(any_engine: sa.Engine, writer: sa.Engine) -> None:
    async def test(follower: Follower) -> None:
        waiting = asyncio.ensure_future(follower.beyond(1))
        await asyncio.to_thread(write, writer, "a")
        assert await follower.beyond(0) == 1
        await asyncio.sleep(0.1)
        assert not waiting.done()
        await asyncio.to_thread(write, writer, "b")
        assert await waiting == 2

    followed(any_engine, test)


def test_following_rests_while_nobody_waits_and_goes_on_after(
    any_engine: sa.Engine, writer: sa.Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(following, "REST", 0.05)
    monkeypatch.setattr(following, "PATIENCE", 0.2)

    async def test(follower: Follower) -> None:
        await asyncio.to_thread(write, writer, "a")
        await follower.beyond(0)
        await asyncio.sleep(0.6)
        assert follower._task is not None
        assert follower._task.done()
        await asyncio.to_thread(write, writer, "b")
        assert await follower.beyond(1) == 2

    followed(any_engine, test)


def test_a_database_that_fails_for_a_while_is_followed_again(
    any_engine: sa.Engine, writer: sa.Engine, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(following, "RETRY", 0.05)
    monkeypatch.setattr(following, "_END", "SELECT sequence FROM nothing_of_that_name")

    async def test(follower: Follower) -> None:
        waiting = asyncio.ensure_future(follower.beyond(0))
        await asyncio.to_thread(write, writer, "a")
        await asyncio.sleep(0.5)
        assert not waiting.done()
        monkeypatch.undo()
        assert await waiting == 1

    followed(any_engine, test)
    assert caplog.text.count("trying again") == 1


def test_who_waits_is_told_where_the_log_has_been_put_back(any_engine: sa.Engine) -> None:
    for reference in ("a", "b", "c"):
        write(any_engine, reference)

    async def test(follower: Follower) -> None:
        waiting = asyncio.ensure_future(follower.beyond(3))
        await asyncio.sleep(0.2)
        await asyncio.to_thread(_put_back, any_engine)
        assert await waiting == 1

    followed(any_engine, test)


def _put_back(engine: sa.Engine) -> None:
    with engine.begin() as connection:
        connection.execute(sa.text("UPDATE registry_state SET sequence = 1"))
        if engine.dialect.name == "postgresql":
            connection.execute(sa.text(f"NOTIFY {CHANNEL}"))
