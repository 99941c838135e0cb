"""The files of GraphiQL, made by `registry/web/graphiql-source/build.js` and served from our own origin.

Their names carry what is in them, so that browsers keep them for a year; they are compressed once and kept so.
"""

import gzip
from functools import cache
from pathlib import Path
from typing import Any

import orjson
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

FOLDER = Path(__file__).parent / "static" / "graphiql"
ADDRESS = "/static/graphiql"

#: What GraphiQL may load. Its editor writes style sheets of its own, and its pictures are within them.
POLICY = (
    "default-src 'none'; script-src 'self'; worker-src 'self'; connect-src 'self'; style-src 'self' 'unsafe-inline';"
    " font-src 'self' data:; img-src 'self' data:; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)

KINDS = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".ttf": "font/ttf",
    ".txt": "text/plain; charset=utf-8",
}


@cache
def manifest() -> dict[str, Any]:
    """What the bundle is made of: packages with versions and licences, and each file with its SHA-256."""
    made: dict[str, Any] = orjson.loads((FOLDER / "manifest.json").read_bytes())
    return made


def entry() -> dict[str, str]:
    """The addresses of the script and the style sheet that the page loads."""
    return {kind: f"{ADDRESS}/{name}" for kind, name in manifest()["entry"].items()}


def workers() -> dict[str, str]:
    """The addresses of the workers that read GraphQL and JSON beside the page."""
    return {kind: f"{ADDRESS}/{name}" for kind, name in manifest()["workers"].items()}


def send(request: Request) -> Response:
    """A file of the bundle; what the manifest does not name is not there."""
    name = request.path_params["file"]
    if name not in manifest()["files"] and name != "manifest.json":
        raise HTTPException(404)
    lasting = name not in ("manifest.json", "LICENCES.txt")
    headers = {
        "Content-Type": KINDS[Path(name).suffix],
        "Cache-Control": "public, max-age=31536000, immutable" if lasting else "public, no-cache",
        "Vary": "Accept-Encoding",
    }
    if "gzip" not in request.headers.get("accept-encoding", ""):
        return Response((FOLDER / name).read_bytes(), headers=headers)
    return Response(_compressed(name), headers=headers | {"Content-Encoding": "gzip"})


@cache
def _compressed(name: str) -> bytes:
    return gzip.compress((FOLDER / name).read_bytes(), compresslevel=9, mtime=0)
