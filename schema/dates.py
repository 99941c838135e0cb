"""Dates and periods as precise as their source, and ranges that records are sought in."""

from collections.abc import Iterable
from datetime import MAXYEAR, MINYEAR, date
from typing import Any

import sqlalchemy as sa
import strawberry

from registry.database import as_kept
from schema.execution.field import declare
from schema.execution.source import Column
from schema.relay import Shown
from schema.scalars import EDTF


@strawberry.type(description="A date as its source gives it, and the days it may mean; null bounds are open.")
class UncertainDate(Shown):
    edtf: EDTF = declare(Column("edtf"), "As precise as the source, in Extended Date/Time Format.")
    earliest: date | None = declare(Column("earliest"), "First day it may mean; null is open.")
    latest: date | None = declare(Column("latest"), "Last day it may mean; null is open.")


@strawberry.type(description="A period as its source gives it; null bounds are open or unknown.")
class Period(Shown):
    edtf: EDTF = declare(Column("edtf"), "As precise as the source, in Extended Date/Time Format.")
    start: date | None = declare(Column("earliest"), "First day of it; null is open or unknown.")
    end: date | None = declare(Column("latest"), "Last day of it; null is open or unknown.")


@strawberry.input(
    description="""Both days belong to the range; null is open.
A record whose date is uncertain matches if it may fall within."""
)
class DateRange:
    from_: date | None = strawberry.field(name="from", default=strawberry.UNSET, description="First day of the range.")
    until: date | None = strawberry.field(default=strawberry.UNSET, description="Last day of the range.")

    def days(self) -> tuple[date | None, date | None]:
        """First and last day, None where open."""
        return self.from_ or None, self.until or None


def years(numbers: Iterable[int]) -> list[DateRange]:
    """The days of years, each once; numbers that are no years have none."""
    found = (number for number in dict.fromkeys(numbers) if MINYEAR <= number <= MAXYEAR)
    return [DateRange(from_=date(year, 1, 1), until=date(year, 12, 31)) for year in found]


def meets(earliest: sa.ColumnElement[Any], latest: sa.ColumnElement[Any], sought: DateRange) -> sa.ColumnElement[bool]:
    """Whether what lies between two bounds (null is open) may fall within a range."""
    first, last = sought.days()
    conditions = []
    if first is not None:
        conditions.append(sa.or_(latest.is_(None), as_kept(latest) >= first))
    if last is not None:
        conditions.append(sa.or_(earliest.is_(None), as_kept(earliest) <= last))
    return sa.and_(sa.true(), *conditions)
