"""Answers are compressed as the client asks for."""

import gzip
from collections.abc import Callable, Iterator

import brotli  # type: ignore[import-untyped]
import httpx2
import pytest
import zstandard
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from registry.web.encoding import LEAST, LONGEST, PART, Compressed, chosen


@pytest.mark.parametrize(
    ("accepted", "coding"),
    [
        ("gzip, deflate, br, zstd", "br"),
        ("zstd", "zstd"),
        ("br;q=0.5, zstd", "zstd"),
        ("GZIP;q=1.0, br;q=0.1, zstd;q=0.1", "gzip"),
        ("*", "br"),
        ("*;q=0.1, gzip", "gzip"),
        ("br;q=0, *", "zstd"),
        ("br;q=0, zstd;q=0, gzip;q=0", None),
        ("br;q=nonsense", None),
        ("deflate, identity", None),
        ("", None),
    ],
)
def test_the_coding_that_a_client_ranks_highest_is_chosen(accepted: str, coding: str | None) -> None:
    assert chosen(accepted) == coding


READ: dict[str, Callable[[bytes], bytes]] = {
    "br": brotli.decompress,
    "zstd": lambda packed: zstandard.ZstdDecompressor().decompressobj().decompress(packed),
    "gzip": gzip.decompress,
    "identity": bytes,
}


@pytest.mark.parametrize("coding", READ)
def test_an_answer_reads_the_same_in_every_coding(server: str, coding: str) -> None:
    with httpx2.stream("GET", f"{server}/schema.graphql", headers={"Accept-Encoding": coding}) as answer:
        raw = b"".join(answer.iter_raw())
    assert answer.headers.get("content-encoding", "identity") == coding
    assert "accept-encoding" in answer.headers["vary"].lower() or coding == "identity"

    plain = httpx2.get(f"{server}/schema.graphql", headers={"Accept-Encoding": "identity"}).content

    assert READ[coding](raw) == plain
    assert len(raw) < len(plain) / 4 or coding == "identity"


# ── What was compressed before ──────────────────────────────────────────────────────────────────────────────────────


def raw(url: str, coding: str) -> tuple[httpx2.Headers, bytes]:
    with httpx2.stream("GET", url, headers={"Accept-Encoding": coding}) as answer:
        return answer.headers, b"".join(answer.iter_raw())


@pytest.mark.parametrize("coding", ["br", "zstd", "gzip"])
@pytest.mark.parametrize("path", ["/schema.graphql", "/graphql?query={countries{nodes{code name}}}"])
def test_an_answer_that_was_compressed_before_is_the_same(server: str, path: str, coding: str) -> None:
    (first, packed), (second, again), (_, third) = (raw(server + path, coding) for _ in range(3))

    assert packed == again == third
    assert second["content-length"] == str(len(packed))
    own = {"content-length", "transfer-encoding", "date", "x-request-id", "ratelimit"}
    assert {name: first[name] for name in first if name not in own} == {
        name: second[name] for name in second if name not in own
    }


@pytest.fixture
def client() -> Iterator[TestClient]:
    async def answer(request: Request) -> Response:
        asked = request.query_params
        body = asked["of"].encode() * int(asked["size"])
        headers = {"Vary": "Accept"} | ({"Content-Encoding": "deflate"} if "packed" in asked else {})
        if "parts" in asked:
            return StreamingResponse(iter([body, body]), media_type=asked["type"], headers=headers)
        return Response(body, int(asked.get("status", 200)), headers, asked["type"])

    app = Starlette(routes=[Route("/", answer, methods=["GET", "HEAD"])], middleware=[Middleware(Compressed)])
    with TestClient(app) as client:
        yield client


@pytest.mark.parametrize("size", [1, LEAST - 1, LEAST, PART, PART + 1, 3 * PART, LONGEST, LONGEST + 1])
def test_whatever_its_size_an_answer_stays_the_same(client: TestClient, size: int) -> None:
    for of in "ab":
        for _ in range(3):
            answer = client.get("/", params={"of": of, "size": size, "type": "text/plain"})
            assert answer.text == of * size
            assert ("content-encoding" in answer.headers) == (size >= LEAST)
            assert answer.headers["vary"] == ("Accept, Accept-Encoding" if size >= LEAST else "Accept")


@pytest.mark.parametrize(
    ("more", "encoding"),
    [
        ({"type": "image/png"}, None),
        ({"type": "text/plain", "packed": "1"}, "deflate"),
        ({"type": "text/plain", "status": 404}, "br"),
        ({"type": "text/plain", "parts": "1"}, "br"),
    ],
)
def test_what_was_kept_of_one_answer_is_not_sent_for_one_of_another_kind(
    client: TestClient, more: dict[str, str], encoding: str | None
) -> None:
    asked = {"of": "c", "size": str(LEAST), "type": "text/plain"}
    for _ in range(2):
        assert client.get("/", params=asked).headers["content-encoding"] == "br"
    for _ in range(2):
        with client.stream("GET", "/", params=asked | more, headers={"Accept-Encoding": "br"}) as answer:
            found = b"".join(answer.iter_raw())
        assert answer.headers.get("content-encoding") == encoding
        plain = b"c" * LEAST * (2 if "parts" in more else 1)
        assert (brotli.decompress(found) if encoding == "br" else found) == plain


def test_a_head_is_told_without_a_body(client: TestClient) -> None:
    for _ in range(3):
        answer = client.head("/", params={"of": "d", "size": PART, "type": "text/plain"})
        assert (answer.status_code, answer.content) == (200, b"")
