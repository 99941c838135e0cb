"""What has been closed since: whoever may not see a record now does not see it in an earlier state either."""

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa

from registry.access import PUBLIC
from registry.history import Change, ChangeAction, table_behind
from registry.history.shape import kind_of
from registry.visibility import CLOSED, closable

_CHANGE = table_behind(Change)


def close_since(registry: sa.Connection, copy: sa.Connection, sequence: int) -> None:
    """Tells a snapshot of that position whom records may be shown to by now."""
    CLOSED.create(copy, checkfirst=True)
    copy.execute(sa.delete(CLOSED))
    rows = [*_present(registry), *_taken_out(registry, sequence)]
    if rows:
        copy.execute(sa.insert(CLOSED), rows)


def anything_closed(registry: sa.Connection, after: int) -> bool:
    """Whether anything may have been closed, or opened again, by the changes after a position."""
    later = sa.select(_CHANGE.c.sequence).where(_CHANGE.c.sequence > after, _CHANGE.c.audience != PUBLIC)
    return registry.execute(later.limit(1)).first() is not None


def _present(registry: sa.Connection) -> Iterator[dict[str, Any]]:
    """The records that are not for everyone now; what goes with another record goes with it."""
    for table in closable():
        if "audience" in table.columns:
            closed = sa.select(table.c.id, table.c.audience).where(table.c.audience != PUBLIC)
            yield from ({"name": table.name, **row} for row in registry.execute(closed).mappings())


def _taken_out(registry: sa.Connection, sequence: int) -> Iterator[dict[str, Any]]:
    """The records that were taken out since and were not for everyone then."""
    names = {kind_of(table.name).__name__: table.name for table in closable()}
    gone = sa.select(_CHANGE.c.subject_type, _CHANGE.c.subject_key, _CHANGE.c.audience).where(
        _CHANGE.c.action == ChangeAction.WITHDRAWN,
        _CHANGE.c.audience != PUBLIC,
        _CHANGE.c.sequence > sequence,
        _CHANGE.c.subject_type.in_(names),
    )
    for kind, key, audience in registry.execute(gone):
        yield {"name": names[kind], "id": int(key), "audience": audience}
