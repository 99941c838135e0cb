"""Pages in a plan: one statement for the pages of all parents, and one to count what they cut, where that is asked."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import sqlalchemy as sa

from registry.visibility import closable
from schema.execution.asked import ByValue, PageShape, Ranges, Texts
from schema.execution.build import Scope, level_scope, object_of, planned
from schema.execution.cursors import Keyset, PageRequest, keyset_of
from schema.execution.levels import PageLevel
from schema.execution.making import Compiler, code_of_whole, display
from schema.execution.selection import Selected
from schema.execution.source import PARENTS, Days, Listing, Page, PagePart, Same, Words
from schema.execution.statement import Statement
from schema.execution.written import row_of


@planned.register
def _page(source: Page, scope: Any, selected: Selected) -> str:
    assert selected.slot is not None
    compiler: Compiler = scope.making.compiler
    shape = compiler.shapes[selected.slot.place]
    assert isinstance(shape, PageShape)
    page = _PageMaking(
        source, compiler, scope.moment, shape, getattr(scope, "single", False), getattr(scope, "rows", None)
    )
    compiler.pages += 1
    body = page.connection(selected)
    compiler.pages -= 1
    sought = any(isinstance(shape, tuple) for _, shape in shape.filters)
    compiler.heavy |= page.counts or sought or compiler.pages > 0  # may read much more than it shows
    level = PageLevel(
        statement=page.statement() if page.reads else None,
        count=page.count() if page.counts else None,
        counted=page.counted,
        single=page.single,
        key=page.key,
        slot=selected.slot.place,
        order=page.order,
        backward=shape.backward,
        places=page.kinds(),
        of_log=source.listing.of_log,
        moment=scope.moment,
        **page.scope.making.finish(body, "rows, more, total"),
    )
    if source.link is None:
        return f"{scope.making.within(level, None)}[None]"
    own = f"str({scope.raw(source.link.key)})" if source.link.as_text else scope.raw(source.link.key)
    return f"{scope.making.within(level, own, scope.each)}[{own}]"


@dataclass
class _PageMaking:
    """A page in the making; `single` where it is that of one parent, which is a row of `parent`."""

    source: Page
    compiler: Compiler
    moment: int
    shape: PageShape
    single: bool
    parent: sa.FromClause | None

    def __post_init__(self) -> None:
        database, listing = self.compiler.database, self.listing
        self._day = database.day()
        self._values = {name: self._value(name, shape) for name, shape in self.shape.filters}
        link = self.source.link
        parents = {PARENTS: database.many("keys", sa.String())} if link else {}
        self._rows = listing.rows(self._day, database.context, self._values | parents)
        self._joined: sa.FromClause = self._rows
        self._parent: sa.ColumnElement[Any] = sa.null()
        if link:
            self._joined, self._parent = database.tie(
                self._rows, link, None if self.parent is None else self.parent.c[link.key], self.single
            )
        inner = level_scope(self.compiler, self._rows, self.moment)
        table = getattr(listing.kind, "__table__", None)
        self.scope: Scope = inner if table is None else replace(inner, rows=table)
        self._keyset = self._keyset_of(self._rows)
        self.order = self.shape.named(listing)
        self.key = self.scope.columns.place((), "parent_key") if link and not self.single else None
        self.counts = self.reads = False
        self.counted: int | None = None

    @property
    def listing(self) -> Listing:
        return self.source.listing

    def _value(self, name: str, shape: Any) -> Any:
        if isinstance(shape, ByValue):
            return shape.value
        if shape is str:
            return sa.bindparam(f"asked_{name}", None, sa.String())
        if isinstance(shape, Texts):
            return tuple(_texts(name, shape.number))
        if isinstance(shape, Ranges):
            return [_days(f"{name}_{place}", True, True) for place in range(shape.number)]
        if isinstance(shape, tuple):
            return Words(_texts(name, shape[1])) if shape[0] == "words" else _days(name, *shape[1:])
        return self.compiler.database.many(f"asked_{name}", sa.Integer() if shape is int else sa.String())

    # ── What is built ─────────────────────────────────────────────────────────────────────────────

    def connection(self, selected: Selected) -> str:
        """The display of a connection, out of `rows`, `more` and `total`."""
        (kind,) = selected.under
        return display(self.scope.making, kind, ((each.key, self._part(each, kind)) for each in selected.only))

    def _part(self, selected: Selected, kind: str) -> str:
        if selected.name == "__typename":
            return repr(kind)
        if selected.name == "total_count":
            self.counts = True
            return code_of_whole("total")
        self.reads = True
        if selected.name == "page_info":
            return self._listed(selected, self._info)
        each = self._listed(selected, self._edge) if selected.name == "edges" else self._record(selected)
        return f"[{each} for r in rows]"

    def _listed(self, selected: Selected, value: Callable[[Selected], str]) -> str:
        (kind,) = selected.under
        values = ((each.key, repr(kind) if each.name == "__typename" else value(each)) for each in selected.only)
        return display(self.scope.making, kind, values)

    def _edge(self, selected: Selected) -> str:
        return self._cursor("r") if selected.name == "cursor" else self._record(selected)

    def _record(self, selected: Selected) -> str:
        """The record at a place of the page: the row itself, unless the field says otherwise."""
        if isinstance(selected.source, PagePart):
            return (row_of if self._written_when_cut() else object_of)(self.scope, selected)
        return planned(selected.source, self.scope, selected)

    def _written_when_cut(self) -> bool:
        """Whether rows are written after the page is cut: else all that are sorted would be."""
        if self.source.link is not None:
            return True
        first = self._keyset.columns[0][0]
        in_order = isinstance(first, sa.Column) and bool(first.unique or first.index or first.primary_key)
        return in_order and isinstance(self._rows, sa.Table) and not self.shape.filters and not self.listing.parts

    def _info(self, selected: Selected) -> str:
        shape = self.shape
        if selected.name == "has_next_page":
            return repr(shape.before) if shape.backward or shape.before else "more"
        if selected.name == "has_previous_page":
            return repr(shape.after) if not shape.backward or shape.after else "more"
        place = {"start_cursor": 0, "end_cursor": -1}[selected.name]
        return f"({self._cursor(f'rows[{place}]')} if rows else None)"

    def _cursor(self, row: str) -> str:
        places = [self.scope.columns.place((), f"key_{number}") for number in range(len(self._keyset.columns))]
        values = ", ".join(f"{row}[{place}]" for place in places)
        return f"encode([{values}], {self.scope.making.name(self.order)}, run.cursor_key)"

    # ── How it is read ────────────────────────────────────────────────────────────────────────────

    def statement(self) -> Statement:
        """The rows of the pages, with one more than asked for."""
        request, size = self._request(), sa.bindparam("size", None, sa.Integer())
        labels = {f"key_{number}": column for number, (column, _) in enumerate(self._keyset.columns)}
        columns, order = self.scope.columns, self._keyset.order(request)
        dialect = self.compiler.database.dialect
        if self.single or (self.source.link is None and self.counts and self.listing.worked_out):
            return Statement(self._of_one(request, size, labels), dialect)
        if self.source.link is None and self.listing.parts:
            return Statement(self._by_parts(self.listing.parts, request, size), dialect)
        if self.source.link is None:
            rows = columns.select(self._rows, self._joined, labels).where(*self._conditions(self._rows))
            return Statement(_cut(rows, self._keyset, request, size), dialect)
        labels["parent_key"] = self._parent
        own = [labels[name].label(name) if name in labels else self._rows.c[name] for name in columns.of_level()]
        place = sa.func.row_number().over(partition_by=self._parent, order_by=order).label("place")
        numbered = self._all(*own, place).where(*self._keyset.after(request)).subquery()
        rows = columns.select(numbered, numbered, {}).where(numbered.c.place <= size)
        return Statement(rows.order_by(numbered.c.place), dialect)

    def _of_one(self, request: PageRequest, size: Any, labels: Mapping[str, Any]) -> sa.Select[Any]:
        """The page of one parent, or the only one: the first rows, and only to those is anything joined."""
        columns = self.scope.columns
        keys = [column.label(name) for name, column in labels.items()]
        own = [self._rows.c[name] for name in columns.of_level() if name not in labels]
        base, joined, found = self._rows, self._joined, None
        if self.counts and isinstance(base, sa.Table) and self._is_found_slowly(base):  # once, and what is found is cut
            (primary,) = base.primary_key.columns
            found = self._all(primary.label("found"), *keys).cte("found")
            first = _cut(sa.select(found), self._placed(found), request, size).subquery()
            joined = first.join(base, primary == first.c.found)
        elif self.counts and not isinstance(base, sa.Table):  # what is worked out is worked out once
            found = self._all(*own, *keys).cte("found")
            base = joined = first = _cut(sa.select(found), self._placed(found), request, size).subquery()
        else:
            base = joined = first = _cut(self._all(*own, *keys), self._keyset, request, size).subquery()
        if self.counts:
            number = self._all(sa.func.count()) if found is None else sa.select(sa.func.count()).select_from(found)
            self.counted = columns.write(lambda get: number.scalar_subquery())
        shown = columns.select(base, joined, {name: first.c[name] for name in labels})
        return shown.order_by(*self._placed(first).order(request))

    def _is_found_slowly(self, table: sa.Table) -> bool:
        """Whether it takes long to find out that a record belongs to the page: it comes of pairs, or may be hidden."""
        return not self._of_parents() or table in closable()

    def _placed(self, rows: sa.FromClause) -> Keyset:
        """What the page goes by, as columns of other rows."""
        return Keyset([(rows.c[f"key_{place}"], down) for place, (_, down) in enumerate(self._keyset.columns)])

    def _by_parts(self, parts: Callable[..., Any], request: PageRequest, size: Any) -> sa.Select[Any]:
        """The same of a list in parts, each of which is read no further than the page goes.

        A part that waited for the number of rows in those before it would name them, and SQLite writes out anew
        whatever is named: the statement would double with each part.
        """
        found: list[sa.CTE] = []
        for rows in parts(self._day, self.compiler.database.context, self._values):
            keyset = self._keyset_of(rows)
            some = sa.select(rows).where(*self._conditions(rows))
            found.append(_cut(some, keyset, request, size).cte(f"part_{len(found)}"))
        rows = sa.union_all(*(sa.select(each) for each in found)).subquery()
        keyset = self._keyset_of(rows)
        labels = {f"key_{number}": column for number, (column, _) in enumerate(keyset.columns)}
        return self.scope.columns.select(rows, rows, labels).order_by(*keyset.order(request)).limit(size)

    def _keyset_of(self, rows: sa.FromClause) -> Keyset:
        return keyset_of(self.listing, self.shape.order, self.shape.descending, rows, self._day)

    def count(self) -> Statement:
        """How many records there are for each parent, whatever the page cuts."""
        if self.source.link is None and self.listing.parts:
            return Statement(self._count_by_parts(self.listing.parts), self.compiler.database.dialect)
        rows = self._all(self._parent.label("parent_key"), sa.func.count().label("number"))
        if self.source.link is not None:
            rows = rows.group_by(self._parent)
        return Statement(rows, self.compiler.database.dialect)

    def _count_by_parts(self, parts: Callable[..., Any]) -> sa.Select[Any]:
        """The same of a list in parts: of the rows of each, which are not put together, no column is worked out."""
        numbers = [
            sa.select(sa.func.count()).select_from(rows).where(*self._conditions(rows)).scalar_subquery()
            for rows in parts(self._day, self.compiler.database.context, self._values)
        ]
        return sa.select(self._parent.label("parent_key"), sum(numbers[1:], numbers[0]).label("number"))

    def _all(self, *columns: sa.ColumnElement[Any]) -> sa.Select[Any]:
        """Columns of all records, whatever the page cuts."""
        return sa.select(*columns).select_from(self._joined).where(*self._conditions(self._rows), *self._of_parents())

    def kinds(self) -> list[Callable[[Any], Any]]:
        """What makes of each value of a cursor what the driver takes."""
        typed = not self.compiler.database.sqlite
        return [
            date.fromisoformat if typed and isinstance(column.type, sa.Date) else (lambda value: value)
            for column, _ in self._keyset.columns
        ]

    def _of_parents(self) -> list[sa.ColumnElement[bool]]:
        link = self.source.link
        if link is None or link.pairs is not None:
            return []
        return [self.compiler.database.among(self._parent, self.single)]

    def _request(self) -> PageRequest:
        after, before = (
            tuple(
                sa.bindparam(f"asked_{name}_{number}", None, column.type)
                for number, (column, _) in enumerate(self._keyset.columns)
            )
            if there
            else None
            for name, there in (("after", self.shape.after), ("before", self.shape.before))
        )
        return PageRequest(self.shape.backward, after, before)

    def _conditions(self, rows: sa.FromClause) -> list[sa.ColumnElement[bool]]:
        listing, day = self.listing, self._day
        found = [listing.always(rows, day)]
        found += [listing.conditions[name](rows, value, day) for name, value in self._values.items()]
        return [condition for condition in found if condition is not None]


@planned.register
def _same(source: Same, scope: Scope, selected: Selected) -> str:
    return object_of(scope, selected)


def _cut(rows: sa.Select[Any], keyset: Keyset, request: PageRequest, size: Any) -> sa.Select[Any]:
    """The first rows after the place at which a page begins."""
    return rows.where(*keyset.after(request)).order_by(*keyset.order(request)).limit(size)


def _texts(name: str, number: int) -> Iterator[sa.ColumnElement[str]]:
    return (sa.bindparam(f"asked_{name}_{place}", None, sa.String()) for place in range(number))


def _days(name: str, first: bool, last: bool) -> Days:
    ends = (("first", first), ("last", last))
    return Days(*(sa.bindparam(f"asked_{name}_{end}", None, sa.Date()) if there else None for end, there in ends))
