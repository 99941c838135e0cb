"""How records that were written before there was an index come into it."""

import sqlalchemy as sa

from registry.history import follow, table_behind, unlogged
from registry.history.shape import key_columns, kind_of, logged_tables, whole_behind
from registry.search.index import SearchEntry


def complete(engine: sa.Engine) -> None:
    """Indexes every record, where records are held and none is indexed; else does nothing."""
    with engine.connect() as connection:
        if connection.execute(sa.select(table_behind(SearchEntry)).limit(1)).first():
            return
    with unlogged(engine) as session:
        for table in logged_tables():
            if whole_behind(kind_of(table.name)) is None:
                (key,) = key_columns(table.name)
                keys = session.scalars(sa.select(sa.cast(table.c[key], sa.String))).all()
                follow(session, {kind_of(table.name).__name__: keys})
