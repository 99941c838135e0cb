"""What is told of each request once it is answered: a line in the log, counters, and a span where there are traces."""

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

from starlette.types import ASGIApp, Receive, Scope, Send
from strawberry.http import GraphQLRequestData

from registry.access import Actor
from registry.telemetry import logs, traces
from registry.telemetry.metrics import Metrics
from registry.telemetry.noting import OK, Noted, current
from registry.web.envelope import reply_to

#: What is asked so often that lines and spans about it would hide the others.
_UNTOLD = ("/health/live", "/health/ready", "/metrics")

#: The first operation of a document, wherever it stands.
_OPERATION = re.compile(r"(?:^|[\s},])(query|mutation|subscription)\b\s*([_A-Za-z][_0-9A-Za-z]*)?")
_BEGINS = re.compile(r"(?:[\s,\ufeff]|#[^\r\n]*)*(?:(query|mutation|subscription)\b\s*([_A-Za-z][_0-9A-Za-z]*)?|(\{))")

#: Status of a response that was never begun: the client had gone.
_GONE = 499


#: Characters of a document up to which the name of its operation is remembered.
_LONGEST_KEPT = 4_000


def named(query: str, operation_name: str | None) -> tuple[str, str]:
    """The name and the kind of an operation, read off a document that need not be valid; "" where it has no name."""
    find = _named if len(query) + len(operation_name or "") <= _LONGEST_KEPT else _named.__wrapped__
    return find(query, operation_name)


@lru_cache(maxsize=256)
def _named(query: str, operation_name: str | None) -> tuple[str, str]:
    found = _BEGINS.match(query)
    if found and (found[3] or operation_name in (None, "", found[2])):
        return found[2] or "", found[1] or "query"
    kinds = {each[2]: each[1] for each in _OPERATION.finditer(query)}
    if operation_name:
        return (operation_name, kinds[operation_name]) if operation_name in kinds else ("", "query")
    return next(((name or "", kind) for name, kind in kinds.items()), ("", "query"))


@contextmanager
def watched(asked: GraphQLRequestData, actor: Actor, metrics: Metrics) -> Iterator[None]:
    """Notes what becomes of an operation of a socket, which is answered within."""
    noted, begun = Noted(*named(asked.query or "", asked.operation_name)), time.perf_counter()
    current.set(noted)
    if traces.tracing():
        noted.span = traces.begun(())
    try:
        yield
    finally:
        seconds = time.perf_counter() - begun
        metrics.count(noted, seconds)
        if (log := logs.requests()) is not None:
            log.request({"route": "websocket", **_told(noted, seconds), "role": actor.role.value})
        if noted.span is not None:
            traces.ended(noted)


class Watched:
    """Notes what becomes of each request; of the operations of a socket, the socket tells."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self.app = app
        self.metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        noted, begun, failed = Noted(), time.perf_counter(), False
        current.set(noted)
        if traces.tracing() and scope["path"] not in _UNTOLD:
            noted.span = traces.begun(scope["headers"])
        try:
            await self.app(scope, receive, send)
        except Exception:  # told by whoever is around
            failed, noted.code = True, "INTERNAL_SERVER_ERROR"
            raise
        finally:
            seconds = time.perf_counter() - begun
            status = 500 if failed else reply_to(scope).status or _GONE
            route = self._name(scope, noted, status)
            self.metrics.count(noted, seconds)
            log = logs.requests()
            if log is not None and route not in _UNTOLD:
                log.request(_line(scope, noted, status, seconds, route))
            if noted.span is not None:
                more = {"http.route": route, "http.response.status_code": status}
                traces.ended(noted, scope["method"], **more)

    def _name(self, scope: Scope, noted: Noted, status: int) -> str:
        """Gives what was noted its name, kind and code, and returns the route."""
        route = getattr(scope.get("route"), "path", None) or "unknown"
        asked = scope.get("state", {}).get("asked")
        if asked is not None:
            noted.operation, noted.kind = named(asked.query or "", asked.operation_name)
        else:
            noted.operation, noted.kind = route, "http"
        if noted.code == OK and status >= 400:
            noted.code = f"HTTP_{status}"
        return route


def _line(scope: Scope, noted: Noted, status: int, seconds: float, route: str) -> dict[str, Any]:
    state, client = scope.get("state", {}), scope.get("client")
    told = {"method": scope["method"], "route": route, "status": status, **_told(noted, seconds)}
    if "actor" in state:
        told["role"] = state["actor"].role.value
    if client:
        told["client"] = logs.network(client[0])
    return told


def _told(noted: Noted, seconds: float) -> dict[str, Any]:
    told = {
        "ms": round(seconds * 1_000, 3),
        "kind": noted.kind,
        "operation": noted.operation[:100] or None,
        "code": noted.code,
        "way": noted.way or None,
        "apart": noted.apart or None,
        "cost": noted.cost,
        "sql": noted.statements,
        "sql_ms": round(noted.seconds * 1_000, 3),
        "trace_id": traces.id_of(noted.span),
    }
    return {name: value for name, value in told.items() if value is not None}
