"""Placement tables in a plan: two statements for the tables of all parents, put together as statistics do it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from registry.placements import End
from registry.statistics import Parents, PlacementDimension, PlacementFilter, Tabulation, placement_selects
from schema.execution.asked import ByValue
from schema.execution.build import object_of, planned
from schema.execution.levels import Level, Run
from schema.execution.making import Compiler, Making
from schema.execution.objects import Objects
from schema.execution.selection import Selected
from schema.execution.source import Summary
from schema.execution.statement import Database, Statement, only


class Rows:
    """A select whose rows are read as Python code expects them."""

    def __init__(self, select: sa.Select[Any], database: Database) -> None:
        self._statement = Statement(select, database.dialect)
        kinds = [database.typed(column.type) for column in select.selected_columns]
        self._typed = [(place, typed) for place, typed in enumerate(kinds) if typed is not None]

    def read(self, run: Run, moment: int, values: Mapping[str, Any]) -> list[Any]:
        """The rows."""
        rows = run.rows(self._statement, moment, **values)
        if not self._typed:
            return rows
        made = list(map(list, rows))
        for row in made:
            for place, typed in self._typed:
                row[place] = typed(row[place])
        return made


@dataclass(kw_only=True)
class TableLevel(Level):
    """A placement table for each parent, `single` for one, or one of everything under the key None."""

    tabulation: Tabulation
    single: bool
    slot: int
    sums: Rows
    cited: Rows | None

    def read(self, run: Run, keys: Any) -> Mapping[Any, Any]:
        if keys is not None and not keys:
            return {}
        values = run.bound(run.asked[self.slot])
        if keys is not None:
            values |= run.keyed(keys, self.single)
        sums = self.sums.read(run, self.moment, values)
        cited = self.cited.read(run, self.moment, values) if self.cited else []
        parents = None if keys is None or self.single else list(keys)
        made = self.tabulation.tables(parents, sums, cited)
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
        kind: Any = sa.String() if named else sa.Integer()
        parents = Parents(source.dimension, only(kind) if single else compiler.database.many("keys", kind), single)
    many, chosen = compiler.database.many, shape.value
    lists: dict[str, Any] = {name: many(f"asked_{name}", sa.String()) for name in chosen["lists"]}
    days = {name: None if cuts is None else _end(name, cuts) for name, cuts in chosen["cuts"].items()}
    question: dict[str, Any] = {**chosen["question"], "filter": PlacementFilter(**lists | days)}
    names = {each.name for each in selected.only}
    sums, cited = placement_selects(**question, parents=parents, told=names)
    making = Making(compiler)
    body = object_of(Objects(making, scope.moment, "o", "for o in rows"), selected)
    level = TableLevel(
        tabulation=Tabulation(question["measure"], question["group_by"], sums.selected_columns.keys()),
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
