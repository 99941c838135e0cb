"""What goes round every answer: headers, an id, origins, compression, tags; and what is no request at all."""

import gzip
import json
import logging
import socket
from collections.abc import Iterator
from contextlib import closing
from typing import Any
from urllib.parse import urlsplit

import brotli  # type: ignore[import-untyped]
import httpx2
import pytest
import sqlalchemy as sa
import zstandard
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.testclient import TestClient
from websockets.exceptions import InvalidStatus

from registry.settings import Settings
from registry.telemetry import request_id
from registry.web.envelope import Numbered, PlainSpoken
from registry.web.refusing import fault
from tests.servers import serving
from tests.web.talking import record, talk

EVERYWHERE = ["/", "/graphql?query={knownAt}", "/schema.graphql", "/static/registry.css", "/nowhere", "/export/x.csv"]
APP = "https://app.example"


@pytest.fixture(scope="module")
def address(seeded: sa.Engine) -> Iterator[str]:
    """A server behind a proxy that other origins may ask, and that waits for nobody."""
    url, proxy = seeded.url.render_as_string(), "127.0.0.1"
    settings = Settings(database_url=url, cors_origins=APP, slow_writer_seconds=0.5, trusted_proxies=proxy)
    with serving(settings) as address:
        yield address


# ── Headers and ids ─────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("path", EVERYWHERE)
def test_every_answer_has_an_id_and_keeps_browsers_from_harm(server: str, path: str) -> None:
    answer = httpx2.get(server + path, timeout=30)

    assert len(answer.headers["x-request-id"]) == 32
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["cross-origin-opener-policy"] == "same-origin"
    assert answer.headers["cross-origin-resource-policy"] == "same-origin"
    assert "camera=()" in answer.headers["permissions-policy"]
    assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
    assert "cache-control" in answer.headers
    assert "strict-transport-security" not in answer.headers
    assert "access-control-allow-origin" not in answer.headers
    assert "server" not in answer.headers


def test_only_over_tls_are_browsers_told_to_come_so_always(server: str, address: str) -> None:
    """Which is what a trusted proxy says, and nobody else."""
    headers = {"X-Forwarded-Proto": "https", "X-Forwarded-For": "203.0.113.9"}

    assert httpx2.get(f"{address}/", headers=headers).headers["strict-transport-security"] == "max-age=31536000"
    assert "strict-transport-security" not in httpx2.get(f"{server}/", headers=headers).headers
    assert "strict-transport-security" not in httpx2.get(f"{address}/").headers


@pytest.mark.parametrize("given", ["abc-1", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", "a" * 128])
def test_an_id_that_a_client_gives_comes_back(server: str, given: str) -> None:
    for path in ("/graphql", "/nowhere"):
        assert httpx2.get(server + path, headers={"X-Request-Id": given}).headers["x-request-id"] == given


@pytest.mark.parametrize("given", ["", "a b", "-a", "<x>", "a" * 129, 'a"', "ж"])
def test_what_is_no_id_is_replaced(server: str, given: str) -> None:
    answer = httpx2.get(f"{server}/health/live", headers={b"X-Request-Id": given.encode()})

    assert len(answer.headers["x-request-id"]) == 32


def test_where_the_application_fails_only_the_log_is_told_why(caplog: pytest.LogCaptureFixture) -> None:
    known: list[str | None] = []

    async def fail(_request: Request) -> Response:
        known.append(request_id())
        raise ValueError("the secret")

    around = [
        Middleware(PlainSpoken, hsts_seconds=0),
        Middleware(Numbered, failed=lambda _request, log_id: fault(log_id)),
    ]
    client = TestClient(Starlette(routes=[Route("/", fail)], middleware=around))
    with caplog.at_level(logging.ERROR):
        answer = client.get("/", headers={"X-Request-Id": "mine"})

    assert (answer.status_code, answer.headers["x-request-id"], known) == (500, "mine", ["mine"])
    assert answer.headers["x-content-type-options"] == "nosniff"
    (error,) = answer.json()["errors"]
    assert error["extensions"].keys() == {"code", "logId", "hint"}
    assert "secret" not in answer.text
    assert error["extensions"]["logId"] in caplog.text
    assert "the secret" in caplog.text


# ── Refusals outside of /graphql ────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/nowhere", 404, "NOT_FOUND"),
        ("GET", "/static/nothing.css", 404, "NOT_FOUND"),
        ("POST", "/", 405, "METHOD_NOT_ALLOWED"),
        ("DELETE", "/export/agreements.csv", 405, "METHOD_NOT_ALLOWED"),
        ("GET", "/import/acts", 405, "METHOD_NOT_ALLOWED"),
        ("PUT", "/static/registry.css", 405, "METHOD_NOT_ALLOWED"),
        ("GET", "/?as_of=tomorrow", 400, "BAD_USER_INPUT"),
    ],
)
@pytest.mark.parametrize("accept", ["*/*", "application/json", "image/png"])
def test_programs_are_refused_in_json_wherever_they_ask(
    server: str, method: str, path: str, status: int, code: str, accept: str
) -> None:
    answer = httpx2.request(method, server + path, headers={"Accept": accept})

    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/json; charset=utf-8")
    assert answer.json()["errors"][0]["extensions"]["code"] == code
    assert answer.headers["cache-control"] == "no-store"
    assert ("allow" in answer.headers) == (status == 405)


def test_a_browser_is_refused_with_a_page(server: str) -> None:
    answer = httpx2.get(f"{server}/nowhere", headers={"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"})

    assert (answer.status_code, answer.headers["content-type"]) == (404, "text/html; charset=utf-8")


# ── HEAD and OPTIONS ────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_head_is_that_of_the_answer_to_get(server: str) -> None:
    by_get = httpx2.get(f"{server}/graphql", params={"query": "{ about { version } }"})
    by_head = httpx2.head(f"{server}/graphql", params={"query": "{ about { version } }"})

    assert (by_head.status_code, by_head.content) == (200, b"")
    for name in ("etag", "content-length", "content-type", "cache-control", "vary"):
        assert by_head.headers[name] == by_get.headers[name]


def test_a_head_changes_nothing_and_does_not_wait_for_events(server: str) -> None:
    mutation = 'mutation { institutionRegister(input: {reference: "a"}) { institution { id } } }'
    subscription = {"query": "subscription { changes { sequence } }"}
    events = {"Accept": "text/event-stream"}

    assert httpx2.head(f"{server}/graphql", params={"query": mutation}, headers=events).status_code == 405
    assert httpx2.head(f"{server}/graphql", params=subscription, headers=events).status_code == 405


def test_options_tell_how_to_ask(server: str) -> None:
    answer = httpx2.options(f"{server}/graphql")

    assert (answer.status_code, answer.headers["allow"]) == (204, "GET, HEAD, POST, OPTIONS")


# ── Other origins ───────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_page_of_an_origin_that_is_named_may_ask_and_read(address: str) -> None:
    asked = {"Origin": APP, "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization"}
    may = httpx2.options(f"{address}/graphql", headers=asked)
    answer = httpx2.post(f"{address}/graphql", json={"query": "{ knownAt }"}, headers={"Origin": APP})

    assert (may.status_code, may.headers["access-control-allow-origin"]) == (204, APP)
    assert "Authorization" in may.headers["access-control-allow-headers"]
    assert "POST" in may.headers["access-control-allow-methods"]
    assert answer.headers["access-control-allow-origin"] == APP
    assert "X-Request-Id" in answer.headers["access-control-expose-headers"]
    assert "access-control-allow-credentials" not in answer.headers
    with talk(address, origin=APP) as socket:
        assert socket.answer("{ __typename }") == {"data": {"__typename": "Query"}}


@pytest.mark.parametrize("origin", ["https://evil.example", "null", f"{APP}.evil.example", "http://app.example"])
def test_a_page_of_another_origin_may_not(address: str, origin: str) -> None:
    asked = {"Origin": origin, "Access-Control-Request-Method": "POST"}
    may = httpx2.options(f"{address}/graphql", headers=asked)
    answer = httpx2.post(f"{address}/graphql", json={"query": "{ knownAt }"}, headers={"Origin": origin})

    assert (may.status_code, may.json()["errors"][0]["extensions"]["code"]) == (403, "ORIGIN_NOT_ALLOWED")
    assert "access-control-allow-origin" not in may.headers | answer.headers
    with pytest.raises(InvalidStatus) as refused, talk(address, origin=origin):
        pass
    assert refused.value.response.status_code == 403
    assert json.loads(refused.value.response.body)["errors"][0]["extensions"]["code"] == "ORIGIN_NOT_ALLOWED"


def test_caches_know_that_answers_differ_by_origin(address: str) -> None:
    assert "Origin" in httpx2.get(f"{address}/schema.graphql").headers["vary"]


@pytest.mark.parametrize("origins", ["*", "app.example", "https://app.example/", "https://a.example null"])
def test_origins_are_named_exactly(origins: str) -> None:
    with pytest.raises(ValueError, match="not a list of origins"):
        Settings(cors_origins=origins)


# ── Compression and tags ────────────────────────────────────────────────────────────────────────────────────────────

_UNPACK: dict[str, Any] = {
    "zstd": lambda packed: zstandard.ZstdDecompressor().decompressobj().decompress(packed),
    "br": brotli.decompress,
    "gzip": gzip.decompress,
}


def raw(address: str, accept_encoding: str) -> tuple[httpx2.Headers, bytes]:
    """The headers and the body of an answer as it came over the line."""
    with httpx2.stream("GET", address, headers={"Accept-Encoding": accept_encoding}, timeout=30) as answer:
        return answer.headers, b"".join(answer.iter_raw())


@pytest.mark.parametrize(
    "path", ["/", "/graphql?query={countries(first:100){nodes{name}}}", "/schema.graphql", "/export/sources.csv"]
)
def test_long_answers_are_sent_compressed_in_the_best_way_that_is_taken(server: str, path: str) -> None:
    _, plain = raw(server + path, "identity")
    for taken, way in (("gzip, br, zstd", "br"), ("gzip;q=0.5, zstd", "zstd"), ("gzip;q=0.5, br;q=0", "gzip")):
        headers, packed = raw(server + path, taken)
        assert headers["content-encoding"] == way
        assert "Accept-Encoding" in headers["vary"]
        assert len(packed) < len(plain) / 2
        assert _UNPACK[way](packed) == plain


def test_short_answers_and_events_are_sent_as_they_are(server: str) -> None:
    asked = {"query": "{ countries(first: 100) { nodes { name } } }"}
    headers = {"Accept": "text/event-stream", "Accept-Encoding": "gzip, br, zstd"}

    assert "content-encoding" not in httpx2.post(f"{server}/graphql", json=asked, headers=headers).headers
    assert "content-encoding" not in raw(f"{server}/health/live", "gzip, br, zstd")[0]


HELD = ["/", "/graphql?query={about{version}}", "/schema.graphql", "/static/registry.css", "/export/sources.csv"]


@pytest.mark.parametrize("path", HELD)
def test_what_is_still_held_is_not_sent_again_however_it_was_compressed(server: str, path: str) -> None:
    first = httpx2.get(server + path, headers={"Accept-Encoding": "gzip"})
    again = httpx2.get(server + path, headers={"Accept-Encoding": "br", "If-None-Match": first.headers["etag"]})

    assert (again.status_code, again.content) == (304, b"")
    for name in ("etag", "cache-control"):
        assert again.headers[name] == first.headers[name]


def test_a_file_of_records_is_sent_again_once_something_was_recorded(seeded_copy: sa.Engine) -> None:
    with serving(Settings(database_url=seeded_copy.url.render_as_string())) as address:
        file = f"{address}/export/sources.csv"
        held = {"If-None-Match": httpx2.get(file, timeout=30).headers["etag"]}
        assert httpx2.get(file, headers=held, timeout=30).status_code == 304
        assert httpx2.get(f"{file}?at=2020-01-01", headers=held, timeout=30).status_code == 200

        record(seeded_copy, "another")

        assert httpx2.get(file, headers=held, timeout=30).status_code == 200


def test_a_long_answer_that_is_compressed_in_slices_is_still_the_same(server: str) -> None:
    fields = " ".join(f"n{number}: name(language: RU)" for number in range(60))
    asked = {"query": f"{{ countries(first: 100) {{ nodes {{ {fields} }} }} }}"}
    plain = httpx2.post(f"{server}/graphql", json=asked, headers={"Accept-Encoding": "identity"}, timeout=30)
    packed = httpx2.post(f"{server}/graphql", json=asked, headers={"Accept-Encoding": "br"}, timeout=30)

    assert len(plain.content) > 131_072
    assert (packed.headers["content-encoding"], packed.content) == ("br", plain.content)
    assert int(plain.headers["content-length"]) == len(plain.content)


def test_files_of_pages_are_kept_for_a_year_at_addresses_that_change_with_them(server: str) -> None:
    page = httpx2.get(server, headers={"Accept": "text/html"}).text
    at = page.partition('<link rel="stylesheet" href="')[2].partition('"')[0]

    assert httpx2.get(server + at).headers["cache-control"] == "public, max-age=31536000, immutable"
    for other in ("/static/registry.css", "/static/registry.css?v=000000000000"):
        assert httpx2.get(server + other).headers["cache-control"] == "public, no-cache"


# ── What is no request ──────────────────────────────────────────────────────────────────────────────────────────────


def said(address: str, sent: bytes) -> tuple[int, dict[str, Any]]:
    """Status and body of what a server answers to some bytes before it hangs up."""
    where = urlsplit(address)
    with closing(socket.create_connection((where.hostname or "", where.port or 0), timeout=20)) as line:
        line.sendall(sent)
        answer = b""
        while part := line.recv(65_536):
            answer += part
    head, _, body = answer.partition(b"\r\n\r\n")
    assert b"application/json" in head
    return int(head[9:12]), json.loads(body)


@pytest.mark.parametrize(
    ("sent", "status", "code"),
    [
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 400, "BAD_REQUEST"),
        (b"GET / HTTP/9.9\r\n\r\n", 400, "BAD_REQUEST"),
        (b"GET /\xff HTTP/1.1\r\nHost: x\r\n\r\n", 400, "BAD_REQUEST"),
        (b"POST /graphql HTTP/1.1\r\nContent-Length: -1\r\n\r\n", 400, "BAD_REQUEST"),
        (b"GET / HTTP/1.1\r\nX: " + b"x" * 70_000 + b"\r\n\r\n", 431, "HEADERS_TOO_LARGE"),
        (b"GET /graphql?query=" + b"x" * 70_000 + b" HTTP/1.1\r\n\r\n", 431, "HEADERS_TOO_LARGE"),
        (b"POST /graphql HTTP/1.1\r\nHost", 408, "REQUEST_TIMEOUT"),
        (
            b"POST /graphql HTTP/1.1\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n{",
            408,
            "REQUEST_TIMEOUT",
        ),
        (b"GET /graphql HTTP/1.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n", 400, "BAD_REQUEST"),
        (
            b"GET / HTTP/1.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
            b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
            404,
            "NOT_FOUND",
        ),
    ],
    ids=lambda value: repr(value[:40]) if isinstance(value, bytes) else str(value),
)
def test_what_is_no_request_or_not_a_whole_one_is_refused_in_json(
    address: str, sent: bytes, status: int, code: str
) -> None:
    found, body = said(address, sent)

    assert (found, body["errors"][0]["extensions"]["code"]) == (status, code)


def test_whoever_connects_and_says_nothing_is_let_go(address: str) -> None:
    where = urlsplit(address)
    with closing(socket.create_connection((where.hostname or "", where.port or 0), timeout=20)) as line:
        assert line.recv(1) == b""


def test_a_large_body_that_comes_with_its_head_is_no_large_head(address: str) -> None:
    body = json.dumps({"query": "{ __typename }"}) + " " * 200_000

    assert httpx2.post(f"{address}/graphql", content=body, headers={"Content-Type": "application/json"}).json()["data"]
