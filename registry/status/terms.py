"""The terms of an instrument in force: first term, renewals, the end, counted in months from the force day."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from registry.dates import FOREVER, add_months, day_after, day_before
from registry.status.kinds import Renewal
from registry.status.record import Case, Event

#: Terms are counted from few days, over and over again.
_add_months = lru_cache(maxsize=8192)(add_months)


@dataclass(frozen=True, slots=True)
class Prolongation:
    """The parties prolonged, on a day, by one step or to a day they named."""

    day: date
    until: date | None
    events: tuple[Event, ...] = ()


@dataclass(frozen=True, slots=True)
class Running:
    """The term on a day: its last day, the last day for notice, and the renewals made by then."""

    ends_on: date | None
    notice_by: date | None
    renewals: int


class Course:
    """The terms of a case from its force day on.

    A term's end is told as the first day after it. `last` is the number of the last tacit term, once a notice has
    stopped the next renewal; `end` is the first day after the last term, None where terms run on. `prolonged` holds the
    days on which the parties prolonged and the ends they moved the term to, `acts` the acts by which they did.
    """

    __slots__ = ("acts", "case", "end", "last", "prolonged", "start")

    def __init__(self, case: Case, start: date, prolongations: Iterable[Prolongation] = ()) -> None:
        self.case = case
        self.start = start
        self.last: int | None = None
        self.end: date | None = None
        self.prolonged: list[tuple[date, date]] = []
        self.acts: tuple[Event, ...] = ()
        if case.terms.renewal in (Renewal.NONE, Renewal.EXPRESS):
            self.end = self._prolong(prolongations)

    def term_end(self, number: int) -> date:
        """The first day after the first term (0) or the renewal of that number, always counted from the force day."""
        return _add_months(self.start, (self.case.terms.duration_months or 0) + number * self.case.step)

    def notice_by(self, number: int) -> date:
        """The last day on which notice still prevents the renewal after the term of that number."""
        return _add_months(day_before(self.term_end(number)), -(self.case.terms.notice_months or 0))

    def number_on(self, day: date) -> int:
        """The number of the tacit term that runs on `day`, had no notice been given; 0 before force."""
        number = _guess(day, self.start, self.case.terms.duration_months or 0, self.case.step)
        while self.term_end(number) <= day and self.term_end(number) < FOREVER:
            number += 1
        return number

    def last_after(self, notice: date) -> int:
        """The number of the term that a notice of that day makes the last: the first it is in time for."""
        terms = self.case.terms
        return _last_after(notice, self.start, terms.duration_months or 0, self.case.step, terms.notice_months or 0)

    def stop(self, number: int) -> None:
        """Let no tacit term follow the one of that number."""
        if self.last is None or number < self.last:
            self.last = number
            self.end = self.term_end(number)

    def on(self, day: date) -> Running:
        """What runs on `day`, as far as the end of terms goes; the caller knows of other ends."""
        renewal = self.case.terms.renewal
        if renewal is Renewal.TACIT:
            return self._tacit_on(day)
        if renewal is Renewal.UNTIL_NOTICE:
            end = self.term_end(0)
            runs = self.start <= day < end
            return Running(day_before(end) if runs else None, None, 0)
        end, count = self.term_end(0), 0
        for made, moved in self.prolonged:
            if made <= day:
                end, count = moved, count + 1
        return Running(day_before(end) if self.start <= day < end else None, None, count)

    def _tacit_on(self, day: date) -> Running:
        number = self.number_on(day)
        if self.last is not None:
            number = min(number, self.last)
        end = self.term_end(number)
        if not self.start <= day < end:
            return Running(None, None, number)
        return Running(day_before(end), self.notice_by(number), number)

    def _prolong(self, prolongations: Iterable[Prolongation]) -> date:
        base, steps, end = self.start, 0, self.term_end(0)
        months = self.case.terms.duration_months or 0
        for act in sorted(prolongations, key=lambda act: act.day):
            if act.day > end:
                break
            if act.until is not None:
                base, steps, months = day_after(act.until), 0, 0
            else:
                steps += 1
            end = add_months(base, months + steps * self.case.step)
            self.prolonged.append((act.day, end))
            self.acts += act.events
        return end


@lru_cache(maxsize=8192)
def _last_after(notice: date, start: date, first: int, step: int, period: int) -> int:
    """The number of the first term for which a notice is in time: of terms from `start` on, lengths in months."""
    number = _guess(add_months(notice, period), start, first, step)
    while True:
        end = _add_months(start, first + number * step)
        if end == FOREVER or _add_months(day_before(end), -period) >= notice:
            return number
        number += 1


def _guess(day: date, start: date, first: int, step: int) -> int:
    """A term number that is surely not too high for `day`."""
    months = (day.year - start.year) * 12 + day.month - start.month
    return max(0, (months - first) // step - 1)
