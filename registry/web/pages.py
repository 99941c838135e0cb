"""Pages for people: the entrance, and the console to ask from. They work without any other server."""

from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from registry.settings import VERSION
from schema import root, schema
from schema.context import Context

HERE = Path(__file__).parent

#: What a page may load: only what comes from here.
POLICY = "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

_templates = Environment(
    loader=FileSystemLoader(HERE / "templates"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
)

_ABOUT = """{
  date knownAt about { homeCountry { name } synthetic counts { type count } }
  agreements(first: 50, orderBy: {field: TITLE}) {
    totalCount
    nodes { reference title(language: EN) partners { name } status statusReason { explanation } }
  }
}"""

EXAMPLE = """{
  agreements(first: 5) {
    totalCount
    nodes { title partners { name } status statusReason { explanation } }
  }
}"""

#: What the console offers to try: a title and a query each.
EXAMPLES = (
    ("Agreements and their status today", EXAMPLE),
    ("Partner countries", "{\n  countries(first: 20) {\n    nodes { code name }\n  }\n}"),
    ("What this registry holds", "{\n  knownAt\n  about { version counts { type count } }\n}"),
)


async def home(request: Request) -> Response:
    """The entrance: what the registry holds, and how to ask it."""
    context = Context(request.app.state.engine, request.app.state.settings)
    try:
        result = await schema.execute(_ABOUT, context_value=context, root_value=root(context))
    finally:
        await context.close()
    if result.errors or result.data is None:
        raise RuntimeError(f"The registry cannot say what it holds: {result.errors}")
    return _page("home.html", **result.data, example=EXAMPLE, origin=str(request.base_url).rstrip("/"))


def console() -> Response:
    """The page at /graphql for browsers: write a query, run it, read the answer."""
    return _page("console.html", examples=EXAMPLES)


def _page(template: str, **values: Any) -> Response:
    html = _templates.get_template(template).render(version=VERSION, **values)
    return HTMLResponse(html, headers={"Content-Security-Policy": POLICY})
