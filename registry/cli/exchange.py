"""Commands that bring records in from files, and out into files."""

import os
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

import orjson
import sqlalchemy as sa
import typer

from registry.access import Actor, Role
from registry.cli.options import DatabaseUrl, Stopped, migrated
from registry.codes import Language
from registry.progress import shown_progress, wide_console
from registry.settings import Settings, read_settings
from registry.utilisation import settle

_FORMS = Literal["csv", "xlsx", "jsonl"]


def import_(
    files: Annotated[list[Path] | None, typer.Argument(help="CSV, XLSX or JSON Lines, named for its kind.")] = None,
    reason: Annotated[str, typer.Option(help="Why, for the log; needed unless nothing is to be written.")] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Do everything, and undo it again.")] = False,
    on_error: Annotated[
        Literal["stop", "skip"], typer.Option(help="At a row that is refused: stop and write nothing, or leave it out.")
    ] = "stop",
    kind: Annotated[str | None, typer.Option(help="Kind of record, where the file's name does not say it.")] = None,
    mapping: Annotated[Path | None, typer.Option(help="What rows of another layout become, as TOML.")] = None,
    columns: Annotated[str | None, typer.Option(help="Show the columns of a kind, and import nothing.")] = None,
    json: Annotated[Path | None, typer.Option(help="Write the report to this file, as JSON.")] = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Import records from files, all in one change, and report on each row that is refused.

    A column that a file does not have leaves what is on record, a blank cell clears it. A new registry is given the
    code lists first.
    """
    from registry.exchange import importing
    from registry.exchange.mapping import Mapping

    if columns:
        _show_columns(columns)
        return
    if not files:
        raise Stopped("There is no file to import.", hint="Name one, or see --columns.")
    if not reason and not dry_run:
        raise Stopped("Say why, for the log of changes: --reason “…”.")
    if json:
        _check_room(json)
    mapped = Mapping.read(mapping) if mapping else None
    given = [one for file in files for one in importing.given(_there(file), kind, mapped=mapped is not None)]
    settings = read_settings(database_url=database_url)
    with migrated(settings) as engine, shown_progress() as tell:
        report = importing.import_files(
            engine,
            given,
            reason=reason or "A dry run.",
            dry_run=dry_run,
            skip=on_error == "skip",
            mapping=mapped,
            documents=settings.documents_dir,
            code_lists=True,
            tell=tell,
        )
        if report.written:
            settle(engine, settings.home_country)  # which on a new registry nobody has told yet
    report.print(wide_console())
    if json:
        with _written(json, " What the report says is done."):
            json.write_bytes(orjson.dumps(report.to_json(), option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))
    if report.failed:
        raise typer.Exit(1)


def export(
    kinds: Annotated[list[str] | None, typer.Argument(help="Kinds of record, such as agreements; all if none.")] = None,
    folder: Annotated[Path, typer.Option(help="Folder that the files go to, one for each kind.")] = Path(),
    form: Annotated[_FORMS, typer.Option("--format", help="Form of the files.")] = "csv",
    at: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Add the status on that day.")] = None,
    language: Annotated[Language | None, typer.Option(help="Add names in that language.")] = None,
    known_at: Annotated[str | None, typer.Option(help="Export what was known at that instant, or day's end.")] = None,
    role: Annotated[Role, typer.Option(help="Export what somebody of this role may see.")] = Role.ADMIN,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace files that are there already.")] = False,
    database_url: DatabaseUrl = None,
) -> None:
    """Export records, all as they are at one moment, to files that can be imported again."""
    from registry.database import open_snapshot
    from registry.exchange import exporting
    from registry.exchange.formats import Format
    from registry.exchange.sheets import KINDS, sheet_of
    from registry.visibility import viewing

    sheets = list(dict.fromkeys(sheet_of(kind) for kind in kinds or KINDS))
    chosen = Format[form.upper()]
    targets = [folder / f"{sheet.file}{chosen.suffix}" for sheet in sheets]
    for target in targets:
        if target.exists() and not overwrite:
            raise Stopped(f"{target} is there already.", hint="Choose another --folder, or say --overwrite.")
    day: date | None = at.date() if at else None
    settings = read_settings(database_url=database_url)
    known = _instant(known_at, settings) if known_at else None
    with migrated(settings, there=True) as now, _known(now, settings, known) as engine, shown_progress() as tell:
        _make(folder)
        seen = viewing(engine, Actor("reader", role).audiences, earlier=engine is not now)
        with closing(open_snapshot(seen)) as connection:
            for sheet, target in zip(sheets, targets, strict=True):
                parts = exporting.export_on(connection, sheet, chosen, at=day, language=language)
                with _written(target):
                    written = exporting.write(parts, target)
                tell(sheet.file, written, written)
                typer.echo(f"Wrote {target}.")


def _instant(text: str, settings: Settings) -> datetime:
    """An instant, or the last one of a day where it is home; raises `BadInput`."""
    from registry.web.export_query import end_of
    from schema.scalars import parse_day, parse_instant

    return parse_instant(text) if "T" in text else end_of(parse_day(text), "known_at", ZoneInfo(settings.time_zone))


@contextmanager
def _known(engine: sa.Engine, settings: Settings, known: datetime | None) -> Iterator[sa.Engine]:
    """The registry as it was known at an instant, in a file that is there for as long; as it is, where none is given.

    Raises `Stopped` where nothing was known yet.
    """
    from registry.database import open_engine
    from registry.knowledge import Knowledge, make

    if known is None:
        yield engine
        return
    _newest, positions = Knowledge(engine, settings).positions([known])
    if positions[known] == 0:
        raise Stopped("Nothing was known yet at that moment.", hint="Choose a later one for --known-at.")
    with TemporaryDirectory(prefix="registry-known-") as folder:
        file = Path(folder) / "registry.db"
        make(engine, positions[known], file)
        then = open_engine(f"sqlite:///{file}")
        try:
            yield then
        finally:
            then.dispose()


def _there(file: Path) -> Path:
    if not file.is_file():
        raise Stopped(f"There is no file {file}.")
    return file


def _check_room(file: Path) -> None:
    """Raises `Stopped` where a file cannot be written, before anything else is."""
    if file.is_dir():
        raise Stopped(f"{file} is a folder.", hint="Name a file for the report.")
    if not file.absolute().parent.is_dir():
        raise Stopped(
            f"There is no folder {file.parent} for the report.", hint="Make it, or choose another for --json."
        )
    if not os.access(file if file.exists() else file.absolute().parent, os.W_OK):
        raise Stopped(f"{file} cannot be written.", hint="Choose another file for --json.")


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        reason = "it is a file" if folder.is_file() else error.strerror
        raise Stopped(f"The folder {folder} cannot be made: {reason}.", hint="Choose another --folder.") from None


@contextmanager
def _written(file: Path, otherwise: str = "") -> Iterator[None]:
    """Tells why a file cannot be written, and what is so all the same."""
    try:
        yield
    except OSError as error:
        raise Stopped(f"{file} cannot be written: {error.strerror}.{otherwise}") from None


def _show_columns(kind: str) -> None:
    from rich.table import Table

    from registry.exchange.columns import columns_of
    from registry.exchange.headers import synonyms_of
    from registry.exchange.sheets import sheet_of

    sheet = sheet_of(kind)
    table = Table("Column", "Holds", "Meaning", "Also called", title=f"Columns of {sheet.file}", show_lines=True)
    for column in columns_of(sheet):
        name = f"{column.name} *" if column.required else column.name
        table.add_row(name, column.form, column.meaning, ", ".join(synonyms_of(sheet, column.name)))
    console = wide_console()
    console.print(table)
    console.print("* Every row needs it. Columns that end in _1 go on with _2, _3 and so on, for further sources.")
    console.print("A column that a file does not have leaves what is on record as it is, and a blank cell clears it.")
