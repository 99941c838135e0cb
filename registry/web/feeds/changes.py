"""The log of changes as a feed: `GET /changes.atom`, and of one country `GET /countries/{code}/changes.atom`.

The newest changes come first; the link `next` leads to the ones before them, to the beginning of the log. As the page
of the log, a feed for a day of knowledge has nothing later, and there is none for a day on which nothing was known yet.
"""

import uuid
from collections.abc import Callable
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response

from registry.errors import BadInput
from registry.settings import VERSION
from registry.web.etag import tagged
from registry.web.feeds.atom import Entry, Feed, written
from registry.web.naming import countries_of, name_of, page_of
from registry.web.pages import country
from registry.web.pages.documents import document
from registry.web.pages.page import Data, Refusal, answered
from registry.web.pages.rendering import ADDRESSES
from registry.web.pages.told import who
from registry.web.pages.walk import Walk
from registry.web.tongue import Tongue, capital

HERE = Path(__file__).parent

#: Entries of a feed.
ENTRIES = 50

#: What chooses the reader's moment; the addresses in a feed keep it, as those on pages do.
_MOMENT = ("as_of", "known_on")

#: Names of entries and feeds are made in here, so that they stay the same.
_NAMES = uuid.UUID("5d0e8a43-6f0e-5c55-8f5d-2f4f4e6f9c21")


async def send_changes(request: Request) -> Response:
    """The feed of all changes, or of those that concern the country in the address."""
    walk = Walk(request, request.app.state.settings)
    variables = _variables(walk, request.path_params.get("code"))
    _, data = await answered(request, document("changes", HERE), variables)
    if variables["ofCountry"] and data["at"]["country"] is None:
        raise Refusal.no_record()
    feed = _feed(data, walk, str(request.base_url).rstrip("/"))
    response = tagged(Response(written(feed), media_type="application/atom+xml"), request)
    response.headers["Vary"] = "Accept-Language, Authorization, Cookie"
    return response


def _variables(walk: Walk, code: str | None) -> Data:
    try:
        moment = walk.moment()
    except BadInput as error:
        raise Refusal.of(error) from None
    of = country.code_of(code) if code else None
    asked = {"country": [of] if of else None, "until": moment["knownOn"]}
    return {
        "language": walk.language.value,
        **moment,
        "filter": {name: value for name, value in asked.items() if value},
        "last": min(ENTRIES, walk.settings.page_size_max),
        "before": walk.one("before"),
        "code": of or walk.settings.home_country,
        "ofCountry": of is not None,
    }


def _feed(data: Data, walk: Walk, base: str) -> Feed:
    tongue, of = Tongue(walk.language), data["at"].get("country")
    home = data["about"]["homeCountry"]
    links = _links(data["changes"]["pageInfo"], walk, base, f"/countries/{of['code']}" if of else _log())
    newest_first = data["changes"]["nodes"][::-1]

    def address(subject: Data) -> str:
        path = page_of(subject)
        return base + walk.file(path, *_MOMENT) if path else links["alternate"]

    return Feed(
        id=_name(home["code"], "changes", of["code"] if of else "", walk.tag, *walk.several("known_on")[:1]),
        title=f"{tongue.say('Log of changes')}: {(of or home)['name']}",
        language=walk.tag,
        updated=newest_first[0]["at"] if newest_first else data["at"]["knownAt"],
        author=tongue.say("Register of labour agreements"),
        generator=("Registry of bilateral labour agreements", VERSION),
        links=links,
        entries=[_entry(each, home["code"], tongue, address) for each in newest_first],
    )


def _links(page_info: Data, walk: Walk, base: str, page: str) -> dict[str, str]:
    """Where the feed itself is, the page that tells the same, and the parts before and after this one."""
    here = base + walk.file(walk.path, *_MOMENT)
    links = {"self": here, "alternate": base + walk.file(page, *_MOMENT)}
    if walk.one("before"):
        links |= {"self": base + walk.file(walk.path, "before", *_MOMENT), "first": here}
    if page_info["hasPreviousPage"]:
        links["next"] = base + walk.file(walk.path, *_MOMENT, before=page_info["startCursor"])
    return links


def _entry(change: Data, home: str, tongue: Tongue, address: Callable[[Data], str]) -> Entry:
    subject = change["subject"] or {}
    kind, action = _type_name(change["subjectType"], tongue), tongue.code(change["action"], "ChangeAction")
    called = name_of(subject, tongue, home)
    if subject.get("__typename") == "LegalAct":
        called = f"{tongue.code(subject['act'], 'LegalActKind')}, {tongue.edtf(subject['date'])}: {called}"
    of = ", ".join(countries_of(subject))
    told = change["fields"] if change["action"] == "REVISED" else []
    fields = ", ".join(tongue.code(field["name"], "Field") for field in told)
    return Entry(
        id=_name(home, "change", change["id"]),
        title=f"{f'{of}: ' if of else ''}{capital(kind)}, {action}{f': {called}' if called else ''}",
        updated=change["at"],
        author=who(change["actor"], tongue.language),
        summary=f"{change['reason']}{f' ({fields})' if fields else ''}",
        category=change["subjectType"],
        url=address(subject),
    )


def _type_name(kind: str, tongue: Tongue) -> str:
    """What records of a type are called, one of them."""
    names = {
        "Agreement": tongue.say("agreement"),
        "LegalAct": tongue.say("legal act"),
        "Company": tongue.say("company"),
        "Quota": tongue.say("quota"),
        "Figure": tongue.say("figure"),
        "Engagement": tongue.say("engagement"),
        "Institution": tongue.say("institution"),
        "Programme": tongue.say("programme"),
        "Source": tongue.say("source"),
        "Country": tongue.say("country"),
        "Region": tongue.say("region"),
        "Sector": tongue.say("sector"),
        "Occupation": tongue.say("occupation"),
        "PlacementReturn": tongue.say("placement return"),
    }
    return names.get(kind, kind)


def _log() -> str:
    """The page that tells of all changes, where there is one."""
    return ADDRESSES.get("changes", "/")


def _name(*parts: str) -> str:
    return uuid.uuid5(_NAMES, " ".join(parts)).urn
