"""Which rows and columns somebody may read, settled once for a connection and so for every statement that it runs.

A connection for an audience narrower than all has temporary views of the same names as the tables. They stand before
the tables, so that lists, counts, groups, searches and gaps see what the audience may see and nothing else, and no
statement needs a condition of its own. The views follow from the tables, closed unless something opens them:

- A record with an `audience` is shown to that audience, and with it go all rows that cannot be without it: those whose
  foreign key to it is never null. So a table that is added later is closed by its key alone.
- A row that could be without the record stays and names none, unless `WITH_WHAT_THEY_NAME` takes it along.
- A row that is part of records of several types goes with the record that it names by type and id.
- A change is told to its own audience, as long as they may see the record that it tells of or, once that is gone, could
  see it to the end. So what becomes hidden takes its past along, and what becomes public leaves it where it was; those
  who gain or lose sight of it by that are told so and nothing else (`OPENED`, `CLOSED`).
- A source is shown to whoever may see something that rests on it; one that nothing rests on yet, to officials, and one
  that nothing rests on any more, to those officials whom the log told of it last: what hid it does so still.
- A column for another audience is null, and a table without a single open column has no rows.
- Of an earlier state of the registry nothing is shown that was closed since: the table `CLOSED` tells what was.
"""

import threading
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import cache
from typing import Any
from weakref import WeakKeyDictionary

import sqlalchemy as sa
from sqlmodel import SQLModel

from registry.access import OFFICIAL, PUBLIC, RESTRICTED, Audience
from registry.database import BUSY, open_engine, probed

#: Keys that may be null and yet take their row along: how many places there are is part of what an agreement says,
#: while a partnership, a dealing or a return is a fact of its own that merely names one.
WITH_WHAT_THEY_NAME = {"quota.agreement_id"}

#: Keys that may be null and stay as they are even where what they name is hidden: statements seek rows by them, and
#: what is computed has no index. Whoever groups by one, compares it or asks whether it is null takes `shown` of it.
SOUGHT = {"partnership.agreement_id", "placement_return.agreement_id"}

#: The tables whose rows rest on a source.
RESTING = ("citation", "document", "placement_return")

#: In a snapshot of what was known earlier: whom records may be shown to now, or could be last, where not to everyone.
#: By the name of their table and their id.
CLOSED = sa.Table(
    "closed_since",
    sa.MetaData(),
    sa.Column("name", sa.String, primary_key=True),
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("audience", sa.String, nullable=False),
)

#: The action of a change that is told although the record is not seen any more.
CLOSING = "CLOSED"

#: The server's own tables: what it works with, not what it answers.
SERVER = {"registry_state"}


def shown(key: sa.ColumnElement[Any], records: sa.Table) -> sa.ScalarSelect[Any]:
    """A key of `SOUGHT` as far as it may be seen: null where the record that it names is hidden, or it names none."""
    record = records.alias()
    return sa.select(record.c.id).where(record.c.id == key).correlate_except(record).scalar_subquery()


def may_see(table: str, audiences: Collection[Audience]) -> sa.ColumnElement[bool]:
    """That an audience may see a row of a table: for statements on connections without views, as writers have them."""
    return _may_see(table, frozenset(audiences), len(SQLModel.metadata.tables))


@cache
def _may_see(table: str, audiences: frozenset[Audience], _tables: int) -> sa.ColumnElement[bool]:
    """Made once, and again where tables have come since: a write asks for it with every reference it names."""
    condition = _Sight(audiences).rows(table, SQLModel.metadata.tables[table])
    return _ALL if condition is None else condition


def seen_again(record: sa.FromClause, table: sa.Table, audiences: Collection[Audience]) -> sa.ColumnElement[bool]:
    """That an audience may see a record of a statement that has this table under several names; `record` is one."""
    seen = may_see(table.name, audiences)
    if seen is _ALL:
        return _ALL
    itself: sa.Select[Any] = sa.select(sa.literal_column("1")).select_from(table)
    return itself.where(table.c.id == record.c.id, seen).correlate(record).exists()


def opens(table: str) -> bool:
    """Whether everybody may see all rows of a table."""
    return may_see(table, [PUBLIC]) is _ALL


_ALL = sa.true()


@cache
def is_seen_with(key: sa.Column[Any], named: sa.Column[Any]) -> bool:
    """Whether everybody who sees a record sees all rows, and all of each, of a table that name it by a key.

    Then whoever has come to the rows by the record need not be asked again whether they may see them. That is where the
    rows go along with this record alone: they have no audience of their own, and name nothing else that may be hidden.
    `named` is the column of the record that the key names, or that of other rows that go along with it.
    """
    table = key.table
    names = {named, *(each.column for each in going_along(named.table) if each.parent is named and not named.nullable)}
    if key.nullable or all(each.column not in names for each in key.foreign_keys):
        return False
    if table.name in SERVER or table.name == "source" or _names_types(table.name) or table in closable():
        return False
    sight, rows = _Sight([PUBLIC]), table.alias()
    whole = all(sight._column(column, rows) is rows.c[column.name] for column in table.columns)
    others = (each.column.table.name for each in going_along(table) if each.parent is not key)
    return whole and all(map(opens, others))


def closable() -> list[sa.Table]:
    """The tables of records that may be hidden from somebody: by their own audience, or with what they name."""
    takers = {name.partition(".")[0] for name in WITH_WHAT_THEY_NAME}
    return [table for table in _records().values() if "audience" in table.columns or table.name in takers]


def tells_what_was_closed(connection: sa.Connection) -> bool:
    """Whether a database is a snapshot, and so has the table `CLOSED`; each is a file of SQLite's."""
    return connection.dialect.name == "sqlite" and sa.inspect(connection).has_table(CLOSED.name)


def views(dialect: sa.Dialect, schema: str, audiences: Collection[Audience], *, earlier: bool = False) -> Iterator[str]:
    """The statements that make the views for an audience, in their order, of the tables in a schema of the database.

    `earlier` tells that the database holds what was known earlier, and the table `CLOSED`.
    """
    there = sa.MetaData(schema=schema)
    for table in SQLModel.metadata.tables.values():
        table.to_metadata(there)
    sight = _Sight(audiences, there, CLOSED.to_metadata(there).alias() if earlier else None)
    for table in sorted(SQLModel.metadata.sorted_tables, key=_rank):
        select = sight.of(table)
        if select is not None:
            text = select.compile(dialect=dialect, compile_kwargs={"literal_binds": True})
            yield f"CREATE TEMP VIEW {dialect.identifier_preparer.quote(table.name)} AS {text}"


def _rank(table: sa.Table) -> int:
    """Views stand on those of lower ranks, and of the tables that theirs points to."""
    if table.name == "source":
        return 2
    own = (1 if table.name in RESTING else 3) if _names_types(table.name) else 0
    return max([own, *(_rank(key.column.table) for key in going_along(table))])


class _Sight:
    """What an audience sees of tables.

    With the tables of a schema it is told in terms of them and, for what a row belongs to, of the views of the other
    tables that were made before; without, in terms of tables alone.
    """

    def __init__(
        self,
        audiences: Collection[Audience],
        schema: sa.MetaData | None = None,
        closed: sa.FromClause | None = None,
    ) -> None:
        self.audiences = [audience for audience in Audience if audience in audiences]
        self.schema = schema
        self.closed = closed

    def of(self, table: sa.Table) -> sa.Select[Any] | None:
        """The part of a table that is seen; None where that is all of it."""
        if table.name in SERVER:
            return None
        rows = self._itself(table.name)
        condition = self.rows(table.name, rows)
        columns = {column.name: self._column(column, rows) for column in table.columns}
        if condition is None and all(seen is rows.c[name] for name, seen in columns.items()):
            return None
        select = sa.select(*(seen.label(name) for name, seen in columns.items())).select_from(rows)
        return select if condition is None else select.where(condition)

    def rows(self, name: str, rows: sa.FromClause) -> sa.ColumnElement[bool] | None:
        """The condition that a row of the table of this name is seen; None where all are."""
        table = SQLModel.metadata.tables[name]
        if name == "source":
            return self._source(rows)
        if not any(self._is_open(column) for column in table.columns if column.name != "id"):
            return sa.false()
        found: list[sa.ColumnElement[bool]] = []
        if "audience" in table.columns:
            found.append(rows.c.audience.in_(self.audiences))
        if table in closable():
            found.extend(self._open_still(name, rows))
        if columns := _class_word(name, "__part_of__"):
            found.append(self._belongs(name, *(rows.c[column] for column in columns)))
        if columns := _class_word(name, "__tells_of__"):
            found = [self._is_told(name, rows, sa.and_(*found), columns)]
        for key in going_along(table):
            there = self._exists(key.column.table, rows.c[key.parent.name], among_others=bool(key.parent.nullable))
            if there is not None:
                found.append(sa.or_(rows.c[key.parent.name].is_(None), there) if key.parent.nullable else there)
        return sa.and_(*found) if found else None

    def _open_still(self, name: str, rows: sa.FromClause) -> Iterator[sa.ColumnElement[bool]]:
        """That a record of an earlier state has not been closed since."""
        if self.closed is not None:
            since = (self.closed.c.name == name, self.closed.c.audience.not_in(self.audiences))
            yield rows.c.id.not_in(sa.select(self.closed.c.id).where(*since))

    def _itself(self, name: str) -> sa.FromClause:
        """A table with all its rows."""
        if self.schema is None:
            return SQLModel.metadata.tables[name].alias()
        return self.schema.tables[f"{self.schema.schema}.{name}"].alias()

    def _is_open(self, column: sa.Column[Any]) -> bool:
        return column.info.get("audience", RESTRICTED) in self.audiences

    def _column(self, column: sa.Column[Any], rows: sa.FromClause) -> sa.ColumnElement[Any]:
        """A column as it is seen: as it is, null, or null where it names what is hidden."""
        seen = rows.c[column.name]
        if not self._is_open(column):
            return sa.cast(sa.null(), column.type)
        table, others = column.table.name, {key.column.table.name: key.column for key in column.foreign_keys}
        if not column.nullable or f"{table}.{column.name}" in SOUGHT | WITH_WHAT_THEY_NAME:
            return seen
        for other, named in others.items():
            if other == "source" and table in RESTING:  # then it is shown
                continue
            record = self._itself(other)
            condition = self.rows(other, record)
            if condition is not None:
                return sa.select(record.c[named.name]).where(record.c[named.name] == seen, condition).scalar_subquery()
        return seen

    def _exists(
        self, table: sa.Table, key: sa.ColumnElement[Any], *, among_others: bool = True
    ) -> sa.ColumnElement[bool] | None:
        """That the record with this primary key is seen; None where all of its table are.

        `among_others` tells that it is one of several ways for something to be seen.
        """
        record = self._itself(table.name)
        condition = self.rows(table.name, record)
        if condition is None:
            return None
        if self.schema is not None:  # its view has the condition
            record, condition = table.alias(), sa.true()
        (primary,) = table.primary_key.columns
        conditions = record.c[primary.name] == key, condition
        few = table.name == "source"  # of which there are few beside what comes of them, and each takes long
        return probed(*conditions) if among_others and not few else sa.exists().where(*conditions)

    def _belongs(self, name: str, kind: sa.ColumnElement[Any], key: sa.ColumnElement[Any]) -> sa.ColumnElement[bool]:
        """That the record of that type and id is seen; of a type that has no such rows none is."""
        others = {name} | ({"source"} if name in RESTING else set())
        records = {of: table for of, table in _records().items() if table.name not in others}
        there = {of: self._exists(table, key) for of, table in records.items()}
        guarded = [(kind == of, seen) for of, seen in there.items() if seen is not None]
        return sa.case(*guarded, else_=kind.in_([of for of, seen in there.items() if seen is None]))

    def _is_told(
        self, name: str, rows: sa.FromClause, told: sa.ColumnElement[bool], columns: tuple[str, str]
    ) -> sa.ColumnElement[bool]:
        """That something that is `told` to its own audience is so as to the record whose type and key it names."""
        kind, key = (rows.c[column] for column in columns)
        hidden_last = self._hidden_last(name, dict(zip(columns, (kind, key), strict=True)))
        cases = []
        for of, table in _records("__belongs_to__").items():
            (primary,) = table.primary_key.columns
            typed = sa.cast(key, sa.Integer) if isinstance(primary.type, sa.Integer) else key
            there = self._exists(table, typed)
            if there is not None:
                record = self._itself(table.name)
                gone = sa.and_(~probed(record.c[primary.name] == typed), ~hidden_last)
                cases.append((kind == of, sa.and_(told, sa.or_(there, gone, rows.c.action == CLOSING))))
        return sa.case(*cases, else_=told)

    def _hidden_last(self, name: str, named: Mapping[str, Any]) -> sa.ColumnElement[bool]:
        """That what was told last of the record that these columns name, if anything was, is for others only."""
        (place,) = SQLModel.metadata.tables[name].primary_key.columns
        last, other = self._itself(name), self._itself(name)
        latest = sa.select(sa.func.max(last.c[place.name])).where(*(last.c[each] == named[each] for each in named))
        is_last = other.c[place.name] == latest.correlate_except(last).scalar_subquery()
        return probed(is_last, other.c.audience.not_in(self.audiences))

    def _source(self, rows: sa.FromClause) -> sa.ColumnElement[bool]:
        original = self._itself("source")
        used = self._rests_on(rows.c.id)
        copied = probed(original.c.id == rows.c.copy_of_id, self._rests_on(original.c.id))
        if OFFICIAL not in self.audiences:
            return sa.or_(used, copied)
        anything = [probed(self._itself(name).c.source_id == rows.c.id) for name in RESTING]
        named = {"record_type": "Source", "record_key": sa.cast(rows.c.id, sa.String)}
        shown_last = (~self._hidden_last("change", named), *self._open_still("source", rows))
        return sa.or_(used, copied, sa.and_(*(~rests for rests in anything), *shown_last))

    def _rests_on(self, source_id: sa.ColumnElement[int]) -> sa.ColumnElement[bool]:
        """That something which is seen rests on a source."""
        found = []
        for name in RESTING:
            resting = self._itself(name)
            condition = self.rows(name, resting)
            if condition is not None and self.schema is not None:
                resting, condition = SQLModel.metadata.tables[name].alias(), None
            found.append(probed(resting.c.source_id == source_id, *([] if condition is None else [condition])))
        return sa.or_(*found)


def going_along(table: sa.Table) -> Iterator[sa.ForeignKey]:
    """The keys of a table whose rows go with the record that they name."""
    for key in sorted(table.foreign_keys, key=lambda key: str(key.parent.name)):
        goes_along = not key.parent.nullable or f"{table.name}.{key.parent.name}" in WITH_WHAT_THEY_NAME
        if goes_along and key.column.table.name != "source":  # a source follows what rests on it, not the other way
            yield key


def _class_word(table: str, word: str) -> tuple[str, str] | None:
    """The columns with a type and a key that the class of a table's rows names so."""
    (kind,) = (kind for kind in _kinds() if kind.__table__.name == table)
    said = getattr(kind, word, None)
    return said if isinstance(said, tuple) else None


def _names_types(table: str) -> bool:
    """Whether rows of a table name records of several types."""
    return bool(_class_word(table, "__part_of__") or _class_word(table, "__tells_of__"))


def _records(besides: str = "") -> dict[str, sa.Table]:
    """The tables of records, which are part of no other and have an id or a code, by the names of their types.

    Those are left out whose class says the word `besides`.
    """
    kinds = {kind.__name__: kind for kind in _kinds() if kind.__logged__ and kind.__part_of__ is None}
    found = {of: kind.__table__ for of, kind in sorted(kinds.items()) if not getattr(kind, besides, None)}
    return {of: table for of, table in found.items() if table.primary_key.columns.keys() in (["id"], ["code"])}


def _kinds() -> list[Any]:
    return [mapper.class_ for mapper in SQLModel._sa_registry.mappers]


# ── Engines that see less ───────────────────────────────────────────────────────────────────────────────────────────


def viewing(engine: sa.Engine, audiences: Collection[Audience], *, earlier: bool = False) -> sa.Engine:
    """An engine to read from as these audiences; the same one each time, and closed with the engine it is made of.

    Where nothing is hidden from them it is the engine itself. `earlier` tells that it holds what was known earlier.
    """
    seen = frozenset(audiences)
    if seen == frozenset(Audience):
        return engine
    with _LOCK:
        made = _VIEWING.setdefault(engine, {})
        if seen not in made:
            made[seen] = narrowed = _narrowed(engine, seen, earlier)
            sa.event.listen(engine, "engine_disposed", lambda _engine: narrowed.dispose())
        return made[seen]


_LOCK = threading.Lock()
_VIEWING: WeakKeyDictionary[sa.Engine, dict[frozenset[Audience], sa.Engine]] = WeakKeyDictionary()


def _narrowed(engine: sa.Engine, audiences: frozenset[Audience], earlier: bool) -> sa.Engine:
    narrowed, dialect = open_engine(engine.url.render_as_string(hide_password=False)), engine.dialect

    def narrow(connection: Any, _record: Any) -> None:  # which must not hold the engine: it is forgotten with its last
        try:
            schema = "main" if dialect.name == "sqlite" else _begun(connection)
            cursor = connection.cursor()
            for view in _views_on(dialect, schema, audiences, earlier):
                cursor.execute(view)
            cursor.close()
            connection.commit()
        except BaseException:  # the pool forgets it as it is
            connection.close()
            raise

    sa.event.listen(narrowed, "connect", narrow)
    return narrowed


def _views_on(dialect: sa.Dialect, schema: str, audiences: frozenset[Audience], earlier: bool) -> Sequence[str]:
    """The views of a connection; they take long to write, and are the same for all that are alike."""
    alike = (dialect.name, schema, audiences, earlier, len(SQLModel.metadata.tables))
    if alike not in _WRITTEN:
        _WRITTEN[alike] = list(views(dialect, schema, audiences, earlier=earlier))
    return _WRITTEN[alike]


_WRITTEN: dict[tuple[str, str, frozenset[Audience], bool, int], Sequence[str]] = {}


def _begun(connection: Any) -> str:
    """The schema that the tables of PostgreSQL are in, once a transaction has begun in which views can be made.

    Temporary views may be made where a default forbids to write, which holds on for all that follows. No statement of
    it waits long for a table that others hold: it would not be interrupted, as nobody reads from the connection yet.
    """
    connection.autocommit = True
    ((name, follows),) = connection.execute("SELECT current_schema(), pg_is_in_recovery()").fetchall()
    connection.autocommit = False
    if not follows:  # a standby writes nothing at all, and says so at the first view
        connection.execute("SET TRANSACTION READ WRITE")
    connection.execute(f"SET LOCAL statement_timeout = '{BUSY}s'")
    return str(name)
