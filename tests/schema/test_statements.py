"""A query costs as many statements as it has fields that read, however many records it finds."""

from collections.abc import Iterator

import pytest

from tests.schema.asking import Asker, queries
from tests.schema.uniform_facts import EACH, add_uniform_facts

DEEP = {name: query for name, query in queries().items() if name.startswith("Deep")}


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def uniform(request: pytest.FixtureRequest) -> Iterator[Asker]:
    engine = request.getfixturevalue(f"new_{request.param}")()
    add_uniform_facts(engine)
    yield Asker(engine)
    engine.dispose()


@pytest.mark.parametrize("name", DEEP)
def test_statements_do_not_grow_with_the_records_found(uniform: Asker, name: str) -> None:
    sizes = (20, 40, 100) if name == "DeepSources" else (2, 3, 20)  # the first 20 facts are of every type that there is
    counts = [uniform.statements(DEEP[name], n=n) for n in sizes]

    # Records of one kind that are met on several levels may be read together or not, as their readers happen to meet.
    assert max(counts) - min(counts) <= 3 < counts[0], counts


def test_statements_do_not_grow_with_the_names_in_a_filter(uniform: Asker) -> None:
    query = "query ($names: [String!]) { agreements(filter: { reference: $names }) { nodes { title } } }"
    one, many = (uniform.statements(query, names=[f"0-{number}" for number in range(n)]) for n in (1, EACH))

    assert one == many
