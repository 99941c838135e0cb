"""Ids that clients may hold on to: the type and the key of a record, and inside `at` the day and what was known."""

import base64
from binascii import b2a_base64
from collections.abc import Mapping
from datetime import date
from typing import Any

import sqlalchemy as sa
import strawberry

from registry.errors import BadInput
from schema.context import Moment

#: The table behind each type that has an identity, and the type behind the name of each such table.
SHOWN_BY_NAME: dict[str, Any] = {}
NAMES: dict[str, str] = {}


def named(kind: str, table: Any) -> None:
    """Notes that the rows of a table are shown as records of this type."""
    SHOWN_BY_NAME[kind] = table
    NAMES[table.__table__.name] = kind


def spelled(kind: str, key: Any, pin: str) -> str:
    """The id of a record; `pin` is that of the moment it is seen at."""
    text = b2a_base64(f"{kind}:{key}{pin}".encode(), newline=False)
    return text.translate(_URL_SAFE).rstrip(b"=").decode()


_URL_SAFE = bytes.maketrans(b"+/", b"-_")


def pin_of(moment: Moment) -> str:
    """What an id carries of a moment: nothing, the day behind an `@`, and a position of the log behind another."""
    if not moment.pinned:
        return ""
    return f"@{moment.day.isoformat()}" + ("" if moment.known is None else f"@{moment.known}")


#: Ids are counted in 32 bits; PostgreSQL refuses to look for a larger one.
LARGEST_ID = 2**31 - 1


def encode_id(kind: str, key: Any, moment: Moment) -> strawberry.ID:
    """The id of a record; inside `at` it carries the moment."""
    return strawberry.ID(spelled(kind, key, pin_of(moment)))


def decode_id(
    given: str, moment: Moment, path: tuple[str, ...], kinds: Mapping[str, Any] = SHOWN_BY_NAME
) -> tuple[Any, Any, Moment]:
    """The table, the primary key and the moment that an id names; `kinds` are the tables behind the types it may have.

    Raises `BadInput` for what is no id.
    """
    try:
        text = base64.b64decode(
            given.encode("ascii") + b"=" * (-len(given) % 4), altchars=b"-_", validate=True
        ).decode()
        kind, _, rest = text.partition(":")
        key, pin, pinned = rest.partition("@")
        day, _, known = pinned.partition("@")
        table = kinds[kind]
        (column,) = table.__table__.primary_key.columns
        seen = Moment(date.fromisoformat(day), True, int(known) if known else None) if pin else moment
        number = int(key) if isinstance(column.type, sa.Integer) else None
        possible = key.isprintable() if number is None else 0 <= number <= LARGEST_ID
        named = seen if pin else Moment(seen.day)
        value = key if number is None else number
        possible &= named.known is None or 1 <= named.known <= LARGEST_ID
        if key and possible and encode_id(kind, value, named) == given:
            return table, value, seen
    except (ValueError, KeyError, UnicodeError):
        pass
    raise no_id(path)


def no_id(path: tuple[str, ...]) -> BadInput:
    """Why something that is no id is refused."""
    return BadInput("This is not an id of this registry.", path=path, hint="Take ids from the answers, unchanged.")
