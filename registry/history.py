"""What every table shares: records, columns that carry their meaning and audience, and the one place that commits.

The meaning and the audience stand on the SQL column (`comment`, `info`), since that is the one object that models,
schema, exports and migrations all see.
"""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, Session, SQLModel

from registry.access import OPERATOR, PUBLIC, RESTRICTED, Actor, Audience
from registry.codes import Code
from registry.database import WRITES


class Coded(sa.types.TypeDecorator[Code]):
    """A `Code`, stored as its value."""

    impl = sa.String
    cache_ok = True

    def __init__(self, kind: type[Code]) -> None:
        super().__init__()
        self.kind = kind

    def process_bind_param(self, value: Code | str | None, dialect: sa.Dialect) -> str | None:
        return None if value is None else str(self.kind(value).value)  # type: ignore[call-arg]

    def process_result_value(self, value: str | None, dialect: sa.Dialect) -> Code | None:
        return None if value is None else self.kind(value)  # type: ignore[call-arg]


class Exact(sa.types.TypeDecorator[Decimal]):
    """An exact decimal, stored as text: SQLite would make it a binary fraction."""

    impl = sa.String
    cache_ok = True

    def process_bind_param(self, value: Decimal | str | None, dialect: sa.Dialect) -> str | None:
        return None if value is None else format(Decimal(value), "f")

    def process_result_value(self, value: str | None, dialect: sa.Dialect) -> Decimal | None:
        return None if value is None else Decimal(value)


class Instant(sa.types.TypeDecorator[datetime]):
    """An instant in UTC, to the microsecond, stored as text of fixed width so that it sorts as it runs."""

    impl = sa.String
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> str | None:
        return None if value is None else value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")

    def process_result_value(self, value: str | None, dialect: sa.Dialect) -> datetime | None:
        return None if value is None else datetime.strptime(value, "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=UTC)


def column(
    meaning: str, audience: Audience = RESTRICTED, *, kind: Any = None, references: str | None = None, **options: Any
) -> Any:
    """A column whose meaning is told to clients and whose audience is closed unless said otherwise.

    `kind` is a `Code` class or an SQL type, where the annotation alone does not tell it; `references` is the column
    that a foreign key points to. Further options are those of SQLModel's `Field` (`default`, `index`, `unique`, …).
    """
    if isinstance(kind, type) and issubclass(kind, Code):
        options["sa_type"] = Coded(kind)
    elif kind is not None:
        options["sa_type"] = kind
    if references:
        options["foreign_key"] = references
    return Field(sa_column_kwargs={"comment": meaning, "info": {"audience": audience}}, **options)


class Row(SQLModel):
    """What every table of the registry is."""


class Record(Row):
    """A row with an identity that clients may hold on to."""

    id: int | None = Field(default=None, primary_key=True, sa_column_kwargs={"info": {"audience": PUBLIC}})


def table_behind(kind: Any) -> sa.Table:
    """The SQL table behind a class of rows."""
    table: sa.Table = kind.__table__
    return table


class RegistryState(Row, table=True):
    """One row: how current this registry is, and the key that its cursors are signed with."""

    __tablename__ = "registry_state"

    id: int = column("Always 1.", primary_key=True, default=1)
    known_at: datetime = column("Instant of the last change.", PUBLIC, kind=Instant)
    cursor_key: str = column("Secret that cursors are signed with, in hexadecimal.")


class Changes:
    """An open change of the registry: the session it writes through, and by whom, when and why it is made."""

    def __init__(self, session: Session, reason: str, actor: Actor = OPERATOR) -> None:
        self.session = session
        self.reason = reason
        self.actor = actor
        self.at = datetime.now(UTC)

    def add(self, row: Any) -> Any:
        """Adds a row and gives it its id."""
        self.session.add(row)
        self.session.flush()
        return row

    def remove(self, row: Any) -> None:
        """Takes a row out."""
        self.session.delete(row)
        self.session.flush()


@contextmanager
def changeset(engine: sa.Engine, reason: str, actor: Actor = OPERATOR) -> Iterator[Changes]:
    """The one place that commits: everything written inside becomes visible together, or, on any error, nothing."""
    with Session(engine.execution_options(**WRITES), autoflush=False) as session:
        changes = Changes(session, reason, actor)
        yield changes
        state = session.get(RegistryState, 1)
        if state is None:
            session.add(RegistryState(known_at=changes.at, cursor_key=secrets.token_hex(32)))
        else:
            state.known_at = max(changes.at, state.known_at)
        session.commit()
