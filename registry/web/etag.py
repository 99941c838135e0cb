"""Tags for answers, so that nobody is sent again what they still have."""

import hashlib

from starlette.requests import Request
from starlette.responses import Response


def tagged(response: Response, request: Request, *, private: bool = False) -> Response:
    """A full answer to GET under a tag; to whoever still has the very same one only that it holds (RFC 9110, 304)."""
    return held(response, request, hashlib.blake2b(response.body, digest_size=16).hexdigest(), private=private)


def held(response: Response, request: Request, state: str, *, private: bool = False) -> Response:
    """An answer to GET under a tag that stands for the state it was made of.

    Whoever stands between may keep it for anybody, but for nobody else where it is `private` or a credential came with
    the question. The tag is a weak one, as the same answer may be sent compressed in one way or another.
    """
    tag = f'W/"{state}"'
    whose = "private" if private or "authorization" in request.headers else "public"
    headers = {"ETag": tag, "Cache-Control": f"{whose}, no-cache"}
    if still_held(request, tag):
        return Response(None, 304, headers)
    response.headers.update(headers)
    return response


def still_held(request: Request, tag: str) -> bool:
    """Whether the asker still has what a tag stands for; whether that is weak does not matter here."""
    given = [each.strip().removeprefix("W/") for each in request.headers.get("if-none-match", "").split(",")]
    return tag.removeprefix("W/") in given or "*" in given
