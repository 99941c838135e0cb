"""Agreements, their acts and what follows from them."""

from itertools import pairwise
from typing import Any

import sqlalchemy as sa

from registry.agreements import withdraw_act
from registry.history import changeset
from tests.schema.asking import Asker

GERMANY = "uz-de-migration-mobility-2024"


def agreement(ask: Asker, reference: str, select: str) -> Any:
    return ask(f"query ($name: String!) {{ agreement(reference: $name) {{ {select} }} }}", name=reference)["agreement"]


def test_the_agreement_with_germany_has_one_signature_with_the_words_of_both_sources(any_ask: Asker) -> None:
    select = """status acts { kind date { edtf earliest latest } party { code }
        citations { quote note source { reference } } }"""
    found = agreement(any_ask, GERMANY, select)
    (signature,) = [act for act in found["acts"] if act["kind"] == "SIGNATURE"]

    assert found["status"] in ("SIGNED", "PARTLY_CONSENTED")
    assert signature["date"] == {"edtf": "2024-09-15", "earliest": "2024-09-15", "latest": "2024-09-15"}
    assert signature["party"] is None
    words = {citation["source"]["reference"]: citation for citation in signature["citations"]}
    assert words["embassy-japan-statement"]["quote"].startswith("A major milestone was achieved in 2024")
    assert "bmi-2024-09-15" in words
    assert all(citation["quote"] or citation["note"] for citation in signature["citations"])


def test_a_status_says_why_and_what_is_missing(any_ask: Asker) -> None:
    reason = "statusReason { rule authority explanation missing acts { kind } }"
    found = agreement(any_ask, GERMANY, reason)["statusReason"]

    assert found["rule"]
    assert found["explanation"].endswith(".")
    assert found["missing"]
    assert {"kind": "SIGNATURE"} in found["acts"] or {"kind": "INTERNAL_PROCEDURES_COMPLETED"} in found["acts"]


def test_every_agreement_has_a_reason_on_every_day(full: Asker) -> None:
    query = """query ($day: Date!) { at(date: $day) { agreements(first: 100, filter: { includeComparators: true }) {
        nodes { reference statusReason { rule explanation(language: RU) missing(language: UZ) } } } } }"""
    for day in ("0001-01-01", "2010-01-01", "2024-06-01", "2026-11-21", "9999-12-31"):
        nodes = full(query, day=day)["at"]["agreements"]["nodes"]
        assert nodes
        assert all(node["statusReason"]["rule"] and node["statusReason"]["explanation"] for node in nodes)


def test_a_timeline_leaves_no_day_out_and_agrees_with_the_status_on_each_of_its_days(any_full: Asker) -> None:
    for reference in (GERMANY, "uz-tr-migrant-rights", "uz-fr-mobility", "made-03", "made-01"):
        spans = agreement(any_full, reference, "timeline { from until status possibleStatuses }")["timeline"]
        assert spans[0]["from"] is None
        assert spans[-1]["until"] is None
        for before, after in pairwise(spans):
            assert before["until"] == after["from"]
            assert (before["status"], before["possibleStatuses"]) != (after["status"], after["possibleStatuses"])
            there = f'agreement(reference: "{reference}") {{ status possibleStatuses }}'
            query = f'{{ at(date: "{after["from"]}") {{ {there} }} }}'
            expected = {"status": after["status"], "possibleStatuses": after["possibleStatuses"]}
            assert any_full(query)["at"]["agreement"] == expected
        for span in spans:
            certain = len(span["possibleStatuses"]) == 1
            assert span["status"] == (span["possibleStatuses"][0] if certain else "UNKNOWN")


def test_a_tacit_term_runs_on_and_tells_its_deadlines(any_full: Asker) -> None:
    select = """term { forceRule durationMonths renewal renewalMonths noticeMonths endsOn noticeBy renewals }
        deadlines { kind date explanation(language: UZ_CYRL) subject { id ... on Agreement { reference } } }"""
    query = f'{{ at(date: "2025-01-15") {{ agreement(reference: "made-11") {{ {select} }} }} }}'
    found = any_full(query)["at"]["agreement"]

    assert found["term"] == {
        "forceRule": "ON_SIGNATURE",
        "durationMonths": 60,
        "renewal": "TACIT",
        "renewalMonths": 12,
        "noticeMonths": 6,
        "endsOn": "2026-01-14",
        "noticeBy": "2025-07-14",
        "renewals": 1,
    }
    due = [(deadline["kind"], deadline["date"]) for deadline in found["deadlines"]]
    assert due == [("NOTICE_BEFORE_RENEWAL", "2025-07-14"), ("TERM_END", "2026-01-14")]
    assert all(deadline["explanation"] for deadline in found["deadlines"])
    assert all(deadline["subject"]["reference"] == "made-11" for deadline in found["deadlines"])


def test_a_relation_is_seen_from_both_sides(any_full: Asker) -> None:
    select = "relations { kind inverse agreement { reference } }"
    acting = agreement(any_full, "uz-ru-representations-2017", select)["relations"]
    resting = agreement(any_full, "uz-ru-labour-activity-2007", select)["relations"]

    assert acting == [{"kind": "BASED_ON", "inverse": False, "agreement": {"reference": "uz-ru-labour-activity-2007"}}]
    assert resting == [{"kind": "BASED_ON", "inverse": True, "agreement": {"reference": "uz-ru-representations-2017"}}]
    amended = agreement(any_full, "made-00", select)["relations"]
    assert len(amended) == 23
    assert all(relation["inverse"] for relation in amended)


def test_a_title_comes_as_printed_unless_a_language_is_asked_for(ask: Asker) -> None:
    select = (
        "title english: title(language: EN) russian: title(language: RU) none: title(language: null) titleAsPrinted"
    )
    found = agreement(ask, "uz-de-declaration-of-intent-2023", select)

    assert found["title"] == found["none"] == found["titleAsPrinted"] == "Absichtserklärung"
    assert found["english"] == "Joint Declaration of Intent"
    assert found["russian"] == "Absichtserklärung"


def test_partners_are_the_parties_other_than_the_home_country(any_full: Asker) -> None:
    found = agreement(any_full, "made-07", "laterality parties { country { code } } partners { code }")

    assert [party["country"]["code"] for party in found["parties"]] == ["UZ", "TR", "PL"]
    assert [partner["code"] for partner in found["partners"]] == ["PL", "TR"]
    assert found["laterality"] == "PLURILATERAL"


def test_the_company_that_is_a_party_is_among_the_companies(any_full: Asker) -> None:
    found = agreement(any_full, "made-contract", "parties { company { reference } } companies { nodes { reference } }")

    assert [party["company"] for party in found["parties"]] == [None, {"reference": "works-01"}]
    assert found["companies"]["nodes"] == [{"reference": "works-01"}]
    company = any_full('{ company(reference: "works-01") { agreements { nodes { reference } } } }')["company"]
    assert company["agreements"]["nodes"] == [{"reference": "made-01"}, {"reference": "made-contract"}]


def test_gaps_of_an_agreement_are_those_that_the_list_tells_of_it(any_full: Asker) -> None:
    gap = """kind explanation country { code }
        subject { id ... on Agreement { reference } ... on LegalAct { agreement { reference } } }"""
    listed = any_full.all("gaps", gap)
    of_germany = [
        one
        for one in listed
        if GERMANY in (one["subject"].get("reference"), one["subject"].get("agreement", {}).get("reference"))
    ]

    assert of_germany
    assert agreement(any_full, GERMANY, f"gaps {{ {gap} }}")["gaps"] == of_germany


def test_withdrawn_acts_are_kept_and_marked(seeded_copy: sa.Engine) -> None:
    ask = Asker(seeded_copy)
    with seeded_copy.connect() as connection:
        key = connection.exec_driver_sql(
            "SELECT legalact.id FROM legalact JOIN agreement ON agreement.id = agreement_id"
            f" WHERE reference = '{GERMANY}' AND kind = 'SIGNATURE'"
        ).scalar_one()
    with changeset(seeded_copy, "Entered by mistake.") as changes:
        withdraw_act(changes, act_id=key)
    found = agreement(ask, GERMANY, "status acts { kind inRecord }")

    assert {"kind": "SIGNATURE", "inRecord": False} in found["acts"]
    assert found["status"] not in ("SIGNED", "IN_FORCE")
