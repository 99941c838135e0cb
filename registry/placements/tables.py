"""Additive placement returns, and sums of them that are kept because most questions ask for them."""

from datetime import date
from typing import NamedTuple

import sqlalchemy as sa

from registry.access import PUBLIC
from registry.codes import Code, PlacementMeasure
from registry.history import Record, Row, column


class PlacementChannel(Code):
    """Through whom people were placed."""

    STATE_AGENCY = "STATE_AGENCY", "The state's agency."
    PRIVATE_AGENCY = "PRIVATE_AGENCY", "A private employment agency."
    DIRECT = "DIRECT", "Directly by the employer."
    GOVERNMENT_TO_GOVERNMENT = "GOVERNMENT_TO_GOVERNMENT", "Between governments."


class Sex(Code):
    """Sex of the people counted."""

    FEMALE = "FEMALE", "Women and girls."
    MALE = "MALE", "Men and boys."


class Frequency(Code):
    """Length of the period of a return, named as SDMX's code list CL_FREQ names it."""

    MONTH = "M", "Month."
    QUARTER = "Q", "Quarter."
    HALF_YEAR = "S", "Half-year."
    YEAR = "A", "Year."


def _summed_by(name: str) -> sa.Index:
    """The index by which returns are found that name a record, and from which alone sums by such records are made.

    It begins with what is grouped by: one that began with the measure would be gone by in questions about all else too,
    and each of a million returns be looked up.
    """
    return sa.Index(f"ix_placement_return_by_{name}", name, "measure", "period_start", "period_end", "people")


class PlacementReturn(Record, table=True):
    """So many people by one measure in one period and destination; dimensions that the source leaves open are null."""

    __part_of__ = "source_id"
    __tablename__ = "placement_return"
    __table_args__ = (
        sa.Index("ix_placement_return_scope", "country_code", "measure", "period_start", "frequency"),
        *(_summed_by(name) for name in ("company_id", "agreement_id", "occupation_code")),
    )

    source_id: int = column("The source of the return.", PUBLIC, references="source.id", index=True)
    period: str = column("Period of the return, in EDTF.", PUBLIC)
    period_start: date = column("First day of the period.", PUBLIC)
    period_end: date = column("Last day of the period.", PUBLIC)
    frequency: Frequency = column("Length of the period.", PUBLIC, kind=Frequency)
    measure: PlacementMeasure = column("What was counted.", PUBLIC, kind=PlacementMeasure)
    country_code: str = column("Country of destination.", PUBLIC, references="country.code")
    people: int = column("Number of people.", PUBLIC)
    sector_code: str | None = column(
        "Sector, where the return states it.", PUBLIC, references="sector.code", default=None, index=True
    )
    company_id: int | None = column(
        "Company, where the return states it.", PUBLIC, references="company.id", default=None
    )
    agreement_id: int | None = column(
        "Agreement, where the return states it.", PUBLIC, references="agreement.id", default=None
    )
    occupation_code: str | None = column(
        "Occupation, where the return states it.", PUBLIC, references="occupation.code", default=None
    )
    sex: Sex | None = column("Sex, where the return states it.", PUBLIC, kind=Sex, default=None)
    channel: PlacementChannel | None = column(
        "Channel, where the return states it.", PUBLIC, kind=PlacementChannel, default=None
    )


class Return(NamedTuple):
    """What a `PlacementReturn` is by its columns: a report has too many of them to make such objects of all."""

    source_id: int
    period: str
    period_start: date
    period_end: date
    frequency: Frequency
    measure: PlacementMeasure
    country_code: str
    people: int
    sector_code: str | None
    company_id: int | None
    agreement_id: int | None
    occupation_code: str | None
    sex: Sex | None
    channel: PlacementChannel | None


class Kept(Code):
    """Which dimensions sums of returns are kept by; those that are not kept, and those left open, are empty."""

    NOTHING = "NOTHING", "Everything together."
    COUNTRY = "COUNTRY", "Each country of destination apart."
    SECTOR = "SECTOR", "Each sector apart, as returns state it."
    COUNTRY_AND_SECTOR = "COUNTRY_AND_SECTOR", "Each sector of each country of destination apart."


class PlacementsOfPeriod(Row, table=True):
    """Sum of the returns of one source for one period, by country, by sector or altogether. Derived."""

    __logged__ = False
    __tablename__ = "placements_of_period"
    # Its key is all that it is found by: on SQLite the rows stand in the order of the key.
    __table_args__ = ({"sqlite_with_rowid": False},)

    kept: Kept = column("What is kept apart.", PUBLIC, kind=Kept, primary_key=True)
    measure: PlacementMeasure = column("What was counted.", PUBLIC, kind=PlacementMeasure, primary_key=True)
    period_start: date = column("First day of the period.", PUBLIC, primary_key=True)
    frequency: Frequency = column("Length of the period.", PUBLIC, kind=Frequency, primary_key=True)
    country_code: str = column("Country of destination; empty where not kept.", PUBLIC, primary_key=True)
    sector_code: str = column("Sector; empty where not kept or left open.", PUBLIC, primary_key=True)
    source_id: int = column("The source of the returns.", PUBLIC, references="source.id", primary_key=True)
    period_end: date = column("Last day of the period.", PUBLIC)
    people: int = column("Number of people.", PUBLIC, kind=sa.BigInteger)


class PlacementsOfYear(Row, table=True):
    """Sum of the returns of one source for one calendar year and all periods in it. Derived."""

    __logged__ = False
    __tablename__ = "placements_of_year"
    __table_args__ = ({"sqlite_with_rowid": False},)

    kept: Kept = column("What is kept apart.", PUBLIC, kind=Kept, primary_key=True)
    measure: PlacementMeasure = column("What was counted.", PUBLIC, kind=PlacementMeasure, primary_key=True)
    country_code: str = column("Country of destination; empty where not kept.", PUBLIC, primary_key=True)
    sector_code: str = column("Sector; empty where not kept or left open.", PUBLIC, primary_key=True)
    year: int = column("The calendar year.", PUBLIC, primary_key=True)
    source_id: int = column("The source of the returns.", PUBLIC, references="source.id", primary_key=True)
    period_start: date = column("First day that any of the returns covers.", PUBLIC)
    period_end: date = column("Last day that any of the returns covers.", PUBLIC)
    people: int = column("Number of people.", PUBLIC, kind=sa.BigInteger)


#: The tables that hold nothing but sums of returns.
SUMS: tuple[type[Row], ...] = (PlacementsOfPeriod, PlacementsOfYear)
