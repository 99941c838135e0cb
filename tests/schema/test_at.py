"""The same graph on another legal day."""

from datetime import date, timedelta

import pytest

from tests.schema.asking import Asker

TURKIYE = "uz-tr-migrant-rights"
STATUS = 'agreement(reference: "uz-tr-migrant-rights") { id status possibleStatuses }'


def test_turkiyes_agreement_is_in_force_now_and_was_perhaps_in_2010(any_ask: Asker) -> None:
    now = any_ask(f'{{ now: at(date: "2026-11-21") {{ {STATUS} }} then: at(date: "2010-01-01") {{ {STATUS} }} }}')

    assert now["now"]["agreement"]["status"] == "IN_FORCE"
    assert now["now"]["agreement"]["possibleStatuses"] == ["IN_FORCE"]
    assert now["then"]["agreement"]["status"] == "UNKNOWN"
    assert now["then"]["agreement"]["possibleStatuses"] == ["NONE", "IN_FORCE"]


def test_an_id_carries_the_day_that_it_was_read_on(any_ask: Asker) -> None:
    query = f"""{{ {STATUS} before: at(date: "2026-01-28") {{ {STATUS} }} after: at(date: "2026-01-29") {{ {STATUS} }}
        again: at(date: "2026-01-28") {{ {STATUS} }} }}"""
    data = any_ask(query)
    before, after = data["before"]["agreement"], data["after"]["agreement"]
    ids = [data["agreement"]["id"], before["id"], after["id"]]

    assert len(set(ids)) == 3
    assert data["again"]["agreement"]["id"] == before["id"]
    assert (before["status"], after["status"]) == ("UNKNOWN", "IN_FORCE")
    found = any_ask("query ($ids: [ID!]!) { nodes(ids: $ids) { id ... on Agreement { status } } }", ids=ids)["nodes"]
    assert [node["status"] for node in found] == ["IN_FORCE", "UNKNOWN", "IN_FORCE"]
    assert [node["id"] for node in found] == ids


def test_an_id_that_carries_a_day_keeps_it_inside_another(ask: Asker) -> None:
    pinned = ask(f'{{ at(date: "2026-01-28") {{ {STATUS} }} }}')["at"]["agreement"]["id"]
    plain = ask(f"{{ {STATUS} }}")["agreement"]["id"]
    node = 'at(date: "2026-02-01") { node(id: $id) { id ... on Agreement { status } } }'
    query = f"query ($id: ID!) {{ {node} }}"

    assert ask(query, id=pinned)["at"]["node"] == {"id": pinned, "status": "UNKNOWN"}
    found = ask(query, id=plain)["at"]["node"]
    assert found["status"] == "IN_FORCE"
    assert found["id"] not in (plain, pinned)


def test_records_reached_from_inside_a_day_carry_it_too(ask: Asker) -> None:
    inner = """agreement(reference: "uz-de-migration-mobility-2024") {
        parties { country { id } } acts { id agreement { id } citations { source { id } } } }"""
    data = ask(f'{{ {inner} at(date: "2026-01-01") {{ {inner} }} }}')
    plain, pinned = data["agreement"], data["at"]["agreement"]

    for here, there in zip(plain["parties"], pinned["parties"], strict=True):
        assert here["country"]["id"] != there["country"]["id"]
    for here, there in zip(plain["acts"], pinned["acts"], strict=True):
        assert here["id"] != there["id"]
        assert here["agreement"]["id"] != there["agreement"]["id"]
        sources = zip(here["citations"], there["citations"], strict=True)
        assert all(one["source"]["id"] != other["source"]["id"] for one, other in sources)


def test_what_does_not_exist_yet_is_left_out_of_lists_but_found_by_name(any_ask: Asker) -> None:
    query = """query ($day: Date!) { at(date: $day) {
        agreements(filter: { country: ["DE"] }) { totalCount nodes { reference } }
        country(code: "DE") { agreements { totalCount } }
        agreement(reference: "uz-de-migration-mobility-2024") { status } } }"""

    def on(day: str) -> tuple[list[str], int, str]:
        data = any_ask(query, day=day)["at"]
        references = [node["reference"] for node in data["agreements"]["nodes"]]
        assert data["agreements"]["totalCount"] == len(references)
        return references, data["country"]["agreements"]["totalCount"], data["agreement"]["status"]

    assert on("2023-04-30") == ([], 0, "NONE")
    assert on("2023-05-15") == (["uz-de-declaration-of-intent-2023"], 1, "NONE")
    assert on("2024-09-14") == (["uz-de-declaration-of-intent-2023"], 1, "NONE")
    assert on("2024-09-15")[1:] == (2, "SIGNED")


def test_stages_follow_the_day(any_full: Asker) -> None:
    query = """query ($day: Date!) { at(date: $day) {
        country(code: "DE") { stage } company(reference: "works-05") { stage }
        countries(filter: { stage: [AGREEMENT_SIGNED], code: ["DE"] }) { totalCount }
        companies(filter: { stage: [ENDED] }) { totalCount } } }"""
    early, late = (any_full(query, day=day)["at"] for day in ("1990-01-01", "2026-11-21"))

    assert (
        early["country"]["stage"] == "PROSPECT"
    )  # an instrument of which no act is on record is reported on every day
    assert late["country"]["stage"] in ("AGREEMENT_SIGNED", "AGREEMENT_IN_FORCE")
    assert early["countries"]["totalCount"] == 0
    assert early["company"]["stage"] == "PROSPECT"
    assert early["companies"]["totalCount"] < late["companies"]["totalCount"]


def test_a_status_filter_holds_on_the_day(any_full: Asker) -> None:
    query = """query ($day: Date!, $status: [AgreementStatus!]) { at(date: $day) {
        agreements(filter: { status: $status }, first: 100) { nodes { reference status } } } }"""
    for day in ("2010-01-01", "2024-09-15", "2025-06-01", "2026-11-21"):
        every = any_full(query, day=day)["at"]["agreements"]["nodes"]
        for status in ("SIGNED", "IN_FORCE", "UNKNOWN", "REPORTED"):
            filtered = any_full(query, day=day, status=[status])["at"]["agreements"]["nodes"]
            assert filtered == [one for one in every if one["status"] == status]


def test_without_a_date_at_is_today(ask: Asker) -> None:
    data = ask("{ date knownAt at { date knownAt } null: at(date: null, knownAt: null) { date } }")

    assert data["at"] == {"date": data["date"], "knownAt": data["knownAt"]}
    assert data["null"] == {"date": data["date"]}


@pytest.mark.parametrize("day", [date.min, date.min + timedelta(days=1), date.max - timedelta(days=1), date.max])
def test_the_first_and_the_last_days_of_the_calendar_are_days_like_others(any_full: Asker, day: date) -> None:
    query = """query ($day: Date!) { at(date: $day) { date
        agreements(first: 100) { totalCount nodes { status possibleStatuses term { endsOn } } }
        agreement(reference: "uz-tr-migrant-rights") { status }
        deadlines { totalCount } gaps { totalCount } } }"""
    found = any_full(query, day=day.isoformat())["at"]

    assert found["date"] == day.isoformat()
    assert found["agreements"]["totalCount"] == len(found["agreements"]["nodes"])
    if day.year > 1:
        assert found["agreement"]["status"] == "IN_FORCE"


@pytest.mark.parametrize("day", ["2024-13", "2024-02-30", "20240105", "2024-W05", "", "today", "2024-01-01T00:00:00Z"])
def test_what_is_no_day_is_refused(ask: Asker, day: str) -> None:
    refused = ask.refusal(f'{{ at(date: "{day}") {{ date }} }}')
    assert (refused["code"], refused["path"], refused["argument"]) == ("BAD_USER_INPUT", ["at"], ["date"])

    refused = ask.refusal("query ($day: Date!) { then: at(date: $day) { date } }", day=day)
    assert (refused["code"], refused["path"]) == ("BAD_USER_INPUT", ["then"])
