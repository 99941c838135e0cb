"""Compression of answers: by what the client ranks highest and, of what it ranks alike, by what suits most clients.

That is br before zstd: of our answers it makes as little or less, and there are clients that announce zstd but cannot
read it (GraphQL Code Generator on Node before 22.15). starlette-compress by itself takes zstd wherever it is named.
"""

import asyncio
from functools import lru_cache

from starlette.responses import Response
from starlette.types import Receive, Scope, Send
from starlette_compress import CompressMiddleware

_OFFERED = ("br", "zstd", "gzip")

_ACCEPTED = b"accept-encoding"

#: Bytes that are compressed in some milliseconds.
_SLICE = 131_072


class Compressed(CompressMiddleware):
    """Compresses as the header Accept-Encoding asks for."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            accepted = b",".join(value for name, value in scope["headers"] if name == _ACCEPTED)
            # Not in a copy of the scope: what is found within, such as the route, is told to what lies without.
            if accepted:
                others = [header for header in scope["headers"] if header[0] != _ACCEPTED]
                scope["headers"] = [*others, (_ACCEPTED, (chosen(accepted.decode("latin-1")) or "identity").encode())]
        await super().__call__(scope, receive, send)


async def send_in_turns(response: Response, scope: Scope, receive: Receive, send: Send) -> None:
    """Sends a response, a long one that is compressed in slices: others have their turn between two of them."""
    body = bytes(getattr(response, "body", b""))
    if len(body) <= _SLICE or not any(name == _ACCEPTED and value != b"identity" for name, value in scope["headers"]):
        await response(scope, receive, send)
        return
    await send({"type": "http.response.start", "status": response.status_code, "headers": response.raw_headers})
    for begin in range(0, len(body), _SLICE):
        part, more = body[begin : begin + _SLICE], begin + _SLICE < len(body)
        await send({"type": "http.response.body", "body": part, "more_body": more})
        await asyncio.sleep(0)


@lru_cache(maxsize=128)
def chosen(accepted: str) -> str | None:
    """The coding for a client that sends this header, or None where it takes none of those on offer."""
    ranks = dict(_rank(part) for part in accepted.lower().split(",") if part.strip())
    best = max(_OFFERED, key=lambda coding: ranks.get(coding, ranks.get("*", 0.0)))
    return best if ranks.get(best, ranks.get("*", 0.0)) > 0 else None


def _rank(part: str) -> tuple[str, float]:
    coding, *parameters = [piece.strip() for piece in part.split(";")]
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip() == "q":
            try:
                return coding, float(value)
            except ValueError:
                return coding, 0.0
    return coding, 1.0
