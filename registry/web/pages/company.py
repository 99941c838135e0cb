"""A partner company: how far the partnership has come, under what, its licences, and who says so."""

from registry.web.pages import charts
from registry.web.pages.page import Data, Page
from registry.web.pages.placements import tables
from registry.web.pages.walk import Walk


def shape(data: Data, walk: Walk) -> Data:
    """One axis for the timelines of its agreements, its tables of placements, and where licences and stages stand."""
    company = data["company"]
    timelines = [agreement["timeline"] for agreement in company["agreements"]["nodes"]]
    return {
        "axis": charts.axis(timelines, data["date"]),
        "tables": tables(company),
        "partnerships": [(_standing(each, data["date"]), each) for each in company["partnerships"]],
        "licences": [(_entitlement(each, data["date"]), each) for each in company["licences"]],
    }


def _standing(partnership: Data, day: str) -> str:
    """Where a partnership stands on the day: `runs`, `ahead` of its first day, `over`, or `unsure` where it may run."""
    if partnership["runs"]:
        return "runs"
    if _passed(partnership["until"], day):
        return "over"
    since = partnership["since"]
    return "ahead" if since and since["earliest"] and since["earliest"] > day else "unsure"


def _entitlement(licence: Data, day: str) -> str:
    """`lapsed` where a licence would entitle but its last day has passed, else its state."""
    return "LAPSED" if licence["state"] == "VALID" and _passed(licence["until"], day) else str(licence["state"])


def _passed(last: Data | None, day: str) -> bool:
    """Whether a last day has certainly passed."""
    return bool(last and last["latest"] and last["latest"] < day)


PAGE = Page("company", "/companies/{reference}", lambda walk, key: {"reference": key}, "company", shape)
