"""Where queries begin: everything that can be read, as it stands on one legal day."""

from datetime import date, datetime
from typing import Any

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
from registry.sectors import SectorScheme
from schema import listings
from schema.about import About
from schema.agreement_listing import AGREEMENTS
from schema.agreements import Agreement
from schema.changes import CHANGES, Change
from schema.companies import Company
from schema.countries import Country
from schema.deadlines import DEADLINES, Deadline
from schema.engagements import Engagement
from schema.execution.field import argument, declare
from schema.execution.source import Alone, At, ById, ByIds, KnownAt, Lookup, Standing, Summary, Today
from schema.figures import Figure
from schema.gaps import GAPS, Gap
from schema.institutions import Institution
from schema.placements import PlacementTable, placements
from schema.programmes import Programme
from schema.quotas import Quota
from schema.relay import Connection, Node, Shown, page
from schema.scalars import CountryCode
from schema.search import SearchConnection, search
from schema.sectors import Occupation, Sector
from schema.sources import Source
from schema.viewer import Viewer

OCCUPATION = sectors.Occupation


def lookup(table: Any, what: str, column: str = "reference", kind: Any = str, *more: Any) -> Any:
    """A field that finds one record by a unique column."""
    asked = argument(column, kind, f"The {column} to look for, exactly.")
    return declare(Lookup(table, column), f"{what} with this {column}; null where there is none.", asked, *more)


@strawberry.interface(
    description="Everything that can be read, as it stands on one legal day, as it was known at one moment."
)
class Registry(Shown):
    legal_day: date = declare(
        Today(),
        """The legal day the answers hold for; on Query, today in the home country's time zone. Status, stage, terms,
deadlines and gaps follow it, and lists of agreements leave out what does not exist yet; acts, statistics, figures and
quotas are dated by themselves and do not.""",
        name="date",
    )
    known_at: datetime = declare(
        KnownAt(),
        """The moment of knowledge the answers rest on: the instant of the last change they take into account,
never the clock.""",
    )
    digest: str = declare(
        Standing("digest"),
        "Hash over the log of changes up to `knownAt`: with equal hashes, equal questions have equal answers.",
    )
    node: Node | None = declare(
        ById(),
        "The record with this id, on the day that the id carries; null where there is none.",
        argument("id", strawberry.ID, "An id from an answer."),
    )
    nodes: list[Node | None] = declare(
        ByIds(),
        """The records with these ids, in the same order; null in place of those there are none of. Refused as a whole
where one is no id.""",
        argument("ids", list[strawberry.ID], "Ids from answers."),
    )
    country: Country | None = lookup(countries.Country, "The country", "code", CountryCode)
    countries: Connection[Country] = page(listings.COUNTRIES, "All countries and territories of ISO 3166-1.")
    agreement: Agreement | None = lookup(agreements.Agreement, "The agreement")
    agreements: Connection[Agreement] = page(AGREEMENTS, "Instruments that exist on the legal day.")
    company: Company | None = lookup(companies.Company, "The company")
    companies: Connection[Company] = page(listings.COMPANIES, "Partner companies.")
    sector: Sector | None = lookup(
        sectors.Sector,
        "The sector",
        "code",
        str,
        argument("scheme", SectorScheme, "Classification of the code.", SectorScheme.ISIC4),
    )
    sectors: Connection[Sector] = page(listings.SECTORS, "Sectors of economic activity, by code.")
    occupation: Occupation | None = lookup(OCCUPATION, "The occupation group", "code")
    occupations: Connection[Occupation] = page(listings.OCCUPATIONS, "Occupation groups, by code.")
    quota: Quota | None = lookup(quotas.Quota, "The quota")
    quotas: Connection[Quota] = page(listings.QUOTAS, "Places for labour migrants, in all countries.")
    placements: PlacementTable = placements("Additive placement returns, summed on the server.", Summary())
    figure: Figure | None = lookup(figures.Figure, "The figure")
    figures: Connection[Figure] = page(listings.FIGURES, "Numbers as their sources state them; never summed.")
    engagement: Engagement | None = lookup(engagements.Engagement, "The dealing")
    engagements: Connection[Engagement] = page(listings.ENGAGEMENTS, "Meetings, visits and other dealings.")
    institution: Institution | None = lookup(institutions.Institution, "The institution")
    institutions: Connection[Institution] = page(listings.INSTITUTIONS, "Authorities, funds and other bodies.")
    programme: Programme | None = lookup(programmes.Programme, "The programme")
    programmes: Connection[Programme] = page(listings.PROGRAMMES, "Help for those who leave and those who return.")
    source: Source | None = lookup(sources.Source, "The source")
    sources: Connection[Source] = page(listings.SOURCES, "Documents that facts are taken from.")
    deadlines: Connection[Deadline] = page(
        DEADLINES, "What falls due, soonest first; from the legal day onward unless a range is given."
    )
    search: SearchConnection = search()
    gaps: Connection[Gap] = page(GAPS, "What is missing, contradictory or unused, and why the registry thinks so.")


@strawberry.type(description="The registry on a legal day, or at a moment of knowledge, that the query has chosen.")
class Snapshot(Registry):
    pass


@strawberry.type(description="The registry today, as it is known now.")
class Query(Registry):
    at: Snapshot = declare(
        At(),
        """The same graph on another legal day (`date`), or as it was known at another moment (`knownAt`).
Two aliases of this field compare two days in one request.""",
        argument("date", date | None, "The legal day; left out, today."),
        argument("known_at", datetime | None, "The moment of knowledge; left out, now."),
    )
    changes: Connection[Change] = page(
        CHANGES, "The change log, oldest first, for delta synchronisation; resume with the last cursor."
    )
    viewer: Viewer = declare(Alone(), "Who is asking and what they may do.")
    about: About = declare(Alone(), "What this registry holds and how current it is.")
