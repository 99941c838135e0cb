"""What the arguments of a field ask for, parted into what shapes a plan and what is only bound to it."""

import re
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache, cached_property, singledispatch
from typing import Any, NamedTuple, Protocol

import strawberry
from strawberry.utils.str_converters import to_camel_case

from registry.codes import Code
from registry.errors import BadInput, NotFound, Reason, RegistryError
from registry.history import instant_text
from registry.settings import Settings
from registry.texts import fold
from schema.context import Moment
from schema.execution import cost
from schema.execution.cursors import bounded
from schema.execution.identity import NAMES, decode_id
from schema.execution.levels import PageAsked, Run
from schema.execution.source import At, ById, ByIds, Listing, Localised, Lookup, Page, Worked


class Check(Protocol):
    """Something that only the database can tell of the arguments."""

    def refusal(self, run: Run) -> RegistryError | None:
        """Why the arguments are refused; None where they are not."""


class Asked(NamedTuple):
    """What the arguments of a field ask for.

    `shape` decides the plan, `values` are bound to it, `checks` are made before it runs; `reach` tells how many records
    the field leads to from one parent at most, and `points` what it costs to look for them.
    """

    shape: Hashable = None
    values: Any = None
    checks: tuple[Check, ...] = ()
    reach: int = 1
    points: float = 0

    def at(self, **cursors: str | None) -> "Asked":
        """The same of a page that begins `after` or ends `before` another cursor."""
        return self._replace(values=self.values._replace(**cursors))


@dataclass(frozen=True)
class Refused:
    """The shape of arguments that are refused; the reason is among the values of the run."""


@dataclass(frozen=True)
class ByValue:
    """A value that shapes a plan: another value needs another plan."""

    value: Any = field(compare=False)
    text: str


@dataclass(frozen=True)
class Ranges:
    """The shape of so many ranges of days."""

    number: int


@dataclass(frozen=True)
class Texts:
    """The shape of so many texts, each with a place of its own."""

    number: int


@dataclass(frozen=True)
class PageShape:
    """What of a page's arguments shapes its statement. A filter field is bound where its shape is its kind alone."""

    order: str
    descending: bool
    backward: bool
    after: bool
    before: bool
    filters: tuple[tuple[str, Any], ...]

    def named(self, listing: Listing) -> str:
        """The order of the page as cursors of the listing carry it."""
        return f"{listing.kind.__name__}.{self.order}.{self.descending}"

    @cached_property
    def _hash(self) -> int:
        return hash((self.order, self.descending, self.backward, self.after, self.before, self.filters))

    def __hash__(self) -> int:
        return self._hash


@dataclass(frozen=True)
class Named:
    """Records that a filter names by a unique column: each must be on record."""

    table: Any
    column: str
    names: tuple[str, ...]
    path: tuple[str, ...]

    @classmethod
    def all(cls, names: Mapping[str, tuple[Any, str]] | None, values: Mapping[str, Any]) -> tuple["Named", ...]:
        """The records that the values of a filter name; `names` tells which of its fields do."""
        found = ((name, values[name], *where) for name, where in (names or {}).items() if name in values)
        return tuple(
            cls(table, column, tuple(dict.fromkeys(value if isinstance(value, list) else [value])), ("filter", name))
            for name, value, table, column in found
        )

    def refusal(self, run: Run) -> RegistryError | None:
        """Why the names are refused: one of them is not on record."""
        found = run.known(self.table, self.column, [name for name in self.names if name.isprintable()])
        missing = next((name for name in self.names if name not in found), None)
        if missing is None:
            return None
        return NotFound(
            f'There is no {self.table.__name__.lower()} "{missing}" on record.',
            path=self.path,
            hint=f"Names are exact; list them to find the {self.column}.",
            details=Reason.NO_SUCH_NAME.told(missing),
        )


@singledispatch
def ask(source: Any, arguments: Mapping[str, Any], settings: Settings) -> Asked:
    """What the arguments of a field with this source ask for. Raises `BadInput` for what is refused as it stands."""
    raise TypeError(f"a field with the source {source!r} takes no arguments")


@ask.register
def _localised(source: Localised, arguments: Mapping[str, Any], settings: Settings) -> Asked:
    return Asked(arguments.get("language") or None)


@ask.register
def _worked(source: Worked, arguments: Mapping[str, Any], settings: Settings) -> Asked:
    return Asked(ByValue(dict(arguments), repr(sorted(arguments.items()))))


@ask.register
def _lookup(source: Lookup, arguments: Mapping[str, Any], settings: Settings) -> Asked:
    name = arguments[source.column]
    return Asked(None, name if name.isprintable() else None)  # what cannot be printed cannot be stored


# ── Pages ───────────────────────────────────────────────────────────────────────────────────────────────────────────


@ask.register
def _page(source: Page, arguments: Mapping[str, Any], settings: Settings) -> Asked:
    listing = source.listing
    size, backward = _size(arguments, settings)
    values = filter_values(listing, arguments)
    if listing.asks is None:  # a listing that works its values out minds their size itself
        check_sizes(values)
    order = arguments.get("order_by") or None
    after, before = arguments.get("after"), arguments.get("before")
    bound = {name: _bound(listing, name, value) for name, value in listing.meant(values).items()}
    shape = PageShape(
        order.field.value if order else next(iter(listing.orders)),
        bool(order and order.direction.value == "DESC"),
        backward,
        after is not None,
        before is not None,
        tuple((name, shape) for name, (shape, _) in bound.items()),
    )
    filters = {key: value for _, values in bound.values() for key, value in values.items()}
    checks = Named.all(listing.names, values)
    return Asked(shape, PageAsked(size, after, before, filters), checks, size, _points(listing, shape))


def _points(listing: Listing, shape: PageShape) -> float:
    """What it costs to look for the records of a page, however few there are."""
    worked_out = listing.worked_out or listing.asks is not None
    sought = sum(cost.SOUGHT for _, kind in shape.filters if isinstance(kind, tuple))
    return 2 + sought + (cost.WORKED_OUT if worked_out else 0)


def _size(arguments: Mapping[str, Any], settings: Settings) -> tuple[int, bool]:
    """How many records, and whether from the end. Raises `BadInput` where that is contradictory or out of bounds."""
    first, last = arguments.get("first"), arguments.get("last")
    if first is not None and last is not None:
        raise BadInput("Ask for `first` or for `last`, not for both.", path=("last",), hint="Leave one of them out.")
    for name, size in (("first", first), ("last", last)):
        bounded(size, name, settings.page_size_max)
    return next((size for size in (first, last) if size is not None), settings.page_size_default), last is not None


def filter_values(listing: Listing, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a filter that filter: neither left out nor null. No filter has the defaults of its fields."""
    if listing.asks is not None:
        return listing.asks(arguments)
    if listing.filter is None:
        return {}
    chosen = arguments.get("filter")
    return _given(chosen, listing.conditions) if chosen else dict(_unsaid(listing.filter, tuple(listing.conditions)))


def _given(chosen: Any, names: Iterable[str]) -> dict[str, Any]:
    values = ((name, getattr(chosen, name)) for name in names)
    return {name: value for name, value in values if value is not None and value is not strawberry.UNSET}


@cache
def _unsaid(kind: type[Any], names: tuple[str, ...]) -> Mapping[str, Any]:
    return _given(kind(), names)


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


def _bound(listing: Listing, name: str, value: Any) -> tuple[Any, dict[str, Any]]:
    """The shape of a filter field's value, and what is bound where the shape leaves that open."""
    if name in listing.meanings:
        return _meant(name, value)
    if name not in listing.shaping:
        if isinstance(value, list):
            return many(name, value)
        if name == "text":
            return _words(name, value)
        if isinstance(value, datetime):
            return str, {f"asked_{name}": instant_text(value)}
        if isinstance(value, str):
            return str, {f"asked_{name}": value}
        if hasattr(value, "days"):
            first, last = value.days()
            days = {f"asked_{name}_first": first, f"asked_{name}_last": last}
            given = {key: day for key, day in days.items() if day is not None}
            return ("days", first is not None, last is not None), given
    return by_value(value), {}


def _meant(name: str, value: Any) -> tuple[Any, dict[str, Any]]:
    """The shape of what a value means, and what is bound for it."""
    if isinstance(value, tuple):
        return Texts(len(value)), {f"asked_{name}_{place}": text for place, text in enumerate(value)}
    days = {
        f"asked_{name}_{place}_{end}": day
        for place, each in enumerate(value)
        for end, day in zip(("first", "last"), each.days(), strict=True)
    }
    return Ranges(len(value)), days


def by_value(value: Any) -> ByValue:
    """The shape of a value that has to be known."""
    return ByValue(value, repr(value))


def many(name: str, values: Iterable[Any]) -> tuple[Any, dict[str, Any]]:
    """The shape of a list, and what is bound for it."""
    plain = [each.value if isinstance(each, Code) else each for each in values]
    return (int if plain and isinstance(plain[0], int) else list), {f"asked_{name}": plain}


def _words(name: str, text: str) -> tuple[Any, dict[str, Any]]:
    words = list(dict.fromkeys(fold(text).split()))
    if not all(word.isprintable() for word in words):
        return by_value(text), {}
    patterns = ["%" + _SPECIAL.sub(r"/\g<0>", word) + "%" for word in words]
    return ("words", len(words)), {f"asked_{name}_{place}": pattern for place, pattern in enumerate(patterns)}


_SPECIAL = re.compile("[/%_]")


# ── Moments and ids ─────────────────────────────────────────────────────────────────────────────────────────────────


class Picked(NamedTuple):
    """A moment that is asked for: the day, None for today, and what was known, None for what is known now.

    What was known is told by an instant, or by a position of the log.
    """

    day: date | None
    known: datetime | int | None
    path: tuple[str, ...]


@dataclass(frozen=True)
class Chosen:
    """What ids and `at` choose: the moments, and the records, by type, key and the place of their moment.

    A record whose id carries no moment has the place None: it is shown at the moment of the field.
    """

    moments: tuple[Picked, ...]
    records: tuple[tuple[str, Any, int | None], ...] = ()


@ask.register
def _at(source: At, arguments: Mapping[str, Any], settings: Settings) -> Asked:
    known_at = arguments.get("known_at") or None
    picked = Picked(arguments.get("date") or None, known_at, ("knownAt",))
    return Asked(bool(known_at), Chosen((picked,)), points=cost.KNOWN_EARLIER if known_at else 0)


@ask.register
def _by_id(source: ById, arguments: Mapping[str, Any], settings: Settings) -> Asked:
    return _records([(arguments["id"], ("id",))])


@ask.register
def _by_ids(source: ByIds, arguments: Mapping[str, Any], settings: Settings) -> Asked:
    ids = arguments["ids"]
    if ids:
        bounded(len(ids), "ids", settings.page_size_max)
    return _records([(given, ("ids", str(place))) for place, given in enumerate(ids)])


_UNPINNED = Moment(date.min)


def _records(ids: Iterable[tuple[str, tuple[str, ...]]]) -> Asked:
    found = [(*decode_id(given, _UNPINNED, path), path) for given, path in ids]
    paths = {moment: path for *_, moment, path in reversed(found) if moment.pinned}
    moments = [moment for moment in dict.fromkeys(moment for *_, moment, _ in found) if moment.pinned]
    records = tuple(
        (NAMES[table.__table__.name], key, moments.index(moment) if moment.pinned else None)
        for table, key, moment, _ in found
    )
    known = {place: moment.known is not None for place, moment in enumerate(moments)}
    shape = tuple(dict.fromkeys((kind, place, place is not None and known[place]) for kind, _, place in records))
    picked = tuple(Picked(moment.day, moment.known, paths[moment]) for moment in moments)
    earlier = cost.KNOWN_EARLIER * sum(known.values())
    return Asked(shape, Chosen(picked, records), reach=len(records), points=earlier)
