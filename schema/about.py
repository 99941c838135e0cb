"""What the registry holds and how current it is."""

from typing import Any

import sqlalchemy as sa
import strawberry

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
from schema.countries import Country
from schema.execution.field import declare
from schema.execution.source import Column, Constant, Home, Rows, Standing, Whether
from schema.relay import Shown

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


def _synthetic() -> sa.Select[Any]:
    table = table_behind(sources.Source)
    return sa.select(table.c.id).where(table.c.kind == SourceKind.SYNTHETIC).limit(1)


def _counts() -> sa.Select[Any]:
    numbers = [
        sa.select(sa.literal(name, sa.String()).label("type"), sa.func.count().label("count")).select_from(kind)
        for name, kind in COUNTED.items()
    ]
    return sa.select(sa.union_all(*numbers).subquery())


@strawberry.type(description="How many records of one type there are.")
class RecordCount(Shown):
    type: str = declare(Column("type"), "Name of the type, such as Agreement.")
    count: int = declare(Column("count"), "How many there are.")


@strawberry.type(description="What this registry holds and how current it is.")
class About(Shown):
    version: str = declare(Constant(VERSION), "Version of the software.")
    home_country: Country = declare(Home(countries.Country), "The country whose registry this is.")
    sequence: int = declare(Standing("sequence"), "Position of the last change in the log.")
    digest: str = declare(
        Standing("digest"), "Hash over the whole log up to `sequence`; equal hashes, equal registries."
    )
    synthetic: bool = declare(Whether(_synthetic), "True where any record comes from a synthetic source.")
    counts: list[RecordCount] = declare(Rows(_counts), "Records by type, as far as the asker may see them.")
