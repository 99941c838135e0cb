"""The command that looks over everything a registry needs, and says what to do where something is amiss."""

import csv
import importlib.metadata
import importlib.util
import ipaddress
import os
import re
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import orjson
import sqlalchemy as sa
import typer
from rich.table import Table

from registry import health
from registry.access import ANYONE
from registry.away import cause_of, todo_for
from registry.cli.options import DatabaseUrl, option
from registry.database import open_engine
from registry.errors import DatabaseUnavailable, RegistryError
from registry.health import Finding, State
from registry.history import RegistryState, table_behind
from registry.progress import wide_console
from registry.settings import Settings, read_settings
from registry.visibility import viewing

HOME = Path(__file__).resolve().parents[2]

#: What extras add, by the module that shows that they are there.
EXTRAS = {"postgres": "psycopg", "pdf": "typst", "otel": "opentelemetry.sdk"}

#: The difference between two clocks that means nothing.
_NO_MATTER = timedelta(minutes=1)

_COLOURS = {State.OK: "green", State.WARN: "yellow", State.FAIL: "red"}


def doctor(
    json: Annotated[bool, typer.Option("--json", help="Print the findings as JSON.")] = False,
    host: Annotated[str | None, option("host")] = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Look over all that the registry needs, and say what to do where something is amiss; exit code 1 where it is."""
    found = list(findings(host=host, database_url=database_url))
    if json:
        told = [{"check": one.name, "state": one.state.value, "told": one.told, "todo": one.todo} for one in found]
        sys.stdout.buffer.write(orjson.dumps(told, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))
        sys.stdout.flush()
    else:
        table = Table("Check", "State", "What was found", "What to do")
        for one in found:
            table.add_row(one.name, f"[{_COLOURS[one.state]}]{one.state.value}[/]", one.told, one.todo)
        wide_console().print(table)
    if not all(one.ok for one in found):
        raise typer.Exit(1)


def findings(**given: Any) -> Iterator[Finding]:
    """All findings about the registry that these settings and the environment describe."""
    yield _python()
    yield _packages()
    yield _seeds()
    try:
        settings = read_settings(**given)
    except RegistryError as error:
        yield Finding("settings", State.FAIL, error.message, "Mend these variables.")
        return
    yield from _settings(settings)
    yield _extras(settings)
    yield _time_zone(settings)
    yield from _database(settings)
    for check in (health.disk, health.snapshots, _documents):
        yield _safely(check, settings)


def _safely(check: Callable[[Settings], Finding], settings: Settings) -> Finding:
    try:
        return check(settings)
    except OSError as error:
        return Finding(check.__name__.strip("_"), State.FAIL, f"It cannot be looked at: {error.strerror}.")


# ── What runs here ──────────────────────────────────────────────────────────────────────────────────────────────────


def _python() -> Finding:
    """An older Python than the registry needs does not come as far as here."""
    return Finding("python", State.OK, f"Python {'.'.join(map(str, sys.version_info[:3]))}.")


def _packages() -> Finding:
    """`schema` and `registry` are also names of public packages: whichever comes first is imported."""
    for name in ("registry", "schema", "seeds"):
        if name != "seeds":
            found = importlib.util.find_spec(name)
            if found is None or found.origin is None or Path(found.origin).resolve().parent != HOME / name:
                told = f"The package `{name}` that Python finds is not the one of this registry."
                return Finding("packages", State.FAIL, told, f"Start from the folder {HOME}, or remove the other one.")
        elif not (HOME / name).is_dir():
            return Finding("packages", State.FAIL, "The folder `seeds` is missing.", f"Put it into {HOME}.")
        others = set(importlib.metadata.packages_distributions().get(name, ())) - {"bilateral-registry"}
        if others:
            told = f"The installed package {min(others)} offers `{name}` as well."
            return Finding("packages", State.WARN, told, "Give the registry an environment of its own.")
    return Finding("packages", State.OK, "`registry`, `schema` and `seeds` are those of this registry.")


def _seeds() -> Finding:
    """Every source that a seed names is in the list of sources."""
    try:
        known = {row["reference"] for row in _rows("sources")}
        lost = [
            f"{value} ({file.name})"
            for file in sorted((HOME / "seeds").glob("*.csv"))
            for row in _rows(file.stem)
            for column, value in row.items()
            if column and re.fullmatch(r"source_\d+", column) and value and value not in known
        ]
    except (OSError, KeyError, UnicodeError, csv.Error) as error:
        return Finding("seeds", State.FAIL, f"The seeds cannot be read: {error}.", "Take them from the release again.")
    if lost:
        told = f"Seeds name sources that are not in sources.csv: {', '.join(lost[:3])}."
        return Finding("seeds", State.FAIL, told, "Add these sources, or mend their names.")
    return Finding("seeds", State.OK, f"All seeds name sources that are known; there are {len(known)}.")


def _rows(name: str) -> list[dict[str, str]]:
    with (HOME / "seeds" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _extras(settings: Settings) -> Finding:
    held = [extra for extra, module in EXTRAS.items() if _is_there(module)]
    missing = [extra for extra in EXTRAS if extra not in held]
    if "postgres" in missing and health.database_file(settings) is None:
        todo = "Install the extra `postgres`."
        return Finding("extras", State.FAIL, "PostgreSQL needs the driver psycopg, which is not installed.", todo)
    told = f"Installed: {', '.join(held) or 'none'}; not installed: {', '.join(missing) or 'none'}."
    return Finding("extras", State.OK, told)


def _is_there(module: str) -> bool:
    try:
        return importlib.util.find_spec(module) is not None
    except ModuleNotFoundError:
        return False


# ── How it is set up ────────────────────────────────────────────────────────────────────────────────────────────────


def _settings(settings: Settings) -> Iterator[Finding]:
    warnings = list(_dangers(settings))
    yield from (Finding("settings", State.WARN, told, todo) for told, todo in warnings)
    if not warnings:
        yield Finding("settings", State.OK, "The settings can be used, and none of them is dangerous.")


def _dangers(settings: Settings) -> Iterator[tuple[str, str]]:
    if not _is_local(settings.host):
        told = f"The server listens on {settings.host}, where others can reach it without TLS."
        yield told, "Let a proxy with TLS stand before it, and reach it from that machine only."
    if settings.metrics == "open":
        yield "Everybody may read /metrics.", "Set REGISTRY_METRICS to local, and give Prometheus a token."
    if settings.log_level == "debug":
        yield "The log tells everything.", "Set REGISTRY_LOG_LEVEL to info."
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        yield "This runs as root.", "Run the registry as a user of its own; see registry/deploy/."
    for name in unknown_variables():
        yield f"{name} is in the environment, but is no setting.", "Look for a mistake in writing, or take it out."


def unknown_variables() -> list[str]:
    """Variables of the environment that look like settings and are none; those for tests are left aside."""
    known = {f"REGISTRY_{name.upper()}" for name in Settings.model_fields}
    return sorted(
        name
        for name in os.environ
        if name.upper().startswith("REGISTRY_") and name.upper() not in known and not name.startswith("REGISTRY_TEST_")
    )


def _is_local(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _time_zone(settings: Settings) -> Finding:
    now = datetime.now(ZoneInfo(settings.time_zone))
    return Finding("time zone", State.OK, f"{settings.time_zone} is known; it is {now:%Y-%m-%d %H:%M} there.")


def _documents(settings: Settings) -> Finding:
    folder = Path(settings.documents_dir)
    if not folder.is_dir():
        told = "There is no folder with copies of sources, so quotations are not looked up."
        return Finding("documents", State.OK, told)
    held = sum(1 for file in folder.iterdir() if file.is_file())
    return Finding("documents", State.OK, f"Quotations are looked up in {held} copies of sources.")


# ── The database ────────────────────────────────────────────────────────────────────────────────────────────────────


def _database(settings: Settings) -> Iterator[Finding]:
    file = health.database_file(settings)
    if file is not None and not file.exists():
        yield Finding("database", State.WARN, "There is no database yet.", "Start the server: it makes and fills it.")
        return
    try:
        engine = open_engine(settings.database_url)
    except DatabaseUnavailable as error:
        yield Finding("database", State.FAIL, error.message, error.hint or "")
        return
    try:
        with engine.connect() as connection:
            yield _kind(connection)
            yield (tables := health.migrations(connection))
            if tables.ok:
                yield _clock(connection)
                if (rights := health.rights(connection)).state is not State.OK:
                    yield rights
        if tables.ok and rights.ok:
            _look_as_anyone(engine)
    except DatabaseUnavailable as error:
        yield Finding("database", State.FAIL, error.message, error.hint or "")
    except sa.exc.DBAPIError as error:
        yield Finding(
            "database",
            State.FAIL,
            f"It cannot be used: {cause_of(error)}.",
            todo_for(error) or "Start it, or mend REGISTRY_DATABASE_URL.",
        )
    finally:
        engine.dispose()


def _look_as_anyone(engine: sa.Engine) -> None:
    """Reads as the public does: by views that hide what is not for them, and that must be made first."""
    with viewing(engine, ANYONE.audiences).connect() as connection:
        connection.execute(sa.select(table_behind(RegistryState).c.sequence)).all()


def _kind(connection: sa.Connection) -> Finding:
    version = ".".join(map(str, connection.dialect.server_version_info or ()))
    if connection.dialect.name != "sqlite":
        return Finding("database", State.OK, f"PostgreSQL {version} answers.")
    journal = connection.exec_driver_sql("PRAGMA journal_mode").scalar()
    keys = connection.exec_driver_sql("PRAGMA foreign_keys").scalar()
    if journal != "wal":
        told = f"SQLite {version} keeps a journal of the kind {journal}, so that readers wait for writers."
        return Finding("database", State.WARN, told, "Put the file on a disk of this machine, not of a network.")
    enforced = "enforced" if keys else "not enforced"
    state = State.OK if keys else State.FAIL
    return Finding("database", state, f"SQLite {version} answers; it logs ahead, and foreign keys are {enforced}.")


def _clock(connection: sa.Connection) -> Finding:
    """Moments of knowledge never run back: with a clock that does, all changes would be told of the same instant."""
    now = datetime.now(UTC)
    last = connection.execute(sa.select(table_behind(RegistryState).c.known_at)).scalar()
    if last is not None and last > now + _NO_MATTER:
        told = f"The clock says {now:%Y-%m-%d %H:%M} UTC, which is before the last change, at {last:%Y-%m-%d %H:%M}."
        return Finding("clock", State.FAIL, told, "Set the clock of this machine, by NTP.")
    if connection.dialect.name != "sqlite":
        there = connection.exec_driver_sql("SELECT now()").scalar_one()
        if abs(there - now) > _NO_MATTER:
            told = f"The clock of the database is {abs(there - now).total_seconds():.0f} s away from this one."
            return Finding("clock", State.WARN, told, "Set both by NTP.")
    return Finding("clock", State.OK, f"It is {now:%Y-%m-%d %H:%M} UTC, after the last change.")
