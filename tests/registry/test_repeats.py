"""What is kept of requests that may come twice."""

from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from sqlmodel import Session, select

from registry.access import Actor, Role
from registry.errors import Conflict
from registry.history import changeset, unlogged
from registry.repeats import KeptAnswer, Repeatable

EDITOR = Actor("An editor", Role.EDITOR)


def asked(key: str = "k", request: object = "q", actor: Actor = EDITOR) -> Repeatable:
    return Repeatable.of(actor, key, request, hours=24)


def age(engine: sa.Engine, hours: int) -> None:
    """Makes everything that is kept so much older."""
    with unlogged(engine) as session:
        for kept in session.exec(select(KeptAnswer)):
            kept.at = datetime.now(UTC) - timedelta(hours=hours)


def test_the_first_answer_holds(any_engine: sa.Engine) -> None:
    assert asked().answer(any_engine) is None

    asked().keep_answer(any_engine, b"first")
    asked().keep_answer(any_engine, b"second")

    assert asked().answer(any_engine) == b"first"


def test_what_was_done_is_kept_with_the_change_or_not_at_all(any_engine: sa.Engine) -> None:
    with changeset(any_engine, "A test.") as changes:
        asked().keep_done(changes, "a", {"made": 1})
    with pytest.raises(ZeroDivisionError), changeset(any_engine, "A test.") as changes:
        asked().keep_done(changes, "b", {"made": 1 // 0})

    with changeset(any_engine, "A test.") as changes:
        assert asked().done(changes, "a") == {"made": 1}
        assert asked().done(changes, "b") is None
        asked().keep_done(changes, "c", {"made": 3})
    with changeset(any_engine, "A test.") as changes:
        assert [asked().done(changes, field) for field in "abc"] == [{"made": 1}, None, {"made": 3}]
    assert asked().answer(any_engine) is None


def test_a_key_is_of_one_request_of_one_asker(any_engine: sa.Engine) -> None:
    asked().keep_answer(any_engine, b"first")

    assert asked(actor=Actor("Another", Role.EDITOR)).answer(any_engine) is None
    assert asked(key="l").answer(any_engine) is None
    with pytest.raises(Conflict):
        asked(request="r").answer(any_engine)
    with pytest.raises(Conflict), changeset(any_engine, "A test.") as changes:
        asked(request="r").done(changes, "a")


def test_the_order_of_members_does_not_make_another_request(any_engine: sa.Engine) -> None:
    asked(request={"a": 1, "b": 2}).keep_answer(any_engine, b"first")

    assert asked(request={"b": 2, "a": 1}).answer(any_engine) == b"first"


def test_what_is_old_is_let_go_of(any_engine: sa.Engine) -> None:
    asked("old").keep_answer(any_engine, b"first")
    age(any_engine, 23)
    assert asked("old").answer(any_engine) == b"first"
    age(any_engine, 25)

    assert asked("old").answer(any_engine) is None
    assert asked("old", request="r").answer(any_engine) is None
    asked("new").keep_answer(any_engine, b"second")

    with Session(any_engine) as session:
        assert [kept.answer for kept in session.exec(select(KeptAnswer))] == [b"second"]


def test_an_old_key_may_be_given_again_with_another_request(any_engine: sa.Engine) -> None:
    asked().keep_answer(any_engine, b"first")
    age(any_engine, 25)

    asked(request="r").keep_answer(any_engine, b"second")

    assert asked(request="r").answer(any_engine) == b"second"


def test_whoever_has_the_name_of_another_and_not_their_role_is_not_told_their_answer(any_engine: sa.Engine) -> None:
    editor, reader = (
        Repeatable.of(Actor("Twin", role), "key", "request", hours=24) for role in (Role.EDITOR, Role.READER)
    )
    editor.keep_answer(any_engine, b"for an editor")

    assert reader.answer(any_engine) is None
    assert editor.answer(any_engine) == b"for an editor"
