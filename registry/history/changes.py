"""The one place that commits: what is written, and the log of it, become visible together or not at all.

A change is dated when it becomes known and not when it was begun: whoever asks for what was known at an instant gets
the same answer before and after others commit. Nothing is left to be done then but to write the log and to commit.
"""

import secrets
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import ORMExecuteState, UOWTransaction
from sqlmodel import Session

from registry.access import OPERATOR, Actor, Audience
from registry.away import reached
from registry.bulk import write_rows
from registry.database import WRITES, continue_ids, highest_id
from registry.history.columns import Record, Row, table_behind
from registry.history.entries import (
    Entry,
    Surroundings,
    Touched,
    fold_counts,
    moved,
    put_together,
    record_of,
)
from registry.history.shape import Named, key_columns, kind_named, kind_of, logged_columns, subject_of
from registry.history.sight import shifts
from registry.history.tables import CHANNEL, Change, ChangeAction, ChangeCountry, RegistryState
from registry.history.undated import Undated

#: Rows told of that are held in memory before they are put together.
_HELD = 20_000

#: Changes that are written at once; each may tell of a thousand rows.
_AT_ONCE = 200

_MOMENT = timedelta(microseconds=1)

_COLUMNS = [column.name for column in table_behind(Change).c]


class Changes:
    """An open change of the registry: the session it writes through, and by whom, when and why it is made.

    Whatever the session writes of what is logged is told in the log by itself. `begun` is the instant at which the
    change was begun, and `at` the one that the log says: that at which it is written, unless it is set beforehand.
    """

    def __init__(self, session: Session, undated: Undated, reason: str, actor: Actor = OPERATOR) -> None:
        self.session = session
        self.reason = reason
        self.actor = actor
        self.at: datetime | None = None
        self._touched: list[Touched] = []
        self._undated = undated
        self._parts = 0
        self._attempts = 0
        self._changed: dict[str, dict[str, None]] = {}
        self._state = session.get(RegistryState, 1)
        self._last = None if self._state is None else self._state.known_at
        self.begun = self._now()
        if self._state is None:
            self._state = RegistryState(known_at=self.begun, cursor_key=secrets.token_hex(32))
        sa.event.listen(session, "after_flush", self._flushed)
        sa.event.listen(session, "do_orm_execute", _refuse_unlogged)

    @property
    def state(self) -> RegistryState:
        """How current the registry was before this change."""
        assert self._state is not None
        return self._state

    def add(self, row: Any) -> Any:
        """Adds a row and gives it its id."""
        self.session.add(row)
        self.session.flush()
        self._put_together_if_many()
        return row

    def insert(self, kind: type[Row], rows: Sequence[dict[str, Any]]) -> None:
        """Adds many rows at once, each with all its columns; ids are given to records that have none."""
        if not rows:
            return
        self.session.flush()
        table = table_behind(kind)
        if issubclass(kind, Record) and rows[0].get("id") is None:
            self._give_ids(table, rows)
        connection = self.session.connection()
        names = [column.name for column in table.c]
        write_rows(connection, table, ([row[name] for name in names] for row in rows))
        if "id" in table.c:
            continue_ids(connection, table)
        if kind.__logged__:
            self.tell(table, rows)

    def tell(self, table: sa.Table, rows: Sequence[dict[str, Any]]) -> None:
        """Tells the log that these rows of a table were created."""
        kind, name = kind_of(table.name), table.name
        keys, columns = key_columns(name), logged_columns(name)
        for row in rows:
            key = {column: row[column] for column in keys}
            new = {column: row[column] for column in columns}
            self._touched.append(Touched(subject_of(kind, row), name, key, None, new))
        self._put_together_if_many()

    def remove(self, row: Any) -> None:
        """Takes a row out."""
        self.session.delete(row)
        self.session.flush()

    @contextmanager
    def attempt(self) -> Iterator[None]:
        """A part of the change that is undone by itself, in the log too, where it raises."""
        self.session.flush()
        told = len(self._touched)
        self._attempts += 1
        try:
            with self.session.begin_nested():
                yield
                self.session.flush()
        except BaseException:
            del self._touched[told:]
            raise
        finally:
            self._attempts -= 1

    @contextmanager
    def before(self, reason: str) -> Iterator[None]:
        """What is written within is told as a change before this one, which becomes known a moment later."""
        own, self.reason = self.reason, reason
        yield
        self.session.flush()
        self._put_together()
        self.reason = own
        self._parts += 1

    def spill(self) -> None:
        """Puts together what has been written so far, where that is much, so that memory stays small."""
        self.session.flush()
        self._put_together_if_many()

    def close(self) -> None:
        """Writes what is held, and last of all the log of it."""
        self.session.flush()
        self._put_together()
        follow(self.session, self._changed)
        self._write_log()

    def _now(self) -> datetime:
        """This instant; moments of knowledge never run back, whatever the clock does."""
        now = self.at or datetime.now(UTC)
        return now if self._last is None else max(now, self._last + _MOMENT)

    def _give_ids(self, table: sa.Table, rows: Sequence[dict[str, Any]]) -> None:
        first = highest_id(self.session.connection(), table) + 1
        for number, row in enumerate(rows, first):
            row["id"] = number

    def _flushed(self, session: Session, _context: UOWTransaction) -> None:
        gone = {session.identity_key(instance=row): row for row in session.deleted}
        for row in session.new:
            if session.identity_key(instance=row) in gone:
                self._tell(gone.pop(session.identity_key(instance=row)), removed=True)
            self._tell(row)
        for row in session.dirty:
            self._tell_revised(row)
        for row in gone.values():
            self._tell(row, removed=True)

    def _tell(self, row: Row, removed: bool = False) -> None:
        kind = type(row)
        if kind.__logged__:
            table = str(kind.__tablename__)
            columns = {name: getattr(row, name) for name in logged_columns(table)}
            key = {name: columns[name] for name in key_columns(table)}
            old, new = (columns, None) if removed else (None, columns)
            self._touched.append(Touched(subject_of(kind, columns), table, key, old, new))

    def _tell_revised(self, row: Row) -> None:
        kind = type(row)
        if not kind.__logged__:
            return
        table = str(kind.__tablename__)
        state = sa.inspect(row)
        old, new = {}, {}
        for name in logged_columns(table):
            history = state.attrs[name].history
            if history.added:
                assert history.deleted, f"{table}.{name} was written without having been read"
                old[name], new[name] = history.deleted[0], history.added[0]
        if new:
            key = {name: getattr(row, name) for name in (*key_columns(table), *kind.__told_apart_by__)}
            whole = {name: getattr(row, name) for name in logged_columns(table)}
            self._touched.append(Touched(subject_of(kind, whole), table, key, old, new))

    def _put_together_if_many(self) -> None:
        if len(self._touched) >= _HELD and not self._attempts:
            self._put_together()

    def _put_together(self) -> None:
        """Makes changes of what was told so far, to be dated at the end."""
        touched, self._touched = self._touched, []
        if not touched:
            return
        entries = put_together(touched)
        records = [record_of(self.session, entry) for entry in entries]
        fold_counts(entries, records)
        told_last = self._undated.told_last
        around = Surroundings(self.session, zip(entries, records, strict=True), told_last)
        changes: list[tuple[dict[str, Any], set[str]]] = []
        for entry, record in zip(entries, records, strict=True):
            concerned = around.countries_of(entry, record)
            changes += [(told, concerned) for told in self._told(entry, record, around.audience_of(entry, record))]
            for name in (entry.subject, record):
                self._changed.setdefault(name.type, {})[name.key] = None
        for source, action, others in shifts(self.session, entries, told_last):
            changes.append((self._change(Entry(source), action, action.description, source, others), set()))
        for told, concerned in changes:
            self._undated.add(self._parts, told, concerned)

    def _write_log(self) -> None:
        """Dates the changes and appends them to the log."""
        if not len(self._undated):
            return
        state, connection = self.state, self.session.connection()
        self.at = self._now()
        dated = self._undated.dated(self.at, state.sequence, state.digest)
        while some := list(islice(dated, _AT_ONCE)):
            write_rows(connection, table_behind(Change), ([told[name] for name in _COLUMNS] for told, _ in some))
            countries = [(code, told["sequence"]) for told, concerned in some for code in concerned]
            write_rows(connection, table_behind(ChangeCountry), countries)
            last, _ = some[-1]
        state.sequence, state.known_at, state.digest = last["sequence"], last["at"], last["digest"]
        self.session.add(state)
        if connection.dialect.name == "postgresql":  # told when this is committed, once
            connection.execute(sa.select(sa.func.pg_notify(CHANNEL, "")))
        self.session.flush()

    def _told(self, entry: Entry, record: Named, audience: Audience) -> Iterator[dict[str, Any]]:
        """The changes that tell of an entry: it and, where that opens or closes its record, that alone to the others.

        These are not told why, as that was said to those who saw the record before and after.
        """
        yield self._change(entry, entry.action, self.reason, record, audience)
        if (to := moved(entry)) is not None:
            action, others = to
            yield self._change(Entry(entry.subject), action, action.description, record, others)

    def _change(
        self, entry: Entry, action: ChangeAction, reason: str, record: Named, audience: Audience
    ) -> dict[str, Any]:
        return {
            "actor": self.actor.name,
            "role": self.actor.role,
            "action": action,
            "reason": reason,
            "subject_type": entry.subject.type,
            "subject_key": entry.subject.key,
            "record_type": record.type,
            "record_key": record.key,
            "audience": audience,
            "rows": entry.told().decode(),
        }


def follow(session: Session, changed: Mapping[str, Iterable[str]]) -> None:
    """Stores anew what follows from records that have changed: the ids or codes of each type."""
    for type_, keys in changed.items():
        kind_named(type_).follow(session, list(keys))
    session.flush()


def _refuse_unlogged(state: ORMExecuteState) -> None:
    """Nothing that is logged may be written past the log."""
    if state.is_insert or state.is_update or state.is_delete:
        table = state.statement.table  # type: ignore[attr-defined]
        assert not kind_of(table.name).__logged__, f"{table.name} is written past the log"


@contextmanager
def changeset(engine: sa.Engine, reason: str, actor: Actor = OPERATOR) -> Iterator[Changes]:
    """Everything written inside becomes visible together with the log of it, or, on any error, nothing does.

    Raises `DatabaseHeld` where others go on writing, and `DatabaseUnavailable` where the database is out of reach.
    """
    writing = engine.execution_options(**WRITES)
    with reached(), closing(Undated()) as undated, Session(writing, autoflush=False) as session:
        changes = Changes(session, undated, reason, actor)
        yield changes
        changes.close()
        session.commit()


@contextmanager
def unlogged(engine: sa.Engine) -> Iterator[Session]:
    """Commits what only keeps the service going, such as when a key was last used; never what the log should tell.

    Raises as `changeset` does.
    """
    with reached(), Session(engine.execution_options(**WRITES), autoflush=False) as session:
        sa.event.listen(session, "do_orm_execute", _refuse_unlogged)
        yield session
        touched = [*session.new, *session.dirty, *session.deleted]
        assert not any(type(row).__logged__ for row in touched), "a record is written past the log"
        session.commit()
