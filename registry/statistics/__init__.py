"""Placement returns summed on the server: one table for all, or one for each of many parents, in two statements."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from registry.placements import PlacementMeasure
from registry.statistics.asking import (
    DEFAULT_ROWS,
    MOST_ROWS,
    Parents,
    PlacementDimension,
    PlacementFilter,
    PlacementOrder,
    PlacementOrderField,
    check_question,
)
from registry.statistics.selects import placement_selects, reads_all_returns
from registry.statistics.tables import PlacementRow, PlacementTable, Tabulation

__all__ = [
    "DEFAULT_ROWS",
    "MOST_ROWS",
    "Parents",
    "PlacementDimension",
    "PlacementFilter",
    "PlacementOrder",
    "PlacementOrderField",
    "PlacementRow",
    "PlacementTable",
    "Tabulation",
    "check_question",
    "placement_selects",
    "placement_table",
    "reads_all_returns",
]

_EVERYTHING = PlacementFilter()


def placement_table(
    connection: sa.Connection,
    *,
    measure: PlacementMeasure,
    group_by: Sequence[PlacementDimension] = (PlacementDimension.YEAR,),
    filter: PlacementFilter = _EVERYTHING,
    order: PlacementOrder | None = None,
    first: int | None = None,
    parents: Parents | None = None,
) -> dict[Any, PlacementTable]:
    """Sums of people by one measure, for each of the parents, or under the key None where none are named.

    Rows stand in the order of the dimensions unless `order` says otherwise, 100 of them unless `first` does. A return
    whose period is longer than the finest period grouped by counts as `unallocated`, and one that lies only partly
    within the filter's period as `straddling`. A sector as parent stands for its parts too. Raises `BadInput` for a
    dimension named twice, for `first` outside 1 to 1,000 and for a period that ends before it begins.
    """
    check_question(group_by, filter, first)
    sums, cited = placement_selects(measure, group_by, filter, order, first, parents)
    found = [connection.execute(select).all() for select in (sums, cited)]
    tabulation = Tabulation(measure, group_by, sums.selected_columns.keys())
    return tabulation.tables(parents.keys if parents else None, *found)
