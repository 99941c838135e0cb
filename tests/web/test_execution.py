"""Plans and plain resolvers, at the endpoint: the same status, headers and bytes."""

import asyncio
import socket
import struct
from typing import Any

import httpx2
import orjson
import pytest
import sqlalchemy as sa

from registry.settings import Settings
from registry.web.app import create_app
from tests.execution.plain_server import plain_app

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

    headers = [(b"content-type", b"application/json"), (b"host", b"registry"), (b"x-request-id", b"the-same")]
    scope = {"type": "http", "method": "POST", "path": "/graphql", "query_string": b"", "headers": headers}
    asyncio.run(app(scope, receive, send))
    return sent[0]["status"], dict(sent[0]["headers"]), b"".join(message["body"] for message in sent[1:])


@pytest.mark.parametrize("query", QUERIES)
def test_plans_and_plain_resolvers_answer_alike(seeded: sa.Engine, query: str) -> None:
    settings = Settings(database_url=seeded.url.render_as_string())

    planned, plain = (answer(make(settings), query) for make in (create_app, plain_app))

    assert planned == plain


# ── Clients that hang up ────────────────────────────────────────────────────────────────────────────────────────────

BODY = orjson.dumps({"query": "{ agreements { totalCount nodes { reference acts { kind citations { quote } } } } }"})
HEAD = b"POST /graphql HTTP/1.1\r\nHost: registry\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"


@pytest.mark.parametrize("sent", [HEAD % len(BODY) + BODY[:20], HEAD % len(BODY) + BODY, HEAD[:40]])
def test_a_client_that_hangs_up_leaves_the_next_one_in_peace(
    server: str, sent: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    address = ("127.0.0.1", int(server.rsplit(":", 1)[1]))
    for _ in range(30):
        with socket.create_connection(address) as client:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # hangs up at once
            client.sendall(sent)

    answered = httpx2.post(f"{server}/graphql", content=BODY, headers={"Content-Type": "application/json"})

    assert answered.status_code == 200
    assert "errors" not in answered.json()
    assert not [record for record in caplog.records if record.levelname == "ERROR"]
