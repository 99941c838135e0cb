"""How large an answer is, and its bytes in pieces.

A record that stands in several places of an answer is one object there, read once. Only its text is as long as the
places are many: some forty fields can make a gigabyte out of a hundred rows. So they are counted before.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import orjson

from registry.errors import TooLarge

#: Objects that an answer may have, and those up to which it is made into bytes at once.
MOST_OBJECTS, FEW_OBJECTS = 200_000, 2_000

#: Objects that a record is told by, at most: itself, its dates, and what is joined to it.
_EACH = 20

#: Things in a piece of a list.
_PIECE = 100


def check(answer: Any, at_most: int) -> None:
    """Raises `TooLarge` for an answer with more objects than one may have; it has `at_most` so many records."""
    if at_most > MOST_OBJECTS // _EACH and _objects(answer, {}) > MOST_OBJECTS:
        details = {"counted": "objects", "limit": MOST_OBJECTS}
        hint = "Ask for smaller pages by `first`, or for fewer fields inside fields."
        raise TooLarge(f"The answer has more than {MOST_OBJECTS:,} objects.", hint=hint, details=details)


def _objects(value: Any, counted: dict[int, int]) -> int:
    """The objects in a value, each as often as it stands there; looked at once."""
    inner = getattr(value, "answered", value)
    held: Iterable[Any] = ()
    if isinstance(inner, dict):
        held = inner.values()
    elif isinstance(inner, list):
        held = inner
    elif isinstance(inner, orjson.Fragment):
        return orjson.dumps(inner).count(b"{")  # at most; whoever counts what GraphQL walks counts exactly
    elif not isinstance(inner, Mapping):
        return 0
    found = counted.get(id(value))
    if found is None:
        found = isinstance(inner, dict) + sum(_objects(each, counted) for each in held)
        counted[id(value)] = found
    return found


def dumped(answer: Any, at_most: int) -> bytes:
    """An answer as JSON; a large one is made in pieces, between which others have their turn.

    Raises `TooLarge` as `check` does.
    """
    if at_most <= min(FEW_OBJECTS, MOST_OBJECTS // _EACH):
        return orjson.dumps(answer)
    check(answer, at_most)
    return b"".join(_pieces(answer))


def _pieces(value: Any) -> Iterator[bytes]:
    if isinstance(value, dict) and value:
        between = b"{"
        for name, inner in value.items():
            yield between + orjson.dumps(name) + b":"
            yield from _pieces(inner)
            between = b","
        yield b"}"
    elif isinstance(value, list) and len(value) > 1:
        yield b"["
        for start in range(0, len(value), _PIECE):
            yield (b"," if start else b"") + orjson.dumps(value[start : start + _PIECE])[1:-1]
        yield b"]"
    else:
        yield orjson.dumps(value)
