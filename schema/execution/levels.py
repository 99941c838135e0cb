"""Levels of a plan, as they run: one statement each, the levels inside it, and what makes rows into answers.

A level reads its rows for all its parents at once, lets the levels inside it read theirs, and only then builds.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from itertools import chain
from typing import Any, NamedTuple

from registry.access import ANYONE, Actor
from registry.errors import NotFound, TurnedAway
from schema.context import Moment
from schema.execution.cursors import check_logged, decode
from schema.execution.identity import pin_of
from schema.execution.kept import Kept
from schema.execution.statement import Database, Statement

Row = Sequence[Any]


class Doubt(Exception):
    """Something that the short way cannot answer with bytes: GraphQL has to walk the tree, and says what is wrong."""


class Failed(Mapping[Any, Any]):
    """What a level has read where reading failed: the error, for every parent."""

    def __init__(self, error: Exception) -> None:
        self.error = error

    def __getitem__(self, key: Any) -> Exception:
        return self.error

    def get(self, key: Any, default: Any = None) -> Any:
        """The error; for a parent that leads nowhere, the default."""
        return default if key is None else self.error

    def __iter__(self) -> Any:
        raise TypeError("what failed has no end")

    def __len__(self) -> int:
        raise TypeError("what failed has no end")


@dataclass(frozen=True)
class State:
    """How current the registry is, as text and as an instant, and the key that cursors are signed with."""

    known_at: datetime
    known_at_text: str
    sequence: int
    digest: str
    cursor_key: str


class Run:
    """One request that runs a plan: who asks, the rows it reads, the moments it asks for, and its arguments' values.

    `days` are the legal days of the moments as the driver takes them.
    With `tree` a level that fails gives its error to the fields that it was read for, and `refused` has the arguments
    that are refused, by their place. `then` has the runs that read what was known earlier, by the number of the moment.
    `kept` is what levels have made before of the version that is being read, where that is known.
    """

    def __init__(
        self,
        database: Database,
        read: Callable[[str, Any], list[Row]],
        moments: Sequence[Moment],
        asked: Sequence[Any],
        refused: dict[int, Exception] | None = None,
        actor: Actor = ANYONE,
        kept: Kept | None = None,
    ) -> None:
        self.database, self.read, self.asked, self.actor, self.kept = database, read, asked, actor, kept
        self.refused, self.tree = refused or {}, refused is not None
        self.moments = moments
        sqlite = database.sqlite
        self.days: Sequence[Any] = [moment.day.isoformat() if sqlite else moment.day for moment in moments]
        self.then: dict[int, Run] = {}
        self.seen = self.size = 0

    def at(self, database: Database, read: Callable[[str, Any], list[Row]]) -> "Run":
        """The same request, reading from elsewhere."""
        made = Run(database, read, self.moments, self.asked, actor=self.actor)
        made.refused, made.tree, made.then = self.refused, self.tree, self.then
        return made

    @cached_property
    def pins(self) -> list[str]:
        """What ids carry of each moment."""
        return [pin_of(moment) for moment in self.moments]

    @cached_property
    def state(self) -> State:
        """How current the registry is. Raises `NotFound` where nothing has been recorded yet."""
        rows = self.read(STATE, ())
        if not rows:
            raise NotFound("Nothing has been recorded in this registry yet.", hint="Load the seeds, or record a fact.")
        ((text, *others),) = rows
        return State(datetime.fromisoformat(text), text, *others)

    @cached_property
    def cursor_key(self) -> str:
        """The key that cursors are signed with."""
        return self.state.cursor_key

    def known(self, table: Any, column: str, names: Sequence[str]) -> set[Any]:
        """Those of the names that stand in a unique column of a table."""
        if not names:
            return set()
        return {name for (name,) in self.rows(self.database.known(table, column), 0, keys=self.database.bound(names))}

    def bound(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Values of filters as the driver takes them."""
        return {name: self._bound(value) for name, value in values.items()}

    def keyed(self, keys: Collection[Any], single: bool) -> dict[str, Any]:
        """The keys of parents as statements name them; `single` tells that there is one."""
        bound = {"keys": self.database.bound(keys)}
        return bound | {"key": next(iter(keys))} if single else bound

    def _bound(self, value: Any) -> Any:
        if isinstance(value, list):
            return self.database.bound(value)
        return value.isoformat() if isinstance(value, date) and self.database.sqlite else value

    def rows(self, statement: Statement, moment: int, **values: Any) -> list[Row]:
        """The rows of a statement."""
        values["day"] = self.days[moment]
        found = self.read(statement.text, statement.values(values))
        self.seen += len(found)
        return found

    def inner(self, inside: "Inside", rows: Iterable[Any]) -> Mapping[Any, Any]:
        """What a level inside another reads for the rows of the outer one."""
        before, self.size = self.size, 0
        try:
            return inside.level.read(self, inside.keys(self, rows))
        except TurnedAway:
            raise
        except Exception as error:
            if not self.tree:
                raise
            return Failed(error)  # told where GraphQL meets it
        finally:
            self.size += before

    def holds(self, number: int) -> None:
        """Notes that up to so many records, with what has been read for them since, stand in one place."""
        self.size = number * (1 + self.size)


STATE = "SELECT known_at, sequence, digest, cursor_key FROM registry_state"


@dataclass
class Inside:
    """A level inside another: which of its rows are wanted follows from the rows of the outer one."""

    level: "Level"
    keys: Callable[[Run, Iterable[Row]], Any]


@dataclass(kw_only=True, eq=False)
class Level:
    """What all levels share. `make` is given the run and what the levels inside have read, and gives the builder."""

    moment: int
    make: Callable[..., Any]
    inside: list[Inside] = field(default_factory=list)

    def read(self, run: Run, keys: Any) -> Mapping[Any, Any]:
        """What the parents with these keys have, by key."""
        raise NotImplementedError

    def builder(self, run: Run, rows: Iterable[Any]) -> Any:
        """What builds answers out of rows, once the levels inside have been read."""
        return self.make(run, *[run.inner(each, rows) for each in self.inside]) if self.inside else self.make(run)


@dataclass(kw_only=True, eq=False)
class Keyed(Level):
    """Rows tied to their parents by a key, which stands in a column of theirs.

    `lasts` tells that what is made for a key follows from nothing else, until something is committed.
    """

    statement: Statement
    single: bool
    parameter: str = "keys"
    lasts: bool = False

    def read(self, run: Run, keys: Any) -> Mapping[Any, Any]:
        if not keys:
            return {}
        if self.lasts and run.kept is not None:
            return self._kept(run, run.kept, set(keys))
        found = self._made(run, keys)
        run.holds(1 if self.single else self._longest(found))
        return found

    def _kept(self, run: Run, kept: Kept, keys: set[Any]) -> Mapping[Any, Any]:
        """The same and more: all that was made for any keys, of which those that were missing are read."""
        shelf = kept.shelf(self)
        missing = keys.difference(shelf.made)
        kept.hits += len(keys) - len(missing)
        kept.misses += len(missing)
        if missing:
            made = self._made(run, missing)
            every = made if self.single else {key: made.get(key, ()) for key in missing}
            kept.keep(shelf, every, 1 if self.single else self._longest(made))
        run.holds(shelf.longest)
        return shelf.made

    def _made(self, run: Run, keys: Any) -> Mapping[Any, Any]:
        bound = run.database.bound(keys) if self.parameter == "keys" else next(iter(keys))
        rows = run.rows(self.statement, self.moment, **{self.parameter: bound})
        made: Mapping[Any, Any] = self.builder(run, rows)(rows)
        return made

    def _longest(self, found: Mapping[Any, Any]) -> int:
        return max(map(len, found.values()), default=0)


class PageAsked(NamedTuple):
    """The values of a page's arguments: its size, where it begins or ends, and what filters are bound to."""

    size: int
    after: str | None
    before: str | None
    filters: Mapping[str, Any]


@dataclass(kw_only=True)
class PageLevel(Level):
    """A page for each parent, or one page of everything under the key None.

    `count` counts the records that a page is of, where they are asked for and the page does not tell: one from which
    nothing was cut is all of them, and the rows of a page for one parent may have the number at the place `counted`.
    `of_log` tells that its places are positions in the log of changes.
    """

    statement: Statement | None
    count: Statement | None
    counted: int | None
    single: bool
    key: int | None
    slot: int
    order: str
    backward: bool
    places: Sequence[Callable[[Any], Any]]
    of_log: bool = False

    def read(self, run: Run, keys: Any) -> Mapping[Any, Any]:
        if keys is not None and not keys:
            return {}
        values = self._values(run, keys)
        rows = [] if self.statement is None else run.rows(self.statement, self.moment, **values)
        pages = self._pages(rows, values["size"] - 1, keys)
        every = [rows for rows, _ in pages.values()]
        shown = every[0] if len(every) == 1 else list(chain.from_iterable(every))
        build = self.builder(run, shown)
        run.holds(max(map(len, every), default=0))
        totals = self._totals(run, values, rows, pages)
        return {
            key: build(*pages.get(key, ((), False)), totals.get(key, 0)) for key in ((None,) if keys is None else keys)
        }

    def _values(self, run: Run, keys: Any) -> dict[str, Any]:
        asked: PageAsked = run.asked[self.slot]
        values: dict[str, Any] = {"size": asked.size + 1}
        values |= run.bound(asked.filters)
        if keys is not None:
            values |= run.keyed(keys, self.single)
        for name, cursor in (("after", asked.after), ("before", asked.before)):
            if cursor is not None:
                place = decode(cursor, self.order, run.cursor_key, (name,))
                if name == "after" and self.of_log and run.moments[self.moment].known is None:
                    check_logged(place[0], run.state.sequence, (name,))
                for number, (kind, value) in enumerate(zip(self.places, place, strict=True)):
                    values[f"asked_{name}_{number}"] = kind(value)
        return values

    def _pages(self, rows: list[Row], size: int, keys: Any) -> dict[Any, tuple[list[Row], bool]]:
        key = self.key
        if key is None or len(keys) == 1:
            (only,) = keys or (None,)
            return {only: self._cut(rows, size)}
        found: dict[Any, list[Row]] = {}
        for row in rows:
            found.setdefault(row[key], []).append(row)
        return {parent: self._cut(children, size) for parent, children in found.items()}

    def _cut(self, rows: list[Row], size: int) -> tuple[list[Row], bool]:
        page = rows[:size]
        return (page[::-1] if self.backward else page), len(rows) > size

    def _totals(
        self, run: Run, values: dict[str, Any], rows: list[Row], pages: dict[Any, tuple[list[Row], bool]]
    ) -> dict[Any, int]:
        if self.count is None:
            return {}
        if rows and self.counted is not None:
            number: int = rows[0][self.counted]
            return dict.fromkeys(pages, number)
        asked: PageAsked = run.asked[self.slot]
        whole = self.statement is not None and asked.after is None and asked.before is None
        if whole and not any(more for _, more in pages.values()):
            return {key: len(page) for key, (page, _) in pages.items()}
        return {row[0]: row[1] for row in run.rows(self.count, self.moment, **values)}


@dataclass(kw_only=True)
class Whole(Level):
    """Something that has no rows of its own, under the key None."""

    def read(self, run: Run, keys: Any) -> Mapping[Any, Any]:
        return {None: self.builder(run, ())(None)}


@dataclass
class Then(Level):
    """What another level reads as it was known at the moment, or is known now: from wherever that is held.

    Snapshots are SQLite files whatever the registry is, so that there is a level for each kind of database.
    """

    moment: int
    levels: Mapping[str, Level]
    make: Callable[..., Any] = field(init=False)

    def read(self, run: Run, keys: Any) -> Mapping[Any, Any]:
        seen = run.then[self.moment]
        if seen is run:
            return self.levels[seen.database.dialect.name].read(seen, keys)
        seen.size = 0
        found = self.levels[seen.database.dialect.name].read(seen, keys)
        run.size += seen.size
        return found
