"""What falls due."""

from collections.abc import Callable, Mapping
from datetime import date as Day
from typing import Any

import sqlalchemy as sa
import strawberry

from registry.codes import DeadlineKind, Language
from registry.deadlines import ORDER, Asked, deadline_parts_on, deadlines_on, explain
from schema.conditions import by, wanted
from schema.context import Context, Moment
from schema.dates import DateRange
from schema.execution.field import computed, declare
from schema.execution.source import PARENTS, AnyOf, Column, Listing, Worked
from schema.relay import Node, Shown
from schema.scalars import CountryCode, Spoken, enum

enum(DeadlineKind)


_SUBJECTS = tuple((kind, "subject_id") for kind in ("Agreement", "Quota", "Company"))


@strawberry.type(description="Something that falls due on a day.")
class Deadline(Shown):
    kind: DeadlineKind = declare(Column("kind"), "What it is that falls due.")
    date: Day = declare(Column("due"), "The day it falls due.")

    @computed("What it means, in a sentence.", source=Worked(("kind", "places", "operator", "number", "explanation")))
    def explanation(self, language: Spoken = Language.EN) -> str:
        return explain(self.row, language)

    subject: Node = declare(AnyOf("subject_type", _SUBJECTS), "The agreement, quota or company that it belongs to.")


@strawberry.input(description="Which deadlines.")
class DeadlineFilter:
    kind: list[DeadlineKind] | None = wanted("One of these kinds.")
    country: list[CountryCode] | None = wanted("Concerning one of these countries.")
    range: DateRange | None = wanted("Falling due in this range; left out, from the legal day onward.")


def _asked(values: Mapping[str, Any], per_country: bool) -> Asked:
    first, last = values["range"].days() if "range" in values else (None, None)
    unbounded = "range" in values and first is None and last is None
    return {
        "kinds": values.get("kind"),
        "countries": values.get(PARENTS, values.get("country")),
        "range_from": Day.min if unbounded else first,
        "range_until": last,
        "per_country": per_country,
    }


def _rows(per_country: bool) -> Callable[[Moment, Context, Mapping[str, Any]], sa.FromClause]:
    def rows(moment: Moment, context: Context, values: Mapping[str, Any]) -> sa.FromClause:
        found = deadlines_on(moment.day, context.home, **_asked(values, per_country)).subquery()
        if PARENTS not in values or "country" not in values:
            return found
        return sa.select(found).where(found.c.country_code.in_(values["country"])).subquery()

    return rows


def _parts(moment: Moment, context: Context, values: Mapping[str, Any]) -> list[sa.FromClause]:
    """Those of agreements, quotas and licences apart: each can be read in the order of days."""
    return [part.subquery() for part in deadline_parts_on(moment.day, context.home, **_asked(values, False))]


def _listing(per_country: bool) -> Listing:
    in_rows = dict.fromkeys(("kind", "country", "range"), lambda rows, value, moment: None)
    return Listing(
        kind=Deadline,
        rows=_rows(per_country),
        filter=DeadlineFilter,
        conditions=in_rows,
        orders={"DUE": by(*ORDER[:-1])},
        tie=ORDER[-1:],
        parts=None if per_country else _parts,
    )


DEADLINES = _listing(per_country=False)
DEADLINES_OF_COUNTRIES = _listing(per_country=True)
