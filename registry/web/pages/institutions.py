"""Institutions by what they are and where they sit."""

from registry.institutions import InstitutionKind
from registry.web.pages import facets
from registry.web.pages.page import Data, Page
from registry.web.pages.walk import Walk

#: Facets whose values are codes, by their parameters.
CODED: facets.Coded = {"kind": InstitutionKind}


def variables(walk: Walk, key: str) -> Data:
    """The filter that the facets amount to; what is kept for comparison only where it is asked for."""
    asked = facets.asked(walk, CODED, ("country",))
    return {"filter": {**asked, "includeComparators": bool(walk.one("all"))}, "after": walk.one("after")}


def shape(data: Data, walk: Walk) -> Data:
    """The values of the facets, and the institutions under their kinds."""
    nodes = data["institutions"]["nodes"]
    grouped = [(kind.value, [each for each in nodes if each["kind"] == kind.value]) for kind in InstitutionKind]
    return {**facets.shown(walk, CODED, ("country",)), "kinds": [(kind, group) for kind, group in grouped if group]}


PAGE = Page("institutions", "/institutions", variables, shape=shape)
