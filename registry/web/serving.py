"""The server process: uvicorn, which gives up clients that neither read nor write, and ends with streams open."""

import asyncio
import logging
import socket
import sys
import time
from collections.abc import Callable
from types import FrameType

import uvicorn
from starlette.applications import Starlette

from registry.settings import Settings
from registry.web import connections
from registry.web.annexed import SWITCH
from registry.web.graphql import Endpoint
from registry.web.operations import Operations

#: Seconds that requests under way have to end when the server does.
GRACE = 3

#: What clients send that uvicorn has no use for.
_NO_NEWS = ("Invalid HTTP request received.", "Unsupported upgrade request.")

LOG = logging.getLogger("registry.web")

logging.getLogger("uvicorn.error").addFilter(lambda record: record.msg not in _NO_NEWS)
logging.getLogger("strawberry.ws").setLevel(logging.ERROR)  # it warns of each foreign origin


def server(app: Starlette, settings: Settings, started: Callable[[], None] = lambda: None) -> "Server":
    """A server of the application, not yet started, which calls `started` once it is."""

    class Http(connections.Http):
        read_seconds = settings.slow_reader_seconds
        write_seconds = settings.slow_writer_seconds
        left = staticmethod(app.state.endpoint.crowd.left)

    class WebSocket(connections.WebSocket):
        read_seconds = settings.slow_reader_seconds

    sys.setswitchinterval(SWITCH)
    configuration = uvicorn.Config(
        app,
        http=Http,
        ws=WebSocket,
        ws_max_size=settings.socket_message_bytes,
        ws_per_message_deflate=False,
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=bool(settings.trusted_proxies),
        forwarded_allow_ips=settings.trusted_proxies,
        timeout_graceful_shutdown=GRACE,
    )
    return Server(configuration, app.state.endpoint, app.state.operations, settings.drain_seconds, started)


class Server(uvicorn.Server):
    """A server that says when it has started, and lets streams end before it waits for requests to end."""

    def __init__(
        self,
        configuration: uvicorn.Config,
        endpoint: Endpoint,
        operations: Operations,
        drain_seconds: float,
        started: Callable[[], None],
    ) -> None:
        super().__init__(configuration)
        self._streams, self._annex = endpoint.streams, endpoint.annex
        self._operations, self._tell = operations, started
        self._drain_seconds = drain_seconds

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._annex.start()
            LOG.info("The server has started.")
            self._tell()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self._operations.draining = True
        super().handle_exit(sig, frame)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._operations.draining = True
        until = time.monotonic() + self._drain_seconds
        while time.monotonic() < until and not self.force_exit:
            await asyncio.sleep(min(0.1, self._drain_seconds))
        LOG.info("The server ends; %d streams are open.", self._streams.count)
        self._streams.end()
        await super().shutdown(sockets)
