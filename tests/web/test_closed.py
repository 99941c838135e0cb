"""A registry that does not tell its schema: no introspection, and no error that says what else there is."""

from collections.abc import Iterator

import httpx2
import pytest
import sqlalchemy as sa

from registry.settings import Settings
from tests.servers import serving
from tests.web.talking import talk

#: Documents whose refusal would name what was perhaps meant: a field, an argument, a type, a value, an input field.
MISTAKEN = [
    "{ agreemets { totalCount } }",
    "{ countries(frist: 1) { totalCount } }",
    "{ node(id: 1) { ... on Countri { name } } }",
    "{ countries(filter: {stage: [AGREEMENT_SIGNE]}) { totalCount } }",
    "{ countries(filter: {stages: []}) { totalCount } }",
    "{ node(id: 1) { name } }",
]


@pytest.fixture(scope="module")
def closed(seeded: sa.Engine) -> Iterator[str]:
    with serving(Settings(database_url=seeded.url.render_as_string(), introspection=False)) as address:
        yield address


def message(address: str, query: str) -> str:
    error, *_ = httpx2.post(f"{address}/graphql", json={"query": query}, timeout=30).json()["errors"]
    assert error["extensions"]["code"] == "GRAPHQL_VALIDATION_FAILED"
    told: str = error["message"]
    return told


@pytest.mark.parametrize("query", MISTAKEN)
def test_errors_of_an_open_registry_suggest_and_those_of_a_closed_one_do_not(
    server: str, closed: str, query: str
) -> None:
    suggested = message(server, query)
    told = message(closed, query)

    assert "Did you mean" in suggested
    assert told.startswith(suggested.partition(" Did you mean")[0])
    assert "Did you mean" not in told
    with talk(closed) as socket:
        socket.ask("1", query)
        assert socket.hear()["payload"][0]["message"] == told


@pytest.mark.parametrize(
    "query",
    [
        "{ __schema { types { name } } }",
        '{ __type(name: "Query") { name } }',
        "{ knownAt __schema { types { name } } }",
    ],
)
def test_a_closed_registry_does_not_tell_its_schema(server: str, closed: str, query: str) -> None:
    assert "data" in httpx2.post(f"{server}/graphql", json={"query": query}, timeout=30).json()
    assert "introspection has been disabled" in message(closed, query)


def test_a_closed_registry_answers_everything_else(closed: str) -> None:
    query = '{ __typename country(code: "DE") { __typename name } }'
    answer = httpx2.post(f"{closed}/graphql", json={"query": query}, timeout=30).json()

    assert answer == {"data": {"__typename": "Query", "country": {"__typename": "Country", "name": "Germany"}}}
    assert httpx2.get(f"{closed}/countries/DE", timeout=30).status_code == 200
    assert httpx2.get(f"{closed}/schema.graphql").status_code == 404
