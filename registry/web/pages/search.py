"""What is found by words, in any of the languages and either script."""

from registry.search import SearchKind
from registry.web.pages.page import Data, Page
from registry.web.pages.walk import Walk


def variables(walk: Walk, key: str) -> Data:
    """The words; without any, nothing is looked for."""
    text = walk.one("q") or ""
    return {"text": text, "any": bool(text), "kinds": walk.several("kind") or None, "after": walk.one("after")}


def shape(data: Data, walk: Walk) -> Data:
    """The kinds of records by which one may narrow what is found."""
    return {"kinds": [kind.value for kind in SearchKind]}


PAGE = Page("search", "/search", variables, shape=shape)
