"""The application: which address leads where, and what opens and closes with the server."""

import gc
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from functools import partial
from urllib.parse import quote

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Match, Mount, Route, Router, WebSocketRoute
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.websockets import WebSocket
from starlette_compress import add_compress_type, remove_compress_type

from registry.countries import ISO_3166_1
from registry.database import open_engine
from registry.errors import BadInput
from registry.exchange.formats import Format
from registry.settings import Settings
from registry.telemetry.metrics import Metrics
from registry.web.assets import Assets
from registry.web.auth import Door, Identified
from registry.web.crowd import Crowd
from registry.web.encoding import Compressed
from registry.web.envelope import Numbered, PlainSpoken
from registry.web.etag import tagged
from registry.web.events import EVENTS
from registry.web.exchange import TEXTS, Exchange
from registry.web.feeds.changes import send_changes
from registry.web.feeds.deadlines import send_deadlines
from registry.web.graphiql import ADDRESS, send
from registry.web.graphql import Endpoint
from registry.web.operations import Operations
from registry.web.origins import CrossOrigin
from registry.web.pages import PAGES
from registry.web.pages.console import graphiql
from registry.web.pages.page import MOST_MADE, Page
from registry.web.pages.refusals import failed, refuse
from registry.web.paper.brief import Briefs
from registry.web.rates import Metered
from registry.web.refusing import GRAPHQL_JSON, refusal, told
from registry.web.watching import Watched
from schema import schema
from schema.execution.foundation import check
from schema.execution.prepared import Recent
from schema.published import sdl

#: The address that is asked most.
GRAPHQL = "/graphql"

for _media_type in (GRAPHQL_JSON, *TEXTS):
    add_compress_type(_media_type)
remove_compress_type(EVENTS)  # each event is to be there at once, and clients and proxies differ in what they unpack


def create_app(settings: Settings) -> Starlette:
    """The registry as an ASGI application. Its database must have been migrated.

    Raises `DatabaseUnavailable` where the database's address cannot be used, `BadInput` for a home country that is
    none, and `Unfounded` for a schema that promises values which it cannot have.
    """
    if settings.home_country not in ISO_3166_1:
        raise BadInput(f"REGISTRY_HOME_COUNTRY names no country: {settings.home_country}.", hint="Give one such as UZ.")
    check(schema)
    engine = open_engine(settings.database_url)
    door = Door(engine, settings)
    endpoint = Endpoint(engine, settings, door)
    exchange = Exchange(engine, settings, endpoint.direct.knowledge)
    briefs = Briefs()
    pages_made: Recent[bytes] = Recent(MOST_MADE, settings.answer_cache_bytes // 2)
    operations = Operations(engine, settings, endpoint, pages_made)
    text = sdl(schema)

    async def published_schema(request: Request) -> Response:
        if not settings.introspection:
            raise HTTPException(404)
        return tagged(PlainTextResponse(text), request)

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        await endpoint.direct.open()
        gc.collect()
        gc.freeze()  # what is there now stays: the collector need not walk it at every request
        yield
        await endpoint.close()
        exchange.close()
        door.close()
        door.lookups.close()
        engine.dispose()

    asked_most = Route(GRAPHQL, endpoint)
    app = Starlette(
        routes=[
            asked_most,
            WebSocketRoute(GRAPHQL, endpoint),
            *files_of(PAGES),
            *(Route(page.path, page.__call__, name=page.name) for page in PAGES),
            Route("/countries/{code}/brief.pdf", briefs.send),
            Route("/countries/{code}/deadlines.ics", send_deadlines),
            Route("/deadlines.ics", send_deadlines),
            Route("/countries/{code}/changes.atom", send_changes),
            Route("/changes.atom", send_changes),
            Route("/graphiql", graphiql),
            WebSocketRoute("/{path:path}", no_socket),
            Route("/schema.graphql", published_schema),
            Route("/import/{kind}", exchange.receive, methods=["POST"]),
            Route("/export/{file}", exchange.send),
            Route("/health/live", operations.live),
            Route("/health/ready", operations.ready),
            Route("/metrics", operations.read_metrics),
            Route(f"{ADDRESS}/{{file}}", send),
            Mount("/static", Assets()),
        ],
        middleware=list(around(settings, door, endpoint.metrics, endpoint.crowd, asked_most)),
        exception_handlers={HTTPException: refuse},
        lifespan=lifespan,
    )
    app.router.redirect_slashes, app.router.default = False, Unslashed(app.router)
    app.state.endpoint = endpoint
    app.state.settings = settings
    app.state.pages_made = pages_made
    app.state.operations = operations
    return app


def around(settings: Settings, door: Door, metrics: Metrics, crowd: Crowd, asked_most: Route) -> Iterator[Middleware]:
    """What every request passes through, from the outside inwards, each with one purpose.

    Answers hold no secret beside what a foreign page could have put there in a reader's name, as no cookie says who
    asks: so they may be compressed (BREACH).
    """
    yield Middleware(PlainSpoken, hsts_seconds=settings.hsts_seconds)
    yield Middleware(Numbered, failed=failed)
    yield Middleware(Watched, metrics=metrics)
    if settings.cors_origins:
        yield Middleware(CrossOrigin, origins=frozenset(settings.cors_origins.split()))
    yield Middleware(Identified, door=door)
    yield Middleware(Metered, settings=settings, crowd=crowd)
    yield Middleware(Straight, route=asked_most)
    yield Middleware(Compressed)


class Straight:
    """Leads requests straight to the route that is asked most, which compresses what it sends by itself."""

    def __init__(self, app: ASGIApp, route: Route) -> None:
        self.app = app
        self._route, self._endpoint = route, route.app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"] == scope.get("root_path", "") + self._route.path:
            scope["route"], scope["router"] = self._route, scope["app"].router
            await self._endpoint(scope, receive, send)
        else:
            await self.app(scope, receive, send)


class Unslashed:
    """Leads from an address with a slash at its end to the one without, where there is one; else there is none.

    It does so within the registry: the name that a request gives to the host is nobody's word but the client's.
    """

    def __init__(self, router: Router) -> None:
        self._router = router

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path: str = scope["path"]
        bare = {**scope, "path": path.rstrip("/")}
        if scope["type"] != "http" or bare["path"] == path or not self._leads(bare):
            await self._router.not_found(scope, receive, send)
            return
        asked = scope["query_string"].decode("latin-1")
        place = quote(bare["path"]) + (f"?{asked}" if asked else "")
        await Response(None, 307, {"Location": place, "Cache-Control": "no-store"})(scope, receive, send)

    def _leads(self, scope: Scope) -> bool:
        return any(route.matches(scope)[0] is not Match.NONE for route in self._router.routes)


def files_of(pages: Sequence[Page]) -> Iterator[Route]:
    """The addresses of what pages give as files."""
    for page in pages:
        for form in (Format.CSV, Format.XLSX) if page.files else ():
            yield Route(f"{page.path}{form.suffix}", partial(page.file, form=form))


async def no_socket(socket: WebSocket) -> None:
    """Refuses a websocket at any address that has none."""
    problem = told("There is no websocket here.", code="NOT_FOUND", hint="Open it at /graphql.")
    await socket.send_denial_response(refusal(404, [problem]))
