"""Tags for answers, so that nobody is sent again what they still have."""

import hashlib

from starlette.requests import Request
from starlette.responses import Response


def tagged(response: Response, request: Request) -> Response:
    """A full answer to GET under a tag; to whoever still has the very same one only that it holds (RFC 9110, 304).

    Whoever stands between may keep it for anybody, but for nobody else where a credential came with the question.
    """
    tag = f'"{hashlib.blake2b(response.body, digest_size=16).hexdigest()}"'
    whose = "private" if "authorization" in request.headers else "public"
    headers = {"ETag": tag, "Cache-Control": f"{whose}, no-cache"}
    if tag in (each.strip() for each in request.headers.get("if-none-match", "").split(",")):
        return Response(None, 304, headers)
    response.headers.update(headers)
    return response
