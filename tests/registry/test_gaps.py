"""What the registry notices to be missing, contradictory or unused."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
import sqlalchemy as sa

from registry.access import OFFICIAL, PUBLIC
from registry.agreements import Subject
from registry.codes import CountedUnit, Language, ValueOperator
from registry.companies import LicenceState
from registry.engagements import EngagementKind
from registry.figures import FigureMeasure, FigureNature
from registry.gaps import ORDER, GapKind, explain, gaps_on
from registry.placements import Frequency
from registry.quotas import QuotaKind
from registry.status import AgreementStatus, InstrumentType, LegalActKind
from tests.registry.small_facts import Facts

DAY = date(2025, 6, 1)
IN_FORCE = ("2024-01-01", AgreementStatus.IN_FORCE)
SIGNED = ("2024-01-01", AgreementStatus.SIGNED)
SINCE: dict[str, Any] = {"force_earliest": date(2024, 1, 1), "force_latest": date(2024, 1, 1)}


@pytest.fixture
def facts(any_engine: sa.Engine) -> Facts:
    made = Facts(any_engine)
    made.source()
    return made


def rows(facts: Facts, *kinds: GapKind, day: date = DAY, **question: Any) -> list[sa.Row[Any]]:
    found = gaps_on(day, "UZ", kinds=kinds or None, **question).subquery()
    with facts.engine.connect() as connection:
        return list(connection.execute(sa.select(found).order_by(*(found.c[name] for name in ORDER))))


def subjects(facts: Facts, *kinds: GapKind, day: date = DAY, **question: Any) -> list[str]:
    return [row.subject_reference for row in rows(facts, *kinds, day=day, **question)]


def yearly(facts: Facts, people: int, **columns: Any) -> int:
    return facts.placed(people, "2025-01-01", "2025-12-31", Frequency.YEAR, **columns)


# ── Agreements ──────────────────────────────────────────────────────────────────────────────────────────────────────


def test_an_instrument_only_spoken_of_lacks_an_act(facts: Facts) -> None:
    facts.agreement("A", ("0001-01-02", AgreementStatus.REPORTED))
    published = facts.agreement("B", ("2024-01-01", AgreementStatus.REPORTED))
    facts.act(published, LegalActKind.PUBLISHED, "2024-01-01")
    withdrawn = facts.agreement("C", ("0001-01-02", AgreementStatus.REPORTED))
    facts.act(withdrawn, LegalActKind.SIGNATURE, "2024-01-01", in_record=False)
    assert subjects(facts, GapKind.REPORTED_WITHOUT_ACT) == ["A", "C"]


def test_signature_without_force_is_a_gap_until_force(facts: Facts) -> None:
    facts.agreement("A", SIGNED, ("2025-06-01", AgreementStatus.IN_FORCE))
    facts.agreement("B", ("2024-01-01", (AgreementStatus.SIGNED, AgreementStatus.PARTLY_CONSENTED)))
    facts.agreement("C", ("2024-01-01", (AgreementStatus.SIGNED, AgreementStatus.IN_FORCE)))
    assert subjects(facts, GapKind.SIGNED_NOT_IN_FORCE, day=date(2025, 5, 31)) == ["A", "B"]
    assert subjects(facts, GapKind.SIGNED_NOT_IN_FORCE) == ["B"]


def test_an_instrument_applied_provisionally_is_not_in_force_yet(facts: Facts) -> None:
    provisionally = AgreementStatus.PROVISIONALLY_APPLIED
    facts.agreement("A", ("2024-01-01", provisionally), ("2025-06-02", AgreementStatus.IN_FORCE))
    facts.agreement("B", ("2024-01-01", (AgreementStatus.SIGNED, provisionally)))
    facts.agreement("C", ("2024-01-01", (provisionally, AgreementStatus.IN_FORCE)))
    found = rows(facts, GapKind.SIGNED_NOT_IN_FORCE)
    assert [row.subject_reference for row in found] == ["A", "B"]
    assert [row.status for row in found] == [provisionally, AgreementStatus.UNKNOWN]
    assert subjects(facts, GapKind.SIGNED_NOT_IN_FORCE, day=date(2025, 6, 2)) == ["B"]


def test_force_since_an_unknown_day_is_a_gap(facts: Facts) -> None:
    facts.agreement("A", IN_FORCE, **SINCE)
    facts.agreement("B", IN_FORCE, force_earliest=date.min, force_latest=date(2024, 1, 1))
    facts.agreement(
        "C", ("2024-01-01", AgreementStatus.OPERATIVE), force_earliest=date.min, force_latest=date(2024, 1, 1)
    )
    assert subjects(facts, GapKind.IN_FORCE_WITHOUT_DATE) == ["B"]


def test_a_labour_agreement_without_quota_is_a_gap(facts: Facts) -> None:
    for reference, subject in (("A", Subject.LABOUR_MIGRATION), ("B", Subject.MIGRANT_RIGHTS), ("C", Subject.TRADE)):
        facts.subject(facts.agreement(reference, IN_FORCE), subject)
    served = facts.agreement("D", ("2024-01-01", AgreementStatus.OPERATIVE))
    facts.subject(served, Subject.LABOUR_MIGRATION)
    assert subjects(facts, GapKind.IN_FORCE_WITHOUT_QUOTA) == ["A", "B", "D"]
    facts.quota("Q", 5, None, None, agreement_id=served)
    assert subjects(facts, GapKind.IN_FORCE_WITHOUT_QUOTA) == ["A", "B"]


def test_one_act_on_two_days_is_a_contradiction(facts: Facts) -> None:
    agreement = facts.agreement("A", SIGNED)
    facts.act(agreement, LegalActKind.SIGNATURE, "2024-01-05")
    facts.act(agreement, LegalActKind.SIGNATURE, "2024-01-01")
    facts.act(agreement, LegalActKind.SIGNATURE, "2024-01-09")
    (row,) = rows(facts, GapKind.SOURCES_CONTRADICT)
    assert (row.subject_type, row.subject_id, row.act) == ("Agreement", agreement, LegalActKind.SIGNATURE)
    assert explain(row, Language.EN).endswith("5 January 2024 and 9 January 2024.")


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({}, {"date_latest": date(2024, 12, 31)}),
        ({}, {"party_code": "DE"}),
        ({}, {"kind": LegalActKind.ACCESSION}),
        ({"kind": LegalActKind.JOINT_COMMITTEE_MET}, {"kind": LegalActKind.JOINT_COMMITTEE_MET}),
        ({}, {"in_record": False}),
        ({"effective": "2024-05", "effective_earliest": date(2024, 5, 1), "effective_latest": date(2024, 5, 31)}, {}),
        ({}, {"date": "2024-05/..", "date_latest": None}),
    ],
)
def test_records_that_allow_a_common_day_or_are_two_acts_do_not_contradict(
    facts: Facts, first: dict[str, Any], second: dict[str, Any]
) -> None:
    agreement = facts.agreement("A", SIGNED)
    ratified = {"kind": LegalActKind.RATIFICATION}
    facts.act(agreement, **{"on": "2024-05-03", **ratified, **first})
    facts.act(agreement, **{"on": "2024-05-03" if not second else "2024-05-02", **ratified, **second})
    assert rows(facts, GapKind.SOURCES_CONTRADICT) == []


def test_gaps_are_those_of_the_instruments_that_count(facts: Facts) -> None:
    facts.agreement("A", SIGNED, comparator=True)
    facts.agreement("B", SIGNED, audience=OFFICIAL)
    later = facts.agreement("C", ("2025-06-02", AgreementStatus.SIGNED))
    for day in ("2025-06-02", "2025-06-03"):
        facts.act(later, LegalActKind.SIGNATURE, day)
    facts.citation("Agreement", later, None)
    assert subjects(facts.seen_by(PUBLIC)) == []
    assert subjects(facts) == ["B"]
    assert subjects(facts.seen_by(PUBLIC), day=date(2025, 6, 2)) == ["C", "C", "C"]


def test_gaps_of_agreements_are_asked_for_by_their_ids(facts: Facts) -> None:
    ours, another = facts.agreement("A", SIGNED), facts.agreement("B", SIGNED, parties=("UZ", "JP"))
    act = facts.act(ours, LegalActKind.SIGNATURE, "2024-01-01")
    facts.citation("LegalAct", act, None)
    facts.citation("Agreement", another, None)
    found = [(row.kind, row.subject_type, row.agreement_id) for row in rows(facts, agreement_ids=[ours])]
    assert found == [(GapKind.SIGNED_NOT_IN_FORCE, "Agreement", ours), (GapKind.UNQUOTED, "LegalAct", ours)]


def test_an_agreement_is_found_by_any_partner_and_shown_under_the_first(facts: Facts) -> None:
    facts.agreement("A", SIGNED, parties=("JP", "UZ", "DE"))
    assert [row.country_code for row in rows(facts, countries=["DE"])] == ["JP"]
    assert rows(facts, countries=["UZ"]) == rows(facts, countries=[]) == []
    assert [row.country_code for row in rows(facts, countries=["DE"], per_country=True)] == ["DE"]
    assert len(rows(facts, per_country=True)) == 2


# ── Countries ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_placements_need_an_agreement_that_is_certainly_in_force(facts: Facts) -> None:
    for country in ("DE", "JP", "KR", "IT", "UZ"):
        yearly(facts, 5, country=country)
    facts.agreement("A", IN_FORCE, **SINCE)
    facts.agreement("B", ("2024-01-01", (AgreementStatus.SIGNED, AgreementStatus.IN_FORCE)), parties=("UZ", "JP"))
    facts.agreement("C", IN_FORCE, parties=("UZ", "KR"), type=InstrumentType.COMPANY_CONTRACT)
    facts.agreement("D", ("2024-01-01", AgreementStatus.OPERATIVE), parties=("UZ", "IT"))
    assert subjects(facts, GapKind.PLACEMENTS_WITHOUT_AGREEMENT_IN_FORCE) == ["JP", "KR"]
    assert subjects(facts, GapKind.PLACEMENTS_WITHOUT_AGREEMENT_IN_FORCE, day=date(2024, 12, 31)) == []


def test_a_destination_needs_an_agreement_of_any_kind(facts: Facts) -> None:
    yearly(facts, 5)
    facts.figure("F", FigureMeasure.DEPARTED, FigureNature.FLOW, "GB")
    facts.figure("G", FigureMeasure.DEPARTED, FigureNature.FLOW, "RU", "2026-01-01")
    facts.engagement("E", EngagementKind.COOPERATION, "2025-01-01", "UZ", "IT")
    facts.engagement("M", EngagementKind.MEETING, "2025-01-01", "UZ", "KR")
    yearly(facts, 5, country="JP")
    facts.agreement("A", ("2025-01-01", AgreementStatus.REPORTED), parties=("UZ", "JP"))
    assert subjects(facts, GapKind.DESTINATION_WITHOUT_AGREEMENT) == ["DE", "GB", "IT"]
    assert "RU" in subjects(facts, GapKind.DESTINATION_WITHOUT_AGREEMENT, day=date(2026, 1, 1))


def test_cooperation_on_an_unknown_day_makes_a_destination_once_a_source_tells_of_it(facts: Facts) -> None:
    told = facts.source("S2", published="2025-06-01", published_latest=DAY)
    open_ended: dict[str, Any] = {"date": "XXXX-05-01", "date_earliest": None, "date_latest": None}
    cooperation = facts.engagement("E", EngagementKind.COOPERATION, "2025-05-01", "UZ", "IT", **open_ended)
    facts.citation("Engagement", cooperation, None, source_id=told)
    assert subjects(facts, GapKind.DESTINATION_WITHOUT_AGREEMENT) == ["IT"]
    assert subjects(facts, GapKind.DESTINATION_WITHOUT_AGREEMENT, day=date(2025, 5, 31)) == []


def test_a_gap_of_a_country_is_named_by_its_code(facts: Facts) -> None:
    yearly(facts, 5)
    (row,) = rows(facts, GapKind.DESTINATION_WITHOUT_AGREEMENT, countries=["DE"])
    assert (row.subject_type, row.subject_id, row.country_code) == ("Country", None, "DE")


# ── Quotas and licences ─────────────────────────────────────────────────────────────────────────────────────────────


def test_a_quota_that_nobody_used_is_a_gap_once_its_period_has_begun(facts: Facts) -> None:
    facts.quota("Q1", 5, "2025-06-01", None)
    facts.quota("Q2", 5, "2025-01-01", None, country_code="JP")
    facts.quota("Q3", 5, "2025-01-01", None, country_code="KR")
    facts.quota("Q4", 5, "2025-01-01", None, origins=())
    facts.quota("Q5", 5, "2025-01-01", None, unit=CountedUnit.PERMITS)
    yearly(facts, 0, country="JP")
    yearly(facts, 1, country="KR")
    assert subjects(facts, GapKind.QUOTA_UNUSED) == ["Q1", "Q2"]
    assert subjects(facts, GapKind.QUOTA_UNUSED, day=date(2025, 5, 31)) == ["Q2"]


def test_a_quota_that_nobody_used_is_told_with_how_its_places_are_to_be_read(facts: Facts) -> None:
    facts.quota("Q", 12_709, "2025-01-01", None, operator=ValueOperator.MORE_THAN)
    (row,) = rows(facts, GapKind.QUOTA_UNUSED)
    assert explain(row, Language.EN).endswith("Places: > 12,709.")


def test_no_places_are_not_left_unused(facts: Facts) -> None:
    facts.quota("NONE", 0, "2025-01-01", None)
    facts.quota("ONE", 1, "2025-01-01", None)
    assert subjects(facts, GapKind.QUOTA_UNUSED) == ["ONE"]


def test_more_people_than_a_maximum_is_a_gap(facts: Facts) -> None:
    yearly(facts, 100)
    for place, operator in enumerate(ValueOperator):
        facts.quota(f"Q-{operator}", 99 + (place > 5), "2025-01-01", "2025-12-31", operator=operator)
    facts.quota("Q-FULL", 100, "2025-01-01", "2025-12-31")
    assert subjects(facts, GapKind.QUOTA_EXCEEDED) == ["Q-AT_MOST", "Q-EXACT", "Q-LESS_THAN"]
    told = [explain(row, Language.EN) for row in rows(facts, GapKind.QUOTA_EXCEEDED)]
    assert told == [f"People counted: 100. Places: {places}." for places in ("≤ 99", "99", "fewer than 99")]


def test_only_a_promise_that_limits_is_exceeded(facts: Facts) -> None:
    yearly(facts, 100)
    for kind in QuotaKind:
        facts.quota(f"Q-{kind}", 99, "2025-01-01", "2025-12-31", kind=kind)
    assert subjects(facts, GapKind.QUOTA_EXCEEDED) == ["Q-CEILING", "Q-RESERVED"]


def test_less_than_so_many_places_are_exceeded_by_just_so_many_people(facts: Facts) -> None:
    yearly(facts, 500)
    for operator in (ValueOperator.EXACT, ValueOperator.AT_MOST, ValueOperator.LESS_THAN):
        for places in (500, 501):
            facts.quota(f"Q-{operator}-{places}", places, "2025-01-01", "2025-12-31", operator=operator)
    (row,) = rows(facts, GapKind.QUOTA_EXCEEDED)
    assert row.subject_reference == "Q-LESS_THAN-500"
    assert explain(row, Language.EN) == "People counted: 500. Places: fewer than 500."


def test_a_licence_lapses_the_day_after_its_last_unless_it_goes_on(facts: Facts) -> None:
    lapsed, valid, renewed, cancelled = (facts.company(reference) for reference in "ABCD")
    for end in ("2025-04-30", "2025-05-31"):
        facts.licence(lapsed, end, number=f"L-{end}")
    facts.licence(valid, "2025-06-01")
    facts.licence(renewed, "2025-05-31", number="7")
    facts.licence(renewed, "2027-05-31", number="7")
    facts.licence(cancelled, "2025-05-31", LicenceState.CANCELLED)
    (row,) = rows(facts, GapKind.LICENCE_LAPSED)
    assert (row.subject_type, row.subject_id, row.country_code, row.until) == (
        "Company",
        lapsed,
        "DE",
        date(2025, 5, 31),
    )


# ── Words ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_fact_without_words_is_a_gap_of_its_record(facts: Facts) -> None:
    company = facts.company("C")
    facts.citation("Company", company, "words")
    facts.citation("Partnership", 1, None, "Company", company)
    facts.citation("Partnership", 2, None, "Company", company)
    facts.citation("Licence", 1, None, "Company", company)
    facts.citation("Licence", 1, "words", "Company", company, place=1)
    (row,) = rows(facts, GapKind.UNQUOTED)
    assert (row.subject_type, row.subject_id, row.subject_reference, row.country_code) == (
        "Company",
        company,
        "C",
        "DE",
    )
    assert explain(row, Language.EN).endswith(": 2.")


def test_each_type_of_record_may_lack_words(facts: Facts) -> None:
    agreement = facts.agreement("A", IN_FORCE, **SINCE)
    cited: dict[str, Callable[[], int]] = {
        "Agreement": lambda: agreement,
        "Engagement": lambda: facts.engagement("E", EngagementKind.MEETING, "2030-01-01", "UZ", "JP"),
        "Figure": lambda: facts.figure("F", FigureMeasure.DEPARTED, FigureNature.FLOW, "GB", "2030-01-01"),
        "LegalAct": lambda: facts.act(agreement, LegalActKind.SIGNATURE, "2024-01-01"),
        "Quota": lambda: facts.quota("Q", 5, None, None, country_code="KR"),
    }
    for subject, write in cited.items():
        facts.citation(subject, write(), None)
    found = {row.subject_type: row.country_code for row in rows(facts, GapKind.UNQUOTED)}
    assert found == {"Agreement": "DE", "Engagement": "JP", "Figure": "GB", "LegalAct": "DE", "Quota": "KR"}


# ── Words for gaps, and how they are asked for ──────────────────────────────────────────────────────────────────────


def test_all_kinds_are_found_at_once_each_explained_in_every_language(facts: Facts) -> None:
    _one_gap_of_each_kind(facts)
    found = rows(facts)
    assert {row.kind for row in found} == set(GapKind)
    for row in found:
        told = {explain(row, language) for language in Language}
        assert len(told) == len(Language)
        assert not any("{" in each for each in told)


def test_each_kind_gives_the_same_alone_and_among_all(facts: Facts) -> None:
    _one_gap_of_each_kind(facts)
    for per_country in (False, True):
        alone = [tuple(row) for kind in GapKind for row in rows(facts, kind, per_country=per_country)]
        assert [tuple(row) for row in rows(facts, per_country=per_country)] == alone


def test_no_kinds_are_no_gaps(facts: Facts) -> None:
    _one_gap_of_each_kind(facts)
    with facts.engine.connect() as connection:
        assert connection.execute(gaps_on(DAY, "UZ", kinds=[])).all() == []


def test_the_day_may_stay_a_parameter(facts: Facts) -> None:
    facts.agreement("A", SIGNED)
    query = gaps_on(sa.bindparam("day", type_=sa.Date()), "UZ")
    with facts.engine.connect() as connection:
        assert [row.kind for row in connection.execute(query, {"day": DAY})] == [GapKind.SIGNED_NOT_IN_FORCE]
        assert connection.execute(query, {"day": date(2023, 1, 1)}).all() == []


def _one_gap_of_each_kind(facts: Facts) -> None:
    facts.agreement("REPORTED", ("0001-01-02", AgreementStatus.REPORTED))
    signed = facts.agreement("SIGNED", SIGNED)
    for day in ("2024-01-01", "2024-01-05"):
        facts.act(signed, LegalActKind.SIGNATURE, day)
    facts.citation("Agreement", signed, None)
    facts.subject(facts.agreement("LABOUR", IN_FORCE, parties=("UZ", "KR")), Subject.LABOUR_MIGRATION)
    yearly(facts, 10, country="GB")
    facts.quota("EXCEEDED", 5, "2025-01-01", "2025-12-31", country_code="GB")
    facts.quota("UNUSED", 5, "2025-01-01", "2025-12-31", country_code="JP")
    facts.licence(facts.company("C"), "2025-01-31")
