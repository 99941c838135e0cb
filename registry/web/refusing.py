"""Requests that are not answered: why, in the one shape that errors have at every address."""

from collections.abc import Iterable
from typing import Any

import orjson
from starlette.responses import Response

from registry.telemetry.noting import note_code

JSON = "application/json"

#: What GraphQL over HTTP calls answers, so that clients read their errors whatever the status.
GRAPHQL_JSON = "application/graphql-response+json"

#: An answer that says why there is none is never kept for the next who asks.
_UNKEPT = {"Cache-Control": "no-store"}


class Refused(Exception):
    """A request that is answered without being executed."""

    def __init__(
        self, status: int, message: str, code: str = "BAD_REQUEST", *, hint: str | None = None, **headers: str
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.code = code
        self.hint = hint
        self.headers = headers

    def told(self) -> dict[str, Any]:
        """Why, as GraphQL tells errors."""
        return told(self.message, code=self.code, hint=self.hint)


def told(message: str, **extensions: Any) -> dict[str, Any]:
    """An error as GraphQL tells it; what has no value is left out of its extensions."""
    return {"message": message, "extensions": {name: value for name, value in extensions.items() if value}}


def refusal(
    status: int, errors: Iterable[dict[str, Any]], headers: dict[str, str] | None = None, media_type: str = JSON
) -> Response:
    """The response that tells some errors."""
    told = list(errors)
    note_code(told[0]["extensions"]["code"])
    body = orjson.dumps({"errors": told})
    return Response(body, status, {**_UNKEPT, **(headers or {})}, f"{media_type}; charset=utf-8")


def fault(log_id: str, media_type: str = JSON) -> Response:
    """The response where the registry itself has failed, which tells nothing but where the log has it."""
    return refusal(500, [told_fault(log_id)], media_type=media_type)


def told_fault(log_id: str) -> dict[str, Any]:
    """A failure of the registry itself, as GraphQL tells errors."""
    return told(
        "Something went wrong inside the registry; it has been noted.",
        code="INTERNAL_SERVER_ERROR",
        logId=log_id,
        hint="Try again; if it happens again, tell the operators the log id.",
    )
