"""A sector: the instruments that cover it, the companies in it, and places and people by year."""

from registry.web.pages import charts
from registry.web.pages.page import Data, Page
from registry.web.pages.placements import tables
from registry.web.pages.walk import Walk


def shape(data: Data, walk: Walk) -> Data:
    """One axis for the timelines of its agreements, and a table for each measure of placements."""
    timelines = [agreement["timeline"] for agreement in data["sector"]["agreements"]["nodes"]]
    return {"axis": charts.axis(timelines, data["date"]), "tables": tables(data["sector"])}


PAGE = Page("sector", "/sectors/{code}", lambda walk, key: {"code": key.upper()}, "sector", shape)
