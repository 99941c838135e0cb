"""Files of cells that a comma, a semicolon or a tab parts, read row by row; and where such a file cannot be read.

A line in which a quotation mark stands where none can is no row, and reading goes on behind it. Where a cell in
quotation marks runs on over lines it is not known where the next row begins, and reading ends.
"""

import codecs
import csv
import io
from collections.abc import Iterator
from contextlib import closing
from typing import Any, BinaryIO

from registry.errors import BadInput

# A quotation may be long; Python's own limit is 128 KiB.
csv.field_size_limit(16 * 1024 * 1024)

_QUOTATION_HINT = (
    "In a cell that stands in quotation marks, double each one that is part of the text: "
    '"Report ""Migration"" of 2024". A spreadsheet does so when it saves CSV.'
)
_ENCODING_HINT = "Save the file as CSV in UTF-8; Excel calls that “CSV UTF-8”."


class Unreadable(BadInput):
    """A file is not of the form that it is said to be; the message does not name it."""


def rows_in(file: BinaryIO) -> Iterator[list[str] | BadInput]:
    """The rows of a file, the header too, and what is wrong with a line that is none.

    Raises `Unreadable`, which tells the line, where it is not in UTF-8 (or UTF-16 that says so), or where it is not
    known how to go on.
    """
    with closing(_text(file)) as text:
        try:
            delimiter = _delimiter(text.readline())
            text.seek(0)
            yield from _rows(csv.reader(text, delimiter=delimiter, strict=True))
        except UnicodeError:
            line, encoding = _first_undecodable(file, text.encoding), text.encoding.removesuffix("-sig").upper()
            raise Unreadable(f"Line {line} is not in {encoding}.", hint=_ENCODING_HINT) from None


def _text(file: BinaryIO) -> io.TextIOWrapper:
    encoding = "utf-16" if file.read(2) in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    file.seek(0)
    return io.TextIOWrapper(file, encoding=encoding, newline="")


def _delimiter(line: str) -> str:
    """What parts the cells: a comma or, as some languages' Excel has it, a semicolon or a tab."""
    return max(",;\t", key=lambda sign: len(next(csv.reader([line], delimiter=sign), [])))


def _rows(reader: Any) -> Iterator[list[str] | BadInput]:
    while True:
        first = reader.line_num + 1
        row: list[str] | BadInput | None
        try:
            row = next(reader, None)
        except csv.Error as error:
            row = _misread(first, reader.line_num, str(error))
        if row is None:
            return
        yield row


def _misread(first: int, last: int, error: str) -> BadInput:
    """What is wrong with the row that begins on a line; raises it where that line is not the last that was read."""
    if "expected after" in error:
        where = "" if first == last else f", in the row that begins on line {first}"
        message, hint = f"On line {last} a quotation mark stands where none can{where}.", _QUOTATION_HINT
    elif "unexpected end" in error:
        message, hint = f"A quotation mark is missing in the row that begins on line {first}.", _QUOTATION_HINT
    else:
        message, hint = f"Line {last} cannot be read as CSV: {error}.", "Mend the line, or give JSON Lines."
    if first != last:
        raise Unreadable(message, hint=hint)
    return BadInput(message, hint=hint)


def _first_undecodable(file: BinaryIO, encoding: str) -> int:
    """The number of the line in which the first bytes stand that are not of an encoding."""
    decoder = codecs.getincrementaldecoder(encoding)()
    file.seek(0)
    line = 1
    while True:
        chunk = file.read(1 << 16)
        try:
            line += decoder.decode(chunk, final=not chunk).count("\n")
        except UnicodeDecodeError as error:
            return line + error.object[: error.start].decode(encoding, "ignore").count("\n")
        if not chunk:
            return line
