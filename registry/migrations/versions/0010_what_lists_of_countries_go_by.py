"""what lists of countries go by"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_MEANING = "First day on which its status is not NONE; null where there is none. Derived."


#: Tables with an index by country alone, and what it is replaced by.
_INDEXES = {
    "quota": ["country_code", "period_start", "period_end", "reference"],
    "company": ["country_code", "reference"],
    "agreement_party": ["country_code", "agreement_id"],
}


def upgrade() -> None:
    op.add_column("agreement", sa.Column("exists_from", sa.Date(), nullable=True, comment=_MEANING))
    op.execute(
        "UPDATE agreement SET exists_from = (SELECT min(from_day) FROM status_span"
        " WHERE status_span.agreement_id = agreement.id AND status_span.status <> 'NONE')"
    )
    for table, columns in _INDEXES.items():
        op.create_index(f"ix_{table}_of_country", table, columns)
        op.drop_index(f"ix_{table}_country_code", table)


def downgrade() -> None:
    for table in _INDEXES:
        op.create_index(f"ix_{table}_country_code", table, ["country_code"])
        op.drop_index(f"ix_{table}_of_country", table)
    op.drop_column("agreement", "exists_from")
