"""What pages say of themselves and of what went wrong: in the reader's language, and in one way everywhere."""

import html
import re
from datetime import datetime
from zoneinfo import ZoneInfo

import httpx2
import pytest

from registry.codes import Language
from registry.language import country_name, phrase, words
from registry.web.pages.alphabet import alphabetical
from registry.web.pages.walk import LANGUAGES

BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


def read(server: str, address: str, tag: str) -> str:
    """The page at an address in a language, signs written out."""
    found = httpx2.get(server + address, headers={**BROWSER, "Cookie": f"lang={tag}"}, timeout=60)
    return html.unescape(found.text)


def between(start: str, end: str, page: str) -> str:
    return page.partition(start)[2].partition(end)[0]


def title(page: str) -> str:
    return between("<title>", "</title>", page)


def main(page: str) -> str:
    return between('<main id="main" class="wide">', "</main>", page)


# What is wrong


@pytest.mark.parametrize(
    ("address", "russian"),
    [
        ("/countries/ZZ", "Такого кода страны нет: ZZ. Укажите две буквы, например DE."),
        ("/compare?a=ZZ&b=DE", "Такого кода страны нет: ZZ. Укажите две буквы, например DE."),
        ("/agreements?country=XX", "Такого кода страны нет: XX. Укажите две буквы, например DE."),
        ("/?as_of=foo", "Это не дата: foo. Укажите календарный день, например 2026-11-21."),
        ("/?known_on=2026-13-01", "Это не дата: 2026-13-01. Укажите календарный день, например 2026-11-21."),
        ("/engagements?from=abc", "Это не дата: abc. Укажите календарный день, например 2026-11-21."),
        ("/countries/DE/changes.atom?as_of=foo", "Это не дата: foo. Укажите календарный день, например 2026-11-21."),
        ("/changes?since=0001-01-01", "Этот день слишком далек: 0001-01-01. Укажите более близкий."),
        ("/statistics?measure=EMPLOYED&from=abc", "Это не год: abc. Укажите четыре цифры, например 2025."),
        ("/statistics?measure=FOO", "Такого выбора здесь нет: FOO"),
        ("/agreements?after=xx", "Такой страницы списка нет: "),
        ("/changes?before=xx", "Такой страницы списка нет: "),
        ("/agreements/UZ-TR-migrant-rights", "Такой записи нет."),
        ("/agreements?sector=zz", "Такой записи нет: zz"),
    ],
)
def test_what_is_wrong_with_an_address_is_told_in_the_language_of_the_reader(
    server: str, address: str, russian: str
) -> None:
    page = main(read(server, address, "ru"))

    assert f"<p>{russian}" in page
    assert not re.search("[A-Za-z]{4,}", re.sub("<[^>]*>", "", page).replace("UZ-TR-migrant-rights", ""))
    for tag in ("uz", "uz-Cyrl"):
        assert "<p lang" not in main(read(server, address, tag))


def test_what_is_told_in_english_says_so(server: str) -> None:
    assert '<p lang="en">This is not an id of this registry.' in main(read(server, "/changes?record=xx", "ru"))


def test_from_a_page_of_a_list_that_is_none_one_gets_to_the_first(server: str) -> None:
    page = main(read(server, "/agreements?after=xx&status=SIGNED", "ru"))

    assert '<a href="/agreements?status=SIGNED">Первая страница</a>' in page


@pytest.mark.parametrize("address", ["/agreements?as_of=foo", "/agreements?known_on=2000-01-01"])
def test_the_search_of_a_page_does_not_send_a_refused_day_along(server: str, address: str) -> None:
    (form,) = re.findall('<form class="find".*?</form>', read(server, address, "ru"), re.DOTALL)

    assert 'type="hidden"' not in form


@pytest.mark.parametrize(
    "address", ["/?as_of=2024-05-01&lang=uz", "/agreements?as_of=2024-05-01&lang=uz&status=SIGNED"]
)
def test_the_search_of_a_page_keeps_its_day_and_language(server: str, address: str) -> None:
    (form,) = re.findall('<form class="find.*?</form>', read(server, address, "uz"), re.DOTALL)

    assert re.findall('type="hidden" name="(.*?)" value="(.*?)"', form) == [("as_of", "2024-05-01"), ("lang", "uz")]


@pytest.mark.parametrize("tag", LANGUAGES)
def test_where_nothing_was_known_yet_the_way_to_the_first_day_says_which_it_is(server: str, tag: str) -> None:
    page = main(read(server, "/?known_on=2000-01-01", tag))
    ((day, said),) = re.findall(r'<a href="/\?known_on=(.*?)">(.*?)</a>', page)

    assert words("day", day, LANGUAGES[tag][0]) in said


# What pages are called


@pytest.mark.parametrize(
    ("address", "tag", "said"),
    [
        ("/search", "en", "Search by words"),
        ("/search", "ru", "Поиск"),
        ("/search", "uz", "Qidiruv"),
        ("/search?q=Germany", "en", "Search for “Germany”"),
        ("/search?q=Germany", "ru", "Поиск: «Germany»"),
        ("/compare", "ru", "Сравнение"),
        ("/compare?a=DE&b=tr", "ru", "Сравнение: Германия, Турция"),
        (
            "/compare?agreement=uz-us-minerals-2025&first=2024-01-01&second=2025-01-01",
            "en",
            "Compare: agreement on cooperation in the extraction of such resources, 1 January 2024, 1 January 2025",
        ),
        ("/compare?agreement=no-such-agreement", "en", "Compare"),
    ],
)
def test_the_title_of_a_page_says_what_it_shows(server: str, address: str, tag: str, said: str) -> None:
    registry = phrase("Register of labour agreements", LANGUAGES[tag][0])

    assert title(read(server, address, tag)) == f"{said} \N{EN DASH} {registry}"


@pytest.mark.parametrize("tag", LANGUAGES)
def test_the_state_of_knowledge_is_told_by_a_day_in_the_language_of_the_page(server: str, tag: str) -> None:
    language = LANGUAGES[tag][0]
    page = read(server, "/agreements", tag)
    (day,) = re.findall("<span>([^<]*) UTC[+]05:00</span>", page)

    today = words("day", datetime.now(ZoneInfo("Asia/Tashkent")).date().isoformat(), language)
    assert day.startswith(phrase("State of knowledge: %(moment)s", language) % {"moment": f"{today}, "})


def test_countries_of_statistics_stand_in_the_order_of_the_readers_alphabet(server: str) -> None:
    for tag, (language, _) in LANGUAGES.items():
        (choice,) = re.findall(
            '<select id="country".*?</select>', read(server, "/statistics?measure=EMPLOYED", tag), re.DOTALL
        )
        names = re.findall('<option value="[A-Z]{2}">(.*?)</option>', choice)

        assert len(names) > 2
        assert names == sorted(names, key=alphabetical(language)), tag


def test_a_choice_that_is_partly_in_the_language_of_the_page_is_not_marked_as_another(server: str) -> None:
    (choice,) = re.findall('<select id="agreement".*?</select>', read(server, "/compare", "ru"), re.DOTALL)
    options = re.findall("<option value=[^>]*>.*?</option>", choice)
    mixed = [option for option in options if country_name("TR", Language.RU) in option]

    assert mixed
    assert [option for option in mixed if "lang=" in option] == []
