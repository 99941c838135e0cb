"""Meetings, visits, rounds and other dealings between countries."""

from collections.abc import Iterator, Sequence
from datetime import date as Day

import sqlalchemy as sa
from sqlmodel import Session

from registry import inputs
from registry.access import OFFICIAL, PUBLIC, Audience
from registry.codes import Code
from registry.countries import called
from registry.history import Changes, Record, Row, column
from registry.search import Findable, SearchKind, enter, parts, some, spoken
from registry.sources import Cited, check_words, cite


class EngagementKind(Code):
    """What kind of dealing it is."""

    MEETING = "MEETING", "A meeting or talks."
    VISIT = "VISIT", "An official journey to the other country."
    FORUM = "FORUM", "A forum or conference."
    NEGOTIATION_ROUND = "NEGOTIATION_ROUND", "A sitting at which an instrument was negotiated."
    JOINT_COMMITTEE = "JOINT_COMMITTEE", "A session of a joint committee or commission."
    COOPERATION = "COOPERATION", "Practical cooperation, as a source states it."
    PROSPECT = "PROSPECT", "Cooperation that is considered."
    NATIONAL_ACT = "NATIONAL_ACT", "A law, decree or policy of one country."


class Engagement(Record, table=True):
    """A dealing between countries, or a national act that bears on them."""

    reference: str = column("Stable, readable, unique name.", PUBLIC, unique=True)
    kind: EngagementKind = column("What kind of dealing it is.", PUBLIC, kind=EngagementKind, index=True)
    title: str = column("What it was, in a few words.", PUBLIC)
    date: str = column("When it was, in EDTF.", PUBLIC)
    date_earliest: Day | None = column("First day it may have been on; null is open.", PUBLIC, default=None)
    date_latest: Day | None = column("Last day it may have been on; null is open.", PUBLIC, default=None)
    agreement_id: int | None = column(
        "The agreement it was about.", PUBLIC, references="agreement.id", default=None, index=True
    )
    topics: list[str] = column("Topics, in the source's words.", PUBLIC, kind=sa.JSON, default_factory=list)
    audience: Audience = column("Whom it may be shown to.", PUBLIC, kind=Audience, default=OFFICIAL)
    version: int = column("Counts the changes to this record.", PUBLIC, default=1)

    @classmethod
    def follow(cls, session: Session, keys: Sequence[str]) -> None:
        """Lets dealings be found by their titles, kind, topics and countries."""
        enter(session, SearchKind.ENGAGEMENT, keys, _findable(session, keys))


def _findable(session: Session, ids: Sequence[str]) -> Iterator[Findable]:
    places = called(session)
    present = parts(session, EngagementCountry, "engagement_id", [int(key) for key in ids])
    for one in some(session, Engagement, ids):
        number = inputs.key(one)
        named = places.of(*(country.country_code for country in present[number]))
        yield Findable(number, [one.title, one.reference], [*one.topics, *spoken([one.kind]), *named])


class EngagementCountry(Row, table=True):
    """A country that took part in a dealing, or that it is about."""

    __tablename__ = "engagement_country"

    engagement_id: int = column("The dealing.", PUBLIC, references="engagement.id", primary_key=True)
    position: int = column("Place among the countries, from 0.", PUBLIC, primary_key=True)
    country_code: str = column("The country.", PUBLIC, references="country.code", index=True)


def record(
    changes: Changes,
    *,
    kind: EngagementKind,
    title: str,
    date: str,
    countries: Sequence[str],
    citations: Sequence[Cited],
    reference: str | None = None,
    agreement: str | None = None,
    topics: Sequence[str] = (),
    audience: Audience = OFFICIAL,
) -> Engagement:
    """Records a dealing between countries on a date in EDTF; the reference is made up where none is given.

    Refuses with `Conflict`, `NotFound`, `BadInput` or `Unsourced`.
    """
    if reference is None:
        reference = inputs.made_reference(changes, "engagement")
    with inputs.checked():
        engagement = Engagement(
            reference=inputs.new_reference(changes, "engagement", reference),
            kind=kind,
            title=inputs.words(title, "title"),
            agreement_id=inputs.id_or_none(changes, "agreement", agreement, "agreement"),
            topics=inputs.texts(topics, "topics"),
            audience=inputs.audience(changes, audience),
            **inputs.dated("date", date),
        )
        taking_part = inputs.codes(changes, "country", countries, "countries")
        words = check_words(changes, citations)
    changes.add(engagement)
    for position, code in enumerate(taking_part):
        changes.add(EngagementCountry(engagement_id=inputs.key(engagement), position=position, country_code=code))
    cite(changes, engagement, words)
    return engagement
