"""What a request to /graphql asks for, read so that nothing it may hold can break it."""

import asyncio
from collections.abc import Mapping
from typing import Any, NamedTuple

import orjson
from graphql import OperationDefinitionNode, OperationType
from starlette.requests import ClientDisconnect, Request
from strawberry.http import GraphQLRequestData

from registry.settings import Settings
from registry.web.refusing import JSON, Refused
from schema.execution.prepared import Document


class Asked(NamedTuple):
    """What is asked for; instead of the query, or beside it, there may be what the server should know it by."""

    query: str | None
    variables: dict[str, Any] | None
    operation_name: str | None
    extensions: dict[str, Any] | None
    document_id: str | None


#: The members of a request in the order of `Asked`: what each must be, and what that is called.
_MEMBERS: tuple[tuple[str, type, str], ...] = (
    ("query", str, "a string"),
    ("variables", dict, "an object"),
    ("operationName", str, "a string"),
    ("extensions", dict, "an object"),
    ("documentId", str, "a string"),
)


async def read(request: Request, sent: Mapping[bytes, bytes], settings: Settings) -> Asked:
    """What a request with these headers asks for. Raises `Refused` where that cannot be made out."""
    if request.scope["method"] == "POST":
        return asked_of(await _asked_by_post(request, sent, settings))
    return asked_of(_asked_by_get(request))


def asked_of(asked: Mapping[str, Any]) -> Asked:
    """What an object asks for, be it the body of a request or a message. Raises `Refused`."""
    found = []
    for name, kind, kind_name in _MEMBERS:
        value = asked.get(name)
        if value is not None and not isinstance(value, kind):
            raise Refused(400, f"`{name}` must be {kind_name} or null.")
        found.append(value)
    return Asked._make(found)


def _asked_by_get(request: Request) -> dict[str, Any]:
    asked: dict[str, Any] = dict(request.query_params)
    for name in ("variables", "extensions"):
        if asked.get(name):
            asked[name] = _decoded(asked[name], f"`{name}`")
        else:
            asked.pop(name, None)
    return asked


async def _asked_by_post(request: Request, sent: Mapping[bytes, bytes], settings: Settings) -> dict[str, Any]:
    kind = sent.get(b"content-type", b"")
    if kind != b"application/json" and not _is_json(kind.decode("latin-1")):
        raise Refused(415, f"The body must be {JSON} in UTF-8.", "UNSUPPORTED_MEDIA_TYPE")
    if sent.get(b"content-encoding", b"identity") != b"identity":
        raise Refused(415, "The body must not be compressed.", "UNSUPPORTED_MEDIA_TYPE")
    asked = _decoded(await _body(request, sent, settings), "The body")
    if isinstance(asked, list):
        raise Refused(400, "Send one operation at a time: batches are not taken.")
    if not isinstance(asked, dict):
        raise Refused(400, "The body must be a JSON object with a `query`.")
    return asked


def _is_json(media_type: str) -> bool:
    kind, *parameters = [part.strip().lower() for part in media_type.split(";")]
    charsets = [part.removeprefix("charset=").strip('"') for part in parameters if part.startswith("charset=")]
    return kind == JSON and all(charset in ("utf-8", "utf8") for charset in charsets)


async def _body(request: Request, sent: Mapping[bytes, bytes], settings: Settings) -> bytes:
    most = settings.body_bytes_max
    announced = sent.get(b"content-length", b"")
    if announced.isdigit() and int(announced[:20]) > most:
        raise _too_large(most)
    body, more = await _part(request)
    if more:
        try:
            async with asyncio.timeout(settings.slow_writer_seconds):
                body = await _with_rest(request, body, most)
        except TimeoutError:
            said = "The request did not come whole in time."
            raise Refused(408, said, "REQUEST_TIMEOUT", Connection="close") from None
    if len(body) > most:
        raise _too_large(most)
    return body


def _too_large(most: int) -> Refused:
    return Refused(413, f"The body may have {most:,} bytes at most.", "PAYLOAD_TOO_LARGE", Connection="close")


async def _with_rest(request: Request, beginning: bytes, most: int) -> bytes:
    """A body that comes in parts, or as much of it as shows that it is too large."""
    body, more = bytearray(beginning), True
    while more and len(body) <= most:
        part, more = await _part(request)
        body += part
    return bytes(body)


async def _part(request: Request) -> tuple[bytes, bool]:
    """A part of the body, and whether more is to come."""
    message = await request.receive()
    if message["type"] == "http.disconnect":
        raise ClientDisconnect
    return message.get("body", b""), message.get("more_body", False)


def _decoded(text: str | bytes, what: str) -> Any:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise Refused(400, f"{what} cannot be read as JSON: {error}.") from None


def kind_of(asked: GraphQLRequestData, document: Document) -> OperationType | None:
    """The kind of the operation of a document that is asked for; None where that cannot be made out.

    Raises `Refused` where there is no document, or one with several operations of which none is named, or not this.
    """
    if not asked.query:
        raise Refused(400, "There is no query in the request.")
    if document.node is None:
        return None  # execution says what is wrong with it
    found = [each for each in document.node.definitions if isinstance(each, OperationDefinitionNode)]
    if asked.operation_name is None and len(found) > 1:
        raise Refused(400, "The document has several operations: say which by `operationName`.")
    named = {each.name.value if each.name else None: each.operation for each in found}
    if asked.operation_name is None:
        return next(iter(named.values()), None)
    if asked.operation_name not in named:
        raise Refused(400, f'Unknown operation named "{asked.operation_name}".')
    return named[asked.operation_name]
