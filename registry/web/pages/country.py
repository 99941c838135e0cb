"""A country: how far cooperation has come, and everything that there is between it and the home country."""

from registry.errors import BadInput
from registry.web.pages import charts, labour
from registry.web.pages.page import Data, Page, Refusal
from registry.web.pages.placements import tables
from registry.web.pages.walk import Walk
from schema.scalars import parse_country_code


def code_of(key: str) -> str:
    """The code of the country that an address names; one that none has is a page that does not exist."""
    try:
        return parse_country_code(key.upper())
    except BadInput as error:
        raise Refusal.of(error, "NOT_FOUND") from None


def variables(walk: Walk, key: str) -> Data:
    """The country, and whether it is the home country: then what is on record with all others belongs there too."""
    code = code_of(key)
    return {"code": code, "home": code == walk.settings.home_country, **labour.asked()}


def shape(data: Data, walk: Walk) -> Data:
    """One axis for the timelines of all its agreements, and a table for each measure of placements.

    Figures that name no destination are of the home country, whose people they count.
    """
    country: Data = data["country"]
    timelines = [agreement["timeline"] for agreement in country["agreements"]["nodes"]]
    stated = [figure for figure in data.get("figuresOfAll", {"nodes": []})["nodes"] if not figure["destinations"]]
    return {
        "axis": charts.axis(timelines, data["date"]),
        "tables": tables(country),
        "at_home": "figuresOfAll" in data,
        "stated": stated,
        "on_other_subjects": labour.is_on_other_subjects(country),
        "compared": country["withCompared"]["totalCount"] - country["agreements"]["totalCount"],
    }


PAGE = Page("country", "/countries/{code}", variables, "country", shape)
