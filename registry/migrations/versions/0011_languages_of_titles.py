"""languages of titles"""

import sqlalchemy as sa
from alembic import op

from registry.migrations import TEXT

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_MEANING = "Language of the title as printed, as a BCP 47 tag; null where nobody has said it."


def upgrade() -> None:
    op.add_column("agreement", sa.Column("title_language", TEXT, nullable=True, comment=_MEANING))


def downgrade() -> None:
    op.drop_column("agreement", "title_language")
