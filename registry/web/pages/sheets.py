"""What a page shows in a table, as a file for a spreadsheet: the same numbers under the same names."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from registry.exchange.formats import Format
from registry.exchange.writing import written

#: What tells Excel that a file of CSV is in UTF-8; without it Cyrillic letters are lost there.
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


@dataclass(frozen=True)
class Sheet:
    """A table: columns with their names and types, rows of texts, and what is told of it beside it."""

    name: str
    columns: Sequence[tuple[str, type]]
    rows: Sequence[Sequence[str]]
    notes_name: str = ""
    notes: Sequence[tuple[str, str]] = field(default=())


def in_file(sheet: Sheet, form: Format) -> bytes:
    """The bytes of the file. Raises `BadInput` where the form cannot hold the table."""
    notes = (sheet.notes_name, sheet.notes) if sheet.notes else None
    body = b"".join(written(form, sheet.name, sheet.columns, sheet.rows, notes))
    return _BYTE_ORDER_MARK + body if form is Format.CSV else body
