"""Dates as people write them, such as 15.09.2024 or 9/15/2024, and what they are in EDTF."""

import re
from datetime import date

_DAY = re.compile(r"([0-9]{1,4})[-./\s]([0-9]{1,2})[-./\s]([0-9]{1,4})")
_MONTH = re.compile(r"(?P<month>[0-9]{1,2})[-./](?P<year>[0-9]{4})|(?P<first>[0-9]{4})[./](?P<second>[0-9]{1,2})")
_FIRST_OF_MONTH = re.compile("([0-9]{4}-(0[1-9]|1[0-2]))-01")
_PART_OF_YEAR = (
    re.compile(r"(?P<year>[0-9]{4})[-\s]?(?P<kind>[QH])(?P<place>[1-4])"),
    re.compile(r"(?P<kind>[QH])(?P<place>[1-4])[-/\s]?(?P<year>[0-9]{4})"),
)
_MONTHS = {"Q": 3, "H": 6}
_YEAR = 12
_EARLIEST_YEAR = 1000

_PARTS = {
    "YYYY": "(?P<year>[0-9]{4})",
    "MM": "(?P<month>[0-9]{2})",
    "DD": "(?P<day>[0-9]{2})",
    "M": "(?P<month>[0-9]{1,2})",
    "D": "(?P<day>[0-9]{1,2})",
}


def read_as(text: str, form: str) -> date | None:
    """The day that `text` is in a form such as `M/D/YYYY` or `DD.MM.YYYY`; None where it is not in that form.

    Raises `ValueError` where the calendar has no such day.
    """
    pattern = re.sub("YYYY|MM|DD|M|D", lambda part: _PARTS[part[0]], re.escape(form))
    match = re.fullmatch(pattern, text.strip())
    return date(int(match["year"]), int(match["month"]), int(match["day"])) if match else None


def day_meant(seen: str) -> str | None:
    """The day in EDTF that a date in another form probably means: the day first, or the month where only that can be.

    A day and a month that have changed places are put right.
    """
    match = _DAY.fullmatch(seen.strip())
    if match is None:
        return None
    first, second, third = (int(part) for part in match.groups())
    year, others = (first, (second, third)) if first >= _EARLIEST_YEAR else (third, (second, first))
    return next((day.isoformat() for order in (others, others[::-1]) if (day := _day(year, *order))), None)


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day) if year >= _EARLIEST_YEAR else None
    except ValueError:
        return None


def period_meant(seen: str) -> str | None:
    """The month, quarter or half-year in EDTF that a period in another form probably means: 01.2024, Q3 2024."""
    plain = seen.strip().upper()
    if match := _FIRST_OF_MONTH.fullmatch(plain):
        return match[1]
    if match := _MONTH.fullmatch(plain):
        year, month = int(match["year"] or match["first"]), int(match["month"] or match["second"])
        return f"{year}-{month:02}" if _day(year, month, 1) else None
    match = next((match for form in _PART_OF_YEAR if (match := form.fullmatch(plain))), None)
    if match is None:
        return None
    months = _MONTHS[match["kind"]]
    last = months * int(match["place"])
    return f"{match['year']}-{last - months + 1:02}/{match['year']}-{last:02}" if last <= _YEAR else None
