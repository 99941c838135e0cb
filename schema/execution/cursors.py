"""Pages by keyset: a cursor is the place of a record in an order, signed so that nobody can make one up."""

import base64
import hashlib
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import orjson
import sqlalchemy as sa
import strawberry

from registry.errors import BadInput
from registry.settings import Settings

Condition = sa.ColumnElement[bool]


def encode(values: Sequence[Any], order: str, key: str) -> str:
    """The cursor of the record with these values in an order."""
    body = orjson.dumps([order, *values])
    return base64.urlsafe_b64encode(_seal(body, key) + body).rstrip(b"=").decode()


def decode(cursor: str, order: str, key: str, path: tuple[str, ...]) -> tuple[Any, ...]:
    """The values that a cursor of this order names. Raises `BadInput` for one that was not given for it."""
    try:
        raw = base64.urlsafe_b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4))
        seal, body = raw[:9], raw[9:]
        if base64.urlsafe_b64encode(raw).rstrip(b"=").decode() == cursor and hmac.compare_digest(
            seal, _seal(body, key)
        ):
            named, *values = orjson.loads(body)
            if named == order:
                return tuple(values)
    except (ValueError, UnicodeError):
        pass
    raise BadInput(
        "This cursor is not one that the registry has given for this list and order.",
        path=path,
        hint="Take cursors from `pageInfo` or `edges` of the same list with the same order, unchanged.",
    )


def _seal(body: bytes, key: str) -> bytes:
    return hmac.digest(key.encode(), body, hashlib.sha256)[:9]


@dataclass(frozen=True)
class PageRequest:
    """Which page is asked for: how many records, from which end, and after or before which place."""

    size: int
    backward: bool
    after: tuple[Any, ...] | None
    before: tuple[Any, ...] | None
    order: str

    @classmethod
    def of(cls, arguments: Mapping[str, Any], settings: Settings, key: str, order: str) -> "PageRequest":
        """Reads the paging arguments. Raises `BadInput` where they are out of bounds or contradict each other."""
        given = {name: value for name, value in arguments.items() if value not in (None, strawberry.UNSET)}
        sizes = {name: given[name] for name in ("first", "last") if name in given}
        if len(sizes) == 2:
            raise BadInput(
                "Ask for `first` or for `last`, not for both.", path=("last",), hint="Leave one of them out."
            )
        for name, size in sizes.items():
            bounded(size, name, settings.page_size_max)
        size = next(iter(sizes.values()), settings.page_size_default)
        after, before = (
            decode(given[name], order, key, (name,)) if name in given else None for name in ("after", "before")
        )
        return cls(size, "last" in sizes, after, before, order)

    def cut(self, rows: list[Any]) -> tuple[list[Any], bool]:
        """The rows of the page in reading order, out of one more than asked for, and whether there were more."""
        page = rows[: self.size]
        return (page[::-1] if self.backward else page), len(rows) > self.size


def bounded(value: int | None, name: str, most: int) -> None:
    """Raises `BadInput` unless a page size is from 1 to `most`."""
    if value is not None and not 1 <= value <= most:
        raise BadInput(
            f"`{name}` is {value}; a page has from 1 to {most} records.",
            path=(name,),
            hint=f"Ask for at most {most} and go on with the cursor.",
        )


class Keyset:
    """The columns that an order goes by, each ascending or descending; the last of them is unique."""

    def __init__(self, columns: Sequence[tuple[sa.ColumnElement[Any], bool]]) -> None:
        self.columns = columns

    def labelled(self) -> list[sa.ColumnElement[Any]]:
        """The columns under the names `key_0`, `key_1`, …"""
        return [column.label(f"key_{place}") for place, (column, _) in enumerate(self.columns)]

    def order(self, request: PageRequest) -> list[sa.ColumnElement[Any]]:
        """What to order by, turned round where the page is read from its end."""
        return [
            column.desc() if descending != request.backward else column.asc() for column, descending in self.columns
        ]

    def after(self, request: PageRequest) -> list[Condition]:
        """What holds of records after and before the places that the page lies between."""
        places = ((request.after, False), (request.before, True))
        return [self._beyond(place, turned) for place, turned in places if place is not None]

    def _beyond(self, place: tuple[Any, ...], turned: bool) -> Condition:
        beyond: Condition = sa.false()
        for (column, descending), value in reversed(list(zip(self.columns, place, strict=True))):
            bound = value
            if not isinstance(value, sa.ColumnElement):  # a plan binds the places anew at every request
                bound = sa.literal(
                    date.fromisoformat(value) if isinstance(column.type, sa.Date) else value, column.type
                )
            past = column < bound if descending != turned else column > bound
            beyond = sa.or_(past, sa.and_(column == bound, beyond))
        return beyond


def place_of(row: Any) -> list[Any]:
    """The values of the columns that an order goes by, in a row read with `Keyset.labelled`."""
    mapping = row._mapping
    return [mapping[name] for name in mapping if str(name).startswith("key_")]
