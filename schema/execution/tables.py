"""Placement tables in a plan: two statements for the tables of all parents, put together as statistics do it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from registry.placements import End
from registry.statistics import Parents, PlacementDimension, PlacementFilter, placement_selects, placement_tables
from schema.execution.asked import ByValue
from schema.execution.build import Given, object_of, planned
from schema.execution.levels import Level, Run
from schema.execution.making import Compiler, Making
from schema.execution.objects import Objects
from schema.execution.selection import Selected
from schema.execution.source import Summary
from schema.execution.statement import Database, Statement


class Rows:
    """A select whose rows are read as Python code expects them."""

    def __init__(self, select: sa.Select[Any], database: Database) -> None:
        columns = list(select.selected_columns)
        self._statement = Statement(select, database.dialect)
        self._names = [str(column.key) for column in columns]
        self._typed: list[Callable[[Any], Any] | None] = [database.typed(column.type) for column in columns]
        self._as_driven = not any(self._typed)

    def read(self, run: Run, moment: int, values: Mapping[str, Any]) -> list[Any]:
        """The rows, by the names of their columns."""
        rows = run.rows(self._statement, moment, **values)
        if self._as_driven:
            return [Given(zip(self._names, row, strict=True)) for row in rows]
        return [
            Given(
                (name, value if typed is None else typed(value))
                for name, typed, value in zip(self._names, self._typed, row, strict=True)
            )
            for row in rows
        ]


@dataclass(kw_only=True)
class TableLevel(Level):
    """A placement table for each parent, `single` for one, or one of everything under the key None."""

    question: Mapping[str, Any]
    single: bool
    slot: int
    sums: Rows
    cited: Rows | None

    def read(self, run: Run, keys: Any) -> Mapping[Any, Any]:
        if keys is not None and not keys:
            return {}
        values = run.bound(run.asked[self.slot])
        if keys is not None:
            values["keys"] = run.database.bound(keys)
        sums = self.sums.read(run, self.moment, values)
        cited = self.cited.read(run, self.moment, values) if self.cited else []
        parents = None if keys is None or self.single else list(keys)
        made = placement_tables(self.question["measure"], self.question["group_by"], parents, sums, cited)
        if self.single and keys is not None:
            made = dict.fromkeys(keys, made[None])
        build = self.builder(run, made.values())
        run.holds(max((len(table.rows) for table in made.values()), default=0))
        return {key: build(table) for key, table in made.items()}


@planned.register
def _summary(source: Summary, scope: Any, selected: Selected) -> str:
    assert selected.slot is not None
    compiler: Compiler = scope.making.compiler
    shape = compiler.shapes[selected.slot.place]
    assert isinstance(shape, ByValue)
    compiler.heavy = True
    parents = None
    single = bool(source.dimension) and getattr(scope, "single", False)
    if source.dimension:
        named = source.dimension in (PlacementDimension.COUNTRY, PlacementDimension.SECTOR)
        keys = compiler.database.many("keys", sa.String() if named else sa.Integer())
        parents = Parents(source.dimension, keys, single)
    many, chosen = compiler.database.many, shape.value
    lists: dict[str, Any] = {name: many(f"asked_{name}", sa.String()) for name in chosen["lists"]}
    days = {name: None if cuts is None else _end(name, cuts) for name, cuts in chosen["cuts"].items()}
    question: dict[str, Any] = {**chosen["question"], "filter": PlacementFilter(**lists | days)}
    names = {each.name for each in selected.only}
    sums, cited = placement_selects(**question, parents=parents, told=names)
    making = Making(compiler)
    body = object_of(Objects(making, scope.moment, "o", "for o in rows"), selected)
    level = TableLevel(
        question=question,
        single=single,
        slot=selected.slot.place,
        sums=Rows(sums, compiler.database),
        cited=Rows(cited, compiler.database) if "sources" in names else None,
        moment=scope.moment,
        **making.finish(body, "o"),
    )
    if parents is None:
        return f"{scope.making.within(level, None)}[None]"
    own = scope.raw(source.key)
    return f"{scope.making.within(level, own, scope.each)}[{own}]"


def _end(name: str, cuts: bool) -> End:
    """An end of the days that are asked for, bound anew by every request."""
    kinds: dict[str, Any] = {"day": sa.Date(), "year": sa.Integer(), "begins": sa.Date(), "ends": sa.Date()}
    bound = {part: sa.bindparam(f"asked_{name}_{part}", None, kind) for part, kind in kinds.items()}
    return End(**bound, cuts=cuts)
