"""Where the value of a field comes from, declared on the field itself.

A field is a column, a localised text, a date with its bounds, one other record, a list of records, what holds on the
legal day, or a page of records. The declaration stands on the Strawberry field, so that the schema stays the only
registry of what there is. This module only declares; the plans of this room read.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from typing import Any

import sqlalchemy as sa

from registry.cooperation import runs_on
from registry.statistics import PlacementDimension
from schema.context import Context, Moment

Condition = sa.ColumnElement[bool]

#: A legal day, or an SQL expression of one, such as the bound parameter of a plan.
LegalDay = date | sa.ColumnElement[date]


@dataclass(frozen=True)
class Column:
    """A column of the parent's row."""

    name: str


@dataclass(frozen=True)
class Localised:
    """A text in the language asked for: column `name_ru` and its like, else the column `fallback`.

    The columns are the parent's, or those of the row that `of` leads to.
    """

    prefix: str
    fallback: str
    of: "ToOne | None" = None


@dataclass(frozen=True)
class UncertainDay:
    """A date with the days it may mean: columns `date`, `date_earliest` and `date_latest`."""

    name: str


@dataclass(frozen=True)
class Window:
    """A period with its bounds: columns `period`, `period_start` and `period_end`."""

    name: str


@dataclass(frozen=True)
class Identity:
    """The opaque id of the record."""


@dataclass(frozen=True)
class PagePart:
    """Something that every page has, or every place in one, told by the name of the field."""


@dataclass(frozen=True)
class Worked:
    """What the field's own method works out in Python, out of its arguments and these columns of the row alone."""

    columns: tuple[str, ...]


@dataclass(frozen=True)
class Today:
    """The legal day that answers hold for."""


@dataclass(frozen=True)
class KnownAt:
    """The moment of knowledge that answers rest on."""


@dataclass(frozen=True)
class Standing:
    """Where the log of the registry stands: its `sequence`, or its `digest`."""

    name: str


@dataclass(frozen=True, eq=False)
class Gleaned:
    """What `glean` makes of columns of the rows of all parents together: a list of objects for each.

    It is given the run, which it may read more from, and the columns of each parent.
    """

    columns: tuple[str, ...]
    glean: Callable[[Any, Collection[tuple[Any, ...]]], Mapping[tuple[Any, ...], Sequence[Any]]]


@dataclass(frozen=True)
class Constant:
    """A value that is the same for all."""

    value: Any


@dataclass(frozen=True)
class Asker:
    """What is known of whoever asks: their `name`, `role` or `audiences`."""

    what: str


@dataclass(frozen=True)
class Alone:
    """What stands by itself, with nothing to look for: its fields tell where their values come from."""


@dataclass(frozen=True)
class Home:
    """The country whose registry this is."""

    table: Any


@dataclass(frozen=True, eq=False)
class Whether:
    """Whether a select finds anything."""

    select: Callable[[], sa.Select[Any]]


@dataclass(frozen=True, eq=False)
class Rows:
    """The rows of a select, whose columns bear the names of the fields."""

    select: Callable[[], sa.Select[Any]]


@dataclass(frozen=True)
class At:
    """Everything again, on the legal day that the argument `date` names."""


@dataclass(frozen=True)
class ToOne:
    """The row of `table` whose primary key stands in the parent's column `key`."""

    table: Any
    key: str


@dataclass(frozen=True)
class AnyOf:
    """The record of whichever type the column `kind` names; `keys` has the column of the key for each type."""

    kind: str
    keys: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class AnyNamed:
    """The record whose type and whose key, as text, two columns name; null for a type that is not shown."""

    kind: str
    key: str


@dataclass(frozen=True)
class CursorOf:
    """The cursor of the row in an order of its list, which goes by a column of it."""

    order: str
    column: str


@dataclass(frozen=True)
class Same:
    """The parent's own row, shown as another type."""


@dataclass(frozen=True)
class ById:
    """The record that the argument `id` names."""


@dataclass(frozen=True)
class ByIds:
    """The records that the argument `ids` names."""


@dataclass(frozen=True)
class Listed:
    """The rows of `table` whose primary keys stand in a list in the parent's column, in the order of the list."""

    table: Any
    column: str


@dataclass(frozen=True)
class Inner:
    """The rows that stand in a column of the parent itself."""

    column: str


@dataclass(frozen=True, eq=False)
class Gathered:
    """The rows that a select gives for each parent (`parent_key`, the parent's `key`), in a stated order."""

    select: Callable[[Moment, Context, list[Any]], sa.Select[Any]]
    order: tuple[str, ...]
    key: str = "id"


@dataclass(frozen=True)
class Summary:
    """A placement table: of everything, or of the parent's returns in one dimension, by its column `key`."""

    dimension: PlacementDimension | None = None
    key: str = "id"


@dataclass(frozen=True)
class Lookup:
    """The row of `table` whose unique column is the argument of the same name."""

    table: Any
    column: str


@dataclass(frozen=True)
class Link:
    """How children are tied to a parent: by a column of theirs, or by pairs of `parent` and `child`.

    Pairs come in one select or several, none twice in any of them. `key` is the column of the parent's row that both
    speak of; `child` the column of the children that the pairs name. With `as_text` children tell the key as text,
    whatever it is.
    """

    key: str = "id"
    column: str | None = None
    pairs: Callable[[Context], Sequence[sa.Select[Any]]] | None = None
    child: str = "id"
    as_text: bool = False


@dataclass(frozen=True, eq=False)
class ToMany:
    """All rows of `table` tied to the parent, in a stated order; short by nature."""

    table: Any
    link: Link
    order: tuple[str, ...]
    where: Condition | None = None


@dataclass(frozen=True)
class Values:
    """One column of all the rows tied to the parent."""

    rows: ToMany
    column: str


@dataclass(frozen=True, eq=False)
class Derived:
    """What a select gives for each parent: its row whose column `by` is the parent's `key`, or a column of that row.

    The select is made for a moment, the context and the keys of the parents, and has at most one row for each of them;
    `take` names the column, and `otherwise` is what there is without a row. Where the row is one of a table, `holds`
    tells which of its rows, so that it can be joined. `total` says that there is a row for every parent on every day.
    """

    kind: Any
    select: Callable[[Moment, Context, list[Any]], sa.Select[Any]]
    by: str
    key: str = "id"
    take: str | None = None
    holds: Callable[[sa.FromClause, Moment], Sequence[Condition]] | None = None
    otherwise: Any = None
    total: bool = False


def on_day(table: Any, by: str, take: str | None = None, *, total: bool = False) -> Derived:
    """The row of a table of stretches (`from_day`, `until_day`) that holds for the parent on the legal day.

    `total` says that the stretches of every parent leave no day out.
    """

    def holds(rows: sa.FromClause, moment: Moment) -> Sequence[Condition]:
        return (runs_on(rows, moment.day),)

    return Derived(table, _stretches(table, by), by, take=take, holds=holds, total=total)


@cache
def _stretches(kind: Any, by: str) -> Callable[[Moment, Context, list[Any]], sa.Select[Any]]:
    table = kind.__table__

    def select(moment: Moment, context: Context, keys: list[Any]) -> sa.Select[Any]:
        return sa.select(table).where(table.c[by].in_(keys), runs_on(table, moment.day))

    return select


#: The name of the keys of parents among the values of a filter.
PARENTS = "parents"


@dataclass(frozen=True, eq=False)
class Listing:
    """Records that can be paged through: which there are, how they may be filtered, and in which orders.

    `rows` gives them for a moment and the filter's values; among these, `PARENTS` has the keys of the parents whose
    pages are read, so that rows of others can be left out. `conditions` has one entry for each field of the filter,
    which is given the value and the moment. `orders` gives the columns of each order; every order ends with `tie`,
    which is unique. None of the columns ordered by is ever null. `names` tells which filter fields name records, and by
    which unique column; `always` holds whatever the filter. `meanings` works out what the values of some filter fields
    mean, which is what their conditions are given: a list of ranges of days, or a tuple of texts. `shaping` names the
    filter fields whose values the conditions look into, so that they cannot be bound anew to a statement that is
    already written. A listing without a filter may be asked by other arguments of the field: `asks` gives the values of
    these. `parts` may give the same as `rows` in several lists: then each is read no further than a page goes.
    `worked_out` tells that it takes long however few records there are: that is charged for, and done once for a page
    and its number. `of_log` tells that its places are positions in the log of changes, which has an end.
    """

    kind: Any
    rows: Callable[[Moment, Context, Mapping[str, Any]], sa.FromClause]
    conditions: Mapping[str, Callable[[sa.FromClause, Any, Moment], Condition | None]]
    orders: Mapping[str, Callable[[sa.FromClause, Moment], Sequence[sa.ColumnElement[Any]]]]
    tie: Sequence[str]
    filter: Any = None
    order: Any = None
    names: Mapping[str, tuple[Any, str]] | None = None
    always: Callable[[sa.FromClause, Moment], Condition | None] = lambda rows, moment: None
    meanings: Mapping[str, Callable[[Any], Any]] = field(default_factory=dict)
    shaping: Sequence[str] = ()
    asks: Callable[[Mapping[str, Any]], dict[str, Any]] | None = None
    parts: Callable[[Moment, Context, Mapping[str, Any]], Sequence[sa.FromClause]] | None = None
    worked_out: bool = False
    of_log: bool = False

    def meant(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """What the values of filter fields mean. Raises `BadInput` for one that means nothing."""
        return {name: self.meanings[name](value) if name in self.meanings else value for name, value in values.items()}


class Words(tuple[sa.ColumnElement[str], ...]):
    """Patterns of the words sought in a text, bound anew by every request; `/` escapes in them."""


@dataclass(frozen=True)
class Days:
    """A range of days bound anew by every request, in place of one whose days are known; None is open."""

    first: Any
    last: Any

    def days(self) -> tuple[Any, Any]:
        """First and last day."""
        return self.first, self.last


@dataclass(frozen=True, eq=False)
class Page:
    """A page of a listing, of everything or of what is tied to the parent."""

    listing: Listing
    link: Link | None = None


Source = (
    Column
    | Localised
    | UncertainDay
    | Window
    | Identity
    | PagePart
    | Worked
    | Today
    | KnownAt
    | Standing
    | Gleaned
    | Constant
    | Asker
    | Alone
    | Home
    | Whether
    | Rows
    | At
    | AnyOf
    | AnyNamed
    | CursorOf
    | Same
    | ById
    | ByIds
    | Listed
    | Inner
    | Gathered
    | Summary
    | ToOne
    | Lookup
    | ToMany
    | Values
    | Derived
    | Page
)
