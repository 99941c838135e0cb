"""The command line: each command does what it says, and what it cannot do it says in one sentence."""

import csv
import json
import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import httpx2
import pytest
import sqlalchemy as sa

from registry.access import Audience
from registry.countries import Country
from registry.database import open_engine
from registry.history import changeset
from registry.settings import Settings
from registry.utilisation import settle
from tests.commands import run
from tests.factories import make_agreement
from tests.servers import served

HOME = Path(__file__).resolve().parent.parent

pytestmark = pytest.mark.usefixtures("folder")


def refusal(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """What a command that fails says: one line, and nothing else."""
    assert run(*arguments) == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.count("\n") == 1
    return said.err.strip()


def count(url: str, table: type) -> int:
    engine = open_engine(url)
    with engine.connect() as connection:
        found: int = connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()
    engine.dispose()
    return found


def test_serve_makes_and_fills_the_database_and_answers(folder: Path) -> None:
    with served(folder=folder) as (_, address):
        answer = httpx2.post(f"{address}/graphql", json={"query": "{ countries(first: 1) { totalCount } }"}).json()

    assert answer == {"data": {"countries": {"totalCount": count(f"sqlite:///{folder}/registry.db", Country)}}}


def test_the_example_that_serve_prints_is_answered(server: str) -> None:
    from registry.cli import _GREETING

    query = re.findall(r'"query": "(.*)"', _GREETING.format(address=server))[0]

    assert httpx2.post(f"{server}/graphql", json={"query": query}).json().keys() == {"data"}


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM])
def test_serve_ends_in_good_order(seeded_file: Path, folder: Path, ending: signal.Signals) -> None:
    with served("--database-url", f"sqlite:///{seeded_file}", folder=folder) as (process, _):
        process.send_signal(ending)
        assert process.wait(timeout=20) == 0
        assert process.stdout
        assert process.stdout.read() == ""


def test_a_server_started_again_does_not_load_the_seeds_again(
    engine: sa.Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    from registry import cli, exchange
    from registry.settings import Settings

    loaded: list[sa.Engine] = []

    def load(engine: sa.Engine) -> dict[str, int]:
        loaded.append(engine)
        return load_seeds(engine)

    load_seeds = exchange.load_seeds
    monkeypatch.setattr(exchange, "load_seeds", load)
    settings = Settings(database_url=engine.url.render_as_string())
    cli._prepare(settings)
    cli._prepare(settings)

    assert len(loaded) == 1


def test_a_port_in_use_is_told_and_no_database_is_made(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        assert refusal(capsys, "serve", "--port", str(port)) == f"Port {port} is in use. Choose another with --port."

    assert list(folder.iterdir()) == []


def test_a_host_that_is_not_this_machine_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert refusal(capsys, "serve", "--host", "192.0.2.1").startswith("Cannot listen on 192.0.2.1, port 8000: ")


@pytest.mark.parametrize("command", ["serve", "migrate", "seed"])
@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("registry.db", "The database address cannot be read."),
        ("mysql://somewhere/registry", "The registry runs on SQLite or PostgreSQL, not on mysql."),
        ("sqlite://", "The registry needs an SQLite file, not one in memory."),
        (
            "sqlite:///nowhere/registry.db",
            "The database at sqlite:///nowhere/registry.db cannot be used: unable to open",
        ),
        ("sqlite:///text.db", "The database at sqlite:///text.db cannot be used: file is not a database."),
        ("postgresql://me:secret@127.0.0.1:1/registry", "The database at postgresql://me:***@127.0.0.1:1/"),
    ],
)
def test_a_database_that_cannot_be_used_is_told(
    capsys: pytest.CaptureFixture[str], folder: Path, command: str, url: str, sentence: str
) -> None:
    (folder / "text.db").write_text("This is a text, and far too long to pass for the header of a database.\n" * 9)
    port = ["--port", "0"] if command == "serve" else []

    said = refusal(capsys, command, *port, "--database-url", url)

    assert said.startswith(sentence)
    assert "secret" not in said


@pytest.mark.parametrize(
    "command",
    [
        ["verify"],
        ["key", "list"],
        ["key", "revoke", "rk_0123abcd"],
        ["backup", "registry.zip"],
        ["export", "agreements"],
    ],
)
def test_a_command_that_reads_makes_no_database_at_an_address_that_was_mistyped(
    capsys: pytest.CaptureFixture[str], folder: Path, command: list[str]
) -> None:
    said = refusal(capsys, *command, "--database-url", "sqlite:///regsitry.db")

    assert said.startswith(f"There is no database at {folder}/regsitry.db. ")
    assert list(folder.iterdir()) == []


def test_the_doctor_makes_no_database(folder: Path) -> None:
    run("doctor", "--database-url", "sqlite:///regsitry.db")

    assert list(folder.iterdir()) == []


@pytest.fixture
def held(seeded_copy: sa.Engine, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The address of a registry, opened before, in which another goes on writing for longer than one waits."""
    settle(seeded_copy, Settings().home_country)
    monkeypatch.setattr("registry.database.BUSY", 0.1)
    with closing(sqlite3.connect(str(seeded_copy.url.database), isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield seeded_copy.url.render_as_string()


@pytest.mark.parametrize("command", [["verify"], ["key", "list"], ["export", "agreements"], ["migrate"], ["seed"]])
def test_a_command_that_has_nothing_to_write_does_not_wait_for_others_who_do(held: str, command: list[str]) -> None:
    assert run(*command, "--database-url", held) == 0


def test_keys_are_listed_while_a_registry_without_records_is_being_filled(
    capsys: pytest.CaptureFixture[str], engine: sa.Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = ["--database-url", engine.url.render_as_string()]
    assert run("key", "create", "--role", "editor", "--name", "Ministry", *at) == 0
    assert run("migrate", *at) == 0  # what is derived is for the home country from now on
    monkeypatch.setattr("registry.database.BUSY", 0.1)
    with closing(sqlite3.connect(str(engine.url.database), isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        assert run("key", "list", *at) == 0
    assert "Ministry" in capsys.readouterr().out


@pytest.mark.parametrize(
    "command", [["key", "create", "--role", "reader", "--name", "x"], ["key", "revoke", "rk_0123abcd"]]
)
def test_a_command_that_would_write_while_others_do_says_so(
    capsys: pytest.CaptureFixture[str], held: str, command: list[str]
) -> None:
    said = refusal(capsys, *command, "--database-url", held)

    assert said == "Somebody else is writing to the registry. Ask again in 10 s."


def test_a_key_for_longer_than_the_calendar_goes_is_refused(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    said = refusal(capsys, "key", "create", "--role", "editor", "--name", "x", "--days", "3000000")

    assert said.startswith("No key works for 3000000 days")
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("command", [["verify"], ["config", "show"], ["config", "show", "--json"], ["key", "list"]])
def test_output_that_finds_no_room_is_told_in_a_sentence(seeded_copy: sa.Engine, command: list[str]) -> None:
    url = [] if command[0] == "config" else ["--database-url", seeded_copy.url.render_as_string()]
    with Path("/dev/full").open("w") as full:
        ended = subprocess.run(
            [sys.executable, "-m", "registry", *command, *url],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": str(HOME)},
        )

    assert (ended.returncode, ended.stderr) == (1, "The output cannot be written: No space left on device.\n")


def test_tables_of_a_newer_version_are_told(capsys: pytest.CaptureFixture[str], engine: sa.Engine) -> None:
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")

    assert "of a version that is not known here" in refusal(capsys, "migrate", "--database-url", str(engine.url))


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("REGISTRY_PORT", "many", "The settings cannot be used: REGISTRY_PORT: Input should be a valid integer"),
        (
            "REGISTRY_TIME_ZONE",
            "Asia/Nowhere",
            "The settings cannot be used: REGISTRY_TIME_ZONE: Value error, not a time",
        ),
        ("REGISTRY_HOME_COUNTRY", "uzb", "The settings cannot be used: REGISTRY_HOME_COUNTRY: String should match"),
        ("REGISTRY_TRUSTED_PROXIES", "foo", "The settings cannot be used: REGISTRY_TRUSTED_PROXIES: Value error, not"),
        ("REGISTRY_IDEMPOTENCY_HOURS", "99999999999", "The settings cannot be used: REGISTRY_IDEMPOTENCY_HOURS: Input"),
        ("REGISTRY_PAGE_SIZE_MAX", "5", "The settings cannot be used: REGISTRY_…: Value error, page_size_default may"),
    ],
)
def test_a_setting_that_cannot_be_used_is_named(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, name: str, value: str, sentence: str
) -> None:
    monkeypatch.setenv(name, value)

    assert refusal(capsys, "serve").startswith(sentence)


def test_a_home_country_that_nobody_has_opens_no_registry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REGISTRY_HOME_COUNTRY", "ZZ")

    assert run("serve", "--port", "0") == 1


def test_the_environment_sets_and_an_option_sets_before_it(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    monkeypatch.setenv("REGISTRY_DATABASE_URL", "sqlite:///environment.db")

    assert run("migrate") == 0
    assert run("migrate", "--database-url", "sqlite:///option.db") == 0
    assert sorted(file.name for file in folder.glob("*.db")) == ["environment.db", "option.db"]


def test_migrate_new_writes_nothing_where_nothing_has_changed(capsys: pytest.CaptureFixture[str]) -> None:
    versions = HOME / "registry" / "migrations" / "versions"
    before = sorted(versions.glob("*.py"))

    assert run("migrate", "new", "nothing") == 0
    assert "no migration is needed" in capsys.readouterr().out
    assert sorted(versions.glob("*.py")) == before


def test_seed_loads_the_seeds_and_verify_finds_them_sound(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("seed") == 0
    assert count("sqlite:///registry.db", Country) == 249
    assert capsys.readouterr().out.startswith("Loaded ")

    assert run("seed") == 0
    assert capsys.readouterr().out == "Nothing was loaded: there are records already.\n"

    assert run("verify") == 0
    assert capsys.readouterr().out == "sound\n"


def test_a_postgresql_database_is_made_and_filled_alike(capsys: pytest.CaptureFixture[str], postgres_url: str) -> None:
    assert run("seed", "--database-url", postgres_url) == 0
    assert run("verify", "--database-url", postgres_url) == 0
    assert capsys.readouterr().out.endswith("sound\n")


def test_verify_tells_every_fault(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, seeded_copy: sa.Engine
) -> None:
    from registry import verification

    monkeypatch.setattr(verification, "verify", lambda engine: ["One thing is wrong.", "So is another."])

    assert run("verify", "--database-url", str(seeded_copy.url)) == 1
    assert capsys.readouterr().out == "One thing is wrong.\nSo is another.\n"


def test_verify_does_not_call_an_empty_database_sound(capsys: pytest.CaptureFixture[str], engine: sa.Engine) -> None:
    assert refusal(capsys, "verify", "--database-url", engine.url.render_as_string()).startswith(
        "There is nothing to verify"
    )


def test_schema_writes_the_schema_that_is_served(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, folder: Path
) -> None:
    from schema import contract, schema
    from schema.published import sdl

    monkeypatch.setattr(contract, "PUBLISHED", folder / "schema.graphql")

    assert run("schema") == 0
    assert (folder / "schema.graphql").read_text(encoding="utf-8") == sdl(schema)


def test_another_package_named_schema_is_not_taken_for_ours(tmp_path: Path) -> None:
    (tmp_path / "schema").mkdir()
    (tmp_path / "schema" / "__init__.py").touch()

    ended = subprocess.run(
        [sys.executable, "-m", "registry", "serve"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(HOME)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert ended.returncode == 1
    assert ended.stderr.startswith(f"The folder `schema` of this registry must lie in {HOME}")
    assert ended.stderr.count("\n") == 1


def test_generate_fills_an_empty_database_and_refuses_one_that_holds_records(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run("generate", "--scale", "0.001") == 0
    said = capsys.readouterr()
    assert said.out == "Generated a synthetic registry.\n"
    assert said.err == ""  # no progress bar where nobody sits at a terminal
    assert run("verify") == 0
    assert capsys.readouterr().out == "sound\n"

    assert refusal(capsys, "generate", "--scale", "0.001").endswith("with --database-url.")
    assert refusal(capsys, "generate", "--scale", "0").startswith("There is no scale of 0.")


# ── Import and export ───────────────────────────────────────────────────────────────────────────────────────────────

ACTS = "agreement,kind,date,source_1,note_1\n"
TOLD = ACTS + "uz-de-migration-mobility-2024,{kind},2025-01-02,bmi-2024-09-15,So.\n"


@pytest.fixture
def address(seeded_copy: sa.Engine) -> str:
    """The address of a registry of the seeds, to write in."""
    return str(seeded_copy.url)


def test_import_shows_what_became_of_rows_and_writes_it_as_json(
    capsys: pytest.CaptureFixture[str], folder: Path, address: str
) -> None:
    (folder / "acts.csv").write_text(TOLD.format(kind="RATIFICATION"), encoding="utf-8")
    command = ("import", "acts.csv", "--reason", "Try", "--json", "report.json", "--database-url", address)

    assert run(*command) == 0

    said = capsys.readouterr()
    assert "It is written." in said.out
    assert said.err == ""
    report = json.loads((folder / "report.json").read_bytes())
    assert report["counts"]["acts"]["created"] == 1
    engine = open_engine(address)
    with engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT reason FROM change ORDER BY sequence DESC").scalar() == "Try"
    engine.dispose()


def test_an_import_that_is_refused_tells_the_cell_and_what_was_meant_and_fails(
    capsys: pytest.CaptureFixture[str], folder: Path, address: str
) -> None:
    (folder / "acts.csv").write_text(TOLD.format(kind="RATIFIED"), encoding="utf-8")

    assert run("import", "acts.csv", "--reason", "Try", "--database-url", address) == 1

    said = capsys.readouterr().out
    assert "RATIFIED" in said
    assert "RATIFICATION" in said
    assert "Nothing was written." in said


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("acts.csv",), "Say why"),
        ((), "There is no file to import."),
        (("none.csv", "--reason", "Try"), "There is no file none.csv."),
        (("acts.csv", "--reason", "Try", "--kind", "treaties"), "There is no kind of record called treaties."),
        (("--columns", "treaties"), "There is no kind of record called treaties."),
    ],
)
def test_import_says_what_it_misses(
    capsys: pytest.CaptureFixture[str], folder: Path, arguments: tuple[str, ...], words: str
) -> None:
    (folder / "acts.csv").write_text(ACTS, encoding="utf-8")

    assert words in refusal(capsys, "import", *arguments)


def test_import_shows_the_columns_of_a_kind(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("import", "--columns", "returns") == 0

    said = capsys.readouterr().out
    assert "Columns of placements" in said
    assert "people *" in said
    assert "odamlar soni" in said


def test_export_writes_files_that_import_unchanged_and_replaces_none(
    capsys: pytest.CaptureFixture[str], folder: Path, address: str
) -> None:
    command = ("export", "agreements", "returns", "--folder", "out", "--format", "xlsx", "--database-url", address)
    assert run(*command) == 0
    assert {file.name for file in (folder / "out").iterdir()} == {"agreements.xlsx", "placements.xlsx"}
    capsys.readouterr()

    assert refusal(capsys, *command).startswith("out/agreements.xlsx is there already.")

    assert run(*command, "--overwrite") == 0
    assert run("import", "out/agreements.xlsx", "--dry-run", "--json", "report.json", "--database-url", address) == 0
    counts = json.loads((folder / "report.json").read_bytes())["counts"]["agreements"]
    assert counts["unchanged"] > 0
    assert counts["created"] == counts["revised"] == counts["refused"] == 0


def test_export_adds_names_in_a_language_and_the_status_on_a_day(folder: Path, address: str) -> None:
    command = ("export", "agreements", "--language", "RU", "--at", "2026-02-01", "--database-url", address)
    assert run(*command) == 0

    with (folder / "agreements.csv").open(encoding="utf-8", newline="") as file:
        row = next(row for row in csv.DictReader(file) if row["reference"] == "uz-tr-migrant-rights")
    assert row["*parties"] == "Узбекистан | Турция"
    assert row["*status"] == "IN_FORCE"
    assert row["*status_explanation"]
    assert run("import", "agreements.csv", "--dry-run", "--database-url", address) == 0


def test_export_gives_what_a_role_may_see(folder: Path, seeded_copy: sa.Engine) -> None:
    with changeset(seeded_copy, "A test.") as changes:
        make_agreement(changes, "secret", audience=Audience.RESTRICTED)
    command = ("export", "agreements", "--overwrite", "--database-url", str(seeded_copy.url))

    assert run(*command, "--role", "EDITOR") == 0
    assert "\nsecret," not in (folder / "agreements.csv").read_text(encoding="utf-8")
    assert run(*command) == 0
    assert "\nsecret," in (folder / "agreements.csv").read_text(encoding="utf-8")


def test_a_registry_is_backed_up_and_restored(
    capsys: pytest.CaptureFixture[str], seeded_copy: sa.Engine, folder: Path
) -> None:
    url = seeded_copy.url.render_as_string()
    assert run("backup", "registry.zip", "--database-url", url) == 0
    assert capsys.readouterr().out.startswith("Backed up change ")
    assert "There are records in this database already." in refusal(
        capsys, "restore", "registry.zip", "--database-url", url
    )
    assert run("restore", "registry.zip", "--verify", "--database-url", f"sqlite:///{folder}/restored.db") == 0
    assert "It is sound." in capsys.readouterr().out

    assert count(f"sqlite:///{folder}/restored.db", Country) == count(url, Country)


#: Runs a command that stops for a while in the midst of its work, once all of a registry has been copied.
_SLOW = """
import sys, time
from registry.backup import making, restoring
from registry.cli import main

def slow(*given, **named):
    print("At it.", flush=True)
    time.sleep(60)

making.pack = restoring._opened = slow
main(sys.argv[1:])
"""


@pytest.mark.parametrize("command", ["backup", "restore"])
def test_a_backup_or_restore_that_is_told_to_end_leaves_nothing_behind(
    capsys: pytest.CaptureFixture[str], seeded_copy: sa.Engine, folder: Path, command: str
) -> None:
    url = seeded_copy.url.render_as_string()
    assert run("backup", "before.zip", "--database-url", url) == 0
    before = {each.name for each in folder.iterdir()}
    arguments = ["backup", "new.zip"] if command == "backup" else ["restore", "before.zip"]
    target = url if command == "backup" else f"sqlite:///{folder}/new.db"
    with subprocess.Popen(
        [sys.executable, "-c", _SLOW, *arguments, "--database-url", target],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(HOME)},
    ) as process:
        assert process.stdout
        assert process.stdout.readline() == "At it.\n"
        assert list(folder.glob(f".registry-{command}-*/registry.db"))
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=20) == 128 + signal.SIGTERM

    assert {each.name for each in folder.iterdir()} - before <= {"registry.db-wal", "registry.db-shm"}


@pytest.mark.parametrize("command", [["backup", "nowhere/registry.zip"], ["restore", "nowhere.zip"]])
def test_a_backup_that_cannot_be_is_told(
    capsys: pytest.CaptureFixture[str], seeded: sa.Engine, folder: Path, command: list[str]
) -> None:
    url = seeded.url.render_as_string() if command[0] == "backup" else f"sqlite:///{folder}/new.db"

    assert refusal(capsys, *command, "--database-url", url).startswith(
        "There is no fol" if "backup" in command else "There is no fi"
    )
    assert list(folder.glob("*.db")) == []
