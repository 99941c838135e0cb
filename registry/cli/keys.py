"""Commands that make API keys, list them and revoke them."""

from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.table import Table

from registry import keys
from registry.access import Role
from registry.cli.options import DatabaseUrl, migrated
from registry.history import changeset
from registry.progress import wide_console
from registry.settings import read_settings

key_app = typer.Typer(no_args_is_help=True, help="Make, list and revoke API keys.")


@key_app.command("create")
def create(
    role: Annotated[Role, typer.Option(case_sensitive=False, help="What its holder may do.")],
    name: Annotated[str, typer.Option(help="Whom it is for; the log of changes names them so.")],
    days: Annotated[int | None, typer.Option(min=1, help="Days that it works; else until revoked.")] = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Make an API key and print it: this is the only time that it can be read."""
    settings, expires = read_settings(database_url=database_url), keys.lasting(days, datetime.now(UTC))
    with migrated(settings) as engine, changeset(engine, f"A key was made for {name}.") as changes:
        made, secret = keys.create(changes, name=name, role=role, expires=expires)
        until = f"until {_day(made.expires)} UTC" if made.expires else "until it is revoked"
        said = f"{made.role} key of {made.name}, {until}. Keep it safe: it is not shown again."
    typer.echo(said, err=True)
    typer.echo(secret)


@key_app.command("list")
def list_(database_url: DatabaseUrl = None) -> None:
    """List all keys there ever were, without what only their holders know."""
    table = Table("Key", "Name", "Role", "Made", "Expires", "Last used", "State")
    with migrated(read_settings(database_url=database_url), there=True) as engine:
        for key in keys.list_all(engine):
            days = (_day(each) for each in (key.created, key.expires, key.last_used))
            table.add_row(f"{keys.MARK}{key.prefix}_…", key.name, key.role, *days, keys.state(key, datetime.now(UTC)))
    wide_console().print(table)


@key_app.command("revoke")
def revoke(
    key: Annotated[str, typer.Argument(help="Its beginning, such as rk_0123abcd.")], database_url: DatabaseUrl = None
) -> None:
    """Let a key open nothing from now on."""
    settings = read_settings(database_url=database_url)
    reason = f"The key {keys.prefix_of(key)} was revoked."
    with migrated(settings, there=True) as engine, changeset(engine, reason) as changes:
        name = keys.revoke(changes, key).name
    typer.echo(f"The key of {name} is revoked.")


def _day(instant: datetime | None) -> str:
    return "" if instant is None else instant.strftime("%Y-%m-%d %H:%M")
