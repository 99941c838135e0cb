"""finding by words"""

import sqlalchemy as sa
from alembic import op

from registry.migrations import TEXT

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "search_entry",
        sa.Column("id", sa.Integer(), nullable=False, comment="Number of the entry."),
        sa.Column("kind", TEXT, nullable=False, comment="What kind of record it is."),
        sa.Column("key", TEXT, nullable=False, comment="Id or code of the record, as text."),
        sa.Column("record_id", sa.Integer(), nullable=True, comment="Id of the record, where it has one."),
        sa.Column("code", TEXT, nullable=True, comment="Code of the record, where it has one."),
        sa.Column("subject_type", TEXT, nullable=False, comment="Type of the record, such as Agreement."),
        sa.Column("kind_rank", sa.Integer(), nullable=False, comment="Place of the kind among the kinds."),
        sa.Column("comparator", sa.Boolean(), nullable=False, comment="True for what is kept for comparison only."),
        sa.Column("sort_key", TEXT, nullable=False, comment="Name, folded for ordering."),
        sa.Column(
            "texts", sa.JSON(), nullable=False, comment="What is shown of the words that were found: names first."
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_search_entry")),
        sa.UniqueConstraint("kind", "key", name=op.f("uq_search_entry_kind_key")),
    )
    with op.batch_alter_table("search_entry", schema=None) as batch_op:
        batch_op.create_index("ix_search_entry_order", ["kind_rank", "sort_key", "id"], unique=False)

    for statement in _TERMS[op.get_bind().dialect.name]:
        op.execute(statement)


#: The words of the entries. Each database has its own kind of table for it, which no model describes.
_TERMS = {
    "sqlite": [
        "CREATE VIRTUAL TABLE search_terms USING fts5"
        "(name, other, tokenize = 'unicode61 remove_diacritics 0', prefix = '2 3 4')"
    ],
    "postgresql": [
        "CREATE TABLE search_terms (rowid integer PRIMARY KEY, name tsvector NOT NULL, other tsvector NOT NULL)",
        "CREATE INDEX ix_search_terms_name ON search_terms USING gin (name)",
        "CREATE INDEX ix_search_terms_other ON search_terms USING gin (other)",
    ],
}


def downgrade() -> None:
    op.execute("DROP TABLE search_terms")
    with op.batch_alter_table("search_entry", schema=None) as batch_op:
        batch_op.drop_index("ix_search_entry_order")

    op.drop_table("search_entry")
