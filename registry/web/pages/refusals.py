"""Pages for what cannot be given: each says what is wrong and what to do, in the reader's language."""

import orjson
from starlette.requests import Request
from starlette.responses import Response

from registry.web.pages.page import HTML, JSON, Refusal, media_type
from registry.web.pages.rendering import render
from registry.web.pages.walk import Walk

CODES = {404: "NOT_FOUND", 405: "METHOD_NOT_ALLOWED"}


async def refuse(request: Request, error: Exception) -> Response:
    """The answer to a request that failed: a page or, for programs, JSON in the way of GraphQL."""
    status = getattr(error, "status_code", 500)
    headers = getattr(error, "headers", None)
    told = error if isinstance(error, Refusal) else None
    if media_type(request) == JSON:
        return Response(_as_json(status, told), status, headers, JSON)
    walk = Walk(request, request.app.state.settings)
    return Response(render("refusal.html", walk, status=status, told=told), status, headers, HTML)


def _as_json(status: int, told: Refusal | None) -> bytes:
    message = told.detail if told else "There is no such page." if status == 404 else "The request cannot be answered."
    extensions = {"code": told.code if told else CODES.get(status, "INTERNAL_SERVER_ERROR")}
    if told and told.hint:
        extensions["hint"] = told.hint
    return orjson.dumps({"errors": [{"message": message, "extensions": extensions}]})
