"""The objects of an answer as a plan has read them, for GraphQL to walk with all of its checks.

That is slower than bytes straight from rows, and right by construction: what is null, what is an error and where it is
told, GraphQL says itself.
"""

from collections.abc import Callable, Mapping
from typing import Any

from strawberry import Schema

from schema.execution.watch import watched


class Stopped(BaseException):
    """The walk has been given up; no field of it can say so by itself."""


class Built:
    """An object that has been read: its values stand under the keys of the answer.

    An exception in place of a value is what went wrong there; GraphQL tells it as if it had been raised.
    """

    answered: Mapping[Any, Any]

    def value(self, field: Any, info: Any, arguments: Mapping[str, Any]) -> Any:
        """The value of a field. Raises `Stopped` where there is no time for the walk any more."""
        if watched().stopped is not None:
            raise Stopped
        return self.answered[info.path.key]


def builder(schema: Schema) -> Callable[[str, Mapping[Any, Any]], Any]:
    """What makes an object of a type, by the type's name, out of its values."""
    kinds: dict[str, type] = {}

    def built(name: str, values: Mapping[Any, Any]) -> Any:
        if name not in kinds:
            definition = schema._schema.type_map[name].extensions["strawberry-definition"]
            kinds[name] = type(name, (Built, definition.origin), {})
        made: Any = object.__new__(kinds[name])
        made.answered = values
        return made

    return built
