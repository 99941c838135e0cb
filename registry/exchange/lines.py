"""Rows of files as lines of a sheet: their cells by column, whatever the file calls them."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from registry.errors import BadInput
from registry.exchange.cells import blank
from registry.exchange.columns import column_named
from registry.exchange.formats import Table
from registry.exchange.headers import Header, check_header, header_of
from registry.exchange.lists import Cell, Cells, items
from registry.exchange.sheets import Sheet


@dataclass(frozen=True, slots=True)
class Line:
    """A row of a file: a cell for each column, and which of the columns the file has.

    The cells of the other columns are blank. `headers` are the columns' names in the file, where those differ.
    """

    file: str
    number: int
    cells: Cells
    given: frozenset[str]
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
    known: dict[int, _Known] = {}
    empty = blank(sheet)
    for number, names, values in table.rows:
        if isinstance(values, BadInput):
            yield Unread(file, number, values)
            continue
        if id(names) not in known:
            try:
                known[id(names)] = _Known.of(sheet, names)
            except BadInput as error:
                yield Unread(file, number, error)
                continue
        header = known[id(names)]
        try:
            _check_cells(sheet, header, values)
        except BadInput as error:
            yield Unread(file, number, error)
            continue
        stated = zip(header.means.columns, values, strict=True)
        cells: dict[str, Cell] = empty | {column: cell for column, cell in stated if column}
        yield Line(file, number, cells, header.given, header.called)


@dataclass(frozen=True, slots=True)
class _Known:
    """Headers over rows and what they mean: which columns these are, and what the file calls them where it differs."""

    names: tuple[str, ...]
    means: Header
    given: frozenset[str]
    called: Mapping[str, str]

    @classmethod
    def of(cls, sheet: Sheet, names: tuple[str, ...]) -> "_Known":
        """What is known of headers. Raises `BadInput`, with the header as its path, where one means nothing here."""
        means = header_of(sheet, names)
        called = {column: name for column, name in zip(means.columns, names, strict=True) if column}
        others = {column: name for column, name in called.items() if column != name}
        return cls(names, means, frozenset(called), others)


def _check_cells(sheet: Sheet, header: _Known, cells: Sequence[Cell]) -> None:
    """Raises `BadInput` where a cell has no header, or holds a list or a truth in a column of something else."""
    if any(cells[place] for place in header.means.nameless):
        raise BadInput("A cell stands in a column without a name.", hint="Give the column a name, or empty it.")
    for place, cell in enumerate(cells):
        if type(cell) is str:
            continue
        column = column_named(sheet, header.means.columns[place])
        if column is None or (column.listed if isinstance(cell, list) else column.kind is bool):
            continue
        holds = "a list" if isinstance(cell, list) else cell
        hint = "Give one text." if column.kind is str else f"The column holds: {column.form}."
        raise BadInput(f"The cell cannot be read: it holds {holds}.", path=(header.names[place],), hint=hint)


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
