"""Dates as precise as their source (EDTF, ISO 8601-2 levels 0 and 1), and the arithmetic of calendar months."""

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date

from registry.errors import BadInput

#: The first and the last day that the calendar of this registry knows; they stand for open ends where a day is needed.
BEGINNING = date.min
FOREVER = date.max

ACCEPTED_FORMS = (
    "a day 2024-09-15, a month 2024-09, a year 2024; behind it ~ (about), ? (uncertain), % (both); unspecified digits "
    "from the right 202X, 20XX, 2024-XX, 2024-09-XX, 2024-XX-XX; an unknown year XXXX-09-15; an interval "
    "2024-01/2024-06, with .. or nothing for an open or unknown end: ../2024-09-15, 2024-09-15/.., /2024, 2024/"
)
_DATE = re.compile(
    r"(?P<year>[0-9]{4}|[0-9]{3}X|[0-9]{2}XX|XXXX)(?:-(?P<month>[0-9]{2}|XX)(?:-(?P<day>[0-9]{2}|XX))?)?[~?%]?"
)
_DURATION = re.compile(r"P(?=[0-9])(?:([0-9]{1,6})Y)?(?:([0-9]{1,6})M)?(?:([0-9]{1,6})W)?(?:([0-9]{1,6})D)?")
_LEAP_YEAR = 2024
_MONTHS = 12


@dataclass(frozen=True)
class UncertainDate:
    """A date as its source gives it, in EDTF, and the first and the last day that it may be; None is unbounded."""

    edtf: str
    earliest: date | None
    latest: date | None


@dataclass(frozen=True)
class Duration:
    """A length of time in whole calendar units; months are added before weeks and days (ISO 8601-1)."""

    years: int = 0
    months: int = 0
    weeks: int = 0
    days: int = 0

    def after(self, day: date) -> date:
        """The day that lies this long after `day`, or FOREVER where the calendar ends first."""
        return add_days(add_months(day, self._months), self._days)

    def before(self, day: date) -> date:
        """The day that lies this long before `day`, or BEGINNING where the calendar ends first."""
        return add_days(add_months(day, -self._months), -self._days)

    @property
    def _months(self) -> int:
        return self.years * _MONTHS + self.months

    @property
    def _days(self) -> int:
        return self.weeks * 7 + self.days


def exact(day: date) -> UncertainDate:
    """A date known to the day."""
    return UncertainDate(day.isoformat(), day, day)


def parse_edtf(text: str) -> UncertainDate:
    """The date that EDTF `text` stands for, with its bounds.

    ISO 8601-2 levels 0 and 1 without seasons, times and years outside 0001-9999; beyond them an unknown year, as in
    `XXXX-09-15`, unbounded both ways, and unspecified digits in the parts of an interval. The marks `~ ? %` qualify a
    whole date and do not widen its bounds; before or inside a date (`2024-~09`) they are level 2 and refused.
    Raises BadInput, with the accepted forms as the hint, on anything else.
    """
    start, slash, end = text.partition("/")
    if not slash:
        return UncertainDate(text, *_bounds(start, text))
    if start in ("", "..") and end in ("", "..") and text != "../..":
        raise _refusal(text, "an interval needs a date on one side at least")
    earliest = _interval_part(start, text)[0]
    latest = _interval_part(end, text)[1]
    if earliest and latest and latest < earliest:
        raise _refusal(text, "the interval ends before it begins")
    return UncertainDate(text, earliest, latest)


def _interval_part(part: str, text: str) -> tuple[date | None, date | None]:
    if part in ("", ".."):
        return None, None
    if part.startswith("XXXX"):
        raise _refusal(text, "an interval cannot begin or end in an unknown year: leave that end open")
    return _bounds(part, text)


def _bounds(part: str, text: str) -> tuple[date | None, date | None]:
    """The first and the last day of one date, which is `text` or a part of it."""
    match = _DATE.fullmatch(part)
    if match is None:
        raise _refusal(text, "it is not in a form that the registry takes")
    year, month, day = match["year"], match["month"], match["day"]
    if "X" in year:
        return _unspecified_year(year, month, day, text)
    if month == "XX" and day not in (None, "XX"):
        raise _refusal(text, "digits may be left unspecified from the right only")
    first_month, last_month = (int(month), int(month)) if month and month != "XX" else (1, _MONTHS)
    first_day = int(day) if day and day != "XX" else 1
    _check(int(year), first_month, first_day, text)
    last_day = first_day if day and day != "XX" else monthrange(int(year), last_month)[1]
    return date(int(year), first_month, first_day), date(int(year), last_month, last_day)


def _unspecified_year(year: str, month: str | None, day: str | None, text: str) -> tuple[date | None, date | None]:
    if year == "XXXX":
        if "XX" in (month, day):
            raise _refusal(text, "of a date in an unknown year, give the month and the day that are known")
        _check(_LEAP_YEAR, int(month or 1), int(day or 1), text)
        return None, None
    if month:
        raise _refusal(text, "digits may be left unspecified from the right only")
    first, last = int(year.replace("X", "0")), int(year.replace("X", "9"))
    _check(first, 1, 1, text)
    return date(first, 1, 1), date(last, _MONTHS, 31)


def _check(year: int, month: int, day: int, text: str) -> None:
    """Refuse a day that the calendar does not have."""
    if not year:
        raise _refusal(text, "years run from 0001 to 9999")
    if not 1 <= month <= _MONTHS:
        raise _refusal(text, f"there is no month {month:02}")
    if not 1 <= day <= monthrange(year, month)[1]:
        raise _refusal(text, f"that month has no day {day:02}")


def _refusal(text: str, why: str) -> BadInput:
    shown = text if len(text) <= 40 else text[:40] + "…"
    return BadInput(f"“{shown}” is not a date: {why}.", hint=f"Give {ACCEPTED_FORMS}.")


def parse_duration(text: str) -> Duration:
    """The length of time that `text` stands for: an ISO 8601 duration such as `P1M15D`.

    Years, months, weeks and days; raises BadInput on anything else: times of day, fractions and negative lengths too.
    """
    match = _DURATION.fullmatch(text)
    if match is None:
        shown = text if len(text) <= 40 else text[:40] + "…"
        message = f"“{shown}” is not a length of time in days, weeks, months or years."
        raise BadInput(message, hint="Give for example P30D, P1M15D or P3Y.")
    return Duration(*(int(number or 0) for number in match.groups()))


def add_months(day: date, months: int) -> date:
    """The same day `months` later (earlier where negative).

    It is clipped to the end of a shorter month and clamped to the ends of the calendar.
    """
    year, month = divmod(day.year * _MONTHS + day.month - 1 + months, _MONTHS)
    if year < BEGINNING.year:
        return BEGINNING
    if year > FOREVER.year:
        return FOREVER
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def add_days(day: date, days: int) -> date:
    """The day `days` later (earlier where negative), clamped to the ends of the calendar."""
    ordinal = day.toordinal() + days
    return date.fromordinal(min(max(ordinal, BEGINNING.toordinal()), FOREVER.toordinal()))


def day_after(day: date) -> date:
    """The next day; FOREVER has none and stays."""
    return add_days(day, 1)


def day_before(day: date) -> date:
    """The day before; BEGINNING has none and stays."""
    return add_days(day, -1)
