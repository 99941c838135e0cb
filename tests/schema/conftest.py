"""A registry of seeds and made facts on each database, and those who ask it."""

import shutil
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from registry.database import open_engine
from registry.exchange import load_seeds
from registry.history import changeset
from tests.factories import (
    make_agreement,
    make_company,
    make_country,
    make_institution,
    make_occupation,
    make_quota,
    make_sector,
    make_source,
)
from tests.schema.asking import Asker
from tests.schema.made_facts import add_facts
from tests.schema.writing import Editor


@pytest.fixture(scope="session")
def ask(seeded: sa.Engine) -> Asker:
    """Asks the registry of seeds."""
    return Asker(seeded)


@pytest.fixture(scope="session", params=["sqlite", "postgres"])
def any_ask(request: pytest.FixtureRequest) -> Asker:
    """Asks the registry of seeds on each database."""
    return Asker(request.getfixturevalue("seeded" if request.param == "sqlite" else "seeded_postgres"))


@pytest.fixture(scope="session")
def new_sqlite(migrated_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[[], sa.Engine]:
    """Makes registries without any record, on SQLite."""

    def make() -> sa.Engine:
        return open_engine(
            f"sqlite:///{shutil.copyfile(migrated_file, tmp_path_factory.mktemp('new') / 'registry.db')}"
        )

    return make


@pytest.fixture(scope="session")
def new_postgres(postgres_server: sa.URL, migrated_database: str) -> Iterator[Callable[[], sa.Engine]]:
    """The same on PostgreSQL."""
    made: list[sa.Engine] = []
    server = open_engine(postgres_server.render_as_string(hide_password=False))
    with server.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:

        def make() -> sa.Engine:
            name = f"registry_test_{uuid.uuid4().hex}"
            connection.exec_driver_sql(f"CREATE DATABASE {name} TEMPLATE {migrated_database}")
            made.append(open_engine(postgres_server.set(database=name).render_as_string(hide_password=False)))
            return made[-1]

        yield make
        for engine in made:
            engine.dispose()
            connection.exec_driver_sql(f"DROP DATABASE {engine.url.database} WITH (FORCE)")
    server.dispose()


def _full(make: Callable[[], sa.Engine]) -> Iterator[Asker]:
    engine = make()
    load_seeds(engine)
    add_facts(engine)
    yield Asker(engine)
    engine.dispose()


@pytest.fixture(scope="session")
def full(new_sqlite: Callable[[], sa.Engine]) -> Iterator[Asker]:
    """Asks a registry of the seeds and of made facts, on SQLite: to be read only."""
    yield from _full(new_sqlite)


@pytest.fixture(scope="session")
def full_postgres(new_postgres: Callable[[], sa.Engine]) -> Iterator[Asker]:
    """The same on PostgreSQL."""
    yield from _full(new_postgres)


@pytest.fixture(scope="session", params=["sqlite", "postgres"])
def any_full(request: pytest.FixtureRequest) -> Asker:
    """Asks a registry of the seeds and of made facts, on each database: to be read only."""
    found: Asker = request.getfixturevalue("full" if request.param == "sqlite" else "full_postgres")
    return found


@pytest.fixture
def registry(any_engine: sa.Engine) -> sa.Engine:
    """A registry with something to write about, on each database."""
    with changeset(any_engine, "A test.") as changes:
        for code in ("UZ", "DE"):
            make_country(changes, code)
        make_sector(changes, "41")
        make_occupation(changes, "22")
        make_source(changes)
        make_agreement(changes, "uz-de", titles=[])
        make_company(changes, "works")
        make_institution(changes, "office")
        make_quota(changes, "whole")
    return any_engine


@pytest.fixture
def edit(registry: sa.Engine) -> Editor:
    return Editor(registry)
