"""What holds of every plan: how many statements it sends, what stands in them, and when it leaves the answer."""

import asyncio
import shutil
from pathlib import Path
from typing import Any
from unittest.mock import patch

import orjson
import pytest
import sqlalchemy as sa
from sqlmodel import Session

from registry.access import ANYONE, OPERATOR, Actor
from registry.database import WRITES, open_engine
from registry.placements import roll_up
from registry.settings import Settings
from registry.visibility import viewing
from schema import schema
from schema.changes import cursor_of
from schema.context import Context
from schema.execution import making, prepared, statement
from schema.execution.direct import MOST_REASONS, Direct
from schema.execution.question import MOST_BEFORE
from tests.execution.twice import Twice
from tests.schema.asking import Asker, counted

NESTED = """query ($first: Int, $country: [CountryCode!]) {
  agreements(first: $first, filter: {country: $country}) {
    totalCount
    nodes { reference status acts { kind citations { quote } } parties { country { name } }
            quotas(first: 2) { nodes { reference origins { code } } } }
  }
}"""

#: One for the page and one for its number, and one for each list: acts, citations, parties, quotas, origins.
STATEMENTS_OF_NESTED = 7


# ── Statements ──────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_number_of_statements_follows_the_query_and_never_the_rows(any_twice: Twice) -> None:
    counts = [len(any_twice.statements(NESTED, first=first)) for first in (1, 20, 40)]

    assert counts[1:] == [STATEMENTS_OF_NESTED] * 2
    assert counts[0] <= STATEMENTS_OF_NESTED  # what no row leads to is not looked for


def test_a_record_alone_takes_one_statement(twice: Twice) -> None:
    query = '{ agreement(reference: "made-01") { id title status term { endsOn } statusReason { rule explanation } } }'

    assert len(twice.statements(query)) == 1


def test_what_has_no_parent_is_not_looked_for(twice: Twice) -> None:
    assert len(twice.statements('{ agreement(reference: "nothing") { acts { citations { quote } } } }')) == 1


OF_ONE = """query ($size: Int) {
  country(code: "DE") { agreements(first: $size%s) { totalCount nodes { reference } } }
}"""


def _cursor(twice: Twice, end: str) -> str:
    query = f'{{ country(code: "DE") {{ agreements({end}: 1) {{ edges {{ cursor }} }} }} }}'
    (edge,) = orjson.loads(twice.by_plan(query) or b"")["data"]["country"]["agreements"]["edges"]
    return str(edge["cursor"])


@pytest.mark.parametrize("more", ["", ', filter: {text: "a"}', ', after: "%s"'])
def test_a_page_of_one_record_comes_with_the_number_in_one_statement(any_twice: Twice, more: str) -> None:
    query = OF_ONE % more.replace("%s", _cursor(any_twice, "first"))
    for size in (1, 2, 100):
        assert len(any_twice.statements(query, size=size)) == 2
        difference, answered = any_twice.difference(query, {"size": size})
        assert not difference
        assert answered["country"]["agreements"]["totalCount"] > 1


def test_a_page_beyond_the_last_record_is_counted_apart(any_twice: Twice) -> None:
    query = OF_ONE % f', after: "{_cursor(any_twice, "last")}"'

    assert len(any_twice.statements(query, size=5)) == 3
    difference, answered = any_twice.difference(query, {"size": 5})
    assert not difference
    assert answered["country"]["agreements"]["totalCount"] > 1


def test_pages_from_which_nothing_is_cut_are_not_counted(any_twice: Twice) -> None:
    query = """query ($size: Int) {
      programmes(first: $size) { totalCount nodes { name } }
      countries(first: 100) { nodes { agreements(first: $size) { totalCount nodes { title } } } }
    }"""
    for size, statements in ((100, 3), (1, 5)):
        assert len(any_twice.statements(query, size=size)) == statements
        assert not any_twice.difference(query, {"size": size})[0]


@pytest.mark.parametrize(
    "query",
    [
        "{ companies(first: 3) { nodes { agreements(first: 2) { totalCount nodes { reference } } } } }",
        "{ agreements(first: 3) { nodes { companies(first: 2) { totalCount nodes { reference } } } } }",
        '{ company(reference: "%s") { agreements { totalCount } } }',
        '{ companies(filter: { agreement: ["%s"] }) { totalCount } }',
    ],
)
def test_companies_and_their_agreements_are_looked_for_by_the_ones_that_are_known(twice: Twice, query: str) -> None:
    kind = "agreements" if "filter" in query else "companies"
    found = orjson.loads(twice.by_plan(f"{{ {kind}(first: 1) {{ nodes {{ reference }} }} }}") or b"")
    query = query.replace("%s", found["data"][kind]["nodes"][0]["reference"])
    twice.statements(query)
    assert not twice.difference(query, {})[0]
    with twice.engine.connect() as connection:
        steps = [
            step[-1]
            for text, values in twice.sent
            for step in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {text}", tuple(values))
        ]
    assert steps
    assert not [step for step in steps if step.startswith(("SCAN partnership", "SCAN agreement_party"))]


def steps_of(engine: sa.Engine, actor: Actor, query: str) -> list[str]:
    """The steps by which SQLite answers a query to an actor."""
    with Twice(engine, actor) as twice, viewing(engine, frozenset(actor.audiences)).connect() as connection:
        twice.statements(query)
        return [
            str(step[-1])
            for text, values in twice.sent
            for step in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {text}", tuple(values))
        ]


OCCUPATIONS = """{ placements(groupBy: [OCCUPATION, YEAR], filter: {period: {from: "2020-03-01"}}) {
  total straddling period { edtf } rows { people } } }"""


@pytest.mark.parametrize("actor", [OPERATOR, ANYONE])
@pytest.mark.parametrize(
    ("query", "index"),
    [
        ("{ placements(groupBy: [COMPANY], first: 5) { total } }", "COVERING INDEX ix_placement_return_by_company_id"),
        ("{ placements(groupBy: [AGREEMENT]) { total } }", "COVERING INDEX ix_placement_return_by_agreement_id"),
        (OCCUPATIONS, "COVERING INDEX ix_placement_return_by_occupation_code"),
        ("{ companies { nodes { placements { total } } } }", "COVERING INDEX ix_placement_return_by_company_id"),
        ("{ deadlines { totalCount } }", "INDEX ix_agreement_due_day"),
        (
            '{ changes(filter: {subjectType: ["Quota", "Source"]}, last: 5) { nodes { at } } }',
            "INDEX ix_change_of_type",
        ),
    ],
)
def test_what_would_lead_to_most_rows_of_a_large_table_is_read_from_an_index(
    full: Asker, actor: Actor, query: str, index: str
) -> None:
    assert any(index in step for step in steps_of(full.engine, actor, query))


@pytest.mark.parametrize("actor", [OPERATOR, ANYONE])
@pytest.mark.parametrize(
    "query",
    ["{ deadlines { totalCount } }", "{ gaps(filter: {kind: [REPORTED_WITHOUT_ACT, QUOTA_UNUSED]}) { totalCount } }"],
)
def test_of_what_is_only_counted_no_country_is_looked_for(full: Asker, actor: Actor, query: str) -> None:
    steps = steps_of(full.engine, actor, query)

    assert steps
    assert not any("agreement_party" in step for step in steps)


@pytest.mark.parametrize("kind", ["QUOTA_UNUSED", "QUOTA_EXCEEDED"])
def test_quotas_that_are_a_gap_are_looked_for_by_how_they_are_used(full: Asker, kind: str) -> None:
    steps = steps_of(full.engine, ANYONE, f"{{ gaps(filter: {{kind: [{kind}]}}) {{ totalCount }} }}")

    assert "quota_utilisation" in next(step for step in steps if " quota" in step)


def test_one_plan_serves_all_values_of_one_shape(twice: Twice) -> None:
    texts = [
        twice.statements(NESTED, first=first, country=country) for first, country in ((3, ["DE"]), (9, ["KR", "PL"]))
    ]

    assert texts[0] == texts[1]
    assert len(twice.direct.plans.plans) == 1


def test_one_plan_serves_all_years_of_one_number(twice: Twice) -> None:
    query = "query ($years: [Int!]!) { quotas(filter: { year: $years }) { nodes { reference } } }"
    texts = [twice.statements(query, years=years) for years in ([2020], [2024], [2024, 0, 123456])]

    assert texts[0] == texts[1] == texts[2]
    assert len(twice.direct.plans.plans) == 1


def test_one_plan_serves_the_changes_of_any_record(twice: Twice) -> None:
    found = orjson.loads(twice.by_plan("{ agreements(first: 3) { nodes { id acts { id } } } }") or b"")
    agreements = found["data"]["agreements"]["nodes"]
    ids = [each["id"] for agreement in agreements for each in (agreement, *agreement["acts"])]
    query = """query ($id: ID!) { changes(filter: { subjectId: $id }, first: 9) {
      totalCount nodes { subjectType subjectId } } }"""
    plans = len(twice.direct.plans.plans)
    for name in ids:
        difference, data = twice.difference(query, {"id": name})
        assert not difference
        assert name in [each["subjectId"] for each in data["changes"]["nodes"]]

    assert len(twice.direct.plans.plans) == plans + 1
    assert twice.by_plan(query, {"id": "nothing"}) is None
    assert not twice.difference(query, {"id": "nothing"})[0]


@pytest.mark.parametrize(
    ("query", "values"),
    [
        ("query ($v: Int!) { quotas(filter: { year: [$v] }) { totalCount } }", [{"v": 2024}, {"v": 2025}, {"v": 1990}]),
        (
            "query ($v: [CountryCode!]) { quotas(filter: { country: $v }) { totalCount } }",
            [{}, {"v": None}, {"v": []}, {"v": ["DE"]}, {"v": ["DE", "JP"]}],
        ),
    ],
)
def test_objects_among_arguments_ask_for_what_their_values_say_whatever_was_asked_before(
    any_twice: Twice, query: str, values: list[dict[str, Any]]
) -> None:
    any_twice.direct.settings = Settings(answer_cache_bytes=0)
    for variables in [*values, *reversed(values), *({"v": [f"X{number}"]} for number in range(MOST_BEFORE)), *values]:
        assert not any_twice.difference(query, variables)[0]
    asked = any_twice.direct.plans.question(query, values[-1], None).prepared
    assert 0 < len(asked.before) <= MOST_BEFORE


def test_text_of_a_client_stands_in_no_statement_and_in_no_code(twice: Twice, monkeypatch: pytest.MonkeyPatch) -> None:
    codes: list[str] = []
    run = making.Making._run

    def noted(self: making.Making, text: str, name: str) -> Any:
        codes.append(text)
        return run(self, text, name)

    monkeypatch.setattr(making.Making, "_run", noted)
    query = """query ($text: String) {
      agreements(filter: {text: $text}, first: 37) { nodes { title } }
      again: agreements(filter: {text: "zweitens", signed: {from: "2001-02-03"}}, last: 38) { totalCount nodes { id } }
      companies(filter: {text: "drittens"}) { nodes { id } }
      at(date: "1987-06-05") { country(code: "KG") { stage agreements(filter: {country: ["KZ"]}) { totalCount } } }
      quotas(filter: {year: [1991]}) { totalCount }
      placements(filter: {country: ["TJ"], period: {from: "1999-01-02"}}, first: 39) { total rows { people } }
    }"""
    texts = twice.statements(query, text="erstens")

    assert len(texts) > 7
    asked = ("erstens", "zweitens", "drittens", "2001", "1987", "1991", "1999", "'KG'", "KZ", "TJ", "37", "38", "39")
    assert [(value, text) for value in asked for text in [*texts, *codes] if value in text] == []


@pytest.mark.parametrize("also", ["", "agreements(first: 1) { totalCount }"], ids=["on the loop", "in a thread"])
def test_all_statements_of_a_plan_see_one_moment(seeded_copy: sa.Engine, also: str) -> None:
    twice, texts = Twice(seeded_copy), iter(range(1_000))

    query = f'{{ a: country(code: "DE") {{ name }} b: country(code: "DE") {{ name }} {also} }}'
    with twice.between_statements(lambda: twice.rename_countries(f"Name {next(texts)}")):
        for _ in range(3):
            answer = twice.by_plan(query)
            assert answer is not None
            data = orjson.loads(answer)["data"]
            assert data["a"] == data["b"]


# ── What is not answered straight from rows ─────────────────────────────────────────────────────────────────────────

WALKED = {
    "{ nothing }": "unplanned: invalid",
    "{ agreements(": "unplanned: syntax",
    "{ __schema { queryType { name } } }": "unplanned: introspection",
    "{ __schema { queryType { name } } date }": "unplanned: introspection",
    "query A { date } query B { knownAt }": "refused: BAD_USER_INPUT",
    '{ agreements(filter: {reference: ["nothing"]}) { totalCount } }': "doubt: refused by what is on record",
    '{ at(knownAt: "2001-01-01T00:00:00Z") { date } }': "refused: BAD_USER_INPUT",
    '{ node(id: "nothing") { id } }': "refused: BAD_USER_INPUT",
    "{ agreements(first: 101) { totalCount } }": "refused: BAD_USER_INPUT",
    '{ agreements(after: "nothing") { totalCount } }': "refused: BAD_USER_INPUT",
    '{ placements(filter: {period: {from: "2024-02-01", until: "2024-01-01"}}) { total } }': "refused: BAD_USER_INPUT",
    "query ($first: Int!) { agreements(first: $first) { totalCount } }": "unplanned: variables",
}


@pytest.mark.parametrize("query", WALKED)
def test_what_is_not_answered_from_rows_is_counted(twice: Twice, query: str) -> None:
    for times in (1, 2):
        assert twice.by_plan(query) is None
        assert twice.direct.fallbacks == {WALKED[query]: times}


def test_reasons_are_counted_within_bounds(twice: Twice) -> None:
    for number in range(500):
        twice.direct._left(f"failed: {number}")

    assert len(twice.direct.fallbacks) <= MOST_REASONS + 1
    assert twice.direct.fallbacks.total() == 500


def test_what_asks_for_the_schema_too_is_walked_by_graphql(any_twice: Twice) -> None:
    query = """{ __schema { queryType { name } } country(code: "DE") { code __typename stage agreements(first: 2) {
      edges { node { id __typename acts { kind date { earliest } } } } } } __typename
      __type(name: "Country") { kind } }"""
    plain, _, errors = any_twice.plainly(query, {})

    assert not errors
    assert any_twice.by_plan(query) is None
    assert any_twice.walked(query) == (plain, orjson.loads(plain)["data"], [])


#: Questions of which something is refused: at the root and inside, once and for each of several parents.
REFUSED = [
    *(query for query in WALKED if not query.startswith("query A")),
    "{ a: agreements(first: 0) { totalCount } b: countries(first: 1) { nodes { code } } }",
    "{ countries(first: 3) { nodes { code quotas(first: 1, last: 1) { totalCount } } } }",
    '{ country(code: "DE") { code quotas(filter: {agreement: ["nothing"]}) { totalCount } } date }',
    '{ country(code: "DE") { name agreements(after: "x") { nodes { id } } } other: country(code: "KR") { name } }',
    '{ country(code: "QA") { agreements(filter: {reference: ["nothing"]}) { totalCount } } }',
    '{ nodes(ids: ["Q291bnRyeTpERQ", "x"]) { id } date }',
    '{ nodes(ids: ["Q291bnRyeTpERQ", "Q291bnRyeTpERUAyMDIwLTAxLTAx"]) { id ... on Country { stage } } }',
    '{ agreement(reference: "\\u0000") { id } sector(code: "\\u0000") { id } date }',
    '{ agreements(filter: {reference: ["\\u0000"]}) { totalCount } }',
    '{ agreements(filter: {text: "\\u0000"}) { totalCount nodes { id } } }',
    '{ at(date: "9999-12-31") { date agreements { nodes { status } } countries(first: 2) { nodes { stage } } } }',
    "{ placements(groupBy: [YEAR, YEAR]) { total } date }",
    '{ country(code: "DE") { placements(first: 1001) { total } } }',
    "query ($ids: [ID!]! = []) { nodes(ids: $ids) { id } }",
]


@pytest.mark.parametrize("query", REFUSED)
def test_what_is_wrong_is_told_as_plain_resolvers_tell_it(any_twice: Twice, query: str) -> None:
    different, _ = any_twice.difference(query, {}, walk=True)

    assert not different


def test_a_number_beyond_32_bits_is_an_error_of_its_field(generated_file: Path, tmp_path: Path) -> None:
    engine = open_engine(f"sqlite:///{shutil.copyfile(generated_file, tmp_path / 'registry.db')}")
    with engine.connect().execution_options(**WRITES) as connection, connection.begin():
        connection.exec_driver_sql("UPDATE quota SET places = 3000000000 WHERE id = 1")
        connection.exec_driver_sql("UPDATE placement_return SET people = 3000000000")
        session = Session(connection)
        roll_up(session)
        session.commit()
    twice = Twice(engine)
    for query in ("{ quotas(first: 1) { nodes { places } } date }", "{ date placements { total rows { people } } }"):
        assert twice.by_plan(query) is None
        assert not twice.difference(query, {})[0]
        _, _, (error,) = twice.walked(query)
        assert "32-bit" in error.message
    engine.dispose()


# ── What goes wrong in the database ─────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("reads", ["rows", "version"])
def test_a_lost_connection_is_replaced(twice: Twice, reads: str) -> None:
    query = "{ agreements(first: 3) { nodes { reference } } }"
    again = query.replace("reference", "again: reference")
    assert twice.by_plan(query) is not None
    lost = twice.reader if reads == "rows" else twice.direct._versions
    lost._raw.close()  # type: ignore[union-attr]

    assert twice.by_plan(again) is None
    assert twice.by_plan(again) is not None


def test_a_statement_that_fails_is_an_error_of_its_field_alone(engine: sa.Engine) -> None:
    twice = Twice(engine)
    with engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE programme")
    query = '{ a: country(code: "DE") { name } programmes { totalCount } b: __typename }'

    assert twice.by_plan(query) is None
    _, data, (error,) = twice.walked(query)
    assert data is None
    assert error.path == ["programmes"]
    assert error.extensions["code"] == "INTERNAL_SERVER_ERROR"
    assert "programme" not in error.message
    assert twice.by_plan('{ country(code: "DE") { name } }') is not None


def test_a_registry_without_any_record_says_so(engine: sa.Engine) -> None:
    twice = Twice(engine)
    with engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM registry_state")

    assert twice.by_plan("{ agreements { totalCount pageInfo { endCursor } } }") is not None
    _, data, (error,) = twice.walked("{ knownAt }")
    assert (data, error.extensions["code"]) == (None, "NOT_FOUND")


# ── Bounds ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_what_is_kept_stays_within_bounds(full: Asker, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("MOST_DOCUMENTS", "MOST_SELECTIONS", "MOST_PLANS"):
        monkeypatch.setattr(prepared, name, 20)
    direct = Direct(schema, full.engine, Settings())

    async def ask() -> None:
        for number in range(60):
            assert await direct.execute(f"{{ a{number}: date agreements {{ totalCount }} }}") is not None

    asyncio.run(ask())
    plans = direct.plans
    assert [len(kept) for kept in (plans.documents, plans.selections, plans.plans)] == [20, 20, 20]


def test_pages_inside_pages_are_refused_before_anything_is_read(full: Asker) -> None:
    direct = Direct(schema, full.engine, Settings(query_records_max=150))
    query = "query ($n: Int) { countries(first: 10) { nodes { agreements(first: $n) { %s } } } }"

    def asked(select: str, n: int) -> Any:
        context = Context(full.engine, direct.settings, direct=direct)
        return asyncio.run(schema.execute(query % select, variable_values={"n": n}, context_value=context))

    assert asked("nodes { reference }", 14).errors is None
    assert asked("totalCount", 100).errors is None
    with counted() as sent:
        refused = asked("nodes { reference }", 15)
    assert sent == []
    assert refused.data is None
    (error,) = refused.errors
    assert error.extensions["code"] == "QUERY_TOO_LARGE"
    assert "160" in error.message
    assert "150" in error.message


def test_several_operations_of_which_none_is_meant_are_refused(twice: Twice) -> None:
    query = "query A { date } query B { knownAt }"
    _, data, (error,) = twice.walked(query)

    assert (data, error.extensions["code"]) == (None, "BAD_USER_INPUT")
    assert asyncio.run(twice.direct.execute(query, None, "B")) is not None


@pytest.mark.parametrize(
    "query",
    [
        "{" + " ".join(f"a{number}: date" for number in range(1_001)) + "}",
        '{ sector(code: "F") { ' + "parent { " * 26 + "id" + " }" * 26 + " } }",
    ],
    ids=["many fields", "deep"],
)
def test_a_query_of_too_many_fields_is_refused(twice: Twice, query: str) -> None:
    assert twice.by_plan(query) is None
    _, data, (error,) = twice.walked(query)

    assert data is None
    assert error.extensions["code"] == "QUERY_TOO_LARGE"
    assert error.extensions["hint"]


def test_a_row_that_leads_to_more_rows_than_one_statement_joins_is_read_by_several(any_twice: Twice) -> None:
    regions = "region subregion"
    country = f"country {{ name {regions} }}"
    fields = " ".join(
        f"a{number}: partOf {{ {country} agreement {{ status statusReason {{ rule }} term {{ endsOn }} }} sector {{"
        f" parent {{ parent {{ parent {{ code }} }} }} }} occupation {{ parent {{ parent {{ code }} }} }} {inner} }}"
        for number, inner in enumerate([f"partOf {{ partOf {{ {country} }} {country} }}"])
    )
    query = f"{{ quotas {{ nodes {{ reference {fields} {country} occupation {{ parent {{ code }} }} }} }} }}"
    assert any_twice.by_plan(query) is not None
    with patch.object(statement, "MOST_JOINS", 3), Twice(any_twice.engine) as few:
        different, _ = few.difference(query, {}, walk=True)
        assert len(few.sent) > len(any_twice.sent)
    assert not different


# ── The end of the log ──────────────────────────────────────────────────────────────────────────────────────────────

OF_LOG = """query ($after: String, $before: String) {
  changes(first: 2, after: $after, before: $before) { totalCount nodes { sequence } pageInfo { endCursor } }
}"""
OF_RECORD = 'query ($after: String) { country(code: "DE") { name history(after: $after) { nodes { sequence } } } }'
KNOWN = """query ($after: String) {
  at(knownAt: "2999-01-01T00:00:00Z") { changes(after: $after) { nodes { sequence } } }
}"""


def test_a_cursor_after_the_end_of_the_log_is_refused_and_one_at_its_end_is_not(any_twice: Twice) -> None:
    with any_twice.engine.connect() as connection:
        last, key = connection.execute(sa.text("SELECT sequence, cursor_key FROM registry_state")).one()
    end, after_end = cursor_of(last, key), cursor_of(last + 1, key)

    for _ in range(2):  # also by a plan that has been made
        difference, data = any_twice.difference(OF_LOG, {"after": end}, walk=True)
        assert (difference, data["changes"]["nodes"]) == ("", [])
        assert any_twice.by_plan(OF_LOG, {"after": end}) is not None
        for query in (OF_LOG, OF_RECORD):
            assert any_twice.by_plan(query, {"after": after_end}) is None
            assert not any_twice.difference(query, {"after": after_end}, walk=True)[0]
            (error,) = any_twice.walked(query, {"after": after_end})[2]
            assert error.message == "The log of changes ends before this cursor."
            assert (error.extensions["code"], error.extensions["argument"]) == ("BAD_USER_INPUT", ["after"])
            assert "restored" in error.extensions["hint"]

    assert any_twice.difference(OF_LOG, {"before": after_end}, walk=True)[1]["changes"]["nodes"]
    assert not any_twice.difference(KNOWN, {"after": after_end}, walk=True)[0]
