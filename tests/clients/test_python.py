"""Python's gql: over HTTP and a socket, by documents and by the schema that it fetches itself."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from gql import Client, GraphQLRequest, gql
from gql.dsl import DSLQuery, DSLSchema, dsl_gql
from gql.transport.aiohttp import AIOHTTPTransport
from gql.transport.exceptions import TransportQueryError
from gql.transport.httpx import HTTPXTransport
from gql.transport.websockets import WebsocketsTransport
from graphql import print_schema

from schema import schema
from tests.clients.conftest import Written

CHANGES = "subscription ($after: String) { changes(after: $after) { sequence cursor reason } }"
END_OF_LOG = "{ changes(last: 1) { pageInfo { endCursor } } }"
ADD = "mutation ($input: SourceAddInput!) { sourceAdd(input: $input) { source { reference } userErrors { path } } }"
SOURCE = {
    "reference": "python-1",
    "title": "A title",
    "kind": "PRESS",
    "reliability": "SECONDARY",
    "language": "en",
    "reason": "A client's test.",
}


Execute = Callable[[GraphQLRequest], Any]


@pytest.fixture(params=["httpx", "aiohttp"])
def execute(request: pytest.FixtureRequest, server: str) -> Execute:
    """Executes a request by each of the transports, of which one waits and the other is waited for."""
    address = f"{server}/graphql"
    if request.param == "httpx":
        return Client(transport=HTTPXTransport(url=address)).execute

    async def wait(asked: GraphQLRequest) -> Any:
        async with Client(transport=AIOHTTPTransport(url=address)) as session:
            return await session.execute(asked)

    return lambda asked: asyncio.run(wait(asked))


def test_a_query_is_answered(execute: Execute) -> None:
    query = "query ($code: CountryCode!) { country(code: $code) { name } }"

    assert execute(GraphQLRequest(query, variable_values={"code": "KR"})) == {"country": {"name": "South Korea"}}


@pytest.mark.parametrize(
    ("query", "code"),
    [("{ nothing }", "GRAPHQL_VALIDATION_FAILED"), ('{ node(id: "nonsense") { id } }', "BAD_USER_INPUT")],
)
def test_an_error_has_its_code(execute: Execute, query: str, code: str) -> None:
    with pytest.raises(TransportQueryError) as refused:
        execute(gql(query))

    assert refused.value.errors is not None
    assert refused.value.errors[0]["extensions"]["code"] == code


def test_a_query_is_built_by_the_schema_that_is_fetched(server: str) -> None:
    client = Client(
        transport=HTTPXTransport(url=f"{server}/graphql"),
        fetch_schema_from_transport=True,
        introspection_args={"specified_by_url": True, "input_value_deprecation": True},
    )
    with client as session:
        assert client.schema is not None
        assert print_schema(client.schema) == print_schema(schema._schema)
        of = DSLSchema(client.schema)
        countries = of.Query.countries(filter={"code": ["DE", "TR"]}, orderBy={"field": "CODE"}).select(
            of.CountryConnection.nodes.select(of.Country.code, of.Country.name(language="RU"))
        )
        answer: Any = session.execute(dsl_gql(DSLQuery(countries)))

    assert [node["name"] for node in answer["countries"]["nodes"]] == ["Германия", "Турция"]


@pytest.mark.parametrize("over", ["a socket", "HTTP"])
def test_a_change_is_written_and_heard(written: Written, over: str) -> None:
    authorization = {"Authorization": f"Bearer {written.key}"}
    address = f"{written.address}/graphql"
    adding = GraphQLRequest(ADD, variable_values={"input": SOURCE})

    async def hear() -> Any:
        async with Client(
            transport=WebsocketsTransport(address.replace("http", "ws"), init_payload=authorization)
        ) as live:
            after = (await live.execute(gql(END_OF_LOG)))["changes"]["pageInfo"]["endCursor"]
            if over == "HTTP":
                async with Client(transport=AIOHTTPTransport(address, headers=authorization)) as session:
                    payload = await session.execute(adding)
            else:
                payload = await live.execute(adding)
            assert payload == {"sourceAdd": {"source": {"reference": "python-1"}, "userErrors": []}}
            changes = live.subscribe(GraphQLRequest(CHANGES, variable_values={"after": after}))
            told = await anext(changes)
            await changes.aclose()
            return told["changes"]["reason"]

    assert asyncio.run(asyncio.wait_for(hear(), 60)) == "A client's test."
