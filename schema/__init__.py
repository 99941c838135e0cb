"""The schema that clients see."""

import strawberry
from graphql import GraphQLError
from strawberry.schema.config import StrawberryConfig
from strawberry.types import ExecutionContext

from schema.errors import PlainErrors
from schema.live import Subscription
from schema.roots import Query, Snapshot, root
from schema.scalars import SCALARS
from schema.writes.mutation import Mutation


class PublishedSchema(strawberry.Schema):
    """The schema, which leaves it to `PlainErrors` to note what went wrong."""

    def process_errors(self, errors: list[GraphQLError], execution_context: ExecutionContext | None = None) -> None:
        """Notes nothing: a client's mistakes are no news, and the registry's own are noted where they are explained."""


schema = PublishedSchema(
    query=Query,
    mutation=Mutation,
    subscription=Subscription,
    types=[Snapshot],
    extensions=[PlainErrors],
    config=StrawberryConfig(scalar_map=SCALARS),
)

__all__ = ["root", "schema"]
