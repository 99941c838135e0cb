"""What other programs follow: deadlines as a calendar and changes as a feed, as their readers read them."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from unittest.mock import Mock
from xml.etree import ElementTree

import httpx2
import icalendar
import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from registry import agreements, keys
from registry.access import OFFICIAL, PUBLIC, Role
from registry.codes import Language
from registry.history import changes as log
from registry.history import changeset
from registry.language import words
from registry.settings import Settings
from registry.status import LegalActKind, Renewal, Terms
from registry.web.feeds import calendar
from registry.web.feeds.atom import Entry, Feed, written
from registry.web.feeds.deadlines import ALARMS
from registry.web.pages.walk import LANGUAGES
from tests.factories import make_act, make_agreement, make_figure
from tests.servers import serving

ATOM = "{http://www.w3.org/2005/Atom}"
OCTETS = 75
FEEDS = ["/changes.atom", "/countries/DE/changes.atom"]


def got(address: str, **headers: Any) -> httpx2.Response:
    return httpx2.get(address, **headers, timeout=60)


def events(answer: httpx2.Response) -> list[Any]:
    """The events of a calendar, read by a library that others wrote."""
    return list(icalendar.Calendar.from_ical(answer.content).walk("VEVENT"))


def entries(answer: httpx2.Response) -> list[ElementTree.Element]:
    return ElementTree.fromstring(answer.content).findall(f"{ATOM}entry")


def texts(elements: list[ElementTree.Element], name: str) -> list[str | None]:
    return [element.findtext(f"{ATOM}{name}") for element in elements]


def link(element: ElementTree.Element, relation: str) -> str | None:
    return next((each.get("href") for each in element.findall(f"{ATOM}link") if each.get("rel") == relation), None)


# Calendars


def test_a_calendar_has_what_the_api_says_falls_due(server: str) -> None:
    query = """{ at(date: "2026-11-21") { knownAt
        deadlines(filter: {range: {from: "2026-10-21", until: "2031-11-21"}}, first: 100) {
          totalCount nodes { kind date explanation } } } }"""
    told = httpx2.post(f"{server}/graphql", json={"query": query}).json()["data"]["at"]
    answer = got(f"{server}/deadlines.ics?as_of=2026-11-21&lang=en")
    found = events(answer)

    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    assert 0 < told["deadlines"]["totalCount"] == len(found)
    for event, deadline in zip(found, told["deadlines"]["nodes"], strict=True):
        day = date.fromisoformat(deadline["date"])
        assert (event["DTSTART"].dt, event["DTEND"].dt) == (day, day + timedelta(days=1))
        assert str(event["DESCRIPTION"]) == deadline["explanation"]
        assert event["DTSTAMP"].dt.isoformat()[:19] == told["knownAt"][:19]
        assert event["TRANSP"] == "TRANSPARENT"
        assert len(event.walk("VALARM")) == len(ALARMS[deadline["kind"]])
    assert b"METHOD" not in answer.content


def test_events_are_known_by_the_same_names_in_every_language_and_each_by_its_own(server: str) -> None:
    names = [[str(e["UID"]) for e in events(got(f"{server}/deadlines.ics?lang={tag}"))] for tag in LANGUAGES]

    assert names[0]
    assert all(each == names[0] for each in names)
    assert len(set(names[0])) == len(names[0])


def test_the_calendar_of_a_country_has_its_own_part(server: str) -> None:
    everything = {str(each["UID"]): each for each in events(got(f"{server}/deadlines.ics?lang=ru"))}
    korea = events(got(f"{server}/countries/kr/deadlines.ics?lang=ru"))

    assert {str(each["UID"]) for each in korea} < set(everything)
    assert all(str(each["SUMMARY"]).startswith("Республика Корея: Окончание периода квоты") for each in korea)
    assert all(each["SUMMARY"].params["LANGUAGE"] == "ru" for each in korea)
    assert all(str(each["URL"]) == f"{server}/countries/KR?lang=ru" for each in korea)


@pytest.mark.parametrize("tag", LANGUAGES)
def test_lines_of_a_calendar_are_short_and_end_as_they_should(server: str, tag: str) -> None:
    content = got(f"{server}/deadlines.ics?lang={tag}").content

    lines = content.split(b"\r\n")
    assert lines.pop() == b""
    assert b"\n" not in content.replace(b"\r\n", b"")
    assert max(map(len, lines)) <= OCTETS
    for line in lines:
        line.decode()


def test_a_calendar_without_events_is_still_a_calendar(server: str) -> None:
    answer = got(f"{server}/countries/FJ/deadlines.ics")
    read = icalendar.Calendar.from_ical(answer.content)

    assert events(answer) == []
    assert str(read["X-WR-CALNAME"]) == "Deadlines of labour agreements: Fiji"
    assert [each.name for each in read.subcomponents] == ["VTIMEZONE"]


@given(st.text(st.characters(codec="utf-8"), max_size=400))
def test_any_text_comes_through_a_calendar_and_no_other_line_with_it(text: str) -> None:
    event = calendar.Event("a@b", date(2026, 1, 1), text, text, "x", "https://example.org/", (30,))
    content = calendar.written(calendar.Calendar("name", "en", "-//X//EN", datetime(2026, 1, 1), "u:x", [event]))
    (read,) = icalendar.Calendar.from_ical(content).walk("VEVENT")

    plain = "".join(c for c in text.replace("\r\n", "\n").replace("\r", "\n") if c == "\n" or c == "\t" or c >= " ")
    assert str(read["SUMMARY"]) == plain.replace("\x7f", "")
    assert all(len(line) <= OCTETS for line in content.split(b"\r\n"))
    names = [line.partition(b":")[0].partition(b";")[0] for line in content.split(b"\r\n") if line[:1].isalpha()]
    assert names.count(b"SUMMARY") == 1
    assert names.count(b"BEGIN") == names.count(b"END") == 3


@pytest.mark.parametrize("days", [1, 2, 30])
def test_an_alarm_is_at_nine_in_the_morning_of_a_day_before(days: int) -> None:
    event = calendar.Event("a", date(2026, 1, 31), "x", "x", "x", "u:x", (days,))
    lines = [line for line in calendar._event(event, "20260101T000000Z", "en") if line.startswith("TRIGGER")]

    alarm: Any = icalendar.Alarm.from_ical(f"BEGIN:VALARM\r\n{lines[0]}\r\nEND:VALARM\r\n")
    assert alarm["TRIGGER"].dt == timedelta(hours=9) - timedelta(days=days)


def test_deadlines_beyond_one_page_are_all_there(generated: sa.Engine) -> None:
    url = generated.url.render_as_string()
    with serving(Settings(database_url=url, page_size_max=20, page_size_default=20)) as address:
        found = [str(each["UID"]) for each in events(got(f"{address}/deadlines.ics?as_of=2026-01-01"))]

    assert 40 < len(found) == len(set(found)), "three pages"


# The log as a feed


def test_a_feed_tells_the_newest_changes_first_and_leads_on_to_the_beginning(server: str) -> None:
    query = "{ changes(last: 1) { totalCount nodes { id at reason actor } } }"
    told = httpx2.post(f"{server}/graphql", json={"query": query}).json()["data"]["changes"]
    address: str | None = f"{server}/changes.atom?lang=en"
    names: list[str | None] = []
    while address:
        answer = got(address)
        feed = ElementTree.fromstring(answer.content)
        assert answer.headers["content-type"] == "application/atom+xml"
        assert link(feed, "self") == address
        names += texts(entries(answer), "id")
        if len(names) <= 50:
            assert feed.findtext(f"{ATOM}updated") == told["nodes"][0]["at"]
            assert entries(answer)[0].findtext(f"{ATOM}summary") == told["nodes"][0]["reason"]
            assert told["nodes"][0]["actor"] == "ADMIN", "whoever may not see names sees the role"
            assert entries(answer)[0].findtext(f"{ATOM}author/{ATOM}name") == "administrator"
        address = link(feed, "next")

    assert len(set(names)) == len(names) == told["totalCount"]


@pytest.mark.parametrize("path", ["/changes.atom", "/countries/DE/changes.atom", "/countries/FJ/changes.atom"])
def test_a_feed_has_all_that_the_standard_asks_for(server: str, path: str) -> None:
    feed = ElementTree.fromstring(got(f"{server}{path}?lang=uz-Cyrl").content)

    assert feed.tag == f"{ATOM}feed"
    assert feed.get("{http://www.w3.org/XML/1998/namespace}lang") == "uz-Cyrl"
    for element in (feed, *feed.findall(f"{ATOM}entry")):
        assert str(element.findtext(f"{ATOM}id")).startswith("urn:uuid:")
        assert element.findtext(f"{ATOM}title")
        assert str(element.findtext(f"{ATOM}updated")).endswith("Z")
        assert str(link(element, "alternate")).startswith(server)
    assert all(entry.findtext(f"{ATOM}summary") for entry in feed.findall(f"{ATOM}entry"))


def test_names_of_entries_do_not_change_with_language_or_feed(server: str) -> None:
    everything = set(texts(entries(got(f"{server}/changes.atom?lang=en")), "id"))
    of_country = texts(entries(got(f"{server}/countries/KR/changes.atom?lang=ru")), "id")
    again = texts(entries(got(f"{server}/countries/KR/changes.atom?lang=uz")), "id")

    assert of_country == again != []
    assert set(texts(entries(got(f"{server}/changes.atom?lang=uz")), "id")) == everything


def test_a_figure_is_called_by_what_it_states_as_on_the_page(seeded_copy: sa.Engine) -> None:
    called = {
        "en": ["Figure, entered", "departed, 2021: 1,532 persons"],
        "ru": [
            "Цифра, внесено",
            f"выехали на работу, {words('period', '2021', Language.RU)}: 1\N{NO-BREAK SPACE}532 человека",
        ],
    }
    with changeset(seeded_copy, "A figure.") as changes:
        make_figure(changes, reference="fresh-figure", period="2021", value=Decimal(1532))
    with serving(Settings(database_url=seeded_copy.url.render_as_string())) as address:
        for tag, title in called.items():
            (entry, *_) = entries(got(f"{address}/changes.atom?lang={tag}"))
            page = got(f"{address}/changes?lang={tag}", headers={"Accept": "text/html"}).text

            assert entry.findtext(f"{ATOM}title") == ": ".join(title)
            assert " ".join(title[1].split()) in " ".join(page.split())


def test_the_calendar_says_whose_places_end_and_which_are_a_part(server: str) -> None:
    told = [
        str(each["SUMMARY"]) for each in events(got(f"{server}/countries/KR/deadlines.ics?as_of=2026-11-21&lang=en"))
    ]

    assert "South Korea: End of quota period \N{EN DASH} 80,000 persons, open to all countries of origin" in told
    part = "Manufacturing (50,000 persons, open to all countries of origin, part of a larger quota)"
    assert f"South Korea: End of quota period \N{EN DASH} {part}" in told


def test_what_was_revised_is_told_by_the_names_of_the_fields(seeded_copy: sa.Engine) -> None:
    with changeset(seeded_copy, "Titles were translated.") as changes:
        make_agreement(changes, "fresh", audience=PUBLIC)
    with changeset(seeded_copy, "Titles were translated.") as changes:
        titles = [agreements.TitleGiven(Language.RU, "Протокол")]
        agreements.revise(changes, reference="fresh", expected_version=1, titles=titles, article_count=12)
    with serving(Settings(database_url=seeded_copy.url.render_as_string())) as address:
        (entry, *_) = entries(got(f"{address}/changes.atom?lang=ru"))

    assert entry.findtext(f"{ATOM}summary") == "Titles were translated. (заглавие на русском, число статей)"


def test_a_feed_tells_what_the_page_tells_for_a_day_of_knowledge(
    seeded_copy: sa.Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    today = datetime.now(UTC)
    monkeypatch.setattr(log, "datetime", Mock(now=lambda zone: today + timedelta(days=400)))
    with changeset(seeded_copy, "Entered later.") as changes:
        make_agreement(changes, "later", audience=PUBLIC)
    with serving(Settings(database_url=seeded_copy.url.render_as_string())) as address:
        known = f"known_on={(today + timedelta(days=9)).date()}&as_of=2026-11-21"
        feeds = [got(f"{address}{path}?lang=en{moment}") for path in FEEDS for moment in ("", f"&{known}")]
        log_then = got(f"{address}/changes?{known}&format=json").json()["data"]["changes"]

    now, then, *_ = feeds
    assert ["Entered later." in feed.text for feed in feeds] == [True, False, True, False]
    assert entries(then)[0].findtext(f"{ATOM}updated") == log_then["nodes"][-1]["at"]
    read = ElementTree.fromstring(then.content)
    for kept in (link(read, "self"), link(read, "next"), link(read, "alternate"), link(entries(then)[0], "alternate")):
        assert f"as_of=2026-11-21&{known.partition('&')[0]}" in str(kept)
    assert read.findtext(f"{ATOM}id") != ElementTree.fromstring(now.content).findtext(f"{ATOM}id")


def test_what_xml_cannot_hold_is_marked() -> None:
    entry = Entry("urn:x:1", "a\x00<b>&\ud800", "2026-01-01T00:00:00Z", "x", "]]>", "y", "https://example.org/?a&b")
    feed = Feed(
        "urn:x:2", "t", "en", "2026-01-01T00:00:00Z", "x", ("g", "1"), {"self": "https://example.org/"}, [entry]
    )

    (read,) = ElementTree.fromstring(written(feed)).findall(f"{ATOM}entry")
    assert read.findtext(f"{ATOM}title") == "a\ufffd<b>&\ufffd"
    assert link(read, "alternate") == "https://example.org/?a&b"


# Who may see what


@pytest.fixture
def guarded(seeded_copy: sa.Engine) -> Iterator[tuple[str, str]]:
    """A server where officials know of an agreement that the public does not, and what an official sends along."""
    with changeset(seeded_copy, "Entered for officials.") as changes:
        term = Terms(duration_months=36, renewal=Renewal.NONE)
        make_agreement(changes, "hidden", title_as_printed="Hidden protocol", term=term, audience=OFFICIAL)
        make_act(changes, LegalActKind.ENTRY_INTO_FORCE, "2024-09-15", "hidden")
        _, key = keys.create(changes, name="Ministry", role=Role.READER)
    with serving(Settings(database_url=seeded_copy.url.render_as_string())) as address:
        yield address, f"Bearer {key}"


@pytest.mark.parametrize("path", ["/deadlines.ics", "/countries/DE/deadlines.ics", "/countries/DE/changes.atom"])
def test_what_is_for_officials_is_told_to_them_only(guarded: tuple[str, str], path: str) -> None:
    server, key = guarded
    for_all = got(f"{server}{path}?as_of=2026-11-21")
    for_officials = got(f"{server}{path}?as_of=2026-11-21", headers={"Authorization": key})

    assert b"Hidden protocol" not in for_all.content.replace(b"\r\n ", b"")
    assert b"Entered for officials" not in for_all.content
    assert b"Hidden protocol" in for_officials.content.replace(b"\r\n ", b"")
    assert for_all.headers["cache-control"].startswith("public")
    assert for_officials.headers["cache-control"].startswith("private")
    assert "Authorization" in for_all.headers["vary"]
    assert got(server + path, headers={"Authorization": "Bearer wrong"}).status_code == 401


# Asking again, and asking wrongly


@pytest.mark.parametrize("path", ["/deadlines.ics", "/changes.atom", "/countries/KR/changes.atom"])
def test_what_did_not_change_is_not_sent_again(server: str, path: str) -> None:
    first = got(server + path)
    again = got(server + path, headers={"If-None-Match": first.headers["etag"]})

    assert (first.status_code, again.status_code, again.content) == (200, 304, b"")


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/countries/XX/deadlines.ics", 404),
        ("/countries/Korea/changes.atom", 404),
        ("/deadlines.ics?as_of=tomorrow", 400),
        ("/deadlines.ics?as_of=9999-12-31", 200),
        ("/deadlines.ics?as_of=0001-01-01", 200),
        ("/deadlines.ics?lang=tlh", 200),
        ("/changes.atom?before=nonsense", 400),
        ("/changes.atom?known_on=2020-01-01", 400),
        ("/countries/KR/changes.atom?known_on=2020-01-01", 400),
        ("/changes.atom?as_of=tomorrow", 400),
        ("/changes.atom?known_on=9999-12-31", 200),
    ],
)
def test_odd_addresses_are_answered_plainly(server: str, address: str, status: int) -> None:
    assert got(server + address).status_code == status


@pytest.mark.parametrize(("page", "path"), [("/", "/"), ("/countries/DE", "/countries/DE/")])
def test_pages_lead_to_what_can_be_followed(server: str, page: str, path: str) -> None:
    text = got(f"{server}{page}?lang=ru", headers={"Accept": "text/html"}).text

    for name, kind in (("deadlines.ics", "text/calendar"), ("changes.atom", "application/atom+xml")):
        assert f'<link rel="alternate" type="{kind}"' in text
        assert text.count(f'href="{path}{name}?lang=ru"') == 2
