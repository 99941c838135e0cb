"""Pages for people: they open without any other server, say what the registry holds, and lead on."""

import html
import re
from html.parser import HTMLParser

import httpx2
import pytest

PAGES = ("/", "/graphql")
BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}


class Elements(HTMLParser):
    """The elements of a page with their attributes, and its text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data

    def named(self, *names: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.found if name in names]


@pytest.fixture(params=PAGES)
def page(request: pytest.FixtureRequest, server: str) -> httpx2.Response:
    return httpx2.get(server + request.param, headers=BROWSER)


def test_a_page_is_told_to_browsers_as_what_it_is(page: httpx2.Response) -> None:
    assert page.status_code == 200
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert page.headers["x-content-type-options"] == "nosniff"
    assert "default-src 'self'" in page.headers["content-security-policy"]


def test_a_page_has_language_title_description_landmarks_and_one_heading(page: httpx2.Response) -> None:
    elements = Elements(page.text)

    assert elements.named("html") == [{"lang": "en"}]
    assert {"title", "header", "nav", "main", "footer"} <= {name for name, _ in elements.found}
    assert len(elements.named("h1")) == 1
    assert [meta["content"] for meta in elements.named("meta") if meta.get("name") == "description"] != [""]


def test_a_page_loads_only_what_its_own_server_has(page: httpx2.Response, server: str) -> None:
    elements = Elements(page.text)
    addresses = [one.get("src") or one.get("href") for one in elements.named("script", "link", "img", "a")]

    assert addresses
    for address in addresses:
        assert address
        assert address.startswith("/")
        assert httpx2.get(server + address, headers=BROWSER).status_code == 200
    assert not elements.named("style")
    assert "style=" not in page.text


def test_every_field_of_a_page_has_a_label(page: httpx2.Response) -> None:
    elements = Elements(page.text)
    fields = {field["id"] for field in elements.named("textarea", "select")}

    assert fields == {label["for"] for label in elements.named("label")}


def test_the_entrance_says_what_the_registry_holds_as_the_graph_says_it(server: str) -> None:
    shown = dict(re.findall(r'<tr><th scope="row">(\w+)</th><td>(\d+)</td></tr>', httpx2.get(server).text))
    query = "{ about { counts { type count } } }"
    counts = httpx2.post(f"{server}/graphql", json={"query": query}).json()["data"]["about"]["counts"]

    assert shown == {kind["type"]: str(kind["count"]) for kind in counts}
    assert shown


def test_the_example_of_the_entrance_is_answered(server: str) -> None:
    query = re.findall(r'name="query" value="([^"]+)"', httpx2.get(server).text)[0]

    assert httpx2.get(f"{server}/graphql", params={"query": html.unescape(query)}).json().keys() == {"data"}


def test_every_example_of_the_console_is_answered(server: str) -> None:
    page = httpx2.get(f"{server}/graphql", headers=BROWSER).text
    queries = [html.unescape(value) for value in re.findall(r'<option value="([^"]+)">', page)]

    assert len(queries) >= 3
    for query in queries:
        assert httpx2.post(f"{server}/graphql", json={"query": query}).json().keys() == {"data"}


def test_the_console_works_without_scripts_as_a_form(server: str) -> None:
    answer = httpx2.get(f"{server}/graphql", params={"query": "{ __typename }", "variables": ""}, headers=BROWSER)

    assert answer.json() == {"data": {"__typename": "Query"}}


def test_an_unknown_page_is_not_found(server: str) -> None:
    assert httpx2.get(f"{server}/nowhere").status_code == 404
    assert httpx2.get(f"{server}/static/../app.py").status_code == 404
    assert httpx2.get(f"{server}/static/%2e%2e/app.py").status_code == 404


def test_the_schema_can_be_read_as_it_is_served(server: str) -> None:
    from schema import schema

    answer = httpx2.get(f"{server}/schema.graphql")

    assert answer.text == schema.as_str() + "\n"
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"


def test_a_living_server_says_so(server: str) -> None:
    assert httpx2.get(f"{server}/health/live").json() == {"status": "live"}


def test_the_server_does_not_tell_its_make(server: str) -> None:
    assert "server" not in httpx2.get(server).headers
