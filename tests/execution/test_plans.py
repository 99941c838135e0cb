"""What holds of every plan: how many statements it sends, what stands in them, and when it leaves the answer."""

import asyncio
from typing import Any

import orjson
import pytest
import sqlalchemy as sa
from strawberry.types.base import StrawberryOptional, get_object_definition

from registry.access import OPERATOR
from registry.countries import Country
from registry.database import WRITES
from registry.settings import Settings
from schema import schema
from schema.execution import making, prepared
from schema.execution.plain import SHOWN
from schema.execution.prepared import Direct
from schema.execution.source import Column, Localised, ToOne, UncertainDay, Window
from tests.execution.twice import Twice
from tests.schema.asking import Asker

NESTED = """query ($first: Int, $country: [CountryCode!]) {
  agreements(first: $first, filter: {country: $country}) {
    totalCount
    nodes { reference status acts { kind citations { quote } } parties { country { name } }
            quotas(first: 2) { nodes { reference origins { code } } } }
  }
}"""

#: One for the state, one for the page and one for its number, and one for each list: acts, citations, parties,
#: quotas, origins.
STATEMENTS_OF_NESTED = 8


@pytest.fixture
def twice(full: Asker) -> Twice:
    return Twice(full.engine)


@pytest.fixture
def any_twice(any_full: Asker) -> Twice:
    return Twice(any_full.engine)


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


def test_one_plan_serves_all_values_of_one_shape(twice: Twice) -> None:
    texts = [
        twice.statements(NESTED, first=first, country=country) for first, country in ((3, ["DE"]), (9, ["KR", "PL"]))
    ]

    assert texts[0] == texts[1]
    assert len(twice.direct._plans) == 1


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

    assert len(texts) > 8
    asked = ("erstens", "zweitens", "drittens", "2001", "1987", "1991", "1999", "'KG'", "KZ", "TJ", "37", "38", "39")
    assert [(value, text) for value in asked for text in [*texts, *codes] if value in text] == []


@pytest.mark.parametrize("also", ["", "agreements(first: 1) { totalCount }"], ids=["on the loop", "in a thread"])
def test_all_statements_of_a_plan_see_one_moment(seeded_copy: sa.Engine, also: str) -> None:
    twice, texts = Twice(seeded_copy), iter(range(1_000))
    run, reader = twice.direct.reader(OPERATOR).run, twice.direct.reader(OPERATOR)

    def renaming(work: Any, heavy: bool) -> Any:
        def between(read: Any) -> Any:
            def renamed(text: str, values: Any) -> Any:
                found = read(text, values)
                with seeded_copy.connect().execution_options(**WRITES) as connection, connection.begin():
                    connection.execute(sa.update(Country).values(name_en=f"Name {next(texts)}"))
                return found

            return renamed

        return run(lambda read: work(between(read)), heavy)

    reader.run = renaming  # type: ignore[method-assign]
    query = f'{{ a: country(code: "DE") {{ name }} b: country(code: "DE") {{ name }} {also} }}'
    for _ in range(3):
        answer = twice.by_plan(query)
        assert answer is not None
        data = orjson.loads(answer)["data"]
        assert data["a"] == data["b"]


# ── What is left to the plain way ───────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("query", "reason"),
    [
        ("{ nothing }", "unplanned: invalid"),
        ("{ agreements(", "unplanned: syntax"),
        ("{ __schema { queryType { name } } }", "unplanned: introspection"),
        ("query A { date } query B { knownAt }", "unplanned: operation"),
        ('{ agreements(filter: {reference: ["nothing"]}) { totalCount } }', "doubt: unknown name"),
        ('{ node(id: "nothing") { id } }', "refused: BAD_USER_INPUT"),
        ("{ agreements(first: 101) { totalCount } }", "refused: BAD_USER_INPUT"),
        ('{ agreements(after: "nothing") { totalCount } }', "refused: BAD_USER_INPUT"),
        ('{ at(date: "9999-12-31") { date } }', "unplanned: last of days"),
        ("query ($first: Int!) { agreements(first: $first) { totalCount } }", "unplanned: variables"),
    ],
)
def test_what_is_left_to_the_plain_way_is_counted(twice: Twice, query: str, reason: str) -> None:
    for times in (1, 2):
        assert twice.by_plan(query) is None
        assert twice.direct.fallbacks == {reason: times}


def test_what_asks_for_the_schema_too_is_walked_by_graphql(any_twice: Twice) -> None:
    query = """{ __schema { queryType { name } } country(code: "DE") { code __typename stage agreements(first: 2) {
      edges { node { id __typename acts { kind date { earliest } } } } } } __typename
      __type(name: "Country") { kind } }"""
    plain, _, errors = any_twice.plainly(query, {})

    assert not errors
    assert any_twice.by_plan(query) == plain


@pytest.mark.parametrize("reads", ["rows", "version"])
def test_a_lost_connection_is_replaced(twice: Twice, reads: str) -> None:
    query = "{ agreements(first: 3) { nodes { reference } } }"
    again = query.replace("reference", "again: reference")
    assert twice.by_plan(query) is not None
    lost = twice.direct.reader(OPERATOR) if reads == "rows" else twice.direct._versions
    raw: Any = lost._loop.connection.driver_connection  # type: ignore[union-attr]
    raw.close()

    assert twice.by_plan(again) is None
    assert twice.by_plan(again) is not None


def test_a_missing_table_is_left_to_the_plain_way(engine: sa.Engine) -> None:
    twice = Twice(engine)
    with engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE programme")

    assert twice.by_plan("{ programmes { totalCount } }") is None
    assert twice.by_plan('{ country(code: "DE") { name } }') is not None


def test_what_is_kept_stays_within_bounds(full: Asker, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("MOST_DOCUMENTS", "MOST_SELECTIONS", "MOST_PLANS"):
        monkeypatch.setattr(prepared, name, 20)
    direct = Direct(schema, full.engine, Settings())

    async def ask() -> None:
        for number in range(60):
            assert await direct.execute(f"{{ a{number}: date agreements {{ totalCount }} }}") is not None

    asyncio.run(ask())
    assert [len(kept) for kept in (direct._documents, direct._prepared, direct._plans)] == [20, 20, 20]


# ── What never is null ──────────────────────────────────────────────────────────────────────────────────────────────


def test_fields_that_are_never_null_rest_on_columns_that_never_are() -> None:
    unfounded = []
    for table, shown in SHOWN.items():
        columns = getattr(table, "__table__", sa.table("none")).c
        for field in get_object_definition(shown, strict=True).fields:
            name = rested_on(getattr(field, "source", None))
            optional = isinstance(field.type, StrawberryOptional)
            if name and name in columns and not optional and columns[name].nullable:
                unfounded.append(f"{shown.__name__}.{field.name} on {name}")

    assert unfounded == []


def rested_on(source: Any) -> str | None:
    """The column that decides whether a value is null."""
    if isinstance(source, Column | UncertainDay | Window):
        return source.name
    if isinstance(source, ToOne):
        return source.key
    if isinstance(source, Localised):
        return source.of.key if source.of else source.fallback
    return None
