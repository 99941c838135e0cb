"""A plan answers with the same bytes as the plain way, or leaves the answer to it."""

import os
import time

import pytest

from schema import schema
from tests.execution.operations import Known, Maker
from tests.execution.twice import Twice
from tests.schema.asking import Asker, queries

#: Operations that are made and compared; `.ci/run` asks for 2,000.
OPERATIONS = int(os.environ.get("REGISTRY_TEST_OPERATIONS", "250"))
FIRST_SEED = int(os.environ.get("REGISTRY_TEST_SEED", "1"))

#: Share of the operations that plans have to answer by themselves; the rest is refused or still left to the plain way.
LEAST_PLANNED = 0.8


@pytest.mark.parametrize("name", QUERIES := queries())
def test_known_queries_are_answered_alike_by_plan(any_full: Asker, name: str) -> None:
    twice = Twice(any_full.engine)
    for number in (3, 50) if "$n" in QUERIES[name] else (None,):
        different, _ = twice.difference(QUERIES[name], {"n": number} if number else {})
        assert not different
    assert twice.direct.fallbacks == {}


def test_made_operations_are_answered_alike(any_full: Asker, capsys: pytest.CaptureFixture[str]) -> None:
    twice, known = Twice(any_full.engine), Known()
    started = time.monotonic()
    for seed in range(FIRST_SEED, FIRST_SEED + OPERATIONS):
        operation = Maker(schema._schema, seed, known).operation()
        different, data = twice.difference(operation.query, operation.variables)
        assert not different, f"seed {seed}\n{operation.query}\n{operation.variables}\n{different}"
        known.learn(operation, data)
    with capsys.disabled():
        spent = time.monotonic() - started
        print(f"\n{OPERATIONS} operations in {spent:.0f} s, {twice.planned[True]} by plan; left to the plain way:")
        print("".join(f"  {number:5} {reason}\n" for reason, number in twice.direct.fallbacks.most_common()))
    assert twice.planned[True] > LEAST_PLANNED * OPERATIONS
    assert not [reason for reason in twice.direct.fallbacks if "fault" in reason or "failed" in reason]
