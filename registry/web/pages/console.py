"""The console to ask from, which opens with an example or with the query of a page."""

from urllib.parse import parse_qsl, urlencode, urlsplit

import orjson
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Match, Route

from registry.web.pages.page import Page
from registry.web.pages.rendering import render
from registry.web.pages.walk import Walk

#: What the console offers to try.
EXAMPLES = (
    """{
  agreements(first: 5) {
    totalCount
    nodes { title partners { name } status statusReason { explanation } }
  }
}""",
    "{\n  countries(first: 20) {\n    nodes { code name }\n  }\n}",
    "{\n  knownAt\n  about { version counts { type count } }\n}",
)


def console(request: Request) -> Response:
    """The page at /graphql for browsers: write a query, run it, read the answer.

    With `page`, the address of a page, it opens with the query of that page.
    """
    walk = Walk(request, request.app.state.settings)
    query, variables = _query_of(request, walk.one("page") or "") or (EXAMPLES[0], "")
    return HTMLResponse(render("console.html", walk, examples=EXAMPLES, query=query, variables=variables))


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
