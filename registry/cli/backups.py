"""Commands that back a registry up and restore it."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from registry.cli.options import DatabaseUrl, in_good_order
from registry.database import open_existing
from registry.settings import read_settings

if TYPE_CHECKING:
    from registry.backup import Manifest


def backup(
    file: Annotated[Path, typer.Argument(help="File to write; nothing is replaced but an older backup.")],
    database_url: DatabaseUrl = None,
) -> None:
    """Back the whole registry up into one file, while it is served; the file opens all secrets of the registry."""
    from registry.backup import back_up

    engine = open_existing(read_settings(database_url=database_url).database_url)
    try:
        with in_good_order():
            made = back_up(engine, file)
    finally:
        engine.dispose()
    size = file.stat().st_size / 1e6
    typer.echo(f"Backed up {_told(made)} to {file}: {size:,.1f} MB, {made.bytes / 1e6:,.1f} MB unpacked.")


def restore_(
    file: Annotated[Path, typer.Argument(help="A backup.")],
    force: Annotated[bool, typer.Option("--force", help="Replace what the database holds.")] = False,
    verify: Annotated[bool, typer.Option("--verify", help="Verify the registry before it is put in place.")] = False,
    database_url: DatabaseUrl = None,
) -> None:
    """Make the registry of a backup again, on SQLite or PostgreSQL, whichever it was on; the server must not run."""
    from registry.backup import restore

    url = read_settings(database_url=database_url).database_url
    with in_good_order():
        made = restore(file, url, force=force, verify=verify)
    typer.echo(f"Restored {_told(made)}.{' It is sound.' if verify else ''}")


def _told(made: "Manifest") -> str:
    known = f", known at {made.known_at[:19].replace('T', ' ')}" if made.known_at else ""
    return f"change {made.sequence} of the log{known}, digest {made.digest[:12] or 'none'}"
