"""Plans answer the public as plain resolvers do where much is hidden, also where they ask only once whether it is."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing

import pytest
import sqlalchemy as sa

from registry.access import ANYONE, OPERATOR, Audience
from registry.agreements import Agreement
from registry.database import open_engine
from registry.engagements import Engagement
from registry.history import table_behind
from schema import schema
from tests.execution.operations import Known, Maker
from tests.execution.twice import Twice
from tests.schema.asking import Asker, queries

#: Operations that are made and compared.
OPERATIONS = 120

COUNTED = "{ agreements { totalCount } }"


@pytest.fixture(scope="module")
def closed(full: Asker, tmp_path_factory: pytest.TempPathFactory) -> Iterator[sa.Engine]:
    """A registry of the seeds and made facts of which a third of the agreements and engagements is not public."""
    file = tmp_path_factory.mktemp("closed") / "registry.db"
    with closing(sqlite3.connect(full.engine.url.database or "")) as all_of_it:
        all_of_it.execute("VACUUM INTO ?", (str(file),))
    engine = open_engine(f"sqlite:///{file}")
    with engine.begin() as connection:
        for kind in (Agreement, Engagement):
            table = table_behind(kind)
            connection.execute(sa.update(table).where(table.c.id % 3 == 0).values(audience=Audience.RESTRICTED))
    yield engine
    engine.dispose()


@pytest.fixture
def public(closed: sa.Engine) -> Iterator[Twice]:
    with Twice(closed, ANYONE) as made:
        yield made


@pytest.mark.parametrize("name", QUERIES := queries())
def test_known_queries_are_answered_alike_where_much_is_hidden(public: Twice, name: str) -> None:
    different, _ = public.difference(QUERIES[name], {"n": 50} if "$n" in QUERIES[name] else {}, walk=True)
    assert not different


def test_made_operations_are_answered_alike_where_much_is_hidden(public: Twice) -> None:
    known = Known()
    for seed in range(1, 1 + OPERATIONS):
        operation = Maker(schema._schema, seed, known).operation()
        different, data = public.difference(operation.query, operation.variables)
        assert not different, f"seed {seed}\n{operation.query}\n{operation.variables}\n{different}"
        known.learn(operation, data)


def test_the_public_is_not_told_of_all_of_these(closed: sa.Engine, public: Twice) -> None:
    with Twice(closed, OPERATOR) as operator:
        assert public.by_plan(COUNTED) != operator.by_plan(COUNTED)


def test_rows_are_asked_whether_they_may_be_seen_unless_one_has_come_to_them_by_their_record(public: Twice) -> None:
    *_, by_record = public.statements(ACTS)
    acts = (act["id"] for each in public.plainly(ACTS)[1]["agreements"]["nodes"] for act in each["acts"])
    *_, by_itself = public.statements("query ($id: ID!) { node(id: $id) { ... on LegalAct { kind } } }", id=next(acts))

    assert "FROM main.legalact" in by_record
    assert "FROM legalact" in by_itself


ACTS = "{ agreements { nodes { acts { id } } } }"
