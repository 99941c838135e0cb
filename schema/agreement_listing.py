"""The list of agreements: how it may be filtered and ordered by what the law makes of them on a day.

Status, terms and what falls due stand in derived tables, with the days that they hold for; see `registry.agreements`.
What holds of all lists is told in `listings`.
"""

from collections.abc import Callable
from datetime import date
from typing import Any

import sqlalchemy as sa
import strawberry

from registry import agreements, sectors
from registry.codes import Code
from registry.cooperation import runs_on
from registry.database import as_kept
from registry.deadlines import is_known
from registry.history import table_behind
from registry.status import AgreementStatus, Bindingness, InstrumentType
from schema.conditions import (
    Rows,
    by,
    comparators,
    direction,
    has,
    lettered,
    one_of,
    table_of,
    wanted,
    without_comparators,
    worded,
)
from schema.context import Moment
from schema.dates import DateRange
from schema.execution.source import Condition, Listing
from schema.relay import OrderDirection
from schema.scalars import CountryCode, enum

for kind in (AgreementStatus, Bindingness, InstrumentType, agreements.Subject):
    enum(kind)


@strawberry.input(description="Which agreements.")
class AgreementFilter:
    reference: list[str] | None = wanted("One of these.")
    country: list[CountryCode] | None = wanted("One of these countries is a party.")
    type: list[InstrumentType] | None = wanted("One of these types.")
    status: list[AgreementStatus] | None = wanted("Has one of these statuses on the legal day.")
    possible_status: list[AgreementStatus] | None = wanted(
        "One of these is among the possible statuses: also finds what is UNKNOWN but may be, say, in force."
    )
    subject: list[agreements.Subject] | None = wanted("Deals with one of these subjects.")
    sector: list[str] | None = wanted("Covers one of these sectors, or a part of one.")
    bindingness: list[Bindingness] | None = wanted("Assessed so.")
    signed: DateRange | None = wanted("Signed by all in this range.")
    in_force: DateRange | None = wanted("Entered into force in this range.")
    falling: DateRange | None = wanted("Term ends, or notice falls due, in this range.")
    text: str | None = lettered("its titles or its reference")
    include_comparators: bool = comparators()


@enum
class AgreementOrderField(Code):
    """What agreements can be ordered by."""

    REFERENCE = "REFERENCE", "By reference."
    TITLE = "TITLE", "By English title, or as printed where there is none."
    SIGNED = "SIGNED", "By the first day it may have been signed on; unsigned ones last when ascending."
    IN_FORCE = "IN_FORCE", "By the first day it may have entered into force on; others last when ascending."
    TERM_END = "TERM_END", "By the end of the term that runs on the legal day; others last when ascending."


@strawberry.input(description="In which order agreements come.")
class AgreementOrder:
    field: AgreementOrderField = strawberry.field(description="What to order by.")
    direction: OrderDirection = direction()


_span = table_behind(agreements.StatusSpan)
_possibility = table_behind(agreements.StatusPossibility)
_running = table_behind(agreements.RunningTerm)
_due = table_behind(agreements.AgreementDue)


def _exists_on_day(rows: Rows, moment: Moment) -> Condition:
    return as_kept(rows.c.exists_from) <= moment.day


def _has_status(table: sa.Table) -> Callable[[Rows, Any, Moment], Condition]:
    return lambda rows, values, moment: rows.c.id.in_(
        sa.select(table.c.agreement_id).where(table.c.status.in_(values), runs_on(table, moment.day))
    )


def _certain_range(first: str, last: str) -> Callable[[Rows, DateRange, Moment], Condition]:
    """As `between`, for bounds that are never null; an empty interval (no such day) never matches."""

    def condition(rows: Rows, sought: DateRange, moment: Moment) -> Condition:
        begin, end = sought.days()
        return sa.and_(
            rows.c[first] <= rows.c[last],
            rows.c[last] >= (date.min if begin is None else begin),
            rows.c[first] <= (date.max if end is None else end),
        )

    return condition


def _between(day: sa.ColumnElement[date], first: date | None, last: date | None) -> list[Condition]:
    return [day >= (date.min if first is None else first), day <= (date.max if last is None else last)]


def _falling(rows: Rows, sought: DateRange, moment: Moment) -> Condition:
    first, last = sought.days()
    kinds = ("NOTICE_BEFORE_RENEWAL", "TERM_END")
    due = sa.select(_due.c.agreement_id).where(_due.c.kind.in_(kinds), is_known(_due, moment.day))
    return rows.c.id.in_(due.where(*_between(_due.c.due, first, last)))


def _term_end(rows: Rows, moment: Moment) -> list[sa.ColumnElement[Any]]:
    runs = sa.select(_running.c.ends_on).where(_running.c.agreement_id == rows.c.id, runs_on(_running, moment.day))
    return [sa.func.coalesce(runs.scalar_subquery(), sa.literal(date.max, sa.Date), type_=sa.Date)]


AGREEMENTS = Listing(
    kind=agreements.Agreement,
    rows=table_of(agreements.Agreement),
    filter=AgreementFilter,
    order=AgreementOrder,
    always=_exists_on_day,
    conditions={
        "reference": one_of("reference"),
        "country": has(agreements.Party, "agreement_id", "country_code"),
        "type": one_of("type"),
        "status": _has_status(_span),
        "possible_status": _has_status(_possibility),
        "subject": has(agreements.AgreementSubject, "agreement_id", "subject"),
        "sector": has(agreements.AgreementSector, "agreement_id", "sector_code", through=sectors.SectorPart),
        "bindingness": one_of("bindingness"),
        "signed": _certain_range("signed_earliest", "signed_latest"),
        "in_force": _certain_range("force_earliest", "force_latest"),
        "falling": _falling,
        "text": worded(),
        "include_comparators": without_comparators,
    },
    orders={
        "REFERENCE": by(),
        "TITLE": by("sort_key"),
        "SIGNED": by("signed_earliest"),
        "IN_FORCE": by("force_earliest"),
        "TERM_END": _term_end,
    },
    tie=("reference",),
    names={"reference": (agreements.Agreement, "reference"), "sector": (sectors.Sector, "code")},
)
