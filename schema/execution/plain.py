"""Reads what fields declare, plainly: each field by itself, for all its parents at once.

So the number of statements follows the query and never the number of rows.
"""

import asyncio
from collections import defaultdict
from collections.abc import Mapping
from functools import singledispatch
from typing import Any

import sqlalchemy as sa
import strawberry
from strawberry.utils.str_converters import to_camel_case

from registry.codes import Language
from registry.dates import UncertainDate as Bounds
from registry.errors import BadInput, NotFound
from schema.context import Context, Moment, Viewed
from schema.execution.cursors import Keyset, PageRequest, encode, place_of
from schema.execution.source import (
    Column,
    Condition,
    Derived,
    Link,
    Listing,
    Localised,
    Lookup,
    Page,
    ToMany,
    ToOne,
    UncertainDay,
    Values,
    Window,
)

#: The GraphQL class that shows the rows of a table.
SHOWN: dict[Any, Any] = {}


def show(table: Any, row: Any, moment: Moment) -> Any:
    """The row as the object that clients see; None for no row."""
    return None if row is None else SHOWN[table](row, moment)


@singledispatch
def read(source: Any, parent: Any, context: Context, arguments: dict[str, Any]) -> Any:
    """The value that a declared field has for one parent, or an awaitable of it."""
    raise TypeError(f"no way to read {source!r}")


@read.register
def _column(source: Column, parent: Any, context: Context, arguments: dict[str, Any]) -> Any:
    return getattr(parent.row, source.name)


@read.register
def _localised(source: Localised, parent: Any, context: Context, arguments: dict[str, Any]) -> Any:
    language = arguments.get("language") or None
    if source.of is None:
        return in_language(source, parent.row, language)
    key = getattr(parent.row, source.of.key)
    return None if key is None else _localised_of(source, source.of, key, language, context)


async def _localised_of(source: Localised, of: ToOne, key: Any, language: Language | None, context: Context) -> Any:
    return in_language(source, await row_of(context, of.table, key), language)


def in_language(source: Localised, row: Any, language: Language | None) -> Any:
    """The text of a row in a language, or its fallback."""
    wanted = f"{source.prefix}_{language.suffix}" if language else source.fallback
    return getattr(row, wanted, None) or getattr(row, source.fallback)


@read.register
def _uncertain(source: UncertainDay, parent: Any, context: Context, arguments: dict[str, Any]) -> Any:
    return _bounds(parent, source.name, "earliest", "latest")


@read.register
def _window(source: Window, parent: Any, context: Context, arguments: dict[str, Any]) -> Any:
    return _bounds(parent, source.name, "start", "end")


def _bounds(parent: Any, name: str, first: str, last: str) -> Any:
    row = parent.row
    text = getattr(row, name)
    if text is None:
        return None
    return Viewed(Bounds(text, getattr(row, f"{name}_{first}"), getattr(row, f"{name}_{last}")), parent.moment)


@read.register
def _to_one(source: ToOne, parent: Any, context: Context, arguments: dict[str, Any]) -> Any:
    key = getattr(parent.row, source.key)
    return None if key is None else one(context, source.table, key, parent.moment)


async def one(context: Context, table: Any, key: Any, moment: Moment) -> Any:
    """The record of a table with this primary key, as it is seen at the moment; None where there is none."""
    return show(table, await row_of(context, table, key), moment)


async def row_of(context: Context, table: Any, key: Any) -> Any:
    """The row of a table with this primary key; None where there is none."""
    (primary,) = table.__table__.primary_key.columns

    async def batch(keys: list[Any]) -> dict[Any, Any]:
        return {
            getattr(row, primary.key): row
            for row in await context.read(sa.select(table.__table__).where(primary.in_(keys)))
        }

    return await context.load(table, key, batch)


@read.register
async def _lookup(source: Lookup, parent: Any, context: Context, arguments: dict[str, Any]) -> Any:
    column, name = source.table.__table__.c[source.column], arguments[source.column]
    if not name.isprintable():
        return None

    async def batch(keys: list[Any]) -> dict[Any, Any]:
        return {
            getattr(row, column.key): row for row in await context.read(sa.select(column.table).where(column.in_(keys)))
        }

    return show(source.table, await context.load((source.table, source.column), name, batch), parent.moment)


def tie(rows: sa.FromClause, link: Link, context: Context) -> tuple[sa.FromClause, sa.ColumnElement[Any]]:
    """The rows joined to what ties them to parents, and the parent's key."""
    if link.pairs is None:
        return rows, rows.c[link.column or ""]
    pairs = link.pairs(context).subquery()
    return rows.join(pairs, pairs.c.child == rows.c[link.child]), pairs.c.parent


async def children(source: ToMany, key: Any, context: Context) -> list[sa.Row[Any]]:
    """The rows tied to the parent with this key."""
    table = source.table.__table__

    async def batch(keys: list[Any]) -> dict[Any, Any]:
        joined, parent = tie(table, source.link, context)
        statement = sa.select(table, parent.label("parent_key")).select_from(joined).where(parent.in_(keys))
        if source.where is not None:
            statement = statement.where(source.where)
        grouped: dict[Any, list[Any]] = defaultdict(list)
        for row in await context.read(statement.order_by(*(opening(table.c[name]) for name in source.order))):
            grouped[row.parent_key].append(row)
        return grouped

    return await context.load(source, key, batch) or []


def opening(column: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
    """A column to order by; an open beginning comes first and an open end last, on every database."""
    return column.asc().nulls_first() if str(column.key).endswith("_earliest") else column.asc().nulls_last()


@read.register
async def _to_many(source: ToMany, parent: Any, context: Context, arguments: dict[str, Any]) -> Any:
    rows = await children(source, getattr(parent.row, source.link.key), context)
    return [show(source.table, row, parent.moment) for row in rows]


@read.register
async def _values(source: Values, parent: Any, context: Context, arguments: dict[str, Any]) -> Any:
    rows = await children(source.rows, getattr(parent.row, source.rows.link.key), context)
    return [getattr(row, source.column) for row in rows]


@read.register
async def _derived(source: Derived, parent: Any, context: Context, arguments: dict[str, Any]) -> Any:
    row = await derived(source, getattr(parent.row, source.key), parent.moment, context)
    if source.take is not None:
        return None if row is None else getattr(row, source.take)
    return show(source.kind, row, parent.moment)


async def derived(source: Derived, key: Any, moment: Moment, context: Context) -> Any:
    """The row that a select gives for the parent with this key, or None."""

    async def batch(keys: list[Any]) -> dict[Any, Any]:
        return {getattr(row, source.by): row for row in await context.read(source.select(moment, context, keys))}

    return await context.load((source.select, moment.day), key, batch)


class PageRead:
    """One page as read: its rows, and how to count all that the listing holds."""

    def __init__(self, source: Page, parent: Any, context: Context, arguments: Mapping[str, Any]) -> None:
        self.source, self.parent, self.context = source, parent, context
        self.listing: Listing = source.listing
        self.moment: Moment = parent.moment
        self.values = filter_values(self.listing, arguments.get("filter"))
        order = arguments.get("order_by") or None
        self.order_name = order.field.value if order else next(iter(self.listing.orders))
        self.descending = bool(order and order.direction.value == "DESC")
        self.arguments = arguments
        self.cursor_order = f"{self.listing.kind.__name__}.{self.order_name}.{self.descending}"
        self.key = getattr(parent.row, source.link.key) if source.link else None
        self.name = (
            source,
            self.moment,
            repr(sorted(self.values.items(), key=lambda item: item[0])),
            self.order_name,
            self.descending,
        )
        self.request: PageRequest
        self.rows: list[Any] = []
        self.more = False

    async def load(self) -> "PageRead":
        """Reads the rows of the page."""
        settings, key = self.context.settings, (await self.context.state()).cursor_key
        self.request = PageRequest.of(self.arguments, settings, key, self.cursor_order)
        check_sizes(self.values)
        await check_names(self.listing, self.values, self.context)
        self.rows, self.more = await self.context.load((self.name, self.request), self.key, self._rows) or ([], False)
        return self

    async def cursor(self, row: Any) -> str:
        """The cursor of a row of this page."""
        return encode(place_of(row), self.cursor_order, (await self.context.state()).cursor_key)

    async def count(self) -> int:
        """How many records the listing holds, whatever the page cuts."""
        return await self.context.load((self.name, "count"), self.key, self._count) or 0

    def _base(self) -> tuple[sa.FromClause, sa.FromClause, sa.ColumnElement[Any], list[Condition]]:
        rows = self.listing.rows(self.moment, self.context, self.values)
        joined, parent = tie(rows, self.source.link, self.context) if self.source.link else (rows, sa.null())
        conditions = [self.listing.always(rows, self.moment)]
        conditions += [self.listing.conditions[name](rows, value, self.moment) for name, value in self.values.items()]
        return rows, joined, parent, [condition for condition in conditions if condition is not None]

    async def _rows(self, keys: list[Any]) -> dict[Any, Any]:
        rows, joined, parent, conditions = self._base()
        keyset = keyset_of(self.listing, self.order_name, self.descending, rows, self.moment)
        inner = sa.select(rows, parent.label("parent_key"), *keyset.labelled()).select_from(joined).where(*conditions)
        if self.source.link:
            inner = inner.where(parent.in_(keys))
        inner = inner.where(*keyset.after(self.request))
        place = sa.func.row_number().over(
            partition_by=parent if self.source.link else None, order_by=keyset.order(self.request)
        )
        if self.source.link:
            numbered = inner.add_columns(place.label("place")).subquery()
            statement = sa.select(numbered).where(numbered.c.place <= self.request.size + 1).order_by(numbered.c.place)
        else:
            statement = inner.order_by(*keyset.order(self.request)).limit(self.request.size + 1)
        grouped: dict[Any, list[Any]] = defaultdict(list)
        for row in await self.context.read(statement):
            grouped[row.parent_key].append(row)
        return {key: self.request.cut(found) for key, found in grouped.items()}

    async def _count(self, keys: list[Any]) -> dict[Any, int]:
        _, joined, parent, conditions = self._base()
        statement = (
            sa.select(parent.label("parent_key"), sa.func.count().label("number"))
            .select_from(joined)
            .where(*conditions)
        )
        if self.source.link:
            statement = statement.where(parent.in_(keys)).group_by(parent)
        return {row.parent_key: row.number for row in await self.context.read(statement)}


def keyset_of(listing: Listing, order: str, descending: bool, rows: sa.FromClause, moment: Moment) -> Keyset:
    """What a listing goes by in one of its orders."""
    columns = listing.orders[order](rows, moment)
    tied = descending and not columns  # ties ascend, unless they are all there is to order by
    return Keyset([*((column, descending) for column in columns), *((rows.c[name], tied) for name in listing.tie)])


def filter_values(listing: Listing, given: Any) -> dict[str, Any]:
    """The fields of a filter that filter: neither left out nor null. No filter has the defaults of its fields."""
    if listing.filter is None:
        return {}
    chosen = given or listing.filter()
    values = {name: getattr(chosen, name) for name in listing.conditions}
    return {name: value for name, value in values.items() if value is not None and value is not strawberry.UNSET}


#: Values in one field of a filter, and characters of a text sought: a statement grows with them.
MOST_VALUES, LONGEST_TEXT = 500, 200


def check_sizes(values: Mapping[str, Any]) -> None:
    """Raises `BadInput` for a filter that asks for more values, or a longer text, than one statement should hold."""
    for name, value in ((to_camel_case(name), value) for name, value in values.items()):
        if isinstance(value, list) and len(value) > MOST_VALUES:
            said = f"`{name}` has {len(value):,} values; a filter takes up to {MOST_VALUES} in a field."
            raise BadInput(said, path=("filter", name), hint="Ask in several parts.")
        if isinstance(value, str) and len(value) > LONGEST_TEXT:
            said = f"`{name}` has {len(value):,} characters; a filter takes up to {LONGEST_TEXT}."
            raise BadInput(said, path=("filter", name), hint="A few words are enough.")


async def check_names(listing: Listing, values: Mapping[str, Any], context: Context) -> None:
    """Refuses a filter that names a record which is not on record."""
    for name, (table, column) in (listing.names or {}).items():
        if name in values:
            await known(context, table, column, values[name], ("filter", name))


async def known(context: Context, table: Any, column: str, wanted: Any, path: tuple[str, ...]) -> None:
    """Raises `NotFound` unless every name of `wanted` (one or a list) stands in the unique `column` of `table`."""
    names = list(wanted) if isinstance(wanted, list) else [wanted]
    key = table.__table__.c[column]

    async def batch(keys: list[Any]) -> dict[Any, Any]:
        return {row[0]: True for row in await context.read(sa.select(key).where(key.in_(keys)))}

    printable = [name for name in names if name.isprintable()]
    held = await asyncio.gather(*(context.load((table, column, "known"), name, batch) for name in printable))
    found = {name for name, there in zip(printable, held, strict=True) if there}
    for name in names:
        if name not in found:
            kind = table.__name__.lower()
            raise NotFound(
                f'There is no {kind} "{name}" on record.',
                path=path,
                hint=f"Names are exact; list them to find the {column}.",
            )


@read.register
async def _page(source: Page, parent: Any, context: Context, arguments: dict[str, Any]) -> Any:
    page = await PageRead(source, parent, context, arguments).load()
    return Viewed(page, parent.moment)
