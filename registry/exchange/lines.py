"""Rows of files as lines of a sheet: their cells by column, whatever the file calls them."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from registry.errors import BadInput
from registry.exchange.cells import blank
from registry.exchange.formats import Table
from registry.exchange.headers import Header, check_header, header_of
from registry.exchange.lists import Cell, Cells, items
from registry.exchange.sheets import Sheet


@dataclass(frozen=True, slots=True)
class Line:
    """A row of a file, its cells by column; `headers` are the columns' names in the file, where those differ."""

    file: str
    number: int
    cells: Cells
    headers: Mapping[str, str] = field(default_factory=dict)

    def header(self, column: str) -> str:
        """What the file calls a column."""
        return self.headers.get(column, column)

    def seen(self, column: str) -> str:
        """What stands in a column."""
        cell = self.cells.get(column, "")
        return cell if isinstance(cell, str) else " | ".join(cell)


@dataclass(frozen=True, slots=True)
class Unread:
    """A row of a file that is no line of the sheet, and why."""

    file: str
    number: int
    error: BadInput
    seen: str | None = None
    suggestion: str | None = None


def lines_of(sheet: Sheet, file: str, table: Table) -> Iterator[Line | Unread]:
    """The rows of a table as lines of a sheet. Raises `BadInput`, with the header as its path, on an unknown header."""
    if table.header is not None:
        check_header(sheet, table.header)
    known: dict[int, tuple[Header, tuple[str, ...], dict[str, str]]] = {}
    empty = blank(sheet)
    for number, names, values in table.rows:
        if isinstance(values, BadInput):
            yield Unread(file, number, values)
            continue
        if id(names) not in known:
            try:
                header = header_of(sheet, names)
            except BadInput as error:
                yield Unread(file, number, error)
                continue
            called = {column: name for column, name in zip(header.columns, names, strict=True) if column}
            known[id(names)] = header, names, {column: name for column, name in called.items() if column != name}
        header, _names, called = known[id(names)]
        if any(values[place] for place in header.nameless):
            hint = "Give the column a name, or empty it."
            yield Unread(file, number, BadInput("A cell stands in a column without a name.", hint=hint))
            continue
        stated = zip(header.columns, values, strict=True)
        cells: dict[str, Cell] = empty | {column: cell for column, cell in stated if column}
        yield Line(file, number, cells, called)


def column_at(path: tuple[str, ...], sheet: Sheet, cells: Cells) -> str | None:
    """The column that a path into an input stands for, where the file has one."""
    names = [re.sub("[A-Z]", lambda capital: f"_{capital[0].lower()}", part) for part in path]
    if names[:1] == ["citations"]:
        place, part = (int(names[1]), names[2]) if len(names) > 2 else (0, "source")
        names = [f"{part}_{_citation_number(cells, place)}"]
    for parameter, composed in sheet.composed.items():
        if names[:1] == [parameter] and composed.parts:
            names = [composed.parts.get(names[-1], names[0])]
    return next((name for name in names if name in cells), None)


def _citation_number(cells: Cells, place: int) -> int:
    """The number that the citation at a place has in the file, where some may be left empty."""
    stated = [
        column for column, cell in cells.items() if cell and re.fullmatch("(source|quote|locator|note)_[0-9]+", column)
    ]
    numbers = sorted({int(column.rpartition("_")[2]) for column in stated})
    return numbers[place] if place < len(numbers) else 1


def item_at(path: tuple[str, ...], cell: Cell) -> str:
    """The item of a list that a path points to; the whole cell where it points to none."""
    listed = items(cell)
    places = [int(part) for part in path if part.isdecimal() and int(part) < len(listed)]
    whole = cell if isinstance(cell, str) else " | ".join(cell)
    return listed[places[-1]] if places and len(listed) > 1 else whole
