"""Partner companies by country, sector, role and stage of the partnership."""

from registry.companies import PartnerRole, PartnershipStage
from registry.web.pages import facets
from registry.web.pages.page import Data, Page
from registry.web.pages.walk import Walk

#: Facets whose values are codes, by their parameters.
CODED: facets.Coded = {"stage": PartnershipStage, "role": PartnerRole}
OTHERS = ("country", "sector", "agreement")


def variables(walk: Walk, key: str) -> Data:
    """The filter that the facets amount to."""
    return {"filter": facets.asked(walk, CODED, OTHERS, text=True), "after": walk.one("after")}


def shape(data: Data, walk: Walk) -> Data:
    """The values of the facets."""
    return facets.shown(walk, CODED, ("text", *OTHERS))


PAGE = Page("companies", "/companies", variables, shape=shape)
