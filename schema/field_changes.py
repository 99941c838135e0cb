"""How a change is told to clients: each field before and after, under the name that the contract has for it.

The log keeps rows as they are stored. Here a row of the record itself becomes a field for each of its columns, the rows
of a kind of part one field together: what was taken out or stood there before, and what was added or stands there now.
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
from registry.history.shape import Named, key_columns, kind_of, logged_columns, subject_of, whole_behind

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

#: Columns of parts that only say where the row belongs or stands, and those that the contract calls otherwise.
_PLACING = {"id", "position", "node", "node_id", "subject", "subject_id", "frequency"}
_CALLED = {"agreement_relation.other_id": "agreement"}

#: A source may have very many returns: they are counted, and so many of them shown.
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
    """What became of one row: its key, and its columns before and after, those that differ where it was revised."""

    table: str
    key: Row
    old: Row | None
    new: Row | None


class FieldChanges:
    """The fields of changes, for somebody who asks: what they name is looked up for all of them at once."""

    def __init__(self, changes: Iterable[tuple[Named, str]], audiences: Collection[Audience], reading: Reading) -> None:
        self._audiences = audiences
        self._steps = {change: list(_steps(change[1])) for change in changes}
        self._counted(reading)
        self._names = {table: _named(table, ids, reading) for table, ids in self._referred().items()}

    def of(self, change: tuple[Named, str]) -> list[FieldTold]:
        """The fields of a change, given by its subject and its column `rows`; those of the record itself first."""
        own: dict[str, list[Any]] = {}
        parts: dict[str, tuple[list[Any], list[Any]]] = {}
        for step in self._steps[change]:
            if step.table in PARTS:
                held = parts.setdefault(PARTS[step.table], ([], []))
                for rows, row in zip(held, (step.old, step.new), strict=True):
                    rows += self._part(step, row)
            elif _is_about(step, change[0]):
                self._add_own(own, step)
        told = [FieldTold(name, *ends) for name, ends in own.items() if ends[0] != ends[1]]
        return told + [
            FieldTold(name, _shown(name, old), _shown(name, new)) for name, (old, new) in parts.items() if old or new
        ]

    # ── What is looked up ─────────────────────────────────────────────────────────────────────────

    def _counted(self, reading: Reading) -> None:
        """Lets a return of which only the number was revised tell what it counts; that never changes."""
        revised = [
            step
            for steps in self._steps.values()
            for step in steps
            if PARTS.get(step.table) == _COUNTED and step.old is not None and step.new is not None
        ]
        if revised:
            table = revised[0].table
            columns = tuple(column.name for column in SQLModel.metadata.tables[table].c)
            found = reading.columns(table, columns, {step.key["id"] for step in revised})
            scopes = {number: dict(zip(columns, row, strict=True)) for number, row in found.items()}
            for steps in self._steps.values():
                steps[:] = [
                    step._replace(old=scopes[key] | step.old, new=scopes[key] | step.new)
                    if step.old and step.new and (key := step.key.get("id")) in scopes and step.table == table
                    else step
                    for step in steps
                ]

    def _referred(self) -> Mapping[str, set[int]]:
        ids: dict[str, set[int]] = defaultdict(set)
        for steps in self._steps.values():
            for step in steps:
                for row in (step.old, step.new):
                    for name in row or ():
                        other = _refers(step.table, name)
                        if other and row and row[name] is not None:
                            ids[other].add(row[name])
        return ids

    # ── What is told ──────────────────────────────────────────────────────────────────────────────

    def _add_own(self, own: dict[str, list[Any]], step: Step) -> None:
        for name in dict.fromkeys((*(step.old or ()), *(step.new or ()))):
            if _tells(step.table, name) and self._is_told(step.table, name):
                ends = own.setdefault(_called(step.table, name), [self._value(step.table, name, step.old), None])
                ends[1] = self._value(step.table, name, step.new)

    def _part(self, step: Step, row: Row | None) -> Iterator[Any]:
        """What is told of a row of a part: its columns, or the value of the only one that it ever tells."""
        if row is None:
            return
        told = {}
        columns = [name for name in _part_columns(step.table) if self._is_told(step.table, name)]
        for name in columns:
            value = self._value(step.table, name, row)
            if value is not None:
                told[_called(step.table, name)] = value
            elif row.get(name) is not None and not SQLModel.metadata.tables[step.table].c[name].nullable:
                return
        if told:
            yield told if len(_part_columns(step.table)) > 1 else next(iter(told.values()))

    def _is_told(self, table: str, name: str) -> bool:
        column = SQLModel.metadata.tables[table].c.get(name)
        return column is not None and column.info.get("audience", RESTRICTED) in self._audiences

    def _value(self, table: str, name: str, row: Row | None) -> Any:
        value = (row or {}).get(name)
        other = _refers(table, name)
        return value if other is None or value is None else self._names[other].get(value)


# ── What tables say of themselves ───────────────────────────────────────────────────────────────────────────────────


def _steps(rows: str) -> Iterator[Step]:
    """What became of each row, out of the column `rows` of a change."""
    for told in orjson.loads(rows):
        table = told["table"]
        for item in told.get("revised", ()):
            yield Step(table, item["key"], item["old"], item["new"])
        for what in ("created", "removed"):
            for values in told.get(what, ()):
                row = dict(zip(told["columns"], values, strict=True))
                key = {name: row[name] for name in key_columns(table)}
                yield Step(table, key, *((None, row) if what == "created" else (row, None)))


def _is_about(step: Step, subject: Named) -> bool:
    """Whether a row is that of the record itself: a change may count the versions of others too."""
    kind = kind_of(step.table)
    return whole_behind(kind) is None and subject_of(kind, dict(step.key)) == subject


def _tells(table: str, name: str) -> bool:
    """Whether a column of a record says something of it, beside counting its changes."""
    return name not in ("id", "version") and not _follows(table, name)


@cache
def _part_columns(table: str) -> tuple[str, ...]:
    """The columns that say something of a part, beside where it belongs."""
    kind = kind_of(table)
    whole = whole_behind(kind)
    placing = _PLACING | ({whole[1]} if whole else set())
    columns = (column.name for column in SQLModel.metadata.tables[table].c)
    return tuple(name for name in columns if name not in placing and not _follows(table, name))


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
        for step in _steps(rows):
            if step.table == table and step.old and step.old.get("id") == number:
                named[number] = step.old["reference"]
    return named


def _shown(name: str, rows: list[Any]) -> Any:
    """The rows of a kind of part, as JSON; null for none, one by itself where there is only ever one."""
    if not rows:
        return None
    if name == _COUNTED:
        return {"count": len(rows), "rows": rows[:MOST_SHOWN]}
    return rows[-1] if name == "term" else rows


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
