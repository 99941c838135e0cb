"""Plans for queries: documents parsed once, plans made once for each shape of what they ask, both in bounds."""

from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from threading import Lock
from typing import Any, Generic, TypeVar

from graphql import (
    DocumentNode,
    GraphQLError,
    OperationDefinitionNode,
    OperationType,
    specified_rules,
    validate,
)
from graphql.execution.values import VariableValues
from sqlalchemy.dialects import sqlite
from strawberry import Schema
from strawberry.extensions import AddValidationRules, MaxTokensLimiter
from strawberry.schema.validation_rules.maybe_null import MaybeNullValidationRule
from strawberry.schema.validation_rules.one_of import OneOfInputValidationRule

from registry.errors import BadInput, RegistryError, TooLarge
from registry.settings import Settings
from schema.execution import limits, objects, pages, tables, top
from schema.execution.identity import NAMES
from schema.execution.levels import Level
from schema.execution.making import Compiler
from schema.execution.objects import rows_by_key
from schema.execution.operation import Operation
from schema.execution.question import Prepared, Question
from schema.execution.selection import Selected, Selection, deciding
from schema.execution.showing import Showing
from schema.execution.statement import Database
from schema.execution.walk import builder

T = TypeVar("T")

#: The modules that say how each kind of source is planned.
PLANNERS = (objects, pages, tables, top)

#: Documents, operations with their selections, and plans that are kept.
MOST_DOCUMENTS, MOST_SELECTIONS, MOST_PLANS = 500, 1_000, 1_000

#: Characters of the documents that each of these may rest on together; they take a hundred bytes and more for each.
MOST_TEXT = 500_000

#: Errors of a document after which it is looked at no further; five are told.
MOST_ERRORS = 6

#: Characters of a document, and of the values that shape a plan, up to which these are kept for the next time.
LONGEST_DOCUMENT, LONGEST_SHAPE = 20_000, 10_000


class Unplanned(Exception):
    """There is nothing to plan, in a word or two: GraphQL itself has the answer, or says what is wrong."""


class Cold(Exception):
    """What is asked has to be prepared first, which takes longer than the event loop should wait."""


class Recent(Generic[T]):
    """The things used last, up to a number, and up to a size together where they have one; for any thread."""

    def __init__(self, most: int, most_size: int | None = None) -> None:
        self.hits = self.misses = 0
        self._most, self._most_size, self._size = most, most_size, 0
        self._kept: OrderedDict[Hashable, tuple[T, int]] = OrderedDict()
        self._lock = Lock()

    def __len__(self) -> int:
        return len(self._kept)

    def get(self, name: Hashable, kept: bool | None = None) -> T | None:
        """The thing kept under a name.

        Whoever looks twice, first for what is kept and then to make the rest, says so: each look counts once.
        """
        with self._lock:
            found = self._kept.get(name)
            if found is None:
                self.misses += kept is not True
                return None
            self.hits += kept is not False
            self._kept.move_to_end(name)
            return found[0]

    def keep(self, name: Hashable, thing: T, size: int = 0) -> T:
        """Keeps a thing, and forgets those that have not been used for longest."""
        with self._lock:
            self._size += size - self._kept.get(name, (None, 0))[1]
            self._kept[name] = (thing, size)
            while len(self._kept) > self._most or (self._most_size is not None and self._size > self._most_size):
                _, (_, gone) = self._kept.popitem(last=False)
                self._size -= gone
        return thing


@dataclass(eq=False)
class Document:
    """A document that was read; `deciding` names the variables that decide what is selected.

    Where it is not to be executed `wrong` says so in a word, and `refused` or `errors` why.
    """

    text: str
    node: DocumentNode | None = None
    operations: dict[str, Operation] = field(default_factory=dict)
    deciding: Sequence[str] = ()
    wrong: str = ""
    refused: RegistryError | None = None
    errors: Sequence[GraphQLError] = ()

    def meant(self, name: str | None) -> Operation | None:
        """The operation that is meant. Raises `BadInput` where that is not said."""
        found = self.operations.get(name) if name else None
        if name is None:
            found, *others = self.operations.values()
            if others:  # Strawberry would run the first one
                hint = "Say which one is meant by `operationName`."
                raise BadInput("The document has several operations.", hint=hint)
        return found

    def chosen(self, variables: VariableValues) -> tuple[str, ...]:
        """The values of the variables that decide what is selected."""
        return tuple([repr(variables.coerced.get(name)) for name in self.deciding]) if self.deciding else ()

    @property
    def size(self) -> int:
        """How much room it takes."""
        return len(self.text)

    @property
    def lasting(self) -> bool:
        """Whether it is kept for the next time."""
        return self.size <= LONGEST_DOCUMENT


@dataclass(eq=False)
class Plan:
    """A selection made into levels, for one shape of its arguments.

    `heavy` tells whether running it may take long, `keeps` whether it makes something that is worth keeping, `alone`
    whether one statement may be enough, and has been so far.
    """

    root: Level
    moments: Sequence[tuple[int, int] | None]
    heavy: bool
    keeps: bool = False
    alone: bool = True


class Plans:
    """Makes plans for the queries of a schema on one kind of database, and keeps those used last.

    A plan knows neither connection nor rights nor day: they belong to the run.
    """

    def __init__(self, schema: Schema, settings: Settings, database: Database) -> None:
        self.schema, self.settings, self.database = schema, settings, database
        self.snapshots = database if database.sqlite else Database(sqlite.dialect(), database.context)
        self.built = builder(schema)
        self._extensions: Sequence[Any] = schema.extensions
        also = [limit for each in self._extensions if (limit := getattr(each, "max_token_count", None))]
        self._most_tokens = min([settings.query_tokens_max, *also])
        self._unheeded = [str(each) for each in self._extensions if not _heeded(each)]
        self.documents: Recent[Document] = Recent(MOST_DOCUMENTS, MOST_TEXT)
        self.selections: Recent[Prepared] = Recent(MOST_SELECTIONS, MOST_TEXT)
        self.plans: Recent[Plan] = Recent(MOST_PLANS, MOST_TEXT)

    # ── What is asked ─────────────────────────────────────────────────────────────────────────────

    def question(
        self, query: str, variables: Mapping[str, Any], operation_name: str | None, *, kept: bool = False
    ) -> Question:
        """What a query asks. Raises `Unplanned`; `TooLarge` where it is more than one answer should hold; and
        `BadInput` where it is not said which operation is meant.

        With `kept` it raises `Cold` where that takes more than to look it up.
        """
        document = self.document(query, kept=kept)
        if document.refused is not None:
            raise document.refused
        if document.wrong:
            raise Unplanned(document.wrong)
        operation = _operation(document, operation_name)
        if limits.are_many(variables):
            if kept:
                raise Cold
            limits.check_values(variables, self.settings)
        values = operation.values(variables)
        if isinstance(values, list):
            raise Unplanned("variables")
        return self._selection(document, operation, values, kept).question(values)

    def document(self, query: str, *, kept: bool = False) -> Document:
        """A document as it was read, valid or not. With `kept` it raises `Cold` where it has to be read first."""
        document = self.documents.get(query, kept)
        if document is None:
            if kept:
                raise Cold
            document = self._parsed(query)
            if document.lasting:
                self.documents.keep(query, document, document.size)
        return document

    def _parsed(self, query: str) -> Document:
        if self._unheeded:
            return Document(query, wrong=f"extension {self._unheeded[0]}")
        try:
            node = limits.parsed(query, self._most_tokens)
            limits.check(node, self.settings)
            return self._checked(query, node)
        except TooLarge as refusal:
            refused = refusal
        except RecursionError:
            deepest = self.settings.query_depth_max
            refused = limits.too_large("depth", deepest + 1, deepest)
        except GraphQLError as error:
            return Document(query, wrong="syntax", errors=[error])
        return Document(query, wrong="too large", refused=refused)

    def _checked(self, query: str, node: DocumentNode) -> Document:
        rules = (*specified_rules, *self._rules(), MaybeNullValidationRule, OneOfInputValidationRule)
        if errors := validate(self.schema._schema, node, rules, MOST_ERRORS):
            return Document(query, node, wrong="invalid", errors=errors)
        schema = self.schema._schema
        operations = [Operation(schema, each) for each in node.definitions if isinstance(each, OperationDefinitionNode)]
        return Document(query, node, {each.name: each for each in operations}, sorted(set(deciding([node]))))

    def _rules(self) -> list[Any]:
        found = [each for each in self._extensions if isinstance(each, AddValidationRules)]
        more = [rule for each in self._extensions for rule in getattr(each, "rules", ())]
        return [*more, *(rule for extension in found for rule in extension.validation_rules)]

    def _selection(self, document: Document, operation: Operation, variables: VariableValues, kept: bool) -> Prepared:
        key = (document, operation.name, document.chosen(variables))
        prepared = self.selections.get(key, kept)
        if prepared is None:
            if kept:
                raise Cold
            assert document.node is not None
            try:
                selection = Selection.of_query(self.schema, document.node, operation.node, variables)
            except GraphQLError:  # told by GraphQL, which meets it before it asks for anything
                raise Unplanned("directives") from None
            prepared = self.prepared(selection, variables, document)
            if document.lasting:
                self.selections.keep(key, prepared, document.size)
        return prepared

    def shown(self, showing: Showing, table: Any, document: Document | None) -> tuple[Question, Plan]:
        """What a field asks of a record of a table that it shows, and the plan, which reads records by their keys.

        Kept where `document` is. Raises `TooLarge`.
        """
        kind = NAMES[table.__table__.name]
        prepared = self._of_record(showing, kind, document)
        selected = Selected("", "", under={kind: prepared.selection.fields})
        question = prepared.question(showing.variables)
        return question, self.plan(
            question, tree=True, root=lambda compiler: rows_by_key(compiler, table.__table__, 0, selected, kind)
        )

    def _of_record(self, showing: Showing, kind: str, document: Document | None) -> Prepared:
        variables, key = showing.variables, None
        if document is not None:
            operation = showing.operation.name.value if showing.operation.name else ""
            key = (document, operation, showing.way, kind, document.chosen(variables))
            if (prepared := self.selections.get(key)) is not None:
                return prepared
        prepared = self.prepared(Selection.of_record(self.schema, showing, kind), variables, document)
        if document is not None and document.lasting:
            self.selections.keep(key, prepared, document.size)
        return prepared

    def prepared(self, selection: Selection, variables: VariableValues, document: Document | None = None) -> Prepared:
        """A selection with what its arguments ask for; `document` is that which it will be asked for again by."""
        return Prepared(self.schema, self.settings, selection, variables, document)

    # ── How it is answered ────────────────────────────────────────────────────────────────────────

    def plan(
        self, question: Question, *, tree: bool, kept: bool = False, root: Callable[[Compiler], Level] | None = None
    ) -> Plan:
        """The plan of a question: for bytes, or for a tree of objects. Raises `RegistryError` for what is refused, and
        `Unplanned` where only GraphQL can say what is wrong.

        With `kept` it raises `Cold` where it has to be made first. `root` makes what the plan begins with, where that
        is not the query itself.
        """
        shapes = question.frame.shapes
        key = (question.prepared, shapes, tree)
        plan = self.plans.get(key, kept)
        if plan is None:
            prepared = question.prepared
            if prepared.selection.wrong is not None and not tree:
                raise Unplanned("directives")
            if prepared.beyond is not None and prepared.beyond[0] == shapes:
                raise prepared.beyond[1]
            if kept:
                raise Cold
            compiler = self.compiler(question, tree=tree)
            try:
                begun = top.root_level(compiler, prepared.selection.fields, "Query") if root is None else root(compiler)
            except TooLarge as refusal:
                prepared.beyond = shapes, refusal
                raise
            plan = Plan(begun, compiler.moments, compiler.heavy, compiler.keeps, alone=_levels(begun) < 2)
            document = prepared.document
            if document is not None and document.lasting and len(repr(question.varying)) <= LONGEST_SHAPE:
                self.plans.keep(key, plan, document.size)
        return plan

    def compiler(self, question: Question, *, tree: bool) -> Compiler:
        """What a plan for a question is made with."""
        return Compiler(
            self.database, question.frame.shapes, built=self.built if tree else None, snapshots=self.snapshots
        )


def _levels(level: Level) -> int:
    """How many levels lie inside one, each of which reads by statements of its own."""
    return sum(1 + _levels(each.level) for each in level.inside)


def _heeded(extension: Any) -> bool:
    """Whether a plan's answer is as it would be with this extension of the schema."""
    return isinstance(extension, AddValidationRules | MaxTokensLimiter) or getattr(extension, "only_errors", False)


def _operation(document: Document, name: str | None) -> Operation:
    found = document.meant(name)
    if found is None or found.node.operation is not OperationType.QUERY:
        raise Unplanned("operation")
    return found
