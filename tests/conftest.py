"""What tests stand on: databases made by the migrations and filled by the seeds, on each database, and a server."""

import asyncio
import os
import shutil
import signal
import subprocess
import tempfile
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import hypothesis
import pytest
import sqlalchemy as sa

from registry.database import migrate, open_engine
from registry.settings import Settings
from tests.servers import serving, until

# A busy machine is slow, not wrong.
hypothesis.settings.register_profile("patient", hypothesis.settings(deadline=None))
hypothesis.settings.load_profile("patient")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder in which commands are run, without settings."""
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith("REGISTRY_")]:
        monkeypatch.delenv(name)
    return tmp_path


# ── SQLite: one file is migrated, one is filled, and each test has its copy ─────────────────────────────────────────


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite file with all tables and no rows; not to be opened, only copied."""
    return _made(tmp_path_factory.mktemp("migrated") / "registry.db", None, migrate)


@pytest.fixture(scope="session")
def seeded_file(migrated_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite file with the seeds in it; not to be opened, only copied."""
    from registry.exchange import load_seeds

    return _made(tmp_path_factory.mktemp("seeded") / "registry.db", migrated_file, load_seeds)


def _made(file: Path, template: Path | None, make: Callable[[sa.Engine], Any]) -> Path:
    if template:
        shutil.copyfile(template, file)
    engine = open_engine(f"sqlite:///{file}")
    make(engine)
    engine.dispose()
    return file


def _copied(template: Path, folder: Path) -> Iterator[sa.Engine]:
    engine = open_engine(f"sqlite:///{shutil.copyfile(template, folder / 'registry.db')}")
    yield engine
    engine.dispose()


@pytest.fixture
def engine(migrated_file: Path, tmp_path: Path) -> Iterator[sa.Engine]:
    """An SQLite registry without any record."""
    yield from _copied(migrated_file, tmp_path)


@pytest.fixture
def seeded_copy(seeded_file: Path, tmp_path: Path) -> Iterator[sa.Engine]:
    """An SQLite registry with the seeds, to write in."""
    yield from _copied(seeded_file, tmp_path)


@pytest.fixture(scope="session")
def seeded(seeded_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[sa.Engine]:
    """An SQLite registry with the seeds, shared by all tests: to be read only."""
    yield from _copied(seeded_file, tmp_path_factory.mktemp("shared"))


@pytest.fixture(scope="session")
def generated_file(migrated_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite file with a hundredth of the synthetic registry; to be read only."""
    from registry.synthetic import generate

    file = tmp_path_factory.mktemp("generated") / "registry.db"
    return _made(file, migrated_file, lambda engine: generate(engine, 0.01))


@pytest.fixture(scope="session")
def generated(generated_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[sa.Engine]:
    """An SQLite registry with a hundredth of the synthetic one, shared by all tests: to be read only."""
    yield from _copied(generated_file, tmp_path_factory.mktemp("shared"))


# ── PostgreSQL: the server whose address is set, else Debian's binaries in a folder of their own ────────────────────


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[sa.URL]:
    """A PostgreSQL server: that of REGISTRY_TEST_POSTGRES, or one that is started for this run."""
    if given := os.environ.get("REGISTRY_TEST_POSTGRES"):
        yield sa.make_url(given)
        return
    binaries = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if not binaries:
        pytest.skip("NOT TESTED ON POSTGRESQL: set REGISTRY_TEST_POSTGRES or install Debian's package postgresql")
    with tempfile.TemporaryDirectory(prefix="registry-postgres-") as folder:
        yield from _postgres(binaries[-1].parent, Path(folder))


def _postgres(binaries: Path, folder: Path) -> Iterator[sa.URL]:
    user: list[str] = []
    if os.geteuid() == 0:  # PostgreSQL refuses to run as root
        shutil.chown(folder, "postgres", "postgres")
        user = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]
    data = folder / "data"
    # A collation of people, not of code points: what then sorts alike on SQLite does so because its columns say how.
    kind = ["--locale=C.UTF-8", "--locale-provider=icu", "--icu-locale=en", "--encoding=UTF8"]
    subprocess.run(
        [*user, binaries / "initdb", "-D", data, "-U", "postgres", "--auth=trust", "--no-sync", *kind],
        check=True,
        stdout=subprocess.DEVNULL,
    )
    settings = ["listen_addresses=", f"unix_socket_directories={folder}", "fsync=off", "max_connections=40"]
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(
            [*user, binaries / "postgres", "-D", data, *(word for setting in settings for word in ("-c", setting))],
            stdout=log,
            stderr=log,
        )
    url = sa.URL.create("postgresql", username="postgres", database="postgres", query={"host": str(folder)})
    try:
        until(lambda: _answers(url), "PostgreSQL did not start")
        yield url
    finally:
        server.send_signal(signal.SIGINT)
        server.wait(timeout=30)


def _answers(url: sa.URL) -> bool:
    try:
        _administer(url, "SELECT 1")
    except sa.exc.OperationalError:
        return False
    return True


def _administer(url: sa.URL, statement: str) -> None:
    engine = open_engine(url.render_as_string(hide_password=False))
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql(statement)
    engine.dispose()


def _database(server: sa.URL, template: str = "template1") -> Iterator[str]:
    """The address of a database of its own, made as a copy of `template` and dropped at the end."""
    name = f"registry_test_{uuid.uuid4().hex}"
    _administer(server, f"CREATE DATABASE {name} TEMPLATE {template}")
    yield server.set(database=name).render_as_string(hide_password=False)
    _administer(server, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def postgres_url(postgres_server: sa.URL) -> Iterator[str]:
    """The address of an empty PostgreSQL database, without tables."""
    yield from _database(postgres_server)


@pytest.fixture(scope="session")
def migrated_database(postgres_server: sa.URL) -> Iterator[str]:
    """The name of a PostgreSQL database with all tables and no rows; not to be opened, only copied."""
    for url in _database(postgres_server):
        engine = open_engine(url)
        migrate(engine)
        engine.dispose()
        yield str(sa.make_url(url).database)


@pytest.fixture
def postgres_engine(postgres_server: sa.URL, migrated_database: str) -> Iterator[sa.Engine]:
    """A PostgreSQL registry without any record."""
    for url in _database(postgres_server, migrated_database):
        engine = open_engine(url)
        yield engine
        engine.dispose()


@pytest.fixture(scope="session")
def seeded_postgres(postgres_server: sa.URL, migrated_database: str) -> Iterator[sa.Engine]:
    """A PostgreSQL registry with the seeds, shared by all tests: to be read only."""
    from registry.exchange import load_seeds

    for url in _database(postgres_server, migrated_database):
        engine = open_engine(url)
        load_seeds(engine)
        yield engine
        engine.dispose()


@pytest.fixture(params=["sqlite", "postgres"])
def any_engine(request: pytest.FixtureRequest) -> sa.Engine:
    """A registry without any record, on each database."""
    made: sa.Engine = request.getfixturevalue("engine" if request.param == "sqlite" else "postgres_engine")
    return made


@pytest.fixture(scope="session", params=["sqlite", "postgres"])
def any_seeded(request: pytest.FixtureRequest) -> sa.Engine:
    """A registry with the seeds, on each database: to be read only."""
    made: sa.Engine = request.getfixturevalue("seeded" if request.param == "sqlite" else "seeded_postgres")
    return made


# ── Askers: through the schema, and through HTTP ────────────────────────────────────────────────────────────────────


@pytest.fixture(scope="session")
def settings() -> Settings:
    """The settings that nobody has changed."""
    return Settings()


Client = Callable[..., dict[str, Any]]


@pytest.fixture
def client(seeded: sa.Engine, settings: Settings) -> Client:
    """Asks the registry of seeds through the schema: `client(query, **variables)` gives the answer as JSON has it."""
    from schema import schema
    from schema.context import Context

    async def ask(query: str, variables: dict[str, Any]) -> dict[str, Any]:
        result = await schema.execute(query, variable_values=variables, context_value=Context(seeded, settings))
        errors = {"errors": [error.formatted for error in result.errors]} if result.errors else {}
        return {"data": result.data, **errors}

    return lambda query, **variables: asyncio.run(ask(query, variables))


@pytest.fixture(scope="session")
def server(seeded: sa.Engine) -> Iterator[str]:
    """The address of a server of the registry of seeds, where the tests, who are one client, have points enough."""
    url = seeded.url.render_as_string()
    settings = Settings(database_url=url, client_points_per_second=10_000_000, client_points_burst=100_000_000)
    with serving(settings) as address:
        yield address
