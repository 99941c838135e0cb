"""Programmes that help those who leave and those who return."""

from strawberry import auto

from registry import countries, institutions, programmes
from schema.changes import Change, history_of
from schema.execution.field import cited, declare
from schema.execution.source import ToOne
from schema.references import CitationType, CountryType, InstitutionType
from schema.relay import Connection, Node, node


@node(programmes.Programme)
class Programme(Node):
    """A programme of help for those who leave or return."""

    reference: auto
    name: auto
    kind: auto
    provider: InstitutionType | None = declare(
        ToOne(institutions.Institution, "provider_id"), "Who gives the help; null where no source says."
    )
    country: CountryType | None = declare(
        ToOne(countries.Country, "country_code"), "Whose programme it is; null where no source says."
    )
    amount: auto
    currency: auto
    rate: auto
    description: auto
    comparator: auto
    citations: list[CitationType] = cited("Programme")
    history: Connection[Change] = history_of("Programme")
