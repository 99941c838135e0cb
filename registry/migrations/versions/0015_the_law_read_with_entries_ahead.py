"""what follows from acts and terms derived anew: entries into force count while they are ahead"""

from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

#: What follows from acts and terms: the law is now read otherwise.
_DERIVED = ("status_span", "status_possibility", "status_ground", "running_term", "agreement_due")


def upgrade() -> None:
    # `registry.agreements.complete` derives it anew when the registry is next opened.
    for table in _DERIVED:
        op.execute(f"DELETE FROM {table}")


def downgrade() -> None:
    """What was derived by the law as it was read before is derived anew in the same way."""
    upgrade()
