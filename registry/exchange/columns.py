"""What the columns of a sheet are: both their names and what they hold follow from the function that takes its rows."""

import re
from collections.abc import Callable, Sequence
from dataclasses import MISSING, Field, dataclass, fields, is_dataclass, replace
from decimal import Decimal
from functools import cache
from inspect import Parameter, signature
from types import NoneType
from typing import Any, get_args, get_origin, get_type_hints

import sqlalchemy as sa

from registry.codes import Code
from registry.exchange.sheets import Sheet
from registry.history import table_behind
from registry.sources import Citation

#: What a header begins with that only informs: such columns are written by exports and left aside by imports.
INFORMS = "*"

NUMBERED = re.compile("(.+)_([1-9][0-9]*)")


@dataclass(frozen=True)
class Column:
    """A column of a sheet; of those that are numbered the one that ends in 1.

    `kind` is the type of the value, or of the items where `listed`. `names` is the table whose record the value names.
    `asks` says that it is what an import is to do with the row: what is on record says nothing of it.
    """

    name: str
    meaning: str
    kind: type
    required: bool = False
    listed: bool = False
    numbered: bool = False
    dated: bool = False
    names: str | None = None
    asks: bool = False

    @property
    def form(self) -> str:
        """What a cell may hold, in a few words."""
        one = self._form
        return f"list of {one.replace('one of', 'any of')}, between them “ | ”" if self.listed else one

    @property
    def _form(self) -> str:
        if self.names:
            return f"{'code' if self.names in LISTS else 'reference'} of {_article(self.names)}"
        if issubclass(self.kind, Code):
            return f"one of {', '.join(self.kind)}"
        return "date in EDTF" if self.dated else _FORMS[self.kind]


#: Tables of code lists, whose rows are named by code.
LISTS = ("region", "country", "sector", "occupation")

_FORMS = {str: "text", int: "whole number", float: "number", Decimal: "number", bool: "true or false"}


def _article(noun: str) -> str:
    return f"{'an' if noun[0] in 'aeio' else 'a'} {noun}"


@cache
def columns_of(sheet: Sheet) -> tuple[Column, ...]:
    """The columns that the file may have, its own reference first, the numbered ones behind the others."""
    made: list[Column] = []
    for name, kind in parameters_of(sheet).items():
        table = table_behind(sheet.table)
        if name in sheet.composed:
            made += [_composed(sheet, name, column) for column in sheet.composed[name].columns]
        elif part := part_of(kind):
            numbered = is_list(kind) and name != sheet.gather
            behind = table_behind(Citation) if numbered else table_behind(sheet.parts.get(name, sheet.table))
            made += [_of_part(part, one, behind, numbered, name == sheet.gather) for one in fields(part)]
        else:
            if name in sheet.lists:
                table = table_behind(sheet.lists[name])
            made.append(_made(name, kind, table, required=name in _required(sheet.write)))
    made = [replace(column, required=column.required or column.name == sheet.key[0]) for column in made]
    return tuple(sorted(made, key=lambda column: (column.numbered, column.name != "reference")))


def column_named(sheet: Sheet, name: str | None) -> Column | None:
    """The column of this name; for one with a number the one that ends in 1."""
    alike = (name, f"{(name or '').rpartition('_')[0]}_1")
    return next((column for column in columns_of(sheet) if column.name in alike), None)


@cache
def columns_behind(sheet: Sheet, parameter: str) -> tuple[str, ...]:
    """The columns that a parameter is made of; none where these are numbered, as there is no end of them."""
    kind = parameters_of(sheet)[parameter]
    if parameter in sheet.composed:
        return tuple(sheet.composed[parameter].columns)
    part = part_of(kind)
    if part is None:
        return (parameter,)
    return () if is_list(kind) and parameter != sheet.gather else tuple(one.name for one in fields(part))


def _composed(sheet: Sheet, parameter: str, column: str) -> Column:
    composed = sheet.composed[parameter]
    listed = composed.tell is not None
    required = parameter in _required(sheet.write) and column == next(iter(composed.columns))
    names = "country" if column == "parties" else None
    return Column(column, composed.columns[column], str, required, listed, names=names)


def _of_part(part: Any, one: Field[Any], table: sa.Table, numbered: bool, gathered: bool) -> Column:
    kind = hints(part)[one.name]
    if "meaning" in one.metadata:
        return Column(one.name, one.metadata["meaning"], kind, asks=True)
    return _made(one.name, kind, table, required=gathered and one.default is MISSING, numbered=numbered)


def _made(name: str, kind: Any, table: sa.Table, *, required: bool, numbered: bool = False) -> Column:
    behind = column_behind(name, table)
    inner = get_args(kind)[0] if is_list(kind) else given(kind)
    target = next((key.column.table.name for key in behind.foreign_keys), None) if behind is not None else None
    return Column(
        f"{name}_1" if numbered else name,
        str(behind.comment).replace(" Derived.", "").replace("; null ", "; empty ") if behind is not None else "",
        inner,
        required=required,
        listed=is_list(kind),
        numbered=numbered,
        dated=f"{name}_earliest" in table.c or (name == "period" and "period_start" in table.c),
        names=target,
    )


def column_behind(name: str, table: sa.Table) -> sa.Column[Any] | None:
    """The column of the table that a parameter of this name stands in; in a table of items the one that holds them."""
    for found in (name, f"{name}_id", f"{name}_code"):
        if found in table.c:
            return table.c[found]
    items = [column for column in table.primary_key.columns if column.name != "position"]
    return items[1] if len(items) > 1 else table.c.get("country_code")


def parameters_of(sheet: Sheet) -> dict[str, Any]:
    """The parameters that the file gives, with their types."""
    return {
        name: kind for name, kind in hints(sheet.write).items() if name not in ("changes", "return", *sheet.elsewhere)
    }


@cache
def hints(told: Any) -> dict[str, Any]:
    """The types of the parameters of a function or the fields of a dataclass."""
    return get_type_hints(told)


@cache
def _required(write: Callable[..., object]) -> frozenset[str]:
    return frozenset(name for name, default in defaults(write).items() if default is Parameter.empty)


@cache
def defaults(write: Callable[..., object]) -> dict[str, Any]:
    """The defaults of a function's parameters."""
    return {parameter.name: parameter.default for parameter in signature(write).parameters.values()}


def part_of(kind: Any) -> Any:
    """The dataclass that a parameter is, or is a list of."""
    inner = get_args(kind)[0] if is_list(kind) else given(kind)
    return inner if is_dataclass(inner) else None


def is_list(kind: Any) -> bool:
    """Whether a parameter is a list."""
    return get_origin(kind) is Sequence


def given(kind: Any) -> Any:
    """The type of a parameter that may be left out, without its being left out."""
    return next((one for one in get_args(kind) if one is not NoneType), kind) if NoneType in get_args(kind) else kind
