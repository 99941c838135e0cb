"""what is left of places, as far as their number says how many there are at most"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

#: What the columns meant before, and what they mean now.
_MEANINGS = {
    "remaining": (
        "Places left, below zero where exceeded; null where not comparable.",
        "Places left at most, below zero where exceeded; null where not comparable or where no most is known.",
    ),
    "share": (
        "Used over places, above 1 where exceeded; null where not comparable.",
        "Used over the most places there may be, above 1 where exceeded; null where that cannot be said.",
    ),
}


def upgrade() -> None:
    for name, (before, now) in _MEANINGS.items():
        _say(name, before, now)
    _derive_anew()


def downgrade() -> None:
    for name, (before, now) in _MEANINGS.items():
        _say(name, now, before)
    _derive_anew()


def _say(name: str, before: str, now: str) -> None:
    if op.get_bind().dialect.name != "sqlite":  # which keeps no comments
        kind = sa.BigInteger() if name == "remaining" else sa.Float()
        op.alter_column("quota_utilisation", name, comment=now, existing_comment=before, existing_type=kind)


def _derive_anew() -> None:
    """`registry.utilisation.settle` does so when the registry is next opened, as for another home country."""
    op.execute("UPDATE registry_state SET home_country = NULL")
