"""A registry of seeds and made facts on each database, and those who ask it."""

import shutil
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from registry.database import open_engine
from registry.exchange import load_seeds
from tests.schema.asking import Asker
from tests.schema.made_facts import add_facts


@pytest.fixture(scope="session")
def ask(seeded: sa.Engine) -> Asker:
    """Asks the registry of seeds."""
    return Asker(seeded)


@pytest.fixture(scope="session", params=["sqlite", "postgres"])
def any_ask(request: pytest.FixtureRequest) -> Asker:
    """Asks the registry of seeds on each database."""
    return Asker(request.getfixturevalue("seeded" if request.param == "sqlite" else "seeded_postgres"))


@pytest.fixture(scope="session")
def full(seeded_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asker]:
    """Asks a registry of the seeds and of made facts, on SQLite: to be read only."""
    file = shutil.copyfile(seeded_file, tmp_path_factory.mktemp("full") / "registry.db")
    engine = open_engine(f"sqlite:///{file}")
    add_facts(engine)
    yield Asker(engine)
    engine.dispose()


@pytest.fixture(scope="session")
def full_postgres(postgres_server: sa.URL, migrated_database: str) -> Iterator[Asker]:
    """The same on PostgreSQL."""
    name = f"registry_test_{uuid.uuid4().hex}"
    server = open_engine(postgres_server.render_as_string(hide_password=False))
    with server.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name} TEMPLATE {migrated_database}")
        engine = open_engine(postgres_server.set(database=name).render_as_string(hide_password=False))
        load_seeds(engine)
        add_facts(engine)
        yield Asker(engine)
        engine.dispose()
        connection.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")
    server.dispose()


@pytest.fixture(scope="session", params=["sqlite", "postgres"])
def any_full(request: pytest.FixtureRequest) -> Asker:
    """Asks a registry of the seeds and of made facts, on each database: to be read only."""
    found: Asker = request.getfixturevalue("full" if request.param == "sqlite" else "full_postgres")
    return found
