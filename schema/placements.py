"""Placement statistics: additive returns, summed on the server."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import strawberry
from strawberry import UNSET

from registry import agreements, companies, countries, sectors, sources, statistics
from registry.placements import PlacementChannel, PlacementMeasure, Sex
from registry.settings import Settings
from registry.statistics import PlacementDimension, PlacementOrderField
from schema.conditions import direction, wanted
from schema.dates import DateRange, Period
from schema.execution import cost
from schema.execution.asked import Asked, Named, ask, by_value, check_sizes, many
from schema.execution.field import argument, declare
from schema.execution.source import Column, Inner, Listed, Summary, ToOne, Window
from schema.references import AgreementType, CompanyType, CountryType, OccupationType, SectorType, SourceType
from schema.relay import OrderDirection, Shown
from schema.scalars import CountryCode, enum

for kind in (PlacementChannel, PlacementDimension, PlacementMeasure, PlacementOrderField, Sex):
    enum(kind)


@strawberry.type(
    description="One group; the fields of dimensions not grouped by are null, as are those the returns leave open."
)
class PlacementRow(Shown):
    people: int = declare(Column("people"), "Number of people in the group.")
    share: float | None = declare(Column("share"), "Part of the total, from 0 to 1; null where the total is 0.")
    year: int | None = declare(Column("year"), "Calendar year.")
    quarter: int | None = declare(Column("quarter"), "Quarter of the year, from 1 to 4.")
    month: date | None = declare(Column("month"), "First day of the month.")
    country: CountryType | None = declare(ToOne(countries.Country, "country_code"), "Destination of the people.")
    sector: SectorType | None = declare(ToOne(sectors.Sector, "sector_code"), "Sector they work in.")
    company: CompanyType | None = declare(
        ToOne(companies.Company, "company_id"), "Company they work for or went through."
    )
    agreement: AgreementType | None = declare(ToOne(agreements.Agreement, "agreement_id"), "Agreement they went under.")
    occupation: OccupationType | None = declare(
        ToOne(sectors.Occupation, "occupation_code"), "Occupation they work in."
    )
    sex: Sex | None = declare(Column("sex"), "Women or men.")
    channel: PlacementChannel | None = declare(Column("channel"), "Through whom they were placed.")


@strawberry.type(description="Placement returns summed over a filter, in groups.")
class PlacementTable(Shown):
    measure: PlacementMeasure = declare(Column("measure"), "What was counted.")
    group_by: list[PlacementDimension] = declare(Column("group_by"), "Dimensions that the rows are grouped by.")
    total: int = declare(Column("total"), "Sum over the whole filter, whatever `first` cuts.")
    row_count: int = declare(Column("row_count"), "Number of groups before `first` cuts.")
    unallocated: int = declare(
        Column("unallocated"),
        "People in returns whose period is too long for the grouping; counted in total, in no row.",
    )
    straddling: int = declare(
        Column("straddling"), "People in returns that lie only partly within the filter's period; not in total."
    )

    period: Period | None = declare(
        Window("period"), "From the first to the last day that the returns cover; null where there are none."
    )
    rows: list[PlacementRow] = declare(
        Inner("rows"),
        "Up to 1,000 groups, 100 unless `first` says otherwise; in the order of the dimensions unless ordered.",
    )
    sources: list[SourceType] = declare(
        Listed(sources.Source, "source_ids"), "The documents that the returns were taken from."
    )


@strawberry.input(description="Which placement returns are counted.")
class PlacementFilter:
    country: list[CountryCode] | None = wanted("To one of these destinations.")
    sector: list[str] | None = wanted("In one of these sectors, or in a part of one.")
    company: list[str] | None = wanted("With one of these companies.")
    agreement: list[str] | None = wanted("Under one of these agreements.")
    occupation: list[str] | None = wanted("In one of these occupations, or in a part of one.")
    sex: list[Sex] | None = wanted("Women, men or both.")
    channel: list[PlacementChannel] | None = wanted("Through one of these channels.")
    source: list[str] | None = wanted("Taken from one of these sources.")
    period: DateRange | None = wanted("Counts the returns whose whole period lies within.")


@strawberry.input(description="In which order the groups come.")
class PlacementOrder:
    field: PlacementOrderField = strawberry.field(description="What to order by.")
    direction: OrderDirection = direction(default=OrderDirection.DESC)


#: Filter fields that name records, and by which unique column.
NAMES: Mapping[str, tuple[Any, str]] = {
    "sector": (sectors.Sector, "code"),
    "company": (companies.Company, "reference"),
    "agreement": (agreements.Agreement, "reference"),
    "occupation": (sectors.Occupation, "code"),
    "source": (sources.Source, "reference"),
}


def filter_values_of(arguments: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of the filter among the arguments that filter."""
    given = arguments.get("filter") or PlacementFilter()
    values = {name: value for name, value in vars(given).items() if value is not None and value is not UNSET}
    check_sizes(values)
    return values


def question_of(arguments: Mapping[str, Any], values: dict[str, Any]) -> dict[str, Any]:
    """What `placement_selects` of `registry.statistics` is asked, by the names of its arguments. Raises `BadInput`."""
    first, last = values.pop("period", DateRange()).days()
    order = arguments.get("order_by") or None
    question: dict[str, Any] = {
        "group_by": tuple(arguments["group_by"]),
        "filter": statistics.PlacementFilter(
            **{name: tuple(value) for name, value in values.items()}, period_from=first, period_until=last
        ),
        "first": arguments.get("first"),
    }
    statistics.check_question(**question)
    ordered = statistics.PlacementOrder(order.field, order.direction is OrderDirection.DESC) if order else None
    return {**question, "measure": arguments["measure"], "order": ordered}


@ask.register
def _ask(source: Summary, arguments: Mapping[str, Any], settings: Settings) -> Asked:
    values = filter_values_of(arguments)
    named = Named.all(NAMES, values)
    bound: dict[str, Any] = {}
    for name in [name for name in values if name != "period"]:
        bound |= many(name, values.pop(name))[1]
    lists = [name.removeprefix("asked_") for name in bound]
    question = question_of(arguments, values)
    days = dict(zip(("period_from", "period_until"), question["filter"].ends, strict=True))
    for name, end in days.items():
        if end is not None:
            bound |= {f"asked_{name}_{part}": getattr(end, part) for part in DAYS}
    far = statistics.reads_all_returns(question["group_by"], lists, question["filter"].ends, source.dimension)
    question["filter"] = statistics.PlacementFilter()
    cuts = {name: None if end is None else end.cuts for name, end in days.items()}
    shape = by_value({"question": question, "lists": lists, "cuts": cuts})
    points = cost.FROM_RETURNS if far else 0
    return Asked(shape, bound, named, question["first"] or statistics.DEFAULT_ROWS, points)


#: What is bound of an end of the days that are asked for.
DAYS = ("day", "year", "begins", "ends")


def placements(description: str, summary: Summary) -> Any:
    """A field that is a placement table."""
    return declare(
        summary,
        description,
        argument("filter", PlacementFilter | None, "Which returns; left out, all."),
        argument("group_by", list[PlacementDimension], "Dimensions to group by.", [PlacementDimension.YEAR]),
        argument("measure", PlacementMeasure, "What is counted.", PlacementMeasure.DEPARTED),
        argument("order_by", PlacementOrder | None, "In which order the groups come."),
        argument("first", int | None, "Number of groups, from 1 to 1,000."),
    )
