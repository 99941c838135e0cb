"""Files over HTTP: editors send records in, and everyone fetches what they may see.

`POST /import/{kind}` takes a file of records as its body, or as the part `file` of a form, and answers with the report.
`GET /export/{kind}.{csv,xlsx,jsonl}` gives the records of a kind as a file, as they are read.
"""

import asyncio
import hashlib
import logging
import math
import tempfile
from collections.abc import AsyncIterator, Callable, Collection, Iterator, Mapping
from contextlib import AsyncExitStack
from datetime import datetime
from email.message import Message as MimeMessage
from functools import partial
from pathlib import Path
from typing import IO, Any
from zoneinfo import ZoneInfo

import orjson
import sqlalchemy as sa
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response, StreamingResponse
from starlette.types import Message, Receive, Scope, Send

from registry.access import Audience
from registry.away import is_away, unreached
from registry.error_codes import status_of
from registry.errors import BadInput, Forbidden, NotFound, RegistryError, TurnedAway, Unavailable
from registry.exchange.exporting import export
from registry.exchange.formats import Format
from registry.exchange.importing import Given, import_files
from registry.exchange.sheets import Sheet, sheet_of
from registry.history import RegistryState, table_behind
from registry.knowledge import Knowledge
from registry.settings import VERSION, Settings
from registry.telemetry import note_fault
from registry.visibility import viewing
from registry.web.auth import actor_of
from registry.web.etag import still_held
from registry.web.export_query import Wanted, wanted
from registry.web.rates import turned_away
from registry.web.refusing import Refused, fault, refusal, told
from schema.execution.lanes import Lane
from schema.execution.moments import nothing_known

#: What else files of a form are called.
_ALSO_CALLED = {
    "application/csv": Format.CSV,
    "application/x-ndjson": Format.JSONL,
    "application/ndjson": Format.JSONL,
    "application/x-jsonlines": Format.JSONL,
}
_FORMS = {form.media_type: form for form in Format} | _ALSO_CALLED

#: Media types of files that are text, and so worth compressing.
TEXTS = (Format.CSV.media_type, Format.JSONL.media_type)


#: Makes a file from what may be read.
_Make = Callable[[sa.Engine], Iterator[bytes]]

LOG = logging.getLogger("registry.web")


class Exchange:
    """The two addresses; `engine` sees everything, and `knowledge` is what it knew at earlier moments."""

    def __init__(self, engine: sa.Engine, settings: Settings, knowledge: Knowledge) -> None:
        self.engine = engine
        self.settings = settings
        self.knowledge = knowledge
        # Imports wait for one another: on SQLite there is one writer anyway, and each holds a thread.
        waiting, ever = settings.writes_waiting_max, math.inf
        self.receiving = Lane("registry-import", 1, waiting, ever, ever)
        self.sending = Lane("registry-export", settings.heavy_reads, settings.heavy_waiting_max, ever, ever)

    def close(self) -> None:
        """Lets the threads end."""
        self.receiving.close()
        self.sending.close()

    async def receive(self, request: Request) -> Response:
        """`POST /import/{kind}?reason=…`, also with `dryRun=true` and `onError=skip`: 200 with the report, or 422 with
        it where a row was refused and nothing was written, be it in a dry run."""
        return await _answered(self._import(request), request)

    async def send(self, request: Request) -> Response:
        """`GET /export/{kind}.{form}`, with `at`, `language` and `knownAt`: the records that the asker may see.

        As in the addresses of pages, these are also called `as_of`, `lang` and, for what was known at the end of a day,
        `known_on`.
        """
        return await _answered(self._export(request), request)

    async def _import(self, request: Request) -> Response:
        sheet = sheet_of(request.path_params["kind"])
        actor = actor_of(request)
        if not actor.writes:
            raise Forbidden("Only editors and administrators may import.", hint="Ask with the key of one of them.")
        with tempfile.NamedTemporaryFile(prefix="registry-import-") as file:
            limited = _Limited(request.scope, request.receive, self.settings)
            said, name, form = await _received(limited, file, sheet)
            file.flush()
            given = Given(Path(file.name), name, form, sheet)
            options = _options(said) | {"documents": self.settings.documents_dir}
            work = partial(import_files, self.engine, [given], actor=actor, **options)
            report = await self.receiving.run(work, whole=True)
        status = 422 if report.failed else 200
        headers = {"Cache-Control": "no-store"}
        return Response(orjson.dumps(report.to_json()), status, headers, "application/json")

    async def _export(self, request: Request) -> Response:
        kind, _dot, ending = request.path_params["file"].rpartition(".")
        form = next((form for form in Format if form.suffix == f".{ending}"), None)
        if form is None:
            raise NotFound("An export ends in .csv, .xlsx or .jsonl.", hint="Fetch for example /export/agreements.csv.")
        sheet = sheet_of(kind)
        asked = wanted(request.query_params, ZoneInfo(self.settings.time_zone))
        tag = await run_in_threadpool(self._tag, request)
        if still_held(request, tag):
            return Response(None, 304, _kept(request, tag))
        async with AsyncExitStack() as stack:
            make = partial(export, sheet=sheet, form=form, at=asked.at, language=asked.language)
            first, parts = await self._begun(make, actor_of(request).audiences, asked, stack)
            headers = {
                "Content-Disposition": f'attachment; filename="{sheet.file}{form.suffix}"',
                **_kept(request, tag),
            }
            content, media_type = self._streamed(first, parts), _content_type(form)
            return _Lent(stack.pop_all(), content, headers=headers, media_type=media_type)

    async def _begun(
        self, make: _Make, audiences: Collection[Audience], asked: Wanted, stack: AsyncExitStack
    ) -> tuple[bytes, Iterator[bytes]]:
        """The first part of a file, and the others; what they are read from is lent for as long as the stack is open.

        The first part is made before anything is sent: what the form cannot hold is told as an error.
        """
        position = await self._position(asked)
        if position is None or position == await self._newest():
            parts = make(viewing(self.engine, audiences))
            first = await self.sending.run(partial(next, parts, b""))
            if position is None or position == await self._newest():
                return first, parts
            await run_in_threadpool(_closed, parts)  # the registry has changed meanwhile
        then = await stack.enter_async_context(self.knowledge.at(position))
        parts = make(viewing(then, audiences, earlier=True))
        return await self.sending.run(partial(next, parts, b"")), parts

    async def _position(self, asked: Wanted) -> int | None:
        """The position in the log that an export rests on; None where it is of now. Raises `BadInput` before any."""
        if asked.known is None:
            return None
        _last, positions = await run_in_threadpool(self.knowledge.positions, [asked.known])
        if positions[asked.known] == 0:
            raise nothing_known((asked.known_by,))
        return positions[asked.known]

    async def _newest(self) -> int:
        last, _positions = await run_in_threadpool(self.knowledge.positions)
        return last

    async def _streamed(self, first: bytes, parts: Iterator[bytes]) -> AsyncIterator[bytes]:
        """The parts of a file; between two of them, those of others have their turn."""
        try:
            part: bytes | None = first
            while part is not None:
                yield part
                part = await self.sending.run(partial(next, parts, None))
        finally:
            await run_in_threadpool(_closed, parts)

    def _tag(self, request: Request) -> str:
        """Stands for a file: the address, who asks, all that is recorded, the day, and the version that writes it."""
        state, today = table_behind(RegistryState), datetime.now(ZoneInfo(self.settings.time_zone)).date()
        with self.engine.connect() as connection:
            recorded = connection.execute(sa.select(state.c.sequence, state.c.digest)).one()
        rests_on = [
            str(request.url.path),
            request.url.query,
            sorted(actor_of(request).audiences),
            *recorded,
            today,
            VERSION,
        ]
        return f'W/"{hashlib.blake2b(repr(rests_on).encode(), digest_size=16).hexdigest()}"'


def _kept(request: Request, tag: str) -> dict[str, str]:
    """For whom, and for how long, a file may be kept."""
    whose = "private" if "authorization" in request.headers else "public"
    return {"ETag": tag, "Cache-Control": f"{whose}, no-cache", "Vary": "Authorization"}


async def _answered(answer: Any, request: Request) -> Response:
    """An answer, or, in the shape that errors have everywhere, why there is none."""
    try:
        response: Response = await answer
        return response
    except Refused as refused:
        return refusal(refused.status, [refused.told()], refused.headers)
    except (TurnedAway, Unavailable) as away:
        return turned_away(away)
    except RegistryError as error:
        problems = getattr(error, "problems", (error,))
        return refusal(status_of(error.code), [_problem(one) for one in problems])
    except ClientDisconnect:
        return Response(status_code=400)
    except Exception as error:
        if is_away(error):
            return turned_away(unreached(error))
        return fault(note_fault(LOG, error, request.url.path.split("/")[1]))


def _problem(error: RegistryError) -> dict[str, Any]:
    return told(error.message, code=error.code, path=list(error.path), hint=error.hint)


# ── In ──────────────────────────────────────────────────────────────────────────────────────────────────────────────


def _options(said: Mapping[str, str]) -> dict[str, Any]:
    unknown = set(said) - {"reason", "dryRun", "onError"}
    if unknown:
        raise BadInput(f"There is no option {min(unknown)}.", hint="There are reason, dryRun and onError.")
    dry_run = _choice(said, "dryRun", ("false", "true")) == "true"
    reason = said.get("reason", "").strip()
    if not reason and not dry_run:
        raise BadInput("Say why, for the log of changes.", path=("reason",), hint="Give ?reason=….")
    skip = _choice(said, "onError", ("stop", "skip")) == "skip"
    return {"reason": reason or "A dry run.", "dry_run": dry_run, "skip": skip}


def _choice(said: Mapping[str, str], name: str, choices: tuple[str, ...]) -> str:
    chosen = said.get(name, choices[0])
    if chosen not in choices:
        raise BadInput(f"{name} cannot be “{chosen}”.", path=(name,), hint=f"Give {' or '.join(choices)}.")
    return chosen


async def _received(request: Request, file: IO[bytes], sheet: Sheet) -> tuple[dict[str, str], str, Format]:
    """Writes the file that was sent to `file`; gives what else was said, the file's name and its form."""
    said = dict(request.query_params)
    if _media_type(request.headers.get("content-type", "")) == "multipart/form-data":
        return await _from_form(request, file, said)
    form = _FORMS.get(_media_type(request.headers.get("content-type", "")))
    if form is None:
        raise Refused(415, f"The body must be {', '.join(_FORMS)} or a form.", "UNSUPPORTED_MEDIA_TYPE")
    if request.headers.get("content-encoding", "identity") != "identity":
        raise Refused(415, "The body must not be compressed.", "UNSUPPORTED_MEDIA_TYPE")
    _check_charset(request.headers.get("content-type", ""))
    async for chunk in request.stream():
        file.write(chunk)
    return said, f"{sheet.file}{form.suffix}", form


async def _from_form(request: Request, file: IO[bytes], said: dict[str, str]) -> tuple[dict[str, str], str, Format]:
    try:
        async with request.form(max_files=1, max_fields=4) as fields:
            sent = _sent(fields)
            said |= {name: value for name, value in fields.items() if isinstance(value, str)}
            name = Path(sent.filename or "").name
            form = _FORMS.get(_media_type(sent.content_type or "")) or _by_ending(name)
            if form is None:
                raise Refused(415, "The part file must be CSV, XLSX or JSON Lines.", "UNSUPPORTED_MEDIA_TYPE")
            _check_charset(sent.content_type or "")
            while chunk := await sent.read(1 << 16):
                file.write(chunk)
            return said, name or f"file{form.suffix}", form
    except HTTPException as error:
        raise Refused(400, f"The form cannot be read: {error.detail}") from None


def _sent(fields: FormData) -> UploadFile:
    sent = fields.get("file")
    if not isinstance(sent, UploadFile):
        raise BadInput("The form has no part file.", path=("file",), hint="Send the file of records as its part file.")
    return sent


def _media_type(header: str) -> str:
    return header.split(";")[0].strip().lower()


#: Character sets of texts that are read: others are told apart by nothing but what is said of them.
_CHARSETS = ("utf-8", "utf8", "us-ascii", "ascii", "utf-16")


def _check_charset(header: str) -> None:
    """Raises `Refused` where a file is said to be in a character set that is not read."""
    told = MimeMessage()
    told["Content-Type"] = header or "text/csv"
    charset = told.get_content_charset("utf-8")
    if charset not in _CHARSETS:
        hint = "Save it as CSV in UTF-8; Excel calls that “CSV UTF-8”."
        raise Refused(415, f"The file must be in UTF-8, not in {charset}.", "UNSUPPORTED_MEDIA_TYPE", hint=hint)


def _by_ending(name: str) -> Format | None:
    return next((form for form in Format if name.lower().endswith(form.suffix)), None)


class _Limited(Request):
    """A request whose body ends in a refusal where it is larger than it may be, or does not go on."""

    def __init__(self, scope: Scope, receive: Receive, settings: Settings) -> None:
        most = settings.import_bytes_max
        announced = dict(scope["headers"]).get(b"content-length", b"").decode("latin-1")
        too_large = Refused(413, f"A file may have {most:,} bytes at most.", "PAYLOAD_TOO_LARGE", Connection="close")
        if announced.isdecimal() and int(announced[:20]) > most:
            raise too_large
        read = 0

        async def receive_some() -> Message:
            nonlocal read
            try:
                async with asyncio.timeout(settings.slow_writer_seconds):
                    message = await receive()
            except TimeoutError:
                raise Refused(408, "The file did not go on.", "REQUEST_TIMEOUT", Connection="close") from None
            read += len(message.get("body", b""))
            if read > most:
                raise too_large
            return message

        super().__init__(scope, receive_some)


# ── Out ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


def _content_type(form: Format) -> str:
    return f"{form.media_type}; charset=utf-8; header=present" if form is Format.CSV else form.media_type


def _closed(parts: Iterator[bytes]) -> None:
    """Lets what a file is made from go, where not all of it was wanted."""
    close = getattr(parts, "close", None)
    if close is not None:
        close()


class _Lent(StreamingResponse):
    """A file that is made from what is lent, which is given back once it is sent or cannot be."""

    def __init__(self, lent: AsyncExitStack, content: AsyncIterator[bytes], **told: Any) -> None:
        super().__init__(content, **told)
        self._lent = lent

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async with self._lent:
            await super().__call__(scope, receive, send)
