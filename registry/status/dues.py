"""The terms of a world as spans of days, and what falls due under them."""

from collections.abc import Iterator, Sequence
from datetime import date
from itertools import pairwise

from registry.codes import DeadlineKind
from registry.dates import FOREVER, day_after, day_before
from registry.status import messages
from registry.status.kinds import Renewal
from registry.status.terms import Course, Running
from registry.status.values import HORIZON, Due, TermSpan
from registry.status.worlds import NOTHING_RUNS, World, over_from, running, term_turns


def common(worlds: Sequence[World], day: date) -> Running:
    """What all worlds agree runs on `day`; of the renewals so many as all have made."""
    return _agreed([world.running_on(day) for world in worlds])


def term_spans(worlds: Sequence[World]) -> tuple[TermSpan, ...]:
    """The stretches of days, up to the horizon, with the term that runs in all worlds or the renewals made in all."""
    start = max((_first_day(world) for world in worlds), default=FOREVER)
    lines = [_line(world, start) for world in worlds]
    days = sorted({day for line in lines for day, _ in line})
    places = [0] * len(lines)
    spans: list[TermSpan] = []
    for day, until in pairwise([*days, FOREVER]):
        for number, line in enumerate(lines):
            while places[number] + 1 < len(line) and line[places[number] + 1][0] <= day:
                places[number] += 1
        run = _agreed([line[place][1] for line, place in zip(lines, places, strict=True)])
        last = spans[-1] if spans else None
        if last and last.until_day == day and Running(last.ends_on, last.notice_by, last.renewals) == run:
            spans[-1] = TermSpan(last.from_day, until, run.ends_on, run.notice_by, run.renewals)
        elif run != NOTHING_RUNS:
            spans.append(TermSpan(day, until, run.ends_on, run.notice_by, run.renewals))
    return tuple(spans)


def dues(world: World) -> list[Due]:
    """What falls due under all acts of a world together, up to the horizon."""
    found = [*_term_dues(world), *_notice_dues(world)]
    return sorted(found, key=lambda due: (due.day, due.kind))


def _agreed(runs: Sequence[Running]) -> Running:
    first = runs[0]
    if len(runs) == 1 or all(run == first for run in runs):
        return first
    ends = {run.ends_on for run in runs}
    bys = {run.notice_by for run in runs}
    return Running(
        ends.pop() if len(ends) == 1 else None, bys.pop() if len(bys) == 1 else None, min(run.renewals for run in runs)
    )


def _first_day(world: World) -> date:
    """The first day on which a term runs or a renewal has been made."""
    for start, until, found in world.stretches():
        if found.course is None:
            continue
        if found.course.prolonged or found.course.start <= start:
            return start
        if found.course.start < until:
            return found.course.start
    return FOREVER


def _line(world: World, first: date) -> list[tuple[date, Running]]:
    """What runs from the day `first` on, by the days on which it changes."""
    line: list[tuple[date, Running]] = []
    for start, until, found in world.stretches():
        if until <= first:
            continue
        for day in term_turns(found, max(start, first), until):
            if day > HORIZON:
                return [*line, (day, NOTHING_RUNS)]
            run = running(found, day)
            if not line or line[-1][1] != run:
                line.append((day, run))
    return line or [(first, NOTHING_RUNS)]


def _term_dues(world: World) -> Iterator[Due]:
    course = world.final.course
    if course is None:
        return
    over = over_from(world.final)
    known = _known(world, course)
    for first, end, notice_by in _terms(course, min(over, day_after(HORIZON))):
        last_day = day_before(end)
        if last_day >= over or last_day > HORIZON:
            return
        said = [messages.term_due(last_day)]
        known_from = next((start for start, until in known if last_day < until), known[-1][0])
        if notice_by is not None:
            said.append(messages.renewed_unless_notice(course.case.step, notice_by))
            warning = (messages.notice_due(notice_by, end),)
            yield Due(DeadlineKind.NOTICE_BEFORE_RENEWAL, notice_by, known_from, first, warning)
        elif course.end == end:
            said.append(messages.ends_unless_prolonged() if course.last is None else messages.not_renewed())
        yield Due(DeadlineKind.TERM_END, last_day, known_from, first, tuple(said))


def _known(world: World, course: Course) -> list[tuple[date, date]]:
    """The latest stretches with the same course, earliest first, each with the first day without the instrument.

    A stretch counts only as far back as no later one ends sooner, so that what falls due is known from there on.
    """
    found: list[tuple[date, date]] = []
    over = FOREVER
    for start, _, position in reversed(list(world.stretches())):
        other = position.course
        if other is None or (other.start, other.prolonged) != (course.start, course.prolonged):
            break
        over = min(over, over_from(position))
        found.append((start, over))
    return found[::-1]


def _terms(course: Course, until: date) -> Iterator[tuple[date, date, date | None]]:
    """Each term that begins before `until`: its first day, the first day after it, the last day to stop its renewal."""
    terms = course.case.terms
    if terms.renewal is not Renewal.TACIT:
        end = course.prolonged[-1][1] if course.prolonged else course.term_end(0)
        yield course.prolonged[-1][0] if course.prolonged else course.start, end, None
        return
    number, first = 0, course.start
    while first < until and (course.last is None or number <= course.last):
        end = course.term_end(number)
        yield first, end, course.notice_by(number) if number != course.last else None
        number, first = number + 1, end


def _notice_dues(world: World) -> Iterator[Due]:
    found = world.final
    over = over_from(found)
    for notice in found.notices:
        event = notice.event
        if notice.bites <= min(over, HORIZON):
            when = messages.day_of(event.day)
            said = (messages.notice_given(event.deed.kind, when), messages.takes_effect(notice.bites))
            yield Due(DeadlineKind.DENUNCIATION_TAKES_EFFECT, notice.bites, event.day, event.day, said)
