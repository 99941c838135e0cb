"""The documents that facts are taken from, by kind, reliability and words."""

from registry.sources import Reliability, SourceKind
from registry.web.pages import facets
from registry.web.pages.page import Data, Page
from registry.web.pages.walk import Walk

#: Facets whose values are codes, by their parameters.
CODED: facets.Coded = {"kind": SourceKind, "reliability": Reliability}


def variables(walk: Walk, key: str) -> Data:
    """The filter that the facets amount to."""
    return {"filter": facets.asked(walk, CODED, text=True), "after": walk.one("after")}


def shape(data: Data, walk: Walk) -> Data:
    """The values of the facets."""
    return {"codes": [(name, kind.__name__, [each.value for each in kind]) for name, kind in CODED.items()]}


PAGE = Page("sources", "/sources", variables, shape=shape)
