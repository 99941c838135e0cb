"""Makes operations at random, but the same ones for the same seed, over everything that the schema offers."""

import json
from collections import defaultdict
from dataclasses import dataclass, field
from random import Random
from typing import Any

from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLSchema,
    GraphQLUnionType,
    get_named_type,
    is_leaf_type,
)

#: What is worth asking for, by the name of an argument or of a filter's field: some of it is on record.
WORDS: dict[str, list[Any]] = {
    "code": ["DE", "KR", "PL", "UZ", "41", "F", "71", "ZZ", "QA"],
    "reference": ["made-01", "made-04", "made-07", "some-source", "works-03", "office-1", "nothing", "made-contract"],
    "text": ["labour", "100%", "A_b", "migration agreement", "GERMANY", "\u0000", "виза"],
    "sector": ["F", "41", "A", "86", "nothing"],
    "parent": ["F", "A", "nothing"],
    "region": ["143", "150", "nothing"],
    "agreement": ["made-01", "made-03", "made-contract", "nothing"],
    "company": ["works-03", "works-04"],
    "occupation": ["71", "2"],
    "year": [2024, 2023, 0],
}
SCALARS: dict[str, list[Any]] = {
    "CountryCode": ["DE", "KR", "PL", "UZ", "JP", "TR", "QA"],
    "Date": ["2024-01-01", "2023-05-01", "2020-01-15", "2031-01-01", "0001-01-01", "9999-12-31"],
    "DateTime": ["2030-01-01T00:00:00Z"],
    "LanguageTag": ["de", "en", "uz-Cyrl"],
    "Int": [1, 2, 3, 5],
    "String": ["nothing"],
    "Boolean": [True, False],
}


@dataclass
class Operation:
    """A document with its variables, and where its answer shows cursors of which list and order."""

    seed: int
    query: str
    variables: dict[str, Any]
    cursors: list[tuple[tuple[str, ...], str]]


@dataclass
class Known:
    """What answers have shown so far: ids, and cursors of each list and order."""

    ids: list[str] = field(default_factory=lambda: ["QWdyZWVtZW50OjMw", "Q291bnRyeTpERQ", "bm90aGluZw"])
    cursors: dict[str, list[str]] = field(default_factory=lambda: defaultdict(lambda: ["nothing"]))

    def learn(self, operation: Operation, data: Any) -> None:
        """Takes note of what an answer shows."""
        for path, name in operation.cursors:
            for value in _at(data, path):
                if isinstance(value, str) and value not in self.cursors[name]:
                    self.cursors[name] = [*self.cursors[name][-20:], value]
        for value in _ids(data):
            if value not in self.ids:
                self.ids = [*self.ids[:3], *self.ids[-200:], value]


def _at(data: Any, path: tuple[str, ...]) -> list[Any]:
    found = [data]
    for key in path:
        found = [inner for each in found for inner in (each if isinstance(each, list) else [each])]
        found = [each[key] for each in found if isinstance(each, dict) and key in each]
    return found


def _ids(data: Any) -> list[str]:
    if isinstance(data, list):
        return [found for each in data for found in _ids(each)]
    if isinstance(data, dict):
        own = [data["id"]] if isinstance(data.get("id"), str) else []
        return own + [found for each in data.values() for found in _ids(each)]
    return []


class Maker:
    """Makes one operation."""

    def __init__(self, schema: GraphQLSchema, seed: int, known: Known, size: int = 22) -> None:
        self.schema, self.seed, self.known = schema, seed, known
        self.random = Random(seed)
        self.left = size
        self.declared: dict[str, str] = {}
        self.variables: dict[str, Any] = {}
        self.fragments: list[str] = []
        self.cursors: list[tuple[tuple[str, ...], str]] = []
        self.names = 0
        self.orders: dict[tuple[str, ...], str] = {}

    def operation(self) -> Operation:
        """The operation of the seed."""
        query = self.schema.query_type
        assert query is not None
        body = self._selection(query, (), 0)
        declared = ", ".join(f"${name}: {kind}" for name, kind in self.declared.items())
        head = f"query Asked({declared}) " if declared else self.random.choice(("", "query Asked "))
        return Operation(self.seed, "\n".join([head + body, *self.fragments]), self.variables, self.cursors)

    def _chance(self, share: float) -> bool:
        return self.random.random() < share

    def _selection(self, kind: Any, path: tuple[str, ...], depth: int) -> str:
        parts = [] if isinstance(kind, GraphQLUnionType) else self._fields(kind, path, depth)
        if isinstance(kind, GraphQLInterfaceType | GraphQLUnionType) and depth < 6:
            for concrete in self.random.sample(self.schema.get_possible_types(kind), 2):
                parts.append(f"... on {concrete.name} {self._braced(self._fields(concrete, path, depth + 1))}")
        elif not isinstance(kind, GraphQLUnionType) and self._chance(0.12):
            on = self.random.choice((kind.name, *(each.name for each in kind.interfaces)))
            inner = self._braced(self._fields(self.schema.get_type(on), path, depth + 1))
            if self._chance(0.5):
                self.names += 1
                self.fragments.append(f"fragment F{self.names} on {on} {inner}")
                parts.append(f"...F{self.names}{self._directive()}")
            else:
                parts.append(f"... on {on}{self._directive()} {inner}")
        if self._chance(0.1):
            parts.append("__typename")
        self.random.shuffle(parts)
        return self._braced(parts)

    def _braced(self, parts: list[str]) -> str:
        return "{ " + " ".join(parts or ["__typename"]) + " }"

    def _fields(self, kind: Any, path: tuple[str, ...], depth: int) -> list[str]:
        names = list(kind.fields)
        number = self.random.randint(1, 4 if depth < 3 else 3)
        chosen = self.random.sample(names, min(number, len(names)))
        made = [self._field(kind, name, path, depth) for name in chosen]
        return [each for each in made if each]

    def _field(self, kind: Any, name: str, path: tuple[str, ...], depth: int) -> str:
        definition = kind.fields[name]
        named = get_named_type(definition.type)
        leaf = is_leaf_type(named)
        if self.left <= 0 or (not leaf and depth >= 7):
            return ""
        self.left -= 1
        self.names += 1
        alias = f"a{self.names}" if self._chance(0.3) or definition.args else ""
        key = alias or name
        arguments, order = self._arguments(definition, name, named)
        if name == "cursor" or name.endswith("Cursor"):
            self.cursors.append(((*path, key), self.orders.get(path[: len(path) - 1], "")))
        if order is not None:
            self.orders[(*path, key)] = order
        below = "" if leaf else " " + self._selection(named, (*path, key), depth + 1)
        return f"{alias}{': ' if alias else ''}{name}{arguments}{self._directive()}{below}"

    def _directive(self) -> str:
        if not self._chance(0.05):
            return ""
        condition = self.random.choice(("true", "false", ""))
        condition = condition or self._variable("Boolean!", self._chance(0.5))
        return f" @{self.random.choice(('skip', 'include'))}(if: {condition})"

    def _variable(self, kind: str, value: Any) -> str:
        self.names += 1
        name = f"v{self.names}"
        self.declared[name] = kind
        self.variables[name] = value
        return f"${name}"

    def _arguments(self, definition: Any, name: str, named: Any) -> tuple[str, str | None]:
        made: list[str] = []
        order: str | None = None
        paged = "after" in definition.args
        if paged:
            ascending = f"{named.name}"
            order = ascending
        for key, argument in definition.args.items():
            required = isinstance(argument.type, GraphQLNonNull) and not _has_default(argument)
            if key in ("after", "before") or not (required or self._chance(0.35)):
                continue
            value = self._value(argument.type, key)
            if key in ("first", "last"):
                value = self.random.choice((1, 2, 3, 3, 5, 5, None, 100, 0 if self._chance(0.05) else 2))
            if key == "last" and any(each.startswith("first") for each in made) and self._chance(0.95):
                continue
            if key == "orderBy" and order is not None:
                order = f"{named.name}{json.dumps(value)}"
            made.append(f"{key}: {self._said(argument.type, value)}")
        if paged:
            for key in ("after", "before"):
                if order in self.known.cursors and self._chance(0.25):
                    cursor = self.random.choice(self.known.cursors[order][self._chance(0.98) :] or ["nothing"])
                    made.append(f"{key}: {self._said(definition.args[key].type, cursor)}")
        return (f"({', '.join(made)})" if made else ""), order

    def _said(self, kind: Any, value: Any) -> str:
        """A value in the document itself, or as a variable."""
        if self._chance(0.35):
            return self._variable(str(kind), value)
        return _literal(kind, value)

    def _value(self, kind: Any, name: str) -> Any:
        if isinstance(kind, GraphQLNonNull):
            return self._some(kind.of_type, name)
        return None if self._chance(0.05) else self._some(kind, name)

    def _some(self, kind: Any, name: str) -> Any:
        if isinstance(kind, GraphQLNonNull):
            return self._some(kind.of_type, name)
        if isinstance(kind, GraphQLList):
            found = [self._value(GraphQLNonNull(kind.of_type), name) for _ in range(self.random.randint(0, 3))]
            distinct = [each for place, each in enumerate(found) if each not in found[:place]]
            return [each for each in distinct if each is not None]
        if isinstance(kind, GraphQLEnumType):
            return self.random.choice(list(kind.values))
        if isinstance(kind, GraphQLInputObjectType):
            return {
                key: self._value(each.type, key)
                for key, each in kind.fields.items()
                if self._chance(0.3) or (isinstance(each.type, GraphQLNonNull) and not _has_default(each))
            }
        if kind.name == "ID":
            return self.random.choice(self.known.ids)
        words = WORDS.get(name, []) if kind.name in ("String", "Int") else []
        return self.random.choice(words or SCALARS[kind.name])


def _has_default(argument: Any) -> bool:
    return "=" in str(argument) or argument.default is not None


def _literal(kind: Any, value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(kind, GraphQLNonNull):
        return _literal(kind.of_type, value)
    if isinstance(kind, GraphQLList):
        return "[" + ", ".join(_literal(kind.of_type, each) for each in value) + "]"
    if isinstance(kind, GraphQLInputObjectType):
        return "{" + ", ".join(f"{key}: {_literal(kind.fields[key].type, each)}" for key, each in value.items()) + "}"
    return value if isinstance(kind, GraphQLEnumType) else json.dumps(value)
