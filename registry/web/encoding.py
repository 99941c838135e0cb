"""Compression of answers: by what the client ranks highest and, of what it ranks alike, by what suits most clients.

That is br before zstd: of our answers it makes as little or less, and there are clients that announce zstd but cannot
read it (GraphQL Code Generator on Node before 22.15). starlette-compress by itself takes zstd wherever it is named.

To compress an answer takes longer than to find it where it is kept. So what was made of an answer is kept as well,
under its very bytes: whatever the registry says meanwhile, they compress to the same.
"""

import asyncio
from functools import lru_cache, partial

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from starlette_compress import CompressMiddleware

from schema.execution.prepared import Recent

_OFFERED = ("br", "zstd", "gzip")

_ACCEPTED = b"accept-encoding"

#: Bytes of a response that are sent, and compressed in some milliseconds, before others have their turn.
PART = 65_536

#: Bytes of a response below which it is not worth while to compress it.
LEAST = 1_000

#: Bytes of a response up to which what it was compressed to is kept; how many are, and bytes of all of them together.
LONGEST, MOST, MOST_BYTES = 1_000_000, 2_000, 16_777_216


class Compressed(CompressMiddleware):
    """Compresses as the header Accept-Encoding asks for."""

    def __init__(self, app: ASGIApp) -> None:
        super().__init__(_in_parts(app), minimum_size=LEAST)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            accepted = b",".join(value for name, value in scope["headers"] if name == _ACCEPTED)
            # Not in a copy of the scope: what is found within, such as the route, is told to what lies without.
            if accepted:
                coding = chosen(accepted.decode("latin-1"))
                others = [header for header in scope["headers"] if header[0] != _ACCEPTED]
                scope["headers"] = [*others, (_ACCEPTED, (coding or "identity").encode())]
                if coding is not None:
                    scope["registry.packing"] = packing = _Packing(coding, send)
                    send = packing.sent
        await super().__call__(scope, receive, send)


class _Packing:
    """How one response is compressed: as it was before, where it is on hand; else that is kept for the next time."""

    def __init__(self, coding: str, send: Send) -> None:
        self._coding, self._send = coding, send
        self._start: Message | None = None
        self._name: tuple[str, bytes, bytes] | None = None
        self._parts: list[bytes] = []

    async def told(self, message: Message, compress: Send) -> None:
        """Takes a part of the response as it is: sends what is on hand for it, or has it compressed."""
        if message["type"] == "http.response.start":
            self._start = message
            return
        start, self._start = self._start, None
        if start is not None:
            self._name = self._name_of(start, message)
            if self._name is not None and (packed := _PACKED.get(self._name)) is not None:
                await self._send(self._headed(start, len(packed)))
                await self._send({"type": "http.response.body", "body": packed})
                return
            await compress(start)
        await compress(message)

    async def sent(self, message: Message) -> None:
        """Sends a part of the response as it was compressed, and keeps the whole."""
        await self._send(message)
        if self._name is None:
            return
        if message["type"] == "http.response.start":
            if MutableHeaders(raw=message["headers"]).get("content-encoding") != self._coding:
                self._name = None
        else:
            self._parts.append(message.get("body", b""))
            if not message.get("more_body", False):
                packed = b"".join(self._parts)
                _PACKED.keep(self._name, packed, len(self._name[2]) + len(packed))

    def _name_of(self, start: Message, message: Message) -> tuple[str, bytes, bytes] | None:
        """What a whole response is known by; None for one that comes in parts, or is nothing to keep."""
        body = message.get("body", b"")
        if start["status"] != 200 or message.get("more_body", False) or not LEAST <= len(body) <= LONGEST:
            return None
        headers = dict(start["headers"])
        if b"content-encoding" in headers or b"content-type" not in headers:
            return None
        return self._coding, headers[b"content-type"], body

    def _headed(self, start: Message, size: int) -> Message:
        headers = MutableHeaders(raw=start["headers"])
        headers["Content-Encoding"] = self._coding
        headers["Vary"] = ", ".join([*headers.getlist("Vary"), "Accept-Encoding"])
        headers["Content-Length"] = str(size)
        return start


_PACKED: Recent[bytes] = Recent(MOST, MOST_BYTES)


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

        packing: _Packing | None = scope.pop("registry.packing", None)
        await app(scope, receive, send_in_parts if packing is None else partial(packing.told, compress=send_in_parts))

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
