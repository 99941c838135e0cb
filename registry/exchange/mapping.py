"""Mapping files: how the rows of a file that somebody else has laid out become records of the registry.

A mapping is TOML. `records` says, for each kind of record that a row makes, what its cells are: words with the file's
columns in braces, as they stand (`{year}`), as the code of the country of that name (`{countryA|country}`), or as a
date in EDTF (`{signed|date}`). `first` are records entered before any row, such as the source that all of them cite.
"""

import re
import tomllib
from collections.abc import Callable, Iterator
from datetime import date
from itertools import islice
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from registry.errors import BadInput
from registry.exchange.cells import blank
from registry.exchange.country_names import CountryNames
from registry.exchange.date_forms import day_meant, read_as
from registry.exchange.entering import Entering
from registry.exchange.formats import Table
from registry.exchange.headers import nearest, numbered_column
from registry.exchange.lines import Line, Unread
from registry.exchange.lists import Cell
from registry.exchange.report import Fault
from registry.exchange.sheets import KINDS, Sheet

_AT_ONCE = 200
_PLACE = re.compile(r"\{([^{}|]+)(?:\|(\w+))?\}")


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


def _known_kind(kind: str) -> str:
    if kind not in KINDS:
        raise ValueError(f"no kind of record; known are {', '.join(KINDS)}")
    return kind


Kind = Annotated[str, AfterValidator(_known_kind)]


class Check(_Part):
    """What must hold of a date in a row, else the record it belongs to is refused."""

    column: str
    same_year_as: str | None = None
    not_before: str | None = None


class MappedRecord(_Part):
    """A record that a row makes, where its columns `when` are filled and its columns `unless` are not."""

    kind: Kind
    when: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()
    cells: dict[str, str]
    checks: tuple[Check, ...] = ()

    @property
    def sheet(self) -> Sheet:
        """The sheet that the record is a row of."""
        return KINDS[self.kind]


class LeftOut(_Part):
    """Rows that are not to be entered: where the column holds one of the values."""

    column: str
    values: tuple[str, ...]
    why: str


class Dates(_Part):
    """The forms that dates of the file have, tried in turn, such as `M/D/YYYY`; and whether to doubt day and month."""

    forms: tuple[str, ...] = ()
    doubt: Literal["none", "day and month"] = "none"


class Mapping(_Part):
    """A mapping file. `empty` are words of the file that stand for nothing.

    `countries` are names that neither the code list nor the CLDR has, with their codes; `no_country` are names of what
    has no code of its own, with the reason.
    """

    about: str
    empty: tuple[str, ...] = ()
    dates: Dates = Dates()
    countries: dict[str, str] = Field(default_factory=dict)
    no_country: dict[str, str] = Field(default_factory=dict)
    leave_out: tuple[LeftOut, ...] = ()
    first: dict[Kind, tuple[dict[str, str], ...]] = Field(default_factory=dict)
    records: tuple[MappedRecord, ...] = Field(min_length=1)

    @classmethod
    def read(cls, path: Path) -> "Mapping":
        """The mapping in a file; raises `BadInput`, which names what is wrong with it."""
        try:
            return cls.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            raise BadInput(f"The mapping {path.name} cannot be read: {error}.", hint="Give TOML in UTF-8.") from None
        except ValidationError as error:
            faults = "; ".join(f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors())
            raise BadInput(f"The mapping {path.name} cannot be used: {faults}.") from None

    def begin(self, entering: Entering) -> None:
        """Enters the records that come first."""
        for kind, rows in self.first.items():
            sheet = KINDS[kind]
            entering.enter(sheet, [_line("mapping", place, row, sheet) for place, row in enumerate(rows, start=1)])
        entering.report.rows = 0  # those of the file are counted

    def enter(self, entering: Entering, file: str, table: Table, tell: Callable[[int], None]) -> None:
        """Enters the records that the rows of a table make."""
        rows = _Rows(self, entering, file)
        if table.header is not None:
            rows.check_header(table.header)
        done = 0
        while batch := list(islice(table.rows, _AT_ONCE)):
            rows.enter([(number, names, values) for number, names, values in batch])
            done += len(batch)
            tell(done)


def _line(file: str, number: int, cells: dict[str, str], sheet: Sheet, headers: dict[str, str] | None = None) -> Line:
    unknown = [name for name in cells if not numbered_column(sheet, name)]
    if unknown:
        hint = f"The columns are {', '.join(blank(sheet))}."
        raise BadInput(f"The mapping fills {unknown[0]}, which {sheet.file} do not have.", hint=hint)
    filled: dict[str, Cell] = {**blank(sheet), **{name: cell.strip() for name, cell in cells.items()}}
    return Line(file, number, filled, frozenset(cells), headers or {})


class _Misread(BadInput):
    """A cell of the file that the mapping cannot make anything of."""

    def __init__(self, message: str, column: str, seen: str, rule: str, suggestion: str | None = None) -> None:
        super().__init__(message, path=(column,), hint=rule)
        self.seen = seen
        self.suggestion = suggestion


class _Rows:
    """Makes records of the rows of one file."""

    def __init__(self, mapping: Mapping, entering: Entering, file: str) -> None:
        self.mapping = mapping
        self.entering = entering
        self.report = entering.report
        self.file = file
        self.names = CountryNames(entering.changes.session, mapping.countries)

    def check_header(self, header: tuple[str, ...]) -> None:
        """Raises `BadInput` where the file lacks a column that the mapping reads."""
        templates = [template for record in self.mapping.records for template in record.cells.values()]
        wanted = {place[1] for template in templates for place in _PLACE.finditer(template)}
        wanted |= {rule.column for rule in self.mapping.leave_out}
        wanted |= {column for record in self.mapping.records for column in (*record.when, *record.unless)}
        for column in sorted(wanted - set(header)):
            near = nearest(column, header)
            hint = f"Did you mean {near}?" if near else f"The file has {', '.join(header)}."
            raise BadInput(f"The mapping reads column {column}, which {self.file} does not have.", hint=hint)

    def enter(self, batch: list[tuple[int, tuple[str, ...], object]]) -> None:
        """Enters the records of some rows, those of one kind together; a row whose first is refused makes no other."""
        rows: dict[int, dict[str, str]] = {}
        refused: set[int] = set()
        before = self.report.rows
        first = self.mapping.records[0].sheet
        for number, names, values in batch:
            if isinstance(values, BadInput):
                self.entering.refuse(first, Unread(self.file, number, values), values)
            else:
                assert isinstance(values, list)
                rows[number] = {name: self._cell(value) for name, value in zip(names, values, strict=True)}
        for number in [number for number, row in rows.items() if self._is_left_out(number, row, first)]:
            del rows[number]
        for record in self.mapping.records:
            going_on = {number: row for number, row in rows.items() if number not in refused and _makes(record, row)}
            lost = self.entering.enter(record.sheet, self._lines(record, going_on))
            refused |= lost if record is self.mapping.records[0] else set()
        self.report.rows = before + len(batch)

    def _cell(self, value: Cell) -> str:
        text = value if isinstance(value, str) else " | ".join(value)
        return "" if text in self.mapping.empty else text

    def _is_left_out(self, number: int, row: dict[str, str], sheet: Sheet) -> bool:
        for rule in self.mapping.leave_out:
            if row[rule.column] in rule.values:
                self.report.of(sheet.file).left_out += 1
                seen = row[rule.column]
                self.report.remarks.add(
                    Fault(sheet.file, self.file, number, f"Left out: {rule.why}", "LEFT_OUT", rule.column, seen)
                )
                return True
        return False

    def _lines(self, record: MappedRecord, rows: dict[int, dict[str, str]]) -> Iterator[Line | Unread]:
        sources = {column: place[1] for column, said in record.cells.items() if (place := _PLACE.search(said))}
        for number, row in rows.items():
            try:
                for check in record.checks:
                    self._check(check, row)
                cells = {column: self._filled(said, record, number, row) for column, said in record.cells.items()}
            except _Misread as error:
                yield Unread(self.file, number, error, error.seen, error.suggestion)
            else:
                yield _line(self.file, number, cells, record.sheet, sources)

    def _filled(self, template: str, record: MappedRecord, number: int, row: dict[str, str]) -> str:
        """The words of a template with the row's cells in them; empty where all of these are."""
        places = [place[1] for place in _PLACE.finditer(template)]
        if places and not any(row[column] for column in places):
            return ""

        def fill(place: re.Match[str]) -> str:
            column, seen = place[1], row[place[1]]
            if place[2] == "country":
                return self._country(column, seen)
            if place[2] == "date":
                return self._date(column, seen, record, number)
            return seen

        return _PLACE.sub(fill, template)

    def _country(self, column: str, seen: str) -> str:
        code = self.names.code(seen)
        if code is None:
            rule = self.mapping.no_country.get(seen) or "Give a name of the code list or the CLDR, or map it."
            near = None if seen in self.mapping.no_country else self.names.near(seen)
            raise _Misread(f"“{seen}” is the name of no country.", column, seen, rule, near)
        return code

    def _date(self, column: str, seen: str, record: MappedRecord, number: int) -> str:
        day, form = self._read_date(column, seen)
        if self.mapping.dates.doubt == "day and month" and day.day <= 12 and day.day != day.month:
            message = f"The day and the month could have changed places; read as {form}."
            kind = record.sheet.file
            self.report.remarks.add(Fault(kind, self.file, number, message, "DOUBTFUL", column, seen))
        return day.isoformat()

    def _read_date(self, column: str, seen: str) -> tuple[date, str]:
        forms = self.mapping.dates.forms
        rule = f"Give one day as {' or '.join(forms)}."
        for form in forms:
            try:
                if day := read_as(seen, form):
                    return day, form
            except ValueError:
                raise _Misread("The calendar has no such day.", column, seen, rule, day_meant(seen)) from None
        raise _Misread("The cell is no date in that form.", column, seen, rule, day_meant(seen))

    def _check(self, check: Check, row: dict[str, str]) -> None:
        seen = row[check.column]
        day, _form = self._read_date(check.column, seen)
        year = row[check.same_year_as] if check.same_year_as else ""
        if year and year != str(day.year):
            rule = f"Its year is that of column {check.same_year_as}, which says {year}."
            meant = seen.replace(str(day.year), year)
            raise _Misread("The date contradicts the year.", check.column, seen, rule, meant)
        other = self._other_day(check.not_before, row)
        if other and day < other:
            rule = f"It is on or after the day in column {check.not_before}, {row[str(check.not_before)]}."
            raise _Misread("The day is before one that it follows.", check.column, seen, rule)

    def _other_day(self, column: str | None, row: dict[str, str]) -> date | None:
        """The day in another column, where it can be read; that it cannot is told where it is needed."""
        try:
            return self._read_date(column, row[column])[0] if column and row[column] else None
        except _Misread:
            return None


def _makes(record: MappedRecord, row: dict[str, str]) -> bool:
    return all(row[column] for column in record.when) and not any(row[column] for column in record.unless)
