"""An institution: its names, what it belongs to and took the place of, and what it acts under."""

from registry.web.pages import charts
from registry.web.pages.page import Data, Page
from registry.web.pages.walk import Walk


def shape(data: Data, walk: Walk) -> Data:
    """One axis for the timelines of its agreements, and the names that sources use besides the one on top."""
    institution = data["institution"]
    timelines = [agreement["timeline"] for agreement in institution["agreements"]["nodes"]]
    return {
        "axis": charts.axis(timelines, data["date"]),
        "others": [name for name in institution["names"] if name != institution["name"]],
    }


PAGE = Page("institution", "/institutions/{reference}", lambda walk, key: {"reference": key}, "institution", shape)
