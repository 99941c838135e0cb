"""What a plan does with records of several types, with rows that a select makes up, and with objects made in Python."""

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from schema.execution.build import (
    Given,
    check_enum,
    is_int,
    level_scope,
    method_of,
    never_null,
    object_of,
    planned,
    shape_of,
)
from schema.execution.identity import SHOWN_BY_NAME
from schema.execution.levels import Keyed, Level
from schema.execution.making import Compiler, Making
from schema.execution.selection import Selected
from schema.execution.source import AnyOf, ById, ByIds, Gathered, Inner, Listed, Made, ToOne


def records(compiler: Compiler, kind: str, moment: int, selected: Selected) -> Keyed:
    """The level of records of one type, by their primary keys."""
    table = SHOWN_BY_NAME[kind].__table__
    return rows_by_key(compiler, table, moment, selected, kind)


def rows_by_key(compiler: Compiler, table: sa.Table, moment: int, selected: Selected, kind: str = "") -> Keyed:
    """The level of rows of a table, by their primary keys."""
    (primary,) = table.primary_key.columns
    inner = level_scope(compiler, table, moment)
    text = object_of(inner, selected, selected.under[kind] if kind else None, kind)
    key = inner.columns.place((), primary.key)
    found = primary.in_(compiler.database.many("keys", primary.type))
    statement = inner.columns.select(table, table, {}).where(found)
    return compiler.keyed(statement, key=key, single=True, moment=moment, **inner.making.finish(text))


@planned.register
def _any_of(source: AnyOf, scope: Any, selected: Selected) -> str:
    kind, text = scope.raw(source.kind), "None"
    for name, column in source.keys:
        level = records(scope.making.compiler, name, scope.moment, selected)
        key = scope.raw(column)
        found = scope.making.within(level, f"({key} if {kind} == {name!r} else None)", scope.each)
        text = f"{found}.get({key}) if {kind} == {name!r} else {text}"
    return never_null(f"({text})", selected.returned, True)


@planned.register
def _by_id(source: ById, scope: Any, selected: Selected) -> str:
    assert selected.slot is not None
    slot, compiler = selected.slot.place, scope.making.compiler
    kind, pinned = shape_of(scope, selected)
    moment = scope.moment
    if pinned:
        compiler.moments.append(slot)
        moment = len(compiler.moments) - 1
    level = records(compiler, kind, moment, selected)
    return f"{scope.making.within_keys(level, lambda run, rows: [run.asked[slot].key])}.get(run.asked[{slot}].key)"


@planned.register
def _by_ids(source: ByIds, scope: Any, selected: Selected) -> str:
    assert selected.slot is not None
    slot, text = selected.slot.place, "None"
    for kind in shape_of(scope, selected):
        level = records(scope.making.compiler, kind, scope.moment, selected)

        def keys(run: Any, rows: Any, kind: str = kind) -> set[Any]:
            return {key for name, key in run.asked[slot] if name == kind}

        text = f"{scope.making.within_keys(level, keys)}.get(key) if kind == {kind!r} else {text}"
    return f"[({text}) for kind, key in run.asked[{slot}]]"


@planned.register
def _listed(source: Listed, scope: Any, selected: Selected) -> str:
    level = rows_by_key(scope.making.compiler, source.table.__table__, scope.moment, selected)
    keys = scope.typed(source.column)
    found = scope.making.within(level, "key", f"{scope.each} for key in {keys} or ()")
    return f"[{found}[key] for key in {keys}]"


@planned.register
def _gathered(source: Gathered, scope: Any, selected: Selected) -> str:
    compiler: Compiler = scope.making.compiler
    database = compiler.database
    compiler.heavy = True
    keys: Any = database.many("keys", sa.Integer())
    rows = source.select(database.day(), database.context, keys).order_by(None).subquery()
    inner = level_scope(compiler, rows, scope.moment)
    text = object_of(inner, selected)
    key = inner.columns.place((), "parent_key")
    statement = inner.columns.select(rows, rows, {}).order_by(*(rows.c[name] for name in source.order))
    level = compiler.keyed(statement, key=key, single=False, moment=scope.moment, **inner.making.finish(text))
    own = scope.raw(source.key)
    return f"{scope.making.within(level, own, scope.each)}.get({own}, [])"


# ── Objects made in Python ────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Objects:
    """The scope of Python objects: `name` stands for one of them in the code, `each` runs through all."""

    making: Making
    moment: int
    name: str
    each: str

    def raw(self, name: str) -> str:
        return f"{self.name}.{name}"

    typed = raw

    def may_be_null(self, name: str) -> bool:
        return True

    def shown(self, name: str, returned: Any) -> str:
        check_enum(returned)
        text = self.raw(name)
        if is_int(returned):
            text = f"whole({text})"
        return never_null(text, returned, True)

    def one(self, source: ToOne, selected: Selected) -> str:
        """The record that a key in the object leads to, read for all objects at once."""
        level = rows_by_key(self.making.compiler, source.table.__table__, self.moment, selected)
        key = self.raw(source.key)
        return never_null(f"{self.making.within(level, key, self.each)}.get({key})", selected.returned, True)

    def worked(self, selected: Selected, arguments: dict[str, Any]) -> str:
        """What a method of the object works out."""
        method = method_of(selected)
        check_enum(selected.returned)
        text = f"{self.making.name(lambda made: method(made, **arguments))}({self.name})"
        if is_int(selected.returned):
            text = f"whole({text})"
        return never_null(text, selected.returned, True)


@dataclass(kw_only=True)
class MadeLevel(Level):
    """Objects made of rows, one for each parent."""

    rows: Keyed

    def read(self, run: Any, keys: Any) -> Any:
        made = self.rows.read(run, keys)
        build = self.builder(run, made.values())
        return {key: build(each) for key, each in made.items()}


@planned.register
def _made(source: Made, scope: Any, selected: Selected) -> str:
    compiler: Compiler = scope.making.compiler
    database = compiler.database
    compiler.heavy = True
    keys: Any = database.many("keys", sa.Integer())
    rows = source.select(database.day(), database.context, keys).subquery()
    inner = level_scope(compiler, rows, scope.moment)
    names = [str(column.key) for column in rows.c]
    values = ", ".join(f"{name!r}: {inner.typed(name)}" for name in names)
    text = f"{inner.making.name(lambda values: source.make(Given(values)))}({{{values}}})"
    read = compiler.keyed(
        inner.columns.select(rows, rows, {}),
        key=inner.columns.place((), source.by),
        single=True,
        moment=scope.moment,
        **inner.making.finish(text),
    )
    making = Making(compiler)
    body = object_of(Objects(making, scope.moment, "o", "for o in rows"), selected)
    level = MadeLevel(rows=read, moment=scope.moment, **making.finish(body, "o"))
    own = scope.raw(source.key)
    return never_null(f"{scope.making.within(level, own, scope.each)}.get({own})", selected.returned, True)


@planned.register
def _inner(source: Inner, scope: Objects, selected: Selected) -> str:
    name, every = f"{scope.name}_", scope.raw(source.column)
    inner = Objects(scope.making, scope.moment, name, f"{scope.each} for {name} in {every}")
    return f"[{object_of(inner, selected)} for {name} in {every}]"
