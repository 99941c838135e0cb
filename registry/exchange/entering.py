"""How rows enter the registry: what is new is written, what differs is revised, what is there already is left alone."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import nullcontext
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from typing import Any

from registry.errors import BadInput, Conflict, RegistryError
from registry.exchange.cells import Arguments, arguments_of
from registry.exchange.columns import column_named
from registry.exchange.lines import Line, Unread, column_at, item_at
from registry.exchange.lists import items
from registry.exchange.matching import (
    Content,
    Key,
    Known,
    content_of,
    differing,
    key_of,
    known,
    on_record,
    seen_in_part,
)
from registry.exchange.report import Fault, Report, Revised
from registry.exchange.sheets import Sheet
from registry.exchange.staying import Beside, beside, columns_differing
from registry.exchange.suggestions import Suggestions
from registry.history import Changes
from registry.inputs import check_text, checked
from registry.lint import of_citations

#: So many rows are compared with what is on record at a time.
_COMPARED = 200

#: So many returns are reported at a time: each report is held against all on record of its destinations and days.
_GATHERED = 20_000


class Stopped(Exception):
    """A row was refused, and the import is to stop there."""


@dataclass
class _Met:
    """What of a sheet this import has met: references in the file, records matched, contents entered."""

    keys: dict[Key, int] = field(default_factory=dict)
    taken: set[Any] = field(default_factory=set)
    entered: set[int] = field(default_factory=set)


class Entering:
    """Enters rows into an open change and keeps the report.

    On a row that is refused it goes on without it where `skip` says so, else it raises `Stopped`. Where `documents`
    names the folder with copies of sources, what looks odd about records is remarked, of quotations too.
    """

    def __init__(self, changes: Changes, report: Report, *, skip: bool = False, documents: str | None = None) -> None:
        self.changes = changes
        self.report = report
        self.skip = skip
        self.documents = documents
        self.suggestions = Suggestions(changes)
        self._met: dict[str, _Met] = {}
        self._refused: set[int] = set()

    def enter(
        self, sheet: Sheet, lines: Iterable[Line | Unread], tell: Callable[[int], None] = lambda _done: None
    ) -> set[int]:
        """Enters the rows of a sheet and gives the numbers of those refused; `tell` hears how many have been read."""
        self._refused = set()
        counted = self._read(sheet, lines)
        if sheet.gather:
            _Gathering(self, sheet, sheet.gather).enter(counted, tell)
        else:
            _Each(self, sheet).enter(counted, tell)
        return self._refused

    def met(self, sheet: Sheet) -> _Met:
        """What of this sheet has been met."""
        return self._met.setdefault(sheet.file, _Met())

    def attempt(self) -> Any:
        """What is undone by itself where a row is refused and the others are to go on."""
        return self.changes.attempt() if self.skip else nullcontext()

    def refuse(self, sheet: Sheet, line: Line | Unread, error: RegistryError) -> None:
        """Notes why a row is refused; raises `Stopped` unless the import goes on."""
        self.report.of(sheet.file).refused += 1
        self._refused.add(line.number)
        for problem in getattr(error, "problems", (error,)):
            self.report.faults.add(self._fault(sheet, line, problem))
        if not self.skip:
            raise Stopped

    def remark(self, sheet: Sheet, line: Line, arguments: Arguments, record: Any) -> None:
        """Remarks what looks odd about the record that a row made."""
        if self.documents is None:
            return
        noticed = [*sheet.notices(self.changes, record, arguments)] if sheet.notices else []
        for notice in [*noticed, *of_citations(self.changes, arguments.get("citations"), self.documents)]:
            name = column_at(notice.path, sheet, line.cells)
            header, seen = (line.header(name), line.seen(name) or None) if name else (None, None)
            place = (sheet.file, line.file, line.number, notice.message, notice.code)
            self.report.remarks.add(Fault(*place, header, seen, notice.hint))

    def _read(self, sheet: Sheet, lines: Iterable[Line | Unread]) -> Iterator[Line]:
        for line in lines:
            self.report.rows += 1
            error = line.error if isinstance(line, Unread) else _unwritable(line)
            if error:
                self.refuse(sheet, line, error)
            elif isinstance(line, Line):
                yield line

    def _fault(self, sheet: Sheet, line: Line | Unread, error: RegistryError) -> Fault:
        if isinstance(line, Unread):
            header = error.path[0] if error.path else None
            place = (sheet.file, line.file, line.number, error.message, error.code)
            return Fault(*place, header, line.seen, error.hint, line.suggestion)
        name = column_at(error.path, sheet, line.cells)
        column = column_named(sheet, name)
        suggestion = None
        if name and column and not isinstance(error, Conflict):
            suggestion = self.suggestions.instead_of(item_at(error.path, line.cells[name]), column)
        return Fault(
            *(sheet.file, line.file, line.number, error.message, error.code),
            column=line.header(name) if name else None,
            seen=line.seen(name) or None if name else None,
            rule=error.hint,
            suggestion=suggestion,
        )


def _unwritable(line: Line) -> RegistryError | None:
    """What is wrong with the characters of a row, which are looked at before anything is looked up by them."""
    try:
        with checked():
            for name, cell in line.cells.items():
                if isinstance(cell, str):
                    check_text(cell, name)
                else:
                    for place, item in enumerate(cell):
                        check_text(item, name, str(place))
    except RegistryError as error:
        return error
    return None


@dataclass(frozen=True)
class _Row:
    line: Line
    arguments: Arguments
    needs: frozenset[str]

    def key(self, sheet: Sheet) -> Any:
        return self.arguments.get(sheet.key[0])


class _Each:
    """Enters rows one by one, those that name others of their sheet behind these."""

    def __init__(self, entering: Entering, sheet: Sheet) -> None:
        self.entering = entering
        self.sheet = sheet
        self.counts = entering.report.of(sheet.file)
        self.met = entering.met(sheet)
        self.there: set[str] = set()

    def enter(self, lines: Iterator[Line], tell: Callable[[int], None]) -> None:
        waiting: list[_Row] = []
        done = 0
        while batch := list(islice(lines, _COMPARED)):
            rows = [row for line in batch if (row := self._row(line))]
            self._look_up(rows)
            for row in rows:
                if row.needs <= self.there:
                    self._enter(row)
                else:
                    waiting.append(row)
            done += len(batch)
            tell(done)
        self._enter_waiting(waiting)

    def _row(self, line: Line) -> _Row | None:
        """What a row says; None where it cannot be read."""
        try:
            arguments = arguments_of(self.sheet, line.cells)
            reference = arguments.get(self.sheet.key[0])
            if not reference:
                hint = "Every row needs it, so that importing it again changes nothing."
                raise BadInput("The cell is empty.", path=(self.sheet.key[0],), hint=hint)
            named = (item for column in self.sheet.up for item in items(line.cells[column]))
            needs = frozenset(item.rpartition("=")[2].strip() for item in named) - {reference}
            return _Row(line, arguments, needs)
        except RegistryError as error:
            self.entering.refuse(self.sheet, line, error)
            return None

    def _look_up(self, rows: list[_Row]) -> None:
        self.held = known(self.entering.changes, self.sheet, [row.key(self.sheet) for row in rows])
        unknown = frozenset().union(*(row.needs for row in rows)) - self.there
        if unknown:
            self.there |= on_record(self.entering.changes, self.sheet, unknown)

    def _enter_waiting(self, waiting: list[_Row]) -> None:
        """Enters rows that name some further down; those that name one another in a ring come last."""
        while free := [row for row in waiting if row.needs <= self.there]:
            self._enter_all(free)
            waiting = _without(waiting, free)
        names = {row.key(self.sheet) for row in waiting}
        in_vain = [row for row in waiting if not row.needs <= self.there | names]
        if in_vain:
            self._enter_all(in_vain)  # which says of each whom it names in vain
            self._enter_waiting(_without(waiting, in_vain))
        elif self.sheet.later:
            self._enter_ring(waiting, *self.sheet.later)
        else:
            self._enter_all(waiting)

    def _enter_ring(self, ring: list[_Row], parameter: str, write: Callable[[Changes, str, Any], object]) -> None:
        """Enters rows that name one another without what names them, and that once all are there."""
        self._enter_all([_Row(row.line, {**row.arguments, parameter: ()}, row.needs) for row in ring])
        for row in ring:
            if row.key(self.sheet) in self.there:
                said = partial(write, self.entering.changes, row.key(self.sheet), row.arguments[parameter])
                self._attempt(row, said)

    def _enter_all(self, rows: list[_Row]) -> None:
        for start in range(0, len(rows), _COMPARED):
            batch = rows[start : start + _COMPARED]
            self._look_up(batch)
            for row in batch:
                self._enter(row)

    def _enter(self, row: _Row) -> None:
        key, content = key_of(self.sheet, row.arguments), content_of(self.sheet, row.arguments)
        if self.sheet.key == ("reference",) or self.sheet.key == ("code",):
            first = self.met.keys.setdefault(key, row.line.number)
            if first != row.line.number:
                message = f"The file has “{key[0]}” twice, first in row {first}."
                self.entering.refuse(
                    self.sheet, row.line, Conflict(message, path=self.sheet.key, hint="Leave one of the two out.")
                )
                return
        try:
            met = [(one, beside(self.sheet, row.line, row.arguments, one)) for one in self.held.get(key, [])]
        except RegistryError as error:
            self.entering.refuse(self.sheet, row.line, error)
            return
        if self._is_said_already(met, content):
            self.counts.unchanged += 1
            return
        there = next((pair for pair in met if pair[0].id not in self.met.taken), None)
        if there is None:
            self._create(row, content)
        else:
            self._revise(row, *there, content)

    def _is_said_already(self, met: list[tuple[Known, Beside]], content: Content) -> bool:
        """Whether a record says the same, or a row before this one did."""
        for one, said in met:
            if one.content == said.content:
                self.met.taken.add(one.id)
                return True
        return _digest(content) in self.met.entered

    def _create(self, row: _Row, content: Content) -> None:
        changes = self.entering.changes
        if self._attempt(row, lambda: self.sheet.write(changes, **row.arguments)):
            self.counts.created += 1
            self._note(row, content)

    def _revise(self, row: _Row, there: Known, said: Beside, content: Content) -> None:
        self.met.taken.add(there.id)
        names = differing(said.content, there.content)

        def revise() -> object:
            if self.sheet.revise is None or not set(names) <= self.sheet.revise.parameters:
                raise _clash(self.sheet, row, names)
            return self.sheet.revise.write(self.entering.changes, there.id, said.arguments, names)

        if self._attempt(_Row(said.line, said.arguments, row.needs), revise):
            self.counts.revised += 1
            fields = columns_differing(self.sheet, names, said.line.cells, there.cells)
            place = (self.sheet.file, row.line.file, row.line.number)
            self.entering.report.revisions.add(Revised(*place, str(row.key(self.sheet)), tuple(fields)))
            self._note(row, content)

    def _note(self, row: _Row, content: Content) -> None:
        self.there.add(row.key(self.sheet))
        if len(self.sheet.key) > 1:
            self.met.entered.add(_digest(content))

    def _attempt(self, row: _Row, write: Callable[[], object]) -> bool:
        try:
            with self.entering.attempt():
                record = write()
        except RegistryError as error:
            self.entering.refuse(self.sheet, row.line, error)
            return False
        if record is not None:
            self.entering.remark(self.sheet, row.line, row.arguments, record)
        return True


def _without(rows: list[_Row], gone: list[_Row]) -> list[_Row]:
    numbers = {row.line.number for row in gone}
    return [row for row in rows if row.line.number not in numbers]


def _digest(content: Content) -> int:
    return hash(tuple(content.items()))


def _clash(sheet: Sheet, row: _Row, names: list[str]) -> Conflict:
    allowed = sheet.revise.parameters if sheet.revise else frozenset()
    fixed = [name for name in names if name not in allowed]
    message = f"“{row.key(sheet)}” is on record with another {', '.join(fixed)}."
    hint = "An import does not change that: make the row as the record is, which an export shows, or revise the record."
    return Conflict(message, path=(fixed[0],), hint=hint)


class _Gathering:
    """Enters rows many at a time, all alike in everything but one parameter."""

    def __init__(self, entering: Entering, sheet: Sheet, gather: str) -> None:
        self.entering = entering
        self.sheet = sheet
        self.gather = gather

    def enter(self, lines: Iterator[Line], tell: Callable[[int], None]) -> None:
        done = 0
        while batch := list(islice(lines, _GATHERED)):
            groups: dict[tuple[tuple[str, Any], ...], list[tuple[Line, Any]]] = {}
            for line in batch:
                try:
                    arguments = arguments_of(self.sheet, line.cells)
                except RegistryError as error:
                    self.entering.refuse(self.sheet, line, error)
                    continue
                item = arguments.pop(self.gather)
                groups.setdefault(tuple(arguments.items()), []).append((line, item))
            for alike, group in groups.items():
                if others := self._not_said(dict(alike), group):
                    self._report(dict(alike), others)
            self.entering.changes.spill()
            done += len(batch)
            tell(done)

    def _not_said(self, alike: Arguments, group: list[tuple[Line, Any]]) -> list[tuple[Line, Any]]:
        """The rows but for those that say of a record what the actor sees of it, where that is not all: it stays."""
        records = seen_in_part(self.entering.changes, self.sheet, alike[self.sheet.key[0]])
        said = Counter(record[self.gather] for record in records)
        others = []
        for line, item in group:
            if said[item]:
                said[item] -= 1
                self.entering.report.of(self.sheet.file).unchanged += 1
            else:
                others.append((line, item))
        return others

    def _report(self, alike: Arguments, group: list[tuple[Line, Any]]) -> None:
        """Reports rows together; where that is refused and others are to go on, those at fault are found by halving."""
        try:
            with self.entering.attempt():
                outcome = self.sheet.write(self.entering.changes, **alike, **{self.gather: [item for _, item in group]})
        except RegistryError as error:
            if len(group) == 1 or not self.entering.skip:
                problem = getattr(error, "problems", (error,))[0]
                at = int(problem.path[1]) if problem.path[:1] == (self.gather,) else 0
                self.entering.refuse(self.sheet, group[at][0], problem)
                return
            half = len(group) // 2
            self._report(alike, group[:half])
            self._report(alike, group[half:])
        else:
            counts = self.entering.report.of(self.sheet.file)
            counts.created += outcome.created
            counts.revised += outcome.revised
            self.entering.report.revisions.count(self.sheet.file, "people", outcome.revised)
            counts.withdrawn += len(outcome.withdrawn)
            counts.unchanged += outcome.accepted - outcome.created - outcome.revised - len(outcome.withdrawn)
