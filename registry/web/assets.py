"""The files that pages load, each at an address that changes with what is in it, so that browsers keep it for long."""

import hashlib
from functools import cache
from os import PathLike, stat_result
from pathlib import Path

from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Receive, Scope, Send

FOLDER = Path(__file__).parent / "static"

#: Of a file at its own address, and of one that is asked for without saying in which state.
_LASTING, _CHANGING = "public, max-age=31536000, immutable", "public, no-cache"


@cache
def address(name: str) -> str:
    """Where a file is to be had in the state that it is in."""
    return f"/static/{name}?v={_state(FOLDER / name)}"


@cache
def _state(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()[:12]


class Assets(StaticFiles):
    """Gives the files, with leave to keep one for a year where its state was named."""

    def __init__(self) -> None:
        super().__init__(directory=FOLDER)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers with a whole file: they are small, and a part of one that is sent compressed would be of no use."""
        headers = [(name, value) for name, value in scope["headers"] if name != b"range"]
        await super().__call__({**scope, "headers": headers}, receive, send)

    def file_response(
        self, full_path: str | PathLike[str], stat_result: stat_result, scope: Scope, status_code: int = 200
    ) -> Response:
        """The file, or that whoever asks has it already."""
        response = super().file_response(full_path, stat_result, scope, status_code)
        named = scope["query_string"] == f"v={_state(Path(full_path))}".encode()
        response.headers["Cache-Control"] = _LASTING if named else _CHANGING
        del response.headers["Accept-Ranges"]
        response.headers["ETag"] = f"W/{response.headers['ETag']}"  # it may be sent compressed in one way or another
        return response
