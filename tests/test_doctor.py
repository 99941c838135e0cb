"""The commands that look over a registry and its settings: what is amiss is found, and no secret told."""

import json
import shutil
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from registry.cli.doctor import findings, unknown_variables
from registry.health import State
from registry.history import RegistryState, table_behind
from tests.commands import run

HOME = Path(__file__).resolve().parent.parent


def found(**given: Any) -> dict[str, State]:
    """The worst finding of each check."""
    worst: dict[str, State] = {}
    for one in findings(**given):
        order = [*State]
        worst[one.name] = max(one.state, worst.get(one.name, State.OK), key=order.index)
        assert one.told.endswith(".")
        assert one.state is State.OK or one.todo
    return worst


@pytest.fixture(autouse=True)
def not_root(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody is root, as on a server."""
    monkeypatch.setattr("os.geteuid", lambda: 1_000)


def test_a_registry_that_works_has_nothing_amiss(any_seeded: sa.Engine) -> None:
    states = found(database_url=any_seeded.url.render_as_string(hide_password=False))

    assert set(states.values()) == {State.OK}
    assert {"packages", "seeds", "settings", "time zone", "database", "migrations", "clock", "disk"} <= {*states}


def _old_tables(connection: sa.Connection) -> None:
    connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0001'")


def _late(connection: sa.Connection) -> None:
    connection.execute(sa.update(table_behind(RegistryState)).values(known_at=datetime.now(UTC) + timedelta(days=1)))


@pytest.mark.parametrize(("change", "check"), [(_old_tables, "migrations"), (_late, "clock")])
def test_a_database_that_does_not_fit_is_found(
    seeded_copy: sa.Engine, change: Callable[[sa.Connection], None], check: str
) -> None:
    with seeded_copy.begin() as connection:
        change(connection)

    assert found(database_url=seeded_copy.url.render_as_string())[check] is State.FAIL


@pytest.mark.parametrize(
    ("url", "state"),
    [
        ("sqlite:////nowhere/registry.db", State.WARN),
        (f"sqlite:///{HOME}/README.md", State.FAIL),
        ("postgresql://somebody:secret@127.0.0.1:1/registry", State.FAIL),
        ("mysql://host/name", State.FAIL),
    ],
)
def test_a_database_that_is_not_there_is_found(url: str, state: State) -> None:
    assert found(database_url=url)["database"] is state
    assert "secret" not in "".join(one.told + one.todo for one in findings(database_url=url))


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("REGISTRY_HOST", "0.0.0.0"),
        ("REGISTRY_METRICS", "open"),
        ("REGISTRY_LOG_LEVEL", "debug"),
        ("REGISTRY_PROT", "8000"),
    ],
)
def test_a_dangerous_setting_and_one_that_is_none_are_found(
    monkeypatch: pytest.MonkeyPatch, seeded: sa.Engine, variable: str, value: str
) -> None:
    monkeypatch.setenv(variable, value)

    assert found(database_url=seeded.url.render_as_string())["settings"] is State.WARN


def test_settings_that_cannot_be_used_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REGISTRY_PORT", "-1")

    assert found()["settings"] is State.FAIL


def test_work_as_root_is_found(monkeypatch: pytest.MonkeyPatch, seeded: sa.Engine) -> None:
    monkeypatch.setattr("os.geteuid", lambda: 0)

    assert found(database_url=seeded.url.render_as_string())["settings"] is State.WARN


def test_little_room_and_a_folder_that_cannot_be_written_are_found(
    monkeypatch: pytest.MonkeyPatch, seeded: sa.Engine, tmp_path: Path
) -> None:
    (tmp_path / "taken").write_text("no folder")
    monkeypatch.setenv("REGISTRY_SNAPSHOTS_DIR", str(tmp_path / "taken"))
    monkeypatch.setenv("REGISTRY_DISK_BYTES_MIN", str(2**62))
    states = found(database_url=seeded.url.render_as_string())

    assert (states["snapshots"], states["disk"]) == (State.FAIL, State.FAIL)


def test_seeds_that_name_an_unknown_source_are_found(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, seeded: sa.Engine
) -> None:
    shutil.copytree(HOME / "seeds", tmp_path / "seeds")
    with (tmp_path / "seeds" / "sectors.csv").open("a", encoding="utf-8") as file:
        file.write("\n")
    (tmp_path / "seeds" / "more.csv").write_text("reference,source_1\none,no-such-source\n")
    monkeypatch.setitem(findings.__globals__, "HOME", tmp_path)

    (finding,) = [one for one in findings(database_url=seeded.url.render_as_string()) if one.name == "seeds"]
    assert finding.state is State.FAIL
    assert "no-such-source (more.csv)" in finding.told


def test_a_stranger_in_place_of_our_packages_is_found(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, seeded: sa.Engine
) -> None:
    monkeypatch.setitem(findings.__globals__, "HOME", tmp_path)
    assert found(database_url=seeded.url.render_as_string())["packages"] is State.FAIL
    monkeypatch.setitem(findings.__globals__, "HOME", HOME)
    monkeypatch.setattr("importlib.metadata.packages_distributions", lambda: {"schema": ["schema"]})
    assert found(database_url=seeded.url.render_as_string())["packages"] is State.WARN


def test_the_doctor_tells_in_a_table_and_as_json(capsys: pytest.CaptureFixture[str], seeded: sa.Engine) -> None:
    url = seeded.url.render_as_string()
    assert run("doctor", "--database-url", url) == 0
    assert "foreign keys" in capsys.readouterr().out
    assert run("doctor", "--json", "--database-url", f"sqlite:///{HOME}/README.md") == 1
    told = json.loads(capsys.readouterr().out)
    assert {"check", "state", "told", "todo"} == {*told[0]}
    assert "fail" in {one["state"] for one in told}


def test_settings_are_shown_with_their_origin_and_without_secrets(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REGISTRY_METRICS_TOKEN", "secret-secret-secret")
    monkeypatch.setenv("REGISTRY_PROT", "1")
    url = "postgresql://somebody:secret@host/name?sslpassword=secret&connect_timeout=3"
    for form in ([], ["--json"]):
        assert run("config", "show", "--port", "9", "--database-url", url, *form) == 0
        said = capsys.readouterr()
        assert "secret" not in said.out
        assert "REGISTRY_PROT" in said.err
    told = json.loads(said.out)

    assert told["port"] == {"value": 9, "origin": "option"}
    assert told["metrics_token"] == {"value": "***", "origin": "environment"}
    assert told["time_zone"] == {"value": "Asia/Tashkent", "origin": "default"}
    assert told["database_url"]["value"] == "postgresql://somebody:***@host/name?connect_timeout=3&sslpassword=hidden"


def test_variables_that_tests_are_run_with_are_no_mistakes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REGISTRY_TEST_OPERATIONS", "1")

    assert "REGISTRY_TEST_OPERATIONS" not in unknown_variables()
