"""Writing over HTTP: requests under an Idempotency-Key are answered once, and never written twice."""

import asyncio
from collections.abc import Callable

import httpx2
import pytest
import sqlalchemy as sa

from registry.access import PUBLIC, Actor, Role
from registry.database import open_engine
from registry.history import changeset
from registry.settings import Settings
from registry.web.app import create_app
from tests.factories import make_agreement, make_key

EDITOR = Actor("An editor", Role.EDITOR)
OTHER = Actor("Another editor", Role.EDITOR)
READER = Actor("A reader", Role.READER)
SAME = Actor("An editor", Role.READER)

RECORD = """mutation ($date: EDTF!) {
  legalActRecord(input: {
    agreement: "uz-de", kind: SIGNATURE, date: $date, reason: "So.", citations: [{ source: "some-source", note: "So." }]
  }) { act { id date { edtf } } agreement { version } userErrors { code path } warnings { code } }
}"""

Ask = Callable[..., httpx2.Response]


@pytest.fixture
def written(any_engine: sa.Engine) -> sa.Engine:
    """A registry with an agreement, on each database."""
    with changeset(any_engine, "A test.") as changes:
        make_agreement(changes, audience=PUBLIC)
    return any_engine


@pytest.fixture
def ask(written: sa.Engine) -> Ask:
    """Asks a server that was started anew for each request."""
    with changeset(written, "A test.") as changes:
        keyring = {actor: make_key(changes, actor) for actor in (EDITOR, OTHER, READER, SAME)}

    def post(
        query: str = RECORD, date: str = "2024", key: str | None = None, actor: Actor = EDITOR, method: str = "POST"
    ) -> httpx2.Response:
        async def send() -> httpx2.Response:
            app = create_app(Settings(database_url=written.url.render_as_string(hide_password=False)))
            headers = {"Authorization": keyring[actor], **({} if key is None else {"Idempotency-Key": key})}
            transport = httpx2.ASGITransport(app=app)
            async with (
                app.router.lifespan_context(app),
                httpx2.AsyncClient(transport=transport, base_url="http://registry", headers=headers) as client,
            ):
                if method == "GET":
                    return await client.get("/graphql", params={"query": query})
                return await client.post("/graphql", json={"query": query, "variables": {"date": date}})

        return asyncio.run(send())

    return post


def acts(engine: sa.Engine) -> int:
    other = open_engine(engine.url.render_as_string(hide_password=False))
    with other.connect() as connection:
        found = connection.execute(sa.text("SELECT count(*) FROM legalact")).scalar_one()
    other.dispose()
    return int(found)


def test_the_same_request_under_the_same_key_has_the_same_words_and_is_done_once(ask: Ask, written: sa.Engine) -> None:
    first = ask(key="one")
    assert first.json()["data"]["legalActRecord"]["agreement"] == {"version": 2}
    ask(date="2025", key="two")

    again = ask(key="one")

    assert (again.status_code, again.content) == (200, first.content)
    assert again.headers["content-type"] == first.headers["content-type"]
    assert acts(written) == 2


def test_without_a_key_a_request_is_done_each_time(ask: Ask, written: sa.Engine) -> None:
    assert ask().content != ask().content
    assert acts(written) == 2


def test_a_key_given_with_another_request_is_refused_and_nothing_is_written(ask: Ask, written: sa.Engine) -> None:
    ask(key="one")

    refused = ask(date="2025", key="one")

    assert refused.status_code == 409
    assert refused.json()["errors"][0]["extensions"] == {"code": "CONFLICT"}
    assert acts(written) == 1


def test_keys_of_others_are_others(ask: Ask, written: sa.Engine) -> None:
    ask(key="one")

    assert ask(key="one", date="2025", actor=OTHER).status_code == 200
    assert acts(written) == 2


def test_a_refusal_is_told_again_in_the_same_words(ask: Ask, written: sa.Engine) -> None:
    first = ask(key="one", date="soon")
    assert first.json()["data"]["legalActRecord"]["userErrors"] == [{"code": "BAD_USER_INPUT", "path": ["date"]}]

    assert ask(key="one", date="soon").content == first.content
    assert ask(key="one", date="2024").status_code == 409
    assert acts(written) == 0


def test_what_is_not_executed_is_not_kept(ask: Ask, written: sa.Engine) -> None:
    assert ask(key="one", actor=SAME).json()["errors"][0]["extensions"]["code"] == "FORBIDDEN"
    assert ask(query="{ nothing }", key="one").json()["errors"]

    assert ask(key="one").json()["data"]["legalActRecord"]["userErrors"] == []
    assert acts(written) == 1


def test_a_question_may_have_a_key_and_is_answered_as_things_stand(ask: Ask) -> None:
    question = '{ agreement(reference: "uz-de") { version } }'
    assert ask(query=question, key="one").json() == {"data": {"agreement": {"version": 1}}}
    ask(key="two")

    assert ask(query=question, key="one").json() == {"data": {"agreement": {"version": 2}}}


@pytest.mark.parametrize("key", ["", " ", "x" * 256])
def test_a_malformed_key_is_refused(ask: Ask, written: sa.Engine, key: str) -> None:
    assert ask(key=key).status_code == 400
    assert acts(written) == 0


def test_nothing_is_written_by_get(ask: Ask, written: sa.Engine) -> None:
    for key in (None, "one"):
        refused = ask(query=RECORD.replace("$date: EDTF!", '$date: EDTF! = "2024"'), key=key, method="GET")
        assert refused.status_code == 405
        assert refused.headers["allow"] == "POST"
    assert acts(written) == 0


def test_whoever_gives_no_key_of_an_editor_is_refused(ask: Ask, written: sa.Engine) -> None:
    refused = ask(actor=READER)

    (error,) = refused.json()["errors"]
    assert error["extensions"]["code"] == "FORBIDDEN"
    assert error["path"] == ["legalActRecord"]
    assert acts(written) == 0


def test_a_change_that_could_not_be_shown_is_not_made_and_its_key_is_free(ask: Ask, written: sa.Engine) -> None:
    wrong = RECORD.replace(
        "agreement { version }", "agreement { version acts { history(first: 1000) { totalCount } } }"
    )

    refused = ask(wrong, key="k")
    made = ask(RECORD, key="k")

    assert refused.json().keys() == {"errors"}
    assert [error["path"] for error in refused.json()["errors"]] == [_HISTORY]
    assert made.json()["data"]["legalActRecord"]["agreement"] == {"version": 2}


_HISTORY = ["legalActRecord", "agreement", "acts", "history"]
