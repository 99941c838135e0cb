"""What is asked wrongly is refused with a code, the path to it, and a sentence that helps."""

from typing import Any

import pytest

from tests.schema.asking import Asker

REFUSED: dict[str, tuple[str, list[Any], list[str] | None]] = {
    '{ country(code: "ZZ") { name } }': ("BAD_USER_INPUT", ["country"], ["code"]),
    '{ country(code: "de") { name } }': ("BAD_USER_INPUT", ["country"], ["code"]),
    "{ country(code: 5) { name } }": ("BAD_USER_INPUT", ["country"], ["code"]),
    "{ countries(first: 0) { totalCount } }": ("BAD_USER_INPUT", ["countries"], ["first"]),
    "{ countries(first: -1) { totalCount } }": ("BAD_USER_INPUT", ["countries"], ["first"]),
    "{ countries(first: 100000) { totalCount } }": ("BAD_USER_INPUT", ["countries"], ["first"]),
    "{ countries(last: 101) { totalCount } }": ("BAD_USER_INPUT", ["countries"], ["last"]),
    "{ countries(first: 1, last: 1) { totalCount } }": ("BAD_USER_INPUT", ["countries"], ["last"]),
    "{ countries(first: 3000000000) { totalCount } }": ("GRAPHQL_VALIDATION_FAILED", ["countries"], ["first"]),
    '{ countries(after: "x") { totalCount } }': ("BAD_USER_INPUT", ["countries"], ["after"]),
    '{ other: country(code: "DE") { all: agreements(first: 0) { totalCount } } }': (
        "BAD_USER_INPUT",
        ["other", "all"],
        ["first"],
    ),
    '{ country(code: "DE") { agreements(filter: { signed: { from: "2024-13" } }) { totalCount } } }': (
        "BAD_USER_INPUT",
        ["country", "agreements"],
        ["filter", "signed", "from"],
    ),
    '{ quotas(filter: { reference: ["nobody"] }) { totalCount } }': ("NOT_FOUND", ["quotas"], ["filter", "reference"]),
    '{ quotas(filter: { country: ["XX"] }) { totalCount } }': (
        "BAD_USER_INPUT",
        ["quotas"],
        ["filter", "country", "0"],
    ),
    '{ node(id: "garbled") { id } }': ("BAD_USER_INPUT", ["node"], ["id"]),
    '{ nodes(ids: ["garbled"]) { id } }': ("BAD_USER_INPUT", ["nodes"], ["ids", "0"]),
    "{ placements(first: 0) { total } }": ("BAD_USER_INPUT", ["placements"], ["first"]),
    "{ placements(first: 1001) { total } }": ("BAD_USER_INPUT", ["placements"], ["first"]),
    "{ placements(groupBy: [YEAR, SEX, YEAR]) { total } }": ("BAD_USER_INPUT", ["placements"], ["groupBy"]),
    '{ placements(filter: { company: ["nobody"] }) { total } }': ("NOT_FOUND", ["placements"], ["filter", "company"]),
    '{ placements(filter: { occupation: ["zz"] }) { total } }': ("NOT_FOUND", ["placements"], ["filter", "occupation"]),
    '{ placements(filter: { period: { from: "2024-02-01", until: "2024-01-01" } }) { total } }': (
        "BAD_USER_INPUT",
        ["placements"],
        ["filter", "period"],
    ),
    '{ sources(filter: { language: ["not a tag"] }) { totalCount } }': (
        "BAD_USER_INPUT",
        ["sources"],
        ["filter", "language", "0"],
    ),
    "{ countries { nodes { nothing } } }": ("GRAPHQL_VALIDATION_FAILED", ["countries", "nodes", "nothing"], None),
    "{ countries(filter: { stage: [SOME] }) { totalCount } }": (
        "GRAPHQL_VALIDATION_FAILED",
        ["countries"],
        ["filter", "stage", "0"],
    ),
    "{ agreement { title } }": ("GRAPHQL_VALIDATION_FAILED", ["agreement"], None),
    "{ countries ": ("GRAPHQL_PARSE_FAILED", [], None),
}


@pytest.mark.parametrize("query", REFUSED)
def test_a_wrong_question_is_refused_with_code_path_and_sentence(ask: Asker, query: str) -> None:
    code, path, argument = REFUSED[query]
    refused = ask.refusal(query)

    assert (refused["code"], refused["path"] or [], refused["argument"]) == (code, path, argument)
    assert len(refused["message"]) > 10


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ({"code": "ZZ"}, '"ZZ" is not a country code.'),
        ({"code": "DE", "first": "x"}, "Int cannot represent non-integer value: 'x'"),
        ({}, "CountryCode!"),
        ({"code": None}, "CountryCode!"),
    ],
)
def test_a_wrong_value_of_a_variable_is_an_input_that_is_refused(
    ask: Asker, given: dict[str, Any], problem: str
) -> None:
    query = "query ($code: CountryCode!, $first: Int) { country(code: $code) { gaps(first: $first) { totalCount } } }"
    refused = ask.refusal(query, **given)

    assert (refused["code"], refused["path"][0]) == ("BAD_USER_INPUT", "country")
    assert problem in refused["message"]


REPORT = """mutation ($input: PlacementsReportInput!) { placementsReport(input: $input) { __typename } }"""
QUOTAS = "query ($filter: QuotaFilter) { quotas(filter: $filter) { totalCount } }"
CODED = "query ($code: [CountryCode!]) { other: quotas(filter: { country: $code }) { totalCount } }"


def returns(*countries: Any, **more: Any) -> dict[str, Any]:
    placements = [{"period": "2024", "country": country, "people": 1, **more} for country in countries]
    return {"input": {"source": "some-source", "reason": "So.", "placements": placements}}


@pytest.mark.parametrize(
    ("query", "given", "argument", "message"),
    [
        (REPORT, returns("DE", "kz"), ["input", "placements", "1", "country"], '"kz" is not a country code.'),
        (REPORT, returns("DE", people="x"), ["input", "placements", "0", "people"], "at .placements[0].people: Int"),
        (REPORT, returns("DE", sex="X"), ["input", "placements", "0", "sex"], "does not exist in 'Sex' enum"),
        (REPORT, returns("DE", country=None), ["input", "placements", "0", "country"], "CountryCode!"),
        (REPORT, returns("DE", colour="red"), ["input", "placements", "0"], "unknown field 'colour'"),
        (QUOTAS, {"filter": {"country": ["DE", "kz"]}}, ["filter", "country", "1"], '"kz" is not a country code.'),
        (QUOTAS, {"filter": {"country": "kz"}}, ["filter", "country"], '"kz" is not a country code.'),
        (CODED, {"code": ["kz"]}, ["filter", "country", "0"], '"kz" is not a country code.'),
        (CODED, {"code": " at [7]: "}, ["filter", "country"], '" at [7]: " is not a country code.'),
    ],
)
def test_a_wrong_value_within_a_variable_is_told_with_the_way_to_it(
    ask: Asker, query: str, given: dict[str, Any], argument: list[str], message: str
) -> None:
    refused = ask.refusal(query, **given)

    assert (refused["code"], refused["argument"]) == ("BAD_USER_INPUT", argument)
    assert message in refused["message"]


def test_a_wrong_value_that_stands_in_the_document_is_told_by_the_same_way(ask: Asker) -> None:
    row = '{ period: "2024", country: "%s", people: 1 }'
    said = f'source: "some-source", reason: "So.", placements: [{row % "DE"}, {row % "kz"}]'
    refused = ask.refusal(f"mutation {{ placementsReport(input: {{ {said} }}) {{ __typename }} }}")

    assert refused["argument"] == ["input", "placements", "1", "country"]


@pytest.mark.parametrize(
    ("field", "name"),
    [
        ("agreement", "reference"),
        ("company", "reference"),
        ("quota", "reference"),
        ("figure", "reference"),
        ("engagement", "reference"),
        ("institution", "reference"),
        ("programme", "reference"),
        ("source", "reference"),
        ("sector", "code"),
        ("occupation", "code"),
    ],
)
@pytest.mark.parametrize("unknown", ["nobody", "", "UZ-DE-MIGRATION-MOBILITY-2024", "%", "\0", "\u202e", "x" * 100_000])
def test_a_record_that_is_not_there_is_null(any_ask: Asker, field: str, name: str, unknown: str) -> None:
    query = f"query ($name: String!) {{ {field}({name}: $name) {{ id }} }}"

    assert any_ask(query, name=unknown) == {field: None}


def test_one_refused_field_does_not_take_its_nullable_neighbours_with_it(ask: Asker) -> None:
    data, (error,) = ask.answer('{ node(id: "garbled") { id } agreement(reference: "uz-fr-mobility") { reference } }')

    assert data == {"node": None, "agreement": {"reference": "uz-fr-mobility"}}
    assert error["path"] == ["node"]


def test_a_bad_page_inside_a_list_is_told_where_it_stands(ask: Asker) -> None:
    query = '{ countries(filter: { code: ["DE", "FR"] }) { nodes { code agreements(after: "x") { totalCount } } } }'
    _, errors = ask.answer(query)

    assert [error["extensions"]["code"] for error in errors] == ["BAD_USER_INPUT"] * len(errors)
    assert errors[0]["path"][:2] == ["countries", "nodes"]
    assert errors[0]["path"][3:] == ["agreements"]


def test_a_refused_field_does_not_take_along_others_that_wait_for_the_same_records(any_ask: Asker) -> None:
    inner = """figures { nodes { citations { source { title copyOf { title } } } } }
        agreements { nodes { acts { citations { source { title } } } } }"""
    germany = any_ask('{ country(code: "DE") { id } }')["country"]["id"]
    query = f"""query ($id: ID!) {{
        refused: node(id: $id) {{ ... on Country {{ {inner}
            sooner: agreements {{ nodes {{ quotas(first: 0) {{ totalCount }} }} }} }} }}
        country(code: "DE") {{ {inner} }} }}"""
    data, errors = any_ask.answer(query, id=germany)

    assert data["refused"] is None
    assert data["country"] == any_ask(f'{{ country(code: "DE") {{ {inner} }} }}')["country"]
    assert [error["extensions"]["code"] for error in errors] == ["BAD_USER_INPUT"]


REASONS: dict[str, tuple[str, str | None]] = {
    '{ country(code: "ZZ") { name } }': ("COUNTRY_CODE", "ZZ"),
    '{ at(date: "2026-02-30") { date } }': ("DAY", "2026-02-30"),
    '{ countries(after: "x") { totalCount } }': ("CURSOR", None),
    '{ quotas(filter: { reference: ["nobody"] }) { totalCount } }': ("NO_SUCH_NAME", "nobody"),
}


@pytest.mark.parametrize("query", REASONS)
def test_what_people_mistype_is_told_by_a_reason_that_programs_can_put_into_other_words(ask: Asker, query: str) -> None:
    told = ask.refusal(query)

    assert (told["reason"], told["value"]) == REASONS[query]


def test_a_choice_that_an_enumeration_does_not_have_is_told_by_its_reason(ask: Asker) -> None:
    query = "query($kind: [QuotaKind!]) { quotas(filter: { kind: $kind }) { totalCount } }"

    told = ask.refusal(query, kind=["MADE_UP"])

    assert (told["reason"], told["value"]) == ("NO_SUCH_CHOICE", "MADE_UP")


NULLED = {
    "query ($s: Boolean = true) { date @skip(if: $s) }": (None, ["date"]),
    "query ($s: Boolean = true) { date ... @include(if: $s) { date } }": (None, None),
    "query ($s: Boolean = true) { date ...All @include(if: $s) } fragment All on Query { date }": (None, None),
    'query ($s: Boolean = true) { date country(code: "DE") { code name @skip(if: $s) } }': (
        {"date": ..., "country": None},
        ["country"],
    ),
    'query ($s: Boolean = true) { date country(code: "DE") { ... @skip(if: $s) { name } } }': (
        {"date": ..., "country": None},
        ["country"],
    ),
    "query ($s: Boolean = true) { agreements(first: 2) { nodes { reference @include(if: $s) } } }": (
        None,
        ["agreements", "nodes", 0],
    ),
}


@pytest.mark.parametrize("query", NULLED)
def test_a_directive_that_is_given_a_null_is_an_input_that_is_refused(
    any_ask: Asker, caplog: pytest.LogCaptureFixture, query: str
) -> None:
    expected, path = NULLED[query]
    data, (error,) = any_ask.answer(query, s=None)

    assert (data and {**data, "date": ...}) == expected
    assert error.get("path") == path
    assert (error["extensions"]["code"], error["extensions"]["argument"]) == ("BAD_USER_INPUT", ["if"])
    assert error["message"].endswith("not to be null.")
    assert not [each for each in caplog.records if each.levelname == "ERROR"]


def test_a_table_of_too_many_groups_is_refused_in_the_words_of_tables(ask: Asker) -> None:
    _, (error,) = ask.answer("{ placements(first: 1001) { total } }")

    assert error["message"] == "A table shows from 1 to 1,000 groups."
    assert "rowCount" in error["extensions"]["hint"]
