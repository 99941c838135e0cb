"""Asks one registry twice, by plans and the plain way, and holds the two answers against each other.

It asks as somebody from whom nothing is hidden: what others see is the business of their connections, not of plans.
"""

import asyncio
from collections import Counter
from collections.abc import Callable
from typing import Any

import orjson
import sqlalchemy as sa

from registry.access import OPERATOR
from registry.settings import Settings
from schema import root, schema
from schema.context import Context
from schema.execution.prepared import Direct


class Twice:
    """Two ways to ask the same registry. `sent` are the statements that plans have sent, each with its values."""

    def __init__(self, engine: sa.Engine) -> None:
        self.engine, self.settings = engine, Settings()
        self.direct = Direct(schema, engine, self.settings)
        self.planned = Counter[bool]()
        self.sent: list[tuple[str, Any]] = []
        reader = self.direct.reader(OPERATOR)
        self._run = reader.run
        reader.run = self._watched  # type: ignore[method-assign]

    def _watched(self, work: Callable[[Any], Any], heavy: bool) -> Any:
        def watched(read: Callable[[str, Any], Any]) -> Any:
            def noted(text: str, values: Any) -> Any:
                self.sent.append((text, values))
                return read(text, values)

            return work(noted)

        return self._run(watched, heavy)

    def plainly(self, query: str, variables: dict[str, Any]) -> tuple[bytes, Any, list[Any]]:
        """The plain answer: its bytes, data and errors."""

        async def execute() -> Any:
            context = Context(self.engine, self.settings, OPERATOR)
            try:
                return await schema.execute(
                    query, variable_values=variables, context_value=context, root_value=root(context)
                )
            finally:
                await context.close()

        result = asyncio.run(execute())
        return orjson.dumps({"data": result.data}, default=str), result.data, result.errors or []

    def by_plan(self, query: str, variables: dict[str, Any] | None = None, *, tree: bool = False) -> bytes | None:
        """The answer by a plan, straight from rows or by way of a tree; None where there is none."""
        return asyncio.run(self.direct.execute(query, variables, actor=OPERATOR, tree=tree))

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
        if answer is not None and errors:
            return f"answered what is refused: {errors[0]}", data
        for way in (False, True)[: 1 + walk] if answer is not None else ():
            answer = self.by_plan(query, variables, tree=True) if way else answer
            if answer != plain:
                return f"by plan, tree {way}: {answer!r:.1500}\nplainly: {plain!r:.1500}", data
        return "", data
