"""Spans of OpenTelemetry, one for each operation and one for each SQL statement, where the environment asks for them.

The variables are the standard ones, such as OTEL_EXPORTER_OTLP_ENDPOINT; the packages are those of the extra `otel`.
Spans hold names and kinds, and nothing that a client or a record says. Where there are none, nothing is imported.
"""

import logging
import os
import re
import threading
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from registry.telemetry.noting import STATEMENTS, Noted

LOG = logging.getLogger("registry.telemetry")

_ASKING = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")

#: Seconds that the last spans have to be sent in when the process ends; a collector that is away must not hold it up.
PATIENCE = 2.0

#: Methods that spans name; any other word is as much as a client may make up.
_METHODS = {"GET", "HEAD", "POST", "OPTIONS", "PUT", "PATCH", "DELETE"}

#: What a statement does, and the first table that it names.
_VERB = re.compile(r"\s*(\w+)")
_TABLE = re.compile(r'\b(?:FROM|INTO|UPDATE)\s+(?:\w+\.)?"?(\w+)', re.IGNORECASE)

_tracer: Any = None


def asked(environment: Mapping[str, str] = os.environ) -> bool:
    """Whether the environment asks for traces."""
    if environment.get("OTEL_SDK_DISABLED", "").lower() == "true":
        return False
    exporter = environment.get("OTEL_TRACES_EXPORTER")
    return exporter != "none" and any(environment.get(name) for name in _ASKING)


@contextmanager
def sent(version: str) -> Iterator[None]:
    """Lets spans be made meanwhile, and sent where the environment says, if it asks for them."""
    provider = _sending(version) if asked() else None
    if provider is None:
        yield
        return
    trace_with(provider)
    try:
        yield
    finally:
        trace_with(None)
        ending = threading.Thread(target=provider.shutdown, daemon=True)
        ending.start()
        ending.join(PATIENCE)


def _sending(version: str) -> Any:
    """A provider that sends; None, with a warning, where its packages are missing."""
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter  # type: ignore[import-not-found, unused-ignore]
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ImportError:
        LOG.warning("Traces are asked for, but their packages are missing: install the extra `otel`.")
        return None
    provider = provided(version)
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    return provider


def provided(version: str) -> Any:
    """A provider of tracers for this service, which sends nowhere yet."""
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider

    named = Resource.create({"service.name": "registry", "service.version": version})
    given = Resource.create()  # what OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES say goes before
    return TracerProvider(resource=named.merge(given) if "OTEL_SERVICE_NAME" in os.environ else given.merge(named))


def trace_with(provider: Any) -> None:
    """Makes spans by a provider from now on; None makes none."""
    global _tracer
    _tracer = None if provider is None else provider.get_tracer("registry")
    STATEMENTS.tell = None if provider is None else _statement


def tracing() -> bool:
    """Whether spans are made."""
    return _tracer is not None


def begun(headers: Iterable[tuple[bytes, bytes]]) -> Any:
    """The span of a request, begun now, within that of whoever sent it."""
    from opentelemetry.trace import SpanKind
    from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

    carried = {name.decode("latin-1"): value.decode("latin-1") for name, value in headers if name.startswith(b"trace")}
    around = TraceContextTextMapPropagator().extract(carried)
    return _tracer.start_span("request", context=around, kind=SpanKind.SERVER)


def carried(span: Any) -> dict[str, str]:
    """The headers by which whoever works for a request learns of its span."""
    from opentelemetry.trace import set_span_in_context
    from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

    headers: dict[str, str] = {}
    TraceContextTextMapPropagator().inject(headers, set_span_in_context(span))
    return headers


def ended(noted: Noted, method: str = "", **more: Any) -> None:
    """Ends the span of an operation, or of another request by its method, with what was noted of it."""
    from opentelemetry.trace import StatusCode

    span = noted.span
    if noted.kind == "http":
        name, operation = f"{method if method in _METHODS else 'HTTP'} {noted.operation}", {}
    else:
        name = f"{noted.kind} {noted.operation}".strip()
        operation = {"graphql.operation.name": noted.operation}
        if noted.kind != "annex":  # there it is not known before the document is read
            operation["graphql.operation.type"] = noted.kind
    span.update_name(name)
    told = {
        **operation,
        "http.request.method": method if method in _METHODS or not method else "_OTHER",
        "registry.code": noted.code,
        "registry.way": noted.way,
        "registry.statements": noted.statements,
        **more,
    }
    span.set_attributes({name: value for name, value in told.items() if value != ""})
    if noted.code.startswith(("INTERNAL", "HTTP_5")):
        span.set_status(StatusCode.ERROR, noted.code)
    span.end()


def id_of(span: Any) -> str | None:
    """The id of the trace that a span belongs to, in hexadecimal."""
    return None if span is None else f"{span.get_span_context().trace_id:032x}"


def _statement(text: str, seconds: float, noted: Noted | None) -> None:
    """The span of a statement that has just ended: what it does to which table, and nothing of its values."""
    from opentelemetry.trace import SpanKind, set_span_in_context

    verb, named = _VERB.match(text), _TABLE.search(text)
    told = {"db.operation.name": verb[1].upper() if verb else "", "db.collection.name": named[1] if named else ""}
    around = set_span_in_context(noted.span) if noted is not None and noted.span is not None else None
    end = time.time_ns()
    span = _tracer.start_span(
        " ".join(filter(None, told.values())),
        context=around,
        kind=SpanKind.CLIENT,
        start_time=end - int(seconds * 1e9),
        attributes={name: value for name, value in told.items() if value},
    )
    span.end(end)
