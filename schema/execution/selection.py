"""What an operation selects: its document and variables, made into one tree of the fields of each type.

Fragments are opened, fields of one name merged and `@skip` and `@include` obeyed by GraphQL's own rules, so that the
tree has the order that the answer has. Each field knows the Strawberry field behind it, which says where its value
comes from.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    GraphQLError,
    GraphQLField,
    GraphQLObjectType,
    GraphQLOutputType,
    OperationDefinitionNode,
    VariableNode,
    get_named_type,
    get_nullable_type,
    is_abstract_type,
    is_leaf_type,
    is_list_type,
    is_non_null_type,
    is_object_type,
)
from graphql.execution.collect_fields import (
    FieldDetails,
    FragmentDetails,
    GroupedFieldSet,
    collect_fields,
    collect_subfields,
)
from graphql.execution.values import VariableValues, get_argument_values
from graphql.language import Node
from strawberry import Schema
from strawberry.types.arguments import convert_arguments
from strawberry.types.field import StrawberryField

from registry.errors import TooLarge
from schema.execution import cost
from schema.execution.mould import Fill, mould
from schema.execution.showing import Showing
from schema.execution.source import ByIds, Page, Summary

#: Fields of a tree; fragments inside fragments can ask for any number.
MOST_FIELDS = 1_000

#: Fields inside fields; Python does not compile expressions that are nested without bounds.
DEEPEST = 25

#: The arguments of a page that say where it lies.
_CURSORS = {"after", "before"}

_SMALLER = "Ask in several queries."


@dataclass(eq=False)
class Parted:
    """The arguments of a field, parted so that each request converts only what it brings anew.

    `fixed` are those that no variable touches, `plain` the names, variables and nullability of those that are a
    variable of a scalar or a code, of which GraphQL has made what a resolver receives, and `nested` the others.
    `cursors` are the variables of the cursors of a page, where nothing else varies.
    """

    fixed: dict[str, Any]
    plain: list[tuple[str, str, bool]] = field(default_factory=list)
    nested: "list[Nested]" = field(default_factory=list)
    cursors: dict[str, str] | None = None


@dataclass(eq=False)
class Nested:
    """An argument with variables inside, as a field with that argument alone; `fill` makes it of them, where it can."""

    definition: GraphQLField
    node: FieldNode
    fill: Fill | None = None
    met: bool = False

    @cached_property
    def follows(self) -> list[str]:
        """The variables that stand in it."""
        return _followed(self.node)


@dataclass(eq=False)
class Slot:
    """A place where arguments stand: what they are follows the variables, or does not.

    `around` is the next such place further out; `leads` tells whether records of a list are asked for there. Such
    a place is `depth` fields down; there are `times` as many as records further out, and each costs `points`.
    """

    definition: GraphQLField
    node: FieldNode
    declared: StrawberryField
    place: int
    varies: bool
    around: int | None
    leads: bool = False
    depth: int = 0
    times: float = 1
    points: float = 0
    parted: "Parted | None" = None

    @cached_property
    def follows(self) -> list[str]:
        """The variables that stand in the arguments."""
        return _followed(self.node)

    def arguments(self, schema: Schema, variables: VariableValues) -> dict[str, Any]:
        """The arguments as a resolver receives them. Raises `GraphQLError` where a variable does not fit."""
        parted = self.parted = self.parted or self._part(schema)
        found = parted.fixed.copy()
        for name, variable, may_be_null in parted.plain:
            value = variables.coerced.get(variable)
            if value is None and not (may_be_null and variable in variables.coerced):
                return self._coerced(schema, self.definition, self.node, variables)  # there may be a default
            found[name] = value
        for each in parted.nested:
            found |= self._nested(schema, each, variables)
        return found

    def _nested(self, schema: Schema, nested: Nested, variables: VariableValues) -> dict[str, Any]:
        """One that variables stand in, made of them by the short way from the second time on, unless one is null."""
        values = {name: variables.coerced.get(name) for name in nested.follows}
        if any(value is None for value in values.values()):
            return self._coerced(schema, nested.definition, nested.node, variables)
        if not nested.met:
            nested.met = True

            def convert(values: Mapping[str, Any]) -> dict[str, Any]:
                return self._coerced(schema, nested.definition, nested.node, VariableValues({}, dict(values)))

            nested.fill = mould(values, convert)
        elif nested.fill is not None:
            made: dict[str, Any] = nested.fill(values)
            return made
        return self._coerced(schema, nested.definition, nested.node, variables)

    def _part(self, schema: Schema) -> "Parted":
        spelled = schema.config.name_converter.from_argument
        names = {spelled(each): each.python_name for each in self.declared.arguments}
        given = {each.name.value: each.value for each in self.node.arguments or ()}
        varying = {name: value for name, value in given.items() if any(variables_in([value]))}
        fixed = self._only([name for name in self.definition.args if name not in varying])
        made = Parted(self._coerced(schema, fixed.definition, fixed.node, VariableValues({}, {})))
        for name, value in varying.items():
            kind = self.definition.args[name].type
            if isinstance(value, VariableNode) and is_leaf_type(get_named_type(kind)):
                made.plain.append((names[name], value.name.value, not is_non_null_type(kind)))
            else:
                made.nested.append(self._only([name]))
        cursors = {name: variable for name, variable, _ in made.plain}
        if isinstance(getattr(self.declared, "source", None), Page) and not made.nested and cursors.keys() <= _CURSORS:
            made.cursors = cursors
        return made

    def _only(self, names: Collection[str]) -> Nested:
        """The field as if it had these arguments alone."""
        arguments = tuple(each for each in self.node.arguments or () if each.name.value in names)
        definition = GraphQLField(self.definition.type, {name: self.definition.args[name] for name in names})
        return Nested(definition, FieldNode(name=self.node.name, arguments=arguments))

    def _coerced(
        self, schema: Schema, definition: GraphQLField, node: FieldNode, variables: VariableValues
    ) -> dict[str, Any]:
        values = get_argument_values(definition, node, variables)
        registry = schema.schema_converter.scalar_registry
        return convert_arguments(values, self.declared.arguments, registry, schema.config)


@dataclass(eq=False)
class Selected:
    """A field of the answer: the key it stands under, where its value comes from, and what is selected of it.

    `under` has the fields of each concrete type that the value can be of, by the name of the type.
    """

    key: str
    name: str
    declared: StrawberryField | None = None
    returned: GraphQLOutputType | None = None
    slot: Slot | None = None
    under: dict[str, list["Selected"]] = field(default_factory=dict)

    @property
    def source(self) -> Any:
        """Where the value comes from, as the field declares it; None where it declares nothing."""
        return getattr(self.declared, "source", None)

    @property
    def only(self) -> list["Selected"]:
        """What is selected of a value whose type is known."""
        (fields,) = self.under.values()
        return fields


class Selection:
    """The tree of what is asked. `slots` are the places where arguments stand, in the order of the tree.

    `variables` are those that it was made with; `introspects` tells that fields about the schema itself are left out of
    the tree. `wrong` is why it cannot be told what is selected somewhere: nothing is then, and GraphQL says so where it
    meets it. `points` is what it costs apart from what stands where there are arguments.
    """

    def __init__(
        self,
        schema: Schema,
        operation: OperationDefinitionNode,
        fragments: Mapping[str, FragmentDetails],
        variables: VariableValues,
    ) -> None:
        self._schema = schema._schema
        self._operation, self._fragments, self.variables = operation, dict(fragments), variables
        self._number = 0
        self.points = cost.REQUEST
        self.slots: list[Slot] = []
        self.fields: list[Selected] = []
        self.introspects = False
        self.wrong: GraphQLError | None = None

    @classmethod
    def of_query(
        cls, schema: Schema, document: DocumentNode, operation: OperationDefinitionNode, variables: VariableValues
    ) -> "Selection":
        """What a query asks. Raises `TooLarge`, and `GraphQLError` where not even its root can be told."""
        fragments = {
            node.name.value: FragmentDetails(node)
            for node in document.definitions
            if isinstance(node, FragmentDefinitionNode)
        }
        made = cls(schema, operation, fragments, variables)
        query = made._schema.query_type
        assert query is not None
        collected = collect_fields(made._schema, made._fragments, variables, query, operation).grouped_field_set
        made.fields = made._fields(query, collected, None, 0)
        made.introspects = len(made.fields) < len(collected)
        if made.introspects:
            named = {name: details.definition for name, details in fragments.items()}
            made.points += cost.introspection(made._schema, operation.selection_set, named)
        return made

    @classmethod
    def of_record(cls, schema: Schema, showing: Showing, kind: str) -> "Selection":
        """What a field asks of a record of a type that it shows. Raises `TooLarge`."""
        fragments = {name: FragmentDetails(node) for name, node in showing.fragments.items()}
        made = cls(schema, showing.operation, fragments, showing.variables)
        details = [FieldDetails(node, None) for node in showing.nodes]
        concrete = made._schema.type_map[kind]
        assert isinstance(concrete, GraphQLObjectType)
        made.fields = made._below(concrete, details, None, 0)
        return made

    def _below(
        self, kind: GraphQLObjectType, details: list[FieldDetails], around: int | None, depth: int, times: float = 1
    ) -> list[Selected]:
        try:
            below = collect_subfields(self._schema, self._fragments, self.variables, self._operation, kind, details)
        except GraphQLError as error:  # a directive with a null where there must be none
            self.wrong = self.wrong or error
            return []
        return self._fields(kind, below.grouped_field_set, around, depth, times)

    def _fields(
        self, kind: GraphQLObjectType, collected: GroupedFieldSet, around: int | None, depth: int, times: float = 1
    ) -> list[Selected]:
        found = (self._field(kind, key, details, around, depth, times) for key, details in collected.items())
        return [each for each in found if each is not None]

    def _field(
        self,
        kind: GraphQLObjectType,
        key: str,
        details: list[FieldDetails],
        around: int | None,
        depth: int,
        times: float,
    ) -> Selected | None:
        """A field, of which there are `times` for each record of the place around it."""
        self._number += 1
        if self._number > MOST_FIELDS:
            raise TooLarge(f"The query asks for more than {MOST_FIELDS:,} fields.", hint=_SMALLER)
        if depth > DEEPEST:
            raise TooLarge(f"The query asks for fields inside fields more than {DEEPEST} deep.", hint=_SMALLER)
        node = details[0].node
        name = node.name.value
        if name == "__typename":
            return Selected(key, name)
        if name.startswith("__"):
            return None  # the schema's own, which only GraphQL itself can tell
        definition = kind.fields[name]
        declared: StrawberryField = definition.extensions["strawberry-definition"]
        slot = self._slot(definition, node, declared, around) if definition.args else None
        selected = Selected(key, declared.python_name, declared, definition.type, slot)
        around, times = self._reckon(selected, around, depth, times)
        for concrete in self._concrete(get_named_type(definition.type)):
            inner = self._below(concrete, details, around, depth + 1, times)
            selected.under[concrete.name] = inner
            if slot and any(each.under and _is_list(each.returned) for each in inner):
                slot.leads = True
        if slot and _is_list(definition.type):
            slot.leads = True
        return selected

    def _reckon(self, selected: Selected, around: int | None, depth: int, times: float) -> tuple[int | None, float]:
        """Adds what a field costs; gives the place around what is inside it, and how many there are of that."""
        self.points += cost.statement(selected.source)
        slot, many = selected.slot, _is_list(selected.returned)
        outside, number = around, times
        if slot is not None:
            slot.depth, slot.times = depth, times
            around, times = slot.place, 1
        elif many and not self._is_page(around, depth):
            times *= cost.RECKONED
        if many:
            outside, number = around, times
        named = get_named_type(selected.returned)
        points = number * (cost.RECORD if is_object_type(named) or is_abstract_type(named) else cost.VALUE)
        if outside is None:
            self.points += points
        else:
            self.slots[outside].points += points
        return around, times

    def _is_page(self, around: int | None, depth: int) -> bool:
        """Whether a list has as many records as the arguments just around it say."""
        if around is None or self.slots[around].depth != depth - 1:
            return False
        return isinstance(getattr(self.slots[around].declared, "source", None), Page | Summary | ByIds)

    def _concrete(self, named: Any) -> Sequence[GraphQLObjectType]:
        if is_object_type(named):
            return [named]
        return self._schema.get_possible_types(named) if is_abstract_type(named) else []

    def _slot(self, definition: GraphQLField, node: FieldNode, declared: StrawberryField, around: int | None) -> Slot:
        slot = Slot(definition, node, declared, len(self.slots), any(variables_in(node.arguments or ())), around)
        self.slots.append(slot)
        return slot


def _is_list(returned: Any) -> bool:
    return is_list_type(get_nullable_type(returned))


def _followed(node: FieldNode) -> list[str]:
    """The variables that stand in the arguments of a field, each once."""
    return list(dict.fromkeys(variables_in(node.arguments or ())))


def variables_in(nodes: Sequence[Node]) -> Iterator[str]:
    """The names of the variables that stand anywhere in some nodes."""
    for node in nodes:
        if isinstance(node, VariableNode):
            yield node.name.value
        for key in node.keys:
            inner = getattr(node, key, None)
            if isinstance(inner, Node):
                yield from variables_in([inner])
            elif isinstance(inner, Sequence) and not isinstance(inner, str):
                yield from variables_in([each for each in inner if isinstance(each, Node)])


def deciding(nodes: Sequence[Node]) -> Iterator[str]:
    """The names of the variables that decide what is selected: those of `@skip`, `@include` and the like."""
    for node in nodes:
        directives = getattr(node, "directives", None)
        if directives:
            yield from variables_in(directives)
        for key in ("selection_set", "selections", "definitions"):
            inner = getattr(node, key, None)
            if isinstance(inner, Node):
                yield from deciding([inner])
            elif inner:
                yield from deciding(inner)
