"""People over places, and when the registry refuses to compare them."""

from typing import Any

import pytest
import sqlalchemy as sa

from registry.codes import Language
from registry.language import render
from registry.placements import Frequency, PlacementMeasure
from registry.quotas import CountedUnit
from registry.status import AgreementStatus, Message
from registry.utilisation import Outcome, Utilisation, utilisation
from tests.registry.small_facts import Facts

YEAR = ("2025-01-01", "2025-12-31")


@pytest.fixture
def facts(any_engine: sa.Engine) -> Facts:
    made = Facts(any_engine)
    made.source()
    return made


def use(facts: Facts, quota_id: int) -> Utilisation:
    with facts.engine.connect() as connection:
        return utilisation(connection, [quota_id], "UZ")[quota_id]


def reason(facts: Facts, quota_id: int) -> str:
    """The outcome whose sentence is the reason; what is refused has no number."""
    found = use(facts, quota_id)
    assert (found.comparable, found.used, found.remaining, found.share) == (False, None, None, None)
    assert isinstance(found.reason, Message)
    return next(outcome for outcome in Outcome if outcome.description == found.reason.text)


def yearly(facts: Facts, people: int, **columns: Any) -> int:
    return facts.placed(people, *YEAR, Frequency.YEAR, **columns)


def test_departures_are_set_against_places_for_persons(facts: Facts) -> None:
    quota = facts.quota("Q", 200, *YEAR)
    facts.placed(40, "2025-01-01", "2025-03-31", Frequency.QUARTER)
    facts.placed(10, "2025-12-01", "2025-12-31", Frequency.MONTH, sector_code="F")
    assert use(facts, quota) == Utilisation(True, None, PlacementMeasure.DEPARTED, 50, 150, 0.25)


def test_more_people_than_places_leave_a_negative_remainder(facts: Facts) -> None:
    quota = facts.quota("Q", 100, *YEAR)
    yearly(facts, 150)
    assert use(facts, quota) == Utilisation(True, None, PlacementMeasure.DEPARTED, 150, -50, 1.5)


def test_no_places_have_no_share(facts: Facts) -> None:
    quota = facts.quota("Q", 0, *YEAR)
    yearly(facts, 1)
    assert use(facts, quota).share is None


def test_arrivals_stand_in_where_no_departures_are_on_record(facts: Facts) -> None:
    quota = facts.quota("Q", 100, *YEAR)
    yearly(facts, 7, measure=PlacementMeasure.EMPLOYED)
    yearly(facts, 5, measure=PlacementMeasure.ARRIVED)
    assert use(facts, quota).measure is PlacementMeasure.ARRIVED
    yearly(facts, 9)
    assert use(facts, quota).measure is PlacementMeasure.DEPARTED


def test_a_measure_with_returns_in_scope_goes_before_one_that_leaves_it_open(facts: Facts) -> None:
    quota = facts.quota("Q", 100, *YEAR, sector_code="F")
    yearly(facts, 30)
    yearly(facts, 7, sector_code="F", measure=PlacementMeasure.EMPLOYED)
    found = use(facts, quota)
    assert (found.measure, found.used) == (PlacementMeasure.EMPLOYED, 7)


@pytest.mark.parametrize(
    ("unit", "measure"),
    [(CountedUnit.VISAS, PlacementMeasure.VISA_ISSUED), (CountedUnit.ENTRIES, PlacementMeasure.ARRIVED)],
)
def test_each_unit_has_its_measure(facts: Facts, unit: CountedUnit, measure: PlacementMeasure) -> None:
    quota = facts.quota("Q", 100, *YEAR, unit=unit)
    for place, each in enumerate(PlacementMeasure, start=1):
        yearly(facts, place, measure=each)
    found = use(facts, quota)
    assert (found.measure, found.used) == (measure, list(PlacementMeasure).index(measure) + 1)


@pytest.mark.parametrize("unit", [CountedUnit.PERMITS, CountedUnit.CONSENTS, CountedUnit.JOBS])
def test_what_no_return_counts_is_not_compared(facts: Facts, unit: CountedUnit) -> None:
    quota = facts.quota("Q", 100, *YEAR, unit=unit)
    yearly(facts, 1)
    assert reason(facts, quota) == unit.value


def test_places_for_others_are_not_compared_with_ours(facts: Facts) -> None:
    yearly(facts, 1)
    assert reason(facts, facts.quota("Q1", 100, *YEAR, origins=())) is Outcome.OPEN_TO_ALL
    assert reason(facts, facts.quota("Q2", 100, *YEAR, origins=("UZ", "KR"))) is Outcome.OTHER_ORIGINS
    assert reason(facts, facts.quota("Q3", 100, *YEAR, origins=("KR",))) is Outcome.OTHER_ORIGINS


def test_a_condition_that_returns_do_not_state_stands_against_it(facts: Facts) -> None:
    yearly(facts, 1)
    assert reason(facts, facts.quota("Q", 100, *YEAR, condition="seasonal")) is Outcome.CONDITIONAL


def test_nothing_on_record_is_not_nobody(facts: Facts) -> None:
    quota = facts.quota("Q", 100, *YEAR)
    yearly(facts, 5, country="JP")
    facts.placed(5, "2024-01-01", "2024-12-31", Frequency.YEAR)
    assert reason(facts, quota) is Outcome.NO_RETURNS
    yearly(facts, 0)
    assert use(facts, quota) == Utilisation(True, None, PlacementMeasure.DEPARTED, 0, 100, 0.0)


def test_a_return_partly_within_the_period_stands_against_it(facts: Facts) -> None:
    quota = facts.quota("Q", 100, "2025-04-01", "2026-03-31")
    facts.placed(5, "2025-04-01", "2025-06-30", Frequency.QUARTER)
    assert use(facts, quota).used == 5
    facts.placed(8, "2026-01-01", "2026-12-31", Frequency.YEAR)
    assert reason(facts, quota) is Outcome.STRADDLING
    assert use(facts, quota).reason == Message(Outcome.STRADDLING.description, {"unclear": ["number", 8]})


def test_an_open_end_takes_all_that_follows_but_an_unknown_period_nothing(facts: Facts) -> None:
    yearly(facts, 5)
    assert use(facts, facts.quota("Q1", 100, "2024-01-01", None)).used == 5
    assert reason(facts, facts.quota("Q2", 100, None, None)) is Outcome.NO_PERIOD


def test_a_quota_for_a_section_counts_its_divisions_and_no_other(facts: Facts) -> None:
    quota = facts.quota("Q", 100, *YEAR, sector_code="F")
    for people, sector in ((1, "F"), (2, "41"), (4, "01"), (8, "A")):
        yearly(facts, people, sector_code=sector)
    assert use(facts, quota).used == 3


@pytest.mark.parametrize("stated", [None, "F"])
def test_a_return_that_leaves_the_division_open_stands_against_it(facts: Facts, stated: str | None) -> None:
    quota = facts.quota("Q", 100, *YEAR, sector_code="41")
    yearly(facts, 30, sector_code=stated)
    assert reason(facts, quota) is Outcome.LEFT_OPEN
    facts.placed(4, "2025-01-01", "2025-01-31", Frequency.MONTH, sector_code="41")
    assert reason(facts, quota) is Outcome.PARTLY_LEFT_OPEN
    values = {"counted": ["number", 4], "unclear": ["number", 30]}
    assert use(facts, quota).reason == Message(Outcome.PARTLY_LEFT_OPEN.description, values)


def test_occupation_and_agreement_limit_the_scope_too(facts: Facts) -> None:
    ours, another = (facts.agreement(name, ("2024-01-01", AgreementStatus.SIGNED)) for name in "AB")
    quota = facts.quota("Q", 100, *YEAR, occupation_code="2", agreement_id=ours)
    yearly(facts, 1, occupation_code="22", agreement_id=ours)
    yearly(facts, 2, occupation_code="22", agreement_id=another)
    assert use(facts, quota).used == 1
    yearly(facts, 4, occupation_code="2")
    assert reason(facts, quota) is Outcome.PARTLY_LEFT_OPEN


def test_many_quotas_take_one_statement(facts: Facts) -> None:
    quotas = [facts.quota(f"Q{number}", 100, *YEAR) for number in range(4)]
    yearly(facts, 10)
    statements: list[str] = []
    with facts.engine.connect() as connection:
        sa.event.listen(connection, "before_cursor_execute", lambda *given: statements.append(given[2]))
        found = utilisation(connection, [*quotas, 999], "UZ")
    assert {quota: each.used for quota, each in found.items()} == dict.fromkeys(quotas, 10)
    assert sum("SELECT" in statement for statement in statements) == 1


@pytest.mark.parametrize("outcome", [outcome for outcome in Outcome if outcome is not Outcome.COMPARABLE])
def test_each_reason_is_told_in_every_language(outcome: Outcome) -> None:
    message = Message(outcome.description, {"counted": ["number", 4], "unclear": ["number", 30]})
    told = {render(message, language) for language in Language}
    assert len(told) == len(Language)
    assert not any("{" in each for each in told)
