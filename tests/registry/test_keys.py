"""API keys: made, used, run out and revoked, on each database."""

import re
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from registry import keys
from registry.access import Actor, Role
from registry.errors import BadInput, Conflict, NotFound, Refused, Unauthenticated
from registry.history import Change, changeset, table_behind
from registry.keys import ApiKey
from registry.verification import verify


def made(engine: sa.Engine, name: str = "Ministry", role: Role = Role.EDITOR, expires: datetime | None = None) -> str:
    with changeset(engine, "A test.") as changes:
        return keys.create(changes, name=name, role=role, expires=expires)[1]


def revoked(engine: sa.Engine, key: str) -> None:
    with changeset(engine, "A test.") as changes:
        keys.revoke(changes, key)


def test_a_key_tells_who_holds_it(any_engine: sa.Engine) -> None:
    reader, editor = made(any_engine, "Embassy", Role.READER), made(any_engine)

    assert keys.holder(any_engine, reader)[1] == Actor("Embassy", Role.READER)
    assert keys.holder(any_engine, editor)[1] == Actor("Ministry", Role.EDITOR)
    assert verify(any_engine) == []


def test_a_key_has_256_random_bits_of_which_nothing_is_stored(engine: sa.Engine) -> None:
    one, other = made(engine), made(engine, "Embassy")
    assert re.fullmatch(r"rk_[0-9a-f]{8}_[A-Za-z0-9_-]{43}", one)
    assert one.split("_", 2)[2] != other.split("_", 2)[2]

    with engine.connect() as connection:
        stored = connection.exec_driver_sql("SELECT * FROM api_key").all()
        told = connection.exec_driver_sql("SELECT rows, reason FROM change").all()
    assert one.split("_", 2)[2] not in repr((stored, told))
    assert stored[0].hash not in repr(told)


@pytest.mark.parametrize("change", [lambda key: key[:-1], lambda key: key[:-1] + "!", lambda key: "rk_", str.upper])
def test_a_key_that_is_not_one_opens_nothing(engine: sa.Engine, change: object) -> None:
    key = made(engine)
    assert callable(change)

    with pytest.raises(Unauthenticated, match="not known"):
        keys.holder(engine, change(key))


def test_a_revoked_key_opens_nothing_and_is_still_listed(any_engine: sa.Engine) -> None:
    key = made(any_engine)
    revoked(any_engine, key[:11])

    with pytest.raises(Unauthenticated, match="revoked"):
        keys.holder(any_engine, key)
    (held,) = keys.list_all(any_engine)
    assert keys.state(held, datetime.now(UTC)) == "revoked"
    with pytest.raises(Conflict, match="already"):
        revoked(any_engine, key)
    with pytest.raises(NotFound):
        revoked(any_engine, "rk_nothing")


def test_a_key_opens_nothing_from_the_instant_that_it_expires(engine: sa.Engine) -> None:
    key = made(engine, expires=datetime.now(UTC) + timedelta(days=1))
    assert keys.holder(engine, key)[1].role is Role.EDITOR
    with engine.begin() as connection:
        connection.execute(sa.update(table_behind(ApiKey)).values(expires=datetime.now(UTC)))

    with pytest.raises(Unauthenticated, match="expired"):
        keys.holder(engine, key)


def test_a_name_has_one_key_that_works(engine: sa.Engine) -> None:
    key = made(engine)
    with pytest.raises(Conflict, match="Ministry"):
        made(engine)

    revoked(engine, key)
    assert keys.holder(engine, made(engine))[1].name == "Ministry"


def test_a_key_that_makes_no_sense_is_refused(engine: sa.Engine) -> None:
    with pytest.raises(BadInput, match="needs no key"):
        made(engine, role=Role.PUBLIC)
    with pytest.raises(Refused) as refused:
        made(engine, " ", expires=datetime.now(UTC) - timedelta(days=1))
    assert [problem.path for problem in refused.value.problems] == [("name",), ("expires",)]
    assert keys.list_all(engine) == []


def test_the_log_tells_administrators_of_keys_and_not_of_their_use(any_engine: sa.Engine) -> None:
    key = made(any_engine)
    number, _ = keys.holder(any_engine, key)
    used = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)
    keys.note_uses(any_engine, {number: used})
    revoked(any_engine, key)

    assert keys.list_all(any_engine)[0].last_used == used
    change = table_behind(Change)
    with any_engine.connect() as connection:
        told = connection.execute(sa.select(change.c.subject_type, change.c.action, change.c.audience)).all()
    assert [tuple(map(str, row)) for row in told] == [
        ("ApiKey", "CREATED", "RESTRICTED"),
        ("ApiKey", "REVISED", "RESTRICTED"),
    ]
    assert verify(any_engine) == []


@pytest.mark.parametrize("days", [3_000_000, 10**12])
def test_a_key_does_not_last_beyond_the_calendar(days: int) -> None:
    with pytest.raises(BadInput, match="no such date") as refusal:
        keys.lasting(days, datetime.now(UTC))

    assert refusal.value.path == ("expires",)
