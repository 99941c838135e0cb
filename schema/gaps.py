"""What is missing, contradictory or unused."""

from collections.abc import Callable, Mapping
from typing import Any

import sqlalchemy as sa
import strawberry

from registry import countries
from registry.codes import Language
from registry.gaps import EXPLAINING, GapKind, explain, gaps_on
from schema.conditions import by, wanted
from schema.context import Context, Moment
from schema.execution.field import computed, declare
from schema.execution.source import PARENTS, AnyOf, Column, Listing, ToOne, Worked
from schema.references import CountryType
from schema.relay import Node, Shown
from schema.scalars import CountryCode, Spoken, enum

enum(GapKind)


_SUBJECTS = (
    ("Country", "country_code"),
    *((kind, "subject_id") for kind in ("Agreement", "LegalAct", "Company", "Quota", "Figure", "Engagement")),
    *((kind, "subject_id") for kind in ("Institution", "Programme")),
)


@strawberry.type(description="Something that is missing, contradictory or unused, and why the registry thinks so.")
class Gap(Shown):
    kind: GapKind = declare(Column("kind"), "What is wrong.")

    @computed("Why the registry thinks so, in a sentence or two.", source=Worked(EXPLAINING))
    def explanation(self, language: Spoken = Language.EN) -> str:
        return explain(self.row, language)

    subject: Node = declare(AnyOf("subject_type", _SUBJECTS), "The record that it is about.")
    country: CountryType | None = declare(
        ToOne(countries.Country, "country_code"), "The partner country it concerns; null where it concerns none."
    )


@strawberry.input(description="Which gaps.")
class GapFilter:
    kind: list[GapKind] | None = wanted("One of these kinds.")
    country: list[CountryCode] | None = wanted("Concerning one of these countries.")


def _found(
    moment: Moment, context: Context, values: Mapping[str, Any], kinds: list[GapKind] | None, per_country: bool
) -> sa.FromClause:
    sought = values.get("country")
    among = values.get(PARENTS, sought)
    found = gaps_on(moment.day, context.home, kinds=kinds, countries=among, per_country=per_country).subquery()
    if per_country and sought is not None:
        return sa.select(found).where(found.c.country_code.in_(sought)).subquery()
    return found


def _rows(per_country: bool) -> Callable[[Moment, Context, Mapping[str, Any]], sa.FromClause]:
    return lambda moment, context, values: _found(moment, context, values, values.get("kind"), per_country)


def _kinds(moment: Moment, context: Context, values: Mapping[str, Any]) -> list[sa.FromClause]:
    """The gaps of each kind apart, in their order."""
    kinds = values.get("kind")
    wanted = [[kind] for kind in GapKind if kinds is None or kind in kinds]
    return [_found(moment, context, values, kind, False) for kind in wanted or [[]]]


def _listing(per_country: bool) -> Listing:
    return Listing(
        kind=Gap,
        rows=_rows(per_country),
        filter=GapFilter,
        conditions=dict.fromkeys(("kind", "country"), lambda rows, value, moment: None),
        shaping=("kind",),
        orders={"KIND": by("kind_rank", "subject_type", "subject_reference")},
        tie=("subject_key",),
        parts=None if per_country else _kinds,
        worked_out=not per_country,
    )


GAPS = _listing(per_country=False)
GAPS_OF_COUNTRIES = _listing(per_country=True)
