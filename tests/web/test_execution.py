"""The two ways of answering, at the endpoint: the same status, headers and bytes."""

import asyncio
from typing import Any, Literal

import orjson
import pytest
import sqlalchemy as sa
from starlette.routing import Route

from registry.settings import Settings
from registry.web.app import create_app
from registry.web.graphql import Endpoint

QUERIES = [
    "{ agreements(first: 5) { totalCount nodes { id title status acts { kind } } pageInfo { endCursor } } }",
    "{ agreements { nothing } }",
    "{ agreements(first: 0) { totalCount } }",
    "{ date ",
    "query A { date } query B { date }",
    '{ __schema { queryType { name } } country(code: "DE") { name } }',
]


def answer(app: Any, query: str) -> tuple[int, dict[bytes, bytes], bytes]:
    """Status, headers and body of the answer to a query that is posted."""
    sent: list[dict[str, Any]] = []
    body = orjson.dumps({"query": query})

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    headers = [(b"content-type", b"application/json"), (b"host", b"registry")]
    scope = {"type": "http", "method": "POST", "path": "/graphql", "query_string": b"", "headers": headers}
    asyncio.run(app(scope, receive, send))
    return sent[0]["status"], dict(sent[0]["headers"]), b"".join(message["body"] for message in sent[1:])


@pytest.mark.parametrize("query", QUERIES)
def test_direct_and_plain_answer_alike(seeded: sa.Engine, query: str) -> None:
    url = seeded.url.render_as_string()
    ways: tuple[Literal["direct", "plain"], ...] = ("direct", "plain")
    apps = [create_app(Settings(database_url=url, execution=way)) for way in ways]

    direct, plain = (answer(app, query) for app in apps)

    assert direct == plain


def test_the_setting_turns_plans_off(seeded: sa.Engine) -> None:
    url = seeded.url.render_as_string()
    ways: tuple[tuple[Literal["direct", "plain"], bool], ...] = (("direct", True), ("plain", False))
    for way, there in ways:
        app = create_app(Settings(database_url=url, execution=way))
        (endpoint,) = (each.app for each in app.routes if isinstance(each, Route) and each.path == "/graphql")
        assert isinstance(endpoint, Endpoint)
        assert (endpoint.direct is not None) is there
