"""Records with ids that clients may hold on to, and pages of them, by the rules of Relay."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar, get_args

import strawberry
from strawberry import Private, auto

from registry.codes import Code
from schema.execution.field import argument, declare
from schema.execution.identity import named
from schema.execution.source import Column, Identity, Link, Listing, Page, PagePart
from schema.scalars import enum

T = TypeVar("T")


@enum
class OrderDirection(Code):
    """Which end of an order comes first."""

    ASC = "ASC", "Smallest, earliest or first letter first."
    DESC = "DESC", "Largest, latest or last letter first."


@dataclass
class Shown:
    """What clients see of a row. Plans read the fields; what a field works out in Python it takes from `row`."""

    row: Private[Any]


@strawberry.interface(
    description="""Anything with an identity. Ids are opaque. One read inside `at` names the record as it stands there,
on that day, so that clients which store records by id never mix two days, and `node` finds the same state again."""
)
class Node(Shown):
    id: strawberry.ID = declare(Identity(), "Opaque, unique in the whole registry; `node` finds the record again.")


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
        described = (cls.__doc__ or "").strip()
        return strawberry.type(cls, description=described)

    return decorate


def _served(annotation: Any) -> Any:
    """The type of a column, its codes served as enumerations."""
    for kind in (annotation, *get_args(annotation)):
        if isinstance(kind, type) and issubclass(kind, Code):
            enum(kind)
    return annotation


def paged(description: str) -> Any:
    """A field of a page, or of a record's place in it, that every page has under this name."""
    return declare(PagePart(), description)


@strawberry.type(description="Where a page begins and ends, and whether there is more.")
class PageInfo(Shown):
    has_next_page: bool = paged("True where more records follow this page.")
    has_previous_page: bool = paged("True where records come before this page.")
    start_cursor: str | None = paged("Cursor of the first record of the page; null on an empty page.")
    end_cursor: str | None = paged("Cursor of the last record of the page; null on an empty page.")


@strawberry.type(description="A record's place in a list.")
class Edge(Shown, Generic[T]):
    cursor: str = paged("Resumes the list after, or before, this record.")
    node: T = paged("The record at this place.")


@strawberry.type(description="A page of a list, and how to go on.")
class Connection(Shown, Generic[T]):
    edges: list[Edge[T]] = paged("The records of the page, each with its cursor.")
    nodes: list[T] = paged("The records of the page.")
    page_info: PageInfo = paged("Where the page begins and ends.")
    total_count: int = paged("Number of records in the whole list, whatever the page cuts.")


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
