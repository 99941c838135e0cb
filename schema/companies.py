"""Partner companies, their partnerships and licences."""

from typing import Any

import sqlalchemy as sa
from strawberry import auto

from registry import agreements, companies, countries, institutions, sectors
from registry.companies import PartnerRole, PartnershipStage
from registry.cooperation import company_stage_on, partnerships_on
from registry.deadlines import ORDER as DEADLINE_ORDER
from registry.deadlines import deadlines_on
from registry.gaps import ORDER as GAP_ORDER
from registry.gaps import gaps_on
from registry.statistics import PlacementDimension
from schema.agreement_listing import AGREEMENTS
from schema.changes import Change, history_of
from schema.context import Context, Moment
from schema.dates import UncertainDate
from schema.execution.field import children, cited, declare, through
from schema.execution.source import Derived, Gathered, Link, Summary, ToMany, ToOne, Values
from schema.execution.source import UncertainDay as Dated
from schema.listings import FIGURES, under
from schema.placements import placements
from schema.references import (
    AgreementType,
    CitationType,
    CountryType,
    DeadlineType,
    FigureType,
    GapType,
    InstitutionType,
    PlacementTableType,
    SectorType,
)
from schema.relay import Connection, Node, Shown, node, page, part
from schema.scalars import enum

enum(companies.LicenceState)


def _running(moment: Moment, context: Context, ids: list[Any]) -> sa.Select[Any]:
    return partnerships_on(moment.day, partnerships=ids)


@part(companies.Partnership)
class Partnership(Shown):
    """A stage that the partnership with a company has reached."""

    stage: auto
    agreement: AgreementType | None = declare(
        ToOne(agreements.Agreement, "agreement_id"), "The agreement it is made under; null where none is named."
    )
    since: UncertainDate | None = declare(Dated("since"), "When the stage was reached; null where not known.")
    until: UncertainDate | None = declare(Dated("until"), "Last day of the stage; null where it lasts.")
    runs: bool = declare(
        Derived(companies.Partnership, _running, "id", take="runs", total=True),
        "True where it has certainly begun by the legal day and is neither over nor followed by another.",
    )
    citations: list[CitationType] = cited("Partnership")


@part(companies.Licence)
class Licence(Shown):
    """A licence of a company, and its state."""

    number: auto
    state: auto
    issued_by: InstitutionType | None = declare(
        ToOne(institutions.Institution, "issued_by_id"), "The institution that issued it; null where not known."
    )
    since: UncertainDate | None = declare(Dated("since"), "First day of the state; null where not known.")
    until: UncertainDate | None = declare(Dated("until"), "Last day of the state; null where it lasts.")
    citations: list[CitationType] = cited("Licence")


def _stages(moment: Moment, context: Context, ids: list[Any]) -> sa.Select[Any]:
    return company_stage_on(moment.day, companies=ids)


def _agreements(context: Context) -> list[sa.Select[Any]]:
    return under("company_id", "agreement_id")


def _deadlines(moment: Moment, context: Context, ids: list[Any]) -> sa.Select[Any]:
    rows = deadlines_on(moment.day, context.home, company_ids=ids).subquery()
    return sa.select(rows, rows.c.subject_id.label("parent_key")).order_by(*(rows.c[name] for name in DEADLINE_ORDER))


def _gaps(moment: Moment, context: Context, ids: list[Any]) -> sa.Select[Any]:
    rows = gaps_on(moment.day, context.home, company_ids=ids).subquery()
    return sa.select(rows, rows.c.subject_id.label("parent_key")).order_by(*(rows.c[name] for name in GAP_ORDER))


@node(companies.Company)
class Company(Node):
    """A partner company or organisation."""

    reference: auto
    name: auto
    names: auto
    country: CountryType = declare(ToOne(countries.Country, "country_code"), "Where it is at home.")
    roles: list[PartnerRole] = declare(
        Values(ToMany(companies.CompanyRole, Link(column="company_id"), ("role",)), "role"),
        "What it does as a partner.",
    )
    sectors: list[SectorType] = through(
        sectors.Sector, companies.CompanySector, "company_id", "sector_code", "Sectors that it works in.", "code"
    )
    lei: auto
    national_number: auto
    stage: PartnershipStage = declare(
        Derived(companies.Company, _stages, "company_id", take="stage", total=True),
        "How far the partnership has come on the legal day.",
    )
    partnerships: list[Partnership] = children(
        companies.Partnership, "company_id", "Stages that the partnership has reached.", "since_earliest", "id"
    )
    licences: list[Licence] = children(companies.Licence, "company_id", "Its licences.", "since_earliest", "id")
    agreements: Connection[AgreementType] = page(
        AGREEMENTS, "Instruments that it is a partner under or a party to.", Link(pairs=_agreements)
    )
    placements: PlacementTableType = placements("People placed with it or by it.", Summary(PlacementDimension.COMPANY))
    figures: Connection[FigureType] = page(
        FIGURES, "Numbers that sources state of it; never summed.", Link(column="company_id")
    )
    deadlines: list[DeadlineType] = declare(
        Gathered(_deadlines, DEADLINE_ORDER), "Licences of it that run out from the legal day onward, soonest first."
    )
    gaps: list[GapType] = declare(Gathered(_gaps, GAP_ORDER), "What is missing about it, or has lapsed.")
    citations: list[CitationType] = cited("Company")
    history: Connection[Change] = history_of("Company")
    version: auto
