"""Connections as uvicorn holds them, kept from those who neither read nor write, or who do not speak HTTP.

What cannot be given to the application, because it is no request, is refused in the shape that all errors have.
"""

import asyncio
import socket
import struct
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

import orjson
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.http11 import Request
from websockets.protocol import State

from registry.web.refusing import Refused

#: Seconds that a websocket whose client does not read has to take the reason for its end.
LAST_WORDS = 2

#: Close code of a websocket whose client does not read: try again later (RFC 6455 and its registry).
NOT_READ = 1013

#: Bytes beyond what is on its way that the system keeps for a connection.
UNSENT = 131_072

#: Most bytes of the head of a request: address and headers.
MOST_OF_A_HEAD = 65_536


class _Read:
    """Part of a protocol: gives up a connection whose client has not read for as long as it may take.

    A stream of answers waits for its client; this is what keeps it from waiting for ever.
    """

    transport: asyncio.Transport
    loop: asyncio.AbstractEventLoop
    read_seconds: float
    _unread: asyncio.TimerHandle | None = None
    _last: asyncio.TimerHandle | None = None

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)  # type: ignore[misc]
        if hasattr(socket, "TCP_NOTSENT_LOWAT"):
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NOTSENT_LOWAT, UNSENT)

    def pause_writing(self) -> None:
        super().pause_writing()  # type: ignore[misc]
        self._unread = self.loop.call_later(self.read_seconds, self.give_up)

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


class Http(_Read, HttpToolsProtocol):
    """A connection over which requests come, each with a head that is whole in time and not too large.

    `left` is told the address and port of whoever has hung up.
    """

    write_seconds: float
    left: Callable[[Any], None]
    _in_head = True
    _head_bytes = 0
    _late: asyncio.TimerHandle | None = None
    _refused: Refused | None = None

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        self._late = self.loop.call_later(self.write_seconds, self._give_up_waiting)

    def connection_lost(self, exc: Exception | None) -> None:
        _stop(self._late)
        self.left(self.client)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self._in_head:
            self._head_bytes += len(data)
        super().data_received(data)
        if self._in_head and self._head_bytes and not self.transport.is_closing():
            if self._head_bytes > MOST_OF_A_HEAD:
                self._refuse(_too_large_a_head())
            elif self._late is None:
                self._late = self.loop.call_later(self.write_seconds, self._give_up_waiting)

    def on_headers_complete(self) -> None:
        _stop(self._late)
        self._late, self._in_head = None, False
        if self._head_bytes > MOST_OF_A_HEAD:  # or what has come of the body with it
            size = len(self.url) + sum(len(name) + len(value) for name, value in self.headers)
            if size > MOST_OF_A_HEAD:
                self._refused = _too_large_a_head()
                raise self._refused  # which the parser tells as what it could not read
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        super().on_message_complete()
        self._in_head, self._head_bytes = True, 0

    def send_400_response(self, msg: str) -> None:
        """Refuses what is no request."""
        self._refuse(self._refused or Refused(400, "This is no HTTP request that can be understood here."))

    def _give_up_waiting(self) -> None:
        self._late = None
        if self._head_bytes:
            self._refuse(Refused(408, "The request did not come whole in time.", "REQUEST_TIMEOUT"))
        else:
            self.transport.close()

    def _refuse(self, refused: Refused) -> None:
        body = _told(refused)
        head = b"content-type: application/json; charset=utf-8\r\ncontent-length: %d\r\nconnection: close\r\n\r\n"
        if not self.transport.is_closing():
            self.transport.write(STATUS_LINE[refused.status] + head % len(body) + body)
            self.transport.close()


def _too_large_a_head() -> Refused:
    said = f"Address and headers may have {MOST_OF_A_HEAD:,} bytes at most."
    return Refused(431, said, "HEADERS_TOO_LARGE", hint="Ask by POST.")


def _told(refused: Refused) -> bytes:
    return orjson.dumps({"errors": [refused.told()]})


class WebSocket(_Read, WebSocketsSansIOProtocol):
    """A connection that has become a websocket, or was to."""

    def handle_connect(self, event: Request) -> None:
        """Opens the socket, or tells why that cannot be done."""
        response = self.conn.accept(event)
        if response.status_code == HTTPStatus.SWITCHING_PROTOCOLS:
            super().handle_connect(event)
            return
        refused = Refused(response.status_code, "This is no request for a websocket that can be understood here.")
        response.body = _told(refused)
        for name, value in (("Content-Type", "application/json"), ("Content-Length", str(len(response.body)))):
            del response.headers[name]
            response.headers[name] = value
        self.handshake_initiated = self.handshake_complete = self.close_sent = True
        self.conn.send_response(response)
        self.transport.write(b"".join(self.conn.data_to_send()))
        self.transport.close()

    async def send(self, message: Any) -> None:
        """Sends a message of the application; one that it refuses is answered as well, which uvicorn forgets."""
        await super().send(message)
        if message["type"] == "websocket.http.response.body" and not message.get("more_body", False):
            self.handshake_complete = True

    def give_up(self) -> None:
        """Tells why, and what runs for the socket that it has ended; then ends the connection, be that read or not."""
        self._last = self.loop.call_later(LAST_WORDS, super().give_up)
        if self.conn.state is State.OPEN:
            self.queue.put_nowait({"type": "websocket.disconnect", "code": NOT_READ})
            self.stop_keepalive()
            self.conn.send_close(NOT_READ, "Messages were not read in time")
            self.transport.write(b"".join(self.conn.data_to_send()))
        self.transport.close()
