"""The recipes of the README do what they say, word for word: only the address of the server is another here."""

import contextlib
import csv
import io
import json
import re
import shutil
import subprocess
from pathlib import Path

import httpx2
import pytest
import sqlalchemy as sa

from registry.settings import Settings
from tests.clients.conftest import Desk
from tests.servers import HOME, serving

README = (HOME / "README.md").read_text(encoding="utf-8")
ADDRESS = "http://127.0.0.1:8000"


def recipes(language: str, containing: str, address: str) -> list[str]:
    """The README's blocks of a language that hold a text, to be run against a server."""
    blocks = re.findall(rf"^```{language}\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)
    found = [block.replace(ADDRESS, address) for block in blocks if containing in block]
    assert found, f"the README has no recipe in {language} with {containing}"
    return found


def typed(desk: Desk, address: str) -> str:
    """What the recipe in TypeScript prints, done at a desk beside operations of every other kind."""
    for block in recipes("ts", "// ", address):
        name, _, text = block.removeprefix("// ").partition("\n")
        (desk.folder / name).write_text(text, encoding="utf-8")
    (desk.folder / "package.json").write_text('{"type": "module"}')
    (command,) = recipes("sh", "graphql-codegen &&", address)
    return desk.run("bash", "-c", command)


def test_typescript_prints_what_is_in_force(desk: Desk, server: str, seeded: sa.Engine) -> None:
    said = typed(desk, server)
    desk.run("tsc", "--strict", "--skipLibCheck", "--module", "nodenext", "--noEmit", "operations.ts", "agreements.ts")

    assert said.splitlines()[-1].startswith("uz-tr-migrant-rights ")
    trusted(desk.folder / "gql" / "persisted-documents.json", seeded.url.render_as_string())


def trusted(documents: Path, database_url: str) -> None:
    """A server that answers only what Code Generator has written down answers that, by its hash."""
    texts = json.loads(documents.read_text(encoding="utf-8"))
    (known,) = [name for name, text in texts.items() if text.startswith("query InForce")]
    settings = Settings(database_url=database_url, trusted_documents=documents, trusted_documents_only=True)
    by_apollo = {"persistedQuery": {"version": 1, "sha256Hash": known}}
    with serving(settings) as address, httpx2.Client(base_url=address) as http:
        answer = http.post("/graphql", json={"documentId": known, "variables": {"country": ["TR"]}})
        same = http.post("/graphql", json={"extensions": by_apollo, "variables": {"country": ["TR"]}})
        other = http.post("/graphql", json={"query": "{ __typename }"})

    assert answer.json() == same.json()
    assert answer.json()["data"]["agreements"]["nodes"][0]["reference"] == "uz-tr-migrant-rights"
    assert other.json()["errors"][0]["extensions"]["code"] == "DOCUMENT_NOT_TRUSTED"


def test_the_recipe_needs_only_packages_that_are_tried(desk: Desk) -> None:
    (recipe,) = recipes("sh", "npm pkg set", ADDRESS)
    (needed,) = re.findall(r"^npm install (.+)$", recipe, re.MULTILINE)
    tried = json.loads((HOME / "tests" / "clients" / "package.json").read_text(encoding="utf-8"))["dependencies"]

    assert set(needed.split()) <= set(tried)


def test_python_prints_all_agreements_page_by_page(server: str) -> None:
    (script,) = recipes("python", "gql", server)
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        exec(compile(script, "README.md", "exec"), {})

    total = httpx2.post(f"{server}/graphql", json={"query": "{ agreements { totalCount } }"}).json()
    lines = said.getvalue().splitlines()
    assert len(set(lines)) == len(lines) == total["data"]["agreements"]["totalCount"] > 20
    assert "uz-tr-migrant-rights IN_FORCE" in lines


def test_a_shell_is_answered(server: str) -> None:
    if shutil.which("curl") is None:
        pytest.skip("NOT TESTED WITH CURL: install Debian's package curl")
    for command in recipes("sh", "curl -s", server):
        if "/graphql" not in command or "text/event-stream" in command:
            continue  # files are fetched and sent by tests of exchange, streams never end
        done = subprocess.run(["bash", "-c", command], capture_output=True, check=True, timeout=60)
        answer = json.loads(done.stdout)
        assert "errors" not in answer
        assert answer["data"]


def test_a_spreadsheet_takes_each_list_from_its_address(server: str) -> None:
    (addresses,) = recipes("text", "/export/", server)
    for address in addresses.split():
        answer = httpx2.get(address, headers={"Accept": "*/*", "User-Agent": "Mozilla/5.0 Mashup"})
        rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
        assert (answer.status_code, answer.headers["content-type"].split(";")[0]) == (200, "text/csv")
        assert len(rows) > 1
        assert {len(row) for row in rows} == {len(rows[0])}
        assert rows[0][0] in ("Year", "reference", "source")
