"""Reads take turns where there are many; what cannot be read is told, and the next request is served."""

import asyncio
import math
import re
import shutil
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from itertools import count
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import sqlalchemy as sa

from registry.access import OPERATOR
from registry.database import open_engine
from registry.errors import DeadlineExceeded, Overloaded
from registry.settings import Settings
from registry.telemetry.noting import Noted, current
from schema import schema
from schema.context import Context
from schema.execution import connections, lanes, run
from schema.execution.budget import BUDGET, Budget
from schema.execution.connections import Connections, Together
from schema.execution.direct import Direct
from schema.execution.lanes import Abandoned, Lane, Turns
from schema.execution.levels import Doubt
from schema.execution.question import SHORT
from schema.execution.run import MOST_READING, Lanes, Reader, TooLong
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


def test_a_read_given_up_keeps_its_connection_until_it_has_stopped(any_seeded: sa.Engine) -> None:
    begun, go_on, ended = threading.Event(), threading.Event(), threading.Event()
    seen: list[Any] = []
    reader = Reader(any_seeded)

    def slow(read: Any, _: Any) -> None:
        seen.extend(read("SELECT count(*) FROM country", ()))
        begun.set()
        go_on.wait(20)
        try:
            seen.extend(read("SELECT count(*) FROM country", ()))
        finally:
            ended.set()

    async def give_up() -> Any:
        reading = asyncio.ensure_future(reader.run(slow, True))
        await asyncio.to_thread(begun.wait, 20)
        reading.cancel()
        with pytest.raises(asyncio.CancelledError):
            await reading
        meanwhile = await reader.run(lambda read, _: read("SELECT 1", ()), True)
        go_on.set()
        await asyncio.to_thread(ended.wait, 20)
        return meanwhile

    assert asyncio.run(give_up()) == [(1,)]
    assert len(seen) == 1
    assert seen[0][0] > 200
    reader.close()


#: A statement without an end, on each database.
ENDLESS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n WHERE i < 0"


def test_a_statement_that_takes_too_long_is_stopped_and_the_next_is_served(any_seeded: sa.Engine) -> None:
    reader = Reader(any_seeded, Lanes(Settings(statement_seconds=0.2, heavy_reads=1)))

    async def ask() -> Any:
        with pytest.raises(DeadlineExceeded):
            await reader.run(lambda read, _: read(ENDLESS, ()), True)
        async with asyncio.timeout(20):
            return await reader.run(lambda read, _: read("SELECT 1", ()), True)

    assert [tuple(row) for row in asyncio.run(ask())] == [(1,)]
    reader.close()


def test_a_short_read_that_turns_out_to_be_long_is_broken_off_and_does_not_hold_up_the_event_loop(
    seeded: sa.Engine,
) -> None:
    reader = Reader(seeded)

    async def ask() -> Any:
        for _ in range(2):
            with pytest.raises(TooLong):
                await reader.run(lambda read, _: read(ENDLESS, ()), False)
        return await reader.run(lambda read, _: read("SELECT count(*) FROM country", ()), False)

    assert asyncio.run(ask())[0][0] > 200
    reader.close()


def test_what_turned_out_to_be_long_is_read_in_a_thread_from_then_on(
    seeded: sa.Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run, "MOST_LOOKS", 0)
    monkeypatch.setattr(run, "LOOK_EVERY", 10)
    direct = Direct(schema, seeded, Settings(answer_cache_bytes=0))

    assert [asyncio.run(direct.execute(NAME)) for _ in range(2)] == [b'{"data":{"country":{"name":"Germany"}}}'] * 2
    direct.close()


def test_a_connection_is_opened_however_short_the_time_for_an_answer_is(
    seeded: sa.Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def slowly(engine: sa.Engine) -> sa.Connection:
        time.sleep(0.2)
        return connections.opened(engine)

    monkeypatch.setattr(run, "opened", slowly)
    reader = Reader(seeded, Lanes(Settings(request_seconds=0.05, statement_seconds=0.05)))

    async def ask() -> Any:
        await reader.open()
        return await reader.run(lambda read, _: read("SELECT 1", ()), False)

    assert asyncio.run(ask()) == [(1,)]
    reader.close()


def test_one_statement_is_read_without_a_transaction_and_several_in_one(twice: Twice) -> None:
    twice.direct.settings = Settings(answer_cache_bytes=0)
    begun: list[str] = []

    def asked(query: str) -> list[str]:
        begun.clear()
        assert twice.by_plan(query) is not None
        return [text.partition(" ")[0] for text in begun]

    twice.by_plan(NAME)
    twice.reader._raw.set_trace_callback(begun.append)  # type: ignore[union-attr]

    assert asked(NAME) == ["SELECT"]
    several = "{ a: " + NAME[2:-2] + " b: " + NAME[2:]
    assert asked(several) == ["BEGIN", "SELECT", "SELECT", "COMMIT"]
    assert asked(several) == ["BEGIN", "SELECT", "SELECT", "COMMIT"]
    known_when_it_is_read = "{ countries(first: 1) { edges { cursor } } }"  # which is signed with a key that is read
    assert asked(known_when_it_is_read) == ["SELECT", "BEGIN", "SELECT", "SELECT", "COMMIT"]
    assert asked(known_when_it_is_read) == ["BEGIN", "SELECT", "COMMIT"]


@pytest.mark.parametrize(
    "query",
    [
        "{ placements(groupBy: [COMPANY], first: 5) { rows { people company { name } } } }",
        "{ placements(groupBy: [COUNTRY]) { rows { people } sources { reference } } }",
        "{ agreements(first: 3) { totalCount nodes { title acts { kind } } } }",
        "{ gaps(first: 5) { totalCount nodes { kind subject { id } } } }",
        "{ countries(first: 1) { edges { cursor } totalCount } }",
    ],
)
def test_a_document_that_nobody_has_asked_before_runs_no_statement_twice(
    any_twice: Twice, monkeypatch: pytest.MonkeyPatch, query: str
) -> None:
    any_twice.direct.settings = Settings(answer_cache_bytes=0)
    noted, ran = run._noted, list[str]()

    def noting(read: Any, once: bool) -> Any:
        def run_and_note(text: str, values: Any) -> Any:
            ran.append(f"{text} {values}")
            return read(text, values)

        return noted(run_and_note, once)

    monkeypatch.setattr(run, "_noted", noting)
    assert any_twice.by_plan(query) is not None
    assert len(ran) == len(set(ran)) > 1


COUNTED = "{ countries(first: 1) { totalCount } }"  # which may read much more than it shows


@pytest.mark.parametrize(("limit", "threads"), [(math.inf, [True, False, False]), (0.0, [True, True, True])])
def test_what_has_proved_short_is_read_on_the_event_loop_whatever_was_to_be_feared(
    twice: Twice, monkeypatch: pytest.MonkeyPatch, limit: float, threads: list[bool]
) -> None:
    twice.direct.patience = lambda: limit
    in_thread: list[bool] = []
    ask = twice.reader.run

    async def noting(work: Any, heavy: bool, *how: bool) -> Any:
        in_thread.append(heavy)
        return await ask(work, heavy, *how)

    twice.direct.settings = Settings(answer_cache_bytes=0)
    monkeypatch.setattr(twice.reader, "run", noting)
    assert len({twice.by_plan(COUNTED) for _ in threads}) == 1
    assert in_thread == threads


class Elsewhere:
    """A place where what takes long is answered, in so many seconds of a processor."""

    open = True

    def __init__(self, took: float) -> None:
        self.took = took

    async def answer(self, *_asked: Any) -> bytes:
        noted = current.get()
        assert noted is not None
        noted.took = self.took
        return b"elsewhere"


@pytest.mark.parametrize(("took", "last"), [(0.001, False), (1.0, True)])
def test_what_has_proved_short_elsewhere_is_answered_here(twice: Twice, took: float, last: bool) -> None:
    twice.direct.settings = Settings(answer_cache_bytes=0)
    twice.direct.annex = Elsewhere(took)

    async def ask() -> list[bytes | None]:
        current.set(Noted())
        return [await twice.direct.execute(COUNTED, actor=twice.actor) for _ in range(5)]

    first, *_, latest = [answer == b"elsewhere" for answer in asyncio.run(ask())]
    assert (first, latest) == (True, last)


def test_runs_that_are_long_by_chance_do_not_make_a_question_long(twice: Twice) -> None:
    asked = twice.direct.plans.question(COUNTED, {}, None).prepared
    assert not asked.is_short(SHORT)

    for number in range(200):
        asked.ran(0.100 if number % 10 == 9 else 0.002)
        assert asked.is_short(SHORT)


def test_a_question_that_is_often_long_is_long_and_one_that_was_broken_off_for_many_runs(twice: Twice) -> None:
    asked = twice.direct.plans.question(COUNTED, {}, None).prepared
    for number in range(200):
        asked.ran(0.010 if number % 3 == 0 else 0.002)
        assert number < 100 or not asked.is_short(SHORT)

    asked.was_broken_off()
    runs = 0
    while not asked.is_short(SHORT):
        asked.ran(0.001)
        runs += 1
    assert 100 < runs < 300


# ── Waiting for one's turn ──────────────────────────────────────────────────────────────────────────────────────────


def lane(threads: int = 1, waiting: int = 10, seconds: float = 30) -> Lane:
    return Lane("test", threads, waiting, seconds, 10)


def test_the_smallest_piece_goes_first_and_more_than_may_wait_are_turned_away() -> None:
    one, go_on, done = lane(waiting=2), threading.Event(), list[int]()

    async def piece(size: int) -> None:
        await one.run(lambda: go_on.wait(20), size)
        done.append(size)

    async def ask() -> None:
        pieces = [asyncio.create_task(piece(size)) for size in (0, 50_000, 20)]
        await asyncio.sleep(0)
        with pytest.raises(Overloaded) as refusal:
            await one.run(lambda: None)
        assert refusal.value.seconds > 0
        go_on.set()
        await asyncio.gather(*pieces)
        assert await one.run(lambda: "served") == "served"

    asyncio.run(ask())
    assert done == [0, 20, 50_000]
    one.close()


def test_a_large_piece_does_not_let_those_pass_for_ever_that_come_after_it(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = count(1)  # by which a second passes between any two
    monkeypatch.setattr(lanes, "time", SimpleNamespace(monotonic=lambda: float(next(clock))))
    one, go_on, done = lane(waiting=100, seconds=10_000), threading.Event(), list[int]()

    async def piece(size: int) -> None:
        await one.run(lambda: go_on.wait(20), size)
        done.append(size)

    async def ask() -> None:
        pieces = [asyncio.create_task(piece(size)) for size in (0, 10**9, *range(1, 41))]
        await asyncio.sleep(0)
        go_on.set()
        await asyncio.gather(*pieces)

    asyncio.run(ask())
    one.close()
    place = done.index(10**9)

    assert 1 < place < 41  # some have passed it, and not all


def test_who_waits_too_long_or_has_gone_gives_up_the_place_in_the_queue() -> None:
    one, go_on = lane(), threading.Event()
    gone = asyncio.Event()

    async def ask() -> str:
        first = asyncio.create_task(one.run(lambda: go_on.wait(20)))
        await asyncio.sleep(0)
        BUDGET.set(Budget(0.05))
        with pytest.raises(DeadlineExceeded):
            await one.run(lambda: None)
        BUDGET.set(Budget(30, hung_up=gone.wait))
        waiting = asyncio.create_task(one.run(lambda: None))
        await asyncio.sleep(0)
        gone.set()
        with pytest.raises(Abandoned):
            await waiting
        go_on.set()
        await first
        BUDGET.set(None)
        return await one.run(lambda: "served")

    assert asyncio.run(ask()) == "served"
    one.close()


def test_work_that_fails_as_its_client_goes_is_not_complained_of(caplog: pytest.LogCaptureFixture) -> None:
    def fails() -> None:
        may_end.wait(10)
        raise LookupError

    async def talk() -> None:
        asked = asyncio.create_task(lane().run(fails))
        await asyncio.sleep(0.05)
        may_end.set()
        time.sleep(0.05)  # the thread has ended and the event loop has not heard of it
        asked.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asked

    may_end = threading.Event()
    asyncio.run(talk())
    assert not caplog.records


def test_on_the_event_loop_one_piece_is_done_between_two_looks_at_who_else_has_asked() -> None:
    turns, looks = Turns(), list[str]()

    async def piece(number: int) -> None:
        await turns.next()
        looks.append(f"piece {number}")

    async def ask() -> None:
        pieces = [asyncio.create_task(piece(number)) for number in range(3)]
        pieces[1].cancel()
        while not all(each.done() for each in pieces):
            looks.append("look")
            await asyncio.sleep(0)
        await turns.next()

    asyncio.run(ask())
    said = "".join("." if each == "look" else each[-1] for each in looks)
    assert re.search(r"0\.+2", said), said


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


def opened(engine: sa.Engine) -> list[int]:
    """The connections that are opened from now on; on PostgreSQL the numbers of the processes behind them."""
    found: list[int] = []
    named = engine.dialect.name == "postgresql"
    sa.event.listen(engine, "connect", lambda raw, _: found.append(raw.info.backend_pid if named else len(found)))
    return found


def test_threads_go_on_reading_from_the_connections_that_they_have_whatever_became_of_the_reads(
    any_seeded: sa.Engine,
) -> None:
    any_seeded.dispose()
    reader, found = Reader(any_seeded, Lanes(Settings(heavy_reads=2))), opened(any_seeded)

    def failing(read: Any, _: Any) -> None:
        read("SELECT 1", ())
        raise Doubt("whatever")

    async def ask() -> list[Any]:
        for alone in (True, False):
            with pytest.raises(Doubt):
                await reader.run(failing, True, alone)
            with pytest.raises(Exception, match="nothing"):
                await reader.run(lambda read, _: read("SELECT nothing", ()), True, alone)
        reads = [reader.run(lambda read, _: read("SELECT 2", ()), True, alone) for alone in (True, False) * 10]
        return [tuple(row) for rows in await asyncio.gather(*reads) for row in rows]

    assert asyncio.run(ask()) == [(2,)] * 20
    assert 1 <= len(found) <= 2
    reader.close()


def test_several_statements_of_a_thread_see_one_moment_and_can_change_nothing(seeded_postgres: sa.Engine) -> None:
    kept = Connections(seeded_postgres)
    told = {}
    for alone in (False, True, False):
        with kept.reading(alone) as raw:
            names = ("transaction_isolation", "transaction_read_only")
            told[alone] = [raw.execute(f"SHOW {name}").fetchone()[0] for name in names]
    kept.close()

    assert told[False] == ["repeatable read", "on"]


def test_connections_that_nobody_reads_from_are_closed_after_a_while(
    seeded: sa.Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "IDLE", 0.2)
    monkeypatch.setattr(connections, "LOOK_EVERY", 0.1)
    together = Together()
    idle, busy = Connections(seeded, together), Connections(seeded, together)
    with idle.reading(True) as first, idle.reading(True) as second:
        pass
    time.sleep(0.3)
    with busy.reading(True):
        pass

    for raw in (first, second):
        with pytest.raises(sqlite3.ProgrammingError, match="closed"):
            raw.execute("SELECT 1")
    with busy.reading(True) as raw:
        assert raw.execute("SELECT 1").fetchone() == (1,)
    idle.close()
    busy.close()


def test_idle_connections_are_closed_where_a_server_takes_no_more(
    seeded_postgres: sa.Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    together = Together()
    idle, busy = Connections(seeded_postgres, together), Connections(seeded_postgres, together)
    with idle.reading(True) as raw:
        pass

    open_ = connections.opened

    def opened_once_there_is_room(engine: sa.Engine) -> sa.Connection:
        if not raw.closed:
            raise sa.exc.OperationalError("", None, Exception("sorry, too many clients already"))
        return open_(engine)

    monkeypatch.setattr(connections, "opened", opened_once_there_is_room)
    with busy.reading(True) as other:
        assert other.execute("SELECT 1").fetchone() == (1,)
    assert raw.closed
    busy.close()


def test_a_connection_that_was_lost_while_nobody_read_from_it_is_replaced_without_a_word(
    seeded_postgres: sa.Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "SEEN_TO_AFTER", 0.0)
    with Twice(seeded_postgres) as twice:
        found = opened(seeded_postgres)
        assert twice.by_plan(NAME) is not None
        before = found.copy()
        with seeded_postgres.connect() as other:
            for pid in before:
                other.execute(sa.select(sa.func.pg_terminate_backend(pid)))
        twice.direct.settings = Settings(answer_cache_bytes=0)
        assert twice.by_plan(NAME) is not None
        assert set(found) > set(before)


def test_a_database_that_is_lost_while_it_is_read_is_told_and_the_next_request_is_served(
    seeded_postgres: sa.Engine,
) -> None:
    with Twice(seeded_postgres) as twice:
        broken: list[int] = []
        run: Any = twice.reader.run

        async def broken_off(work: Any, heavy: bool, alone: bool = False, keeps: bool = False) -> Any:
            def between(read: Any, kept: Any) -> Any:
                def ended(text: str, values: Any) -> Any:
                    if len(broken) < 2:  # once for the bytes, once for the tree
                        ((pid,),) = read("SELECT pg_backend_pid()", ())
                        with seeded_postgres.connect() as other:
                            other.execute(sa.select(sa.func.pg_terminate_backend(pid)))
                        broken.append(pid)
                    return read(text, values)

                return work(ended, kept)

            return await run(between, heavy, alone, keeps)

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
