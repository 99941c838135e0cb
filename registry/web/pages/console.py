"""The two consoles to ask from: a light one in the reader's language, and GraphiQL with all that developers expect.

Both open with a worked example, with the query of a page, or with what the address says.
"""

from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import orjson
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Match, Route

from registry.language import phrase
from registry.web.graphiql import POLICY, entry, workers
from registry.web.pages.examples import Example, example, examples
from registry.web.pages.page import Page
from registry.web.pages.rendering import render
from registry.web.pages.walk import Walk


def console(request: Request) -> Response:
    """The page at /graphql for browsers: write a query, run it, read the answer.

    With `page`, the address of a page, it opens with the query of that page; with `example` with a worked example.
    """
    walk = Walk(request, request.app.state.settings)
    query, variables = _opening(request, walk) or (examples()[0].query, examples()[0].variables)
    shown = example(walk.one("example") or "")
    values = {"examples": examples(), "query": query, "variables": variables, "page": _page(request, walk)}
    page = render("console.html", walk, shown=shown, **values)
    return HTMLResponse(page, headers={"Vary": "Accept-Language, Cookie"})


def graphiql(request: Request) -> Response:
    """The page at /graphiql. It takes `page` and `example` as the light console does, or `query` and `variables`."""
    walk = Walk(request, request.app.state.settings)
    asked = _opening(request, walk)
    if asked is None and walk.one("query"):
        asked = walk.one("query") or "", walk.one("variables") or ""
    query, variables = asked or (examples()[0].query, examples()[0].variables)
    given = {
        "asked": asked is not None,
        "query": query,
        "variables": variables,
        "examples": [_offered(each, walk) for each in examples()],
        "workers": workers(),
        "words": {"examples": phrase("Examples", walk.language)},
        "language": walk.tag,
    }
    page = render("graphiql.html", walk, given=given, entry=entry(), page=_page(request, walk))
    return HTMLResponse(page, headers={"Content-Security-Policy": POLICY, "Cache-Control": "no-store"})


def _page(request: Request, walk: Walk) -> str | None:
    """The address of the page that the reader came from, where it is one of ours."""
    parts = urlsplit(walk.one("page") or "")
    if _query_of(request, walk.one("page") or "") is None:
        return None
    return parts.path + (f"?{parts.query}" if parts.query else "")


def _offered(each: Example, walk: Walk) -> dict[str, Any]:
    return {**vars(each), "title": phrase(each.title, walk.language)}


def _opening(request: Request, walk: Walk) -> tuple[str, str] | None:
    """The document and the variables, as JSON, that an address asks for by the name of an example or by a page."""
    if chosen := example(walk.one("example") or ""):
        return chosen.query, chosen.variables
    return _query_of(request, walk.one("page") or "")


def _query_of(request: Request, address: str) -> tuple[str, str] | None:
    """The document and the variables, as JSON, of the page at an address; None where there is no such page."""
    parts = urlsplit(address)
    query = urlencode(parse_qsl(parts.query))
    scope = {**request.scope, "path": parts.path, "query_string": query.encode(), "method": "GET"}
    for route in request.app.routes:
        match, found = route.matches(scope)
        page = getattr(getattr(route, "endpoint", None), "__self__", None)
        if match is Match.FULL and isinstance(route, Route) and isinstance(page, Page):
            try:
                _, document, variables = page.asked(Request({**scope, **found}))
            except HTTPException:
                return None
            return document, orjson.dumps(variables, option=orjson.OPT_INDENT_2).decode()
    return None
