"""The log of changes as clients read it: for delta synchronisation, and as the history of a record."""

from typing import Any

import sqlalchemy as sa
import strawberry
from strawberry import auto

from registry.history import Change as Told
from registry.history import ChangeAction, ChangeCountry
from schema.conditions import Rows, by, has, one_of, table_of, wanted
from schema.context import Moment
from schema.execution.cursors import decode, encode
from schema.execution.field import computed, declare
from schema.execution.identity import NAMES, decode_id, spelled
from schema.execution.source import AnyNamed, Condition, CursorOf, Listing, Worked
from schema.relay import Node, node
from schema.scalars import CountryCode, enum

enum(ChangeAction)

#: What cursors of the log go by, in the query and in the subscription: the position, oldest first.
ORDER = "Change.SEQUENCE.False"


def cursor_of(sequence: int, key: str) -> str:
    """The cursor that resumes the log after the change at this position; `key` is the registry's own."""
    return encode([sequence], ORDER, key)


def position_of(cursor: str, key: str, path: tuple[str, ...] = ("after",)) -> int:
    """The position that a cursor of the log names. Raises `BadInput` for one that was not given for the log."""
    (sequence,) = decode(cursor, ORDER, key, path)
    return int(sequence)


@node(Told)
class Change(Node):
    """One committed change to one record."""

    sequence: auto

    cursor: str = declare(
        CursorOf(ORDER, "sequence"), "Resumes `changes` after this change, in the query and in the subscription."
    )
    at: auto
    action: auto
    reason: auto
    subject_type: auto

    @computed("Id of the record.", source=Worked(("subject_type", "subject_key")))
    def subject_id(self) -> strawberry.ID:
        return strawberry.ID(spelled(self.row.subject_type, self.row.subject_key, ""))

    subject: Node | None = declare(
        AnyNamed("subject_type", "subject_key"),
        "The record as it is now; null where there is none, or where the asker may not see it.",
    )


@strawberry.input(description="Which changes.")
class ChangeFilter:
    subject_type: list[str] | None = wanted("Type of the record, such as LegalAct.")
    subject_id: strawberry.ID | None = wanted("The record, by its id, and what is found with it.")
    country: list[CountryCode] | None = wanted("Countries that it concerns.")


def _about(rows: Rows, given: Any, moment: Moment) -> Condition:
    table, key, _ = decode_id(given, moment, ("filter", "subjectId"))
    kind, key = NAMES[table.__table__.name], str(key)
    return sa.or_(
        sa.and_(rows.c.subject_type == kind, rows.c.subject_key == key),
        sa.and_(rows.c.record_type == kind, rows.c.record_key == key),
    )


CHANGES = Listing(
    kind=Told,
    rows=table_of(Told),
    filter=ChangeFilter,
    conditions={
        "subject_type": one_of("subject_type"),
        "subject_id": _about,
        "country": has(ChangeCountry, "sequence", "country_code", key="sequence"),
    },
    orders={"SEQUENCE": by()},
    tie=("sequence",),
    shaping=("subject_id",),
)
