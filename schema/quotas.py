"""Places allotted to labour migrants, and how far they are used."""

from typing import Any

import sqlalchemy as sa
import strawberry
from strawberry import Private, auto

from registry import agreements, countries, quotas, sectors
from registry.codes import Language
from registry.language import render
from registry.placements import PlacementMeasure
from registry.utilisation import Utilisation, utilisation, utilisation_of, utilisation_select
from schema.context import Context, Moment
from schema.dates import Period, UncertainDate
from schema.execution.field import children, cited, computed, declare, through
from schema.execution.source import Made, ToOne, Window, Worked
from schema.execution.source import UncertainDay as Dated
from schema.references import AgreementType, CitationType, CountryType, OccupationType, SectorType
from schema.relay import Node, Shown, node, part
from schema.scalars import Spoken, enum

for kind in (quotas.CountedUnit, quotas.ValueOperator):
    enum(kind)


@part(quotas.QuotaRevision)
class QuotaRevision(Shown):
    """An earlier decision on a quota."""

    places: auto
    decided: UncertainDate | None = declare(Dated("decided"), "When it was taken; null where not known.")
    citations: list[CitationType] = cited("QuotaRevision")


@strawberry.type(description="Placements over places; refuses to divide unlike things and says why.")
class QuotaUtilisation:
    found: Private[Utilisation]

    @computed("True where placements may be divided by these places.", source=Worked(()))
    def comparable(self) -> bool:
        return self.found.comparable

    @computed("Why they may not be divided; null where they may.", source=Worked(()))
    def reason(self, language: Spoken = Language.EN) -> str | None:
        return render(self.found.reason, language) if self.found.reason else None

    @computed("What the returns in scope count; null where there are none.", source=Worked(()))
    def measure(self) -> PlacementMeasure | None:
        return self.found.measure

    @computed("People counted against the places; null where not comparable.", source=Worked(()))
    def used(self) -> int | None:
        return self.found.used

    @computed("Places left, below zero where exceeded; null where not comparable.", source=Worked(()))
    def remaining(self) -> int | None:
        return self.found.remaining

    @computed("Used over places, above 1 where exceeded; null where not comparable.", source=Worked(()))
    def share(self) -> float | None:
        return self.found.share


def _uses(moment: Moment, context: Context, ids: list[Any]) -> sa.Select[Any]:
    return utilisation_select(context.home, quota_ids=ids)


_UTILISATION = Made(_uses, "quota_id", lambda row: QuotaUtilisation(found=utilisation_of(row)))


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
    version: auto

    @computed("Placements over places, or why they cannot be compared.", source=_UTILISATION)
    async def utilisation(self, info: strawberry.Info[Any, Any]) -> QuotaUtilisation:
        context: Context = info.context

        async def batch(keys: list[Any]) -> dict[Any, Any]:
            return await context.call(lambda connection: utilisation(connection, keys, context.home))

        return QuotaUtilisation(found=await context.load(utilisation, self.row.id, batch))
