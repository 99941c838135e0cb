"""The tree that a plan has read, walked by GraphQL itself with all of its checks: slower, and right by construction."""

from collections.abc import Callable, Mapping
from typing import Any

from graphql import DocumentNode, ExecutionResult, execute_sync
from strawberry import Schema

from schema.execution.levels import Doubt


def builder(schema: Schema) -> Callable[[str, dict[str, Any]], Any]:
    """What makes an object of a type, by the type's name, that has its values under the keys of the answer."""
    kinds: dict[str, type] = {}

    def built(name: str, values: dict[str, Any]) -> Any:
        if name not in kinds:
            definition = schema._schema.type_map[name].extensions["strawberry-definition"]
            kinds[name] = type(name, (definition.origin,), {})
        made: Any = object.__new__(kinds[name])
        made.__dict__["built"] = values
        return made

    return built


def walked(
    schema: Schema, document: DocumentNode, tree: Any, variables: Mapping[str, Any], operation_name: str | None
) -> dict[str, Any]:
    """The data of the answer to an operation whose tree has been read. Raises `Doubt` where GraphQL finds an error."""
    result = execute_sync(
        schema._schema,
        document,
        tree,
        variable_values=dict(variables),
        operation_name=operation_name,
        middleware=[_from_tree],
    )
    if not isinstance(result, ExecutionResult) or result.errors or result.data is None:
        raise Doubt("an error in the tree")
    return result.data


def _from_tree(resolve: Callable[..., Any], parent: Any, info: Any, **arguments: Any) -> Any:
    """The value that stands in the tree; what does not, is the schema's own."""
    values = getattr(parent, "built", None)
    if values is not None and info.path.key in values:
        return values[info.path.key]
    return resolve(parent, info, **arguments)
