"""The command that shows the settings: what each is, and who says so."""

import os
import sys
from typing import Annotated, Any

import orjson
import sqlalchemy as sa
import typer
from pydantic import SecretStr
from rich.table import Column, Table

from registry.cli.doctor import unknown_variables
from registry.cli.options import DatabaseUrl, option
from registry.progress import wide_console
from registry.settings import Settings, read_settings

config_app = typer.Typer(no_args_is_help=True, help="Show the settings.")

_HIDDEN = "***"


@config_app.command("show")
def show(
    json: Annotated[bool, typer.Option("--json", help="Print the settings as JSON.")] = False,
    host: Annotated[str | None, option("host")] = None,
    port: Annotated[int | None, option("port")] = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Show each setting, and whether the default, the environment or an option says so; secrets are hidden."""
    given = {"host": host, "port": port, "database_url": database_url}
    settings = read_settings(**given)
    flags = {name for name, value in given.items() if value is not None}
    told = {name: {"value": _shown(settings, name), "origin": _origin(name, flags)} for name in Settings.model_fields}
    if json:
        sys.stdout.buffer.write(orjson.dumps(told, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))
        sys.stdout.flush()
    else:
        table = Table("Setting", Column("Value", overflow="fold"), "Origin")
        for name, one in told.items():
            table.add_row(f"REGISTRY_{name.upper()}", str(one["value"]), str(one["origin"]))
        wide_console().print(table)
    for name in unknown_variables():
        typer.echo(f"{name} is in the environment, but is no setting.", err=True)


def _origin(name: str, flags: set[str]) -> str:
    if name in flags:
        return "option"
    variables = {variable.upper() for variable in os.environ}
    return "environment" if f"REGISTRY_{name.upper()}" in variables else "default"


def _shown(settings: Settings, name: str) -> Any:
    """The value of a setting as anybody may read it over a shoulder, or in a ticket."""
    from registry.telemetry.logs import without_secrets

    value = getattr(settings, name)
    if isinstance(value, SecretStr):
        return _HIDDEN
    if name == "database_url":
        return _address(value)
    if value is None or isinstance(value, bool | int | float):
        return value
    return without_secrets(str(value))


def _address(url: str) -> str:
    """The address of a database without any password, wherever in it that stands."""
    try:
        address = sa.make_url(url)
    except (sa.exc.ArgumentError, ValueError):
        return _HIDDEN
    secret = {name: "hidden" for name in address.query if "password" in name.lower()}
    return address.update_query_dict(secret).render_as_string(hide_password=True)
