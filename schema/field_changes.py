"""How a change is told to clients: each field before and after, under the name that the contract has for it.

The log keeps rows as they are stored. Here a row of the record itself becomes a field for each of its columns, the rows
of a kind of part one field together: what was taken out or stood there before, and what was added or stands there now,
each with what tells it apart from others of its kind. Words of a source stand in the part that rests on them, and in
the field `citations` where the record itself does.
Other records are named by reference or code, as far as the asker may see them; a row that cannot be without a record
which the asker may not see is left out, and so is a column for another audience.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple, Protocol

import orjson
from sqlmodel import SQLModel
from strawberry.utils.str_converters import to_camel_case

from registry.access import RESTRICTED, Audience
from registry.history import Coded, logged_tables
from registry.history.shape import Named, kind_of, logged_columns, subject_of, whole_behind
from registry.keys import ApiKey
from schema.row_changes import (
    CITED,
    COUNTED,
    MOST_SHOWN,
    PARTS,
    RETURNS,
    WORDS,
    Part,
    Row,
    Step,
    happened,
    only_counts,
    parts_of,
    resting,
    rows_of,
)

#: Kinds of records that the log tells of, though no field of the schema leads to them: their tables must be known.
ONLY_TOLD_OF = (ApiKey,)

#: Columns of parts that only say where the row belongs or stands, and those that the contract calls otherwise.
_PLACING = {"id", "position", "frequency", "citation.subject", "citation.subject_id"}
_CALLED = {"agreement_relation.other_id": "agreement"}


class Reading(Protocol):
    """What reads more rows for the changes that are told, as far as the asker may see them, by their ids."""

    def columns(self, table: str, names: tuple[str, ...], ids: Collection[int]) -> Mapping[int, Sequence[Any]]:
        """Columns of the rows of a table with these ids."""

    def withdrawals(self, kind: str, ids: Collection[int]) -> Mapping[int, str]:
        """What the log keeps of those of these records that were taken out: the column `rows` of that change."""

    def removals(self, kind: str, keys: Collection[str]) -> Sequence[str]:
        """The columns `rows` of the changes by which rows of these records, or they themselves, were taken out."""


class FieldTold(NamedTuple):
    """One field of a record before and after a change, as JSON has it; null where there is nothing."""

    name: str
    old: Any
    new: Any


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
        self._happened = {change: happened(change[1]) for change in changes}
        self._count(reading)
        self._name_parts(reading)
        self._names = {table: _named(table, ids, reading) for table, ids in self._referred().items()}

    def of(self, change: tuple[Named, str]) -> list[FieldTold]:
        """The fields of a change, given by its subject and its column `rows`; those of the record itself first."""
        own: dict[str, list[Any]] = {}
        steps, *uncounted = self._happened[change]
        for step in steps:
            if step.table not in PARTS and _is_about(step, change[0]):
                self._add_own(own, step)
        told = [FieldTold(name, *ends) for name, ends in own.items() if ends[0] != ends[1]]
        of_parts = (
            FieldTold(name, *(self._parts(name, *end) for end in zip(ends, uncounted, strict=True)))
            for name, ends in parts_of(change[0], steps).items()
        )
        return [*told, *(each for each in of_parts if each.old is not None or each.new is not None)]

    # ── What is looked up ─────────────────────────────────────────────────────────────────────────

    def _count(self, reading: Reading) -> None:
        """Lets a return of which only the number was revised tell what it counts; that never changes."""
        sources = {
            step.key["id"]: change[0]
            for change, happened in self._happened.items()
            for step in happened.steps
            if only_counts(step)
        }
        scopes = _scopes(sources, reading) if sources else {}
        for steps, *_ in self._happened.values():
            for place, step in enumerate(steps):
                if only_counts(step) and (scope := scopes.get(step.key["id"])) is not None:
                    steps[place] = step._replace(old=scope | (step.old or {}), new=scope | (step.new or {}))

    def _name_parts(self, reading: Reading) -> None:
        """Lets parts be told that did not change themselves, but came to rest on other words."""
        missing = {change: resting(change[0], happened.steps) for change, happened in self._happened.items()}
        found: dict[Part, Row] = {}
        for table in {table for parts in missing.values() for table, _ in parts}:
            ids = {number for parts in missing.values() for name, number in parts if name == table}
            found |= {(table, number): row for number, row in _whole(table, ids, reading).items()}
        for change, parts in missing.items():
            self._happened[change].steps.extend(
                Step(part[0], found[part], found[part], found[part]) for part in sorted(parts) if part in found
            )

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
        if name == COUNTED:
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
        if words := [said for each in row.get(CITED, ()) if (said := self._part(WORDS, each)) is not None]:
            told[CITED] = words
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


def _scopes(sources: Mapping[int, Named], reading: Reading) -> dict[int, Row]:
    """Returns by their ids, given their sources; those that were taken back since are read out of the log."""
    found = _whole(RETURNS, sources, reading)
    gone = {source.key for number, source in sources.items() if number not in found}
    for rows in reading.removals("Source", gone) if gone else ():
        for told in orjson.loads(rows):
            if told["table"] == RETURNS:
                found |= {row["id"]: row for row in rows_of(told, told.get("removed", ())) if row["id"] in sources}
    return found


def _whole(table: str, ids: Collection[int], reading: Reading) -> dict[int, Row]:
    """All columns of the rows of a table with these ids."""
    names = tuple(column.name for column in SQLModel.metadata.tables[table].c)
    return {number: dict(zip(names, row, strict=True)) for number, row in reading.columns(table, names, ids).items()}


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
        for step in happened(rows).steps:
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
