"""Columns of an export that only inform: names in a language beside codes and references, and the state on a day."""

from collections.abc import Iterator, Sequence
from datetime import date
from functools import cached_property
from itertools import islice
from typing import Any

import sqlalchemy as sa
from sqlmodel import SQLModel

from registry.agreements import Agreement, StatusGround, StatusSpan
from registry.codes import Code, Language
from registry.cooperation import runs_on
from registry.exchange.columns import INFORMS, LISTS, Column, columns_of
from registry.exchange.held import AT_ONCE, Held
from registry.exchange.lists import Cell, items
from registry.exchange.sheets import Sheet
from registry.history import table_behind
from registry.language import label, render
from registry.status import Message

#: Where the name of a record stands that has no names in several languages, or none in the one asked for.
_NAMED_BY = {
    "agreement": ("title", "title_as_printed"),
    "source": ("title", "title"),
    "quota": ("reference", "reference"),
}

_STATE = ("status", "possible_statuses", "status_explanation")


class Informing:
    """Adds to records what only informs."""

    def __init__(
        self, connection: sa.Connection, sheet: Sheet, at: date | None = None, language: Language | None = None
    ) -> None:
        self.connection = connection
        self.sheet = sheet
        self.language = language
        self.at = at if sheet.table is Agreement else None
        self.named = [column for column in columns_of(sheet) if self._has_name(column)]
        self._names: dict[tuple[str, str], str] = {}

    @cached_property
    def columns(self) -> list[tuple[str, type]]:
        """The columns that only inform, with their types."""
        names = [column.name for column in self.named] + (list(_STATE) if self.at else [])
        return [(f"{INFORMS}{name}", str) for name in names]

    def told(self, records: Iterator[Held]) -> Iterator[Held]:
        """The records, with what informs about them."""
        if not self.columns:
            yield from records
            return
        while batch := list(islice(records, AT_ONCE)):
            self._look_up(batch)
            states = self._states([record.id for record in batch]) if self.at else {}
            for record in batch:
                names = {f"{INFORMS}{column.name}": self._named(column, record) for column in self.named}
                yield Held(record.id, record.cells | names | states.get(record.id, {}))

    def _has_name(self, column: Column) -> bool:
        if self.language is None or column.numbered or column.name == self.sheet.key[0] == "reference":
            return False
        return issubclass(column.kind, Code) or column.names is not None

    def _named(self, column: Column, record: Held) -> Cell:
        cell = record.cells[column.name]
        if not cell or self.language is None:
            return ""
        if issubclass(column.kind, Code):
            said = [label(column.kind(one), self.language) for one in _each(column, cell)]  # type: ignore[call-arg]
        else:
            said = [self._names.get((str(column.names), one), "") for one in _each(column, cell)]
        return said if column.listed else said[0]

    def _look_up(self, records: Sequence[Held]) -> None:
        """Finds the names of what these records point to; those of codes are kept, those of references not."""
        self._names = {named: name for named, name in self._names.items() if named[0] in LISTS}
        for column in self.named:
            if column.names is None:
                continue
            table = SQLModel.metadata.tables[column.names]
            wanted = {one for record in records for one in _each(column, record.cells[column.name])}
            unknown = [one for one in wanted if (column.names, one) not in self._names]
            key = table.c.code if column.names in LISTS else table.c.reference
            found = self.connection.execute(sa.select(key, self._name(table)).where(key.in_(unknown)))
            self._names |= {(column.names, named): name for named, name in found}

    def _name(self, table: sa.Table) -> sa.ColumnElement[str]:
        assert self.language is not None
        prefix, fallback = _NAMED_BY.get(table.name, ("name", "name" if "name" in table.c else "name_en"))
        spoken = table.c.get(f"{prefix}_{self.language.suffix}")
        name: sa.ColumnElement[str] = table.c[fallback]
        return name if spoken is None else sa.func.coalesce(spoken, name)

    def _states(self, agreements: Sequence[int]) -> dict[int, dict[str, Cell]]:
        """The status of agreements on the day, as it is computed from what is on record."""
        assert self.at is not None
        span, ground = table_behind(StatusSpan), table_behind(StatusGround)
        rows = self.connection.execute(
            sa.select(span.c.agreement_id, span.c.status, span.c.possible, ground.c.explanation)
            .join_from(span, ground, ground.c.agreement_id == span.c.agreement_id)
            .where(
                span.c.agreement_id.in_(agreements),
                *(runs_on(table, self.at) for table in (span, ground)),
            )
        )
        return {row.agreement_id: self._state(row) for row in rows}

    def _state(self, row: Any) -> dict[str, Cell]:
        explanation = render([Message.from_json(said) for said in row.explanation], self.language or Language.EN)
        state: tuple[Cell, ...] = (str(row.status), list(row.possible), explanation)
        return {f"{INFORMS}{name}": value for name, value in zip(_STATE, state, strict=True)}


def _each(column: Column, cell: Cell) -> list[str]:
    return items(cell) if column.listed else [str(cell)] if cell else []
