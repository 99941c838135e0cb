"""Lists in a cell: items between ` | `, and pairs such as `UZ=… | DE=…`.

In an item a backslash stands before a bar or a backslash that is part of the text, and before a blank at its edge.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping

from registry.errors import BadInput

#: What a cell holds: text, or in JSON Lines a list.
Cell = str | list[str]
Cells = Mapping[str, Cell]

_TOKEN = re.compile(r"\\[\\|\s]| \| |.", re.DOTALL)
_EDGES = re.compile(r"^\s+|\s+$")


def items(cell: Cell) -> list[str]:
    """The items of a list in a cell."""
    return cell if isinstance(cell, list) else [item for item in _parted(cell) if item]


def joined(listed: Iterable[str]) -> str:
    """The cell that holds these items."""
    return " | ".join(_escaped(item) for item in listed)


def pairs(cell: Cell, column: str, keys: Collection[str]) -> dict[str, list[str]]:
    """The values of a cell such as `UZ=… | DE=…`, by the keys before them; raises `BadInput`."""
    found: dict[str, list[str]] = {}
    for item in items(cell):
        key, sign, value = (part.strip() for part in item.partition("="))
        if key not in keys or not sign:
            hint = f"Give pairs such as {next(iter(keys), 'UZ')}=…; before the sign stands one of: {', '.join(keys)}."
            raise BadInput(f"“{item}” cannot be read.", path=(column,), hint=hint)
        found.setdefault(key, []).append(value)
    return found


def _parted(cell: str) -> Iterator[str]:
    if "\\" not in cell:
        yield from (item.strip() for item in cell.split(" | "))
        return
    tokens: list[str] = []
    for token in [*_TOKEN.findall(cell), " | "]:
        if token == " | ":
            yield _unescaped(tokens)
            tokens = []
        else:
            tokens.append(token)


def _unescaped(tokens: list[str]) -> str:
    """The text that tokens stand for, without the blanks at its edges that no backslash keeps."""
    kept = [place for place, token in enumerate(tokens) if not token.isspace()]
    within = tokens[kept[0] : kept[-1] + 1] if kept else []
    return "".join(token[1:] if len(token) > 1 else token for token in within)


def _escaped(item: str) -> str:
    plain = item.replace("\\", "\\\\").replace("|", "\\|")
    return _EDGES.sub(lambda edge: "".join(f"\\{blank}" for blank in edge[0]), plain)
