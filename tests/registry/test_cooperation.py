"""How far cooperation has come: with countries, and with companies."""

from datetime import date
from typing import Any

import pytest
import sqlalchemy as sa

from registry.access import OFFICIAL, PUBLIC
from registry.companies import PartnershipStage
from registry.cooperation import CooperationStage, company_stage_on, stage_on
from registry.engagements import EngagementKind
from registry.status import AgreementStatus, InstrumentType
from tests.registry.small_facts import COUNTRIES, Facts

DAY = date(2025, 6, 1)


@pytest.fixture
def facts(any_engine: sa.Engine) -> Facts:
    return Facts(any_engine)


def stage(facts: Facts, country: str = "DE", day: date = DAY) -> CooperationStage:
    with facts.engine.connect() as connection:
        found = connection.execute(stage_on(day, "UZ", countries=[country])).all()
    assert [row.country_code for row in found] == [country]
    reached: CooperationStage = found[0].stage
    return reached


def company_stage(facts: Facts, company_id: int) -> PartnershipStage:
    with facts.engine.connect() as connection:
        found = connection.execute(company_stage_on(DAY, companies=[company_id])).all()
    assert len(found) == 1
    reached: PartnershipStage = found[0].stage
    return reached


def test_every_country_has_a_stage_and_none_without_a_record(facts: Facts) -> None:
    facts.agreement("A", ("2024-01-01", AgreementStatus.IN_FORCE))
    with facts.engine.connect() as connection:
        stages = {row.country_code: row.stage for row in connection.execute(stage_on(DAY, "UZ"))}
    assert stages == dict.fromkeys(COUNTRIES, CooperationStage.NONE) | {"DE": CooperationStage.AGREEMENT_IN_FORCE}


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (AgreementStatus.IN_FORCE, CooperationStage.AGREEMENT_IN_FORCE),
        (AgreementStatus.DENUNCIATION_PENDING, CooperationStage.AGREEMENT_IN_FORCE),
        (AgreementStatus.SUSPENDED, CooperationStage.AGREEMENT_IN_FORCE),
        (AgreementStatus.OPERATIVE, CooperationStage.AGREEMENT_SIGNED),
        (AgreementStatus.PARTLY_SIGNED, CooperationStage.IN_DISCUSSION),
        (AgreementStatus.REPORTED, CooperationStage.PROSPECT),
        (AgreementStatus.TERMINATED, CooperationStage.NONE),
        (AgreementStatus.ABANDONED, CooperationStage.NONE),
    ],
)
def test_the_stage_follows_the_status_of_the_agreement(
    facts: Facts, status: AgreementStatus, expected: CooperationStage
) -> None:
    facts.agreement("A", ("2024-01-01", status))
    assert stage(facts) is expected


def test_of_what_is_undecided_the_least_counts(facts: Facts) -> None:
    facts.agreement("A", ("2024-01-01", (AgreementStatus.SIGNED, AgreementStatus.IN_FORCE)))
    facts.agreement("B", ("2024-01-01", (AgreementStatus.NONE, AgreementStatus.IN_FORCE)), parties=("UZ", "JP"))
    assert stage(facts) is CooperationStage.AGREEMENT_SIGNED
    assert stage(facts, "JP") is CooperationStage.NONE


def test_the_stage_is_that_of_the_day(facts: Facts) -> None:
    facts.agreement("A", ("2024-01-01", AgreementStatus.SIGNED), ("2025-06-01", AgreementStatus.IN_FORCE))
    assert stage(facts, day=date(2023, 12, 31)) is CooperationStage.NONE
    assert stage(facts, day=date(2025, 5, 31)) is CooperationStage.AGREEMENT_SIGNED
    assert stage(facts, day=date(2025, 6, 1)) is CooperationStage.AGREEMENT_IN_FORCE


def test_instruments_of_others_and_for_comparison_do_not_count(facts: Facts) -> None:
    facts.agreement("A", ("2024-01-01", AgreementStatus.IN_FORCE), comparator=True)
    facts.agreement("B", ("2024-01-01", AgreementStatus.IN_FORCE), parties=("DE", "KR"))
    assert stage(facts) is CooperationStage.NONE


def test_a_company_contract_counts_as_cooperation_at_most(facts: Facts) -> None:
    facts.agreement("A", ("2024-01-01", AgreementStatus.IN_FORCE), type=InstrumentType.COMPANY_CONTRACT)
    facts.agreement(
        "B", ("2024-01-01", AgreementStatus.REPORTED), type=InstrumentType.COMPANY_CONTRACT, parties=("UZ", "JP")
    )
    assert stage(facts) is CooperationStage.COOPERATING
    assert stage(facts, "JP") is CooperationStage.PROSPECT


def test_engagements_count_from_the_day_that_is_certain(facts: Facts) -> None:
    facts.engagement("E", EngagementKind.MEETING, "2025-06-01", "UZ", "DE")
    facts.engagement("F", EngagementKind.COOPERATION, "2025-06-02", "UZ", "DE")
    facts.engagement("G", EngagementKind.COOPERATION, "2025-01-01", "JP", date_latest=None)
    facts.engagement("H", EngagementKind.NATIONAL_ACT, "2025-01-01", "KR")
    assert stage(facts) is CooperationStage.IN_DISCUSSION
    assert stage(facts, day=date(2025, 6, 2)) is CooperationStage.COOPERATING
    assert stage(facts, "JP") is stage(facts, "KR") is stage(facts, "UZ") is CooperationStage.NONE


def told(facts: Facts, engagement: int, published: str | None, place: int = 0) -> None:
    """Lets a source of a day tell of an engagement."""
    latest = date.fromisoformat(published) if published else None
    source = facts.source(f"S-{engagement}-{place}", published=published, published_latest=latest)
    facts.citation("Engagement", engagement, "words", place=place, source_id=source)


def open_ended(facts: Facts, reference: str, earliest: str | None, *countries: str, **columns: Any) -> int:
    """A meeting of which no last day is known."""
    days: dict[str, Any] = {"date_earliest": date.fromisoformat(earliest) if earliest else None, "date_latest": None}
    return facts.engagement(reference, EngagementKind.MEETING, "2020-01-14", *countries, **{**days, **columns})


def test_an_engagement_on_an_unknown_day_had_happened_when_a_source_told_of_it(facts: Facts) -> None:
    meeting = open_ended(facts, "E", None, "UZ", "DE")
    assert stage(facts) is CooperationStage.NONE
    for place, published in enumerate((None, "2025-07-01", "2025-06-01")):
        told(facts, meeting, published, place)
    assert stage(facts, day=date(2025, 5, 31)) is CooperationStage.NONE
    assert stage(facts) is CooperationStage.IN_DISCUSSION


def test_a_source_from_before_the_first_day_tells_of_what_is_planned(facts: Facts) -> None:
    meeting = open_ended(facts, "E", "2025-06-01", "UZ", "DE")
    told(facts, meeting, "2025-05-31")
    assert stage(facts, day=date(2030, 1, 1)) is CooperationStage.NONE
    told(facts, meeting, "2025-06-02", 1)
    assert stage(facts) is CooperationStage.NONE
    assert stage(facts, day=date(2025, 6, 2)) is CooperationStage.IN_DISCUSSION


def test_a_last_day_on_record_counts_whatever_a_source_says(facts: Facts) -> None:
    told(facts, facts.engagement("E", EngagementKind.MEETING, "2025-06-02", "UZ", "DE"), "2025-01-01")
    told(facts, facts.engagement("F", EngagementKind.NATIONAL_ACT, "2025-06-01", "JP", date_latest=None), "2025-06-01")
    assert stage(facts) is stage(facts, "JP") is CooperationStage.NONE


def test_what_tells_of_an_engagement_is_seen_with_it_and_not_else(facts: Facts) -> None:
    for reference, country, audience in (("E", "DE", PUBLIC), ("F", "JP", OFFICIAL)):
        told(facts, open_ended(facts, reference, None, "UZ", country, audience=audience), "2025-06-01")
    public = facts.seen_by(PUBLIC)
    assert stage(public) is stage(facts) is stage(facts, "JP") is CooperationStage.IN_DISCUSSION
    assert stage(public, "JP") is CooperationStage.NONE


def test_partnerships_that_last_count(facts: Facts) -> None:
    company = facts.company("C")
    facts.partnership(company, PartnershipStage.CONTRACTED, "2025-01-01", "2025-05-31")
    assert stage(facts) is CooperationStage.NONE
    facts.partnership(company, PartnershipStage.IN_DISCUSSION, "2025-01-01")
    assert stage(facts) is CooperationStage.IN_DISCUSSION
    facts.partnership(company, PartnershipStage.ACTIVE)
    assert stage(facts) is CooperationStage.COOPERATING


def test_records_for_another_audience_do_not_show_in_the_stage(facts: Facts) -> None:
    facts.agreement("A", ("2024-01-01", AgreementStatus.IN_FORCE), audience=OFFICIAL)
    facts.engagement("E", EngagementKind.MEETING, "2025-01-01", "DE", audience=OFFICIAL)
    assert stage(facts.seen_by(PUBLIC)) is CooperationStage.NONE
    assert stage(facts) is CooperationStage.AGREEMENT_IN_FORCE


def test_the_stage_can_be_a_condition_of_another_statement(facts: Facts) -> None:
    facts.agreement("A", ("2024-01-01", AgreementStatus.SIGNED))
    day: sa.BindParameter[date] = sa.bindparam("day", type_=sa.Date())
    stages = stage_on(day, "UZ").subquery()
    query = sa.select(stages.c.country_code).where(stages.c.stage.in_([CooperationStage.AGREEMENT_SIGNED]))
    with facts.engine.connect() as connection:
        assert connection.execute(query, {"day": DAY}).scalars().all() == ["DE"]
        assert connection.execute(query, {"day": date(2020, 1, 1)}).scalars().all() == []


def test_a_company_without_partnership_is_a_prospect(facts: Facts) -> None:
    company = facts.company("C")
    assert company_stage(facts, company) is PartnershipStage.PROSPECT
    facts.partnership(company, PartnershipStage.ACTIVE, "2025-06-02")
    assert company_stage(facts, company) is PartnershipStage.PROSPECT


def test_the_furthest_running_partnership_counts(facts: Facts) -> None:
    company = facts.company("C")
    facts.partnership(company, PartnershipStage.SUSPENDED, "2025-01-01")
    assert company_stage(facts, company) is PartnershipStage.SUSPENDED
    facts.partnership(company, PartnershipStage.CONTRACTED, "2024-01-01", "2025-06-01")
    facts.partnership(company, PartnershipStage.ACTIVE, "2024-01-01", "2025-05-31")
    assert company_stage(facts, company) is PartnershipStage.CONTRACTED


def test_a_company_whose_partnerships_are_over_has_ended(facts: Facts) -> None:
    company = facts.company("C")
    facts.partnership(company, PartnershipStage.ACTIVE, "2024-01-01", "2025-05-31")
    facts.partnership(company, PartnershipStage.CONTRACTED, None, "2023-05-31")
    assert company_stage(facts, company) is PartnershipStage.ENDED


def test_a_later_stage_ends_an_earlier_one_that_has_no_end_of_its_own(facts: Facts) -> None:
    company = facts.company("C")
    facts.partnership(company, PartnershipStage.ACTIVE, "2024-01-01")
    assert company_stage(facts, company) is PartnershipStage.ACTIVE
    facts.partnership(company, PartnershipStage.ENDED, "2025-06-02")
    assert company_stage(facts, company) is PartnershipStage.ACTIVE
    facts.partnership(company, PartnershipStage.ENDED, "2025-05-01")
    assert company_stage(facts, company) is PartnershipStage.ENDED
