"""The page of what is found, and the box that leads to it: whatever is typed."""

import html
import re

import httpx2
import pytest

BROWSER = {"Accept": "text/html"}


def found(server: str, words: str, **parameters: str) -> httpx2.Response:
    asked = {"q": words, **parameters}
    return httpx2.get(f"{server}/search", params=asked, headers=BROWSER, timeout=60)


@pytest.mark.parametrize(
    "words",
    [
        "<script>alert(1)</script>",
        '"Germany',
        "'; DROP TABLE agreement; --",
        "NEAR(Germany agreement, 2)",
        "name : Germany",
        "Germany OR (",
        "-Germany",
        "Ger*",
        "^Germany",
        "{name} AND NOT",
        "\\",
        "%",
        "_",
        "a\x00b",
        "🇩🇪 🙂",
        "\u202eynamreG",
        "o" * 200,
        "\ue0001germany",
        "\ue0002",
    ],
)
def test_whatever_is_typed_is_words(server: str, words: str) -> None:
    page = found(server, words)

    assert page.status_code == 200
    assert "<script>alert" not in page.text
    kept = [html.unescape(value) for value in re.findall(r'name="q"[^>]* value="([^"]*)"', page.text)]
    assert set(kept) == {words}


def test_a_text_that_is_too_long_is_refused_with_what_to_do(server: str) -> None:
    page = found(server, "o" * 20_000)
    query = {
        "query": "query ($text: String!) { search(text: $text) { totalCount } }",
        "variables": {"text": "o" * 100_000},
    }
    answer = httpx2.post(f"{server}/graphql", json=query, timeout=60)

    assert page.status_code == 400
    assert "A few words are enough." in page.text
    (error,) = answer.json()["errors"]
    assert error["extensions"]["code"] == "BAD_USER_INPUT"


def test_signs_of_the_index_are_no_words(server: str) -> None:
    query = '{ a: search(text: "\ue0001germany") { totalCount } b: search(text: "\ue0001 germany") { totalCount } }'
    answer = httpx2.post(f"{server}/graphql", json={"query": query}, timeout=60).json()["data"]

    assert answer == {"a": {"totalCount": 0}, "b": {"totalCount": 0}}


@pytest.mark.parametrize(("words", "first"), [("Germaniya", "DE"), ("германия", "DE"), ("Turkiya", "TR")])
def test_the_country_that_is_meant_comes_first(server: str, words: str, first: str) -> None:
    links = re.findall(r'<h3><a href="([^"?]+)', found(server, words).text)

    assert links[0] == f"/countries/{first}"


def test_a_long_question_of_many_words_is_answered(server: str) -> None:
    words = "соглашения между Республикой Узбекистан и Федеративной Республикой Германия по миграции"

    assert found(server, words).status_code == 200
    assert found(server, f"{words} {words}"[:200]).status_code == 200


def test_the_words_found_are_marked_and_told_once(server: str) -> None:
    page = found(server, "лицензирование агентств").text

    assert "<mark>licensing</mark>" in page
    assert "&lt;mark" not in page
    assert '<p class="note snippet">' not in found(server, "Latvia", kind="COUNTRY").text


def chips(page: str) -> dict[str, tuple[int, str]]:
    """The kinds of what is found, each with its number and the address that its chip leads to."""
    (told,) = re.findall(r'<p class="chips">.*?</p>', page, re.DOTALL)
    named = r'<a href="([^"]+)"[^>]*>(?:<span class="unseen">Remove </span>)?\s*([\w ]+?)\s*<span class="count">(\d+)<'
    each = re.findall(named, told)
    return {kind: (int(number), html.unescape(address)) for address, kind, number in each}


def test_kinds_tell_how_many_are_found_whatever_kind_is_chosen(server: str) -> None:
    page = found(server, "migration").text
    every = re.findall(r'<h1>.*?<span class="count">(\d+)', page)
    told = chips(page)
    number, address = told["Agreement"]
    narrowed = httpx2.get(server + address, headers=BROWSER).text

    assert len(told) > 3
    assert 0 not in [count for count, _ in told.values()]
    assert sum(count for count, _ in told.values()) == int(every[0])
    assert re.findall(r'<h1>.*?<span class="count">(\d+)', narrowed) == [str(number)]
    assert {kind: count for kind, (count, _) in chips(narrowed).items()} == {k: count for k, (count, _) in told.items()}
    assert chips(narrowed)["Agreement"][1] == "/search?q=migration"


def test_a_country_narrows_what_is_found_and_the_numbers_of_its_kinds(server: str) -> None:
    page = found(server, "migration", country="DE").text
    told = re.findall(r'<p class="chips">.*?</p>', page, re.DOTALL)
    numbers = [int(number) for number in re.findall(r'<span class="count">(\d+)', told[1])]

    assert "Germany" in told[0]
    assert '<a href="/search?q=migration">' in told[0]
    assert sum(numbers) == int(re.findall(r'<h1>.*?<span class="count">(\d+)', page)[0]) > 1
    assert '<option value="DE" selected>' in page
    nothing = found(server, "nonsense", country="DE").text
    assert '<a href="/search?q=nonsense">' in nothing
    assert "Nothing is found" in nothing


def test_where_all_is_of_one_kind_there_is_nothing_to_choose(server: str) -> None:
    page = found(server, "Hyundai").text

    assert "/companies/hyundai" in page
    assert '<p class="chips">' not in page
    assert chips(found(server, "Latvia", kind="PROGRAMME").text)["Programme"] == (0, "/search?q=Latvia")


def test_where_nothing_has_all_words_each_is_offered_alone(server: str) -> None:
    page = found(server, "соглашение <Бразилия>", lang="ru").text

    assert ">соглашение</a>" in page
    assert ">&lt;Бразилия&gt;</a>" in page
    assert "Найденное содержит каждое из слов." in page
