"""words entered anew: what there is of the index lacks the words of the glossary and the places of words in names"""

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # `registry.search.complete` fills the empty index when the registry is next opened.
    op.execute("DELETE FROM search_terms")
    op.execute("DELETE FROM search_entry")


def downgrade() -> None:
    pass
