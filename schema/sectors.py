"""Sectors by ISIC Rev. 4 code and occupations by ISCO-08 code."""

from strawberry import auto

from registry import sectors
from registry.agreements import AgreementSector
from registry.companies import CompanySector
from registry.figures import Figure
from registry.quotas import Quota
from registry.statistics import PlacementDimension
from schema.agreement_listing import AGREEMENTS
from schema.changes import Change, history_of
from schema.conditions import in_sector
from schema.execution.field import declare, localised
from schema.execution.source import Link, Localised, Summary, ToMany, ToOne
from schema.listings import COMPANIES, FIGURES, QUOTAS
from schema.placements import placements
from schema.references import AgreementType, CompanyType, FigureType, PlacementTableType, QuotaType
from schema.relay import Connection, Node, node, page
from schema.scalars import enum

enum(sectors.SectorScheme)


@node(sectors.Sector)
class Sector(Node):
    """A sector of economic activity. It stands for its divisions too, wherever records are listed or people summed."""

    scheme: auto
    code: auto
    level: auto
    name: str = localised(Localised("name", "name_en"), "Official title, in English where the language has none.")
    parent: "Sector | None" = declare(
        ToOne(sectors.Sector, "parent_code"), "The sector it is part of; null for a section."
    )
    children: list["Sector"] = declare(
        ToMany(sectors.Sector, Link(key="code", column="parent_code"), ("code",)),
        "The sectors that are part of it, by code.",
    )
    agreements: Connection[AgreementType] = page(
        AGREEMENTS, "Instruments that cover it.", in_sector(AgreementSector, "agreement_id")
    )
    companies: Connection[CompanyType] = page(
        COMPANIES, "Partner companies that work in it.", in_sector(CompanySector, "company_id")
    )
    quotas: Connection[QuotaType] = page(QUOTAS, "Places limited to it.", in_sector(Quota, "id"))
    placements: PlacementTableType = placements("People placed in it.", Summary(PlacementDimension.SECTOR, "code"))
    figures: Connection[FigureType] = page(
        FIGURES, "Numbers that sources state of it; never summed.", in_sector(Figure, "id")
    )
    history: Connection[Change] = history_of("Sector", "code")


@node(sectors.Occupation)
class Occupation(Node):
    """An occupation group of ISCO-08."""

    code: auto
    name: str = localised(Localised("name", "name_en"), "Official title, in English where the language has none.")
    parent: "Occupation | None" = declare(
        ToOne(sectors.Occupation, "parent_code"), "The group it is part of; null for a major group."
    )
    history: Connection[Change] = history_of("Occupation", "code")
