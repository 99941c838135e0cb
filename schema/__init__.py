"""The schema that clients see."""

from functools import cache
from typing import Any

from strawberry.schema.config import StrawberryConfig

from schema.errors import CloseErrors, PlainErrors
from schema.execution.reading import Known
from schema.execution.telling import EventExecutor
from schema.live import Subscription
from schema.roots import Query, Snapshot
from schema.scalars import SCALARS
from schema.served import PublishedSchema
from schema.writes.mutation import Mutation


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
