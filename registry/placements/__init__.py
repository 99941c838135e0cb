"""Additive placement returns: so many people, one measure, one period, one destination.

They are summed on the server. Sums that most questions need are kept beside the returns, in the same transaction
(`sums`): the months and years of a country are then a few rows instead of thousands.
"""

from registry.codes import PlacementMeasure
from registry.placements.calendar import month_of, year_of
from registry.placements.overlaps import DIMENSIONS
from registry.placements.returns import WITHDRAWN, Counted, Reported, report
from registry.placements.sums import End, differing, kept_by, roll_up, sums_by
from registry.placements.tables import (
    SUMS,
    Frequency,
    Kept,
    PlacementChannel,
    PlacementReturn,
    PlacementsOfPeriod,
    PlacementsOfYear,
    Return,
    Sex,
)

__all__ = [
    "DIMENSIONS",
    "SUMS",
    "WITHDRAWN",
    "Counted",
    "End",
    "Frequency",
    "Kept",
    "PlacementChannel",
    "PlacementMeasure",
    "PlacementReturn",
    "PlacementsOfPeriod",
    "PlacementsOfYear",
    "Reported",
    "Return",
    "Sex",
    "differing",
    "kept_by",
    "month_of",
    "report",
    "roll_up",
    "sums_by",
    "year_of",
]
