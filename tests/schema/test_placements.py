"""Placement statistics, held against plain sums over the returns."""

from collections import defaultdict
from itertools import combinations
from typing import Any

import pytest
import sqlalchemy as sa

from registry.placements import PlacementReturn
from registry.statistics import PlacementDimension
from tests.schema.asking import Asker

DIMENSIONS = list(PlacementDimension)
SELECT = """measure groupBy total rowCount unallocated straddling period { edtf start end } sources { reference }
    rows { people share year quarter month country { code } sector { code } company { reference }
        agreement { reference } occupation { code } sex channel }"""
KEYS = {"COUNTRY": "code", "SECTOR": "code", "COMPANY": "reference", "AGREEMENT": "reference", "OCCUPATION": "code"}
TABLE = f"""query ($by: [PlacementDimension!]! = [YEAR], $measure: PlacementMeasure! = DEPARTED,
    $filter: PlacementFilter, $order: PlacementOrder, $first: Int) {{
    placements(groupBy: $by, measure: $measure, filter: $filter, orderBy: $order, first: $first) {{ {SELECT} }} }}"""


def test_the_three_destinations_of_2021_and_the_total_beside_the_figure(any_ask: Asker) -> None:
    found = any_ask("""{ placements(measure: EMPLOYED, groupBy: [YEAR, COUNTRY]) { total unallocated
        rows { year people country { code } } sources { reference } period { edtf } }
        figure(reference: "employed-2021") { value period { edtf } } }""")
    table = found["placements"]

    rows = {row["country"]["code"]: (row["year"], row["people"]) for row in table["rows"]}
    assert rows == {"RU": (2021, 100111), "KZ": (2021, 6924), "KR": (2021, 1532)}
    assert (table["total"], table["unallocated"]) == (108567, 0)
    assert table["sources"] == [{"reference": "kun-2022-04-06"}]
    assert found["figure"] == {"value": "108592", "period": {"edtf": "2021"}}


def test_grouping_by_month_leaves_the_people_of_a_year_unallocated(any_ask: Asker) -> None:
    found = any_ask(
        "{ placements(measure: EMPLOYED, groupBy: [MONTH]) { total rowCount unallocated rows { people } } }"
    )

    assert found["placements"] == {"total": 108567, "rowCount": 0, "unallocated": 108567, "rows": []}


def returns(ask: Asker) -> list[Any]:
    with ask.engine.connect() as connection:
        return list(connection.execute(sa.select(PlacementReturn.__table__)))  # type: ignore[attr-defined]


def references(ask: Asker) -> dict[str, dict[int, str]]:
    with ask.engine.connect() as connection:
        return {
            name: {row.id: row.reference for row in connection.execute(sa.text(f"SELECT id, reference FROM {name}"))}
            for name in ("company", "agreement")
        }


def plain_groups(ask: Asker, by: tuple[PlacementDimension, ...], measure: str) -> tuple[dict[Any, int], int]:
    """People by group, and those in returns that are too long for the grouping."""
    names = references(ask)
    finest = min((12, *({"QUARTER": 3, "MONTH": 1}[one] for one in by if one in ("QUARTER", "MONTH"))))
    groups: dict[Any, int] = defaultdict(int)
    unallocated = 0
    for row in returns(ask):
        if row.measure != measure:
            continue
        month = row.period_start.month
        if row.period_end.month - month >= finest:
            unallocated += row.people
            continue
        values = {
            "YEAR": row.period_start.year,
            "QUARTER": (month + 2) // 3,
            "MONTH": str(row.period_start),
            "COUNTRY": row.country_code,
            "SECTOR": row.sector_code,
            "COMPANY": names["company"].get(row.company_id),
            "AGREEMENT": names["agreement"].get(row.agreement_id),
            "OCCUPATION": row.occupation_code,
            "SEX": row.sex and str(row.sex),
            "CHANNEL": row.channel and str(row.channel),
        }
        groups[tuple(values[one] for one in by)] += row.people
    return dict(groups), unallocated


def key_of(row: Any, by: tuple[PlacementDimension, ...]) -> tuple[Any, ...]:
    values = ((one, row[one.lower()]) for one in by)
    return tuple(value and value[KEYS[one]] if one in KEYS else value for one, value in values)


COMBINATIONS = [
    *((one,) for one in DIMENSIONS),
    *combinations(DIMENSIONS, 2),
    tuple(DIMENSIONS[:4]),
    tuple(DIMENSIONS[3:]),
    tuple(reversed(DIMENSIONS)),
]


@pytest.mark.parametrize("by", COMBINATIONS, ids="-".join)
def test_a_table_agrees_with_a_plain_sum_however_it_is_grouped(
    any_full: Asker, by: tuple[PlacementDimension, ...]
) -> None:
    table = any_full(TABLE, by=[str(one) for one in by])["placements"]
    groups, unallocated = plain_groups(any_full, by, "DEPARTED")

    assert {key_of(row, by): row["people"] for row in table["rows"]} == groups
    assert (table["rowCount"], table["unallocated"]) == (len(groups), unallocated)
    assert sum(row["people"] for row in table["rows"]) + table["unallocated"] == table["total"]
    assert sum(row["share"] for row in table["rows"]) + unallocated / table["total"] == pytest.approx(1)
    keys = [[(value is None, value) for value in key_of(row, by)] for row in table["rows"]]
    assert keys == sorted(keys)
    others = {one for one in DIMENSIONS if one not in by}
    assert all(row[one.lower()] is None for row in table["rows"] for one in others)


def test_without_dimensions_there_is_one_row(any_full: Asker) -> None:
    table = any_full(TABLE, by=[])["placements"]

    assert [(row["people"], row["share"]) for row in table["rows"]] == [(table["total"], 1)]
    assert any_full(TABLE, by=[], measure="RETURNED")["placements"]["rows"] == []


@pytest.mark.parametrize("direction", ["ASC", "DESC"])
def test_rows_come_in_the_order_asked_for_and_first_cuts_them(any_full: Asker, direction: str) -> None:
    by = ["MONTH", "SECTOR"]
    people = any_full(TABLE, by=by, order={"field": "PEOPLE", "direction": direction})["placements"]
    plain = any_full(TABLE, by=by)["placements"]
    ordered = sorted(plain["rows"], key=lambda row: row["people"], reverse=direction == "DESC")

    assert people["rows"] == ordered
    cut = any_full(TABLE, by=by, order={"field": "PEOPLE", "direction": direction}, first=3)["placements"]
    assert cut["rows"] == ordered[:3]
    assert (cut["total"], cut["rowCount"]) == (plain["total"], plain["rowCount"])
    dimension = any_full(TABLE, by=["MONTH"], order={"field": "DIMENSION", "direction": direction})["placements"][
        "rows"
    ]
    months = [row["month"] for row in dimension]
    assert months == sorted(months, reverse=direction == "DESC")


FILTERS: dict[str, Any] = {
    "country": ["PL"],
    "sector": ["F"],
    "company": ["works-03", "works-08"],
    "agreement": ["made-03"],
    "occupation": ["7"],
    "sex": ["FEMALE"],
    "channel": ["STATE_AGENCY", "DIRECT"],
}


@pytest.mark.parametrize("name", FILTERS)
def test_a_filter_counts_the_returns_that_meet_it(any_full: Asker, name: str) -> None:
    by = (PlacementDimension[name.upper()],)
    (rows, _) = plain_groups(any_full, by, "DEPARTED")
    parts = {"sector": ("F", "41"), "occupation": ("71",)}.get(name, FILTERS[name])
    expected = sum(people for key, people in rows.items() if key[0] in parts)

    assert any_full(TABLE, filter={name: FILTERS[name]})["placements"]["total"] == expected > 0
    assert any_full(TABLE, filter={name: []})["placements"]["total"] == 0
    unfiltered = any_full(TABLE)["placements"]
    assert any_full(TABLE, filter={name: None})["placements"] == unfiltered


def test_returns_that_lie_only_partly_within_a_period_are_told_apart(any_full: Asker) -> None:
    within = {"country": ["PL"], "period": {"from": "2024-02-01", "until": "2024-08-31"}}
    table = any_full(TABLE, filter=within)["placements"]

    assert table["total"] == 2 * sum(20 + month for month in range(2, 7))
    assert table["straddling"] == 40 + 11
    assert table["period"] == {"edtf": "2024-02-01/2024-06-30", "start": "2024-02-01", "end": "2024-06-30"}
    nothing = any_full(TABLE, filter={"period": {"until": "1999-12-31"}})["placements"]
    assert (nothing["total"], nothing["rows"], nothing["period"], nothing["sources"]) == (0, [], None, [])


@pytest.mark.parametrize(
    ("within", "filter"),
    [
        ('country(code: "PL")', {"country": ["PL"]}),
        ('sector(code: "F")', {"sector": ["F"]}),
        ('company(reference: "works-03")', {"company": ["works-03"]}),
        ('agreement(reference: "made-03")', {"agreement": ["made-03"]}),
    ],
)
def test_a_table_inside_a_record_is_that_of_the_root_filtered(any_full: Asker, within: str, filter: Any) -> None:
    inner = f"{{ in: {within} {{ placements(groupBy: [YEAR, SEX], first: 2) {{ {SELECT} }} }} }}"

    table = any_full(inner)["in"]["placements"]
    assert table == any_full(TABLE, by=["YEAR", "SEX"], filter=filter, first=2)["placements"]
    assert table["total"] > 0


def test_returns_are_counted_by_the_source_they_were_taken_from(any_ask: Asker) -> None:
    table = "placements(measure: EMPLOYED, groupBy: [YEAR, COUNTRY]%s) { total rows { people } sources { reference } }"
    everything = any_ask(f"{{ {table % ''} }}")["placements"]
    parts = [
        any_ask(f"{{ {table % f', filter: {chosen}'} }}")["placements"]
        for chosen in (f'{{ source: ["{each["reference"]}"] }}' for each in everything["sources"])
    ]

    assert parts
    assert sum(part["total"] for part in parts) == everything["total"] > 0
    for part, source in zip(parts, everything["sources"], strict=True):
        assert part["sources"] == [source]
        assert part["total"] == sum(row["people"] for row in part["rows"]) > 0
