"""What a page is, and how it is answered: its document is asked, and the answer is given as JSON or as HTML."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import orjson
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from registry.error_codes import status_of
from registry.errors import BadInput, DatabaseUnavailable, NotFound, Reason, RegistryError, TurnedAway
from registry.exchange.formats import Format
from registry.web.accept import preferred
from registry.web.auth import actor_of
from registry.web.etag import tagged
from registry.web.pages.documents import document
from registry.web.pages.rendering import render
from registry.web.pages.sheets import Sheet, in_file
from registry.web.pages.walk import Walk
from schema.execution.prepared import Recent

if TYPE_CHECKING:
    from registry.web.graphql import Endpoint

HTML, JSON = "text/html", "application/json"

#: Pages that are kept as they were made, at most.
MOST_MADE = 1_000

Data = dict[str, Any]

#: Asks the document of a page once more, with some variables changed.
Ask = Callable[[Data], Awaitable[Data]]

#: How often a file is begun anew where the registry changes while several answers are put together.
_MOST_BEGUN = 3

#: When the log begins.
_FIRST = "{ changes(first: 1) { nodes { at } } }"


class Refusal(HTTPException):
    """A page that is not given, and why, as the API says it."""

    def __init__(
        self,
        status: int,
        message: str,
        hint: str | None = None,
        code: str = "BAD_USER_INPUT",
        seconds: int | None = None,
        details: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(status, message, None if seconds is None else {"Retry-After": str(seconds)})
        self.hint = hint
        self.code = code
        self.details = details or {}
        #: The first day of which anything is known, where a day before it was asked for.
        self.begins: str | None = None

    @classmethod
    def of(cls, error: RegistryError, code: str = "") -> "Refusal":
        """The refusal that tells an error, under its own code where no other is given."""
        code = code or error.code
        return cls(status_of(code), error.message, error.hint, code, details=error.details)

    @classmethod
    def no_record(cls) -> "Refusal":
        """The refusal where an address names nothing that is on record."""
        return cls.of(NotFound("There is no such record.", details=Reason.NO_SUCH_RECORD.told()))


class Changed(Exception):
    """The registry has changed between two answers."""


@dataclass(frozen=True)
class Page:
    """A page: one address, one GraphQL document and one template, all of the same name.

    `path` may have one place, as in `/countries/{code}`; `variables` gives what the document asks for besides
    `$language`, `$asOf` and `$knownOn`, from the walk and the value of that place; `subject` names the field under `at`
    without which there is no such page; `shape` adds to the answer what the template cannot well work out by itself.
    A page with `files` is also a file of CSV or XLSX at its address with that ending: its shape has a `sheet`. A file
    has no pages: `whole` asks for what one answer does not hold, and gives the answer with it.
    """

    name: str
    path: str
    variables: Callable[[Walk, str], Data] = lambda walk, key: {}
    subject: str | None = None
    shape: Callable[[Data, Walk], Data] = lambda data, walk: {}
    files: bool = False
    whole: Callable[[Data, Walk, Ask], Awaitable[Data]] | None = None

    def asked(self, request: Request) -> tuple[Walk, str, Data]:
        """The reader's walk, the document and its variables. Raises `Refusal` where the address has bad values."""
        walk = Walk(request, request.app.state.settings)
        key = next((str(value) for value in request.path_params.values()), "")
        try:
            variables = {"language": walk.language.value, **walk.moment(), **self.variables(walk, key)}
        except BadInput as error:
            raise Refusal.of(error) from None
        return walk, document(self.name), variables

    async def __call__(self, request: Request) -> Response:
        """The answer to a request for this page."""
        walk, body, data = await self._answer(request)
        if media_type(request) == JSON:
            return _headed(Response(body, media_type=JSON), request)
        return _headed(Response(self._html(request, walk, body, data), media_type=HTML), request)

    def _html(self, request: Request, walk: Walk, body: bytes, data: Data) -> bytes:
        """The page; as it was made before, where it was made of the same answer for the same walk."""
        made: Recent[bytes] = request.app.state.pages_made
        name = (self.name, *walk.followed, body)
        html = made.get(name)
        if html is None:
            html = render(f"{self.name}.html", walk, **data, **self.shape(data, walk)).encode()
            made.keep(name, html, len(html) + len(body))
        return html

    async def file(self, request: Request, form: Format) -> Response:
        """What the page shows, as a file: the same answer, whole, in the same shape. Raises as the page does."""
        walk, data = await self._whole_answer(request)
        sheet: Sheet = self.shape(data, walk)["sheet"]
        response = Response(in_file(sheet, form), media_type=form.media_type)
        response.headers["Content-Disposition"] = f'attachment; filename="{self.name}-{data["date"]}{form.suffix}"'
        return _headed(response, request)

    async def _whole_answer(self, request: Request) -> tuple[Walk, Data]:
        """The answer that a file is made of, all of it as known at one moment."""
        for _ in range(_MOST_BEGUN):
            walk, _, data = await self._answer(request)
            if self.whole is None:
                return walk, data
            try:
                return walk, await self.whole(data, walk, partial(self._more, request, data["knownAt"]))
            except Changed:
                continue
        raise Refusal(503, "The registry changes while it is read.", "Ask again.", "OVERLOADED", seconds=1)

    async def _more(self, request: Request, known_at: str, changed: Data) -> Data:
        """The answer to the page's document with some variables changed. Raises `Changed` where more is known now."""
        _, query, variables = self.asked(request)
        _, data = await answered(request, query, variables | changed)
        data = {**data.pop("at"), **data}
        if data["knownAt"] != known_at:
            raise Changed
        return data

    async def _answer(self, request: Request) -> tuple[Walk, bytes, Data]:
        """The answer to the page's document: as it came, and what it says `at` the moment and beside it."""
        walk, query, variables = self.asked(request)
        body, data = await answered(request, query, variables)
        if self.subject and data["at"][self.subject] is None:
            raise Refusal.no_record()
        return walk, body, {**data.pop("at"), **data}


async def answered(request: Request, query: str, variables: Data) -> tuple[bytes, Data]:
    """The answer of the graph to whoever sent the request, whole and its data. Raises `Refusal` where it has errors."""
    endpoint: Endpoint = request.app.state.endpoint
    try:
        body = await endpoint.ask(query, variables, actor_of(request))
    except TurnedAway as away:
        raise Refusal(status_of(away.code), away.message, away.hint, away.code, away.seconds) from None
    answer = orjson.loads(body)
    if answer.get("errors"):
        refusal = _refusal(answer["errors"][0])
        if answer["errors"][0].get("extensions", {}).get("argument") == ["knownAt"]:
            nodes = (await answered(request, _FIRST, {}))[1]["changes"]["nodes"]
            refusal.begins = Walk(request, request.app.state.settings).day_of(nodes[0]["at"]) if nodes else None
        raise refusal
    return body, answer["data"]


def media_type(request: Request) -> str:
    """Whether a page is wanted as JSON, by `format=json` or by the header, or as HTML."""
    if request.query_params.get("format") == "json":
        return JSON
    return preferred(request.headers.get("accept", HTML), (HTML, JSON)) or HTML


def _refusal(error: Data) -> Refusal:
    told = error.get("extensions", {})
    code = told.get("code", "INTERNAL_SERVER_ERROR")
    details = {name: told[name] for name in ("reason", "value") if name in told}
    status = status_of(code)
    seconds = DatabaseUnavailable.seconds if status == 503 else None
    return Refusal(status, error["message"], told.get("hint"), code, seconds, details)


def _headed(response: Response, request: Request) -> Response:
    """The answer with what browsers and caches need to know, and the language that was chosen kept in a cookie."""
    chosen = request.query_params.get("lang")
    to_remember = bool(chosen) and chosen != request.cookies.get("lang")
    response = tagged(response, request, private=to_remember)
    response.headers["Vary"] = "Accept, Accept-Language, Authorization, Cookie"
    if to_remember:
        response.set_cookie("lang", Walk(request, request.app.state.settings).tag, 31_536_000, samesite="lax")
    return response
