"""Asks one registry in three ways, and holds the answers against each other: bytes, a tree that is walked, plainly."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

import orjson
import sqlalchemy as sa
import strawberry

from registry.access import OPERATOR, Actor
from registry.countries import Country
from registry.database import WRITES
from registry.history import table_behind
from registry.settings import Settings
from schema import schema
from schema.context import Context
from schema.execution.direct import Direct
from tests.execution.plain import PlainContext, plain_root
from tests.schema.asking import run_noting


class Twice:
    """Ways to ask the same registry. `sent` are the statements that plans have sent, each with its values."""

    def __init__(self, engine: sa.Engine, actor: Actor = OPERATOR) -> None:
        self.actor = actor
        self.engine, self.settings = engine, Settings(query_records_max=1_000_000, query_cost_max=100_000_000)
        self.direct = Direct(schema, engine, self.settings)
        self.planned = Counter[bool]()
        self.sent: list[tuple[str, Any]] = []
        self.reader = self.direct.reader(actor)
        self._run: Any = self.reader.run
        self.reader.run = self._watched  # type: ignore[method-assign]

    def __enter__(self) -> "Twice":
        return self

    def __exit__(self, *_: object) -> None:
        self.direct.close()

    async def _watched(self, work: Any, heavy: bool, alone: bool = False, keeps: bool = False) -> Any:
        return await run_noting(self._run, self.sent, lambda *sent: sent, work, heavy, alone, keeps)

    def rename_countries(self, name: str) -> None:
        """Commits another name for all countries, which everybody sees."""
        with self.engine.connect().execution_options(**WRITES) as connection, connection.begin():
            connection.execute(sa.update(table_behind(Country)).values(name_en=name))

    @contextmanager
    def between_statements(self, do: Callable[[], None]) -> Iterator[None]:
        """Has something done after each statement that a plan sends, before the next."""
        run = self.reader.run

        def doing(work: Any, *how: bool) -> Any:
            def worked(read: Callable[[str, Any], Any], kept: Any) -> Any:
                def done(text: str, values: Any) -> Any:
                    found = read(text, values)
                    do()
                    return found

                return work(done, kept)

            return run(worked, *how)

        with patch.object(self.reader, "run", doing):
            yield

    def plainly(self, query: str, variables: dict[str, Any] | None = None) -> tuple[bytes, Any, list[Any]]:
        """The plain answer: its bytes, data and errors."""

        async def execute() -> Any:
            context = PlainContext(self.engine, self.settings, self.actor)
            try:
                return await strawberry.Schema.execute(
                    schema,
                    query,
                    variable_values=variables,
                    context_value=context,
                    root_value=plain_root(schema, context),
                )
            finally:
                await context.close()

        return _parts(asyncio.run(execute()))

    def plainly_in_turn(self, query: str, variables: dict[str, Any] | None = None) -> tuple[bytes, Any, list[Any]]:
        """The same, with each field read after the one before it."""
        with asyncio.Runner() as runner:
            context = PlainContext(self.engine, self.settings, self.actor, lambda found: runner.run(_awaited(found)))
            result = schema.execute_sync(
                query, variable_values=variables, context_value=context, root_value=plain_root(schema, context)
            )
            runner.run(context.close())
        return _parts(result)

    def walked(self, query: str, variables: dict[str, Any] | None = None) -> tuple[bytes, Any, list[Any]]:
        """The answer by way of a tree that GraphQL walks: its bytes, data and errors."""
        context = Context(self.engine, self.settings, self.actor, direct=self.direct)
        return _parts(asyncio.run(schema.execute(query, variable_values=variables, context_value=context)))

    def by_plan(self, query: str, variables: dict[str, Any] | None = None) -> bytes | None:
        """The bytes of the answer, straight from rows; None where there are none."""
        return asyncio.run(self.direct.execute(query, variables, actor=self.actor))

    def statements(self, query: str, **variables: Any) -> list[str]:
        """The texts of the statements that the plan of a query sends."""
        self.sent.clear()
        assert self.by_plan(query, variables) is not None
        return [text for text, _ in self.sent]

    def difference(self, query: str, variables: dict[str, Any], *, walk: bool = False) -> tuple[str, Any]:
        """What differs, in words (empty where nothing does), and the data; with `walk`, by way of a tree too."""
        answer = self.by_plan(query, variables)
        plain, data, errors = self.plainly(query, variables)
        self.planned[answer is not None] += 1
        if answer is not None and (errors or answer != plain):
            return f"bytes: {answer!r:.1500}\nplainly: {plain!r:.1500}\n{errors}", data
        if walk or answer is None:
            tree, _, found = self.walked(query, variables)
            if found and told(found) != told(errors):
                plain, data, errors = self.plainly_in_turn(query, variables)
            if (tree, told(found)) != (plain, told(errors)):
                return f"walked: {tree!r:.1500}\n{found}\nplainly: {plain!r:.1500}\n{errors}", data
        return "", data


async def _awaited(found: Awaitable[Any]) -> Any:
    return await found


def _parts(result: Any) -> tuple[bytes, Any, list[Any]]:
    return orjson.dumps({"data": result.data}, default=str), result.data, result.errors or []


def told(errors: list[Any]) -> list[Any]:
    """Errors as clients see them, but for what is a new one each time."""
    formatted = [dict(error.formatted) for error in errors]
    for each in formatted:
        each.get("extensions", {}).pop("logId", None)
    return formatted
