"""The served schema keeps the public contract: what `contract.graphql` promises is there; more is welcome.

Both schemas are read as SDL, so that what is compared is what a client sees, not how it was built.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import TypeAlias

import pytest
from graphql import (
    GraphQLArgument,
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    build_schema,
    is_introspection_type,
    is_required_argument,
    is_required_input_field,
    is_specified_scalar_type,
    print_ast,
    validate_schema,
)

from schema import schema

CONTRACT = (Path(__file__).parent / "contract.graphql").read_text(encoding="utf-8")

ORDERED_ENUMS = frozenset({"AgreementStatus"})
"""Enums whose values come in a meaningful order: `possibleStatuses` is sorted by it."""

KINDS = {
    "GraphQLScalarType": "a scalar",
    "GraphQLObjectType": "a type",
    "GraphQLInterfaceType": "an interface",
    "GraphQLUnionType": "a union",
    "GraphQLEnumType": "an enum",
    "GraphQLInputObjectType": "an input",
}


def missing(contract_sdl: str, served_sdl: str) -> list[str]:
    """Say, a sentence for each, where the served schema breaks the contract; an empty list means that it keeps it.

    What the served schema has beyond the contract is no fault, unless a client that knows only the contract
    could no longer ask: a new argument or input field that is required.
    Raises GraphQL's own errors if one of the two is not a schema.
    """
    contract, served = build_schema(contract_sdl), build_schema(served_sdl)
    return [*_roots(contract, served), *_types(contract, served)]


def _roots(contract: GraphQLSchema, served: GraphQLSchema) -> Iterator[str]:
    for operation in ("query", "mutation", "subscription"):
        promised: GraphQLObjectType | None = getattr(contract, f"{operation}_type")
        actual: GraphQLObjectType | None = getattr(served, f"{operation}_type")
        if promised and actual and promised.name != actual.name:
            yield f"The root of every {operation} is {actual.name}; the contract says {promised.name}."
        elif promised and not actual:
            yield f"No {operation} is served; the contract says {promised.name}."


def _types(contract: GraphQLSchema, served: GraphQLSchema) -> Iterator[str]:
    for name, promised in contract.type_map.items():
        if is_introspection_type(promised) or is_specified_scalar_type(promised):
            continue
        actual = served.type_map.get(name)
        if actual is None:
            yield f"{name} is not served; the contract has {_kind(promised)} of that name."
        elif type(actual) is not type(promised):
            yield f"{name} is {_kind(actual)}; the contract says {_kind(promised)}."
        else:
            yield from _members(promised, actual)


def _kind(named: GraphQLNamedType) -> str:
    return KINDS[type(named).__name__]


def _members(promised: GraphQLNamedType, actual: GraphQLNamedType) -> Iterator[str]:
    """What two types of the same name and kind are made of."""
    match promised, actual:
        case GraphQLObjectType() | GraphQLInterfaceType(), GraphQLObjectType() | GraphQLInterfaceType():
            yield from _interfaces(promised, actual)
            yield from _fields(promised, actual)
        case GraphQLInputObjectType(), GraphQLInputObjectType():
            yield from _input_fields(promised, actual)
        case GraphQLEnumType(), GraphQLEnumType():
            yield from _values(promised, actual)
        case GraphQLUnionType(), GraphQLUnionType():
            served = {member.name for member in actual.types}
            for member in promised.types:
                if member.name not in served:
                    yield f"{promised.name} does not include {member.name}."


Fielded: TypeAlias = GraphQLObjectType | GraphQLInterfaceType


def _interfaces(promised: Fielded, actual: Fielded) -> Iterator[str]:
    served = {interface.name for interface in actual.interfaces}
    for interface in promised.interfaces:
        if interface.name not in served:
            yield f"{promised.name} does not implement {interface.name}."


def _fields(promised: Fielded, actual: Fielded) -> Iterator[str]:
    for name, field in promised.fields.items():
        coordinate = f"{promised.name}.{name}"
        served = actual.fields.get(name)
        if served is None:
            yield f"{coordinate} is not served."
            continue
        yield from _same_type(coordinate, field, served)
        yield from _arguments(coordinate, field, served)


def _arguments(coordinate: str, promised: GraphQLField, actual: GraphQLField) -> Iterator[str]:
    for name, argument in promised.args.items():
        place = f"{coordinate}({name}:)"
        served = actual.args.get(name)
        if served is None:
            yield f"{place} is not served."
            continue
        yield from _same_type(place, argument, served)
        yield from _same_default(place, argument, served)
    for name, argument in actual.args.items():
        if name not in promised.args and is_required_argument(argument):
            yield f"{coordinate}({name}:) is required; the contract does not know it."


def _input_fields(promised: GraphQLInputObjectType, actual: GraphQLInputObjectType) -> Iterator[str]:
    for name, field in promised.fields.items():
        place = f"{promised.name}.{name}"
        served = actual.fields.get(name)
        if served is None:
            yield f"{place} is not served."
            continue
        yield from _same_type(place, field, served)
        yield from _same_default(place, field, served)
    for name, field in actual.fields.items():
        if name not in promised.fields and is_required_input_field(field):
            yield f"{promised.name}.{name} is required; the contract does not know it."


def _values(promised: GraphQLEnumType, actual: GraphQLEnumType) -> Iterator[str]:
    for value in promised.values:
        if value not in actual.values:
            yield f"{promised.name}.{value} is not served."
    if promised.name in ORDERED_ENUMS:
        served = [value for value in actual.values if value in promised.values]
        expected = [value for value in promised.values if value in actual.values]
        if served != expected:
            yield f"{promised.name} has the order {' '.join(served)}; the contract says {' '.join(expected)}."


Typed: TypeAlias = GraphQLField | GraphQLArgument | GraphQLInputField


def _same_type(place: str, promised: Typed, actual: Typed) -> Iterator[str]:
    if str(actual.type) != str(promised.type):
        yield f"{place} is {actual.type}; the contract says {promised.type}."


Given: TypeAlias = GraphQLArgument | GraphQLInputField


def _same_default(place: str, promised: Given, actual: Given) -> Iterator[str]:
    expected, served = _default(promised), _default(actual)
    if served != expected:
        yield f"{place} has {served}; the contract says {expected}."


def _default(given: Given) -> str:
    """The default as written: `null` by default is not the same as no default, since a resolver can tell them apart."""
    literal = given.ast_node.default_value if given.ast_node else None
    return f"the default {print_ast(literal)}" if literal else "no default"


def test_the_contract_is_a_valid_schema() -> None:
    assert validate_schema(build_schema(CONTRACT)) == []


def test_the_served_schema_keeps_the_contract() -> None:
    found = missing(CONTRACT, schema.as_str())
    assert found == [], "\n".join(["the contract is broken:", *found])


PLANTED = """
scalar Date
interface Node { id: ID! }
union Found = Country | Sector
enum AgreementStatus { NONE SIGNED IN_FORCE }
enum Language { EN RU }
enum Sex { FEMALE MALE }
enum Renewal { NONE TACIT }
input DateRange { from: Date until: Date }
input CountryFilter { code: [String!] signed: DateRange includeComparators: Boolean! = false }
type Country implements Node {
  id: ID!
  name(language: Language! = EN): String!
  status: AgreementStatus!
  sectors: [Sector!]!
}
type Sector implements Node { id: ID! code: String! }
type Query {
  countries(filter: CountryFilter, languages: [Language!]! = [EN, RU], first: Int): [Country!]!
  found: [Found!]!
}
"""


def test_a_schema_misses_nothing_of_itself() -> None:
    assert missing(PLANTED, PLANTED) == []


@pytest.mark.parametrize(
    ("written", "instead", "sentence"),
    [
        # Types
        ("enum Renewal { NONE TACIT }", "", "Renewal is not served; the contract has an enum of that name."),
        ("scalar Date", "input Date { day: Int }", "Date is an input; the contract says a scalar."),
        ("= Country | Sector", "= Country", "Found does not include Sector."),
        ("type Sector implements Node {", "type Sector {", "Sector does not implement Node."),
        # Fields
        ("code: String! }", "}", "Sector.code is not served."),
        ("code: String! }", "code: String }", "Sector.code is String; the contract says String!."),
        ("status: AgreementStatus!", "status: Int!", "Country.status is Int!; the contract says AgreementStatus!."),
        ("sectors: [Sector!]!", "sectors: [Sector]!", "Country.sectors is [Sector]!; the contract says [Sector!]!."),
        ("sectors: [Sector!]!", "sectors: [Sector!]", "Country.sectors is [Sector!]; the contract says [Sector!]!."),
        # Arguments
        (", first: Int)", ")", "Query.countries(first:) is not served."),
        (", first: Int)", ", first: Int!)", "Query.countries(first:) is Int!; the contract says Int."),
        (
            ", first: Int)",
            ", first: Int = null)",
            "Query.countries(first:) has the default null; the contract says no default.",
        ),
        (
            "[EN, RU]",
            "[EN]",
            "Query.countries(languages:) has the default [EN]; the contract says the default [EN, RU].",
        ),
        (
            "Language! = EN",
            "Language!",
            "Country.name(language:) has no default; the contract says the default EN.",
        ),
        (
            ", first: Int)",
            ", first: Int, year: Int!)",
            "Query.countries(year:) is required; the contract does not know it.",
        ),
        # Input fields
        ("from: Date until: Date", "from: Date", "DateRange.until is not served."),
        ("from: Date until: Date", "from: Date until: Date!", "DateRange.until is Date!; the contract says Date."),
        (
            "= false",
            "= true",
            "CountryFilter.includeComparators has the default true; the contract says the default false.",
        ),
        ("until: Date }", "until: Date zone: String! }", "DateRange.zone is required; the contract does not know it."),
        # Enum values
        ("FEMALE MALE", "MALE OTHER", "Sex.FEMALE is not served."),
        (
            "NONE SIGNED IN_FORCE",
            "NONE IN_FORCE SIGNED",
            "AgreementStatus has the order NONE IN_FORCE SIGNED; the contract says NONE SIGNED IN_FORCE.",
        ),
    ],
)
def test_a_broken_promise_is_named(written: str, instead: str, sentence: str) -> None:
    assert PLANTED.count(written) == 1
    assert missing(PLANTED, PLANTED.replace(written, instead)) == [sentence]


@pytest.mark.parametrize(
    ("written", "instead"),
    [
        ("enum Sex", "type Page { number: Int! } enum Sex"),
        ("code: String! }", "code: String! level: Int! }"),
        (", first: Int)", ", first: Int, after: String, year: Int! = 2026)"),
        ("until: Date }", 'until: Date zone: String! = "UTC" }'),
        ("FEMALE MALE", "MALE OTHER FEMALE"),
        ("NONE SIGNED IN_FORCE", "NONE PROPOSED SIGNED IN_FORCE"),
        ("= Country | Sector", "= Sector | Country"),
        ("[EN, RU]", "[ EN RU ]"),
    ],
)
def test_more_than_was_promised_is_welcome(written: str, instead: str) -> None:
    assert PLANTED.count(written) == 1
    assert missing(PLANTED, PLANTED.replace(written, instead)) == []


def test_the_roots_are_the_promised_ones() -> None:
    other = PLANTED.replace("type Query", "schema { query: Questions } type Query") + "type Questions { count: Int! }"
    assert missing(PLANTED, other) == ["The root of every query is Questions; the contract says Query."]
    writing = "type Mutation { countryAdd: ID }"
    assert missing(PLANTED + writing, PLANTED + "schema { query: Query }" + writing) == [
        "No mutation is served; the contract says Mutation."
    ]
