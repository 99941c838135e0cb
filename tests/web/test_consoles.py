"""The two consoles: what they open with, that every worked example is answered, and that GraphiQL is what it says."""

import asyncio
import hashlib
import html
import json
import re
from pathlib import Path
from typing import Any

import httpx2
import pytest
import sqlalchemy as sa

from registry.access import Actor, Role
from registry.codes import Language
from registry.language import phrase
from registry.settings import Settings
from registry.web import graphiql
from registry.web.pages.examples import FOLDER, NAMES, Example, example, examples
from schema import schema
from schema.context import Context

BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
README = Path(__file__).resolve().parents[2] / "README.md"


def given_by(page: str) -> dict[str, Any]:
    """What the page of GraphiQL gives it to begin with."""
    given: dict[str, Any] = json.loads(re.findall(r'id="given">(.*?)</script>', page, re.DOTALL)[0])
    return given


def opened(server: str, address: str, **parameters: str) -> dict[str, Any]:
    """What GraphiQL opens with."""
    return given_by(httpx2.get(server + address, params=parameters, headers=BROWSER).text)


# Examples


def answered(each: Example, engine: sa.Engine) -> Any:
    """The data that an example is answered with, and no error."""
    asked = schema.execute(
        each.query,
        variable_values=json.loads(each.variables),
        context_value=Context(engine, Settings(), Actor("An editor", Role.EDITOR)),
    )
    result = asyncio.run(asked)
    assert result.errors is None
    return result.data


@pytest.mark.parametrize("name", [name for name in NAMES if name != "follow-changes"])
def test_an_example_is_answered_with_something_and_without_errors(name: str, seeded_copy: sa.Engine) -> None:
    each = example(name)
    assert each

    data = answered(each, seeded_copy)

    for field in data.values():
        assert field
        assert not (isinstance(field, dict) and (field.get("userErrors") or field.get("totalCount") == 0)), field


def test_the_example_of_a_subscription_hears_of_changes(server: str) -> None:
    each = example("follow-changes")
    assert each
    first = httpx2.post(f"{server}/graphql", json={"query": "{ changes(first: 1) { pageInfo { endCursor } } }"}).json()
    variables = {**json.loads(each.variables), "after": first["data"]["changes"]["pageInfo"]["endCursor"]}
    asked = {"query": each.query, "variables": variables}

    with httpx2.stream("POST", f"{server}/graphql", json=asked, headers={"Accept": "text/event-stream"}) as events:
        event = next(line for line in events.iter_lines() if line.startswith("data: {"))

    assert json.loads(event.removeprefix("data: "))["data"]["changes"]["action"] == "CREATED"


def test_every_example_has_its_place_its_title_and_what_it_is_about() -> None:
    assert (
        {path.stem for path in FOLDER.glob("*.graphql")} == {path.stem for path in FOLDER.glob("*.json")} == set(NAMES)
    )
    assert len(NAMES) == len(set(NAMES)) >= 12
    for each in examples():
        assert len(each.title) < 70
        assert len(each.about) > 60
        for language in (Language.RU, Language.UZ, Language.UZ_CYRL):
            assert phrase(each.title, language) != each.title, f"translate it in registry/locale: {each.title}"


def test_the_readme_leads_to_every_example() -> None:
    assert set(re.findall(r"registry/web/examples/([\w-]+)\.graphql", README.read_text(encoding="utf-8"))) == set(NAMES)


@pytest.mark.parametrize("address", ["/graphql", "/graphiql"])
def test_a_console_offers_every_example_in_the_language_of_the_reader(server: str, address: str) -> None:
    page = html.unescape(httpx2.get(f"{server}{address}?lang=ru", headers=BROWSER).text)

    for each in examples():
        assert phrase(each.title, Language.RU) in page
        assert each.query.splitlines()[-2] in page or json.dumps(each.query)[1:-1] in page


# What GraphiQL opens with


def test_graphiql_opens_with_the_query_of_a_page_as_the_light_console_does(server: str) -> None:
    given = opened(server, "/graphiql", page="/countries/DE?as_of=2026-01-01", lang="uz")
    light = httpx2.get(
        f"{server}/graphql", params={"page": "/countries/DE?as_of=2026-01-01", "lang": "uz"}, headers=BROWSER
    )
    query, variables = re.findall(r"<textarea[^>]*>(.*?)</textarea>", light.text, re.DOTALL)

    assert json.loads(given["variables"])["asOf"] == "2026-01-01"
    assert "query Country(" in given["query"]
    assert (given["query"].strip(), given["variables"]) == (
        html.unescape(query).strip(),
        html.unescape(variables).strip(),
    )


def test_graphiql_opens_with_what_the_address_says(server: str) -> None:
    asked = {"query": "{ about { version } } # </script><script>", "variables": "{}"}
    given = opened(server, "/graphiql", **asked)

    assert {name: given[name] for name in asked} == asked
    assert opened(server, "/graphiql", example="gaps")["query"].startswith("# What is missing")
    assert opened(server, "/graphiql", page="/nowhere")["query"] == examples()[0].query


@pytest.mark.parametrize(
    "page", ["https://elsewhere.example/countries", "javascript:/countries", "//elsewhere.example/", "/no"]
)
def test_graphiql_leads_back_only_to_pages_of_the_registry(server: str, page: str) -> None:
    found = httpx2.get(f"{server}/graphiql", params={"page": page}, headers=BROWSER).text

    assert not re.search(r'href="(https?:|javascript:|//)', found)


def test_graphiql_may_run_only_scripts_of_its_own_server(server: str) -> None:
    policy = httpx2.get(f"{server}/graphiql").headers["content-security-policy"]

    assert "script-src 'self';" in policy
    assert "unsafe-eval" not in policy
    assert "'unsafe-inline'" in policy.split("style-src")[1].split(";")[0]
    assert "unsafe" not in httpx2.get(server).headers["content-security-policy"]


# What GraphiQL is made of


def test_each_file_of_graphiql_is_the_one_that_the_manifest_names() -> None:
    files = {path.name for path in graphiql.FOLDER.iterdir()}

    assert files == {*graphiql.manifest()["files"], "manifest.json"}
    for name, said in graphiql.manifest()["files"].items():
        content = (graphiql.FOLDER / name).read_bytes()
        assert (hashlib.sha256(content).hexdigest(), len(content)) == (said["sha256"], said["bytes"]), name


def test_every_package_in_graphiql_is_named_with_version_and_free_licence() -> None:
    licences = (graphiql.FOLDER / "LICENCES.txt").read_text(encoding="utf-8")
    packages = graphiql.manifest()["packages"]

    assert {"graphiql", "graphql", "monaco-editor", "react"} <= {package["name"] for package in packages}
    for package in packages:
        assert f"{package['name']} {package['version']} ({package['licence']})" in licences
        assert package["licence"] in ("MIT", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "ISC", "0BSD", "MPL-2.0")


#: How a script or a style sheet loads something: what may follow must be no address of another host.
LOADS = re.compile(
    r"(?:@import\s*|url\(\s*|import\(\s*|from\s*|importScripts\(\s*|Worker\(\s*|fetch\(\s*)[\"'`]?((?:https?:)?//[^\"'`)\s]+)"
)


def test_no_file_of_graphiql_loads_anything_from_another_host() -> None:
    for path in graphiql.FOLDER.iterdir():
        if path.suffix in (".js", ".css"):
            assert LOADS.findall(path.read_text(encoding="utf-8")) == [], path.name


def test_what_would_be_loaded_from_another_host_is_found() -> None:
    planted = "@import '//fonts.example/a.css'; a{b:url(https://x.example/c)} import('https://esm.sh/react')"

    assert LOADS.findall(planted) == ["//fonts.example/a.css", "https://x.example/c", "https://esm.sh/react"]


def test_files_of_graphiql_are_kept_by_browsers_and_sent_compressed(server: str) -> None:
    script = graphiql.entry()["script"]
    plain = httpx2.get(server + script, headers={"Accept-Encoding": "identity"})
    packed = httpx2.get(server + script, headers={"Accept-Encoding": "gzip"})

    assert "immutable" in plain.headers["cache-control"]
    assert packed.headers["content-encoding"] == "gzip"
    assert packed.text == plain.text
    assert int(packed.headers["content-length"]) < int(plain.headers["content-length"]) / 2
    assert "immutable" not in httpx2.get(f"{server}{graphiql.ADDRESS}/manifest.json").headers["cache-control"]


@pytest.mark.parametrize("name", ["nothing.js", "%2e%2e/%2e%2e/app.py"])
def test_files_that_the_manifest_does_not_name_are_not_found(server: str, name: str) -> None:
    assert httpx2.get(f"{server}{graphiql.ADDRESS}/{name}").status_code == 404
