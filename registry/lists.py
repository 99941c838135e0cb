"""How a list that a record has is replaced by another: rows that stay the same are left untouched.

So the log tells what a revision has changed, and nothing else. A list is what whoever revises it may see: what else the
record has of its kind, as where another record is named that is hidden from them, is none of theirs and stays.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from registry.history import Changes, Row, table_behind
from registry.visibility import may_see


def replace(
    changes: Changes,
    kind: type[Row],
    owner: Mapping[str, Any],
    wanted: Sequence[Mapping[str, Any]],
    by: Sequence[str],
) -> None:
    """Makes the rows of a table that belong to `owner` (its columns and their values) those that are wanted.

    Rows that the actor may not see stay beside them. Rows are told apart by the columns `by`: one that is wanted and
    held already takes what else is wanted of it.
    """
    seen = may_see(table_behind(kind).name, changes.actor.audiences)
    held = {
        tuple(getattr(row, name) for name in by): row
        for row in changes.session.scalars(sa.select(kind).filter_by(**owner).where(seen))
    }
    for columns in wanted:
        row = held.pop(tuple(columns[name] for name in by), None)
        if row is None:
            changes.add(kind(**owner, **columns))
            continue
        for name, value in columns.items():
            if getattr(row, name) != value:
                setattr(row, name, value)
    for row in held.values():
        changes.remove(row)
