"""Records told one after another to those who subscribe: read once, by one plan, for all who ask the same.

Strawberry validates a subscription and begins it. What it then tells comes as bytes straight from rows, unless
something is wrong: then GraphQL walks a tree, and says what.
"""

import asyncio
import contextvars
from collections.abc import Awaitable, Callable, Collection, Hashable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

import orjson
from graphql import ExecutionResult, GraphQLResolveInfo, print_ast
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext

from registry.access import Actor
from schema.context import Moment
from schema.execution.budget import BUDGET
from schema.execution.direct import Direct
from schema.execution.identity import NAMES
from schema.execution.levels import Doubt, Level, Run
from schema.execution.objects import rows_by_key
from schema.execution.prepared import Recent
from schema.execution.question import Question
from schema.execution.selection import Selected, Selection, variables_in
from schema.execution.showing import Showing

T = TypeVar("T")

#: Plans that are kept, and results that are kept for those who want the same.
MOST_PLANS, MOST_RESULTS = 200, 100


@dataclass(frozen=True)
class Ready:
    """The root of an event whose result is at hand."""

    data: Mapping[str, Any]


class EventExecutor(StrawberryGraphQLCoreExecutionContext):
    """Executes operations, but takes what is at hand as it is."""

    def execute_operation(self, serially: bool | None = None) -> Any:
        if isinstance(self.root_value, Ready):
            return ExecutionResult(dict(self.root_value.data), None)
        return super().execute_operation(serially)


@dataclass(frozen=True)
class Told:
    """What a subscription asks of each record; `name` is the same for all that ask the same, `level` None without a
    plan for bytes.
    """

    name: Hashable
    key: str
    question: Question
    level: Level | None
    moments: int
    heavy: bool


class Telling:
    """What is told to all who subscribe to one registry."""

    def __init__(self, direct: Direct) -> None:
        self._direct = direct
        self._plans: Recent[Told] = Recent(MOST_PLANS)
        self._age = 0
        self._results: dict[Hashable, asyncio.Future[Any]] = {}

    async def once(self, age: int, name: Hashable, work: Callable[[], Awaitable[T]]) -> T:
        """What comes of some work, which is done once for all who want it while the log ends at `age`."""
        if age != self._age or len(self._results) >= MOST_RESULTS:
            self._age, self._results = age, {}
        if name not in self._results:
            nobodys = contextvars.copy_context()
            nobodys.run(BUDGET.set, None)  # whoever began it must not take it along by going
            self._results[name] = asyncio.get_running_loop().create_task(_awaited(work), context=nobodys)
        begun = self._results[name]
        try:
            found: T = await asyncio.shield(begun)  # whoever gives up must not take along the others
        except Exception:
            self._results.pop(name, None)
            raise
        return found

    def told(self, info: Any, table: Any) -> Told:
        """What the subscription that `info` is about asks of each record of a table. Raises `TooLarge`, and
        `GraphQLError` where that cannot be told.
        """
        raw: GraphQLResolveInfo[Any] = info._raw_info
        name = _name_of(raw)
        return self._plans.get(name) or self._plans.keep(name, self._planned(raw, table, name))

    def _planned(self, raw: GraphQLResolveInfo[Any], table: Any, name: Hashable) -> Told:
        plans, kind = self._direct.plans, NAMES[table.__table__.name]
        selection = Selection.of_record(plans.schema, Showing.of(raw), kind)
        if selection.wrong is not None:
            raise selection.wrong
        question = plans.prepared(selection, selection.variables).question(selection.variables)
        compiler = plans.compiler(question, tree=False)
        selected = Selected("", "", under={kind: selection.fields})
        level = None if question.refused else rows_by_key(compiler, table.__table__, 0, selected, kind)
        return Told(name, str(raw.path.key), question, level, len(compiler.moments), compiler.heavy)

    async def tell(self, told: Told, info: Any, table: Any, keys: Collection[Any]) -> list[Any]:
        """For each key the root of an event with the record, as the asker sees it now; None where there is none."""
        actor: Actor = info.context.actor
        try:
            return await self._direct.reader(actor).run(lambda read, _: self._read(told, info, read, keys), told.heavy)
        except Exception:  # told at the field where it belongs
            return [await self._direct.record(info, table, key) for key in keys]

    def _read(self, told: Told, info: Any, read: Any, keys: Collection[Any]) -> list[Any]:
        moments, actor = [Moment(info.context.today)] * told.moments, info.context.actor
        run = Run(self._direct.plans.database, read, moments, told.question.values, actor=actor)
        if told.level is None or any(check.refusal(run) for _, check in told.question.checks):
            raise Doubt("refused")
        found = told.level.read(run, keys)
        return [Ready({told.key: orjson.Fragment(orjson.dumps(found[key]))}) if key in found else None for key in keys]


async def _awaited(work: Callable[[], Awaitable[T]]) -> T:
    return await work()


def _name_of(raw: Any) -> Hashable:
    fragments = [raw.fragments[name] for name in sorted(raw.fragments)]
    asked = [*(node.selection_set for node in raw.field_nodes if node.selection_set), *fragments]
    values = {name: repr(raw.variable_values.get(name)) for name in variables_in(asked)}
    return raw.path.key, tuple(map(print_ast, asked)), tuple(sorted(values.items()))
