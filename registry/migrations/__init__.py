"""The tables as the migrations make them. Every noun with tables is named here."""

from typing import Any

import sqlalchemy as sa
from sqlmodel import SQLModel

from registry import (
    agreements,
    companies,
    countries,
    engagements,
    figures,
    history,
    institutions,
    keys,
    placements,
    programmes,
    quotas,
    repeats,
    search,
    sectors,
    sources,
    utilisation,
)

NOUNS = (
    agreements,
    companies,
    countries,
    engagements,
    figures,
    history,
    institutions,
    keys,
    placements,
    programmes,
    quotas,
    repeats,
    search,
    sectors,
    sources,
    utilisation,
)

#: Whatever is stored as text: on PostgreSQL it sorts by code point, as it does on SQLite.
TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")

#: Names for what the models leave unnamed, so that a later migration can name what it drops.
NAMES = {
    "ix": "ix_%(column_0_label)s",
    "pk": "pk_%(table_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
}


def described(name: str | None, kind: str, _parents: Any) -> bool:
    """Whether a thing in the database is one that models describe: all but the words of the search index."""
    return kind != "table" or not str(name).startswith("search_terms")


def tables() -> sa.MetaData:
    """All tables of the registry: those of the models, with names for their constraints and with `TEXT` for text."""
    wanted = sa.MetaData(naming_convention=NAMES)
    # The id of a record that was withdrawn is never given again: clients and the log may hold on to it.
    lasting = {history.table_behind(kind) for kind in history.Record.__subclasses__()}
    lasting -= {history.table_behind(kind) for kind in agreements.DERIVED}
    for table in SQLModel.metadata.sorted_tables:
        made = table.to_metadata(wanted)
        if table in lasting:
            made.dialect_options["sqlite"]["autoincrement"] = True
        for column in made.columns:
            if isinstance(column.type, sa.String) or isinstance(getattr(column.type, "impl", None), sa.String):
                column.type = TEXT
    return wanted
