"""What looks odd about a dealing."""

from collections.abc import Iterator, Mapping
from typing import Any

from registry.engagements import Engagement, EngagementCountry
from registry.history import Changes
from registry.lint.countries import alike
from registry.lint.notices import Notice


def of_engagement(changes: Changes, engagement: Engagement, _said: Mapping[str, Any]) -> Iterator[Notice]:
    """What looks odd about a dealing that has been recorded: another of the same countries, kind and day."""
    if engagement.date_earliest is None or engagement.date_earliest != engagement.date_latest:
        return
    for other in alike(changes, engagement, EngagementCountry, ("kind", "date_earliest", "date_latest")):
        yield Notice(
            "DUPLICATE",
            ("date",),
            f"{other} is of the same countries, kind and day.",
            "Check that these are two; withdraw the one that was entered by mistake.",
        )
