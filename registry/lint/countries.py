"""Records that name the very same countries: found by one statement, however many are alike."""

from collections.abc import Collection

import sqlalchemy as sa

from registry.history import Record, Row, table_behind


def names_alone(record: type[Record], listed: type[Row], countries: Collection[str]) -> sa.ColumnElement[bool]:
    """That a record names these countries and no others, in whatever order, by its rows of the table `listed`."""
    own, rows = table_behind(record), table_behind(listed).c
    named = sa.select(sa.func.count(sa.distinct(rows.country_code))).where(rows[f"{own.name}_id"] == own.c.id)
    those = named.where(rows.country_code.in_(countries))
    return sa.and_(*(count.correlate(own).scalar_subquery() == len(set(countries)) for count in (named, those)))
