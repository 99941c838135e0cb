"""How the files of a folder enter the registry: all of them in one change, or none."""

from collections.abc import Collection
from pathlib import Path

import sqlalchemy as sa
from sqlmodel import Session

from registry.errors import BadInput
from registry.exchange.entering import Entering, Stopped
from registry.exchange.formats import Format, opened
from registry.exchange.lines import lines_of
from registry.exchange.report import Report
from registry.exchange.sheets import CODE_LISTS, SHEETS, Sheet
from registry.history import Changes, changeset, logged_tables, table_behind
from registry.keys import ApiKey

SEEDS = Path(__file__).parents[2] / "seeds"


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


def load_code_lists(changes: Changes) -> int:
    """Loads the code lists of the seeds into a registry that has none of them, and says how many rows that were.

    The log tells of them as of a change before this one. Raises `BadInput` as `load` does.
    """
    lists = [table_behind(sheet.table) for sheet in SHEETS if sheet.file in CODE_LISTS]
    if any(changes.session.scalar(sa.select(sa.exists(sa.select(sa.literal(1)).select_from(one)))) for one in lists):
        return 0
    with changes.before("The code lists were loaded."):
        return sum(load(changes, SEEDS, only=CODE_LISTS).values())


def holds_anything(session: Session) -> bool:
    """Whether any record is held, other than keys."""
    records = [table for table in logged_tables() if table is not table_behind(ApiKey)]
    anything = (sa.exists(sa.select(sa.literal(1)).select_from(table)) for table in records)
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
            counts[sheet.file] = _load_one(changes, sheet, path)
    return counts


def _load_one(changes: Changes, sheet: Sheet, path: Path) -> int:
    report = Report()
    entering = Entering(changes, report)
    try:
        with opened(path, Format.CSV) as table:
            entering.enter(sheet, lines_of(sheet, path.name, table))
    except Stopped:
        fault = report.faults.told[0]
        path_in = (fault.file, str(fault.row), *((fault.column,) if fault.column else ()))
        raise BadInput(" ".join(one.sentence for one in report.faults.told), path=path_in, hint=fault.rule) from None
    except BadInput as error:
        column = f", row 1: {error.message}" if error.path else f": {error.message}"
        raise BadInput(
            f"{path.name}{column}", path=(path.name, *(("1", *error.path) if error.path else ())), hint=error.hint
        ) from error
    return report.rows
