"""How placement returns are reported: so many people, one measure, one period, one destination."""

import calendar
import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import lru_cache
from operator import attrgetter
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, SQLModel

from registry import inputs, sources, utilisation
from registry.codes import PlacementMeasure
from registry.database import batches
from registry.dates import parse_edtf
from registry.errors import BadInput, Conflict, NotFound
from registry.history import Changes, table_behind
from registry.placements import overlaps, sums
from registry.placements.tables import Frequency, PlacementChannel, PlacementReturn, Return, Sex
from registry.visibility import may_see

#: What `withdrawn` says of a return.
WITHDRAWN = "True takes the return back, which was entered by mistake; it is stated as it is on record."


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
    withdrawn: bool = field(default=False, metadata={"meaning": WITHDRAWN})


@dataclass(frozen=True)
class Reported:
    """The returns that a report brought, in its order; how many of them are new, and how many took a new number.

    `withdrawn` are the places of those that were taken back.
    """

    returns: Sequence[Return]
    created: int
    revised: int
    withdrawn: Collection[int] = ()

    @property
    def accepted(self) -> int:
        """How many they are."""
        return len(self.returns)


def report(changes: Changes, *, source: str, placements: Sequence[Counted]) -> Reported:
    """Records the returns of one source; those on record of the same source, period, measure, destination and
    dimensions, as the actor sees them, take the new number, or are taken back where they are `withdrawn`, before any
    other is entered. The sums kept beside the returns follow.

    Refuses with `Conflict` where a return overlaps another, on record or in the report, so that totals would count
    people twice; with `NotFound` and `BadInput`, with a path such as `placements.7.country`.
    """
    with inputs.checked():
        source_id = inputs.id_of(changes, "source", source, "source")
        rows = _checked(changes, source_id, placements)
    withdrawn = frozenset(place for place, counted in enumerate(placements) if counted.withdrawn)
    with inputs.checked():
        held = _held(changes, source, rows, withdrawn)
    new = [row for place, row in enumerate(rows) if place not in held]
    _take_back(changes, [held.pop(place) for place in withdrawn])
    changes.insert(PlacementReturn, [{"id": None, **row._asdict()} for row in new])
    revised = _revise(changes.session, rows, held)
    if withdrawn:  # sums may be of nothing now, or of fewer days
        sums.roll_up(changes.session, [source_id])
    else:
        sums.add(changes.session, [*((row, row.people) for row in new), *revised])
    _use_anew(changes.session, (*new, *(row for row, _ in revised), *(rows[place] for place in withdrawn)))
    return Reported(rows, len(new), len(revised), withdrawn)


def _take_back(changes: Changes, ids: Collection[int]) -> None:
    for batch in batches(ids):
        for row in changes.session.scalars(sa.select(PlacementReturn).where(_T.id.in_(batch))):
            changes.session.delete(row)
    changes.session.flush()


def _revise(session: Session, rows: Sequence[Return], held: Mapping[int, int]) -> list[tuple[Return, int]]:
    """Gives returns on record their new numbers; those that differ, with by how much."""
    revised = []
    for place, former in _loaded(session, held):
        row = rows[place]
        if former.people != row.people:
            revised.append((row, row.people - former.people))
            former.people = row.people
    session.flush()
    return revised


def _use_anew(session: Session, rows: Iterable[Return]) -> None:
    """Computes anew how far quotas are used that may count people of these returns."""
    touched = (utilisation.Touched(row.country_code, row.measure, row.period_start, row.period_end) for row in rows)
    utilisation.derive_near(session, touched)


def _held(changes: Changes, source: str, rows: Sequence[Return], withdrawn: Collection[int]) -> dict[int, int]:
    """Of a report, the places of returns that are on record, and their ids; refuses with `Conflict` what overlaps.

    What is `withdrawn` overlaps nothing; where it is not on record just so, it is refused.
    """
    session = changes.session
    related = overlaps.related_codes(session)
    scopes: dict[tuple[str, PlacementMeasure], list[int]] = defaultdict(list)
    for place, row in enumerate(rows):
        scopes[row.country_code, row.measure].append(place)
    held: dict[int, int] = {}
    for (country, measure), places in scopes.items():
        first, last = min(rows[place].period_start for place in places), max(rows[place].period_end for place in places)
        recorded = overlaps.on_record(session, country, measure, first, last)
        shown = _Shown(changes, recorded)
        held |= {place: found.id for place in places if (found := shown.as_told(rows[place])) is not None}
        going = [place for place in places if place in withdrawn]
        for place in going:
            _check_withdrawn(source, rows[place], shown.as_told(rows[place]), ("placements", str(place)))
        gone = {held.get(place) for place in going}
        staying = [row for row in recorded if row.id not in gone]
        new = [place for place in places if place not in held and place not in withdrawn]
        standing = overlaps.Standing([*staying, *(rows[place] for place in new)], related)
        for number, place in enumerate(new, len(staying)):
            clash = standing.overlapped(number)
            if clash is not None:
                _refuse_overlap(session, source, rows[place], clash, ("placements", str(place)))
    return held


#: What tells returns of one country and measure apart.
_SCOPE = ("source_id", "period_start", "period_end", *overlaps.DIMENSIONS)
_scope = attrgetter(*_SCOPE)


class _Shown:
    """Returns on record, found by what is told of them as the actor sees them: a hidden agreement is left open."""

    def __init__(self, changes: Changes, recorded: Sequence[Any]) -> None:
        self._whole = {_scope(row): row for row in recorded}
        self._in_part: dict[tuple[Any, ...], list[Any]] = defaultdict(list)
        hidden = _hidden(changes, {row.agreement_id for row in recorded} - {None})
        for row in recorded:
            if row.agreement_id in hidden:
                told = tuple([None if name == "agreement_id" else getattr(row, name) for name in _SCOPE])
                self._in_part[told].append(row)

    def as_told(self, row: Return) -> Any:
        """The return on record that is told of; None where there is none, or it is not clear which of several."""
        in_part = self._in_part.get(_scope(row), [])
        alike = [one for one in in_part if one.people == row.people] or in_part * (len(in_part) == 1)
        return self._whole.get(_scope(row), alike[0] if alike else None)


def _hidden(changes: Changes, agreements: Collection[int]) -> set[int]:
    """Those of these agreements that the actor may not see."""
    agreement, seen = SQLModel.metadata.tables["agreement"], may_see("agreement", changes.actor.audiences)
    shown = {
        number
        for batch in batches(agreements)
        for number in changes.session.scalars(sa.select(agreement.c.id).where(agreement.c.id.in_(batch), seen))
    }
    return set(agreements) - shown


def _check_withdrawn(source: str, row: Return, former: Any, path: tuple[str, ...]) -> None:
    """Refuses to take back what is not on record, or is there with another number: it may have been corrected since."""
    said = f"The return of {source} for {row.country_code}, {row.measure}, {row.period}"
    if former is None:
        hint = "State the same source, period, measure, country and dimensions as the return on record."
        inputs.refuse(NotFound(f"{said} is not on record with these dimensions.", path=path, hint=hint))
    elif former.people != row.people:
        message = f"{said} is on record with {former.people} people, not {row.people}."
        hint = "Give the number on record, if it is this return that was entered by mistake."
        inputs.refuse(Conflict(message, path=(*path, "people"), hint=hint))


def _loaded(session: Session, held: Mapping[int, int]) -> Iterator[tuple[int, PlacementReturn]]:
    """The returns on record with these ids, by their places."""
    places = {number: place for place, number in held.items()}
    for batch in batches(places):
        for row in session.scalars(sa.select(PlacementReturn).where(_T.id.in_(batch))):
            yield places[inputs.key(row)], row


def _refuse_overlap(session: Session, source: str, row: Return, clash: Any, path: tuple[str, ...]) -> None:
    reference = source
    if clash.source_id != row.source_id:
        reference = session.get_one(sources.Source, clash.source_id).reference
    message = (
        f"The return for {row.country_code}, {row.measure}, {row.period} overlaps that of {reference} for "
        f"{clash.period} ({clash.people} people): their total would count people twice."
    )
    hint = (
        "Report parts that do not overlap, or state the same dimensions and period as the return on record; if that one"
        " was entered by mistake, report it once more as withdrawn."
    )
    inputs.refuse(Conflict(message, path=path, hint=hint))


def _checked(changes: Changes, source_id: int, placements: Sequence[Counted]) -> list[Return]:
    find = _Names(changes)
    rows = []
    places: dict[Counted, int] = {}
    for place, counted in enumerate(placements):
        path = ("placements", str(place))
        row = _row(counted, source_id, find, path)
        # What it was said with, as what could not be read all looks alike by now.
        alike = replace(counted, people=0, withdrawn=False, period=f"{row.period_start}/{row.period_end}")
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
        self.comparators: frozenset[int] | None = None

    def __call__(self, table: str, name: str | None, *path: str) -> Any:
        if not self.found.get((table, name)):
            look_up = inputs.id_or_none if table in ("company", "agreement") else inputs.code_or_none
            self.found[table, name] = None if name is None else look_up(self.changes, table, name, *path)
        return self.found[table, name]

    def agreement(self, counted: Counted, *path: str) -> Any:
        """The agreement of a return; refuses with `BadInput` one kept for comparison, but for what is taken back."""
        found = self("agreement", counted.agreement, *path)
        if found and not counted.withdrawn and self._is_comparator(found):
            message = f"{counted.agreement} is kept for comparison: people of the home country do not go under it."
            hint = "Returns tell of people of the home country. Name an agreement of that country, or leave this open."
            inputs.refuse(BadInput(message, path=path, hint=hint))
        return found

    def _is_comparator(self, agreement_id: int) -> bool:
        if self.comparators is None:
            agreement = SQLModel.metadata.tables["agreement"].c
            kept = sa.select(agreement.id).where(agreement.comparator)
            self.comparators = frozenset(self.changes.session.scalars(kept))
        return agreement_id in self.comparators


def _row(counted: Counted, source_id: int, find: _Names, path: tuple[str, ...]) -> Return:
    start, end, frequency = _whole_period(counted.period, *path, "period")
    return Return(
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
        agreement_id=find.agreement(counted, *path, "agreement"),
        occupation_code=find("occupation", counted.occupation, *path, "occupation"),
        sex=counted.sex,
        channel=counted.channel,
    )


_T = table_behind(PlacementReturn).c
_FREQUENCIES = {months: frequency for frequency, months in overlaps.MONTHS.items()}


def _whole_period(edtf: str, *path: str) -> tuple[date, date, Frequency]:
    """First and last day of a month, quarter, half-year or year, and which of these it is; refuses with `BadInput`."""
    found = _read_period(edtf)
    if found is not None:
        return found
    hint = "Give 2024-01, 2024-01/2024-03, 2024-01/2024-06, 2024 or the like."
    message = f"“{inputs.shown(edtf)}” is no month, quarter, half-year or year."
    inputs.refuse(BadInput(message, path=path, hint=hint))
    return date.min, date.max, Frequency.YEAR


@lru_cache(maxsize=1_000)
def _read_period(edtf: str) -> tuple[date, date, Frequency] | None:
    try:
        days = parse_edtf(edtf)
    except BadInput:
        return None
    start, end = days.earliest, days.latest
    if start and end and re.fullmatch("[0-9/-]+", edtf) and start.year == end.year:
        months = end.month - start.month + 1
        whole = start.day == 1 and end.day == calendar.monthrange(end.year, end.month)[1]
        if whole and months in _FREQUENCIES and (start.month - 1) % months == 0:
            return start, end, _FREQUENCIES[months]
    return None
