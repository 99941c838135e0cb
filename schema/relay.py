"""Records with ids that clients may hold on to, and pages of them, by the rules of Relay."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar, get_args

import strawberry
from strawberry import Private, auto
from strawberry.types.base import get_object_definition

from registry.codes import Code
from schema.context import Context, Moment
from schema.execution.field import argument, computed, declare
from schema.execution.identity import SHOWN_BY_NAME, decode_id, encode_id, named
from schema.execution.plain import SHOWN, PageRead, one, show
from schema.execution.source import Column, Identity, Link, Listing, Page
from schema.scalars import enum

T = TypeVar("T")


@enum
class OrderDirection(Code):
    """Which end of an order comes first."""

    ASC = "ASC", "Smallest, earliest or first letter first."
    DESC = "DESC", "Largest, latest or last letter first."


@dataclass
class Shown:
    """What every object that clients see is made of: a row, and the moment it is seen at."""

    row: Private[Any]
    moment: Private[Moment]


@strawberry.interface(
    description="""Anything with an identity. Ids are opaque. One read inside `at` names the record as it stands there,
on that day, so that clients which store records by id never mix two days, and `node` finds the same state again."""
)
class Node(Shown):
    @computed("Opaque, unique in the whole registry; `node` finds the record again.", source=Identity())
    def id(self) -> strawberry.ID:
        definition = get_object_definition(type(self), strict=True)
        (key,) = SHOWN_BY_NAME[definition.name].__table__.primary_key.columns
        return encode_id(definition.name, getattr(self.row, key.key), self.moment)


def node(table: Any) -> Callable[[type[T]], type[T]]:
    """Makes a class the GraphQL type that shows the rows of `table`, as a record with an identity.

    A field annotated `auto` is the column of that name; its type and its meaning are the column's.
    """

    def decorate(cls: type[T]) -> type[T]:
        served = part(table)(cls)
        named(cls.__name__, table)
        return served

    return decorate


def part(table: Any) -> Callable[[type[T]], type[T]]:
    """As `node`, for what has no identity of its own."""

    def decorate(cls: type[T]) -> type[T]:
        annotations = dict(cls.__annotations__)
        for name, annotation in annotations.items():
            if annotation is auto:
                annotations[name] = _served(table.model_fields[name].annotation)
                setattr(cls, name, declare(Column(name), table.__table__.c[name].comment))
        cls.__annotations__ = annotations
        SHOWN[table] = cls
        described = (cls.__doc__ or "").strip()
        return strawberry.type(cls, description=described)

    return decorate


def _served(annotation: Any) -> Any:
    """The type of a column, its codes served as enumerations."""
    for kind in (annotation, *get_args(annotation)):
        if isinstance(kind, type) and issubclass(kind, Code):
            enum(kind)
    return annotation


@strawberry.type(description="Where a page begins and ends, and whether there is more.")
class PageInfo:
    page: Private[PageRead]

    @computed("True where more records follow this page.")
    def has_next_page(self) -> bool:
        request = self.page.request
        return request.before is not None if request.backward else self.page.more

    @computed("True where records come before this page.")
    def has_previous_page(self) -> bool:
        request = self.page.request
        return self.page.more if request.backward else request.after is not None

    @computed("Cursor of the first record of the page; null on an empty page.")
    async def start_cursor(self) -> str | None:
        return await self.page.cursor(self.page.rows[0]) if self.page.rows else None

    @computed("Cursor of the last record of the page; null on an empty page.")
    async def end_cursor(self) -> str | None:
        return await self.page.cursor(self.page.rows[-1]) if self.page.rows else None


@strawberry.type(description="A record's place in a list.")
class Edge(Generic[T]):
    page: Private[PageRead]
    row: Private[Any]

    @computed("Resumes the list after, or before, this record.")
    async def cursor(self) -> str:
        return await self.page.cursor(self.row)

    @computed("The record at this place.")
    def node(self) -> T:
        shown: T = _shown(self.page, self.row)
        return shown


@strawberry.type(description="A page of a list, and how to go on.")
class Connection(Generic[T]):
    row: Private[PageRead]
    moment: Private[Moment]

    @computed("The records of the page, each with its cursor.")
    def edges(self) -> list[Edge[T]]:
        return [Edge(page=self.row, row=row) for row in self.row.rows]

    @computed("The records of the page.")
    def nodes(self) -> list[T]:
        return [_shown(self.row, row) for row in self.row.rows]

    @computed("Where the page begins and ends.")
    def page_info(self) -> PageInfo:
        return PageInfo(page=self.row)

    @computed("Number of records in the whole list, whatever the page cuts.")
    async def total_count(self) -> int:
        return await self.row.count()


def _shown(page: PageRead, row: Any) -> Any:
    return show(page.listing.kind, row, page.moment)


def page(listing: Listing, description: str, link: Link | None = None) -> Any:
    """A field that is a page of a listing: of everything, or of what is tied to the parent."""
    arguments = []
    if listing.filter is not None:
        arguments.append(argument("filter", listing.filter | None, "Which records; left out, all."))
    if listing.order is not None:
        arguments.append(argument("order_by", listing.order | None, "In which order."))
    return declare(Page(listing, link), description, *arguments, *PAGING)


PAGING = (
    argument("first", int | None, "Number of records from the beginning, or after `after`."),
    argument("after", str | None, "Cursor to go on after."),
    argument("last", int | None, "Number of records from the end, or before `before`."),
    argument("before", str | None, "Cursor to stop before."),
)


async def node_of(given: str, context: Context, moment: Moment, path: tuple[str, ...]) -> Any:
    """The record that an id names, or None where there is none."""
    table, key, seen = decode_id(given, moment, path)
    return await one(context, table, key, seen)
