"""A dealing between countries: when, with whom, about what, and who says so."""

from registry.web.pages import charts
from registry.web.pages.page import Data, Page
from registry.web.pages.walk import Walk


def shape(data: Data, walk: Walk) -> Data:
    """The axis of the agreement that it was about."""
    about = data["engagement"]["agreement"]
    return {"axis": charts.axis([about["timeline"]] if about else [], data["date"])}


PAGE = Page("engagement", "/engagements/{reference}", lambda walk, key: {"reference": key}, "engagement", shape)
