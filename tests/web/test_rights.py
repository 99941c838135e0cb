"""A PostgreSQL that denies the registry something: what can be answered is, and what lacks is told with its remedy."""

import uuid
from collections.abc import Iterator

import httpx2
import pytest
import sqlalchemy as sa

from registry.access import PUBLIC, Actor, Role
from registry.cli.doctor import findings
from registry.database import open_engine
from registry.health import Finding, State
from registry.history import changeset
from registry.settings import Settings
from registry.utilisation import settle
from tests.commands import run
from tests.factories import make_agreement, make_key
from tests.servers import serving

EDITOR = Actor("An editor", Role.EDITOR)

QUERY = "{ agreements(first: 1) { totalCount } }"

RECORD = """mutation { legalActRecord(input: {
  agreement: "uz-de", kind: SIGNATURE, date: "2024", reason: "So.", citations: [{ source: "some-source", note: "So." }]
}) { act { id } userErrors { code } } }"""

pytestmark = pytest.mark.usefixtures("folder")


def administer(engine: sa.Engine, *statements: str) -> None:
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)


@pytest.fixture
def key(postgres_engine: sa.Engine, monkeypatch: pytest.MonkeyPatch) -> str:
    """The credential of an editor of a registry on PostgreSQL with an agreement; of its log nothing was warned yet."""
    monkeypatch.setattr("registry.away._WARNED", {})
    with changeset(postgres_engine, "A test.") as changes:
        make_agreement(changes, audience=PUBLIC)
        made = make_key(changes, EDITOR)
    settle(postgres_engine, Settings().home_country)
    return made


@pytest.fixture
def reader(postgres_engine: sa.Engine, key: str) -> Iterator[str]:
    """The address of that registry for a role that may only read."""
    role = f"reader_{uuid.uuid4().hex}"
    administer(postgres_engine, f"CREATE ROLE {role} LOGIN", f"GRANT SELECT ON ALL TABLES IN SCHEMA public TO {role}")
    yield postgres_engine.url.set(drivername="postgresql", username=role).render_as_string(hide_password=False)
    administer(postgres_engine, f"DROP OWNED BY {role}", f"DROP ROLE {role}")


def doctor(url: str) -> Finding:
    """The worst that the doctor finds of the database."""
    order = [*State]
    found = [one for one in findings(database_url=url) if one.name == "database"]
    return max(found, key=lambda one: order.index(one.state))


def asked(address: str, query: str, key: str | None = None) -> tuple[int, str]:
    """The status of an answer, and what the first error in it says with its code; "" where there is none."""
    answer = httpx2.post(
        f"{address}/graphql", json={"query": query}, headers={"Authorization": key} if key else {}, timeout=60
    )
    errors = answer.json().get("errors")
    if not errors:
        return answer.status_code, ""
    return answer.status_code, f"{errors[0]['extensions']['code']}: {errors[0]['message']}"


def test_a_database_that_is_read_only_answers_questions_and_says_that_nothing_can_be_recorded(
    postgres_engine: sa.Engine, key: str, caplog: pytest.LogCaptureFixture
) -> None:
    administer(postgres_engine, f"ALTER DATABASE {postgres_engine.url.database} SET default_transaction_read_only = on")
    url = postgres_engine.url.set(drivername="postgresql").render_as_string(hide_password=False)

    with serving(Settings(database_url=url)) as address:
        assert asked(address, QUERY) == (200, "")
        assert asked(address, RECORD, key) == (
            503,
            "DATABASE_UNAVAILABLE: The database is read-only at the moment.",
        )
        ready = httpx2.get(f"{address}/health/ready", timeout=60)
    assert (ready.status_code, ready.json()["checks"]["database"]) == (200, "warn")
    assert "cannot execute INSERT in a read-only transaction" in caplog.text
    assert "internal error" not in caplog.text
    found = doctor(url)
    assert (found.state, "read-only" in found.told) == (State.WARN, True)
    assert "default_transaction_read_only" in found.todo
    engine = open_engine(url)
    with pytest.raises(sa.exc.InternalError, match="read-only"), engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM change")  # what its owner has set holds
    engine.dispose()


def test_a_role_that_may_not_make_temporary_views_is_told_what_to_grant(
    postgres_engine: sa.Engine, reader: str, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    administer(postgres_engine, f"REVOKE TEMPORARY ON DATABASE {postgres_engine.url.database} FROM PUBLIC")

    with serving(Settings(database_url=reader)) as address:
        assert asked(address, QUERY) == (
            503,
            "DATABASE_UNAVAILABLE: The database denies the registry a right that it needs.",
        )
        ready = httpx2.get(f"{address}/health/ready", timeout=60)
    assert (ready.status_code, ready.json()["checks"]["database"]) == (503, "fail")
    assert "has no TEMPORARY privilege" in caplog.text
    assert "internal error" not in caplog.text
    found = doctor(reader)
    assert (found.state, "TEMPORARY" in found.told) == (State.FAIL, True)
    assert found.todo.startswith("GRANT TEMPORARY ON DATABASE registry_test_")
    assert run("export", "agreements", "--role", "PUBLIC", "--database-url", reader) == 1
    said = capsys.readouterr().err
    assert "permission denied to create temporary tables" in said
    assert "grant it" in said
    assert "Traceback" not in said


def test_a_command_that_a_role_may_not_do_says_so_in_a_sentence(
    reader: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("key", "create", "--role", "reader", "--name", "Somebody", "--database-url", reader) == 1

    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.count("\n") == 1
    assert said.err.startswith("The database cannot be used for this: permission denied for ")
    assert "grant it" in said.err
    found = doctor(reader)
    assert (found.state, "may only read" in found.told) == (State.WARN, True)


def test_a_role_that_may_not_make_tables_is_told_what_to_grant(
    postgres_url: str, reader: str, capsys: pytest.CaptureFixture[str]
) -> None:
    role = sa.make_url(reader).username
    url = sa.make_url(postgres_url).set(username=role, drivername="postgres").render_as_string(hide_password=False)

    assert run("migrate", "--database-url", url) == 1

    said = capsys.readouterr().err
    assert said.startswith("The database at postgresql://")
    assert "permission denied for schema public" in said
    assert "CREATE on the schema" in said
    assert "sqlite" not in said
