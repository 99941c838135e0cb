"""What falls due, soonest first: of which kind, with which country, between which days."""

from registry.codes import DeadlineKind
from registry.web.pages import facets
from registry.web.pages.page import Data, Page
from registry.web.pages.walk import Walk, check_order
from schema.scalars import parse_day

#: Facets whose values are codes, by their parameters; the ends of the range of days.
CODED: facets.Coded = {"kind": DeadlineKind}
ENDS = ("from", "until")


def variables(walk: Walk, key: str) -> Data:
    """The filter that the facets amount to; without a first day, from the legal day on.

    Raises `BadInput` for days that are none or out of order, and `Unfit` for a kind that is none.
    """
    ends = {end: parse_day(day).isoformat() for end in ENDS if (day := walk.one(end))}
    check_order(ends.get("from"), ends.get("until"), "until")
    asked = facets.asked(walk, CODED, ("country",))
    return {"filter": {**asked, "range": {"from": walk.day.isoformat()} | ends}, "after": walk.one("after")}


def shape(data: Data, walk: Walk) -> Data:
    """The values of the facets."""
    return facets.shown(walk, CODED, ("country", *ENDS))


PAGE = Page("deadlines", "/deadlines", variables, shape=shape)
