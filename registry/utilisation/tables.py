"""How far each quota is used, stored beside it."""

import sqlalchemy as sa

from registry.access import PUBLIC
from registry.codes import PlacementMeasure
from registry.history import Row, column
from registry.utilisation.rules import Outcome


class QuotaUtilisation(Row, table=True):
    """How far the places of one quota are used, by the returns on record. Derived."""

    __logged__ = False
    __tablename__ = "quota_utilisation"

    quota_id: int = column("The quota.", PUBLIC, references="quota.id", primary_key=True)
    outcome: Outcome = column("Whether people and places can be compared, or why not.", PUBLIC, kind=Outcome)
    comparable: bool = column("Whether people and places can be compared.", PUBLIC)
    measure: PlacementMeasure | None = column(
        "What the returns in scope count; null where there are none.", PUBLIC, kind=PlacementMeasure, default=None
    )
    counted: int | None = column("People in returns within scope and period.", PUBLIC, kind=sa.BigInteger, default=None)
    unclear: int | None = column(
        "People in returns of which only some people might count.", PUBLIC, kind=sa.BigInteger, default=None
    )
    used: int | None = column(
        "People counted against the places; null where not comparable.", PUBLIC, kind=sa.BigInteger, default=None
    )
    remaining: int | None = column(
        "Places left at most, below zero where exceeded; null where not comparable or where no most is known.",
        PUBLIC,
        kind=sa.BigInteger,
        default=None,
        index=True,
    )
    share: float | None = column(
        "Used over the most places there may be, above 1 where exceeded; null where that cannot be said.",
        PUBLIC,
        default=None,
    )
