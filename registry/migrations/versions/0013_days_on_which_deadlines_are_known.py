"""days on which deadlines are known, and what follows from acts and terms derived anew"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_MEANING = "First legal day on which an act has changed it; null where it stands."

#: What follows from acts and terms: the law is now read otherwise.
_DERIVED = ("status_span", "status_possibility", "status_ground", "running_term", "agreement_due")


def upgrade() -> None:
    op.add_column("agreement_due", sa.Column("known_until", sa.Date(), nullable=True, comment=_MEANING))
    # `registry.agreements.complete` derives it anew when the registry is next opened.
    for table in _DERIVED:
        op.execute(f"DELETE FROM {table}")


def downgrade() -> None:
    op.execute("DELETE FROM agreement_due WHERE known_until IS NOT NULL")
    op.drop_column("agreement_due", "known_until")
