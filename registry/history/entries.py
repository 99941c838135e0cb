"""How what became of single rows is put together into entries of the log, one for each record."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, NamedTuple

import orjson
import sqlalchemy as sa
from sqlmodel import Session

from registry.access import RESTRICTED, Audience
from registry.history.columns import table_behind
from registry.history.shape import (
    Named,
    country_columns,
    key_text,
    kind_named,
    kind_of,
    larger_behind,
    logged_columns,
    logged_tables,
    whole_behind,
)
from registry.history.tables import Change, ChangeAction
from registry.visibility import going_along, may_see, opens

#: Most rows that one entry tells of; a source may have many more returns.
MOST_ROWS = 1_000


class Touched(NamedTuple):
    """What became of one row. A row that was revised has only what differs in `old` and `new`; None is no row."""

    subject: Named
    table: str
    key: dict[str, Any]
    old: dict[str, Any] | None
    new: dict[str, Any] | None

    @property
    def what(self) -> str:
        """`created`, `revised` or `removed`."""
        return "created" if self.old is None else "removed" if self.new is None else "revised"


@dataclass
class Entry:
    """A change to one record."""

    subject: Named
    rows: list[Touched] = field(default_factory=list)

    @property
    def action(self) -> ChangeAction:
        """What became of the record itself."""
        table = str(kind_named(self.subject.type).__tablename__)
        own = [row for row in self.rows if row.table == table and key_text(table, row.key) == self.subject.key]
        if not own or self.subject != own[0].subject:
            return ChangeAction.REVISED
        last = own[-1]
        if last.new is None or (last.old and last.new.get("in_record") is False):
            return ChangeAction.WITHDRAWN
        return ChangeAction.CREATED if own[0].old is None else ChangeAction.REVISED

    @property
    def only_counts(self) -> bool:
        """Whether nothing is told but that the record has another version: because of what belongs to it."""
        return all(row.old is not None and row.new is not None and [*row.new] == ["version"] for row in self.rows)

    def told(self) -> bytes:
        """The rows as JSON: steps in their order, those of like rows together."""
        steps: list[tuple[str, str, list[Touched]]] = []
        for row in self.rows:
            if not steps or steps[-1][:2] != (row.table, row.what):
                steps.append((row.table, row.what, []))
            steps[-1][2].append(row)
        return orjson.dumps([_step(*step) for step in steps], default=_exact)


def _step(table: str, what: str, rows: list[Touched]) -> dict[str, Any]:
    """Whole rows are lists of values, under the columns that are not null in all of them."""
    if what == "revised":
        return {"table": table, what: [{"key": row.key, "old": row.old, "new": row.new} for row in rows]}
    whole: list[dict[str, Any]] = [row.new or row.old or {} for row in rows]
    columns = [name for name in logged_columns(table) if any(one[name] is not None for one in whole)]
    return {"table": table, "columns": columns, what: [[one[name] for name in columns] for one in whole]}


def _exact(value: Any) -> str:
    assert isinstance(value, Decimal), value
    return format(value, "f")


def put_together(touched: Iterable[Touched]) -> list[Entry]:
    """The entries that tell what became of these rows, in the order in which their records were first touched."""
    open_: dict[Named, Entry] = {}
    made: list[Entry] = []
    for row in touched:
        entry = open_.get(row.subject)
        if entry is None or len(entry.rows) >= MOST_ROWS:
            entry = open_[row.subject] = Entry(row.subject)
            made.append(entry)
        entry.rows.append(row)
    return made


def fold_counts(entries: list[Entry], records: list[Named]) -> None:
    """Lets what merely counts a record's versions go with the change of what belongs to it; `records` follows."""
    for place in reversed(range(len(entries))):
        if entries[place].only_counts:
            others = [n for n, record in enumerate(records) if n != place and record == entries[place].subject]
            if others:
                entries[others[0]].rows.extend(entries[place].rows)
                del entries[place], records[place]


def record_of(session: Session, entry: Entry) -> Named:
    """The record that the one of an entry is found with: a larger one, or itself."""
    kind = kind_named(entry.subject.type)
    larger = larger_behind(kind)
    if larger is None:
        return entry.subject
    name, column = larger
    table = table_behind(kind)
    for row in entry.rows:
        if row.table == table.name and (row.old is None or row.new is None):
            return Named(name, str((row.new or row.old or {})[column]))
    found = session.execute(sa.select(table.c[column]).where(table.c.id == int(entry.subject.key))).scalar_one()
    return Named(name, str(found))


def audience_of(session: Session, entry: Entry, record: Named) -> Audience:
    """Whom an entry may be shown to: the closest audience that the record had before or has after.

    A record is for no wider audience than what it goes with, also where it is taken out. Once it is gone, what is told
    of it is for those who were told of it last.
    """
    kind = kind_named(record.type)
    table = table_behind(kind)
    held: list[Audience] = [kind.__audience__]
    held += [
        Audience[columns["audience"]]
        for row in entry.rows
        if row.table == table.name and "audience" in table.c
        for columns in (row.old, row.new)
        if columns and "audience" in columns
    ]
    if not opens(table.name):
        held += _of_what_it_went_with(session, table, entry)
        held.append(_seen_by(session, table, record) or _told_last(session, record) or RESTRICTED)
    return max(held, key=[*Audience].index)


def _of_what_it_went_with(session: Session, table: sa.Table, entry: Entry) -> Iterator[Audience]:
    """The widest audiences that see the records which a record went with that is taken out."""
    for row in entry.rows:
        if row.table != table.name or row.old is None or row.new is not None:
            continue
        for key in going_along(table):
            other, named = key.column.table, row.old[key.parent.name]
            found = named and _seen_by(session, other, Named(kind_of(other.name).__name__, str(named)))
            if found:
                yield found


def _seen_by(session: Session, table: sa.Table, record: Named) -> Audience | None:
    """The widest audience that sees a record; None where it is gone."""
    (primary,) = table.primary_key.columns
    key = int(record.key) if isinstance(primary.type, sa.Integer) else record.key
    seen = [(may_see(table.name, [*Audience][: place + 1]), each) for place, each in enumerate(Audience)]
    kind = table_behind(Change).c.audience.type
    widest = sa.case(*((condition, sa.literal(each, kind)) for condition, each in seen))
    found: Audience | None = session.execute(sa.select(widest).where(primary == key)).scalar()
    return found


def _told_last(session: Session, record: Named) -> Audience | None:
    change = table_behind(Change).c
    of_record = sa.and_(change.record_type == record.type, change.record_key == record.key)
    last = sa.select(change.audience).where(of_record).order_by(change.sequence.desc()).limit(1)
    found: Audience | None = session.execute(last).scalar()
    return found


def countries_of(session: Session, entry: Entry, record: Named) -> set[str]:
    """The countries that an entry concerns: those its rows name, and those that the record it is found with names."""
    named = {record.key} if record.type == "Country" else set()
    for row in entry.rows:
        for column in country_columns(row.table):
            named |= {columns[column] for columns in (row.old, row.new) if columns and columns.get(column)}
    if entry.action is not ChangeAction.CREATED or record != entry.subject:
        for table, owner in _rows_that_name_countries(record.type):
            columns_ = [table.c[name] for name in country_columns(table.name)]
            key = int(record.key) if isinstance(table.c[owner].type, sa.Integer) else record.key
            for found in session.execute(sa.select(*columns_).distinct().where(table.c[owner] == key)):
                named |= {code for code in found if code}
    return named


def _rows_that_name_countries(record_type: str) -> Iterator[tuple[sa.Table, str]]:
    """The tables that tell which countries a record is about, and the column of its key. Returns tell themselves."""
    for table in logged_tables():
        if country_columns(table.name):
            kind = kind_of(table.name)
            whole = whole_behind(kind)
            if kind.__name__ == record_type and "id" in table.c:
                yield table, "id"
            elif whole is not None and whole[0] == record_type and record_type != "Source":
                yield table, whole[1]
