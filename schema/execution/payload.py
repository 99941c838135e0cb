"""What a mutation or a subscription shows: a record as it stands after the commit, with all that is asked of it.

What a mutation is to show is looked through before it changes anything: a request that cannot be answered is refused
as a whole, and its client need not guess whether it was obeyed. Only what the record itself decides is told afterwards,
such as a name in a filter that is not on record then.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from graphql import FragmentDefinitionNode, GraphQLError, GraphQLObjectType, GraphQLSchema, OperationType
from graphql import get_named_type as named_type
from graphql import located_error as located
from graphql.execution.collect_fields import FragmentDetails, collect_fields, collect_subfields
from graphql.execution.values import VariableValues

from registry.history import RegistryState, table_behind
from schema.context import Context
from schema.execution.asked import PageShape
from schema.execution.cursors import decode
from schema.execution.levels import PageAsked
from schema.execution.operation import Operation
from schema.execution.prepared import Document
from schema.execution.question import Question
from schema.execution.selection import Selected
from schema.execution.showing import Showing


async def shown(info: Any, table: Any, key: Any) -> Any:
    """The record of `table` with this primary key as of what was committed last; None where there is none.

    `info` is that of the field whose value the record is, such as `agreement` of a payload: what the field asks of the
    record is read together. To be called after the commit, from the field's own resolver.
    """
    return await info.context.direct.record(info, table, key)


async def refusals(
    context: Context, document: Document, name: str | None, given: Mapping[str, Any]
) -> list[GraphQLError]:
    """What is wrong with what the mutation of a document asks of the records that it is to show; nothing for any other
    operation, for one that GraphQL refuses, and for whoever may not write, who is shown nothing.

    Raises `RegistryError` where it is more than one answer should hold.
    """
    if document.node is None or document.wrong or not context.actor.writes:
        return []
    operation = document.meant(name)
    if operation is None or operation.node.operation is not OperationType.MUTATION:
        return []
    variables = operation.values(given)
    if isinstance(variables, list):
        return []
    direct = context.direct
    assert direct is not None

    def planned() -> list[tuple[Showing, Question]]:
        found = showings(operation, document, variables)
        return [(showing, direct.plans.shown(showing, table, document)[0]) for showing, table in found]

    try:
        asked = await direct.lanes.brief.run(planned, len(document.text))
    except GraphQLError as error:  # a directive at the root, or in the payload itself
        return [error]
    key = await _cursor_key(context) if any(_cursors(question) for _, question in asked) else ""
    return [error for showing, question in asked for error in _wrong(showing, question, key)]


def showings(operation: Operation, document: Document, variables: VariableValues) -> Iterator[tuple[Showing, Any]]:
    """The fields of payloads that show records, each with the table of its record. Raises `GraphQLError`."""
    schema, node = operation.schema, operation.node
    assert document.node is not None
    fragments = {
        each.name.value: each for each in document.node.definitions if isinstance(each, FragmentDefinitionNode)
    }
    details = {name: FragmentDetails(each) for name, each in fragments.items()}
    mutation = _mutation(schema)
    for key, fields in collect_fields(schema, details, variables, mutation, node).grouped_field_set.items():
        definition = mutation.fields.get(fields[0].node.name.value)
        payload = definition and named_type(definition.type)
        if not isinstance(payload, GraphQLObjectType):
            continue
        below = collect_subfields(schema, details, variables, node, payload, fields).grouped_field_set
        for inner, found in below.items():
            if (table := _table(payload, found[0].node.name.value)) is not None:
                yield Showing(node, fragments, [each.node for each in found], (key, inner), variables), table


def _mutation(schema: GraphQLSchema) -> GraphQLObjectType:
    assert schema.mutation_type is not None
    return schema.mutation_type


def _table(payload: GraphQLObjectType, name: str) -> Any:
    """The table of the record that a field of a payload shows; None for a field that shows none."""
    definition = payload.fields.get(name)
    return definition and getattr(definition.extensions["strawberry-definition"], "table", None)


def _wrong(showing: Showing, question: Question, key: str) -> Iterator[GraphQLError]:
    """What is wrong with what is asked of a record; `key` is that which cursors are signed with."""
    selection = question.prepared.selection
    if selection.wrong is not None:
        yield selection.wrong
    for place, refusal in {**question.refused, **_wrong_cursors(question, key)}.items():
        yield located(refusal, [selection.slots[place].node], [*showing.way, *(_way(selection.fields, place) or ())])


def _way(fields: Sequence[Selected], place: int) -> list[str] | None:
    """The keys of the answer that lead to a place where arguments stand; None where it is not below these fields."""
    for each in fields:
        if each.slot is not None and each.slot.place == place:
            return [each.key]
        for inner in each.under.values():
            if (below := _way(inner, place)) is not None:
                return [each.key, *below]
    return None


def _cursors(question: Question) -> Iterator[tuple[int, str, str, str]]:
    """The cursors of pages: the place, the argument, the cursor, and the order that it must be of."""
    for place, asked in enumerate(question.values):
        shape = question.frame.shapes[place]
        if isinstance(asked, PageAsked) and isinstance(shape, PageShape):
            listing: Any = question.prepared.selection.slots[place].declared
            for name in ("after", "before"):
                if (cursor := getattr(asked, name)) is not None:
                    yield place, name, cursor, shape.named(listing.source.listing)


def _wrong_cursors(question: Question, key: str) -> Mapping[int, Exception]:
    found: dict[int, Exception] = {}
    for place, name, cursor, order in _cursors(question):
        try:
            decode(cursor, order, key, (name,))
        except Exception as refusal:
            found.setdefault(place, refusal)
    return found


async def _cursor_key(context: Context) -> str:
    rows: Sequence[Any] = await context.read(sa.select(table_behind(RegistryState).c.cursor_key))
    return str(rows[0].cursor_key) if rows else ""
