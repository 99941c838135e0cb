"""Pages by keyset: a cursor is the place of a record in an order, signed so that nobody can make one up."""

import base64
import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import orjson
import sqlalchemy as sa

from registry.errors import BadInput, Reason
from schema.context import Moment
from schema.execution.source import Condition, Listing

#: What to do where the log is not as long as it was.
RESTORED = "The registry may have been restored from a backup: read it anew, and follow the log from then on."


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
        details=Reason.CURSOR.told(),
    )


def check_logged(position: int, end: int, path: tuple[str, ...]) -> None:
    """Raises `BadInput` for a position after the end of the log of changes, where nothing would ever be told."""
    if position > end:
        raise BadInput("The log of changes ends before this cursor.", path=path, hint=RESTORED)


def _seal(body: bytes, key: str) -> bytes:
    return hashlib.blake2b(body, key=key.encode(), digest_size=9).digest()


@dataclass(frozen=True)
class PageRequest:
    """Which page is asked for: from which end, and after or before which place."""

    backward: bool
    after: tuple[Any, ...] | None
    before: tuple[Any, ...] | None


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
        beyond: Condition | None = None
        for (column, descending), value in reversed(list(zip(self.columns, place, strict=True))):
            bound = value
            if not isinstance(value, sa.ColumnElement):  # a plan binds the places anew at every request
                bound = sa.literal(
                    date.fromisoformat(value) if isinstance(column.type, sa.Date) else value, column.type
                )
            falls = descending != turned
            past: Condition = column < bound if falls else column > bound
            if beyond is None:
                beyond = past
            else:  # what an index can begin at stands by itself
                beyond = sa.and_(column <= bound if falls else column >= bound, sa.or_(past, beyond))
        assert beyond is not None
        return beyond


def keyset_of(listing: Listing, order: str, descending: bool, rows: sa.FromClause, moment: Moment) -> Keyset:
    """What a listing goes by in one of its orders."""
    columns = listing.orders[order](rows, moment)
    tied = descending and not columns  # ties ascend, unless they are all there is to order by
    return Keyset([*((column, descending) for column in columns), *((rows.c[name], tied) for name in listing.tie)])
