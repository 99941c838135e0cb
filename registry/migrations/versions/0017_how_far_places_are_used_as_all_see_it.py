"""how far places are used as all who see them see it: returns under hidden agreements leave the agreement open"""

from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _derive_anew()


def downgrade() -> None:
    _derive_anew()


def _derive_anew() -> None:
    """`registry.utilisation.settle` does so when the registry is next opened, as for another home country."""
    op.execute("UPDATE registry_state SET home_country = NULL")
