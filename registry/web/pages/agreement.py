"""An agreement: its status and why, its life, its terms, what rests on it, and who says so."""

from registry.web.pages import charts
from registry.web.pages.page import Data, Page
from registry.web.pages.placements import tables
from registry.web.pages.walk import Walk


def shape(data: Data, walk: Walk) -> Data:
    """The axis of its timeline, on which its acts find room as well, and a table for each measure of placements."""
    agreement = data["agreement"]
    acts = [act["date"][end] for act in agreement["acts"] for end in ("earliest", "latest") if act["date"][end]]
    seen = [{"from": day, "until": None} for day in acts]
    return {"axis": charts.axis([agreement["timeline"], seen], data["date"]), "tables": tables(agreement)}


PAGE = Page("agreement", "/agreements/{reference}", lambda walk, key: {"reference": key}, "agreement", shape)
