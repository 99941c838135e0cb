"""The brief of a country for whoever is to meet its minister: `GET /countries/{code}/brief.pdf`.

It says what the country's page says, on the same day and as known at the same moment, to the same reader; where that
is the same, it is the same file, byte for byte.
"""

from datetime import datetime
from pathlib import Path

import orjson
from starlette.requests import Request
from starlette.responses import Response

from registry.errors import BadInput
from registry.web.etag import tagged
from registry.web.pages import country, labour
from registry.web.pages.documents import document
from registry.web.pages.home import IN_FORCE
from registry.web.pages.page import Data, Refusal, answered
from registry.web.pages.walk import Walk
from registry.web.paper.contents import ROOMS, contents
from registry.web.paper.typesetting import Busy, Press, can_print
from registry.web.tongue import Tongue

HERE = Path(__file__).parent

#: Sheets that a brief may have.
MOST_PAGES = 2


class Briefs:
    """The address, and the press that sets what it gives."""

    def __init__(self) -> None:
        self.press = Press(HERE / "brief.typ", MOST_PAGES)

    async def send(self, request: Request) -> Response:
        """The brief as PDF; 501 where typst is not installed, 404 where there is no such country."""
        if not can_print():
            hint = "Install the registry with the extra `pdf`, which brings typst; the country's page prints well too."
            raise Refusal(501, "This server cannot set briefs as PDF.", hint, "NOT_IMPLEMENTED")
        walk = Walk(request, request.app.state.settings)
        body, data = await answered(request, document("brief", HERE), _variables(walk, request.path_params["code"]))
        if data["at"]["country"] is None:
            raise Refusal.no_record()
        sheet = await self._set(body, data, walk)
        name = f"brief-{data['at']['country']['code']}-{data['at']['date']}-{walk.tag}.pdf"
        headers = {"Content-Disposition": f'inline; filename="{name}"', "Content-Language": walk.tag}
        response = tagged(Response(sheet, headers=headers, media_type="application/pdf"), request)
        response.headers["Vary"] = "Accept-Language, Authorization, Cookie"
        return response

    async def _set(self, body: bytes, data: Data, walk: Walk) -> bytes:
        tongue, at = Tongue(walk.language), data["at"]["knownAt"]
        told = (contents(data, tongue, room, walk.moment_of(at)) for room in ROOMS)
        versions = (orjson.dumps({**each, "language": walk.tag}) for each in told)
        try:
            return await self.press.set(body + walk.tag.encode(), versions, int(datetime.fromisoformat(at).timestamp()))
        except Busy:
            raise Refusal(503, "Too many briefs are being set.", "Try again in a moment.", "UNAVAILABLE") from None


def _variables(walk: Walk, key: str) -> Data:
    """What the document asks for: as for the country's page, with the twelve months that begin on the legal day."""
    try:
        days = {"today": walk.day.isoformat(), "inAYear": walk.year_ahead.isoformat(), **walk.moment()}
    except BadInput as error:
        raise Refusal.of(error) from None
    return {
        "language": walk.language.value,
        "inForce": IN_FORCE,
        **days,
        **labour.asked(),
        "code": country.code_of(key),
    }
