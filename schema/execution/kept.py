"""Lists that were made before, for as long as nothing has been committed since.

Different questions lead to the same lists: whatever day a page of agreements is asked for, each has the partners that
it has. A list that follows from nothing but the key of its parent is kept under that key, for everybody who may see the
same; so what is read anew of a screen is what has changed in the question, not all of it.

They are kept as bytes, which take little room and give the collector of garbage nothing to walk.

The version of the database is read in the transaction in which all else of the answer is read. So a list is never of
another moment than what stands around it.
"""

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

#: Levels of plans that something is kept for, at most.
MOST_LEVELS = 200

#: Bytes that keeping something takes beside itself: its key and its place.
OVERHEAD = 200


@dataclass(eq=False)
class Shelf:
    """What one level of a plan has made: `made` has it by the key, `longest` is the length of the longest list."""

    made: dict[Any, orjson.Fragment] = field(default_factory=dict)
    longest: int = 0
    size: int = 0


class Kept:
    """What the levels of plans have made for one audience, up to a number of bytes; none of an earlier version."""

    def __init__(self, most_bytes: int) -> None:
        self.hits = self.misses = 0
        self._most = most_bytes
        self._version: int | None = None
        self._size = 0
        self._shelves: OrderedDict[Any, Shelf] = OrderedDict()

    def __len__(self) -> int:
        return sum(len(shelf.made) for shelf in self._shelves.values())

    def at(self, version: int) -> "Kept":
        """The same, with nothing but what was made of this version of the database."""
        if version != self._version:
            self.clear()
            self._version = version
        return self

    def clear(self) -> None:
        """Forgets everything."""
        self._shelves.clear()
        self._version, self._size = None, 0

    def shelf(self, level: Any) -> Shelf:
        """What a level has made."""
        found = self._shelves.get(level)
        if found is None:
            found = self._shelves[level] = Shelf()
            if len(self._shelves) > MOST_LEVELS:
                self._forget()
        self._shelves.move_to_end(level)
        return found

    def keep(self, shelf: Shelf, made: Mapping[Any, Any], longest: int) -> None:
        """Keeps what a level has made, and forgets what other levels have if they have not been used for longest."""
        size = 0
        for key, value in made.items():
            text = orjson.dumps(value)
            shelf.made[key] = orjson.Fragment(text)
            size += len(text) + OVERHEAD
        shelf.longest = max(shelf.longest, longest)
        shelf.size += size
        self._size += size
        while self._size > self._most and self._shelves:
            self._forget()

    def _forget(self) -> None:
        _, gone = self._shelves.popitem(last=False)
        self._size -= gone.size
