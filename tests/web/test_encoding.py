"""Answers are compressed as the client asks for."""

import gzip
from collections.abc import Callable

import brotli  # type: ignore[import-untyped]
import httpx2
import pytest
import zstandard

from registry.web.encoding import chosen


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
