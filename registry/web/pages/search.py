"""What is found by words, in any of the languages and either script."""

from registry.search import SearchKind
from registry.web.pages.page import Data, Page
from registry.web.pages.walk import Walk


def variables(walk: Walk, key: str) -> Data:
    """The words, and by what they are narrowed; without any words, nothing is looked for."""
    text = walk.one("q") or ""
    narrowed = {"kinds": walk.among("kind", SearchKind) or None, "country": walk.several("country") or None}
    return {"text": text, "any": bool(text), **narrowed, "after": walk.one("after")}


def shape(data: Data, walk: Walk) -> Data:
    """The kinds of records by which one may narrow what is found, each with how many there are of it."""
    if "search" not in data:
        return {}
    counted = [(kind.value, data[kind.value.lower()]["totalCount"]) for kind in SearchKind]
    kinds = [(kind, number) for kind, number in counted if number or kind in walk.several("kind")]
    return {"kinds": kinds, "countries": [("country", code) for code in walk.several("country")]}


PAGE = Page("search", "/search", variables, shape=shape)
