"""What the columns of a file are and its cells become: both follow from the function that takes its rows."""

import csv
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import MISSING, dataclass, fields, is_dataclass
from decimal import Decimal
from functools import cache
from inspect import Parameter, signature
from pathlib import Path
from types import NoneType
from typing import Any, get_args, get_origin, get_type_hints

from registry.codes import Code
from registry.errors import BadInput, Refused, RegistryError
from registry.exchange.sheets import Cells, Sheet, items


@dataclass(frozen=True)
class Line:
    """A row of a file, its cells by column."""

    file: str
    number: int
    cells: Cells

    @contextmanager
    def blamed(self) -> Iterator[None]:
        """Says of what is refused inside where in the file it stands."""
        try:
            yield
        except RegistryError as refused:
            problems = refused.problems if isinstance(refused, Refused) else (refused,)
            told = [self._told(problem) for problem in problems]
            column = _column(problems[0].path, self.cells)
            path = (self.file, str(self.number), *((column,) if column else ()))
            raise BadInput(" ".join(told), path=path, hint=refused.hint) from refused

    def _told(self, problem: RegistryError) -> str:
        column = _column(problem.path, self.cells)
        where = f"{self.file}, row {self.number}" + (f", column {column}" if column else "")
        seen = f" Seen: “{self.cells[column]}”." if column else ""
        return f"{where}: {problem.message}{seen}"


def _column(path: tuple[str, ...], cells: Cells) -> str | None:
    """The column that a path into an input stands for, where the file has one."""
    names = [re.sub("[A-Z]", lambda capital: f"_{capital[0].lower()}", part) for part in path]
    if names[:1] == ["citations"]:
        place, part = (int(names[1]), names[2]) if len(names) > 2 else (0, "source")
        names = [f"{part}_{place + 1}"]
    return next((name for name in names if name in cells), None)


def read(path: Path, sheet: Sheet) -> list[Line]:
    """The rows of a file; raises `BadInput` where it is no CSV or has columns that nobody knows."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.reader(file, strict=True))
    except (UnicodeDecodeError, csv.Error) as error:
        raise BadInput(f"{path.name} cannot be read: {error}.", path=(path.name,), hint="Give CSV in UTF-8.") from error
    header = rows[0] if rows else []
    _check_header(path.name, header, sheet)
    lines = []
    for number, cells in enumerate(rows[1:], start=2):
        if not cells:
            continue
        if len(cells) != len(header):
            message = f"{path.name}, row {number}: {len(cells)} cells under {len(header)} columns."
            raise BadInput(message, path=(path.name, str(number)), hint="Quote cells that hold commas.")
        blank = dict.fromkeys(columns_of(sheet), "")
        lines.append(Line(path.name, number, blank | dict(zip(header, (cell.strip() for cell in cells), strict=True))))
    return lines


def _check_header(file: str, header: list[str], sheet: Sheet) -> None:
    columns = columns_of(sheet)
    for column in header:
        known = column in columns or re.sub("_[1-9][0-9]*$", "_1", column) in _numbered(sheet)
        if not known or header.count(column) > 1:
            fault = "stands there twice" if known else "is not known"
            hint = f"The columns are {', '.join(columns)}."
            raise BadInput(f"{file}, row 1: column {column} {fault}.", path=(file, "1", column), hint=hint)


def columns_of(sheet: Sheet) -> list[str]:
    """The columns that the file may have; of the numbered ones those that end in 1."""
    columns: list[str] = []
    for name, kind in _parameters(sheet).items():
        if name in sheet.composed:
            columns += sheet.composed[name].columns
        elif part := _part(kind):
            numbered = "_1" if _is_list(kind) and name != sheet.gather else ""
            columns += [f"{one.name}{numbered}" for one in fields(part)]
        else:
            columns.append(name)
    return columns


def _numbered(sheet: Sheet) -> list[str]:
    return [column for column in columns_of(sheet) if column.endswith("_1")]


@cache
def _hints(told: Any) -> dict[str, Any]:
    return get_type_hints(told)


@cache
def _required(write: Any) -> set[str]:
    parameters = signature(write).parameters.values()
    return {parameter.name for parameter in parameters if parameter.default is Parameter.empty}


def _parameters(sheet: Sheet) -> dict[str, Any]:
    hints = _hints(sheet.write)
    return {name: kind for name, kind in hints.items() if name not in ("changes", "return", *sheet.elsewhere)}


def arguments_of(sheet: Sheet, cells: Cells) -> dict[str, Any]:
    """What a row says, by parameter; what it leaves empty is left out, and the function's default holds."""
    arguments: dict[str, Any] = {}
    for name, kind in _parameters(sheet).items():
        part = _part(kind)
        if name in sheet.composed:
            arguments[name] = sheet.composed[name].read(cells)
        elif part and _is_list(kind) and name != sheet.gather:
            arguments[name] = _numbered_parts(part, cells)
        elif part:
            given = _whole(part, cells, "")
            if given is None and name == sheet.gather:
                raise BadInput("The row is empty.", path=(fields(part)[0].name,), hint="Fill it, or leave it out.")
            if given is not None:
                arguments[name] = given
        elif cells[name] or _is_list(kind):
            arguments[name] = _value(kind, cells[name], name)
        elif name in _required(sheet.write):
            raise BadInput("The cell is empty.", path=(name,), hint="Every row needs it.")
    return arguments


def _part(kind: Any) -> Any:
    """The dataclass that a parameter is, or is a list of."""
    inner = get_args(kind)[0] if _is_list(kind) else _given(kind)
    return inner if is_dataclass(inner) else None


def _numbered_parts(part: Any, cells: Cells) -> list[Any]:
    suffixes = sorted({int(match[1]) for match in (re.search("_([0-9]+)$", column) for column in cells) if match})
    return [whole for number in suffixes if (whole := _whole(part, cells, f"_{number}"))]


def _whole(part: Any, cells: Cells, suffix: str) -> Any:
    """The dataclass that the cells of its fields make up, or None where all are empty."""
    kinds = _hints(part)
    told = {one.name: cells.get(f"{one.name}{suffix}", "") for one in fields(part)}
    given = {name: _value(kinds[name], cell, f"{name}{suffix}") for name, cell in told.items() if cell}
    if not given:
        return None
    for one in fields(part):
        if one.name not in given and one.default is MISSING:
            raise BadInput(
                "The cell is empty.", path=(f"{one.name}{suffix}",), hint="Fill it, or empty its neighbours."
            )
    return part(**given)


def _is_list(kind: Any) -> bool:
    return get_origin(kind) is Sequence


def _given(kind: Any) -> Any:
    """The type of a parameter that may be left out, without its being left out."""
    return next((one for one in get_args(kind) if one is not NoneType), kind) if NoneType in get_args(kind) else kind


_FORMS: dict[type, Callable[[str], object]] = {
    str: str,
    int: lambda cell: int(_matched("-?[0-9]{1,18}", cell)),
    float: lambda cell: float(_matched(r"-?[0-9]+(\.[0-9]+)?", cell)),
    Decimal: lambda cell: Decimal(_matched(r"-?[0-9]+(\.[0-9]+)?", cell)),
    bool: lambda cell: {"true": True, "false": False}[cell],
}
_HINTS = {
    int: "Give a whole number, such as 1200.",
    float: "Give a number with a point, such as 0.5.",
    Decimal: "Give a number with a point, such as 0.5.",
    bool: "Give true or false.",
}


def _matched(form: str, cell: str) -> str:
    if not re.fullmatch(form, cell):
        raise ValueError(cell)
    return cell


def _value(kind: Any, cell: str, column: str) -> Any:
    """What a cell becomes for a parameter of this type; raises `BadInput`."""
    kind = _given(kind)
    if _is_list(kind):
        return [_value(get_args(kind)[0], item, column) for item in items(cell)]
    try:
        return kind[cell] if issubclass(kind, Code) else _FORMS[kind](cell)
    except (ValueError, KeyError):
        codes = f"Give one of {', '.join(kind)}." if issubclass(kind, Code) else _HINTS[kind]
        raise BadInput("The cell cannot be read.", path=(column,), hint=codes) from None
