"""How what became of single rows is put together into entries of the log, one for each record."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, NamedTuple

import orjson
import sqlalchemy as sa
from sqlmodel import Session

from registry.access import RESTRICTED, Audience
from registry.database import batches
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
    """Lets what merely counts a record's versions go with the change of what belongs to it; `records` follows.

    Goes from the last entry to the first: each goes with the first of all the others that are found with the record.
    """
    first: dict[Named, int] = {}
    for place, record in enumerate(records):
        first.setdefault(record, place)
    staying: dict[Named, int] = {}  # the first by each record, of those behind the place that has been reached
    gone: set[int] = set()
    for place in reversed(range(len(entries))):
        entry = entries[place]
        if entry.only_counts:
            before = first.get(entry.subject, place)
            other = before if before < place else staying.get(entry.subject)
            if other is not None:
                entries[other].rows.extend(entry.rows)
                gone.add(place)
                continue
        staying[records[place]] = place
    kept = [place for place in range(len(entries)) if place not in gone]
    entries[:], records[:] = [entries[place] for place in kept], [records[place] for place in kept]


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


class Surroundings:
    """What stands around the records that entries are found with, read for many of them at once.

    It is what was in the database when it was asked: after the rows that the entries tell of were written. `told` is
    whom the last change of a record is for, where the change that is open has told of it before: the log has not yet.
    """

    def __init__(self, session: Session, found: Iterable[tuple[Entry, Named]], told: Mapping[Named, Audience]) -> None:
        pairs = list(found)
        self._session, self._told = session, told
        self._gone = dict(_taken_out(entry for entry, _ in pairs))
        self._audiences = widest(session, (record for _, record in pairs if not opens(_table_of(record).name)))
        self._countries = _named_by(session, (record for entry, record in pairs if _tells_a_part(entry, record)))

    def audience_of(self, entry: Entry, record: Named) -> Audience:
        """Whom an entry may be shown to: the closest audience that the record had before or has after.

        A record is for no wider audience than what it goes with, also where it is taken out. Once it is gone, what is
        told of it is for those who could see it last.
        """
        table = _table_of(record)
        held: list[Audience] = [kind_named(record.type).__audience__]
        held += [
            Audience[columns["audience"]]
            for row in entry.rows
            if row.table == table.name and "audience" in table.c
            for columns in (row.old, row.new)
            if columns and "audience" in columns
        ]
        if not opens(table.name):
            held += _of_what_it_went_with(self._session, table, entry)
            last = self._audiences.get(record) or self._gone.get(record)
            held.append(last or told_last(self._session, record, self._told) or RESTRICTED)
        return max(held, key=[*Audience].index)

    def countries_of(self, entry: Entry, record: Named) -> set[str]:
        """The countries an entry concerns: those its rows name, and those that the record it is found with names."""
        named = {record.key} if record.type == "Country" else set()
        for row in entry.rows:
            for column in country_columns(row.table):
                named |= {columns[column] for columns in (row.old, row.new) if columns and columns.get(column)}
        return named | self._countries.get(record, set()) if _tells_a_part(entry, record) else named


def _taken_out(entries: Iterable[Entry]) -> Iterator[tuple[Named, Audience]]:
    """The records with an audience of their own that entries tell to be gone, and the audience they had to the end."""
    for entry in entries:
        for row in entry.rows:
            if row.new is None and row.old and "audience" in row.old:
                yield row.subject, Audience[row.old["audience"]]


def moved(entry: Entry) -> tuple[ChangeAction, Audience] | None:
    """That the record of an entry was opened or closed, and the audience to which it was, or is no more.

    None where it was neither. The entry itself is for the closest audience, which saw it before and after.
    """
    own = [(row.old, row.new) for row in entry.rows if row.subject == entry.subject and row.old and row.new]
    had = [(old["audience"], new["audience"]) for old, new in own if "audience" in new]
    if not had or had[0][0] == had[-1][1]:
        return None
    before, after = Audience[had[0][0]], Audience[had[-1][1]]
    opened = [*Audience].index(after) < [*Audience].index(before)
    return (ChangeAction.OPENED, after) if opened else (ChangeAction.CLOSED, before)


def _tells_a_part(entry: Entry, record: Named) -> bool:
    """Whether an entry may leave out rows of the record that it is found with."""
    return entry.action is not ChangeAction.CREATED or record != entry.subject


def _table_of(record: Named) -> sa.Table:
    return table_behind(kind_named(record.type))


def _by_type(records: Iterable[Named]) -> Iterator[tuple[str, list[str]]]:
    """The keys of records by their types, within what databases take as parameters of one statement."""
    keys: dict[str, list[str]] = {}
    for record in records:
        keys.setdefault(record.type, []).append(record.key)
    for type_, every in keys.items():
        for some in batches(every):
            yield type_, some


def _keys_as_in(column: sa.Column[Any], keys: Iterable[str]) -> list[Any]:
    return [int(key) for key in keys] if isinstance(column.type, sa.Integer) else list(keys)


def _of_what_it_went_with(session: Session, table: sa.Table, entry: Entry) -> Iterator[Audience]:
    """The widest audiences that see the records which a record went with that is taken out."""
    for row in entry.rows:
        if row.table != table.name or row.old is None or row.new is not None:
            continue
        for key in going_along(table):
            named = row.old[key.parent.name]
            if named:
                yield from widest(session, [Named(kind_of(key.column.table.name).__name__, str(named))]).values()


def widest(session: Session, records: Iterable[Named]) -> dict[Named, Audience]:
    """The widest audience that sees each record; those that are gone have none."""
    found: dict[Named, Audience] = {}
    like = table_behind(Change).c.audience.type
    for type_, keys in _by_type(records):
        table = table_behind(kind_named(type_))
        (primary,) = table.primary_key.columns
        seen = [(may_see(table.name, [*Audience][: place + 1]), each) for place, each in enumerate(Audience)]
        widest = sa.case(*((condition, sa.literal(each, like)) for condition, each in seen))
        rows = session.execute(sa.select(primary, widest).where(primary.in_(_keys_as_in(primary, keys))))
        found |= {Named(type_, str(key)): audience for key, audience in rows if audience}
    return found


def told_last(session: Session, record: Named, told: Mapping[Named, Audience]) -> Audience | None:
    """Whom the last change that is told of a record is for, in `told` or else in the log; None where there is none."""
    if record in told:
        return told[record]
    change = table_behind(Change).c
    of_record = sa.and_(change.record_type == record.type, change.record_key == record.key)
    last = sa.select(change.audience).where(of_record).order_by(change.sequence.desc()).limit(1)
    found: Audience | None = session.execute(last).scalar()
    return found


def _named_by(session: Session, records: Iterable[Named]) -> dict[Named, set[str]]:
    """The countries that records and their parts name."""
    found: dict[Named, set[str]] = {}
    for type_, keys in _by_type(records):
        for table, owner in _rows_that_name_countries(type_):
            owned = table.c[owner]
            columns = [table.c[name] for name in country_columns(table.name)]
            rows = session.execute(sa.select(owned, *columns).distinct().where(owned.in_(_keys_as_in(owned, keys))))
            for key, *codes in rows:
                found.setdefault(Named(type_, str(key)), set()).update(code for code in codes if code)
    return found


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
