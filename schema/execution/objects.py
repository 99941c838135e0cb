"""What a plan does with records of several types, with rows that a select makes up, and with objects made in Python."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from schema.execution.build import (
    by_key,
    check_enum,
    children,
    is_int,
    level_scope,
    method_of,
    never_null,
    object_of,
    planned,
    shape_of,
)
from schema.execution.identity import SHOWN_BY_NAME
from schema.execution.levels import Keyed, Level, Run
from schema.execution.making import Compiler, Making, code_of_whole
from schema.execution.selection import Selected
from schema.execution.source import AnyNamed, AnyOf, ById, ByIds, Gathered, Gleaned, Inner, Listed, ToMany, ToOne
from schema.execution.written import row_of


def records(compiler: Compiler, kind: str, moment: int, selected: Selected) -> Keyed:
    """The level of records of one type, by their primary keys."""
    table = SHOWN_BY_NAME[kind].__table__
    return rows_by_key(compiler, table, moment, selected, kind)


def rows_by_key(compiler: Compiler, table: sa.Table, moment: int, selected: Selected, kind: str = "") -> Keyed:
    """The level of rows of a table, by their primary keys."""
    inner = level_scope(compiler, table, moment)
    return by_key(inner, row_of(inner, selected, selected.under[kind] if kind else None, kind))


@planned.register
def _to_many(source: ToMany, scope: Any, selected: Selected) -> str:
    return children(source, scope, lambda inner: row_of(inner, selected))


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
def _any_named(source: AnyNamed, scope: Any, selected: Selected) -> str:
    kind, text = scope.raw(source.kind), "None"
    for name in selected.under:
        (primary,) = SHOWN_BY_NAME[name].__table__.primary_key.columns
        key = f"int({scope.raw(source.key)})" if isinstance(primary.type, sa.Integer) else scope.raw(source.key)
        level = records(scope.making.compiler, name, scope.moment, selected)
        found = scope.making.within(level, f"({key} if {kind} == {name!r} else None)", scope.each)
        text = f"{found}.get({key}) if {kind} == {name!r} else {text}"
    return f"({text})"


@planned.register
def _by_id(source: ById, scope: Any, selected: Selected) -> str:
    text, slot = _record(scope, selected)
    return f"next((({text}) for kind, key, place in run.asked[{slot}].records))"


@planned.register
def _by_ids(source: ByIds, scope: Any, selected: Selected) -> str:
    text, slot = _record(scope, selected)
    return f"[({text}) for kind, key, place in run.asked[{slot}].records]"


def _record(scope: Any, selected: Selected) -> tuple[str, int]:
    """The expression of the record of a `kind`, a `key` and a place of its moment; and the place of the arguments."""
    assert selected.slot is not None
    slot, text = selected.slot.place, "None"
    compiler: Compiler = scope.making.compiler
    moments: dict[int | None, int] = {None: scope.moment}
    for kind, place, known in shape_of(scope, selected):
        if place not in moments:
            moments[place] = compiler.moment(slot, place)
        moment = moments[place]

        def level(compiler: Compiler, kind: str = kind, moment: int = moment) -> Level:
            return records(compiler, kind, moment, selected)

        def keys(run: Any, rows: Any, wanted: tuple[Any, Any] = (kind, place)) -> set[Any]:
            return {key for named, key, place in run.asked[slot].records if (named, place) == wanted}

        elsewhere = known or (compiler.now is not None and place is not None)
        found = scope.making.within_keys(compiler.at(moment, level) if elsewhere else level(compiler), keys)
        text = f"{found}.get(key) if (kind, place) == ({kind!r}, {place!r}) else {text}"
    return text, slot


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
    level = compiler.keyed(statement, inner.making, text, key, single=False, moment=scope.moment)
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
            text = code_of_whole(text)
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
        text = f"{self.making.calling(lambda made: method(made, **arguments))}({self.name})"
        if is_int(selected.returned):
            text = code_of_whole(text)
        return never_null(text, selected.returned, True)


@dataclass(kw_only=True)
class GleanedLevel(Level):
    """Objects made for all parents together, under the columns that they are made of."""

    glean: Callable[[Run, Collection[Any]], Mapping[Any, Sequence[Any]]]

    def read(self, run: Run, keys: Any) -> Mapping[Any, Any]:
        made = self.glean(run, keys)
        build = self.builder(run, [each for found in made.values() for each in found])
        run.holds(max(map(len, made.values()), default=0))
        return {key: [build(each) for each in found] for key, found in made.items()}


@planned.register
def _gleaned(source: Gleaned, scope: Any, selected: Selected) -> str:
    compiler: Compiler = scope.making.compiler
    compiler.heavy = True
    making = Making(compiler)
    body = object_of(Objects(making, scope.moment, "o", "for o in rows"), selected)
    level = GleanedLevel(glean=source.glean, moment=scope.moment, **making.finish(body, "o"))
    columns = f"({', '.join(scope.raw(name) for name in source.columns)},)"
    return f"{scope.making.within(level, columns, scope.each)}[{columns}]"


@planned.register
def _inner(source: Inner, scope: Objects, selected: Selected) -> str:
    name, every = f"{scope.name}_", scope.raw(source.column)
    inner = Objects(scope.making, scope.moment, name, f"{scope.each} for {name} in {every}")
    return f"[{object_of(inner, selected)} for {name} in {every}]"
