"""How what is on record goes out again: the same columns as come in, so that an import of it changes nothing."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import fields
from datetime import date
from pathlib import Path

import sqlalchemy as sa

from registry.codes import Language
from registry.database import open_snapshot
from registry.exchange.columns import columns_of
from registry.exchange.formats import Format
from registry.exchange.held import citations_of, held
from registry.exchange.informing import Informing
from registry.exchange.sheets import Sheet
from registry.exchange.writing import written
from registry.sources import Cited


def export(
    engine: sa.Engine,
    sheet: Sheet,
    form: Format,
    *,
    at: date | None = None,
    language: Language | None = None,
) -> Iterator[bytes]:
    """The records of a sheet as a file, byte for byte as they are read.

    The file holds what readers of `engine` may see. Columns that begin with a star only inform, and an import leaves
    them aside: with `language` the names of what codes and references stand for, with `at` the state on that day.
    Raises `BadInput` where the form cannot hold the records.
    """
    with closing(open_snapshot(engine)) as connection:
        yield from export_on(connection, sheet, form, at=at, language=language)


def export_on(
    connection: sa.Connection,
    sheet: Sheet,
    form: Format,
    *,
    at: date | None = None,
    language: Language | None = None,
) -> Iterator[bytes]:
    """The same from an open snapshot, so that several files are of one moment."""
    informing = Informing(connection, sheet, at, language)
    names = [*_columns(connection, sheet), *informing.columns]
    columns = [name for name, _kind in names]
    records = informing.told(held(connection, sheet))
    rows = ([record.cells.get(name, "") for name in columns] for record in records)
    yield from written(form, sheet.file, names, rows)


def _columns(connection: sa.Connection, sheet: Sheet) -> list[tuple[str, type]]:
    plain = [column for column in columns_of(sheet) if not column.numbered and not column.asks]
    kinds = [(column.name, str if column.listed else column.kind) for column in plain]
    numbers = range(1, citations_of(connection, sheet) + 1)
    return kinds + [(f"{one.name}_{number}", str) for number in numbers for one in fields(Cited)]


def write(parts: Iterator[bytes], target: Path) -> int:
    """Writes the parts of a file, which is there whole or not at all; says how many bytes it has."""
    beside = target.with_name(f".{target.name}.part")
    try:
        with beside.open("wb") as file:
            size = sum(file.write(part) for part in parts)
        beside.replace(target)
    finally:
        beside.unlink(missing_ok=True)
    return size
