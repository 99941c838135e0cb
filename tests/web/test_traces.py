"""Spans: one for each operation and each statement, in the trace of whoever asked, and nothing of what was asked."""

import gzip
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

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
from tests.servers import HOME, served, serving, until
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

    monkeypatch.setattr(Endpoint, "_executed", fail)
    with serving(Settings(database_url=seeded.url.render_as_string())) as address:
        httpx2.post(f"{address}/graphql", json={"query": "query Broken { about { sequence } }"})
        span = named(spans, "query Broken")

    assert span.status.status_code is StatusCode.ERROR
    assert "a secret" not in span.to_json()


def test_what_is_no_operation_is_named_by_its_method_and_route(seeded: sa.Engine, spans: InMemorySpanExporter) -> None:
    with serving(Settings(database_url=seeded.url.render_as_string())) as address:
        httpx2.get(f"{address}/health/live")
        httpx2.request("PROPFIND", f"{address}/countries/DE")
        httpx2.get(f"{address}/countries/DE")
        span = named(spans, "GET /countries/{code}")

    assert span.attributes
    assert span.attributes["http.request.method"] == "GET"
    assert "graphql.operation.name" not in span.attributes
    names = {each.name for each in spans.get_finished_spans() if each.parent is None}
    assert names == {"GET /countries/{code}", "HTTP /countries/{code}"}


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


# ── Sent to a collector, by a server of its own ─────────────────────────────────────────────────────────────────────


@pytest.fixture
def received() -> Any:
    """What decodes what exporters send."""
    reason = "NOT TESTED: THE SENDING OF TRACES. Install the extra `otel`."
    pytest.importorskip("opentelemetry.exporter.otlp.proto.http", reason=reason)
    service = pytest.importorskip("opentelemetry.proto.collector.trace.v1.trace_service_pb2")
    return service.ExportTraceServiceRequest.FromString


@contextmanager
def collecting(decode: Any) -> Iterator[tuple[str, list[Any], list[Any]]]:
    """A collector: its address, and the resources and the spans that it is sent."""
    resources: list[Any] = []
    spans: list[Any] = []

    class Collector(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            sent = decode(gzip.decompress(body) if self.headers["Content-Encoding"] == "gzip" else body)
            for each in sent.resource_spans if self.path == "/v1/traces" else ():
                resources.append({one.key: one.value.string_value for one in each.resource.attributes})
                spans.extend(span for scope in each.scope_spans for span in scope.spans)
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Collector) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}", resources, spans
        server.shutdown()
        thread.join()


def ended_after_a_question(url: str, folder: Path, environment: dict[str, str]) -> int:
    """How a server ends, on its database, that was asked something."""
    environment = {"REGISTRY_DRAIN_SECONDS": "0", **environment}
    with served("--database-url", url, folder=folder, environment=environment) as (process, address):
        query = 'query Find { country(code: "DE") { code agreements { nodes { title } } } }'
        headers = {"traceparent": f"00-{TRACE}-00f067aa0ba902b7-01"}
        assert "errors" not in httpx2.post(f"{address}/graphql", json={"query": query}, headers=headers).json()
        process.terminate()
        return process.wait(timeout=25)


def test_a_collector_is_sent_what_was_traced_before_the_server_ended(
    seeded: sa.Engine, tmp_path: Path, received: Any
) -> None:
    with collecting(received) as (address, resources, spans):
        environment = {"OTEL_EXPORTER_OTLP_ENDPOINT": address}
        assert ended_after_a_question(seeded.url.render_as_string(), tmp_path, environment) == 0

    (operation,) = (span for span in spans if span.name == "query Find")
    statements = [span for span in spans if span.parent_span_id == operation.span_id]
    assert resources[0]["service.name"] == "registry"
    assert operation.parent_span_id.hex() == "00f067aa0ba902b7"
    assert {"SELECT country", "SELECT agreement"} <= {span.name for span in statements}
    assert {span.trace_id.hex() for span in (operation, *statements)} == {TRACE}
    (number,) = (each.value.int_value for each in operation.attributes if each.key == "registry.statements")
    assert number == len(statements)


@pytest.mark.parametrize("silent", [False, True], ids=["nobody listens", "nobody answers"])
def test_a_server_answers_and_ends_soon_where_no_collector_takes_its_spans(
    seeded: sa.Engine, tmp_path: Path, received: Any, silent: bool
) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        if silent:
            nobody.listen()
        environment = {
            "OTEL_EXPORTER_OTLP_ENDPOINT": f"http://127.0.0.1:{nobody.getsockname()[1]}",
            "OTEL_EXPORTER_OTLP_TIMEOUT": "60",  # else it gives up by itself after ten seconds
        }
        assert ended_after_a_question(seeded.url.render_as_string(), tmp_path, environment) == 0
