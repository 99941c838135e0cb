"""Places allotted to labour migrants, and how far they are used."""

from typing import Any

import sqlalchemy as sa
from strawberry import auto

from registry import agreements, countries, quotas, sectors
from registry import utilisation as uses
from registry.codes import CountedUnit, Language, PlacementMeasure, ValueOperator
from registry.history import table_behind
from registry.language import render
from schema.changes import Change, history_of
from schema.context import Context, Moment
from schema.dates import Period, UncertainDate
from schema.execution.field import children, cited, computed, declare, through
from schema.execution.source import Column, Derived, ToOne, Window, Worked
from schema.execution.source import UncertainDay as Dated
from schema.references import AgreementType, CitationType, CountryType, OccupationType, SectorType
from schema.relay import Connection, Node, Shown, node, part
from schema.scalars import Spoken, enum

for kind in (CountedUnit, ValueOperator):
    enum(kind)


@part(quotas.QuotaRevision)
class QuotaRevision(Shown):
    """An earlier decision on a quota."""

    places: auto
    decided: UncertainDate | None = declare(Dated("decided"), "When it was taken; null where not known.")
    citations: list[CitationType] = cited("QuotaRevision")


@part(uses.QuotaUtilisation)
class QuotaUtilisation(Shown):
    """Placements over places; refuses to divide unlike things and says why."""

    comparable: bool = declare(Column("comparable"), "True where placements may be divided by these places.")

    @computed("Why they may not be divided; null where they may.", source=Worked(uses.REASONING))
    def reason(self, language: Spoken = Language.EN) -> str | None:
        reason = uses.reason(self.row)
        return render(reason, language) if reason else None

    measure: PlacementMeasure | None = declare(
        Column("measure"), "What the returns in scope count; null where there are none."
    )
    used: int | None = declare(Column("used"), "People counted against the places; null where not comparable.")
    remaining: int | None = declare(
        Column("remaining"),
        """Places left, below zero where exceeded; at most so many where the quota's operator is AT_MOST or LESS_THAN.
Null where not comparable, and where the operator does not say how many places there are at most.""",
    )
    share: float | None = declare(
        Column("share"),
        """Used over places, above 1 where exceeded; at least so much where the quota's operator is AT_MOST or
LESS_THAN. Null where `remaining` is, and where there are no places.""",
    )


def _uses(moment: Moment, context: Context, ids: list[Any]) -> sa.Select[Any]:
    table = table_behind(uses.QuotaUtilisation)
    return sa.select(table).where(table.c.quota_id.in_(ids))


_USE = Derived(uses.QuotaUtilisation, _uses, "quota_id", holds=lambda rows, moment: (), total=True)


@node(quotas.Quota)
class Quota(Node):
    """A number of places for a period and scope, with what kind of promise it is."""

    reference: auto
    kind: auto
    basis: auto
    agreement: AgreementType | None = declare(
        ToOne(agreements.Agreement, "agreement_id"), "Null where no agreement stands behind the number."
    )
    country: CountryType = declare(ToOne(countries.Country, "country_code"), "Where the places are: the destination.")
    origins: list[CountryType] = through(
        countries.Country,
        quotas.QuotaOrigin,
        "quota_id",
        "country_code",
        """Countries of origin the places are for; empty where they are open to all, and then never compared with one
country's placements.""",
        "code",
    )
    part_of: "Quota | None" = declare(
        ToOne(quotas.Quota, "part_of_id"), "The quota this one is a share of; never add a part to its whole."
    )
    sector: SectorType | None = declare(ToOne(sectors.Sector, "sector_code"), "The places are limited to it.")
    occupation: OccupationType | None = declare(
        ToOne(sectors.Occupation, "occupation_code"), "The places are limited to it."
    )
    condition: auto
    unit: auto
    period: Period = declare(Window("period"), "Time that the places are for.")
    operator: auto
    places: auto
    revisions: list[QuotaRevision] = children(
        quotas.QuotaRevision, "quota_id", "Earlier decisions on the same places, oldest first.", "position"
    )
    citations: list[CitationType] = cited("Quota")
    history: Connection[Change] = history_of("Quota")
    version: auto

    utilisation: QuotaUtilisation = declare(
        _USE,
        """Placements over places, or why they cannot be compared. One answer for all who see the quota: a return that
names an agreement hidden from some of them counts as one that leaves it open, also for officials who see more.""",
    )
