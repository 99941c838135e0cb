"""The lists of the registry: how each may be filtered and ordered. That of agreements is in `agreement_listing`.

Filters: fields are joined by "and", the values of a list by "or"; null or left out does not filter, an empty list
matches nothing. Records are named by reference, countries, sectors and occupations by code; a sector stands for its
divisions too.
"""

from collections.abc import Callable, Mapping
from datetime import date
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
    programmes,
    quotas,
    sectors,
    sources,
)
from registry.codes import Code
from registry.companies import PartnerRole, PartnershipStage
from registry.cooperation import CooperationStage, company_stage_on, is_on_record, stage_on
from registry.engagements import EngagementKind
from registry.figures import FigureMeasure, FigureNature
from registry.history import table_behind
from registry.institutions import InstitutionKind
from registry.programmes import ProgrammeKind
from registry.quotas import QuotaBasis, QuotaKind
from registry.sectors import SectorLevel
from registry.sources import Reliability, SourceKind
from schema.conditions import (
    Rows,
    between,
    by,
    comparators,
    covered,
    direction,
    has,
    lettered,
    named,
    one_of,
    table_of,
    wanted,
    without_comparators,
    worded,
)
from schema.context import Context, Moment
from schema.dates import DateRange, meets, years
from schema.execution.source import Condition, Listing
from schema.relay import OrderDirection
from schema.scalars import CountryCode, LanguageTag, enum

for kind in (
    CooperationStage,
    EngagementKind,
    FigureMeasure,
    FigureNature,
    InstitutionKind,
    PartnerRole,
    PartnershipStage,
    ProgrammeKind,
    QuotaBasis,
    QuotaKind,
    Reliability,
    SectorLevel,
    SourceKind,
):
    enum(kind)

# ── Sources ───────────────────────────────────────────────────────────────────────────────────────


@strawberry.input(description="Which sources.")
class SourceFilter:
    kind: list[SourceKind] | None = wanted("One of these kinds.")
    reliability: list[Reliability] | None = wanted("Trusted so far.")
    language: list[LanguageTag] | None = wanted("In one of these languages.")
    text: str | None = lettered("its title, its publisher or its reference")


@enum
class SourceOrderField(Code):
    """What sources can be ordered by."""

    REFERENCE = "REFERENCE", "By reference."
    PUBLISHED = "PUBLISHED", "By the first day it may have been published on; without a first day first when ascending."


@strawberry.input(description="In which order sources come.")
class SourceOrder:
    field: SourceOrderField = strawberry.field(description="What to order by.")
    direction: OrderDirection = direction()


def _first_day(of: str) -> Callable[[Rows, Moment], list[sa.ColumnElement[Any]]]:
    """By the first day that an uncertain date may be; those without one before all others."""
    name = f"{of}_earliest"
    return lambda rows, moment: [sa.func.coalesce(rows.c[name], sa.literal(date.min, sa.Date), type_=sa.Date)]


SOURCES = Listing(
    kind=sources.Source,
    rows=table_of(sources.Source),
    filter=SourceFilter,
    order=SourceOrder,
    conditions={
        "kind": one_of("kind"),
        "reliability": one_of("reliability"),
        "language": lambda rows, tags, moment: sa.func.lower(rows.c.language).in_(tags),
        "text": worded(),
    },
    orders={"REFERENCE": by(), "PUBLISHED": _first_day("published")},
    tie=("reference",),
)
FACTS = Listing(kind=sources.Citation, rows=table_of(sources.Citation), conditions={}, orders={"ID": by()}, tie=("id",))

# ── Countries ─────────────────────────────────────────────────────────────────────────────────────


@strawberry.input(description="Which countries.")
class CountryFilter:
    code: list[CountryCode] | None = wanted("One of these.")
    region: str | None = wanted("M49 code of a region or subregion, such as 143.")
    stage: list[CooperationStage] | None = wanted("Cooperation stands at one of these stages on the legal day.")
    on_record: bool | None = wanted(
        "True: an instrument, a dealing, a company, places, people placed or a figure of it is on record; false: none."
    )
    text: str | None = lettered("its name in any language, or its code")


@enum
class CountryOrderField(Code):
    """What countries can be ordered by."""

    NAME = "NAME", "By English name."
    CODE = "CODE", "By ISO 3166-1 alpha-2 code."


@strawberry.input(description="In which order countries come.")
class CountryOrder:
    field: CountryOrderField = strawberry.field(description="What to order by.")
    direction: OrderDirection = direction()


def _with_stage(moment: Moment, context: Context, values: Mapping[str, Any]) -> Rows:
    table = table_behind(countries.Country)
    if "stage" not in values:
        return table
    stages = stage_on(moment.day, context.home).subquery()
    joined = table.join(stages, stages.c.country_code == table.c.code)
    return sa.select(table, stages.c.stage).select_from(joined).subquery()


COUNTRIES = Listing(
    kind=countries.Country,
    rows=_with_stage,
    filter=CountryFilter,
    order=CountryOrder,
    conditions={
        "code": one_of("code"),
        "region": lambda rows, code, moment: sa.or_(rows.c.region_code == code, rows.c.subregion_code == code),
        "stage": one_of("stage"),
        "on_record": lambda rows, wanted, moment: is_on_record(rows.c.code) if wanted else ~is_on_record(rows.c.code),
        "text": worded(),
    },
    orders={"NAME": by("sort_key"), "CODE": by()},
    tie=("code",),
    names={"region": (countries.Region, "code")},
)

# ── Companies ─────────────────────────────────────────────────────────────────────────────────────


@strawberry.input(description="Which companies.")
class CompanyFilter:
    reference: list[str] | None = wanted("One of these.")
    country: list[CountryCode] | None = wanted("At home in one of these countries.")
    role: list[PartnerRole] | None = wanted("Has one of these roles.")
    sector: list[str] | None = wanted("Works in one of these sectors, or in a part of one.")
    stage: list[PartnershipStage] | None = wanted("Its partnership stands at one of these stages on the legal day.")
    agreement: list[str] | None = wanted("Partner under one of these agreements, or party to one.")
    text: str | None = lettered("its names or its reference")


@enum
class CompanyOrderField(Code):
    """What companies can be ordered by."""

    REFERENCE = "REFERENCE", "By reference."
    NAME = "NAME", "By name."


@strawberry.input(description="In which order companies come.")
class CompanyOrder:
    field: CompanyOrderField = strawberry.field(description="What to order by.")
    direction: OrderDirection = direction()


#: What ties companies and agreements: a company is a partner under an agreement, or a party to it.
_TIES = table_behind(companies.Partnership), table_behind(agreements.Party)


def under(parent: str, child: str) -> list[sa.Select[Any]]:
    """Pairs of a company and an agreement that it belongs to, from `company_id` to `agreement_id` or back."""
    return [
        sa.select(tie.c[parent].label("parent"), tie.c[child].label("child"))
        .where(tie.c.company_id.is_not(None), tie.c.agreement_id.is_not(None))
        .distinct()
        for tie in _TIES
    ]


def _under_agreement(rows: Rows, references: Any, moment: Moment) -> Condition:
    table = table_behind(agreements.Agreement)
    ids = sa.select(table.c.id).where(table.c.reference.in_(references))
    return rows.c.id.in_(sa.union(*(sa.select(tie.c.company_id).where(tie.c.agreement_id.in_(ids)) for tie in _TIES)))


def _company_at_stage(rows: Rows, stages: Any, moment: Moment) -> Condition:
    found = company_stage_on(moment.day).subquery()
    return rows.c.id.in_(sa.select(found.c.company_id).where(found.c.stage.in_(stages)))


COMPANIES = Listing(
    kind=companies.Company,
    rows=table_of(companies.Company),
    filter=CompanyFilter,
    order=CompanyOrder,
    conditions={
        "reference": one_of("reference"),
        "country": one_of("country_code"),
        "role": has(companies.CompanyRole, "company_id", "role"),
        "sector": has(companies.CompanySector, "company_id", "sector_code", through=sectors.SectorPart),
        "stage": _company_at_stage,
        "agreement": _under_agreement,
        "text": worded(),
    },
    orders={"REFERENCE": by(), "NAME": by("sort_key")},
    tie=("reference",),
    names={
        "reference": (companies.Company, "reference"),
        "sector": (sectors.Sector, "code"),
        "agreement": (agreements.Agreement, "reference"),
    },
)

# ── Sectors and occupations ───────────────────────────────────────────────────────────────────────


@strawberry.input(description="Which sectors.")
class SectorFilter:
    code: list[str] | None = wanted("One of these.")
    level: list[SectorLevel] | None = wanted("On one of these levels.")
    parent: str | None = wanted("Code of the sector that they are part of.")
    text: str | None = lettered("its titles, or its code")


SECTORS = Listing(
    kind=sectors.Sector,
    rows=table_of(sectors.Sector),
    filter=SectorFilter,
    conditions={
        "code": one_of("code"),
        "level": one_of("level"),
        "parent": lambda rows, code, moment: rows.c.parent_code == code,
        "text": worded(),
    },
    orders={"CODE": by()},
    tie=("code",),
    names={"code": (sectors.Sector, "code"), "parent": (sectors.Sector, "code")},
)
OCCUPATIONS = Listing(
    kind=sectors.Occupation, rows=table_of(sectors.Occupation), conditions={}, orders={"CODE": by()}, tie=("code",)
)

# ── Quotas ────────────────────────────────────────────────────────────────────────────────────────


@strawberry.input(description="Which quotas.")
class QuotaFilter:
    reference: list[str] | None = wanted("One of these.")
    country: list[CountryCode] | None = wanted("For one of these countries of destination.")
    agreement: list[str] | None = wanted("One of these agreements stands behind it.")
    sector: list[str] | None = wanted("Limited to one of these sectors, or to a part of one.")
    kind: list[QuotaKind] | None = wanted("One of these kinds of promise.")
    basis: list[QuotaBasis] | None = wanted("Rests on one of these.")
    year: list[int] | None = wanted("Its period meets one of these years.")
    period: DateRange | None = wanted("Its period meets this range.")


@enum
class QuotaOrderField(Code):
    """What quotas can be ordered by."""

    REFERENCE = "REFERENCE", "By reference."
    PERIOD = "PERIOD", "By the first day of the period."
    PLACES = "PLACES", "By number of places."


@strawberry.input(description="In which order quotas come.")
class QuotaOrder:
    field: QuotaOrderField = strawberry.field(description="What to order by.")
    direction: OrderDirection = direction()


def _in_years(rows: Rows, years: list[Any], moment: Moment) -> Condition:
    return sa.or_(sa.false(), *(meets(rows.c.period_start, rows.c.period_end, days) for days in years))


QUOTAS = Listing(
    kind=quotas.Quota,
    rows=table_of(quotas.Quota),
    filter=QuotaFilter,
    order=QuotaOrder,
    conditions={
        "reference": one_of("reference"),
        "country": one_of("country_code"),
        "agreement": named("agreement_id", agreements.Agreement),
        "sector": covered("sector_code", sectors.SectorPart),
        "kind": one_of("kind"),
        "basis": one_of("basis"),
        "year": _in_years,
        "period": between("period", "start", "end"),
    },
    meanings={"year": years},
    orders={"REFERENCE": by(), "PERIOD": by("period_key"), "PLACES": by("places")},
    tie=("reference",),
    names={
        "reference": (quotas.Quota, "reference"),
        "agreement": (agreements.Agreement, "reference"),
        "sector": (sectors.Sector, "code"),
    },
)

# ── Figures, engagements, institutions, programmes ────────────────────────────────────────────────


@strawberry.input(description="Which figures.")
class FigureFilter:
    measure: list[FigureMeasure] | None = wanted("Stating one of these measures.")
    nature: list[FigureNature] | None = wanted("Of one of these natures.")
    country: list[CountryCode] | None = wanted("One of these countries is a destination.")
    sector: list[str] | None = wanted("Limited to one of these sectors, or to a part of one.")
    company: list[str] | None = wanted("Limited to one of these companies.")
    period: DateRange | None = wanted("Its window may meet this range.")


FIGURES = Listing(
    kind=figures.Figure,
    rows=table_of(figures.Figure),
    filter=FigureFilter,
    conditions={
        "measure": one_of("measure"),
        "nature": one_of("nature"),
        "country": has(figures.FigureDestination, "figure_id", "country_code"),
        "sector": covered("sector_code", sectors.SectorPart),
        "company": named("company_id", companies.Company),
        "period": between("period", "start", "end"),
    },
    orders={"REFERENCE": by()},
    tie=("reference",),
    names={"sector": (sectors.Sector, "code"), "company": (companies.Company, "reference")},
)


@strawberry.input(description="Which engagements.")
class EngagementFilter:
    kind: list[EngagementKind] | None = wanted("One of these kinds.")
    country: list[CountryCode] | None = wanted("One of these countries took part.")
    agreement: list[str] | None = wanted("About one of these agreements.")
    date: DateRange | None = wanted("May have been held in this range.")


@enum
class EngagementOrderField(Code):
    """What engagements can be ordered by."""

    REFERENCE = "REFERENCE", "By reference."
    DATE = "DATE", "By the first day it may have been held on; those without a first day first when ascending."


@strawberry.input(description="In which order engagements come.")
class EngagementOrder:
    field: EngagementOrderField = strawberry.field(description="What to order by.")
    direction: OrderDirection = direction()


ENGAGEMENTS = Listing(
    kind=engagements.Engagement,
    rows=table_of(engagements.Engagement),
    filter=EngagementFilter,
    order=EngagementOrder,
    conditions={
        "kind": one_of("kind"),
        "country": has(engagements.EngagementCountry, "engagement_id", "country_code"),
        "agreement": named("agreement_id", agreements.Agreement),
        "date": between("date"),
    },
    orders={"REFERENCE": by(), "DATE": _first_day("date")},
    tie=("reference",),
    names={"agreement": (agreements.Agreement, "reference")},
)


@strawberry.input(description="Which institutions.")
class InstitutionFilter:
    kind: list[InstitutionKind] | None = wanted("One of these kinds.")
    country: list[CountryCode] | None = wanted("Sitting in one of these countries.")
    include_comparators: bool = comparators()


INSTITUTIONS = Listing(
    kind=institutions.Institution,
    rows=table_of(institutions.Institution),
    filter=InstitutionFilter,
    conditions={
        "kind": one_of("kind"),
        "country": one_of("country_code"),
        "include_comparators": without_comparators,
    },
    orders={"REFERENCE": by()},
    tie=("reference",),
)


@strawberry.input(description="Which programmes.")
class ProgrammeFilter:
    kind: list[ProgrammeKind] | None = wanted("One of these kinds.")
    country: list[CountryCode] | None = wanted("Run by one of these countries.")
    include_comparators: bool = comparators()


PROGRAMMES = Listing(
    kind=programmes.Programme,
    rows=table_of(programmes.Programme),
    filter=ProgrammeFilter,
    conditions={
        "kind": one_of("kind"),
        "country": one_of("country_code"),
        "include_comparators": without_comparators,
    },
    orders={"REFERENCE": by()},
    tie=("reference",),
)
