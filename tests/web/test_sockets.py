"""GraphQL over a websocket: the protocol graphql-transport-ws, its bounds, and what bad clients get."""

import json
import logging
import time
from collections.abc import Iterator

import httpx2
import pytest
import sqlalchemy as sa
from websockets.exceptions import InvalidStatus

from registry.settings import Settings
from tests.servers import serving
from tests.web.talking import CHANGES, end_of, record, talk


@pytest.fixture
def address(seeded_copy: sa.Engine) -> Iterator[str]:
    """A server of its own, with narrow bounds."""
    settings = Settings(
        database_url=seeded_copy.url.render_as_string(),
        client_streams=3,
        socket_operations=4,
        socket_message_bytes=10_000,
        socket_init_seconds=0.4,
    )
    with serving(settings) as address:
        yield address


# ── What is answered ────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_query_is_answered_as_over_http(server: str) -> None:
    query = 'query($n: Int) { countries(first: $n) { totalCount nodes { name } } __type(name: "Query") { name } }'
    over_http = httpx2.post(f"{server}/graphql", json={"query": query, "variables": {"n": 2}}).json()

    with talk(server) as socket:
        assert socket.answer(query, n=2) == over_http
        assert socket.answer("{ knownAt }").keys() == {"data"}


def test_what_an_answer_costs_is_told_to_who_wants_to_know(server: str) -> None:
    asked = {"query": "{ countries(first: 2) { nodes { name } } }", "extensions": {"cost": True}}
    over_http = httpx2.post(f"{server}/graphql", json=asked).json()

    with talk(server) as socket:
        for query in (asked["query"], '{ __type(name: "Query") { name } }'):  # by a plan, and by GraphQL's walk
            socket.say({"id": "1", "type": "subscribe", "payload": {**asked, "query": query}})
            told = socket.hear()["payload"]
            assert told["extensions"]["cost"].keys() == over_http["extensions"]["cost"].keys()
            assert socket.hear()["type"] == "complete"
        assert socket.answer("{ countries(first: 2) { nodes { name } } }").keys() == {"data"}
    assert told["extensions"]["cost"]["points"] >= 1


def test_an_error_while_executing_is_part_of_the_result(server: str) -> None:
    with talk(server) as socket:
        told = socket.answer('{ knownAt node(id: "x") { id } }')

    assert told["data"]["node"] is None
    assert told["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("{", "GRAPHQL_PARSE_FAILED"),
        ("", "BAD_REQUEST"),
        ("{ nothing }", "GRAPHQL_VALIDATION_FAILED"),
        ("query A { knownAt } query B { knownAt }", "BAD_REQUEST"),
        ("query($n: Int!) { countries(first: $n) { totalCount } }", "BAD_USER_INPUT"),
        ('subscription { changes(after: "x") { sequence } }', "BAD_USER_INPUT"),
        ('subscription { changes(filter: {subjectId: "x"}) { sequence } }', "BAD_USER_INPUT"),
        ('subscription { changes(filter: {subjectType: ["Treaty"]}) { sequence } }', "BAD_USER_INPUT"),
        ("subscription { changes { sequence } more: changes { sequence } }", "GRAPHQL_VALIDATION_FAILED"),
    ],
)
def test_what_is_refused_before_it_is_executed_is_told_as_an_error_and_the_socket_stays(
    server: str, query: str, code: str
) -> None:
    with talk(server) as socket:
        socket.ask("1", query)
        told = socket.hear()

        assert (told["id"], told["type"]) == ("1", "error")
        assert [error["extensions"]["code"] for error in told["payload"]] == [code]
        assert socket.answer("{ __typename }") == {"data": {"__typename": "Query"}}


def test_a_directive_that_is_given_a_null_is_refused_over_a_socket_too(
    server: str, caplog: pytest.LogCaptureFixture
) -> None:
    query = 'query ($s: Boolean = true) {{ country(code: "DE") {} {{ name {} }} }}'
    with talk(server) as socket:
        inside = socket.answer(query.format("", "@skip(if: $s)"), s=None)
        socket.ask("1", query.format("@skip(if: $s)", ""), s=None)
        refused = socket.hear()

    assert inside["data"] == {"country": None}
    assert refused["type"] == "error"
    for (error,) in (inside["errors"], refused["payload"]):
        assert (error["extensions"]["code"], error["extensions"]["argument"]) == ("BAD_USER_INPUT", ["if"])
    assert "logId" not in caplog.text


def test_a_name_of_an_operation_says_which_is_meant(server: str) -> None:
    with talk(server) as socket:
        query = "query A { knownAt } query B { __typename }"
        socket.say({"id": "1", "type": "subscribe", "payload": {"query": query, "operationName": "B"}})
        assert socket.hear()["payload"] == {"data": {"__typename": "Query"}}


@pytest.mark.parametrize("name", ["C", ""])
@pytest.mark.parametrize(
    "query",
    ["query A { __typename }", "query A { knownAt } query B { knownAt }", "subscription A { changes { sequence } }"],
)
def test_a_name_that_no_operation_has_is_refused_as_over_http(
    server: str, caplog: pytest.LogCaptureFixture, query: str, name: str
) -> None:
    asked = {"query": query, "operationName": name}
    over_http = httpx2.post(f"{server}/graphql", json=asked, headers={"Accept": "application/json, text/event-stream"})
    with talk(server) as socket:
        socket.say({"id": "1", "type": "subscribe", "payload": asked})
        told = socket.hear()

        assert told == {"id": "1", "type": "error", "payload": over_http.json()["errors"]}
        assert over_http.status_code == 400
        assert told["payload"][0]["message"] == f'Unknown operation named "{name}".'
        assert socket.answer("{ __typename }") == {"data": {"__typename": "Query"}}
    assert "internal error" not in caplog.text


def test_who_writes_without_a_key_is_refused(server: str) -> None:
    mutation = (
        'mutation { institutionRegister(input: {reference: "a", name: "A", kind: MINISTRY, citations: [],'
        ' reason: "A test."}) { institution { id } } }'
    )
    with talk(server) as socket:
        assert socket.answer(mutation)["errors"][0]["extensions"]["code"] == "FORBIDDEN"


def test_changes_are_told_as_they_are_committed(address: str, seeded_copy: sa.Engine) -> None:
    with talk(address) as socket:
        socket.ask("live", CHANGES, after=end_of(seeded_copy))
        for reference in ("a", "b"):
            record(seeded_copy, reference, f"It is {reference}.")
            told = socket.hear()
            assert (told["id"], told["type"]) == ("live", "next")
            assert told["payload"]["data"]["changes"]["reason"] == f"It is {reference}."
        socket.say({"id": "live", "type": "complete"})
        record(seeded_copy, "c")
        assert socket.answer("{ __typename }") == {"data": {"__typename": "Query"}}  # and nothing else is heard


def test_an_id_can_be_used_again_once_its_operation_is_over(address: str, seeded_copy: sa.Engine) -> None:
    with talk(address) as socket:
        for reference in ("a", "b"):
            socket.ask("live", CHANGES, after=end_of(seeded_copy))
            record(seeded_copy, reference)
            assert socket.hear()["type"] == "next"
            socket.say({"id": "live", "type": "complete"})


def test_a_ping_is_answered_with_what_it_brought(server: str) -> None:
    with talk(server, init=None) as socket:
        socket.say({"type": "ping"})
        assert socket.hear() == {"type": "pong"}
        socket.say({"type": "ping", "payload": {"n": 1}})
        assert socket.hear() == {"type": "pong", "payload": {"n": 1}}
        socket.say({"type": "pong"})
        socket.say({"type": "connection_init", "payload": None})
        assert socket.hear() == {"type": "connection_ack"}


# ── What is refused ─────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "message",
    [
        "no JSON",
        "[]",
        "null",
        "5",
        '"text"',
        "{}",
        '{"type": 5}',
        '{"type": "start"}',
        '{"type": "connection_init", "payload": "text"}',
        '{"type": "subscribe", "payload": {"query": "{ knownAt }"}}',
        '{"type": "subscribe", "id": "", "payload": {"query": "{ knownAt }"}}',
        '{"type": "subscribe", "id": {}, "payload": {"query": "{ knownAt }"}}',
        '{"type": "subscribe", "id": "1"}',
        '{"type": "subscribe", "id": "1", "payload": "{ knownAt }"}',
        '{"type": "subscribe", "id": "1", "payload": {"query": 5}}',
        '{"type": "subscribe", "id": "1", "payload": {"query": "{ knownAt }", "variables": []}}',
        '{"type": "subscribe", "id": "1", "payload": {"query": "{ knownAt }", "operationName": 5}}',
        '{"type": "subscribe", "id": "1", "payload": {"query": "{ knownAt }", "extensions": 5}}',
        '{"type": "complete", "id": 5}',
        '{"type": "ping", "payload": 5}',
        "[" * 5_000,
        b"{}",
    ],
)
def test_a_bad_message_closes_the_socket_with_4400(
    server: str, message: str | bytes, caplog: pytest.LogCaptureFixture
) -> None:
    with talk(server) as socket:
        socket.say(message)
        assert socket.closing()[0] == 4400
    assert not [each for each in caplog.records if each.levelno >= logging.WARNING]


def test_an_id_that_is_empty_is_told_to_be_no_id(server: str) -> None:
    with talk(server) as socket:
        socket.ask("", "{ knownAt }")
        assert socket.closing() == (4400, "The `id` of a message `subscribe` must be a string that is not empty")


def test_who_does_not_say_who_they_are_in_time_is_closed_with_4408(address: str) -> None:
    with talk(address, init=None) as socket:
        begun = time.monotonic()
        assert socket.closing()[0] == 4408
        assert time.monotonic() - begun < 3


def test_who_asks_before_the_connection_is_acknowledged_is_closed_with_4401(server: str) -> None:
    with talk(server, init=None) as socket:
        socket.ask("1", "{ knownAt }")
        assert socket.closing()[0] == 4401


def test_who_initialises_twice_is_closed_with_4429(server: str) -> None:
    with talk(server) as socket:
        socket.say({"type": "connection_init"})
        assert socket.closing()[0] == 4429


def test_an_id_that_is_in_use_closes_the_socket_with_4409(server: str) -> None:
    with talk(server) as socket:
        socket.ask("live", CHANGES)
        socket.ask("live", CHANGES)
        assert socket.closing()[0] == 4409


@pytest.mark.parametrize("protocols", [[""], ["graphql-ws"], ["some", "thing"]])
def test_only_the_one_protocol_is_spoken(server: str, protocols: list[str]) -> None:
    with talk(server, *protocols, init=None) as socket:
        assert socket.socket.subprotocol is None
        assert socket.closing()[0] == 4406


def test_the_protocol_is_found_among_several(server: str) -> None:
    with talk(server, "graphql-ws", "graphql-transport-ws") as socket:
        assert socket.socket.subprotocol == "graphql-transport-ws"


def test_a_page_of_another_origin_may_not_open_a_socket(server: str) -> None:
    with pytest.raises(InvalidStatus) as refused, talk(server, origin="http://elsewhere.example"):
        pass
    assert refused.value.response.status_code == 403

    with talk(server, origin=server) as socket:
        assert socket.answer("{ __typename }")


# ── Bounds ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_socket_has_so_many_operations_and_no_more(address: str) -> None:
    with talk(address) as socket:
        for number in range(4):
            socket.ask(str(number), CHANGES)
        socket.ask("more", CHANGES)
        told = socket.hear()
        assert (told["id"], told["type"]) == ("more", "error")
        assert told["payload"][0]["extensions"] == {"code": "TOO_MANY_OPERATIONS"}

        socket.say({"id": "0", "type": "complete"})
        assert socket.answer("{ __typename }")


def test_a_client_has_so_many_streams_and_no_more(address: str) -> None:
    with talk(address), talk(address), talk(address) as last:
        with pytest.raises(InvalidStatus) as refused, talk(address):
            pass
        response = refused.value.response
        assert (response.status_code, response.headers["retry-after"]) == (429, "10")
        assert json.loads(response.body)["errors"][0]["extensions"]["code"] == "TOO_MANY_STREAMS"

        by_events = httpx2.post(f"{address}/graphql", json={"query": CHANGES}, headers={"Accept": "text/event-stream"})
        assert (by_events.status_code, by_events.headers["content-type"]) == (429, "application/json; charset=utf-8")
        assert httpx2.post(f"{address}/graphql", json={"query": "{ __typename }"}).status_code == 200

        last.socket.close()
        assert _opens_within(address, 5)


def _opens_within(address: str, seconds: float) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            with talk(address):
                return True
        except InvalidStatus:
            time.sleep(0.05)
    return False


def test_a_message_that_is_too_large_closes_the_socket(address: str) -> None:
    with talk(address) as socket:
        socket.ask("1", "{ knownAt }" + " " * 10_000)
        assert socket.closing()[0] == 1009


def test_a_client_that_goes_away_in_the_middle_leaves_no_trace(
    address: str, seeded_copy: sa.Engine, caplog: pytest.LogCaptureFixture
) -> None:
    for _ in range(10):
        with talk(address) as socket:
            socket.ask("live", CHANGES)
            socket.ask(
                "query", "{ agreements(first: 50) { nodes { title acts { kind } parties { country { name } } } } }"
            )
            record(seeded_copy, f"source-{time.monotonic_ns()}")
            socket.socket.socket.close()
    assert _opens_within(address, 5)
    assert not [each for each in caplog.records if each.levelno >= logging.WARNING]
