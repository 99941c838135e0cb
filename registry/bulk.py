"""How many rows are written at once, past statements of SQLAlchemy, which take longer over a row than the database."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import sqlalchemy as sa


def write_rows(connection: sa.Connection, table: sa.Table, rows: Iterable[Sequence[Any]]) -> None:
    """Adds rows, each with all columns of the table in their order, within the transaction that is open."""
    bound = [_bound(column, connection.dialect) for column in table.c]
    told = ([value if bind is None else bind(value) for bind, value in zip(bound, row, strict=True)] for row in rows)
    preparer = connection.dialect.identifier_preparer
    into = f"{preparer.format_table(table)} ({', '.join(preparer.format_column(column) for column in table.c)})"
    if connection.dialect.name == "postgresql":
        driver: Any = connection.connection.driver_connection
        with driver.cursor() as cursor, cursor.copy(f"COPY {into} FROM STDIN") as copy:
            for row in told:
                copy.write_row(row)
    elif written := [tuple(row) for row in told]:
        connection.exec_driver_sql(f"INSERT INTO {into} VALUES ({', '.join('?' * len(bound))})", written)


def _bound(column: sa.Column[Any], dialect: sa.Dialect) -> Callable[[Any], Any] | None:
    """What makes of a value what the driver takes; None for itself."""
    bind = column.type.dialect_impl(dialect).bind_processor(dialect)
    return None if bind is None else lambda value: None if value is None else bind(value)
