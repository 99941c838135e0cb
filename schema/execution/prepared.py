"""Plans for queries: documents parsed once, plans made once for each shape of what they ask, both in bounds."""

from collections import OrderedDict
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

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
from sqlalchemy.dialects import sqlite
from strawberry import Schema
from strawberry.extensions import AddValidationRules, MaxTokensLimiter
from strawberry.schema.schema import validate_document

from registry.errors import BadInput, RegistryError, TooLarge
from registry.settings import Settings
from schema.execution import objects, pages, tables, top
from schema.execution.asked import Asked, Check, Chosen, Refused, ask
from schema.execution.levels import Level
from schema.execution.making import Compiler
from schema.execution.selection import Selection, Slot, deciding
from schema.execution.statement import Database
from schema.execution.walk import builder

T = TypeVar("T")

#: The modules that say how each kind of source is planned.
PLANNERS = (objects, pages, tables, top)

#: Documents, operations with their selections, and plans that are kept.
MOST_DOCUMENTS, MOST_SELECTIONS, MOST_PLANS = 500, 1_000, 1_000

#: Earlier moments of knowledge that one query may ask for.
MOST_KNOWN = 4

#: Characters of a document, and of the values that shape a plan, up to which these are kept for the next time.
LONGEST_DOCUMENT, LONGEST_SHAPE = 20_000, 10_000


class Unplanned(Exception):
    """There is nothing to plan, in a word or two: GraphQL itself has the answer, or says what is wrong."""


class Recent(Generic[T]):
    """The things used last, up to a number."""

    def __init__(self, most: int) -> None:
        self.hits = self.misses = 0
        self._most = most
        self._kept: OrderedDict[Hashable, T] = OrderedDict()

    def __len__(self) -> int:
        return len(self._kept)

    def get(self, name: Hashable) -> T | None:
        """The thing kept under a name."""
        found = self._kept.get(name)
        if found is None:
            self.misses += 1
        else:
            self.hits += 1
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
    """A valid document; `deciding` names the variables that decide what is selected."""

    node: DocumentNode
    operations: dict[str, OperationDefinitionNode]
    deciding: frozenset[str]
    lasting: bool = True


@dataclass(eq=False)
class Prepared:
    """A selection, and what its arguments ask for where that does not follow the variables."""

    selection: Selection
    asked: list[Asked | Exception | None] = field(default_factory=list)
    lasting: bool = True


@dataclass
class Question:
    """What is asked by one request: a selection, and what each of its arguments asks for."""

    prepared: Prepared
    shapes: tuple[Hashable, ...]
    values: list[Any]
    checks: list[tuple[int, Check]]
    refused: dict[int, Exception]

    @property
    def varying(self) -> list[Hashable]:
        """What variables shape of the plan; the document, which is bounded itself, says the rest."""
        fixed = self.prepared.asked
        return [shape for shape, asked in zip(self.shapes, fixed, strict=True) if asked is None]


@dataclass(eq=False)
class Plan:
    """A selection made into levels, for one shape of its arguments."""

    root: Level
    moments: Sequence[tuple[int, int] | None]
    heavy: bool


class Plans:
    """Makes plans for the queries of a schema on one kind of database, and keeps those used last.

    A plan knows neither connection nor rights nor day: they belong to the run.
    """

    def __init__(self, schema: Schema, settings: Settings, database: Database) -> None:
        self.schema, self.settings, self.database = schema, settings, database
        self.snapshots = database if database.sqlite else Database(sqlite.dialect(), database.context)
        self.built = builder(schema)
        self._extensions: Sequence[Any] = schema.extensions
        limits = [limit for each in self._extensions if (limit := getattr(each, "max_token_count", None))]
        self._most_tokens = min(limits, default=None)
        self._unheeded = [str(each) for each in self._extensions if not _heeded(each)]
        self.documents: Recent[Document | str] = Recent(MOST_DOCUMENTS)
        self.selections: Recent[Prepared] = Recent(MOST_SELECTIONS)
        self.plans: Recent[Plan] = Recent(MOST_PLANS)

    # ── What is asked ─────────────────────────────────────────────────────────────────────────────

    def question(self, query: str, variables: Mapping[str, Any], operation_name: str | None) -> Question:
        """What a query asks. Raises `Unplanned`; `TooLarge` where it is more than one answer should hold; and
        `BadInput` where it is not said which operation is meant.
        """
        document = self._document(query)
        operation = _operation(document, operation_name)
        values = get_variable_values(self.schema._schema, operation.variable_definitions or (), dict(variables))
        if isinstance(values, list):
            raise Unplanned("variables")
        return self.asked(self._selection(document, operation, values), values)

    def _document(self, query: str) -> Document:
        document = self.documents.get(query)
        if document is None:
            document = self._parsed(query)
            if len(query) <= LONGEST_DOCUMENT:
                self.documents.keep(query, document)
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
        return Document(node, operations, frozenset(deciding([node])), len(query) <= LONGEST_DOCUMENT)

    def _rules(self) -> list[Any]:
        found = [each for each in self._extensions if isinstance(each, AddValidationRules)]
        return [rule for extension in found for rule in extension.validation_rules]

    def _selection(self, document: Document, operation: OperationDefinitionNode, variables: VariableValues) -> Prepared:
        chosen = tuple(repr(variables.coerced.get(name)) for name in sorted(document.deciding))
        key = (document, operation.name.value if operation.name else "", chosen)
        prepared = self.selections.get(key)
        if prepared is None:
            selection = Selection.of_query(self.schema, document.node, operation, variables)
            prepared = self.prepared(selection, variables, document.lasting)
            if document.lasting:
                self.selections.keep(key, prepared)
        return prepared

    def prepared(self, selection: Selection, variables: VariableValues, lasting: bool) -> Prepared:
        """A selection with what its arguments ask for; `lasting` tells whether it will be asked for again."""
        fixed = [None if slot.varies else self._slot(slot, variables) for slot in selection.slots]
        return Prepared(selection, fixed, lasting)

    def _slot(self, slot: Slot, variables: VariableValues) -> Asked | Exception:
        try:
            given = slot.arguments(self.schema, variables)
            return ask(getattr(slot.declared, "source", None), given, self.settings)
        except (RegistryError, GraphQLError) as refusal:
            return refusal

    def asked(self, prepared: Prepared, variables: VariableValues) -> Question:
        """What a selection asks with these variables. Raises `TooLarge`."""
        made = Question(prepared, (), [], [], {})
        shapes: list[Hashable] = []
        reach: list[int] = []
        for slot, fixed in zip(prepared.selection.slots, prepared.asked, strict=True):
            asked = self._slot(slot, variables) if fixed is None else fixed
            if isinstance(asked, Exception):
                made.refused[slot.place] = asked
                asked = Asked(Refused(), reach=0)
            shapes.append(asked.shape)
            made.values.append(asked.values)
            made.checks += [(slot.place, check) for check in asked.checks]
            times = asked.reach if slot.leads else 1
            reach.append(times * (1 if slot.around is None else reach[slot.around]))
        made.shapes = tuple(shapes)
        self._check_moments(made)
        if sum(reach) > self.settings.query_records_max:
            raise TooLarge(
                f"The query may lead to {sum(reach):,} records; one query may lead to"
                f" {self.settings.query_records_max:,}.",
                hint="Ask for smaller pages by `first`, or in several queries.",
            )
        return made

    def _check_moments(self, question: Question) -> None:
        """Raises `TooLarge` where more has to be made ready for one answer than for many others together."""
        chosen = [value for value in question.values if isinstance(value, Chosen)]
        known = {picked.known for value in chosen for picked in value.moments} - {None}
        if len(known) > MOST_KNOWN:
            raise TooLarge(
                f"The query asks for {len(known)} moments of knowledge; one query may ask for {MOST_KNOWN}.",
                hint="Compare a few moments at a time.",
            )

    # ── How it is answered ────────────────────────────────────────────────────────────────────────

    def plan(self, question: Question, *, tree: bool) -> Plan:
        """The plan of a question: for bytes, or for a tree of objects. Raises `RegistryError` for what is refused."""
        key = (question.prepared, question.shapes, tree)
        plan = self.plans.get(key)
        if plan is None:
            compiler = self.compiler(question, tree=tree)
            root = top.root_level(compiler, question.prepared.selection.fields, "Query")
            plan = Plan(root, compiler.moments, compiler.heavy)
            if question.prepared.lasting and len(repr(question.varying)) <= LONGEST_SHAPE:
                self.plans.keep(key, plan)
        return plan

    def compiler(self, question: Question, *, tree: bool) -> Compiler:
        """What a plan for a question is made with."""
        return Compiler(self.database, question.shapes, built=self.built if tree else None, snapshots=self.snapshots)


def _heeded(extension: Any) -> bool:
    """Whether a plan's answer is as it would be with this extension of the schema."""
    return isinstance(extension, AddValidationRules | MaxTokensLimiter) or getattr(extension, "only_errors", False)


def _operation(document: Document, name: str | None) -> OperationDefinitionNode:
    found = document.operations.get(name) if name else None
    if name is None:
        found, *others = document.operations.values()
        if others:  # Strawberry would run the first one
            raise BadInput("The document has several operations.", hint="Say which one is meant by `operationName`.")
    if found is None or found.operation is not OperationType.QUERY:
        raise Unplanned("operation")
    return found
