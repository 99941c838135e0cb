"""Files as tables: CSV, XLSX and JSON Lines, read row by row and written as they are made.

A text that a spreadsheet would take for a formula is written to CSV behind an apostrophe, and so is one that would lose
blanks at its edges; reading takes that apostrophe away again. JSON Lines holds texts as they are, and lists as lists.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any, BinaryIO

import orjson
from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook

from registry.codes import Code
from registry.errors import BadInput
from registry.exchange.delimited import Unreadable, rows_in
from registry.exchange.extents import check_extents, check_unpacked, no_workbook
from registry.exchange.lists import Cell

#: What a spreadsheet takes for the beginning of a formula.
FORMULAS = "=+-@\t\r\n"


class Format(Code):
    """The form of a file."""

    CSV = "CSV", "Comma-separated values, in UTF-8."
    XLSX = "XLSX", "A workbook of a spreadsheet."
    JSONL = "JSONL", "One JSON object on each line."

    @property
    def suffix(self) -> str:
        """The ending of a file's name."""
        return f".{self.value.lower()}"

    @property
    def media_type(self) -> str:
        """What HTTP calls it."""
        return _MEDIA_TYPES[self]


_MEDIA_TYPES = {
    Format.CSV: "text/csv",
    Format.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    Format.JSONL: "application/jsonl",
}


class Truth(str):
    """What JSON has for true or false, as the text of a cell."""


#: A row: its number in the file, the headers over it, and its cells, or what is wrong with it.
FileRow = tuple[int, tuple[str, ...], Sequence[Cell] | BadInput]


@dataclass(frozen=True)
class Table:
    """The rows of a file or of one sheet of a workbook; `length` is about how many they are.

    `header` is None where each row brings its own.
    """

    header: tuple[str, ...] | None
    rows: Iterator[FileRow]
    length: int


def tables_in(path: Path, form: Format) -> list[str]:
    """The names of the tables in a file: that of the file, or those of a workbook's sheets; raises `Unreadable`."""
    if form is not Format.XLSX:
        return [path.stem]
    with _opened(path) as file:
        check_unpacked(file)
        return list(_workbook(file).sheet_names)


@contextmanager
def opened(path: Path, form: Format, name: str = "") -> Iterator[Table]:
    """The table of a file; of a workbook the sheet of that name.

    Raises `Unreadable` where the file is not of that form, also while its rows are read.
    """
    with _opened(path) as file:
        if form is Format.CSV:
            yield _csv_table(file, _lines_in(file))
        elif form is Format.JSONL:
            yield Table(None, _jsonl_rows(file), _lines_in(file))
        else:
            check_extents(file)
            yield _sheet(_workbook(file), name)


@contextmanager
def _opened(path: Path) -> Iterator[BinaryIO]:
    try:
        file = path.open("rb")
    except OSError as error:
        raise Unreadable(f"The file cannot be opened: {error.strerror}.") from None
    with file:
        yield file


def _lines_in(file: BinaryIO) -> int:
    length = sum(chunk.count(b"\n") for chunk in iter(lambda: file.read(1 << 20), b""))
    file.seek(0)
    return length


def _csv_table(file: BinaryIO, length: int) -> Table:
    rows = rows_in(file)
    first = next(rows, [])
    if isinstance(first, BadInput):
        raise Unreadable(first.message, hint=first.hint)
    header = tuple(cell.strip() for cell in first)
    return Table(header, _csv_rows(rows, header), length)


def _csv_rows(rows: Iterable[list[str] | BadInput], header: tuple[str, ...]) -> Iterator[FileRow]:
    width = len(header)
    for number, cells in enumerate(rows, start=2):
        if isinstance(cells, BadInput):
            yield number, header, cells
        elif not any(cell.strip() for cell in cells):
            continue
        elif len(cells) != width:
            message = f"{len(cells)} cells under {width} columns."
            yield number, header, BadInput(message, hint="Quote cells that hold commas.")
        else:
            yield number, header, [_taken(cell) for cell in cells]


def _taken(cell: str) -> str:
    """A cell's text, without the apostrophe that guards it and without blanks around it."""
    if cell[:1] == "'" and _is_guarded(cell):
        return cell[1:]
    return cell.strip()


def _is_guarded(cell: str) -> bool:
    """Whether the apostrophe that a cell begins with guards what follows, and is not part of the text."""
    return len(cell) > 1 and (cell[1] in f"{FORMULAS}'" or cell[1].isspace() or cell != cell.rstrip())


def guarded(text: str, formulas: str = "") -> str:
    """The cell that reads as this text again; one that begins like one of `formulas` is no formula."""
    unlike = text != text.strip() or (text[:1] == "'" and _is_guarded(text))
    return f"'{text}" if unlike or (text and text[0] in formulas) else text


def _workbook(file: BinaryIO) -> CalamineWorkbook:
    try:
        file.seek(0)
        # Asked for tables, it refuses workbooks of any other form, the extents of which nobody has looked at.
        return CalamineWorkbook.from_filelike(file, load_tables=True)
    except CalamineError:
        raise no_workbook() from None


def _sheet(workbook: CalamineWorkbook, name: str) -> Table:
    try:
        sheet = workbook.get_sheet_by_name(name or workbook.sheet_names[0])
    except CalamineError:
        raise no_workbook() from None
    rows = sheet.iter_rows()
    header = tuple(_xlsx_cell(cell) for cell in next(rows, []))
    return Table(header, _xlsx_rows(sheet, rows, header), max(sheet.height - 1, 0))


def _xlsx_rows(sheet: CalamineSheet, rows: Iterable[list[Any]], header: tuple[str, ...]) -> Iterator[FileRow]:
    first = sheet.start[0] if sheet.start else 0
    for number, cells in enumerate(rows, start=first + 2):
        taken = [_xlsx_cell(cell) for cell in cells]
        if any(taken):
            yield number, header, taken


def _xlsx_cell(cell: Any) -> str:
    if isinstance(cell, str):
        return _taken(cell)
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() else format(Decimal(repr(cell)), "f")
    if isinstance(cell, datetime) and cell.time() == time():
        cell = cell.date()
    return cell.isoformat() if isinstance(cell, date | time) else str(cell)


def _jsonl_rows(file: BinaryIO) -> Iterator[FileRow]:
    known: dict[tuple[str, ...], tuple[str, ...]] = {}
    for number, line in enumerate(file, start=1):
        if not line.strip():
            continue
        try:
            row = orjson.loads(line)
        except orjson.JSONDecodeError as error:
            yield (
                number,
                (),
                BadInput(f"The line cannot be read as JSON: {error}.", hint="Give one object on each line."),
            )
            continue
        if not isinstance(row, dict):
            yield number, (), BadInput("The line is no JSON object.", hint="Give one object on each line.")
            continue
        names = tuple(row)
        header = known.setdefault(names, names)  # one object for all rows alike, which is found faster
        cells = [_jsonl_cell(value) for value in row.values()]
        if None in cells:
            hint = "Give one text, or a list of texts where the column takes several."
            name = names[cells.index(None)]
            yield number, header, BadInput("The cell holds what is no text.", path=(name,), hint=hint)
        else:
            yield number, header, [cell for cell in cells if cell is not None]


def _jsonl_cell(value: Any) -> Cell | None:
    """The cell that a value is, None where it is an object or a list of something else than texts."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, bool):
        return Truth("true" if value else "false")
    if isinstance(value, list):
        return value if all(isinstance(item, str) for item in value) else None
    return None if isinstance(value, dict) else orjson.dumps(value).decode()
