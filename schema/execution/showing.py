"""Where an operation shows a record that is not read by the plan of a query: in a payload, or in a subscription."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from graphql import FieldNode, FragmentDefinitionNode, GraphQLResolveInfo, OperationDefinitionNode
from graphql.execution.values import VariableValues


@dataclass(frozen=True, eq=False)
class Showing:
    """A field of an operation that shows a record: its nodes, and the way to it in the answer."""

    operation: OperationDefinitionNode
    fragments: Mapping[str, FragmentDefinitionNode]
    nodes: Sequence[FieldNode]
    way: tuple[str | int, ...]
    variables: VariableValues

    @classmethod
    def of(cls, info: GraphQLResolveInfo[Any]) -> "Showing":
        """The field that `info` is about."""
        values: Any = info.variable_values  # which Strawberry leaves alone
        way = tuple(info.path.as_list())
        return cls(info.operation, info.fragments, info.field_nodes, way, VariableValues({}, values))
