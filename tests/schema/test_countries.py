"""Countries, and what the registry holds on each."""

import pytest
import sqlalchemy as sa

from registry.history import changeset
from tests.factories import make_country
from tests.schema.asking import Asker


def test_germany_shows_what_the_statement_of_the_embassy_says(any_ask: Asker) -> None:
    found = any_ask("""{ country(code: "DE") { name stage region
        agreements { totalCount nodes { reference status acts { kind date { edtf } } } }
        figures { nodes { measure value unit operator citations { quote source { reference } } } }
        companies { totalCount nodes { name names } } } }""")["country"]
    values = {figure["measure"]: figure["value"] for figure in found["figures"]["nodes"]}

    assert (found["name"], found["stage"], found["region"]) == ("Germany", "AGREEMENT_SIGNED", "Europe")
    assert found["agreements"]["totalCount"] == 2
    assert values["DEPARTED"] == "821"
    assert values["IN_TRAINING"] == "1670"
    assert all(figure["citations"] for figure in found["figures"]["nodes"])
    assert found["companies"] == {
        "totalCount": 1,
        "nodes": [{"name": "SBH WEST GmbH", "names": ["SBH WEST GmbH", "SBH WeST GmbH"]}],
    }


def test_a_meeting_in_an_unknown_year_counts_from_the_day_of_the_document_that_tells_of_it(any_ask: Asker) -> None:
    query = 'query ($day: Date!) { at(date: $day) { country(code: "LV") { stage } } }'
    days = ("2026-11-20", "2026-11-21")

    assert [any_ask(query, day=day)["at"]["country"]["stage"] for day in days] == ["NONE", "IN_DISCUSSION"]


def test_a_protocol_is_listed_before_the_day_that_the_last_joined(any_ask: Asker) -> None:
    found = any_ask("""{ at(date: "2021-12-16") { country(code: "GE") {
        agreements { nodes { reference status possibleStatuses } } } } }""")["at"]["country"]["agreements"]["nodes"]

    assert found == [
        {"reference": "casca-plus-protocol", "status": "UNKNOWN", "possibleStatuses": ["NONE", "PARTLY_SIGNED"]}
    ]


@pytest.mark.parametrize(
    ("language", "name", "region"),
    [
        ("EN", "Germany", "Europe"),
        ("RU", "Германия", "Европа"),
        ("UZ", "Germaniya", "Yevropa"),
        ("UZ_CYRL", "Германия", "Европа"),
    ],
)
def test_a_country_is_named_in_four_languages(any_ask: Asker, language: str, name: str, region: str) -> None:
    query = """query ($l: Language!) { country(code: "DE") {
        name(language: $l) region(language: $l) subregion(language: $l) } }"""
    found = any_ask(query, l=language)["country"]

    assert found["name"] == name
    assert found["region"][:2] == region[:2] or found["region"] == "Europe"
    assert found["subregion"]


def test_a_name_that_is_not_on_record_in_a_language_is_told_in_english(engine: sa.Engine) -> None:
    with changeset(engine, "A country without further names.") as changes:
        make_country(changes, "AD")
    query = (
        '{ country(code: "AD") { ru: name(language: RU) uz: name(language: UZ) cyrl: name(language: UZ_CYRL) region } }'
    )

    assert Asker(engine)(query)["country"] == {"ru": "Andorra", "uz": "Andorra", "cyrl": "Andorra", "region": None}


def test_where_m49_has_no_region_there_is_none(any_ask: Asker) -> None:
    assert any_ask('{ country(code: "AQ") { name region subregion } country2: country(code: "TW") { region } }') == {
        "country": {"name": "Antarctica", "region": None, "subregion": None},
        "country2": {"region": None},
    }


def test_codes_of_iso_3166(ask: Asker) -> None:
    assert ask('{ country(code: "UZ") { code alpha3 numeric } }')["country"] == {
        "code": "UZ",
        "alpha3": "UZB",
        "numeric": "860",
    }


def test_a_country_is_listed_with_every_record_that_names_it_and_no_other(any_full: Asker) -> None:
    codes = ["DE", "KR", "TR", "UZ"]
    inner = """figures(first: 100) { nodes { reference destinations { code } } }
        engagements(first: 100) { nodes { reference countries { code } } }
        institutions(first: 100) { nodes { reference country { code } } }"""
    listed = any_full(
        f"query ($c: [CountryCode!]) {{ countries(filter: {{ code: $c }}) {{ nodes {{ code {inner} }} }} }}", c=codes
    )
    for country in listed["countries"]["nodes"]:
        for field in ("figures", "engagements", "institutions"):
            filtered = any_full.all(field, "reference", f'filter: {{ country: ["{country["code"]}"] }}')
            assert [{"reference": one["reference"]} for one in country[field]["nodes"]] == filtered
