"""Institutions that act under agreements or help those who move."""

from typing import Any

import sqlalchemy as sa
from strawberry import auto

from registry import countries, institutions
from registry.history import table_behind
from schema.changes import Change, history_of
from schema.context import Context, Moment
from schema.execution.field import cited, declare, localised
from schema.execution.source import Derived, Localised, ToOne
from schema.references import CitationType, CountryType
from schema.relay import Connection, Node, node


def _successors(moment: Moment, context: Context, ids: list[Any]) -> sa.Select[Any]:
    table = table_behind(institutions.Institution)
    first = sa.select(sa.func.min(table.c.id)).where(table.c.succeeds_id.in_(ids)).group_by(table.c.succeeds_id)
    return sa.select(table).where(table.c.id.in_(first))


@node(institutions.Institution)
class Institution(Node):
    """An authority, fund, representation or other institution."""

    reference: auto
    name: str = localised(
        Localised("name", "name"), "As a source gives it in the language, else as the main source prints it."
    )
    names: auto
    kind: auto
    country: CountryType | None = declare(
        ToOne(countries.Country, "country_code"), "Where it sits; null where no source says."
    )
    parent: "Institution | None" = declare(
        ToOne(institutions.Institution, "parent_id"), "The institution it belongs to."
    )
    succeeds: "Institution | None" = declare(
        ToOne(institutions.Institution, "succeeds_id"), "The institution whose place it took."
    )
    succeeded_by: "Institution | None" = declare(
        Derived(institutions.Institution, _successors, "succeeds_id"), "The institution that took its place."
    )
    comparator: auto
    citations: list[CitationType] = cited("Institution")
    history: Connection[Change] = history_of("Institution")
