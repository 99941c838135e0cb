"""Levels of a plan, as they run: one statement each, the levels inside it, and what makes rows into answers.

A level reads its rows for all its parents at once, lets the levels inside it read theirs, and only then builds.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from schema.execution.cursors import decode
from schema.execution.statement import Statement

Row = Sequence[Any]


class Doubt(Exception):
    """Something the plan did not expect: the plain way answers, and says what is wrong if anything is."""


class Run:
    """One request that runs a plan: the rows it reads, the days it asks for, and the values of its arguments."""

    def __init__(
        self,
        read: Callable[[str, Any], list[Row]],
        many: Callable[[Sequence[Any]], Any],
        days: Sequence[Any],
        pins: Sequence[str],
        asked: Sequence[Any],
        chosen: Sequence[date] = (),
    ) -> None:
        self.read, self.many = read, many
        self.days, self.pins, self.asked, self.chosen = days, pins, asked, chosen
        self.known_at = ""
        self.cursor_key = ""

    def bound(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Values of filters as the driver takes them."""
        return {name: self._bound(value) for name, value in values.items()}

    def _bound(self, value: Any) -> Any:
        if isinstance(value, list):
            return self.many(value)
        return value.isoformat() if isinstance(value, date) and isinstance(self.days[0], str) else value

    def rows(self, statement: Statement, moment: int, **values: Any) -> list[Row]:
        """The rows of a statement."""
        values["day"] = self.days[moment]
        return self.read(statement.text, statement.values(values))


@dataclass
class Inside:
    """A level inside another: which of its rows are wanted follows from the rows of the outer one."""

    level: "Level"
    keys: Callable[[Run, Iterable[Row]], Any]


@dataclass(kw_only=True)
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
        return self.make(run, *(each.level.read(run, each.keys(run, rows)) for each in self.inside))


@dataclass(kw_only=True)
class Keyed(Level):
    """Rows tied to their parents by a key, which stands in a column of theirs."""

    statement: Statement
    key: int
    single: bool
    parameter: str = "keys"

    def read(self, run: Run, keys: Any) -> Mapping[Any, Any]:
        if not keys:
            return {}
        bound = run.many(keys) if self.parameter == "keys" else next(iter(keys))
        rows = run.rows(self.statement, self.moment, **{self.parameter: bound})
        build, key = self.builder(run, rows), self.key
        if self.single:
            return {row[key]: build(row) for row in rows}
        found: dict[Any, list[Any]] = {}
        for row in rows:
            found.setdefault(row[key], []).append(build(row))
        return found


@dataclass(frozen=True)
class PageAsked:
    """The values of a page's arguments: its size, where it begins or ends, and what filters are bound to."""

    size: int
    after: str | None
    before: str | None
    filters: Mapping[str, Any]


@dataclass(kw_only=True)
class PageLevel(Level):
    """A page for each parent, or one page of everything under the key None."""

    statement: Statement | None
    count: Statement | None
    key: int | None
    slot: int
    order: str
    backward: bool
    places: Sequence[Callable[[Any], Any]]

    def read(self, run: Run, keys: Any) -> Mapping[Any, Any]:
        if keys is not None and not keys:
            return {}
        values = self._values(run, keys)
        pages = self._pages(run, values)
        shown = [row for rows, _ in pages.values() for row in rows]
        build = self.builder(run, shown)
        totals = self._totals(run, values)
        return {
            key: build(*pages.get(key, ((), False)), totals.get(key, 0)) for key in ((None,) if keys is None else keys)
        }

    def _values(self, run: Run, keys: Any) -> dict[str, Any]:
        asked: PageAsked = run.asked[self.slot]
        values: dict[str, Any] = {"size": asked.size + 1}
        values |= run.bound(asked.filters)
        if keys is not None:
            values["keys"] = run.many(keys)
        for name, cursor in (("after", asked.after), ("before", asked.before)):
            if cursor is not None:
                place = decode(cursor, self.order, run.cursor_key, (name,))
                for number, (kind, value) in enumerate(zip(self.places, place, strict=True)):
                    values[f"asked_{name}_{number}"] = kind(value)
        return values

    def _pages(self, run: Run, values: dict[str, Any]) -> dict[Any, tuple[list[Row], bool]]:
        size, key = values["size"] - 1, self.key
        if self.statement is None:
            return {}
        rows = run.rows(self.statement, self.moment, **values)
        if key is None:
            return {None: self._cut(rows, size)}
        found: dict[Any, list[Row]] = {}
        for row in rows:
            found.setdefault(row[key], []).append(row)
        return {parent: self._cut(children, size) for parent, children in found.items()}

    def _cut(self, rows: list[Row], size: int) -> tuple[list[Row], bool]:
        page = rows[:size]
        return (page[::-1] if self.backward else page), len(rows) > size

    def _totals(self, run: Run, values: dict[str, Any]) -> dict[Any, int]:
        if self.count is None:
            return {}
        return {row[0]: row[1] for row in run.rows(self.count, self.moment, **values)}
