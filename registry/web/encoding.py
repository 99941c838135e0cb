"""Compression of answers: by what the client ranks highest and, of what it ranks alike, by what suits most clients.

That is br before zstd: of our answers it makes as little or less, and there are clients that announce zstd but cannot
read it (GraphQL Code Generator on Node before 22.15). starlette-compress by itself takes zstd wherever it is named.
"""

from functools import lru_cache

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import Receive, Scope, Send
from starlette_compress import CompressMiddleware

_OFFERED = ("br", "zstd", "gzip")


class Compressed(CompressMiddleware):
    """Compresses as the header Accept-Encoding asks for."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            accepted = ",".join(Headers(scope=scope).getlist("accept-encoding"))
            # Not in a copy of the scope: what is found within, such as the route, is told to what lies without.
            scope["headers"] = list(scope["headers"])
            MutableHeaders(scope=scope)["accept-encoding"] = chosen(accepted) or "identity"
        await super().__call__(scope, receive, send)


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
