"""Synthetic quotas: wholes and their parts, and earlier decisions on some."""

from datetime import date
from functools import cache
from typing import Any

from registry import inputs
from registry.codes import CountedUnit, ValueOperator
from registry.quotas import (
    Quota,
    QuotaBasis,
    QuotaKind,
    QuotaOrigin,
    QuotaRevision,
)
from registry.synthetic.world import HOME, YEARS, Draw, World
from registry.synthetic.writing import MARK

_UNITS = (*(CountedUnit.PERSONS,) * 12, *(CountedUnit.VISAS,) * 2, *CountedUnit)
_KINDS = (*(QuotaKind.CEILING,) * 3, *QuotaKind)
_OPERATORS = (*(ValueOperator.EXACT,) * 12, *ValueOperator)
_FORMS = (*("{0}",) * 8, "{0}-01/{0}-06", "{0}-07/{0}-12", "{0}-04", "{0}/..", "{0}-10-01/{1}-09-30")

#: One quota in so many is a whole, which those after it are parts of.
_WHOLES, _PARTS = 10, 2


def add_quotas(world: World, count: int) -> None:
    """Adds so many quotas."""
    draw = Draw("quotas")
    scope: dict[str, Any] = {}
    whole, places = 0, 0
    for number in range(count):
        is_part = 0 < number % _WHOLES <= _PARTS
        if not is_part:
            scope = _scope(world, draw, number)
            places = draw.log_uniform(20, 20_000)
        limits = {**_limits(world, draw, scope), "part_of_id": whole if is_part else None}
        share = max(1, places // (_PARTS + 1)) if is_part else places
        quota = _add(world, draw, number, scope, limits, share)
        whole = quota if number % _WHOLES == 0 else whole
        if number % 2000 == 0:
            world.writer.tell("Quotas", number, count)
    world.writer.tell("Quotas", count, count)


def _scope(world: World, draw: Draw, number: int) -> dict[str, Any]:
    """What a whole and its parts have in common."""
    code = world.country_of(number, draw)
    year = draw.one(YEARS) + (1 if draw.one_in(8) else 0)
    return {
        "kind": draw.one(_KINDS),
        "country_code": code,
        "agreement_id": draw.one(world.agreements[code]) if world.agreements[code] and draw.one_in(4) else None,
        "unit": draw.one(_UNITS),
        "condition": f"{MARK}: seasonal" if draw.one_in(20) else None,
        "origins": draw.one(([HOME],) * 7 + ([],) * 2 + ([HOME, *draw.some(world.partners, 3)],)),
        **_window(draw.one(_FORMS).format(year, year + 1)),
    }


@cache
def _window(edtf: str) -> dict[str, Any]:
    return inputs.window(edtf)


def _limits(world: World, draw: Draw, scope: dict[str, Any]) -> dict[str, Any]:
    sector = draw.one((None, draw.one(world.divisions), draw.one(world.sections)))
    return {"sector_code": sector, "occupation_code": draw.one(world.occupations) if draw.one_in(12) else None}


def _add(world: World, draw: Draw, number: int, scope: dict[str, Any], limits: dict[str, Any], places: int) -> int:
    by_text = scope["agreement_id"] is not None
    revised = draw.one_in(30)
    year = (scope["period_start"] or date.min).year
    columns = {name: value for name, value in scope.items() if name != "origins"}
    quota = world.writer.add(
        Quota,
        reference=f"synthetic-quota-{number + 1:06}",
        basis=QuotaBasis.AGREEMENT if by_text else draw.one((QuotaBasis.DOMESTIC_RULE, QuotaBasis.EMPLOYER)),
        **columns,
        **limits,
        period_key=scope["period_start"] or date.min,
        operator=draw.one(_OPERATORS),
        places=places,
        **inputs.dated("decided", f"{year}-03" if revised else None),
        version=2 if revised else 1,
    )
    for origin in dict.fromkeys(scope["origins"]):
        world.writer.add(QuotaOrigin, quota_id=quota, country_code=origin)
    world.writer.cite(Quota, quota, world.sources["rules"], f"{places} places")
    if revised:
        _add_revision(world, quota, places, year)
    return quota


def _add_revision(world: World, quota: int, places: int, year: int) -> None:
    former = places * 3 // 4
    revision = world.writer.add(
        QuotaRevision, quota_id=quota, position=0, places=former, **inputs.dated("decided", f"{year - 1}-11")
    )
    words = f"{former} places at first"
    world.writer.cite(QuotaRevision, revision, world.sources["rules"], words, node="Quota", node_id=quota)
