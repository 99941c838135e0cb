"""Placements on the pages of other records: a table for each measure that has any."""

from typing import Any

from registry.placements import PlacementMeasure

#: The measures by the names under which documents ask for their tables.
MEASURES = {
    "registered": PlacementMeasure.REGISTERED,
    "inTraining": PlacementMeasure.IN_TRAINING,
    "selected": PlacementMeasure.SELECTED,
    "contracted": PlacementMeasure.CONTRACTED,
    "visaIssued": PlacementMeasure.VISA_ISSUED,
    "departed": PlacementMeasure.DEPARTED,
    "arrived": PlacementMeasure.ARRIVED,
    "employed": PlacementMeasure.EMPLOYED,
    "returned": PlacementMeasure.RETURNED,
}


def tables(record: dict[str, Any]) -> list[dict[str, Any]]:
    """The tables of a record that have rows, in the order in which people pass through the measures."""
    return [record[name] for name in MEASURES if record[name]["rows"]]
