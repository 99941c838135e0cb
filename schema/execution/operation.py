"""One operation of a document, and how the values of its variables are taken, found out once."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from graphql import (
    GraphQLError,
    GraphQLSchema,
    OperationDefinitionNode,
    get_nullable_type,
    get_variable_values,
    is_leaf_type,
    is_non_null_type,
)
from graphql.execution.get_variable_signature import GraphQLVariableSignature, get_variable_signature
from graphql.execution.values import VariableValues, VariableValueSource


class _Variable(NamedTuple):
    """A variable: `leaf` is the scalar or enumeration of its values, None where they are lists or objects."""

    name: str
    signature: GraphQLVariableSignature
    leaf: Any
    may_be_null: bool
    may_be_absent: bool


class Operation:
    """An operation of a document that is valid."""

    def __init__(self, schema: GraphQLSchema, node: OperationDefinitionNode) -> None:
        self.schema, self.node = schema, node
        self.name = node.name.value if node.name else ""
        self._variables = [self._variable(get_variable_signature(schema, each)) for each in self._definitions]

    def values(self, given: Mapping[str, Any]) -> VariableValues | list[GraphQLError]:
        """The values of its variables, or what is wrong with those that were given."""
        found = self._plain_values(given)
        return get_variable_values(self.schema, self._definitions, dict(given)) if found is None else found

    @property
    def _definitions(self) -> Any:
        return self.node.variable_definitions or ()

    def _variable(self, signature: Any) -> _Variable:
        nullable = get_nullable_type(signature.type)
        may_be_null = not is_non_null_type(signature.type)
        leaf = nullable if is_leaf_type(nullable) else None
        return _Variable(signature.name, signature, leaf, may_be_null, may_be_null and signature.default is None)

    def _plain_values(self, given: Mapping[str, Any]) -> VariableValues | None:
        """The same where all that is given are plain values that fit; None where GraphQL has to see."""
        sources: dict[str, VariableValueSource] = {}
        coerced: dict[str, Any] = {}
        for name, signature, leaf, may_be_null, may_be_absent in self._variables:
            if name not in given:
                if not may_be_absent:
                    return None
                sources[name] = VariableValueSource(signature)
                continue
            value = given[name]
            if value is None:
                if not may_be_null:
                    return None
                taken = None
            elif leaf is None:
                return None
            else:
                try:
                    taken = leaf.coerce_input_value(value)
                except Exception:  # told by whoever looks again
                    return None
            sources[name], coerced[name] = VariableValueSource(signature, value), taken
        return VariableValues(sources, coerced)
