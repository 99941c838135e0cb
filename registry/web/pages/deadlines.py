"""What falls due, soonest first: of which kind, with which country, between which days."""

from registry.codes import DeadlineKind
from registry.web.pages import facets
from registry.web.pages.page import Data, Page
from registry.web.pages.walk import Walk

#: Facets whose values are codes, by their parameters.
CODED: facets.Coded = {"kind": DeadlineKind}


def variables(walk: Walk, key: str) -> Data:
    """The filter that the facets amount to; without a first day, from the legal day on.

    Raises `BadInput` for days that are none or out of order, and for a kind that is none.
    """
    ends = facets.days(walk)
    asked = facets.asked(walk, CODED, ("country",))
    return {"filter": {**asked, "range": {"from": walk.day.isoformat()} | ends}, "after": walk.one("after")}


def shape(data: Data, walk: Walk) -> Data:
    """The values of the facets."""
    return facets.shown(walk, CODED, ("country", *facets.ENDS))


PAGE = Page("deadlines", "/deadlines", variables, shape=shape)
