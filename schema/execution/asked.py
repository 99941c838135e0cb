"""What the arguments of a field ask for, parted into what shapes a plan and what is only bound to it."""

import re
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import singledispatch
from typing import Any

from registry.codes import Code
from registry.settings import Settings
from registry.texts import fold
from schema.context import Moment
from schema.execution.cursors import bounded
from schema.execution.identity import NAMES, decode_id
from schema.execution.levels import PageAsked
from schema.execution.plain import check_sizes, filter_values
from schema.execution.selection import Unplanned
from schema.execution.source import At, ById, ByIds, Listing, Localised, Lookup, Page, Worked


@dataclass(frozen=True)
class ByValue:
    """A value that shapes a plan: another value needs another plan."""

    value: Any = field(compare=False)
    text: str


@dataclass(frozen=True)
class PageShape:
    """What of a page's arguments shapes its statement. A filter field is bound where its shape is its kind alone."""

    order: str
    descending: bool
    backward: bool
    after: bool
    before: bool
    filters: tuple[tuple[str, Any], ...]


@dataclass(frozen=True)
class Named:
    """Records that a filter names: the plain way refuses what is not on record."""

    table: Any
    column: str
    names: tuple[str, ...]

    @classmethod
    def of(cls, table: Any, column: str, value: Any) -> "Named":
        """The records that a filter field's value names: one, or a list."""
        names = tuple(dict.fromkeys(value if isinstance(value, list) else [value]))
        if not all(name.isprintable() for name in names):
            raise Unplanned("unprintable name")
        return cls(table, column, names)


@singledispatch
def ask(source: Any, arguments: Mapping[str, Any], settings: Settings) -> tuple[Hashable, Any, tuple[Named, ...]]:
    """The shape and the values of a field's arguments, and the records that they name.

    Raises `Unplanned` or `BadInput` for what the plan leaves to the plain way.
    """
    raise Unplanned("arguments")


@ask.register
def _localised(source: Localised, arguments: Mapping[str, Any], settings: Settings) -> Any:
    return arguments.get("language") or None, None, ()


@ask.register
def _worked(source: Worked, arguments: Mapping[str, Any], settings: Settings) -> Any:
    return by_value(dict(arguments), repr(sorted(arguments.items()))), None, ()


@ask.register
def _lookup(source: Lookup, arguments: Mapping[str, Any], settings: Settings) -> Any:
    name = arguments[source.column]
    if not name.isprintable():
        raise Unplanned("unprintable name")
    return None, name, ()


@ask.register
def _at(source: At, arguments: Mapping[str, Any], settings: Settings) -> Any:
    day = arguments.get("date") or None
    if arguments.get("known_at") or day == date.max:
        raise Unplanned("moment of knowledge" if arguments.get("known_at") else "last of days")
    return None, Chosen(None, day), ()


@ask.register
def _page(source: Page, arguments: Mapping[str, Any], settings: Settings) -> Any:
    listing = source.listing
    values = filter_values(listing, arguments.get("filter"))
    check_sizes(values)
    order = arguments.get("order_by") or None
    first, last = arguments.get("first"), arguments.get("last")
    if first is not None and last is not None:
        raise Unplanned("first and last")
    for name, size in (("first", first), ("last", last)):
        bounded(size, name, settings.page_size_max)
    size = next((size for size in (first, last) if size is not None), settings.page_size_default)
    after, before = arguments.get("after"), arguments.get("before")
    bound = {name: _bound(listing, name, value) for name, value in values.items()}
    shape = PageShape(
        order.field.value if order else next(iter(listing.orders)),
        bool(order and order.direction.value == "DESC"),
        last is not None,
        after is not None,
        before is not None,
        tuple((name, shape) for name, (shape, _) in bound.items()),
    )
    filters = {key: value for _, values in bound.values() for key, value in values.items()}
    return shape, PageAsked(size, after, before, filters), _names(listing, values)


def _bound(listing: Listing, name: str, value: Any) -> tuple[Any, dict[str, Any]]:
    """The shape of a filter field's value, and what is bound where the shape leaves that open."""
    if name not in listing.shaping:
        if isinstance(value, list):
            return many(name, value)
        if name == "text":
            return _words(name, value)
        if isinstance(value, str):
            return str, {f"asked_{name}": value}
        if hasattr(value, "days"):
            first, last = value.days()
            days = {f"asked_{name}_first": first, f"asked_{name}_last": last}
            given = {key: day for key, day in days.items() if day is not None}
            return ("days", first is not None, last is not None), given
    return by_value(value), {}


def by_value(value: Any, text: str = "") -> ByValue:
    """The shape of a value that has to be known. Raises `Unplanned` for one too long to keep a plan for it."""
    text = text or repr(value)
    if len(text) > MOST_CHARACTERS:
        raise Unplanned("long values")
    return ByValue(value, text)


#: Length of the values that a plan is kept for, as text.
MOST_CHARACTERS = 2_000


def many(name: str, values: Iterable[Any]) -> tuple[Any, dict[str, Any]]:
    """The shape of a list, and what is bound for it."""
    plain = [each.value if isinstance(each, Code) else each for each in values]
    return (int if plain and isinstance(plain[0], int) else list), {f"asked_{name}": plain}


def _words(name: str, text: str) -> tuple[Any, dict[str, Any]]:
    words = list(dict.fromkeys(fold(text).split()))
    if not all(word.isprintable() for word in words):
        raise Unplanned("unprintable text")
    patterns = ["%" + _SPECIAL.sub(r"/\g<0>", word) + "%" for word in words]
    return ("words", len(words)), {f"asked_{name}_{place}": pattern for place, pattern in enumerate(patterns)}


_SPECIAL = re.compile("[/%_]")


def _names(listing: Listing, values: Mapping[str, Any]) -> tuple[Named, ...]:
    names = (listing.names or {}).items()
    return tuple(Named.of(table, column, values[name]) for name, (table, column) in names if name in values)


@dataclass(frozen=True)
class Chosen:
    """A record that an id names, and the day that it carries; None for the day of the field."""

    key: Any
    day: date | None


@ask.register
def _by_id(source: ById, arguments: Mapping[str, Any], settings: Settings) -> Any:
    table, key, moment = decode_id(arguments["id"], _UNPINNED, ("id",))
    if moment.day == date.max:
        raise Unplanned("last of days")
    return (NAMES[table.__table__.name], moment.pinned), Chosen(key, moment.day if moment.pinned else None), ()


@ask.register
def _by_ids(source: ByIds, arguments: Mapping[str, Any], settings: Settings) -> Any:
    ids = arguments["ids"]
    if ids:
        bounded(len(ids), "ids", settings.page_size_max)
    found = [decode_id(given, _UNPINNED, ("ids",)) for given in ids]
    if any(moment.pinned for _, _, moment in found):
        raise Unplanned("ids of several days")
    named = [(NAMES[table.__table__.name], key) for table, key, _ in found]
    return tuple(sorted({kind for kind, _ in named})), named, ()


_UNPINNED = Moment(date.min)
