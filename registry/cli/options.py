"""What several commands share: the options that are settings, the database brought up to date, and how one stops."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any

import sqlalchemy as sa
import typer

from registry import agreements, search
from registry.database import migrate, open_engine, open_existing
from registry.errors import RegistryError
from registry.history import adopt
from registry.settings import Settings
from registry.utilisation import settle


def option(name: str) -> Any:
    """The option that sets a setting for one run, with the help that the setting has."""
    return typer.Option(f"--{name.replace('_', '-')}", help=Settings.model_fields[name].description)


DatabaseUrl = Annotated[str | None, option("database_url")]


class Stopped(RegistryError):
    """A command that cannot go on."""


@contextmanager
def migrated(settings: Settings, *, there: bool = False) -> Iterator[sa.Engine]:
    """An engine on a database whose tables are of the newest version, and what they derive is for the home country.

    With `there` no database is made where there is none. What needs nothing done waits for nobody who writes. Raises
    `DatabaseUnavailable`, and `DatabaseHeld` where others go on writing while something has to be done.
    """
    engine = (open_existing if there else open_engine)(settings.database_url)
    try:
        migrate(engine)
        adopt(engine)
        agreements.complete(engine)
        settle(engine, settings.home_country)
        search.complete(engine)
        yield engine
    finally:
        engine.dispose()


@contextmanager
def in_good_order() -> Iterator[None]:
    """Lets SIGTERM end what is done inside as Ctrl+C does, so that nothing half done is left behind.

    Whoever sends the signal again does not keep that from being tidied up.
    """

    def end(number: int, _frame: Any) -> None:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        raise SystemExit(128 + number)

    before = signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
