"""Plans for queries: documents parsed once, plans made once for each shape of what they ask, both in bounds."""

import math
from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from threading import Lock
from typing import Any, Generic, TypeVar

from graphql import (
    DocumentNode,
    GraphQLError,
    GraphQLResolveInfo,
    OperationDefinitionNode,
    OperationType,
    get_variable_values,
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
from schema.execution import cost, limits, objects, pages, tables, top
from schema.execution.asked import Asked, Check, Chosen, Refused, ask
from schema.execution.levels import Level
from schema.execution.making import Compiler
from schema.execution.selection import Selection, Slot, deciding, given
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

#: Values in variables up to which they are looked at on the event loop.
FEW_VALUES = 100

#: Earlier moments of knowledge that one query may ask for.
MOST_KNOWN = 4

#: Seconds up to which it is short to answer a selection, and what of a longer time is left after each further run.
SHORT, FORGETTING = 0.003, 0.97

#: Objects among the arguments of an operation of which it is kept what they ask for, and characters of their values.
MOST_BEFORE, LONGEST_VALUES = 16, 200

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
    operations: dict[str, OperationDefinitionNode] = field(default_factory=dict)
    deciding: frozenset[str] = frozenset()
    wrong: str = ""
    refused: RegistryError | None = None
    errors: Sequence[GraphQLError] = ()

    @property
    def size(self) -> int:
        """How much room it takes."""
        return len(self.text)

    @property
    def lasting(self) -> bool:
        """Whether it is kept for the next time."""
        return self.size <= LONGEST_DOCUMENT


@dataclass(eq=False)
class Prepared:
    """A selection, and what its arguments ask for where that does not follow the variables.

    `took` tells how long it has taken of late to answer it, in seconds of a processor; `beyond` for which shapes its
    plan was given up last, because it would have been too long, and how that is told.
    """

    selection: Selection
    asked: list[Asked | Exception | None] = field(default_factory=list)
    document: Document | None = None
    took: float = math.inf
    beyond: tuple[Hashable, TooLarge] | None = None
    #: What arguments ask for with the values that variables had before, by their place and these values.
    before: dict[tuple[int, str], Asked] = field(default_factory=dict)

    def ran(self, seconds: float) -> None:
        """Notes how long it has taken. One long run is forgotten only over many short ones."""
        self.took = seconds if self.took == math.inf else max(seconds, self.took * FORGETTING)

    @property
    def short(self) -> bool:
        """Whether it has proved to take no longer than the event loop may wait, whatever was to be feared."""
        return self.took < SHORT

    @property
    def lasting(self) -> bool:
        """Whether it is kept for the next time."""
        return self.document is not None and self.document.lasting


@dataclass
class Question:
    """What is asked by one request: a selection, what each of its arguments asks for, and what it costs.

    `records` are those that it may lead to, `listed` those of them that stand in lists, `points` is what all of it
    costs; see `cost`. `earlier` tells that it asks what was known earlier.
    """

    prepared: Prepared
    shapes: tuple[Hashable, ...]
    values: list[Any]
    checks: list[tuple[int, Check]]
    refused: dict[int, Exception]
    records: int = 0
    listed: int = 0
    points: float = 0
    earlier: bool = False

    @property
    def varying(self) -> list[Hashable]:
        """What variables shape of the plan; the document, which is bounded itself, says the rest."""
        fixed = self.prepared.asked
        return [shape for shape, asked in zip(self.shapes, fixed, strict=True) if asked is None]


@dataclass(eq=False)
class Plan:
    """A selection made into levels, for one shape of its arguments; `heavy` tells whether running it may take long."""

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
        if kept and limits.count_values(variables, FEW_VALUES) > FEW_VALUES:
            raise Cold
        limits.check_values(variables, self.settings)
        values = get_variable_values(self.schema._schema, operation.variable_definitions or (), dict(variables))
        if isinstance(values, list):
            raise Unplanned("variables")
        return self.asked(self._selection(document, operation, values, kept), values)

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
        operations = {
            each.name.value if each.name else "": each
            for each in node.definitions
            if isinstance(each, OperationDefinitionNode)
        }
        return Document(query, node, operations, frozenset(deciding([node])))

    def _rules(self) -> list[Any]:
        found = [each for each in self._extensions if isinstance(each, AddValidationRules)]
        more = [rule for each in self._extensions for rule in getattr(each, "rules", ())]
        return [*more, *(rule for extension in found for rule in extension.validation_rules)]

    def _selection(
        self, document: Document, operation: OperationDefinitionNode, variables: VariableValues, kept: bool
    ) -> Prepared:
        chosen = tuple(repr(variables.coerced.get(name)) for name in sorted(document.deciding))
        key = (document, operation.name.value if operation.name else "", chosen)
        prepared = self.selections.get(key, kept)
        if prepared is None:
            if kept:
                raise Cold
            assert document.node is not None
            selection = Selection.of_query(self.schema, document.node, operation, variables)
            prepared = self.prepared(selection, variables, document)
            if document.lasting:
                self.selections.keep(key, prepared, document.size)
        return prepared

    def of_record(
        self, info: GraphQLResolveInfo[Any], kind: str, document: Document | None
    ) -> tuple[Prepared, VariableValues]:
        """What the field that `info` is about asks of a record of a type, and the variables as it takes them.

        Kept where `document` is. Raises `TooLarge`.
        """
        variables = given(info)
        key: Hashable = None
        if document is not None:
            chosen = tuple(repr(variables.coerced.get(name)) for name in sorted(document.deciding))
            operation = info.operation.name.value if info.operation.name else ""
            key = (document, operation, tuple(info.path.as_list()), kind, chosen)
            if (prepared := self.selections.get(key)) is not None:
                return prepared, variables
        prepared = self.prepared(Selection.of_record(self.schema, info, kind), variables, document)
        if document is not None and document.lasting:
            self.selections.keep(key, prepared, document.size)
        return prepared, variables

    def prepared(self, selection: Selection, variables: VariableValues, document: Document | None = None) -> Prepared:
        """A selection with what its arguments ask for; `document` is that which it will be asked for again by."""
        fixed = [None if slot.varies else self._slot(slot, variables) for slot in selection.slots]
        return Prepared(selection, fixed, document)

    def _slot(self, slot: Slot, variables: VariableValues) -> Asked | Exception:
        try:
            given = slot.arguments(self.schema, variables)
            return ask(getattr(slot.declared, "source", None), given, self.settings)
        except (RegistryError, GraphQLError) as refusal:
            return refusal

    def _varying(self, prepared: Prepared, slot: Slot, variables: VariableValues) -> Asked | Exception:
        """What the arguments at a place ask for; where they are objects with the values that they had before, as then.

        To coerce an object takes longer than to read a record.
        """
        if slot.parted is None or not slot.parted.nested:
            return self._slot(slot, variables)
        given = {name: variables.coerced[name] for name in slot.follows if name in variables.coerced}
        key = slot.place, repr(given)
        if (known := prepared.before.get(key)) is not None:
            return known
        asked = self._slot(slot, variables)
        if isinstance(asked, Asked) and len(key[1]) <= LONGEST_VALUES and prepared.lasting:
            if len(prepared.before) >= MOST_BEFORE:
                prepared.before.clear()
            prepared.before[key] = asked
        return asked

    def asked(self, prepared: Prepared, variables: VariableValues) -> Question:
        """What a selection asks with these variables. Raises `TooLarge`."""
        made = Question(prepared, (), [], [], {})
        shapes: list[Hashable] = []
        reach: list[int] = []
        places: list[float] = []
        points = prepared.selection.points
        for slot, fixed in zip(prepared.selection.slots, prepared.asked, strict=True):
            asked = self._varying(prepared, slot, variables) if fixed is None else fixed
            if isinstance(asked, Exception):
                made.refused[slot.place] = asked
                asked = Asked(Refused(), reach=0)
            shapes.append(asked.shape)
            made.values.append(asked.values)
            made.checks += [(slot.place, check) for check in asked.checks]
            times = asked.reach if slot.leads else 1
            around = slot.around
            reach.append(times * (1 if around is None else reach[around]))
            places.append(times * slot.times * (1 if around is None else places[around]))
            points += asked.points + slot.points * places[-1]
            made.listed += reach[-1] if slot.leads else 0
        made.shapes, made.records, made.points = tuple(shapes), sum(reach), points
        self._check_moments(made)
        self._check_size(made)
        return made

    def _check_size(self, question: Question) -> None:
        """Raises `TooLarge` where a question leads to more, or costs more, than one may."""
        most, found = self.settings.query_records_max, question.records
        if found > most:
            details = {"counted": "records", "found": found, "limit": most}
            said = f"The query may lead to {found:,} records; one query may lead to {most:,}."
            raise TooLarge(said, hint="Ask for smaller pages by `first`, or in several queries.", details=details)
        most, found = self.settings.query_cost_max, cost.told(question.points)
        if found > most:
            details = {"counted": "cost", "found": found, "limit": most}
            said = f"The query costs {found:,} points; one query may cost {most:,}."
            raise TooLarge(said, hint="Ask for smaller pages by `first`, or in several queries.", details=details)

    def _check_moments(self, question: Question) -> None:
        """Raises `TooLarge` where more has to be made ready for one answer than for many others together."""
        chosen = [value for value in question.values if isinstance(value, Chosen)]
        known = {picked.known for value in chosen for picked in value.moments} - {None}
        question.earlier = bool(known)
        if len(known) > MOST_KNOWN:
            raise TooLarge(
                f"The query asks for {len(known)} moments of knowledge; one query may ask for {MOST_KNOWN}.",
                hint="Compare a few moments at a time.",
            )

    # ── How it is answered ────────────────────────────────────────────────────────────────────────

    def plan(
        self, question: Question, *, tree: bool, kept: bool = False, root: Callable[[Compiler], Level] | None = None
    ) -> Plan:
        """The plan of a question: for bytes, or for a tree of objects. Raises `RegistryError` for what is refused.

        With `kept` it raises `Cold` where it has to be made first. `root` makes what the plan begins with, where that
        is not the query itself.
        """
        key = (question.prepared, question.shapes, tree)
        plan = self.plans.get(key, kept)
        if plan is None:
            prepared = question.prepared
            if prepared.beyond is not None and prepared.beyond[0] == question.shapes:
                raise prepared.beyond[1]
            if kept:
                raise Cold
            compiler = self.compiler(question, tree=tree)
            try:
                begun = top.root_level(compiler, prepared.selection.fields, "Query") if root is None else root(compiler)
            except TooLarge as refusal:
                prepared.beyond = question.shapes, refusal
                raise
            plan = Plan(begun, compiler.moments, compiler.heavy)
            document = prepared.document
            if document is not None and document.lasting and len(repr(question.varying)) <= LONGEST_SHAPE:
                self.plans.keep(key, plan, document.size)
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
