"""How the files of a folder enter the registry: all of them in one change, or none."""

from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session

from registry.errors import BadInput, Refused, RegistryError
from registry.exchange.cells import Line, arguments_of, read
from registry.exchange.sheets import SHEETS, Sheet
from registry.history import Changes, changeset, logged_tables

SEEDS = Path(__file__).parents[2] / "seeds"

#: The files of the code lists, on which facts rest and which state none themselves.
CODE_LISTS = ("regions", "countries", "sectors", "occupations")


def load_seeds(engine: sa.Engine) -> dict[str, int]:
    """Loads the facts in the folder seeds into an empty registry, and says how many rows each file had.

    Does nothing, and says so with an empty answer, where the registry holds any record already. Raises `BadInput` as
    `load` does, and then loads nothing at all.
    """
    with Session(engine) as session:
        if holds_anything(session):
            return {}
    with changeset(engine, "The seeds were loaded.") as changes:
        # Asked again within: on a new registry another process may have loaded them meanwhile.
        return {} if holds_anything(changes.session) else load(changes, SEEDS)


def holds_anything(session: Session) -> bool:
    """Whether any record is held."""
    anything = (sa.exists(sa.select(sa.literal(1)).select_from(table)) for table in logged_tables())
    return any(session.scalar(sa.select(one)) for one in anything)


def load(changes: Changes, folder: Path, only: Collection[str] | None = None) -> dict[str, int]:
    """Enters the rows of the CSV files in `folder` and says how many each file had; files may be missing.

    Files that `only` does not name are left out, where it is given.

    Raises `BadInput` on the first fault, which names the file, the row (the header is row 1), the column and what
    stands there.
    """
    known = [sheet.file for sheet in SHEETS]
    for path in sorted(folder.glob("*.csv")):
        if path.stem not in known:
            raise BadInput(f"{path.name} is no file of facts.", hint=f"Known are {', '.join(known)}.")
    counts = {}
    for sheet in SHEETS:
        path = folder / f"{sheet.file}.csv"
        if path.exists() and (only is None or sheet.file in only):
            lines = read(path, sheet)
            if sheet.gather:
                _enter_together(changes, sheet, sheet.gather, lines)
            else:
                _enter_each(changes, sheet, lines)
            counts[sheet.file] = len(lines)
    return counts


def _enter_each(changes: Changes, sheet: Sheet, lines: list[Line]) -> None:
    waiting = []
    for line in _in_order(sheet, lines):
        with line.blamed():
            arguments = arguments_of(sheet, line.cells)
            if sheet.later and (held := arguments.pop(sheet.later[0], None)):
                waiting.append((line, held, sheet.later[1]))
            sheet.write(changes, **arguments)
    for line, held, write in waiting:
        with line.blamed():
            write(changes, line.cells[sheet.key], held)


def _enter_together(changes: Changes, sheet: Sheet, gather: str, lines: list[Line]) -> None:
    groups: dict[tuple[tuple[str, Any], ...], list[tuple[Line, object]]] = {}
    for line in lines:
        with line.blamed():
            arguments = arguments_of(sheet, line.cells)
            item = arguments.pop(gather)
            groups.setdefault(tuple(arguments.items()), []).append((line, item))
    for alike, group in groups.items():
        try:
            sheet.write(changes, **dict(alike), **{gather: [item for _line, item in group]})
        except RegistryError as refused:
            first = refused.problems[0] if isinstance(refused, Refused) else refused
            at = int(first.path[1]) if first.path[:1] == (gather,) else 0
            with group[at][0].blamed():
                raise first from None


def _in_order(sheet: Sheet, lines: list[Line]) -> Iterator[Line]:
    """The lines, each behind those of the same file that it names; those that name one another in a ring come last."""
    waiting = {line.cells[sheet.key]: line for line in lines} if sheet.up else {}
    if len(waiting) < len(lines):
        yield from lines
        return
    while waiting:
        free = [
            key
            for key, line in waiting.items()
            if not any(line.cells[column] in waiting and line.cells[column] != key for column in sheet.up)
        ]
        for key in free or list(waiting):
            yield waiting.pop(key)
