"""Lists that were made before, for as long as nothing has been committed since.

Different questions lead to the same lists: whatever day a page of agreements is asked for, each has the partners that
it has. A list that follows from nothing but the key of its parent is kept under that key, for everybody who may see the
same; so what is read anew of a screen is what has changed in the question, not all of it.

The version of the database is read in the transaction in which all else of the answer is read. So a list is never of
another moment than what stands around it.
"""

from collections import OrderedDict
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

#: Values of rows that are kept together, some 60 to 100 bytes each, and levels that they are kept for.
MOST_VALUES, MOST_LEVELS = 200_000, 200


@dataclass(eq=False)
class Shelf:
    """What one level of a plan has made: `made` has it by the key, `longest` is the length of the longest list."""

    made: dict[Any, Any] = field(default_factory=dict)
    longest: int = 0
    values: int = 0


class Kept:
    """What the levels of plans have made for one audience, those used last; none of an earlier version."""

    def __init__(self) -> None:
        self.hits = self.misses = 0
        self._version: int | None = None
        self._values = 0
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
        self._version, self._values = None, 0

    def shelf(self, level: Any) -> Shelf:
        """What a level has made."""
        found = self._shelves.get(level)
        if found is None:
            found = self._shelves[level] = Shelf()
            if len(self._shelves) > MOST_LEVELS:
                self._forget()
        self._shelves.move_to_end(level)
        return found

    def looked(self, found: int, missing: Collection[Any]) -> None:
        """Counts how many were there and how many were not."""
        self.hits += found
        self.misses += len(missing)

    def grew(self, shelf: Shelf, values: int) -> None:
        """Notes that so many more values are kept, and forgets what has not been used for longest if they are many."""
        shelf.values += values
        self._values += values
        while self._values > MOST_VALUES and self._shelves:
            self._forget()

    def _forget(self) -> None:
        _, gone = self._shelves.popitem(last=False)
        self._values -= gone.values
