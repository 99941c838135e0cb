"""The log of changes, newest first: who changed what, when and why, each field before and after."""

from datetime import time

from registry.web.pages.page import Data, Page
from registry.web.pages.walk import Walk, check_order

#: Types of records that the log tells of.
TYPES = ["Agreement", "LegalAct", "Company", "Quota", "Figure", "Engagement", "Institution", "Programme", "Source"]
TYPES += ["Country", "Region", "Sector", "Occupation"]


def variables(walk: Walk, key: str) -> Data:
    """Which changes: of types of records, of one record, about countries, within days; never later than is known.

    Raises `BadInput` where a day is none, a type is none of these, or the last day is before the first.
    """
    asked: Data = {"subjectType": walk.among("type", TYPES), "country": walk.several("country")}
    asked = {name: values for name, values in asked.items() if values}
    record = walk.one("record")
    last = [walk.instant("until", time.max), walk.moment()["knownOn"]]
    bounds = {
        "subjectId": record,
        "since": walk.instant("since", time.min),
        "until": min(filter(None, last), default=None),
    }
    check_order(bounds["since"], walk.instant("until", time.max), "until")
    asked |= {name: value for name, value in bounds.items() if value}
    return {"filter": asked, "before": walk.one("before"), "record": record or "", "single": record is not None}


def shape(data: Data, walk: Walk) -> Data:
    """The types that one may pick."""
    return {"types": TYPES}


PAGE = Page("changes", "/changes", variables, shape=shape)
