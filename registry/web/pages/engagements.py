"""Meetings, visits and other dealings by country, kind and the days they may have been held on."""

from registry.engagements import EngagementKind
from registry.web.pages import facets
from registry.web.pages.page import Data, Page
from registry.web.pages.walk import Walk

#: Facets whose values are codes, by their parameters.
CODED: facets.Coded = {"kind": EngagementKind}
OTHERS = ("country", "agreement")


def variables(walk: Walk, key: str) -> Data:
    """The filter that the facets amount to. Raises `BadInput` for days that are none or out of order."""
    asked = facets.asked(walk, CODED, OTHERS)
    ends = facets.days(walk)
    return {"filter": {**asked, "date": ends} if ends else asked, "after": walk.one("after")}


def shape(data: Data, walk: Walk) -> Data:
    """The values of the facets."""
    return facets.shown(walk, CODED, (*OTHERS, *facets.ENDS))


PAGE = Page("engagements", "/engagements", variables, shape=shape)
