"""How records that were written before there was an index come into it."""

from collections.abc import Iterator

import sqlalchemy as sa

from registry.history import Row, follow, table_behind, unlogged
from registry.history.shape import key_columns, kind_of, logged_tables, whole_behind
from registry.search.index import SearchEntry


def complete(engine: sa.Engine) -> None:
    """Indexes every record, where records are held and none is indexed; else does nothing, and waits for nobody."""
    with engine.connect() as connection:
        indexed = connection.execute(sa.select(table_behind(SearchEntry)).limit(1)).first()
        if indexed or not any(connection.execute(sa.select(table).limit(1)).first() for table in _followed()):
            return
    with unlogged(engine) as session:
        for table in _followed():
            (key,) = key_columns(table.name)
            keys = session.scalars(sa.select(sa.cast(table.c[key], sa.String))).all()
            follow(session, {kind_of(table.name).__name__: keys})


def _followed() -> Iterator[sa.Table]:
    """The tables of whole records from which something follows, as entries of the index do."""
    for table in logged_tables():
        kind = kind_of(table.name)
        if whole_behind(kind) is None and kind.follow.__func__ is not Row.follow.__func__:  # type: ignore[attr-defined]
            yield table
