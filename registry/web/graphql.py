"""The endpoint at /graphql: GraphQL over HTTP, where whatever goes wrong is told as GraphQL tells it, with a code."""

import asyncio
import logging
import re
from collections.abc import Mapping
from typing import Any

import orjson
import sqlalchemy as sa
from cross_web import HTTPException, StarletteRequestAdapter
from graphql import GraphQLError, OperationDefinitionNode, parse
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send
from strawberry.asgi import GraphQL
from strawberry.http import GraphQLHTTPResponse, GraphQLRequestData
from strawberry.schema.exceptions import InvalidOperationTypeError
from strawberry.types import ExecutionResult

from registry.access import ANYONE
from registry.errors import Conflict
from registry.repeats import Repeatable
from registry.settings import Settings
from registry.web.accept import preferred
from registry.web.etag import tagged
from registry.web.pages.console import console
from schema import root, schema
from schema.context import Context
from schema.errors import RequestError
from schema.execution.prepared import Direct

JSON = "application/json"
GRAPHQL_JSON = "application/graphql-response+json"
HTML = "text/html"

#: Most bytes of a request's body.
BODY_LIMIT = 1_000_000

logger = logging.getLogger(__name__)


class Refused(Exception):
    """A request that is answered without being executed."""

    def __init__(self, status: int, message: str, code: str = "BAD_REQUEST", **headers: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.code = code
        self.headers = headers


class _Adapter(StarletteRequestAdapter):
    """Strawberry's view of a request, with the request itself, whose body is read here and not there."""

    def __init__(self, request: Request) -> None:
        super().__init__(request)
        self.request = request


class Endpoint(GraphQL[Context, object]):
    """Answers queries by POST and GET, and gives a browser that asks nothing yet the page to ask from."""

    request_adapter_class = _Adapter

    def __init__(self, engine: sa.Engine, settings: Settings) -> None:
        super().__init__(schema, graphql_ide=None, subscription_protocols=())
        self.engine = engine
        self.settings = settings
        self.direct = Direct(schema, engine, settings) if settings.execution == "direct" else None

    def close(self) -> None:
        """Closes the connections that plans read from."""
        if self.direct is not None:
            self.direct.close()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        request.state.media_type = JSON
        try:
            response = await self._answer(request)
            if request.method == "GET" and response.status_code == 200:
                response = tagged(response, request)
        except Refused as refusal:
            response = self._refusal(request, refusal)
        except HTTPException as error:
            response = self._refusal(request, _refused(error, request.method))
        except ClientDisconnect:
            return
        except Exception:
            logger.exception("A request to /graphql failed.")
            fault = Refused(500, "Something went wrong on the server.", "INTERNAL_SERVER_ERROR")
            response = self._refusal(request, fault)
        response.headers["Vary"] = "Accept"
        await response(scope, receive, send)

    async def _answer(self, request: Request) -> Response:
        if request.method not in ("GET", "POST"):
            raise Refused(405, "Ask by POST or GET.", "METHOD_NOT_ALLOWED", Allow="GET, POST")
        asks_nothing = request.method == "GET" and "query" not in request.query_params
        offered = (HTML, JSON, GRAPHQL_JSON) if asks_nothing else (JSON, GRAPHQL_JSON)
        media_type = preferred(request.headers.get("accept", JSON), offered)
        if media_type is None:
            raise Refused(406, f"Answers come as {GRAPHQL_JSON} or {JSON}.", "NOT_ACCEPTABLE")
        if media_type == HTML:
            return console(request)
        request.state.media_type = media_type
        asked = request.state.asked = await _asked(request)
        return await self._once(request, asked)

    async def _once(self, request: Request, asked: GraphQLRequestData) -> Response:
        """The answer; where the request came before under the same key, in the same words, and nothing is done anew."""
        context = Context(self.engine, self.settings, getattr(request.state, "actor", ANYONE))
        again = context.repeatable = _repeatable(request, asked, context)
        if again is None:
            return await self._executed(request, asked, context)
        try:
            kept = await asyncio.to_thread(again.answer, self.engine)
        except Conflict as conflict:
            raise Refused(409, conflict.message, conflict.code) from None
        if kept is not None:
            return Response(kept, 200, media_type=f"{request.state.media_type}; charset=utf-8")
        response = await self._executed(request, asked, context)
        if context.wrote and "errors" not in orjson.loads(response.body):
            await asyncio.to_thread(again.keep_answer, self.engine, bytes(response.body))
        return response

    async def _executed(self, request: Request, asked: GraphQLRequestData, context: Context) -> Response:
        if self.direct is not None:
            answer = await self.direct.execute(asked.query or "", asked.variables, asked.operation_name)
            if answer is not None:
                return Response(answer, 200, media_type=f"{request.state.media_type}; charset=utf-8")
        try:
            return await self.run(request, context=context, root_value=root(context))
        finally:
            await context.close()

    async def ask(self, query: str, variables: Mapping[str, Any]) -> bytes:
        """The answer to a query, as the endpoint would give it: what pages are made of."""
        answer = await self.direct.execute(query, variables) if self.direct is not None else None
        if answer is not None:
            return answer
        context = Context(self.engine, self.settings)
        try:
            result = await schema.execute(
                query, variable_values=dict(variables), context_value=context, root_value=root(context)
            )
        finally:
            await context.close()
        told = {"errors": [error.formatted for error in result.errors]} if result.errors else {}
        return orjson.dumps({"data": result.data, **told}, default=str)

    def _refusal(self, request: Request, refusal: Refused) -> Response:
        return Response(
            orjson.dumps({"errors": [{"message": refusal.message, "extensions": {"code": refusal.code}}]}),
            refusal.status,
            {**refusal.headers, "Content-Type": f"{request.state.media_type}; charset=utf-8"},
        )

    def should_render_graphql_ide(self, _request: Any) -> bool:
        return False

    async def parse_http_body(self, adapter: Any) -> GraphQLRequestData:
        asked: GraphQLRequestData = adapter.request.state.asked
        if asked.operation_name is None and _has_several_operations(asked.query or ""):
            raise Refused(400, "The document has several operations: say which by `operationName`.")
        return asked

    async def get_sub_response(self, request: Any) -> Response:
        response: Response = await super().get_sub_response(request)
        response.media_type = request.state.media_type
        return response

    async def process_result(self, request: Request, result: ExecutionResult) -> GraphQLHTTPResponse:
        response = await super().process_result(request, result)
        if result.data is None and all(isinstance(error, RequestError) for error in result.errors or ()):
            response.pop("data", None)  # nothing was executed
        return response

    def create_response(self, response_data: Any, sub_response: Response) -> Response:
        media_type = sub_response.media_type or JSON
        refused = media_type == GRAPHQL_JSON and "data" not in response_data
        return Response(
            orjson.dumps(response_data, default=str),
            400 if refused else 200,
            media_type=f"{media_type}; charset=utf-8",
        )


async def _asked(request: Request) -> GraphQLRequestData:
    """What a request asks for. Raises `Refused` where that cannot be made out."""
    asked = _asked_by_get(request) if request.method == "GET" else await _asked_by_post(request)
    query = _member(asked, "query", str, "a string")
    variables = _member(asked, "variables", dict, "an object")
    operation_name = _member(asked, "operationName", str, "a string")
    extensions = _member(asked, "extensions", dict, "an object")
    if not query:
        if extensions and "persistedQuery" in extensions:
            raise Refused(400, "PersistedQueryNotSupported", "PERSISTED_QUERY_NOT_SUPPORTED")
        raise Refused(400, "There is no query in the request.")
    return GraphQLRequestData(query, variables, operation_name, extensions)


def _asked_by_get(request: Request) -> dict[str, Any]:
    asked: dict[str, Any] = dict(request.query_params)
    for name in ("variables", "extensions"):
        if asked.get(name):
            asked[name] = _decoded(asked[name], f"`{name}`")
        else:
            asked.pop(name, None)
    return asked


async def _asked_by_post(request: Request) -> dict[str, Any]:
    kind, *parameters = [part.strip().lower() for part in request.headers.get("content-type", "").split(";")]
    charsets = [part.removeprefix("charset=").strip('"') for part in parameters if part.startswith("charset=")]
    if kind != JSON or any(charset not in ("utf-8", "utf8") for charset in charsets):
        raise Refused(415, f"The body must be {JSON} in UTF-8.", "UNSUPPORTED_MEDIA_TYPE")
    if request.headers.get("content-encoding", "identity") != "identity":
        raise Refused(415, "The body must not be compressed.", "UNSUPPORTED_MEDIA_TYPE")
    asked = _decoded(await _body(request), "The body")
    if isinstance(asked, list):
        raise Refused(400, "Send one operation at a time: batches are not taken.")
    if not isinstance(asked, dict):
        raise Refused(400, "The body must be a JSON object with a `query`.")
    return asked


async def _body(request: Request) -> bytes:
    too_large = Refused(413, f"The body may have {BODY_LIMIT} bytes at most.", "PAYLOAD_TOO_LARGE", Connection="close")
    announced = request.headers.get("content-length", "")
    if announced.isdecimal() and int(announced) > BODY_LIMIT:
        raise too_large
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > BODY_LIMIT:
            raise too_large
    return bytes(body)


def _decoded(text: str | bytes, what: str) -> Any:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise Refused(400, f"{what} cannot be read as JSON: {error}.") from None


def _member(asked: Mapping[str, Any], name: str, kind: type, kind_name: str) -> Any:
    value = asked.get(name)
    if value is not None and not isinstance(value, kind):
        raise Refused(400, f"`{name}` must be {kind_name} or null.")
    return value


def _has_several_operations(query: str) -> bool:
    if len(re.findall(r"\b(?:query|mutation|subscription)\b", query)) < 2:
        return False  # two anonymous operations are refused by validation
    try:
        document = parse(query, max_tokens=10_000)
    except GraphQLError:
        return False  # execution says what is wrong with it
    return sum(isinstance(definition, OperationDefinitionNode) for definition in document.definitions) > 1


_KEY = re.compile("[!-~]([ -~]{0,253}[!-~])?")


def _repeatable(request: Request, asked: GraphQLRequestData, context: Context) -> Repeatable | None:
    """What a request is known by where it comes again: its header Idempotency-Key; None without, and by GET."""
    key = request.headers.get("idempotency-key")
    if key is None or request.method != "POST":
        return None
    if not _KEY.fullmatch(key):
        raise Refused(400, "An Idempotency-Key has 1 to 255 characters of ASCII.")
    said = [asked.query, asked.operation_name, asked.variables]
    return Repeatable.of(context.actor, key, said, context.settings.idempotency_hours)


def _refused(error: HTTPException, method: str) -> Refused:
    """What Strawberry refuses with a line of text."""
    if method == "GET" and isinstance(error.__cause__, InvalidOperationTypeError):
        return Refused(405, "By GET one can only query.", "METHOD_NOT_ALLOWED", Allow="POST")
    return Refused(error.status_code, error.reason)
