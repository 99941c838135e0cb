"""Pages for what cannot be given: each says what is wrong and what to do, in the reader's language."""

import re
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

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


@dataclass(frozen=True)
class Fault:
    """What is wrong with an address that a reader may well have written or been given, and the value at fault.

    `refusal.html` has a sentence for each kind, in the reader's language.
    """

    kind: str
    value: str = ""


#: The kinds of faults by how the registry tells of them, wherever it finds them.
_FAULTS = {
    "record": re.compile(r"There is no such record\."),
    "name": re.compile(r'There is no \w+ "(?P<value>.*?)"? on record\.', re.DOTALL),
    "country": re.compile(r'"(?P<value>.*?)"? is not a country code\.', re.DOTALL),
    "day": re.compile(r'"(?P<value>.*?)"? is not a day\.', re.DOTALL),
    "far": re.compile(r"“(?P<value>.*)” is too far away\.", re.DOTALL),
    "year": re.compile(r"“(?P<value>.*)” is no year\.", re.DOTALL),
    "cursor": re.compile(r"This cursor is not one that the registry has given .*"),
    "choice": re.compile(r".* Value '(?P<value>.*)' does not exist in '\w+' enum\.", re.DOTALL),
}

#: Faults that lie in a day, which therefore is not kept on the ways from there.
_OF_DAYS = ("day", "far")

_HEADERS = {"Cache-Control": "no-store", "Vary": "Accept, Accept-Language, Cookie"}


async def refuse(request: Request, error: Exception) -> Response:
    """The answer to a request that was refused: a page or, for programs, JSON in the way of GraphQL."""
    status = getattr(error, "status_code", 500)
    headers = {**_HEADERS, **(getattr(error, "headers", None) or {})}
    said = error if isinstance(error, Refusal) else None
    if said is not None:
        problem = told(said.detail, code=said.code, hint=said.hint)
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
    fault = _fault_told(said) if said else None
    if status == 400 and (fault is None or fault.kind in _OF_DAYS):
        walk.forget("as_of", "known_on")  # else every link from here would be refused for the same reason
    return Response(render("refusal.html", walk, status=status, told=said, fault=fault), status, headers, HTML)


def _fault_told(said: Refusal) -> Fault | None:
    """The fault that a refusal tells of; None for any that readers seldom meet, which is told in English."""
    if said.unfit:
        value = said.unfit.value
        return Fault("period") if value is None else Fault("choice", value)
    for kind, pattern in _FAULTS.items():
        if found := pattern.fullmatch(said.detail):
            return Fault(kind, *found.groups())
    return None


def _by_a_browser(request: Request) -> bool:
    """Whether a page is wanted; a program takes anything, or says nothing of what it takes."""
    if request.query_params.get("format") == "json":
        return False
    return preferred(request.headers.get("accept", ""), (JSON, HTML)) == HTML
