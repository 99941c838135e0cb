"""What filters and orders are made of: conditions on rows, and the ties between parents and children."""

from collections.abc import Callable, Mapping
from typing import Any

import sqlalchemy as sa
import strawberry
from strawberry import UNSET

from registry import sectors
from registry.history import table_behind
from registry.texts import fold
from schema.context import Context, Moment
from schema.dates import DateRange, meets
from schema.execution.source import Condition, Link, Words
from schema.relay import OrderDirection

Rows = sa.FromClause


def wanted(description: str, name: str | None = None) -> Any:
    """A field of a filter that may be left out."""
    return strawberry.field(default=UNSET, description=description, name=name)


def lettered(where: str) -> Any:
    """The field of a filter that `worded` answers; `where` names what it looks into."""
    return wanted(f"Letters that stand in {where}, each word anywhere; `search` knows languages.")


def comparators() -> Any:
    """The field of a filter that takes in what `without_comparators` leaves out."""
    return strawberry.field(default=False, description="True to take in what is kept for comparison only.")


def direction(description: str = "Which end comes first.", default: OrderDirection = OrderDirection.ASC) -> Any:
    """The direction of an order."""
    return strawberry.field(default=default, description=description)


def table_of(kind: Any) -> Callable[[Moment, Context, Mapping[str, Any]], Rows]:
    """All rows of a table."""
    table: Rows = kind.__table__
    return lambda moment, context, values: table


def one_of(column: str) -> Callable[[Rows, Any, Moment], Condition]:
    """Whether a column is one of the values sought."""
    return lambda rows, values, moment: rows.c[column].in_(values)


def by(*columns: str) -> Callable[[Rows, Moment], list[sa.ColumnElement[Any]]]:
    """An order by columns."""
    return lambda rows, moment: [rows.c[column] for column in columns]


def has(
    kind: Any, child: str, column: str, key: str = "id", through: Any = None
) -> Callable[[Rows, Any, Moment], Condition]:
    """Whether a row of another table, tied by `child`, has one of the values sought in `column`.

    `through` is a table of wholes and parts: then a value stands for its parts too.
    """
    table = kind.__table__

    def condition(rows: Rows, values: Any, moment: Moment) -> Condition:
        sought: Any = values
        if through is not None:
            sought = sa.select(through.__table__.c.part_code).where(through.__table__.c.whole_code.in_(values))
        return rows.c[key].in_(sa.select(table.c[child]).where(table.c[column].in_(sought)))

    return condition


def covered(column: str, parts: Any) -> Callable[[Rows, Any, Moment], Condition]:
    """Whether a code column is one of the codes sought, or a part of one."""
    table = parts.__table__
    return lambda rows, values, moment: rows.c[column].in_(
        sa.select(table.c.part_code).where(table.c.whole_code.in_(values))
    )


def named(column: str, kind: Any, unique: str = "reference") -> Callable[[Rows, Any, Moment], Condition]:
    """Whether a foreign key leads to one of the records sought by their reference."""
    table = kind.__table__
    return lambda rows, values, moment: rows.c[column].in_(sa.select(table.c.id).where(table.c[unique].in_(values)))


def between(
    column: str, first: str = "earliest", last: str = "latest"
) -> Callable[[Rows, DateRange, Moment], Condition]:
    """Whether an uncertain date or a period may fall within a range."""
    return lambda rows, sought, moment: meets(rows.c[f"{column}_{first}"], rows.c[f"{column}_{last}"], sought)


def worded(*columns: str) -> Callable[[Rows, Any, Moment], Condition]:
    """Whether all the words sought stand in a folded text, be it within longer ones."""

    def condition(rows: Rows, text: str | Words, moment: Moment) -> Condition:
        if isinstance(text, Words):
            return sa.and_(sa.true(), *(rows.c.text_key.like(pattern, escape="/") for pattern in text))
        words = dict.fromkeys(fold(text).split())
        if not all(word.isprintable() for word in words):
            return sa.false()
        return sa.and_(sa.true(), *(rows.c.text_key.contains(word, autoescape=True) for word in words))

    return condition


def without_comparators(rows: Rows, included: bool, moment: Moment) -> Condition | None:
    """Leaves out what is kept for comparison only."""
    return None if included else rows.c.comparator.is_(False)


def linked(kind: Any, parent: str, child: str) -> Link:
    """Ties through a table that pairs a parent's code or id with the child's id."""
    table = kind.__table__
    pairs = sa.select(table.c[parent].label("parent"), table.c[child].label("child")).distinct()
    return Link(key="code", pairs=lambda context: [pairs])


def in_sector(kind: Any, child: str, sector: str = "sector_code") -> Link:
    """Ties a sector to the records of it and of its parts."""
    table, parts = table_behind(kind), table_behind(sectors.SectorPart)
    joined = parts.join(table, table.c[sector] == parts.c.part_code)
    pairs = sa.select(parts.c.whole_code.label("parent"), table.c[child].label("child")).select_from(joined)
    if child != "id":  # else a record has one sector, of which each whole has one part
        pairs = pairs.distinct()
    return Link(key="code", pairs=lambda context: [pairs])
