"""Calendars as RFC 5545 has them: whole days, each with its alarms."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

#: Octets of a line, without its end (RFC 5545, 3.1).
LONGEST_LINE = 75

_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f]")

#: RFC 5545 wants a calendar to have a component (3.6): this one stands where there is no event.
_TIME_ZONE = (
    "BEGIN:VTIMEZONE",
    "TZID:Etc/UTC",
    "BEGIN:STANDARD",
    "DTSTART:19700101T000000",
    "TZOFFSETFROM:+0000",
    "TZOFFSETTO:+0000",
    "END:STANDARD",
    "END:VTIMEZONE",
)


@dataclass(frozen=True)
class Event:
    """Something on a day. `alarms` are days before it, on each of which it is called to mind at nine in the morning."""

    uid: str
    day: date
    summary: str
    description: str
    category: str
    url: str
    alarms: Sequence[int] = ()


@dataclass(frozen=True)
class Calendar:
    """Events, what they are called together, their language by its tag, and the instant that they hold for."""

    name: str
    language: str
    made_by: str
    stamp: datetime
    url: str
    events: Sequence[Event]


def written(calendar: Calendar) -> bytes:
    """The calendar as a file. It has no METHOD: nobody is invited to anything."""
    return b"".join(map(folded, _lines(calendar)))


def folded(line: str) -> bytes:
    """A line with its end, in pieces of at most 75 octets that never part a letter."""
    pieces: list[bytes] = []
    piece = b""
    for letter in line:
        octets = letter.encode()
        # Pieces after the first begin with a space, which counts.
        if len(piece) + len(octets) + (1 if pieces else 0) > LONGEST_LINE:
            pieces.append(piece)
            piece = b""
        piece += octets
    return b"\r\n ".join([*pieces, piece]) + b"\r\n"


def text(value: str) -> str:
    """A value of the type TEXT (3.3.11)."""
    plain = _CONTROLS.sub("", value.replace("\r\n", "\n").replace("\r", "\n"))
    return plain.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,").replace("\n", "\\n")


def _lines(calendar: Calendar) -> Iterator[str]:
    stamp = f"{calendar.stamp:%Y%m%dT%H%M%SZ}"
    yield from ("BEGIN:VCALENDAR", "VERSION:2.0", f"PRODID:{text(calendar.made_by)}", "CALSCALE:GREGORIAN")
    yield f"NAME;LANGUAGE={calendar.language}:{text(calendar.name)}"
    yield f"X-WR-CALNAME:{text(calendar.name)}"
    yield f"URL:{calendar.url}"
    yield f"LAST-MODIFIED:{stamp}"
    yield from ("REFRESH-INTERVAL;VALUE=DURATION:PT12H", "X-PUBLISHED-TTL:PT12H")
    if not calendar.events:
        yield from _TIME_ZONE
    for event in calendar.events:
        yield from _event(event, stamp, calendar.language)
    yield "END:VCALENDAR"


def _event(event: Event, stamp: str, language: str) -> Iterator[str]:
    yield "BEGIN:VEVENT"
    yield f"UID:{text(event.uid)}"
    yield f"DTSTAMP:{stamp}"
    yield f"DTSTART;VALUE=DATE:{_day(event.day)}"
    if event.day < date.max:
        yield f"DTEND;VALUE=DATE:{_day(event.day + timedelta(days=1))}"
    yield f"SUMMARY;LANGUAGE={language}:{text(event.summary)}"
    yield f"DESCRIPTION;LANGUAGE={language}:{text(event.description)}"
    yield f"CATEGORIES;LANGUAGE={language}:{text(event.category)}"
    yield f"URL:{event.url}"
    yield from ("CLASS:PUBLIC", "STATUS:CONFIRMED", "TRANSP:TRANSPARENT")
    yield from _alarms(event.alarms, event.summary)
    yield "END:VEVENT"


def _alarms(days: Iterable[int], summary: str) -> Iterator[str]:
    for before in days:
        yield from ("BEGIN:VALARM", "ACTION:DISPLAY", f"DESCRIPTION:{text(summary)}")
        yield f"TRIGGER:-P{before - 1}DT15H" if before > 1 else "TRIGGER:-PT15H"
        yield "END:VALARM"


def _day(day: date) -> str:
    return f"{day.year:04}{day.month:02}{day.day:02}"
