"""OpenID Connect tokens: who bears one, as the issuer that this registry trusts has signed it.

The issuer's public keys are kept and asked for anew every ten minutes. A key that is not among them is asked for once
more, as issuers change theirs; but not oftener than every half minute, whatever tokens come.
"""

import asyncio
import logging
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import httpx2
import orjson
from joserfc import jwt
from joserfc.errors import ExpiredTokenError, InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet
from joserfc.jws import JWSRegistry

from registry.access import ANYONE, OPERATOR, Actor, Role
from registry.errors import Unauthenticated, Unavailable
from registry.settings import Settings

#: Seconds: how long keys are taken for the issuer's, how long still if it does not answer, and between two questions.
FRESH, STALE, PAUSE = 600, 3_600, 30

#: Seconds that bearers wait for an issuer who is slow to renew keys that may still be used.
PATIENCE = 1.0

#: Characters of a name that the log tells of whoever bears a token.
LONGEST_NAME = 200

#: Seconds that an issuer may take to answer, and that clocks may differ by.
TIMEOUT, LEEWAY = 5, 60

#: Most bytes of an answer of the issuer that are read.
MOST_BYTES = 1_000_000

LOG = logging.getLogger("registry.tokens")

_HINT = "Log in again at the issuer, and send the token that it gives you."


class Tokens:
    """Reads the tokens of one issuer."""

    def __init__(self, settings: Settings) -> None:
        assert settings.oidc_issuer
        assert settings.oidc_audience
        self._issuer, self._address = settings.oidc_issuer, settings.oidc_jwks_url
        algorithms = settings.oidc_algorithms.split()
        # Issuers add headers of their own, which mean nothing to us; `crit` says which must be understood.
        self._signatures = JWSRegistry(algorithms=algorithms, strict_check_header=False)
        self._algorithms = algorithms
        self._claims = jwt.JWTClaimsRegistry(
            leeway=LEEWAY,
            iss={"essential": True, "value": settings.oidc_issuer},
            aud={"essential": True, "value": settings.oidc_audience},
            exp={"essential": True},
            sub={"essential": True},
        )
        self._role_claim = settings.oidc_role_claim.split(".")
        self._roles = {value: Role[role] for value, _, role in (p.partition("=") for p in settings.oidc_roles.split())}
        self._keys: KeySet | None = None
        self._asked = self._got = -STALE * 1.0
        self._turn = asyncio.Lock()
        self._renewing: asyncio.Task[KeySet] | None = None

    async def bearer(self, token: str) -> Actor:
        """Who bears a token. Raises `Unauthenticated`, or `Unavailable` where the issuer's keys cannot be had."""
        keys = await self._current()
        try:
            try:
                read = jwt.decode(token, keys, self._algorithms, self._signatures)
            except InvalidKeyIdError:
                read = jwt.decode(token, await self._renewed(), self._algorithms, self._signatures)
            self._claims.validate(read.claims)
        except ExpiredTokenError:
            raise Unauthenticated("The token has expired.", hint=_HINT) from None
        except (JoseError, ValueError, TypeError, RecursionError):
            raise Unauthenticated("The token is not one that is taken here.", hint=_HINT) from None
        subject = str(read.claims["sub"])
        if not _is_name(subject):
            raise Unauthenticated("The token is not one that is taken here.", hint=_HINT)
        preferred = read.claims.get("preferred_username")
        name = preferred if isinstance(preferred, str) and _is_name(preferred) else subject
        return Actor(name, self._role(read.claims), f"{self._issuer} {subject}")

    def _role(self, claims: Mapping[str, Any]) -> Role:
        """The highest of the roles that the token gives; PUBLIC where it gives none."""
        found: Any = claims
        for name in self._role_claim:
            found = found.get(name) if isinstance(found, Mapping) else None
        values = found if isinstance(found, list) else str(found).split() if isinstance(found, str) else []
        roles = [self._roles[value] for value in values if isinstance(value, str) and value in self._roles]
        return max(roles, key=[*Role].index, default=Role.PUBLIC)

    # ── The issuer's keys ──────────────────────────────────────────────────────────────────────────

    async def _current(self) -> KeySet:
        """Keys that may be taken for the issuer's."""
        if self._keys is None or self._age > STALE:
            async with self._turn:
                if self._keys is None or self._age > FRESH:
                    await self._ask()
        elif self._age > FRESH:
            if self._renewing is None or self._renewing.done():
                self._renewing = asyncio.create_task(self._renewed())
            await asyncio.wait([self._renewing], timeout=PATIENCE)
        if self._keys is None or self._age > STALE:
            raise Unavailable("The issuer of tokens does not answer.", hint="Try again in a minute.")
        return self._keys

    @property
    def _age(self) -> float:
        """Seconds since the keys came."""
        return time.monotonic() - self._got

    async def _renewed(self) -> KeySet:
        """The issuer's keys, asked for anew if that has not just been done."""
        async with self._turn:
            await self._ask()
            assert self._keys is not None
            return self._keys

    async def _ask(self) -> None:
        if time.monotonic() - self._asked < PAUSE:
            return
        self._asked = time.monotonic()
        try:
            async with asyncio.timeout(2 * TIMEOUT):
                self._keys = await self._fetched()
            self._got = time.monotonic()
        except (httpx2.HTTPError, httpx2.InvalidURL, TimeoutError, JoseError, ValueError, KeyError, TypeError) as error:
            LOG.warning("The issuer's keys cannot be had: %s", type(error).__name__)

    async def _fetched(self) -> KeySet:
        async with httpx2.AsyncClient(timeout=TIMEOUT, follow_redirects=False) as client:
            address = self._address
            if address is None:
                known = await self._got_json(client, f"{self._issuer.rstrip('/')}/.well-known/openid-configuration")
                if known["issuer"] != self._issuer:
                    raise ValueError("the configuration is that of another issuer")
                address = str(known["jwks_uri"])
                if urlsplit(address).scheme != urlsplit(self._issuer).scheme:
                    raise ValueError("the keys would come over another kind of line")
            return KeySet.import_key_set(await self._got_json(client, address))

    async def _got_json(self, client: httpx2.AsyncClient, address: str) -> Any:
        async with client.stream("GET", address) as answer:
            answer.raise_for_status()
            body = bytearray()
            async for chunk in answer.aiter_bytes():
                body += chunk
                if len(body) > MOST_BYTES:
                    raise ValueError("the answer is too long")
        return orjson.loads(bytes(body))


def _is_name(text: str) -> bool:
    """Whether the log may tell of somebody by this: it stands in one line, and means nobody who bears no token."""
    known = text.strip().casefold() in (ANYONE.name, OPERATOR.name)
    return text.isprintable() and bool(text.strip()) and len(text) <= LONGEST_NAME and not known
