"""The server process: uvicorn, which gives up clients that do not read, and ends with streams open."""

import asyncio
import logging
import socket
import struct
import time
from collections.abc import Callable
from types import FrameType
from typing import Any

import uvicorn
from starlette.applications import Starlette
from uvicorn.protocols.http.auto import AutoHTTPProtocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.protocol import State

from registry.settings import Settings
from registry.web.operations import Operations
from registry.web.streams import Streams

#: Seconds that requests under way have to end when the server does.
GRACE = 4

#: Seconds that a websocket whose client does not read has to take the reason for its end.
LAST_WORDS = 2

#: Close code of a websocket whose client does not read: try again later (RFC 6455 and its registry).
NOT_READ = 1013


#: Bytes beyond what is on its way that the system keeps for a connection.
UNSENT = 131_072


class _Read:
    """Part of a protocol: gives up a connection whose client has not read for as long as it may take.

    A stream of answers waits for its client; this is what keeps it from waiting for ever.
    """

    transport: asyncio.Transport
    loop: asyncio.AbstractEventLoop
    seconds: float
    _unread: asyncio.TimerHandle | None = None
    _last: asyncio.TimerHandle | None = None

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)  # type: ignore[misc]
        if hasattr(socket, "TCP_NOTSENT_LOWAT"):
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NOTSENT_LOWAT, UNSENT)

    def pause_writing(self) -> None:
        super().pause_writing()  # type: ignore[misc]
        self._unread = self.loop.call_later(self.seconds, self.give_up)

    def resume_writing(self) -> None:
        super().resume_writing()  # type: ignore[misc]
        _stop(self._unread)

    def connection_lost(self, exc: Exception | None) -> None:
        _stop(self._unread)
        _stop(self._last)
        super().connection_lost(exc)  # type: ignore[misc]

    def give_up(self) -> None:
        """Ends the connection, and with it what the system still has to send."""
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.transport.abort()

    @property
    def _socket(self) -> socket.socket:
        found: socket.socket = self.transport.get_extra_info("socket")
        return found


def _stop(timer: asyncio.TimerHandle | None) -> None:
    if timer is not None:
        timer.cancel()


class _WebSocket(_Read, WebSocketsSansIOProtocol):
    def give_up(self) -> None:
        """Tells why, and what runs for the socket that it has ended; then ends the connection, be that read or not."""
        self._last = self.loop.call_later(LAST_WORDS, super().give_up)
        if self.conn.state is State.OPEN:
            self.queue.put_nowait({"type": "websocket.disconnect", "code": NOT_READ})
            self.stop_keepalive()
            self.conn.send_close(NOT_READ, "Messages were not read in time")
            self.transport.write(b"".join(self.conn.data_to_send()))
        self.transport.close()


#: What uvicorn tells of its own doings at each start and end, which is no news.
logging.getLogger("uvicorn").setLevel(logging.WARNING)


def server(app: Starlette, settings: Settings, started: Callable[[], None] = lambda: None) -> "Server":
    """A server of the application, not yet started, which calls `started` once it is."""

    class Http(_Read, AutoHTTPProtocol):  # type: ignore[misc, valid-type]
        seconds = settings.slow_reader_seconds

    class WebSocket(_WebSocket):
        seconds = settings.slow_reader_seconds

    configuration = uvicorn.Config(
        app,
        http=Http,
        ws=WebSocket,
        ws_max_size=settings.socket_message_bytes,
        ws_per_message_deflate=False,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=GRACE,
    )
    return Server(configuration, app.state.endpoint.streams, app.state.operations, settings.drain_seconds, started)


class Server(uvicorn.Server):
    """A server that says when it has started, and lets streams end before it waits for requests to end."""

    def __init__(
        self,
        configuration: uvicorn.Config,
        streams: Streams,
        operations: Operations,
        drain_seconds: float,
        started: Callable[[], None],
    ) -> None:
        super().__init__(configuration)
        self._streams, self._operations, self._tell = streams, operations, started
        self._drain_seconds = drain_seconds

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._tell()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self._operations.draining = True
        super().handle_exit(sig, frame)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._operations.draining = True
        until = time.monotonic() + self._drain_seconds
        while time.monotonic() < until and not self.force_exit:
            await asyncio.sleep(min(0.1, self._drain_seconds))
        self._streams.end()
        await super().shutdown(sockets)
