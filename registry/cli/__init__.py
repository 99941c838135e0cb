"""The front door for those who run the registry: the command line."""

import errno
import importlib.util
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import orjson
import sqlalchemy as sa
import typer

from registry.away import refused
from registry.cli.backups import backup, restore_
from registry.cli.config import config_app
from registry.cli.doctor import doctor
from registry.cli.exchange import export, import_
from registry.cli.keys import key_app
from registry.cli.options import DatabaseUrl, Stopped, migrated, option
from registry.database import write_migration
from registry.errors import DatabaseUnavailable, RegistryError
from registry.history import Change, table_behind
from registry.keys import ApiKey
from registry.progress import shown_progress, wide_console
from registry.settings import VERSION, Settings, read_settings
from registry.utilisation import settle

if TYPE_CHECKING:
    from schema.contract import Comparison

HOME = Path(__file__).resolve().parents[2]

#: Why what a command says, or a file that it writes, finds no room.
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO)

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
migrate_app = typer.Typer(invoke_without_command=True)
app.add_typer(migrate_app, name="migrate")
app.add_typer(key_app, name="key")
app.add_typer(config_app, name="config")


def main(arguments: list[str] | None = None) -> None:
    """Runs one command; what the registry refuses is told in a sentence, with exit code 1."""
    try:
        if "doctor" not in (sys.argv[1:] if arguments is None else arguments)[:1]:  # which says it among the rest
            _check_rooms()
        app(arguments)
    except (RegistryError, sa.exc.DBAPIError) as error:
        told = _told(error)
        typer.echo(" ".join(filter(None, [told.message, told.hint])), err=True)
        sys.exit(1)
    except OSError as error:
        if error.errno not in _FULL:
            raise
        _drop_output()
        typer.echo(f"The output cannot be written: {error.strerror}.", err=True)
        sys.exit(1)


def _told(error: RegistryError | sa.exc.DBAPIError) -> RegistryError:
    """What whoever gave the command is told: of a database why it does nothing, as they may mend it."""
    cause = error.__cause__ if isinstance(error, DatabaseUnavailable) else error
    if isinstance(cause, sa.exc.DBAPIError):
        return refused(cause)
    assert isinstance(error, RegistryError)
    return error


def _drop_output() -> None:
    """Lets go of what could not be written: Python would try once more at its end, and fail with words of its own."""
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _check_rooms() -> None:
    """`schema` is also the name of a public package: take no stranger for ours."""
    found = importlib.util.find_spec("schema")
    if not found or not found.origin or Path(found.origin).resolve().parent != HOME / "schema":
        raise Stopped(
            f"The folder `schema` of this registry must lie in {HOME}, and no other package of that name be used."
        )
    if not (HOME / "seeds").is_dir():
        raise Stopped(f"The folder `seeds` of this registry must lie in {HOME}.")


@app.callback()
def registry() -> None:
    """A registry of bilateral labour agreements and partners."""


@app.command()
def serve(
    host: Annotated[str | None, option("host")] = None,
    port: Annotated[int | None, option("port")] = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Serve the registry; makes and fills the database first if it is new."""
    settings = read_settings(host=host, port=port, database_url=database_url)
    with _bound(settings.host, settings.port) as listener:
        _prepare(settings)
        from registry.telemetry import logs, traces
        from registry.web.app import create_app
        from registry.web.serving import server

        logs.configure(settings)
        for ending in (signal.SIGINT, signal.SIGTERM):  # uvicorn ends in good order and then raises the signal again
            signal.signal(ending, lambda *_: sys.exit(0))
        greeting = _GREETING.format(address=_address(listener))
        with traces.sent(VERSION):
            server(create_app(settings), settings, lambda: print(greeting, flush=True)).run(sockets=[listener])


_GREETING = """The registry is open.
  Page      {address}/
  GraphQL   {address}/graphql
  Schema    {address}/schema.graphql
  Try       curl -s {address}/graphql --json '{{"query": "{{ agreements(first: 3) {{ nodes {{ title }} }} }}"}}'
End it with Ctrl+C."""


@contextmanager
def _bound(host: str, port: int) -> Iterator[socket.socket]:
    """A socket at an address that is now taken, before anything is made; connections to it are not yet accepted."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    except OSError as error:
        raise Stopped(f"Cannot listen on {host}: {error.strerror}.") from None
    with socket.socket(family, kind, protocol) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(address)
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                raise Stopped(f"Port {port} is in use. Choose another with --port.") from None
            raise Stopped(f"Cannot listen on {host}, port {port}: {error.strerror}.") from None
        yield listener


def _address(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _prepare(settings: Settings) -> None:
    """Brings the database to the newest tables and, where nothing has ever been recorded in it, loads the seeds."""
    from registry.exchange import load_seeds

    with migrated(settings) as engine:
        if _is_new(engine):
            typer.echo("Loading the seeds …")
            load_seeds(engine)
            settle(engine, settings.home_country)


def _is_new(engine: sa.Engine) -> bool:
    """Whether nothing has ever been recorded; keys may have been made before there was anything to open."""
    change = table_behind(Change)
    with engine.connect() as connection:
        recorded = sa.select(change.c.sequence).where(change.c.subject_type != ApiKey.__name__).limit(1)
        return connection.execute(recorded).first() is None


@migrate_app.callback()
def migrate_(context: typer.Context, database_url: DatabaseUrl = None) -> None:
    """Bring the database's tables to the newest version."""
    if context.invoked_subcommand is None:
        with migrated(read_settings(database_url=database_url)):
            typer.echo("The tables are up to date.")


@migrate_app.command("new")
def migrate_new(message: Annotated[str, typer.Argument(help="What it changes, in a few words.")]) -> None:
    """Write the migration that the models now need; read it before you commit it."""
    written = write_migration(message)
    if written and importlib.util.find_spec("ruff"):
        for step in (["check", "--fix"], ["format"]):
            subprocess.run([sys.executable, "-m", "ruff", *step, "--quiet", str(written)], check=True)
    typer.echo(f"Wrote {written}." if written else "The tables are as the models are: no migration is needed.")


@app.command()
def seed(database_url: DatabaseUrl = None) -> None:
    """Load the facts in the folder seeds."""
    from registry.exchange import load_seeds

    settings = read_settings(database_url=database_url)
    with migrated(settings) as engine:
        if rows := load_seeds(engine):
            settle(engine, settings.home_country)
    typer.echo(f"Loaded {sum(rows.values())} rows." if rows else "Nothing was loaded: there are records already.")


@app.command()
def verify(database_url: DatabaseUrl = None) -> None:
    """Check that what is derived follows from what is recorded; exit code 1 where it does not."""
    from registry import verification

    with migrated(read_settings(database_url=database_url), there=True) as engine:
        if _is_new(engine):
            raise Stopped("There is nothing to verify: nothing has been recorded in this database.")
        faults = verification.verify(engine)
    typer.echo("\n".join(faults) if faults else "sound")
    if faults:
        raise typer.Exit(1)


@app.command()
def generate(
    scale: Annotated[float, typer.Option(help="1 makes 5,000 agreements and a million returns; 0.1 a tenth of it.")],
    database_url: DatabaseUrl = None,
) -> None:
    """Fill an empty database with a synthetic registry that states nothing about the world, for measuring."""
    from registry import synthetic

    settings = read_settings(database_url=database_url)
    with migrated(settings) as engine, shown_progress() as tell:
        synthetic.generate(engine, scale, tell)
        settle(engine, settings.home_country)
    typer.echo("Generated a synthetic registry.")


@app.command()
def bench(
    scale: Annotated[float, typer.Option(help="Scale of the synthetic registry that is measured.")] = 1,
    database_url: Annotated[str | None, typer.Option(help="Measure on this database instead.")] = None,
    seconds: Annotated[float, typer.Option(help="How long to measure, about.")] = 90,
    documents: Annotated[int, typer.Option(help="Then ask so many different documents, and tell the memory.")] = 0,
    attack: Annotated[
        bool, typer.Option("--attack", help="Measure what a small question waits beside attackers instead.")
    ] = False,
    kinds: Annotated[str, typer.Option(help="Kinds of attack, parted by commas; left out, each of them.")] = "",
    json: Annotated[Path | None, typer.Option(help="Write the numbers to this file, as JSON.")] = None,
) -> None:
    """Measure how fast questions are answered, next to hand-written SQL."""
    from registry.bench import running, siege

    with shown_progress() as tell:
        url = database_url or running.generated(scale, tell)
        report = siege.lay(url, seconds, kinds, tell) if attack else running.run(url, seconds, documents, tell)
    report.print(wide_console())
    if json:
        json.write_bytes(orjson.dumps(report.to_json(), option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))


@app.command()
def schema(
    check: Annotated[bool, typer.Option("--check", help="Only compare it with the schema last released.")] = False,
    release: Annotated[bool, typer.Option("--release", help="Release it: later checks compare with it.")] = False,
) -> None:
    """Write the schema that is served to schema/schema.graphql."""
    from schema import contract
    from schema import schema as served
    from schema.published import sdl

    text = sdl(served)
    if check:
        _check(contract.check(text))
        return
    (contract.release if release else contract.publish)(text)
    typer.echo(f"Wrote {contract.PUBLISHED}.")


def _check(found: "Comparison") -> None:
    """Tells what clients of the last release would notice. Stops where something would break them."""
    for change in found.dangerous:
        typer.echo(f"May surprise clients: {change}")
    for change in found.idle:
        typer.echo(f"Named in breaking.toml, but breaks nothing: {change}")
    for change in found.breaking:
        typer.echo(f"Breaks clients: {change}")
    if found.breaking:
        raise Stopped(
            "What was released must not break.",
            hint="Mark it as leaving first, or say in schema/breaking.toml why it must be.",
        )
    if found.idle:
        raise Stopped("schema/breaking.toml names what breaks nothing.", hint="Take it out.")
    typer.echo("Nothing breaks that was released.")


app.command("import")(import_)
app.command()(export)
app.command()(backup)
app.command("restore")(restore_)
app.command()(doctor)
