"""Files as tables: CSV, XLSX and JSON Lines, read row by row and written as they are made.

A text that a spreadsheet would take for a formula is written to CSV behind an apostrophe, and so is one that would lose
blanks at its edges; reading takes that apostrophe away again. JSON Lines holds texts as they are, and lists as lists.
"""

import csv
import io
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any, BinaryIO

import orjson
from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook

from registry.codes import Code
from registry.errors import BadInput
from registry.exchange.lists import Cell

# A quotation may be long; Python's own limit is 128 KiB.
csv.field_size_limit(16 * 1024 * 1024)

#: A workbook may not unpack to more: it is read as a whole.
_MOST_UNPACKED = 1024**3

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
    """The names of the tables in a file: that of the file, or those of a workbook's sheets; raises `BadInput`."""
    if form is not Format.XLSX:
        return [path.stem]
    with _read_errors(), path.open("rb") as file:
        return list(_workbook(file).sheet_names)


@contextmanager
def opened(path: Path, form: Format, name: str = "") -> Iterator[Table]:
    """The table of a file; of a workbook the sheet of that name.

    Raises `BadInput` where the file is not of that form, also while its rows are read.
    """
    with _read_errors(), ExitStack() as stack:
        file = stack.enter_context(path.open("rb"))
        if form is Format.CSV:
            yield _csv_table(stack.enter_context(_text(file)), _lines_in(file))
        elif form is Format.JSONL:
            yield Table(None, _jsonl_rows(file), _lines_in(file))
        else:
            yield _sheet(_workbook(file), name)


@contextmanager
def _read_errors() -> Iterator[None]:
    """Tells what readers of files find wrong with them."""
    try:
        yield
    except (UnicodeError, csv.Error) as error:
        hint = "Give CSV in UTF-8; in Excel, save as “CSV UTF-8”."
        raise BadInput(f"The file cannot be read as CSV: {error}.", hint=hint) from None
    except (zipfile.BadZipFile, CalamineError):
        raise BadInput("The file cannot be read as a workbook.", hint="Save it as .xlsx, or give CSV.") from None


def _lines_in(file: BinaryIO) -> int:
    length = sum(chunk.count(b"\n") for chunk in iter(lambda: file.read(1 << 20), b""))
    file.seek(0)
    return length


def _text(file: BinaryIO) -> io.TextIOWrapper:
    encoding = "utf-16" if file.read(2) in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    file.seek(0)
    return io.TextIOWrapper(file, encoding=encoding, newline="")


def _csv_table(text: io.TextIOWrapper, length: int) -> Table:
    delimiter = _delimiter(text.readline())
    text.seek(0)
    rows = csv.reader(text, delimiter=delimiter, strict=True)
    header = tuple(cell.strip() for cell in next(rows, []))
    return Table(header, _csv_rows(rows, header), length)


def _delimiter(line: str) -> str:
    """What parts the cells: a comma or, as some languages' Excel has it, a semicolon or a tab."""
    return max(",;\t", key=lambda sign: len(next(csv.reader([line], delimiter=sign), [])))


def _csv_rows(rows: Iterable[list[str]], header: tuple[str, ...]) -> Iterator[FileRow]:
    width = len(header)
    for number, cells in enumerate(rows, start=2):
        if not any(cells):
            continue
        if len(cells) != width:
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
    with zipfile.ZipFile(file) as packed:
        unpacked = sum(part.file_size for part in packed.infolist())
    if unpacked > _MOST_UNPACKED:
        raise BadInput("The workbook is too large.", hint="Part it, or give CSV.")
    file.seek(0)
    return CalamineWorkbook.from_filelike(file)


def _sheet(workbook: CalamineWorkbook, name: str) -> Table:
    sheet = workbook.get_sheet_by_name(name or workbook.sheet_names[0])
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
        yield number, header, [_jsonl_cell(value) for value in row.values()]


def _jsonl_cell(value: Any) -> Cell:
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return value
    return orjson.dumps(value).decode()
