"""Who is turned away by a real server: what waits too long, what waits behind too many, and whoever has gone."""

import json
import re
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx2
import pytest
import sqlalchemy as sa

from registry.errors import DatabaseHeld, DeadlineExceeded, Overloaded, RateLimited, TooBusy, TurnedAway
from registry.history import changeset
from registry.settings import Settings
from registry.web.rates import AWAY, status_of
from schema.execution.watch import Watch
from tests.execution.test_reader import ENDLESS
from tests.factories import make_source
from tests.servers import serving, until

#: Something that costs more than what takes its turn among the middling.
LARGE = {"query": "{ countries(first: 100) { nodes { name agreements(first: 100) { nodes { title } } } } }"}
TINY = {"query": '{ country(code: "DE") { name } }'}


@dataclass
class Reads:
    """What is read in the lane for what takes very long: while `endless`, a statement that has no end."""

    endless: threading.Event = field(default_factory=threading.Event)
    begun: threading.Event = field(default_factory=threading.Event)
    interrupted: threading.Event = field(default_factory=threading.Event)


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> Reads:
    made, rows = Reads(), Watch.rows

    def read(watch: Watch, cursor: Any, text: str, values: Any) -> Any:
        if not (made.endless.is_set() and threading.current_thread().name.startswith("registry-heavy")):
            return rows(watch, cursor, text, values)
        made.begun.set()
        try:
            return rows(watch, cursor, ENDLESS, ())
        finally:  # which nothing but an interruption leads to
            made.interrupted.set()

    monkeypatch.setattr(Watch, "rows", read)
    made.endless.set()
    return made


@contextmanager
def serves(engine: sa.Engine, **bounds: Any) -> Iterator[httpx2.Client]:
    """A client of a server with these bounds."""
    settings = Settings(database_url=engine.url.render_as_string(), answer_cache_bytes=0, **bounds)
    with serving(settings) as address, httpx2.Client(base_url=address, timeout=60) as client:
        yield client


def told(response: httpx2.Response) -> str:
    """The code of the one error of a response, which is to come again."""
    assert response.status_code == 503
    assert int(response.headers["retry-after"]) >= 1
    (error,) = response.json()["errors"]
    assert "SELECT" not in error["message"]
    code: str = error["extensions"]["code"]
    return code


def counted(client: httpx2.Client, code: str) -> float:
    """How many requests have been counted under a code."""
    text = client.get("/metrics").text
    lines = [line for line in text.splitlines() if line.startswith("registry_requests_total{") and f'"{code}"' in line]
    return sum(float(line.rsplit(" ", 1)[1]) for line in lines)


def test_an_answer_that_takes_too_long_is_given_up_and_its_statement_interrupted(
    seeded: sa.Engine, reads: Reads
) -> None:
    with serves(seeded, statement_seconds=0.3) as client:
        assert told(client.post("/graphql", json=LARGE)) == "DEADLINE_EXCEEDED"
        assert reads.interrupted.wait(20)
        assert counted(client, "DEADLINE_EXCEEDED") == 1

        reads.endless.clear()
        assert "errors" not in client.post("/graphql", json=LARGE).json()  # the lane is free again


def test_a_request_has_a_deadline_of_its_own_in_which_it_also_waits(seeded: sa.Engine, reads: Reads) -> None:
    with serves(seeded, request_seconds=0.5, statement_seconds=30) as client:
        assert told(client.post("/graphql", json=LARGE)) == "DEADLINE_EXCEEDED"
        assert reads.interrupted.wait(20)


def test_who_would_wait_behind_too_many_is_turned_away_and_small_questions_are_answered(
    seeded: sa.Engine, reads: Reads
) -> None:
    with serves(seeded, heavy_waiting_max=1, statement_seconds=60, request_seconds=60) as client:
        held = [_hold(client, LARGE)]
        try:
            assert reads.begun.wait(20)
            held.append(_hold(client, LARGE))
            until(lambda: waiting(client) == 1, "nothing waits")

            assert told(client.post("/graphql", json=LARGE)) == "OVERLOADED"
            assert counted(client, "OVERLOADED") == 1
            assert client.post("/graphql", json=TINY).json() == {"data": {"country": {"name": "Germany"}}}
        finally:
            reads.endless.clear()
            for each in held:
                each.close()
        assert reads.interrupted.wait(20)


def test_what_a_client_who_hangs_up_has_asked_is_stopped(seeded: sa.Engine, reads: Reads) -> None:
    with serves(seeded, statement_seconds=60, request_seconds=60) as client:
        asked = _hold(client, LARGE)
        assert reads.begun.wait(20)
        asked.close()

        assert reads.interrupted.wait(20)  # and not only when its time is over
        reads.endless.clear()
        assert "errors" not in client.post("/graphql", json=LARGE).json()
        until(lambda: counted(client, "DEADLINE_EXCEEDED") == 1, "it is not counted")


def waiting(client: httpx2.Client) -> int:
    """Long answers that wait for their turn, as the server tells."""
    found = re.findall(r'^registry_waiting\{.*"heavy".*\} ([\d.]+)', client.get("/metrics").text, re.MULTILINE)
    return int(float(found[0]))


def _hold(client: httpx2.Client, asked: Any) -> socket.socket:
    """Asks over a connection of its own, and does not wait for the answer."""
    body = json.dumps(asked).encode()
    made = socket.create_connection((client.base_url.host, client.base_url.port or 0), timeout=30)
    head = b"POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
    made.sendall(head % len(body) + body)
    return made


def test_who_asks_for_too_many_earlier_moments_is_told_to_come_again(
    seeded_copy: sa.Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    with seeded_copy.connect() as connection:
        moment = connection.scalar(sa.text("SELECT known_at FROM registry_state"))
    with changeset(seeded_copy, "A test.") as changes:
        make_source(changes)
    monkeypatch.setattr("registry.knowledge.keeping.MOST_WAITING", 0)

    with serves(seeded_copy) as client:
        answer = client.post("/graphql", json={"query": f'{{ at(knownAt: "{moment}") {{ knownAt }} }}'})

    assert told(answer) == "TOO_BUSY"


@pytest.mark.parametrize("kind", [RateLimited, Overloaded, DatabaseHeld, TooBusy, DeadlineExceeded])
def test_whatever_is_turned_away_has_a_status_that_says_so(kind: type[TurnedAway]) -> None:
    assert issubclass(kind, AWAY[kind.code])
    assert status_of({"data": {"then": None}, "errors": [{"extensions": {"code": kind.code}}]}) in (429, 503)
