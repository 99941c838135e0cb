"""Between which days an instrument was signed, and entered into force, where acts are not known to the day."""

from collections.abc import Iterable, Iterator
from datetime import date
from itertools import product
from math import prod

from registry.dates import FOREVER
from registry.status.choices import Choices
from registry.status.comparisons import Fixed
from registry.status.values import Possible
from registry.status.worlds import ENTERED

#: A day that stands for one without end, so long before the calendar ends that terms counted from it end later.
_SOME_DAY = date(9000, 1, 1)
#: So many worlds are tried for a day of force before it is taken to be possible.
_MOST_WORLDS = 500
#: So many choices of the acts that bring force are looked at for each bound; with more it is told too wide.
_MOST_CHOICES = 2_000
#: Of a day of force so many choices of the acts that bring it are tried, or of all acts where there are too many.
_FEW = 20


def bounds_of(days: Iterable[date | None]) -> Possible | None:
    """The first and the last of these days, where there are any."""
    known = [day for day in days if day is not None]
    return Possible(min(known), max(known)) if known else None


def force_bounds(choices: Choices) -> Possible | None:
    """The first and the last day on which it may have entered into force; none where an end always came before.

    An end cuts off the days of force from its own day on, so that the bound may lie anywhere between those of the acts
    that bring force: at a day where one of these comes just before an end, or just after.
    """
    options = _options(choices)
    if prod(len(option) for option in options.values()) > _MOST_CHOICES:
        return _widest(choices)
    bringing = _days_of_force(choices, options)
    earliest = next(_entered(choices, bringing, sorted(bringing)), None)
    if earliest is None:
        return None
    return Possible(earliest, next(_entered(choices, bringing, sorted(bringing, reverse=True))))


def _widest(choices: Choices) -> Possible | None:
    """The bounds as they are before an end cuts them, where some choice of days at their ends brings force."""
    days = (choices.force_day({}, choice) for choice in (choices.earliest, choices.latest))
    may_enter = any(choices.world(choice).force for choice in choices.corners[:_FEW])
    return bounds_of(days) if may_enter else None


def _entered(choices: Choices, bringing: dict[date, list[Fixed]], days: Iterable[date]) -> Iterator[date]:
    return (day for day in days if any(_may_enter(choices, day, fixed) for fixed in bringing[day]))


def _may_enter(choices: Choices, day: date, fixed: Fixed) -> bool:
    """Whether it may be in force on the day of force that these chosen days bring; too many worlds are not tried."""
    if day == FOREVER:
        fixed = {index: min(chosen, _SOME_DAY) for index, chosen in fixed.items()}
        day = choices.force_day(fixed, choices.earliest) or day
    tried = choices.tried_where(day, fixed, _MOST_WORLDS)
    return tried is None or any(status in ENTERED for status in tried)


def _options(choices: Choices) -> dict[int, list[date]]:
    """The days worth trying of each act that brings force."""
    moments = choices.moments
    worth = choices.comparisons.meeting(moments.forces, moments.deciding(moments.numbers()))
    return {v.index: sorted(worth[v.index]) for v in moments.bringing_force}


def _days_of_force(choices: Choices, options: dict[int, list[date]]) -> dict[date, list[Fixed]]:
    """The days of force that these bring, each with choices of the acts that bring it."""
    found: dict[date, list[Fixed]] = {}
    for chosen in product(*options.values()):
        fixed = dict(zip(options, chosen, strict=True))
        day = choices.force_day(fixed, choices.earliest)
        if day is not None and len(found.setdefault(day, [])) < _FEW:
            found[day].append(fixed)
    return found
