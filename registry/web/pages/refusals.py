"""Pages for what cannot be given: each says what is wrong and what to do, in the reader's language."""

from starlette.requests import Request
from starlette.responses import Response

from registry.errors import Reason
from registry.telemetry.noting import note_code
from registry.web.accept import preferred
from registry.web.pages.page import HTML, JSON, Refusal
from registry.web.pages.rendering import render
from registry.web.pages.walk import Walk
from registry.web.refusing import fault, refusal, told

#: Code and sentence by status of what has none of its own.
_KNOWN = {
    404: ("NOT_FOUND", "There is no such page."),
    405: ("METHOD_NOT_ALLOWED", "This address is not asked in this way."),
}


#: Reasons that lie in a day, which therefore is not kept on the ways from there, as where nobody knows what is wrong.
_OF_DAYS = (Reason.DAY, Reason.DAY_TOO_FAR, None)

_HEADERS = {"Cache-Control": "no-store", "Vary": "Accept, Accept-Language, Cookie"}


async def refuse(request: Request, error: Exception) -> Response:
    """The answer to a request that was refused: a page or, for programs, JSON in the way of GraphQL."""
    status = getattr(error, "status_code", 500)
    headers = {**_HEADERS, **(getattr(error, "headers", None) or {})}
    said = error if isinstance(error, Refusal) else None
    if said is not None:
        problem = told(said.detail, code=said.code, hint=said.hint, **said.details)
    else:
        code, message = _KNOWN.get(status, ("BAD_REQUEST", "The request cannot be answered."))
        problem = told(message, code=code)
    if not _by_a_browser(request):
        return refusal(status, [problem], headers)
    note_code(problem["extensions"]["code"])
    return _page(request, status, headers, said)


def failed(request: Request, log_id: str) -> Response:
    """The answer to a request where the registry itself has failed."""
    if not _by_a_browser(request):
        return fault(log_id)
    return _page(request, 500, _HEADERS, None)


def _page(request: Request, status: int, headers: dict[str, str], said: Refusal | None) -> Response:
    walk = Walk(request, request.app.state.settings)
    if status == 400 and (said.details.get("reason") if said else None) in _OF_DAYS:
        walk.forget("as_of", "known_on")  # else every link from here would be refused for the same reason
    return Response(render("refusal.html", walk, status=status, told=said), status, headers, HTML)


def _by_a_browser(request: Request) -> bool:
    """Whether a page is wanted; a program takes anything, or says nothing of what it takes."""
    if request.query_params.get("format") == "json":
        return False
    return preferred(request.headers.get("accept", ""), (JSON, HTML)) == HTML
