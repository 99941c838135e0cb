"""GraphQL over server-sent events: what is answered, how a stream resumes, and what keeps it alive."""

import json
import logging
from collections.abc import Iterator
from typing import Any

import httpx2
import pytest
import sqlalchemy as sa

from registry.settings import Settings
from tests.servers import serving
from tests.web.talking import CHANGES, Event, end_of, events, record

EVENTS = "text/event-stream"
TYPENAME = {"data": {"__typename": "Query"}}

#: What urql sends with every query; with a subscription it names the last two alone.
URQL = (
    "application/graphql-response+json, application/graphql+json, application/json, text/event-stream, multipart/mixed"
)


@pytest.fixture
def address(seeded_copy: sa.Engine) -> Iterator[str]:
    """A server of its own, whose streams show often that they are alive."""
    settings = Settings(database_url=seeded_copy.url.render_as_string(), keep_alive_seconds=0.2)
    with serving(settings) as address:
        yield address


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_one_result_is_one_event_and_the_end(server: str, method: str) -> None:
    with events(server, "{ __typename }", method=method) as heard:
        assert list(heard) == [Event("next", TYPENAME), Event("complete", None)]


@pytest.mark.parametrize("query", ["{", "{ nothing }", "subscription { nothing }"])
def test_what_is_refused_is_told_as_an_event(server: str, query: str) -> None:
    with events(server, query) as heard:
        told, end = list(heard)

    assert told.data.keys() == {"errors"}
    assert end == Event("complete", None)


def test_lines_end_with_lf_alone_and_nobody_in_between_may_keep_or_change_them(server: str) -> None:
    answer = httpx2.post(f"{server}/graphql", json={"query": "{ __typename }"}, headers={"Accept": EVENTS})

    assert answer.content == b':\n\nevent: next\ndata: {"data":{"__typename":"Query"}}\n\nevent: complete\ndata:\n\n'
    assert answer.headers["cache-control"] == "no-cache, no-transform"
    assert answer.headers["x-accel-buffering"] == "no"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "etag" not in answer.headers


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        (URQL, "application/graphql-response+json"),
        ("text/event-stream, multipart/mixed", EVENTS),
        ("text/event-stream, application/json", EVENTS),
        ("application/json, text/event-stream", "application/json"),
        ("text/event-stream;q=0.5, application/json;q=0.1", EVENTS),
        ("*/*", "application/json"),
    ],
)
def test_a_query_is_answered_as_events_only_where_they_are_preferred(server: str, accept: str, kind: str) -> None:
    answer = httpx2.post(f"{server}/graphql", json={"query": "{ __typename }"}, headers={"Accept": accept})

    assert answer.headers["content-type"].split(";")[0] == kind


@pytest.mark.parametrize("accept", [URQL, "*/*", "text/event-stream"])
def test_a_subscription_is_answered_as_events_wherever_they_are_accepted(
    address: str, seeded_copy: sa.Engine, accept: str
) -> None:
    with events(address, CHANGES, headers={"Accept": accept}, after=end_of(seeded_copy)) as heard:
        record(seeded_copy, "a")
        assert next(heard).name == "next"


def test_a_subscription_is_refused_where_events_are_not_accepted(server: str) -> None:
    answer = httpx2.post(f"{server}/graphql", json={"query": CHANGES}, headers={"Accept": "application/json"})

    assert answer.status_code == 406
    assert answer.json()["errors"][0]["extensions"]["code"] == "NOT_ACCEPTABLE"


def test_a_mutation_is_not_taken_by_get(server: str) -> None:
    query = 'mutation { institutionRegister(input: {reference: "a"}) { institution { id } } }'
    answer = httpx2.get(f"{server}/graphql", params={"query": query}, headers={"Accept": EVENTS})

    assert (answer.status_code, answer.headers["allow"]) == (405, "POST")


@pytest.mark.parametrize("asked", [5, {}, {"query": "query A { knownAt } query B { knownAt }"}])
def test_a_request_that_cannot_be_made_out_is_refused_as_json(server: str, asked: Any) -> None:
    answer = httpx2.post(f"{server}/graphql", json=asked, headers={"Accept": EVENTS})

    assert answer.status_code == 400
    assert answer.headers["content-type"].startswith("application/json")


def test_an_event_source_resumes_from_the_last_event_it_had(address: str, seeded_copy: sa.Engine) -> None:
    begin = end_of(seeded_copy)
    with events(address, CHANGES, method="GET", after=begin) as heard:
        for reference in ("a", "b", "c"):
            record(seeded_copy, reference, f"It is {reference}.")
        first = next(heard)
    assert first.data["data"]["changes"]["reason"] == "It is a."
    assert first.id == first.data["data"]["changes"]["cursor"]

    # The address of an EventSource stays as it was, with an older cursor in it.
    with events(address, CHANGES, method="GET", headers={"Last-Event-ID": first.id}, after=begin) as heard:
        assert [next(heard).data["data"]["changes"]["reason"] for _ in range(2)] == ["It is b.", "It is c."]


def test_a_last_event_of_somebody_else_is_refused(server: str) -> None:
    with events(server, CHANGES, headers={"Last-Event-ID": "5"}) as heard:
        told, end = list(heard)

    assert told.data["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"
    assert end.name == "complete"


def test_a_silent_stream_shows_that_it_is_alive(address: str) -> None:
    with (
        httpx2.Client(timeout=5) as client,
        client.stream("POST", f"{address}/graphql", json={"query": CHANGES}, headers={"Accept": EVENTS}) as answer,
    ):
        lines = answer.iter_lines()
        assert [next(lines) for _ in range(6)] == [":", "", ":", "", ":", ""]


def test_a_client_that_goes_away_is_forgotten(seeded_copy: sa.Engine, caplog: pytest.LogCaptureFixture) -> None:
    settings = Settings(database_url=seeded_copy.url.render_as_string(), client_streams=2, keep_alive_seconds=0.2)
    with serving(settings) as address:
        for number in range(6):
            with _when_not_full(address, end_of(seeded_copy)) as heard:
                record(seeded_copy, f"source-{number}")
                assert next(heard).name == "next"
    assert not [each for each in caplog.records if each.levelno >= logging.WARNING]


def _when_not_full(address: str, after: str) -> Any:
    """The events of a subscription; a server may take a moment to notice that others have gone."""
    for _ in range(100):
        answer = httpx2.post(
            f"{address}/graphql", json={"query": "{ __typename }"}, headers={"Accept": EVENTS}, timeout=5
        )
        if answer.status_code == 200:
            break
        assert json.loads(answer.content)["errors"][0]["extensions"]["code"] == "TOO_MANY_STREAMS"
    return events(address, CHANGES, after=after)
