"""Agreements by status, type, subject, country, sector and what falls due."""

from registry.agreements import Subject
from registry.status import AgreementStatus, InstrumentType
from registry.web.pages import charts, facets
from registry.web.pages.page import Data, Page
from registry.web.pages.walk import Walk

#: Facets whose values are codes, by their parameters; within how many months something falls due; the orders.
CODED: facets.Coded = {"status": AgreementStatus, "type": InstrumentType, "subject": Subject}
AHEAD = {"3": 3, "6": 6, "12": 12, "24": 24}
ORDERS = {"title": "TITLE", "signed": "SIGNED", "force": "IN_FORCE", "due": "TERM_END"}


def variables(walk: Walk, key: str) -> Data:
    """The filter that the facets amount to, and the order; what is kept for comparison only where it is asked for."""
    asked = facets.asked(walk, CODED, ("country", "sector"), text=True)
    asked["includeComparators"] = bool(walk.one("all"))
    for chosen, choices in (("due", AHEAD), ("sort", ORDERS)):
        walk.among(chosen, choices)
    if months := AHEAD.get(walk.one("due") or ""):
        asked["falling"] = {"from": walk.day.isoformat(), "until": walk.months_ahead(months).isoformat()}
    order = ORDERS.get(walk.one("sort") or "", "TITLE")
    return {"filter": asked, "orderBy": {"field": order}, "after": walk.one("after")}


def shape(data: Data, walk: Walk) -> Data:
    """The values of the facets, and one axis for the timelines."""
    timelines = [agreement["timeline"] for agreement in data["agreements"]["nodes"]]
    others = ("country", "sector", *(["due"] if walk.one("due") in AHEAD else []), "text")
    return {
        **facets.shown(walk, CODED, others),
        "ahead": list(AHEAD),
        "orders": list(ORDERS),
        "axis": charts.axis(timelines, data["date"]),
    }


PAGE = Page("agreements", "/agreements", variables, shape=shape)
