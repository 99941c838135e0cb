"""What an open change has to tell, kept until it is known at which instant: that is only at its end.

The log cannot be altered, so nothing goes into it before.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from hashlib import sha256
from tempfile import SpooledTemporaryFile
from typing import Any

import orjson

from registry.access import Audience
from registry.history.columns import instant_text
from registry.history.shape import Named

#: Bytes that are kept in memory; what is more goes into a file without a name, which ends with the process.
_IN_MEMORY = 32_000_000

Told = dict[str, Any]


class Undated:
    """Changes in the order in which the log will have them, each with the codes of the countries that it concerns.

    Some may become known a moment after those before them; `part` counts these moments.
    """

    def __init__(self) -> None:
        self._kept = SpooledTemporaryFile[bytes](max_size=_IN_MEMORY)
        self._count = 0
        self._told_last: dict[Named, Audience] = {}

    def __len__(self) -> int:
        return self._count

    @property
    def told_last(self) -> Mapping[Named, Audience]:
        """Whom the last change that is told of each record is for."""
        return self._told_last

    def add(self, part: int, change: Told, countries: Iterable[str]) -> None:
        """Keeps a change: all its columns that do not depend on when it becomes known, and on what before it."""
        self._kept.write(orjson.dumps([part, change, sorted(countries)]) + b"\n")
        self._count += 1
        self._told_last[Named(change["record_type"], change["record_key"])] = change["audience"]

    def dated(self, at: datetime, sequence: int, digest: str) -> Iterator[tuple[Told, list[str]]]:
        """The changes with all their columns, the first of them known at an instant.

        They follow on a change of that position and digest.
        """
        self._kept.seek(0)
        for line in self._kept:
            part, change, countries = orjson.loads(line)
            sequence += 1
            change |= {"sequence": sequence, "at": at + timedelta(microseconds=part)}
            change["digest"] = digest = digest_of(digest, change)
            yield change, countries

    def close(self) -> None:
        """Forgets what is kept."""
        self._kept.close()


def digest_of(previous: str, change: Mapping[str, Any]) -> str:
    """The digest of a change: SHA-256 over that of the one before it and over all its columns, in hexadecimal."""
    told = {**change, "at": instant_text(change["at"])}
    told.pop("digest", None)
    return sha256(previous.encode() + orjson.dumps(told, option=orjson.OPT_SORT_KEYS)).hexdigest()
