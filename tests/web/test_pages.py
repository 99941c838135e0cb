"""Pages for people, over HTTP: what they say is what the API says, in the reader's language, on the reader's day."""

import html
import json
import re
from html.parser import HTMLParser
from urllib.parse import parse_qs, quote, urlsplit

import httpx2
import pytest

from registry.codes import Language
from registry.language import code_name, country_name, phrase
from registry.web.pages.alphabet import alphabetical
from registry.web.pages.walk import LANGUAGES
from tests.web.addresses import ADDRESSES, MORE

BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
EVERY = [*ADDRESSES.values(), *MORE.values()]


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


def with_parameters(address: str, parameters: str) -> str:
    return f"{address}{'&' if '?' in address else '?'}{parameters}"


def links(page: str) -> list[str]:
    """The addresses within the registry that a page leads to."""
    return [str(each["href"]) for each in Elements(page).named("a") if str(each["href"]).startswith("/")]


@pytest.fixture(params=EVERY)
def page(request: pytest.FixtureRequest, server: str) -> httpx2.Response:
    return httpx2.get(server + request.param, headers=BROWSER)


def test_a_page_is_told_to_browsers_as_what_it_is(page: httpx2.Response) -> None:
    assert page.status_code == (404 if "/nowhere" in str(page.url) else 200)
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert page.headers["x-content-type-options"] == "nosniff"
    assert "default-src 'self'" in page.headers["content-security-policy"]
    assert "'unsafe" not in page.headers["content-security-policy"]


def test_a_page_has_language_title_description_landmarks_and_one_heading(page: httpx2.Response) -> None:
    elements = Elements(page.text)

    assert elements.named("html") == [{"lang": "en"}]
    assert {"title", "header", "nav", "main", "footer"} <= {name for name, _ in elements.found}
    assert len(elements.named("h1")) == 1
    assert [meta["content"] for meta in elements.named("meta") if meta.get("name") == "description"] != [""]


def test_a_page_loads_only_what_its_own_server_has(page: httpx2.Response, server: str) -> None:
    elements = Elements(page.text)
    loaded = [one.get("src") or one.get("href") for one in elements.named("script", "link", "img")]

    for address in loaded:
        assert address
        assert address.startswith("/")
        if address.startswith("/static"):
            assert httpx2.get(server + address).status_code == 200
    assert not elements.named("style")
    assert "style=" not in page.text
    assert " onclick" not in page.text


def test_every_field_of_a_page_has_a_label(page: httpx2.Response) -> None:
    elements = Elements(page.text)
    fields = [field for field in elements.named("input", "textarea", "select") if field.get("type") != "hidden"]

    labels = {label.get("for") for label in elements.named("label")}
    assert all(field.get("type") == "checkbox" or field["id"] in labels for field in fields)


def test_ids_on_a_page_are_its_own(page: httpx2.Response) -> None:
    ids = [attributes["id"] for _, attributes in Elements(page.text).found if "id" in attributes]

    assert len(ids) == len(set(ids))


def test_a_page_weighs_little(server: str) -> None:
    for address in EVERY:
        with httpx2.stream("GET", server + address, headers={**BROWSER, "Accept-Encoding": "gzip"}) as answer:
            weight = len(b"".join(answer.iter_raw()))
        assert weight <= 20_000, (address, weight)


@pytest.mark.parametrize("address", ADDRESSES.values())
def test_every_link_of_a_page_leads_somewhere(server: str, address: str) -> None:
    with httpx2.Client(base_url=server, headers=BROWSER) as client:
        for link in sorted(set(links(client.get(address).text))):
            assert client.get(link).status_code == 200, link


# Page and API


@pytest.mark.parametrize("address", ADDRESSES.values())
def test_a_page_as_json_is_the_answer_of_the_api_to_the_query_that_it_offers(server: str, address: str) -> None:
    by_header = httpx2.get(server + address, headers={"Accept": "application/json"})
    by_parameter = httpx2.get(server + with_parameters(address, "format=json"), headers=BROWSER)
    console = httpx2.get(f"{server}/graphql?page={quote(address)}", headers=BROWSER).text
    query, variables = (
        html.unescape(text.strip()) for text in re.findall(r"<textarea[^>]*>(.*?)</textarea>", console, re.DOTALL)
    )

    answer = httpx2.post(f"{server}/graphql", json={"query": query, "variables": json.loads(variables)})

    assert by_header.json() == by_parameter.json() == answer.json()
    assert by_header.headers["content-type"] == "application/json"
    assert answer.json().keys() == {"data"}


def test_the_status_of_an_agreement_stands_on_its_page_with_its_reason(server: str) -> None:
    address = f"{server}/agreements/uz-tr-migrant-rights"
    agreement = httpx2.get(address, headers={"Accept": "application/json"}).json()["data"]["at"]["agreement"]

    text = " ".join(Elements(httpx2.get(address).text).text.split())

    assert agreement["status"] == "IN_FORCE"
    assert "In force; this status since 29 January 2026 at the latest" in text
    assert agreement["statusReason"]["explanation"] in text


def test_every_fact_of_an_agreement_opens_the_words_it_rests_on(server: str) -> None:
    address = f"{server}/agreements/uz-de-migration-mobility-2024"
    agreement = httpx2.get(address, headers={"Accept": "application/json"}).json()["data"]["at"]["agreement"]
    page = httpx2.get(address).text

    cited = [citation for fact in (agreement, *agreement["acts"]) for citation in fact["citations"]]

    assert page.count('<details class="cite">') == 1 + len(agreement["acts"])
    assert any(citation["quote"] for citation in cited)
    for citation in cited:
        assert not citation["quote"] or html.escape(citation["quote"], quote=False) in html.unescape(page)


def test_use_of_a_quota_that_cannot_be_stated_is_refused_with_the_reason(server: str) -> None:
    text = Elements(httpx2.get(f"{server}/countries/KR").text).text

    assert "Use cannot be stated. The quota counts work permits, which no return counts." in text


# Day and language stay


@pytest.mark.parametrize("address", ADDRESSES.values())
def test_language_day_and_moment_stay_while_one_walks(server: str, address: str) -> None:
    chosen = "lang=ru&as_of=2026-11-01&known_on=2100-01-01"
    page = httpx2.get(server + with_parameters(address, chosen), headers=BROWSER).text

    walked = [link for link in links(page) if not link.startswith(("/schema", "/static"))]

    switches = [each for each in Elements(page).named("a") if each.get("hreflang")]
    back = [link for link in walked if "as_of" not in link]
    assert len(back) == 1, "only the way back to today leaves the day"
    for link in walked:
        kept = parse_qs(urlsplit(link).query)
        assert link in back or (kept["as_of"], kept["known_on"]) == (["2026-11-01"], ["2100-01-01"]), link
        assert kept["lang"] == ["ru"] or link in [each["href"] for each in switches], link
    for form in re.findall(r"<form.*?</form>", page, re.DOTALL):
        assert 'name="as_of"' in form
        assert 'name="lang" value="ru"' in form


def test_a_page_holds_for_the_day_that_was_chosen(server: str) -> None:
    address = "/agreements/uz-tr-migrant-rights?as_of=2010-01-01"
    text = " ".join(Elements(httpx2.get(server + address).text).text.split())

    assert "As of 1 January 2010" in text
    assert "Status unknown" in text
    assert "1 January 2010" in Elements(httpx2.get(f"{server}/?as_of=2010-01-01").text).text


@pytest.mark.parametrize("tag", LANGUAGES)
def test_a_page_is_in_the_language_of_the_address(server: str, tag: str) -> None:
    page = httpx2.get(f"{server}/countries/DE?lang={tag}")
    elements = Elements(page.text)

    assert elements.named("html") == [{"lang": tag}]
    assert country_name("DE", LANGUAGES[tag][0]) in elements.text
    alternates = {each["hreflang"]: each["href"] for each in elements.named("link") if "hreflang" in each}
    assert alternates == {each: f"/countries/DE?lang={each}" for each in LANGUAGES}
    current = [each["hreflang"] for each in elements.named("a") if each.get("aria-current") == "true"]
    assert current == [tag]


@pytest.mark.parametrize(
    ("header", "tag"),
    [
        ("uz-Cyrl-UZ,ru;q=0.8", "uz-Cyrl"),
        ("uz-UZ,uz;q=0.9,ru;q=0.8", "uz"),
        ("de-DE,ru;q=0.5,en;q=0.4", "ru"),
        ("en;q=0,ru", "ru"),
        ("fr", "en"),
        ("ru;q=broken", "en"),
        ("", "en"),
    ],
)
def test_without_a_choice_the_browser_says_which_language_it_is(server: str, header: str, tag: str) -> None:
    page = httpx2.get(server, headers={"Accept-Language": header})

    assert Elements(page.text).named("html") == [{"lang": tag}]
    assert page.headers["vary"] == "Accept, Accept-Language, Authorization, Cookie, Accept-Encoding"


def test_a_language_that_was_chosen_is_remembered(server: str) -> None:
    with httpx2.Client(base_url=server) as reader:
        reader.get("/countries?lang=uz")
        assert Elements(reader.get("/agreements").text).named("html") == [{"lang": "uz"}]
        assert Elements(reader.get("/agreements?lang=ru").text).named("html") == [{"lang": "ru"}]
        assert Elements(reader.get("/agreements?lang=xx").text).named("html") == [{"lang": "ru"}]


# Facets and pages of lists


def test_facets_narrow_the_list_as_the_api_does(server: str) -> None:
    address = f"{server}/agreements?status=SIGNED&country=RU&subject=MIGRANT_RIGHTS"
    found = httpx2.get(address, headers={"Accept": "application/json"}).json()["data"]["at"]["agreements"]
    text = Elements(httpx2.get(address).text).text

    assert [each["reference"] for each in found["nodes"]] == ["uz-ru-labour-activity-2007"]
    assert "labor activity" in text
    assert "Joint Declaration" not in text


def test_each_chosen_facet_can_be_taken_back(server: str) -> None:
    page = httpx2.get(f"{server}/agreements?status=SIGNED&status=IN_FORCE&country=TR&sort=signed").text

    chips = re.findall(r'<p class="chips">.*?</p>', page, re.DOTALL)[0]

    assert [parse_qs(urlsplit(html.unescape(link)).query) for link in re.findall('href="([^"]+)"', chips)] == [
        {"status": ["IN_FORCE"], "country": ["TR"], "sort": ["signed"]},
        {"status": ["SIGNED"], "country": ["TR"], "sort": ["signed"]},
        {"status": ["SIGNED", "IN_FORCE"], "sort": ["signed"]},
    ]


def test_one_walks_through_a_long_list_by_its_cursor(server: str) -> None:
    seen: list[str] = []
    address = "/countries?all=yes"
    with httpx2.Client(base_url=server, headers=BROWSER) as client:
        for _ in range(10):
            page = client.get(address).text
            seen += re.findall(r'href="/countries/([A-Z]{2})"', page)
            following = re.findall(r'href="([^"]+)" rel="next"', page)
            if not following:
                break
            address = html.unescape(following[0])

    assert len(seen) == len(set(seen)) == 249


@pytest.mark.parametrize(
    "words", ["Germany agreement", "Germaniya kelishuv", "Германия келишув", "соглашение Германии"]
)
def test_search_leads_to_what_is_meant_in_any_language_and_script(server: str, words: str) -> None:
    page = httpx2.get(f"{server}/search", params={"q": words, "lang": "en"}).text

    assert "/agreements/uz-de-migration-mobility-2024?lang=en" in links(page)


def test_what_is_found_can_be_narrowed_to_a_kind_of_record(server: str) -> None:
    page = httpx2.get(f"{server}/search?q=Germany&kind=COUNTRY").text

    assert re.findall(r'<h3><a href="([^"]+)"', page) == ["/countries/DE"]
    assert re.findall(r'href="([^"]+)" aria-current="true"><span class="unseen">Remove', page) == ["/search?q=Germany"]


# What cannot be given


@pytest.mark.parametrize(
    ("address", "status", "code"),
    [
        ("/countries/ZZ", 404, "NOT_FOUND"),
        ("/countries/germany", 404, "NOT_FOUND"),
        ("/agreements/no-such-agreement", 404, "NOT_FOUND"),
        ("/nowhere", 404, "NOT_FOUND"),
        ("/?as_of=yesterday", 400, "BAD_USER_INPUT"),
        ("/?known_on=2026-13-01", 400, "BAD_USER_INPUT"),
        ("/agreements?status=GOOD", 400, "BAD_USER_INPUT"),
        ("/agreements?after=nonsense", 400, "BAD_USER_INPUT"),
        ("/agreements?country=XX", 400, "BAD_USER_INPUT"),
        ("/agreements?due=99", 400, "BAD_USER_INPUT"),
        ("/agreements?sort=foo", 400, "BAD_USER_INPUT"),
        ("/changes?type=Nope", 400, "BAD_USER_INPUT"),
        ("/changes?since=2026-12-01&until=2020-01-01", 400, "BAD_USER_INPUT"),
        ("/engagements?from=2026-01-01&until=2020-01-01", 400, "BAD_USER_INPUT"),
        ("/statistics?measure=EMPLOYED&from=2025&until=2020", 400, "BAD_USER_INPUT"),
        ("/sources?kind=RUMOUR", 400, "BAD_USER_INPUT"),
    ],
)
def test_what_cannot_be_given_is_refused_as_page_and_as_json(server: str, address: str, status: int, code: str) -> None:
    page = httpx2.get(server + with_parameters(address, "lang=ru"), headers=BROWSER)
    told = httpx2.get(server + address, headers={"Accept": "application/json"})

    assert (page.status_code, told.status_code) == (status, status)
    assert Elements(page.text).named("html") == [{"lang": "ru"}]
    assert phrase("To the entrance", Language.RU) in page.text
    assert told.json()["errors"][0]["extensions"]["code"] == code
    assert told.json()["errors"][0]["message"]


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("/statistics?measure=EMPLOYED&from=2025&until=2020", "Период заканчивается раньше, чем начинается."),
        ("/agreements?status=GOOD", "Такого выбора здесь нет: GOOD"),
    ],
)
def test_what_readers_choose_wrongly_is_told_in_their_language(server: str, address: str, said: str) -> None:
    page = httpx2.get(server + with_parameters(address, "lang=ru"), headers=BROWSER).text

    assert said in page
    assert "$filter" not in page
    assert f"{urlsplit(address).path}?lang=ru" in links(page), "and leads to the page without that choice"


@pytest.mark.parametrize("address", ["/?as_of=yesterday", "/?known_on=2020-01-01"])
def test_a_day_that_is_refused_is_not_kept_on_the_ways_from_there(server: str, address: str) -> None:
    page = httpx2.get(server + address, headers=BROWSER)
    ways = [link for link in links(page.text) if not link.startswith("/?")]

    assert page.status_code == 400
    assert "/countries" in ways
    assert not [link for link in ways if "as_of" in link or "known_on" in link]


@pytest.mark.parametrize(
    ("address", "place"),
    [
        ("/agreements/?country=DE", "/agreements?country=DE"),
        ("/countries/DE/", "/countries/DE"),
        ("/graphql/", "/graphql"),
    ],
)
def test_an_address_with_a_slash_at_its_end_leads_to_the_one_without_and_to_no_other_host(
    server: str, address: str, place: str
) -> None:
    answer = httpx2.get(server + address, headers={"Host": "elsewhere.example"}, follow_redirects=False)

    assert (answer.status_code, answer.headers["Location"]) == (307, place)
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("address", ["//elsewhere.example/", "/nowhere/", "///", "/countries/"])
def test_a_slash_leads_nowhere_where_there_is_no_page(server: str, address: str) -> None:
    answer = httpx2.get(server + address, follow_redirects=False)

    assert answer.status_code == (307 if address == "/countries/" else 404)


def test_countries_stand_in_the_order_of_the_readers_alphabet(server: str) -> None:
    page = httpx2.get(f"{server}/agreements?lang=ru").text
    options = re.findall(r'<select id="country".*?</select>', page, re.DOTALL)[0]
    names = re.findall(r'<option value="[A-Z]{2}">([^<]+)<', options)

    assert len(names) > 10
    assert names == sorted(names, key=alphabetical(Language.RU)) != sorted(names, key=lambda name: name[::-1])
    assert names.index("Венгрия") < names.index("Германия") < names.index("Грузия")


def test_what_is_kept_for_comparison_says_so_and_can_be_listed(server: str) -> None:
    mark = phrase("Kept for comparison.", Language.EN)
    listed, every = (httpx2.get(f"{server}/agreements?lang=en{more}").text for more in ("", "&all=yes"))

    assert mark in httpx2.get(f"{server}/agreements/bracero-program?lang=en").text
    assert mark in httpx2.get(f"{server}/search?q=bracero&lang=en").text
    assert mark not in httpx2.get(f"{server}/agreements/uz-de-migration-mobility-2024?lang=en").text
    assert "/agreements/bracero-program?lang=en" not in links(listed)
    assert "/agreements/bracero-program?all=yes&lang=en" not in links(every)
    assert "/agreements/bracero-program?lang=en" in links(every)
    assert mark in every


def test_the_home_country_has_no_stage_of_cooperation_with_itself(server: str) -> None:
    none = code_name("CooperationStage", "NONE", Language.EN)

    assert none.capitalize() not in Elements(httpx2.get(f"{server}/countries/UZ?lang=en").text).text
    assert none.capitalize() in Elements(httpx2.get(f"{server}/countries/AR?lang=en").text).text


def test_countries_under_a_stage_are_counted_where_all_of_them_are_shown(server: str) -> None:
    partners, every = (httpx2.get(f"{server}/countries?lang=en{more}").text for more in ("", "&all=yes"))
    heads = [re.findall(r'<tr class="group">.*?</tr>', page, re.DOTALL) for page in (partners, every)]

    assert all('class="count"' in head for head in heads[0])
    assert not any('class="count"' in head for head in heads[1])


def test_a_country_is_found_whatever_the_case_of_its_code(server: str) -> None:
    assert "Germany" in httpx2.get(f"{server}/countries/de").text


def test_what_readers_write_is_shown_as_text(server: str) -> None:
    page = httpx2.get(f"{server}/search", params={"q": '"><script>alert(1)</script>'}).text

    assert "<script>alert" not in page
    assert "&lt;script&gt;" in page


def test_an_answer_that_still_holds_is_not_sent_again(server: str) -> None:
    tag = httpx2.get(f"{server}/countries").headers["etag"]

    assert httpx2.get(f"{server}/countries", headers={"If-None-Match": tag}).status_code == 304
    assert httpx2.get(f"{server}/countries?lang=ru", headers={"If-None-Match": tag}).status_code == 200


def test_facts_show_no_banner_of_synthetic_data(server: str) -> None:
    assert "Synthetic data" not in httpx2.get(server).text


# The console, and what is no page


@pytest.mark.parametrize("address", ["/nowhere", "/countries/ZZ", "//", "/graphql", "/?as_of=x", ""])
def test_the_console_opens_with_an_example_where_there_is_no_such_page(server: str, address: str) -> None:
    page = httpx2.get(f"{server}/graphql", params={"page": address}, headers=BROWSER)

    assert page.status_code == 200
    assert "query InForceToday" in page.text


def test_the_console_works_without_scripts_as_a_form(server: str) -> None:
    answer = httpx2.get(f"{server}/graphql", params={"query": "{ __typename }", "variables": ""}, headers=BROWSER)

    assert answer.json() == {"data": {"__typename": "Query"}}


def test_files_outside_the_static_folder_are_not_found(server: str) -> None:
    assert httpx2.get(f"{server}/static/../app.py").status_code == 404
    assert httpx2.get(f"{server}/static/%2e%2e/app.py").status_code == 404


def test_the_schema_can_be_read_as_it_is_served(server: str) -> None:
    from schema import schema
    from schema.published import sdl

    answer = httpx2.get(f"{server}/schema.graphql")

    assert answer.text == sdl(schema)
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"


def test_a_living_server_says_so(server: str) -> None:
    assert httpx2.get(f"{server}/health/live").json() == {"status": "live"}


def test_the_server_does_not_tell_its_make(server: str) -> None:
    assert "server" not in httpx2.get(server).headers
