"""The schema that clients see."""

from collections.abc import AsyncGenerator, Iterable, Iterator
from contextlib import contextmanager
from functools import cache, partial
from typing import Any

import strawberry
from graphql import GraphQLError, OperationDefinitionNode
from strawberry.schema.config import StrawberryConfig
from strawberry.schema.exceptions import InvalidOperationTypeError
from strawberry.types import ExecutionContext, ExecutionResult
from strawberry.types.execution import PreExecutionError
from strawberry.types.graphql import OperationType

from registry.errors import RegistryError
from schema.context import Context
from schema.errors import MOST_ERRORS, CloseErrors, PlainErrors, explained
from schema.execution.direct import Direct
from schema.execution.prepared import Document
from schema.execution.reading import Known
from schema.execution.telling import EventExecutor
from schema.live import Subscription
from schema.roots import Query, Snapshot
from schema.scalars import SCALARS
from schema.writes.mutation import Mutation


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
        context.given = variable_values or {}
        with _plans_for(context, self):
            try:
                document = await context.direct.document(query or "")
                if document.errors:
                    _check_kind(document, operation_name, allowed_operation_types)
                    return self._wrong(document)
                root_value = await context.direct.root(
                    query or "", variable_values, operation_name, actor=context.actor
                )
                given = (query, variable_values, context, root_value, *more)
                if root_value is not None:  # everything has been read: a walk without pause, so not on the event loop
                    walk = partial(self.execute_sync, *given)
                    walked: ExecutionResult = await context.direct.lanes.long().run(walk)
                    return walked
            except RegistryError as refusal:
                return _refused(refusal)
            return await super().execute(*given)

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
        context.given = variable_values or {}
        context.direct = context.direct or Direct(self, context.engine, context.settings)
        try:
            document = await context.direct.document(query or "")
            if document.errors:
                return _alone(self._wrong(document))
            root_value = await context.direct.root(query or "", variable_values, operation_name, actor=context.actor)
        except RegistryError as refusal:
            return _alone(_refused(refusal))
        given = (query, variable_values, context, root_value, operation_name)
        return await super().stream(*given, operation_extensions, allowed_operation_types)

    def _wrong(self, document: Document) -> PreExecutionError:
        """The answer to a document that is none, or not one of this schema."""
        suggests = all(getattr(each, "suggests", True) for each in self.extensions)
        told = partial(explained, document=document.node, suggests=suggests)
        return PreExecutionError(data=None, errors=[told(error) for error in document.errors[:MOST_ERRORS]])

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


def _made(*extensions: Any) -> PublishedSchema:
    return PublishedSchema(
        query=Query,
        mutation=Mutation,
        subscription=Subscription,
        types=[Snapshot],
        extensions=extensions,
        execution_context_class=EventExecutor,
        config=StrawberryConfig(scalar_map=SCALARS),
    )


schema = _made(PlainErrors, Known)


@cache
def closed_schema() -> PublishedSchema:
    """The same schema for a registry that does not tell what it has: without introspection and suggestions."""
    return _made(CloseErrors, Known)


__all__ = ["PublishedSchema", "closed_schema", "schema"]
