"""Documents asked for by what they are known by: those trusted, and those that clients have left."""

import hashlib
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
import sqlalchemy as sa

from registry.cli import main
from registry.settings import Settings
from registry.web.documents import Left
from tests.servers import serving
from tests.web.talking import events, talk

GERMANY = 'query Germany { country(code: "DE") { name } }'
CHANGES = "subscription Changes($after: String) { changes(after: $after) { sequence } }"
ANSWER = {"data": {"country": {"name": "Germany"}}}


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


@pytest.fixture(scope="module")
def trusted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file as GraphQL Code Generator writes it, by two of its ways to name a document."""
    file = tmp_path_factory.mktemp("trusted") / "persisted-documents.json"
    file.write_text(json.dumps({f"sha256:{sha256(GERMANY)}": GERMANY, "changes": CHANGES}), encoding="utf-8")
    return file


def _served(seeded: sa.Engine, **settings: Any) -> Iterator[str]:
    with serving(Settings(database_url=seeded.url.render_as_string(), **settings)) as address:
        yield address


@pytest.fixture(scope="module")
def strict(seeded: sa.Engine, trusted: Path) -> Iterator[str]:
    """A server that answers nothing but trusted documents."""
    yield from _served(seeded, trusted_documents=trusted, trusted_documents_only=True)


@pytest.fixture(scope="module")
def keeping(seeded: sa.Engine, trusted: Path) -> Iterator[str]:
    """A server that also keeps two queries that clients leave."""
    yield from _served(seeded, trusted_documents=trusted, persisted_queries_max=2)


def ask(address: str, **asked: Any) -> httpx2.Response:
    return httpx2.post(f"{address}/graphql", json=asked, timeout=30)


def code(answer: httpx2.Response) -> str:
    (error,) = answer.json()["errors"]
    told: str = error["extensions"]["code"]
    return told


def apollo(name: Any) -> dict[str, Any]:
    return {"persistedQuery": {"version": 1, "sha256Hash": name}}


# ── Trusted documents ───────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("name", [f"sha256:{sha256(GERMANY)}", sha256(GERMANY)])
def test_a_trusted_document_is_answered_by_its_hash(strict: str, keeping: str, name: str) -> None:
    for address in (strict, keeping):
        assert ask(address, documentId=name).json() == ANSWER
        assert ask(address, extensions=apollo(name)).json() == ANSWER
        assert ask(address, documentId=name, query=GERMANY).json() == ANSWER
        by_get = httpx2.get(f"{address}/graphql", params={"documentId": name})
        assert (by_get.json(), by_get.headers["cache-control"]) == (ANSWER, "public, no-cache")


def test_a_trusted_document_is_answered_over_a_socket_and_as_events(strict: str) -> None:
    with talk(strict) as socket:
        socket.say({"id": "1", "type": "subscribe", "payload": {"documentId": sha256(GERMANY)}})
        assert socket.hear()["payload"] == ANSWER
        assert socket.hear()["type"] == "complete"
        socket.say({"id": "2", "type": "subscribe", "payload": {"extensions": apollo(sha256(GERMANY))}})
        assert socket.hear()["payload"] == ANSWER

    asked = {"documentId": "changes", "variables": {"after": "x"}}
    answer = httpx2.post(f"{strict}/graphql", json=asked, headers={"Accept": "text/event-stream"}, timeout=30)
    assert "BAD_USER_INPUT" in answer.text  # it was found, and run
    with events(strict, GERMANY) as heard:
        assert next(heard).data == ANSWER


@pytest.mark.parametrize("query", ["{ __typename }", "{ __schema { types { name } } }", GERMANY + " "])
def test_nothing_else_is_answered_where_only_trusted_documents_are(strict: str, query: str) -> None:
    answer = ask(strict, query=query)

    assert (answer.status_code, code(answer)) == (403, "DOCUMENT_NOT_TRUSTED")
    assert answer.json()["errors"][0]["extensions"]["hint"]
    assert code(ask(strict, query=query, documentId=sha256(query))) == "DOCUMENT_NOT_TRUSTED"
    assert code(ask(strict, query=query, extensions=apollo(sha256(query)))) == "DOCUMENT_NOT_TRUSTED"
    with talk(strict) as socket:
        socket.ask("1", query)
        told = socket.hear()
        assert (told["type"], told["payload"][0]["extensions"]["code"]) == ("error", "DOCUMENT_NOT_TRUSTED")


def test_pages_are_given_all_the_same_and_the_consoles_say_why_they_are_of_little_use(strict: str) -> None:
    html = {"Accept": "text/html"}

    assert httpx2.get(f"{strict}/countries/DE", headers=html, timeout=30).status_code == 200
    for console in ("/graphql", "/graphiql"):
        assert "only the queries that its operators have approved" in httpx2.get(strict + console, headers=html).text


@pytest.mark.parametrize("asked", [{"documentId": "nobody"}, {"documentId": ""}, {"extensions": apollo("nobody")}])
def test_a_document_that_nobody_knows_is_refused(strict: str, asked: Any) -> None:
    assert (ask(strict, **asked).status_code, code(ask(strict, **asked))) == (400, "DOCUMENT_NOT_FOUND")


@pytest.mark.parametrize(
    "asked", [{"documentId": 5}, {"extensions": apollo(5)}, {"extensions": {"persistedQuery": []}}]
)
def test_a_name_that_is_no_text_is_refused(keeping: str, asked: Any) -> None:
    assert code(ask(keeping, **asked)) == "BAD_REQUEST"


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        (None, "cannot be read"),
        ("{", "not JSON"),
        ('["{ knownAt }"]', "must be one JSON object"),
        (json.dumps({"sound": GERMANY, "unsound": "query Odd { nothing }"}), "document unsound .* Cannot query field"),
        (json.dumps({"broken": "{"}), "document broken .* Syntax Error"),
    ],
)
def test_a_file_that_cannot_be_trusted_keeps_the_server_from_starting(
    tmp_path: Path,
    seeded_copy: sa.Engine,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    text: str | None,
    complaint: str,
) -> None:
    file = tmp_path / "documents.json"
    if text is not None:
        file.write_text(text, encoding="utf-8")
    monkeypatch.setenv("REGISTRY_TRUSTED_DOCUMENTS", str(file))
    monkeypatch.setenv("REGISTRY_DATABASE_URL", seeded_copy.url.render_as_string())

    with pytest.raises(SystemExit) as ended:
        main(["serve", "--port", "0"])

    assert ended.value.code == 1
    assert str(file) in (said := capsys.readouterr().err)
    assert re.search(complaint, said)


# ── Documents that clients leave ────────────────────────────────────────────────────────────────────────────────────


def test_a_query_that_was_left_is_answered_by_its_hash(keeping: str) -> None:
    query = "query Left { __typename }"
    name = sha256(query)
    unknown = ask(keeping, extensions=apollo(name))
    assert code(unknown) == "PERSISTED_QUERY_NOT_FOUND"
    assert unknown.json()["errors"][0]["message"] == "PersistedQueryNotFound"

    left = ask(keeping, query=query, extensions=apollo(name))

    assert left.json() == ask(keeping, extensions=apollo(name)).json() == {"data": {"__typename": "Query"}}
    asked = {"extensions": json.dumps(apollo(name))}
    assert httpx2.get(f"{keeping}/graphql", params=asked).json() == left.json()
    with talk(keeping) as socket:
        socket.say({"id": "1", "type": "subscribe", "payload": {"extensions": apollo(name)}})
        assert socket.hear()["payload"] == left.json()


def test_a_query_under_the_hash_of_another_is_refused_and_not_kept(keeping: str) -> None:
    name = sha256("query Innocent { __typename }")

    assert code(ask(keeping, query="{ knownAt }", extensions=apollo(name))) == "PERSISTED_QUERY_MISMATCH"
    assert code(ask(keeping, extensions=apollo(name))) == "PERSISTED_QUERY_NOT_FOUND"


def test_by_default_nothing_is_kept_and_clients_are_told_so(server: str) -> None:
    query = "query Unkept { __typename }"

    assert ask(server, query=query, extensions=apollo(sha256(query))).json() == {"data": {"__typename": "Query"}}
    refused = ask(server, extensions=apollo(sha256(query)))
    assert code(refused) == "PERSISTED_QUERY_NOT_SUPPORTED"
    assert refused.json()["errors"][0]["message"] == "PersistedQueryNotSupported"


def test_what_is_left_stays_within_its_bounds_and_what_is_used_stays_longest() -> None:
    left = Left(most=3, most_bytes=10)
    left.keep("a", "1234")
    left.keep("b", "12")
    left.keep("c", "1")
    assert left.get("A") == "1234"
    left.keep("d", "é")  # the fourth: b has not been used for longest
    assert [left.get(name) for name in "abcd"] == ["1234", None, "1", "é"]

    left.keep("e", "12345")  # too many bytes: a goes too

    assert [left.get(name) for name in "acde"] == [None, "1", "é", "12345"]
    left.keep("f", "x" * 11)
    assert left.get("f") is None
    assert left.get("e") == "12345"
