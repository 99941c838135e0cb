"""Whether every field that is never null rests on something that never is, looked through before anything is served.

A non-null field rests on a column that is NOT NULL and open to everyone, on a constant, on a list (which may be empty),
on a function that is total, or on a derivation that says of itself that it has a row for every parent on every day.
The columns of a select that is made up are watched as they are read, as none of them has a declaration to look at.
"""

from collections.abc import Iterator
from functools import singledispatch
from typing import Any, get_args, get_type_hints

import sqlalchemy as sa
from graphql import GraphQLObjectType, get_named_type, is_interface_type, is_non_null_type, is_object_type
from strawberry import Schema

from registry.access import PUBLIC, RESTRICTED
from registry.statistics import PlacementRow, PlacementTable
from schema.execution import source as kinds
from schema.execution.identity import SHOWN_BY_NAME

#: What the fields of a type are read from: a table, a class of objects, or None for what is watched as it is read.
Ground = sa.Table | type | None


def check(schema: Schema) -> None:
    """Raises `Unfounded` for a schema with a field that promises what it cannot keep."""
    if faults := unfounded(schema):
        raise Unfounded(" ".join(faults))


class Unfounded(Exception):
    """A schema that would answer with errors where it promises values."""


def unfounded(schema: Schema) -> list[str]:
    """A sentence for every field that promises what it cannot keep, and for every one that says nothing of itself."""
    found: dict[str, None] = {}
    query = schema._schema.query_type
    assert query is not None
    ahead: list[tuple[Any, Ground]] = [(query, None)]
    ahead += [(schema._schema.type_map[name], kind.__table__) for name, kind in SHOWN_BY_NAME.items()]
    seen: set[tuple[str, Any]] = set()
    while ahead:
        kind, ground = ahead.pop()
        if (kind.name, ground) in seen:
            continue
        seen.add((kind.name, ground))
        for name, field in kind.fields.items():
            source = getattr(field.extensions["strawberry-definition"], "source", None)
            if source is None:
                found[f"{kind.name}.{name} does not say where its value comes from."] = None
                continue
            if is_non_null_type(field.type) and (fault := lacking(source, ground)):
                found[f"{kind.name}.{name} is never null, but {fault}."] = None
            ahead += _below(schema, get_named_type(field.type), source, ground)
    return sorted(found)


def _below(schema: Schema, named: Any, source: Any, ground: Ground) -> Iterator[tuple[GraphQLObjectType, Ground]]:
    if is_object_type(named):
        yield named, leads_to(source, ground)
    elif is_interface_type(named):
        for concrete in schema._schema.get_possible_types(named):
            yield concrete, SHOWN_BY_NAME[concrete.name].__table__


# ── What a field lacks ────────────────────────────────────────────────────────────────────────────


@singledispatch
def lacking(source: Any, ground: Ground) -> str | None:
    """What a source lacks to be never null, in words; None where it lacks nothing."""
    return None  # lists, constants, and functions that are total


@lacking.register
def _column(source: kinds.Column | kinds.UncertainDay | kinds.Window, ground: Ground) -> str | None:
    return _of(source.name, ground)


@lacking.register
def _to_one(source: kinds.ToOne, ground: Ground) -> str | None:
    return _of(source.key, ground)


@lacking.register
def _localised(source: kinds.Localised, ground: Ground) -> str | None:
    if source.of is None:
        return _of(source.fallback, ground)
    return _of(source.of.key, ground) or _of(source.fallback, source.of.table.__table__)


@lacking.register
def _derived(source: kinds.Derived, ground: Ground) -> str | None:
    if source.otherwise is not None:
        return None
    return None if source.total else "its derivation may have no row for some parent"


@lacking.register
def _by_argument(source: kinds.Lookup | kinds.ById, ground: Ground) -> str | None:
    return "there may be no such record"


def _of(name: str, ground: Ground) -> str | None:
    if isinstance(ground, sa.Table):
        column = ground.c[name]
        if column.nullable:
            return f"{ground.name}.{name} may be null"
        closed = column.info.get("audience", RESTRICTED) != PUBLIC
        return f"{ground.name}.{name} is not shown to everyone" if closed else None
    if isinstance(ground, type):
        annotation = get_type_hints(ground).get(name)
        return f"{ground.__name__}.{name} may be None" if type(None) in get_args(annotation) else None
    return None


# ── What a field leads to ─────────────────────────────────────────────────────────────────────────


@singledispatch
def leads_to(source: Any, ground: Ground) -> Ground:
    """What the fields of its value are read from."""
    return None


@leads_to.register
def _table(source: kinds.ToOne | kinds.ToMany | kinds.Lookup | kinds.Listed | kinds.Home, ground: Ground) -> Ground:
    table: Ground = source.table.__table__
    return table


@leads_to.register
def _kind(source: kinds.Derived, ground: Ground) -> Ground:
    table: Ground = source.kind.__table__
    return table


@leads_to.register
def _page(source: kinds.Page, ground: Ground) -> Ground:
    return getattr(source.listing.kind, "__table__", None)


@leads_to.register
def _same(source: kinds.PagePart | kinds.Same, ground: Ground) -> Ground:
    return ground


@leads_to.register
def _objects(source: kinds.Summary, ground: Ground) -> Ground:
    return PlacementTable


@leads_to.register
def _inner(source: kinds.Inner, ground: Ground) -> Ground:
    return PlacementRow
