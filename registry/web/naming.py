"""What records are called outside of templates, and where their pages are."""

from typing import Any

from registry.web.pages.figures import told_figure
from registry.web.pages.quotas import places, whose_and_of_what
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


def name_of(record: Data, tongue: Tongue, home: str) -> str:
    """What a record is called that was asked for by the fragment `About`; a quota by its scope and places.

    Where those are not for people of the home country alone, or a part of others, it says so. A figure is called by
    what it states, where that was asked for too.
    """
    match record.get("__typename"):
        case "Figure" if "value" in record:
            return _figure(record, tongue)
        case "Quota":
            of = (record["sector"] or {}).get("name") or record["condition"]
            told = ", ".join(part for part in (places(record, tongue), whose_and_of_what(record, home, tongue)) if part)
            return f"{capital(of)} ({told})" if of else told
        case "LegalAct":
            return str(record["agreement"]["title"])
        case _:
            return str(record.get("title") or record.get("name") or record.get("reference") or "")


def _figure(figure: Data, tongue: Tongue) -> str:
    """What a figure states, with what it may be mistaken without: that it is a plan, and what it is limited to."""
    told = told_figure(figure, tongue)
    measure = tongue.code(figure["measure"], "FigureMeasure") + (f" ({told.nature})" if told.nature else "")
    limits = [part for part in (told.scope, *told.limits()) if part]
    return "; ".join([f"{measure}, {told.when}: {told.amount}", *limits])


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
