"""Deadlines as a calendar: `GET /deadlines.ics`, and of one country `GET /countries/{code}/deadlines.ics`.

It has what fell due within a month before the legal day and what falls due within five years, soonest first.
"""

import uuid
from collections import Counter
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response

from registry.dates import add_days
from registry.errors import BadInput
from registry.settings import VERSION
from registry.web.etag import tagged
from registry.web.feeds.calendar import Calendar, Event, written
from registry.web.naming import countries_of, name_of, page_of
from registry.web.pages import country
from registry.web.pages.documents import document
from registry.web.pages.page import Data, Refusal, answered
from registry.web.pages.walk import Walk
from registry.web.tongue import Tongue

HERE = Path(__file__).parent

#: Days before and after the legal day that a calendar has, and most of its events.
BEHIND, AHEAD = 31, 5 * 365 + 1
MOST_EVENTS = 1_000

#: Days before each kind of deadline on which it is called to mind: most time where somebody has to decide.
ALARMS = {
    "NOTICE_BEFORE_RENEWAL": (90, 30, 7),
    "TERM_END": (180, 30),
    "DENUNCIATION_TAKES_EFFECT": (30, 7),
    "QUOTA_PERIOD_END": (30,),
    "LICENCE_END": (60, 14),
}

#: Names of events are made in here, so that they stay the same for as long as the deadline does.
_NAMES = uuid.UUID("0b6b5a3e-8a51-5a5e-9a2d-3f1c7d0f6a10")


async def send_deadlines(request: Request) -> Response:
    """The calendar of all countries, or of the one in the address."""
    walk = Walk(request, request.app.state.settings)
    data, due = await _asked(request, walk)
    tongue, base = Tongue(walk.language), str(request.base_url).rstrip("/")
    home, of = data["about"]["homeCountry"], data["at"].get("country")
    heading = tongue.say("Deadlines of labour agreements")
    calendar = Calendar(
        name=f"{heading}: {of['name'] if of else home['name']}",
        language=walk.tag,
        made_by=f"-//{home['code']}//Registry of bilateral labour agreements {VERSION}//EN",
        stamp=datetime.fromisoformat(data["at"]["knownAt"]),
        url=base + walk.file(f"/countries/{of['code']}" if of else "/"),
        events=_events(due, home["code"], tongue, lambda path: base + walk.file(path)),
    )
    name = f"deadlines-{of['code']}-{walk.tag}.ics" if of else f"deadlines-{walk.tag}.ics"
    headers = {"Content-Disposition": f'inline; filename="{name}"', "Content-Language": walk.tag}
    response = tagged(Response(written(calendar), headers=headers, media_type="text/calendar"), request)
    response.headers["Vary"] = "Accept-Language, Authorization, Cookie"
    return response


async def _asked(request: Request, walk: Walk) -> tuple[Data, list[Data]]:
    """The answer, and all deadlines, page by page as they were known when the first was read.

    Raises `Refusal` for a day or a country that is none.
    """
    variables = _variables(walk, request.path_params.get("code"))
    found: list[Data] = []
    while True:
        _, data = await answered(request, document("deadlines", HERE), variables)
        page = data["at"]["deadlines"]
        if variables["ofCountry"] and data["at"]["country"] is None:
            raise Refusal.no_record()
        found += page["nodes"]
        if not page["pageInfo"]["hasNextPage"] or len(found) >= MOST_EVENTS:
            return data, found[:MOST_EVENTS]
        variables |= {"after": page["pageInfo"]["endCursor"], "knownOn": data["at"]["knownAt"]}


def _variables(walk: Walk, code: str | None) -> Data:
    try:
        moment, first, last = walk.moment(), add_days(walk.day, -BEHIND), add_days(walk.day, AHEAD)
    except BadInput as error:
        raise Refusal.of(error) from None
    of = country.code_of(code) if code else None
    wanted: Data = {"range": {"from": first.isoformat(), "until": last.isoformat()}}
    return {
        "language": walk.language.value,
        **moment,
        "filter": wanted | ({"country": [of]} if of else {}),
        "first": walk.settings.page_size_max,
        "after": None,
        "code": of or walk.settings.home_country,
        "ofCountry": of is not None,
    }


def _events(due: list[Data], home: str, tongue: Tongue, address: Callable[[str], str]) -> list[Event]:
    """An event for each deadline. What falls due twice on a day for one record is told apart by its place."""
    met: Counter[str] = Counter()
    events = []
    for each in due:
        subject = each["subject"]
        said = f"{home} {each['kind']} {subject['__typename']} {subject['reference']} {each['date']}"
        met[said] += 1
        kind, of = tongue.title(each["kind"], "DeadlineKind"), ", ".join(countries_of(subject))
        events.append(
            Event(
                uid=f"{uuid.uuid5(_NAMES, f'{said} {met[said]}')}",
                day=date.fromisoformat(each["date"]),
                summary=f"{f'{of}: ' if of else ''}{kind} \N{EN DASH} {name_of(subject, tongue, home)}",
                description=each["explanation"],
                category=kind,
                url=address(page_of(subject) or "/"),
                alarms=ALARMS[each["kind"]],
            )
        )
    return events
