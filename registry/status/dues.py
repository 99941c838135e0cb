"""The terms of a world as spans of days, and what falls due under them."""

from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import chain, pairwise

from registry.codes import DeadlineKind
from registry.dates import FOREVER, day_after, day_before
from registry.status import messages
from registry.status.rules import Position
from registry.status.terms import Course, Running
from registry.status.values import HORIZON, Due, Message, TermSpan
from registry.status.worlds import NOTHING_RUNS, World, over_from, running, term_turns


@dataclass(frozen=True, slots=True)
class _Claim:
    """What the acts of a stretch of days say falls due: on one day of a kind once, but for each notice that bites.

    `notice` holds the acts of that notice. `failing_all` is said where worlds agree on the day, not on what it means.
    """

    kind: DeadlineKind
    day: date
    current_from: date
    explanation: tuple[Message, ...]
    notice: tuple[int, ...] = ()
    failing_all: tuple[Message, ...] = ()

    @property
    def key(self) -> "Key":
        """What makes a claim of another world the same."""
        return self.kind, self.day, self.notice

    def shared_with(self, other: "_Claim") -> "_Claim":
        """So much of it as both say."""
        if self == other:
            return self
        common = tuple(message for message in self.explanation if message in other.explanation)
        return replace(
            self,
            current_from=max(self.current_from, other.current_from),
            explanation=common or self.failing_all,
        )


Key = tuple[DeadlineKind, date, tuple[int, ...]]
Line = list[tuple[date, date, _Claim]]
Basis = tuple[object, ...]


def agreed_on(worlds: Sequence[World], day: date) -> Running:
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


def dues(worlds: Sequence[World]) -> tuple[Due, ...]:
    """What falls due on the same day in all worlds, up to the horizon, by the acts that have come on each legal day.

    Where worlds differ in what they say of it, so much is said as all do.
    """
    known: dict[Basis, list[_Claim]] = {}
    agreed = _lines(worlds[0], known, None)
    for world in worlds[1:]:
        lines = _lines(world, known, agreed)
        shared = ((key, _shared(line, lines[key])) for key, line in agreed.items() if key in lines)
        agreed = {key: line for key, line in shared if line}
    found = (
        Due(claim.kind, claim.day, start, until, claim.current_from, claim.explanation)
        for line in agreed.values()
        for start, until, claim in line
    )
    return tuple(sorted(found, key=lambda due: (due.day, due.kind, due.known_from)))


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


def _lines(world: World, known: dict[Basis, list[_Claim]], wanted: Container[Key] | None) -> dict[Key, Line]:
    """What falls due in a world, each with the stretches of days on which it is known to.

    `known` is what was found before; what is not `wanted` is left out, since no later world will want it.
    """
    lines: dict[Key, Line] = {}
    for start, until, basis, found in _stretches(world):
        if basis not in known:
            claims = chain(_term_claims(found), _notice_claims(found))
            known[basis] = [claim for claim in claims if wanted is None or claim.key in wanted]
        for claim in known[basis]:
            _add(lines.setdefault(claim.key, []), start, until, claim)
    return lines


def _stretches(world: World) -> list[tuple[date, date, Basis, Position]]:
    """The stretches of days of a world through which the same falls due."""
    found: list[tuple[date, date, Basis, Position]] = []
    for start, until, position in world.stretches():
        basis = _basis(position)
        if found and found[-1][2] == basis:
            found[-1] = (found[-1][0], until, basis, found[-1][3])
        else:
            found.append((start, until, basis, position))
    return found


def _basis(found: Position) -> Basis:
    """All that what falls due depends on."""
    course = found.course
    terms = (course.start, course.last, tuple(course.prolonged)) if course else None
    notices = tuple((notice.event.deed.ids, notice.event.day, notice.bites) for notice in found.notices)
    return terms, over_from(found), notices


def _add(line: Line, start: date, until: date, claim: _Claim) -> None:
    """Add a stretch, or lengthen the last one where nothing changes."""
    if line and line[-1][1] == start and line[-1][2] == claim:
        line[-1] = (line[-1][0], until, claim)
    else:
        line.append((start, until, claim))


def _shared(line: Line, other: Line) -> Line:
    """What two lines say alike, on the days on which both say it."""
    found: Line = []
    for start, until, claim in line:
        for other_start, other_until, same in other:
            first, end = max(start, other_start), min(until, other_until)
            if first < end:
                _add(found, first, end, claim.shared_with(same))
    return found


def _term_claims(found: Position) -> Iterator[_Claim]:
    course = found.course
    if course is None:
        return
    over = over_from(found)
    for first, end, notice in _terms(course, min(over, day_after(HORIZON))):
        last_day = day_before(end)
        if last_day >= over or last_day > HORIZON:
            return
        said = [messages.term_due(last_day)]
        if notice is not None:
            listed_from, notice_by = notice
            renewed = messages.renewed_unless_notice(course.case.step, notice_by)
            said.append(renewed)
            warning = (messages.notice_due(notice_by, end),)
            yield _Claim(DeadlineKind.NOTICE_BEFORE_RENEWAL, notice_by, listed_from, warning, failing_all=(renewed,))
        elif course.end == end:
            said.append(messages.ends_unless_prolonged() if course.last is None else messages.not_renewed())
        yield _Claim(DeadlineKind.TERM_END, last_day, first, tuple(said))


def _terms(course: Course, until: date) -> Iterator[tuple[date, date, tuple[date, date] | None]]:
    """Each term that begins before `until`: its first day, the first day after it, and for notice two days.

    These are the first on which it is the notice to be thought of, and the last on which it is in time.
    """
    if not course.case.is_tacit:
        yield course.start, course.prolonged[-1][1] if course.prolonged else course.term_end(0), None
        return
    number, first = 0, course.start
    while first < until and (course.last is None or number <= course.last):
        end = course.term_end(number)
        yield first, end, _notice_days(course, number, first) if number != course.last else None
        number, first = number + 1, end


def _notice_days(course: Course, number: int, first: date) -> tuple[date, date]:
    """From when the notice against a renewal is told, and when it is due.

    It is told while the term runs that it makes the last; where the notice is so long that it is due before that term
    begins, it follows the notice for the term before.
    """
    due = course.notice_by(number)
    return (first if first <= due else day_after(course.notice_by(number - 1))), due


def _notice_claims(found: Position) -> Iterator[_Claim]:
    over = over_from(found)
    for notice in found.notices:
        event = notice.event
        if notice.bites <= min(over, HORIZON):
            when = messages.day_of(event.day) if event.deed.is_day_known else ["edtf", event.deed.told[0]]
            said = (messages.notice_given(event.deed.kind, when), messages.takes_effect(notice.bites))
            yield _Claim(DeadlineKind.DENUNCIATION_TAKES_EFFECT, notice.bites, event.day, said, event.deed.ids)
