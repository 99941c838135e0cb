"""How records that were written before there was a log come into it."""

import sqlalchemy as sa
from sqlmodel import Session

from registry.history.changes import changeset
from registry.history.shape import logged_tables
from registry.history.tables import RegistryState

_ROWS = 5_000


def adopt(engine: sa.Engine) -> None:
    """Tells the log of every record, where records are held and the log is empty; else does nothing."""
    with Session(engine) as session:
        state = session.get(RegistryState, 1)
        if state is None or state.sequence > 0:
            return
    with changeset(engine, "Taken over from before the log was kept.") as changes:
        if changes.state.sequence > 0:
            return
        for table in logged_tables():
            rows = changes.session.connection().execute(sa.select(table)).mappings()
            while some := rows.fetchmany(_ROWS):
                changes.tell(table, [dict(row) for row in some])
