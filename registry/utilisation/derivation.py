"""How utilisation is kept beside the quotas, in the transaction of the change that it follows from.

Quotas of one country of destination are worked on together: the returns on it are read once, summed by what any of them
is limited to, and each quota is given the sums near it. Tables are found by name, as quotas and returns, which call
this, stand above it.

What is stored of a quota is told to all who see it, so it follows from what all of them see: a return that names an
agreement hidden from some of them leaves it open. So nobody learns from the answer what such a return names.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date
from itertools import product
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlmodel import Session, SQLModel

from registry.access import PUBLIC, Audience
from registry.codes import PlacementMeasure
from registry.database import batches
from registry.history import RegistryState, table_behind, unlogged
from registry.settings import Settings
from registry.utilisation.rules import MEASURES, Allotted, Outcome, Parts, Placed, Use, objection, use
from registry.utilisation.tables import QuotaUtilisation
from registry.visibility import CLOSED, tells_what_was_closed

_STORED, _STATE = table_behind(QuotaUtilisation), table_behind(RegistryState)

#: What a quota may be limited to.
_LIMITS = ("sector_code", "occupation_code", "agreement_id")

#: A row as it is stored, by the names of its columns.
Row = dict[str, Any]


class Touched(NamedTuple):
    """Returns that are new, changed or gone: of one country of destination and measure, from one day to another."""

    country_code: str
    measure: PlacementMeasure
    period_start: date
    period_end: date


def derive(session: Session, quota_ids: Iterable[int]) -> None:
    """Computes anew how far these quotas are used, and stores it; of one that is gone nothing is left."""
    session.flush()
    quota, ids = _table("quota"), set(quota_ids)
    countries: dict[str, list[int]] = defaultdict(list)
    for batch in batches(ids):
        for number, country in session.execute(
            sa.select(quota.c.id, quota.c.country_code).where(quota.c.id.in_(batch))
        ):
            countries[country].append(number)
    _forget(session, ids.difference(*countries.values()))
    home, parts = _home(session), _parts(session)
    for country, numbers in countries.items():
        _store(session, _derived(session, country, home, parts, numbers))


def derive_near(session: Session, returns: Iterable[Touched]) -> None:
    """The same for all quotas that may count people of these returns."""
    session.flush()
    spans: dict[str, dict[PlacementMeasure, tuple[date, date]]] = defaultdict(dict)
    for touched in returns:
        of_country = spans[touched.country_code]
        first, last = of_country.get(touched.measure, (date.max, date.min))
        of_country[touched.measure] = (min(first, touched.period_start), max(last, touched.period_end))
    derive(session, [number for country, of_country in spans.items() for number in _near(session, country, of_country)])


def derive_under(session: Session, agreement_ids: Iterable[int]) -> None:
    """The same for all quotas that rest on these agreements or may count people under them: others may see them now."""
    session.flush()
    quota, placed = _table("quota"), _table("placement_return")
    resting: list[int] = []
    touched: set[Touched] = set()
    stated = sa.select(*(placed.c[name] for name in Touched._fields)).distinct()
    for batch in batches(agreement_ids):
        resting.extend(session.scalars(sa.select(quota.c.id).where(quota.c.agreement_id.in_(batch))))
        touched.update(Touched(*row) for row in session.execute(stated.where(placed.c.agreement_id.in_(batch))))
    derive(session, resting)
    derive_near(session, touched)


def derive_all(session: Session, home_country: str) -> None:
    """The same for every quota, with this home country, which the state of the registry should then tell."""
    session.flush()
    parts = _parts(session)
    for country in _countries(session):
        _store(session, _derived(session, country, home_country, parts))


def settle(engine: sa.Engine, home_country: str) -> None:
    """Derives everything where it was derived for another home country, or never; no fact changes by it."""
    with Session(engine) as session:
        if _is_settled(session, home_country):
            return
    with unlogged(engine) as session:
        if not _is_settled(session, home_country):  # asked again within: another process may have done it
            derive_all(session, home_country)
            session.execute(sa.update(_STATE).values(home_country=home_country))


def differing(session: Session) -> Iterator[int]:
    """The ids of quotas of which is stored what does not follow from them and the returns."""
    home, parts = _home(session), _parts(session)
    for country in _countries(session):
        afresh = _derived(session, country, home, parts)
        stored = _stored(session, list(afresh))
        yield from (number for number, row in afresh.items() if stored.get(number) != row)


def _is_settled(session: Session, home_country: str) -> bool:
    return all(held == home_country for held in session.scalars(sa.select(_STATE.c.home_country)))


def _home(session: Session) -> str:
    """The home country that utilisation is kept for; before anybody has said, that of the settings' default."""
    held = session.scalar(sa.select(_STATE.c.home_country))
    return held or str(Settings.model_fields["home_country"].default)


def _countries(session: Session) -> Sequence[str]:
    quota = _table("quota")
    return session.scalars(sa.select(quota.c.country_code).distinct().order_by(quota.c.country_code)).all()


def _near(session: Session, country: str, spans: Mapping[PlacementMeasure, tuple[date, date]]) -> Iterator[int]:
    """The quotas on a country whose unit is counted by one of the measures, and whose period meets its span."""
    quota = _table("quota")
    columns = sa.select(quota.c.id, quota.c.unit, quota.c.period_start, quota.c.period_end)
    for number, unit, start, end in session.execute(columns.where(quota.c.country_code == country)):
        of_unit = [spans[measure] for measure in MEASURES.get(unit, ()) if measure in spans]
        if any((start is None or last >= start) and (end is None or first <= end) for first, last in of_unit):
            yield number


def _derived(
    session: Session, country: str, home_country: str, parts: Parts, quota_ids: Collection[int] | None = None
) -> dict[int, Row]:
    """How far the quotas on a country are used, all of them or these, by their ids."""
    quotas = _quotas(session, country, quota_ids)
    compared = [quota for quota in quotas.values() if not objection(quota, home_country)]
    rows = _returns(session, country, compared) if compared else []
    returns = _Returns(rows, parts, _audiences(session, compared, rows))
    return {
        number: _row(number, use(quota, returns.near(quota) if quota.unit in MEASURES else (), parts, home_country))
        for number, quota in quotas.items()
    }


def _row(quota_id: int, found: Use) -> Row:
    return {"quota_id": quota_id, "comparable": found.outcome is Outcome.COMPARABLE, **found._asdict()}


def _quotas(session: Session, country: str, quota_ids: Collection[int] | None) -> dict[int, Allotted]:
    quota, origin = _table("quota"), _table("quota_origin")
    columns = [quota.c[name] for name in Allotted._fields if name != "origins"]
    found: dict[int, Allotted] = {}
    for batch in [None] if quota_ids is None else batches(quota_ids):
        wanted = [quota.c.country_code == country, *([] if batch is None else [quota.c.id.in_(batch)])]
        origins: dict[int, set[str]] = defaultdict(set)
        paired = sa.select(origin).join(quota, quota.c.id == origin.c.quota_id).where(*wanted)
        for number, code in session.execute(paired):
            origins[number].add(code)
        for number, *values in session.execute(sa.select(quota.c.id, *columns).where(*wanted)):
            places, operator, unit, *limits = values
            found[number] = Allotted(places, operator, unit, frozenset(origins[number]), *limits)
    return found


def _returns(session: Session, country: str, quotas: Sequence[Allotted]) -> list[Placed]:
    """The returns on a country that lie near any of these quotas, those that state the same as one."""
    placed = _table("placement_return")
    stated = [placed.c[name] for name in Placed._fields if name != "people"]
    measures = {measure for quota in quotas for measure in MEASURES[quota.unit]}
    starts, ends = [quota.period_start for quota in quotas], [quota.period_end for quota in quotas]
    rows = sa.select(*stated, sa.func.sum(placed.c.people)).where(
        placed.c.country_code == country, placed.c.measure.in_(sorted(measures))
    )
    if None not in starts:  # no return spans two years
        rows = rows.where(placed.c.period_start >= min(start for start in starts if start).replace(month=1, day=1))
    if None not in ends:
        rows = rows.where(placed.c.period_start <= max(end for end in ends if end))
    return [Placed(*row) for row in session.execute(rows.group_by(*stated))]


def _audiences(session: Session, quotas: Iterable[Allotted], rows: Iterable[Placed]) -> dict[int, Audience]:
    """Whom the agreements of quotas and returns may be shown to; those of an earlier state, to whom by now."""
    agreement = _table("agreement").c
    found: dict[int, Audience] = {}
    limits = {quota.agreement_id for quota in quotas} - {None}
    named = limits | {row.agreement_id for row in rows} - {None} if limits else limits
    if not named:
        return {}
    earlier = tells_what_was_closed(session.connection())
    for batch in batches(named):
        found |= dict(session.execute(sa.select(agreement.id, agreement.audience).where(agreement.id.in_(batch))).all())
        closed = sa.select(CLOSED.c.id, CLOSED.c.audience).where(CLOSED.c.name == "agreement", CLOSED.c.id.in_(batch))
        for number, audience in session.execute(closed) if earlier else ():
            found[number] = max(found.get(number, PUBLIC), Audience[audience], key=_ORDER)
    return found


#: Closer audiences come after wider ones.
_ORDER = [*Audience].index


class _Returns:
    """Returns on one country of destination, summed by whatever quotas are limited to: as far as any quota asks.

    `audiences` tells whom the agreements may be shown to that quotas and returns name.
    """

    def __init__(self, rows: Iterable[Placed], parts: Parts, audiences: Mapping[int, Audience]) -> None:
        self._of_year: dict[tuple[PlacementMeasure, int], list[Placed]] = defaultdict(list)
        for row in rows:
            self._of_year[row.measure, row.period_start.year].append(row)
        years = [year for _measure, year in self._of_year] or [0]
        self._years = range(min(years), max(years) + 1)
        self._covered = {"sector_code": parts.sectors, "occupation_code": parts.occupations}
        self._audiences = audiences
        self._sums: dict[tuple[Any, ...], dict[tuple[Any, ...], list[Placed]]] = {}

    def near(self, quota: Allotted) -> Iterator[Placed]:
        """All that may count people of the quota, and little else, as whoever sees the quota may see it."""
        audience = None if quota.agreement_id is None else self._audiences.get(quota.agreement_id, PUBLIC)
        limited = quota.sector_code is not None, quota.occupation_code is not None, audience
        stated = list(product(*(self._may_state(name, getattr(quota, name)) for name in _LIMITS)))
        first = quota.period_start.year if quota.period_start else self._years.start
        until = quota.period_end.year + 1 if quota.period_end else self._years.stop
        for year in range(max(first, self._years.start), min(until, self._years.stop)):
            for measure in MEASURES[quota.unit]:
                sums = self._summed(limited, measure, year)
                for codes in stated:
                    yield from sums.get(codes, ())

    def _may_state(self, name: str, limit: Any) -> set[Any]:
        """What returns near a quota with this limit may state; None stands for nothing, or for anything unlimited."""
        covered = self._covered.get(name, {})
        wholes = (whole for whole, parts in covered.items() if limit in parts)
        return {None, limit, *covered.get(limit, ()), *wholes}

    def _summed(
        self, limited: tuple[bool, bool, Audience | None], measure: PlacementMeasure, year: int
    ) -> dict[tuple[Any, ...], list[Placed]]:
        """The returns of a year by what they state of the dimensions limited, those of one period as one.

        Where the agreement is, by what they state of it to that audience.
        """
        found = self._sums.get((limited, measure, year))
        if found is None:
            by_sector, by_occupation, audience = limited
            hidden = self._hidden_from(audience) if audience else frozenset()
            people: dict[tuple[Any, ...], int] = defaultdict(int)
            for _measure, start, end, sector, occupation, agreement, number in self._of_year.get((measure, year), ()):
                people[
                    start,
                    end,
                    sector if by_sector else None,
                    occupation if by_occupation else None,
                    agreement if audience and agreement not in hidden else None,
                ] += number
            found = defaultdict(list)
            for (start, end, sector, occupation, agreement), number in people.items():
                placed = Placed(measure, start, end, sector, occupation, agreement, number)
                found[sector, occupation, agreement].append(placed)
            self._sums[limited, measure, year] = found
        return found

    def _hidden_from(self, audience: Audience) -> frozenset[int]:
        """The agreements that some of the audience may not see."""
        return frozenset(number for number, its in self._audiences.items() if _ORDER(its) > _ORDER(audience))


def _parts(session: Session) -> Parts:
    def covered(name: str) -> dict[str, frozenset[str]]:
        found: dict[str, set[str]] = defaultdict(set)
        for whole, part in session.execute(sa.select(_table(name).c.whole_code, _table(name).c.part_code)):
            found[whole].add(part)
        return {whole: frozenset(parts) for whole, parts in found.items()}

    return Parts(covered("sector_part"), covered("occupation_part"))


def _store(session: Session, rows: dict[int, Row]) -> None:
    """Stores what is not yet so."""
    stored = _stored(session, list(rows))
    new = [row for number, row in rows.items() if stored.get(number) != row]
    _forget(session, [row["quota_id"] for row in new])
    if new:
        session.execute(sa.insert(_STORED), new)


def _forget(session: Session, quota_ids: Iterable[int]) -> None:
    for batch in batches(quota_ids):
        session.execute(sa.delete(_STORED).where(_STORED.c.quota_id.in_(batch)))


def _stored(session: Session, quota_ids: Sequence[int]) -> dict[int, Row]:
    rows = (
        row
        for batch in batches(quota_ids)
        for row in session.execute(sa.select(_STORED).where(_STORED.c.quota_id.in_(batch))).mappings()
    )
    return {row["quota_id"]: dict(row) for row in rows}


def _table(name: str) -> sa.Table:
    return SQLModel.metadata.tables[name]
