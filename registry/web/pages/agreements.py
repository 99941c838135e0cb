"""Agreements by status, type, subject, country, sector and what falls due."""

from registry.agreements import Subject
from registry.status import AgreementStatus, InstrumentType
from registry.web.pages import charts, facets
from registry.web.pages.page import Data, Page
from registry.web.pages.walk import Walk

#: Facets whose values are codes, by their parameters; what falls due within some months, in days; the orders.
CODED: facets.Coded = {"status": AgreementStatus, "type": InstrumentType, "subject": Subject}
AHEAD = {"3": 91, "6": 182, "12": 365, "24": 730}
ORDERS = {"title": "TITLE", "signed": "SIGNED", "force": "IN_FORCE", "due": "TERM_END"}


def variables(walk: Walk, key: str) -> Data:
    """The filter that the facets amount to, and the order; what is kept for comparison only where it is asked for."""
    asked = facets.asked(walk, CODED, ("country", "sector"), text=True)
    asked["includeComparators"] = bool(walk.one("all"))
    for chosen, choices in (("due", AHEAD), ("sort", ORDERS)):
        walk.among(chosen, choices)
    if days := AHEAD.get(walk.one("due") or ""):
        asked["falling"] = {"from": walk.day.isoformat(), "until": charts.shifted(walk.day, days).isoformat()}
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
