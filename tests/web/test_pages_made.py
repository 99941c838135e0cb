"""Pages are kept as they were made, for as long as nothing that they follow is another."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any
from unittest.mock import Mock

import pytest
import sqlalchemy as sa
from starlette.datastructures import QueryParams
from starlette.testclient import TestClient

from registry.history import RegistryState, changeset
from registry.settings import Settings
from registry.web.app import create_app
from registry.web.pages import walk as walks
from registry.web.pages.walk import Walk
from tests.factories import make_company
from tests.web.addresses import ADDRESSES

HTML = {"Accept": "text/html"}


@contextmanager
def opened(engine: sa.Engine, **settings: Any) -> Iterator[TestClient]:
    app = create_app(Settings(database_url=engine.url.render_as_string(), **settings))
    with TestClient(app, headers=HTML) as client:
        yield client


@pytest.fixture
def client(seeded_copy: sa.Engine) -> Iterator[TestClient]:
    with opened(seeded_copy) as client:
        yield client


def again(client: TestClient) -> int:
    """How often a page was given that had been made before."""
    hits: int = client.app.state.pages_made.hits  # type: ignore[attr-defined]
    return hits


@pytest.mark.parametrize("name", ADDRESSES)
def test_a_page_is_made_once(client: TestClient, name: str) -> None:
    first, second, third = (client.get(ADDRESSES[name]) for _ in range(3))

    assert first.status_code == 200
    assert first.content == second.content == third.content
    assert again(client) == 2


def test_a_page_is_made_anew_once_its_answer_is_another(client: TestClient, seeded_copy: sa.Engine) -> None:
    for _ in range(2):
        assert "Neue Werke" not in client.get("/companies").text
    with changeset(seeded_copy, "A new partner.") as changes:
        make_company(changes, "neue-werke", name="Neue Werke")
    for _ in range(2):
        assert "Neue Werke" in client.get("/companies").text


def test_a_page_whose_answer_has_stayed_the_same_stays_whatever_else_was_committed(
    client: TestClient, seeded_copy: sa.Engine
) -> None:
    before = client.get("/sectors").text
    with seeded_copy.begin() as connection:
        connection.execute(sa.update(RegistryState).values(sequence=RegistryState.sequence))
    assert client.get("/sectors").text == before
    assert again(client) == 1


def test_each_language_address_and_form_has_a_page_of_its_own(client: TestClient) -> None:
    asked: list[tuple[str, dict[str, str]]] = [
        ("/countries/DE", {}),
        ("/countries/DE?lang=ru", {}),
        ("/countries/DE", {"Accept-Language": "ru"}),
        ("/countries/DE", {"Cookie": "lang=uz"}),
        ("/countries/DE?as_of=2020-01-01", {}),
        ("/countries/JP", {}),
    ]

    def page(address: str, headers: dict[str, str]) -> str:
        client.cookies.clear()  # which keep the language that an address chose
        return client.get(address, headers=headers).text

    pages = [[page(*each) for each in asked] for _ in range(2)]

    assert pages[0] == pages[1]
    assert len(set(pages[0])) == len(asked)
    assert client.get("/countries/DE?format=json").headers["content-type"].startswith("application/json")


def test_a_page_for_another_day_of_the_reader_is_another(monkeypatch: pytest.MonkeyPatch) -> None:
    request = Mock(query_params=QueryParams("as_of=2024-01-01"), cookies={}, headers={})
    request.url.path = "/countries/DE"
    now = datetime.now().astimezone()

    def followed(day: datetime) -> object:
        monkeypatch.setattr(walks, "datetime", Mock(now=lambda zone: day))
        return Walk(request, Settings()).followed

    assert followed(now) == followed(now)
    assert followed(now) != followed(now + timedelta(days=1))


def test_what_is_refused_is_not_kept(client: TestClient) -> None:
    assert [client.get("/countries/ZZ").status_code for _ in range(2)] == [404, 404]
    assert [client.get("/countries?as_of=never").status_code for _ in range(2)] == [400, 400]
    assert len(client.app.state.pages_made) == 0  # type: ignore[attr-defined]


def test_a_setting_of_nothing_keeps_no_page(seeded_copy: sa.Engine) -> None:
    with opened(seeded_copy, answer_cache_bytes=0) as client:
        assert client.get("/countries").content == client.get("/countries").content
        assert again(client) == 0
