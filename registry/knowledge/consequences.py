"""What follows from changes that were done again or undone: computed anew, for the records that they touched alone."""

from collections import defaultdict
from typing import Any

import orjson
import sqlalchemy as sa
from sqlmodel import Session

from registry import agreements, companies, countries, placements, quotas, sectors

#: What computes anew what follows from records of a type, and how their keys are read.
_DERIVE: dict[str, tuple[Any, type[int] | type[str]]] = {
    "Agreement": (agreements.derive, int),
    "Company": (companies.derive, int),
    "Country": (countries.derive, str),
    "Quota": (quotas.derive, int),
}

_CODE_LISTS = ("Sector", "Occupation")
_RETURNS = "placement_return"


class Consequences:
    """The records that changes have touched, noted one change after another."""

    def __init__(self) -> None:
        self._keys: dict[str, set[str]] = defaultdict(set)
        self._sources: set[int] = set()

    def note(self, change: sa.Row[Any]) -> None:
        """Notes what a change touched; larger records, such as the agreement of an act, for their parts."""
        self._keys[change.record_type].add(change.record_key)
        if change.record_type == "Source" and any(step["table"] == _RETURNS for step in orjson.loads(change.rows)):
            self._sources.add(int(change.record_key))

    def derive(self, session: Session) -> None:
        """Computes anew what follows from all that was noted."""
        for kind, (derive, key) in _DERIVE.items():
            if self._keys[kind]:
                derive(session, [key(each) for each in self._keys[kind]])
        if any(self._keys[kind] for kind in _CODE_LISTS):
            sectors.derive(session)
        if self._sources:
            placements.roll_up(session, sorted(self._sources))
