"""What goes round every answer: an id, the headers that keep browsers from harm, and an answer where all else fails."""

import logging
from collections.abc import Callable, Iterable

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from registry.telemetry import note_fault, numbered

LOG = logging.getLogger("registry.web")

#: What a page may load: only what comes from here, and no script or style within the page itself.
POLICY = "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

_CSP = b"content-security-policy"

Header = tuple[bytes, bytes]

_POLICY = (_CSP, POLICY.encode())

#: Browsers take every answer for what it says it is, load nothing from elsewhere for it, show it in no foreign frame,
#: let no foreign page hold it, and tell nobody where a reader came from.
_FIXED = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"permissions-policy", b"camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
)

#: The beginnings of a response to a request, and of one that refuses to open a websocket.
_STARTS = ("http.response.start", "websocket.http.response.start")


class Reply:
    """What is known of the response to a request, wherever the request has got to.

    `status` is there once the response has begun. `headers` go with it beside its own, and what `late` gives then: all
    are added by one, so that a message need not pass everybody who has something to add.
    """

    __slots__ = ("headers", "late", "status")

    def __init__(self) -> None:
        self.status: int | None = None
        self.headers: list[Header] = []
        self.late: Callable[[], Iterable[Header]] = tuple


def reply_to(scope: Scope) -> Reply:
    """The reply to the request of a scope."""
    found: Reply = scope["registry.reply"]
    return found


def sent_with(scope: Scope) -> dict[bytes, bytes]:
    """The headers of a request by their names in small letters; of those that came twice, the first."""
    found: dict[bytes, bytes] | None = scope.get("registry.sent")
    if found is None:
        found = scope["registry.sent"] = dict(reversed(scope["headers"]))
    return found


class PlainSpoken:
    """Adds to every response what browsers need to know, over TLS also that they should always come so; and whatever
    else is to go with it, as its `Reply` says.
    """

    def __init__(self, app: ASGIApp, hsts_seconds: int) -> None:
        self.app = app
        self._plain = [*_FIXED]
        self._secure = [*_FIXED]
        if hsts_seconds:
            self._secure.append((b"strict-transport-security", b"max-age=%d" % hsts_seconds))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        fixed = self._secure if scope.get("scheme") in ("https", "wss") else self._plain
        reply = scope["registry.reply"] = Reply()

        async def send_with_headers(message: Message) -> None:
            if message["type"] in _STARTS:
                reply.status = message["status"]
                headers = [*message["headers"], *fixed, *reply.headers, *reply.late()]
                if _CSP not in dict(headers):
                    headers.append(_POLICY)
                message["headers"] = headers
            await send(message)

        await self.app(scope, receive, send_with_headers)


class Numbered:
    """Gives every request an id, told as `X-Request-Id` and to the log; whoever sends one has their own again.

    Where the application fails, the answer is what `failed` makes of the request and the id of the fault in the log.
    """

    def __init__(self, app: ASGIApp, failed: Callable[[Request, str], Response]) -> None:
        self.app = app
        self._failed = failed

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        reply, given = reply_to(scope), sent_with(scope).get(b"x-request-id", b"")
        reply.headers.append((b"x-request-id", numbered(given.decode("latin-1")).encode()))
        try:
            await self.app(scope, receive, send)
        except Exception as error:
            if reply.status is not None or scope["type"] == "websocket":
                raise
            log_id = note_fault(LOG, error, f"{scope['method']} {scope['path'][:200]!r}")
            await self._failed(Request(scope), log_id)(scope, receive, send)
