"""How a list that a record has is replaced by another: rows that stay the same are left untouched.

So the log tells what a revision has changed, and nothing else.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from registry.history import Changes, Row


def replace(
    changes: Changes,
    kind: type[Row],
    owner: Mapping[str, Any],
    wanted: Sequence[Mapping[str, Any]],
    by: Sequence[str],
) -> None:
    """Makes the rows of a table that belong to `owner` (its columns and their values) those that are wanted.

    Rows are told apart by the columns `by`: one that is wanted and held already takes what else is wanted of it.
    """
    held = {
        tuple(getattr(row, name) for name in by): row
        for row in changes.session.scalars(sa.select(kind).filter_by(**owner))
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
