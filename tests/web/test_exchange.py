"""Files over HTTP: who may send them in, what the report says, and what goes out to whom."""

import socket
import threading
import time
from collections.abc import Iterator
from typing import Any

import httpx2
import pytest
import sqlalchemy as sa
import uvicorn

from registry.access import Actor, Audience, Role
from registry.agreements import Agreement, revise
from registry.exchange.formats import Format
from registry.history import Change, changeset, table_behind
from registry.settings import Settings
from registry.web.app import create_app
from schema.scalars import format_instant
from tests.factories import make_agreement, make_key
from tests.workbooks import far_off

ACTS = "agreement,kind,date,source_1,note_1\n"
ROW = "uz-de-migration-mobility-2024,RATIFICATION,2025-01-02,bmi-2024-09-15,So.\n"
CSV = {"Content-Type": "text/csv"}
#: Asks with the key of an editor.
EDITOR = {"X-Test-Role": "EDITOR"}


@pytest.fixture
def http(seeded_copy: sa.Engine) -> Iterator[httpx2.Client]:
    """A client of a server of the seeds and of an agreement that is no public one; files may have 100,000 bytes."""
    with changeset(seeded_copy, "A test.") as changes:
        make_agreement(changes, "official", audience=Audience.OFFICIAL)
        make_agreement(changes, "secret", audience=Audience.RESTRICTED)
        keyring = {role: make_key(changes, Actor("tester", role)) for role in [*Role][1:]}
    app = create_app(Settings(database_url=str(seeded_copy.url), import_bytes_max=100_000))
    listener = socket.create_server(("127.0.0.1", 0))
    running = uvicorn.Server(uvicorn.Config(app, log_level="warning", access_log=False, ws="none"))
    thread = threading.Thread(target=running.run, kwargs={"sockets": [listener]})
    thread.start()
    while not running.started:
        time.sleep(0.01)

    def unlock(request: httpx2.Request) -> None:
        role = request.headers.pop("x-test-role", "")
        if role in keyring:
            request.headers["authorization"] = keyring[Role[role]]

    address = f"http://127.0.0.1:{listener.getsockname()[1]}"
    with httpx2.Client(base_url=address, timeout=30, event_hooks={"request": [unlock]}) as client:
        yield client
    running.should_exit = True
    thread.join()


def refusal(answer: httpx2.Response, status: int, code: str) -> str:
    """The message of an answer that must be one error of this status and code, without paths or SQL."""
    assert answer.status_code == status, answer.text
    (error,) = answer.json()["errors"]
    assert error["extensions"]["code"] == code
    assert "/tmp" not in answer.text
    assert "SELECT" not in answer.text
    message: str = error["message"]
    return message


def bring(http: httpx2.Client, content: Any, kind: str = "acts", role: str = "EDITOR", **query: str) -> httpx2.Response:
    headers = {**CSV, "X-Test-Role": role}
    return http.post(f"/import/{kind}", params={"reason": "Try", **query}, content=content, headers=headers)


# ── In ──────────────────────────────────────────────────────────────────────────────────────────────────────────────


OTHERS = ("revised", "withdrawn", "unchanged", "refused", "leftOut")


def test_an_editor_imports_a_file_and_the_log_names_them(http: httpx2.Client, seeded_copy: sa.Engine) -> None:
    answer = bring(http, ACTS + ROW)

    assert answer.status_code == 200
    report = answer.json()
    assert report["written"]
    assert report["counts"]["acts"] == dict.fromkeys(OTHERS, 0) | {"created": 1}
    with seeded_copy.connect() as connection:
        last = connection.exec_driver_sql("SELECT actor, reason FROM change ORDER BY sequence DESC LIMIT 1").one()
    assert tuple(last) == ("tester", "Try")
    assert bring(http, ACTS + ROW).json()["counts"]["acts"]["unchanged"] == 1


@pytest.mark.parametrize("role", ["", "READER"])
def test_others_import_nothing(http: httpx2.Client, role: str) -> None:
    refusal(bring(http, ACTS + ROW, role=role), 403, "FORBIDDEN")

    assert bring(http, ACTS + ROW, dryRun="true").json()["counts"]["acts"]["created"] == 1


def test_a_refused_row_is_reported_and_nothing_is_written(http: httpx2.Client) -> None:
    answer = bring(http, ACTS + ROW + ROW.replace("RATIFICATION", "RATIFIED"))

    assert answer.status_code == 422
    (fault,) = answer.json()["faults"]
    assert (fault["row"], fault["column"], fault["seen"], fault["suggestion"]) == (
        3,
        "kind",
        "RATIFIED",
        "RATIFICATION",
    )
    assert fault["rule"].startswith("Give one of")
    assert not answer.json()["written"]
    assert bring(http, ACTS + ROW, dryRun="true").json()["counts"]["acts"]["created"] == 1


def test_refused_rows_are_left_out_where_that_is_asked(http: httpx2.Client) -> None:
    answer = bring(http, ACTS + ROW + ROW.replace("RATIFICATION", "RATIFIED"), onError="skip")

    assert answer.status_code == 200
    assert answer.json()["counts"]["acts"]["created"] == answer.json()["counts"]["acts"]["refused"] == 1


@pytest.mark.parametrize("query", [{"dryRun": "true"}, {"dryRun": "true", "onError": "skip"}, {"onError": "skip"}])
def test_a_file_of_which_nothing_is_written_as_rows_are_refused_is_answered_with_422(
    http: httpx2.Client, query: dict[str, str]
) -> None:
    answer = bring(http, ACTS + ROW.replace("RATIFICATION", "RATIFIED"), **query)

    assert answer.status_code == 422
    assert not answer.json()["written"]
    assert answer.json()["counts"]["acts"]["refused"] == 1


def test_an_import_over_http_tells_the_fields_that_it_revises_and_leaves_others(http: httpx2.Client) -> None:
    header = "reference,title_as_printed,type,parties,article_count\n"
    row = "official,An Agreement,INTERGOVERNMENTAL_AGREEMENT,UZ | DE,7\n"

    report = bring(http, header + row, "agreements", dryRun="true").json()

    assert report["counts"]["agreements"]["revised"] == 1
    (revised,) = report["revisions"]
    assert (revised["record"], revised["fields"]) == ("official", ["article_count"])
    assert report["revisedFields"] == [{"kind": "agreements", "field": "article_count", "records": 1}]


@pytest.mark.parametrize("as_part", [False, True])
def test_a_file_in_another_character_set_is_refused_with_the_one_to_save_it_in(
    http: httpx2.Client, as_part: bool
) -> None:
    text, kind = (ACTS + ROW).encode("cp1251"), "text/csv; charset=windows-1251"
    sent: Any = {"files": {"file": ("acts.csv", text, kind)}} if as_part else {"content": text}
    headers = EDITOR if as_part else {**EDITOR, "Content-Type": kind}

    answer = http.post("/import/acts", params={"reason": "Try"}, headers=headers, **sent)

    assert "not in windows-1251" in refusal(answer, 415, "UNSUPPORTED_MEDIA_TYPE")
    assert "CSV UTF-8" in answer.json()["errors"][0]["extensions"]["hint"]


def test_characters_that_cannot_be_written_are_refused_in_a_row_and_in_the_reason(http: httpx2.Client) -> None:
    answer = bring(http, ACTS + ROW.replace("So.", "S\0o."))

    assert answer.status_code == 422
    (fault,) = answer.json()["faults"]
    assert (fault["row"], fault["column"], fault["code"]) == (2, "note_1", "BAD_USER_INPUT")
    refusal(bring(http, ACTS + ROW, reason="a\0b"), 400, "BAD_USER_INPUT")
    assert bring(http, ACTS + ROW, dryRun="true").json()["counts"]["acts"]["created"] == 1


def test_a_file_may_come_as_a_part_of_a_form(http: httpx2.Client) -> None:
    files = {"file": ("my acts.jsonl", b'{"agreement": "uz-de-migration-mobility-2024", "kind": "X"}', "text/plain")}
    said = {"reason": "Try", "onError": "skip"}

    report = http.post("/import/acts", files=files, data=said, headers=EDITOR).json()

    assert report["counts"]["acts"]["refused"] == 1
    assert report["faults"][0]["file"] == "my acts.jsonl"


def test_what_goes_out_as_a_workbook_comes_in_unchanged(http: httpx2.Client) -> None:
    out = http.get("/export/agreements.xlsx", params={"language": "uz", "at": "2026-01-01"}, headers=EDITOR)

    answer = http.post(
        "/import/agreements",
        params={"reason": "Try"},
        content=out.content,
        headers={**EDITOR, "Content-Type": out.headers["content-type"]},
    )

    counts = answer.json()["counts"]["agreements"]
    assert counts["unchanged"] > 20
    assert sum(counts.values()) == counts["unchanged"]


def test_a_record_that_the_editor_may_not_see_is_not_compared_with(http: httpx2.Client) -> None:
    header = "reference,title_as_printed,type,parties,audience,source_1,note_1\n"

    answer = bring(http, header + "secret,An Agreement,TREATY,UZ | DE,OFFICIAL,bmi-2024-09-15,So.\n", "agreements")

    (fault,) = answer.json()["faults"]
    assert fault["message"] == "The reference “secret” is taken."
    assert fault["suggestion"] is None


@pytest.mark.parametrize(
    ("path", "query", "headers", "content", "status", "code"),
    [
        ("/import/treaties", {"reason": "Try"}, CSV, ACTS, 404, "NOT_FOUND"),
        ("/import/acts", {}, CSV, ACTS, 400, "BAD_USER_INPUT"),
        ("/import/acts", {"reason": "Try", "onError": "go"}, CSV, ACTS, 400, "BAD_USER_INPUT"),
        ("/import/acts", {"reason": "Try", "dryrun": "true"}, CSV, ACTS, 400, "BAD_USER_INPUT"),
        ("/import/acts", {"reason": "Try"}, {"Content-Type": "text/html"}, ACTS, 415, "UNSUPPORTED_MEDIA_TYPE"),
        ("/import/acts", {"reason": "Try"}, {**CSV, "Content-Encoding": "gzip"}, ACTS, 415, "UNSUPPORTED_MEDIA_TYPE"),
        ("/import/acts", {"reason": "Try"}, CSV, "x" * 100_001, 413, "PAYLOAD_TOO_LARGE"),
        ("/import/acts", {"reason": "Try"}, CSV, b"\xff\xff\xff", 400, "BAD_USER_INPUT"),
        (
            "/import/acts",
            {"reason": "Try"},
            {"Content-Type": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"},
            ACTS,
            400,
            "BAD_USER_INPUT",
        ),
        ("/import/acts", {"reason": "Try"}, {"Content-Type": "multipart/form-data"}, "x", 400, "BAD_REQUEST"),
    ],
)
def test_a_request_that_cannot_be_taken_says_why(
    http: httpx2.Client, path: str, query: dict[str, str], headers: dict[str, str], content: Any, status: int, code: str
) -> None:
    assert refusal(http.post(path, params=query, headers={**EDITOR, **headers}, content=content), status, code)


def test_a_body_is_refused_as_soon_as_it_is_too_long_whatever_its_length_was_said_to_be(http: httpx2.Client) -> None:
    def endless() -> Iterator[bytes]:
        for _ in range(200):
            yield b"x" * 1_000

    assert "100,000 bytes" in refusal(bring(http, endless()), 413, "PAYLOAD_TOO_LARGE")
    files = {"file": ("acts.csv", b"x" * 100_001, "text/csv")}
    refusal(http.post("/import/acts", files=files, headers=EDITOR), 413, "PAYLOAD_TOO_LARGE")


# ── Out ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("role", "seen"),
    [("", set()), ("READER", {"official"}), ("EDITOR", {"official"}), ("ADMIN", {"official", "secret"})],
)
def test_everyone_exports_what_they_may_see(http: httpx2.Client, role: str, seen: set[str]) -> None:
    answer = http.get("/export/agreements.csv", headers={"X-Test-Role": role})

    assert answer.status_code == 200
    references = {line.split(",")[0] for line in answer.text.splitlines()}
    assert references & {"official", "secret"} == seen
    assert "uz-de-migration-mobility-2024" in references


def test_an_export_names_its_file_and_its_form(http: httpx2.Client) -> None:
    answer = http.get("/export/returns.csv")

    assert answer.headers["content-disposition"] == 'attachment; filename="placements.csv"'
    assert answer.headers["content-type"] == "text/csv; charset=utf-8; header=present"
    assert answer.text.splitlines()[0].startswith("source,period,country,people")


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/export/treaties.csv", 404),
        ("/export/acts", 404),
        ("/export/acts.doc", 404),
        ("/export/agreements.csv?at=yesterday", 400),
        ("/export/agreements.csv?language=de", 400),
        ("/export/agreements.csv?bogus=1", 400),
        ("/export/agreements.csv?known_at=2026-01-01T00:00:00Z", 400),
        ("/export/agreements.csv?knownAt=2026-01-01", 400),
        ("/export/agreements.csv?known_on=2020-01-01", 400),
        ("/export/agreements.csv?known_on=9999-12-31T", 400),
        ("/export/agreements.csv?at=2024-01-01&as_of=2024-01-02", 400),
        ("/export/agreements.csv?lang=ru&lang=uz", 400),
    ],
)
def test_an_export_that_there_is_not_says_so(http: httpx2.Client, path: str, status: int) -> None:
    refusal(http.get(path), status, "NOT_FOUND" if status == 404 else "BAD_USER_INPUT")


def test_an_export_names_what_it_does_not_know_and_what_there_is(http: httpx2.Client) -> None:
    answer = http.get("/export/agreements.csv?as_off=2024-01-01")

    assert refusal(answer, 400, "BAD_USER_INPUT") == "An export has no option “as_off”."
    assert "as_of" in answer.json()["errors"][0]["extensions"]["hint"]


def test_an_export_understands_the_names_that_addresses_of_pages_have(http: httpx2.Client) -> None:
    named = http.get("/export/agreements.csv?at=2024-12-01&language=uz-Cyrl")

    assert http.get("/export/agreements.csv?as_of=2024-12-01&lang=uz-Cyrl").text == named.text
    assert named.text != http.get("/export/agreements.csv").text


@pytest.mark.parametrize(("role", "seen"), [("", set()), ("EDITOR", {"official"}), ("ADMIN", {"official", "secret"})])
def test_an_export_of_what_was_known_earlier_has_nothing_that_came_later_or_was_hidden_since(
    http: httpx2.Client, seeded_copy: sa.Engine, role: str, seen: set[str]
) -> None:
    before = now_known(seeded_copy)
    whole = http.get("/export/agreements.csv", headers={"X-Test-Role": role}).text
    with changeset(seeded_copy, "A test.") as changes:
        make_agreement(changes, "later", audience=Audience.PUBLIC)
    between = now_known(seeded_copy)
    with changeset(seeded_copy, "A test.") as changes:
        version = changes.session.scalars(sa.select(Agreement).filter_by(reference="later")).one().version
        revise(changes, reference="later", expected_version=version, audience=Audience.RESTRICTED)

    def export(known: str, **headers: str) -> httpx2.Response:
        return http.get("/export/agreements.csv", params={"knownAt": known}, headers={"X-Test-Role": role, **headers})

    assert export(before).text == whole
    then = export(between)
    references = {line.split(",")[0] for line in then.text.splitlines()}
    assert references & {"official", "secret", "later"} == seen | ({"later"} if role == "ADMIN" else set())
    assert then.headers["etag"] not in (export(before).headers["etag"], http.get("/export/agreements.csv").headers)
    assert export(between, **{"If-None-Match": then.headers["etag"]}).status_code == 304
    assert "later" in http.get("/export/agreements.csv", headers={"X-Test-Role": "ADMIN"}).text


def now_known(engine: sa.Engine) -> str:
    """The instant of the last change."""
    with engine.connect() as connection:
        at = connection.execute(sa.select(sa.func.max(table_behind(Change).c.at))).scalar_one()
    return format_instant(at)


def test_what_is_known_today_is_exported_as_it_is(http: httpx2.Client) -> None:
    today = http.get("/export/acts.csv")

    assert http.get("/export/acts.csv?known_on=2999-01-01").text == today.text


# ── Workbooks ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_small_workbook_with_a_cell_far_off_is_refused_and_the_server_goes_on(http: httpx2.Client) -> None:
    headers = {**EDITOR, "Content-Type": Format.XLSX.media_type}

    answer = http.post("/import/sources", params={"dryRun": "true"}, content=far_off("XFD1048576"), headers=headers)

    assert "reaches as far as XFD1048576" in refusal(answer, 400, "BAD_USER_INPUT")
    assert "Delete the rows and columns" in answer.json()["errors"][0]["extensions"]["hint"]
    assert http.get("/export/acts.csv").status_code == 200
