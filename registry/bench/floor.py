"""The floor that the registry is measured against: each question of the bench is one hand-written statement.

SQLite itself makes the JSON; around it stand the same server, framework and headers as around the registry, and nothing
else or, `within`, all that every request to the registry passes through: an id, identity, limits, counters. It reads
what everybody may see and checks nothing: it is for the bench only. Run as a module it serves the database whose path
it is given, and says where.
"""

import gc
import socket
import sqlite3
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import quote

import orjson
import uvicorn
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from registry.database import open_engine
from registry.settings import VERSION, Settings
from registry.telemetry.metrics import Metrics
from registry.web.app import around
from registry.web.auth import Door
from registry.web.crowd import Crowd
from registry.web.envelope import PlainSpoken
from schema.execution.run import CACHED

QUESTIONS = Path(__file__).parent / "questions"


def floor(database: str, within: Settings | None = None) -> Starlette:
    """An application that answers `{"question": …, "variables": …}` with what the statement of that name gives.

    With settings it stands `within` what stands around the registry that has them.
    """
    connection = sqlite3.connect(f"file:{quote(database)}?mode=ro", uri=True)
    connection.execute(f"PRAGMA cache_size = -{CACHED // 1_024}")  # as much as the registry has
    statements = {file.stem: file.read_text(encoding="utf-8") for file in QUESTIONS.glob("*.sql")}

    async def answer(request: Request) -> Response:
        asked = orjson.loads(await request.body())
        (found,) = connection.execute(statements[asked["question"]], asked["variables"]).fetchone()
        return Response(found, media_type="application/json")

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        gc.collect()
        gc.freeze()
        yield
        connection.close()

    route, outside = Route("/", answer, methods=["POST"]), [Middleware(PlainSpoken, hsts_seconds=0)]
    if within is not None:
        engine = open_engine(within.database_url)
        outside = [*around(within, Door(engine, within), Metrics(VERSION, engine.dialect.name), Crowd(), route)]
    return Starlette(routes=[route], middleware=outside, lifespan=lifespan)


def main(database: str, *within: str) -> None:
    """Serves the floor on any free port of this machine, in the way in which the registry is served.

    With a second word it stands within what stands around the registry that has the settings of the environment.
    """
    with socket.create_server(("127.0.0.1", 0)) as listener:
        print(f"http://127.0.0.1:{listener.getsockname()[1]}", flush=True)
        app = floor(database, Settings() if within else None)
        configuration = uvicorn.Config(app, ws="none", log_level="warning", access_log=False, server_header=False)
        uvicorn.Server(configuration).run(sockets=[listener])


if __name__ == "__main__":
    main(*sys.argv[1:])
