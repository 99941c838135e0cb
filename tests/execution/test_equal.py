"""A plan answers with the same bytes as the plain way, or leaves the answer to it."""

import os
import time

import pytest

from schema import schema
from tests.execution.operations import Known, Maker
from tests.execution.twice import Twice
from tests.schema.asking import Asker

#: Operations that are made and compared; `.ci/run` asks for 2,000.
OPERATIONS = int(os.environ.get("REGISTRY_TEST_OPERATIONS", "250"))
FIRST_SEED = int(os.environ.get("REGISTRY_TEST_SEED", "1"))

#: Share of the operations that plans have to answer by themselves; the rest is refused or still left to the plain way.
LEAST_PLANNED = 0.6


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
    failed = [reason for reason in twice.direct.fallbacks if reason.startswith("failed")]
    assert not failed
