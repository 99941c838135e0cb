"""What is about labour is told apart from what is not, what is agreed from what is compared, and home from abroad."""

import re
from datetime import date
from typing import Any

import httpx2
import pytest
from starlette.requests import Request

from registry.agreements import ABOUT_LABOUR
from registry.codes import Language
from registry.language import code_name, phrase
from registry.settings import Settings
from registry.web.pages.home import IN_FORCE, ON_THE_WAY
from registry.web.pages.labour import is_on_other_subjects
from registry.web.pages.walk import LANGUAGES, Walk
from tests.web.test_outlook_pages import asked
from tests.web.test_pages import BROWSER, Elements, links
from tests.web.test_record_pages import words_of

ELSEWHERE = "on other subjects than labour"


def page(server: str, address: str) -> str:
    answer = httpx2.get(server + address, headers=BROWSER, timeout=60)
    assert answer.status_code == 200, answer.text
    return answer.text


def rows(server: str) -> dict[str, str]:
    """What the list of countries says of each, by its name."""
    told = re.findall(r'<tr><th scope="row">(.*?)</tr>', page(server, "/countries"), re.DOTALL)
    texts = [" ".join(Elements(row).text.split()) for row in told]
    return {re.findall(r">([^<]+)</a>", row)[0]: text for row, text in zip(told, texts, strict=True)}


def walk(address: str) -> Walk:
    path, _, query = address.partition("?")
    scope = {"type": "http", "path": path, "query_string": query.encode(), "headers": []}
    return Walk(Request(scope), Settings())


# ── The entrance ───────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("statuses", "name"), [(IN_FORCE, "in_force"), (ON_THE_WAY, "on_the_way")])
def test_the_entrance_counts_what_is_about_labour_and_the_rest_beside_it(
    server: str, statuses: list[str], name: str
) -> None:
    status, subject = (", ".join(codes) for codes in (statuses, ABOUT_LABOUR))
    told = asked(
        server,
        f"""{{ labour: agreements(filter: {{ status: [{status}], subject: [{subject}] }}, first: 1) {{ totalCount }}
               all: agreements(filter: {{ status: [{status}] }}, first: 1) {{ totalCount }} }}""",
    )
    labour, every = told["labour"]["totalCount"], told["all"]["totalCount"]
    assert 0 < labour < every

    words = words_of(page(server, "/"))

    says = {"in_force": "in force or carried out", "on_the_way": "signed or under way, entry into force not on record"}
    assert f"{labour} {says[name]} and {every - labour} on other subjects" in words


def test_the_entrance_lists_nothing_in_force_that_is_not_about_labour(server: str) -> None:
    main = page(server, "/")

    listed = re.findall(r'<h3><a href="/agreements/([^"]+)"', main)

    subjects = asked(server, "{ agreements(first: 100) { nodes { reference subjects } } }")["agreements"]["nodes"]
    about = {each["reference"] for each in subjects if {*each["subjects"]} & {*ABOUT_LABOUR}}
    assert listed
    assert {*listed} <= about


def test_no_page_says_of_what_was_signed_long_ago_that_it_is_on_its_way_into_force() -> None:
    for language, _ in LANGUAGES.values():
        said = phrase("signed or under way, entry into force not on record", language)
        gap = code_name("GapKind", "SIGNED_NOT_IN_FORCE", language)
        assert language is Language.EN or not said.startswith("signed")
        for text in (said, gap):
            assert any(
                word in text for word in ("not on record", "не зарегистрировано", "qayd etilmagan", "қайд этилмаган")
            )


# ── Stages that rest on other subjects ─────────────────────────────────────────────────────────────


def test_a_country_whose_stage_rests_on_other_subjects_is_marked_so_in_the_list_and_on_its_page(server: str) -> None:
    told = rows(server)
    assert {name for name, text in told.items() if ELSEWHERE in text} == {
        "Azerbaijan",
        "Georgia",
        "Kyrgyzstan",
        "Turkmenistan",
        "United States",
    }
    assert ELSEWHERE in words_of(page(server, "/countries/AZ"))
    assert ELSEWHERE not in words_of(page(server, "/countries/TR"))
    assert next(iter(told)) == "Türkiye", "what is about labour comes first within its stage"


@pytest.mark.parametrize(
    ("stage", "counted", "others"),
    [
        ("AGREEMENT_IN_FORCE", {"inForceOnLabour": 0, "signedOnLabour": 3}, True),
        ("AGREEMENT_IN_FORCE", {"inForceOnLabour": 1}, False),
        ("AGREEMENT_SIGNED", {"signedOnLabour": 0, "engaged": 4}, True),
        ("AGREEMENT_SIGNED", {"signedOnLabour": 2}, False),
        ("IN_DISCUSSION", {"onAnything": 1}, True),
        ("IN_DISCUSSION", {"onAnything": 1, "engaged": 1}, False),
        ("IN_DISCUSSION", {"onAnything": 2, "onLabour": 1}, False),
        ("COOPERATING", {"companiesThere": 1, "onAnything": 1}, False),
        ("NONE", {}, False),
    ],
)
def test_a_stage_rests_on_other_subjects_where_nothing_about_labour_may_have_led_there(
    stage: str, counted: dict[str, int], others: bool
) -> None:
    names = ("onAnything", "onLabour", "inForceOnLabour", "signedOnLabour", "engaged", "companiesThere")
    country: dict[str, Any] = {name: {"totalCount": counted.get(name, 0)} for name in names}

    assert is_on_other_subjects(country | {"stage": stage}) is others


# ── Lists of countries ─────────────────────────────────────────────────────────────────────────────


def test_a_country_without_a_stage_is_listed_with_the_people_placed_there(server: str) -> None:
    words = words_of(page(server, "/countries"))

    assert "6,924" in rows(server)["Kazakhstan"]
    assert words.index("No stage established") < words.index("Kazakhstan")
    assert "Uzbekistan" not in rows(server)


def test_the_list_of_countries_says_which_quotas_it_counts(server: str) -> None:
    assert "Quotas of all years are counted, with those that are parts of others." in words_of(
        page(server, "/countries")
    )


# ── Home ───────────────────────────────────────────────────────────────────────────────────────────


def test_the_page_of_the_home_country_does_not_call_empty_what_the_registry_is_full_of(server: str) -> None:
    told = page(server, "/countries/UZ")

    words = words_of(told)
    assert "> 80,000 persons" in words
    for denied in ("No figure", "No placement return", "None is known", "No quota", "No partner company", "falls due."):
        assert denied not in words
    assert {"/statistics", "/statistics/quotas", "/gaps", "/deadlines", "/companies"} <= {*links(told)}
    gaps = asked(server, "{ gaps(first: 1) { totalCount } }")["gaps"]["totalCount"]
    assert f"Gaps and contradictions {gaps:,}" in words


# ── Kept for comparison ────────────────────────────────────────────────────────────────────────────


def test_what_is_kept_for_comparison_is_marked_in_the_history_of_a_country(server: str) -> None:
    words = words_of(page(server, "/countries/MX"))

    assert "NAFTA/USMCA (kept for comparison)" in words
    assert "Bracero Program (1942\N{EN DASH}1964) (kept for comparison)" in words


def test_a_country_with_nothing_but_what_is_compared_leads_there(server: str) -> None:
    told = page(server, "/countries/MX")

    assert "No agreement with this country is on record but what is kept for comparison." in words_of(told)
    (way,) = (each for each in links(told) if each.startswith("/agreements?"))
    assert "NAFTA" in page(server, way.replace("&amp;", "&"))


def test_each_of_several_gaps_of_one_kind_says_what_it_is_of(server: str) -> None:
    words = words_of(page(server, "/agreements/uz-se-migration-mobility-draft"))

    found = re.findall(r"(\S+) Facts of this record whose source's exact words are not held: 1\.", words)
    assert len(found) == len({*found}) == 2, found


# ── Twelve months ──────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("day", "last"),
    [
        ("2026-11-21", date(2027, 11, 20)),
        ("2027-03-01", date(2028, 2, 29)),
        ("2028-02-29", date(2029, 2, 27)),
        ("9999-06-01", date.max),
    ],
)
def test_twelve_months_end_on_the_day_before_the_thirteenth_begins(day: str, last: date) -> None:
    assert walk(f"/?as_of={day}").year_ahead == last


# ── Statistics ─────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("asked_for", ["by=COMPANY", "country=KZ", "from=2021"])
def test_a_table_that_is_asked_for_without_a_measure_is_of_one_that_it_names(server: str, asked_for: str) -> None:
    given = httpx2.get(f"{server}/statistics.csv?{asked_for}").text
    chosen = httpx2.get(f"{server}/statistics.csv?{asked_for}&measure=EMPLOYED").text

    assert given == chosen.replace(",People,", ",People: Employed,", 1)
    assert "People: Employed" in given
