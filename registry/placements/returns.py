"""How placement returns are reported: so many people, one measure, one period, one destination."""

import calendar
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlmodel import SQLModel

from registry import inputs, sectors, sources, utilisation
from registry.codes import PlacementMeasure
from registry.dates import UncertainDate, parse_edtf
from registry.errors import BadInput, Conflict
from registry.history import Changes
from registry.placements import sums
from registry.placements.tables import Frequency, PlacementChannel, PlacementReturn, Sex


@dataclass(frozen=True)
class Counted:
    """So many people as a return counts them; codes and references name its dimensions, null leaves one open."""

    period: str
    country: str
    people: int
    measure: PlacementMeasure = PlacementMeasure.DEPARTED
    sector: str | None = None
    company: str | None = None
    agreement: str | None = None
    occupation: str | None = None
    sex: Sex | None = None
    channel: PlacementChannel | None = None


@dataclass(frozen=True)
class Reported:
    """The returns that a report brought, in its order; how many of them are new, and how many took a new number."""

    returns: Sequence[PlacementReturn]
    created: int
    revised: int

    @property
    def accepted(self) -> int:
        """How many they are."""
        return len(self.returns)


def report(changes: Changes, *, source: str, placements: Sequence[Counted]) -> Reported:
    """Records the returns of one source; those on record of the same source, period, measure, destination and
    dimensions take the new number. The sums kept beside the returns follow.

    Refuses with `Conflict` where a return overlaps another, on record or in the report, so that totals would count
    people twice; with `NotFound` and `BadInput`, with a path such as `placements.7.country`.
    """
    with inputs.checked():
        source_id = inputs.id_of(changes, "source", source, "source")
        rows = _checked(changes, source_id, placements)
    new: dict[int, PlacementReturn] = {}
    changed: list[tuple[PlacementReturn, int]] = []
    for place, row in enumerate(rows):
        held = changes.session.scalars(_SAME, {name: getattr(row, name) for name in _SCOPE}).one_or_none()
        if held is None:
            new[place] = row
            changed.append((row, row.people))
        elif held.people != row.people:
            changed.append((held, row.people - held.people))
            held.people = row.people
        rows[place] = held or row
    changes.session.add_all(new.values())
    changes.session.flush()
    with inputs.checked():
        for place, row in new.items():
            _check_overlap(changes, row, ("placements", str(place)))
    sums.add(changes.session, changed)
    utilisation.derive_near(
        changes.session,
        (utilisation.Touched(row.country_code, row.measure, row.period_start, row.period_end) for row, _ in changed),
    )
    return Reported(rows, len(new), len(changed) - len(new))


def _checked(changes: Changes, source_id: int, placements: Sequence[Counted]) -> list[PlacementReturn]:
    find = _Names(changes)
    rows = []
    places: dict[Counted, int] = {}
    for place, counted in enumerate(placements):
        path = ("placements", str(place))
        row = _row(counted, source_id, find, path)
        # What it was said with, as what could not be read all looks alike by now.
        alike = replace(counted, people=0, period=f"{row.period_start}/{row.period_end}")
        first = places.setdefault(alike, place)
        if first != place and row.period_start != date.min:
            message = f"The report gives this return twice, first as number {first + 1}."
            inputs.refuse(Conflict(message, path=path, hint="Leave one of the two out."))
        rows.append(row)
    return rows


class _Names:
    """Looks up names and codes, each once for a report."""

    def __init__(self, changes: Changes) -> None:
        self.changes = changes
        self.found: dict[tuple[str, str | None], Any] = {}

    def __call__(self, table: str, name: str | None, *path: str) -> Any:
        if not self.found.get((table, name)):
            look_up = inputs.id_or_none if table in ("company", "agreement") else inputs.code_or_none
            self.found[table, name] = None if name is None else look_up(self.changes, table, name, *path)
        return self.found[table, name]


def _row(counted: Counted, source_id: int, find: _Names, path: tuple[str, ...]) -> PlacementReturn:
    start, end, frequency = _whole_period(counted.period, *path, "period")
    return PlacementReturn(
        source_id=source_id,
        period=counted.period,
        period_start=start,
        period_end=end,
        frequency=frequency,
        measure=counted.measure,
        country_code=find("country", counted.country, *path, "country"),
        people=inputs.count(counted.people, *path, "people"),
        sector_code=find("sector", counted.sector, *path, "sector"),
        company_id=find("company", counted.company, *path, "company"),
        agreement_id=find("agreement", counted.agreement, *path, "agreement"),
        occupation_code=find("occupation", counted.occupation, *path, "occupation"),
        sex=counted.sex,
        channel=counted.channel,
    )


_LONGER = {3: Frequency.QUARTER, 6: Frequency.HALF_YEAR, 12: Frequency.YEAR}
_FREQUENCIES = {1: Frequency.MONTH, **_LONGER}  # by months


def _whole_period(edtf: str, *path: str) -> tuple[date, date, Frequency]:
    """First and last day of a month, quarter, half-year or year, and which of these it is; refuses with `BadInput`."""
    try:
        days = parse_edtf(edtf)
    except BadInput:
        days = UncertainDate(edtf, None, None)
    start, end = days.earliest, days.latest
    if start and end and re.fullmatch("[0-9/-]+", edtf) and start.year == end.year:
        months = end.month - start.month + 1
        whole = start.day == 1 and end.day == calendar.monthrange(end.year, end.month)[1]
        if whole and months in _FREQUENCIES and (start.month - 1) % months == 0:
            return start, end, _FREQUENCIES[months]
    hint = "Give 2024-01, 2024-01/2024-03, 2024-01/2024-06, 2024 or the like."
    message = f"“{inputs.shown(edtf)}” is no month, quarter, half-year or year."
    inputs.refuse(BadInput(message, path=path, hint=hint))
    return date.min, date.max, Frequency.YEAR


_T = SQLModel.metadata.tables["placement_return"].c
_SCOPE = (
    *("source_id", "measure", "country_code", "period_start", "period_end"),
    *("sector_code", "company_id", "agreement_id", "occupation_code", "sex", "channel"),
)
_SAME = sa.select(PlacementReturn).where(
    *(_T[name].is_not_distinct_from(sa.bindparam(name, type_=_T[name].type)) for name in _SCOPE)
)


def _meets(name: str, parts: str | None = None) -> sa.ColumnElement[bool]:
    """That a return on record and the one asked about may count the same people, as far as one dimension tells.

    `parts` is the table that says which codes of the dimension cover which.
    """
    column, asked = _T[name], sa.bindparam(name, type_=_T[name].type)
    if parts is None:
        return asked.is_(None) | column.is_(None) | (column == asked)
    part = SQLModel.metadata.tables[parts].c
    below = sa.select(part.part_code).where(part.whole_code == asked)
    above = sa.select(part.whole_code).where(part.part_code == asked)
    return asked.is_(None) | column.is_(None) | column.in_(below) | column.in_(above)


def _clash() -> sa.CompoundSelect[Any]:
    """A return on record, or earlier in the report, that overlaps the one asked about.

    Whole periods either begin within the one asked about or are longer and hold it, and then begin on the first day of
    its quarter, half-year or year: so the index on the scope leads straight to the few rows in question.
    """
    first, last = (sa.bindparam(name, type_=sa.Date) for name in ("period_start", "period_end"))
    begins = [sa.bindparam(frequency.name, type_=sa.Date) for frequency in _LONGER.values()]
    source = SQLModel.metadata.tables[str(sources.Source.__tablename__)].c
    overlapping = (
        sa.select(source.reference, _T.period, _T.people)
        .join_from(_T.id.table, source.id.table, source.id == _T.source_id)
        .where(
            _T.country_code == sa.bindparam("country_code"),
            _T.measure == sa.bindparam("measure", type_=_T.measure.type),
            _T.id < sa.bindparam("id", type_=sa.Integer),
            *(_meets(name) for name in ("company_id", "agreement_id", "sex", "channel")),
            _meets("sector_code", str(sectors.SectorPart.__tablename__)),
            _meets("occupation_code", str(sectors.OccupationPart.__tablename__)),
        )
    )
    within = overlapping.where(_T.period_start.between(first, last))
    around = overlapping.where(_T.period_start.in_(begins), _T.frequency.in_(_LONGER.values()), _T.period_end >= first)
    return within.union_all(around).limit(1)


_CLASH = _clash()


def _check_overlap(changes: Changes, row: PlacementReturn, path: tuple[str, ...]) -> None:
    start = row.period_start
    begins = {
        frequency.name: start.replace(month=(start.month - 1) // months * months + 1)
        for months, frequency in _LONGER.items()
    }
    asked = {name: getattr(row, name) for name in (*_SCOPE, "id")} | begins
    del asked["source_id"]
    clash = changes.session.execute(_CLASH, asked).first()
    if clash is not None:
        reference, period, people = clash
        message = (
            f"The return for {row.country_code}, {row.measure}, {row.period} overlaps that of {reference} for "
            f"{period} ({people} people): their total would count people twice."
        )
        hint = "Report parts that do not overlap, or state the same dimensions and period as the return on record."
        inputs.refuse(Conflict(message, path=path, hint=hint))
