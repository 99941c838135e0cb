"""what returns are summed by, what tells of a day which deadlines are shown, and changes of a type in their order"""

from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

#: What returns are summed by that no sums are kept of, and whether it had an index that the new one takes the place of.
_SUMMED_BY = {"company_id": True, "agreement_id": True, "occupation_code": False}

#: All else that such sums are made of: so they are made from the index alone.
_BESIDE = ("measure", "period_start", "period_end", "people")

#: What tells whether a deadline is shown on a day.
_SHOWN = ("current_from", "known_from", "known_until")


def upgrade() -> None:
    for column, had_index in _SUMMED_BY.items():
        op.create_index(f"ix_placement_return_by_{column}", "placement_return", [column, *_BESIDE])
        if had_index:
            op.drop_index(f"ix_placement_return_{column}", "placement_return")
    op.create_index("ix_change_of_type", "change", ["subject_type", "sequence"])
    op.drop_index("ix_agreement_due_day", "agreement_due")
    op.create_index("ix_agreement_due_day", "agreement_due", ["due", *_SHOWN, "agreement_id"])


def downgrade() -> None:
    op.drop_index("ix_agreement_due_day", "agreement_due")
    op.create_index("ix_agreement_due_day", "agreement_due", ["due", "agreement_id"])
    op.drop_index("ix_change_of_type", "change")
    for column, had_index in _SUMMED_BY.items():
        if had_index:
            op.create_index(f"ix_placement_return_{column}", "placement_return", [column])
        op.drop_index(f"ix_placement_return_by_{column}", "placement_return")
