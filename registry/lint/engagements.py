"""What looks odd about a dealing."""

from collections.abc import Iterator, Mapping
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session

from registry import inputs
from registry.engagements import Engagement, EngagementCountry
from registry.history import Changes, table_behind
from registry.lint.notices import Notice


def of_engagement(changes: Changes, engagement: Engagement, _said: Mapping[str, Any]) -> Iterator[Notice]:
    """What looks odd about a dealing that has been recorded: another of the same countries, kind and day."""
    if engagement.date_earliest is None or engagement.date_earliest != engagement.date_latest:
        return
    countries = _countries(changes.session, engagement)
    alike = sa.select(Engagement).filter_by(kind=engagement.kind, date_earliest=engagement.date_earliest)
    for other in changes.session.scalars(alike.order_by(sa.text("id"))):
        same = other.id != engagement.id and other.date_latest == engagement.date_latest
        if same and _countries(changes.session, other) == countries and inputs.may_be_seen(changes, other):
            yield Notice(
                "DUPLICATE",
                ("date",),
                f"{other.reference} is of the same countries, kind and day.",
                "Check that these are two; withdraw the one that was entered by mistake.",
            )


def _countries(session: Session, engagement: Engagement) -> set[str]:
    return set(
        session.scalars(
            sa.select(table_behind(EngagementCountry).c.country_code).filter_by(engagement_id=engagement.id)
        )
    )
