"""People over places, and when the registry refuses to compare them."""

import asyncio
import random
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic import command
from sqlmodel import Session

from registry import agreements, inputs, quotas
from registry.access import OFFICIAL, PUBLIC, RESTRICTED, Audience
from registry.agreements import Agreement
from registry.codes import CountedUnit, Language, ValueOperator
from registry.database import migrate, migrations_on
from registry.errors import BadInput, Conflict
from registry.history import Changes, RegistryState, changeset, table_behind
from registry.knowledge import Knowledge
from registry.language import render
from registry.placements import Counted, Frequency, PlacementMeasure, report
from registry.settings import Settings
from registry.statistics import PlacementDimension, placement_table
from registry.status import AgreementStatus, Message
from registry.utilisation import MEASURES, Outcome, QuotaUtilisation, differing, reason, settle
from registry.verification import verify
from registry.withdrawal import withdraw
from tests.factories import WORDS, make_agreement, make_country, make_occupation, make_quota, make_sector, make_source
from tests.registry.small_facts import Facts
from tests.registry.utilisation_oracle import utilisation_select

YEAR = ("2025-01-01", "2025-12-31")


@pytest.fixture
def facts(any_engine: sa.Engine) -> Facts:
    made = Facts(any_engine)
    made.source()
    return made


def use(facts: Facts, quota_id: int) -> QuotaUtilisation:
    """What is stored of a quota, once it is certain that all that is stored is what the oracle says."""
    with Session(facts.engine) as session:
        check(session)
        return session.get_one(QuotaUtilisation, quota_id)


def check(session: Session, home_country: str = "UZ") -> int:
    """Holds what is stored of each quota against the oracle, and says how many quotas there are."""
    columns = ("quota_id", "outcome", "measure", "counted", "unclear", "remaining")
    stored = sa.select(*(table_behind(QuotaUtilisation).c[name] for name in columns)).order_by("quota_id")
    said = sa.select(utilisation_select(home_country).subquery()).order_by("quota_id")
    found = [tuple(row) for row in session.execute(stored)]
    assert found == [tuple(row) for row in session.execute(said)]
    assert list(differing(session)) == []
    return len(found)


def compared(facts: Facts, quota_id: int) -> tuple[PlacementMeasure | None, int | None, int | None, float | None]:
    found = use(facts, quota_id)
    assert (found.comparable, reason(found)) == (True, None)
    return found.measure, found.used, found.remaining, found.share


def refused(facts: Facts, quota_id: int) -> Outcome:
    """Why places cannot be compared; what is refused has no number."""
    found = use(facts, quota_id)
    assert (found.comparable, found.used, found.remaining, found.share) == (False, None, None, None)
    told = reason(found)
    assert told
    assert told.text == found.outcome.description
    return found.outcome


def yearly(facts: Facts, people: int, **columns: Any) -> int:
    return facts.placed(people, *YEAR, Frequency.YEAR, **columns)


def test_departures_are_set_against_places_for_persons(facts: Facts) -> None:
    quota = facts.quota("Q", 200, *YEAR)
    facts.placed(40, "2025-01-01", "2025-03-31", Frequency.QUARTER)
    facts.placed(10, "2025-12-01", "2025-12-31", Frequency.MONTH, sector_code="F")
    assert compared(facts, quota) == (PlacementMeasure.DEPARTED, 50, 150, 0.25)


def test_more_people_than_places_leave_a_negative_remainder(facts: Facts) -> None:
    quota = facts.quota("Q", 100, *YEAR)
    yearly(facts, 150)
    assert compared(facts, quota) == (PlacementMeasure.DEPARTED, 150, -50, 1.5)


@pytest.mark.parametrize(
    ("operator", "remaining", "share"),
    [
        (ValueOperator.EXACT, 3, 0.25),
        (ValueOperator.AT_MOST, 3, 0.25),
        (ValueOperator.LESS_THAN, 2, 1 / 3),
        (ValueOperator.AT_LEAST, None, None),
        (ValueOperator.MORE_THAN, None, None),
        (ValueOperator.ABOUT, None, None),
    ],
)
def test_what_is_left_follows_from_the_most_places_that_there_may_be(
    facts: Facts, operator: ValueOperator, remaining: int | None, share: float | None
) -> None:
    quota = facts.quota("Q", 4, *YEAR, operator=operator)
    yearly(facts, 1)
    assert compared(facts, quota) == (PlacementMeasure.DEPARTED, 1, remaining, share)


def test_just_so_many_people_exceed_less_than_so_many_places(facts: Facts) -> None:
    quota = facts.quota("Q", 4, *YEAR, operator=ValueOperator.LESS_THAN)
    yearly(facts, 4)
    assert compared(facts, quota) == (PlacementMeasure.DEPARTED, 4, -1, 4 / 3)


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
    assert refused(facts, quota) is Outcome[unit.value]


def test_places_for_others_are_not_compared_with_ours(facts: Facts) -> None:
    yearly(facts, 1)
    assert refused(facts, facts.quota("Q1", 100, *YEAR, origins=())) is Outcome.OPEN_TO_ALL
    assert refused(facts, facts.quota("Q2", 100, *YEAR, origins=("UZ", "KR"))) is Outcome.OTHER_ORIGINS
    assert refused(facts, facts.quota("Q3", 100, *YEAR, origins=("KR",))) is Outcome.OTHER_ORIGINS


def test_a_condition_that_returns_do_not_state_stands_against_it(facts: Facts) -> None:
    yearly(facts, 1)
    assert refused(facts, facts.quota("Q", 100, *YEAR, condition="seasonal")) is Outcome.CONDITIONAL


def test_nothing_on_record_is_not_nobody(facts: Facts) -> None:
    quota = facts.quota("Q", 100, *YEAR)
    yearly(facts, 5, country="JP")
    facts.placed(5, "2024-01-01", "2024-12-31", Frequency.YEAR)
    assert refused(facts, quota) is Outcome.NO_RETURNS
    yearly(facts, 0)
    assert compared(facts, quota) == (PlacementMeasure.DEPARTED, 0, 100, 0.0)


def test_a_return_partly_within_the_period_stands_against_it(facts: Facts) -> None:
    quota = facts.quota("Q", 100, "2025-04-01", "2026-03-31")
    facts.placed(5, "2025-04-01", "2025-06-30", Frequency.QUARTER)
    assert use(facts, quota).used == 5
    facts.placed(8, "2026-01-01", "2026-12-31", Frequency.YEAR)
    assert refused(facts, quota) is Outcome.STRADDLING
    assert reason(use(facts, quota)) == Message(Outcome.STRADDLING.description, {"unclear": ["number", 8]})


def test_an_open_end_takes_all_that_follows_but_an_unknown_period_nothing(facts: Facts) -> None:
    yearly(facts, 5)
    assert use(facts, facts.quota("Q1", 100, "2024-01-01", None)).used == 5
    assert refused(facts, facts.quota("Q2", 100, None, None)) is Outcome.NO_PERIOD


def test_a_quota_for_a_section_counts_its_divisions_and_no_other(facts: Facts) -> None:
    quota = facts.quota("Q", 100, *YEAR, sector_code="F")
    for people, sector in ((1, "F"), (2, "41"), (4, "01"), (8, "A")):
        yearly(facts, people, sector_code=sector)
    assert use(facts, quota).used == 3


@pytest.mark.parametrize("stated", [None, "F"])
def test_a_return_that_leaves_the_division_open_stands_against_it(facts: Facts, stated: str | None) -> None:
    quota = facts.quota("Q", 100, *YEAR, sector_code="41")
    yearly(facts, 30, sector_code=stated)
    assert refused(facts, quota) is Outcome.LEFT_OPEN
    facts.placed(4, "2025-01-01", "2025-01-31", Frequency.MONTH, sector_code="41")
    assert refused(facts, quota) is Outcome.PARTLY_LEFT_OPEN
    values = {"counted": ["number", 4], "unclear": ["number", 30]}
    assert reason(use(facts, quota)) == Message(Outcome.PARTLY_LEFT_OPEN.description, values)


def test_occupation_and_agreement_limit_the_scope_too(facts: Facts) -> None:
    ours, another = (facts.agreement(name, ("2024-01-01", AgreementStatus.SIGNED)) for name in "AB")
    quota = facts.quota("Q", 100, *YEAR, occupation_code="2", agreement_id=ours)
    yearly(facts, 1, occupation_code="22", agreement_id=ours)
    yearly(facts, 2, occupation_code="22", agreement_id=another)
    assert use(facts, quota).used == 1
    yearly(facts, 4, occupation_code="2")
    assert refused(facts, quota) is Outcome.PARTLY_LEFT_OPEN


# ── Whom it is told ─────────────────────────────────────────────────────────────────────────────────────────────────

SIGNED = ("2024-01-01", AgreementStatus.SIGNED)


@pytest.mark.parametrize("closer", [OFFICIAL, RESTRICTED])
def test_a_return_under_an_agreement_that_is_hidden_is_told_as_one_that_names_none(
    facts: Facts, closer: Audience
) -> None:
    ours, hidden = facts.agreement("A", SIGNED), facts.agreement("B", SIGNED, audience=closer)
    quota, twin = (facts.quota(name, 1000, *YEAR, agreement_id=ours, country_code=name) for name in ("DE", "JP"))
    for country, other in (("DE", hidden), ("JP", None)):
        yearly(facts, 100, country=country, agreement_id=ours)
        yearly(facts, 50, country=country, agreement_id=other)

    assert refused(facts, quota) is refused(facts, twin) is Outcome.PARTLY_LEFT_OPEN
    assert reason(use(facts, quota)) == reason(use(facts, twin))
    with facts.seen_by(PUBLIC).engine.connect() as connection:
        by_agreement = [PlacementDimension.COUNTRY, PlacementDimension.AGREEMENT]
        table = placement_table(connection, measure=PlacementMeasure.DEPARTED, group_by=by_agreement)[None]
    counted = {(row.country_code, row.agreement_id, row.people) for row in table.rows}
    assert counted == {(country, *told) for country in ("DE", "JP") for told in ((ours, 100), (None, 50))}


def test_who_sees_a_quota_under_a_hidden_agreement_sees_what_returns_name_that_is_hidden_no_further(
    facts: Facts,
) -> None:
    shown, ours, closed = (facts.agreement(str(each), SIGNED, audience=each) for each in Audience)
    quota = facts.quota("Q", 100, *YEAR, agreement_id=ours)
    yearly(facts, 1, agreement_id=ours)
    yearly(facts, 2, agreement_id=shown)
    assert use(facts, quota).used == 1
    yearly(facts, 4, agreement_id=closed)
    assert refused(facts, quota) is Outcome.PARTLY_LEFT_OPEN


def test_an_earlier_moment_tells_no_more_of_what_was_closed_since(any_engine: sa.Engine, tmp_path: Path) -> None:
    with changeset(any_engine, "A test.") as changes:
        for name in ("A", "B"):
            make_agreement(changes, name, audience=PUBLIC)
        make_quota(changes, "Q", agreement="A", origins=("UZ",), period="2025", places=1000)
        make_source(changes, "return")
        people = [Counted("2025", "DE", 100, PlacementMeasure.DEPARTED, agreement="A")]
        people += [Counted("2025", "DE", 50, PlacementMeasure.DEPARTED, agreement="B")]
        report(changes, source="return", placements=people)
    with Session(any_engine) as session:
        then = session.get_one(RegistryState, 1).sequence
    knowledge = Knowledge(any_engine, Settings(snapshots_dir=tmp_path / "snapshots"))

    def now_and_then() -> list[Outcome]:
        async def ask() -> Outcome:
            async with knowledge.at(then) as snapshot:
                return outcome(snapshot)

        def outcome(engine: sa.Engine) -> Outcome:
            with Session(engine) as session:
                return session.scalars(sa.select(QuotaUtilisation)).one().outcome

        return [outcome(any_engine), asyncio.run(ask())]

    try:
        found = [now_and_then()]
        for version, audience in enumerate((OFFICIAL, PUBLIC, RESTRICTED), 1):
            with changeset(any_engine, "A test.") as changes:
                agreements.revise(changes, reference="B", expected_version=version, audience=audience)
            found.append(now_and_then())
        assert len(knowledge) == 1  # kept all the while
        knowledge.close()
        found.append(now_and_then())
    finally:
        knowledge.close()
    shown, hidden = [Outcome.COMPARABLE] * 2, [Outcome.PARTLY_LEFT_OPEN] * 2
    assert found == [shown, hidden, shown, hidden, hidden]


# ── How it is kept ──────────────────────────────────────────────────────────────────────────────────────────────────


def test_what_is_stored_is_what_the_oracle_says_of_a_whole_registry(generated: sa.Engine) -> None:
    with Session(generated) as session:
        assert check(session) == 500


@pytest.mark.parametrize("seed", range(3))
def test_whatever_changes_quotas_or_returns_keeps_it(any_engine: sa.Engine, seed: int) -> None:
    chance = random.Random(seed)
    with changeset(any_engine, "A test.") as changes:
        _names(changes)
    quotas_made: list[str] = []
    for step in range(24):
        with changeset(any_engine, "A test.") as changes:
            _change(changes, chance, step, quotas_made)
        with Session(any_engine) as session:
            assert check(session) == len(quotas_made)


AGREEMENTS = ["uz-de", "uz-pl"]


def _names(changes: Changes) -> None:
    for code in ("UZ", "DE", "PL"):
        make_country(changes, code)
    for code in ("41", "42"):
        make_sector(changes, code)
    make_occupation(changes, "22")
    for name in AGREEMENTS:
        make_agreement(changes, name, audience=PUBLIC)
    make_source(changes, "return")


def _change(changes: Changes, chance: random.Random, step: int, quotas_made: list[str]) -> None:
    acts = ["allot", "allot", "revise", "report", "report", "report", "withdraw", "open or close"]
    said: dict[str, Any]
    what = chance.choice(acts) if quotas_made else "allot"
    if what == "allot":
        quotas_made.append(f"quota-{step}")
        make_quota(
            changes,
            quotas_made[-1],
            origins=chance.choice([("UZ",)] * 6 + [(), ("UZ", "PL")]),
            period=chance.choice(["2024", "2024-02", "2024-01/2024-06", "2023-07/2024-06", "2024/..", "../2023"]),
            unit=chance.choice([CountedUnit.PERSONS] * 3 + [CountedUnit.VISAS]),
            places=chance.randrange(9, 18),
            operator=chance.choice(list(ValueOperator)),
            country=chance.choice(["DE", "PL"]),
            sector=chance.choice([None, "F", "41"]),
            occupation=chance.choice([None, None, "2", "22"]),
            agreement=chance.choice([None, *AGREEMENTS]),
        )
    elif what == "revise":
        with suppress(BadInput), changes.attempt():  # the number may be the one on record
            quotas.revise(changes, quota=chance.choice(quotas_made), places=chance.randrange(0, 9), citations=WORDS)
    elif what == "withdraw":
        reference = quotas_made.pop(chance.randrange(len(quotas_made)))
        withdraw(changes, quotas.Quota, inputs.id_of(changes, "quota", reference))
    elif what == "open or close":
        agreement = changes.session.scalars(sa.select(Agreement).filter_by(reference=chance.choice(AGREEMENTS))).one()
        said = {"expected_version": agreement.version, "audience": chance.choice(list(Audience))}
        with suppress(BadInput), changes.attempt():
            agreements.revise(changes, reference=agreement.reference, **said)
    else:
        year, measure = chance.choice(["2023", "2024"]), chance.choice(list(MEASURES[CountedUnit.PERSONS]))
        said = {"country": chance.choice(["DE", "PL"]), "measure": measure}
        counted = Counted(f"{year}-{chance.randint(1, 12):02}", people=chance.randrange(9), **said, **_STATED[step % 4])
        with suppress(Conflict), changes.attempt():
            report(changes, source="return", placements=[counted])


_STATED: list[dict[str, Any]] = [
    {},
    {"sector": "41", "occupation": "22"},
    {"sector": "42", "agreement": AGREEMENTS[0]},
    {"sector": "F", "agreement": AGREEMENTS[1]},
]


def test_another_home_country_is_settled_once_and_then_kept(facts: Facts) -> None:
    ours, theirs = facts.quota("Q1", 100, *YEAR), facts.quota("Q2", 100, *YEAR, origins=("KR",))
    yearly(facts, 5)
    with changeset(facts.engine, "A test.") as changes:
        make_source(changes, "return")
    known_at = changes.at
    settle(facts.engine, "KR")
    with changeset(facts.engine, "A test.") as changes:
        assert changes.state.known_at == known_at
        report(changes, source="return", placements=[Counted("2025", "DE", 4, PlacementMeasure.ARRIVED)])
    with Session(facts.engine) as session:
        check(session, "KR")
        found = {row.quota_id: (row.outcome, row.used) for row in session.scalars(sa.select(QuotaUtilisation))}
    assert found == {ours: (Outcome.OTHER_ORIGINS, None), theirs: (Outcome.COMPARABLE, 5)}
    settle(facts.engine, "UZ")
    assert compared(facts, ours) == (PlacementMeasure.DEPARTED, 5, 95, 0.05)


def test_a_registry_migrated_to_what_is_left_of_places_has_it_made_anew(facts: Facts) -> None:
    quota = facts.quota("Q", 4, *YEAR, operator=ValueOperator.AT_LEAST)
    yearly(facts, 1)
    with changeset(facts.engine, "A test.") as changes:
        make_source(changes, "return")
    settle(facts.engine, "UZ")
    with facts.engine.begin() as connection:
        connection.execute(sa.update(table_behind(QuotaUtilisation)).values(remaining=3, share=0.25))
        command.downgrade(migrations_on(connection), "0013")
    migrate(facts.engine)
    settle(facts.engine, "UZ")
    assert compared(facts, quota) == (PlacementMeasure.DEPARTED, 1, None, None)


def test_a_registry_migrated_to_places_used_as_all_see_it_has_that_made_anew(facts: Facts) -> None:
    ours, hidden = facts.agreement("A", SIGNED), facts.agreement("B", SIGNED, audience=RESTRICTED)
    quota = facts.quota("Q", 4, *YEAR, agreement_id=ours)
    for agreement in (ours, hidden):
        yearly(facts, 1, agreement_id=agreement)
    with changeset(facts.engine, "A test.") as changes:
        make_source(changes, "return")
    settle(facts.engine, "UZ")
    with facts.engine.begin() as connection:
        told = {"outcome": Outcome.COMPARABLE, "comparable": True, "used": 1, "remaining": 3, "share": 0.25}
        connection.execute(sa.update(table_behind(QuotaUtilisation)).values(**told))
        command.downgrade(migrations_on(connection), "0016")
    migrate(facts.engine)
    settle(facts.engine, "UZ")
    assert refused(facts, quota) is Outcome.PARTLY_LEFT_OPEN


def test_a_registry_from_before_it_was_kept_is_settled(facts: Facts) -> None:
    quota = facts.quota("Q", 100, *YEAR)
    with changeset(facts.engine, "A test.") as changes:
        make_source(changes, "return")
        changes.session.execute(sa.delete(table_behind(QuotaUtilisation)))
    assert any("utilisation of Q " in fault for fault in verify(facts.engine))
    settle(facts.engine, "UZ")
    assert refused(facts, quota) is Outcome.NO_RETURNS


@pytest.mark.parametrize("outcome", [outcome for outcome in Outcome if outcome is not Outcome.COMPARABLE])
def test_each_reason_is_told_in_every_language(outcome: Outcome) -> None:
    message = Message(outcome.description, {"counted": ["number", 4], "unclear": ["number", 30]})
    told = {render(message, language) for language in Language}
    assert len(told) == len(Language)
    assert not any("{" in each for each in told)
