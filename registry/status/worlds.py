"""One world: every act on record has its day. Its statuses and terms, as lines through all days."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from datetime import date
from itertools import pairwise

from registry.dates import BEGINNING, FOREVER, day_before
from registry.status.held import Held
from registry.status.kinds import AgreementStatus, Renewal
from registry.status.record import FORESEEN, SIGNATURES, Case, Event
from registry.status.rules import Position, Verdict, position
from registry.status.terms import Running

#: What a world says where no act is on record at all.
NO_ACT = Verdict("NO_ACT", AgreementStatus.REPORTED)
#: What an instrument may be on the day on which it enters into force, or becomes operative.
ENTERED = frozenset(
    AgreementStatus[name] for name in ("IN_FORCE", "SUSPENDED", "DENUNCIATION_PENDING", "OPERATIVE", "PAUSED")
)
NOTHING_RUNS = Running(None, None, 0)


class World:
    """A choice of one day for each act, and what follows from it on any day."""

    __slots__ = ("_positions", "case", "days", "events", "foreseen")

    def __init__(self, case: Case, events: Iterable[Event]) -> None:
        self.case = case
        self.events = sorted(events, key=lambda event: event.day)
        self.days = [event.day for event in self.events]
        self.foreseen = [event for event in self.events if event.deed.kind in FORESEEN]
        self._positions: dict[int, Position] = {}

    def position_on(self, day: date) -> Position:
        """What the acts that hold on `day` imply."""
        return self._position(bisect_right(self.days, day))

    def verdict_on(self, day: date) -> Verdict:
        """The rule that decides on `day`."""
        return self.position_on(day).verdict(day) if self.events else NO_ACT

    def running_on(self, day: date) -> Running:
        """The term that runs on `day`, and the renewals made by then."""
        return running(self.position_on(day), day)

    @property
    def final(self) -> Position:
        """What all acts together imply."""
        return self._position(len(self.events))

    def turns(self) -> list[date]:
        """All days on which the deciding rule may change, beginning with the first day of the calendar."""
        days = {BEGINNING}
        for start, until, found in self.stretches():
            days.add(start)
            days.update(day for day in found.turns() if start < day < until)
        return sorted(days)

    def stretches(self) -> Iterator[tuple[date, date, Position]]:
        """The stretches of days between the acts, each with what the acts held by then imply."""
        days = [*dict.fromkeys(self.days), FOREVER]
        for start, until in pairwise(days):
            if start < until:
                yield start, until, self._position(bisect_right(self.days, start))

    @property
    def signed(self) -> date | None:
        """The day on which all had signed; None where they have not."""
        held = Held(self.case, self.events, self.foreseen)
        events = held.of_all(SIGNATURES)
        return events[-1].day if events else None

    @property
    def force(self) -> date | None:
        """The day on which it entered into force or became operative; None where it never did.

        So it is where an end or invalidity had come by then.
        """
        force = self.final.force
        return force.day if force and self.verdict_on(force.day).status in ENTERED else None

    def _position(self, count: int) -> Position:
        found = self._positions.get(count)
        if found is None:
            found = self._positions[count] = position(self.case, self.events[:count], self.foreseen)
        return found


def running(found: Position, day: date) -> Running:
    """The term that runs on `day` under these acts; after the end none runs, and the renewals made stay."""
    course = found.course
    if course is None:
        return NOTHING_RUNS
    over = over_from(found)
    if day < over:
        return course.on(day)
    return Running(None, None, course.on(day_before(over)).renewals)


def over_from(found: Position) -> date:
    """The first day without the instrument under these acts."""
    end = found.end.day if found.end else FOREVER
    return min(end, found.invalid.day) if found.invalid else end


def term_turns(found: Position, start: date, until: date) -> Iterator[date]:
    """The days from `start` to before `until` on which what runs may change."""
    yield start
    course = found.course
    if course is None:
        return
    until = min(until, over_from(found))
    if start < course.start < until:
        yield course.start
    if course.case.terms.renewal is not Renewal.TACIT:
        days = [course.term_end(0), *(end for _, end in course.prolonged)]
        yield from sorted(day for day in days if start < day < until)
    else:
        number = course.number_on(max(start, course.start))
        while (day := course.term_end(number)) < until and (course.last is None or number <= course.last):
            yield day
            number += 1
    if start < over_from(found) <= until:
        yield over_from(found)
