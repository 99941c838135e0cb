"""What was released stays: a client of the last release still works, and what is to go is marked first."""

from datetime import date
from typing import Any

import pytest
import strawberry
from graphql import build_schema

from schema import contract, schema
from schema.execution.field import leaving
from schema.published import sdl

SERVED = sdl(schema)
OLD = """
type Query {
  country(code: String, name: String): String
  capital: String @deprecated(reason: "Until 2027-06-01; ask `country` instead.")
  kind: Kind
}
enum Kind { STATE TERRITORY }
"""


def compared(new: str, allowed: dict[str, str] | None = None, today: str = "2027-06-02") -> contract.Comparison:
    return contract.compared(OLD, new, allowed or {}, date.fromisoformat(today))


def test_nothing_that_was_released_breaks() -> None:
    found = contract.check(SERVED)

    assert (found.breaking, found.idle) == ([], [])


@pytest.mark.parametrize(
    ("before", "after", "change"),
    [
        ("kind: Kind", "", "Field Query.kind was removed."),
        (", name: String", "", "Argument Query.country(name:) was removed."),
        ("name: String", "name: String!", "Argument Query.country(name:) has changed type from String to String!."),
        ("): String", "): Int", "Field Query.country changed type from String to Int."),
        (" TERRITORY", "", "Enum value Kind.TERRITORY was removed."),
    ],
)
def test_what_breaks_a_client_is_told_unless_a_reason_is_given(before: str, after: str, change: str) -> None:
    new = OLD.replace(before, after, 1)

    assert change in compared(new).breaking
    assert change in compared(new, {change: " "}).breaking
    assert change not in compared(new, {change: "It was a mistake."}).breaking


def test_what_was_marked_as_leaving_may_go_once_its_day_has_passed() -> None:
    new = OLD.replace("capital: String @", "# @")

    assert compared(new).breaking == []
    assert compared(new, today="2027-06-01").breaking == ["Field Query.capital was removed."]


def test_a_reason_for_what_does_not_break_is_told() -> None:
    assert compared(OLD, {"Field Query.country was removed.": "It was a mistake."}).idle == [
        "Field Query.country was removed."
    ]


def test_what_may_surprise_a_client_is_told_and_may_be() -> None:
    found = compared(OLD.replace("TERRITORY", "TERRITORY CITY"))

    assert (found.breaking, found.dangerous) == ([], ["Enum value Kind.CITY was added."])


def test_a_field_that_is_leaving_says_so_to_clients() -> None:
    field: Any = strawberry.field(resolver=lambda: 1, graphql_type=int, description="A number.")

    @strawberry.type
    class Query:
        number: int = leaving(field, "Until 2027-06-01; ask `count` instead.")

    assert '@deprecated(reason: "Until 2027-06-01; ask `count` instead.")' in strawberry.Schema(Query).as_str()


def test_whatever_is_leaving_says_until_when_and_what_takes_its_place() -> None:
    assert [what for what, reason in contract.marked(build_schema(SERVED)) if not contract.last_day(reason)] == []
    assert dict(contract.marked(build_schema(OLD))) == {"Query.capital": "Until 2027-06-01; ask `country` instead."}
    assert contract.last_day("Until 2027-06-01; ask `country` instead.") == date(2027, 6, 1)
    assert contract.last_day("Ask `country` instead.") is None
