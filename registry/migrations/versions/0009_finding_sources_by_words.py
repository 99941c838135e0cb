"""finding sources by words"""

import sqlalchemy as sa
from alembic import op

from registry.migrations import TEXT
from registry.texts import fold

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_MEANING = "Reference, title and publisher, folded for finding. Derived."


def upgrade() -> None:
    # Added with a default and not altered afterwards: SQLite would make the table anew, and give ids a second time.
    op.add_column("source", sa.Column("text_key", TEXT, nullable=False, server_default="", comment=_MEANING))

    names = ("id", "text_key", "reference", "title", "publisher")
    source = sa.table("source", *(sa.column(name, sa.Integer() if name == "id" else sa.String()) for name in names))
    connection = op.get_bind()
    for row in connection.execute(sa.select(source)).all():
        key = fold(" ".join(filter(None, row[2:])))
        connection.execute(sa.update(source).where(source.c.id == row.id).values(text_key=key))


def downgrade() -> None:
    op.drop_column("source", "text_key")
