"""What a request to /graphql asks for, read so that nothing it may hold can break it."""

from collections.abc import Mapping
from typing import Any

import orjson
from graphql import GraphQLError, OperationDefinitionNode, OperationType, parse
from starlette.requests import Request
from strawberry.http import GraphQLRequestData

JSON = "application/json"

#: Most bytes of a request's body.
BODY_LIMIT = 1_000_000


class Refused(Exception):
    """A request that is answered without being executed."""

    def __init__(self, status: int, message: str, code: str = "BAD_REQUEST", **headers: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.code = code
        self.headers = headers


async def read(request: Request) -> GraphQLRequestData:
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


def kind_of(asked: GraphQLRequestData) -> OperationType | None:
    """The kind of the operation that is asked for; None where that cannot be made out.

    Raises `Refused` where there is no document, or one with several operations of which none is named.
    """
    if not asked.query:
        raise Refused(400, "There is no query in the request.")
    try:
        document = parse(asked.query, max_tokens=10_000)
    except GraphQLError:
        return None  # execution says what is wrong with it
    found = [each for each in document.definitions if isinstance(each, OperationDefinitionNode)]
    if asked.operation_name is None and len(found) > 1:
        raise Refused(400, "The document has several operations: say which by `operationName`.")
    named = {each.name.value if each.name else None: each.operation for each in found}
    return named.get(asked.operation_name) if asked.operation_name else next(iter(named.values()), None)
