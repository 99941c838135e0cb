"""Sums of placement returns: against a plain sum in Python, and the corners by hand."""

import calendar
import random
from collections import defaultdict
from datetime import date
from typing import Any

import pytest
import sqlalchemy as sa

from registry.access import OFFICIAL, PUBLIC
from registry.errors import BadInput
from registry.placements import Frequency, PlacementChannel, PlacementMeasure, PlacementReturn, Sex
from registry.statistics import (
    Parents,
    PlacementDimension,
    PlacementFilter,
    PlacementOrder,
    PlacementOrderField,
    PlacementRow,
    PlacementTable,
    placement_selects,
    placement_table,
    selects,
)
from registry.status import AgreementStatus
from tests.registry.small_facts import OCCUPATIONS, SECTORS, Facts

YEAR, QUARTER, MONTH = PlacementDimension.YEAR, PlacementDimension.QUARTER, PlacementDimension.MONTH
COUNTRY, SECTOR, COMPANY = PlacementDimension.COUNTRY, PlacementDimension.SECTOR, PlacementDimension.COMPANY
YEARLY, HALF_YEARLY, QUARTERLY, MONTHLY = Frequency.YEAR, Frequency.HALF_YEAR, Frequency.QUARTER, Frequency.MONTH


@pytest.fixture
def facts(any_engine: sa.Engine) -> Facts:
    made = Facts(any_engine)
    made.source()
    return made


def counted(facts: Facts, **question: Any) -> PlacementTable:
    with facts.engine.connect() as connection:
        return placement_table(connection, **{"measure": PlacementMeasure.DEPARTED, **question})[None]


def test_nothing_on_record_is_a_table_of_nothing(facts: Facts) -> None:
    table = counted(facts)
    assert (table.total, table.row_count, table.unallocated, table.straddling) == (0, 0, 0, 0)
    assert (table.period, table.rows, table.source_ids) == (None, (), ())


def test_returns_are_summed_by_year(facts: Facts) -> None:
    facts.placed(30, "2024-01-01", "2024-03-31", QUARTERLY)
    facts.placed(20, "2024-04-01", "2024-04-30", MONTHLY)
    facts.placed(50, "2025-01-01", "2025-12-31", YEARLY)
    facts.placed(9, "2025-01-01", "2025-12-31", YEARLY, measure=PlacementMeasure.ARRIVED)
    table = counted(facts)
    assert table.total == 100
    assert table.rows == (PlacementRow(50, 0.5, year=2024), PlacementRow(50, 0.5, year=2025))
    assert (table.period, table.row_count) == ("2024-01-01/2025-12-31", 2)


def test_a_return_too_long_for_the_grouping_is_unallocated(facts: Facts) -> None:
    facts.placed(1, "2024-03-01", "2024-03-31", MONTHLY)
    facts.placed(10, "2024-01-01", "2024-03-31", QUARTERLY)
    facts.placed(100, "2024-01-01", "2024-06-30", HALF_YEARLY)
    facts.placed(1000, "2024-01-01", "2024-12-31", YEARLY)
    by_month, by_quarter, by_year = (counted(facts, group_by=[each]) for each in (MONTH, QUARTER, YEAR))
    assert (by_month.unallocated, by_quarter.unallocated, by_year.unallocated) == (1110, 1100, 0)
    assert {by_month.total, by_quarter.total, by_year.total} == {1111}
    assert by_month.rows == (PlacementRow(1, 1 / 1111, month=date(2024, 3, 1)),)
    assert by_quarter.rows == (PlacementRow(11, 11 / 1111, quarter=1),)


def test_a_quarter_without_its_year_gathers_the_seasons(facts: Facts) -> None:
    facts.placed(1, "2024-10-01", "2024-12-31", QUARTERLY)
    facts.placed(2, "2025-11-01", "2025-11-30", MONTHLY)
    assert [(row.year, row.quarter, row.people) for row in counted(facts, group_by=[QUARTER]).rows] == [(None, 4, 3)]
    assert [(row.year, row.quarter) for row in counted(facts, group_by=[YEAR, QUARTER]).rows] == [(2024, 4), (2025, 4)]


def test_a_return_partly_within_the_period_straddles(facts: Facts) -> None:
    facts.placed(5, "2024-01-01", "2024-12-31", YEARLY)
    facts.placed(7, "2025-01-01", "2025-03-31", QUARTERLY)
    facts.placed(9, "2026-01-01", "2026-01-31", MONTHLY)
    table = counted(facts, filter=PlacementFilter(period_from=date(2024, 7, 1), period_until=date(2025, 3, 31)))
    assert (table.total, table.straddling, table.period) == (7, 5, "2025-01-01/2025-03-31")
    assert [row.year for row in table.rows] == [2025]


def test_a_section_stands_for_its_divisions(facts: Facts) -> None:
    facts.placed(1, "2024-01-01", "2024-12-31", YEARLY, sector_code="F")
    facts.placed(2, "2025-01-01", "2025-12-31", YEARLY, sector_code="41")
    facts.placed(4, "2025-01-01", "2025-12-31", YEARLY, sector_code="01")
    facts.placed(8, "2024-01-01", "2024-12-31", YEARLY, country="JP")
    assert counted(facts, filter=PlacementFilter(sector=["F"])).total == 3
    assert counted(facts, filter=PlacementFilter(sector=["41"])).total == 2
    with facts.engine.connect() as connection:
        parents = Parents(SECTOR, ["F", "41", "42"])
        tables = placement_table(connection, measure=PlacementMeasure.DEPARTED, parents=parents)
    assert {code: table.total for code, table in tables.items()} == {"F": 3, "41": 2, "42": 0}


def test_an_empty_list_matches_nothing_and_none_does_not_filter(facts: Facts) -> None:
    facts.placed(1, "2024-01-01", "2024-12-31", YEARLY)
    assert counted(facts, filter=PlacementFilter(country=[])).total == 0
    assert counted(facts, filter=PlacementFilter(country=None)).total == 1


def test_what_returns_leave_open_comes_last(facts: Facts) -> None:
    for people, sector in ((1, None), (2, "F"), (3, "41")):
        facts.placed(people, "2024-01-01", "2024-12-31", YEARLY, sector_code=sector, country="DE" if sector else "JP")
    up = counted(facts, group_by=[SECTOR])
    down = counted(facts, group_by=[SECTOR], order=PlacementOrder(PlacementOrderField.DIMENSION))
    assert [row.sector_code for row in up.rows] == ["41", "F", None]
    assert [row.sector_code for row in down.rows] == ["F", "41", None]


def test_companies_stand_in_the_order_of_their_references(facts: Facts) -> None:
    for reference in ("b", "B", "a-1", "a1"):
        company = facts.company(reference)
        facts.placed(5, "2024-01-01", "2024-12-31", YEARLY, company_id=company)
    table = counted(facts, group_by=[COMPANY], order=PlacementOrder(PlacementOrderField.PEOPLE))
    with facts.engine.connect() as connection:
        found = connection.execute(sa.text("SELECT id, reference FROM company"))
        names = {row.id: row.reference for row in found}
    assert [names[row.company_id] for row in table.rows if row.company_id] == ["B", "a-1", "a1", "b"]


def test_people_under_a_hidden_agreement_count_where_returns_leave_it_open(facts: Facts) -> None:
    public, hidden = facts.agreement("A"), facts.agreement("B", audience=OFFICIAL)
    for people, agreement in ((1, public), (2, hidden), (4, None)):
        facts.placed(people, "2024-01-01", "2024-12-31", YEARLY, agreement_id=agreement)
    by = [PlacementDimension.AGREEMENT]

    everybody = counted(facts.seen_by(PUBLIC), group_by=by)
    official = counted(facts.seen_by(PUBLIC, OFFICIAL), group_by=by)
    assert [(row.agreement_id, row.people) for row in everybody.rows] == [(public, 1), (None, 6)]
    assert [(row.agreement_id, row.people) for row in official.rows] == [(public, 1), (hidden, 2), (None, 4)]
    assert (everybody.total, everybody.row_count) == (7, 2)
    assert counted(facts.seen_by(PUBLIC), filter=PlacementFilter(agreement=["B"])).total == 0


def test_first_cuts_the_rows_but_not_the_total(facts: Facts) -> None:
    for country, people in (("DE", 1), ("JP", 3), ("KR", 2)):
        facts.placed(people, "2024-01-01", "2024-12-31", YEARLY, country=country)
    order = PlacementOrder(PlacementOrderField.PEOPLE)
    table = counted(facts, group_by=[COUNTRY], order=order, first=2)
    assert [row.country_code for row in table.rows] == ["JP", "KR"]
    assert (table.row_count, table.total) == (3, 6)


def test_without_grouping_there_is_one_row_if_there_are_returns(facts: Facts) -> None:
    assert counted(facts, group_by=[]).rows == ()
    facts.placed(0, "2024-01-01", "2024-12-31", YEARLY)
    assert counted(facts, group_by=[]).rows == (PlacementRow(0, None),)
    facts.placed(4, "2025-01-01", "2025-12-31", YEARLY)
    table = counted(facts, group_by=[])
    assert (table.rows, table.row_count) == ((PlacementRow(4, 1.0),), 1)


def test_sources_are_those_of_the_returns_counted(facts: Facts) -> None:
    second, unused = facts.source("A"), facts.source("B")
    facts.placed(1, "2024-01-01", "2024-12-31", YEARLY)
    facts.placed(1, "2025-01-01", "2025-12-31", YEARLY, source_id=second)
    facts.placed(1, "2026-01-01", "2026-12-31", YEARLY, source_id=second)
    facts.placed(1, "2023-01-01", "2023-12-31", YEARLY, source_id=unused)
    window = PlacementFilter(period_from=date(2023, 2, 1))
    assert counted(facts, filter=window).source_ids == (second, 1)


@pytest.mark.parametrize(
    "question",
    [
        {"group_by": [YEAR, COUNTRY, YEAR]},
        {"first": 0},
        {"first": 1001},
        {"filter": PlacementFilter(period_from=date(2025, 1, 2), period_until=date(2025, 1, 1))},
        {"parents": Parents(YEAR, ["2025"])},
    ],
)
def test_questions_without_sense_are_refused(facts: Facts, question: dict[str, Any]) -> None:
    with pytest.raises(BadInput):
        counted(facts, **question)


def test_a_table_for_each_parent_takes_two_statements(facts: Facts) -> None:
    facts.placed(1, "2024-01-01", "2024-12-31", YEARLY)
    facts.placed(2, "2024-01-01", "2024-12-31", YEARLY, country="JP")
    statements: list[str] = []
    with facts.engine.connect() as connection:
        sa.event.listen(connection, "before_cursor_execute", lambda *given: statements.append(given[2]))
        parents = Parents(COUNTRY, ["DE", "JP", "KR"])
        tables = placement_table(
            connection, measure=PlacementMeasure.DEPARTED, group_by=[YEAR, SECTOR], parents=parents
        )
    assert {code: table.total for code, table in tables.items()} == {"DE": 1, "JP": 2, "KR": 0}
    assert [row.people for row in tables["JP"].rows] == [2]
    assert tables["KR"].rows == ()
    assert sum("SELECT" in statement for statement in statements) == 2


# ── Against a plain sum in Python ───────────────────────────────────────────────────────────────────────────────────

LENGTHS = {MONTHLY: 1, QUARTERLY: 3, HALF_YEARLY: 6, YEARLY: 12}
TOO_LONG = {MONTH: {QUARTERLY, HALF_YEARLY, YEARLY}, QUARTER: {HALF_YEARLY, YEARLY}, YEAR: set()}
FIELDS = {
    YEAR: "year",
    QUARTER: "quarter",
    MONTH: "month",
    COUNTRY: "country_code",
    SECTOR: "sector_code",
    COMPANY: "company_id",
    PlacementDimension.AGREEMENT: "agreement_id",
    PlacementDimension.OCCUPATION: "occupation_code",
    PlacementDimension.SEX: "sex",
    PlacementDimension.CHANNEL: "channel",
}


@pytest.mark.parametrize("seed", range(3))
def test_any_table_agrees_with_a_plain_sum_whether_from_sums_or_from_returns(
    facts: Facts, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    chance = random.Random(seed)
    facts.source("S2")
    companies = {facts.company(f"C{number}"): f"C{number}" for number in range(3)}
    agreements = {facts.agreement(f"A{n}", ("2020-01-01", AgreementStatus.SIGNED)): f"A{n}" for n in range(2)}
    returns = [_any_return(chance, list(companies), list(agreements)) for _ in range(60)]
    facts.write(*(PlacementReturn(**one) for one in returns))
    used: set[str] = set()
    with facts.engine.connect() as connection:
        for _ in range(60):
            question = _any_question(chance, companies, agreements)
            answer = placement_table(connection, **question)[None]
            chosen = [
                one
                for one in returns
                if one["measure"] == question["measure"]
                and _let_through(one, question["filter"], companies, agreements)
            ]
            _agree(answer, chosen, question["group_by"], question["filter"])
            used |= _tables_of(question)
            with monkeypatch.context() as patch:
                patch.setattr(selects, "sums_by", lambda *_asked, **_said: None)
                assert _tables_of(question) == {"placement_return"}
                assert placement_table(connection, **question)[None] == answer
    assert used == {"placement_return", "placements_of_period", "placements_of_year"}


@pytest.mark.parametrize("seed", range(3))
def test_tables_of_parents_are_the_same_from_sums_and_from_returns(
    facts: Facts, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    chance = random.Random(seed)
    facts.source("S2")
    facts.write(*(PlacementReturn(**_any_return(chance, [], [])) for _ in range(60)))
    with facts.engine.connect() as connection:
        for _ in range(20):
            question = _any_question(chance, {}, {}, [YEAR, QUARTER, MONTH, COUNTRY, SECTOR])
            for parents in (Parents(COUNTRY, ["DE", "JP", "KR"]), Parents(SECTOR, [*SECTORS])):
                answer = placement_table(connection, **question, parents=parents)
                with monkeypatch.context() as patch:
                    patch.setattr(selects, "sums_by", lambda *_asked, **_said: None)
                    assert placement_table(connection, **question, parents=parents) == answer


@pytest.mark.parametrize(
    ("question", "read"),
    [
        ({}, {"placements_of_year"}),
        ({"group_by": [YEAR, COUNTRY]}, {"placements_of_year"}),
        ({"group_by": [SECTOR], "filter": PlacementFilter(country=["DE"])}, {"placements_of_year"}),
        ({"filter": PlacementFilter(period_from=date(2024, 1, 1))}, {"placements_of_year"}),
        (
            {"filter": PlacementFilter(period_until=date(2024, 12, 30))},
            {"placements_of_year", "placements_of_period"},
        ),
        ({"group_by": [MONTH, COUNTRY]}, {"placements_of_period"}),
        ({"group_by": [QUARTER], "parents": Parents(SECTOR, ["F"])}, {"placements_of_period"}),
        ({"group_by": [MONTH, COUNTRY, SECTOR]}, {"placement_return"}),
        ({"filter": PlacementFilter(sex=[Sex.FEMALE])}, {"placement_return"}),
        ({"parents": Parents(COMPANY, [1])}, {"placement_return"}),
    ],
)
def test_the_fewest_rows_that_can_answer_are_read(question: dict[str, Any], read: set[str]) -> None:
    plain: dict[str, Any] = {"measure": PlacementMeasure.DEPARTED, "group_by": [YEAR], "filter": PlacementFilter()}
    assert _tables_of(plain | question) == read


def _tables_of(question: dict[str, Any]) -> set[str]:
    """The tables of returns or of their sums that an answer is read from."""
    asked = {"order": None, "first": None, "parents": None, **question}
    text = " ".join(str(select) for select in placement_selects(**asked) if select is not None)
    return {name for name in ("placement_return", "placements_of_period", "placements_of_year") if name in text}


def _any_question(
    chance: random.Random, companies: dict[int, str], agreements: dict[int, str], dimensions: Any = PlacementDimension
) -> dict[str, Any]:
    among = list(dimensions) if chance.random() < 0.5 else [YEAR, QUARTER, MONTH, COUNTRY, SECTOR]
    return {
        "measure": chance.choice([PlacementMeasure.DEPARTED, PlacementMeasure.ARRIVED]),
        "group_by": chance.sample(among, chance.randint(0, 4)),
        "filter": _any_filter(chance, companies, agreements),
        "first": 1000,
    }


def _agree(
    table: PlacementTable, chosen: list[dict[str, Any]], group_by: list[PlacementDimension], filter: PlacementFilter
) -> None:
    within = [one for one in chosen if _within(one, filter)]
    finest = next((each for each in (MONTH, QUARTER) if each in group_by), YEAR)
    sums: defaultdict[tuple[Any, ...], int] = defaultdict(int)
    for one in within:
        if one["frequency"] not in TOO_LONG[finest]:
            sums[tuple(_value(one, each) for each in group_by)] += one["people"]
    rows = {tuple(getattr(row, FIELDS[each]) for each in group_by): row.people for row in table.rows}
    assert rows == sums
    assert len(table.rows) == table.row_count
    assert table.total == sum(one["people"] for one in within) == sum(sums.values()) + table.unallocated
    assert table.straddling == sum(one["people"] for one in chosen if one not in within and _overlaps(one, filter))
    assert set(table.source_ids) == {one["source_id"] for one in within}
    assert table.period_start == min((one["period_start"] for one in within), default=None)
    assert table.period_end == max((one["period_end"] for one in within), default=None)
    assert all(row.share == (row.people / table.total if table.total else None) for row in table.rows)
    # Companies and agreements stand by reference, which here runs as their ids do.
    keys = [[(value is None, value) for value in key] for key in rows]
    assert keys == sorted(keys)


def _any_return(chance: random.Random, companies: list[int], agreements: list[int]) -> dict[str, Any]:
    frequency = chance.choice(list(LENGTHS))
    months = LENGTHS[frequency]
    year, first = chance.choice([2023, 2024, 2025]), chance.randrange(12 // months) * months + 1
    last = first + months - 1
    return {
        "source_id": chance.choice([1, 2]),
        "period": f"{year}",
        "period_start": date(year, first, 1),
        "period_end": date(year, last, calendar.monthrange(year, last)[1]),
        "frequency": frequency,
        "measure": chance.choice([PlacementMeasure.DEPARTED, PlacementMeasure.ARRIVED]),
        "country_code": chance.choice(["DE", "JP"]),
        "people": chance.randint(0, 500),
        "sector_code": chance.choice([None, *SECTORS]),
        "company_id": chance.choice([None, *companies]),
        "agreement_id": chance.choice([None, *agreements]),
        "occupation_code": chance.choice([None, *OCCUPATIONS]),
        "sex": chance.choice([None, *Sex]),
        "channel": chance.choice([None, *PlacementChannel]),
    }


def _any_filter(chance: random.Random, companies: dict[int, str], agreements: dict[int, str]) -> PlacementFilter:
    share = chance.choice([0.2, 0])

    def some(values: Any) -> list[Any] | None:
        return chance.sample(list(values), chance.randint(0, len(values))) if chance.random() < share else None

    start = (
        date(chance.choice([2023, 2024]), chance.choice([1, chance.randint(1, 12)]), 1)
        if chance.random() < 0.4
        else None
    )
    last = chance.choice([date(2025, chance.randint(1, 12), 15), date(chance.choice([2024, 2025]), 12, 31)])
    end = last if chance.random() < 0.4 else None
    return PlacementFilter(
        country=some(["DE", "JP", "KR"]),
        sector=some(SECTORS),
        company=some(companies.values()),
        agreement=some(agreements.values()),
        occupation=some(OCCUPATIONS),
        sex=some(Sex),
        channel=some(PlacementChannel),
        period_from=start,
        period_until=end,
    )


def _let_through(
    one: dict[str, Any], filter: PlacementFilter, companies: dict[int, str], agreements: dict[int, str]
) -> bool:
    stated = [
        (filter.country, {one["country_code"]}),
        (filter.sector, {one["sector_code"], SECTORS.get(one["sector_code"])}),
        (filter.company, {companies.get(one["company_id"])}),
        (filter.agreement, {agreements.get(one["agreement_id"])}),
        (filter.occupation, {one["occupation_code"], OCCUPATIONS.get(one["occupation_code"])}),
        (filter.sex, {one["sex"]}),
        (filter.channel, {one["channel"]}),
    ]
    return all(asked is None or values & set(asked) for asked, values in stated)


def _within(one: dict[str, Any], filter: PlacementFilter) -> bool:
    return bool(
        (filter.period_from or date.min) <= one["period_start"]
        and one["period_end"] <= (filter.period_until or date.max)
    )


def _overlaps(one: dict[str, Any], filter: PlacementFilter) -> bool:
    return bool(
        (filter.period_from or date.min) <= one["period_end"]
        and one["period_start"] <= (filter.period_until or date.max)
    )


def _value(one: dict[str, Any], dimension: PlacementDimension) -> Any:
    start: date = one["period_start"]
    times = {YEAR: start.year, QUARTER: (start.month + 2) // 3, MONTH: start}
    return times.get(dimension, one.get(FIELDS[dimension]))
