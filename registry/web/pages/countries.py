"""Partner countries by the stage of cooperation, with what there is between them and the home country."""

from typing import Any

from registry.cooperation import CooperationStage
from registry.web.pages.page import Data, Page
from registry.web.pages.walk import Walk

#: From the closest partner to the most distant prospect.
STAGES = [stage.value for stage in reversed(CooperationStage) if stage is not CooperationStage.NONE]


def variables(walk: Walk, key: str) -> Data:
    """Which countries: those with anything on record or, where the reader asks for all of them or for words, any."""
    text = walk.one("text")
    everywhere = text or walk.one("all")
    stages = walk.among("stage", CooperationStage) or (None if everywhere else STAGES)
    return {"stages": stages, "text": text, "after": walk.one("after")}


def shape(data: Data, walk: Walk) -> Data:
    """The countries under their stages, the closest stage first, and what is counted in any of them, with the most."""
    nodes: list[dict[str, Any]] = data["countries"]["nodes"]
    grouped = [(stage, [each for each in nodes if each["stage"] == stage]) for stage in [*STAGES, "NONE"]]
    most = {measure: max((each[measure]["total"] for each in nodes), default=0) for measure in ("employed", "departed")}
    return {
        "stages": [(stage, group) for stage, group in grouped if group],
        "measures": {measure: number for measure, number in most.items() if number},
    }


PAGE = Page("countries", "/countries", variables, shape=shape)
