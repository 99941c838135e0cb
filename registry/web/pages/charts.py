"""The arithmetic of charts: where things stand, in per cent of the width, so that pictures fit any screen unscaled."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from registry.dates import add_days

#: Round distances between two marks of an axis, in years.
STEPS = (1, 2, 5, 10, 20, 50, 100)


@dataclass(frozen=True)
class Stretch:
    """A stretch of a timeline: where it begins and how long it is, in per cent, and the span it shows."""

    x: float
    width: float
    span: dict[str, Any]


class Axis:
    """Days along a line, from the first day of one year to that of another."""

    def __init__(self, days: Iterable[date]) -> None:
        known = sorted(days)
        self.first = date(known[0].year, 1, 1)
        self.last = date(known[-1].year + 1, 1, 1) if known[-1].year < date.max.year else date.max

    def at(self, day: str | date) -> float:
        """Where a day is, in per cent; days beyond an end are at that end."""
        moment = date.fromisoformat(day) if isinstance(day, str) else day
        share = (moment - self.first) / (self.last - self.first)
        return round(100 * min(max(share, 0.0), 1.0), 2)

    def years(self, most: int = 6) -> list[tuple[int, float]]:
        """Years to be marked, no more than `most` of them, each with its place."""
        span = self.last.year - self.first.year
        step = next((each for each in STEPS if span / each <= most), STEPS[-1])
        first = -(-self.first.year // step) * step
        return [(year, self.at(date(year, 1, 1))) for year in range(first, self.last.year, step)]

    def stretches(self, spans: Sequence[dict[str, Any]]) -> list[Stretch]:
        """The spans of a status that can be seen on this axis; that before anything existed is left out."""
        shown = [span for span in spans if span["status"] != "NONE"]
        found = []
        for span in shown:
            start = self.at(span["from"]) if span["from"] else 0.0
            end = self.at(span["until"]) if span["until"] else 100.0
            if end > start:
                found.append(Stretch(start, round(end - start, 2), span))
        return found


def axis(timelines: Iterable[Sequence[dict[str, Any]]], today: str) -> Axis:
    """An axis on which all these timelines fit, with the legal day and a year after it."""
    day = date.fromisoformat(today)
    ends = [span[end] for spans in timelines for span in spans for end in ("from", "until") if span[end]]
    near = [each for each in map(date.fromisoformat, ends) if each <= add_days(day, 3650)]
    return Axis([*near, day])


def since(spans: Sequence[dict[str, Any]], today: str) -> tuple[str, bool] | None:
    """The first day of the status of the day, and whether it began on that very day; None where no first day is known.

    Where the days before may have had the same status already, it is certain since that day only, not new on it.
    """
    begun = [span for span in spans if (span["from"] or "") <= today]
    if not begun or begun[-1]["from"] is None:
        return None
    before = begun[-2]["possibleStatuses"] if len(begun) > 1 else []
    return begun[-1]["from"], begun[-1]["status"] not in before


def widths(values: Sequence[float]) -> list[float]:
    """How long the bars of these values are, in per cent of the longest."""
    longest = max([0, *values])
    return [round(100 * value / longest, 2) if longest else 0.0 for value in values]


#: Where scales may end, times a power of ten.
ROUND = (2, 4, 6, 8, 10, 12, 16, 20, 24, 30, 40, 50, 60, 80, 100)

#: Series of a stacked chart that are told apart; all others are one more.
MOST_SERIES = 5


@dataclass(frozen=True)
class Segment:
    """A part of a bar: where it begins and how long it is, in per cent, and the number of its series, from 1."""

    start: float
    length: float
    series: int


@dataclass(frozen=True)
class Bar:
    """A bar of a chart: what it stands for, its number, and its parts."""

    label: str
    value: int
    segments: tuple[Segment, ...]


#: Letters of small print that all labels of a chart have room for together, on a narrow phone.
ROOM = 45


@dataclass(frozen=True)
class Chart:
    """Bars on one scale that ends at `top`, the names of their series (none for plain bars), and marks of the scale.

    There would be `of` bars, were not only the largest shown; `cycle` of them make a round, as twelve months do.
    """

    bars: tuple[Bar, ...]
    series: tuple[str, ...]
    top: int
    of: int
    cycle: int

    def marks(self) -> list[tuple[int, float]]:
        """Round numbers along the scale, each with its place in per cent."""
        return [(self.top // 2, 50.0), (self.top, 100.0)]

    def labelled(self, most: int = 6) -> int:
        """Every how many bars one has room for its label: at most so many, fewer where labels are long.

        Those that have one are at the same places of each round.
        """
        longest = max((len(bar.label) for bar in self.bars), default=0)
        every = -(-len(self.bars) // max(min(most, ROOM // (longest + 2)), 1)) or 1
        parts = (part for part in range(every, self.cycle) if self.cycle % part == 0)
        return next(parts, -(-every // self.cycle) * self.cycle)


#: What a bar is made of: its label, and its parts by name.
Group = tuple[str, Sequence[tuple[str, int]]]


def chart(groups: Sequence[Group], most: int | None = None, cycle: int = 1) -> Chart:
    """A chart of bars, each with its label and its parts by name; the largest parts over all bars are series.

    Where there are more than `most`, those are the largest, in the order of their size.
    """
    of = len(groups)
    if most is not None and of > most:
        groups = sorted(groups, key=_size, reverse=True)[:most]
    sums: dict[str, int] = {}
    for _, parts in groups:
        for name, value in parts:
            sums[name] = sums.get(name, 0) + value
    named = sorted(sums, key=lambda name: -sums[name])[:MOST_SERIES] if len(sums) > 1 else []
    top = round_up(max([0, *map(_size, groups)]))
    bars = tuple(Bar(group[0], _size(group), _segments(group[1], named, top)) for group in groups)
    return Chart(bars, (*named, "") if len(sums) > len(named) > 0 else tuple(named), top, of, cycle)


def _size(group: Group) -> int:
    return sum(value for _, value in group[1])


def _segments(parts: Sequence[tuple[str, int]], named: Sequence[str], top: int) -> tuple[Segment, ...]:
    lengths = [0] * (len(named) + 1)
    for name, value in parts:
        lengths[named.index(name) if name in named else len(named)] += value
    found, start = [], 0
    for place, length in enumerate(lengths, 1):
        if length:
            found.append(Segment(_share(start, top), _share(length, top), place))
        start += length
    return tuple(found)


def _share(value: int, top: int) -> float:
    return round(100 * value / top, 2)


def round_up(number: int) -> int:
    """The next round and even number that is not smaller, such as 1,600 after 1,234."""
    power: int = 10 ** max(len(str(number)) - 2, 0)
    return next(step * power for step in ROUND if step * power >= number)
