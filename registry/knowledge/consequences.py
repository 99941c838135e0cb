"""What follows from changes that were done again or undone: computed anew, for the records that they touched alone."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from typing import Any

import orjson
import sqlalchemy as sa
from sqlmodel import Session

from registry import agreements, companies, countries, placements, quotas, sectors, utilisation
from registry.codes import PlacementMeasure
from registry.database import batches
from registry.history import ChangeAction, follow, table_behind
from registry.utilisation import Touched

#: What computes anew what follows from records of a type, and how their keys are read.
_DERIVE: dict[str, tuple[Any, type[int] | type[str]]] = {
    "Agreement": (agreements.derive, int),
    "Company": (companies.derive, int),
    "Country": (countries.derive, str),
    "Quota": (quotas.derive, int),
}

_CODE_LISTS = ("Sector", "Occupation")
_RETURNS = table_behind(placements.PlacementReturn)

#: What the rows of a change say somewhere that tells of another audience.
_AUDIENCE = '"audience"'


class Consequences:
    """The records that changes have touched, noted one change after another."""

    def __init__(self) -> None:
        self._keys: dict[str, set[str]] = defaultdict(set)
        self._sources: set[int] = set()
        self._near: set[Touched] = set()
        self._returns: set[int] = set()
        self._shown_anew: set[int] = set()

    def note(self, change: sa.Row[Any]) -> None:
        """Notes what a change touched; larger records, such as the agreement of an act, for their parts."""
        self._keys[change.record_type].add(change.record_key)
        if change.record_type == "Source":
            for step in orjson.loads(change.rows):
                if step["table"] == _RETURNS.name:
                    self._sources.add(int(change.record_key))
                    self._note_returns(step)
        elif change.subject_type == "Agreement" and change.action is ChangeAction.REVISED and _AUDIENCE in change.rows:
            self.note_shown_anew([int(change.subject_key)])

    def note_shown_anew(self, agreement_ids: Iterable[int]) -> None:
        """Notes that these agreements are shown to others than before."""
        self._shown_anew.update(agreement_ids)

    def _note_returns(self, step: dict[str, Any]) -> None:
        self._returns.update(item["key"]["id"] for item in step.get("revised", ()))
        for row in (*step.get("created", ()), *step.get("removed", ())):
            told = dict(zip(step["columns"], row, strict=True))
            days = (date.fromisoformat(told[name]) for name in ("period_start", "period_end"))
            self._near.add(Touched(told["country_code"], PlacementMeasure[told["measure"]], *days))

    def derive(self, session: Session) -> None:
        """Computes anew what follows from all that was noted."""
        if any(self._keys[kind] for kind in _CODE_LISTS):
            sectors.derive(session)
        for kind, (derive, key) in _DERIVE.items():
            if self._keys[kind]:
                derive(session, [key(each) for each in self._keys[kind]])
        if self._sources:
            placements.roll_up(session, sorted(self._sources))
            utilisation.derive_near(session, self._near | self._revised(session))
        utilisation.derive_under(session, self._shown_anew)
        follow(session, self._keys)

    def _revised(self, session: Session) -> set[Touched]:
        columns = sa.select(*(_RETURNS.c[name] for name in Touched._fields))
        return {
            Touched(*row)
            for batch in batches(self._returns)
            for row in session.execute(columns.where(_RETURNS.c.id.in_(batch)))
        }
