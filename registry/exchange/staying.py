"""What a row leaves out stays as it is on record: a row beside the record that it repeats.

A column that the file does not have says nothing, and neither does a key that a line of JSON Lines does not have. A
column that is there with a blank cell, or a key that is null, clears what is on record.

Citations are told by number, `source_1` and so on. A row that fills all the numbers that its file has leaves further
citations on record as they are, and so it does all of them where it repeats some; one that leaves a number blank ends
its list there, and the list takes the place of that on record. Columns of a citation that the file does not have stay
where those that it has say what is on record, and are blank where they say something else.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from functools import lru_cache

from registry.exchange.cells import Arguments, arguments_of, blank, numbers_in
from registry.exchange.columns import NUMBERED, columns_behind, parameters_of
from registry.exchange.lines import Line
from registry.exchange.lists import Cell, Cells, items
from registry.exchange.matching import Content, Known, content_of, differing
from registry.exchange.sheets import Sheet
from registry.sources import Cited

_PARTS = tuple(one.name for one in fields(Cited))

#: A citation, its cells by what they are of it.
_Citation = Mapping[str, str]


@dataclass(frozen=True)
class Beside:
    """A row beside a record on record: what it says, with what stays as it is."""

    line: Line
    arguments: Arguments
    content: Content


def beside(sheet: Sheet, line: Line, arguments: Arguments, there: Known) -> Beside:
    """What a row, which these arguments were read from, says of a record that it may repeat.

    Raises `BadInput`, whose path leads to the column, where what stays does not go with what the row says.
    """
    content = content_of(sheet, arguments)
    if content == there.content:
        return Beside(line, arguments, content)
    silent, partly = _left_out(sheet, line.given)
    whole = replace(line, cells=_cells(sheet, line, there.cells))
    again = silent | partly
    said = {name: value for name, value in arguments.items() if name not in again}
    said |= arguments_of(sheet, whole.cells, only=again)
    told = content_of(sheet, said) | {name: there.content[name] for name in silent if name != "citations"}
    decided = sheet.revise.decided if sheet.revise else frozenset()
    if decided.isdisjoint(differing(told, there.content)):
        return Beside(whole, said, told)
    own = {*decided, "citations"}
    said = {name: value for name, value in said.items() if name not in own}
    said |= {name: value for name, value in arguments.items() if name in own}
    return Beside(line, said, told | {name: content[name] for name in own})


def columns_differing(sheet: Sheet, names: list[str], one: Cells, other: Cells) -> list[str]:
    """The columns in which parameters differ; the parameter itself where that is in no single one of them."""
    found: list[str] = []
    for name in names:
        behind = columns_behind(sheet, name)
        apart = [column for column in behind if items(one[column]) != items(other[column])] if len(behind) > 1 else []
        found += apart or [name]
    return found


@lru_cache(maxsize=1024)
def _left_out(sheet: Sheet, given: frozenset[str]) -> tuple[frozenset[str], frozenset[str]]:
    """The parameters of which a file has no column, and those of which it may not have all."""
    behind = {name: columns_behind(sheet, name) for name in parameters_of(sheet)}
    silent = {name for name, columns in behind.items() if given.isdisjoint(columns)}
    partly = {name for name, columns in behind.items() if not given.issuperset(columns)} - silent
    return frozenset(silent), frozenset(partly)


def _cells(sheet: Sheet, line: Line, on_record: Cells) -> Cells:
    """The cells of a row, and those on record in columns that its file does not have."""
    plain = [column for column in blank(sheet) if not NUMBERED.fullmatch(column)]
    cells: dict[str, Cell] = {**blank(sheet), **{column: line.cells[column] for column in plain}}
    cells |= {column: on_record[column] for column in plain if column not in line.given and column in on_record}
    for composed in sheet.composed.values():
        if composed.fit:
            cells |= composed.fit(cells, composed.columns.keys() - line.given)
    for number, citation in _citations(line, on_record).items():
        cells |= {f"{part}_{number}": cell for part, cell in citation.items()}
    return cells


def _citations(line: Line, on_record: Cells) -> dict[int, _Citation]:
    """The citations of a row by their numbers, with what stays of those on record."""
    numbers = _numbers(line.given)
    held = [citation for number in numbers_in(tuple(on_record)) if (citation := _citation(on_record, number))]
    stated = {number: citation for number in numbers if (citation := _citation(line.cells, number))}
    filled = len(stated) == len(numbers)
    repeated = _repeated(line.given, stated, held)
    if filled and len(held) > len(numbers) and len(repeated) == len(stated):
        return dict(enumerate(held, start=1))
    told = {number: held[repeated[number]] if number in repeated else one for number, one in stated.items()}
    if filled:
        further = [one for one in held[len(numbers) :] if one not in told.values()]
        told |= dict(enumerate(further, start=max(numbers, default=0) + 1))
    return told


def _citation(cells: Cells, number: int) -> _Citation | None:
    """The citation of a number, None where all its cells are blank."""
    citation = {part: str(cells.get(f"{part}_{number}", "")).strip() for part in _PARTS}
    return citation if any(citation.values()) else None


def _repeated(given: frozenset[str], stated: Mapping[int, _Citation], held: list[_Citation]) -> dict[int, int]:
    """Where the citations of a row that are on record stand there, by their numbers: none of them for two."""
    found: dict[int, int] = {}
    for place, (number, one) in enumerate(stated.items()):
        said = {part: cell for part, cell in one.items() if f"{part}_{number}" in given}
        free = [at for at in (place, *range(len(held))) if at < len(held) and at not in found.values()]
        at = next((at for at in free if said.items() <= held[at].items()), None)
        if at is not None:
            found[number] = at
    return found


@lru_cache(maxsize=1024)
def _numbers(given: frozenset[str]) -> list[int]:
    return numbers_in(tuple(given))
