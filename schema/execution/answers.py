"""Answers given before, for as long as nothing has been committed since.

An answer is kept under everything that it depends on but the records: the question, its variables, the legal day and
the audiences of whoever asks. It holds while the version of the database is the one that was read before the answer was
worked out; so it is never older than a commit that was acknowledged before the question came.
"""

from collections import OrderedDict
from collections.abc import Hashable, Mapping
from typing import Any, NamedTuple

import orjson


class Key(NamedTuple):
    """What an answer is kept under: the question, its variables as JSON, and what else it depends on."""

    query: str
    variables: bytes
    operation_name: str | None
    seen: Hashable

    @classmethod
    def of(
        cls, query: str, variables: Mapping[str, Any] | None, operation_name: str | None, seen: Hashable
    ) -> "Key | None":
        """The key of a question, `seen` being the day that it is of and who may see its answer.

        None for a question that is too long to keep, or no JSON.
        """
        try:
            words = orjson.dumps(variables) if variables else b""
        except TypeError:
            return None
        return cls(query, words, operation_name, seen) if len(query) + len(words) <= LONGEST_QUESTION else None

    @property
    def size(self) -> int:
        """How long the question is."""
        return len(self.query) + len(self.variables)


class Answers:
    """The answers used last, up to a number of bytes; none of an earlier version of the database."""

    def __init__(self, most_bytes: int) -> None:
        self.hits = self.misses = 0
        self._most = most_bytes
        self._bytes = 0
        self._version: int | None = None
        self._kept: OrderedDict[Key, bytes] = OrderedDict()

    def __len__(self) -> int:
        return len(self._kept)

    def get(self, question: Key, version: int) -> bytes | None:
        """The answer to a question that still holds at this version of the database, or None."""
        answer = self._kept.get(question) if version == self._version else None
        if answer is None:
            self.misses += 1
        else:
            self.hits += 1
            self._kept.move_to_end(question)
        return answer

    def keep(self, question: Key, version: int, answer: bytes) -> None:
        """Keeps an answer worked out after `version` was read, and forgets what is older or does not fit."""
        if self._version is not None and version < self._version:
            return
        if version != self._version:
            self._kept.clear()
            self._version, self._bytes = version, 0
        if len(answer) > self._most // 8 or question in self._kept:
            return
        self._kept[question] = answer
        self._bytes += OVERHEAD + question.size + len(answer)
        while self._bytes > self._most:
            key, gone = self._kept.popitem(last=False)
            self._bytes -= OVERHEAD + key.size + len(gone)


#: Bytes that keeping an answer takes beside the question and the answer.
OVERHEAD = 400

#: Characters of a question up to which its answer is kept: as many as those of a document that is.
LONGEST_QUESTION = 20_000
