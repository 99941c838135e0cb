"""A database that is away, or that others hold: every way to ask is told the same, and when to come again."""

import asyncio
import sqlite3
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, closing, contextmanager
from pathlib import Path

import httpx2
import pytest
import sqlalchemy as sa
from websockets.exceptions import InvalidStatus

from registry.access import PUBLIC, Actor, Role
from registry.history import changeset
from registry.settings import Settings
from registry.web.app import create_app
from tests.factories import make_agreement, make_key
from tests.servers import serving
from tests.web.talking import talk

EDITOR = Actor("An editor", Role.EDITOR)

KEY = {"Authorization": "Bearer rk_00000000_unknown"}

QUERY = {"query": "{ countries(first: 1) { totalCount } }"}

RECORD = """mutation { legalActRecord(input: {
  agreement: "uz-de", kind: SIGNATURE, date: "2024", reason: "So.", citations: [{ source: "some-source", note: "So." }]
}) { act { id } userErrors { code } } }"""

Ask = Callable[..., httpx2.Response]
Lock = Callable[[str], AbstractContextManager[None]]


def refused(answer: httpx2.Response) -> tuple[int, str]:
    """The status of an answer that says when to come again, and the code of its first error."""
    assert int(answer.headers["retry-after"]) > 0
    assert answer.headers["cache-control"] == "no-store"
    return answer.status_code, answer.json()["errors"][0]["extensions"]["code"]


# ── Away ────────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def away(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> Iterator[Ask]:
    """Asks a registry on a PostgreSQL that does not answer; nothing of it may be noted as a fault of the registry."""
    app = create_app(Settings(database_url=f"postgresql://nobody@/registry?host={tmp_path}"))

    async def answer(method: str, path: str, **given: object) -> httpx2.Response:
        transport = httpx2.ASGITransport(app)
        async with httpx2.AsyncClient(transport=transport, base_url="http://registry") as session:
            return await session.request(method, path, **given)  # type: ignore[arg-type]

    yield lambda *asked, **given: asyncio.run(answer(*asked, **given))
    asyncio.run(app.state.endpoint.close())
    assert "internal error" not in caplog.text


@pytest.mark.parametrize("headers", [{}, KEY])
@pytest.mark.parametrize(
    ("method", "path"),
    [("POST", "/graphql"), ("GET", "/"), ("GET", "/export/agreements.csv"), ("GET", "/export/quotas.xlsx")],
)
def test_whoever_asks_while_the_database_is_away_is_told_so(
    away: Ask, method: str, path: str, headers: dict[str, str]
) -> None:
    body = {"json": QUERY} if method == "POST" else {}
    answer = away(method, path, headers=headers, **body)

    assert refused(answer) == (503, "DATABASE_UNAVAILABLE")


def test_who_sends_a_file_while_the_database_is_away_is_told_so(away: Ask) -> None:
    answer = away("POST", "/import/acts?reason=So", headers={**KEY, "Content-Type": "text/csv"}, content=b"a\n")

    assert refused(answer) == (503, "DATABASE_UNAVAILABLE")


def test_a_request_that_comes_again_while_the_database_is_away_is_told_so(away: Ask) -> None:
    assert refused(away("POST", "/graphql", json=QUERY, headers={"Idempotency-Key": "a"})) == (
        503,
        "DATABASE_UNAVAILABLE",
    )


def test_a_socket_is_not_opened_by_a_key_that_nobody_can_look_up(tmp_path: Path) -> None:
    settings = Settings(database_url=f"postgresql://nobody@/registry?host={tmp_path}")
    with serving(settings) as address:
        with pytest.raises(InvalidStatus) as refusal, talk(address, additional_headers=KEY):
            pass
        assert refusal.value.response.status_code == 503
        with talk(address, init=None) as socket:
            socket.say({"type": "connection_init", "payload": KEY})
            assert socket.closing()[0] == 4403


# ── Held ────────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def held(engine: sa.Engine, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[str, dict[str, str]]]:
    """The address of a server of a registry in which another goes on writing, and the header of an editor."""
    with changeset(engine, "A test.") as changes:
        make_agreement(changes, audience=PUBLIC)
        headers = {"Authorization": make_key(changes, EDITOR)}
    monkeypatch.setattr("registry.database.BUSY", 0.1)
    with (
        serving(Settings(database_url=engine.url.render_as_string())) as address,
        closing(sqlite3.connect(str(engine.url.database), isolation_level=None)) as other,
    ):
        other.execute("BEGIN IMMEDIATE")
        yield address, headers


def test_whoever_writes_while_others_go_on_is_told_to_come_again_and_counted(
    held: tuple[str, dict[str, str]], caplog: pytest.LogCaptureFixture
) -> None:
    address, headers = held
    written = httpx2.post(f"{address}/graphql", json={"query": RECORD}, headers=headers)
    sent = httpx2.post(
        f"{address}/import/acts?reason=So",
        content="agreement,kind,date,source_1,note_1\nuz-de,SIGNATURE,2024-01-02,some-source,So.\n",
        headers={**headers, "Content-Type": "text/csv"},
    )

    assert refused(written) == refused(sent) == (503, "OVERLOADED")
    assert written.json()["errors"][0]["message"] == "Somebody else is writing to the registry."
    assert "internal error" not in caplog.text
    counted = httpx2.get(f"{address}/metrics").text
    assert 'code="OVERLOADED"' in counted
    assert httpx2.post(f"{address}/graphql", json=QUERY, headers=headers).json()["data"]  # who reads does not wait


# ── Locked ──────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def locked(postgres_engine: sa.Engine, caplog: pytest.LogCaptureFixture) -> Iterator[tuple[str, str, Lock]]:
    """A server of a registry on PostgreSQL that waits half a second, a credential, and what locks a table of it."""
    with changeset(postgres_engine, "A test.") as changes:
        make_agreement(changes, audience=PUBLIC)
        key = make_key(changes, EDITOR)
    url = postgres_engine.url.set(drivername="postgresql").render_as_string(hide_password=False)

    @contextmanager
    def lock(table: str) -> Iterator[None]:
        with postgres_engine.begin() as connection:
            connection.exec_driver_sql(f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE")
            yield

    with serving(Settings(database_url=url, statement_seconds=0.5)) as address:
        yield address, key, lock
    assert "internal error" not in caplog.text


def test_a_credential_that_cannot_be_looked_up_is_told_soon_and_keeps_nobody_else_waiting(
    locked: tuple[str, str, Lock],
) -> None:
    address, key, lock = locked

    def ask(given: str | None) -> httpx2.Response:
        headers = {"Authorization": given} if given else {}
        return httpx2.post(f"{address}/graphql", json=QUERY, headers=headers, timeout=60)

    assert ask(None).status_code == 200  # on a connection that is kept, as for what follows
    assert httpx2.get(f"{address}/health/ready", timeout=60).status_code == 200
    with lock("api_key"), ThreadPoolExecutor(20) as asking:
        begun = time.monotonic()
        answers = [asking.submit(ask, key) for _ in range(16)]
        metrics = httpx2.get(f"{address}/metrics", timeout=60)
        assert (metrics.status_code, ask(None).status_code) == (200, 200)
        assert time.monotonic() - begun < 6
        assert {refused(answer.result()) for answer in answers} == {(503, "DATABASE_UNAVAILABLE")}
        assert time.monotonic() - begun < 12
    assert ask(key).json().keys() == {"data"}


def test_an_answer_given_before_that_cannot_be_looked_up_is_told_soon(locked: tuple[str, str, Lock]) -> None:
    address, key, lock = locked
    headers = {"Authorization": key, "Idempotency-Key": "a"}
    with lock("kept_answer"):
        begun = time.monotonic()
        answer = httpx2.post(f"{address}/graphql", json=QUERY, headers=headers, timeout=60)
        assert time.monotonic() - begun < 4
    assert refused(answer) == (503, "DATABASE_UNAVAILABLE")


def test_who_asks_first_does_not_wait_for_ever_for_a_table_that_others_hold(
    locked: tuple[str, str, Lock], monkeypatch: pytest.MonkeyPatch
) -> None:
    address, _, lock = locked
    monkeypatch.setattr("registry.visibility.BUSY", 0.5)
    with lock("agreement"):
        begun = time.monotonic()
        answer = httpx2.post(f"{address}/graphql", json=QUERY, timeout=60)
        assert time.monotonic() - begun < 4
    assert refused(answer) == (503, "DATABASE_UNAVAILABLE")
    assert httpx2.post(f"{address}/graphql", json=QUERY, timeout=60).json().keys() == {"data"}


def test_the_log_says_once_why_the_database_is_away(
    away: Ask, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("registry.away._WARNED", {})
    for _ in range(3):
        away("POST", "/graphql", json=QUERY)

    (line,) = [each for each in caplog.messages if each.startswith("The database cannot be used: ")]
    assert "connection" in line
