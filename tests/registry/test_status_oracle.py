"""The engine of the law against the law read a second time, over instruments made at random."""

from collections.abc import Sequence
from datetime import date
from itertools import count

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from registry.dates import UncertainDate, add_days, add_months, day_after, exact, parse_edtf
from registry.status import (
    Act,
    AgreementStatus,
    Bindingness,
    ForceRule,
    Instrument,
    InstrumentType,
    Renewal,
    Terms,
    assess,
    status_on,
)
from registry.status import LegalActKind as Kind
from tests.registry import law_oracle

FIRST = date(2020, 1, 20)
PRECISE, IMPRECISE = 220, 90  # instruments for each of the strategies below
MOST_CHOICES = 150
LAW = {
    "derandomize": True,
    "deadline": None,
    "database": None,
    "suppress_health_check": list(HealthCheck),
}

SIGNING = [Kind.SIGNATURE, Kind.SIGNATURE, Kind.EXCHANGE_OF_NOTES, Kind.SIGNATURE_AD_REFERENDUM]
CONSENTING = [*sorted(law_oracle.CONSENT), Kind.NOTE_RECEIVED, Kind.INSTRUMENTS_EXCHANGED]
NOTICING = [Kind.NOTICE_GIVEN, Kind.NOTICE_RECEIVED, Kind.NOTICE_RECEIVED, Kind.NOTICE_REVOKED, Kind.DENOUNCED]
PROLONGING = [Kind.EXTENDED, Kind.RENEWED_EXPRESSLY]
ENDING = [*sorted(law_oracle.END_ACTS), Kind.INVALIDATED, Kind.NOTICE_RECEIVED]
PAUSING = [Kind.SUSPENDED, Kind.RESUMED]
TALKING = [
    *sorted(law_oracle.NEGOTIATING),
    Kind.PROPOSED,
    Kind.DISCUSSIONS_HELD,
    Kind.INITIALLED,
    Kind.NEGOTIATIONS_ABANDONED,
    Kind.NEGOTIATIONS_ABANDONED,
    Kind.PUBLISHED,
]
PROVISIONAL = [
    Kind.NON_PARTY_INTENT,
    Kind.NON_PARTY_INTENT,
    Kind.PROVISIONAL_APPLICATION_START,
    Kind.PROVISIONAL_APPLICATION_END,
    Kind.INTERNAL_PROCEDURES_COMPLETED,
]
#: For each strategy: the acts it is about, and those it adds now and then.
FOCUS: dict[str, tuple[list[Kind], list[Kind]]] = {
    "anything": (list(Kind), []),
    "force": ([*SIGNING, *CONSENTING], [Kind.ENTRY_INTO_FORCE, Kind.INTERNAL_PROCEDURES_COMPLETED]),
    "notices": ([Kind.ENTRY_INTO_FORCE, *NOTICING], SIGNING),
    "prolongation": ([Kind.ENTRY_INTO_FORCE, *PROLONGING], [*ENDING, Kind.SIGNATURE]),
    "ends": (ENDING, [Kind.ENTRY_INTO_FORCE, *SIGNING, *PROLONGING]),
    "suspension": ([Kind.ENTRY_INTO_FORCE, *PAUSING], NOTICING),
    "before signature": (TALKING, SIGNING),
    "before force": (PROVISIONAL, [*SIGNING, *CONSENTING]),
}


def near(first: int, last: int) -> st.SearchStrategy[date]:
    return st.integers(first, last).map(lambda days: add_days(FIRST, days))


DAYS = near(0, 45) | near(0, 45) | near(0, 800)


@st.composite
def intervals(draw: st.DrawFn) -> UncertainDate:
    """A day, now and then a few days or a month."""
    day = draw(DAYS)
    form = draw(st.sampled_from(["day", "day", "interval", "month"]))
    if form == "month":
        return parse_edtf(f"{day:%Y-%m}")
    if form == "interval":
        return parse_edtf(f"{day}/{add_days(day, draw(st.integers(1, 5)))}")
    return exact(day)


@st.composite
def acts_of(draw: st.DrawFn, kinds: list[Kind], parties: Sequence[str], dates: st.SearchStrategy[UncertainDate]) -> Act:
    kind = draw(st.sampled_from(kinds))
    party = draw(st.sampled_from([None, *parties]))
    when = draw(dates)
    effective = until = None
    if draw(st.integers(0, 5)) == 0 and when.latest is not None:
        effective = exact(add_days(when.latest, draw(st.integers(0, 60))))
    if kind is Kind.EXTENDED and draw(st.booleans()) and when.latest is not None:
        until, party = exact(add_days(when.latest, draw(st.integers(0, 200)))), None
    return Act(0, kind, when, effective, until, party)


@st.composite
def terms(draw: st.DrawFn) -> Terms | None:
    if draw(st.integers(0, 5)) == 0:
        return None
    return Terms(
        draw(st.sampled_from(ForceRule)),
        draw(st.sampled_from([None, None, "P10D", "P1M", "P1M15D"])),
        draw(st.integers(0, 3)) == 0,
        draw(st.none() | st.integers(1, 24)),
        draw(st.sampled_from(Renewal)),
        draw(st.sampled_from([None, 1, 6, 12])),
        draw(st.sampled_from([None, 0, 1, 3, 6])),
    )


@st.composite
def instruments(draw: st.DrawFn, focus: str, dates: st.SearchStrategy[UncertainDate]) -> Instrument:
    main, aside = FOCUS[focus]
    parties = draw(st.sampled_from([("UZ", "DE")] * 5 + [("UZ",), (), ("UZ", "DE", "PL"), ("UZ", "DE", "PL", "KR")]))
    kinds = st.lists(acts_of(main, parties, dates), min_size=1, max_size=5)
    acts = draw(kinds)
    if aside and len(acts) < 6:
        acts += draw(st.lists(acts_of(aside, parties, dates), max_size=min(2, 6 - len(acts))))
    type_ = draw(st.sampled_from([InstrumentType.TREATY] * 4 + [InstrumentType.MULTILATERAL_INSTRUMENT]))
    numbered = (Act(n, a.kind, a.date, a.effective, a.until, a.party) for n, a in enumerate(acts, 1))
    return Instrument(type_, draw(st.sampled_from(Bindingness)), parties, tuple(numbered), draw(terms()))


def telling_days(instrument: Instrument) -> list[date]:
    """The days on which something may change by either reading, with their neighbours, and a thin grid between."""
    stated = {
        day
        for act in instrument.acts
        for when in (act.date, act.effective, act.until)
        if when is not None
        for day in (when.earliest, when.latest)
        if day is not None
    }
    timeline = assess(instrument)
    turns = {
        day
        for span in (*timeline.spans, *timeline.terms)
        for day in (span.from_day, span.until_day)
        if day.year in range(2019, 2024)
    }
    set_terms = instrument.terms or Terms()
    months = {12, set_terms.notice_months or 0, set_terms.duration_months or 0}
    counted = {add_months(day, by) for day in stated for by in months}
    grid = {add_days(FIRST, by) for by in range(-5, 1200, 60)}
    near_by = {add_days(day, by) for day in stated | turns | counted for by in (-1, 0, 1)}
    return sorted(near_by | grid)


def choices(instrument: Instrument) -> int:
    number = 1
    for act in instrument.acts:
        number *= len(law_oracle.choices_of_act([act]))
    return number


def assert_same(instrument: Instrument, days: Sequence[date]) -> None:
    """The engine and the oracle answer alike on each of the days."""
    for day in days:
        found = status_on(instrument, day)
        term = law_oracle.term_on_day(instrument, day)
        assert (found.possible, found.ends_on, found.notice_by, found.renewals) == (
            law_oracle.possible(instrument, day),
            term.ends_on,
            term.notice_by,
            term.renewals,
        ), day


@pytest.mark.parametrize("focus", FOCUS)
def test_engine_and_oracle_agree_where_every_day_is_known(focus: str) -> None:
    @settings(max_examples=PRECISE, **LAW)
    @given(instruments(focus, DAYS.map(exact)))
    def compare(instrument: Instrument) -> None:
        assert_same(instrument, telling_days(instrument))

    compare()
