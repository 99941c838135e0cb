"""Plans answer as plain resolvers do: the same bytes from rows and from a walked tree, and the same errors."""

import os
from typing import Any

import pytest

from schema import schema
from tests.execution.operations import Known, Maker, Operation
from tests.execution.shrinking import smallest
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


@pytest.mark.parametrize(
    "query",
    [
        "{ date today: date @skip(if: $s) }",
        "{ date ...Some @include(if: $s) } fragment Some on Query { date }",
        '{ date country(code: "DE") { code name @skip(if: $s) } }',
        '{ date country(code: "ZW") { agreements { nodes { title @skip(if: $s) } } } }',
        "{ date agreements(first: 2) { totalCount nodes { title @include(if: $s) parties { country { code } } } } }",
        "{ agreements(first: 2) { nodes { acts { ...Done } } } } fragment Done on LegalAct { kind @skip(if: $s) }",
        '{ date search(text: "labour", first: 3) { nodes { __typename ... on Agreement { id @skip(if: $s) } } } }',
        '{ date at(date: "2025-01-01") { country(code: "DE") { code @skip(if: $s) } } }',
    ],
)
def test_a_directive_that_is_given_a_null_is_answered_alike(any_twice: Twice, query: str) -> None:
    different, _ = any_twice.difference(f"query ($s: Boolean = true) {query}", {"s": None}, walk=True)

    assert not different
    assert not [reason for reason in any_twice.direct.fallbacks if "failed" in reason]


@pytest.mark.parametrize("part", range(PARTS))
def test_made_operations_are_answered_alike(any_twice: Twice, part: int, capsys: pytest.CaptureFixture[str]) -> None:
    twice, known = any_twice, Known()
    number = OPERATIONS // PARTS // (1 if twice.engine.dialect.name == "sqlite" else 4)
    first = FIRST_SEED + part * number
    for seed in range(first, first + number):
        operation = Maker(schema._schema, seed, known).operation()
        different, data = twice.difference(operation.query, operation.variables, walk=seed % 3 == 0)
        assert not different, f"seed {seed}\n{_shrunk(twice, operation)}"
        known.learn(operation, data)
    with capsys.disabled():
        left = ", ".join(f"{number} {reason}" for reason, number in twice.direct.fallbacks.most_common())
        print(f"\n{number} operations from seed {first}, {twice.planned[True]} by plan; not answered from rows: {left}")
    assert twice.planned[True] > LEAST_PLANNED * number
    assert not [reason for reason in twice.direct.fallbacks if "fault" in reason or "failed" in reason]


def _shrunk(twice: Twice, operation: Operation) -> str:
    """The fault that an operation shows, in one as small as can be."""

    def fails(query: str, variables: dict[str, Any]) -> bool:
        return bool(twice.difference(query, variables, walk=True)[0])

    query, variables = smallest(operation.query, operation.variables, fails, schema._schema)
    return f"{query}\n{variables}\n{twice.difference(query, variables, walk=True)[0]}"
