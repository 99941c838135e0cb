"""What each client may spend: points as answers cost them, which come back with time.

A client is whoever bears a credential or, without one, an address. Each has a bucket of points; an answer is paid out
of it before it is worked out, and what is larger than what is left is refused with 429. So small questions go on being
answered beside large ones that have to wait. Every response says how much is left, by the headers of the IETF's
"RateLimit header fields for HTTP".
"""

import asyncio
import math
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from functools import lru_cache, partial
from ipaddress import IPv6Address, ip_address
from threading import Lock
from typing import Any, TypeVar

import orjson
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from registry import error_codes
from registry.access import ANYONE
from registry.errors import RateLimited, RegistryError, TurnedAway, Unavailable
from registry.settings import Settings
from registry.web.crowd import Crowd
from registry.web.envelope import Header, reply_to
from registry.web.refusing import JSON, refusal, told
from schema.execution import cost
from schema.execution.budget import BUDGET, Budget

#: Clients that are remembered; whoever has been away for longest is forgotten, and would have a full bucket anyway.
MOST_CLIENTS = 10_000

#: What is served for nothing, by the first part of its path: what others need to know of the server, and its files.
FREE = {"health", "metrics", "static"}

#: Points of what is no question, by the first part of its path.
PRICES = {"export": 2_000, "import": 2_000}

Kind = TypeVar("Kind", bound=RegistryError)


def _kinds(kind: type[Kind]) -> Iterator[type[Kind]]:
    """The kinds of error that are of a kind, wider ones last."""
    for each in kind.__subclasses__():
        yield from _kinds(each)
        yield each


#: What is turned away, by its code; where several have one, the widest.
AWAY = {each.code: each for each in _kinds(TurnedAway)}

#: Codes of what comes to nothing now, and may be asked for again as it is.
_NOT_NOW = {*AWAY, Unavailable.code, *(each.code for each in _kinds(Unavailable))}


class Bucket:
    """The points of one client, for any thread. Without a rate there are always enough."""

    __slots__ = ("_at", "_burst", "_lock", "_per_second", "_points")

    def __init__(self, per_second: float, burst: float) -> None:
        self._per_second, self._burst = per_second, burst
        self._points, self._at, self._lock = burst, time.monotonic(), Lock()

    def spend(self, points: int) -> None:
        """Takes points; what costs more than a full bucket takes all of it. Raises `RateLimited`."""
        if not self._per_second:
            return
        due = min(points, self._burst)
        with self._lock:
            left = self._fill()
            if due <= left:
                self._points = left - due
                return
        seconds = math.ceil((due - left) / self._per_second)
        hint = f"Ask again in {seconds} s, or for less: `X-GraphQL-Cost: 1` tells what an answer costs."
        remaining = max(0, int(left))
        details = {"cost": points, "remaining": remaining}
        said = f"The answer costs {points:,} points, and you have {remaining:,} left."
        raise RateLimited(said, seconds=seconds, hint=hint, details=details)

    def give_back(self, points: int) -> None:
        """Gives back points that were taken and not needed."""
        with self._lock:
            self._points = min(self._burst, self._points + points)

    def owe(self, points: int) -> None:
        """Takes points that were needed, be they there or not; what is missing has to come back first."""
        if self._per_second:
            with self._lock:
                self._points = min(self._burst, self._fill() - points)

    def lent(self, points: int) -> tuple[int, tuple[float, float, float]]:
        """What was taken for an answer of so many points, and what a loan begins with from which they can be taken."""
        taken = min(points, int(self._burst))
        with self._lock:
            return taken, (self._per_second, self._burst, self._fill() + taken)

    def left(self) -> tuple[int, int]:
        """The points that are left, and the seconds until there are as many as can be."""
        with self._lock:
            left = self._fill()
        return max(0, int(left)), math.ceil((self._burst - left) / self._per_second) if self._per_second else 0

    def _fill(self) -> float:
        now = time.monotonic()
        self._points = min(self._burst, self._points + (now - self._at) * self._per_second)
        self._at = now
        return self._points


class Loan(Bucket):
    """What may be spent elsewhere of a bucket; `taken` is to be taken from it afterwards, or given back."""

    __slots__ = ("taken",)

    def __init__(self, per_second: float, burst: float, left: float) -> None:
        super().__init__(per_second, burst)
        self._points, self.taken = left, 0

    def spend(self, points: int) -> None:
        """Takes points. Raises `RateLimited`."""
        super().spend(points)
        self.taken += min(points, int(self._burst))

    def give_back(self, points: int) -> None:
        """Gives back points that were not needed."""
        super().give_back(points)
        self.taken -= points


class Rates:
    """The buckets of those who asked last."""

    def __init__(self, settings: Settings) -> None:
        self._given = settings.client_points_per_second, settings.client_points_burst
        self._buckets: OrderedDict[Any, Bucket] = OrderedDict()
        per_second, burst = self._given
        self.policy = f'"points";q={burst};w={math.ceil(burst / per_second)}'.encode() if per_second else None

    def __len__(self) -> int:
        return len(self._buckets)

    def bucket(self, scope: Scope) -> Bucket:
        """The bucket of whoever sends a request."""
        client = _client(scope)
        found = self._buckets.get(client)
        if found is None:
            found = self._buckets[client] = Bucket(*self._given)
            if len(self._buckets) > MOST_CLIENTS:
                self._buckets.popitem(last=False)
        self._buckets.move_to_end(client)
        return found


def _client(scope: Scope) -> Any:
    actor = scope.get("state", {}).get("actor", ANYONE)
    if actor is not ANYONE:
        return actor
    client = scope.get("client")
    return _network(client[0]) if client else ""


@lru_cache(1_000)
def _network(address: str) -> str:
    """An address; of IPv6 the network, as one client has all the addresses in it."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, IPv6Address) and parsed.ipv4_mapped is None:
        return str(IPv6Address(int(parsed) >> 64 << 64))
    return str(parsed)


class Metered:
    """Gives each request its time and its client's bucket, and turns away what there is no time or no points for.

    It notes who asks, so that it is known whether anybody else waits.
    """

    def __init__(self, app: ASGIApp, settings: Settings, crowd: Crowd) -> None:
        self.app = app
        self.settings = settings
        self.crowd = crowd
        self.rates = Rates(settings)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        first = scope["path"].partition("/")[2].partition("/")[0]
        if first in FREE:
            await self.app(scope, receive, send)
            return
        bucket = self.rates.bucket(scope)
        if scope["type"] == "websocket":
            BUDGET.set(Budget(None, bucket))  # each operation over it has a time of its own
            await self.app(scope, receive, send)
            return
        self.crowd.met(scope.get("client"))
        if self.rates.policy is not None:
            reply_to(scope).late = partial(self._left, bucket)
        budget = Budget(self.settings.request_seconds, bucket, partial(_gone, receive))
        BUDGET.set(budget)
        try:
            if first in PRICES:
                budget.charge(PRICES[first])
                budget.until = budget.hung_up = None  # a file takes as long as its client reads or writes it
            await self.app(scope, receive, send)
        except TurnedAway as away:
            await turned_away(away)(scope, receive, send)

    def _left(self, bucket: Bucket) -> Iterable[Header]:
        """The headers that tell what is left in a bucket."""
        assert self.rates.policy is not None
        left, seconds = bucket.left()
        return (b"ratelimit-policy", self.rates.policy), (b"ratelimit", b'"points";r=%d;t=%d' % (left, seconds))


def turned_away(away: TurnedAway | Unavailable, media_type: str = JSON) -> Response:
    """The response to a request that is not answered now."""
    headers = {"Retry-After": str(away.seconds)}
    return refusal(error_codes.status_of(away.code), [told_away(away)], headers, media_type)


def told_away(away: TurnedAway | Unavailable) -> dict[str, Any]:
    """Why a request is not answered now, as GraphQL tells errors."""
    return told(away.message, code=away.code, hint=away.hint, **away.details)


def status_of(answer: Mapping[str, Any]) -> int:
    """The HTTP status of an answer out of which nothing came but that it cannot be given now."""
    if any(value is not None for value in (answer.get("data") or {}).values()):
        return 200
    codes = (error.get("extensions", {}).get("code") for error in answer.get("errors") or ())
    return next((error_codes.status_of(code) for code in codes if code in _NOT_NOW), 200)


def with_cost(answer: bytes, settings: Settings) -> bytes:
    """An answer that tells what it costs, in its `extensions`."""
    return answer[:-1] + b',"extensions":' + orjson.dumps({"cost": told_cost(settings)}) + b"}"


def told_cost(settings: Settings) -> dict[str, Any]:
    """What the request that is being answered costs: its points and the most that one may cost, and what is left."""
    budget = BUDGET.get() or Budget()
    most = {"points": cost.told(budget.points), "limit": settings.query_cost_max, "records": int(budget.records)}
    if isinstance(budget.purse, Bucket) and settings.client_points_per_second:
        most["remaining"], _ = budget.purse.left()
    return most


async def _gone(receive: Callable[[], Awaitable[Message]]) -> None:
    """Ends once the client has gone; to be waited for when its request has been read."""
    while (await receive())["type"] != "http.disconnect":
        await asyncio.sleep(0)
