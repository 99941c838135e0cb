"""Who asks: the credential of a request, made into an actor before anything else is done with the request."""

import asyncio
import hmac
import logging
import time
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.websockets import WebSocket

from registry import keys
from registry.access import ANYONE, Actor, Role
from registry.errors import DatabaseHeld, RegistryError, Unauthenticated, Unavailable
from registry.settings import Settings
from registry.web.accept import preferred
from registry.web.lookups import Lookups
from registry.web.refusing import GRAPHQL_JSON, JSON, refusal, told
from registry.web.tokens import Tokens

LOG = logging.getLogger("registry.auth")

#: Most characters of a credential; no key and no sensible token is as long.
LONGEST = 16_000

#: Seconds between two writings of when keys were last used.
NOTE_EVERY = 60

#: Who bears the token of the setting `metrics_token`: nobody, but for the counters.
METRICS = Actor("metrics", Role.PUBLIC)

_HINT = "Send `Authorization: Bearer` with an API key or a token, or nothing at all to ask as anybody may."


class Door:
    """Knows who bears a credential: an API key, or a token of the issuer that the settings name."""

    def __init__(self, engine: sa.Engine, settings: Settings) -> None:
        self._engine = engine
        self.lookups = Lookups(engine, settings.statement_seconds)
        self._metrics = settings.metrics_token.get_secret_value().encode() if settings.metrics_token else None
        self._tokens = Tokens(settings) if settings.oidc_issuer else None
        self._used: dict[int, datetime] = {}
        self._noted = time.monotonic()
        self._noting: asyncio.Task[None] | None = None

    async def actor(self, authorization: str | None) -> Actor:
        """Who sent this `Authorization`; nobody in particular where there is none.

        Raises `Unauthenticated` where it opens nothing, whatever the reason, and `Unavailable` where nobody can say.
        """
        if authorization is None:
            return ANYONE
        key, actor = await self._holder(authorization)
        if key is not None:
            self._note_use(key)
        return actor

    async def lapsed(self, authorization: str | None, actor: Actor, every: float) -> None:
        """Ends once an `Authorization` does not make its bearer this actor any more, being looked at every so often."""
        while True:
            await asyncio.sleep(every)
            try:
                if authorization is not None and (await self._holder(authorization))[1] != actor:
                    return
            except Unauthenticated:
                return
            except (Unavailable, sa.exc.SQLAlchemyError):
                LOG.warning("Whether a credential still holds could not be found out.", exc_info=True)

    async def _holder(self, authorization: str) -> tuple[int | None, Actor]:
        """The key that was sent, if it was one, and who bears it."""
        scheme, _, credential = authorization.strip().partition(" ")
        credential = credential.strip()
        if scheme.lower() != "bearer" or not credential or len(credential) > LONGEST or not credential.isascii():
            raise Unauthenticated("The credential cannot be read.", hint=_HINT)
        if self._metrics and hmac.compare_digest(credential.encode(), self._metrics):
            return None, METRICS
        if credential.startswith(keys.MARK):
            return await self.lookups.run(keys.holder, credential)
        if self._tokens is None:
            raise Unauthenticated("The credential is no API key, and tokens are not taken here.", hint=_HINT)
        return None, await self._tokens.bearer(credential)

    def _note_use(self, key: int) -> None:
        """Remembers that a key was used; all that were are written down together, once a minute and beside the answer.

        Each writing ends the life of all answers kept, so that it should not come with every request.
        """
        self._used[key] = datetime.now(UTC).replace(second=0, microsecond=0)
        if time.monotonic() - self._noted >= NOTE_EVERY:
            self._noted = time.monotonic()
            self._noting = asyncio.create_task(asyncio.to_thread(self.close))

    def close(self) -> None:
        """Writes down which keys were used since it was done last."""
        used, self._used = self._used, {}
        if used:
            try:
                keys.note_uses(self._engine, used)
            except (Unavailable, DatabaseHeld, sa.exc.SQLAlchemyError):
                LOG.warning("When keys were last used could not be written down.", exc_info=True)


class Identified:
    """Finds out who sends each request, as `request.state.actor`, and turns away whoever cannot say so rightly."""

    def __init__(self, app: ASGIApp, door: Door) -> None:
        self.app = app
        self.door = door

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        given = [value for name, value in scope["headers"] if name == b"authorization"]
        try:
            if len(given) > 1:
                raise Unauthenticated("There are several credentials.", hint=_HINT)
            actor = await self.door.actor(given[0].decode("latin-1")) if given else ANYONE
        except Unauthenticated as refused:
            challenge = 'Bearer realm="registry", error="invalid_token"'
            response = _refusal(scope, refused, 401, {"WWW-Authenticate": challenge})
        except Unavailable as refused:
            response = _refusal(scope, refused, 503, {"Retry-After": str(refused.seconds)})
        else:
            scope.setdefault("state", {})["actor"] = actor
            await self.app(scope, receive, send)
            return
        if scope["type"] == "websocket":
            await WebSocket(scope, receive, send).send_denial_response(response)
        else:
            await response(scope, receive, send)


def actor_of(request: Any) -> Actor:
    """Who sent a request, as the door has found."""
    actor: Actor = request.scope.get("state", {}).get("actor", ANYONE)
    return actor


def _refusal(scope: Scope, refused: RegistryError, status: int, headers: dict[str, str]) -> Response:
    problem = told(refused.message, code=refused.code, hint=refused.hint)
    media_type = preferred(Headers(scope=scope).get("accept", JSON), (JSON, GRAPHQL_JSON)) or JSON
    return refusal(status, [problem], {"Vary": "Accept, Authorization", **headers}, media_type)
