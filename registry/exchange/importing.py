"""How files enter the registry as one change, with a report of what became of each row."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from registry.access import OPERATOR, Actor
from registry.errors import BadInput
from registry.exchange.delimited import Unreadable
from registry.exchange.entering import Entering, Stopped
from registry.exchange.formats import Format, opened, tables_in
from registry.exchange.headers import nearest_column
from registry.exchange.lines import lines_of
from registry.exchange.loading import load_code_lists
from registry.exchange.mapping import Mapping
from registry.exchange.report import Fault, Report
from registry.exchange.sheets import KINDS, SHEETS, Sheet, sheet_of
from registry.history import Changes, changeset
from registry.inputs import why

#: Hears what is being read, how many of its rows have been, and about how many there are.
Tell = Callable[[str, int, int], None]

_ENDINGS = {form.suffix: form for form in Format} | {".ndjson": Format.JSONL}


class _Undone(Exception):
    """The change is not to stay."""


@dataclass(frozen=True)
class Given:
    """A file to import: where it is, what to call it in the report, its form, and the sheet that its rows are of.

    The sheet is None where a mapping says what the rows become.
    """

    path: Path
    name: str
    form: Format
    sheet: Sheet | None
    table: str = ""


def given(path: Path, kind: str | None = None, *, mapped: bool = False) -> list[Given]:
    """What there is to import in a file: its form follows from its ending, its kind of record from its name.

    A workbook may have several sheets, each named for a kind. Raises `BadInput` where form or kind cannot be told.
    """
    form = _ENDINGS.get(path.suffix.lower())
    if form is None:
        raise BadInput(f"{path.name} is of no form that is read here.", hint=f"Known are {', '.join(_ENDINGS)}.")
    if mapped or kind:
        return [Given(path, path.name, form, sheet_of(kind) if kind else None)]
    with _named(path.name):
        names = tables_in(path, form)
    found = [(name, sheet) for name in names if (sheet := sheet_called(name))]
    if found and form is Format.XLSX:
        return [Given(path, f"{path.name}, sheet {name}", form, sheet, name) for name, sheet in found]
    sheet = sheet_called(path.stem)
    if sheet is None:
        hint = f"Name the file for it, such as agreements.csv, or give --kind: {', '.join(KINDS)}."
        raise BadInput(f"Which kind of record is in {path.name}?", hint=hint)
    return [Given(path, path.name, form, sheet)]


def sheet_called(name: str) -> Sheet | None:
    """The sheet that a file or table of this name holds rows of: `returns`, and `returns-2025` too."""
    plain = name.strip().lower()
    called = [kind for kind in KINDS if plain == kind or (plain.startswith(kind) and not plain[len(kind)].isalnum())]
    return KINDS[max(called, key=len)] if called else None


def import_files(
    engine: sa.Engine,
    files: Sequence[Given],
    *,
    reason: str,
    actor: Actor = OPERATOR,
    dry_run: bool = False,
    skip: bool = False,
    mapping: Mapping | None = None,
    documents: str = "",
    code_lists: bool = False,
    tell: Tell = lambda what, done, of: None,
) -> Report:
    """Enters the rows of files in one change, or of none of them, and reports what became of each.

    A row that is refused ends the import and nothing is written; with `skip` it is left out, and nothing is written
    where all are refused. With `dry_run` everything is done and undone again. `documents` is the folder with copies of
    sources, in which quotations are looked for. With `code_lists` a registry without any code list is given all of them
    first: the log tells of that as a change of its own, but where nothing is written they do not stay either.

    Raises `BadInput` where a file cannot be read at all, or the reason cannot be written in the log.
    """
    report = Report(dry_run)
    reason = why(reason)
    try:
        with changeset(engine, reason, actor) as changes:
            if code_lists:
                report.code_lists = load_code_lists(changes)
            entering = Entering(changes, report, skip=skip, documents=documents)
            if mapping:
                mapping.begin(entering)
            for file in sorted(files, key=_place):
                _import(changes, entering, file, mapping, tell)
            if dry_run or (report.faults.count and not report.taken):
                raise _Undone
        report.written = True
    except (Stopped, _Undone):
        pass
    return report


def _place(file: Given) -> int:
    return SHEETS.index(file.sheet) if file.sheet else 0


def _import(changes: Changes, entering: Entering, file: Given, mapping: Mapping | None, tell: Tell) -> None:
    with _named(file.name), opened(file.path, file.form, file.table or _table_in(file)) as table:

        def told(done: int) -> None:
            tell(file.name, done, max(done, table.length))

        if mapping:
            mapping.enter(entering, file.name, table, told)
            return
        assert file.sheet is not None
        try:
            entering.enter(file.sheet, lines_of(file.sheet, file.name, table), told)
        except BadInput as error:
            _refuse_header(entering, file, file.sheet, error)


@contextmanager
def _named(file: str) -> Iterator[None]:
    """Names the file that cannot be read."""
    try:
        yield
    except Unreadable as error:
        raise BadInput(f"{file}: {error.message}", hint=error.hint) from None


def _table_in(file: Given) -> str:
    """The sheet of a workbook that is named for the kind of record; nothing where the first is meant."""
    called = (name for name in tables_in(file.path, file.form) if sheet_called(name) is file.sheet)
    return next(called, "") if file.sheet and file.form is Format.XLSX else ""


def _refuse_header(entering: Entering, file: Given, sheet: Sheet, error: BadInput) -> None:
    """Notes that a file cannot be read: all of it is refused, as a column left out unseen would be lost."""
    if not error.path:
        raise error
    header = error.path[0]
    suggestion = nearest_column(sheet, header)
    seen = None if header == suggestion else header
    suggestion = None if header == suggestion else suggestion
    fault = Fault(sheet.file, file.name, 1, error.message, error.code, header, seen, error.hint, suggestion)
    entering.report.faults.add(fault)
    raise Stopped
