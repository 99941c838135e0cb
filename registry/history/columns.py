"""What every table shares: rows, records, and columns that carry their meaning and audience.

The meaning and the audience stand on the SQL column (`comment`, `info`), since that is the one object that models,
schema, exports and migrations all see.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, ClassVar

import sqlalchemy as sa
from sqlmodel import Field, Session, SQLModel

from registry.access import PUBLIC, RESTRICTED, Audience
from registry.codes import Code


class Coded(sa.types.TypeDecorator[Code]):
    """A `Code`, stored as its value."""

    impl = sa.String
    cache_ok = True

    def __init__(self, kind: type[Code]) -> None:
        super().__init__()
        self.kind = kind

    def process_bind_param(self, value: Code | str | None, dialect: sa.Dialect) -> str | None:
        if value is None:
            return None
        return str(value if isinstance(value, self.kind) else self.kind(value))  # type: ignore[call-arg]

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
        return None if value is None else instant_text(value)

    def process_result_value(self, value: str | None, dialect: sa.Dialect) -> datetime | None:
        return None if value is None else datetime.strptime(value, _INSTANT).replace(tzinfo=UTC)


_INSTANT = "%Y-%m-%dT%H:%M:%S.%fZ"


def instant_text(instant: datetime) -> str:
    """An instant as it is stored, such as 2026-11-21T09:30:00.000000Z."""
    return f"{instant.astimezone(UTC).replace(tzinfo=None).isoformat(timespec='microseconds')}Z"


def column(
    meaning: str,
    audience: Audience = RESTRICTED,
    *,
    kind: Any = None,
    references: str | None = None,
    logged: bool = True,
    **options: Any,
) -> Any:
    """A column whose meaning is told to clients and whose audience is closed unless said otherwise.

    `kind` is a `Code` class or an SQL type, where the annotation alone does not tell it; `references` is the column
    that a foreign key points to. `logged` is false for what follows from other columns, and for secrets: the log of
    changes leaves them out. Further options are those of SQLModel's `Field` (`default`, `index`, `unique`, …).
    """
    if isinstance(kind, type) and issubclass(kind, Code):
        options["sa_type"] = Coded(kind)
    elif kind is not None:
        options["sa_type"] = kind
    if references:
        options["foreign_key"] = references
    info = {"audience": audience, "logged": logged}
    return Field(sa_column_kwargs={"comment": meaning, "info": info}, **options)


class Row(SQLModel):
    """What every table of the registry is.

    `__logged__` is false for tables of what follows from others, and of what only keeps the service going.

    A row tells of a record: of itself, or of the one that `__part_of__` names, by the column that holds its key or by
    two columns with its type and its key. A row without an identity is a part of what its primary key begins with.
    """

    __logged__: ClassVar[bool] = True
    __part_of__: ClassVar[str | tuple[str, str] | None] = None

    #: For parts that are revised: the columns by which a reader tells them apart, which the log names with a revision.
    __told_apart_by__: ClassVar[tuple[str, ...]] = ()

    #: For rows that tell of records of several types, now or formerly: the columns with the type and the key.
    __tells_of__: ClassVar[tuple[str, str] | None] = None

    #: Whom changes of it may be shown to, at most, where it has no column `audience`.
    __audience__: ClassVar[Audience] = PUBLIC

    @classmethod
    def follow(cls, session: Session, keys: Sequence[str]) -> None:
        """Stores anew what follows from the records of this class with these ids or codes, some of which may be gone.

        Called once before a change of them is committed, and once after changes of them were replayed.
        """


class Record(Row):
    """A row with an identity that clients may hold on to.

    `__belongs_to__` names, by the column that holds its key, the larger record that it is found with: changes are told
    of both.
    """

    __belongs_to__: ClassVar[str | None] = None

    id: int | None = Field(
        default=None, primary_key=True, sa_column_kwargs={"info": {"audience": PUBLIC, "logged": True}}
    )


def table_behind(kind: Any) -> sa.Table:
    """The SQL table behind a class of rows."""
    table: sa.Table = kind.__table__
    return table
