"""Changes heard as they are committed: in order, none missed, none twice, whoever writes and however one is away."""

import contextlib
import json
import random
import re
import select
import signal
import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import sqlalchemy as sa

from registry.access import Actor, Role
from registry.history import CHANNEL, changeset
from registry.keys import revoke
from registry.settings import Settings
from tests.factories import make_country, make_key
from tests.servers import served, serving
from tests.web.talking import CHANGES, end_of, events, record, talk, writing

WRITERS, EACH = 4, 25


def address_of(engine: sa.Engine) -> str:
    return engine.url.render_as_string(hide_password=False)


@pytest.fixture
def address(any_engine: sa.Engine) -> Iterator[str]:
    """A server on a registry in which one change is on record."""
    record(any_engine, "first")
    with serving(Settings(database_url=address_of(any_engine))) as address:
        yield address


def heard(address: str, after: str, number: int, way: str) -> list[dict[str, Any]]:
    """The next changes, up to a number, by a connection that is then dropped."""
    if way == "events":
        with events(address, CHANGES, after=after) as told:
            return [next(told).data["data"]["changes"] for _ in range(number)]
    with talk(address) as socket:
        socket.ask("live", CHANGES, after=after)
        return [socket.hear(30)["payload"]["data"]["changes"] for _ in range(number)]


def write(engine: sa.Engine, writer: int) -> None:
    with writing(engine) as own:
        for number in range(EACH):
            record(own, f"source-{writer}-{number}")


def test_nothing_is_missed_or_told_twice_while_others_write_and_one_comes_and_goes(
    address: str, any_engine: sa.Engine
) -> None:
    chance, total = random.Random(5), WRITERS * EACH
    cursor, told = end_of(any_engine), list[int]()
    with ThreadPoolExecutor(WRITERS) as writers:
        writing = [writers.submit(write, any_engine, writer) for writer in range(WRITERS)]
        while len(told) < total:
            number = min(chance.randint(1, 12), total - len(told))
            changes = heard(address, cursor, number, chance.choice(["events", "socket"]))
            told += [change["sequence"] for change in changes]
            cursor = changes[-1]["cursor"]
        for each in writing:
            each.result()

    assert told == list(range(2, total + 2))


def test_many_subscribers_hear_the_same_in_the_same_order(address: str, any_engine: sa.Engine) -> None:
    after = end_of(any_engine)
    with contextlib.ExitStack() as open_ones:
        sockets = [open_ones.enter_context(talk(address)) for _ in range(30)]
        for each in sockets:
            each.ask("live", CHANGES, after=after)
        for number in range(5):
            record(any_engine, f"source-{number}")
        for each in sockets:
            told = [each.hear(30)["payload"]["data"]["changes"]["sequence"] for _ in range(5)]
            assert told == [2, 3, 4, 5, 6]


def test_without_a_cursor_one_hears_what_is_committed_from_now_on(address: str, any_engine: sa.Engine) -> None:
    with talk(address) as socket:
        socket.ask("live", CHANGES)
        for number in range(100):  # until the subscription has begun nothing is told
            record(any_engine, f"source-{number}")
            with contextlib.suppress(TimeoutError):
                first = socket.hear(0.2)["payload"]["data"]["changes"]["sequence"]
                break
        record(any_engine, "last")
        assert 2 <= first <= number + 2
        assert socket.hear()["payload"]["data"]["changes"]["sequence"] == first + 1


def test_more_than_a_page_of_changes_is_caught_up_with(address: str, any_engine: sa.Engine) -> None:
    begin = end_of(any_engine)
    with changeset(any_engine, "Many at once.") as changes:
        for code in _codes()[:120]:
            make_country(changes, code)

    told = heard(address, begin, 120, "events")

    assert [change["sequence"] for change in told] == list(range(2, 122))


def _codes() -> list[str]:
    from registry.countries import ISO_3166_1

    return sorted(ISO_3166_1)


def test_a_filter_lets_through_what_it_says(address: str, any_engine: sa.Engine) -> None:
    query = """subscription($after: String, $filter: ChangeFilter) {
        changes(after: $after, filter: $filter) { sequence subjectType subjectId } }"""
    begin = end_of(any_engine)
    with talk(address) as socket:
        for name, filter in {
            "types": {"subjectType": ["Country"]},
            "countries": {"country": ["KR", "DE"]},
            "none": {"country": []},
            "all": {},
        }.items():
            socket.ask(name, query, after=begin, filter=filter)
        record(any_engine, "second")
        with changeset(any_engine, "A test.") as changes:
            make_country(changes, "DE")
            make_country(changes, "JP")
        told: dict[str, list[int]] = {}
        subjects: dict[int, str] = {}
        for _ in range(6):
            message = socket.hear()
            change = message["payload"]["data"]["changes"]
            told.setdefault(message["id"], []).append(change["sequence"])
            subjects[change["sequence"]] = change["subjectId"]

        assert told == {"types": [3, 4], "countries": [3], "all": [2, 3, 4]}

        socket.ask("one", query, after=begin, filter={"subjectId": subjects[4]})
        assert socket.hear()["payload"]["data"]["changes"] == {
            "sequence": 4,
            "subjectType": "Country",
            "subjectId": subjects[4],
        }


def test_a_cursor_beyond_the_end_of_the_log_is_refused(address: str, any_engine: sa.Engine) -> None:
    record(any_engine, "second")
    cursor = end_of(any_engine)
    with any_engine.begin() as connection:  # as a copy from before would have it
        connection.execute(sa.text("UPDATE registry_state SET sequence = 1"))

    with talk(address) as socket:
        socket.ask("live", CHANGES, after=cursor)
        told = socket.hear()

    assert (told["type"], told["payload"][0]["extensions"]["code"]) == ("error", "BAD_USER_INPUT")
    assert told["payload"][0]["extensions"]["argument"] == ["after"]


def test_who_follows_a_log_that_is_put_back_is_told(address: str, any_engine: sa.Engine) -> None:
    with talk(address) as socket:
        socket.ask("live", CHANGES, after=end_of(any_engine))
        record(any_engine, "second")
        assert socket.hear()["type"] == "next"
        with any_engine.begin() as connection:
            connection.execute(sa.text("UPDATE registry_state SET sequence = 1"))
            if any_engine.dialect.name == "postgresql":
                connection.execute(sa.text(f"NOTIFY {CHANNEL}"))
        told = socket.hear()
        assert (told["type"], told["payload"][0]["extensions"]["code"]) == ("error", "CONFLICT")


# ── Those who do not read ───────────────────────────────────────────────────────────────────────────────────────────

#: A change told at such length that a few dozen fill all that lies between server and client.
LONG = (
    f"subscription($after: String) {{ changes(after: $after) {{ {' '.join(f'r{n}: reason' for n in range(100))} }} }}"
)


def _silent(address: str, after: str) -> socket.socket:
    """A client that subscribes and then reads nothing."""
    host, _, port = urlsplit(address).netloc.partition(":")
    silent = socket.socket()
    silent.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    silent.connect((host, int(port)))
    body = json.dumps({"query": LONG, "variables": {"after": after}})
    silent.sendall(
        f"POST /graphql HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\n"
        f"Accept: text/event-stream\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode()
    )
    return silent


def memory(pid: int) -> int:
    """Bytes of memory that a process holds."""
    found = re.search(r"VmRSS:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    assert found
    return int(found[1]) * 1024


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="memory is read from /proc")
def test_who_does_not_read_costs_little_and_is_cut_off(
    seeded_copy: sa.Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REGISTRY_SLOW_READER_SECONDS", "2")
    begin = end_of(seeded_copy)
    with served("--database-url", address_of(seeded_copy), folder=tmp_path) as (server, address):
        with events(address, LONG, after=begin) as told:  # as much once, read: what that takes stays with the server
            for number in range(80):
                record(seeded_copy, f"read-{number}", "Long. " * 160)
                next(told)
        begin, before = end_of(seeded_copy), memory(server.pid)
        silent = [_silent(address, begin) for _ in range(20)]
        for number in range(80):
            record(seeded_copy, f"unread-{number}", "Long. " * 160)  # 8 MB for each, were it held

        grown = memory(server.pid) - before
        for each in silent:
            _until_cut_off(each)

        assert grown < 40_000_000
        assert len(heard(address, begin, 80, "socket")) == 80


def _until_cut_off(silent: socket.socket) -> None:
    """Waits until the server has given up the connection, without reading from it."""
    poll = select.poll()
    poll.register(silent, 0)  # errors and hang-ups are told all the same
    assert poll.poll(30_000)
    silent.close()


def test_a_socket_that_is_not_read_is_told_why_it_ends(seeded_copy: sa.Engine) -> None:
    begin = end_of(seeded_copy)
    settings = Settings(database_url=address_of(seeded_copy), slow_reader_seconds=0.5)
    with serving(settings) as address, talk(address, max_queue=1) as talking:
        talking.ask("live", LONG, after=begin)
        for number in range(120):
            record(seeded_copy, f"source-{number}", "Long. " * 160)
        time.sleep(1)
        assert talking.closing()[0] in (1013, 1006)  # what says why may not get through to who does not read


# ── Several processes, and the end of one ───────────────────────────────────────────────────────────────────────────


def test_what_is_written_through_one_process_is_heard_at_all(any_engine: sa.Engine, tmp_path: Path) -> None:
    record(any_engine, "first")
    begin, url = end_of(any_engine), address_of(any_engine)
    with contextlib.ExitStack() as both:
        processes = [both.enter_context(served("--database-url", url, folder=tmp_path)) for _ in range(2)]
        sockets = [both.enter_context(talk(address)) for _, address in processes]
        for each in sockets:
            each.ask("live", CHANGES, after=begin)
        time.sleep(0.5)
        for number in range(3):
            record(any_engine, f"source-{number}")
            for each in sockets:
                assert each.hear()["payload"]["data"]["changes"]["sequence"] == number + 2


@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGINT])
def test_a_server_ends_in_time_with_a_hundred_streams_open(
    seeded_copy: sa.Engine, tmp_path: Path, ending: signal.Signals
) -> None:
    with (
        served("--database-url", address_of(seeded_copy), folder=tmp_path) as (server, address),
        contextlib.ExitStack() as open_ones,
    ):
        begin = end_of(seeded_copy)
        sockets = [open_ones.enter_context(talk(address)) for _ in range(50)]
        for each in sockets:
            each.ask("live", CHANGES, after=begin)
        streams = [open_ones.enter_context(events(address, CHANGES, after=begin)) for _ in range(50)]
        record(seeded_copy, "last")
        for each in sockets:
            assert each.hear(30)["type"] == "next"
        for stream in streams:
            assert next(stream).name == "next"

        begun = time.monotonic()
        server.send_signal(ending)
        assert server.wait(20) == 0
        assert time.monotonic() - begun < 5

        assert {each.closing()[0] for each in sockets} == {1012}
        assert [list(stream) for stream in streams] == [[]] * 50  # no `complete`: whoever comes back resumes
        assert server.stdout is not None
        assert server.stdout.read() == ""


def test_a_server_ends_in_time_with_those_who_do_not_read(seeded_copy: sa.Engine, tmp_path: Path) -> None:
    with served("--database-url", address_of(seeded_copy), folder=tmp_path) as (server, address):
        silent = [_silent(address, end_of(seeded_copy)) for _ in range(10)]
        for number in range(60):
            record(seeded_copy, f"source-{number}", "Long. " * 160)
        begun = time.monotonic()
        server.send_signal(signal.SIGTERM)
        ended = server.wait(20)
        took = time.monotonic() - begun
        for each in silent:
            each.close()
        assert (ended, took < 5) == (0, True), took


# ── Those who have no right any more ────────────────────────────────────────────────────────────────────────────────


def test_who_loses_the_key_hears_no_more(any_engine: sa.Engine) -> None:
    with changeset(any_engine, "Keys.") as changes:
        lasting = make_key(changes, Actor("lasting", Role.READER))
        lost = make_key(changes, Actor("lost", Role.READER))
    record(any_engine, "first")
    begin = end_of(any_engine)
    settings = Settings(database_url=address_of(any_engine), keep_alive_seconds=0.3)
    with (
        serving(settings) as address,
        talk(address, init={"authorization": lasting}) as kept,
        talk(address, additional_headers={"Authorization": lost}) as by_request,
        talk(address, init={"authorization": lost}) as by_message,
        events(address, CHANGES, after=begin, headers={"Authorization": lost}) as by_events,
        events(address, CHANGES, after=begin) as by_anybody,
    ):
        kept.ask("live", CHANGES, after=begin)
        time.sleep(1)  # nothing happens while all keys hold
        record(any_engine, "second")
        assert next(by_events).name == next(by_anybody).name == "next"
        with changeset(any_engine, "Lost.") as changes:
            revoke(changes, lost.removeprefix("Bearer "))

        assert by_request.closing() == by_message.closing() == (4403, "The credential does not hold any more")
        refused, end = list(by_events)
        assert refused.data["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
        assert end.name == "complete"

        record(any_engine, "third")
        assert next(by_anybody).name == "next"
        told = [kept.hear() for _ in range(2)]
        assert [each["type"] for each in told] == ["next", "next"], told
