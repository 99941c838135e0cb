"""Numbers exactly as sources state them."""

from strawberry import auto

from registry import companies, countries, figures, sectors
from schema.changes import Change, history_of
from schema.dates import Period
from schema.execution.field import cited, declare, through
from schema.execution.source import ToOne, Window
from schema.references import CitationType, CompanyType, CountryType, SectorType
from schema.relay import Connection, Node, node


@node(figures.Figure)
class Figure(Node):
    """A number exactly as a source states it, with its window, which may be open, and its words."""

    reference: auto
    measure: auto
    nature: auto
    operator: auto
    value: auto
    unit: auto
    period: Period = declare(Window("period"), "Window that it speaks of.")
    destinations: list[CountryType] = through(
        countries.Country,
        figures.FigureDestination,
        "figure_id",
        "country_code",
        "Countries of destination that it speaks of; empty where it names none.",
        "code",
    )
    destination_as_printed: auto
    sector: SectorType | None = declare(ToOne(sectors.Sector, "sector_code"), "It is limited to this.")
    company: CompanyType | None = declare(ToOne(companies.Company, "company_id"), "It is limited to this.")
    note: auto
    citations: list[CitationType] = cited("Figure")
    history: Connection[Change] = history_of("Figure")
