"""The Strawberry field that declares where its value comes from."""

from collections.abc import Callable
from typing import Any, TypeVar

import sqlalchemy as sa
import strawberry
from strawberry.annotation import StrawberryAnnotation
from strawberry.types.arguments import StrawberryArgument
from strawberry.types.field import StrawberryField

from registry import sources as citations
from registry.codes import Language
from registry.history import table_behind
from schema.execution.source import Link, Localised, Source, ToMany, Worked

R = TypeVar("R", bound=Callable[..., Any])


class Field(StrawberryField):
    """A Strawberry field that declares its source. Its value is asked of the object that it belongs to."""

    source: Source

    @property
    def is_basic_field(self) -> bool:
        return False

    def get_result(self, source: Any, info: Any, args: list[Any], kwargs: Any) -> Any:
        return source.value(self, info, kwargs)

    def __copy__(self) -> "Field":
        copied: Field = super().__copy__()
        copied.source = self.source
        return copied


def declare(source: Source, description: str, *arguments: StrawberryArgument, name: str | None = None) -> Any:
    """A field whose value comes from `source`."""
    made = Field(description=description, graphql_name=name)
    made.source = source
    made.arguments = list(arguments)
    made.init = False
    return made


def leaving(field: Any, reason: str) -> Any:
    """The field, marked as one that will go; the reason says when, and what takes its place."""
    field.deprecation_reason = reason
    return field


def computed(description: str, source: Worked, name: str | None = None) -> Callable[[R], R]:
    """A field that a method works out in Python, out of `self.row` with the columns that `source` names."""

    def decorate(method: R) -> R:
        made = Field(description=description, graphql_name=name)
        made.source = source
        return made(method)  # type: ignore[return-value]

    return decorate


def argument(name: str, kind: Any, description: str, default: Any = strawberry.UNSET) -> StrawberryArgument:
    """An argument of a declared field."""
    return StrawberryArgument(
        python_name=name,
        graphql_name=None,
        type_annotation=StrawberryAnnotation(kind),
        description=description,
        default=default,
    )


def localised(source: Localised, description: str, default: Any = Language.EN) -> Any:
    """A text in the language that the argument `language` asks for."""
    kind = Language if default is not strawberry.UNSET else Language | None
    return declare(source, description, argument("language", kind, "Language of the answer.", default))


def cited(kind: str) -> Any:
    """The citations that a fact of this type rests on."""
    table = citations.Citation
    link = Link(column="subject_id")
    where = table_behind(table).c.subject == kind
    return declare(ToMany(table, link, ("position",), where), "The words that this rests on.")


def children(table: Any, column: str, description: str, *order: str) -> Any:
    """The rows of a table that point to the parent by a column."""
    return declare(ToMany(table, Link(column=column), order), description)


def through(table: Any, pairs: Any, parent: str, child: str, description: str, *order: str, key: str = "id") -> Any:
    """The rows of a table that another table pairs with the parent."""
    tied = pairs.__table__
    found = sa.select(tied.c[parent].label("parent"), tied.c[child].label("child"))
    return declare(ToMany(table, Link(key, None, lambda context: [found], "code"), order), description)
