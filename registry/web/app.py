"""The application: which address leads where, and what opens and closes with the server."""

import gc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from starlette.applications import Starlette
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Mount, Route, WebSocketRoute
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from registry.database import open_engine
from registry.settings import Settings
from registry.web.auth import Door, Identified
from registry.web.exchange import Exchange
from registry.web.graphql import Endpoint
from registry.web.pages import PAGES
from registry.web.pages.refusals import refuse
from schema import schema
from schema.execution.foundation import check

#: What a page may load: only what comes from here, and no script or style within the page itself.
POLICY = "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

#: Pages are compressed: they are read in ministries with a slow line.
COMPRESSED = Middleware(GZipMiddleware, minimum_size=1_000, compresslevel=6)


def create_app(settings: Settings) -> Starlette:
    """The registry as an ASGI application. Its database must have been migrated.

    Raises `DatabaseUnavailable` where the database's address cannot be used, and `Unfounded` for a schema that promises
    values which it cannot have.
    """
    check(schema)
    engine = open_engine(settings.database_url)
    door = Door(engine, settings)
    endpoint = Endpoint(engine, settings, door)
    exchange = Exchange(engine, settings)
    sdl = schema.as_str() + "\n"

    async def published_schema(_request: Request) -> Response:
        return PlainTextResponse(sdl)

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        gc.collect()
        gc.freeze()  # what is there now stays: the collector need not walk it at every request
        yield
        await endpoint.close()
        door.close()
        engine.dispose()

    app = Starlette(
        routes=[
            *(Route(page.path, page.__call__, name=page.name, middleware=[COMPRESSED]) for page in PAGES),
            Route("/graphql", endpoint),
            WebSocketRoute("/graphql", endpoint),
            Route("/schema.graphql", published_schema),
            Route("/import/{kind}", exchange.receive, methods=["POST"]),
            Route("/export/{file}", exchange.send),
            Route("/health/live", live),
            Mount("/static", StaticFiles(directory=Path(__file__).parent / "static"), middleware=[COMPRESSED]),
        ],
        middleware=[Middleware(PlainSpoken), Middleware(Identified, door=door)],
        exception_handlers={HTTPException: refuse, 500: refuse},
        lifespan=lifespan,
    )
    app.state.endpoint = endpoint
    app.state.settings = settings
    return app


async def live(_request: Request) -> Response:
    """Says that the server runs, whatever the state of its database."""
    return JSONResponse({"status": "live"})


class PlainSpoken:
    """Tells browsers to take every answer for what it says it is, and to load nothing from elsewhere for it."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers["X-Content-Type-Options"] = "nosniff"
                headers["Referrer-Policy"] = "no-referrer"
                headers["Content-Security-Policy"] = POLICY
            await send(message)

        await self.app(scope, receive, send_with_headers)
