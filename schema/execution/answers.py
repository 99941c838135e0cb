"""Answers given before, for as long as nothing has been committed since.

An answer is kept under everything that it depends on but the records: the question, its variables, the legal day and
the audiences of whoever asks. It holds while the version of the database is the one that was read before the answer was
worked out; so it is never older than a commit that was acknowledged before the question came.
"""

from collections import OrderedDict
from collections.abc import Hashable, Mapping
from typing import Any

import orjson


class Answers:
    """The answers used last, up to a number of bytes; none of an earlier version of the database."""

    def __init__(self, most_bytes: int) -> None:
        self.hits = self.misses = 0
        self._most = most_bytes
        self._bytes = 0
        self._version: int | None = None
        self._kept: OrderedDict[Hashable, bytes] = OrderedDict()

    def __len__(self) -> int:
        return len(self._kept)

    def get(self, question: Hashable, version: int) -> bytes | None:
        """The answer to a question that still holds at this version of the database, or None."""
        answer = self._kept.get(question) if version == self._version else None
        if answer is None:
            self.misses += 1
        else:
            self.hits += 1
            self._kept.move_to_end(question)
        return answer

    def keep(self, question: Hashable, version: int, answer: bytes) -> None:
        """Keeps an answer worked out after `version` was read, and forgets what is older or does not fit."""
        if self._version is not None and version < self._version:
            return
        if version != self._version:
            self._kept.clear()
            self._version, self._bytes = version, 0
        if len(answer) > self._most // 8 or question in self._kept:
            return
        self._kept[question] = answer
        self._bytes += len(answer) + OVERHEAD
        while self._bytes > self._most:
            _, gone = self._kept.popitem(last=False)
            self._bytes -= len(gone) + OVERHEAD


#: Bytes that keeping an answer takes beside the answer itself: its question, on an average.
OVERHEAD = 1_000

#: Questions longer than this are not kept, as they would outweigh their answers.
LONGEST_QUESTION = 4_000


def question(query: str, variables: Mapping[str, Any] | None, operation_name: str | None, seen: Hashable) -> Hashable:
    """What an answer is kept under, `seen` being the day that it is of and who may see it.

    None for a question that is too long to keep, or no JSON.
    """
    try:
        asked = orjson.dumps(variables) if variables else b""
    except TypeError:
        return None
    if len(query) + len(asked) > LONGEST_QUESTION:
        return None
    return query, asked, operation_name, seen
