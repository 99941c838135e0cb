"""what follows from acts and terms derived anew: entries into force count while they are ahead"""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

#: What follows from acts and terms: the law is now read otherwise.
_DERIVED = ("status_span", "status_possibility", "status_ground", "running_term", "agreement_due")

#: What `agreement_due.current_from` meant before, and what it means now.
_MEANINGS = (
    "First legal day on which it is shown without a range: the beginning of the term it ends.",
    "First legal day on which it is shown without a range: that of the term it ends, or after the last notice.",
)


def upgrade() -> None:
    _say(*_MEANINGS)
    _derive_anew()


def downgrade() -> None:
    _say(*reversed(_MEANINGS))
    _derive_anew()


def _say(before: str, now: str) -> None:
    if op.get_bind().dialect.name != "sqlite":  # which keeps no comments
        op.alter_column(
            "agreement_due",
            "current_from",
            comment=now,
            existing_comment=before,
            existing_type=sa.Date(),
            existing_nullable=False,
        )


def _derive_anew() -> None:
    # `registry.agreements.complete` derives it anew when the registry is next opened.
    for table in _DERIVED:
        op.execute(f"DELETE FROM {table}")
