"""Numbers exactly as sources state them: shown and compared, never summed."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from registry import inputs
from registry.access import PUBLIC
from registry.codes import Code, ValueOperator
from registry.errors import BadInput
from registry.history import Changes, Exact, Record, Row, column
from registry.sources import Cited, check_words, cite


class FigureMeasure(Code):
    """What a figure states the number of."""

    REGISTERED = "REGISTERED", "People who registered for work abroad."
    IN_TRAINING = "IN_TRAINING", "People in training."
    SELECTED = "SELECTED", "People selected by an employer."
    CONTRACTED = "CONTRACTED", "People who signed a contract of employment."
    VISA_ISSUED = "VISA_ISSUED", "Visas issued for work."
    DEPARTED = "DEPARTED", "People who left for work; what sources call sent."
    ARRIVED = "ARRIVED", "People who arrived in the country of destination."
    EMPLOYED = "EMPLOYED", "People who started a job."
    RETURNED = "RETURNED", "People who came back."
    ASSISTED = "ASSISTED", "People who received assistance."
    COMPANIES_CONTRACTED = "COMPANIES_CONTRACTED", "Companies that contracts have been made with."
    COMPANIES_IN_DISCUSSION = "COMPANIES_IN_DISCUSSION", "Companies that talks are held with."
    JOBS_OPENED = "JOBS_OPENED", "Jobs offered abroad."
    REMITTANCES_SHARE_OF_GDP = "REMITTANCES_SHARE_OF_GDP", "Remittances as a share of gross domestic product."
    TRAINING_CENTRES = "TRAINING_CENTRES", "Centres that train people before they leave."


class FigureNature(Code):
    """What nature a figure is of."""

    FLOW = "FLOW", "Counted over a period."
    STOCK = "STOCK", "Counted at a moment."
    RATIO = "RATIO", "One number over another."
    PLAN = "PLAN", "Announced or intended, not done."


class Figure(Record, table=True):
    """A number exactly as a source states it, with its window, which may be open, and its words."""

    reference: str = column("Stable, readable, unique name.", PUBLIC, unique=True)
    measure: FigureMeasure = column("What it states the number of.", PUBLIC, kind=FigureMeasure, index=True)
    nature: FigureNature = column("What nature it is of.", PUBLIC, kind=FigureNature, index=True)
    operator: ValueOperator = column(
        "How the number is to be read.", PUBLIC, kind=ValueOperator, default=ValueOperator.EXACT
    )
    value: Decimal = column("The number.", PUBLIC, kind=Exact)
    unit: str = column("What is counted, such as persons or per cent.", PUBLIC, default="persons")
    period: str = column("Window it speaks of, in EDTF.", PUBLIC)
    period_start: date | None = column("First day of the window; null is open or unknown.", PUBLIC, default=None)
    period_end: date | None = column("Last day of the window; null is open or unknown.", PUBLIC, default=None)
    destination_as_printed: str | None = column(
        "Destination in the source's words, where they name no list of countries.", PUBLIC, default=None
    )
    sector_code: str | None = column(
        "Sector it is limited to.", PUBLIC, references="sector.code", default=None, index=True
    )
    company_id: int | None = column(
        "Company it is limited to.", PUBLIC, references="company.id", default=None, index=True
    )
    note: str | None = column("Remark, such as on an undetermined window.", PUBLIC, default=None)


class FigureDestination(Row, table=True):
    """A country of destination that a figure speaks of."""

    __tablename__ = "figure_destination"

    figure_id: int = column("The figure.", PUBLIC, references="figure.id", primary_key=True)
    position: int = column("Place among the destinations, from 0.", PUBLIC, primary_key=True)
    country_code: str = column("The country.", PUBLIC, references="country.code", index=True)


def report(
    changes: Changes,
    *,
    measure: FigureMeasure,
    nature: FigureNature,
    value: Decimal,
    period: str,
    citations: Sequence[Cited],
    reference: str | None = None,
    operator: ValueOperator = ValueOperator.EXACT,
    unit: str = "persons",
    destinations: Sequence[str] = (),
    destination_as_printed: str | None = None,
    sector: str | None = None,
    company: str | None = None,
    note: str | None = None,
) -> Figure:
    """Records a number as its source states it, for a window in EDTF; the reference is made up where none is given.

    Refuses with `Conflict`, `NotFound`, `BadInput` (also on a negative or absurd number) or `Unsourced`.
    """
    if reference is None:
        reference = inputs.made_reference(changes, "figure")
    with inputs.checked():
        figure = Figure(
            reference=inputs.new_reference(changes, "figure", reference),
            measure=measure,
            nature=nature,
            operator=operator,
            value=_plausible(value),
            unit=inputs.words(unit, "unit"),
            destination_as_printed=inputs.remark(destination_as_printed, "destinationAsPrinted"),
            sector_code=inputs.code_or_none(changes, "sector", sector, "sector"),
            company_id=inputs.id_or_none(changes, "company", company, "company"),
            note=inputs.remark(note, "note"),
            **inputs.window(period),
        )
        countries = inputs.codes(changes, "country", destinations, "destinations")
        words = check_words(changes, citations)
    changes.add(figure)
    for position, code in enumerate(countries):
        changes.add(FigureDestination(figure_id=inputs.key(figure), position=position, country_code=code))
    cite(changes, figure, words)
    return figure


def _plausible(value: Decimal) -> Decimal:
    if not value.is_finite() or not 0 <= value <= inputs.MOST_PEOPLE:
        hint = f"Give a number from 0 to {inputs.MOST_PEOPLE:,}, all migrant workers of the world."
        inputs.refuse(BadInput(f"{value} cannot be such a number.", path=("value",), hint=hint))
    return value
