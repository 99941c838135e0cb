"""The server process: uvicorn, which gives up clients that do not read, and ends with streams open."""

import asyncio
import socket
from collections.abc import Callable

import uvicorn
from starlette.applications import Starlette
from uvicorn.protocols.http.auto import AutoHTTPProtocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from registry.settings import Settings
from registry.web.streams import Streams

#: Seconds that requests under way have to end when the server does.
GRACE = 4

#: Seconds that a websocket whose client does not read has to take the reason for its end.
LAST_WORDS = 2

#: Close code of a websocket whose client does not read: try again later (RFC 6455 and its registry).
NOT_READ = 1013


class _Read:
    """Part of a protocol: gives up a connection whose client has not read for as long as it may take.

    A server's stream of answers waits for its client; this is what keeps it from waiting for ever.
    """

    transport: asyncio.Transport
    loop: asyncio.AbstractEventLoop
    seconds: float = 20
    _unread: asyncio.TimerHandle | None = None

    def pause_writing(self) -> None:
        super().pause_writing()  # type: ignore[misc]
        self._unread = self.loop.call_later(self.seconds, self.give_up)

    def resume_writing(self) -> None:
        super().resume_writing()  # type: ignore[misc]
        self._stop()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop()
        super().connection_lost(exc)  # type: ignore[misc]

    def give_up(self) -> None:
        self.transport.abort()

    def _stop(self) -> None:
        if self._unread is not None:
            self._unread.cancel()
            self._unread = None


def server(app: Starlette, settings: Settings, started: Callable[[], None] = lambda: None) -> "Server":
    """A server of the application, not yet started, which calls `started` once it is."""

    class Http(_Read, AutoHTTPProtocol):  # type: ignore[misc, valid-type]
        seconds = settings.slow_reader_seconds

    class WebSocket(_Read, WebSocketsSansIOProtocol):
        seconds = settings.slow_reader_seconds

        def give_up(self) -> None:
            self.conn.fail(NOT_READ, "Messages were not read in time")
            self.transport.write(b"".join(self.conn.data_to_send()))
            self.close_sent = True
            self._unread = self.loop.call_later(LAST_WORDS, self.transport.abort)

    configuration = uvicorn.Config(
        app,
        http=Http,
        ws=WebSocket,
        ws_max_size=settings.socket_message_bytes,
        ws_per_message_deflate=False,
        log_level="warning",
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=GRACE,
    )
    return Server(configuration, app.state.endpoint.streams, started)


class Server(uvicorn.Server):
    """A server that says when it has started, and lets streams end before it waits for requests to end."""

    def __init__(self, configuration: uvicorn.Config, streams: Streams, started: Callable[[], None]) -> None:
        super().__init__(configuration)
        self._streams, self._tell = streams, started

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._tell()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._streams.end()
        await super().shutdown(sockets)
