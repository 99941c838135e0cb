"""Makes a failing operation as small as it can be, with the fault still in it."""

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from graphql import (
    REMOVE,
    ArgumentNode,
    DirectiveNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    GraphQLSchema,
    InlineFragmentNode,
    Node,
    ObjectFieldNode,
    OperationDefinitionNode,
    SelectionSetNode,
    VariableDefinitionNode,
    Visitor,
    parse,
    print_ast,
    validate,
    visit,
)
from graphql.execution.values import get_variable_values

#: What can be left out, one at a time.
_REMOVABLE = (
    FieldNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    ArgumentNode,
    ObjectFieldNode,
    DirectiveNode,
    VariableDefinitionNode,
)

#: Operations that are tried on the way.
MOST_TRIES = 2_000


def smallest(
    query: str, variables: dict[str, Any], fails: Callable[[str, dict[str, Any]], bool], schema: GraphQLSchema
) -> tuple[str, dict[str, Any]]:
    """The smallest operation found, and its variables, that still is valid and fails."""
    tries = 0
    shrunk = True
    while shrunk and tries < MOST_TRIES:
        shrunk = False
        for candidate in _smaller(query):
            kept = _needed(candidate, variables)
            if not _is_valid(candidate, kept, schema):
                continue
            tries += 1
            if fails(candidate, kept):
                query, variables, shrunk = candidate, kept, True
                break
            if tries >= MOST_TRIES:
                break
    return query, variables


def _smaller(query: str) -> Iterator[str]:
    """The operation with one thing less, the larger things first."""
    document = parse(query, no_location=True)
    for gone in sorted(_removable(document), key=lambda node: -len(print_ast(node))):
        if isinstance(gone, InlineFragmentNode):  # what is in it may stay
            yield from _printed(document, gone, gone.selection_set.selections)
        yield from _printed(document, gone, ())


def _removable(document: Node) -> list[Node]:
    found: list[Node] = []

    class Finding(Visitor):
        def enter(self, node: Node, *_: Any) -> None:
            if isinstance(node, _REMOVABLE):
                found.append(node)

    visit(document, Finding())
    return found


def _printed(document: Node, gone: Node, instead: Sequence[Node]) -> Iterator[str]:
    """The document without a node, or with others instead; nothing where a pair of braces would be empty."""
    whole = True

    class Removing(Visitor):
        def enter(self, node: Node, *_: Any) -> Any:
            return REMOVE if node is gone else None

        def enter_selection_set(self, node: SelectionSetNode, *_: Any) -> Any:
            nonlocal whole
            places = [place for place, each in enumerate(node.selections) if each is gone]
            if not places:
                return None
            kept: Any = (*node.selections[: places[0]], *instead, *node.selections[places[0] + 1 :])
            whole = bool(kept)
            return SelectionSetNode(selections=kept)

    made = visit(document, Removing())
    if whole:
        yield _pruned(print_ast(made))


def _pruned(query: str) -> str:
    """Without fragments and variables that nothing uses any more."""
    while True:
        document = parse(query, no_location=True)
        body = query.split("{", 1)[1]

        class Pruning(Visitor):
            def enter_fragment_definition(self, node: FragmentDefinitionNode, *_: Any, whole: str = query) -> Any:
                return None if re.search(rf"\.\.\.{node.name.value}\b", whole) else REMOVE

            def enter_variable_definition(self, node: VariableDefinitionNode, *_: Any, body: str = body) -> Any:
                return None if re.search(rf"\${node.variable.name.value}\b", body) else REMOVE

        pruned = print_ast(visit(document, Pruning()))
        if pruned == query:
            return query
        query = pruned


def _needed(query: str, variables: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in variables.items() if re.search(rf"\${name}\b", query)}


def _is_valid(query: str, variables: dict[str, Any], schema: GraphQLSchema) -> bool:
    document = parse(query)
    if validate(schema, document):
        return False
    (operation,) = (each for each in document.definitions if isinstance(each, OperationDefinitionNode))
    try:
        values = get_variable_values(schema, operation.variable_definitions or (), variables)
    except GraphQLError:
        return False
    return not isinstance(values, list)
