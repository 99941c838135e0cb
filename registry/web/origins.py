"""Which pages of other origins may ask: those that the settings name, and by default none.

Credentials here are headers that a page must have been given, never cookies, so that no answer needs
`Access-Control-Allow-Credentials`. Starlette's own middleware refuses in plain text, and leaves `Vary` out of answers
to requests without an origin, which caches would then serve to everybody.
"""

from starlette.datastructures import MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from registry.web.refusing import refusal, told

_EXPOSED = (
    "Allow, Content-Disposition, ETag, Idempotency-Key, RateLimit, RateLimit-Policy, Retry-After, WWW-Authenticate,"
    " X-Request-Id"
)

_METHODS = "GET, HEAD, POST, OPTIONS"

#: A star stands for all headers but the one with the credential.
_HEADERS = "Authorization, Content-Type, *"

#: Seconds for which a browser need not ask again whether it may.
_REMEMBERED = "7200"


class CrossOrigin:
    """Lets pages of some origins, exactly as named, read what they ask for."""

    def __init__(self, app: ASGIApp, origins: frozenset[str]) -> None:
        self.app = app
        self._origins = origins

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = dict(scope["headers"])
        origin = headers.get(b"origin", b"").decode("latin-1")
        if origin and scope["method"] == "OPTIONS" and b"access-control-request-method" in headers:
            await self._preflight(origin)(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"]]
                answer = MutableHeaders(scope=message)
                answer.add_vary_header("Origin")
                if origin in self._origins:
                    answer["Access-Control-Allow-Origin"] = origin
                    answer["Access-Control-Expose-Headers"] = _EXPOSED
            await send(message)

        await self.app(scope, receive, send_with_headers)

    def _preflight(self, origin: str) -> Response:
        vary = {"Vary": "Origin, Access-Control-Request-Method, Access-Control-Request-Headers"}
        if origin not in self._origins:
            return refusal(403, [told("Pages of this origin may not ask.", code="ORIGIN_NOT_ALLOWED")], vary)
        allowed = {
            "Access-Control-Allow-Origin": origin,
            "Access-Control-Allow-Methods": _METHODS,
            "Access-Control-Allow-Headers": _HEADERS,
            "Access-Control-Max-Age": _REMEMBERED,
        }
        return Response(None, 204, {**vary, **allowed})
