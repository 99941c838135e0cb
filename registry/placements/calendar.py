"""The calendar year and month of a day in a statement."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement


class year_of(FunctionElement[int]):
    """The calendar year of a day.

    SQLite keeps days as text, of which the year is a part: to cut it out takes a quarter of what its own functions do,
    which read the whole day first, for each of a million returns.
    """

    inherit_cache = True
    type = sa.Integer()
    name = "year"
    cut = (1, 4)


class month_of(FunctionElement[int]):
    """The calendar month of a day, 1 to 12; see `year_of`."""

    inherit_cache = True
    type = sa.Integer()
    name = "month"
    cut = (6, 2)


@compiles(year_of)
@compiles(month_of)
def _extracted(element: year_of | month_of, compiler: SQLCompiler, **options: Any) -> str:
    return f"CAST(EXTRACT({element.name} FROM {compiler.process(element.clauses, **options)}) AS INTEGER)"


@compiles(year_of, "sqlite")
@compiles(month_of, "sqlite")
def _cut_out(element: year_of | month_of, compiler: SQLCompiler, **options: Any) -> str:
    first, length = element.cut
    return f"CAST(substr({compiler.process(element.clauses, **options)}, {first}, {length}) AS INTEGER)"
