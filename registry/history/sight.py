"""Sources, which are shown to whoever may see what rests on them: who gains or loses sight of one is told so.

A source has no audience of its own, so that no row of it says when that changes: it follows from what was written of
others. What the log told of it last says who saw it until then, and who does once nothing rests on it any more.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

import sqlalchemy as sa
from sqlmodel import Session

from registry.access import Audience
from registry.history.columns import table_behind
from registry.history.entries import Entry, moved, told_last, widest
from registry.history.shape import Named, kind_named
from registry.history.tables import ChangeAction
from registry.visibility import RESTING, WITH_WHAT_THEY_NAME

SOURCE = "Source"


class Shift(NamedTuple):
    """That a source is seen by another audience, and whom that is told to."""

    source: Named
    action: ChangeAction
    audience: Audience


def shifts(session: Session, entries: Iterable[Entry], told: Mapping[Named, Audience]) -> Iterator[Shift]:
    """The sources that what these entries tell of opens or closes, given the database after and the log before.

    `told` is whom the last change of a record is for, where this change has told of it before.

    A closing is told to all who saw the source before and then an opening to those who still see it, so that the last
    that is told of a source is always for those who see it.
    """
    sources = [Named(SOURCE, str(key)) for key in _rested_on(session, list(entries))]
    seen = widest(session, sources)
    order = [*Audience].index
    for source in sources:
        before, after = told_last(session, source, told), seen.get(source)
        if before is None or after is None or before is after:
            continue
        if order(after) > order(before):
            yield Shift(source, ChangeAction.CLOSED, before)
        yield Shift(source, ChangeAction.OPENED, after)


def _rested_on(session: Session, entries: list[Entry]) -> list[int]:
    """The sources that something came to rest on or rests on no more, and those that are copies of them."""
    source = table_behind(kind_named(SOURCE)).c
    if any(moved(entry) or _goes_with_another(entry) for entry in entries):
        return list(session.execute(sa.select(source.id).order_by(source.id)).scalars())
    named = {
        columns["source_id"]
        for entry in entries
        for row in entry.rows
        if row.table in RESTING
        for columns in (row.old, row.new)
        if columns and columns.get("source_id") is not None
    }
    if not named:
        return []
    found = sa.select(source.id).where(sa.or_(source.id.in_(named), source.copy_of_id.in_(named)))
    return list(session.execute(found.order_by(source.id)).scalars())


def _goes_with_another(entry: Entry) -> bool:
    """Whether a row of an entry goes along with another record than before, as a quota of an agreement does."""
    return any(
        f"{row.table}.{name}" in WITH_WHAT_THEY_NAME
        for row in entry.rows
        if row.old is not None and row.new is not None
        for name in row.new
    )
