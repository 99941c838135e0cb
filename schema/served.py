"""How a request runs against the schema: read by a plan, all of it, before GraphQL walks what was read."""

from collections.abc import AsyncGenerator, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any

import strawberry
from graphql import GraphQLError, OperationDefinitionNode
from strawberry.schema.exceptions import InvalidOperationTypeError
from strawberry.types import ExecutionContext, ExecutionResult
from strawberry.types.execution import PreExecutionError
from strawberry.types.graphql import OperationType

from registry.errors import RegistryError
from schema.context import Context
from schema.errors import MOST_ERRORS, explained
from schema.execution.direct import Direct
from schema.execution.payload import refusals
from schema.execution.prepared import Document


class PublishedSchema(strawberry.Schema):
    """The schema. What a query asks for is read by a plan, all of it, before GraphQL walks it."""

    async def execute(
        self,
        query: str | None,
        variable_values: dict[str, Any] | None = None,
        context_value: Any | None = None,
        root_value: Any | None = None,
        operation_name: str | None = None,
        allowed_operation_types: Iterable[OperationType] | None = None,
        operation_extensions: dict[str, Any] | None = None,
    ) -> ExecutionResult:
        """The answer to an operation, with everything that is wrong with it.

        `context_value` must be a `Context`; a `root_value` is walked as it is.
        """
        more = (operation_name, allowed_operation_types, operation_extensions)
        if root_value is not None:
            return await super().execute(query, variable_values, context_value, root_value, *more)
        context: Any = context_value
        with _plans_for(context, self):
            asked = (query or "", variable_values or {}, operation_name)
            root_value = await self._begun(context, *asked, allowed_operation_types)
            if isinstance(root_value, PreExecutionError):
                return root_value
            given = (query, variable_values, context, root_value, *more)
            if root_value is None:
                return await super().execute(*given)
            try:  # everything has been read: a walk without pause, so not on the event loop
                walked: ExecutionResult = await context.direct.lanes.long().run(partial(self.execute_sync, *given))
                return walked
            except RegistryError as refusal:
                return _refused(refusal)

    async def stream(
        self,
        query: str | None,
        variable_values: dict[str, Any] | None = None,
        context_value: Any | None = None,
        root_value: Any | None = None,
        operation_name: str | None = None,
        operation_extensions: dict[str, Any] | None = None,
        allowed_operation_types: Iterable[OperationType] | None = None,
    ) -> Any:
        """The answers to an operation, one after another: those to a subscription, or the one to any other.

        `context_value` must be a `Context`; plans that are made for it alone stay with it.
        """
        context: Any = context_value
        context.direct = context.direct or Direct(self, context.engine, context.settings)
        root_value = await self._begun(context, query or "", variable_values or {}, operation_name)
        if isinstance(root_value, PreExecutionError):
            return _alone(root_value)
        given = (query, variable_values, context, root_value, operation_name)
        return await super().stream(*given, operation_extensions, allowed_operation_types)

    async def _begun(
        self,
        context: Any,
        query: str,
        variables: dict[str, Any],
        name: str | None,
        allowed: Iterable[OperationType] | None = None,
    ) -> Any:
        """Where GraphQL begins its walk, None where plans have read nothing for it; or why nothing is executed."""
        context.given = variables
        try:
            document = await context.direct.document(query)
            if document.errors:
                _check_kind(document, name, allowed)
                return self._wrong(document)
            root = await context.direct.root(query, variables, name, actor=context.actor)
            if root is not None:
                return root
            _check_kind(document, name, allowed)
            errors = await refusals(context, document, name, variables)
        except RegistryError as refusal:
            return _refused(refusal)
        return self._told(errors, document, valid=True) if errors else None

    def _wrong(self, document: Document) -> PreExecutionError:
        """The answer to a document that is none, or not one of this schema."""
        return self._told(document.errors, document)

    def _told(self, errors: Sequence[GraphQLError], document: Document, *, valid: bool = False) -> PreExecutionError:
        suggests = all(getattr(each, "suggests", True) for each in self.extensions)
        told = partial(explained, document=document.node, valid=valid, suggests=suggests)
        return PreExecutionError(data=None, errors=[told(error) for error in errors[:MOST_ERRORS]])

    def process_errors(self, errors: list[GraphQLError], execution_context: ExecutionContext | None = None) -> None:
        """Notes nothing: a client's mistakes are no news, and the registry's own are noted where they are explained."""


@contextmanager
def _plans_for(context: Context, schema: PublishedSchema) -> Iterator[None]:
    """Lets a request that has no plans to be answered by make its own."""
    if context.direct is not None:
        yield
        return
    context.direct = Direct(schema, context.engine, context.settings)
    try:
        yield
    finally:
        context.direct.close()
        context.direct = None


def _refused(refusal: RegistryError) -> PreExecutionError:
    """The answer to an operation of which nothing is executed."""
    error = GraphQLError(refusal.message, original_error=refusal)
    return PreExecutionError(data=None, errors=[explained(error, None)])


def _check_kind(document: Document, name: str | None, allowed: Iterable[OperationType] | None) -> None:
    """Raises `InvalidOperationTypeError` for a kind of operation that is not taken, whatever else is wrong with it."""
    if document.node is None or allowed is None:
        return
    for node in document.node.definitions:
        if isinstance(node, OperationDefinitionNode) and name in (None, node.name and node.name.value):
            if (kind := OperationType(node.operation.value)) not in allowed:
                raise InvalidOperationTypeError(kind)
            return


async def _alone(result: ExecutionResult) -> AsyncGenerator[ExecutionResult, None]:
    yield result
