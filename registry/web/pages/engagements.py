"""Meetings, visits and other dealings by country, kind and the days they may have been held on."""

from registry.engagements import EngagementKind
from registry.web.pages import facets
from registry.web.pages.page import Data, Page
from registry.web.pages.walk import Walk, check_order
from schema.scalars import parse_day

#: Facets whose values are codes, by their parameters; the ends of the range of days.
CODED: facets.Coded = {"kind": EngagementKind}
OTHERS = ("country", "agreement")
ENDS = ("from", "until")


def variables(walk: Walk, key: str) -> Data:
    """The filter that the facets amount to. Raises `BadInput` for days that are none or out of order."""
    asked = facets.asked(walk, CODED, OTHERS)
    ends = {end: parse_day(day).isoformat() for end in ENDS if (day := walk.one(end))}
    check_order(ends.get("from"), ends.get("until"), "until")
    return {"filter": {**asked, "date": ends} if ends else asked, "after": walk.one("after")}


def shape(data: Data, walk: Walk) -> Data:
    """The values of the facets."""
    return facets.shown(walk, CODED, (*OTHERS, *ENDS))


PAGE = Page("engagements", "/engagements", variables, shape=shape)
