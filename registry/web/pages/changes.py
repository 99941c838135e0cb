"""The log of changes, newest first: who changed what, when and why, each field before and after."""

from datetime import time

from registry.web.pages.page import Data, Page
from registry.web.pages.walk import Walk, check_order
from schema.changes import subject_types

#: What is told of keys is for those who run the registry, who ask for it by the API.
LEFT_OUT = "ApiKey"


def variables(walk: Walk, key: str) -> Data:
    """Which changes: of types of records, of one record, about countries, within days; never later than is known.

    Raises `BadInput` where a day is none, a type is none of these, or the last day is before the first.
    """
    asked: Data = {"subjectType": walk.among("type", _types()), "country": walk.several("country")}
    asked = {name: values for name, values in asked.items() if values}
    record = walk.one("record")
    last = [walk.instant("until", time.max), walk.moment()["knownOn"]]
    bounds = {
        "subjectId": record,
        "since": walk.instant("since", time.min),
        "until": min(filter(None, last), default=None),
    }
    check_order(bounds["since"], walk.instant("until", time.max), "until")
    if bounds["since"] and bounds["until"]:  # what was known then ends before that day: no change, and no mistake
        bounds["since"] = min(bounds["since"], bounds["until"])
    asked |= {name: value for name, value in bounds.items() if value}
    return {"filter": asked, "before": walk.one("before"), "record": record or "", "single": record is not None}


def shape(data: Data, walk: Walk) -> Data:
    """The types that one may pick."""
    return {"types": _types()}


def _types() -> list[str]:
    return [kind for kind in subject_types() if kind != LEFT_OUT]


PAGE = Page("changes", "/changes", variables, shape=shape)
