"""Returns that may count the same people are found among many, as if each were held against each."""

import random
from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest

from registry.placements import Frequency
from registry.placements.overlaps import DIMENSIONS, MONTHS, Standing

RELATED = {
    "sector_code": {"F": {"F", "41", "42"}, "41": {"F", "41"}, "42": {"F", "42"}, "A": {"A"}},
    "occupation_code": {"2": {"2", "22"}, "22": {"2", "22"}},
}


def made(chance: random.Random) -> Any:
    frequency = chance.choice([*Frequency])
    first = chance.randrange(0, 12, MONTHS[frequency]) + 1
    values: dict[str, list[Any]] = {
        "sector_code": ["F", "41", "42", "A"],
        "company_id": [1, 2],
        "agreement_id": [1, 2],
        "occupation_code": ["2", "22", "3"],
        "sex": ["FEMALE", "MALE"],
        "channel": ["DIRECT", "STATE_AGENCY"],
    }
    stated = {name: chance.choice(values[name]) if chance.random() < 0.6 else None for name in DIMENSIONS}
    return SimpleNamespace(period_start=date(chance.choice((2023, 2024)), first, 1), frequency=frequency, **stated)


def overlap(one: Any, other: Any) -> bool:
    """Whether two returns may count the same people, said plainly."""
    months = [
        {(row.period_start.year, row.period_start.month + month) for month in range(MONTHS[row.frequency])}
        for row in (one, other)
    ]
    return bool(months[0] & months[1]) and all(
        getattr(one, name) is None
        or getattr(other, name) is None
        or getattr(one, name) == getattr(other, name)
        or getattr(other, name) in RELATED.get(name, {}).get(getattr(one, name), ())
        for name in DIMENSIONS
    )


@pytest.mark.parametrize("seed", range(20))
def test_the_first_return_that_overlaps_is_found(seed: int) -> None:
    chance = random.Random(seed)
    rows = [made(chance) for _ in range(chance.choice((5, 60)))]
    standing = Standing(rows, RELATED)

    for place, row in enumerate(rows):
        assert standing.overlapped(place) is next((other for other in rows[:place] if overlap(other, row)), None)
