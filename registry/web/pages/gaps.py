"""What is missing, contradictory or unused, by kind and country."""

from registry.gaps import GapKind
from registry.web.pages import facets
from registry.web.pages.page import Data, Page
from registry.web.pages.walk import Walk

#: Facets whose values are codes, by their parameters.
CODED: facets.Coded = {"kind": GapKind}


def variables(walk: Walk, key: str) -> Data:
    """The filter that the facets amount to. Raises `Unfit` for a kind that is none."""
    return {"filter": facets.asked(walk, CODED, ("country",)), "after": walk.one("after")}


def shape(data: Data, walk: Walk) -> Data:
    """The values of the facets."""
    return facets.shown(walk, CODED, ("country",))


PAGE = Page("gaps", "/gaps", variables, shape=shape)
