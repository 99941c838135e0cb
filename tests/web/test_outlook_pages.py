"""The pages of all deadlines and of all gaps: what they hold is what the API says, narrowed as the reader chooses."""

import html
import re
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest

from tests.web.test_desk import text_of
from tests.web.test_pages import BROWSER


def answered(server: str, address: str) -> dict[str, Any]:
    """What a page asks and is told at its address, `at` the moment."""
    answer = httpx2.get(server + address, headers={"Accept": "application/json"})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()["data"]["at"]
    return found


def asked(server: str, query: str) -> Any:
    answer = httpx2.post(f"{server}/graphql", json={"query": query}).json()
    assert "errors" not in answer
    return answer["data"]


def test_deadlines_begin_on_the_legal_day_where_no_other_is_chosen(server: str) -> None:
    day = "2026-02-01"
    due = f'deadlines(filter: {{ range: {{ from: "{day}" }} }}, first: 100) {{ nodes {{ date }} }}'
    every = [each["date"] for each in asked(server, f'{{ at(date: "{day}") {{ {due} }} }}')["at"]["deadlines"]["nodes"]]

    found = answered(server, f"/deadlines?as_of={day}")["deadlines"]

    assert [each["date"] for each in found["nodes"]] == every[:50]
    assert found["totalCount"] == len(every) > 0
    assert min(every) >= day


def test_deadlines_are_narrowed_by_kind_country_and_days(server: str) -> None:
    chosen = "kind=QUOTA_PERIOD_END&country=KR&from=2024-01-01&until=2026-12-31"

    found = answered(server, f"/deadlines?{chosen}")["deadlines"]["nodes"]

    assert found
    assert {each["kind"] for each in found} == {"QUOTA_PERIOD_END"}
    assert {each["subject"]["country"]["code"] for each in found} == {"KR"}
    assert all("2024-01-01" <= each["date"] <= "2026-12-31" for each in found)


def test_gaps_of_every_kind_are_found_and_led_through_page_by_page(server: str) -> None:
    seen: list[tuple[str, str]] = []
    address = "/gaps"
    while address:
        found = answered(server, address)["gaps"]
        seen += [(each["kind"], each["explanation"]) for each in found["nodes"]]
        info = found["pageInfo"]
        address = f"/gaps?after={info['endCursor']}" if info["hasNextPage"] else ""

    assert len(seen) == found["totalCount"] == asked(server, "{ gaps(first: 1) { totalCount } }")["gaps"]["totalCount"]
    assert len({kind for kind, _ in seen}) > 5


def test_a_page_of_gaps_says_why_each_is_thought_to_be_one(server: str) -> None:
    nodes = answered(server, "/gaps?kind=SIGNED_NOT_IN_FORCE&country=DE")["gaps"]["nodes"]
    page = httpx2.get(f"{server}/gaps?kind=SIGNED_NOT_IN_FORCE&country=DE", headers=BROWSER)

    told = text_of(page.text)

    assert page.status_code == 200
    assert nodes
    assert all(" ".join(each["explanation"].split()) in told for each in nodes)


@pytest.mark.parametrize(
    "address", ["/gaps?kind=NONSENSE", "/deadlines?from=2026-13-01", "/deadlines?from=2026-05-01&until=2026-01-01"]
)
def test_what_does_not_fit_is_refused(server: str, address: str) -> None:
    assert httpx2.get(server + address, headers=BROWSER).status_code == 400


@pytest.mark.parametrize(
    ("page", "name"), [("/", "gaps"), ("/", "deadlines"), ("/countries/KR", "gaps"), ("/countries/KR", "deadlines")]
)
def test_what_is_left_out_of_a_page_is_a_step_away_on_the_same_day(server: str, page: str, name: str) -> None:
    answer = httpx2.get(f"{server}{page}?as_of=2026-02-01&lang=ru", headers=BROWSER).text
    ways = [urlsplit(html.unescape(each)) for each in re.findall(r'href="(/[^"]*)"', answer)]

    ways = [way for way in ways if way.path == f"/{name}"]

    assert ways
    assert all(parse_qs(way.query)["as_of"] == ["2026-02-01"] for way in ways)


def test_the_entrance_leads_to_the_gaps_that_it_counts(server: str) -> None:
    answer = httpx2.get(f"{server}/", headers=BROWSER).text
    counted = answered(server, "/")["gaps"]["totalCount"]
    (way,) = {html.unescape(each) for each in re.findall(r'href="(/gaps\?kind=[^"]*)"', answer)}

    assert answered(server, way)["gaps"]["totalCount"] == counted
