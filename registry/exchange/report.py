"""What an import has done, and what it refused: by row and column, with what stands there and what could."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from typing import Any, NamedTuple

from rich.console import Console
from rich.table import Table
from rich.text import Text

#: So many faults are told one by one; of the others only the reasons are counted, so that a report stays small.
FAULTS_TOLD = 1_000

#: So many reasons are told, and others counted together: what a row is refused for may have the row's own words in it.
REASONS_TOLD = 100

OUTCOMES = ("created", "revised", "withdrawn", "unchanged", "refused", "left_out")


@dataclass(frozen=True)
class Fault:
    """Why a row is refused, or what about it is doubtful: where it is, what stands there, the rule, and what could.

    `row` is the number in the file, the header being 1; `column` the header. `rule` says what may stand there.
    """

    kind: str
    file: str
    row: int
    message: str
    code: str
    column: str | None = None
    seen: str | None = None
    rule: str | None = None
    suggestion: str | None = None

    @property
    def sentence(self) -> str:
        """All of it in a line."""
        where = f"{self.file}, row {self.row}" + (f", column {self.column}" if self.column else "")
        seen = f" Seen: “{self.seen}”." if self.seen else ""
        meant = f" Did you mean “{self.suggestion}”?" if self.suggestion else ""
        return f"{where}: {self.message}{seen}{meant}"


@dataclass
class Counts:
    """What became of the rows of one kind."""

    created: int = 0
    revised: int = 0
    withdrawn: int = 0
    unchanged: int = 0
    refused: int = 0
    left_out: int = 0


class Reason(NamedTuple):
    """What faults have in common: kind of record, column, code of the error, and the rule that was not kept.

    Where no rule is told it is the message, but for the values in it.
    """

    kind: str
    column: str
    code: str
    rule: str


@dataclass
class Told:
    """Faults or doubts: the first of them one by one, and all of them counted by their reasons.

    `messages` has the first message of each reason, without the values of its row; faults for other reasons than the
    first so many are counted, but not told.
    """

    told: list[Fault] = field(default_factory=list)
    count: int = 0
    reasons: Counter[Reason] = field(default_factory=Counter)
    messages: dict[Reason, str] = field(default_factory=dict)

    def add(self, fault: Fault) -> None:
        """Counts a fault and tells it if there is room."""
        self.count += 1
        message = _without_values(fault.message)
        reason = Reason(fault.kind, fault.column or "", fault.code, fault.rule or message)
        if reason in self.reasons or len(self.reasons) < REASONS_TOLD:
            self.reasons[reason] += 1
            self.messages.setdefault(reason, message)
        if len(self.told) < FAULTS_TOLD:
            self.told.append(fault)

    @property
    def reasons_not_told(self) -> int:
        """How many faults there are for other reasons than those that are told."""
        return self.count - self.reasons.total()

    def most_common(self, most: int | None = None) -> Iterator[tuple[Reason, str, int]]:
        """The reasons, the most frequent first, each with its message and how often it is met."""
        for reason, rows in self.reasons.most_common(most):
            yield reason, self.messages[reason], rows

    def to_json(self) -> Iterator[dict[str, Any]]:
        """The reasons, the most frequent first."""
        for reason, message, rows in self.most_common():
            column = reason.column or None
            yield {"kind": reason.kind, "column": column, "code": reason.code, "message": message, "rows": rows}


@dataclass(frozen=True)
class Revised:
    """A record that a row revises, by its reference or that of what it belongs to, and the fields it revises."""

    kind: str
    file: str
    row: int
    record: str
    fields: tuple[str, ...]


@dataclass
class Revisions:
    """The first records that are revised, one by one, and the fields of all of them counted."""

    told: list[Revised] = field(default_factory=list)
    fields: Counter[tuple[str, str]] = field(default_factory=Counter)
    not_told: int = 0

    def add(self, revised: Revised) -> None:
        """Counts the fields of a record, and tells it if there is room."""
        for name in revised.fields:
            self.count(revised.kind, name, 1)
        if len(self.told) < FAULTS_TOLD:
            self.told.append(revised)
        else:
            self.not_told += 1

    def count(self, kind: str, name: str, records: int) -> None:
        """Counts records of a kind in which a field is revised."""
        if records:
            self.fields[kind, name] += records

    def to_json(self) -> Iterator[dict[str, Any]]:
        """The fields, the most frequent first."""
        for (kind, name), records in self.fields.most_common():
            yield {"kind": kind, "field": name, "records": records}


@dataclass
class Report:
    """What an import has done; `written` says whether it stays.

    `code_lists` is how many rows of the code lists were loaded before, as the registry had none.
    """

    dry_run: bool = False
    written: bool = False
    rows: int = 0
    code_lists: int = 0
    counts: dict[str, Counts] = field(default_factory=dict)
    revisions: Revisions = field(default_factory=Revisions)
    faults: Told = field(default_factory=Told)
    remarks: Told = field(default_factory=Told)

    @property
    def taken(self) -> int:
        """How many rows say what is on record now, whether they changed anything or not."""
        return sum(one.created + one.revised + one.withdrawn + one.unchanged for one in self.counts.values())

    @property
    def failed(self) -> bool:
        """Whether a row was refused and nothing was written."""
        return bool(self.faults.count) and not self.written

    def of(self, kind: str) -> Counts:
        """The counts of one kind."""
        return self.counts.setdefault(kind, Counts())

    def to_json(self) -> dict[str, Any]:
        """The report as JSON has it."""
        return {
            "dryRun": self.dry_run,
            "written": self.written,
            "rows": self.rows,
            "codeListRows": self.code_lists,
            "counts": {kind: _camel(asdict(counts)) for kind, counts in self.counts.items()},
            "revisedFields": list(self.revisions.to_json()),
            "revisions": [asdict(revised) for revised in self.revisions.told],
            "revisionsNotTold": self.revisions.not_told,
            "reasons": list(self.faults.to_json()),
            "reasonsNotTold": self.faults.reasons_not_told,
            "faults": [asdict(fault) for fault in self.faults.told],
            "faultsNotTold": self.faults.count - len(self.faults.told),
            "remarkReasons": list(self.remarks.to_json()),
            "remarkReasonsNotTold": self.remarks.reasons_not_told,
            "remarks": [asdict(remark) for remark in self.remarks.told],
            "remarksNotTold": self.remarks.count - len(self.remarks.told),
        }

    def print(self, console: Console, most: int = 20) -> None:
        """Shows what was done, why rows were refused, and `most` of what stands there."""
        if self.code_lists and (self.written or self.dry_run):
            console.print(f"The registry had no code lists: {self.code_lists:,} rows of them were loaded first.")
        console.print(self._counts_table())
        if self.revisions.fields:
            console.print(_revisions_table(self.revisions))
        for title, told in (("Refused", self.faults), ("Remarks", self.remarks)):
            if told.count:
                console.print(_reasons_table(title, told))
        if self.faults.told:
            console.print(_faults_table(self.faults.told, most))
        console.print(self.ending)

    @property
    def ending(self) -> str:
        """What became of it all, in a sentence."""
        if self.dry_run:
            return "This was a dry run: nothing was written."
        if not self.written:
            return "Nothing was written."
        anything = self.code_lists or any(one.created + one.revised + one.withdrawn for one in self.counts.values())
        return "It is written." if anything else "Nothing had to be written."

    def _counts_table(self) -> Table:
        table = Table("Kind", *(name.replace("_", " ").capitalize() for name in OUTCOMES), title=f"{self.rows:,} rows")
        for column in table.columns[1:]:
            column.justify = "right"
        for kind, counts in self.counts.items():
            table.add_row(kind, *(f"{getattr(counts, name):,}" for name in OUTCOMES))
        return table


def _reasons_table(title: str, told: Told) -> Table:
    table = Table("Kind", "Column", "Why", "Rows", title=title)
    table.columns[3].justify = "right"
    for reason, message, rows in told.most_common(30):
        table.add_row(reason.kind, _plain(reason.column), _plain(message), f"{rows:,}")
    return table


def _revisions_table(revisions: Revisions) -> Table:
    """The fields that are revised, with the first records of each."""
    table = Table("Kind", "Field", "Records", "First", title="Revised")
    table.columns[2].justify = "right"
    for (kind, name), records in revisions.fields.most_common(60):
        first = [one.record for one in revisions.told if one.kind == kind and name in one.fields][:3]
        table.add_row(kind, name, f"{records:,}", _plain(", ".join(first)))
    return table


def _faults_table(faults: list[Fault], most: int) -> Table:
    """The faults, each kind of it once: where it is met first, and how often."""
    table = Table("First", "Rows", "Column", "Seen", "What is wrong", "Rule", "Perhaps", title="What stands there")
    for column in table.columns[:2]:
        column.justify = "right"
    alike = Counter((fault.file, fault.column, fault.seen, fault.message) for fault in faults)
    first = {(fault.file, fault.column, fault.seen, fault.message): fault for fault in reversed(faults)}
    for key, rows in alike.most_common(most):
        fault = first[key]
        rest = (fault.column, _short(fault.seen, 60), fault.message, _short(fault.rule, 120), fault.suggestion)
        table.add_row(str(fault.row), f"{rows:,}", *(_plain(cell or "") for cell in rest))
    return table


def _short(text: str | None, most: int) -> str | None:
    return text if text is None or len(text) <= most else f"{text[: most - 1]}…"


def _plain(text: str) -> Text:
    """Text that the terminal takes for nothing but text."""
    return Text("".join(letter if letter.isprintable() else " " for letter in text))


def _without_values(message: str) -> str:
    """A message without the values of its row, so that alike ones are counted together."""
    return re.sub(r"\b[0-9][0-9,./-]*\b", "…", re.sub("“[^”]*”", "“…”", message))


def _camel(names: dict[str, Any]) -> dict[str, Any]:
    return {re.sub("_(.)", lambda letter: letter[1].upper(), name): value for name, value in names.items()}
