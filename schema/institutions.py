"""Institutions that act under agreements or help those who move."""

from typing import Any

import sqlalchemy as sa
from strawberry import auto

from registry import companies, countries, institutions
from registry.agreements import Party
from registry.history import table_behind
from schema.agreement_listing import AGREEMENTS
from schema.changes import Change, history_of
from schema.context import Context, Moment
from schema.execution.field import cited, declare, localised
from schema.execution.source import Derived, Link, Localised, ToMany, ToOne
from schema.listings import COMPANIES, PROGRAMMES
from schema.references import AgreementType, CitationType, CompanyType, CountryType, ProgrammeType
from schema.relay import Connection, Node, node, page


def _successors(moment: Moment, context: Context, ids: list[Any]) -> sa.Select[Any]:
    table = table_behind(institutions.Institution)
    first = sa.select(sa.func.min(table.c.id)).where(table.c.succeeds_id.in_(ids)).group_by(table.c.succeeds_id)
    return sa.select(table).where(table.c.id.in_(first))


def _tied(kind: Any, institution: str, child: str) -> Link:
    """Ties through a table whose rows name an institution and what it deals with."""
    table = table_behind(kind)
    pairs = sa.select(table.c[institution].label("parent"), table.c[child].label("child"))
    pairs = pairs.where(table.c[institution].is_not(None)).distinct()
    return Link(pairs=lambda context: [pairs])


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
    parts: list["Institution"] = declare(
        ToMany(institutions.Institution, Link(column="parent_id"), ("reference",)), "Institutions that belong to it."
    )
    agreements: Connection[AgreementType] = page(
        AGREEMENTS, "Instruments that it acts under for a party.", _tied(Party, "institution_id", "agreement_id")
    )
    programmes: Connection[ProgrammeType] = page(
        PROGRAMMES, "Programmes whose help it gives.", Link(column="provider_id")
    )
    companies: Connection[CompanyType] = page(
        COMPANIES, "Companies that it gave a licence.", _tied(companies.Licence, "issued_by_id", "company_id")
    )
    comparator: auto
    citations: list[CitationType] = cited("Institution")
    history: Connection[Change] = history_of("Institution")
