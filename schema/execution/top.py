"""What a plan does at the top: one record looked up, another legal day, and what the registry says of itself."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa

from schema.execution.build import level_scope, never_null, object_of, planned, shape_of
from schema.execution.levels import Level, Run, Whole
from schema.execution.making import Compiler, Making
from schema.execution.objects import rows_by_key
from schema.execution.selection import Selected
from schema.execution.source import Alone, Asker, At, Constant, Home, KnownAt, Lookup, Rows, Standing, Today, Whether
from schema.execution.statement import Statement


@dataclass(frozen=True)
class Top:
    """The scope of everything, on one legal day."""

    making: Making
    moment: int


@planned.register
def _lookup(source: Lookup, scope: Any, selected: Selected) -> str:
    assert selected.slot is not None
    table, slot = source.table.__table__, selected.slot.place
    compiler: Compiler = scope.making.compiler
    inner = replace(level_scope(compiler, table, scope.moment), single=True)
    text = object_of(inner, selected)
    key = inner.columns.place((), source.column)
    found = table.c[source.column] == sa.bindparam("key", None, sa.String())
    statement = inner.columns.select(table, table, {}).where(found)
    level = compiler.keyed(statement, inner.making, text, key, single=True, parameter="key", moment=scope.moment)
    found = scope.making.within_keys(level, lambda run, rows: [run.asked[slot]] if run.asked[slot] else [])
    return f"{found}.get(run.asked[{slot}])"


@planned.register
def _today(source: Today, scope: Any, selected: Selected) -> str:
    return f"run.moments[{scope.moment}].day" if scope.making.compiler.built else f"run.days[{scope.moment}]"


@planned.register
def _known_at(source: KnownAt, scope: Any, selected: Selected) -> str:
    told = "known_at" if scope.making.compiler.built else "known_at_text"
    return f"{scope.making.calling(lambda run: getattr(run.state, told))}(run)"


@planned.register
def _standing(source: Standing, scope: Any, selected: Selected) -> str:
    return f"{scope.making.calling(lambda run: getattr(run.state, source.name))}(run)"


@planned.register
def _at(source: At, scope: Any, selected: Selected) -> str:
    assert selected.slot is not None
    compiler: Compiler = scope.making.compiler
    moment = compiler.moment(selected.slot.place, 0)
    if not shape_of(scope, selected):
        return object_of(Top(scope.making, moment), selected)

    def whole(compiler: Compiler) -> Level:
        making = Making(compiler)
        return Whole(moment=moment, **making.finish(object_of(Top(making, moment), selected)))

    return f"{scope.making.within(compiler.at(moment, whole), None)}[None]"


@planned.register
def _constant(source: Constant, scope: Any, selected: Selected) -> str:
    return str(scope.making.name(source.value))


@planned.register
def _asker(source: Asker, scope: Any, selected: Selected) -> str:
    return f"{scope.making.calling(lambda run: getattr(run.actor, source.what))}(run)"


@planned.register
def _alone(source: Alone, scope: Any, selected: Selected) -> str:
    return object_of(scope, selected)


@planned.register
def _home(source: Home, scope: Any, selected: Selected) -> str:
    compiler: Compiler = scope.making.compiler
    home = compiler.database.context.home
    level = rows_by_key(compiler, source.table.__table__, scope.moment, selected)
    found = scope.making.within_keys(level, lambda run, rows: [home])
    return never_null(f"{found}.get({scope.making.name(home)})", selected.returned, True)


@dataclass(kw_only=True)
class AllRows(Level):
    """All rows of a statement, under the key None."""

    statement: Statement

    def read(self, run: Run, keys: Any) -> Any:
        rows = run.rows(self.statement, self.moment)
        build = self.builder(run, rows)
        run.holds(len(rows))
        return {None: [build(row) for row in rows]}


@planned.register
def _whether(source: Whether, scope: Any, selected: Selected) -> str:
    compiler: Compiler = scope.making.compiler
    statement = Statement(source.select(), compiler.database.dialect)
    level = AllRows(statement=statement, moment=scope.moment, **Making(compiler).finish("True"))
    return f"bool({scope.making.within(level, None)}[None])"


@planned.register
def _rows(source: Rows, scope: Any, selected: Selected) -> str:
    compiler: Compiler = scope.making.compiler
    compiler.heavy = True
    rows = source.select().subquery()
    inner = level_scope(compiler, rows, scope.moment)
    text = object_of(inner, selected)
    statement = Statement(inner.columns.select(rows, rows, {}), compiler.database.dialect)
    level = AllRows(statement=statement, moment=scope.moment, **inner.making.finish(text))
    return f"{scope.making.within(level, None)}[None]"


def root_level(compiler: Compiler, fields: Sequence[Selected], kind: str) -> Level:
    """The level that the whole answer is built on; it has no rows of its own."""
    making = Making(compiler)
    selected = Selected("", "", under={kind: list(fields)})
    text = object_of(Top(making, 0), selected)
    return Level(moment=0, **making.finish(text))
