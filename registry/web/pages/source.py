"""A source: what it is, and everything that rests on it, with the words that it rests on."""

from registry.web.pages.page import Data, Page
from registry.web.pages.placements import tables
from registry.web.pages.walk import Walk


def variables(walk: Walk, key: str) -> Data:
    """The source, and where to go on in the list of what rests on it."""
    return {"reference": key, "after": walk.one("after")}


def shape(data: Data, walk: Walk) -> Data:
    """A table for each measure that it has returns of."""
    return {"tables": tables(data)}


PAGE = Page("source", "/sources/{reference}", variables, "source", shape)
