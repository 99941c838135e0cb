"""How Alembic runs here: on a connection that it is handed, towards the tables of the models."""

from typing import Any, Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext

from registry.migrations import TEXT, described, tables


def render_item(kind: str, item: Any, _autogenerate: AutogenContext) -> str | Literal[False]:
    """`TEXT` by its name; everything else as Alembic writes it."""
    return "TEXT" if kind == "type" and item is TEXT else False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=tables(),
    render_as_batch=True,
    render_item=render_item,
    include_name=described,
)
with context.begin_transaction():
    context.run_migrations()
