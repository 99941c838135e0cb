"""A fault in a large operation is shown in a small one."""

from typing import Any

from schema import schema
from tests.execution.operations import Known, Maker
from tests.execution.shrinking import smallest

LARGE = """
query Asked($first: Int, $code: [CountryCode!], $skip: Boolean!) {
  date
  agreements(first: $first, filter: {country: $code, text: "labour"}, orderBy: {field: TITLE}) {
    totalCount
    nodes { ...Named @skip(if: $skip) acts { kind date { edtf } citations { quote source { title } } } }
  }
  at(date: "2020-01-01") { ... on Snapshot { country(code: "DE") { name stage } } }
}
fragment Named on Agreement { title status parties { country { code } } }
"""


def test_what_has_nothing_to_do_with_the_fault_is_left_out() -> None:
    def fails(query: str, variables: dict[str, Any]) -> bool:
        return "edtf" in query and "$code" in query

    query, variables = smallest(LARGE, {"first": 3, "code": ["DE"], "skip": False}, fails, schema._schema)

    assert " ".join(query.split()) == (
        "query Asked($code: [CountryCode!]) { agreements(filter: { country: $code }) "
        "{ nodes { acts { date { edtf } } } } }"
    )
    assert variables == {"code": ["DE"]}


def test_what_stays_is_valid_and_fails() -> None:
    for seed in range(5):
        made = Maker(schema._schema, seed, Known()).operation()
        tried: list[str] = []

        def fails(query: str, variables: dict[str, Any], tried: list[str] = tried) -> bool:
            tried.append(query)
            return "__typename" in query or "nodes" in query

        if fails(made.query, made.variables):
            query, variables = smallest(made.query, made.variables, fails, schema._schema)
            assert fails(query, variables)
            assert len(query) < len(made.query)
