"""Compression of answers: by what the client ranks highest and, of what it ranks alike, by what suits most clients.

That is br before zstd: of our answers it makes as little or less, and there are clients that announce zstd but cannot
read it (GraphQL Code Generator on Node before 22.15). starlette-compress by itself takes zstd wherever it is named.
"""

import asyncio
from functools import lru_cache

from starlette.types import ASGIApp, Message, Receive, Scope, Send
from starlette_compress import CompressMiddleware

_OFFERED = ("br", "zstd", "gzip")

_ACCEPTED = b"accept-encoding"

#: Bytes of a response that are sent, and compressed in some milliseconds, before others have their turn.
PART = 65_536

#: Bytes of a response below which it is not worth while to compress it.
LEAST = 1_000


class Compressed(CompressMiddleware):
    """Compresses as the header Accept-Encoding asks for."""

    def __init__(self, app: ASGIApp) -> None:
        super().__init__(_in_parts(app), minimum_size=LEAST)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            accepted = b",".join(value for name, value in scope["headers"] if name == _ACCEPTED)
            # Not in a copy of the scope: what is found within, such as the route, is told to what lies without.
            if accepted:
                others = [header for header in scope["headers"] if header[0] != _ACCEPTED]
                scope["headers"] = [*others, (_ACCEPTED, (chosen(accepted.decode("latin-1")) or "identity").encode())]
        await super().__call__(scope, receive, send)


def _in_parts(app: ASGIApp) -> ASGIApp:
    """An application that sends what is large in parts: others have their turn between two of them."""

    async def parted(scope: Scope, receive: Receive, send: Send) -> None:
        async def send_in_parts(message: Message) -> None:
            body = message.get("body", b"")
            last = max(0, len(body) - 1) // PART * PART
            for start in range(0, last, PART):
                await send({"type": "http.response.body", "body": body[start : start + PART], "more_body": True})
                await asyncio.sleep(0)
            await send({**message, "body": body[last:]} if last else message)

        await app(scope, receive, send_in_parts)

    return parted


async def send_compressed(response: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
    """Sends a response that `Compressed` is not around."""
    scope["registry.response"] = response
    await _ALONE(scope, receive, send)


async def _alone(scope: Scope, receive: Receive, send: Send) -> None:
    await scope["registry.response"](scope, receive, send)


_ALONE = Compressed(_alone)


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
