"""Tables of placements, and how they are made of what the selects give."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date as Day
from typing import Any, NamedTuple

from registry.placements import PlacementChannel, PlacementMeasure, Sex
from registry.statistics.asking import COLUMNS, PlacementDimension


class PlacementRow(NamedTuple):
    """One group; the fields of dimensions not grouped by are None, as are those that the returns leave open."""

    people: int
    share: float | None
    year: int | None = None
    quarter: int | None = None
    month: Day | None = None
    country_code: str | None = None
    sector_code: str | None = None
    company_id: int | None = None
    agreement_id: int | None = None
    occupation_code: str | None = None
    sex: Sex | None = None
    channel: PlacementChannel | None = None


@dataclass(frozen=True)
class PlacementTable:
    """Sums over the returns that a filter lets through; what each number counts is said in the published contract."""

    measure: PlacementMeasure
    group_by: tuple[PlacementDimension, ...]
    total: int = 0
    row_count: int = 0
    unallocated: int = 0
    straddling: int = 0
    period_start: Day | None = None
    period_end: Day | None = None
    rows: tuple[PlacementRow, ...] = ()
    source_ids: tuple[int, ...] = ()

    @property
    def period(self) -> str | None:
        """From the first to the last day that the returns cover, in EDTF; None where there are none."""
        return f"{self.period_start}/{self.period_end}" if self.period_start and self.period_end else None


class Tabulation:
    """What makes tables of the rows that the selects of a question give; `columns` names those of the sums."""

    def __init__(
        self, measure: PlacementMeasure, group_by: Sequence[PlacementDimension], columns: Sequence[str]
    ) -> None:
        self._measure, self._group_by = measure, tuple(group_by)
        self._at = {name: place for place, name in enumerate(columns)}
        told = {COLUMNS[dimension] for dimension in group_by} & self._at.keys()
        self._dimensions = [(place, self._at[name]) for place, name in enumerate(PlacementRow._fields) if name in told]

    def tables(
        self, parents: Sequence[Any] | None, sums: Sequence[Any], sources: Sequence[Any]
    ) -> dict[Any, PlacementTable]:
        """What the rows say, for each of the parents, or under the key None where none are named."""
        if parents is None:
            return {None: self._table(sums, tuple(source for (source,) in sources))}
        grouped: defaultdict[Any, list[Any]] = defaultdict(list)
        for row in sums:
            grouped[row[self._at["parent"]]].append(row)
        cited: defaultdict[Any, list[int]] = defaultdict(list)
        for parent, source in sources:
            cited[parent].append(source)
        return {key: self._table(grouped[key], tuple(cited[key])) for key in parents}

    def _table(self, rows: Sequence[Any], source_ids: tuple[int, ...]) -> PlacementTable:
        totals = {name: rows[0][place] for name, place in self._at.items()} if rows else {}
        allotted = totals.get("allotted")
        counted, straddling = totals.get("total", allotted), totals.get("straddling")
        if counted is straddling is None:  # nothing was found: at most one row of nulls
            return PlacementTable(self._measure, self._group_by)
        total = int(counted or 0)
        if self._group_by:
            shown = self._rows(rows, total)
        else:
            shown = [PlacementRow(total, 1.0 if total else None)] if totals["period_start"] else []
        return PlacementTable(
            self._measure,
            self._group_by,
            total=total,
            row_count=int(totals["row_count"]) if self._group_by else len(shown),
            unallocated=total - int(allotted or 0),
            straddling=int(straddling or 0),
            period_start=totals.get("period_start"),
            period_end=totals.get("period_end"),
            rows=tuple(shown),
            source_ids=source_ids,
        )

    def _rows(self, rows: Sequence[Any], total: int) -> list[PlacementRow]:
        at, blank = self._at.get("people"), [None] * len(PlacementRow._fields)
        if at is None:
            return []
        shown = []
        for row in rows:
            if row[at] is not None:
                made: list[Any] = blank.copy()
                made[0] = people = int(row[at])
                made[1] = people / total if total else None
                for place, found in self._dimensions:
                    made[place] = row[found]
                shown.append(PlacementRow._make(made))
        return shown
