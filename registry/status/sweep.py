"""The line of possible statuses through all days, found where it may change and checked in between."""

from collections.abc import Callable, Iterator
from datetime import date
from itertools import pairwise

from registry.dates import BEGINNING, FOREVER, day_before
from registry.status.choices import Choices


def breakpoints(choices: Choices) -> list[date]:
    """The days on which the set of possible statuses changes, beginning with the first day of the calendar."""

    def possible(day: date) -> frozenset[str]:
        return frozenset(choices.possible_on(day))

    days = [BEGINNING, *(day for day in choices.turning_days if BEGINNING < day < FOREVER), FOREVER]
    found = [BEGINNING]
    for start, until in pairwise(days):
        if start != BEGINNING and possible(start) != possible(day_before(start)):
            found.append(start)
        found.extend(_changes(start, day_before(until), possible))
    return found


def _changes(first: date, last: date, possible: Callable[[date], frozenset[str]]) -> Iterator[date]:
    """The days after `first`, up to `last`, that differ from the day before; none is sought where the ends agree."""
    if possible(first) == possible(last):
        return
    if (last - first).days == 1:
        yield last
        return
    middle = date.fromordinal((first.toordinal() + last.toordinal()) // 2)
    yield from _changes(first, middle, possible)
    yield from _changes(middle, last, possible)
