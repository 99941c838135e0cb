"""What falls due, from a day onward or within a range."""

from datetime import date
from typing import Any

import pytest
import sqlalchemy as sa

from registry.access import OFFICIAL, PUBLIC
from registry.codes import DeadlineKind, Language, ValueOperator
from registry.companies import LicenceState
from registry.deadlines import ORDER, deadlines_on, explain
from registry.status import AgreementStatus
from tests.registry.small_facts import Facts

DAY = date(2025, 6, 1)
SIGNED = ("2020-01-01", AgreementStatus.SIGNED)


@pytest.fixture
def facts(any_engine: sa.Engine) -> Facts:
    return Facts(any_engine)


def rows(facts: Facts, day: date = DAY, **question: Any) -> list[sa.Row[Any]]:
    found = deadlines_on(day, "UZ", **question).subquery()
    with facts.engine.connect() as connection:
        return list(connection.execute(sa.select(found).order_by(*(found.c[name] for name in ORDER))))


def due(facts: Facts, day: date = DAY, **question: Any) -> list[tuple[str, str]]:
    return [(str(row.due), row.subject_reference) for row in rows(facts, day, **question)]


def test_deadlines_of_all_kinds_stand_soonest_first(facts: Facts) -> None:
    agreement = facts.agreement("A", SIGNED)
    facts.due(agreement, DeadlineKind.TERM_END, "2025-12-31")
    facts.quota("Q", 5, "2025-01-01", "2025-06-30")
    facts.licence(facts.company("C"), "2025-06-30", number="L-1")
    found = [(row.kind, row.subject_type, row.subject_reference, row.country_code) for row in rows(facts)]
    assert found == [
        (DeadlineKind.LICENCE_END, "Company", "C", "DE"),
        (DeadlineKind.QUOTA_PERIOD_END, "Quota", "Q", "DE"),
        (DeadlineKind.TERM_END, "Agreement", "A", "DE"),
    ]


def test_what_falls_due_on_the_day_itself_is_still_shown(facts: Facts) -> None:
    facts.quota("Q1", 5, None, "2025-06-01")
    facts.quota("Q2", 5, None, "2025-05-31")
    facts.quota("Q3", 5, "2025-01-01", None)
    assert due(facts) == [("2025-06-01", "Q1")]


def test_what_a_later_act_changes_is_shown_until_the_day_before_it(facts: Facts) -> None:
    agreement = facts.agreement("A", SIGNED)
    facts.due(agreement, DeadlineKind.TERM_END, "2025-12-31", changed="2025-06-02")
    facts.due(agreement, DeadlineKind.TERM_END, "2026-12-31", known="2025-06-02")
    assert due(facts) == [("2025-12-31", "A")]
    assert due(facts, date(2025, 6, 2)) == [("2026-12-31", "A")]
    assert due(facts, range_from=date(2025, 1, 1), range_until=date(2030, 1, 1)) == [("2025-12-31", "A")]


def test_without_a_range_only_the_running_term_is_shown(facts: Facts) -> None:
    agreement = facts.agreement("A", SIGNED)
    facts.due(agreement, DeadlineKind.TERM_END, "2025-12-31", current="2025-01-01")
    facts.due(agreement, DeadlineKind.TERM_END, "2026-12-31", current="2026-01-01")
    facts.due(agreement, DeadlineKind.DENUNCIATION_TAKES_EFFECT, "2026-03-01", known="2025-06-02")
    assert due(facts) == [("2025-12-31", "A")]
    assert due(facts, range_from=DAY) == [("2025-12-31", "A"), ("2026-12-31", "A")]
    assert due(facts, date(2025, 6, 2), range_from=DAY, range_until=date(2026, 3, 1)) == [
        ("2025-12-31", "A"),
        ("2026-03-01", "A"),
    ]


def test_a_range_looks_back_and_holds_both_its_days(facts: Facts) -> None:
    for place, end in enumerate(("2024-12-31", "2025-01-01", "2025-01-31", "2025-02-01")):
        facts.quota(f"Q{place}", 5, None, end)
    january = {"range_from": date(2025, 1, 1), "range_until": date(2025, 1, 31)}
    assert due(facts, **january) == [("2025-01-01", "Q1"), ("2025-01-31", "Q2")]
    assert len(due(facts, range_until=date(2025, 1, 31))) == 3


def test_only_valid_licences_have_an_end_to_watch(facts: Facts) -> None:
    company = facts.company("C")
    facts.licence(company, "2025-07-01", LicenceState.CANCELLED)
    facts.licence(company, None)
    facts.licence(company, "2025-08-01")
    assert due(facts) == [("2025-08-01", "C")]


def test_kinds_and_countries_narrow_the_list(facts: Facts) -> None:
    three = facts.agreement("A", SIGNED, parties=("DE", "UZ", "JP"))
    facts.due(three, DeadlineKind.TERM_END, "2025-12-31")
    facts.quota("Q", 5, None, "2025-12-31", country_code="KR")
    assert due(facts, countries=["JP"]) == [("2025-12-31", "A")]
    assert due(facts, countries=["UZ"]) == due(facts, countries=[]) == due(facts, kinds=[]) == []
    assert due(facts, kinds=[DeadlineKind.QUOTA_PERIOD_END]) == [("2025-12-31", "Q")]


def test_each_partner_has_the_deadline_once_in_a_batch(facts: Facts) -> None:
    three = facts.agreement("A", SIGNED, parties=("DE", "UZ", "JP", "JP"))
    facts.due(three, DeadlineKind.TERM_END, "2025-12-31")
    assert sorted(row.country_code for row in rows(facts, per_country=True)) == ["DE", "JP"]
    assert [row.country_code for row in rows(facts, per_country=True, countries=["JP"])] == ["JP"]
    assert [row.country_code for row in rows(facts, countries=["JP"])] == ["DE"]


def test_instruments_for_comparison_are_left_out_unless_named(facts: Facts) -> None:
    compared = facts.agreement("A", SIGNED, comparator=True, parties=("DE", "KR"))
    facts.due(compared, DeadlineKind.TERM_END, "2025-12-31")
    facts.quota("Q", 5, None, "2025-12-31", agreement_id=compared)
    facts.quota("R", 5, None, "2025-12-31")
    assert due(facts) == [("2025-12-31", "R")]
    assert due(facts, agreement_ids=[compared]) == [("2025-12-31", "A")]


def test_agreements_for_another_audience_are_left_out(facts: Facts) -> None:
    facts.due(facts.agreement("A", SIGNED, audience=OFFICIAL), DeadlineKind.TERM_END, "2025-12-31")
    assert due(facts.seen_by(PUBLIC)) == []
    assert due(facts.seen_by(PUBLIC, OFFICIAL)) == [("2025-12-31", "A")]


def test_the_end_of_a_quota_is_told_with_how_its_places_are_to_be_read(facts: Facts) -> None:
    facts.quota("Q", 12_709, None, "2025-12-31", operator=ValueOperator.MORE_THAN)
    (row,) = rows(facts)
    assert explain(row, Language.EN) == "Last day of the period of this quota. Number of places: > 12,709."


def test_each_deadline_is_explained_in_every_language(facts: Facts) -> None:
    facts.due(facts.agreement("A", SIGNED), DeadlineKind.TERM_END, "2025-12-31")
    facts.quota("Q", 1500, None, "2025-12-31")
    facts.licence(facts.company("C"), "2025-12-31", number="L-7")
    facts.licence(facts.company("D"), "2025-12-31")
    found = rows(facts)
    english = [explain(row, Language.EN) for row in found]
    assert english[0] == "Last day of licence L-7."
    assert english[1] == "Last day of the licence."
    assert english[2] == "Last day of the period of this quota. Number of places: 1,500."
    assert "31 December 2025" in english[3]
    for row in found[:3]:
        assert len({explain(row, language) for language in Language}) == len(Language)
