"""The endpoint at /graphql: GraphQL over HTTP, where whatever goes wrong is told as GraphQL tells it, with a code."""

import logging
import re
from collections.abc import Mapping
from datetime import timedelta
from functools import partial
from typing import Any

import orjson
import sqlalchemy as sa
from cross_web import HTTPException, StarletteRequestAdapter
from graphql import OperationType
from starlette.requests import ClientDisconnect, HTTPConnection, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket
from strawberry import UNSET
from strawberry.asgi import GraphQL
from strawberry.exceptions import ConnectionRejectionError
from strawberry.http import GraphQLHTTPResponse, GraphQLRequestData
from strawberry.schema.exceptions import InvalidOperationTypeError
from strawberry.subscriptions import GRAPHQL_TRANSPORT_WS_PROTOCOL
from strawberry.types import ExecutionResult
from strawberry.types.unset import UnsetType

from registry.access import Actor
from registry.errors import Conflict, TurnedAway, Unauthenticated, Unavailable
from registry.repeats import Repeatable
from registry.settings import VERSION, Settings
from registry.telemetry import note_fault
from registry.telemetry.metrics import Metrics
from registry.telemetry.noting import note_code
from registry.web.accept import preferred
from registry.web.annex import Annex
from registry.web.asking import kind_of, read
from registry.web.auth import Door, actor_of
from registry.web.crowd import Crowd
from registry.web.documents import Documents
from registry.web.encoding import LEAST, PART, send_compressed
from registry.web.envelope import sent_with
from registry.web.etag import tagged
from registry.web.events import EVENTS, EventStream, only_event
from registry.web.pages.console import console
from registry.web.rates import status_of, told_cost, turned_away, with_cost
from registry.web.refusing import GRAPHQL_JSON, JSON, Refused, fault, refusal
from registry.web.sockets import Socket, SocketHandler
from registry.web.streams import Streams
from registry.web.watching import named
from schema import closed_schema, schema
from schema.context import Context
from schema.errors import codes_of, executed
from schema.execution.annex import Walked
from schema.execution.budget import BUDGET
from schema.execution.direct import Direct
from schema.execution.lanes import AGAIN

HTML = "text/html"

LOG = logging.getLogger("registry.web")

_METHODS = "GET, HEAD, POST, OPTIONS"

#: Parameters of an address that asks something already.
_ASKING = frozenset({"query", "documentId", "extensions"})

#: What an answer depends on besides the address, and that it is nobody else's.
_VARY, _UNKEPT = (b"vary", b"Accept, Authorization"), (b"cache-control", b"no-store")

#: The same where others get the answer packed.
_VARY_PACKED = (b"vary", b"Accept, Authorization, Accept-Encoding")

#: The media types that a request may be answered in, and one that asks nothing.
_OFFERED = (JSON, GRAPHQL_JSON, EVENTS)
_OFFERED_PAGE = (HTML, *_OFFERED)


class _Adapter(StarletteRequestAdapter):
    """Strawberry's view of a request, with the request itself, whose body is read here and not there."""

    def __init__(self, request: Request) -> None:
        super().__init__(request)
        self.request = request


class Endpoint(GraphQL[Any, object]):
    """Answers by POST and GET, at once or as events, or over a websocket; subscriptions by the latter two.

    A browser that asks nothing yet gets the page to ask from.
    """

    request_adapter_class = _Adapter
    graphql_transport_ws_handler_class = SocketHandler

    def __init__(self, engine: sa.Engine, settings: Settings, door: Door) -> None:
        served = schema if settings.introspection else closed_schema()
        super().__init__(
            served,
            graphql_ide=None,
            subscription_protocols=[GRAPHQL_TRANSPORT_WS_PROTOCOL],
            connection_init_wait_timeout=timedelta(seconds=settings.socket_init_seconds),
            allowed_origins=settings.cors_origins.split(),
        )
        self.engine = engine
        self.settings = settings
        self.door = door
        self.documents = Documents(settings, served)
        self.metrics = Metrics(VERSION, engine.dialect.name, [named(text, None)[0] for text in self.documents.texts])
        self.direct = Direct(served, engine, settings)
        self.streams = Streams(engine, settings, served, self.direct)
        self.annex = self.direct.annex = Annex(settings)
        self.crowd = Crowd()
        self.direct.patience = self.crowd.patience

    async def close(self) -> None:
        """Closes the connections that plans read from, and ends the streams."""
        await self.streams.close()
        await self.annex.close()
        self.direct.close()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await self._converse(WebSocket(scope, receive, send))
            return
        request = Request(scope, receive)
        sent, state = sent_with(scope), scope.setdefault("state", {})
        state["media_type"] = JSON
        try:
            response = await self._answer(request, sent)
        except Refused as refused:
            response = _refusal(refused, state["media_type"])
        except HTTPException as error:
            response = _refusal(_refused(error, request.method), state["media_type"])
        except (TurnedAway, Unavailable) as away:
            response = turned_away(away, state["media_type"])
        except ClientDisconnect:
            return
        except Exception as error:
            response = fault(note_fault(LOG, error, "/graphql"), state["media_type"])
        if isinstance(response, bytes):
            if scope["method"] == "POST":
                await _send(response, state["media_type"], b"accept-encoding" in sent, scope, receive, send)
                return
            response = Response(response, 200, media_type=f"{state['media_type']}; charset=utf-8")
        if not any(name == b"cache-control" for name, _ in response.raw_headers):
            if scope["method"] != "POST" and response.status_code == 200:
                response = tagged(response, request)
            else:
                response.raw_headers.append(_UNKEPT)
        response.raw_headers.append(_VARY)
        await send_compressed(response, scope, receive, send)

    async def _answer(self, request: Request, sent: Mapping[bytes, bytes]) -> Response | bytes:
        """The response to a request with these headers, or an answer by which alone a request is answered."""
        method: str = request.scope["method"]
        if method == "OPTIONS":
            return Response(None, 204, {"Allow": _METHODS})
        if method not in ("GET", "HEAD", "POST"):
            raise Refused(405, "Ask by POST or GET.", "METHOD_NOT_ALLOWED", Allow=_METHODS)
        accept = sent[b"accept"].decode("latin-1") if b"accept" in sent else JSON
        asks_nothing = method != "POST" and _ASKING.isdisjoint(request.query_params)
        media_type = preferred(accept, _OFFERED_PAGE if asks_nothing else _OFFERED)
        if media_type is None:
            raise Refused(406, f"Answers come as {GRAPHQL_JSON}, {JSON} or {EVENTS}.", "NOT_ACCEPTABLE")
        if media_type == HTML:
            return console(request)
        if media_type != EVENTS:
            request.scope["state"]["media_type"] = media_type
        asked = self.documents.found(await read(request, sent, self.settings))
        request.scope["state"]["asked"] = asked
        if "subscription" in (asked.query or "") and await self._kind_of(asked) is OperationType.SUBSCRIPTION:
            return self._stream(request, asked)
        if b"idempotency-key" in sent and method == "POST":
            response = await self._once(request, sent, asked)
        else:
            response = await self._executed(request, asked)
        if media_type == EVENTS:
            return only_event(response if isinstance(response, bytes) else response.body)
        return response

    async def _once(self, request: Request, sent: Mapping[bytes, bytes], asked: GraphQLRequestData) -> Response | bytes:
        """The answer, kept under the key that the request has; where it came before under the same one, in the same
        words, nothing is done anew.
        """
        context = self._context(request)
        again = context.repeatable = _repeatable(request.headers["idempotency-key"], asked, context)
        try:
            kept = await self.door.lookups.run(again.answer)
        except Conflict as conflict:
            raise Refused(409, conflict.message, conflict.code) from None
        if kept is not None:
            return kept
        response = await self._executed(request, asked, context)
        body = response if isinstance(response, bytes) else bytes(response.body)
        if context.wrote and "errors" not in orjson.loads(body):
            await self.door.lookups.run(again.keep_answer, body)
        return response

    def _context(self, request: Request) -> Context:
        return Context(self.engine, self.settings, actor_of(request), direct=self.direct)

    async def _executed(
        self, request: Request, asked: GraphQLRequestData, context: Context | None = None
    ) -> Response | bytes:
        """The answer by a plan; where there is none, by Strawberry, which says what is wrong."""
        query, variables, name = asked.query or "", asked.variables, asked.operation_name
        budget = BUDGET.get()
        told = b"x-graphql-cost" in sent_with(request.scope) or "cost" in (asked.extensions or ())
        if budget is not None:
            budget.told = told
        answer = await self.direct.execute(query, variables, name, actor=actor_of(request))
        if answer is None:
            return await self.run(request, context=context or self._context(request), root_value=None)
        if isinstance(answer, Walked) and answer.status == 400:  # no request, so that there is no cost
            told = False
        body = with_cost(answer, self.settings) if told else answer
        if not isinstance(answer, Walked):
            return body
        for code in answer.codes:
            note_code(code)
        return _response(body, answer.status, request.state.media_type, executed=answer.executed)

    async def ask(self, query: str, variables: Mapping[str, Any], actor: Actor) -> bytes:
        """The answer to somebody's query, as the endpoint would give it: what pages are made of."""
        answer = await self.direct.execute(query, variables, actor=actor)
        if answer is not None:
            return bytes(answer)
        context = Context(self.engine, self.settings, actor, direct=self.direct)
        result = await self.schema.execute(query, variable_values=dict(variables), context_value=context)
        told = {"errors": [error.formatted for error in result.errors]} if result.errors else {}
        return orjson.dumps({"data": result.data, **told}, default=str)

    # ── Streams of answers ──────────────────────────────────────────────────────────────────────────

    def _stream(self, request: Request, asked: GraphQLRequestData) -> Response:
        """The answers to a subscription, as events."""
        if request.method == "HEAD":
            raise Refused(405, "A subscription has no head alone.", "METHOD_NOT_ALLOWED", Allow=_METHODS)
        if preferred(request.headers.get("accept", JSON), [EVENTS]) is None:
            raise Refused(406, f"Subscriptions are answered as {EVENTS}, or over a websocket.", "NOT_ACCEPTABLE")
        client = _address(request)
        if self.streams.full(client):
            raise _too_many(self.settings.client_streams)
        actor, every = actor_of(request), self.settings.keep_alive_seconds
        answers = self.streams.answers(asked, actor, request.headers.get("last-event-id"))
        lapsed = partial(self.door.lapsed, request.headers.get("authorization"), actor, every)
        return EventStream(answers, lapsed, self.streams, client, every)

    async def _converse(self, socket: WebSocket) -> None:
        client = _address(socket)
        if self.streams.full(client):
            await socket.send_denial_response(_refusal(_too_many(self.settings.client_streams)))
            return
        with self.streams.opened(client):
            await self.run(socket)

    async def reject_websocket(self, request: WebSocket) -> WebSocket:
        """Refuses a page of an origin that may not ask."""
        refused = Refused(403, "Pages of this origin may not ask.", "ORIGIN_NOT_ALLOWED")
        await request.send_denial_response(_refusal(refused))
        return request

    async def get_context(self, request: Any, response: Any) -> Socket:
        return Socket(actor_of(request), request.headers.get("authorization"))

    async def on_ws_connect(self, context: Socket) -> UnsetType:
        """Who opened the socket: as the payload says or, where it does not, as the request did."""
        given = [value for name, value in context.connection_params.items() if name.lower() == "authorization"]
        if given:
            context.authorization = given[0] if isinstance(given[0], str) else ""
            try:
                context.actor = await self.door.actor(context.authorization)
            except (Unauthenticated, Unavailable):
                raise ConnectionRejectionError from None
        nothing_to_tell: UnsetType = UNSET
        return nothing_to_tell

    def encode_json(self, data: object) -> str:
        return orjson.dumps(data, default=str).decode()

    def decode_json(self, data: str | bytes) -> object:
        return orjson.loads(data)

    # ── One answer ──────────────────────────────────────────────────────────────────────────────────

    def should_render_graphql_ide(self, _request: Any) -> bool:
        return False

    async def parse_http_body(self, adapter: Any) -> GraphQLRequestData:
        asked: GraphQLRequestData = adapter.request.state.asked
        await self._kind_of(asked)
        return asked

    async def _kind_of(self, asked: GraphQLRequestData) -> OperationType | None:
        return kind_of(asked, await self.direct.document(asked.query or ""))

    async def get_sub_response(self, request: Any) -> Response:
        response: Response = await super().get_sub_response(request)
        response.media_type = request.state.media_type
        return response

    async def process_result(self, request: Request, result: ExecutionResult) -> GraphQLHTTPResponse:
        """What an answer that GraphQL walked says: no `data` where nothing was executed, and its cost if asked for."""
        response = await super().process_result(request, result)
        if not executed(result):
            response.pop("data", None)
        for code in codes_of(result):
            note_code(code)
        budget = BUDGET.get()
        if budget is not None and budget.told:
            response["extensions"] = {**(response.get("extensions") or {}), "cost": told_cost(self.settings)}
        return response

    def create_response(self, response_data: Any, sub_response: Response) -> Response:
        """The response with what an answer says, whose status tells a request that came to nothing."""
        media_type = sub_response.media_type or JSON
        body = orjson.dumps(response_data, default=str)
        return _response(body, status_of(response_data), media_type, executed="data" in response_data)


def _response(body: bytes, status: int, media_type: str, *, executed: bool) -> Response:
    """The response with an answer that GraphQL has walked."""
    return Response(
        body,
        400 if media_type == GRAPHQL_JSON and not executed and status == 200 else status,
        {"Retry-After": str(AGAIN)} if status in (429, 503) else None,
        media_type=f"{media_type}; charset=utf-8",
    )


async def _send(answer: bytes, media_type: str, unpacks: bool, scope: Scope, receive: Receive, send: Send) -> None:
    """Sends an answer to POST, of which there are more than of anything else; `unpacks` says that its client may."""
    small, packed = len(answer) < LEAST, unpacks or len(answer) > PART

    async def plain(scope: Scope, receive: Receive, send: Send) -> None:
        told = (b"content-type", b"%s; charset=utf-8" % media_type.encode())
        headers = [(b"content-length", b"%d" % len(answer)), told, _UNKEPT, _VARY if small or packed else _VARY_PACKED]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": answer})

    if packed and not small:
        await send_compressed(plain, scope, receive, send)
    else:
        await plain(scope, receive, send)


def _refusal(refused: Refused, media_type: str = JSON) -> Response:
    return refusal(refused.status, [refused.told()], refused.headers, media_type)


def _too_many(most: int) -> Refused:
    said = f"You have {most} streams open, which is as many as may be."
    return Refused(429, said, "TOO_MANY_STREAMS", **{"Retry-After": "10"})


def _address(connection: HTTPConnection) -> str:
    return connection.client.host if connection.client else ""


_KEY = re.compile("[!-~]([ -~]{0,253}[!-~])?")


def _repeatable(key: str, asked: GraphQLRequestData, context: Context) -> Repeatable:
    """What a request is known by where it comes again: its header Idempotency-Key."""
    if not _KEY.fullmatch(key):
        raise Refused(400, "An Idempotency-Key has 1 to 255 characters of ASCII.")
    said = [asked.query, asked.operation_name, asked.variables]
    return Repeatable.of(context.actor, key, said, context.settings.idempotency_hours)


def _refused(error: HTTPException, method: str) -> Refused:
    """What Strawberry refuses with a line of text."""
    if method != "POST" and isinstance(error.__cause__, InvalidOperationTypeError):
        return Refused(405, "By GET one can only query.", "METHOD_NOT_ALLOWED", Allow="POST")
    return Refused(error.status_code, error.reason)
