"""The floor that the registry is measured against: each question of the bench is one hand-written statement.

SQLite itself makes the JSON; around it stand the same server, framework and headers as around the registry, and nothing
else. It reads what everybody may see, checks nothing and knows nobody: it is for the bench only. Run as a module it
serves the database whose path it is given, and says where.
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

from registry.web.envelope import PlainSpoken
from schema.execution.run import CACHED

QUESTIONS = Path(__file__).parent / "questions"


def floor(database: str) -> Starlette:
    """An application that answers `{"question": …, "variables": …}` with what the statement of that name gives."""
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

    headed = Middleware(PlainSpoken, hsts_seconds=0)
    return Starlette(routes=[Route("/", answer, methods=["POST"])], middleware=[headed], lifespan=lifespan)


def main(database: str) -> None:
    """Serves the floor on any free port of this machine, in the way in which the registry is served."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        print(f"http://127.0.0.1:{listener.getsockname()[1]}", flush=True)
        configuration = uvicorn.Config(
            floor(database), ws="none", log_level="warning", access_log=False, server_header=False
        )
        uvicorn.Server(configuration).run(sockets=[listener])


if __name__ == "__main__":
    main(sys.argv[1])
