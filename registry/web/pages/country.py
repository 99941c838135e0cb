"""A country: how far cooperation has come, and everything that there is between it and the home country."""

from registry.errors import BadInput
from registry.web.pages import charts
from registry.web.pages.page import Data, Page, Refusal
from registry.web.pages.placements import tables
from registry.web.pages.walk import Walk
from schema.scalars import parse_country_code


def variables(walk: Walk, key: str) -> Data:
    """The country; a code that none has is a page that does not exist."""
    try:
        return {"code": parse_country_code(key.upper())}
    except BadInput as error:
        raise Refusal.of(error, "NOT_FOUND") from None


def shape(data: Data, walk: Walk) -> Data:
    """One axis for the timelines of all its agreements, and a table for each measure of placements."""
    timelines = [agreement["timeline"] for agreement in data["country"]["agreements"]["nodes"]]
    return {"axis": charts.axis(timelines, data["date"]), "tables": tables(data["country"])}


PAGE = Page("country", "/countries/{code}", variables, "country", shape)
