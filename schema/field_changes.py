"""How a change is told to clients: each field before and after, under the name that the contract has for it.

The log keeps rows as they are stored. Here a row of the record itself becomes a field for each of its columns, the rows
of a kind of part one field together: what was taken out or stood there before, and what was added or stands there now,
each with what tells it apart from others of its kind.
Other records are named by reference or code, as far as the asker may see them; a row that cannot be without a record
which the asker may not see is left out, and so is a column for another audience.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple, Protocol

import orjson
from sqlmodel import SQLModel
from strawberry.utils.str_converters import to_camel_case

from registry.access import RESTRICTED, Audience
from registry.history import Coded, logged_tables
from registry.history.shape import Named, kind_of, logged_columns, subject_of, whole_behind
from registry.keys import ApiKey

#: The field that the rows of each kind of part are told as.
PARTS = {
    "agreement_party": "parties",
    "agreement_relation": "relations",
    "agreement_sector": "sectors",
    "agreement_subject": "subjects",
    "agreement_term": "term",
    "citation": "citations",
    "company_role": "roles",
    "company_sector": "sectors",
    "document": "documents",
    "engagement_country": "countries",
    "figure_destination": "destinations",
    "licence": "licences",
    "partnership": "partnerships",
    "placement_return": "placements",
    "quota_origin": "origins",
    "quota_revision": "revisions",
}

#: Kinds of records that the log tells of, though no field of the schema leads to them: their tables must be known.
ONLY_TOLD_OF = (ApiKey,)

#: Columns of parts that only say where the row belongs or stands, and those that the contract calls otherwise.
_PLACING = {"id", "position", "frequency", "citation.subject", "citation.subject_id"}
_CALLED = {"agreement_relation.other_id": "agreement"}

#: A source may have very many returns: they are counted, and so many of them shown. Nobody is left out of what they
#: are about, so that whether the others may be told need not be looked at.
_COUNTED, MOST_SHOWN = "placements", 20

Row = dict[str, Any]


class Reading(Protocol):
    """What reads more rows for the changes that are told, as far as the asker may see them, by their ids."""

    def columns(self, table: str, names: tuple[str, ...], ids: Collection[int]) -> Mapping[int, Sequence[Any]]:
        """Columns of the rows of a table with these ids."""

    def withdrawals(self, kind: str, ids: Collection[int]) -> Mapping[int, str]:
        """What the log keeps of those of these records that were taken out: the column `rows` of that change."""


class FieldTold(NamedTuple):
    """One field of a record before and after a change, as JSON has it; null where there is nothing."""

    name: str
    old: Any
    new: Any


class Step(NamedTuple):
    """What became of one row: its columns before and after, where it was revised those that differ or tell it apart.

    `key` has the columns of its key, and may have more.
    """

    table: str
    key: Row
    old: Row | None
    new: Row | None


class Happened(NamedTuple):
    """What became of rows in one change; how many returns there were before, and are after, that are only counted."""

    steps: list[Step]
    before: int
    after: int


class Told(NamedTuple):
    """A column that is told: its name in the contract, the table whose ids it holds, and whether it is never null."""

    column: str
    name: str
    refers: str | None
    required: bool


class FieldChanges:
    """The fields of changes, for somebody who asks: what they name is looked up for all of them at once."""

    def __init__(self, changes: Iterable[tuple[Named, str]], audiences: Collection[Audience], reading: Reading) -> None:
        self._audiences, self._told = audiences, dict[str, Mapping[str, Told]]()
        self._happened = {change: _happened(change[1]) for change in changes}
        self._counted(reading)
        self._names = {table: _named(table, ids, reading) for table, ids in self._referred().items()}

    def of(self, change: tuple[Named, str]) -> list[FieldTold]:
        """The fields of a change, given by its subject and its column `rows`; those of the record itself first."""
        own: dict[str, list[Any]] = {}
        parts: dict[str, tuple[list[tuple[str, Row]], list[tuple[str, Row]]]] = {}
        steps, *uncounted = self._happened[change]
        for step in steps:
            if step.table in PARTS:
                for held, row in zip(parts.setdefault(PARTS[step.table], ([], [])), (step.old, step.new), strict=True):
                    if row is not None:
                        held.append((step.table, row))
            elif _is_about(step, change[0]):
                self._add_own(own, step)
        told = [FieldTold(name, *ends) for name, ends in own.items() if ends[0] != ends[1]]
        of_parts = (
            FieldTold(name, *(self._parts(name, *end) for end in zip(ends, uncounted, strict=True)))
            for name, ends in parts.items()
        )
        return [*told, *(each for each in of_parts if each.old is not None or each.new is not None)]

    # ── What is looked up ─────────────────────────────────────────────────────────────────────────

    def _counted(self, reading: Reading) -> None:
        """Lets a return of which only the number was revised tell what it counts; that never changes."""
        revised = [
            step
            for steps, *_ in self._happened.values()
            for step in steps
            if PARTS.get(step.table) == _COUNTED and step.old is not None and step.new is not None
        ]
        if revised:
            table = revised[0].table
            columns = tuple(column.name for column in SQLModel.metadata.tables[table].c)
            found = reading.columns(table, columns, {step.key["id"] for step in revised})
            scopes = {number: dict(zip(columns, row, strict=True)) for number, row in found.items()}
            for steps, *_ in self._happened.values():
                steps[:] = [
                    step._replace(old=scopes[key] | step.old, new=scopes[key] | step.new)
                    if step.old and step.new and (key := step.key.get("id")) in scopes and step.table == table
                    else step
                    for step in steps
                ]

    def _referred(self) -> Mapping[str, set[int]]:
        ids: dict[str, set[int]] = defaultdict(set)
        for steps, *_ in self._happened.values():
            for step in steps:
                references = _references(step.table)
                for row in (step.old, step.new) if references else ():
                    for name, other in references:
                        if row and (number := row.get(name)) is not None:
                            ids[other].add(number)
        return ids

    # ── What is told ──────────────────────────────────────────────────────────────────────────────

    def _add_own(self, own: dict[str, list[Any]], step: Step) -> None:
        found = self._columns(step.table)
        for column in dict.fromkeys((*(step.old or ()), *(step.new or ()))):
            if _tells(step.table, column) and (told := found.get(column)) is not None:
                ends = own.setdefault(told.name, [self._value(told, step.old), None])
                ends[1] = self._value(told, step.new)

    def _parts(self, name: str, rows: Sequence[tuple[str, Row]], uncounted: int) -> Any:
        """The rows of a kind of part, as JSON; null for none, one by itself where there is only ever one."""
        told = [value for table, row in rows if (value := self._part(table, row)) is not None]
        if not told:
            return None
        if name == _COUNTED:
            return {"count": len(told) + uncounted, "rows": told[:MOST_SHOWN]}
        return told[-1] if name == "term" else told

    def _part(self, table: str, row: Row) -> Any:
        """What is told of a row of a part: its columns, or the value of the only one that it ever tells."""
        told = {}
        columns, seen = _part_columns(table), self._columns(table)
        for each in [seen[name] for name in columns if name in seen]:
            value = self._value(each, row)
            if value is not None:
                told[each.name] = value
            elif each.required and row.get(each.column) is not None:
                return None  # it cannot be without a record that is not seen
        return (told if len(columns) > 1 else next(iter(told.values()))) if told else None

    def _columns(self, table: str) -> Mapping[str, Told]:
        """The columns of a table that the asker is told, by their own names."""
        if table not in self._told:
            self._told[table] = {
                name: Told(name, _called(table, name), _refers(table, name), required=not column.nullable)
                for name, column in SQLModel.metadata.tables[table].c.items()
                if column.info.get("audience", RESTRICTED) in self._audiences
            }
        return self._told[table]

    def _value(self, told: Told, row: Row | None) -> Any:
        value = row.get(told.column) if row else None
        return value if told.refers is None or value is None else self._names[told.refers].get(value)


# ── What tables say of themselves ───────────────────────────────────────────────────────────────────────────────────


def _happened(rows: str) -> Happened:
    """What became of each row, out of the column `rows` of a change."""
    steps: list[Step] = []
    before = after = 0
    for told in orjson.loads(rows):
        table = told["table"]
        most = MOST_SHOWN if PARTS.get(table) == _COUNTED else None
        revised, created, removed = (told.get(what, ()) for what in ("revised", "created", "removed"))
        steps += [_revised(table, **item) for item in revised[:most]]
        steps += [Step(table, row, None, row) for row in _rows(told, created[:most])]
        steps += [Step(table, row, row, None) for row in _rows(told, removed[:most])]
        if most is not None:
            before += len(revised[most:]) + len(removed[most:])
            after += len(revised[most:]) + len(created[most:])
    return Happened(steps, before, after)


def _revised(table: str, key: Row, old: Row, new: Row) -> Step:
    """What differs in a row, of a part with what tells it apart; logs of earlier versions do not have that."""
    apart = {name: key[name] for name in kind_of(table).__told_apart_by__ if name in key}
    return Step(table, key, apart | old, apart | new)


def _rows(told: Mapping[str, Any], stored: Iterable[Sequence[Any]]) -> Iterator[Row]:
    return (dict(zip(told["columns"], values, strict=True)) for values in stored)


def _is_about(step: Step, subject: Named) -> bool:
    """Whether a row is that of the record itself: a change may count the versions of others too."""
    kind = kind_of(step.table)
    return whole_behind(kind) is None and subject_of(kind, dict(step.key)) == subject


def _tells(table: str, name: str) -> bool:
    """Whether a column of a record says something of it, beside counting its changes."""
    return name not in ("id", "version") and not _follows(table, name)


@cache
def _references(table: str) -> tuple[tuple[str, str], ...]:
    """The columns of a table that name records by id, each with the table of those."""
    named = ((column.name, _refers(table, column.name)) for column in SQLModel.metadata.tables[table].c)
    return tuple((name, other) for name, other in named if other is not None)


@cache
def _part_columns(table: str) -> tuple[str, ...]:
    """The columns that say something of a part, beside where it belongs."""
    columns = (column.name for column in SQLModel.metadata.tables[table].c)
    placing = _PLACING.union(whole_behind(kind_of(table)) or ())
    return tuple(
        name for name in columns if placing.isdisjoint((name, f"{table}.{name}")) and not _follows(table, name)
    )


@cache
def _follows(table: str, name: str) -> bool:
    """Whether a column only bounds a date that another tells."""
    stem, _, end = name.rpartition("_")
    return end in ("earliest", "latest", "start", "end") and stem in SQLModel.metadata.tables[table].c


@cache
def _refers(table: str, name: str) -> str | None:
    """The table of the records that a column names by id; None for one that does not, or that names them by code."""
    column = SQLModel.metadata.tables[table].c.get(name)
    keys = [] if column is None else [key.column for key in column.foreign_keys]
    return next((str(key.table.name) for key in keys if key.name == "id"), None)


@cache
def _called(table: str, name: str) -> str:
    """The name that the contract has for a column: a record is called by what it is to the row."""
    column = SQLModel.metadata.tables[table].c[name]
    stem = name.removesuffix("_id").removesuffix("_code") if column.foreign_keys else name
    return _CALLED.get(f"{table}.{name}") or to_camel_case(stem)


def _named(table: str, ids: Collection[int], reading: Reading) -> dict[int, Any]:
    """The references of records by their ids; of those that were taken out since, out of the log."""
    named = {number: found[0] for number, found in reading.columns(table, ("reference",), ids).items()}
    gone = set(ids) - set(named)
    for number, rows in (reading.withdrawals(kind_of(table).__name__, gone) if gone else {}).items():
        for step in _happened(rows).steps:
            if step.table == table and step.old and step.old.get("id") == number:
                named[number] = step.old["reference"]
    return named


@cache
def codes_told() -> Mapping[tuple[str, ...], str]:
    """The names of the codes that fields hold, by the type of record and the field.

    Those in parts are by the field and the name within it, or twice the field where parts are told as single values.
    """
    found: dict[tuple[str, ...], str] = {}
    for table in logged_tables():
        way = PARTS.get(table.name, kind_of(table.name).__name__)
        for column in table.c:
            if isinstance(column.type, Coded):
                found[way, _called(table.name, column.name)] = column.type.kind.__name__
                found.setdefault((way, way), column.type.kind.__name__)
    return found


def names_told(table: str) -> set[str]:
    """The names of the fields that the rows of a table may be told as."""
    if whole_behind(kind_of(table)) is not None:
        return {PARTS[table]}
    columns = (column.name for column in SQLModel.metadata.tables[table].c)
    return {_called(table, name) for name in columns if name in logged_columns(table) and _tells(table, name)}
