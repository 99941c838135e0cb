"""Whether returns may count the same people, asked of many at once: by look-ups in memory, not by statements.

Returns of one country of destination and measure stand together. Two of them overlap where their periods do and no
dimension that both state sets them apart; a sector or occupation is also stated by its parts and by its wholes. Whole
periods lie within each other or apart, so that all of this is a matter of equal keys.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date
from itertools import product
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, SQLModel

from registry.codes import PlacementMeasure
from registry.history import table_behind
from registry.placements.tables import Frequency, PlacementReturn

#: What a return may leave open.
DIMENSIONS = ("sector_code", "company_id", "agreement_id", "occupation_code", "sex", "channel")

#: Lengths of periods, in months.
MONTHS = {Frequency.MONTH: 1, Frequency.QUARTER: 3, Frequency.HALF_YEAR: 6, Frequency.YEAR: 12}

_RETURNS = table_behind(PlacementReturn)
_PARTS = {"sector_code": "sector_part", "occupation_code": "occupation_part"}

#: Codes by the dimension, and for each all that cover it or that it covers, itself among them.
Related = Mapping[str, Mapping[str, Collection[str]]]


def on_record(
    session: Session, country_code: str, measure: PlacementMeasure, first: date, last: date
) -> Sequence[sa.Row[Any]]:
    """The returns of one country and measure that lie in the years from the first day to the last, oldest first."""
    begin = first.replace(month=1, day=1)  # no return spans two years
    rows = sa.select(_RETURNS).where(
        _RETURNS.c.country_code == country_code,
        _RETURNS.c.measure == measure,
        _RETURNS.c.period_start.between(begin, last),
    )
    return session.execute(rows.order_by(_RETURNS.c.id)).all()


def related_codes(session: Session) -> Related:
    """Which sectors, and which occupations, cover which or are covered by them."""
    found: dict[str, dict[str, set[str]]] = {}
    for dimension, name in _PARTS.items():
        codes: dict[str, set[str]] = defaultdict(set)
        parts = SQLModel.metadata.tables[name].c
        for whole, part in session.execute(sa.select(parts.whole_code, parts.part_code)):
            codes[whole].add(part)
            codes[part].add(whole)
        found[dimension] = codes
    return found


class Standing:
    """Returns of one country and measure in their order, each of which can be asked for one before it that overlaps."""

    def __init__(self, returns: Sequence[Any], related: Related) -> None:
        self._returns, self._related = returns, related
        self._alike: dict[tuple[Frequency, tuple[str, ...]], list[int]] = defaultdict(list)
        for place, row in enumerate(returns):
            self._alike[row.frequency, _stated(row)].append(place)
        self._first: dict[tuple[Any, ...], dict[tuple[Any, ...], int]] = {}

    def overlapped(self, place: int) -> Any:
        """The first return before the one at this place that may count the same people; None where there is none."""
        row = self._returns[place]
        stated = _stated(row)
        places = [
            found
            for frequency, other in self._alike
            for key in product(
                _starts(row, frequency),
                *(self._may_state(name, getattr(row, name)) for name in stated if name in other),
            )
            if (found := self._firsts(frequency, other, stated).get(key, place)) < place
        ]
        return self._returns[min(places)] if places else None

    def _may_state(self, name: str, value: Any) -> Collection[Any]:
        return self._related[name].get(value, (value,)) if name in self._related else (value,)

    def _firsts(
        self, frequency: Frequency, stated: tuple[str, ...], asked: tuple[str, ...]
    ) -> dict[tuple[Any, ...], int]:
        """Of returns that state the same dimensions, the first with each period and values of those asked for too."""
        both = tuple(name for name in stated if name in asked)
        found = self._first.get((frequency, stated, both))
        if found is None:
            found = self._first[frequency, stated, both] = {}
            names = ("period_start", *both)
            for place in self._alike[frequency, stated]:
                found.setdefault(tuple([getattr(self._returns[place], name) for name in names]), place)
        return found


def _stated(row: Any) -> tuple[str, ...]:
    return tuple([name for name in DIMENSIONS if getattr(row, name) is not None])


def _starts(row: Any, frequency: Frequency) -> Iterator[date]:
    """The first days of the periods of this length that overlap that of a return."""
    months, start = MONTHS[frequency], row.period_start
    first = (start.month - 1) // months * months
    for month in range(first, max(first + 1, start.month - 1 + MONTHS[row.frequency]), months):
        yield start.replace(month=month + 1)
