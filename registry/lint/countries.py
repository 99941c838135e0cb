"""Records that name the very same countries: found by one statement, however many are alike."""

from collections.abc import Collection, Sequence

import sqlalchemy as sa

from registry.history import Changes, Record, Row, table_behind
from registry.lint.notices import MOST_NAMED
from registry.visibility import may_see


def alike(changes: Changes, record: Record, listed: type[Row], same: Sequence[str]) -> Sequence[str]:
    """The references of other records that name the same countries, by their rows of the table `listed`.

    They are the same in some columns too, may be seen by whoever makes the change, and are the first of them.
    """
    table, rows = table_behind(type(record)), table_behind(listed).c
    own = rows[f"{table.name}_id"] == record.id
    countries = set(changes.session.scalars(sa.select(rows.country_code).where(own)))
    found = sa.select(table.c.reference).where(
        table.c.id != record.id,
        *(table.c[name] == getattr(record, name) for name in same),
        names_alone(type(record), listed, countries),
        may_see(table.name, changes.actor.audiences),
    )
    return changes.session.scalars(found.order_by(table.c.id).limit(MOST_NAMED)).all()


def names_alone(record: type[Record], listed: type[Row], countries: Collection[str]) -> sa.ColumnElement[bool]:
    """That a record names these countries and no others, in whatever order, by its rows of the table `listed`."""
    own, rows = table_behind(record), table_behind(listed).c
    named = sa.select(sa.func.count(sa.distinct(rows.country_code))).where(rows[f"{own.name}_id"] == own.c.id)
    those = named.where(rows.country_code.in_(countries))
    return sa.and_(*(count.correlate(own).scalar_subquery() == len(countries) for count in (named, those)))
