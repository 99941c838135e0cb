"""People over places, and where the two can be compared at all: the rules, as plain functions over plain rows."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from registry.codes import Code, CountedUnit, PlacementMeasure, ValueOperator
from registry.status import Message

#: What is counted for each unit; the first that has returns in the scope of a quota is compared with it.
MEASURES: dict[CountedUnit, tuple[PlacementMeasure, ...]] = {
    CountedUnit.PERSONS: (PlacementMeasure.DEPARTED, PlacementMeasure.ARRIVED, PlacementMeasure.EMPLOYED),
    CountedUnit.VISAS: (PlacementMeasure.VISA_ISSUED,),
    CountedUnit.ENTRIES: (PlacementMeasure.ARRIVED,),
}


class Outcome(Code):
    """Whether the places of a quota can be compared with people counted, or why not."""

    COMPARABLE = "COMPARABLE", "People and places are of the same kind, scope and period."
    PERMITS = "PERMITS", "The quota counts work permits, which no return counts."
    CONSENTS = "CONSENTS", "The quota counts consents of an employment authority, which no return counts."
    JOBS = "JOBS", "The quota counts jobs offered, which no return counts."
    OPEN_TO_ALL = "OPEN_TO_ALL", "The places are open to all countries of origin, the returns count people of one."
    OTHER_ORIGINS = "OTHER_ORIGINS", "The places are not for people of the home country alone."
    CONDITIONAL = "CONDITIONAL", "The quota is limited by a condition that returns do not state."
    NO_PERIOD = "NO_PERIOD", "The period of the quota is not known."
    NO_RETURNS = "NO_RETURNS", "No return within the scope and period of the quota is on record."
    STRADDLING = "STRADDLING", "Returns lie only partly within the period of the quota; people in them: {unclear}."
    LEFT_OPEN = (
        "LEFT_OPEN",
        "Returns leave open the sector, occupation or agreement that limits the quota; people in them: {unclear}.",
    )
    PARTLY_LEFT_OPEN = (
        "PARTLY_LEFT_OPEN",
        "People in returns within the scope of the quota: {counted}. People in returns that leave it open: {unclear}.",
    )


_UNCOUNTED = {
    CountedUnit.PERMITS: Outcome.PERMITS,
    CountedUnit.CONSENTS: Outcome.CONSENTS,
    CountedUnit.JOBS: Outcome.JOBS,
}


class Allotted(NamedTuple):
    """What counts of a quota: its places, what they are counted in, and what they are limited to."""

    places: int
    operator: ValueOperator
    unit: CountedUnit
    origins: frozenset[str]
    condition: str | None
    period_start: date | None
    period_end: date | None
    sector_code: str | None
    occupation_code: str | None
    agreement_id: int | None


class Placed(NamedTuple):
    """People in a return on the quota's country of destination, or in several of them that state the same.

    For a quota that is limited to an agreement, none is stated where it is hidden from some who see the quota.
    """

    measure: PlacementMeasure
    period_start: date
    period_end: date
    sector_code: str | None
    occupation_code: str | None
    agreement_id: int | None
    people: int


@dataclass(frozen=True)
class Parts:
    """Which sectors and which occupations each of them covers, itself among them."""

    sectors: Mapping[str, frozenset[str]]
    occupations: Mapping[str, frozenset[str]]


class Use(NamedTuple):
    """How far places are used. Where they are not comparable no number is given.

    `remaining` is negative where more people were counted than there are places, `share` None where there are no
    places. Both are reckoned from the most places that there may be: where the quota says “at most” or “less than”, no
    more are left and no smaller share is used; where it sets no such bound, both are None. `counted` are people in
    returns within scope and period, `unclear` those in returns of which only some people might belong to it; both None
    where there is nothing to compare with.
    """

    outcome: Outcome
    measure: PlacementMeasure | None = None
    counted: int | None = None
    unclear: int | None = None
    used: int | None = None
    remaining: int | None = None
    share: float | None = None


def objection(quota: Allotted, home_country: str) -> Outcome | None:
    """What stands against comparing a quota with any return; of several the one that is told."""
    if quota.unit in _UNCOUNTED:
        return _UNCOUNTED[quota.unit]
    if not quota.origins:
        return Outcome.OPEN_TO_ALL
    if quota.origins != {home_country}:
        return Outcome.OTHER_ORIGINS
    if quota.condition is not None:
        return Outcome.CONDITIONAL
    if quota.period_start is None and quota.period_end is None:
        return Outcome.NO_PERIOD
    return None


def use(quota: Allotted, returns: Iterable[Placed], parts: Parts, home_country: str) -> Use:
    """How far the places of a quota are used, by the returns on its country of destination."""
    if against := objection(quota, home_country):
        return Use(against)
    tallies = {measure: _Tally() for measure in MEASURES[quota.unit]}
    for placed in returns:
        tally = tallies.get(placed.measure)
        if tally is not None and _overlaps(quota, placed):
            fits = _fits(quota, placed, parts)
            if fits is not None:
                tally.add(placed.people, fits, _is_within(quota, placed))
    near = [(measure, tally) for measure, tally in tallies.items() if tally.near]
    if not near:
        return Use(Outcome.NO_RETURNS)
    measure, best = next((each for each in near if each[1].fitting), near[0])
    outcome = best.outcome()
    if outcome is not Outcome.COMPARABLE:
        return Use(outcome, measure, best.counted, best.unclear)
    most = _most(quota)
    remaining = None if most is None else most - best.counted
    share = best.counted / most if most else None
    return Use(outcome, measure, best.counted, best.unclear, best.counted, remaining, share)


def _most(quota: Allotted) -> int | None:
    """The most places that there may be; None where their number is known from below or about only."""
    if quota.operator in (ValueOperator.EXACT, ValueOperator.AT_MOST):
        return quota.places
    return max(quota.places - 1, 0) if quota.operator is ValueOperator.LESS_THAN else None


#: What `reason` reads of a row.
REASONING = ("outcome", "counted", "unclear")


def reason(found: Any) -> Message | None:
    """Why people and places cannot be compared, from a `Use` or a stored row of one; None where they can."""
    outcome: Outcome = found.outcome
    if outcome is Outcome.COMPARABLE:
        return None
    people = {name: getattr(found, name) for name in ("counted", "unclear") if f"{{{name}}}" in outcome.description}
    return Message(outcome.description, {name: ["number", number] for name, number in people.items()})


class _Tally:
    """Returns of one measure near a quota, and the people in them."""

    def __init__(self) -> None:
        self.near = self.fitting = self.straddling = self.open = self.counted = self.unclear = 0

    def add(self, people: int, fits: bool, within: bool) -> None:
        self.near += 1
        if fits and within:
            self.fitting += 1
            self.counted += people
            return
        self.unclear += people
        if within:
            self.open += 1
        else:
            self.straddling += 1

    def outcome(self) -> Outcome:
        if self.straddling:
            return Outcome.STRADDLING
        if self.open:
            return Outcome.PARTLY_LEFT_OPEN if self.fitting else Outcome.LEFT_OPEN
        return Outcome.COMPARABLE


def _overlaps(quota: Allotted, placed: Placed) -> bool:
    start, end = quota.period_start, quota.period_end
    return (start is None or placed.period_end >= start) and (end is None or placed.period_start <= end)


def _is_within(quota: Allotted, placed: Placed) -> bool:
    start, end = quota.period_start, quota.period_end
    return (start is None or placed.period_start >= start) and (end is None or placed.period_end <= end)


def _fits(quota: Allotted, placed: Placed, parts: Parts) -> bool | None:
    """Whether a return surely states what the quota is limited to, or leaves it open; None where it states another."""
    surely = True
    for limit, stated, covered in (
        (quota.sector_code, placed.sector_code, parts.sectors),
        (quota.occupation_code, placed.occupation_code, parts.occupations),
    ):
        if limit is None or (stated is not None and stated in covered[limit]):
            continue
        if stated is not None and limit not in covered[stated]:
            return None
        surely = False
    if quota.agreement_id is None or quota.agreement_id == placed.agreement_id:
        return surely
    return False if placed.agreement_id is None else None
