"""the log of changes"""

import sqlalchemy as sa
from alembic import op

from registry.migrations import TEXT

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "change",
        sa.Column(
            "sequence",
            sa.Integer(),
            nullable=False,
            comment="Position in the log, from 1, in commit order and without gaps.",
        ),
        sa.Column("at", TEXT, nullable=False, comment="Instant of the change."),
        sa.Column("actor", TEXT, nullable=False, comment="Who made it."),
        sa.Column("role", TEXT, nullable=False, comment="The role they made it in."),
        sa.Column("action", TEXT, nullable=False, comment="What became of the record."),
        sa.Column("reason", TEXT, nullable=False, comment="Why, in the words of whoever made it."),
        sa.Column("subject_type", TEXT, nullable=False, comment="Type of the record, such as LegalAct."),
        sa.Column("subject_key", TEXT, nullable=False, comment="Id or code of the record."),
        sa.Column(
            "record_type",
            TEXT,
            nullable=False,
            comment="Type of the record it is found with, such as Agreement for a legal act.",
        ),
        sa.Column("record_key", TEXT, nullable=False, comment="Id or code of the record it is found with."),
        sa.Column(
            "audience", TEXT, nullable=False, comment="Whom it may be shown to: the closest of before and after."
        ),
        sa.Column(
            "rows",
            TEXT,
            nullable=False,
            comment="What became of each row, as JSON: table, columns, and values before and after.",
        ),
        sa.Column(
            "digest",
            TEXT,
            nullable=False,
            comment="SHA-256 over the digest before it and all of the above, in hexadecimal.",
        ),
        sa.PrimaryKeyConstraint("sequence", name=op.f("pk_change")),
    )
    with op.batch_alter_table("change", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_change_at"), ["at"], unique=False)
        batch_op.create_index("ix_change_record", ["record_type", "record_key", "sequence"], unique=False)
        batch_op.create_index("ix_change_subject", ["subject_type", "subject_key", "sequence"], unique=False)

    op.create_table(
        "change_country",
        sa.Column("country_code", TEXT, nullable=False, comment="The country."),
        sa.Column("sequence", sa.Integer(), nullable=False, comment="The change."),
        sa.ForeignKeyConstraint(["sequence"], ["change.sequence"], name=op.f("fk_change_country_sequence")),
        sa.PrimaryKeyConstraint("country_code", "sequence", name=op.f("pk_change_country")),
    )
    with op.batch_alter_table("registry_state", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column(
                "sequence",
                sa.Integer(),
                nullable=False,
                server_default="0",
                comment="Position of the last change in the log.",
            )
        )
        batch_op.add_column(
            sa.Column(
                "digest",
                TEXT,
                nullable=False,
                server_default="",
                comment="Digest of the last change, which stands for the whole log.",
            )
        )

    for statement in _GUARDS[op.get_bind().dialect.name]:
        op.execute(statement)


#: The log is only ever added to: the database itself refuses anything else.
_GUARDS = {
    "sqlite": [
        f"CREATE TRIGGER change_keeps_{what} BEFORE {what} ON change"
        " BEGIN SELECT RAISE(ABORT, 'the log of changes is only ever added to'); END"
        for what in ("UPDATE", "DELETE")
    ],
    "postgresql": [
        "CREATE FUNCTION change_keeps() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN RAISE EXCEPTION 'the log of changes is only ever added to'; END $$",
        "CREATE TRIGGER change_keeps BEFORE UPDATE OR DELETE OR TRUNCATE ON change"
        " FOR EACH STATEMENT EXECUTE FUNCTION change_keeps()",
    ],
}


def downgrade() -> None:
    with op.batch_alter_table("registry_state", schema=None) as batch_op:
        batch_op.drop_column("digest")
        batch_op.drop_column("sequence")

    op.drop_table("change_country")
    with op.batch_alter_table("change", schema=None) as batch_op:
        batch_op.drop_index("ix_change_subject")
        batch_op.drop_index("ix_change_record")
        batch_op.drop_index(batch_op.f("ix_change_at"))

    op.drop_table("change")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION change_keeps()")
