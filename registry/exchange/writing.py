"""Tables as files: CSV, XLSX and JSON Lines, made row by row."""

import csv
import io
import re
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import orjson
import xlsxwriter

from registry.errors import BadInput
from registry.exchange.formats import FORMULAS, Format, guarded
from registry.exchange.lists import Cell, joined

_CHUNK = 1 << 16

#: What Excel holds at most: characters in a cell, in UTF-16, and rows in a sheet.
_LONGEST_CELL = 32_767
_MOST_ROWS = 1_048_576

#: What a workbook says it was made at, so that the same records are the same bytes.
_CREATED = datetime(1980, 1, 1, tzinfo=UTC)

#: Types whose cells are numbers where they are written as such; what such a column says in words stays a text.
_NUMBERS = (int, float, Decimal)
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?")

Columns = Sequence[tuple[str, type]]
Rows = Iterable[Sequence[Cell]]


#: What is told of a table beside it: lines of texts on a sheet of their own, under its name.
Notes = tuple[str, Sequence[Sequence[str]]]


def written(form: Format, name: str, columns: Columns, rows: Rows, notes: Notes | None = None) -> Iterator[bytes]:
    """The bytes of a file with these columns, each with its name and its type, and these rows.

    `notes` are for workbooks only: other files are one table. Raises `BadInput` where the form cannot hold them: a
    sheet of Excel has limits.
    """
    if form is Format.CSV:
        return _csv(columns, rows)
    return _jsonl(columns, rows) if form is Format.JSONL else _xlsx(name, columns, rows, notes)


def _csv(columns: Columns, rows: Rows) -> Iterator[bytes]:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow([name for name, _kind in columns])
    kinds = [kind for _name, kind in columns]
    for row in rows:
        writer.writerow([_csv_cell(cell, kind) for cell, kind in zip(row, kinds, strict=True)])
        if text.tell() > _CHUNK:
            yield text.getvalue().encode()
            text.seek(0)
            text.truncate()
    yield text.getvalue().encode()


def _csv_cell(cell: Cell, kind: type) -> str:
    """A text behind the apostrophe that guards it where it needs one; a number, which is no formula, as it is."""
    text = cell if isinstance(cell, str) else joined(cell)
    return text if kind in _NUMBERS and _NUMBER.fullmatch(text) else guarded(text, FORMULAS)


def _jsonl(columns: Columns, rows: Rows) -> Iterator[bytes]:
    """One object a line, without what is empty; whole numbers and the like as such, exact decimals as text."""
    lines: list[bytes] = []
    for row in rows:
        stated = {name: _json(cell, kind) for (name, kind), cell in zip(columns, row, strict=True) if cell}
        lines.append(orjson.dumps(stated, option=orjson.OPT_APPEND_NEWLINE))
        if len(lines) == 500:
            yield b"".join(lines)
            lines.clear()
    yield b"".join(lines)


def _json(cell: Cell, kind: type) -> Any:
    if kind is bool:
        return cell == "true"
    return orjson.Fragment(str(cell)) if kind in (int, float) else cell


def _xlsx(name: str, columns: Columns, rows: Rows, notes: Notes | None) -> Iterator[bytes]:
    with tempfile.TemporaryFile() as file:
        workbook = xlsxwriter.Workbook(file, {"constant_memory": True})
        workbook.set_properties({"created": _CREATED})
        sheet = workbook.add_worksheet(name[:31])
        sheet.freeze_panes(1, 0)
        sheet.set_column(0, len(columns) - 1, 20)
        sheet.ignore_errors({"number_stored_as_text": f"A1:XFD{_MOST_ROWS}"})
        sheet.write_row(0, 0, [name for name, _kind in columns], workbook.add_format({"bold": True}))
        for number, row in enumerate(rows, start=1):
            if number >= _MOST_ROWS:
                raise BadInput(f"A sheet of Excel holds {_MOST_ROWS:,} rows.", hint="Export CSV or JSON Lines.")
            for place, ((column, kind), cell) in enumerate(zip(columns, row, strict=True)):
                if cell:
                    _write_cell(sheet, number, place, column, cell if isinstance(cell, str) else joined(cell), kind)
        if notes:
            _write_notes(workbook, *notes)
        workbook.close()
        file.seek(0)
        yield from iter(lambda: file.read(_CHUNK), b"")


def _write_notes(workbook: Any, name: str, lines: Sequence[Sequence[str]]) -> None:
    sheet = workbook.add_worksheet(name[:31])
    sheet.set_column(0, 0, 28)
    sheet.set_column(1, 1, 100)
    for number, line in enumerate(lines):
        for place, text in enumerate(line):
            sheet.write_string(number, place, guarded(text[:_LONGEST_CELL]))


def _write_cell(sheet: Any, row: int, place: int, column: str, cell: str, kind: type) -> None:
    if kind in _NUMBERS and _is_alike(cell, exactly=kind is Decimal):
        sheet.write_number(row, place, float(cell))
    elif kind is bool:
        sheet.write_boolean(row, place, cell == "true")
    elif sheet.write_string(row, place, guarded(cell)) < 0:
        message = (
            f"A cell of Excel holds {_LONGEST_CELL:,} characters, and {column} of row {row + 1} has {len(cell):,}."
        )
        raise BadInput(message, path=(column,), hint="Export CSV or JSON Lines.")


def _is_alike(number: str, exactly: bool) -> bool:
    """Whether a number is the same again after a spreadsheet has held it, as a binary fraction; no word is a number.

    One that is stated exactly, such as 1.50, has to read the same to its last digit.
    """
    if not _NUMBER.fullmatch(number):
        return False
    held = Decimal(repr(float(number)))
    return format(held, "f").removesuffix(".0") == number if exactly else held == Decimal(number)
