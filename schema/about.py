"""What the registry holds and how current it is."""

from typing import Any

import sqlalchemy as sa
import strawberry
from strawberry import Private

from registry import (
    agreements,
    companies,
    countries,
    engagements,
    figures,
    institutions,
    placements,
    programmes,
    quotas,
    sectors,
    sources,
)
from registry.history import table_behind
from registry.settings import VERSION
from registry.sources import SourceKind
from schema.context import Context, Moment
from schema.countries import Country
from schema.execution.field import computed
from schema.execution.plain import one
from schema.execution.source import Constant, Home, Rows, Whether

#: The records that are counted, by the name of their type.
COUNTED = {
    "Agreement": agreements.Agreement,
    "Company": companies.Company,
    "Country": countries.Country,
    "Engagement": engagements.Engagement,
    "Figure": figures.Figure,
    "Institution": institutions.Institution,
    "LegalAct": agreements.LegalAct,
    "Occupation": sectors.Occupation,
    "PlacementReturn": placements.PlacementReturn,
    "Programme": programmes.Programme,
    "Quota": quotas.Quota,
    "Sector": sectors.Sector,
    "Source": sources.Source,
}


@strawberry.type(description="How many records of one type there are.")
class RecordCount:
    type: str = strawberry.field(description="Name of the type, such as Agreement.")
    count: int = strawberry.field(description="How many there are.")


@strawberry.type(description="What this registry holds and how current it is.")
class About:
    context: Private[Context]
    moment: Private[Moment]

    @computed("Version of the software.", source=Constant(VERSION))
    def version(self) -> str:
        return VERSION

    @computed("The country whose registry this is.", source=Home(countries.Country))
    async def home_country(self) -> Country:
        found: Country = await one(self.context, countries.Country, self.context.home, self.moment)
        return found

    @computed("True where any record comes from a synthetic source.", source=Whether(lambda: _synthetic()))
    async def synthetic(self) -> bool:
        return bool(await self.context.read(_synthetic()))

    @computed("Records by type, as far as the asker may see them.", source=Rows(lambda: _counts()))
    async def counts(self) -> list[RecordCount]:
        rows = await self.context.read(_counts())
        return [RecordCount(type=row.type, count=row._mapping["count"]) for row in rows]


def _synthetic() -> sa.Select[Any]:
    table = table_behind(sources.Source)
    return sa.select(table.c.id).where(table.c.kind == SourceKind.SYNTHETIC).limit(1)


def _counts() -> sa.Select[Any]:
    numbers = [
        sa.select(sa.literal(name, sa.String()).label("type"), sa.func.count().label("count")).select_from(kind)
        for name, kind in COUNTED.items()
    ]
    return sa.select(sa.union_all(*numbers).subquery())
