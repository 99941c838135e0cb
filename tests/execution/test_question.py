"""What is found out of a request by a short way is what GraphQL and Strawberry find out by the long one."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
import sqlalchemy as sa
from graphql import GraphQLSchema, OperationDefinitionNode, get_variable_values, parse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from registry.errors import TooLarge
from registry.settings import Settings
from schema import schema
from schema.execution.direct import Direct
from schema.execution.mould import mould
from schema.execution.operation import Operation
from schema.execution.question import MOST_FRAMES

SCHEMA: GraphQLSchema = schema._schema

VARIABLES = """query (
  $number: Int!, $text: String, $day: Date, $codes: [CountryCode!], $filter: QuotaFilter, $size: Int = 3, $id: ID,
  $status: AgreementStatus, $yes: Boolean, $code: CountryCode!
) { date }"""

JSON: st.SearchStrategy[Any] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text(max_size=3)
    | st.sampled_from(["2024-02-29", "2023-02-29", "DE", "de", "IN_FORCE", "7"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["year", "country", "other"]), inner),
    max_leaves=5,
)
FITTING: dict[str, st.SearchStrategy[Any]] = {
    "number": st.integers(-(2**31), 2**31 - 1),
    "text": st.none() | st.text(max_size=3),
    "day": st.none() | st.dates().map(date.isoformat),
    "codes": st.none() | st.lists(st.sampled_from(["DE", "KZ"]), max_size=2),
    "filter": st.none() | st.fixed_dictionaries({}, optional={"year": st.lists(st.integers(1900, 2100), max_size=2)}),
    "size": st.none() | st.integers(1, 5),
    "id": st.none() | st.text(max_size=3) | st.integers(),
    "status": st.none() | st.sampled_from(["IN_FORCE", "TERMINATED"]),
    "yes": st.none() | st.booleans(),
    "code": st.sampled_from(["DE", "KZ"]),
}


def operation(query: str) -> OperationDefinitionNode:
    (node,) = parse(query).definitions
    assert isinstance(node, OperationDefinitionNode)
    return node


@settings(max_examples=300, deadline=None)
@given(st.fixed_dictionaries({}, optional={name: fits | JSON for name, fits in FITTING.items()}))
def test_variables_have_the_values_that_graphql_gives_them_or_what_it_finds_wrong_with_them(
    brought: dict[str, Any],
) -> None:
    node = operation(VARIABLES)
    expected = get_variable_values(SCHEMA, node.variable_definitions or (), brought)
    found = Operation(SCHEMA, node).values(brought)

    if isinstance(expected, list):
        assert isinstance(found, list)
        assert [error.message for error in found] == [error.message for error in expected]
    else:
        assert not isinstance(found, list)
        assert list(found.coerced.items()) == list(expected.coerced.items())
        sources = [{name: source.value for name, source in each.sources.items()} for each in (found, expected)]
        assert sources[0] == sources[1]


def test_values_that_fit_are_taken_by_the_short_way(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("schema.execution.operation.get_variable_values", lambda *_: pytest.fail("the long way"))
    asked = Operation(SCHEMA, operation("query ($a: Int!, $b: Date, $c: String) { date }"))

    found = asked.values({"a": 1, "b": "2024-02-29"})
    assert not isinstance(found, list)
    assert found.coerced == {"a": 1, "b": date(2024, 2, 29)}


# ── Arguments ───────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def direct(seeded: sa.Engine) -> Iterator[Direct]:
    direct = Direct(schema, seeded, Settings())
    yield direct
    direct.close()


NESTED = """query ($from: Date, $until: Date, $codes: [CountryCode!], $code: CountryCode!, $text: String, $year: Int!) {
  placements(filter: { country: $codes, period: { from: $from, until: $until } }, groupBy: [YEAR]) { total }
  agreements(filter: { country: [$code, "KZ"], text: $text, signed: { from: $from } }) { totalCount }
  quotas(filter: { year: [$year, 2020] }) { totalCount }
}"""

OTHERS = {
    "from": st.none() | st.dates(),
    "until": st.none() | st.dates(),
    "codes": st.none() | st.lists(st.sampled_from(["DE", "KZ", "PL"]), max_size=3),
    "text": st.none() | st.text(max_size=4),
}
NEEDED = {"code": st.sampled_from(["DE", "JP"]), "year": st.integers(1900, 2100)}


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.fixed_dictionaries(NEEDED, optional=OTHERS), min_size=2))
def test_objects_among_arguments_are_made_as_strawberry_makes_them_whatever_stands_in_them(
    direct: Direct, several: list[dict[str, Any]]
) -> None:
    document = direct.plans.document(NESTED)
    for brought in several:
        told = {name: value.isoformat() if isinstance(value, date) else value for name, value in brought.items()}
        values = document.operations[""].values(told)
        assert not isinstance(values, list)
        slots = direct.plans._selection(document, document.operations[""], values, False).selection.slots
        assert len(slots) == 3
        for slot in slots:
            converted = slot._coerced(schema, slot.definition, slot.node, values)
            assert slot.arguments(schema, values) == converted


def test_objects_among_arguments_are_made_by_the_short_way_from_the_second_time_on(direct: Direct) -> None:
    def brought(year: int) -> dict[str, Any]:
        dates = {"from": f"{year}-01-01", "until": f"{year}-12-31"}
        return {**dates, "codes": ["DE"], "code": "DE", "text": "a", "year": year}

    first = direct.plans.question(NESTED, brought(2001), None).prepared
    fills = [each.fill for slot in first.selection.slots for each in (slot.parted.nested if slot.parted else ())]

    assert len(fills) == 3
    assert None not in fills
    assert direct.plans.question(NESTED, brought(2002), None).prepared is first


def test_what_looks_at_its_values_or_leaves_one_out_has_no_mould() -> None:
    assert mould({"a": 1}, lambda values: {"text": f"{values['a']:04}"}) is None
    assert mould({"a": 1, "b": 2}, lambda values: {"text": [values["a"]]}) is None
    assert mould({"a": [1]}, lambda values: [each + 1 for each in values["a"]]) is None
    fill = mould({"a": [1], "b": 2}, lambda values: {"x": list(values["a"]), "y": [{"z": values["b"]}, 5]})
    assert fill is not None
    assert fill({"a": [3, 4], "b": None}) == {"x": [3, 4], "y": [{"z": None}, 5]}


def test_a_value_beyond_its_bound_is_refused_also_after_others_that_were_not(direct: Direct) -> None:
    query = "query ($first: Int) { agreements(first: $first) { nodes { quotas(first: 100) { nodes { places } } } } }"
    direct.plans.settings = Settings(query_records_max=5_000)

    for first in (10, 20, *range(30, 30 + MOST_FRAMES)):
        assert direct.plans.question(query, {"first": first}, None).frame.records == first + first * 100
    with pytest.raises(TooLarge):
        direct.plans.question(query, {"first": 60}, None)
    assert direct.plans.question(query, {"first": 10}, None).frame.records == 1_010
    assert len(direct.plans.question(query, {"first": 10}, None).prepared.frames) <= MOST_FRAMES


def test_pages_that_only_go_on_are_asked_alike_but_for_their_cursors(direct: Direct) -> None:
    query = """query ($after: String, $before: String) {
      agreements(first: 7, after: $after, before: "fixed", filter: { status: [IN_FORCE] }) { totalCount }
      companies(first: 5, before: $before, after: $after) { totalCount }
    }"""
    first = direct.plans.question(query, {"after": "a"}, None)
    then = direct.plans.question(query, {"after": "b"}, None)
    back = direct.plans.question(query, {"before": "c"}, None)

    assert first.frame.shapes is then.frame.shapes
    assert first.frame.shapes != back.frame.shapes
    assert [(page.size, page.after, page.before) for page in then.values] == [(7, "b", "fixed"), (5, "b", None)]
    assert [(page.size, page.after, page.before) for page in back.values] == [(7, None, "fixed"), (5, None, "c")]
