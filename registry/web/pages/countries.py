"""Countries by the stage of cooperation, with what there is between them and the home country."""

from typing import Any

from registry.cooperation import CooperationStage
from registry.web.pages import labour
from registry.web.pages.page import Data, Page
from registry.web.pages.walk import Walk

#: From the closest partner to countries with which no stage is established.
STAGES = [stage.value for stage in reversed(CooperationStage)]


def variables(walk: Walk, key: str) -> Data:
    """Which countries: those with anything on record or, where the reader asks for all of them or for words, any."""
    text, stages = walk.one("text"), walk.among("stage", CooperationStage) or None
    on_record = None if text or stages or walk.one("all") else True
    return {"stages": stages, "onRecord": on_record, "text": text, "after": walk.one("after"), **labour.asked()}


def shape(data: Data, walk: Walk) -> Data:
    """The countries under their stages, the closest stage first, and what is counted in any of them, with the most."""
    nodes: list[dict[str, Any]] = data["countries"]["nodes"]
    if variables(walk, "")["onRecord"]:  # the home country has no partner in itself
        nodes = [each for each in nodes if each["code"] != walk.settings.home_country]
    grouped = [(stage, [each for each in nodes if each["stage"] == stage]) for stage in STAGES]
    most = {measure: max((each[measure]["total"] for each in nodes), default=0) for measure in ("employed", "departed")}
    return {
        "stages": [(stage, group) for stage, group in grouped if group],
        "measures": {measure: number for measure, number in most.items() if number},
        "others": {each["code"] for each in nodes if labour.is_on_other_subjects(each)},
    }


PAGE = Page("countries", "/countries", variables, shape=shape)
