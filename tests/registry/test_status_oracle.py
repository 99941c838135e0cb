"""The engine of the law against the law read a second time, over instruments made at random."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import Enum

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from registry.dates import UncertainDate, add_days, add_months, exact, parse_edtf
from registry.status import (
    Act,
    AgreementStatus,
    Bindingness,
    ForceRule,
    Instrument,
    InstrumentType,
    Renewal,
    Terms,
    Timeline,
    assess,
    status_on,
)
from registry.status import LegalActKind as Kind
from tests.registry import law_oracle

FIRST = date(2020, 1, 20)
PRECISE, IMPRECISE = 50, 12  # instruments for each of the strategies below
MOST_CHOICES = 60
LAW = settings(derandomize=True, deadline=None, database=None, suppress_health_check=list(HealthCheck))

SIGNING = (Kind.SIGNATURE, Kind.SIGNATURE, Kind.EXCHANGE_OF_NOTES, Kind.SIGNATURE_AD_REFERENDUM)
CONSENTING = (*sorted(law_oracle.CONSENT), Kind.NOTE_RECEIVED, Kind.INSTRUMENTS_EXCHANGED)
NOTICING = (Kind.NOTICE_GIVEN, Kind.NOTICE_RECEIVED, Kind.NOTICE_RECEIVED, Kind.NOTICE_REVOKED, Kind.DENOUNCED)
PROLONGING = (Kind.EXTENDED, Kind.RENEWED_EXPRESSLY)
ENDING = (*sorted(law_oracle.END_ACTS), Kind.INVALIDATED, Kind.NOTICE_RECEIVED)
ABANDONING = (Kind.NEGOTIATIONS_ABANDONED, Kind.NEGOTIATIONS_ABANDONED, Kind.NEGOTIATIONS_ABANDONED)
TALKING = (*sorted(law_oracle.NEGOTIATING), Kind.PROPOSED, Kind.DISCUSSIONS_HELD, Kind.INITIALLED, Kind.PUBLISHED)
PROVISIONAL = (Kind.PROVISIONAL_APPLICATION_START, Kind.PROVISIONAL_APPLICATION_END)
TWO = ("UZ", "DE")
PARTIES = (TWO, TWO, TWO, TWO, TWO, ("UZ",), (), (*TWO, "PL"), (*TWO, "PL", "KR"))


class Begins(Enum):
    """How an instrument made here comes into force."""

    ANYHOW = None
    BY_ENTRY = (Kind.ENTRY_INTO_FORCE,)
    BY_SIGNATURE = (Kind.SIGNATURE, Kind.EXCHANGE_OF_NOTES)
    BY_CONSENT = (Kind.NOTE_RECEIVED, Kind.INSTRUMENTS_EXCHANGED, Kind.RATIFICATION)


@dataclass(frozen=True)
class Focus:
    """What a strategy is about: so narrow that its rules decide often."""

    kinds: tuple[Kind, ...]
    aside: tuple[Kind, ...] = ()
    begins: tuple[Begins, ...] = (Begins.BY_ENTRY,)
    renewals: tuple[Renewal, ...] = tuple(Renewal)
    rules: tuple[ForceRule, ...] = tuple(ForceRule)
    durations: tuple[int | None, ...] = (None, 1, 2, 3, 7, 12, 24)
    bindingness: tuple[Bindingness, ...] = tuple(Bindingness)
    parties: tuple[tuple[str, ...], ...] = PARTIES
    acts: int = 4


SET = (1, 2, 3, 6, 13, 24)
FOCUS = {
    "anything": Focus(tuple(Kind), begins=tuple(Begins)),
    "signature brings force": Focus(SIGNING, CONSENTING, (Begins.BY_SIGNATURE,), rules=(ForceRule.ON_SIGNATURE,)),
    "consent brings force": Focus(CONSENTING, SIGNING, (Begins.BY_CONSENT,)),
    "not binding": Focus(
        (*NOTICING, *SIGNING, *ENDING, Kind.SUSPENDED),
        begins=(Begins.BY_SIGNATURE,),
        rules=(ForceRule.NOT_KNOWN, ForceRule.ON_SIGNATURE),
        bindingness=(Bindingness.NOT_BINDING,),
    ),
    "notice against tacit terms": Focus(NOTICING, renewals=(Renewal.TACIT,), durations=SET, parties=(TWO,), acts=3),
    "notice given and received": Focus(NOTICING, durations=(None,), parties=(TWO,), acts=3),
    "until notice": Focus(NOTICING, renewals=(Renewal.UNTIL_NOTICE,), durations=SET, parties=(TWO,), acts=2),
    "terms and notices": Focus(NOTICING, SIGNING, begins=(Begins.BY_ENTRY, Begins.BY_SIGNATURE)),
    "prolongation": Focus(PROLONGING, ENDING, renewals=(Renewal.NONE, Renewal.EXPRESS), durations=SET),
    "ends in competition": Focus(ENDING, PROLONGING, begins=(Begins.BY_ENTRY, Begins.ANYHOW), durations=(None, 1, 2)),
    "suspension": Focus((Kind.SUSPENDED, Kind.RESUMED), NOTICING, durations=(None, 2)),
    "before signature": Focus((*TALKING, *ABANDONING), SIGNING, begins=(Begins.ANYHOW,)),
    "revocation": Focus(
        (Kind.NOTICE_RECEIVED, Kind.NOTICE_GIVEN, Kind.NOTICE_REVOKED), durations=(None,), parties=(TWO,)
    ),
    "renewal by each": Focus(
        (Kind.RENEWED_EXPRESSLY,), renewals=(Renewal.EXPRESS,), durations=(1, 2, 3), parties=(TWO,)
    ),
    "turned away": Focus(
        (Kind.NON_PARTY_INTENT, Kind.SIGNATURE, Kind.APPROVAL, Kind.PROVISIONAL_APPLICATION_START),
        begins=(Begins.ANYHOW,),
        rules=(ForceRule.ON_FIXED_DATE,),
        parties=(TWO,),
        acts=3,
    ),
    "partly": Focus(
        (*SIGNING, Kind.INTERNAL_PROCEDURES_COMPLETED, Kind.NON_PARTY_INTENT),
        begins=(Begins.ANYHOW,),
        rules=(ForceRule.ON_FIXED_DATE, ForceRule.ON_SIGNATURE),
        parties=(TWO, ("UZ",), (), (*TWO, "PL")),
        acts=3,
    ),
    "provisional": Focus(PROVISIONAL, (*SIGNING, *CONSENTING), begins=(Begins.ANYHOW, Begins.BY_CONSENT)),
    "told twice": Focus(
        (Kind.ENTRY_INTO_FORCE, Kind.SIGNATURE, Kind.NOTE_RECEIVED, Kind.REPLACED),
        begins=(Begins.ANYHOW,),
        parties=(TWO,),
    ),
}


@st.composite
def terms(draw: st.DrawFn, focus: Focus, begins: Begins) -> Terms | None:
    if not any(focus.durations) and draw(st.integers(0, 3)) == 0:
        return None
    rules = focus.rules
    if begins is Begins.BY_CONSENT:
        rules = tuple(ForceRule)
    return Terms(
        draw(st.sampled_from(rules)),
        draw(st.sampled_from([None, None, "P10D", "P1M", "P1M15D"])),
        draw(st.integers(0, 3)) == 0,
        draw(st.sampled_from(focus.durations)),
        draw(st.sampled_from(focus.renewals)),
        draw(st.sampled_from([None, 1, 6, 12])),
        draw(st.sampled_from([None, 0, 1, 3, 6])),
    )


@st.composite
def days_that_matter(draw: st.DrawFn, begin: date, stated: Terms) -> tuple[date, ...]:
    """Few days, so that acts often meet: the beginning, days counted from it by the terms, and their neighbours."""
    length = stated.duration_months or 0
    renewal, notice = stated.renewal_months or length, stated.notice_months or 0
    end = add_months(begin, length + draw(st.integers(0, 1)) * renewal)
    by_notice = add_months(add_days(end, -1), -notice)
    first = draw(st.sampled_from([begin, end, by_notice]))
    other = add_days(begin, draw(st.integers(-10, 45)))
    return (first, add_days(first, -1), add_days(first, 1), begin, end, by_notice, other)


@st.composite
def exact_days(draw: st.DrawFn, pool: Sequence[date]) -> UncertainDate:
    return exact(draw(st.sampled_from(pool)))


@st.composite
def intervals(draw: st.DrawFn, pool: Sequence[date]) -> UncertainDate:
    """A day, now and then a few days or a month."""
    day = draw(st.sampled_from(pool))
    form = draw(st.sampled_from(["day", "day", "day", "interval", "interval", "month"]))
    if form == "month":
        return parse_edtf(f"{day:%Y-%m}")
    if form == "interval":
        return parse_edtf(f"{day}/{add_days(day, draw(st.integers(1, 3)))}")
    return exact(day)


Dates = Callable[[Sequence[date]], st.SearchStrategy[UncertainDate]]


@st.composite
def acts_of(
    draw: st.DrawFn, kinds: Sequence[Kind], parties: Sequence[str], dates: st.SearchStrategy[UncertainDate]
) -> Act:
    kind = draw(st.sampled_from(kinds))
    party = draw(st.sampled_from([None, *parties]))
    effective = draw(dates) if draw(st.integers(0, 7)) == 0 else None
    until = draw(dates) if kind is Kind.EXTENDED and draw(st.booleans()) else None
    return Act(0, kind, draw(dates), effective, until, party if until is None else None)


@st.composite
def instruments(draw: st.DrawFn, focus: Focus, dates: Dates) -> Instrument:
    parties = draw(st.sampled_from(focus.parties))
    begins = draw(st.sampled_from(focus.begins))
    stated = draw(terms(focus, begins))
    begin = add_days(FIRST, draw(st.sampled_from([0, 5, 9, 10, 11, 12, 30, 39, 40, 41])))
    when = dates(draw(days_that_matter(begin, stated or Terms())))
    acts = []
    if begins.value:
        kind = draw(st.sampled_from(begins.value))
        all_parties = parties if len(parties) > 1 and draw(st.booleans()) else [None]
        acts = [Act(0, kind, draw(dates((begin,))), party=party) for party in all_parties]
    acts += draw(st.lists(acts_of(focus.kinds, parties, when), min_size=1, max_size=focus.acts))
    if focus.aside:
        acts += draw(st.lists(acts_of(focus.aside, parties, when), max_size=1))
    treaty, many = InstrumentType.TREATY, InstrumentType.MULTILATERAL_INSTRUMENT
    type_ = draw(st.sampled_from([treaty] * 7 + [many]))
    numbered = (Act(n, a.kind, a.date, a.effective, a.until, a.party) for n, a in enumerate(acts[:7], 1))
    return Instrument(type_, draw(st.sampled_from(focus.bindingness)), parties, tuple(numbered), stated)


def telling_days(instrument: Instrument, timeline: Timeline) -> list[date]:
    """The days on which something may change by either reading, with their neighbours, and a thin grid between."""
    whens = [when for act in instrument.acts for when in (act.date, act.effective, act.until) if when is not None]
    stated = {day for when in whens for day in (when.earliest, when.latest) if day is not None}
    turns = {day for span in timeline.spans for day in (span.from_day, span.until_day)}
    turns |= {day for term in timeline.terms for day in (term.from_day, term.until_day)}
    set_terms = instrument.terms or Terms()
    months = {12, set_terms.notice_months or 0, set_terms.duration_months or 0}
    counted = {add_months(day, by) for day in stated for by in months}
    grid = {add_days(FIRST, by) for by in range(-5, 1200, 120)}
    soon = {day for day in turns if 2019 <= day.year <= 2023}
    return sorted({add_days(day, by) for day in stated | soon | counted for by in (-1, 0, 1)} | grid)


def choices(instrument: Instrument) -> int:
    number = 1
    for act in instrument.acts:
        number *= len(law_oracle.choices_of_act([act]))
    return number


def found_on(timeline: Timeline, day: date) -> tuple[tuple[AgreementStatus, ...], date | None, date | None, int]:
    """What the engine's timeline says of a day: the possible statuses, the two days of the term, the renewals."""
    (span,) = (span for span in timeline.spans if span.from_day <= day < span.until_day)
    terms = [term for term in timeline.terms if term.from_day <= day < term.until_day]
    if not terms:
        return span.possible, None, None, 0
    return span.possible, terms[0].ends_on, terms[0].notice_by, terms[0].renewals


def expected_on(instrument: Instrument, day: date) -> tuple[tuple[AgreementStatus, ...], date | None, date | None, int]:
    """What the oracle says of a day."""
    term = law_oracle.term_on_day(instrument, day)
    return law_oracle.possible(instrument, day), term.ends_on, term.notice_by, term.renewals


def assert_same(instrument: Instrument) -> None:
    """The engine and the oracle answer alike on every day that may tell them apart."""
    timeline = assess(instrument)
    days = telling_days(instrument, timeline)
    for day in days:
        assert found_on(timeline, day) == expected_on(instrument, day), day
    day = days[len(days) // 2]
    found = status_on(instrument, day)
    assert (found.possible, found.ends_on, found.notice_by, found.renewals) == expected_on(instrument, day), day
    assert found.status is law_oracle.status_on_day(instrument, day)


def undisputed(instrument: Instrument) -> bool:
    """Whether the domain page leaves one reading.

    It does not say which of two prolongations of one day comes first where one of them names its last day.
    """
    prolonging = [act for act in instrument.acts if act.kind in PROLONGING]
    days = [day for act in prolonging for day in law_oracle.days_of(law_oracle.when_of(act))]
    return not any(act.until for act in prolonging) or len(days) == len(set(days))


@pytest.mark.parametrize("focus", FOCUS)
def test_engine_and_oracle_agree_where_every_day_is_known(focus: str) -> None:
    @settings(LAW, max_examples=PRECISE)
    @given(instruments(FOCUS[focus], exact_days))
    def compare(instrument: Instrument) -> None:
        assume(undisputed(instrument))
        assert_same(instrument)

    compare()


@pytest.mark.parametrize("focus", FOCUS)
def test_engine_and_oracle_agree_where_days_are_imprecise(focus: str) -> None:
    @settings(LAW, max_examples=IMPRECISE)
    @given(instruments(FOCUS[focus], intervals))
    def compare(instrument: Instrument) -> None:
        assume(choices(instrument) <= MOST_CHOICES and undisputed(instrument))
        assert_same(instrument)

    compare()


A = ("UZ", "DE")
TACIT = Terms(ForceRule.ON_SIGNATURE, duration_months=60, renewal=Renewal.TACIT, renewal_months=12, notice_months=6)
CONSENT = Terms(ForceRule.ON_LAST_CONSENT, "P30D")
FIVE_YEARS = Terms(duration_months=60)
RATIFIED = "RATIFICATION UZ 2011-05-01; RATIFICATION DE"
#: The worked cases of the domain page: acts, terms, day, possible statuses.
WORKED = [
    ("SIGNATURE - 2024", None, "2023-12-31", "NONE"),
    ("SIGNATURE - 2024", None, "2024-06-01", "NONE SIGNED"),
    ("SIGNATURE - 2024", None, "2025-01-01", "SIGNED"),
    ("ENTRY_INTO_FORCE - ../2026-01-20", None, "2010-01-01", "NONE IN_FORCE"),
    ("ENTRY_INTO_FORCE - ../2026-01-20", None, "2026-01-20", "IN_FORCE"),
    ("SIGNATURE - 2020-01-15", TACIT, "2025-01-15", "IN_FORCE"),
    ("SIGNATURE - 2020-01-15; NOTICE_RECEIVED - 2024-06-30", TACIT, "2024-07-01", "DENUNCIATION_PENDING"),
    ("SIGNATURE - 2020-01-15; NOTICE_RECEIVED - 2024-06-30", TACIT, "2025-01-14", "DENUNCIATION_PENDING"),
    ("SIGNATURE - 2020-01-15; NOTICE_RECEIVED - 2024-06-30", TACIT, "2025-01-15", "EXPIRED"),
    ("SIGNATURE - 2020-01-15; NOTICE_RECEIVED - 2024-08-01", TACIT, "2025-06-01", "DENUNCIATION_PENDING"),
    ("SIGNATURE - 2020-01-15; NOTICE_RECEIVED - 2024-08-01", TACIT, "2026-01-15", "EXPIRED"),
    (f"SIGNATURE - 2011-03-01; {RATIFIED} 2011-09-10", CONSENT, "2011-06-01", "PARTLY_CONSENTED"),
    (f"SIGNATURE - 2011-03-01; {RATIFIED} 2011-09-10", CONSENT, "2011-10-10", "IN_FORCE"),
    ("ENTRY_INTO_FORCE - 2001-01-01; NOTICE_RECEIVED - 2019-02-10", None, "2019-06-01", "DENUNCIATION_PENDING"),
    ("ENTRY_INTO_FORCE - 2001-01-01; NOTICE_RECEIVED - 2019-02-10", None, "2020-02-10", "TERMINATED"),
    (f"SIGNATURE - 2011-03-01; {RATIFIED} 2011-09", None, "2011-09-20", "PARTLY_CONSENTED IN_FORCE"),
    ("ENTRY_INTO_FORCE - 2020", FIVE_YEARS, "2025-06-01", "IN_FORCE EXPIRED"),
    (
        "ENTRY_INTO_FORCE - 2020-03-01; ENTRY_INTO_FORCE - 2020-04-01; SIGNATURE - 2019-12-01",
        None,
        "2020-03-15",
        "SIGNED IN_FORCE",
    ),
    ("NEGOTIATIONS_OPENED - 2010-01-01; NEGOTIATIONS_ABANDONED - 2012-01-01", None, "2013-01-01", "ABANDONED"),
    (
        "NEGOTIATIONS_OPENED - 2010-01-01; NEGOTIATIONS_ABANDONED - 2012-01-01; DISCUSSIONS_HELD - 2020-01-01",
        None,
        "2020-01-01",
        "UNDER_DISCUSSION",
    ),
    ("ENTRY_INTO_FORCE - 1967-03-01; SIGNATURE - 1967-03-06", None, "1967-03-03", "IN_FORCE"),
]


def told(words: str, stated: Terms | None, bindingness: Bindingness = Bindingness.BINDING) -> Instrument:
    """A treaty of two parties from words such as “RATIFICATION DE 2011-09”; a dash is an act of all."""
    acts = (act.split() for act in words.split("; "))
    made = (
        Act(number, Kind[kind], parse_edtf(when), party=None if party == "-" else party)
        for number, (kind, party, when) in enumerate(acts, 1)
    )
    return Instrument(InstrumentType.TREATY, bindingness, A, tuple(made), stated)


@pytest.mark.parametrize(("words", "stated", "day", "expected"), WORKED)
def test_oracle_and_engine_answer_the_worked_cases(words: str, stated: Terms | None, day: str, expected: str) -> None:
    instrument, on = told(words, stated), date.fromisoformat(day)
    every = law_oracle.closed(instrument, date(2009, 12, 1), date(2030, 1, 1))
    assert law_oracle.possible(every, on) == tuple(AgreementStatus[status] for status in expected.split())
    assert status_on(instrument, on).possible == law_oracle.possible(every, on)


def test_oracle_gives_the_days_of_the_worked_tacit_term() -> None:
    instrument = told("SIGNATURE - 2020-01-15", TACIT)
    term = law_oracle.term_on_day(instrument, date(2025, 1, 15))
    assert term == law_oracle.Running(date(2026, 1, 14), date(2025, 7, 14), 1)


def test_oracle_never_says_in_force_of_a_declaration_that_does_not_bind() -> None:
    instrument = told("SIGNATURE - 2022-04-04", None, Bindingness.NOT_BINDING)
    assert law_oracle.possible(instrument, date(2023, 1, 1)) == (AgreementStatus.OPERATIVE,)


def test_oracle_knows_no_end_where_the_beginning_is_known_to_the_year() -> None:
    instrument = told("ENTRY_INTO_FORCE - 2020", FIVE_YEARS)
    assert law_oracle.term_on_day(instrument, date(2024, 6, 1)).ends_on is None


EXPRESS = Terms(duration_months=3, renewal=Renewal.EXPRESS)
#: Meetings of acts too rare to be left to chance.
RARE = {
    "signed on the day of turning away": ("NON_PARTY_INTENT UZ 2020-02-01; SIGNATURE UZ 2020-02-01", None),
    "signed by all after turning away": ("NON_PARTY_INTENT UZ 2020-02-01; SIGNATURE - 2020-02-02", None),
    "signed by the other after turning away": ("NON_PARTY_INTENT UZ 2020-02-01; SIGNATURE DE 2020-02-02", None),
    "signed by each after all turned away": (
        "NON_PARTY_INTENT - 2020-02-01; SIGNATURE UZ 2020-02-02; SIGNATURE DE 2020-02-05",
        None,
    ),
    "signed by one and ratified by the other after all turned away": (
        "NON_PARTY_INTENT - 2020-02-01; SIGNATURE UZ 2020-02-02; RATIFICATION DE 2020-02-03/2020-02-05",
        None,
    ),
    "consent of all before an entry on record": (
        "RATIFICATION UZ 2020-02-01; RATIFICATION DE 2020-03-01; ENTRY_INTO_FORCE - 2020-04-01/2020-04-03",
        None,
    ),
    "a term over by the text before an entry on record": (
        "SIGNATURE - 2020-01-31; ENTRY_INTO_FORCE - 2020-06-15",
        Terms(ForceRule.ON_SIGNATURE, duration_months=3),
    ),
    "a notice before an entry on record": (
        "SIGNATURE - 2020-01-31; NOTICE_RECEIVED DE 2020-03-01; ENTRY_INTO_FORCE - 2020-06-15",
        Terms(ForceRule.ON_SIGNATURE, duration_months=3, renewal=Renewal.TACIT, notice_months=1),
    ),
    "renewed twice by each": (
        "ENTRY_INTO_FORCE - 2020-01-31; RENEWED_EXPRESSLY UZ 2020-02-01; RENEWED_EXPRESSLY DE 2020-03-01; "
        "RENEWED_EXPRESSLY UZ 2020-06-01; RENEWED_EXPRESSLY DE 2020-07-31",
        EXPRESS,
    ),
    "renewed too late by the second": (
        "ENTRY_INTO_FORCE - 2020-01-31; RENEWED_EXPRESSLY UZ 2020-04-01; RENEWED_EXPRESSLY DE 2020-05-01",
        EXPRESS,
    ),
    "entry told by both, the earlier counts": (
        "ENTRY_INTO_FORCE UZ 2020-02-01; ENTRY_INTO_FORCE DE 2020-03-01",
        EXPRESS,
    ),
}


@pytest.mark.parametrize("meeting", RARE)
def test_engine_and_oracle_agree_where_acts_rarely_meet(meeting: str) -> None:
    words, stated = RARE[meeting]
    assert_same(told(words, stated))
