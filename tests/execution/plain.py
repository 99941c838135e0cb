"""The registry read plainly: each field by itself, for all its parents at once, as one would write it by hand.

It is what plans are held against, and shares with them only what fields declare. It stands for an ordinary service:
GraphQL calls a resolver for each field, and DataLoaders read for many parents together.
"""

import asyncio
import inspect
from collections import defaultdict
from collections.abc import Awaitable, Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import singledispatch
from types import SimpleNamespace
from typing import Any, TypeVar

import sqlalchemy as sa
from graphql import GraphQLNamedType, get_named_type
from strawberry import Schema
from strawberry.dataloader import DataLoader
from strawberry.types.nodes import SelectedField

from registry.access import ANYONE, Actor
from registry.database import open_snapshot
from registry.dates import UncertainDate as Bounds
from registry.errors import BadInput, NotFound, Reason
from registry.history import Change, RegistryState, table_behind
from registry.settings import Settings
from registry.statistics import Parents
from registry.visibility import viewing
from schema.context import Context, Moment
from schema.execution.asked import check_sizes, filter_values
from schema.execution.cursors import PageRequest, bounded, check_logged, decode, encode, keyset_of
from schema.execution.field import Field
from schema.execution.identity import SHOWN_BY_NAME, decode_id, encode_id, no_id
from schema.execution.levels import Run
from schema.execution.moments import nothing_known
from schema.execution.source import (
    Alone,
    AnyNamed,
    AnyOf,
    Asker,
    At,
    ById,
    ByIds,
    Column,
    Condition,
    Constant,
    CursorOf,
    Derived,
    Gathered,
    Gleaned,
    Home,
    Identity,
    Inner,
    KnownAt,
    Link,
    Listed,
    Listing,
    Localised,
    Lookup,
    Page,
    PagePart,
    Rows,
    Same,
    Standing,
    Summary,
    Today,
    ToMany,
    ToOne,
    UncertainDay,
    Values,
    Whether,
    Window,
    Worked,
)
from schema.execution.statement import Database, opening
from schema.placements import NAMES, filter_values_of, question_of
from tests.execution.plain_sums import Asked as AskedTable
from tests.execution.plain_sums import placement_tables

T = TypeVar("T")


class PlainContext(Context):
    """One request's view of the registry: one read transaction, opened by the first read and ended by `close`.

    With `in_turn`, which waits for an awaitable, each field is read when the one before it has been: then of several
    errors it is always the first that GraphQL tells.
    """

    def __init__(
        self,
        engine: sa.Engine,
        settings: Settings,
        actor: Actor = ANYONE,
        in_turn: Callable[[Awaitable[Any]], Any] | None = None,
    ) -> None:
        super().__init__(engine, settings, actor)
        self.in_turn = in_turn
        self._connection: sa.Connection | None = None
        self._closed = False
        self._turn = asyncio.Lock()
        self._loaders: dict[Hashable, DataLoader[Any, Any]] = {}

    async def read(self, statement: sa.Executable) -> Sequence[sa.Row[Any]]:
        """The rows of a statement."""
        return await self.call(lambda connection: connection.execute(statement).all())

    async def call(self, work: Callable[[sa.Connection], T]) -> T:
        """What `work` makes of the connection, in a thread of its own so that other requests go on meanwhile."""
        async with self._turn:
            if self._closed:  # a field whose neighbour was refused may still be reading when the answer has gone out
                raise asyncio.CancelledError
            return await asyncio.to_thread(self._call, work)

    def _call(self, work: Callable[[sa.Connection], T]) -> T:
        if self._connection is None:
            self._connection = open_snapshot(viewing(self.engine, self.actor.audiences))
        return work(self._connection)

    def load(
        self, name: Hashable, key: Hashable, batch: Callable[[list[Any]], Awaitable[dict[Any, Any]]]
    ) -> Awaitable[Any]:
        """What `batch` gives for `key`, asked together with the other keys that come up under the same `name`."""
        if name not in self._loaders:

            async def load_all(keys: list[Any]) -> list[Any]:
                found = await batch(keys)
                return [found.get(key) for key in keys]

            self._loaders[name] = DataLoader(load_fn=load_all)
        # A field that is given up because its neighbour was refused must not take along others that wait for the same.
        return asyncio.shield(self._loaders[name].load(key))

    async def state(self) -> sa.Row[Any]:
        """How current the registry is, and the key that cursors are signed with."""
        table = table_behind(RegistryState)

        async def batch(keys: list[Any]) -> dict[Any, Any]:
            return {row.id: row for row in await self.read(sa.select(table))}

        row: sa.Row[Any] = await self.load(RegistryState, 1, batch)
        return row

    async def close(self) -> None:
        """Ends the read transaction."""
        async with self._turn:
            self._closed = True
            if self._connection is not None:
                await asyncio.to_thread(self._connection.close)
                self._connection = None


# ── Objects whose fields read ───────────────────────────────────────────────────────────────────────────────────────


class Plain:
    """An object whose fields read for themselves when GraphQL asks for them: a row as it is seen at a moment."""

    row: Any
    moment: Moment

    def value(self, field: Field, info: Any, arguments: dict[str, Any]) -> Any:
        """The value of a field, or an awaitable of it."""
        if isinstance(field.source, Worked):
            method: Any = field.base_resolver
            of = SimpleNamespace(row=self.row.row) if isinstance(self.row, Place) else self
            return method.wrapped_func(of, **arguments)
        found = read(field.source, self, Asking(info, arguments))
        in_turn = info.context.in_turn
        return in_turn(found) if in_turn and inspect.isawaitable(found) else found


@dataclass
class Asking:
    """A field that is being asked for."""

    info: Any
    arguments: Mapping[str, Any]

    @property
    def context(self) -> PlainContext:
        """The request."""
        context: PlainContext = self.info.context
        return context

    @property
    def returned(self) -> GraphQLNamedType:
        """The type of the field's value, or of each in a list."""
        named: GraphQLNamedType = get_named_type(self.info._raw_info.return_type)
        return named

    def seen(self, row: Any, moment: Moment, kind: str = "") -> Any:
        """The row as an object of the field's type, or of another; None for no row."""
        return None if row is None else seen(self.info.schema, kind or self.returned.name, row, moment)


_KINDS: dict[tuple[int, str], type] = {}


def seen(schema: Any, kind: str, row: Any, moment: Moment) -> Any:
    """A row as an object of a type."""
    name = (id(schema), kind)
    if name not in _KINDS:
        definition = getattr(schema, "_schema", schema).type_map[kind].extensions["strawberry-definition"]
        _KINDS[name] = type(kind, (Plain, definition.origin), {})
    made: Any = object.__new__(_KINDS[name])
    made.row, made.moment = row, moment
    return made


def plain_root(schema: Schema, context: Context) -> Any:
    """Where a query begins: today."""
    return seen(schema, "Query", None, Moment(context.today))


# ── Columns ─────────────────────────────────────────────────────────────────────────────────────────────────────────


@singledispatch
def read(source: Any, parent: Plain, asking: Asking) -> Any:
    """The value that a declared field has for one parent, or an awaitable of it."""
    raise TypeError(f"no way to read {source!r}")


@read.register
def _column(source: Column, parent: Plain, asking: Asking) -> Any:
    row = parent.row
    return row._mapping[source.name] if isinstance(row, sa.Row) else getattr(row, source.name)


@read.register
def _identity(source: Identity, parent: Plain, asking: Asking) -> Any:
    kind = type(parent).__name__
    (key,) = SHOWN_BY_NAME[kind].__table__.primary_key.columns
    return encode_id(kind, getattr(parent.row, key.key), parent.moment)


@read.register
def _localised(source: Localised, parent: Plain, asking: Asking) -> Any:
    if source.of is None:
        return _in_language(source, parent.row, asking)
    key = getattr(parent.row, source.of.key)
    return None if key is None else _localised_of(source, source.of, key, asking)


async def _localised_of(source: Localised, of: ToOne, key: Any, asking: Asking) -> Any:
    return _in_language(source, await row_of(asking.context, of.table, key), asking)


def _in_language(source: Localised, row: Any, asking: Asking) -> Any:
    language = asking.arguments.get("language") or None
    wanted = f"{source.prefix}_{language.suffix}" if language else source.fallback
    return getattr(row, wanted, None) or getattr(row, source.fallback)


@read.register
def _uncertain(source: UncertainDay, parent: Plain, asking: Asking) -> Any:
    return _bounds(parent, source.name, "earliest", "latest", asking)


@read.register
def _window(source: Window, parent: Plain, asking: Asking) -> Any:
    return _bounds(parent, source.name, "start", "end", asking)


def _bounds(parent: Plain, name: str, first: str, last: str, asking: Asking) -> Any:
    row = parent.row
    text = getattr(row, name)
    if text is None:
        return None
    return asking.seen(Bounds(text, getattr(row, f"{name}_{first}"), getattr(row, f"{name}_{last}")), parent.moment)


# ── At the top ──────────────────────────────────────────────────────────────────────────────────────────────────────


@read.register
def _today(source: Today, parent: Plain, asking: Asking) -> Any:
    return parent.moment.day


@read.register
async def _known_at(source: KnownAt, parent: Plain, asking: Asking) -> Any:
    return (await asking.context.state()).known_at


@read.register
async def _at(source: At, parent: Plain, asking: Asking) -> Any:
    known_at, state = asking.arguments.get("known_at") or None, await asking.context.state()
    if known_at and known_at < state.known_at:
        changes = table_behind(Change)
        (first,) = await asking.context.read(sa.select(sa.func.min(changes.c.at)))
        assert known_at < first[0], "what was known earlier is told by other tests"
        raise nothing_known(("knownAt",))
    day = asking.arguments.get("date") or parent.moment.day
    return seen(asking.info.schema, "Snapshot", None, Moment(day, True, state.sequence if known_at else None))


@read.register
async def _standing(source: Standing, parent: Plain, asking: Asking) -> Any:
    return getattr(await asking.context.state(), source.name)


@read.register
async def _gleaned(source: Gleaned, parent: Plain, asking: Asking) -> Any:
    context, columns = asking.context, tuple(getattr(parent.row, name) for name in source.columns)

    def glean(connection: sa.Connection) -> Any:
        def read(text: str, values: Any) -> list[Any]:
            raw: Any = connection.connection.driver_connection
            return list(raw.execute(text, values).fetchall())

        database = Database(connection.dialect, context)
        run = Run(database, read, [Moment(context.today)], (), actor=context.actor)
        return source.glean(run, [columns])[columns]

    return [asking.seen(each, parent.moment) for each in await context.call(glean)]


@read.register
def _constant(source: Constant, parent: Plain, asking: Asking) -> Any:
    return source.value


@read.register
def _asker(source: Asker, parent: Plain, asking: Asking) -> Any:
    return getattr(asking.context.actor, source.what)


@read.register
def _alone(source: Alone, parent: Plain, asking: Asking) -> Any:
    return seen(asking.info.schema, asking.returned.name, None, parent.moment)


@read.register
def _home(source: Home, parent: Plain, asking: Asking) -> Any:
    return one(asking, source.table, asking.context.home, parent.moment)


@read.register
async def _whether(source: Whether, parent: Plain, asking: Asking) -> Any:
    return bool(await asking.context.read(source.select()))


@read.register
async def _rows(source: Rows, parent: Plain, asking: Asking) -> Any:
    return [asking.seen(row, parent.moment) for row in await asking.context.read(source.select())]


# ── One record ──────────────────────────────────────────────────────────────────────────────────────────────────────


@read.register
def _to_one(source: ToOne, parent: Plain, asking: Asking) -> Any:
    key = getattr(parent.row, source.key)
    return None if key is None else one(asking, source.table, key, parent.moment)


async def one(asking: Asking, table: Any, key: Any, moment: Moment, kind: str = "") -> Any:
    """The record of a table with this primary key, as it is seen at the moment; None where there is none."""
    return asking.seen(await row_of(asking.context, table, key), moment, kind)


async def row_of(context: PlainContext, table: Any, key: Any) -> Any:
    """The row of a table with this primary key; None where there is none."""
    (primary,) = table.__table__.primary_key.columns

    async def batch(keys: list[Any]) -> dict[Any, Any]:
        found = await context.read(sa.select(table.__table__).where(primary.in_(keys)))
        return {getattr(row, primary.key): row for row in found}

    return await context.load(table, key, batch)


@read.register
def _any_of(source: AnyOf, parent: Plain, asking: Asking) -> Any:
    if isinstance(parent.row, PageRead):
        return _all_of_kind(source, parent.row.rows, parent.moment, asking)
    return _of_kind(source, getattr(parent.row, "row", parent.row), parent.moment, asking)


async def _all_of_kind(source: AnyOf, rows: list[Any], moment: Moment, asking: Asking) -> Any:
    return list(await asyncio.gather(*(_of_kind(source, row, moment, asking) for row in rows)))


async def _of_kind(source: AnyOf, row: Any, moment: Moment, asking: Asking) -> Any:
    kind = getattr(row, source.kind)
    return await one(asking, SHOWN_BY_NAME[kind], getattr(row, dict(source.keys)[kind]), moment, kind)


@read.register
async def _any_named(source: AnyNamed, parent: Plain, asking: Asking) -> Any:
    kind, key = getattr(parent.row, source.kind), getattr(parent.row, source.key)
    table = SHOWN_BY_NAME.get(kind)
    if table is None:
        return None
    (primary,) = table.__table__.primary_key.columns
    return await one(asking, table, int(key) if isinstance(primary.type, sa.Integer) else key, parent.moment, kind)


@read.register
async def _cursor_of(source: CursorOf, parent: Plain, asking: Asking) -> Any:
    return encode([getattr(parent.row, source.column)], source.order, (await asking.context.state()).cursor_key)


@read.register
def _same(source: Same, parent: Plain, asking: Asking) -> Any:
    return asking.seen(parent.row.row, parent.moment)


@read.register
async def _by_id(source: ById, parent: Plain, asking: Asking) -> Any:
    return await _node(asking.arguments["id"], parent, asking, ("id",))


@read.register
async def _by_ids(source: ByIds, parent: Plain, asking: Asking) -> Any:
    ids = asking.arguments["ids"]
    if ids:
        bounded(len(ids), "ids", asking.context.settings.page_size_max)
    found = (_node(given, parent, asking, ("ids", str(place))) for place, given in enumerate(ids))
    return list(await asyncio.gather(*found))


async def _node(given: str, parent: Plain, asking: Asking, path: tuple[str, ...]) -> Any:
    table, key, moment = decode_id(given, parent.moment, path)
    if moment.known and moment.known > (await asking.context.state()).sequence:
        raise no_id(path)
    kind = next(name for name, shown in SHOWN_BY_NAME.items() if shown is table)
    return await one(asking, table, key, moment, kind)


@read.register
async def _lookup(source: Lookup, parent: Plain, asking: Asking) -> Any:
    column, name = source.table.__table__.c[source.column], asking.arguments[source.column]
    if not name.isprintable():
        return None

    async def batch(keys: list[Any]) -> dict[Any, Any]:
        found = await asking.context.read(sa.select(column.table).where(column.in_(keys)))
        return {getattr(row, column.key): row for row in found}

    return asking.seen(await asking.context.load((source.table, source.column), name, batch), parent.moment)


@read.register
async def _derived(source: Derived, parent: Plain, asking: Asking) -> Any:
    context, moment = asking.context, parent.moment

    async def batch(keys: list[Any]) -> dict[Any, Any]:
        return {getattr(row, source.by): row for row in await context.read(source.select(moment, context, keys))}

    row = await context.load((source.select, moment.day), getattr(parent.row, source.key), batch)
    if source.take is not None:
        return source.otherwise if row is None else getattr(row, source.take)
    return asking.seen(row, moment)


# ── Lists ───────────────────────────────────────────────────────────────────────────────────────────────────────────


@read.register
async def _to_many(source: ToMany, parent: Plain, asking: Asking) -> Any:
    rows = await children(source, getattr(parent.row, source.link.key), asking.context)
    return [asking.seen(row, parent.moment) for row in rows]


@read.register
async def _values(source: Values, parent: Plain, asking: Asking) -> Any:
    rows = await children(source.rows, getattr(parent.row, source.rows.link.key), asking.context)
    return [getattr(row, source.column) for row in rows]


async def children(source: ToMany, key: Any, context: PlainContext) -> list[sa.Row[Any]]:
    """The rows tied to the parent with this key."""
    table = source.table.__table__

    async def batch(keys: list[Any]) -> dict[Any, Any]:
        joined, parent = tie(table, source.link, context)
        statement = sa.select(table, parent.label("parent_key")).select_from(joined).where(parent.in_(keys))
        if source.where is not None:
            statement = statement.where(source.where)
        return grouped(await context.read(statement.order_by(*(opening(table.c[name]) for name in source.order))))

    return await context.load(source, key, batch) or []


def grouped(rows: Sequence[Any]) -> dict[Any, list[Any]]:
    """The rows of each parent."""
    found: dict[Any, list[Any]] = defaultdict(list)
    for row in rows:
        found[row.parent_key].append(row)
    return found


def tie(rows: sa.FromClause, link: Link, context: Context) -> tuple[sa.FromClause, sa.ColumnElement[Any]]:
    """The rows joined to what ties them to parents, and the parent's key."""
    if link.pairs is None:
        return rows, rows.c[link.column or ""]
    pairs = sa.union(*link.pairs(context)).subquery()
    return rows.join(pairs, pairs.c.child == rows.c[link.child]), pairs.c.parent


@read.register
async def _gathered(source: Gathered, parent: Plain, asking: Asking) -> Any:
    context, moment = asking.context, parent.moment

    async def batch(keys: list[Any]) -> dict[Any, Any]:
        return grouped(await context.read(source.select(moment, context, keys)))

    rows = await context.load((source, moment.day), getattr(parent.row, source.key), batch) or []
    return [asking.seen(row, moment) for row in rows]


@read.register
async def _listed(source: Listed, parent: Plain, asking: Asking) -> Any:
    keys = getattr(parent.row, source.column) or ()
    return list(await asyncio.gather(*(one(asking, source.table, key, parent.moment) for key in keys)))


@read.register
def _inner(source: Inner, parent: Plain, asking: Asking) -> Any:
    return [asking.seen(row, parent.moment) for row in getattr(parent.row, source.column)]


@read.register
async def _summary(source: Summary, parent: Plain, asking: Asking) -> Any:
    values = filter_values_of(asking.arguments)
    named = dict(values)
    asked = question_of(asking.arguments, values)
    await check_names(NAMES, named, asking.context)
    key = getattr(parent.row, source.key) if source.dimension else None
    told = frozenset(name for each in asking.info.selected_fields for name in _selected(each.selections))

    async def batch(keys: list[Any]) -> dict[Any, Any]:
        parents = Parents(source.dimension, keys) if source.dimension else None
        return await asking.context.call(
            lambda connection: placement_tables(connection, AskedTable(**asked), parents, told)
        )

    return asking.seen(await asking.context.load((source, repr(asked), told), key, batch), parent.moment)


def _selected(selections: Any) -> Iterator[str]:
    """The fields that are selected, in fragments too."""
    for each in selections:
        if isinstance(each, SelectedField):
            yield each.name
        else:
            yield from _selected(each.selections)


# ── Pages ───────────────────────────────────────────────────────────────────────────────────────────────────────────


@read.register
async def _page(source: Page, parent: Plain, asking: Asking) -> Any:
    return asking.seen(await PageRead(source, parent, asking).load(), parent.moment)


@dataclass
class Place:
    """A record's place on a page."""

    page: "PageRead"
    row: Any


@read.register
def _page_part(source: PagePart, parent: Plain, asking: Asking) -> Any:
    name = asking.info.python_name
    page: PageRead = parent.row if isinstance(parent.row, PageRead) else parent.row.page
    if name in ("edges", "nodes"):
        return [asking.seen(Place(page, row) if name == "edges" else row, parent.moment) for row in page.rows]
    if name == "node":
        return asking.seen(parent.row.row, parent.moment)
    if name == "cursor":
        return page.cursor(parent.row.row)
    if name == "page_info":
        return asking.seen(page, parent.moment)
    return getattr(page, name)()


class PageRead:
    """One page as read: its rows, and how to count all that the listing holds."""

    def __init__(self, source: Page, parent: Plain, asking: Asking) -> None:
        self.source, self.parent, self.context, self.arguments = source, parent, asking.context, asking.arguments
        self.listing: Listing = source.listing
        self.moment = parent.moment
        self.values = filter_values(self.listing, self.arguments)
        order = self.arguments.get("order_by") or None
        self.order_name = order.field.value if order else next(iter(self.listing.orders))
        self.descending = bool(order and order.direction.value == "DESC")
        self.cursor_order = f"{self.listing.kind.__name__}.{self.order_name}.{self.descending}"
        self.key = getattr(parent.row, source.link.key) if source.link else None
        self.key = str(self.key) if source.link and source.link.as_text else self.key
        self.name = (source, self.moment, repr(sorted(self.values.items())), self.order_name, self.descending)
        self.size, self.request = 0, PageRequest(False, None, None)
        self.rows: list[Any] = []
        self.more = False

    async def load(self) -> "PageRead":
        """Reads the rows of the page."""
        self._bound()
        if self.listing.asks is None:
            check_sizes(self.values)
        await check_names(self.listing.names, self.values, self.context)
        key = (await self.context.state()).cursor_key
        given = {name: self.arguments[name] for name in ("after", "before") if self.arguments.get(name) is not None}
        places = {name: decode(cursor, self.cursor_order, key, (name,)) for name, cursor in given.items()}
        if "after" in places and self.listing.of_log and self.moment.known is None:
            check_logged(places["after"][0], (await self.context.state()).sequence, ("after",))
        self.request = PageRequest(self.request.backward, places.get("after"), places.get("before"))
        found = await self.context.load((self.name, self.size, self.request), self.key, self._rows)
        self.rows, self.more = found or ([], False)
        return self

    def _bound(self) -> None:
        first, last = self.arguments.get("first"), self.arguments.get("last")
        if first is not None and last is not None:
            raise BadInput(
                "Ask for `first` or for `last`, not for both.", path=("last",), hint="Leave one of them out."
            )
        bounded(first, "first", self.context.settings.page_size_max)
        bounded(last, "last", self.context.settings.page_size_max)
        self.size = first or last or self.context.settings.page_size_default
        self.request = PageRequest(last is not None, None, None)

    async def cursor(self, row: Any) -> str:
        """The cursor of a row of this page."""
        places = [value for name, value in row._mapping.items() if str(name).startswith("key_")]
        return encode(places, self.cursor_order, (await self.context.state()).cursor_key)

    async def start_cursor(self) -> str | None:
        """The cursor of the first row."""
        return await self.cursor(self.rows[0]) if self.rows else None

    async def end_cursor(self) -> str | None:
        """The cursor of the last row."""
        return await self.cursor(self.rows[-1]) if self.rows else None

    def has_next_page(self) -> bool:
        """Whether more follow."""
        return self.request.before is not None or (self.more and not self.request.backward)

    def has_previous_page(self) -> bool:
        """Whether some come before."""
        return self.request.after is not None or (self.more and self.request.backward)

    async def total_count(self) -> int:
        """How many records the listing holds, whatever the page cuts."""
        return await self.context.load((self.name, "count"), self.key, self._count) or 0

    def _base(self) -> tuple[sa.FromClause, sa.FromClause, sa.ColumnElement[Any], list[Condition]]:
        rows = self.listing.rows(self.moment, self.context, self.values)
        joined, parent = tie(rows, self.source.link, self.context) if self.source.link else (rows, sa.null())
        conditions = [self.listing.always(rows, self.moment)]
        values = self.listing.meant(self.values)
        conditions += [self.listing.conditions[name](rows, value, self.moment) for name, value in values.items()]
        return rows, joined, parent, [condition for condition in conditions if condition is not None]

    async def _rows(self, keys: list[Any]) -> dict[Any, Any]:
        rows, joined, parent, conditions = self._base()
        keyset = keyset_of(self.listing, self.order_name, self.descending, rows, self.moment)
        places = [column.label(f"key_{place}") for place, (column, _) in enumerate(keyset.columns)]
        inner = sa.select(rows, parent.label("parent_key"), *places).select_from(joined).where(*conditions)
        if self.source.link:
            inner = inner.where(parent.in_(keys))
        inner = inner.where(*keyset.after(self.request))
        place = sa.func.row_number().over(
            partition_by=parent if self.source.link else None, order_by=keyset.order(self.request)
        )
        if self.source.link:
            numbered = inner.add_columns(place.label("place")).subquery()
            statement = sa.select(numbered).where(numbered.c.place <= self.size + 1).order_by(numbered.c.place)
        else:
            statement = inner.order_by(*keyset.order(self.request)).limit(self.size + 1)
        return {key: self._cut(found) for key, found in grouped(await self.context.read(statement)).items()}

    def _cut(self, rows: list[Any]) -> tuple[list[Any], bool]:
        page = rows[: self.size]
        return (page[::-1] if self.request.backward else page), len(rows) > self.size

    async def _count(self, keys: list[Any]) -> dict[Any, int]:
        _, joined, parent, conditions = self._base()
        number = sa.func.count().label("number")
        statement = sa.select(parent.label("parent_key"), number).select_from(joined).where(*conditions)
        if self.source.link:
            statement = statement.where(parent.in_(keys)).group_by(parent)
        return {row.parent_key: row.number for row in await self.context.read(statement)}


async def check_names(
    names: Mapping[str, tuple[Any, str]] | None, values: Mapping[str, Any], context: PlainContext
) -> None:
    """Refuses a filter that names a record which is not on record."""
    for name, (table, column) in (names or {}).items():
        if name in values:
            wanted = values[name] if isinstance(values[name], list) else [values[name]]
            await _known(context, table, column, wanted, ("filter", name))


async def _known(context: PlainContext, table: Any, column: str, names: list[str], path: tuple[str, ...]) -> None:
    key = table.__table__.c[column]

    async def batch(keys: list[Any]) -> dict[Any, Any]:
        return {row[0]: True for row in await context.read(sa.select(key).where(key.in_(keys)))}

    printable = [name for name in names if name.isprintable()]
    held = await asyncio.gather(*(context.load((table, column, "known"), name, batch) for name in printable))
    found = {name for name, there in zip(printable, held, strict=True) if there}
    for name in names:
        if name not in found:
            raise NotFound(
                f'There is no {table.__name__.lower()} "{name}" on record.',
                path=path,
                hint=f"Names are exact; list them to find the {column}.",
                details=Reason.NO_SUCH_NAME.told(name),
            )
