"""GraphQL over server-sent events: a request whose response is a stream of results (distinct connections mode).

Events end lines with LF alone: not all clients split at CRLF.
"""

import asyncio
import logging
from collections.abc import AsyncGenerator, Collection
from contextlib import aclosing
from typing import Any

from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from registry.web.streams import Answer, Streams

EVENTS = "text/event-stream"

LOG = logging.getLogger("registry.web")

_HEADERS = {"Cache-Control": "no-cache, no-transform", "X-Accel-Buffering": "no"}

#: A comment, which keeps those in between from giving up a connection that is silent.
_ALIVE = b":\n\n"

_COMPLETE = b"event: complete\ndata:\n\n"


def only_event(body: bytes | memoryview) -> Response:
    """The one result of an operation, told as events."""
    return Response(_ALIVE + _event(Answer(bytes(body))) + _COMPLETE, headers=_HEADERS, media_type=EVENTS)


class EventStream(StreamingResponse):
    """The answers as events `next`, each with its cursor as id, and one `complete`.

    A stream that the server ends before its time has no `complete`, so that clients resume.
    """

    def __init__(self, answers: AsyncGenerator[Answer, None], streams: Streams, client: str, keep_alive: float) -> None:
        super().__init__((), headers=_HEADERS, media_type=EVENTS)
        self._answers, self._keep_alive = answers, keep_alive
        self._streams, self._client = streams, client

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        over = [asyncio.ensure_future(self._streams.ending.wait()), asyncio.ensure_future(_disconnected(receive))]
        try:
            with self._streams.opened(self._client):
                async with aclosing(_framed(self._answers, over, self._keep_alive)) as self.body_iterator:
                    await self.stream_response(send)
        finally:
            for each in over:
                each.cancel()


async def _disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _framed(
    answers: AsyncGenerator[Answer, None], over: Collection[asyncio.Future[Any]], keep_alive: float
) -> AsyncGenerator[bytes, None]:
    yield _ALIVE
    coming: asyncio.Future[Answer | None] | None = None
    async with aclosing(answers):
        try:
            while True:
                coming = coming or asyncio.ensure_future(anext(answers, None))
                await asyncio.wait({coming, *over}, timeout=keep_alive, return_when=asyncio.FIRST_COMPLETED)
                if any(each.done() for each in over):
                    return
                if not coming.done():
                    yield _ALIVE
                    continue
                answer, coming = coming.result(), None
                if answer is None:
                    break
                yield _event(answer)
            yield _COMPLETE
        except Exception:
            LOG.exception("A stream of events failed.")
        finally:
            if coming is not None:
                coming.cancel()
                await asyncio.wait([coming])


def _event(answer: Answer) -> bytes:
    name = f"id: {answer.cursor}\n".encode() if answer.cursor else b""
    return b"event: next\n" + name + b"data: " + answer.body + b"\n\n"
