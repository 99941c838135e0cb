"""Pages of lists and records: what a reader chooses narrows them as the API does, and what they say is what it says."""

import html
import re
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest
import sqlalchemy as sa

from registry import keys
from registry.access import Actor, Role
from registry.exchange.sheets import KINDS
from registry.history import changeset
from registry.settings import Settings
from registry.transliteration import TUTUQ
from registry.web.pages import company
from registry.web.pages.rendering import TEMPLATES
from registry.web.pages.walk import Walk
from schema import schema
from tests.factories import make_figure
from tests.servers import serving
from tests.web.test_pages import Elements

#: Each facet of each list, as an address and as a field of the API with its filter.
FACETS = [
    ("/agreements?status=SIGNED&status=IN_FORCE", "agreements", "{ status: [SIGNED, IN_FORCE] }"),
    ("/agreements?type=MEMORANDUM_OF_UNDERSTANDING", "agreements", "{ type: [MEMORANDUM_OF_UNDERSTANDING] }"),
    ("/agreements?subject=READMISSION", "agreements", "{ subject: [READMISSION] }"),
    ("/agreements?country=RU", "agreements", '{ country: ["RU"] }'),
    ("/agreements?sector=Q", "agreements", '{ sector: ["Q"] }'),
    ("/agreements?text=migration", "agreements", '{ text: "migration" }'),
    ("/companies?country=DE", "companies", '{ country: ["DE"] }'),
    ("/companies?stage=ACTIVE", "companies", "{ stage: [ACTIVE] }"),
    ("/companies?stage=ENDED", "companies", "{ stage: [ENDED] }"),
    ("/companies?role=CERTIFIER", "companies", "{ role: [CERTIFIER] }"),
    ("/companies?sector=C", "companies", '{ sector: ["C"] }'),
    ("/companies?text=WeST", "companies", '{ text: "west" }'),
    ("/institutions?kind=FUND&kind=MINISTRY", "institutions", "{ kind: [FUND, MINISTRY] }"),
    ("/institutions?country=TR", "institutions", '{ country: ["TR"] }'),
    ("/institutions?all=yes", "institutions", "{ includeComparators: true }"),
    ("/programmes?kind=MICROLOAN", "programmes", "{ kind: [MICROLOAN] }"),
    ("/programmes?country=TR", "programmes", '{ country: ["TR"] }'),
    ("/programmes?all=yes", "programmes", "{ includeComparators: true }"),
    ("/engagements?kind=MEETING&kind=VISIT", "engagements", "{ kind: [MEETING, VISIT] }"),
    ("/engagements?country=LV", "engagements", '{ country: ["LV"] }'),
    (
        "/engagements?from=2026-01-01&until=2026-01-31",
        "engagements",
        '{ date: { from: "2026-01-01", until: "2026-01-31" } }',
    ),
    ("/engagements?until=2020-12-31", "engagements", '{ date: { until: "2020-12-31" } }'),
]


@pytest.fixture(scope="module")
def crowd(generated: sa.Engine) -> Iterator[str]:
    """A server of a registry in which there is some of everything."""
    with serving(Settings(database_url=str(generated.url))) as address:
        yield address


def ask(server: str, query: str, day: str | None = None) -> Any:
    """What the API says, on the legal day where one is given."""
    asked = f'at(date: "{day}")' if day else "at"
    answer = httpx2.post(f"{server}/graphql", json={"query": f"{{ {asked} {{ {query} }} }}"}).json()
    assert answer.keys() == {"data"}
    return answer["data"]["at"]


def walked(server: str, address: str) -> list[str]:
    """A list's pages, from the first to the last."""
    pages = []
    with httpx2.Client(base_url=server) as client:
        while True:
            pages.append(client.get(address).text)
            following = re.findall(r'href="([^"]+)" rel="next"', pages[-1])
            if not following:
                return pages
            address = html.unescape(following[0])


def listed(kind: str, *pages: str) -> list[str]:
    """The references of the records that pages list."""
    return [name for page in pages for name in re.findall(rf'<h3[^>]*>\s*<a href="/{kind}/([^"?]+)', main_of(page))]


def main_of(page: str) -> str:
    """What stands between head and foot."""
    return page[page.index("<main") : page.index("</main>")]


def words_of(page: str) -> str:
    return " ".join(Elements(main_of(page)).text.split())


@pytest.mark.parametrize(("address", "field", "filter"), FACETS, ids=[address for address, *_ in FACETS])
def test_each_facet_narrows_its_list_as_the_api_does(server: str, address: str, field: str, filter: str) -> None:
    asked = f"found: {field}(filter: {filter}, first: 100) {{ totalCount nodes {{ reference }} }}"
    told = ask(server, f"{asked} every: {field}(first: 1) {{ totalCount }}")
    page = httpx2.get(server + address).text

    references = [each["reference"] for each in told["found"]["nodes"]]
    assert sorted(listed(field, page)) == sorted(references)
    number, every = told["found"]["totalCount"], told["every"]["totalCount"]
    heading = re.findall(r'<span class="count">(.*?)</span>', page)[0]
    assert heading == (f"{number} of {every}" if number != every else f"{number}")


def test_facets_are_not_all_of_nothing(server: str) -> None:
    empty = [address for address, field, _ in FACETS if "<h3" not in main_of(httpx2.get(server + address).text)]

    assert set(empty) == {"/companies?stage=ENDED", "/companies?sector=C"}


@pytest.mark.parametrize(
    "address",
    [
        "/agreements?status=SIGNED&type=INTERGOVERNMENTAL_AGREEMENT&subject=READMISSION&country=DE&sector=Q&due=12",
        "/companies?stage=ACTIVE&role=EMPLOYER&country=DE&sector=F&text=west",
        "/institutions?kind=FUND&country=TR",
        "/programmes?kind=OTHER&country=TR",
        "/engagements?kind=MEETING&country=TR&from=2020-01-01&until=2030-01-01",
    ],
)
def test_what_is_chosen_stays_on_the_way_and_each_of_it_can_be_taken_back(server: str, address: str) -> None:
    page = httpx2.get(server + address).text
    chosen = parse_qs(urlsplit(address).query)

    chips = re.findall(r'<p class="chips">.*?</p>', page, re.DOTALL)[0]
    left = [parse_qs(urlsplit(html.unescape(link)).query) for link in re.findall('href="([^"]+)"', chips)]
    assert sorted(left, key=str) == sorted(
        ({name: value for name, value in chosen.items() if name != each} for each in chosen), key=str
    )
    tongues = [parse_qs(urlsplit(str(a["href"])).query) for a in Elements(page).named("a") if a.get("hreflang")]
    assert all(tongue.items() >= chosen.items() for tongue in tongues)
    other_day = re.findall(r'<form class="wide".*?</form>', page, re.DOTALL)[0]
    assert {name: [value] for name, value in re.findall(r'name="(\w+)" value="([^"]+)"', other_day)} == chosen
    facets = re.findall(r'<form class="facets".*?</form>', page, re.DOTALL)[0]
    kept = re.findall(r'value="([^"]+)" (?:checked|selected)', facets) + re.findall(r' value="([^"]+)">', facets)
    assert {value for values in chosen.values() for value in values} <= set(kept)


def test_agreements_that_fall_due_are_those_whose_term_or_notice_does(crowd: str) -> None:
    kinds = "kind: [TERM_END, NOTICE_BEFORE_RENEWAL]"
    day = ask(crowd, f"deadlines(filter: {{ {kinds} }}, first: 1) {{ nodes {{ date }} }}")["deadlines"]["nodes"][0][
        "date"
    ]
    end = (date.fromisoformat(day) + timedelta(days=730)).isoformat()
    due = f'filter: {{ falling: {{ from: "{day}", until: "{end}" }} }}, first: 100'
    told = ask(
        crowd, f"agreements({due}) {{ nodes {{ reference }} }} every: agreements(first: 1) {{ totalCount }}", day
    )

    pages = walked(crowd, f"/agreements?due=24&as_of={day}")

    assert 0 < len(told["agreements"]["nodes"]) < min(100, told["every"]["totalCount"])
    assert sorted(listed("agreements", *pages)) == sorted(each["reference"] for each in told["agreements"]["nodes"])
    assert "within 24 months" in words_of(pages[0])


def test_a_time_ahead_that_is_none_is_no_choice(server: str) -> None:
    assert 'class="chips"' not in httpx2.get(f"{server}/agreements?due=soon").text


def test_a_facet_stays_through_all_pages_of_a_list(crowd: str) -> None:
    asked = "companies(filter: { role: [EMPLOYER] }, first: 100, orderBy: { field: NAME })"
    told = ask(crowd, f"{asked} {{ totalCount nodes {{ reference }} }}")["companies"]

    pages = walked(crowd, "/companies?role=EMPLOYER&lang=en")

    assert len(pages) > 1
    assert all("role=EMPLOYER" in page[page.index('class="chips"') - 2000 :] for page in pages)
    assert listed("companies", *pages)[:100] == [each["reference"] for each in told["nodes"]]
    assert len(listed("companies", *pages)) == told["totalCount"]


def test_a_day_that_is_none_is_refused(server: str) -> None:
    assert httpx2.get(f"{server}/engagements?from=soon").status_code == 400


@pytest.mark.parametrize(
    "address",
    [
        "/companies/nobody",
        "/sectors/ZZ",
        "/institutions/nobody",
        "/programmes/nothing",
        "/engagements/never",
    ],
)
def test_a_record_that_is_not_there_is_not_found(server: str, address: str) -> None:
    assert httpx2.get(server + address).status_code == 404


# What pages of records say


def test_a_company_stands_with_its_stage_spellings_roles_and_words(server: str) -> None:
    told = ask(server, 'company(reference: "sbh-west") { name names stage citations { quote } }')["company"]
    page = httpx2.get(f"{server}/companies/sbh-west").text

    text = words_of(page)
    assert told["stage"] == "ACTIVE"
    assert "Active on" in text
    assert all(name in text for name in told["names"])
    assert "runs on this day" in text
    assert all(html.escape(each["quote"], quote=False) in html.unescape(page) for each in told["citations"])
    assert "licenceRecord" in text
    assert "registry import licences.csv" in text


def _since(earliest: str | None, latest: str | None) -> dict[str, Any]:
    return {"edtf": "?", "earliest": earliest, "latest": latest}


@pytest.mark.parametrize(
    ("runs", "since", "until", "standing"),
    [
        (True, None, None, "runs"),
        (False, _since("2027-01-01", "2027-12-31"), None, "ahead"),
        (False, _since("2026-01-01", "2026-12-31"), None, "unsure"),
        (False, _since("2020-01-01", "2020-01-01"), _since("2025-01-01", "2025-12-31"), "over"),
        (False, _since("2020-01-01", "2020-01-01"), _since(None, None), "unsure"),
        (False, None, None, "unsure"),
    ],
)
def test_a_partnership_is_said_to_run_only_where_that_is_certain(
    runs: bool, since: Any, until: Any, standing: str
) -> None:
    shown = _shaped(partnerships=[{"runs": runs, "since": since, "until": until}])

    assert [each for each, _ in shown["partnerships"]] == [standing]


@pytest.mark.parametrize(
    ("state", "until", "shown"),
    [
        ("VALID", "2026-05-31", "LAPSED"),
        ("VALID", "2026-06-01", "VALID"),
        ("VALID", None, "VALID"),
        ("SUSPENDED", "2020-01-01", "SUSPENDED"),
    ],
)
def test_a_licence_that_would_entitle_is_said_to_have_lapsed_once_its_last_day_has_passed(
    state: str, until: str | None, shown: str
) -> None:
    licence = {"state": state, "until": until and _since(until, until)}

    assert [each for each, _ in _shaped(licences=[licence])["licences"]] == [shown]


def test_a_lapsed_licence_stands_on_the_page_of_its_company_with_the_gap(crowd: str) -> None:
    asked = "gaps(filter: { kind: [LICENCE_LAPSED] }, first: 1)"
    gap = ask(crowd, f"{asked} {{ nodes {{ explanation subject {{ ... on Company {{ reference }} }} }} }}")["gaps"][
        "nodes"
    ][0]

    text = words_of(httpx2.get(f"{crowd}/companies/{gap['subject']['reference']}").text)

    assert "Lapsed" in text
    assert gap["explanation"] in text


def test_pages_weigh_little_where_there_is_much(crowd: str) -> None:
    reference = ask(crowd, "companies(first: 1) { nodes { reference } }")["companies"]["nodes"][0]["reference"]
    lists = ["/agreements", "/companies", "/sectors", "/sectors/C", "/institutions", "/programmes", "/engagements"]
    for address in (*lists, f"/companies/{reference}"):
        with httpx2.stream("GET", crowd + address, headers={"Accept-Encoding": "gzip"}) as answer:
            assert len(b"".join(answer.iter_raw())) <= 60_000, address


def _shaped(**given: Any) -> dict[str, Any]:
    """What the page of a company makes of it on 1 June 2026; nothing of it depends on the walk."""
    measures = ["registered", "inTraining", "selected", "contracted", "visaIssued", "departed", "arrived"]
    tables: dict[str, Any] = {name: {"rows": []} for name in [*measures, "employed", "returned"]}
    record = {"agreements": {"nodes": []}, "partnerships": [], "licences": [], **tables, **given}
    walk: Walk = object.__new__(Walk)
    return company.shape({"company": record, "date": "2026-06-01"}, walk)


def test_every_section_and_division_is_there_with_what_the_registry_holds_on_it(server: str) -> None:
    counted = "code agreements { totalCount } companies { totalCount } quotas { totalCount }"
    told = ask(server, f"sectors(filter: {{ level: [SECTION] }}, first: 30) {{ nodes {{ {counted} }} }}")
    every = ask(server, "a: sectors(first: 100) { totalCount pageInfo { endCursor } }")["a"]["totalCount"]
    page = httpx2.get(f"{server}/sectors").text

    assert len(set(re.findall(r'href="/sectors/(\w+)"', page))) == every
    rows = {
        code: [
            0 if number == "\u2013" else int(number)
            for number in re.findall(r'<td class="n[^>]*>([\d\u2013]+)</td>', row)
        ]
        for row in re.findall(r"<tr>.*?</tr>", page, re.DOTALL)
        for code in re.findall(r"<code>([A-U])</code>", row)
    }
    assert rows == {
        each["code"]: [each[name]["totalCount"] for name in ("agreements", "quotas", "companies")]
        for each in told["sectors"]["nodes"]
    }
    assert sum(map(sum, rows.values()))


def test_sectors_are_found_by_words_on_every_level(server: str) -> None:
    page = main_of(httpx2.get(f"{server}/sectors?text=food").text)

    found = re.findall(r'<th scope="row"><code>(\w+)</code>', page)
    told = ask(server, 'sectors(filter: { text: "food" }, first: 100) { nodes { code } }')["sectors"]["nodes"]
    assert found == [each["code"] for each in told]
    assert {len(code) for code in found} > {1}


def test_quotas_of_a_sector_name_their_countries_and_their_use(server: str) -> None:
    told = ask(
        server,
        """sector(code: "F") { quotas(first: 50) { nodes { places country { name } utilisation { reason } } } }""",
    )["sector"]["quotas"]["nodes"]
    text = words_of(httpx2.get(f"{server}/sectors/F").text)

    assert told
    for quota in told:
        assert f"{quota['country']['name']}: {quota['places']:,} " in text
        assert quota["utilisation"]["reason"] in text


def test_an_institution_leads_to_what_it_acts_under_and_belongs_to(server: str) -> None:
    told = ask(
        server,
        """institution(reference: "migration-agency") { parent { reference } succeeds { reference } parts { reference }
        agreements(first: 50) { nodes { reference } } }""",
    )["institution"]
    page = main_of(httpx2.get(f"{server}/institutions/migration-agency").text)

    assert told["agreements"]["nodes"]
    assert told["parts"]
    for one in (told["parent"], told["succeeds"], *told["parts"]):
        assert f'href="/institutions/{one["reference"]}"' in page
    for agreement in told["agreements"]["nodes"]:
        assert f'href="/agreements/{agreement["reference"]}"' in page


def test_a_programme_says_what_it_gives_and_who_gives_it(server: str) -> None:
    page = httpx2.get(f"{server}/programmes/return-subsidy").text

    assert "500,000 UZS" in words_of(page)
    assert 'href="/institutions/labour-support-fund"' in page
    assert "50% of the cost" in words_of(httpx2.get(f"{server}/programmes/language-refund").text)


def test_dealings_come_with_the_latest_first_and_one_leads_to_what_it_was_about(server: str) -> None:
    page = httpx2.get(f"{server}/engagements").text
    asked = "engagements(first: 25, orderBy: { field: DATE, direction: DESC }) { nodes { reference } }"

    assert listed("engagements", page) == [each["reference"] for each in ask(server, asked)["engagements"]["nodes"]]
    one = httpx2.get(f"{server}/engagements/sweden-talks-2025").text
    assert 'href="/agreements/uz-se-migration-mobility-draft"' in one
    assert 'href="/countries/SE"' in one
    assert "Under discussion" in words_of(one)


def test_numbers_at_the_entrance_lead_to_their_records(server: str) -> None:
    page = httpx2.get(f"{server}/").text

    numbers = re.findall(r'<ul class="numbers">.*?</ul>', page, re.DOTALL)[0]
    assert 'href="/companies"' in numbers
    assert len(re.findall("<li>", numbers)) == len(re.findall("<li><a href", numbers))


def test_what_an_empty_place_names_can_be_done() -> None:
    templates = "\n".join(path.read_text(encoding="utf-8") for path in TEMPLATES.glob("*.html"))
    named = re.findall(r'empty\(_\("[^"]+"\), (?:"(\w+)"|none), "(\w+)"\)', templates)
    mutations = schema._schema.mutation_type
    assert mutations is not None

    assert len(named) > 20
    assert {mutation for mutation, _ in named if mutation} - mutations.fields.keys() == set()
    assert {sheet for _, sheet in named} - KINDS.keys() == set()


@pytest.mark.parametrize(("tag", "role"), [("en", "administrator"), ("ru", "администратор"), ("uz", f"ma{TUTUQ}mur")])
def test_whoever_may_not_see_names_is_told_the_role_in_words(server: str, tag: str, role: str) -> None:
    for address in ("/companies/sbh-west", "/changes"):
        text = words_of(httpx2.get(f"{server}{address}?lang={tag}").text)

        assert f"The seeds were loaded. {role} " in text
        assert "ADMIN" not in text


def test_a_name_in_the_log_stays_a_name(seeded_copy: sa.Engine) -> None:
    with changeset(seeded_copy, "A figure.", Actor("EDITOR of the archive", Role.ADMIN)) as changes:
        make_figure(changes)
        _, key = keys.create(changes, name="Ministry", role=Role.READER)
    with serving(Settings(database_url=seeded_copy.url.render_as_string())) as address:
        page = httpx2.get(f"{address}/changes?lang=ru", headers={"Authorization": f"Bearer {key}"}).text

    assert "A figure. EDITOR of the archive" in words_of(page)


def test_the_log_parts_a_kind_of_record_from_what_is_told_of_it(server: str) -> None:
    agreement = words_of(httpx2.get(f"{server}/agreements/uz-de-migration-mobility-2024?lang=en").text)
    log = words_of(httpx2.get(f"{server}/changes?type=Company&lang=en").text)

    assert "Entered: legal act \N{EN DASH} signature, 15 September 2024" in agreement
    assert "Entered: company \N{EN DASH} SBH WEST GmbH" in log


def test_changes_since_a_day_after_what_is_known_are_none_and_no_mistake(server: str) -> None:
    today = date.today()
    asked = {"since": str(today + timedelta(days=2)), "known_on": str(today), "lang": "en"}

    assert httpx2.get(f"{server}/changes", params=asked).status_code == 200


def test_a_status_is_parted_from_since_when_it_holds(server: str) -> None:
    for address in ("/countries/TR", "/agreements/uz-tr-migrant-rights", "/agreements?country=TR"):
        text = words_of(httpx2.get(f"{server}{address}{'&' if '?' in address else '?'}lang=en").text)

        assert "In force; this status since 29 January 2026 at the latest" in text
    assert "Active; runs on this day;" in words_of(httpx2.get(f"{server}/companies/sbh-west?lang=en").text)


@pytest.mark.parametrize("address", ["/countries/KR", "/sectors/C", "/compare?a=KR&b=RU"])
def test_every_heading_of_a_table_says_what_it_heads(server: str, address: str) -> None:
    headings = re.findall("<th[ >][^>]*", httpx2.get(server + address).text)

    assert headings or address == "/sectors/C"
    assert [each for each in headings if "scope=" not in each] == []
