"""From what is selected to levels of statements, and to the code that builds answers out of their rows."""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, replace
from functools import singledispatch
from types import SimpleNamespace
from typing import Any

import sqlalchemy as sa
from graphql import GraphQLEnumType, GraphQLNonNull, get_named_type, is_non_null_type

from registry.access import PUBLIC, RESTRICTED
from registry.errors import RegistryError
from schema.execution import identity
from schema.execution.asked import Refused
from schema.execution.levels import Keyed
from schema.execution.making import Compiler, Making, code_of_given, code_of_whole, display
from schema.execution.selection import Selected
from schema.execution.source import (
    Column,
    CursorOf,
    Derived,
    Identity,
    Localised,
    ToMany,
    ToOne,
    UncertainDay,
    Values,
    Window,
    Worked,
)
from schema.execution.statement import Columns, Join, Path, opening


@dataclass(frozen=True)
class Scope:
    """The row that fields are read from: that of a level, or one joined to it; `single` where it is the only one."""

    making: Making
    columns: Columns
    rows: sa.FromClause
    moment: int
    path: Path = ()
    each: str = "for r in rows"
    single: bool = False

    def raw(self, name: str) -> str:
        """A column as the driver gives it."""
        return f"r[{self.columns.place(self.path, name)}]"

    def typed(self, name: str) -> str:
        """A column as Python code expects it."""
        convert = self.making.compiler.database.typed(self.rows.c[name].type)
        return f"{self.making.name(convert)}({self.raw(name)})" if convert else self.raw(name)

    def shown(self, name: str, returned: Any) -> str:
        """A column as the answer shows it."""
        column = self.rows.c[name]
        return never_null(self._served(self.raw(name), column, returned), returned, self.may_be_null(name))

    def may_be_null(self, name: str) -> bool:
        """Whether a column may be null; what is not plainly a column of a table may."""
        return bool(getattr(self.rows.c[name], "nullable", True)) or not isinstance(self.rows, sa.Table)

    def _served(self, text: str, column: Any, returned: Any) -> str:
        check_enum(returned)
        if self.making.compiler.built:
            convert = self.making.compiler.database.typed(column.type)
            return f"{self.making.name(convert)}({text})" if convert else text
        if self.making.compiler.database.sqlite:
            if isinstance(column.type, sa.Boolean):
                return f"(None if {text} is None else {text} == 1)"
            if isinstance(column.type, sa.JSON):
                return f"parsed({text})"
        return code_of_whole(text) if isinstance(column.type, sa.Integer) else text

    def joined(
        self, path: Hashable, table: sa.Table, by: str, key: str, holds: Callable[..., Any] = lambda other: ()
    ) -> "Scope":
        """The scope of the row of a table whose column `by` is the `key` of this one, and of which more `holds`."""
        below = (*self.path, path)
        read = self.making.compiler.database.along(table.c[by], self.rows.c[key])
        join = Join(self.path, read, lambda own, other: sa.and_(other.c[by] == own.c[key], *holds(other)))
        self.columns.join(below, join, key)
        return Scope(self.making, self.columns, table, self.moment, below, single=self.single)

    def is_there(self) -> str:
        """That a joined row was found: one of its columns is there that never is null, be it read anyway or not."""
        assert isinstance(self.rows, sa.Table)
        sure = (name for name in self.columns.read(self.path) if _is_always_there(self.rows.c[name]))
        return f"{self.raw(next(sure, next(iter(self.rows.primary_key.columns)).key))} is not None"

    def one(self, source: ToOne) -> "Scope | None":
        """The scope of the row that a foreign key leads to; None where there is no room to join it."""
        table = source.table.__table__
        (primary,) = table.primary_key.columns
        path = (table.name, source.key)
        if not self.columns.may_join((*self.path, path)):
            return None
        return self.joined(path, table, primary.key, source.key)

    def derived(self, source: Derived) -> "Scope | None":
        """The scope of the row that a select gives; None where that cannot be joined."""
        if source.holds is None or not self.columns.may_join((*self.path, source.select)):
            return None
        holds, moment = source.holds, self.making.compiler.database.day()
        table = source.kind.__table__
        return self.joined(source.select, table, source.by, source.key, lambda other: holds(other, moment))

    def reach(self, source: ToOne, build: Callable[["Scope"], str]) -> str:
        """The expression of the row that a foreign key leads to, or None; the row is joined, if there is room."""
        if (row := self.one(source)) is not None:
            return f"({build(row)} if {row.is_there()} else None)"
        own = self.raw(source.key)
        inner = level_scope(self.making.compiler, source.table.__table__, self.moment)
        return f"{self.making.within(by_key(inner, build(inner)), own, self.each)}.get({own})"


def _is_always_there(column: sa.Column[Any]) -> bool:
    """Whether everybody sees a value in each row; what somebody may not see is null for them."""
    return not column.nullable and column.info.get("audience", RESTRICTED) == PUBLIC


def check_enum(returned: Any) -> None:
    """Raises `TypeError` for an enumeration whose values are not stored under their names."""
    named = get_named_type(returned)
    if isinstance(named, GraphQLEnumType):
        values = [(name, getattr(value.value, "value", value.value)) for name, value in named.values.items()]
        if any(name != value for name, value in values):
            raise TypeError(f"{named.name} is stored under other names than it is served")


def is_int(returned: Any) -> bool:
    """Whether a field is an Int, or a list of them."""
    return str(get_named_type(returned)) == "Int"


def method_of(selected: Selected) -> Callable[..., Any]:
    """The method that works a field out."""
    assert selected.declared is not None
    assert selected.declared.base_resolver is not None
    method: Any = selected.declared.base_resolver.wrapped_func
    return method  # type: ignore[no-any-return]


def never_null(text: str, returned: Any, may_be_null: bool) -> str:
    """The expression, watched where the field is never null but its column might be."""
    return code_of_given(text) if may_be_null and is_non_null_type(returned) else text


def object_of(scope: Any, selected: Selected, fields: Sequence[Selected] | None = None, kind: str = "") -> str:
    """A dict display with what is selected of an object."""
    if not kind:
        (kind,) = selected.under
    fields = selected.only if fields is None else fields
    return display(scope.making, kind, ((each.key, value_of(scope, each, kind)) for each in fields))


def value_of(scope: Any, selected: Selected, kind: str) -> str:
    """An expression for the value of one field; in a tree, of what is wrong with its arguments."""
    if selected.name == "__typename":
        return repr(kind)
    making: Making = scope.making
    if not making.compiler.built or selected.slot is None:
        return planned(selected.source, scope, selected)
    place = selected.slot.place
    if isinstance(making.compiler.shapes[place], Refused):
        return f"run.refused[{place}]"
    try:
        return f"(run.refused.get({place}) or {planned(selected.source, scope, selected)})"
    except RegistryError as refusal:  # only the making of the statement has found out
        return making.name(refusal)


@singledispatch
def planned(source: Any, scope: Any, selected: Selected) -> str:
    """An expression for the value of a field with this source."""
    raise TypeError(f"no plan for a field with the source {source!r}")


def shape_of(scope: Any, selected: Selected) -> Any:
    """The shape of a field's arguments."""
    return scope.making.compiler.shapes[selected.slot.place] if selected.slot else None


@planned.register
def _column(source: Column, scope: Any, selected: Selected) -> str:
    return str(scope.shown(source.name, selected.returned))


@planned.register
def _localised(source: Localised, scope: Any, selected: Selected) -> str:
    language = shape_of(scope, selected)
    wanted = f"{source.prefix}_{language.suffix}" if language else source.fallback

    def text(row: Any) -> str:
        texts = dict.fromkeys((*([wanted] if wanted in row.rows.c else ()), source.fallback))
        return "(" + " or ".join(row.raw(name) for name in texts) + ")"

    if source.of:
        return never_null(str(scope.reach(source.of, text)), selected.returned, scope.may_be_null(source.of.key))
    return never_null(text(scope), selected.returned, scope.may_be_null(source.fallback))


@dataclass(frozen=True)
class Bounds:
    """A scope in which the columns of a date stand under other names."""

    scope: Scope
    names: dict[str, str]
    making: Making

    def shown(self, name: str, returned: Any) -> str:
        return self.scope.shown(self.names[name], returned)


def _bounds(scope: Scope, name: str, first: str, last: str, selected: Selected) -> str:
    names = {"edtf": name, "earliest": f"{name}_{first}", "latest": f"{name}_{last}"}
    text = object_of(Bounds(scope, names, scope.making), selected)
    found = f"({text} if {scope.raw(name)} is not None else None)"
    return never_null(found, selected.returned, scope.may_be_null(name))


@planned.register
def _uncertain(source: UncertainDay, scope: Scope, selected: Selected) -> str:
    return _bounds(scope, source.name, "earliest", "latest", selected)


@planned.register
def _window(source: Window, scope: Scope, selected: Selected) -> str:
    return _bounds(scope, source.name, "start", "end", selected)


@planned.register
def _identity(source: Identity, scope: Any, selected: Selected) -> str:
    (primary,) = scope.rows.primary_key.columns
    kind = identity.NAMES[scope.rows.name]
    pin = f"run.pins[{scope.moment}]" if scope.moment else repr("")  # only what `at` chooses stands in ids
    return f"identify({kind!r}, {scope.raw(primary.key)}, {pin})"


@planned.register
def _cursor_of(source: CursorOf, scope: Any, selected: Selected) -> str:
    return f"encode([{scope.raw(source.column)}], {source.order!r}, run.cursor_key)"


class Given(dict[str, Any]):
    """A row as Python code expects it: its columns as attributes, and by name."""

    __getattr__ = dict.__getitem__

    @property
    def _mapping(self) -> "Given":
        return self


@planned.register
def _worked(source: Worked, scope: Any, selected: Selected) -> str:
    method = method_of(selected)
    shape = shape_of(scope, selected)
    arguments = shape.value if shape else {}
    if not isinstance(scope, Scope):
        return str(scope.worked(selected, arguments))

    def work(*values: Any) -> Any:
        return method(SimpleNamespace(row=Given(zip(source.columns, values, strict=True))), **arguments)

    text = f"{scope.making.calling(work)}({', '.join(scope.typed(name) for name in source.columns)})"
    check_enum(selected.returned)
    if is_int(selected.returned):
        text = code_of_whole(text)
    return never_null(text, selected.returned, True)


@planned.register
def _to_one(source: ToOne, scope: Any, selected: Selected) -> str:
    if not isinstance(scope, Scope):
        return str(scope.one(source, selected))
    text = scope.reach(source, lambda row: object_of(row, selected))
    return never_null(text, selected.returned, scope.may_be_null(source.key))


def level_scope(compiler: Compiler, rows: sa.FromClause, moment: int) -> Scope:
    """The scope of the rows of a new level."""
    return Scope(Making(compiler), Columns(), rows, moment)


def by_key(scope: Scope, text: str) -> Keyed:
    """The level of rows of a table by their primary keys, of each what `text` makes of it."""
    assert isinstance(scope.rows, sa.Table)
    (primary,) = scope.rows.primary_key.columns
    key = scope.columns.place((), primary.key)
    found = scope.making.compiler.database.among(primary)
    statement = scope.columns.select(scope.rows, scope.rows, {}).where(found)
    return scope.making.compiler.keyed(statement, scope.making, text, key, single=True, moment=scope.moment)


@planned.register
def _values(source: Values, scope: Any, selected: Selected) -> str:
    each: Any = GraphQLNonNull(get_named_type(selected.returned))
    return children(source.rows, scope, lambda inner: inner.shown(source.column, each))


def children(source: ToMany, scope: Any, build: Callable[[Scope], str]) -> str:
    """An expression for what `build` makes of each of the rows that a list leads to."""
    compiler: Compiler = scope.making.compiler
    database = compiler.database
    table = source.table.__table__
    inner = level_scope(compiler, table, scope.moment)
    text = build(inner)
    named = scope.rows.c[source.link.key] if isinstance(scope, Scope) else None
    rows: Any = table
    if source.link.column and source.where is None:
        rows = database.along(table.c[source.link.column], named)
    joined, parent = database.tie(rows, source.link, named)
    key = inner.columns.place((), "parent_key")
    statement = inner.columns.select(rows, joined, {"parent_key": parent})
    if source.link.pairs is None:
        statement = statement.where(database.among(parent))
    if source.where is not None:
        statement = statement.where(source.where)
    statement = statement.order_by(*(opening(rows.c[name]) for name in source.order))
    level = compiler.keyed(statement, inner.making, text, key, single=False, moment=scope.moment)
    own = scope.raw(source.link.key)
    return f"{scope.making.within(level, own, scope.each)}.get({own}, [])"


@planned.register
def _derived(source: Derived, scope: Any, selected: Selected) -> str:
    row = scope.derived(source) if isinstance(scope, Scope) else None
    if row is None:
        return _derived_apart(source, scope, selected)
    if source.take is not None:
        text = row.shown(source.take, get_named_type(selected.returned))
        if source.otherwise is not None:
            return f"({text} if {row.is_there()} else {source.otherwise!r})"
        return never_null(text, selected.returned, True)
    return never_null(f"({object_of(row, selected)} if {row.is_there()} else None)", selected.returned, True)


def _derived_apart(source: Derived, scope: Any, selected: Selected) -> str:
    compiler: Compiler = scope.making.compiler
    database = compiler.database
    kind = source.kind.__table__.c[source.key].type
    keys: Any = database.many("keys", kind)
    rows = source.select(database.day(), database.context, keys).subquery()
    inner = level_scope(compiler, rows, scope.moment)
    if source.take is not None:
        text = inner.shown(source.take, get_named_type(selected.returned))
    else:
        text = object_of(replace(inner, rows=source.kind.__table__), selected)
    key = inner.columns.place((), source.by)
    statement = inner.columns.select(rows, rows, {})
    level = compiler.keyed(statement, inner.making, text, key, single=True, moment=scope.moment)
    own = scope.raw(source.key)
    return never_null(f"{scope.making.within(level, own, scope.each)}.get({own})", selected.returned, True)
