"""What is for those who run the registry: whether it lives and is ready, and its counters."""

import asyncio
import time
from ipaddress import ip_address

import sqlalchemy as sa
from prometheus_client.exposition import choose_encoder
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from registry import health
from registry.access import ANYONE, Role
from registry.away import cause_of, warn
from registry.database import is_moved
from registry.errors import DatabaseUnavailable
from registry.health import Finding, State
from registry.history import RegistryState, table_behind
from registry.settings import Settings
from registry.visibility import viewing
from registry.web.auth import METRICS, actor_of
from registry.web.counting import Counted
from registry.web.graphql import Endpoint
from registry.web.refusing import refusal, told
from schema.execution.prepared import Recent

#: Seconds that the database has to answer, and for which what was found holds: whoever asks often asks nothing more.
PATIENCE, HOLDS = 2.0, 1.0

_UNKEPT = {"Cache-Control": "no-store"}

#: Headers by which a proxy tells that it asks for somebody else.
_FORWARDED = ("forwarded", "x-forwarded-for", "x-real-ip", "via")


class Operations:
    """The addresses for operators. `draining` is set when the server is about to end."""

    def __init__(self, engine: sa.Engine, settings: Settings, endpoint: Endpoint, pages_made: Recent[bytes]) -> None:
        self._engine, self._settings = engine, settings
        self.metrics, self._knowledge = endpoint.metrics, endpoint.direct.knowledge
        self.counted = Counted(endpoint, pages_made)
        self.metrics.registry.register(self.counted)
        self._looking: asyncio.Task[list[Finding]] | None = None
        self._found: list[Finding] = []
        self._at = float("-inf")
        self.draining = False

    async def live(self, _request: Request) -> Response:
        """Says that the server runs, whatever the state of its database."""
        return JSONResponse({"status": "live"}, headers=_UNKEPT)

    async def ready(self, _request: Request) -> Response:
        """Says whether the server should be sent requests, and which check says so."""
        found = await self._findings()
        ready = not self.draining and all(each.ok for each in found)
        status = "ready" if ready else "draining" if self.draining else "not ready"
        checks = {each.name: each.state.value for each in found}
        return JSONResponse({"status": status, "checks": checks}, 200 if ready else 503, _UNKEPT)

    async def read_metrics(self, request: Request) -> Response:
        """The counters, as Prometheus or OpenMetrics has them."""
        if self._settings.metrics == "off":
            return refusal(404, [told("There is no such page.", code="NOT_FOUND")])
        if self._settings.metrics == "local" and not _may_read(request):
            hint = "Ask from the machine itself, with the key of an administrator, or with metrics_token."
            return refusal(403, [told("Metrics are not for everybody.", code="FORBIDDEN", hint=hint)])
        found = await self._findings()
        self.counted.ready = not self.draining and all(each.ok for each in found)
        try:
            encode, media_type = choose_encoder(request.headers.get("accept", ""))
        except (TypeError, ValueError):  # of a version that is none
            encode, media_type = choose_encoder("")
        body = await asyncio.to_thread(encode, self.metrics.registry)
        return Response(body, headers=_UNKEPT | {"Content-Type": media_type})

    # ── What is found out ─────────────────────────────────────────────────────────────────────────

    async def _findings(self) -> list[Finding]:
        """What was found out just now. One looks for all, and nobody waits for a database that does not answer."""
        if time.monotonic() - self._at < HOLDS:
            return self._found
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(asyncio.to_thread(self._look))
        try:
            self._found = await asyncio.wait_for(asyncio.shield(self._looking), PATIENCE)
        except TimeoutError:
            self._found = [_away("The database does not answer."), *self._look_around()]
        self._at = time.monotonic()
        return self._found

    def _look(self) -> list[Finding]:
        return [*self._look_within(), *self._look_around()]

    def _look_within(self) -> list[Finding]:
        file = health.database_file(self._settings)
        try:
            if file is not None and not file.is_file():  # which open connections do not notice
                return [_away("The file of the database is gone.")]
            with self._engine.connect() as connection:
                if is_moved(connection):
                    return [_away("The file of the database is another than was opened.")]
                tables = health.migrations(connection)
                found = health.rights(connection) if tables.ok else health.ANSWERS
            if tables.ok and found.ok:
                self.counted.position = self._position()
            if found is not health.ANSWERS:  # those who ask are told no more than that something is amiss
                warn(f"{found.told} {found.todo}")
        except (OSError, sa.exc.SQLAlchemyError, DatabaseUnavailable) as error:
            warn(f"The database cannot be used: {cause_of(error)}.")
            return [_away("The database cannot be reached.")]
        return [found, tables]

    def _position(self) -> int:
        """The position of the log, read as whoever bears no credential reads."""
        with viewing(self._engine, ANYONE.audiences).connect() as connection:
            return connection.execute(sa.select(table_behind(RegistryState).c.sequence)).scalar() or 0

    def _look_around(self) -> list[Finding]:
        return [health.disk(self._settings), health.snapshots(self._settings, self._knowledge.folder)]


def _away(told: str) -> Finding:
    return Finding("database", State.FAIL, told)


def _may_read(request: Request) -> bool:
    """Whether somebody may read the counters: from the machine itself, or by a credential."""
    actor = actor_of(request)
    if actor is METRICS or actor.role is Role.ADMIN:
        return True
    if request.client is None or any(name in request.headers for name in _FORWARDED):
        return False
    try:
        return ip_address(request.client.host).is_loopback
    except ValueError:
        return False
