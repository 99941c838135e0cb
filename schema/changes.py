"""The log of changes as clients read it: for delta synchronisation, and as the history of a record."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from functools import cache
from typing import Any

import sqlalchemy as sa
import strawberry
from sqlmodel import SQLModel
from strawberry import auto

from registry.errors import BadInput, Reason
from registry.history import Change as Told
from registry.history import ChangeAction, ChangeCountry, logged_tables, table_behind
from registry.history.shape import Named, kind_named, kind_of, whole_behind
from schema.conditions import Rows, by, has, one_of, table_of, wanted
from schema.context import Moment
from schema.execution.cursors import decode, encode
from schema.execution.field import computed, declare
from schema.execution.identity import SHOWN_BY_NAME, decode_id, spelled
from schema.execution.levels import Run
from schema.execution.source import AnyNamed, Column, Condition, CursorOf, Gleaned, Link, Listing, Worked
from schema.execution.statement import Database, Statement
from schema.field_changes import FieldChanges, FieldTold
from schema.relay import Node, Shown, node, page
from schema.row_changes import MOST_SHOWN
from schema.scalars import CountryCode, Json, enum

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


@strawberry.type(description="A field of a record before and after a change; null where there is nothing.")
class FieldChange(Shown):
    name: str = declare(
        Column("name"), "The field's name; parts of a record, such as `parties`, are one field for each kind of part."
    )
    old: Json | None = declare(
        Column("old"),
        f"""What was there before. Of parts, those that were taken out, or what was changed of them, with what tells
them apart, such as the country of a party. Words that a part rests on are told within it, as `citations`, and those in
the field `citations` are the record's own. Of returns, `{{count, rows}}`: how many, and at most {MOST_SHOWN} of
them; `/export/placements.csv` has all.""",
    )
    new: Json | None = declare(
        Column("new"),
        """What is there after. Of parts, those that were added, or what they were changed to; returns as in `old`.""",
    )


class _Reading:
    """What reads more rows for the changes that are told, through the connection of the asker."""

    def __init__(self, run: Run) -> None:
        self._run = run

    def columns(self, table: str, names: tuple[str, ...], ids: Collection[int]) -> Mapping[int, Sequence[Any]]:
        statement = self._run.database.columns(SQLModel.metadata.tables[table], names)
        return {row[0]: row[1:] for row in self._run.rows(statement, 0, keys=self._run.database.bound(list(ids)))}

    def withdrawals(self, kind: str, ids: Collection[int]) -> Mapping[int, str]:
        database, keys = self._run.database, [str(number) for number in ids]
        rows = self._run.rows(_withdrawals(database), 0, key=kind, keys=database.bound(keys))
        return {int(key): told for key, told in rows}

    def removals(self, kind: str, keys: Collection[str]) -> Sequence[str]:
        database = self._run.database
        rows = self._run.rows(_removals(database), 0, key=kind, keys=database.bound(list(keys)))
        return [told for (told,) in rows]


@cache
def _removals(database: Database) -> Statement:
    log = table_behind(Told).c
    found = sa.select(log.rows).where(
        log.subject_type == sa.bindparam("key", None, sa.String()),
        log.subject_key.in_(database.many("keys", sa.String())),
        log.rows.contains('"removed":[', autoescape=True),
    )
    return Statement(found, database.dialect)


@cache
def _withdrawals(database: Database) -> Statement:
    log = table_behind(Told).c
    found = sa.select(log.subject_key, log.rows).where(
        log.subject_type == sa.bindparam("key", None, sa.String()),
        log.subject_key.in_(database.many("keys", sa.String())),
        log.action == ChangeAction.WITHDRAWN,
    )
    return Statement(found, database.dialect)


def _glean(run: Run, changes: Collection[tuple[str, str, str]]) -> Mapping[tuple[str, str, str], list[FieldTold]]:
    told = {change: (Named(*change[:2]), change[2]) for change in changes}
    fields = FieldChanges(told.values(), run.actor.audiences, _Reading(run))
    return {change: fields.of(one) for change, one in told.items()}


@node(Told)
class Change(Node):
    """One committed change to one record: who, when, why, and each field before and after."""

    sequence: int = declare(
        Column("sequence"), "Position in the log, in commit order; gapless for whoever may see everything."
    )

    cursor: str = declare(
        CursorOf(ORDER, "sequence"), "Resumes `changes` after this change, in the query and in the subscription."
    )
    at: auto

    @computed("Who made it; their role, where the asker may not see names.", source=Worked(("actor", "role")))
    def actor(self) -> str:
        return self.row.actor or str(self.row.role)

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
    fields: list[FieldChange] = declare(
        Gleaned(("subject_type", "subject_key", "rows"), _glean),
        "What became of each field. Other records are named by reference or code, as far as the asker may see them.",
    )


@cache
def subject_types() -> tuple[str, ...]:
    """The types of records that the log tells of."""
    logged = (kind_of(table.name) for table in logged_tables())
    return tuple(sorted(kind.__name__ for kind in logged if whole_behind(kind) is None))


@strawberry.input(description="Which changes.")
class ChangeFilter:
    subject_type: list[str] | None = wanted("Type of the record, such as LegalAct.")
    subject_id: strawberry.ID | None = wanted("The record, by its id, and what is found with it.")
    country: list[CountryCode] | None = wanted("Countries that it concerns.")
    since: datetime | None = wanted("Made at this instant or later.")
    until: datetime | None = wanted("Made at this instant or earlier.")

    def __post_init__(self) -> None:
        """Raises `BadInput` for what no change can ever be: a subscriber would wait for it for good."""
        for place, kind in enumerate(self.subject_type or ()):
            if kind not in subject_types():
                raise BadInput(
                    f'The log tells of no records of the type "{kind}".',
                    path=("filter", "subjectType", str(place)),
                    hint=f"Ask for one of these: {', '.join(subject_types())}.",
                    details=Reason.NO_SUCH_CHOICE.told(kind),
                )
        if self.since and self.until and self.since > self.until:
            hint = "Give the earlier instant as since, the later as until."
            path, details = ("filter", "until"), Reason.PERIOD.told()
            raise BadInput("The time asked for ends before it begins.", path=path, hint=hint, details=details)


@cache
def _kinds() -> Mapping[str, Any]:
    """The tables behind all types of records that the log tells of, also of those that are not shown by themselves."""
    return SHOWN_BY_NAME | {name: kind_named(name) for name in subject_types()}


def _record(given: str) -> tuple[str, str]:
    """The type and the key of the record that an id names. Raises `BadInput`."""
    table, key, _ = decode_id(given, Moment(date.min), ("filter", "subjectId"), _kinds())
    return table.__name__, str(key)


def _about(rows: Rows, record: tuple[Any, Any], moment: Moment) -> Condition:
    kind, key = record
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
        "since": lambda rows, instant, moment: rows.c.at >= instant,
        "until": lambda rows, instant, moment: rows.c.at <= instant,
    },
    orders={"SEQUENCE": by()},
    tie=("sequence",),
    meanings={"subject_id": _record},
    of_log=True,
)


def history_of(kind: str, key: str = "id") -> Any:
    """A field that is the history of a record of a type: all changes to it, and to what is found with it."""
    listing = replace(
        CHANGES, filter=None, conditions={}, meanings={}, always=lambda rows, moment: rows.c.record_type == kind
    )
    link = Link(key, column="record_key", as_text=True)
    return page(listing, "Its history in the log of changes, oldest first, with that of what is found with it.", link)
