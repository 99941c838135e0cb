"""Ids that clients may hold on to: the type and the key of a record, and inside `at` the day."""

import base64
from typing import Any

#: The table behind each type that has an identity, and the type behind the name of each such table.
SHOWN_BY_NAME: dict[str, Any] = {}
NAMES: dict[str, str] = {}


def named(kind: str, table: Any) -> None:
    """Notes that the rows of a table are shown as records of this type."""
    SHOWN_BY_NAME[kind] = table
    NAMES[table.__table__.name] = kind


def encode_id_text(kind: str, key: Any, pin: str) -> str:
    """The id of a record; `pin` is empty, or the day behind an `@`."""
    return base64.urlsafe_b64encode(f"{kind}:{key}{pin}".encode()).rstrip(b"=").decode()
