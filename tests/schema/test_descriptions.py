"""Whoever reads the schema is told what everything in it means, and the published file is the schema that is served."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TypeAlias

import pytest
from graphql import (
    GraphQLArgument,
    GraphQLDirective,
    GraphQLEnumType,
    GraphQLEnumValue,
    GraphQLField,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLScalarType,
    GraphQLSchema,
    build_schema,
    is_introspection_type,
    is_specified_directive,
    is_specified_scalar_type,
)

from schema import schema
from schema.published import sdl

PUBLISHED = Path(__file__).parents[2] / "schema" / "schema.graphql"

WITHOUT_SPECIFICATION = frozenset({"JSON"})
"""Custom scalars that take any value, so that no page can say which strings are right."""

Described: TypeAlias = (
    GraphQLNamedType | GraphQLField | GraphQLInputField | GraphQLArgument | GraphQLEnumValue | GraphQLDirective
)


def faults(sdl: str) -> list[str]:
    """Say, a sentence for each, which descriptions of a schema are absent, ill-formed or empty of meaning."""
    built = build_schema(sdl)
    described = [
        sentence
        for coordinate, element in _elements(built)
        for sentence in _description_faults(coordinate, element.description)
    ]
    return [*described, *_unspecified_scalars(built)]


def _elements(built: GraphQLSchema) -> Iterator[tuple[str, Described]]:
    """Everything with a description, under its schema coordinate, such as `Query.country(code:)`."""
    for named in _own_types(built):
        yield named.name, named
        match named:
            case GraphQLObjectType() | GraphQLInterfaceType():
                for name, field in named.fields.items():
                    yield f"{named.name}.{name}", field
                    for argument, given in field.args.items():
                        yield f"{named.name}.{name}({argument}:)", given
            case GraphQLInputObjectType():
                for name, input_field in named.fields.items():
                    yield f"{named.name}.{name}", input_field
            case GraphQLEnumType():
                for name, value in named.values.items():
                    yield f"{named.name}.{name}", value
    for directive in built.directives:
        if not is_specified_directive(directive):
            yield f"@{directive.name}", directive
            for argument, given in directive.args.items():
                yield f"@{directive.name}({argument}:)", given


def _own_types(built: GraphQLSchema) -> list[GraphQLNamedType]:
    return [
        named
        for named in built.type_map.values()
        if not is_introspection_type(named) and not is_specified_scalar_type(named)
    ]


def _description_faults(coordinate: str, description: str | None) -> Iterator[str]:
    text = (description or "").strip()
    if not text:
        yield f"{coordinate} has no description."
        return
    if not (text[0].isupper() or text[0].isdigit() or text[0] == "`"):
        yield f"The description of {coordinate} does not start with a capital letter, a digit or a backquote: {text}"
    if text[-1] not in ".?:":
        yield f"The description of {coordinate} does not end with a full stop: {text}"
    if _repeats_the_name(coordinate, text):
        yield f"The description of {coordinate} only repeats its name: {text}"


ARTICLES = frozenset({"a", "an", "the", "this", "that", "of", "for", "its"})


def _repeats_the_name(coordinate: str, text: str) -> bool:
    """Whether the text says no more than the name and those it stands under, as "The status" of `Agreement.status`."""
    *parents, own = [_words(part) for part in re.findall(r"\w+", coordinate)]
    said = _words(text) - ARTICLES
    known = own.union(*parents)
    return own - ARTICLES <= said <= known or _letters(text) == _letters(coordinate.rsplit(".", 1)[-1])


def _words(text: str) -> frozenset[str]:
    """The words of a camelCase or UPPER_CASE name, or of a sentence, in small letters and without the plural's s."""
    parts: list[str] = re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+", text)
    return frozenset(part.lower().removesuffix("s") for part in parts)


def _letters(text: str) -> str:
    return "".join(character for character in text.lower() if character.isalnum())


def _unspecified_scalars(built: GraphQLSchema) -> Iterator[str]:
    scalars = (named for named in _own_types(built) if isinstance(named, GraphQLScalarType))
    for named in scalars:
        if not named.specified_by_url and named.name not in WITHOUT_SPECIFICATION:
            yield f"Scalar {named.name} does not say by which page it is specified (@specifiedBy)."


def test_everything_served_says_what_it_means() -> None:
    found = faults(schema.as_str())
    assert found == [], "\n".join(["not everything is well described:", *found])


def test_the_published_schema_is_the_served_one() -> None:
    published = PUBLISHED.read_text(encoding="utf-8") if PUBLISHED.exists() else ""
    assert published == sdl(schema), "schema/schema.graphql is stale: run `python -m registry schema`."


PLANTED = """
"Marks what a client pays for."
directive @cost("Points, from 1 to 100." points: Int) on FIELD_DEFINITION

"Calendar day." scalar Date @specifiedBy(url: "https://www.iso.org/iso-8601-date-and-time-format.html")
"Any value." scalar JSON
"Anything with an identity." interface Node { "Opaque handle." id: ID! }
"A state in the sense of ISO 3166-1."
type Country implements Node {
  "Opaque handle."
  id: ID!
  "What it is called."
  name("`EN` unless asked otherwise." language: Language! = EN): String!
}
"Where a query may lead." union Found = Country
"What names are given in." enum Language { "English." EN "Russian." RU }
"Days from one to another." input DateRange { "First day, included; is it null, the range is open:" from: Date }
"Where reading begins." type Query {
  "What matches?" found("2 days at least." within: DateRange): [Found!]!
  "Whatever." any: JSON
}
"""


def test_a_well_described_schema_has_no_faults() -> None:
    assert faults(PLANTED) == []


@pytest.mark.parametrize(
    ("description", "coordinate"),
    [
        ('"Marks what a client pays for."', "@cost"),
        ('"Points, from 1 to 100."', "@cost(points:)"),
        ('"Calendar day."', "Date"),
        ('"Anything with an identity."', "Node"),
        ('"A state in the sense of ISO 3166-1."', "Country"),
        ('"What it is called."', "Country.name"),
        ('"`EN` unless asked otherwise."', "Country.name(language:)"),
        ('"Where a query may lead."', "Found"),
        ('"What names are given in."', "Language"),
        ('"Russian."', "Language.RU"),
        ('"Days from one to another."', "DateRange"),
        ('"First day, included; is it null, the range is open:"', "DateRange.from"),
        ('"What matches?"', "Query.found"),
        ('"2 days at least."', "Query.found(within:)"),
    ],
)
@pytest.mark.parametrize("nothing", ["", '""', '" "'])
def test_a_missing_description_is_named(description: str, coordinate: str, nothing: str) -> None:
    assert PLANTED.count(description) == 1
    assert faults(PLANTED.replace(description, nothing)) == [f"{coordinate} has no description."]


@pytest.mark.parametrize(
    ("description", "complaint"),
    [
        ("what it is called.", "does not start with a capital letter, a digit or a backquote"),
        ("What it is called", "does not end with a full stop"),
        ("Name.", "only repeats its name"),
        ("The name.", "only repeats its name"),
        ("Names of the country.", "only repeats its name"),
    ],
)
def test_an_empty_or_sloppy_description_is_named(description: str, complaint: str) -> None:
    served = PLANTED.replace("What it is called.", description)
    assert faults(served) == [f"The description of Country.name {complaint}: {description}"]


def test_a_scalar_without_specification_is_named_unless_it_takes_any_value() -> None:
    served = re.sub(r" @specifiedBy\(.*\)", "", PLANTED)
    assert faults(served) == ["Scalar Date does not say by which page it is specified (@specifiedBy)."]
