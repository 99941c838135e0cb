"""Every error that leaves the registry has a stable code, its path, a sentence and, where it helps, what to do."""

import logging
import re
from collections.abc import Iterator, Sequence
from functools import partial
from itertools import pairwise
from typing import Any

from graphql import GraphQLError, GraphQLSyntaxError, NoSchemaIntrospectionCustomRule
from graphql.language import (
    ArgumentNode,
    DocumentNode,
    FieldNode,
    ListValueNode,
    Node,
    ObjectFieldNode,
    VariableDefinitionNode,
    VariableNode,
)
from strawberry.extensions import SchemaExtension
from strawberry.types.execution import ExecutionResult, PreExecutionError

from registry.errors import Reason, RegistryError
from registry.telemetry import note_fault

LOG = logging.getLogger("registry.graphql")

#: Errors told in one answer; one document can hold thousands.
MOST_ERRORS = 5


class RequestError(GraphQLError):
    """A request that was refused before anything of it was executed."""


def executed(result: ExecutionResult) -> bool:
    """Whether anything of a request was executed, as against one that was refused before."""
    if isinstance(result, PreExecutionError):
        return False
    return result.data is not None or not all(isinstance(error, RequestError) for error in result.errors or ())


def codes_of(result: ExecutionResult) -> list[str]:
    """The codes of what went wrong, in the order in which it is told."""
    return [str((error.extensions or {}).get("code", "INTERNAL_SERVER_ERROR")) for error in result.errors or ()]


class PlainErrors(SchemaExtension):
    """Puts every error of an answer into the registry's words."""

    #: It has nothing to say to an answer without errors, which a plan may therefore give by itself.
    only_errors = True

    #: Whether errors may say which names of the schema were perhaps meant.
    suggests = True

    _valid = False

    def on_execute(self) -> Iterator[None]:
        self._valid = True
        yield

    def on_operation(self) -> Iterator[None]:
        yield
        self._explain(self.execution_context.result)

    def on_stream_result(self, result: Any) -> Iterator[None]:
        self._explain(result)
        yield
        self.execution_context.result = None  # explained already

    def _explain(self, result: Any) -> None:
        errors = getattr(result, "errors", None)
        if errors:
            document = self.execution_context.graphql_document
            told = partial(explained, document=document, valid=self._valid, suggests=self.suggests)
            result.errors = [told(error) for error in errors[:MOST_ERRORS]]


class CloseErrors(PlainErrors):
    """Does so for a schema that is nobody's business: it may not be asked for, and no error says what else there is."""

    suggests = False

    #: What a document is held to besides; whoever reads it for a plan takes them from here.
    rules = (NoSchemaIntrospectionCustomRule,)

    def on_operation(self) -> Iterator[None]:
        self.execution_context.validation_rules += self.rules
        yield from super().on_operation()


#: What GraphQL tells of a value that an enumeration does not have.
_NO_CHOICE = re.compile(r"Value '(.*)' does not exist in '\w+' enum\.", re.DOTALL)

#: What GraphQL adds to a message of names that are like one that is not there.
_SUGGESTION = re.compile(r" Did you mean [^?]*\?")


def explained(
    error: GraphQLError, document: DocumentNode | None, *, valid: bool = False, suggests: bool = True
) -> GraphQLError:
    """The error as clients may see it: coded, and without anything of the inside.

    What GraphQL itself refuses of a `valid` document is the values it was sent with.
    """
    cause = _cause(error)
    path: Sequence[str | int] = list(error.path or ())
    argument: Sequence[str] = ()
    if document is not None and (error.path is None or cause is None):
        found, argument = _place(error, document)
        path = path or found
    if isinstance(cause, RegistryError):
        extensions = {"code": cause.code, "argument": [*(cause.path or argument)], "hint": cause.hint, **cause.details}
        return _rebuilt(error, cause.message, path, extensions)
    if isinstance(error, GraphQLSyntaxError):
        return _rebuilt(error, error.message, path, {"code": "GRAPHQL_PARSE_FAILED"})
    if cause is None:
        extensions = {"code": "BAD_USER_INPUT" if valid or error.path is not None else "GRAPHQL_VALIDATION_FAILED"}
        extensions |= {name: value for name, value in (error.extensions or {}).items() if name == "code"}
        if choice := _NO_CHOICE.search(error.message):
            extensions |= Reason.NO_SUCH_CHOICE.told(choice[1])
        message = error.message.replace(" not to be None", " not to be null")  # Python's word for it
        message = message if suggests else _SUGGESTION.sub("", message)
        return _rebuilt(error, message, path, {**extensions, "argument": list(argument)})
    log_id = note_fault(LOG, cause, "a field")
    hint = "Try again; if it happens again, tell the operators the log id."
    message = "Something went wrong inside the registry; it has been noted."
    return _rebuilt(error, message, path, {"code": "INTERNAL_SERVER_ERROR", "logId": log_id, "hint": hint})


def _cause(error: GraphQLError) -> BaseException | None:
    """What was raised in the first place, if it was not GraphQL itself that refused."""
    cause: BaseException | None = error.original_error
    while isinstance(cause, GraphQLError):
        cause = cause.original_error
    return cause


def _rebuilt(error: GraphQLError, message: str, path: Sequence[str | int], extensions: dict[str, Any]) -> GraphQLError:
    kind = RequestError if error.path is None else GraphQLError
    kept = {name: value for name, value in extensions.items() if value}
    return kind(message, error.nodes, error.source, error.positions, list(path) or None, None, kept)


#: What GraphQL tells of a refused variable's value: where within it the culprit stands, which nothing else says.
_WITHIN = re.compile(r"Variable '\$\w+' has invalid value at ((?:\.\w+|\[\d+\])+): ")


def _place(error: GraphQLError, document: DocumentNode) -> tuple[list[str], list[str]]:
    """The field of the answer that a refused part of the document belongs to, and the argument, each by its names.

    What stands in a list is also told by its place there, counted from 0.
    """
    culprit = error.nodes[0] if error.nodes else None
    within: list[str] = []
    if isinstance(culprit, VariableDefinitionNode):
        name = culprit.variable.name.value
        culprit = next((node for node in _variables(document) if node.name.value == name), culprit)
        found = _WITHIN.match(error.message)
        within = re.findall(r"\w+", found[1]) if found else []
    trail = _trail(document, culprit) if culprit else None
    path = [(node.alias or node.name).value for node in trail or () if isinstance(node, FieldNode)]
    return path, [*_names_of_inputs(trail or ()), *within]


def _names_of_inputs(trail: Sequence[Node]) -> Iterator[str]:
    for around, node in pairwise(trail):
        if isinstance(node, ArgumentNode | ObjectFieldNode):
            yield node.name.value
        elif isinstance(around, ListValueNode):
            yield str(next(place for place, each in enumerate(around.values) if each is node))


def _variables(node: Node) -> Iterator[VariableNode]:
    if isinstance(node, VariableNode):
        yield node
    elif not isinstance(node, VariableDefinitionNode):
        for child in _children(node):
            yield from _variables(child)


def _trail(node: Node, culprit: Node) -> list[Node] | None:
    """The nodes from this one down to the culprit, both included."""
    if node is culprit:
        return [node]
    for child in _children(node):
        below = _trail(child, culprit)
        if below is not None:
            return [node, *below]
    return None


def _children(node: Node) -> Iterator[Node]:
    for key in node.keys:
        value = getattr(node, key, None)
        if isinstance(value, Node):
            yield value
        elif isinstance(value, Sequence) and not isinstance(value, str):
            yield from (child for child in value if isinstance(child, Node))
