"""What has been closed since: whoever may not see a record now does not see it in an earlier state either."""

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa

from registry.access import OFFICIAL, PUBLIC
from registry.history import Change, ChangeAction, table_behind
from registry.history.shape import kind_of
from registry.visibility import CLOSED, closable, tells_what_was_closed

_CHANGE = table_behind(Change)


def close_since(registry: sa.Connection, copy: sa.Connection, sequence: int) -> set[int]:
    """Tells a snapshot of that position whom records may be shown to by now.

    Gives the ids of agreements of which it has told something else before: what follows from that is to be derived.
    """
    told = _told(copy) if tells_what_was_closed(copy) else None
    CLOSED.create(copy, checkfirst=True)
    copy.execute(sa.delete(CLOSED))
    rows = [*_present(registry), *_sources(registry), *_taken_out(registry, sequence)]
    if rows:
        copy.execute(sa.insert(CLOSED), rows)
    return set() if told is None else {number for number, _ in told ^ _told(copy)}


def _told(copy: sa.Connection) -> set[tuple[int, str]]:
    """The agreements of which a snapshot tells that they were closed, and to whom they may be shown."""
    of_agreements = sa.select(CLOSED.c.id, CLOSED.c.audience).where(CLOSED.c.name == "agreement")
    return {(number, audience) for number, audience in copy.execute(of_agreements)}


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


def _sources(registry: sa.Connection) -> Iterator[dict[str, Any]]:
    """The sources that officials do not see either, as the log told last: nor do they see them without what hides them.

    Others need not be told: while something rests on a source it goes with that, and else it is for officials.
    """
    later = _CHANGE.alias()
    of_same = (later.c.record_type == _CHANGE.c.record_type, later.c.record_key == _CHANGE.c.record_key)
    closed = sa.select(_CHANGE.c.record_key, _CHANGE.c.audience).where(
        _CHANGE.c.record_type == "Source",
        _CHANGE.c.audience.not_in([PUBLIC, OFFICIAL]),
        ~sa.exists().where(*of_same, later.c.sequence > _CHANGE.c.sequence),
    )
    for key, audience in registry.execute(closed):
        yield {"name": "source", "id": int(key), "audience": audience}


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
