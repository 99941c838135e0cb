"""What is found by words."""

from registry.web.pages import charts
from registry.web.pages.page import Data, Page
from registry.web.pages.walk import Walk


def variables(walk: Walk, key: str) -> Data:
    """The words; without any, nothing is looked for."""
    text = walk.one("q") or ""
    return {"text": text, "any": bool(text)}


def shape(data: Data, walk: Walk) -> Data:
    """One axis for the timelines of the agreements that are found."""
    found = data.get("agreements", {}).get("nodes", [])
    return {"axis": charts.axis([each["timeline"] for each in found], data["date"])}


PAGE = Page("search", "/search", variables, shape=shape)
