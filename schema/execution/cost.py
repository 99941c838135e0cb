"""What a query costs, in points, before anything of it is read.

A point is about what it takes to read one record and to say it, some ten microseconds. A list counts for as many
records as its page may have, or as are reckoned with where it has no pages, and what is inside it counts for each. What
reads much more than it shows costs more besides, once for each place where it is asked for.
"""

from collections.abc import Mapping

from graphql import FieldNode, FragmentDefinitionNode, GraphQLSchema, InlineFragmentNode, SelectionSetNode

from schema.execution.source import At, Derived, Gathered, Gleaned, Rows, Summary, ToMany, Values, Whether

#: Points of a record, and of a value in it.
RECORD, VALUE = 1.0, 0.1

#: Points of anything that is asked at all.
REQUEST = 1.0

#: Records that a list without pages is reckoned to have; most have one or two.
RECKONED = 4

#: Points of a number of all records of a list, and of words that are sought in all of them.
COUNTED, SOUGHT = 20.0, 300.0

#: Points of a list that is worked out anew each time from several tables, such as what is missing.
WORKED_OUT = 500.0

#: Points of a placement table that no sums are kept for, so that it is made from all returns.
FROM_RETURNS = 3_000.0

#: Points of what was known at an earlier moment, for which a snapshot may have to be made.
KNOWN_EARLIER = 1_000.0

#: Points that are told; lists inside lists can come to any number.
MOST_TOLD = 1e12

#: Points by the kind of a source: a statement of its own, or one that reads more than it shows.
_STATEMENTS: Mapping[type, float] = {
    Summary: 300.0,
    Rows: 50.0,
    Whether: 10.0,
    Gathered: 20.0,
    Gleaned: 20.0,
    Derived: 2.0,
    ToMany: 2.0,
    Values: 2.0,
    At: 1.0,
}


def statement(source: object) -> float:
    """Points of a field by where its value comes from, however many records it belongs to."""
    return _STATEMENTS.get(type(source), 0.0)


def told(points: float) -> int:
    """Points as they are told and charged: whole ones, and one at least."""
    return max(1, round(min(points, MOST_TOLD)))


# ── What a schema tells of itself ───────────────────────────────────────────────────────────────────────────────────

#: Points of each value: GraphQL itself walks what is asked of the schema.
_WALKED = 1.0

#: Types around a type, such as a list of what is never null: few types have one, and fewer another.
_AROUND = 0.5


def introspection(schema: GraphQLSchema, selections: SelectionSetNode, fragments: Mapping[str, object]) -> float:
    """Points of what is asked of the schema itself, anywhere in some selections of a valid document."""
    return _walked(selections, fragments, _numbers(schema), False)


def _walked(
    selections: SelectionSetNode, fragments: Mapping[str, object], numbers: Mapping[str, float], inside: bool
) -> float:
    found = 0.0
    for node in selections.selections:
        if isinstance(node, FieldNode):
            within = inside or node.name.value in ("__schema", "__type")
            inner = _walked(node.selection_set, fragments, numbers, within) if node.selection_set else 0.0
            found += (_WALKED + inner) * (numbers.get(node.name.value, 1.0) if inside else 1.0) if within else inner
        elif isinstance(node, InlineFragmentNode):
            found += _walked(node.selection_set, fragments, numbers, inside)
        else:
            fragment = fragments.get(node.name.value)  # type: ignore[attr-defined]
            if isinstance(fragment, FragmentDefinitionNode):
                found += _walked(fragment.selection_set, fragments, numbers, inside)
    return found


def _numbers(schema: GraphQLSchema) -> dict[str, float]:
    """How many of each there are in the schema: of types, and of the rest for each type or field, on an average."""
    types = schema.type_map.values()
    fields = [each for kind in types for each in getattr(kind, "fields", {}).values()]
    arguments = sum(len(getattr(each, "args", None) or ()) for each in fields)
    each = max(1.0, len(fields) / len(types))
    return {
        "types": float(len(types)),
        "directives": float(len(schema.directives)),
        "fields": each,
        "inputFields": each,
        "enumValues": each,
        "args": max(1.0, arguments / max(1, len(fields))),
        "ofType": _AROUND,
    }
