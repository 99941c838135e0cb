"""What the classes of rows say of themselves: which are logged, by which columns, and which record each tells of."""

from functools import cache
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlmodel import SQLModel

from registry.history.columns import Row, table_behind


class Named(NamedTuple):
    """A record by its type and its id or code."""

    type: str
    key: str


@cache
def kind_named(name: str) -> type[Row]:
    """The class of rows of that name, such as Agreement."""
    return next(kind for kind in _kinds() if kind.__name__ == name)


@cache
def kind_of(table: str) -> type[Row]:
    """The class of rows of a table."""
    return next(kind for kind in _kinds() if kind.__tablename__ == table)


def _kinds() -> list[type[Row]]:
    return [mapper.class_ for mapper in SQLModel._sa_registry.mappers]


def logged_tables() -> list[sa.Table]:
    """The tables whose rows the log keeps, those that others point to first."""
    return [table for table in SQLModel.metadata.sorted_tables if kind_of(table.name).__logged__]


@cache
def logged_columns(table: str) -> tuple[str, ...]:
    """The columns of a table that the log keeps."""
    return tuple(column.name for column in SQLModel.metadata.tables[table].c if column.info.get("logged", True))


@cache
def key_columns(table: str) -> tuple[str, ...]:
    """The columns of a table's primary key."""
    return tuple(column.name for column in SQLModel.metadata.tables[table].primary_key.columns)


@cache
def country_columns(table: str) -> tuple[str, ...]:
    """The columns of a table that name a country."""
    return tuple(
        column.name
        for column in SQLModel.metadata.tables[table].c
        if any(key.target_fullname == "country.code" for key in column.foreign_keys)
    )


@cache
def whole_behind(kind: type[Row]) -> tuple[str, str] | None:
    """What a row is a part of: the type of the record, and the column with its key; None where the row is a record.

    Where rows are parts of records of several types, the type is given by the name of the column that has it.
    """
    part_of, table = kind.__part_of__, table_behind(kind)
    if isinstance(part_of, tuple):
        return part_of
    if part_of is None and "id" not in table.c:
        first = next(iter(table.primary_key.columns))
        part_of = first.name if first.foreign_keys else None
    return None if part_of is None else (_pointed_to(table, part_of), part_of)


@cache
def larger_behind(kind: type[Row]) -> tuple[str, str] | None:
    """The type of the larger record that a record is found with, and the column with its key; None without one."""
    column = getattr(kind, "__belongs_to__", None)
    return None if column is None else (_pointed_to(table_behind(kind), column), column)


def _pointed_to(table: sa.Table, column: str) -> str:
    (key,) = table.c[column].foreign_keys
    return kind_of(key.column.table.name).__name__


def key_text(table: str, row: dict[str, Any]) -> str:
    """The primary key of a row as one text."""
    return "/".join(str(row[name]) for name in key_columns(table))


def subject_of(kind: type[Row], row: dict[str, Any]) -> Named:
    """The record that a row tells of: itself, or what it is a part of."""
    whole = whole_behind(kind)
    if whole is None:
        return Named(kind.__name__, key_text(str(kind.__tablename__), row))
    name, column = whole
    return Named(str(row[name]) if isinstance(kind.__part_of__, tuple) else name, str(row[column]))
