"""The annex: what is worked out in it is answered as the server itself would, and nothing that befalls it is felt."""

import asyncio
import json
import os
import signal
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import AsyncMock, Mock

import httpx2
import pytest
import sqlalchemy as sa

from registry.access import Actor, Role
from registry.history import changeset
from registry.settings import Settings
from registry.web import annex
from registry.web.annexed import STANDING_BACK
from tests.factories import make_key
from tests.servers import served, serving, until
from tests.web.talking import talk
from tests.web.test_crash import RECORD

HEAVY = "query Heavy%d { placements(groupBy: [COUNTRY, YEAR], first: 50) { total rows { people country { name } } } }"
LONG = "# " + "word " * 300 + "\n"

ACCEPT = ["application/json", "application/graphql-response+json"]

QUERIES: dict[str, dict[str, Any]] = {
    "a group-by": {"query": HEAVY % 0},
    "a count": {"query": "{ agreements(first: 3) { totalCount nodes { title status } } }"},
    "a long document": {"query": LONG + "{ agreements(first: 3) { nodes { title } } }"},
    "pages in pages": {"query": "{ countries(first: 9) { nodes { name agreements { nodes { title } } } } }"},
    "what was known": {"query": '{ at(knownAt: "2100-01-01T00:00:00Z") { country(code: "DE") { name } } }'},
    "the schema": {"query": "{ __schema { queryType { name } types { name } } }"},
    "the schema beside data": {"query": LONG + '{ __typename country(code: "DE") { __typename name } }'},
    "no GraphQL": {"query": LONG + "{ agreements("},
    "no such field": {"query": LONG + "{ agreements { nodes { titel } } }"},
    "too large a page": {"query": LONG + "{ agreements(first: 1000) { nodes { title } } }"},
    "too much at once": {
        "query": LONG + "{ countries(first: 100) { nodes { agreements(first: 100) { nodes { companies(first: 100)"
        " { nodes { name } } } } } } }"
    },
    "nothing of that name": {
        "query": LONG + "query Q($of: CountryCode!) { agreements(filter: {country: [$of]}) { totalCount } }",
        "variables": {"of": "XX"},
    },
    "a variable of a wrong kind": {
        "query": LONG + "query Q($first: Int) { agreements(first: $first) { totalCount } }",
        "variables": {"first": "three"},
    },
    "many values": {
        "query": "query Q($ids: [ID!]!) { nodes(ids: $ids) { id } }",
        "variables": {"ids": ["nonsense"] * 150},
    },
    "two operations": {"query": LONG + "query A { __typename } query B { __typename }"},
    "one of two operations": {
        "query": LONG + "query A { __typename } query B { agreements { totalCount } }",
        "operationName": "B",
    },
    "what one may not see": {"query": LONG + "{ changes(first: 3) { totalCount } viewer { role } }"},
}


@contextmanager
def annexed(engine: sa.Engine, **settings: Any) -> Iterator[httpx2.Client]:
    """A client of a server whose annex has opened."""
    with opened(engine, annex=True, **settings) as client:
        until(lambda: told(client, "registry_annex_open") == 1, "the annex does not open")
        yield client


@contextmanager
def opened(engine: sa.Engine, **settings: Any) -> Iterator[httpx2.Client]:
    """A client of a server."""
    given = Settings(database_url=engine.url.render_as_string(hide_password=False), **settings)
    with serving(given) as address, httpx2.Client(base_url=address, timeout=60) as client:
        yield client


def told(client: httpx2.Client, name: str) -> float:
    """What a counter says."""
    lines = client.get("/metrics").text.splitlines()
    return float(next(line.split()[1] for line in lines if line.startswith(name + " ")))


@pytest.fixture(scope="module")
def both(seeded: sa.Engine) -> Iterator[tuple[httpx2.Client, httpx2.Client]]:
    """A server without an annex, and one with it; neither keeps answers."""
    with opened(seeded, answer_cache_bytes=0) as alone, annexed(seeded, answer_cache_bytes=0) as with_annex:
        yield alone, with_annex


@pytest.mark.parametrize("accept", ACCEPT)
@pytest.mark.parametrize("name", QUERIES)
def test_an_answer_from_the_annex_is_the_one_that_the_server_itself_would_give(
    both: tuple[httpx2.Client, httpx2.Client], name: str, accept: str
) -> None:
    before = told(both[1], "registry_annex_answers_total")
    headers = {"Accept": accept, "X-GraphQL-Cost": "1"}
    # Each time as a document that was never seen: those that come again may be answered by the server itself.
    body = {**QUERIES[name], "query": f"{QUERIES[name]['query']} # {accept}"}
    alone, apart = (client.post("/graphql", json=body, headers=headers) for client in both)
    assert (apart.status_code, _told(apart)) == (alone.status_code, _told(alone))
    assert apart.headers["content-type"] == alone.headers["content-type"]
    assert told(both[1], "registry_annex_answers_total") == before + 1


def _told(response: httpx2.Response) -> Any:
    answer = response.json()
    answer.get("extensions", {}).get("cost", {}).pop("remaining", None)  # which grows with time
    return json.dumps(answer)  # in this order


def test_what_is_asked_over_a_socket_is_answered_there_too(both: tuple[httpx2.Client, httpx2.Client]) -> None:
    before = told(both[1], "registry_annex_answers_total")
    query, wrong = HEAVY % 1, LONG + "{ agreements { nodes { titel } } } # 1"
    answers = []
    for client in both:
        with talk(str(client.base_url).rstrip("/")) as conversation:
            answer = conversation.answer(query)
            conversation.ask("wrong", wrong)
            answers.append((answer, conversation.hear()))
    assert answers[0] == answers[1]
    assert answers[1][1]["type"] == "error"
    assert told(both[1], "registry_annex_answers_total") == before + 2


def test_changes_of_records_that_no_field_leads_to_are_told_there_too(seeded_copy: sa.Engine) -> None:
    with changeset(seeded_copy, "A key.") as changes:
        key = make_key(changes, Actor("admin", Role.ADMIN))
    query = LONG + '{ changes(filter: {subjectType: ["ApiKey"]}) { nodes { action fields { name } } } }'
    with annexed(seeded_copy) as client:
        answer = client.post("/graphql", json={"query": query}, headers={"Authorization": key})
        assert told(client, "registry_annex_answers_total") == 1

    (change,) = answer.json()["data"]["changes"]["nodes"]
    assert change["action"] == "CREATED"
    assert {"name": "role"} in change["fields"]


def test_a_page_is_made_of_the_same_answers(both: tuple[httpx2.Client, httpx2.Client]) -> None:
    alone, apart = (client.get("/countries/DE", params={"as_of": "2026-01-01"}) for client in both)
    assert alone.status_code == apart.status_code == 200
    assert alone.text == apart.text


@pytest.mark.parametrize("burst", [1_000_000, 300])
def test_an_answer_from_the_annex_costs_its_client_what_it_would_cost_without(seeded: sa.Engine, burst: int) -> None:
    left: list[int] = []
    for open_ in (opened, annexed):
        with open_(seeded, client_points_per_second=1, client_points_burst=burst, answer_cache_bytes=0) as client:
            for query in (HEAVY % 2, QUERIES["a long document"]["query"], QUERIES["the schema"]["query"]):
                response = client.post("/graphql", json={"query": query})
                left.append(int(response.headers["ratelimit"].partition("r=")[2].partition(";")[0]))
    for alone, apart in zip(left[:3], left[3:], strict=True):
        assert abs(alone - apart) <= 60  # a point comes back in each second


def test_whoever_has_no_points_left_is_not_answered_in_the_annex_either(seeded: sa.Engine) -> None:
    with annexed(seeded, client_points_per_second=1, client_points_burst=500) as client:
        query = LONG + "{ countries(first: 100) { nodes { name agreements(first: 5) { nodes { title } } } } }"
        for number in range(3):
            response = client.post("/graphql", json={"query": f"{query} # {number}"})
        assert response.status_code == 429
        assert response.json()["errors"][0]["extensions"]["code"] == "RATE_LIMITED"
        assert int(response.headers["retry-after"]) > 0


def test_a_change_is_never_made_in_the_annex_and_is_seen_by_it_at_once(seeded_copy: sa.Engine) -> None:
    with changeset(seeded_copy, "A test.") as changes:
        key = make_key(changes, Actor("editor", Role.EDITOR))
    with annexed(seeded_copy) as client:
        headers, counted = {"Authorization": key}, "{ engagements { totalCount } } # %d"

        def count(number: int) -> int:
            answer = client.post("/graphql", json={"query": counted % number}, headers=headers).json()
            found: int = answer["data"]["engagements"]["totalCount"]
            return found

        source = client.post("/graphql", json={"query": "{ sources(first: 1) { nodes { reference } } }"}).json()
        before = count(0)
        for number in range(1, 4):
            asked = {
                "query": LONG + RECORD % source["data"]["sources"]["nodes"][0]["reference"],
                "variables": {"reference": f"annex-{number}"},
            }
            answer = client.post("/graphql", json=asked, headers=headers).json()
            assert answer["data"]["engagementRecord"]["userErrors"] == [], answer
            assert count(number) == before + number


def _annexes_of(server: int) -> set[int]:
    """The processes that are annexes of a server."""
    told = Path(f"/proc/{server}/task").glob("*/children")
    return {int(child) for each in told for child in each.read_text().split() if b"annexed" in _said(child)}


def _said(process: str) -> bytes:
    """The command line of a process, be it there or not."""
    try:
        return Path(f"/proc/{process}/cmdline").read_bytes()
    except OSError:
        return b""


def _lives(process: int) -> bool:
    try:
        state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


needs_proc = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="PROCESSES ARE LOOKED AT ON LINUX ONLY")


@needs_proc
def test_an_annex_that_is_killed_is_replaced_and_everybody_is_answered_meanwhile(seeded: sa.Engine) -> None:
    others = _annexes_of(os.getpid())
    with annexed(seeded, answer_cache_bytes=0) as client:
        (killed,) = _annexes_of(os.getpid()) - others
        os.kill(killed, signal.SIGKILL)
        for number in range(20):
            response = client.post("/graphql", json={"query": HEAVY % (100 + number)})
            # Whoever was asking at that very moment is told to come again.
            assert response.status_code == 200 or (number == 0 and response.headers["retry-after"])
        until(lambda: told(client, "registry_annex_starts_total") == 2, "it is not started again")
        before = told(client, "registry_annex_answers_total")
        assert "errors" not in client.post("/graphql", json={"query": HEAVY % 200}).json()
        assert told(client, "registry_annex_answers_total") == before + 1


@needs_proc
def test_an_annex_that_hangs_is_replaced_and_who_waits_for_it_is_told_in_time(
    seeded: sa.Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(annex, "HANGS", 0.3)
    others = _annexes_of(os.getpid())
    with annexed(seeded, request_seconds=0.7, answer_cache_bytes=0) as client:
        (hanging,) = _annexes_of(os.getpid()) - others
        os.kill(hanging, signal.SIGSTOP)
        response = client.post("/graphql", json={"query": HEAVY % 300})
        assert response.status_code == 503
        assert response.json()["errors"][0]["extensions"]["code"] == "DEADLINE_EXCEEDED"
        until(lambda: told(client, "registry_annex_starts_total") == 2, "it is not replaced")
        assert not _lives(hanging)


def test_an_annex_that_has_grown_gives_its_place_to_another_while_nobody_asks(
    seeded: sa.Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(annex, "GROWN", -1)
    monkeypatch.setattr(annex, "EVERY", 0.05)
    with annexed(seeded, answer_cache_bytes=0) as client:
        until(lambda: told(client, "registry_annex_starts_total") >= 3, "it is not replaced")
        assert told(client, "registry_annex_open") == 1
        assert "errors" not in client.post("/graphql", json={"query": HEAVY % 400}).json()


@needs_proc
@pytest.mark.usefixtures("both")
def test_an_annex_that_cannot_take_the_place_of_a_grown_one_is_tried_again_after_a_while(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def tries() -> int:
        one, tried = annex.Annex(Settings()), []

        async def replace() -> None:
            tried.append(one.room)
            if one.room is not None:
                raise annex.Gone
            reading = asyncio.get_running_loop().create_future()
            one.room = Mock(reading=reading, idle=True, grown=True, close=AsyncMock())

        monkeypatch.setattr(one, "_replace", replace)
        one.start()
        await asyncio.sleep(0.5)
        await one.close()
        return len(tried)

    monkeypatch.setattr(annex, "EVERY", 0.01)
    monkeypatch.setattr(annex, "SOON", 0.2)
    assert 2 <= asyncio.run(tries()) <= 4


def test_the_annex_stands_back_behind_the_server() -> None:
    until(lambda: len(_annexes_of(os.getpid())) == 1, "there is more than one annex of one server")
    (annexed,) = _annexes_of(os.getpid())
    assert os.getpriority(os.PRIO_PROCESS, annexed) == min(os.nice(0) + STANDING_BACK, 19)


@needs_proc
@pytest.mark.parametrize("by", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_the_annex_ends_with_its_server_however_that_ends(
    seeded_file: Path, tmp_path: Path, by: signal.Signals
) -> None:
    with served("--database-url", f"sqlite:///{seeded_file}", folder=tmp_path) as (process, _):
        until(lambda: len(_annexes_of(process.pid)) == 1, "there is no annex")
        (child,) = _annexes_of(process.pid)
        process.send_signal(by)
        process.wait(timeout=30)
        assert process.returncode == (-signal.SIGKILL if by is signal.SIGKILL else 0)
        until(lambda: not _lives(child), "the annex goes on")


def test_what_a_client_who_hangs_up_has_asked_of_the_annex_is_stopped_and_paid_for(seeded: sa.Engine) -> None:
    fields = " ".join(f'a{n}: country(code: "DE") {{ code name stage alpha3 numeric region }}' for n in range(115))
    with annexed(seeded, client_points_per_second=1, client_points_burst=1_000_000) as client:
        address = client.base_url
        before = told(client, "registry_annex_answers_total")
        body = json.dumps({"query": "{" + fields + "}"}).encode()
        head = f"POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: {len(body)}"
        with socket.create_connection((address.host, address.port or 80)) as asking:
            asking.sendall(head.encode() + b"\r\n\r\n" + body)
            time.sleep(0.05)  # most of the time it is being planned by now; else it was never begun
        until(lambda: told(client, "registry_annex_answers_total") == before + 1, "it goes on")
        response = client.post("/graphql", json={"query": "{ __typename }"})
        left = int(response.headers["ratelimit"].partition("r=")[2].partition(";")[0])
        assert left < 1_000_000 - len(body) * 0.1
