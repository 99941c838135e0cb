"""Sections of ISIC with their divisions, and what the registry holds on each; or the sectors that words name."""

from typing import Any

from registry.web.pages.page import Data, Page
from registry.web.pages.walk import Walk

#: What is counted of each sector, by the names under which the document asks for it.
COUNTED = ("agreements", "companies", "quotas")
SUMMED = ("departed", "employed")


def variables(walk: Walk, key: str) -> Data:
    """All sections or, where the reader has written words, any sector that they name."""
    text = walk.one("text")
    levels = None if text else ["SECTION"]
    return {"text": text, "levels": levels, "after": walk.one("after")}


def shape(data: Data, walk: Walk) -> Data:
    """What is summed in any sector, and which divisions of a section have anything."""
    nodes: list[dict[str, Any]] = data["sectors"]["nodes"]
    return {
        "held": {each["code"]: [part for part in each["children"] if _holds(part)] for each in nodes},
        "measures": [measure for measure in SUMMED if any(each[measure]["total"] for each in nodes)],
    }


def _holds(sector: Data) -> bool:
    counted = (sector[name]["totalCount"] for name in COUNTED)
    return any(counted) or any(sector[name]["total"] for name in SUMMED)


PAGE = Page("sectors", "/sectors", variables, shape=shape)
