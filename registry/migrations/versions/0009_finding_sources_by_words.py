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
    with op.batch_alter_table("source", schema=None) as batch_op:
        batch_op.add_column(sa.Column("text_key", TEXT, nullable=True, comment=_MEANING))

    names = ("id", "text_key", "reference", "title", "publisher")
    source = sa.table("source", *(sa.column(name, sa.String()) for name in names))
    connection = op.get_bind()
    for row in connection.execute(sa.select(source)).all():
        key = fold(" ".join(filter(None, row[2:])))
        connection.execute(sa.update(source).where(source.c.id == row.id).values(text_key=key))

    with op.batch_alter_table("source", schema=None) as batch_op:
        batch_op.alter_column("text_key", existing_type=TEXT, nullable=False)


def downgrade() -> None:
    with op.batch_alter_table("source", schema=None) as batch_op:
        batch_op.drop_column("text_key")
