"""The arithmetic of charts: where things stand, in per cent of the width, so that pictures fit any screen unscaled."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

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
        self.last = date(known[-1].year + 1, 1, 1)

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
    near = [each for each in map(date.fromisoformat, ends) if each <= day + timedelta(days=3650)]
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
