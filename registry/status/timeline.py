"""Status, reasons, terms and deadlines of an instrument through all days, and on one of them."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from itertools import pairwise

from registry.dates import BEGINNING, FOREVER
from registry.status.bounds import bounds_of, force_bounds
from registry.status.choices import Choices
from registry.status.doubt import reason_in_doubt
from registry.status.dues import agreed_on, dues, term_spans
from registry.status.kinds import AgreementStatus
from registry.status.reasons import reason
from registry.status.record import Case, Event, case_of
from registry.status.sweep import breakpoints
from registry.status.values import Assessment, Instrument, Possible, Reason, ReasonSpan, Span, Timeline
from registry.status.worlds import World

_ORDER = {status: place for place, status in enumerate(AgreementStatus)}
#: Of an imprecise record, terms and what falls due are compared in so many worlds at most.
_WORLDS_COMPARED = 120


def assess(instrument: Instrument) -> Timeline:
    """Everything that follows from the acts and terms of an instrument, for all days.

    Acts on days that are not exactly known are taken to have happened on each of those days in turn: a span tells every
    status that some choice of days gives. Raises BadInput where the delay of force is no ISO 8601 duration.
    """
    case = case_of(instrument)
    if all(deed.is_precise for deed in case.deeds):
        return _of_one(_only_world(case))
    return _of_many(Choices(case))


def status_on(instrument: Instrument, day: date) -> Assessment:
    """What holds on one day: the same as `assess` tells for it, for terms also beyond the horizon."""
    case = case_of(instrument)
    if all(deed.is_precise for deed in case.deeds):
        world = _only_world(case)
        verdict = world.verdict_on(day)
        run = world.running_on(day)
        why = reason(world.position_on(day), day, verdict)
        return Assessment(verdict.status, (verdict.status,), why, run.ends_on, run.notice_by, run.renewals)
    choices = Choices(case)
    timeline = _of_many(choices)
    span = next(span for span in timeline.spans if span.from_day <= day and (day < span.until_day or day == FOREVER))
    why = next(s.reason for s in timeline.reasons if s.from_day <= day and (day < s.until_day or day == FOREVER))
    run = agreed_on(_worlds_compared(choices, timeline.spans), day)
    return Assessment(span.status, span.possible, why, run.ends_on, run.notice_by, run.renewals)


def _only_world(case: Case) -> World:
    """The world of a precise record."""
    return World(
        case,
        (
            Event(deed, deed.windows[0][0], deed.bites and deed.bites[0], deed.until and deed.until[0])
            for deed in case.deeds
        ),
    )


def _of_one(world: World) -> Timeline:
    days = set(world.turns())
    spans: list[Span] = []
    for start, until in pairwise([*sorted(days), FOREVER]):
        status = world.verdict_on(start).status
        _add_span(spans, Span(start, until, status, (status,)))
    for start, until, found in world.stretches():
        if found.course and start < found.course.term_end(0) < until:
            days.add(found.course.term_end(0))
    why = ((day, reason(world.position_on(day), day, world.verdict_on(day))) for day in sorted(days))
    signed, force = world.signed, world.force
    return Timeline(
        tuple(spans),
        _reason_spans(why),
        term_spans([world]),
        dues([world]),
        Possible(signed, signed) if signed else None,
        Possible(force, force) if force else None,
    )


def _of_many(choices: Choices) -> Timeline:
    spans: list[Span] = []
    for start, until in pairwise([*breakpoints(choices), FOREVER]):
        possible = tuple(sorted(choices.possible_on(start), key=_ORDER.__getitem__))
        _add_span(spans, Span(start, until, possible[0] if len(possible) == 1 else AgreementStatus.UNKNOWN, possible))
    worlds = _worlds_compared(choices, spans)
    return Timeline(
        tuple(spans),
        _reason_spans(_reasons(choices, spans)),
        term_spans(worlds),
        dues(worlds),
        bounds_of(world.signed for world in worlds),
        force_bounds(choices),
    )


def _add_span(spans: list[Span], span: Span) -> None:
    """Add a span, or lengthen the last one where nothing changes."""
    last = spans[-1] if spans else None
    if last and last.possible == span.possible:
        spans[-1] = Span(last.from_day, span.until_day, last.status, last.possible)
    else:
        spans.append(span)


def _reason_spans(reasons: Iterable[tuple[date, Reason]]) -> tuple[ReasonSpan, ...]:
    """The stretches of days with one reason, from the days on which it may change."""
    found: list[tuple[date, Reason]] = []
    for day, why in reasons:
        if not found or found[-1][1] != why:
            found.append((day, why))
    ends = [*(day for day, _ in found[1:]), FOREVER]
    return tuple(ReasonSpan(day, end, why) for (day, why), end in zip(found, ends, strict=True))


def _reason_days(choices: Choices, spans: Sequence[Span]) -> list[date]:
    return sorted({span.from_day for span in spans} | {d for d in choices.turning_days if BEGINNING < d < FOREVER})


def _reasons(choices: Choices, spans: Sequence[Span]) -> Iterator[tuple[date, Reason]]:
    known: dict[object, Reason] = {}
    for day in _reason_days(choices, spans):
        possible = choices.possible_on(day)
        if len(possible) > 1 or day in choices.capped:
            yield day, reason_in_doubt(choices, day, sorted(possible, key=_ORDER.__getitem__), known)
        else:
            world = choices.world(next(iter(possible.values())))
            yield day, reason(world.position_on(day), day, world.verdict_on(day))


def _worlds_compared(choices: Choices, spans: Sequence[Span]) -> list[World]:
    """Worlds whose terms differ as much as they may: the corners, and those that show what is possible."""
    tried = [
        *choices.corners,
        *(choice for span in spans for choice in choices.possible_on(span.from_day).values()),
    ]
    return [choices.bare_world(choice) for choice in list(dict.fromkeys(tried))[:_WORLDS_COMPARED]]
