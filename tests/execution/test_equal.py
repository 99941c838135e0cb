"""Plans answer as plain resolvers do: the same bytes from rows and from a walked tree, and the same errors."""

import os

import pytest

from schema import schema
from tests.execution.operations import Known, Maker
from tests.execution.twice import Twice
from tests.schema.asking import queries

#: Operations that are made and compared on SQLite, and on PostgreSQL a quarter of them; `.ci/run` asks for 2,000.
OPERATIONS = int(os.environ.get("REGISTRY_TEST_OPERATIONS", "240"))
FIRST_SEED = int(os.environ.get("REGISTRY_TEST_SEED", "1"))

#: Parts that the operations are made in, so that they can be made at the same time.
PARTS = 4

#: Share of the operations that plans have to answer by themselves; the rest is refused.
LEAST_PLANNED = 0.5


@pytest.mark.parametrize("name", QUERIES := queries())
def test_known_queries_are_answered_alike_by_plan(any_twice: Twice, name: str) -> None:
    for number in (3, 50) if "$n" in QUERIES[name] else (None,):
        different, _ = any_twice.difference(QUERIES[name], {"n": number} if number else {}, walk=True)
        assert not different
    assert any_twice.direct.fallbacks == {}


@pytest.mark.parametrize("part", range(PARTS))
def test_made_operations_are_answered_alike(any_twice: Twice, part: int, capsys: pytest.CaptureFixture[str]) -> None:
    twice, known = any_twice, Known()
    number = OPERATIONS // PARTS // (1 if twice.engine.dialect.name == "sqlite" else 4)
    first = FIRST_SEED + part * number
    for seed in range(first, first + number):
        operation = Maker(schema._schema, seed, known).operation()
        different, data = twice.difference(operation.query, operation.variables, walk=seed % 3 == 0)
        assert not different, f"seed {seed}\n{operation.query}\n{operation.variables}\n{different}"
        known.learn(operation, data)
    with capsys.disabled():
        left = ", ".join(f"{number} {reason}" for reason, number in twice.direct.fallbacks.most_common())
        print(f"\n{number} operations from seed {first}, {twice.planned[True]} by plan; not answered from rows: {left}")
    assert twice.planned[True] > LEAST_PLANNED * number
    assert not [reason for reason in twice.direct.fallbacks if "fault" in reason or "failed" in reason]
