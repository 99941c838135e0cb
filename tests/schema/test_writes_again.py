"""Requests to write that come again."""

from collections.abc import Callable, Iterator

import pytest
import sqlalchemy as sa

from registry.database import open_engine
from registry.repeats import Repeatable
from tests.schema.writing import EDITOR, VALID, Editor, rows

Again = Callable[..., Editor]


@pytest.fixture
def again(registry: sa.Engine) -> Iterator[Again]:
    """Makes editors of the registry after a restart, with a request under a key."""
    opened: list[sa.Engine] = []

    def make(key: str = "k", request: str = "q") -> Editor:
        opened.append(open_engine(registry.url.render_as_string(hide_password=False)))
        edit = Editor(opened[-1])
        edit.ask.repeatable = Repeatable.of(EDITOR, key, request, hours=1)
        return edit

    yield make
    for engine in opened:
        engine.dispose()


def test_a_request_that_comes_again_after_a_restart_writes_nothing_more_and_shows_the_same(
    registry: sa.Engine, again: Again
) -> None:
    said = VALID["legalActRecord"] | {"date": "2024-05-03"}
    select = "act { id } agreement { version }"
    Editor(registry)("legalActRecord", **said)
    first = again()("legalActRecord", select, **said)
    assert [warning["code"] for warning in first["warnings"]] == ["DUPLICATE"]
    before = rows(registry)

    assert again()("legalActRecord", select, **said) == first
    assert rows(registry) == before

    other = again(key="l")("legalActRecord", select, **said)
    assert other["act"] != first["act"]


def test_a_request_that_broke_off_in_between_goes_on_where_it_broke_off(registry: sa.Engine, again: Again) -> None:
    said = 'kind: SIGNATURE, date: "2024", reason: "So.", citations: [{ source: "some-source", note: "So." }]'
    first = f'a: legalActRecord(input: {{ agreement: "uz-de", {said} }}) {{ act {{ id }} }}'
    second = f'b: legalActRecord(input: {{ agreement: "uz-de", {said} }}) {{ act {{ id }} }}'
    shown = again().ask(f"mutation {{ {first} }}")

    both = again().ask(f"mutation {{ {first} {second} }}")

    assert both["a"] == shown["a"]
    assert both["b"] != shown["a"]
    with registry.connect() as connection:
        assert connection.execute(sa.text("SELECT count(*) FROM legalact")).scalar_one() == 2


def test_a_key_that_was_given_with_another_request_is_refused(registry: sa.Engine, again: Again) -> None:
    again()("companyRevise", **VALID["companyRevise"])
    before = rows(registry)

    assert again(request="r").problems("companyRevise", **VALID["companyRevise"]) == {"": "CONFLICT"}

    assert rows(registry) == before
