"""What looks odd about a dealing."""

from collections.abc import Iterator, Mapping
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session

from registry.engagements import Engagement, EngagementCountry
from registry.history import Changes, table_behind
from registry.lint.countries import names_alone
from registry.lint.notices import MOST_NAMED, Notice
from registry.visibility import may_see


def of_engagement(changes: Changes, engagement: Engagement, _said: Mapping[str, Any]) -> Iterator[Notice]:
    """What looks odd about a dealing that has been recorded: another of the same countries, kind and day."""
    if engagement.date_earliest is None or engagement.date_earliest != engagement.date_latest:
        return
    table = table_behind(Engagement)
    alike = sa.select(table.c.reference).where(
        table.c.id != engagement.id,
        *(table.c[name] == getattr(engagement, name) for name in ("kind", "date_earliest", "date_latest")),
        names_alone(Engagement, EngagementCountry, _countries(changes.session, engagement)),
        may_see(table.name, changes.actor.audiences),
    )
    for other in changes.session.scalars(alike.order_by(table.c.id).limit(MOST_NAMED)):
        yield Notice(
            "DUPLICATE",
            ("date",),
            f"{other} is of the same countries, kind and day.",
            "Check that these are two; withdraw the one that was entered by mistake.",
        )


def _countries(session: Session, engagement: Engagement) -> set[str]:
    return set(
        session.scalars(
            sa.select(table_behind(EngagementCountry).c.country_code).filter_by(engagement_id=engagement.id)
        )
    )
