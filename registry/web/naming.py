"""What records are called outside of templates, and where their pages are."""

from typing import Any

from registry.web.pages.rendering import ADDRESSES
from registry.web.tongue import Tongue, capital

Data = dict[str, Any]

#: Pages of records, by the name of their type, and the field that the address has.
_KEYS = {
    "Agreement": ("agreement", "reference"),
    "Company": ("company", "reference"),
    "Country": ("country", "code"),
    "Engagement": ("engagement", "reference"),
    "Institution": ("institution", "reference"),
    "Programme": ("programme", "reference"),
    "Sector": ("sector", "sectorCode"),
    "Source": ("source", "reference"),
}

#: What stands before a number that is not exact.
OPERATORS = {"MORE_THAN": "> ", "LESS_THAN": "< ", "AT_LEAST": "≥ ", "AT_MOST": "≤ ", "ABOUT": "≈ ", "EXACT": ""}


def name_of(record: Data, tongue: Tongue) -> str:
    """What a record is called that was asked for by the fragment `About`; a quota by its scope and places.

    A figure is called by what it states, where that was asked for too.
    """
    match record.get("__typename"):
        case "Figure" if "value" in record:
            number = OPERATORS[record["operator"]] + tongue.number(float(record["value"]))
            return f"{tongue.code(record['measure'], 'FigureMeasure')}, {tongue.period(record['period'])}: {number}"
        case "Quota":
            of = (record["sector"] or {}).get("name") or record["condition"]
            places = tongue.say("places: %(number)s", number=tongue.number(record["places"]))
            return f"{capital(of)} ({places})" if of else capital(places)
        case "LegalAct":
            return str(record["agreement"]["title"])
        case _:
            return str(record.get("title") or record.get("name") or record.get("reference") or "")


def page_of(record: Data) -> str | None:
    """The path of a record's page, or of that of what it belongs to; None where there is none."""
    kind = record.get("__typename")
    if kind == "LegalAct":
        return page_of({"__typename": "Agreement", **record["agreement"]})
    if kind == "Quota":
        return page_of({"__typename": "Country", **record["country"]})
    page, key = _KEYS.get(str(kind), ("", ""))
    if page not in ADDRESSES or key not in record:
        return None
    before, _, _ = ADDRESSES[page].partition("{")
    return before + str(record[key])


def countries_of(record: Data) -> list[str]:
    """The names of the countries that a record is about, the home country apart."""
    of = record.get("partners") or [each for each in (record.get("country"), record.get("seat")) if each]
    return [str(country["name"]) for country in of]
