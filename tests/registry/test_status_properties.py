"""What holds of the status of every instrument, whatever its acts and terms."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise, product
from random import Random

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from registry.dates import BEGINNING, FOREVER, UncertainDate
from registry.status import (
    Act,
    AgreementStatus,
    Bindingness,
    ForceRule,
    Instrument,
    InstrumentType,
    LegalActKind,
    ReasonSpan,
    Renewal,
    Span,
    Terms,
    Timeline,
    assess,
    status_on,
)
from registry.status.conceivable import conceivable
from registry.status.record import FORESEEN, ONCE, Deed, Event, Window, case_of
from registry.status.worlds import World

FIRST = date(2024, 1, 20)
AHEAD = 130
KINDS = [kind for kind in LegalActKind if kind.value not in ("REGISTERED", "AMENDED", "RESERVATION", "DECLARATION")]
#: Few kinds, so that acts often meet their counterparts.
MEETING = [
    LegalActKind[kind]
    for kind in (
        "SIGNATURE",
        "RATIFICATION",
        "ENTRY_INTO_FORCE",
        "NOTICE_GIVEN",
        "NOTICE_RECEIVED",
        "NOTICE_REVOKED",
        "DENOUNCED",
        "EXTENDED",
        "SUSPENDED",
        "RESUMED",
        "REPLACED",
    )
]
LAWS = settings(
    derandomize=True,
    deadline=None,
    max_examples=120,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
FEW = settings(LAWS, max_examples=50)


@st.composite
def dates(draw: st.DrawFn, widest: int = 8) -> UncertainDate:
    """A day, or a few days on one of which it was."""
    low = FIRST + timedelta(draw(st.integers(0, AHEAD)))
    high = low + timedelta(draw(st.sampled_from([0, 0, widest // 2, widest])))
    return UncertainDate(f"{low}/{high}", low, high)


@st.composite
def acts(draw: st.DrawFn, number: int, widest: int = 8) -> Act:
    """An act of any kind, now and then with an effective day or a last day."""
    kind = draw(st.sampled_from(draw(st.sampled_from([KINDS, MEETING]))))
    stated = draw(dates(widest)) if draw(st.integers(0, 3)) == 0 else None
    until = draw(dates(widest)) if kind is LegalActKind.EXTENDED and draw(st.booleans()) else None
    return Act(number, kind, draw(dates(widest)), stated, until, draw(st.sampled_from([None, None, "UZ", "DE"])))


@st.composite
def instruments(draw: st.DrawFn, most: int = 5, widest: int = 8) -> Instrument:
    """An instrument with lengths of a month or two, so that its terms end within sight."""
    begun = Act(1, draw(st.sampled_from([LegalActKind.SIGNATURE, LegalActKind.ENTRY_INTO_FORCE])), draw(dates(widest)))
    others = [draw(acts(number + 2, widest)) for number in range(draw(st.integers(0, most - 1)))]
    months = st.sampled_from([None, 1, 2])
    terms = Terms(
        force_rule=draw(st.sampled_from([ForceRule.ON_SIGNATURE, *ForceRule])),
        force_delay=draw(st.sampled_from([None, "P5D", "P1M"])),
        force_on_first_of_month=draw(st.booleans()),
        duration_months=draw(months),
        renewal=draw(st.sampled_from([Renewal.TACIT, *Renewal])),
        renewal_months=draw(months),
        notice_months=draw(st.sampled_from([None, 0, 1])),
    )
    parties = draw(st.sampled_from([("UZ", "DE"), ("UZ", "DE"), ("UZ", "DE", "KZ"), ("UZ",)]))
    bindingness = draw(st.sampled_from([Bindingness.BINDING, *Bindingness]))
    return Instrument(InstrumentType.TREATY, bindingness, parties, (begun, *others), terms)


def sample(timeline: Timeline) -> list[date]:
    """Days round every day on which something changes."""
    turns = {span.from_day for span in timeline.spans} | {why.from_day for why in timeline.reasons}
    turns |= {term.from_day for term in timeline.terms[:20]}
    near = {turn + timedelta(days) for turn in turns if turn > BEGINNING for days in (-1, 0, 1)}
    return sorted({BEGINNING, FIRST, *near})


def at(timeline: Timeline, day: date) -> Span:
    """The span of a day."""
    return timeline.spans[bisect_right([span.from_day for span in timeline.spans], day) - 1]


@LAWS
@given(instruments())
def test_spans_partition_all_days_and_neighbours_differ(made: Instrument) -> None:
    timeline = assess(made)
    lines: tuple[Sequence[Span | ReasonSpan], ...] = (timeline.spans, timeline.reasons)
    for spans in lines:
        assert spans[0].from_day == BEGINNING
        assert spans[-1].until_day == FOREVER
        assert all(span.from_day < span.until_day for span in spans)
        assert all(span.until_day == later.from_day for span, later in pairwise(spans))
    assert all(span.possible != later.possible for span, later in pairwise(timeline.spans))
    assert all(span.reason != later.reason for span, later in pairwise(timeline.reasons))


@LAWS
@given(instruments())
def test_the_status_is_unknown_exactly_where_more_than_one_is_possible(made: Instrument) -> None:
    order = list(AgreementStatus)
    for span in assess(made).spans:
        assert span.possible
        assert AgreementStatus.UNKNOWN not in span.possible
        assert list(span.possible) == sorted(set(span.possible), key=order.index)
        assert span.status is (span.possible[0] if len(span.possible) == 1 else AgreementStatus.UNKNOWN)


@LAWS
@given(instruments(), st.data())
def test_an_act_that_has_not_come_changes_nothing(made: Instrument, data: st.DataObject) -> None:
    late = data.draw(acts(99))
    told = {(act.kind, act.party) for act in made.acts if act.kind in ONCE}
    if late.kind in FORESEEN or (late.kind, late.party) in told:
        return
    before, after = assess(made), assess(replace(made, acts=(*made.acts, late)))
    is_notice = late.kind in (LegalActKind.NOTICE_GIVEN, LegalActKind.DENOUNCED)
    comes = late.date if is_notice or late.effective is None else late.effective
    assert comes.earliest is not None
    for day in (day for day in sample(after) if day < comes.earliest):
        assert at(after, day).possible == at(before, day).possible


@LAWS
@given(instruments(), st.data())
def test_an_undecided_act_made_precise_leaves_a_part_of_what_was_possible(
    made: Instrument, data: st.DataObject
) -> None:
    number = data.draw(st.integers(0, len(made.acts) - 1))
    act = made.acts[number]
    told = [other for other in made.acts if (other.kind, other.party) == (act.kind, act.party)]
    if act.kind in ONCE and len(told) > 1:
        return
    assert act.date.earliest is not None
    assert act.date.latest is not None
    days = data.draw(st.integers(0, (act.date.latest - act.date.earliest).days))
    chosen = act.date.earliest + timedelta(days)
    precise = replace(act, date=UncertainDate(chosen.isoformat(), chosen, chosen))
    former = assess(made)
    latter = assess(replace(made, acts=(*made.acts[:number], precise, *made.acts[number + 1 :])))
    for day in sample(latter):
        assert set(at(latter, day).possible) <= set(at(former, day).possible)


@LAWS
@given(instruments(), st.randoms(use_true_random=False))
def test_the_order_of_acts_never_matters(made: Instrument, chance: Random) -> None:
    mixed = list(made.acts)
    chance.shuffle(mixed)
    assert assess(replace(made, acts=tuple(mixed))) == assess(made)


@FEW
@given(instruments())
def test_status_on_a_day_is_what_the_timeline_tells(made: Instrument) -> None:
    timeline = assess(made)
    for day in sample(timeline):
        found, span = status_on(made, day), at(timeline, day)
        (why,) = [one.reason for one in timeline.reasons if one.from_day <= day < one.until_day]
        terms = [
            (one.ends_on, one.notice_by, one.renewals) for one in timeline.terms if one.from_day <= day < one.until_day
        ]
        assert (found.status, found.possible, found.reason) == (span.status, span.possible, why)
        assert (found.ends_on, found.notice_by, found.renewals) == (terms[0] if terms else (None, None, 0))


@LAWS
@given(instruments())
def test_days_that_are_told_lie_where_they_must(made: Instrument) -> None:
    timeline = assess(made)
    for term in timeline.terms:
        assert term.from_day < term.until_day
        assert term.ends_on is None or term.ends_on >= term.from_day
        assert term.renewals >= 0
    for due in timeline.deadlines:
        assert due.explanation
    for bounds in (timeline.signed, timeline.force):
        assert bounds is None or bounds.earliest <= bounds.latest


@LAWS
@given(instruments())
def test_what_is_told_without_trying_every_choice_rules_out_nothing_possible(made: Instrument) -> None:
    case = case_of(made)
    for span in assess(made).spans:
        assert set(span.possible) <= conceivable(case, span.from_day)


# Every choice of days, tried one by one


def days_of(windows: tuple[Window, ...]) -> Iterator[date]:
    for low, high in windows:
        yield from (low + timedelta(days) for days in range((high - low).days + 1))


def events_of(deed: Deed) -> list[Event]:
    bites = list(days_of((deed.bites,))) if deed.bites else [None]
    untils = list(days_of((deed.until,))) if deed.until else [None]
    return [Event(deed, *chosen) for chosen in product(days_of(deed.windows), bites, untils)]


@FEW
@given(instruments(most=4, widest=4))
def test_what_is_possible_is_what_some_choice_of_days_gives_and_nothing_else(made: Instrument) -> None:
    case = case_of(made)
    choices = [events_of(deed) for deed in case.deeds]
    size = 1
    for events in choices:
        size *= len(events)
    if size > 150:
        return
    worlds = [World(case, events) for events in product(*choices)]
    timeline = assess(made)
    for day in [FIRST + timedelta(days) for days in range(-1, 260)]:
        expected = {world.verdict_on(day).status for world in worlds}
        assert set(at(timeline, day).possible) == expected
