"""What the cells of a row become: the arguments of the function that takes it."""

import re
from collections.abc import Callable, Collection
from dataclasses import MISSING, fields
from decimal import Decimal
from functools import cache, lru_cache
from inspect import Parameter
from typing import Any, get_args

from registry.codes import Code
from registry.errors import BadInput
from registry.exchange.columns import NUMBERED, columns_of, defaults, given, hints, is_list, parameters_of, part_of
from registry.exchange.lists import Cell, Cells, items
from registry.exchange.sheets import Sheet
from registry.texts import plain_tag

Arguments = dict[str, Any]

#: Reads one parameter from the cells of a row into its arguments; what the row leaves empty is left out.
_Reader = Callable[[Cells, Arguments], None]


def arguments_of(sheet: Sheet, cells: Cells, only: Collection[str] | None = None) -> Arguments:
    """What a row says, by parameter; what it leaves empty is left out, and the function's default holds.

    Where `only` is given, parameters that it does not name are not read.

    Of blanks around a text nothing is left, and language tags are written in one way, as when they are entered: else a
    row would not be known for the record that it repeats.

    Raises `BadInput`, whose path leads to the column.
    """
    arguments: Arguments = {}
    trimmed = {name: _trimmed(cell) for name, cell in cells.items()}
    for name, read in _readers(sheet).items():
        if only is None or name in only:
            read(trimmed, arguments)
    return arguments


def _trimmed(cell: Cell) -> Cell:
    return cell.strip() if isinstance(cell, str) else [item.strip() for item in cell]


@cache
def blank(sheet: Sheet) -> dict[str, Cell]:
    """An empty cell for each column."""
    return {column.name: "" for column in columns_of(sheet)}


@cache
def _readers(sheet: Sheet) -> dict[str, _Reader]:
    return {name: _reader(sheet, name, kind) for name, kind in parameters_of(sheet).items()}


def _reader(sheet: Sheet, name: str, kind: Any) -> _Reader:
    part = part_of(kind)
    if name in sheet.composed:
        composed = sheet.composed[name].read

        def read(cells: Cells, arguments: Arguments) -> None:
            arguments[name] = composed(cells)

    elif part and is_list(kind) and name != sheet.gather:

        def read(cells: Cells, arguments: Arguments) -> None:
            arguments[name] = _numbered_parts(part, cells)

    elif part:
        whole = _Whole(part, "")

        def read(cells: Cells, arguments: Arguments) -> None:
            stated = whole(cells)
            if stated is not None:
                arguments[name] = stated
            elif name == sheet.gather:
                raise BadInput("The row is empty.", path=(fields(part)[0].name,), hint="Fill it, or leave it out.")

    else:
        value, listed = value_reader(kind, name), is_list(kind)
        needed = defaults(sheet.write)[name] is Parameter.empty

        def read(cells: Cells, arguments: Arguments) -> None:
            if cells[name] or listed:
                arguments[name] = value(cells[name])
            elif needed:
                raise BadInput("The cell is empty.", path=(name,), hint="Every row needs it.")

    return read


def _numbered_parts(part: Any, cells: Cells) -> list[Any]:
    wholes = (_numbered_part(part, number)(cells) for number in numbers_in(tuple(cells)))
    return [whole for whole in wholes if whole]


@lru_cache(maxsize=1024)
def numbers_in(columns: tuple[str, ...]) -> list[int]:
    """The numbers that columns end in, smallest first."""
    return sorted({int(match[2]) for column in columns if (match := NUMBERED.fullmatch(column))})


@cache
def _numbered_part(part: Any, number: int) -> "_Whole":
    return _Whole(part, f"_{number}")


class _Whole:
    """Reads a dataclass from the cells of its fields, or None where all are empty."""

    def __init__(self, part: Any, suffix: str) -> None:
        kinds = hints(part)
        self.part = part
        self.readers = [
            (one.name, f"{one.name}{suffix}", value_reader(kinds[one.name], f"{one.name}{suffix}"))
            for one in fields(part)
        ]
        self.needed = [(one.name, f"{one.name}{suffix}") for one in fields(part) if one.default is MISSING]

    def __call__(self, cells: Cells) -> Any:
        stated = {name: read(cell) for name, column, read in self.readers if (cell := cells.get(column))}
        if not stated:
            return None
        for name, column in self.needed:
            if name not in stated:
                raise BadInput("The cell is empty.", path=(column,), hint="Fill it, or empty its neighbours.")
        return self.part(**stated)


#: Parameters that are language tags.
_TAGS = ("language", "title_language")

_FORMS: dict[type, Callable[[str], object]] = {
    str: str,
    int: lambda cell: int(_matched("-?[0-9]{1,18}", cell)),
    float: lambda cell: float(_matched(r"-?[0-9]+(\.[0-9]+)?", cell)),
    Decimal: lambda cell: Decimal(_matched(r"-?[0-9]+(\.[0-9]+)?", cell)),
    bool: lambda cell: {"true": True, "false": False}[cell],
}
_HINTS = {
    str: "Give one text.",
    int: "Give a whole number, such as 1200.",
    float: "Give a number with a point, such as 0.5.",
    Decimal: "Give a number with a point, such as 0.5.",
    bool: "Give true or false.",
}


def _matched(form: str, cell: str) -> str:
    if not re.fullmatch(form, cell):
        raise ValueError(cell)
    return cell


def value_reader(kind: Any, column: str) -> Callable[[Cell], Any]:
    """What makes of a cell a value of this type; raises `BadInput`."""
    if is_list(kind):
        one = value_reader(get_args(kind)[0], column)
        return lambda cell: [one(item) for item in items(cell)]
    inner = given(kind)
    codes = issubclass(inner, Code)
    form = inner.__members__.__getitem__ if codes else plain_tag if column in _TAGS else _FORMS[inner]

    def read(cell: Cell) -> Any:
        try:
            if isinstance(cell, str):
                return form(cell)
        except (ValueError, KeyError):
            pass
        hint = f"Give one of {', '.join(inner)}." if codes else _HINTS[inner]
        raise BadInput("The cell cannot be read.", path=(column,), hint=hint)

    return read
