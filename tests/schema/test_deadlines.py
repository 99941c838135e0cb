"""What falls due."""

from typing import Any

from tests.schema.asking import Asker

SELECT = """kind date explanation subject { id ... on Agreement { reference } ... on Quota { reference }
    ... on Company { reference } }"""
NAMES = """query ($day: Date!, $filter: DeadlineFilter) { at(date: $day) {
    deadlines(first: 100, filter: $filter) { totalCount nodes { %s } } } }"""


def due(ask: Asker, day: str, **filter: Any) -> list[tuple[str, str, str]]:
    found = ask(NAMES % SELECT, day=day, filter=filter or None)["at"]["deadlines"]
    assert found["totalCount"] == len(found["nodes"])
    return [(one["date"], one["kind"], one["subject"]["reference"]) for one in found["nodes"]]


def test_deadlines_come_soonest_first_from_the_day_onward(any_full: Asker) -> None:
    for day in ("2019-12-31", "2024-07-01", "2026-11-21"):
        found = due(any_full, day)
        assert found == sorted(found)
        assert found[0][0] >= day
        assert len(found) > 5


def test_a_quota_ends_with_the_last_day_of_its_period(any_ask: Asker) -> None:
    on_the_day, after = (due(any_ask, day, kind=["QUOTA_PERIOD_END"]) for day in ("2026-12-31", "2027-01-01"))

    assert ("2026-12-31", "QUOTA_PERIOD_END", "kr-e9-2026") in on_the_day
    assert after == []


def test_both_days_of_a_range_belong_to_it(any_full: Asker) -> None:
    day = "2024-07-01"
    past = due(any_full, day, range={"until": "2026-06-30"})
    soonest, latest = past[3][0], past[-4][0]

    assert past[0][0] < day < latest
    within = due(any_full, day, range={"from": soonest, "until": latest})
    assert within == [one for one in past if soonest <= one[0] <= latest]
    assert due(any_full, day, range={"until": latest}) == [one for one in past if one[0] <= latest]
    assert due(any_full, day, range={"from": latest, "until": soonest}) == []
    assert due(any_full, day, range=None) == due(any_full, day)


def test_a_range_without_days_is_all_time(any_full: Asker) -> None:
    query = "query ($filter: DeadlineFilter) { deadlines(filter: $filter) { totalCount } }"
    whole, until, since = (
        any_full(query, filter={"range": one})["deadlines"]["totalCount"]
        for one in ({}, {"until": "2024-12-31"}, {"from": "2025-01-01"})
    )

    assert whole == until + since > 100


def test_deadlines_of_a_kind_or_a_country(any_full: Asker) -> None:
    day = "2024-07-01"
    everything = due(any_full, day)
    for kind in ("NOTICE_BEFORE_RENEWAL", "TERM_END", "QUOTA_PERIOD_END", "LICENCE_END"):
        assert due(any_full, day, kind=[kind]) == [one for one in everything if one[1] == kind] != []
    assert due(any_full, day, kind=[]) == []
    assert due(any_full, day, country=[]) == []
    for country in ("DE", "KR", "TR"):
        listed = f"deadlines(first: 100) {{ nodes {{ {SELECT} }} }}"
        query = f'query ($day: Date!) {{ at(date: $day) {{ country(code: "{country}") {{ {listed} }} }} }}'
        inner = any_full(query, day=day)["at"]["country"]["deadlines"]["nodes"]
        assert [(one["date"], one["kind"], one["subject"]["reference"]) for one in inner] == due(
            any_full, day, country=[country]
        )


def test_a_deadline_is_explained_in_four_languages(any_full: Asker) -> None:
    select = " ".join(f"{language}: explanation(language: {language})" for language in ("EN", "RU", "UZ", "UZ_CYRL"))
    deadlines = any_full(NAMES % f"kind {select}", day="2024-07-01")["at"]["deadlines"]["nodes"]
    for deadline in deadlines:
        texts = {deadline[language] for language in ("EN", "RU", "UZ", "UZ_CYRL")}
        assert len(texts) == 4
        assert all(texts)
