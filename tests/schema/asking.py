"""Asks a registry through the schema, without HTTP, as somebody from whom nothing is hidden."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any
from unittest.mock import patch

import sqlalchemy as sa
from graphql import OperationDefinitionNode, parse, print_ast

from registry.access import OPERATOR, Actor
from registry.repeats import Repeatable
from registry.settings import Settings
from schema import schema
from schema.context import Context
from schema.execution.run import Reader, Several

EDGES = "totalCount pageInfo { hasNextPage hasPreviousPage startCursor endCursor } edges { cursor node { %s } }"

#: What tests ask may lead to any number of records.
MOST_RECORDS = 10_000_000


class Asker:
    """Asks one registry, as somebody: called with a query it gives the data, and fails the test on any error."""

    def __init__(self, engine: sa.Engine, actor: Actor = OPERATOR, **settings: Any) -> None:
        self.engine = engine
        self.actor = actor
        self.settings = Settings(**{"query_records_max": MOST_RECORDS, "query_cost_max": 10 * MOST_RECORDS, **settings})
        #: What the requests are known by, where they come again.
        self.repeatable: Repeatable | None = None

    def __call__(self, query: str, **variables: Any) -> Any:
        data, errors = self.answer(query, **variables)
        assert errors == []
        return data

    def answer(self, query: str, **variables: Any) -> tuple[Any, list[dict[str, Any]]]:
        """The data and the errors, as JSON has them."""

        async def execute() -> Any:
            context = Context(self.engine, self.settings, self.actor)
            context.repeatable = self.repeatable
            return await schema.execute(query, variable_values=variables, context_value=context)

        result = asyncio.run(execute())
        return result.data, [dict(error.formatted) for error in result.errors or []]

    def refusal(self, query: str, **variables: Any) -> dict[str, Any]:
        """What the one error of a query that must be refused says, and what it says it by."""
        _, (error,) = self.answer(query, **variables)
        said = error["extensions"]
        assert error["message"]
        return {
            "code": said["code"],
            "path": error.get("path"),
            "argument": said.get("argument"),
            "message": error["message"],
            "reason": said.get("reason"),
            "value": said.get("value"),
        }

    def statements(self, query: str, **variables: Any) -> int:
        """How many statements the database was sent for a query."""
        with counted() as sent:
            self(query, **variables)
        return len(sent)

    def page(self, field: str, select: str, arguments: str, within: str = "") -> Any:
        """One page of a connection: of the root, or `within` a field such as `country(code: "DE")`."""
        edges = EDGES % select
        asked = f"found: {field}({arguments}) {{ {edges} }}"
        data = self(f"{{ in: {within} {{ {asked} }} }}" if within else f"{{ {asked} }}")
        return (data["in"] if within else data)["found"]

    def walk(
        self, field: str, select: str, size: int, *, backward: bool = False, arguments: str = "", within: str = ""
    ) -> list[Any]:
        """All edges of a connection in reading order, read page by page from one end to the other."""
        way, cursor, more, from_ = (
            ("last", "startCursor", "hasPreviousPage", "before")
            if backward
            else ("first", "endCursor", "hasNextPage", "after")
        )
        edges: list[Any] = []
        place = ""
        while True:
            page = self.page(field, select, f"{arguments} {way}: {size} {place}", within)
            assert len(page["edges"]) <= size
            edges = page["edges"] + edges if backward else edges + page["edges"]
            if not page["pageInfo"][more]:
                assert page["totalCount"] == len(edges)
                return edges
            place = f'{from_}: "{page["pageInfo"][cursor]}"'

    def all(self, field: str, select: str, arguments: str = "", within: str = "") -> list[Any]:
        """All records of a connection, in reading order."""
        return [edge["node"] for edge in self.walk(field, select, 100, arguments=arguments, within=within)]


def queries() -> dict[str, str]:
    """The queries of the folder `queries`, by name."""
    files = sorted((Path(__file__).parent / "queries").glob("*.graphql"))
    operations = [one for file in files for one in parse(file.read_text(encoding="utf-8")).definitions]
    named = {
        one.name.value: print_ast(one) for one in operations if isinstance(one, OperationDefinitionNode) and one.name
    }
    assert len(named) == len(operations)
    return named


async def run_noting(
    run: Callable[..., Awaitable[Any]],
    sent: list[Any],
    told: Callable[[str, Any], Any],
    work: Callable[[Any, Any], Any],
    *how: bool,
) -> Any:
    """What a reader's `run` gives; `sent` has what is told of each statement, of work begun again the last time."""
    before = len(sent)

    def noted(read: Callable[[str, Any], Any], kept: Any) -> Any:
        def note(text: str, values: Any) -> Any:
            sent.append(told(text, values))
            return read(text, values)

        return work(note, kept)

    try:
        return await run(noted, *how)
    except Several:  # begun again
        del sent[before:]
        raise


@contextmanager
def counted() -> Iterator[list[str]]:
    """The statements that plans send meanwhile."""
    sent: list[str] = []
    run = Reader.run

    async def noting(self: Reader, work: Callable[[Any, Any], Any], *how: bool) -> Any:
        return await run_noting(partial(run, self), sent, lambda text, _values: text, work, *how)

    with patch.object(Reader, "run", noting):
        yield sent
