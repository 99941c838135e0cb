"""What a document may hold, counted before GraphQL looks at it: its rules take the square of what is repeated in it.

Each fragment is counted once, however often and however deep it is spread, so that counting takes no longer than
reading the document does.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
    parse,
)

from registry.errors import TooLarge
from registry.settings import Settings

#: Operations and fragments of a document, spreads of fragments, variables of an operation, and fields of its root.
MOST_DEFINITIONS, MOST_SPREADS, MOST_VARIABLES, MOST_ROOTS = 200, 500, 200, 200

#: Pairs of fields under one name in one place of an answer. GraphQL compares each with each.
MOST_REPEATS = 5_000

#: Brackets inside brackets that a document cannot be read with, at the least.
_TOO_DEEP = 100

#: Values in variables up to which they are looked at on the event loop.
_FEW_VALUES = 100

#: Numbers that are told; fragments inside fragments can come to any.
_TOLD = 1_000_000_000

_HINTS = {
    "tokens": "Ask in several queries, and hand over values as variables.",
    "characters": "Ask in several queries, and hand over values as variables.",
    "repeated fields": "Ask for a field once, or under other names by aliases.",
}
_SMALLER = "Ask in several queries."


@dataclass(frozen=True)
class _Size:
    """What a selection comes to with all fragments in their places: its fields, and how deep they go."""

    fields: int = 0
    depth: int = 0


@dataclass
class _Counts:
    """What is counted of a document as it is written."""

    fragments: dict[str, FragmentDefinitionNode]
    sizes: dict[str, _Size] = field(default_factory=dict)
    aliases: int = 0
    directives: int = 0
    spreads: int = 0
    cyclic: bool = False

    def of_selections(self, selections: Sequence[object]) -> _Size:
        fields = depth = 0
        for node in selections:
            size = self._of(node)
            fields, depth = fields + size.fields, max(depth, size.depth)
        return _Size(fields, depth)

    def _of(self, node: object) -> _Size:
        if isinstance(node, FragmentSpreadNode):
            self.spreads += 1
            self.directives += len(node.directives or ())
            return self.of_fragment(node.name.value)
        assert isinstance(node, FieldNode | InlineFragmentNode)
        self.directives += len(node.directives or ())
        inner = self.of_selections(node.selection_set.selections) if node.selection_set else _Size()
        if isinstance(node, InlineFragmentNode):
            return inner
        self.aliases += node.alias is not None
        return _Size(inner.fields + 1, inner.depth + 1)

    def of_fragment(self, name: str) -> _Size:
        """The size of a fragment; nothing for one that is not there, or that is being counted: a rule refuses both."""
        if name not in self.sizes and name in self.fragments:
            self.sizes[name] = _Size(depth=-1)
            fragment = self.fragments[name]
            self.directives += len(fragment.directives or ())
            self.sizes[name] = self.of_selections(fragment.selection_set.selections)
        size = self.sizes.get(name, _Size())
        if size.depth < 0:
            self.cyclic = True
            return _Size()
        return size


def parsed(query: str, most_tokens: int) -> DocumentNode:
    """A document as it is read. Raises `TooLarge` for one of more words and signs, `GraphQLError` for what is none."""
    _check("characters", len(query), most_tokens * 10)
    try:
        return parse(query, max_tokens=most_tokens)
    except GraphQLError as error:
        if "tokens" in error.message and "more than" in error.message:
            raise too_large("tokens", most_tokens + 1, most_tokens) from None
        if "nested too deeply" in error.message:
            raise too_large("depth", _TOO_DEEP, _TOO_DEEP - 1) from None
        raise


def check(document: DocumentNode, settings: Settings) -> None:
    """Raises `TooLarge` for a document that holds more than it may."""
    _check("definitions", len(document.definitions), MOST_DEFINITIONS)
    fragments = {node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)}
    operations = [node for node in document.definitions if isinstance(node, OperationDefinitionNode)]
    counts, fields = _Counts(fragments), 0
    for name in fragments:
        counts.of_fragment(name)
    for operation in operations:
        variables = operation.variable_definitions or ()
        _check("variables", len(variables), MOST_VARIABLES)
        counts.directives += len(operation.directives or ()) + sum(len(each.directives or ()) for each in variables)
        size = counts.of_selections(operation.selection_set.selections)
        fields += size.fields
        _check("depth", size.depth, settings.query_depth_max)
    deepest = max((size.depth for size in counts.sizes.values()), default=0)
    _check("depth", deepest, settings.query_depth_max)
    _check("fields", max(fields, *(size.fields for size in counts.sizes.values()), 0), settings.query_fields_max)
    _check("aliases", counts.aliases, settings.query_aliases_max)
    _check("directives", counts.directives, settings.query_directives_max)
    _check("spreads of fragments", counts.spreads, MOST_SPREADS)
    if not counts.cyclic:
        for operation in operations:
            roots, repeats = _repeats([operation.selection_set], fragments)
            _check("root fields", roots, MOST_ROOTS)
            _check("repeated fields", repeats, MOST_REPEATS)


def _repeats(sets: Sequence[SelectionSetNode], fragments: dict[str, FragmentDefinitionNode]) -> tuple[int, int]:
    """How many names there are in selections that come together, and how many pairs of fields bear one, inside too."""
    together: dict[str, list[SelectionSetNode]] = {}
    numbers: Counter[str] = Counter()
    for node in _fields(sets, fragments):
        key = (node.alias or node.name).value
        numbers[key] += 1
        inner = together.setdefault(key, [])
        if node.selection_set:
            inner.append(node.selection_set)
    own = sum(number * (number - 1) // 2 for number in numbers.values())
    return len(numbers), own + sum(_repeats(inner, fragments)[1] for inner in together.values() if inner)


def _fields(sets: Sequence[SelectionSetNode], fragments: dict[str, FragmentDefinitionNode]) -> Iterator[FieldNode]:
    """The fields of selections, those of fragments among them, each fragment once."""
    spread: set[str] = set()
    waiting = [node for each in reversed(sets) for node in reversed(each.selections)]
    while waiting:
        node = waiting.pop()
        if isinstance(node, FieldNode):
            yield node
        elif isinstance(node, InlineFragmentNode):
            waiting += reversed(node.selection_set.selections)
        elif isinstance(node, FragmentSpreadNode) and node.name.value not in spread:
            spread.add(node.name.value)
            if node.name.value in fragments:
                waiting += reversed(fragments[node.name.value].selection_set.selections)


def _check(what: str, found: int, most: int) -> None:
    if found > most:
        raise too_large(what, found, most)


def too_large(what: str, found: int, most: int) -> TooLarge:
    """The refusal of a document that has more of something than it may."""
    told = f"{found:,}" if found <= _TOLD else f"more than {_TOLD:,}"
    said = f"The document has {told} {what}; one may have {most:,}."
    if what == "depth":
        said = f"The document has fields inside fields {told} deep; they may go {most:,} deep."
        said = said if found != _TOO_DEEP else "The document has brackets inside brackets too deep to be read."
    details = {"counted": what, "found": min(found, _TOLD), "limit": most}
    return TooLarge(said, hint=_HINTS.get(what, _SMALLER), details=details)


def count_values(variables: object, most: int) -> int:
    """The values in some variables, those in lists and objects included; it stops where they are more than `most`."""
    found, waiting = 0, [variables]
    while waiting and found <= most:
        each = waiting.pop()
        inner = each.values() if isinstance(each, dict) else each if isinstance(each, list) else ()
        found += len(inner)
        waiting += [value for value in inner if isinstance(value, dict | list)]
    return found


def are_many(variables: Mapping[str, Any]) -> bool:
    """Whether variables hold more values than should be looked at on the event loop."""
    for value in variables.values():
        if isinstance(value, dict | list):
            return count_values(variables, _FEW_VALUES) > _FEW_VALUES
    return len(variables) > _FEW_VALUES


def check_values(variables: object, settings: Settings) -> None:
    """Raises `TooLarge` for variables that hold more values than they may."""
    most = settings.query_variable_values_max
    found = count_values(variables, most)
    if found > most:
        details = {"counted": "values of variables", "limit": most}
        said = f"The variables have more than {most:,} values."
        raise TooLarge(said, hint="Send them in several requests.", details=details)
