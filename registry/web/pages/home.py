"""The entrance: what is in force on labour, what falls due, with whom there is anything, and what is missing."""

from registry.web.pages import charts, labour
from registry.web.pages.page import Data, Page
from registry.web.pages.walk import Walk

#: Statuses of instruments that have effect, and of those of which no entry into force is on record.
IN_FORCE = ["IN_FORCE", "OPERATIVE", "PROVISIONALLY_APPLIED", "DENUNCIATION_PENDING"]
ON_THE_WAY = ["PROPOSED", "UNDER_DISCUSSION", "UNDER_NEGOTIATION", "INITIALLED", "PARTLY_SIGNED", "SIGNED"]
ON_THE_WAY += ["PARTLY_CONSENTED"]


#: Gaps that an entrance should tell of: the others are told where the records are.
GRAVEST = ["SIGNED_NOT_IN_FORCE", "IN_FORCE_WITHOUT_DATE", "IN_FORCE_WITHOUT_QUOTA", "SOURCES_CONTRADICT"]
GRAVEST += ["PLACEMENTS_WITHOUT_AGREEMENT_IN_FORCE", "QUOTA_EXCEEDED", "LICENCE_LAPSED"]


def variables(walk: Walk, key: str) -> Data:
    """The next twelve months from the legal day, the statuses that are counted together, and the gravest gaps."""
    days = {"today": walk.day.isoformat(), "inAYear": walk.year_ahead.isoformat()}
    return {"inForce": IN_FORCE, "onTheWay": ON_THE_WAY, "gravest": GRAVEST, **days, **labour.asked()}


def shape(data: Data, walk: Walk) -> Data:
    """One axis for all timelines, what its links choose, and what is agreed on other subjects than labour."""
    chosen = {"in_force": IN_FORCE, "on_the_way": ON_THE_WAY, "gravest": GRAVEST, "labour": labour.LABOUR}
    others = {each["code"] for each in data["partners"]["nodes"] if labour.is_on_other_subjects(each)}
    return {"axis": charts.axis([each["timeline"] for each in data["inForce"]["nodes"]], data["date"]), **chosen} | {
        "others": others
    }


PAGE = Page("home", "/", variables, shape=shape)
