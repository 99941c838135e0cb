"""SQL of a plan: written once by SQLAlchemy, then run by the driver with nothing but new values.

Names and numbers of a client never stand in the text. What varies from one request to the next is bound by name: the
keys of a batch as one value (`json_each` on SQLite, an array on PostgreSQL), the legal day, the size of a page, the
place it begins at, and the values of filters.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import orjson
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.sql.visitors import replacement_traverse

from registry.codes import Code
from registry.visibility import is_seen_with
from schema.context import Context, Moment
from schema.execution.source import Link
from schema.execution.watch import watched

#: A row joined to the parent's: which join led there, from the row that the level is about.
Path = tuple[Any, ...]

#: Rows that one statement may join to its own; the rest are read apart. SQLite takes 64 tables.
MOST_JOINS = 30


#: A column of a row of a level or joined to it, by its name; and what a statement makes of such columns.
Get = Callable[[Path, str], sa.ColumnElement[Any]]
Written = Callable[[Get], sa.ColumnElement[Any]]


class Statement:
    """A select as text for the driver, and the values that it is run with."""

    def __init__(self, select: sa.Select[Any], dialect: sa.Dialect) -> None:
        compiled: Any = select.compile(dialect=dialect)
        state = compiled.construct_expanded_state()
        self.text = state.statement
        watched().wrote(len(self.text))
        constants = {
            name: value if varies(name) else _driven(value, compiled.binds.get(name), dialect)
            for name, value in state.parameters.items()
        }
        self._names = state.positiontup
        self._constants = constants
        self._template = [constants[name] for name in self._names or ()]
        self._varying = [(place, name) for place, name in enumerate(self._names or ()) if varies(name)]
        self._named = [name for name in constants if varies(name)]

    @property
    def brings(self) -> set[str]:
        """The names of the values that are brought anew by every request."""
        return set(self._named)

    def values(self, given: Mapping[str, Any]) -> Any:
        """The values in the form that the driver takes."""
        if self._names is None:
            return {**self._constants, **{name: given[name] for name in self._named}}
        values = self._template.copy()
        for place, name in self._varying:
            values[place] = given[name]
        return values


def _driven(value: Any, bound: sa.BindParameter[Any] | None, dialect: sa.Dialect) -> Any:
    """A constant as the driver takes it: found out once, and not by the driver at every request."""
    convert = bound.type.dialect_impl(dialect).bind_processor(dialect) if bound is not None else None
    driven = convert(value) if convert else value
    if dialect.name != "sqlite":
        return driven
    if isinstance(driven, date):
        return driven.isoformat()
    return str(driven.value) if isinstance(driven, Code) else driven


def opening(column: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
    """A column to order by; an open beginning comes first and an open end last, on every database."""
    if isinstance(column, sa.Column) and not column.nullable:
        return column.asc()
    return column.asc().nulls_first() if str(column.key).endswith("_earliest") else column.asc().nulls_last()


def only(kind: sa.types.TypeEngine[Any]) -> sa.BindParameter[Any]:
    """The one key that is bound."""
    return sa.bindparam("key", None, _plain(kind))


def _plain(kind: sa.types.TypeEngine[Any]) -> Any:
    """The type that the driver is given keys in, whatever they are in Python."""
    return sa.Integer() if isinstance(kind, sa.Integer) else sa.String()


def _itself(column: Any) -> Any:
    """A column that a select gives, without the label that it gives it."""
    return column.element if isinstance(column, sa.Label) else column


def varies(name: str) -> bool:
    """Whether a bound value of this name is brought anew by every request."""
    return name in ("keys", "key", "day", "size") or name.startswith("asked_")


class Database:
    """What a plan needs to know of the database and the registry that it is made for."""

    def __init__(self, dialect: sa.Dialect, context: Context) -> None:
        self.dialect = dialect
        self.context = context
        self.sqlite = dialect.name == "sqlite"
        self._known: dict[tuple[Any, str], Statement] = {}
        self._columns: dict[tuple[str, tuple[str, ...]], Statement] = {}
        self._behind: dict[sa.Table, sa.Table] = {}

    def many(self, name: str, kind: sa.types.TypeEngine[Any]) -> sa.Select[Any]:
        """A select of many values that are bound as one, for the right side of `in_`."""
        if self.sqlite:
            each = sa.func.json_each(sa.bindparam(name, None, sa.String())).table_valued("value")
            return sa.select(each.c.value)
        return sa.select(sa.func.unnest(sa.bindparam(name, None, ARRAY(_plain(kind)))).column_valued(f"{name}_each"))

    def bound(self, values: Collection[Any]) -> Any:
        """Many values as one, for a parameter made by `many`."""
        return orjson.dumps(list(values)).decode() if self.sqlite else list(values)

    def among(self, column: sa.ColumnElement[Any], single: bool = False) -> sa.ColumnElement[bool]:
        """That a column has one of the keys that are bound as `keys`, or with `single` the one that is bound as `key`.

        SQLite begins at the one key wherever it leads, also where it would not look for several.
        """
        return column == only(column.type) if single else column.in_(self.many("keys", column.type))

    def known(self, kind: Any, column: str) -> Statement:
        """The statement that finds those of many names (`keys`) that stand in a unique column of a table."""
        name = (kind, column)
        if name not in self._known:
            found = kind.__table__.c[column]
            self._known[name] = Statement(sa.select(found).where(self.among(found)), self.dialect)
        return self._known[name]

    def columns(self, table: sa.Table, names: tuple[str, ...]) -> Statement:
        """The statement that reads columns of the rows of a table with many ids (`keys`), after the id of each."""
        name = (table.name, names)
        if name not in self._columns:
            wanted = [table.c[column] for column in ("id", *names)]
            rows = sa.select(*wanted).where(self.among(table.c.id))
            self._columns[name] = Statement(rows, self.dialect)
        return self._columns[name]

    def along(self, key: Any, named: Any) -> Any:
        """The table to read rows from by a key of theirs, where the records have been read that it names by a column.

        Where the rows are seen with these, or are these, on SQLite that is the table behind the view: nobody asks of
        each row anew whether its record may be seen.
        """
        table = key.table
        both = isinstance(table, sa.Table) and isinstance(getattr(named, "table", None), sa.Table)
        same = key is named and list(table.primary_key.columns) == [key]
        if not (self.sqlite and both and (same or is_seen_with(key, named))):
            return table
        if table not in self._behind:
            self._behind[table] = table.to_metadata(sa.MetaData(), schema="main")
        return self._behind[table]

    def day(self) -> Moment:
        """The moment of a level, its day bound anew by every request."""
        day: Any = sa.bindparam("day", None, sa.Date())
        return Moment(day)

    def tie(
        self, rows: sa.FromClause, link: Link, named: Any, single: bool = False
    ) -> tuple[sa.FromClause, sa.ColumnElement[Any]]:
        """The rows joined to what ties them to the parents whose keys are bound, and the parent's key.

        `named` is the column of the parents, which have been read, that both speak of; `single` tells that there is
        one parent only.
        """
        if link.pairs is None:
            return rows, rows.c[link.column or ""]
        ends = {"parent": named, "child": rows.c[link.child]}
        narrowed: list[sa.Select[Any]] = []
        for pairs in (self._paired(each, ends) for each in link.pairs(self.context)):
            own = _itself(pairs.selected_columns["parent"])
            narrowed.append(pairs.where(self.among(own, single)))
        united: sa.SelectBase = sa.union(*narrowed) if len(narrowed) > 1 else narrowed[0]
        wanted = united.subquery()
        return rows.join(wanted, wanted.c.child == rows.c[link.child]), wanted.c.parent

    def _paired(self, pairs: sa.Select[Any], ends: Mapping[str, Any]) -> Any:
        """Pairs; what is seen with one of their ends, or is that end, from the table behind its view."""
        behind: dict[Any, Any] = {}
        for name, named in ends.items():
            own = _itself(pairs.selected_columns[name])
            if (other := self.along(own, named)) is not own.table:
                behind[own.table] = other

        def moved(element: Any, **_: Any) -> Any:
            if element in behind:
                return behind[element]
            table = getattr(element, "table", None)
            return behind[table].c[element.name] if table in behind else None

        return replacement_traverse(pairs, {}, moved) if behind else pairs

    def typed(self, kind: sa.types.TypeEngine[Any]) -> Callable[[Any], Any] | None:
        """What makes of a value as the driver gives it the value that Python code expects; None for itself."""
        if isinstance(kind, sa.Float):  # drivers give it as it is
            return None
        return kind.dialect_impl(self.dialect).result_processor(self.dialect, None)


@dataclass
class Join:
    """A row beside the parent's: of a table, where a condition on both holds."""

    parent: Path
    table: sa.Table
    on: Callable[[sa.FromClause, sa.FromClause], sa.ColumnElement[bool]]


@dataclass
class Columns:
    """The columns that a level reads, each once, what is made of columns, and the rows joined to get at them.

    `sought` are columns of the level's own rows that the statement needs and the answer does not, as to join others.
    """

    wanted: list[tuple[Path, str] | Written] = field(default_factory=list)
    sought: list[str] = field(default_factory=list)
    joins: dict[Path, Join] = field(default_factory=dict)

    def place(self, path: Path, name: str) -> int:
        """The position of a column in the rows of the level."""
        if (path, name) not in self.wanted:
            self.wanted.append((path, name))
        return self.wanted.index((path, name))

    def read(self, path: Path) -> list[str]:
        """The columns of a row that are read so far."""
        return [each[1] for each in self.wanted if isinstance(each, tuple) and each[0] == path]

    def write(self, written: Written) -> int:
        """The position of something that the statement makes of columns which are needed."""
        self.wanted.append(written)
        return len(self.wanted) - 1

    def need(self, path: Path, name: str) -> None:
        """Notes that something is made of a column."""
        if path == ():
            self.sought.append(name)

    def copy(self) -> "Columns":
        """The same at this moment."""
        return Columns(self.wanted.copy(), self.sought.copy(), self.joins.copy())

    def restore(self, before: "Columns") -> None:
        """Goes back to what was."""
        self.wanted, self.sought, self.joins = before.wanted, before.sought, before.joins

    def may_join(self, path: Path) -> bool:
        """Whether the statement can take the row that this path leads to, or has it already."""
        return path in self.joins or len(self.joins) < MOST_JOINS

    def join(self, path: Path, join: Join, key: str) -> None:
        """Joins a row, once, by a column of its parent's."""
        self.joins.setdefault(path, join)
        self.need(join.parent, key)

    def of_level(self) -> list[str]:
        """The columns of the level's own rows that anything needs."""
        return list(dict.fromkeys([*self.read(()), *self.sought]))

    def select(self, base: sa.FromClause, joined: sa.FromClause, labels: Mapping[str, Any]) -> sa.Select[Any]:
        """All that is wanted, of `base` (which stands in `joined`) and of what is joined to it."""
        rows: dict[Path, sa.FromClause] = {(): base}
        for path, join in self.joins.items():
            rows[path] = join.table.alias()
            joined = joined.outerjoin(rows[path], join.on(rows[join.parent], rows[path]))

        def get(path: Path, name: str) -> sa.ColumnElement[Any]:
            return labels[name] if path == () and name in labels else rows[path].c[name]

        shown = [get(*each) if isinstance(each, tuple) else each(get) for each in self.wanted]
        columns: list[Any] = [column.label(f"c{place}") for place, column in enumerate(shown)]
        return sa.select(*(columns or [sa.literal_column("1")])).select_from(joined)
