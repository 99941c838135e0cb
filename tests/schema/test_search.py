"""Finding by words through the schema."""

from typing import Any

import pytest

from tests.conftest import Client

FOUND = """
query ($text: String!, $kinds: [SearchKind!], $first: Int, $after: String) {
  search(text: $text, kinds: $kinds, first: $first, after: $after) {
    totalCount
    pageInfo { hasNextPage endCursor }
    edges {
      snippet
      node {
        __typename
        ... on Node { id }
        ... on Agreement { reference }
        ... on Company { name }
      }
    }
  }
}
"""


def test_an_agreement_is_found_by_its_country_in_uzbek(client: Client) -> None:
    found = client(FOUND, text="Germaniya kelishuv")["data"]["search"]

    assert [edge["node"]["reference"] for edge in found["edges"]] == [
        "uz-de-declaration-of-intent-2023",
        "uz-de-migration-mobility-2024",
    ]
    assert {edge["snippet"] for edge in found["edges"]} == {"Germaniya"}


def test_kinds_narrow_what_is_found(client: Client) -> None:
    everything = client(FOUND, text="Германия")["data"]["search"]
    companies = client(FOUND, text="Германия", kinds=["COMPANY"])["data"]["search"]

    assert {edge["node"]["__typename"] for edge in everything["edges"]} == {
        "Country",
        "Agreement",
        "Company",
        "Engagement",
    }
    assert [edge["node"]["name"] for edge in companies["edges"]] == ["SBH WEST GmbH"]
    assert client(FOUND, text="Германия", kinds=[])["data"]["search"]["totalCount"] == 0


@pytest.mark.parametrize("text", ["DE", "TR", "SE", "KR", "jp", " gb ", "AT", "KOR", "deu", "F"])
def test_whoever_gives_a_code_finds_what_it_stands_for_first(client: Client, text: str) -> None:
    asked = "search(text: $text, first: 1) { nodes { ...on Country { iso: code alpha3 } ...on Sector { code } } }"
    (first,) = client(f"query ($text: String!) {{ {asked} }}", text=text)["data"]["search"]["nodes"]

    assert text.strip().upper() in first.values()


def test_a_name_of_just_these_words_comes_before_one_that_only_begins_so(client: Client) -> None:
    question = (
        "query ($text: String!) { search(text: $text, kinds: COUNTRY, first: 2) { nodes { ...on Country { name } } } }"
    )
    named = [each["name"] for each in client(question, text="Niger")["data"]["search"]["nodes"]]

    assert named == ["Niger", "Nigeria"]


OF_COUNTRIES = """
query ($text: String!, $country: [CountryCode!]) {
  search(text: $text, country: $country, first: 100) {
    totalCount
    nodes {
      __typename
      ... on Node { id }
      ... on Agreement { parties { country { code } } }
      ... on Company { seat: country { code } }
      ... on Country { iso: code }
      ... on Engagement { countries { code } }
      ... on Institution { where: country { code } }
      ... on Programme { where: country { code } }
    }
  }
}
"""


def countries_of(node: dict[str, Any]) -> set[str]:
    """The countries that a record is of, as it is told itself."""
    one = [node.get("seat"), node.get("where"), {"code": node["iso"]} if "iso" in node else None]
    several = [*node.get("countries", ()), *(each["country"] for each in node.get("parties", ()))]
    return {each["code"] for each in (*one, *several) if each}


def test_countries_narrow_what_is_found_of_every_kind(client: Client) -> None:
    met = set()
    for text in ("Türkiye", "migration", "Germany", "training", "construction"):
        every = client(OF_COUNTRIES, text=text)["data"]["search"]["nodes"]
        for codes in (["TR"], ["DE", "UZ"], ["FJ"]):
            found = client(OF_COUNTRIES, text=text, country=codes)["data"]["search"]
            expected = [node for node in every if countries_of(node) & set(codes)]
            assert found["nodes"] == expected
            assert found["totalCount"] == len(expected)
            met |= {node["__typename"] for node in expected}

    assert met == {"Agreement", "Company", "Country", "Engagement", "Institution", "Programme"}
    assert client(OF_COUNTRIES, text="migration", country=[])["data"]["search"]["totalCount"] == 0


def test_pages_of_what_is_found_go_on_where_they_ended(client: Client) -> None:
    whole = [edge["node"]["id"] for edge in client(FOUND, text="migration", first=100)["data"]["search"]["edges"]]
    paged: list[str] = []
    after = None
    while True:
        page = client(FOUND, text="migration", first=7, after=after)["data"]["search"]
        paged += [edge["node"]["id"] for edge in page["edges"]]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break

    assert paged == whole
    assert len(whole) == page["totalCount"] > 20


def test_what_does_not_exist_yet_on_the_day_is_not_found(client: Client) -> None:
    query = '{ at(date: "2000-01-01") { search(text: "Germany", kinds: [AGREEMENT]) { totalCount } } }'

    assert client(query)["data"]["at"]["search"]["totalCount"] == 0


def test_a_text_without_words_finds_nothing(client: Client) -> None:
    assert client(FOUND, text="…!?")["data"]["search"]["totalCount"] == 0


def test_a_text_that_is_too_long_is_refused(client: Client) -> None:
    (error,) = client(FOUND, text="a" * 201)["errors"]

    assert error["extensions"]["code"] == "BAD_USER_INPUT"
    assert "200" in error["message"]
