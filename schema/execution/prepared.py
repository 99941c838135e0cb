"""Answers queries by plans: documents parsed once, plans made once for each shape of what they ask, both in bounds."""

import logging
from collections import Counter, OrderedDict
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Generic, TypeVar
from zoneinfo import ZoneInfo

import orjson
import sqlalchemy as sa
from graphql import (
    DocumentNode,
    GraphQLError,
    OperationDefinitionNode,
    OperationType,
    get_variable_values,
    parse,
    specified_rules,
)
from graphql.execution.values import VariableValues
from strawberry import Schema
from strawberry.extensions import AddValidationRules, MaxTokensLimiter
from strawberry.schema.schema import validate_document

from registry.access import ANYONE, Actor, Audience
from registry.errors import RegistryError
from registry.settings import Settings
from registry.visibility import viewing
from schema.context import Context
from schema.execution import objects, pages, tables, top
from schema.execution.answers import Answers, question
from schema.execution.asked import Named, ask
from schema.execution.levels import Doubt, Level, Run
from schema.execution.making import Compiler
from schema.execution.run import Reader
from schema.execution.selection import Selection, Unplanned, deciding
from schema.execution.statement import Database, Statement
from schema.execution.walk import builder, walked

LOG = logging.getLogger("registry.execution")
T = TypeVar("T")

#: The modules that say how each kind of source is planned.
PLANNERS = (objects, pages, tables, top)

#: Documents, operations with their selections, and plans that are kept.
MOST_DOCUMENTS, MOST_SELECTIONS, MOST_PLANS = 500, 1_000, 1_000

#: Length of a document that is kept; longer ones are answered the plain way.
LONGEST_DOCUMENT = 20_000


class Recent(Generic[T]):
    """The things used last, up to a number."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._kept: OrderedDict[Hashable, T] = OrderedDict()

    def __len__(self) -> int:
        return len(self._kept)

    def get(self, name: Hashable) -> T | None:
        """The thing kept under a name."""
        found = self._kept.get(name)
        if found is not None:
            self._kept.move_to_end(name)
        return found

    def keep(self, name: Hashable, thing: T) -> T:
        """Keeps a thing, and forgets the one that has not been used for longest."""
        self._kept[name] = thing
        if len(self._kept) > self._most:
            self._kept.popitem(last=False)
        return thing


@dataclass(eq=False)
class Document:
    """A valid document."""

    node: DocumentNode
    operations: dict[str, OperationDefinitionNode]
    deciding: frozenset[str]


@dataclass(eq=False)
class Prepared:
    """A selection and what its arguments are where they do not follow the variables."""

    selection: Selection
    shapes: list[Any]
    asked: list[Any]
    named: list[tuple[Named, ...]]


@dataclass(eq=False)
class Plan:
    """A selection made into levels, for one shape of its arguments."""

    root: Level
    moments: Sequence[int | None]
    state: bool
    heavy: bool


class Direct:
    """Answers queries on one database straight from its rows, where it can."""

    def __init__(self, schema: Schema, engine: sa.Engine, settings: Settings) -> None:
        self.schema, self.settings = schema, settings
        self._engine, self._readers = engine, dict[frozenset[Audience], Reader]()
        self._versions = Reader(engine)
        self.database = Database(engine.dialect, Context(engine, settings))
        self.fallbacks: Counter[str] = Counter()
        self.direct = self.repeated = 0
        self.answers = Answers(settings.answer_cache_bytes)
        self._extensions: Sequence[Any] = schema.extensions
        limits = [limit for each in self._extensions if (limit := getattr(each, "max_token_count", None))]
        self._most_tokens = min(limits, default=None)
        self._unheeded = [str(each) for each in self._extensions if not _heeded(each)]
        self._built = builder(schema)
        self._zone = ZoneInfo(settings.time_zone)
        self._documents: Recent[Document | str] = Recent(MOST_DOCUMENTS)
        self._prepared: Recent[Prepared | str] = Recent(MOST_SELECTIONS)
        self._plans: Recent[Plan | str] = Recent(MOST_PLANS)
        self._known: dict[tuple[Any, str], Statement] = {}

    async def execute(
        self,
        query: str,
        variables: Mapping[str, Any] | None = None,
        operation_name: str | None = None,
        *,
        actor: Actor = ANYONE,
        tree: bool = False,
    ) -> bytes | None:
        """The bytes of the answer to what an actor asks, or None where the plain way has to answer.

        With `tree` the rows become a tree of typed objects that GraphQL walks, as they do where a query asks for the
        schema too: the same bytes, more slowly.
        """
        try:
            answer = await self._kept_or_new(query, variables or {}, operation_name, actor, tree)
        except Unplanned as reason:
            self._left(f"unplanned: {reason}")
        except Doubt as reason:
            self._left(f"doubt: {reason}")
        except RegistryError as reason:
            self._left(f"refused: {reason.code}")
        except Exception as error:
            LOG.debug("no direct answer", exc_info=True)
            self._left(f"failed: {type(error).__name__}")
        else:
            self.direct += 1
            return answer
        return None

    def close(self) -> None:
        """Closes the connections that plans read from."""
        for reader in (self._versions, *self._readers.values()):
            reader.close()

    def reader(self, actor: Actor) -> Reader:
        """What reads all that the actor may see, and nothing else."""
        audiences = frozenset(actor.audiences)
        if audiences not in self._readers:
            self._readers[audiences] = Reader(viewing(self._engine, audiences))
        return self._readers[audiences]

    def _left(self, reason: str) -> None:
        self.fallbacks[reason] += 1

    async def _kept_or_new(
        self, query: str, variables: Mapping[str, Any], operation_name: str | None, actor: Actor, tree: bool
    ) -> bytes:
        today = datetime.now(self._zone).date()
        keeps = self.settings.answer_cache_bytes and not tree
        asked = question(query, variables, operation_name, (today, actor.audiences)) if keeps else None
        # Read before the answer is worked out: what is committed meanwhile makes the answer newer, never older.
        version = self._versions.version() if asked else None
        if asked is None or version is None:
            return await self._execute(query, variables, operation_name, actor, tree, today)
        answer = self.answers.get(asked, version)
        if answer is None:
            answer = await self._execute(query, variables, operation_name, actor, tree, today)
            self.answers.keep(asked, version, answer)
        else:
            self.repeated += 1
        return answer

    async def _execute(
        self,
        query: str,
        variables: Mapping[str, Any],
        operation_name: str | None,
        actor: Actor,
        tree: bool,
        today: date,
    ) -> bytes:
        document = self._document(query)
        operation = _operation(document, operation_name)
        values = self._variables(operation, variables)
        prepared = self._selection(document, operation, values)
        asked, shapes, named = self._asked(prepared, values)
        tree = tree or prepared.selection.introspects
        plan = self._plan(prepared, shapes, tree)

        def answer(read: Any) -> bytes:
            data = self._data(plan, asked, named, today, read)
            if tree:
                data = walked(self.schema, document.node, data, variables, operation_name)
            return b'{"data":' + orjson.dumps(data) + b"}"

        return await self.reader(actor).run(answer, plan.heavy or tree)

    def _document(self, query: str) -> Document:
        document = self._documents.get(query)
        if document is None:
            if len(query) > LONGEST_DOCUMENT:
                raise Unplanned("long document")
            document = self._documents.keep(query, self._parsed(query))
        if isinstance(document, str):
            raise Unplanned(document)
        return document

    def _parsed(self, query: str) -> Document | str:
        if self._unheeded:
            return f"extension {self._unheeded[0]}"
        try:
            node = parse(query, max_tokens=self._most_tokens)
        except GraphQLError:
            return "syntax"
        rules = (*specified_rules, *self._rules())
        if validate_document(self.schema._schema, node, rules):
            return "invalid"
        operations = {
            each.name.value if each.name else "": each
            for each in node.definitions
            if isinstance(each, OperationDefinitionNode)
        }
        return Document(node, operations, frozenset(deciding([node])))

    def _rules(self) -> list[Any]:
        found = [each for each in self._extensions if isinstance(each, AddValidationRules)]
        return [rule for extension in found for rule in extension.validation_rules]

    def _variables(self, operation: OperationDefinitionNode, given: Mapping[str, Any]) -> VariableValues:
        values = get_variable_values(self.schema._schema, operation.variable_definitions or (), dict(given))
        if isinstance(values, list):
            raise Unplanned("variables")
        return values

    def _selection(self, document: Document, operation: OperationDefinitionNode, variables: VariableValues) -> Prepared:
        chosen = tuple(repr(variables.coerced.get(name)) for name in sorted(document.deciding))
        key = (document, operation.name.value if operation.name else "", chosen)
        prepared = self._prepared.get(key)
        if prepared is None:
            prepared = self._prepared.keep(key, self._prepare(document, operation, variables))
        if isinstance(prepared, str):
            raise Unplanned(prepared)
        return prepared

    def _prepare(
        self, document: Document, operation: OperationDefinitionNode, variables: VariableValues
    ) -> Prepared | str:
        try:
            selection = Selection(self.schema, document.node, operation, variables)
        except Unplanned as reason:
            return str(reason)
        prepared = Prepared(selection, [], [], [])
        for slot in selection.slots:
            shape, asked, named = (None, None, ()) if slot.varies else self._slot(slot, variables)
            prepared.shapes.append(shape)
            prepared.asked.append(asked)
            prepared.named.append(named)
        return prepared

    def _slot(self, slot: Any, variables: VariableValues) -> Any:
        return ask(getattr(slot.declared, "source", None), slot.arguments(self.schema, variables), self.settings)

    def _asked(self, prepared: Prepared, variables: VariableValues) -> Any:
        asked, shapes, named = prepared.asked, prepared.shapes, prepared.named
        varying = [slot for slot in prepared.selection.slots if slot.varies]
        if varying:
            asked, shapes, named = asked.copy(), shapes.copy(), named.copy()
        for slot in varying:
            shapes[slot.place], asked[slot.place], named[slot.place] = self._slot(slot, variables)
        return asked, tuple(shapes), [each for names in named for each in names]

    def _plan(self, prepared: Prepared, shapes: tuple[Hashable, ...], tree: bool) -> Plan:
        key = (prepared, shapes, tree)
        plan = self._plans.get(key)
        if plan is None:
            plan = self._plans.keep(key, self._compiled(prepared, shapes, tree))
        if isinstance(plan, str):
            raise Unplanned(plan)
        return plan

    def _compiled(self, prepared: Prepared, shapes: Sequence[Hashable], tree: bool) -> Plan | str:
        compiler = Compiler(self.database, shapes, built=self._built if tree else None)
        try:
            root = top.root_level(compiler, prepared.selection.fields, "Query")
        except Unplanned as reason:
            return str(reason)
        except RegistryError as reason:
            return f"refused: {reason.code}"
        except Exception:
            LOG.exception("a plan could not be made")
            return "fault"
        return Plan(root, compiler.moments, compiler.state, compiler.heavy)

    def _data(self, plan: Plan, asked: Sequence[Any], named: Sequence[Named], today: Any, read: Any) -> Any:
        chosen = [today if slot is None else asked[slot].day or today for slot in plan.moments]
        days = [day.isoformat() for day in chosen] if self.database.sqlite else chosen
        pins = ["" if slot is None else f"@{day.isoformat()}" for slot, day in zip(plan.moments, chosen, strict=True)]
        run = Run(read, self.database.bound, days, pins, asked, chosen)
        if plan.state:
            self._read_state(run)
        for each in named:
            self._check_names(each, run)
        return plan.root.builder(run, ())(None)

    def _read_state(self, run: Run) -> None:
        rows = run.read(STATE, ())
        if len(rows) != 1:
            raise Doubt("no state")
        ((run.known_at, run.cursor_key),) = rows

    def _check_names(self, named: Named, run: Run) -> None:
        key = (named.table, named.column)
        if key not in self._known:
            column = named.table.__table__.c[named.column]
            known = column.in_(self.database.many("keys", column.type))
            self._known[key] = Statement(sa.select(sa.func.count()).where(known), self.database.dialect)
        if run.rows(self._known[key], 0, keys=run.many(named.names)) != [(len(named.names),)]:
            raise Doubt("unknown name")


STATE = "SELECT known_at, cursor_key FROM registry_state"


def _heeded(extension: Any) -> bool:
    """Whether a plan's answer is as it would be with this extension of the schema."""
    return isinstance(extension, AddValidationRules | MaxTokensLimiter) or getattr(extension, "only_errors", False)


def _operation(document: Document, name: str | None) -> OperationDefinitionNode:
    found = document.operations.get(name) if name else None
    if name is None and len(document.operations) == 1:
        (found,) = document.operations.values()
    if found is None or found.operation is not OperationType.QUERY:
        raise Unplanned("operation")
    return found
