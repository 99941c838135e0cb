"""Every filter of every list, held against a plain filter over all records, on each database."""

from collections.abc import Callable
from datetime import date
from itertools import pairwise
from typing import Any

import pytest
import sqlalchemy as sa

from registry.agreements import Agreement, AgreementDue
from registry.companies import Company
from registry.countries import Country
from registry.placements import PlacementMeasure
from registry.sectors import Sector
from registry.sources import Source
from registry.texts import fold
from tests.schema.asking import Asker

Row = dict[str, Any]
#: Tells from a record as it is shown, and the stored row, whether a filter with this value lets it through.
Holds = Callable[[Row, Any, Any], bool]

#: How many people are placed in a country, by each measure.
RETURNED = " ".join(f"{each}: placements(measure: {each}, groupBy: []) {{ total }}" for each in PlacementMeasure)

#: What of each record the plain filters look at.
SHOWN = {
    "countries": f"""code stage agreements {{ totalCount }} engagements {{ totalCount }} companies {{ totalCount }}
        quotas {{ totalCount }} figures {{ totalCount }} {RETURNED}""",
    "agreements": """reference type status possibleStatuses subjects bindingness comparator
        parties { country { code } } sectors { code parent { code } }""",
    "companies": """reference roles stage country { code } sectors { code parent { code } }
        agreements { nodes { reference } }""",
    "sectors": "code level parent { code }",
    "quotas": """reference kind basis country { code } agreement { reference } sector { code parent { code } }
        period { start end }""",
    "figures": """reference measure nature destinations { code } sector { code parent { code } }
        company { reference } period { start end }""",
    "engagements": "reference kind countries { code } agreement { reference } date { earliest latest }",
    "institutions": "reference kind comparator country { code }",
    "programmes": "reference kind comparator country { code }",
    "sources": "reference kind reliability language",
}
STORED: dict[str, Any] = {
    "countries": Country,
    "agreements": Agreement,
    "companies": Company,
    "sectors": Sector,
    "sources": Source,
}

RANGES: tuple[Row, ...] = (
    {"from": "2024-03-31", "until": "2024-04-30"},
    {"from": "2024-06-15"},
    {"until": "2020-01-15"},
    {"from": "2020-01-15", "until": "2020-01-15"},
    {"from": "2024-04-30", "until": "2024-03-31"},
    {},
    {"from": None, "until": None},
)


def code(value: Row | None, name: str = "code") -> Any:
    return value and value[name]


def sector(given: Row | None, wanted: list[str]) -> bool:
    """A sector stands for its divisions."""
    return given is not None and (given["code"] in wanted or code(given["parent"]) in wanted)


def meets(first: str | None, last: str | None, asked: Row) -> bool:
    begin, end = asked.get("from") or str(date.min), asked.get("until") or str(date.max)
    return (last or str(date.max)) >= begin and (first or str(date.min)) <= end


def one_of(name: str) -> Holds:
    return lambda shown, values, row: shown[name] in values


def any_of(name: str) -> Holds:
    return lambda shown, values, row: bool({*shown[name]} & {*values})


def coded(name: str, key: str = "code") -> Holds:
    return lambda shown, values, row: code(shown[name], key) in values


def window(name: str, first: str, last: str) -> Holds:
    return lambda shown, asked, row: meets(shown[name][first], shown[name][last], asked)


def is_on_record(shown: Row) -> bool:
    """Whether any list that hangs on a country has a record, or any sum of people is more than nothing."""
    return any(value.get("totalCount") or value.get("total") for value in shown.values() if isinstance(value, dict))


def worded(shown: Row, text: str, row: Any) -> bool:
    return all(word in row.text_key for word in fold(text).split())


def stretch(name: str) -> Holds:
    def holds(shown: Row, asked: Row, row: Any) -> bool:
        first, last = str(getattr(row, f"{name}_earliest")), str(getattr(row, f"{name}_latest"))
        return first <= last and meets(first, last, asked)

    return holds


def in_years(shown: Row, years: list[int], row: Any) -> bool:
    period, years = shown["period"], [year for year in years if 1 <= year <= 9999]
    return any(
        meets(period["start"], period["end"], {"from": f"{y:04}-01-01", "until": f"{y:04}-12-31"}) for y in years
    )


COUNTRIES = (["DE"], ["TR", "KR"], ["AQ"])
SECTORS = (["F"], ["41"], ["A", "86"], ["Q"], ["99"])
TEXTS = ("made", "AGREEMENT an", "%", "_", "a_b", "100 %", "würth", "wurth sohne", "'", "", "nichts", "\0", "\\")

FILTERS: dict[str, dict[str, tuple[Any, Holds]]] = {
    "countries": {
        "code": (COUNTRIES, one_of("code")),
        "region": (("142", "143", "155"), lambda shown, value, row: value in (row.region_code, row.subregion_code)),
        "stage": ((["COOPERATING"], ["AGREEMENT_SIGNED", "NONE"]), one_of("stage")),
        "onRecord": ((True, False), lambda shown, value, row: is_on_record(shown) is value),
        "text": (("german", "deu", "ост", "türk", "%", "_", "côte", "Korea rep"), worded),
    },
    "agreements": {
        "reference": ((["made-01"], ["made-02", "made-05", "uz-fr-mobility"]), one_of("reference")),
        "country": (
            COUNTRIES,
            lambda shown, values, row: any(code(party["country"]) in values for party in shown["parties"]),
        ),
        "type": ((["TREATY"], ["PROTOCOL", "INTERGOVERNMENTAL_AGREEMENT"]), one_of("type")),
        "status": ((["IN_FORCE"], ["UNKNOWN", "SIGNED"], ["NONE"]), one_of("status")),
        "possibleStatus": ((["IN_FORCE"], ["SIGNED", "OPERATIVE"], ["NONE"]), any_of("possibleStatuses")),
        "subject": ((["LABOUR_MIGRATION"], ["TRADE", "SOCIAL_SECURITY"]), any_of("subjects")),
        "sector": (
            SECTORS,
            lambda shown, values, row: any(sector(covered, values) for covered in shown["sectors"]),
        ),
        "bindingness": ((["BINDING"], ["MIXED", "UNASSESSED"]), one_of("bindingness")),
        "signed": (RANGES, stretch("signed")),
        "inForce": (RANGES, stretch("force")),
        "text": (TEXTS, worded),
    },
    "companies": {
        "reference": ((["works-01"], ["works-02", "sbh-west"]), one_of("reference")),
        "country": (COUNTRIES, coded("country")),
        "role": ((["EMPLOYER"], ["CERTIFIER", "TRAINING_PROVIDER"]), any_of("roles")),
        "sector": (SECTORS, lambda shown, values, row: any(sector(works, values) for works in shown["sectors"])),
        "stage": ((["ACTIVE"], ["ENDED", "PROSPECT"]), one_of("stage")),
        "agreement": (
            (["made-01"], ["made-contract", "made-03"], ["made-02"]),
            lambda shown, values, row: any(one["reference"] in values for one in shown["agreements"]["nodes"]),
        ),
        "text": (TEXTS, worded),
    },
    "sectors": {
        "code": ((["F"], ["01", "86"]), one_of("code")),
        "level": ((["SECTION"], ["DIVISION"], ["GROUP", "CLASS"]), one_of("level")),
        "parent": (("F", "A", "41"), lambda shown, value, row: code(shown["parent"]) == value),
        "text": (("construct", "строит", "%"), worded),
    },
    "quotas": {
        "reference": ((["made-01"], ["kr-e9-2024", "made-02"]), one_of("reference")),
        "country": (COUNTRIES, coded("country")),
        "agreement": ((["made-01"], ["made-02", "uz-it-memorandum-2025"]), coded("agreement", "reference")),
        "sector": (SECTORS, lambda shown, values, row: sector(shown["sector"], values)),
        "kind": ((["CEILING"], ["TARGET", "DEMAND"]), one_of("kind")),
        "basis": ((["EMPLOYER"], ["AGREEMENT", "DOMESTIC_RULE"]), one_of("basis")),
        "year": (([2024], [2019, 2025], [1], [9999], [0, 10000, -1]), in_years),
        "period": (RANGES, window("period", "start", "end")),
    },
    "figures": {
        "measure": ((["DEPARTED"], ["EMPLOYED", "IN_TRAINING"]), one_of("measure")),
        "nature": ((["FLOW"], ["STOCK", "PLAN"]), one_of("nature")),
        "country": (COUNTRIES, lambda shown, values, row: any(code(to) in values for to in shown["destinations"])),
        "sector": (SECTORS, lambda shown, values, row: sector(shown["sector"], values)),
        "company": ((["works-00"], ["works-04", "works-08"]), coded("company", "reference")),
        "period": (RANGES, window("period", "start", "end")),
    },
    "engagements": {
        "kind": ((["MEETING"], ["VISIT", "COOPERATION"]), one_of("kind")),
        "country": (COUNTRIES, lambda shown, values, row: any(code(one) in values for one in shown["countries"])),
        "agreement": ((["made-00"], ["made-03", "made-06"]), coded("agreement", "reference")),
        "date": (RANGES, window("date", "earliest", "latest")),
    },
    "institutions": {
        "kind": ((["AUTHORITY"], ["FUND", "MINISTRY"]), one_of("kind")),
        "country": (COUNTRIES, coded("country")),
    },
    "programmes": {
        "kind": ((["MICROLOAN"], ["OTHER", "CERTIFICATION"]), one_of("kind")),
        "country": (COUNTRIES, coded("country")),
    },
    "sources": {
        "kind": ((["PRESS"], ["ACADEMIC", "TREATY_TEXT"]), one_of("kind")),
        "reliability": ((["OFFICIAL"], ["SECONDARY", "UNVERIFIED"]), one_of("reliability")),
        "language": ((["de"], ["uz-Cyrl", "en"], ["xx"]), one_of("language")),
        "text": ((*TEXTS, "embassy", "Posolstvo", "kun", "посольство"), worded),
    },
}
#: Lists that leave out what is kept for comparison.
COMPARED = ("agreements", "institutions", "programmes")
NAMES = {"countries": "CountryFilter", "companies": "CompanyFilter"}
EACH = [(field, name) for field, filters in FILTERS.items() for name in filters]


def name_of(field: str) -> str:
    return "code" if field in ("countries", "sectors") else "reference"


def found(ask: Asker, field: str, **filter: Any) -> list[str]:
    kind = NAMES.get(field) or f"{field.removesuffix('s').capitalize()}Filter"
    name = name_of(field)
    page = f"{field}(filter: $filter, first: 100) {{ totalCount nodes {{ {name} }} }}"
    data = ask(f"query ($filter: {kind}) {{ {page} }}", filter=filter)[field]
    names = [node[name] for node in data["nodes"]]
    assert data["totalCount"] == len(names) or len(names) == 100
    return names


@pytest.fixture(scope="module")
def records(any_full: Asker) -> Callable[[str], list[tuple[Row, Any]]]:
    """All records of a list as they are shown, each with its stored row where a plain filter needs it."""
    held: dict[str, list[tuple[Row, Any]]] = {}

    def all_of(field: str) -> list[tuple[Row, Any]]:
        if field not in held:
            arguments = "filter: { includeComparators: true }" if field in COMPARED else ""
            shown = any_full.all(field, SHOWN[field], arguments)
            held[field] = [(one, rows.get(one[name_of(field)])) for rows in [stored(any_full, field)] for one in shown]
        return held[field]

    return all_of


def stored(ask: Asker, field: str) -> dict[str, Any]:
    if field not in STORED:
        return {}
    with ask.engine.connect() as connection:
        rows = connection.execute(sa.select(STORED[field].__table__))
        return {getattr(row, name_of(field)): row for row in rows}


@pytest.mark.parametrize(("field", "name"), EACH)
def test_a_filter_finds_what_a_plain_filter_finds(
    any_full: Asker, records: Callable[[str], list[tuple[Row, Any]]], field: str, name: str
) -> None:
    values, holds = FILTERS[field][name]
    everything = {"includeComparators": True} if field in COMPARED else {}
    sizes = []
    for value in values:
        plain = [one[name_of(field)] for one, row in records(field) if holds(one, value, row)]
        assert sorted(found(any_full, field, **{name: value}, **everything)) == sorted(plain)[:100] or len(plain) > 100
        sizes.append(len(plain))
    assert any(sizes)
    assert min(sizes) < len(records(field))


@pytest.mark.parametrize(("field", "name"), EACH)
def test_null_does_not_filter_and_an_empty_list_matches_nothing(full: Asker, field: str, name: str) -> None:
    assert found(full, field, **{name: None}) == found(full, field)
    if isinstance(FILTERS[field][name][0][0], list):
        assert found(full, field, **{name: []}) == []


@pytest.mark.parametrize("field", COMPARED)
def test_what_is_kept_for_comparison_is_left_out_unless_asked_for(full: Asker, field: str) -> None:
    everything = full.all(field, "reference comparator", "filter: { includeComparators: true }")
    without = [one["reference"] for one in everything if not one["comparator"]]

    assert len(without) < len(everything)
    assert [one["reference"] for one in full.all(field, "reference")] == without
    assert [one["reference"] for one in full.all(field, "reference", "filter: null")] == without
    assert [one["reference"] for one in full.all(field, "reference", "filter: {}")] == without


PAIRS = [(field, *both) for field, filters in FILTERS.items() for both in pairwise(filters)]


@pytest.mark.parametrize(("field", "first", "second"), PAIRS)
def test_fields_of_a_filter_are_joined_by_and(full: Asker, field: str, first: str, second: str) -> None:
    values = {name: FILTERS[field][name][0][-1 if name == "country" else 0] for name in (first, second)}
    apart = [set(found(full, field, **{name: value})) for name, value in values.items()]

    assert set(found(full, field, **values)) == apart[0] & apart[1]


@pytest.mark.parametrize(
    ("field", "name"),
    [
        ("agreements", "reference"),
        ("agreements", "sector"),
        ("companies", "reference"),
        ("companies", "sector"),
        ("companies", "agreement"),
        ("countries", "region"),
        ("sectors", "code"),
        ("sectors", "parent"),
        ("quotas", "reference"),
        ("quotas", "agreement"),
        ("quotas", "sector"),
        ("figures", "sector"),
        ("figures", "company"),
        ("engagements", "agreement"),
    ],
)
@pytest.mark.parametrize("unknown", ["nobody", "", "\0", "F "])
def test_a_filter_that_names_nobody_is_refused(any_full: Asker, field: str, name: str, unknown: str) -> None:
    known = FILTERS[field][name][0][0]
    value = [*known, unknown] if isinstance(known, list) else unknown
    kind = NAMES.get(field) or f"{field.removesuffix('s').capitalize()}Filter"
    query = f"query ($filter: {kind}) {{ {field}(filter: $filter) {{ totalCount }} }}"

    refused = any_full.refusal(query, filter={name: value})

    assert (refused["code"], refused["path"], refused["argument"]) == ("NOT_FOUND", [field], ["filter", name])


def test_agreements_are_found_by_what_falls_due_under_them(any_full: Asker) -> None:
    today = any_full("{ date }")["date"]
    with any_full.engine.connect() as connection:
        agreement, due = Agreement.__table__, AgreementDue.__table__  # type: ignore[attr-defined]
        rows = connection.execute(sa.select(due, agreement.c.reference).join(agreement)).all()
    for asked in ({"from": "2027-01-14", "until": "2027-01-14"}, {"from": "2026-07-01", "until": "2027-06-30"}, {}):
        plain = {
            row.reference
            for row in rows
            if row.kind in ("NOTICE_BEFORE_RENEWAL", "TERM_END")
            and str(row.known_from) <= today
            and (row.known_until is None or str(row.known_until) > today)
            and meets(str(row.due), str(row.due), asked)
        }
        assert plain
        assert set(found(any_full, "agreements", falling=asked, includeComparators=True)) == plain


def test_long_filters_are_refused(any_full: Asker) -> None:
    for field, name, value in (
        ("quotas", "year", list(range(501))),
        ("quotas", "country", ["DE"] * 501),
        ("agreements", "text", "x " * 101),
        ("agreements", "possibleStatus", ["SIGNED"] * 501),
    ):
        query = f"query ($filter: {field[:-1].capitalize()}Filter) {{ {field}(filter: $filter) {{ totalCount }} }}"
        refused = any_full.refusal(query, filter={name: value})
        assert (refused["code"], refused["argument"]) == ("BAD_USER_INPUT", ["filter", name])


def test_filters_of_the_longest_sort_are_answered(any_full: Asker) -> None:
    assert found(any_full, "quotas", year=list(range(2000, 2500)))
    assert found(any_full, "agreements", text="n " * 100)
    assert found(any_full, "agreements", text="\ufdfa" * 200) == []
    assert found(any_full, "quotas", country=["PL"] * 500)
