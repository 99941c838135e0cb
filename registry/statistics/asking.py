"""What is asked of placement returns: which of them count, by what they are grouped, in which order, and for whom."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date as Day
from typing import Any

from registry.codes import Code
from registry.errors import BadInput
from registry.placements import End, PlacementChannel, Sex

#: Rows of a table where nobody says how many, and at most.
DEFAULT_ROWS, MOST_ROWS = 100, 1000


class PlacementDimension(Code):
    """What placement returns are grouped by."""

    YEAR = "YEAR", "Calendar year."
    QUARTER = "QUARTER", "Quarter of a year, 1 to 4; together with the year where that is grouped by too."
    MONTH = "MONTH", "Calendar month, named by its first day."
    COUNTRY = "COUNTRY", "Country of destination."
    SECTOR = "SECTOR", "Sector, as the return states it."
    COMPANY = "COMPANY", "Company that people work for or went through."
    AGREEMENT = "AGREEMENT", "Instrument that people went under."
    OCCUPATION = "OCCUPATION", "Occupation, as the return states it."
    SEX = "SEX", "Women and men apart."
    CHANNEL = "CHANNEL", "Through whom people were placed."


class PlacementOrderField(Code):
    """What the rows of a placement table are ordered by."""

    PEOPLE = "PEOPLE", "Number of people; rows of equal number in the order of their dimensions."
    DIMENSION = "DIMENSION", "The dimensions, in the order they are grouped by; what returns leave open comes last."


@dataclass(frozen=True)
class PlacementFilter:
    """Which returns count. None does not filter, an empty sequence matches nothing; both days belong to the period.

    Where a plan is made for days yet to come, each is an `End` of bound parameters.

    Countries, sectors and occupations are named by code, and a sector or occupation stands for its parts too;
    companies, agreements and sources are named by reference.
    """

    country: Sequence[str] | None = None
    sector: Sequence[str] | None = None
    company: Sequence[str] | None = None
    agreement: Sequence[str] | None = None
    occupation: Sequence[str] | None = None
    sex: Sequence[Sex] | None = None
    channel: Sequence[PlacementChannel] | None = None
    source: Sequence[str] | None = None
    period_from: Day | End | None = None
    period_until: Day | End | None = None

    @property
    def ends(self) -> tuple[End | None, End | None]:
        """The first and the last day, with the years that they lie in."""
        first, last = self.period_from, self.period_until
        return End.first(first) if isinstance(first, Day) else first, End.last(last) if isinstance(last, Day) else last


@dataclass(frozen=True)
class PlacementOrder:
    """Order of the rows. What returns leave open comes last either way, and ties go by the dimensions, ascending."""

    field: PlacementOrderField
    descending: bool = True


@dataclass(frozen=True)
class Parents:
    """The records that a table is asked for each: codes of countries or sectors, ids of companies or agreements.

    `keys` is a sequence of them, or a select of them; with `single` it is the only one.
    """

    dimension: PlacementDimension
    keys: Any
    single: bool = False


#: The column that returns have each dimension in.
COLUMNS = {
    PlacementDimension.YEAR: "year",
    PlacementDimension.QUARTER: "quarter",
    PlacementDimension.MONTH: "month",
    PlacementDimension.COUNTRY: "country_code",
    PlacementDimension.SECTOR: "sector_code",
    PlacementDimension.COMPANY: "company_id",
    PlacementDimension.AGREEMENT: "agreement_id",
    PlacementDimension.OCCUPATION: "occupation_code",
    PlacementDimension.SEX: "sex",
    PlacementDimension.CHANNEL: "channel",
}

#: The column that returns have in them what each field of a filter chooses by; a source tells nothing apart.
CHOSEN = {
    "country": "country_code",
    "sector": "sector_code",
    "company": "company_id",
    "agreement": "agreement_id",
    "occupation": "occupation_code",
    "sex": "sex",
    "channel": "channel",
}


def check_question(group_by: Sequence[PlacementDimension], filter: PlacementFilter, first: int | None) -> None:
    """Raises `BadInput` for a dimension named twice, for `first` outside 1 to 1,000, for days that end too early."""
    twice = [dimension for place, dimension in enumerate(group_by) if dimension in group_by[:place]]
    if twice:
        raise BadInput(f"{twice[0]} is named twice.", path=("groupBy",), hint="Name each dimension once.")
    if first is not None and not 1 <= first <= MOST_ROWS:
        hint = "Filter or group more coarsely; `rowCount` tells how many there are."
        raise BadInput(f"A table shows from 1 to {MOST_ROWS:,} groups.", path=("first",), hint=hint)
    start, end = filter.period_from, filter.period_until
    if isinstance(start, Day) and isinstance(end, Day) and end < start:
        hint = "Give the earlier day as from, the later as until."
        raise BadInput(f"The period ends on {end}, before it begins on {start}.", path=("filter", "period"), hint=hint)
