"""Rows that SQLite itself writes as JSON, where it writes to the byte what Python would: in a third of the time.

That is where all that is selected of a row stands in its columns, or in those of rows joined to it, as text or whole
numbers. Names that a client has chosen are bound, and stand in no statement.
"""

import sqlite3
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import orjson
import sqlalchemy as sa
from graphql import get_named_type, is_non_null_type

from schema.execution.build import Scope, check_enum, object_of, shape_of
from schema.execution.selection import Selected
from schema.execution.source import Column, Derived, Localised, ToOne, UncertainDay, Window
from schema.execution.statement import Get, Path, Written

#: Most objects that a row is written as, and fields of one; SQLite's functions take 127 arguments.
MOST_OBJECTS, MOST_FIELDS = 20, 60

#: Objects and values of a row from which on it is worth while.
LEAST = 8


class Unwritten(Exception):
    """Python has to make something of it."""


@cache
def writes_alike() -> bool:
    """Whether this SQLite writes text as it is written elsewhere, whatever character stands in it."""
    text = "".join(map(chr, range(0x250))) + "\u2028\u2029\ud7ff\ufeff\uffff\U0001d11e"
    connection = sqlite3.connect(":memory:")
    try:
        ((written,),) = connection.execute("SELECT json_object(?, ?)", (text, text))
    except sqlite3.Error:  # made without JSON
        return False
    finally:
        connection.close()
    return bool(written.encode() == orjson.dumps({text: text}))


def row_of(scope: Scope, selected: Selected, fields: Sequence[Selected] | None = None, kind: str = "") -> str:
    """The expression for a row of a level: of what SQLite has written, or else of its columns."""
    compiler = scope.making.compiler
    if compiler.built or not compiler.database.sqlite or not isinstance(scope.rows, sa.Table) or not writes_alike():
        return object_of(scope, selected, fields, kind)
    kind = kind or next(iter(selected.under))
    before = scope.columns.copy()
    try:
        writing = _Writing()
        written = writing.object(scope, selected.only if fields is None else fields, kind)
        if writing.objects + writing.values < LEAST:
            raise Unwritten
        place = scope.columns.write(writing.checked(written))
    except Unwritten:
        scope.columns.restore(before)
        return object_of(scope, selected, fields, kind)
    return f"(Fragment(r[{place}]) if r[{place}] is not None else given(None))"


Check = Callable[[Get], sa.ColumnElement[bool]]


@dataclass
class _Writing:
    """A row in the writing. `checks` are what must hold, or GraphQL has to say what is wrong with it."""

    checks: list[Check] = field(default_factory=list)
    objects: int = 0
    values: int = 0

    def checked(self, written: Written) -> Written:
        """What is written where all checks hold; else null."""
        if not self.checks:
            return written
        return lambda get: sa.case((sa.and_(*(check(get) for check in self.checks)), written(get)))

    def object(
        self, scope: Scope, fields: Sequence[Selected], kind: str, names: Mapping[str, str] | None = None
    ) -> Written:
        """An object with these fields of a row, in which `names` tells the columns that stand under other names."""
        self.objects += 1
        self.values += len(fields)
        if self.objects > MOST_OBJECTS or not 0 < len(fields) <= MOST_FIELDS:
            raise Unwritten
        values = [(each.key, self._value(scope, each, kind, names or {})) for each in fields]
        return lambda get: sa.func.json_object(*(part for key, value in values for part in (_bound(key), value(get))))

    def _value(self, scope: Scope, selected: Selected, kind: str, names: Mapping[str, str]) -> Written:
        if selected.name == "__typename":
            return lambda get: _bound(kind)
        match selected.source:
            case Column(name=name):
                return self._column(scope, names.get(name, name), selected.returned)
            case UncertainDay(name=name):
                return self._bounds(scope, name, ("earliest", "latest"), selected)
            case Window(name=name):
                return self._bounds(scope, name, ("start", "end"), selected)
            case Localised(of=None) as source:
                return self._text(scope, source, selected)
            case ToOne() as source if (row := scope.one(source)) is not None:
                return self._if_there(row, selected, scope.may_be_null(source.key))
            case Derived(take=take, otherwise=None) as source if (row := scope.derived(source)) is not None:
                if take is None:
                    return self._if_there(row, selected, True)
                value = self._column(row, take, get_named_type(selected.returned))
                return self._never_null(value, selected.returned)
        raise Unwritten

    def _column(self, scope: Scope, name: str, returned: Any) -> Written:
        check_enum(returned)
        column, path = scope.rows.c[name], scope.path
        if isinstance(column.type, sa.JSON | sa.Float | sa.Numeric | sa.Boolean | sa.LargeBinary):
            raise Unwritten
        scope.columns.need(path, name)

        def value(get: Get) -> sa.ColumnElement[Any]:
            return get(path, name)

        if isinstance(column.type, sa.Integer):
            self.checks.append(lambda get: sa.or_(value(get).is_(None), value(get).between(-(2**31), 2**31 - 1)))
        return self._never_null(value, returned) if scope.may_be_null(name) else value

    def _never_null(self, value: Written, returned: Any) -> Written:
        if is_non_null_type(returned):
            self.checks.append(lambda get: value(get).is_not(None))
        return value

    def _bounds(self, scope: Scope, name: str, ends: tuple[str, str], selected: Selected) -> Written:
        ((kind, fields),) = selected.under.items()
        scope.columns.need(scope.path, name)
        names = {"edtf": name, "earliest": f"{name}_{ends[0]}", "latest": f"{name}_{ends[1]}"}
        inner = _Writing([], self.objects, self.values)
        made = inner.object(scope, fields, kind, names)
        return self._taken(inner, made, scope.path, name, selected, scope.may_be_null(name))

    def _if_there(self, row: Scope, selected: Selected, may_be_null: bool) -> Written:
        assert isinstance(row.rows, sa.Table)
        (kind,) = selected.under
        inner = _Writing([], self.objects, self.values)
        made = inner.object(row, selected.only, kind)
        primary = next(iter(row.rows.primary_key.columns)).key
        row.columns.need(row.path, primary)
        return self._taken(inner, made, row.path, primary, selected, may_be_null)

    def _taken(
        self, inner: "_Writing", made: Written, path: Path, name: str, selected: Selected, may_be_null: bool
    ) -> Written:
        """An object that is there where a column is not null, and whose checks need only hold there."""
        self.objects, self.values = inner.objects, inner.values
        for check in inner.checks:
            self.checks.append(lambda get, check=check: sa.or_(get(path, name).is_(None), check(get)))  # type: ignore[misc]
        if may_be_null and is_non_null_type(selected.returned):
            self.checks.append(lambda get: get(path, name).is_not(None))
        return lambda get: sa.case((get(path, name).is_not(None), made(get)))

    def _text(self, scope: Scope, source: Localised, selected: Selected) -> Written:
        language = shape_of(scope, selected)
        wanted = f"{source.prefix}_{language.suffix}" if language else source.fallback
        names = list(dict.fromkeys((*([wanted] if wanted in scope.rows.c else ()), source.fallback)))
        path = scope.path
        for name in names:
            scope.columns.need(path, name)

        def value(get: Get) -> sa.ColumnElement[Any]:
            texts = [get(path, name) for name in names]
            return sa.func.coalesce(sa.func.nullif(texts[0], ""), texts[1]) if len(texts) > 1 else texts[0]

        return self._never_null(value, selected.returned) if scope.may_be_null(source.fallback) else value


def _bound(text: str) -> sa.ColumnElement[str]:
    return sa.literal(text, sa.String())
