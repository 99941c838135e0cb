"""Two countries side by side, or one agreement on two days, with what differs marked."""

from typing import Any

from registry.dates import add_months
from registry.errors import BadInput
from registry.web.pages import charts
from registry.web.pages.page import Data, Page, Refusal
from registry.web.pages.placements import MEASURES
from registry.web.pages.walk import Walk
from schema.scalars import parse_country_code, parse_day

#: What is told of an agreement on a day.
TOLD = ("status", "since", "reason", "authority", "missing", "endsOn", "noticeBy", "renewals", "deadlines")


def variables(walk: Walk, key: str) -> Data:
    """The two countries or the two days that the address names. Raises `Refusal` or `BadInput` for what is none."""
    one, other = (_country(walk, name) for name in ("a", "b"))
    agreement = walk.one("agreement")
    second = _day(walk, "second") or walk.day.isoformat()
    first = _day(walk, "first") or add_months(walk.day, -12).isoformat()
    return {
        "countries": bool(one and other),
        "one": one or "UZ",
        "other": other or "UZ",
        "instrument": bool(agreement),
        "agreement": agreement or "",
        "first": first,
        "second": second,
    }


def _country(walk: Walk, name: str) -> str | None:
    given = walk.one(name)
    try:
        return parse_country_code(given.upper()) if given else None
    except BadInput as error:
        raise Refusal.of(error, "NOT_FOUND") from None


def _day(walk: Walk, name: str) -> str | None:
    given = walk.one(name)
    return parse_day(given).isoformat() if given else None


def shape(data: Data, walk: Walk) -> Data:
    """The axis of all timelines; placements by year of both countries; what is told of the agreement on both days."""
    if "one" in data:
        both = (data["one"], data["other"])
        timelines = [each["timeline"] for country in both for each in country["agreements"]["nodes"]]
        return {"axis": charts.axis(timelines, data["date"]), "measures": _measures(*both), "both": both}
    found = [data[end]["agreement"] for end in ("before", "after") if end in data]
    if not found or None in found:
        return {"missing": bool(found)}
    told = [_told(data[end]["agreement"], data[end]["date"]) for end in ("before", "after")]
    days = sorted(data[end]["date"] for end in ("before", "after"))
    return {
        "missing": False,
        "axis": charts.axis([found[0]["timeline"], [{"from": day, "until": None} for day in days]], data["date"]),
        "told": [(name, told[0][name], told[1][name]) for name in TOLD if told[0][name] or told[1][name]],
        "between": [act for act in found[0]["acts"] if act["inRecord"] and _is_between(act["date"], *days)],
    }


def _measures(one: Data, other: Data) -> list[tuple[str, list[tuple[int, int, int]], tuple[int, int]]]:
    """The measures of which either country has placements: years with the people of both, and their sums."""
    found = []
    for name, measure in MEASURES.items():
        people = [{row["year"]: row["people"] for row in country[name]["rows"]} for country in (one, other)]
        years = sorted({*people[0], *people[1]})
        if years:
            rows = [(year, people[0].get(year, 0), people[1].get(year, 0)) for year in years]
            found.append((measure.value, rows, (one[name]["total"], other[name]["total"])))
    return found


def _told(agreement: Data, day: str) -> Data:
    reason, term = agreement["statusReason"], agreement["term"] or {}
    return {
        "status": agreement["possibleStatuses"],
        "since": charts.since(agreement["timeline"], day),
        "reason": reason["explanation"],
        "authority": reason["authority"],
        "missing": reason["missing"],
        "endsOn": term.get("endsOn"),
        "noticeBy": term.get("noticeBy"),
        "renewals": term.get("renewals"),
        "deadlines": [(each["kind"], each["date"]) for each in agreement["deadlines"]],
    }


def _is_between(date: dict[str, Any], first: str, last: str) -> bool:
    """Whether an act may have been done after the first day and not after the last."""
    return (date["latest"] or last) > first and (date["earliest"] or first) <= last


PAGE = Page("compare", "/compare", variables, shape=shape)
