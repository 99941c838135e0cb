"""The queries of the folder `queries`: both databases give the same answers."""

import pytest
from graphql import OperationDefinitionNode, parse

from tests.schema.asking import Asker, queries

QUERIES = queries()


@pytest.mark.parametrize("name", QUERIES)
def test_both_databases_give_the_same_answer(full: Asker, full_postgres: Asker, name: str) -> None:
    (operation,) = parse(QUERIES[name]).definitions
    assert isinstance(operation, OperationDefinitionNode)
    without_cursors = QUERIES[name].replace("cursor", "__typename")
    for size in (3, 50) if operation.variable_definitions else (None,):
        variables = {"n": size} if size else {}
        answer = full(without_cursors, **variables)
        assert answer
        assert answer == full_postgres(without_cursors, **variables)
