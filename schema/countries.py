"""Countries, and everything that the registry holds on each."""

from typing import Any

import sqlalchemy as sa
from strawberry import auto

from registry import countries
from registry.agreements import Party
from registry.cooperation import CooperationStage, stage_on
from registry.engagements import EngagementCountry
from registry.figures import FigureDestination
from registry.statistics import PlacementDimension
from schema.agreement_listing import AGREEMENTS
from schema.changes import Change, history_of
from schema.conditions import linked
from schema.context import Context, Moment
from schema.deadlines import DEADLINES_OF_COUNTRIES
from schema.execution.field import declare, localised
from schema.execution.source import Column, Derived, Link, Localised, Summary, ToOne
from schema.gaps import GAPS_OF_COUNTRIES
from schema.listings import COMPANIES, ENGAGEMENTS, FIGURES, INSTITUTIONS, PROGRAMMES, QUOTAS
from schema.placements import placements
from schema.references import (
    AgreementType,
    CompanyType,
    DeadlineType,
    EngagementType,
    FigureType,
    GapType,
    InstitutionType,
    PlacementTableType,
    ProgrammeType,
    QuotaType,
)
from schema.relay import Connection, Node, node, page
from schema.scalars import CountryCode


def _stages(moment: Moment, context: Context, codes: list[Any]) -> sa.Select[Any]:
    return stage_on(moment.day, context.home, countries=codes)


_HERE = Link(key="code", column="country_code")
_REGION = ToOne(countries.Region, "region_code")
_SUBREGION = ToOne(countries.Region, "subregion_code")


@node(countries.Country)
class Country(Node):
    """A country or territory of ISO 3166-1, and everything that the registry holds on it."""

    code: CountryCode = declare(Column("code"), "ISO 3166-1 alpha-2 code.")
    alpha3: auto
    numeric: auto
    name: str = localised(Localised("name", "name_en"), "By Unicode CLDR, in English where it has none.")
    region: str | None = localised(
        Localised("name", "name_en", _REGION), "UN M49 region, named in the language; null where M49 gives none."
    )
    subregion: str | None = localised(
        Localised("name", "name_en", _SUBREGION), "UN M49 subregion, named in the language; null where M49 gives none."
    )
    stage: CooperationStage = declare(
        Derived(countries.Country, _stages, "country_code", "code", "stage", total=True),
        "How far cooperation has come on the legal day.",
    )
    agreements: Connection[AgreementType] = page(
        AGREEMENTS, "Instruments that it is a party to.", linked(Party, "country_code", "agreement_id")
    )
    companies: Connection[CompanyType] = page(COMPANIES, "Partner companies at home there.", _HERE)
    quotas: Connection[QuotaType] = page(QUOTAS, "Places there.", _HERE)
    placements: PlacementTableType = placements("People placed there.", Summary(PlacementDimension.COUNTRY, "code"))
    figures: Connection[FigureType] = page(
        FIGURES,
        "Numbers that sources state of it as a destination; never summed.",
        linked(FigureDestination, "country_code", "figure_id"),
    )
    engagements: Connection[EngagementType] = page(
        ENGAGEMENTS,
        "Meetings, visits and other dealings with it.",
        linked(EngagementCountry, "country_code", "engagement_id"),
    )
    institutions: Connection[InstitutionType] = page(INSTITUTIONS, "Institutions that sit there.", _HERE)
    programmes: Connection[ProgrammeType] = page(PROGRAMMES, "Programmes that it runs.", _HERE)
    deadlines: Connection[DeadlineType] = page(DEADLINES_OF_COUNTRIES, "What falls due with it, soonest first.", _HERE)
    gaps: Connection[GapType] = page(GAPS_OF_COUNTRIES, "What is missing, contradictory or unused.", _HERE)
    history: Connection[Change] = history_of("Country", "code")
