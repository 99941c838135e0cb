"""What operators ask the server: whether it lives, whether it is ready, what it counts, and what it logs."""

import errno
import json
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest
import sqlalchemy as sa
from prometheus_client.openmetrics.parser import text_string_to_metric_families as openmetrics
from prometheus_client.parser import text_string_to_metric_families as prometheus
from starlette.requests import Request

from registry.access import ANYONE, Actor, Role
from registry.errors import DatabaseUnavailable
from registry.history import changeset
from registry.keys import create
from registry.knowledge import Knowledge
from registry.settings import Settings
from registry.web import operations
from registry.web.auth import METRICS
from registry.web.operations import _may_read
from registry.web.watching import named
from tests.servers import served, serving, until
from tests.web.talking import CHANGES, talk

TOKEN = "a-token-for-prometheus"
CHECKS = {"database": "ok", "migrations": "ok", "disk": "ok", "snapshots": "ok"}


def settings_for(engine: sa.Engine, **more: Any) -> Settings:
    return Settings(database_url=engine.url.render_as_string(hide_password=False), **more)


@contextmanager
def asking(engine: sa.Engine, **more: Any) -> Iterator[httpx2.Client]:
    """A client of a server with these settings."""
    with serving(settings_for(engine, **more)) as address, httpx2.Client(base_url=address, timeout=30) as client:
        yield client


def counts(client: httpx2.Client, **headers: str) -> dict[tuple[str, ...], float]:
    """The counters, by name and the values of labels in the order of their names."""
    response = client.get("/metrics", headers=headers)
    assert response.status_code == 200
    parse = openmetrics if "openmetrics" in response.headers["content-type"] else prometheus
    return {
        (sample.name, *(sample.labels[name] for name in sorted(sample.labels))): sample.value
        for family in parse(response.text)
        for sample in family.samples
    }


# ── Ready ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_registry_that_works_is_ready(any_engine: sa.Engine) -> None:
    with asking(any_engine) as client:
        response = client.get("/health/ready")

    assert (response.status_code, response.json()) == (200, {"status": "ready", "checks": CHECKS})
    assert response.headers["cache-control"] == "no-store"


def unready(engine: sa.Engine, **more: Any) -> dict[str, str]:
    """The checks of a registry that is not ready."""
    with asking(engine, **more) as client:
        response = client.get("/health/ready")
        assert client.get("/health/live").status_code == 200
    told = response.json()
    assert (response.status_code, told["status"]) == (503, "not ready")
    assert "/" not in response.text
    assert str(engine.url.database) not in response.text
    checks: dict[str, str] = told["checks"]
    return checks


def test_a_registry_whose_tables_are_of_another_version_is_not_ready(any_engine: sa.Engine) -> None:
    with any_engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0001'")

    assert unready(any_engine) == CHECKS | {"migrations": "fail"}


def test_a_registry_without_room_on_disk_is_not_ready(engine: sa.Engine) -> None:
    assert unready(engine, disk_bytes_min=2**62) == CHECKS | {"disk": "fail"}


def test_a_registry_that_cannot_write_snapshots_is_not_ready(engine: sa.Engine, tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("no folder")

    assert unready(engine, snapshots_dir=tmp_path / "taken") == CHECKS | {"snapshots": "fail"}


def test_a_registry_that_cannot_write_into_its_own_folder_for_snapshots_is_not_ready(
    engine: sa.Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "taken").write_text("no folder")
    monkeypatch.setattr(Knowledge, "folder", tmp_path / "taken")

    assert unready(engine) == CHECKS | {"snapshots": "fail"}


def test_a_registry_whose_disk_cannot_be_looked_at_is_not_ready(
    engine: sa.Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_folder: Path) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr("registry.health.shutil.disk_usage", refuse)

    assert unready(engine) == CHECKS | {"disk": "fail"}


def test_a_registry_whose_database_cannot_hold_all_letters_is_not_ready(
    engine: sa.Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_connection: sa.Connection) -> None:
        raise DatabaseUnavailable("PostgreSQL keeps this database in LATIN1, which lacks letters.")

    monkeypatch.setattr("registry.health.migrations", refuse)
    checks = unready(engine)

    assert checks == {"database": "fail", "disk": "ok", "snapshots": "ok"}


def test_a_registry_whose_database_is_away_is_not_ready(engine: sa.Engine) -> None:
    with asking(engine) as client:
        assert client.get("/health/ready").status_code == 200
        Path(str(engine.url.database)).rename(f"{engine.url.database}.gone")
        until(lambda: client.get("/health/ready").status_code == 503, "the loss was not noticed")

        assert client.get("/health/ready").json()["checks"]["database"] == "fail"


def test_nobody_waits_for_a_database_that_does_not_answer(engine: sa.Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    answered = threading.Event()
    monkeypatch.setattr(operations, "PATIENCE", 0.05)
    monkeypatch.setattr(operations.Operations, "_look", lambda self: answered.wait(30) and [])
    with asking(engine) as client:
        response = client.get("/health/ready")
        answered.set()

    assert response.status_code == 503
    assert response.json()["checks"]["database"] == "fail"


def test_a_server_that_is_about_to_end_says_so_and_still_answers(seeded_file: Path, tmp_path: Path) -> None:
    given = {"REGISTRY_DRAIN_SECONDS": "600"}
    with served("--database-url", f"sqlite:///{seeded_file}", folder=tmp_path, environment=given) as (process, address):
        assert httpx2.get(f"{address}/health/ready").status_code == 200
        process.send_signal(signal.SIGTERM)
        until(lambda: httpx2.get(f"{address}/health/ready").status_code == 503, "the end was not told")

        assert httpx2.get(f"{address}/health/ready").json()["status"] == "draining"
        assert httpx2.post(f"{address}/graphql", json={"query": "{ about { sequence } }"}).json().keys() == {"data"}
        assert process.poll() is None
        process.send_signal(signal.SIGINT)  # now at once
        assert process.wait(timeout=30) == 0


# ── Counters ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_requests_are_counted_by_operation_kind_and_code(seeded: sa.Engine) -> None:
    with asking(seeded) as client:
        for query in (
            "query Small { about { sequence } }",
            "query Small { about { sequence } }",
            "query Bad { nothing }",
        ):
            client.post("/graphql", json={"query": query})
        client.post("/graphql", content=b"5", headers={"Content-Type": "application/json"})
        client.get("/countries")
        client.get("/nowhere")
        with talk(str(client.base_url)) as socket:
            socket.answer("query OverSocket { about { sequence } }")
        found = counts(client)

    assert found["registry_requests_total", "OK", "query", "Small"] == 2
    assert found["registry_requests_total", "GRAPHQL_VALIDATION_FAILED", "query", "other"] == 1
    assert found["registry_requests_total", "BAD_REQUEST", "http", "/graphql"] == 1
    assert found["registry_requests_total", "OK", "http", "/countries"] == 1
    assert found["registry_requests_total", "NOT_FOUND", "http", "unknown"] == 1
    assert found["registry_requests_total", "OK", "query", "OverSocket"] == 1
    assert found["registry_request_seconds_count", "query"] == 4


def test_operations_of_trusted_documents_have_a_count_of_their_own(
    seeded: sa.Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("registry.telemetry.metrics.MOST_NAMES", 0)
    (tmp_path / "documents.json").write_text(json.dumps({"sha256:1": "query Trusted { about { sequence } }"}))
    with asking(seeded, trusted_documents=tmp_path / "documents.json") as client:
        client.post("/graphql", json={"documentId": "sha256:1"})
        client.post("/graphql", json={"query": "query Foreign { about { sequence } }"})
        found = counts(client)

    assert found["registry_requests_total", "OK", "query", "Trusted"] == 1
    assert found["registry_requests_total", "OK", "query", "other"] == 1


def test_what_answers_is_counted(seeded: sa.Engine) -> None:
    with asking(seeded) as client:
        before = counts(client)
        for _ in range(3):
            client.post("/graphql", json={"query": "{ countries(first: 2) { nodes { code } } }"})
        client.post("/graphql", json={"query": "{ __schema { queryType { name } } }"})
        found = counts(client)

    assert found["registry_cache_total", "hit", "answer"] == 2
    assert found["registry_cache_total", "miss", "document"] >= 1
    assert found["registry_direct_answers_total",] == 3
    assert sum(count for (name, *_), count in found.items() if name == "registry_fallbacks_total") >= 1
    assert found["registry_statements_total",] > before["registry_statements_total",]
    assert found["registry_statement_seconds_total",] > before["registry_statement_seconds_total",]
    assert found["registry_log_sequence",] > 0
    assert found["registry_ready",] == 1
    assert found["registry_waiting", "heavy"] == 0
    assert found["process_resident_memory_bytes",] > 0
    assert ("registry_build_info", "sqlite") in {key[:2] for key in found}


def test_open_streams_and_subscribers_are_counted(engine: sa.Engine) -> None:
    with asking(engine) as client:
        with changeset(engine, "A test.") as changes:
            create(changes, name="Somebody", role=Role.READER)
        with talk(str(client.base_url)) as socket:
            socket.ask("changes", CHANGES)
            until(lambda: counts(client)["registry_subscribers",] == 1, "the subscriber was not counted")
            assert counts(client)["registry_streams",] == 1
        until(lambda: counts(client)["registry_streams",] == 0, "the end of the stream was not counted")


def test_counters_come_as_openmetrics_too(seeded: sa.Engine) -> None:
    with asking(seeded) as client:
        wanted = "application/openmetrics-text; version=1.0.0"

        assert counts(client, Accept=wanted)["registry_ready",] == 1
        assert client.get("/metrics", headers={"Accept": wanted}).text.endswith("# EOF\n")
        assert client.get("/metrics", headers={"Accept": "text/plain; version=x"}).status_code == 200


def asker(actor: Actor, client: tuple[str, int] | None = ("203.0.113.7", 1), **headers: str) -> Request:
    given = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return Request({"type": "http", "client": client, "headers": given, "state": {"actor": actor}})


@pytest.mark.parametrize(
    ("request_", "may"),
    [
        (asker(ANYONE), False),
        (asker(ANYONE, None), False),
        (asker(ANYONE, ("127.0.0.1", 1)), True),
        (asker(ANYONE, ("::1", 1)), True),
        (asker(ANYONE, ("testclient", 1)), False),
        (asker(ANYONE, ("127.0.0.1", 1), x_forwarded_for="127.0.0.1"), False),
        (asker(ANYONE, ("127.0.0.1", 1), forwarded="for=127.0.0.1"), False),
        (asker(Actor("An editor", Role.EDITOR)), False),
        (asker(METRICS), True),
        (asker(Actor("An administrator", Role.ADMIN)), True),
    ],
)
def test_counters_are_for_the_machine_itself_and_for_who_has_the_right(request_: Request, may: bool) -> None:
    assert _may_read(request_) is may


def test_a_token_opens_the_counters_and_nothing_else(seeded: sa.Engine) -> None:
    given = {"X-Forwarded-For": "203.0.113.7", "Authorization": f"Bearer {TOKEN}"}
    with asking(seeded, metrics_token=TOKEN) as client:
        assert client.get("/metrics", headers={"X-Forwarded-For": "203.0.113.7"}).status_code == 403
        assert client.get("/metrics", headers=given).status_code == 200
        assert client.get("/metrics", headers=given | {"Authorization": f"Bearer {TOKEN}x"}).status_code == 401
        viewer = client.post("/graphql", json={"query": "{ viewer { role } }"}, headers=given).json()

    assert viewer == {"data": {"viewer": {"role": METRICS.role.value}}} == {"data": {"viewer": {"role": "PUBLIC"}}}


def test_counters_can_be_off_or_open(seeded: sa.Engine) -> None:
    for setting, status in (("off", 404), ("open", 200)):
        with asking(seeded, metrics=setting) as client:
            assert client.get("/metrics", headers={"X-Forwarded-For": "203.0.113.7"}).status_code == status


# ── The log ─────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("query", "operation_name", "told"),
    [
        ("{ a }", None, ("", "query")),
        ("query Home($x: Int) { a }", None, ("Home", "query")),
        ("\ufeff # query Not { }\n,mutation Do { a }", None, ("Do", "mutation")),
        ("subscription{ a }", None, ("", "subscription")),
        ("fragment F on Query { a } query Last { ...F }", None, ("Last", "query")),
        ("query One { a } mutation Two { b }", "Two", ("Two", "mutation")),
        ("query One { a } mutation Two { b }", "Three", ("", "query")),
        ("", None, ("", "query")),
        ("}{", None, ("", "query")),
    ],
)
def test_the_name_and_the_kind_are_read_off_any_document(
    query: str, operation_name: str | None, told: tuple[str, str]
) -> None:
    assert named(query, operation_name) == told


def test_each_request_has_a_line_in_the_log_without_what_is_private(seeded_file: Path, tmp_path: Path) -> None:
    given = {"REGISTRY_LOG_LEVEL": "info", "REGISTRY_LOG_FORMAT": "json"}
    with served("--database-url", f"sqlite:///{seeded_file}", folder=tmp_path, environment=given) as (process, address):
        asked = {"query": "query Find($text: String!) { search(query: $text) { totalCount } }"}
        asked |= {"variables": {"text": "privatewords"}}  # type: ignore[dict-item]
        httpx2.post(f"{address}/graphql", json=asked)
        httpx2.get(f"{address}/search?q=privatewords", headers={"Authorization": "Bearer rk_01234567_privateword"})
        httpx2.get(f"{address}/health/live")
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=30) == 0
        assert process.stdout
        said = process.stdout.read()

    told = [json.loads(line) for line in said.splitlines()]
    found, refused = [line for line in told if line["event"] == "request"]
    assert "privateword" not in said
    assert "127.0.0.1" not in said
    assert (found["method"], found["route"], found["operation"], found["kind"]) == ("POST", "/graphql", "Find", "query")
    assert (found["role"], found["client"], found["status"]) == ("PUBLIC", "127.0.0.0/24", 200)
    assert found["sql"] >= 0
    assert found["ms"] > 0
    assert (refused["status"], refused["code"]) == (401, "UNAUTHENTICATED")
