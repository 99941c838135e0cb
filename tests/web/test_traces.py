"""Spans: one for each operation and each statement, in the trace of whoever asked, and nothing of what was asked."""

import subprocess
import sys
from collections.abc import Iterator

import httpx2
import pytest
import sqlalchemy as sa
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import StatusCode

from registry.settings import Settings
from registry.telemetry import traces
from registry.telemetry.noting import STATEMENTS
from tests.servers import HOME, serving, until
from tests.web.talking import talk

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"


@pytest.fixture
def spans() -> Iterator[InMemorySpanExporter]:
    """What is traced meanwhile."""
    exporter, provider = InMemorySpanExporter(), traces.provided("1")
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    traces.trace_with(provider)
    yield exporter
    traces.trace_with(None)
    provider.shutdown()


def named(exporter: InMemorySpanExporter, name: str) -> ReadableSpan:
    """The span of that name, once it has ended."""
    until(lambda: name in {span.name for span in exporter.get_finished_spans()}, f"there is no span {name}")
    return next(span for span in exporter.get_finished_spans() if span.name == name)


def test_an_operation_and_its_statements_are_spans_of_the_askers_trace(
    any_seeded: sa.Engine, spans: InMemorySpanExporter
) -> None:
    url = any_seeded.url.render_as_string(hide_password=False)
    with serving(Settings(database_url=url)) as address:
        query = "query Find($code: CountryCode!) { country(code: $code) { code agreements { nodes { title } } } }"
        asked = {"query": query, "variables": {"code": "DE"}}
        headers = {"traceparent": f"00-{TRACE}-00f067aa0ba902b7-01"}
        assert "errors" not in httpx2.post(f"{address}/graphql", json=asked, headers=headers).json()
        span = named(spans, "query Find")

    statements = [
        each for each in spans.get_finished_spans() if each.parent and each.parent.span_id == span.context.span_id
    ]
    assert f"{span.context.trace_id:032x}" == TRACE
    assert {f"{each.context.trace_id:032x}" for each in statements} == {TRACE}
    assert {"SELECT country", "SELECT agreement"} <= {each.name for each in statements}
    assert span.attributes
    assert span.attributes["registry.statements"] == len(statements)
    assert (span.attributes["registry.way"], span.attributes["registry.code"]) == ("plan", "OK")
    assert all(each.start_time <= each.end_time for each in statements if each.start_time and each.end_time)
    told = [str(value) for each in (span, *statements) for value in (each.attributes or {}).values()]
    assert "DE" not in told
    assert not any("SELECT " in value for value in told)


def test_an_operation_over_a_websocket_is_a_span(seeded: sa.Engine, spans: InMemorySpanExporter) -> None:
    with serving(Settings(database_url=seeded.url.render_as_string())) as address, talk(address) as socket:
        socket.answer("query OverSocket { about { sequence } }")

        assert named(spans, "query OverSocket").attributes


def test_a_request_that_fails_inside_is_marked_as_an_error(
    seeded: sa.Engine, spans: InMemorySpanExporter, monkeypatch: pytest.MonkeyPatch
) -> None:
    from registry.web.graphql import Endpoint

    async def fail(*_: object) -> None:
        raise RuntimeError("a secret")

    monkeypatch.setattr(Endpoint, "_once", fail)
    with serving(Settings(database_url=seeded.url.render_as_string())) as address:
        httpx2.post(f"{address}/graphql", json={"query": "query Broken { about { sequence } }"})
        span = named(spans, "query Broken")

    assert span.status.status_code is StatusCode.ERROR
    assert "a secret" not in span.to_json()


@pytest.mark.parametrize(
    ("environment", "asked"),
    [
        ({}, False),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:4318"}, True),
        ({"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://127.0.0.1:4318"}, True),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:4318", "OTEL_SDK_DISABLED": "true"}, False),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:4318", "OTEL_TRACES_EXPORTER": "none"}, False),
    ],
)
def test_there_are_traces_where_the_environment_asks_for_them(environment: dict[str, str], asked: bool) -> None:
    assert traces.asked(environment) is asked


def test_without_traces_nothing_of_them_is_imported_and_statements_tell_nobody() -> None:
    code = "import registry.web.app, sys; print([name for name in sys.modules if name.startswith('opentelemetry')])"
    said = subprocess.run([sys.executable, "-c", code], cwd=HOME, capture_output=True, text=True, check=True)

    assert said.stdout.strip() == "[]"
    assert STATEMENTS.tell is None
    assert not traces.tracing()
