"""GraphQL over server-sent events: a request whose response is a stream of results (distinct connections mode).

Events end lines with LF alone: not all clients split at CRLF.
"""

import asyncio
import logging
from collections.abc import AsyncGenerator, Callable, Coroutine, Sequence
from contextlib import aclosing
from typing import Any

import orjson
from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from registry.web.refusing import told
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

    A stream that the server ends before its time has no `complete`, so that clients resume; one whose client has no
    right to it any more, which is when `lapsed` ends, tells so.
    """

    def __init__(
        self,
        answers: AsyncGenerator[Answer, None],
        lapsed: Callable[[], Coroutine[Any, Any, None]],
        streams: Streams,
        client: str,
        keep_alive: float,
    ) -> None:
        super().__init__((), headers=_HEADERS, media_type=EVENTS)
        self._answers, self._lapsed, self._keep_alive = answers, lapsed, keep_alive
        self._streams, self._client = streams, client

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        works = (self._streams.ending.wait(), _disconnected(receive), self._lapsed())
        over = [asyncio.ensure_future(work) for work in works]
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
    answers: AsyncGenerator[Answer, None], over: Sequence[asyncio.Future[Any]], keep_alive: float
) -> AsyncGenerator[bytes, None]:
    yield _ALIVE
    coming: asyncio.Future[Answer | None] | None = None
    async with aclosing(answers):
        try:
            while not any(each.done() for each in over):
                coming = coming or asyncio.ensure_future(anext(answers, None))
                await asyncio.wait({coming, *over}, timeout=keep_alive, return_when=asyncio.FIRST_COMPLETED)
                if not coming.done():
                    yield _ALIVE
                    continue
                answer, coming = coming.result(), None
                yield _COMPLETE if answer is None else _event(answer)
                if answer is None:
                    return
            *_, lapsed = over
            if lapsed.done():
                yield _LAPSED + _COMPLETE
        except Exception:
            LOG.exception("A stream of events failed.")
        finally:
            if coming is not None:
                coming.cancel()
                await asyncio.wait([coming])


def _event(answer: Answer) -> bytes:
    name = f"id: {answer.cursor}\n".encode() if answer.cursor else b""
    return b"event: next\n" + name + b"data: " + answer.body + b"\n\n"


_LAPSED = _event(
    Answer(orjson.dumps({"errors": [told("The credential does not hold any more.", code="UNAUTHENTICATED")]}))
)
