"""what institutions, sources and deadlines are found by"""

from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

#: Columns by which records are found from what they name, and by the day on which they run out.
_INDEXES = {"agreement_party": "institution_id", "document": "source_id", "licence": "until_latest"}


def upgrade() -> None:
    for table, column in _INDEXES.items():
        op.create_index(f"ix_{table}_{column}", table, [column])


def downgrade() -> None:
    for table, column in _INDEXES.items():
        op.drop_index(f"ix_{table}_{column}", table)
