"""Meetings, visits, rounds and other dealings between countries."""

from strawberry import auto

from registry import agreements, countries, engagements
from schema.changes import Change, history_of
from schema.dates import UncertainDate
from schema.execution.field import cited, declare, through
from schema.execution.source import ToOne
from schema.execution.source import UncertainDay as Dated
from schema.references import AgreementType, CitationType, CountryType
from schema.relay import Connection, Node, node


@node(engagements.Engagement)
class Engagement(Node):
    """A dealing between countries, or a national act that bears on them."""

    reference: auto
    kind: auto
    title: auto
    date: UncertainDate = declare(Dated("date"), "When it was held.")
    countries: list[CountryType] = through(
        countries.Country,
        engagements.EngagementCountry,
        "engagement_id",
        "country_code",
        "Countries that took part, or that it is about.",
        "code",
    )
    agreement: AgreementType | None = declare(
        ToOne(agreements.Agreement, "agreement_id"), "The instrument it was about."
    )
    topics: auto
    audience: auto
    citations: list[CitationType] = cited("Engagement")
    history: Connection[Change] = history_of("Engagement")
