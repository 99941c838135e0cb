"""Synthetic placement returns, none of which overlaps another.

All returns of one country, measure and year state the same dimensions, by codes of one level, and have periods of one
length; within a period each states another combination. So no two of them can count the same people.
"""

import calendar
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from registry.placements import Frequency, PlacementChannel, PlacementMeasure, PlacementReturn, Sex
from registry.synthetic.world import YEARS, Draw, World

#: How much each measure has of a hundred returns; what sources call sent has the most by far.
_SHARES = {
    PlacementMeasure.DEPARTED: 90,
    PlacementMeasure.VISA_ISSUED: 4,
    PlacementMeasure.ARRIVED: 3,
    PlacementMeasure.EMPLOYED: 2,
    PlacementMeasure.RETURNED: 1,
}
_MONTHS = {Frequency.MONTH: 1, Frequency.QUARTER: 3, Frequency.YEAR: 12}
_OPEN = {
    "sector_code": None,
    "company_id": None,
    "agreement_id": None,
    "occupation_code": None,
    "sex": None,
    "channel": None,
}
_SECTORS_OF_A_COUNTRY = 20


@dataclass(frozen=True)
class _Period:
    edtf: str
    start: date
    end: date
    frequency: Frequency


def add_returns(world: World, count: int) -> None:
    """Adds so many returns, spread evenly over countries and months."""
    done = 0

    def told() -> Iterator[list[dict[str, Any]]]:
        nonlocal done
        for rows in _by_country(world, count):
            done += len(rows)
            yield rows
            world.writer.tell("Placement returns", done, count)

    world.writer.write(PlacementReturn, told())


def _by_country(world: World, count: int) -> Iterator[list[dict[str, Any]]]:
    draw, number = Draw("returns"), 0
    weights = [2 + 4 * (1 - place / len(world.partners)) for place in range(len(world.partners))]
    for place, (code, total) in enumerate(zip(world.partners, _parted(count, weights), strict=True)):
        rows: list[dict[str, Any]] = []
        for measure, share in zip(_SHARES, _parted(total, list(_SHARES.values())), strict=True):
            for year, of_year in zip(YEARS, _parted(share, [1.0] * len(YEARS)), strict=True):
                rows.extend(_of_year(world, draw, _Group(code, place, measure, year), of_year))
        for row in rows:
            number += 1
            row["id"] = number
        if rows:
            yield rows


def _parted(whole: int, weights: list[float] | list[int]) -> list[int]:
    """`whole` in parts of these weights, which add up to it."""
    total, until, parts = sum(weights), 0.0, []
    for weight in weights:
        before = round(whole * until / total)
        until += weight
        parts.append(round(whole * until / total) - before)
    return parts


@dataclass(frozen=True)
class _Group:
    """Returns of one country, measure and year."""

    country: str
    place: int
    measure: PlacementMeasure
    year: int


def _of_year(world: World, draw: Draw, group: _Group, count: int) -> Iterator[dict[str, Any]]:
    if not count:
        return
    periods = _periods(group.year, _frequency(group))
    counts = _parted(count, [1] * len(periods))
    choices = _choices(world, group, most=max(counts))
    for period, of_period in zip(periods, counts, strict=True):
        common = {
            "source_id": world.sources[f"returns-{group.year}"],
            "period": period.edtf,
            "period_start": period.start,
            "period_end": period.end,
            "frequency": period.frequency,
            "measure": group.measure,
            "country_code": group.country,
            **_OPEN,
        }
        for stated in _combinations(choices, of_period):
            yield {**common, "people": 1 + int(24 * draw.random() ** 2), **stated}


def _frequency(group: _Group) -> Frequency:
    """Months; in early years some countries report by quarter or by year."""
    if group.year < YEARS[2] and group.place % 10 == 3:
        return Frequency.QUARTER
    return Frequency.YEAR if group.year == YEARS[0] and group.place % 10 == 6 else Frequency.MONTH


@cache
def _periods(year: int, frequency: Frequency) -> list[_Period]:
    months, found = _MONTHS[frequency], []
    for first in range(1, 13, months):
        last = first + months - 1
        edtf = {1: f"{year}-{first:02}", 12: f"{year}"}.get(months, f"{year}-{first:02}/{year}-{last:02}")
        end = date(year, last, calendar.monthrange(year, last)[1])
        found.append(_Period(edtf, date(year, first, 1), end, frequency))
    return found


def _choices(world: World, group: _Group, most: int) -> dict[str, list[Any]]:
    """What each dimension is chosen from that the returns of the group state; later years state more."""
    first = group.place * 7 % len(world.divisions)
    sectors = (world.divisions[first:] + world.divisions[:first])[:_SECTORS_OF_A_COUNTRY]
    few: dict[str, list[Any]] = {"sector_code": sectors, "sex": list(Sex), "channel": list(PlacementChannel)}
    some = {**few, "agreement_id": world.own_agreements(group.country)[:25]}
    all_ = {**some, "company_id": world.companies[group.country], "occupation_code": world.occupations}
    stages = [few] * 3 + [some] * 4
    wanted = stages[group.year - YEARS[0]] if group.year - YEARS[0] < len(stages) else all_
    return next(one for one in (wanted, some, all_) if _room(one) >= most or one is all_)


def _room(choices: dict[str, list[Any]]) -> int:
    room = 1
    for items in choices.values():
        room *= max(1, len(items))
    return room


def _combinations(choices: dict[str, list[Any]], count: int) -> Iterator[dict[str, Any]]:
    """So many different combinations, none of them twice: a step through all that is prime to their number."""
    dimensions = [(name, items) for name, items in choices.items() if items]
    room = _room(choices)
    step = next(step for step in range(max(1, int(room * 0.618)), 2 * room + 2) if _are_prime(step, room))
    for place in range(count):
        number, stated = place * step % room, {}
        for name, items in dimensions:
            number, chosen = divmod(number, len(items))
            stated[name] = items[chosen]
        yield stated


def _are_prime(one: int, other: int) -> bool:
    """Whether two numbers have no divisor in common."""
    while other:
        one, other = other, one % other
    return one == 1
