"""How a row of a file finds the record that it repeats, and whether it says the same."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from registry.access import Audience
from registry.exchange.agreement_cells import Audiences
from registry.exchange.cells import Arguments, arguments_of, blank
from registry.exchange.columns import defaults, is_list, parameters_of
from registry.exchange.held import held
from registry.exchange.lists import Cells
from registry.exchange.sheets import Sheet
from registry.history import Changes, table_behind
from registry.visibility import may_see

Key = tuple[Any, ...]
Content = dict[str, Any]


@dataclass(frozen=True)
class Known:
    """A record on record: its id, its cells, and its content by parameter, in a form that can be compared."""

    id: Any
    cells: Cells
    content: Content


def key_of(sheet: Sheet, arguments: Arguments) -> Key:
    """What a row is found again by."""
    return tuple(arguments.get(name) for name in sheet.key)


def content_of(sheet: Sheet, arguments: Arguments) -> Content:
    """What a row says, with what it leaves to defaults, in a form that two rows can be compared in."""
    stated = defaults(sheet.write)
    content = {name: arguments.get(name, stated[name]) for name in parameters_of(sheet)}
    for name, value in content.items():
        if isinstance(value, Mapping):
            content[name] = tuple(sorted(value.items()))
        elif is_list(parameters_of(sheet)[name]):
            content[name] = _list(sheet, name, value, content)
        elif isinstance(value, str):
            content[name] = value.strip() or None
    return content


def _list(sheet: Sheet, name: str, value: Iterable[Any], content: Content) -> tuple[Any, ...]:
    once = tuple(dict.fromkeys(value))
    if name == "names":  # the name itself is always among them
        return tuple(one for one in once if one != content.get("name"))
    kept_in_order = name not in sheet.lists or "position" in table_behind(sheet.lists[name]).c
    return once if kept_in_order and name != "relations" else tuple(sorted(once, key=str))


def known(changes: Changes, sheet: Sheet, keys: Sequence[Any]) -> dict[Key, list[Known]]:
    """The records whose key begins with one of these references, by their keys, as the actor sees them.

    What they name that the actor may not see is blank, as it is in a file that was exported for the actor: so a row
    that leaves it blank says the same, and one that guesses it says something else.
    """
    found: dict[Key, list[Known]] = {}
    within, seen = list(dict.fromkeys(keys)), audiences(changes)
    for record in held(changes.session.connection(), sheet, within=within, audiences=seen):
        arguments = arguments_of(sheet, {**blank(sheet), **record.cells})
        there = Known(record.id, record.cells, content_of(sheet, arguments))
        found.setdefault(key_of(sheet, arguments), []).append(there)
    return found


def seen_in_part(changes: Changes, sheet: Sheet, key: Any) -> Iterator[Arguments]:
    """What the records whose key begins with this reference say, where they name something the actor may not see."""
    seen = audiences(changes)
    if seen is None:
        return
    for record in held(changes.session.connection(), sheet, within=[key], audiences=seen, in_part=True):
        yield arguments_of(sheet, {**blank(sheet), **record.cells})


def audiences(changes: Changes) -> Audiences:
    """Those whom the actor belongs to; None where these see everything."""
    seen = frozenset(changes.actor.audiences)
    return None if seen == frozenset(Audience) else seen


def on_record(changes: Changes, sheet: Sheet, references: Iterable[str]) -> set[str]:
    """Those of these references that records of the sheet have which the actor may see."""
    table = table_behind(sheet.table)
    column, seen = table.c[sheet.key[0]], may_see(table.name, changes.actor.audiences)
    return set(changes.session.scalars(sa.select(column).where(column.in_(list(references)), seen)))


def differing(one: Content, other: Content) -> list[str]:
    """The parameters that two contents differ in."""
    return [name for name in one if one[name] != other[name]]
