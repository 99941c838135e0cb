"""What is missing, contradictory or unused."""

from typing import Any

from registry.gaps import GapKind
from tests.schema.asking import Asker

SELECT = """kind explanation country { code }
    subject { __typename id ... on Agreement { reference } ... on Country { code } ... on Quota { reference } }"""


def test_gaps_come_in_the_order_of_their_kinds(any_full: Asker) -> None:
    kinds = [gap["kind"] for gap in any_full.all("gaps", SELECT)]
    order = [kind.name for kind in GapKind]

    assert kinds == sorted(kinds, key=order.index)
    assert len(set(kinds)) >= 7


def test_the_agreement_with_germany_is_signed_but_not_in_force(any_ask: Asker) -> None:
    found = any_ask.all("gaps", SELECT, 'filter: { kind: [SIGNED_NOT_IN_FORCE], country: ["DE"] }')

    assert "uz-de-migration-mobility-2024" in [gap["subject"]["reference"] for gap in found]
    assert all(gap["country"] == {"code": "DE"} for gap in found)


def test_people_are_placed_where_no_agreement_is_in_force(any_ask: Asker) -> None:
    found = any_ask.all("gaps", SELECT, "filter: { kind: [PLACEMENTS_WITHOUT_AGREEMENT_IN_FORCE] }")

    assert {gap["subject"]["code"] for gap in found} == {"KR", "KZ", "RU"}
    assert all(
        gap["subject"] == {"__typename": "Country", "id": gap["subject"]["id"], **gap["country"]} for gap in found
    )


def test_gaps_of_a_kind_or_a_country_are_those_of_the_whole_list(any_full: Asker) -> None:
    everything = any_full.all("gaps", SELECT)
    for kind in GapKind:
        assert any_full.all("gaps", SELECT, f"filter: {{ kind: [{kind.name}] }}") == [
            gap for gap in everything if gap["kind"] == kind.name
        ]
    for empty in ("kind: []", "country: []"):
        assert any_full.all("gaps", SELECT, f"filter: {{ {empty} }}") == []
    assert any_full.all("gaps", SELECT, "filter: { kind: null, country: null }") == everything


def test_an_exceeded_quota_and_an_unused_one_are_told(any_full: Asker) -> None:
    def subjects(kind: str) -> list[Any]:
        return [gap["subject"]["reference"] for gap in any_full.all("gaps", SELECT, f"filter: {{ kind: [{kind}] }}")]

    assert subjects("QUOTA_EXCEEDED") == ["made-exceeded"]
    unused = subjects("QUOTA_UNUSED")
    assert unused
    assert "made-comparable" not in unused


def test_gaps_follow_the_day(any_ask: Asker) -> None:
    query = """query ($day: Date!) { at(date: $day) {
        gaps(first: 100, filter: { kind: [SIGNED_NOT_IN_FORCE], country: ["DE"] }) { totalCount } } }"""
    counts = [any_ask(query, day=day)["at"]["gaps"]["totalCount"] for day in ("2022-01-01", "2023-06-01", "2024-10-01")]

    assert counts == [0, 1, 2]


def test_a_gap_is_explained_in_four_languages(any_full: Asker) -> None:
    select = " ".join(f"{language}: explanation(language: {language})" for language in ("EN", "RU", "UZ", "UZ_CYRL"))
    for gap in any_full.all("gaps", f"kind {select}"):
        texts = {gap[language] for language in ("EN", "RU", "UZ", "UZ_CYRL")}
        assert len(texts) == 4
        assert all(texts)
