"""GraphQL over HTTP: which requests are taken, which are refused, and how that is told."""

import json
from collections.abc import Iterator
from typing import Any

import httpx2
import pytest

JSON = "application/json"
GRAPHQL_JSON = "application/graphql-response+json"
TYPENAME = {"query": "{ __typename }"}
ANSWER = {"data": {"__typename": "Query"}}


@pytest.fixture(scope="module")
def http(server: str) -> Iterator[httpx2.Client]:
    with httpx2.Client(base_url=server, headers={"Accept": JSON}, timeout=30) as client:
        yield client


def refusal(answer: httpx2.Response, status: int, code: str) -> str:
    """The message of an answer that must be a refusal of this status and code, told as GraphQL tells errors."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"].startswith(JSON)
    assert answer.headers["x-content-type-options"] == "nosniff"
    body = answer.json()
    (error,) = body.pop("errors")
    assert (body, error.keys()) == ({}, {"message", "extensions"})
    assert error["extensions"]["code"] == code
    assert error["extensions"].keys() <= {"code", "hint"}
    message: str = error["message"]
    return message


def sent(http: httpx2.Client, content: Any, kind: str = JSON, **headers: str) -> httpx2.Response:
    return http.post("/graphql", content=content, headers={"Content-Type": kind, **headers})


def test_a_query_is_answered_by_post_and_by_get(http: httpx2.Client) -> None:
    by_post = http.post("/graphql", json=TYPENAME)
    by_get = http.get("/graphql", params=TYPENAME)

    assert by_post.json() == by_get.json() == ANSWER
    assert by_post.headers["content-type"] == by_get.headers["content-type"] == f"{JSON}; charset=utf-8"


def test_variables_and_an_operation_name_are_taken_both_ways(http: httpx2.Client) -> None:
    query = 'query A { __typename } query B($with: Boolean!) { __type(name: "Query") @include(if: $with) { name } }'
    asked = {"query": query, "operationName": "B", "variables": {"with": True}, "extensions": None}
    by_get = {"query": query, "operationName": "B", "variables": '{"with": true}'}

    assert http.post("/graphql", json=asked).json() == {"data": {"__type": {"name": "Query"}}}
    assert http.get("/graphql", params=by_get).json() == {"data": {"__type": {"name": "Query"}}}


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        (None, JSON),
        ("*/*", JSON),
        ("application/*", JSON),
        (JSON, JSON),
        (GRAPHQL_JSON, GRAPHQL_JSON),
        (f"{GRAPHQL_JSON}, {JSON};q=0.9", GRAPHQL_JSON),
        (f"{GRAPHQL_JSON};q=0.5, {JSON}", JSON),
        (f"{GRAPHQL_JSON}, {JSON}", GRAPHQL_JSON),
        (f"{JSON}, {GRAPHQL_JSON}", JSON),
        (f"{GRAPHQL_JSON}, {JSON}, text/event-stream, multipart/mixed", GRAPHQL_JSON),
        (f"{JSON};q=0, */*", GRAPHQL_JSON),
        ("TEXT/HTML, */*;q=0.8", JSON),
    ],
)
def test_an_answer_comes_in_the_form_the_client_prefers(
    http: httpx2.Client, accept: str | None, media_type: str
) -> None:
    request = http.build_request("POST", "/graphql", json=TYPENAME)
    del request.headers["accept"]
    if accept:
        request.headers["accept"] = accept

    answer = http.send(request)

    assert answer.headers["content-type"] == f"{media_type}; charset=utf-8"
    assert answer.headers["vary"].startswith("Accept, Authorization")
    assert answer.json() == ANSWER


@pytest.mark.parametrize("accept", ["image/png", "text/html", f"{JSON};q=0", f"{JSON};q=broken"])
def test_a_form_that_no_answer_has_is_refused(http: httpx2.Client, accept: str) -> None:
    refusal(http.post("/graphql", json=TYPENAME, headers={"Accept": accept}), 406, "NOT_ACCEPTABLE")


@pytest.mark.parametrize("query", ["{", "query A { noSuchField }", "query A { __typename } query A { __typename }"])
def test_a_query_that_was_not_executed_has_no_data(http: httpx2.Client, query: str) -> None:
    asked = {"query": query, "operationName": "A"}
    plain = http.post("/graphql", json=asked)
    strict = http.post("/graphql", json=asked, headers={"Accept": GRAPHQL_JSON})

    assert (plain.status_code, strict.status_code) == (200, 400)
    assert strict.headers["content-type"] == f"{GRAPHQL_JSON}; charset=utf-8"
    assert plain.json().keys() == strict.json().keys() == {"errors"}


@pytest.mark.parametrize(
    "body",
    [
        *[b"5", b'"x"', b"null", b"true", b"[]", b"[{}]", b"", b"{", b"NaN", b"\x1f\x8b\x08", b'{"query": "\xff"}'],
        *[b"[" * 100_000, b'{"a":' * 100_000, b'{"query": ' + b"9" * 5_000 + b"}", b'{"query": "\\ud800"}'],
    ],
    ids=lambda body: repr(body[:20]),
)
def test_a_body_that_is_no_object_in_json_is_refused(http: httpx2.Client, body: bytes) -> None:
    assert refusal(sent(http, body), 400, "BAD_REQUEST")


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("query", 5),
        ("query", {}),
        ("query", [""]),
        ("variables", "x"),
        ("variables", [1]),
        ("variables", 0),
        ("operationName", 1),
        ("operationName", []),
        ("extensions", "x"),
        ("extensions", False),
    ],
)
def test_a_member_of_the_wrong_type_is_refused_by_name(http: httpx2.Client, member: str, value: Any) -> None:
    message = refusal(http.post("/graphql", json={**TYPENAME, member: value}), 400, "BAD_REQUEST")

    assert message.startswith(f"`{member}` must be ")


@pytest.mark.parametrize("variables", ["{", "5", '"x"', "[1]", "\x00"])
def test_variables_by_get_that_are_no_object_are_refused(http: httpx2.Client, variables: str) -> None:
    answer = http.get("/graphql", params={**TYPENAME, "variables": variables})

    assert "`variables`" in refusal(answer, 400, "BAD_REQUEST")


@pytest.mark.parametrize("asked", [{}, {"query": ""}, {"query": None}, {"operationName": "A"}])
def test_a_request_without_a_query_is_refused(http: httpx2.Client, asked: dict[str, Any]) -> None:
    assert refusal(http.post("/graphql", json=asked), 400, "BAD_REQUEST") == "There is no query in the request."


def test_a_get_without_a_query_is_refused_unless_a_browser_asks(http: httpx2.Client) -> None:
    refusal(http.get("/graphql"), 400, "BAD_REQUEST")
    assert http.get("/graphql", headers={"Accept": "text/html"}).headers["content-type"].startswith("text/html")


def test_a_persisted_query_is_refused_with_the_code_that_clients_know(http: httpx2.Client) -> None:
    asked = {"extensions": {"persistedQuery": {"version": 1, "sha256Hash": "0" * 64}}}

    message = refusal(http.post("/graphql", json=asked), 400, "PERSISTED_QUERY_NOT_SUPPORTED")

    assert message == "PersistedQueryNotSupported"


@pytest.mark.parametrize(
    "kind",
    [
        "",
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        f"{JSON}; charset=latin-1",
    ],
)
def test_a_body_of_another_type_is_refused(http: httpx2.Client, kind: str) -> None:
    refusal(sent(http, json.dumps(TYPENAME), kind), 415, "UNSUPPORTED_MEDIA_TYPE")


@pytest.mark.parametrize("kind", [JSON, "Application/JSON", f"{JSON};charset=UTF-8", f'{JSON}; charset="utf-8"'])
def test_a_body_in_json_is_taken_however_its_type_is_written(http: httpx2.Client, kind: str) -> None:
    assert sent(http, json.dumps(TYPENAME), kind).json() == ANSWER


def test_a_compressed_body_is_refused(http: httpx2.Client) -> None:
    refusal(sent(http, b"\x1f\x8b", **{"Content-Encoding": "gzip"}), 415, "UNSUPPORTED_MEDIA_TYPE")


def test_a_body_of_up_to_a_megabyte_is_taken_and_more_is_refused(http: httpx2.Client) -> None:
    body = json.dumps(TYPENAME).encode()
    full = body + b" " * (1_000_000 - len(body))

    assert sent(http, full).json() == ANSWER
    refusal(sent(http, full + b" "), 413, "PAYLOAD_TOO_LARGE")


def test_a_body_that_does_not_announce_its_length_is_cut_off_as_well(http: httpx2.Client) -> None:
    refusal(sent(http, iter([b" " * 300_000] * 4)), 413, "PAYLOAD_TOO_LARGE")


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH"])
def test_another_method_is_refused_and_the_right_ones_are_named(http: httpx2.Client, method: str) -> None:
    answer = http.request(method, "/graphql", json=TYPENAME)

    refusal(answer, 405, "METHOD_NOT_ALLOWED")
    assert answer.headers["allow"] == "GET, HEAD, POST, OPTIONS"


@pytest.mark.parametrize(
    "query",
    [
        "query A { __typename } query B { __typename }",
        "query A { __typename } # query\nfragment F on Query { __typename } query B { __typename }",
    ],
)
def test_several_operations_without_a_name_to_choose_are_refused(http: httpx2.Client, query: str) -> None:
    assert "operationName" in refusal(http.post("/graphql", json={"query": query}), 400, "BAD_REQUEST")
    assert "operationName" in refusal(http.get("/graphql", params={"query": query}), 400, "BAD_REQUEST")


def test_the_word_query_in_a_name_or_a_text_does_not_make_a_second_operation(http: httpx2.Client) -> None:
    query = 'query query { __type(name: "query query") { name } }'

    assert http.post("/graphql", json={"query": query}).json() == {"data": {"__type": None}}


def test_an_operation_that_is_not_in_the_document_is_refused(http: httpx2.Client) -> None:
    answer = http.post("/graphql", json={"query": "query A { __typename }", "operationName": "B"})

    assert "data" not in answer.json()
    assert answer.json()["errors"]
