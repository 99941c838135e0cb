"""Placement returns: additive, so no two may count the same people."""

import random
from datetime import date
from typing import Any

import pytest
import sqlalchemy as sa

from registry import agreements, placements, utilisation
from registry.errors import BadInput, Conflict, NotFound
from registry.history import Changes, changeset
from registry.placements import Counted, Frequency, PlacementMeasure, PlacementReturn, PlacementsOfPeriod, Sex
from registry.utilisation import QuotaUtilisation
from tests.factories import (
    make_agreement,
    make_company,
    make_country,
    make_occupation,
    make_quota,
    make_sector,
    make_source,
)


@pytest.fixture
def registry(changes: Changes) -> Changes:
    """A registry with what returns name."""
    return with_names(changes)


def with_names(changes: Changes) -> Changes:
    for code in ("DE", "PL"):
        make_country(changes, code)
    for code in ("41", "42", "86"):
        make_sector(changes, code)
    for code in ("22", "23"):
        make_occupation(changes, code)
    make_source(changes, "return")
    make_source(changes, "other-return")
    make_company(changes, "works")
    make_agreement(changes)
    return changes


def told(period: str = "2024-01", people: int = 10, **said: Any) -> Counted:
    plain: dict[str, Any] = {"period": period, "country": "DE", "people": people}
    return Counted(**plain | said)


def report(changes: Changes, *counted: Counted, source: str = "return") -> int:
    return placements.report(changes, source=source, placements=counted).accepted


def on_record(changes: Changes) -> list[tuple[str, int]]:
    rows = changes.session.scalars(sa.select(PlacementReturn).order_by(sa.text("id")))
    return [(row.period, row.people) for row in rows]


@pytest.mark.parametrize(
    ("period", "start", "end", "frequency"),
    [
        ("2024-02", date(2024, 2, 1), date(2024, 2, 29), Frequency.MONTH),
        ("2024-04/2024-06", date(2024, 4, 1), date(2024, 6, 30), Frequency.QUARTER),
        ("2024-07/2024-12", date(2024, 7, 1), date(2024, 12, 31), Frequency.HALF_YEAR),
        ("2024-01-01/2024-06-30", date(2024, 1, 1), date(2024, 6, 30), Frequency.HALF_YEAR),
        ("2024", date(2024, 1, 1), date(2024, 12, 31), Frequency.YEAR),
    ],
)
def test_a_return_is_for_a_month_quarter_half_year_or_year(
    registry: Changes, period: str, start: date, end: date, frequency: Frequency
) -> None:
    assert report(registry, told(period)) == 1

    row = registry.session.scalars(sa.select(PlacementReturn)).one()
    assert (row.period, row.period_start, row.period_end, row.frequency) == (period, start, end, frequency)


@pytest.mark.parametrize(
    "period",
    [
        *("2024-01/2024-02", "2024-02/2024-04", "2024-04/2024-09", "2023/2024", "2024-01-01", "2024-01-02/2024-01-31"),
        *("../2024", "2024/..", "202X", "2024-XX", "2024~", "2024-01?", "last year"),
    ],
)
def test_a_return_for_any_other_period_is_refused(registry: Changes, period: str) -> None:
    with pytest.raises(BadInput) as refused:
        report(registry, told(), told(period, country="PL"))

    assert refused.value.path == ("placements", "1", "period")


OVERLAPPING = [
    ({}, {"period": "2024"}),
    ({"period": "2024"}, {}),
    ({"period": "2024-01/2024-03"}, {"period": "2024-01/2024-06"}),
    ({"period": "2024-07/2024-12"}, {"period": "2024-10/2024-12"}),
    ({"period": "2024-12"}, {"period": "2024-07/2024-12"}),
    ({"period": "2024-07/2024-12"}, {"period": "2024-12"}),
    ({"sector": "41"}, {}),
    ({}, {"sector": "41"}),
    ({"sector": "F"}, {"sector": "41"}),
    ({"sector": "41"}, {"sector": "F"}),
    ({"occupation": "2"}, {"occupation": "22"}),
    ({"occupation": "22"}, {"occupation": "2"}),
    ({"company": "works"}, {"sex": Sex.FEMALE}),
    ({"agreement": "uz-de"}, {"channel": placements.PlacementChannel.DIRECT}),
    ({"sector": "41", "sex": Sex.MALE}, {"sector": "F", "occupation": "2", "period": "2024"}),
]
APART = [
    ({}, {"period": "2024-02"}),
    ({"period": "2024-01/2024-06"}, {"period": "2024-07/2024-12"}),
    ({"period": "2023"}, {"period": "2024"}),
    ({"period": "2023-12"}, {"period": "2024"}),
    ({}, {"country": "PL"}),
    ({}, {"measure": PlacementMeasure.ARRIVED}),
    ({"sector": "41"}, {"sector": "42"}),
    ({"sector": "F"}, {"sector": "86"}),
    ({"occupation": "22"}, {"occupation": "23"}),
    ({"sex": Sex.MALE}, {"sex": Sex.FEMALE}),
    ({"sector": "41", "sex": Sex.MALE}, {"sex": Sex.FEMALE, "period": "2024"}),
]


@pytest.mark.parametrize(("first", "second"), OVERLAPPING)
@pytest.mark.parametrize("source", ["return", "other-return"])
def test_returns_that_count_the_same_people_clash(
    registry: Changes, first: dict[str, Any], second: dict[str, Any], source: str
) -> None:
    report(registry, told(**first))

    with pytest.raises(Conflict, match="of return for") as refused:
        report(registry, told("1999"), told(**second), source=source)

    assert refused.value.path == ("placements", "1")


@pytest.mark.parametrize(("first", "second"), OVERLAPPING)
def test_returns_of_one_report_clash_as_well(registry: Changes, first: dict[str, Any], second: dict[str, Any]) -> None:
    with pytest.raises(Conflict):
        report(registry, told(**first), told(**second))


@pytest.mark.parametrize(("first", "second"), APART)
def test_returns_that_count_different_people_stand_together(
    registry: Changes, first: dict[str, Any], second: dict[str, Any]
) -> None:
    report(registry, told(**first))

    assert report(registry, told(**second), source="other-return") == 1
    assert len(on_record(registry)) == 2


def test_clashes_are_found_on_each_database(any_changes: Changes) -> None:
    with_names(any_changes)
    report(any_changes, told("2024-04", sector="41", sex=Sex.MALE), told("2024-04", sector="41", sex=Sex.FEMALE))
    report(any_changes, told("2024-04", people=12, sector="41", sex=Sex.MALE))
    assert on_record(any_changes) == [("2024-04", 12), ("2024-04", 10)]

    for period in ("2024-04", "2024-04/2024-06", "2024-01/2024-06", "2024"):
        with pytest.raises(Conflict):
            report(any_changes, told(period, sector="F"))
        any_changes.session.rollback()
        with_names(any_changes)
        report(any_changes, told("2024-04", sector="41", sex=Sex.MALE))


def test_the_same_return_of_the_same_source_takes_the_new_number(registry: Changes) -> None:
    report(registry, told(people=10, sector="41"), told("2024-02", people=5))

    report(registry, told("2024-01-01/2024-01-31", people=12, sector="41"))

    assert on_record(registry) == [("2024-01", 12), ("2024-02", 5)]


def test_the_same_return_of_another_source_is_a_clash_and_names_it(registry: Changes) -> None:
    report(registry, told())

    with pytest.raises(Conflict, match=r"DE, DEPARTED, 2024-01 overlaps that of return for 2024-01 \(10 people\)"):
        report(registry, told(), source="other-return")


def test_a_mistaken_return_is_taken_back_and_what_it_stood_in_the_way_of_comes_with_the_same_report(
    any_changes: Changes,
) -> None:
    with_names(any_changes)
    make_country(any_changes, "UZ")
    make_quota(any_changes, origins=["UZ"], places=100, period="2024")
    report(any_changes, told("2024", 50), told("2023", 7), told("2024", 1, country="PL"))

    right = [told("2024-01", 4), told("2024-02", 5, sector="41"), told("2024-02", 6, sector="86")]
    made = placements.report(
        any_changes, source="return", placements=[*right, told("2024", 50, withdrawn=True), told("2023", 8)]
    )

    assert (made.accepted, made.created, made.revised, [*made.withdrawn]) == (5, 3, 1, [3])
    assert sorted(on_record(any_changes)) == [
        *(("2023", 8), ("2024", 1), ("2024-01", 4), ("2024-02", 5), ("2024-02", 6)),
    ]
    assert list(placements.differing(any_changes.session)) == []
    assert list(utilisation.differing(any_changes.session)) == []
    assert any_changes.session.scalars(sa.select(QuotaUtilisation)).one().used == 15


def test_once_a_return_is_taken_back_nothing_is_left_of_it(any_changes: Changes) -> None:
    with_names(any_changes)
    report(any_changes, told(sector="41"), told("2024-02", people=0))

    report(any_changes, told(sector="41", withdrawn=True), told("2024-02", people=0, withdrawn=True))

    assert on_record(any_changes) == []
    assert sums_kept(any_changes) == [[], []]


@pytest.mark.parametrize(
    "said",
    [{"period": "2023-01"}, {"country": "PL"}, {"measure": PlacementMeasure.ARRIVED}, {"sector": "41"}, {}],
)
def test_what_is_not_on_record_just_so_is_not_taken_back(registry: Changes, said: dict[str, Any]) -> None:
    source = "return" if said else "other-return"
    report(registry, told())

    with pytest.raises(NotFound) as refused:
        report(registry, told("1999"), told(**said, withdrawn=True), source=source)

    assert refused.value.path == ("placements", "1")
    assert on_record(registry) == [("2024-01", 10)]


def test_a_return_that_was_corrected_since_is_not_taken_back_by_its_former_number(registry: Changes) -> None:
    report(registry, told(people=10))
    report(registry, told(people=12))

    with pytest.raises(Conflict, match="on record with 12 people, not 10") as refused:
        report(registry, told(people=10, withdrawn=True))

    assert refused.value.path == ("placements", "0", "people")


def test_a_return_taken_back_makes_no_room_for_what_overlaps_another(registry: Changes) -> None:
    report(registry, told(), told("2024-02"))

    with pytest.raises(Conflict, match="for 2024-02"):
        report(registry, told("2024"), told(withdrawn=True))


def test_a_return_cannot_be_taken_back_and_told_in_one_report(registry: Changes) -> None:
    report(registry, told())

    with pytest.raises(Conflict, match="twice"):
        report(registry, told(withdrawn=True), told(people=12))


def test_a_report_that_says_a_return_twice_is_refused(registry: Changes) -> None:
    with pytest.raises(Conflict, match="twice") as refused:
        report(registry, told(), told("2024-02"), told("2024-01-01/2024-01-31"))

    assert refused.value.path == ("placements", "2")


@pytest.mark.parametrize(
    ("said", "error", "path"),
    [
        ({"people": -1}, BadInput, "people"),
        ({"people": 2_000_000_000}, BadInput, "people"),
        ({"country": "XX"}, BadInput, "country"),
        ({"sector": "ZZ"}, BadInput, "sector"),
        ({"occupation": "ZZ"}, BadInput, "occupation"),
        ({"company": "nobody"}, NotFound, "company"),
        ({"agreement": "nothing"}, NotFound, "agreement"),
    ],
)
def test_a_wrong_return_is_refused_at_its_field(
    registry: Changes, said: dict[str, Any], error: type[Exception], path: str
) -> None:
    with pytest.raises(error) as refused:
        report(registry, told(**said))

    assert getattr(refused.value, "path", None) == ("placements", "0", path)


def test_nobody_of_the_home_country_goes_under_an_agreement_kept_for_comparison(any_changes: Changes) -> None:
    registry = with_names(any_changes)
    make_agreement(registry, "mx-us", ("MX", "US"), comparator=True)
    with pytest.raises(BadInput) as refused:
        report(registry, told(agreement="uz-de"), told(agreement="mx-us", period="2024-02"))
    assert refused.value.path == ("placements", "1", "agreement")
    assert "people of the home country" in str(refused.value.hint)
    assert on_record(registry) == []


def test_a_return_under_an_agreement_that_is_now_kept_for_comparison_is_still_taken_back(registry: Changes) -> None:
    make_agreement(registry, "mx-us", ("MX", "US"))
    report(registry, told(agreement="mx-us"))
    agreements.revise(registry, reference="mx-us", expected_version=1, comparator=True)
    report(registry, told(agreement="mx-us", withdrawn=True))
    assert on_record(registry) == []


def test_a_report_of_no_source_is_refused(registry: Changes) -> None:
    with pytest.raises(NotFound) as refused:
        report(registry, told(), source="nothing")

    assert refused.value.path == ("source",)


# ── Sums kept beside the returns ────────────────────────────────────────────────────────────────────────────────────


def sums_kept(changes: Changes) -> list[list[Any]]:
    names = ("placements_of_period", "placements_of_year")
    return [sorted(tuple(row) for row in changes.session.execute(sa.text(f"SELECT * FROM {name}"))) for name in names]


def test_sums_kept_follow_new_returns_and_new_numbers(any_changes: Changes) -> None:
    with_names(any_changes)
    report(any_changes, told("2024-12", people=7), told("2024-02", people=0), told("2024", country="PL", people=3))
    report(any_changes, told("2024-12", people=5), told("2024-01"), told("2023", sector="41", people=2))
    report(any_changes, told("2024-03/2024-03", people=1), source="other-return")

    assert list(placements.differing(any_changes.session)) == []
    sums = any_changes.session.execute(
        sa.text(
            "SELECT source_id, people, period_start, period_end FROM placements_of_year WHERE kept = 'COUNTRY' "
            "AND country_code = 'DE' AND year = 2024 ORDER BY source_id"
        )
    )
    assert [(row[1], str(row[2]), str(row[3])) for row in sums] == [
        (15, "2024-01-01", "2024-12-31"),
        (1, "2024-03-01", "2024-03-31"),
    ]


@pytest.mark.parametrize("seed", range(3))
def test_sums_kept_through_any_reports_are_those_made_afresh(any_changes: Changes, seed: int) -> None:
    with_names(any_changes)
    chance = random.Random(seed)
    for _ in range(8):
        source = chance.choice(["return", "other-return"])
        # Each source speaks of its own country, so that nothing overlaps and much is told again.
        country = "DE" if source == "return" else "PL"
        several = {
            (month, sector, measure): told(
                f"2024-{month:02}", chance.randint(0, 9), country=country, sector=sector, measure=measure
            )
            for month, sector, measure in (
                (chance.randint(1, 12), chance.choice(["41", "86"]), chance.choice(list(PlacementMeasure)[:2]))
                for _ in range(chance.randint(1, 12))
            )
        }
        report(any_changes, *several.values(), source=source)
    assert list(placements.differing(any_changes.session)) == []
    kept = sums_kept(any_changes)
    placements.roll_up(any_changes.session)
    assert sums_kept(any_changes) == kept


def test_sums_larger_than_32_bits_are_kept(any_changes: Changes) -> None:
    with_names(any_changes)
    most = 167_700_000
    report(any_changes, *(told(f"{year}-{month:02}", most) for year in (2023, 2024) for month in range(1, 13)))

    placed: sa.Select[Any] = sa.select(sa.func.sum(sa.column("people"))).select_from(sa.table("placements_of_year"))
    assert int(any_changes.session.execute(placed.where(sa.text("kept = 'NOTHING'"))).scalar_one()) == 24 * most
    assert list(placements.differing(any_changes.session)) == []


def test_a_refused_report_leaves_the_sums_as_they_were(engine: sa.Engine) -> None:
    with changeset(engine, "A test.") as changes:
        with_names(changes)
        report(changes, told(people=4))
    with pytest.raises(Conflict), changeset(engine, "A test.") as changes:
        report(changes, told(people=5), told("2024"))
    with changeset(engine, "A test.") as changes:
        assert list(placements.differing(changes.session)) == []
        sums = changes.session.scalars(sa.select(PlacementsOfPeriod))
        assert {row.people for row in sums} == {4}
