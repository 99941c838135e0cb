"""Whatever schemathesis makes up of the schema is answered or refused with a code; nothing fails inside."""

from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis_graphql import nodes

from tests.clients.conftest import Written

#: Values of the scalars that only this registry knows, right ones and wrong ones.
WORDS = {
    "CountryCode": ["DE", "UZ", "TR", "XX"],
    "Date": ["2024-01-01", "0001-01-01", "2024-13-01"],
    "DateTime": ["2099-01-01T00:00:00Z", "yesterday"],
    "Decimal": ["1.5", "-0", "many"],
    "EDTF": ["2024-09-15", "2024~", "../2026-01", "soon"],
    "LanguageTag": ["de", "uz-Cyrl", "?"],
}
EXAMPLES = 3

for name, words in WORDS.items():
    schemathesis.graphql.scalar(name, st.sampled_from(words).map(nodes.String))
schemathesis.graphql.scalar("JSON", st.just(nodes.Null))


@pytest.mark.parametrize("kind", ["Query", "Mutation"])
def test_whatever_is_made_up_of_the_schema_never_fails_inside(written: Written, kind: str) -> None:
    made: Any = schemathesis.graphql.from_url(f"{written.address}/graphql")
    asked = 0
    for operation in (found.ok() for found in made.get_all_operations()):
        if operation.label.startswith(f"{kind}."):
            asked += examples(operation, {"Authorization": f"Bearer {written.key}"})

    assert asked > 15 * EXAMPLES


def examples(operation: Any, headers: dict[str, str]) -> int:
    """Asks some of what one root field can be asked; how many."""
    asked = 0

    @given(case=operation.as_strategy())
    @settings(
        max_examples=EXAMPLES, deadline=None, database=None, derandomize=True, suppress_health_check=list(HealthCheck)
    )
    def ask(case: Any) -> None:
        nonlocal asked
        asked += 1
        answer = case.call(headers=headers)
        codes = {error["extensions"]["code"] for error in answer.json().get("errors", [])}
        assert answer.status_code < 500, (case.body, answer.text)
        assert "INTERNAL_SERVER_ERROR" not in codes, (case.body, answer.text)

    ask()
    return asked
