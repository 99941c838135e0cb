"""What the rules compare on a day, and the few days of each act that are enough to show every outcome of it."""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from registry.dates import BEGINNING, day_after, day_before
from registry.status.kinds import LegalActKind
from registry.status.moments import Moment, Moments, Variable
from registry.status.record import Window

#: How often comparisons are handed on from one variable to the next; two undecided acts need once, three twice.
_ROUNDS = 2
#: With more pairs than this they are handed on once: on most days a superset is told then, which none of them changes.
_MANY_PAIRS = 2_000
#: With more days to try than this a superset is told; on the way to all turning days no more are sought.
_MOST_DAYS = 200
_MOST_DAYS_IN_ALL = 2_000
_RECEIPT = {LegalActKind.NOTICE_RECEIVED, LegalActKind.NOTICE_GIVEN}

Pair = tuple[Moment, Moment]
#: Variables, by their index, of which the day is chosen.
Fixed = Mapping[int, date]
#: The first, or the last, day of each stretch that cuts leave of a variable.
Edges = Callable[[Variable, set[date]], list[date]]


@dataclass(frozen=True)
class Scene:
    """The moments that are compared with the day asked for, and the pairs that are compared with each other."""

    deciding: list[Moment]
    pairs: Sequence[Pair]

    def linked(self, fixed: Fixed) -> frozenset[int]:
        """The open variables that are compared with open ones."""
        return frozenset(
            moment.variable.index
            for pair in self.pairs
            if not any(moment.variable.is_precise or moment.variable.index in fixed for moment in pair)
            for moment in pair
        )

    def where(self, fixed: Fixed) -> "Scene":
        """The same where these days are chosen: fewer pairs may come in either order."""
        return Scene(self.deciding, [pair for pair in self.pairs if _is_open(*pair, fixed)])


class Comparisons:
    """The scenes of a case, and the days of its variables that show every order in which their moments may come."""

    def __init__(self, moments: Moments) -> None:
        self.moments = moments
        self.variables = moments.variables
        self._always: dict[tuple[int, ...], tuple[Scene, list[date]]] = {}
        self._ordered = self._dated(moments.ordered())
        self._links = self._linked_from()

    def scene_on(self, day: date) -> Scene:
        """What is compared on `day`: an order is asked for only once both have come, but for receipts of notices."""
        scene, since = self._on_any_day(self.moments.numbers_on(day))
        return Scene(scene.deciding, scene.pairs[: bisect_right(since, day)])

    def least_links_on(self, day: date) -> int:
        """How many undecided acts, or more, have to be told apart by their order on `day`."""
        return bisect_right(self._links, day)

    def turning_days(self) -> list[date]:
        """The days on which what may be may change: those of moments at the ends of a stretch of their variable."""
        scene, _ = self._on_any_day(self.moments.numbers())
        firsts, lasts = self._closed(scene, _firsts, self._uncut(), {}), self._closed(scene, _lasts, self._uncut(), {})
        turns = {m.of(edge) for m in scene.deciding for edge in (*firsts[m.variable.index], *lasts[m.variable.index])}
        # A suspension later than a resumption, or the other way round, may have come a day later.
        return sorted(turns | {day_after(day) for v in self.moments.suspending for day in v.hull})

    def firsts_on(self, day: date, scene: Scene, fixed: Fixed) -> list[list[date]] | None:
        """For each variable the days worth trying on `day`, where some are chosen; None where they are too many."""
        cuts = self._uncut()
        for moment in scene.deciding:
            if moment.variable.index not in fixed:
                _add(cuts, moment, moment.latest_by(day))
        found = self._closed(scene, _firsts, cuts, fixed, most=_MOST_DAYS)
        return None if _number(found) > _MOST_DAYS else found

    def meeting(self, ones: Iterable[Moment], others: Iterable[Moment]) -> list[set[date]]:
        """For each variable the days worth trying where the first moments are compared with the others besides."""
        scene, _ = self._on_any_day(self.moments.numbers())
        far = list(others)
        pairs = [(one, other) for one in ones for other in far if one.variable is not other.variable]
        wide = Scene(scene.deciding, [*scene.pairs, *(pair for pair in pairs if _is_open(*pair, {}))])
        both = (self._closed(wide, edges_of, self._uncut(), {}) for edges_of in (_firsts, _lasts))
        return [{*firsts, *lasts} for firsts, lasts in zip(*both, strict=True)]

    def _on_any_day(self, numbers: tuple[int, ...]) -> tuple[Scene, list[date]]:
        """What is compared on whatever day it be, and for each pair the first day on which it matters."""
        if numbers not in self._always:
            pairs = sorted((*self._ordered, *self._dated(self.moments.counted(numbers))), key=lambda dated: dated[0])
            scene = Scene(self.moments.deciding(numbers), [pair for _, pair in pairs])
            self._always[numbers] = scene, [since for since, _ in pairs]
        return self._always[numbers]

    def _dated(self, pairs: Iterable[Pair]) -> list[tuple[date, Pair]]:
        return [(_since(*pair), pair) for pair in pairs if _is_open(*pair, {})]

    def _linked_from(self) -> list[date]:
        """For each variable that is ordered against another, the first day on which it is, soonest first."""
        first: dict[int, date] = {}
        for since, pair in self._ordered:
            if not any(moment.variable.is_precise for moment in pair):
                for moment in pair:
                    first[moment.variable.index] = min(since, first.get(moment.variable.index, since))
        return sorted(first.values())

    def _uncut(self) -> list[set[date]]:
        return [set() for _ in self.variables]

    def _closed(
        self, scene: Scene, edges_of: Edges, cuts: list[set[date]], fixed: Fixed, most: int = _MOST_DAYS_IN_ALL
    ) -> list[list[date]]:
        """The days of each variable at which another lets it be no earlier (or, by its last days, no later).

        Of two choices of days in which moments come in the same order, the earlier day of each variable, and the later
        of each, make a choice with that order too. So whatever order may be is that of a choice in which no day can be
        earlier: each is the first of its window, the first after the day asked for, or the first not before, or after,
        a moment of another variable in that choice. Once there are more days than `most`, no further ones are sought.
        """
        found = [
            [fixed[v.index]] if v.index in fixed else edges_of(v, cut)
            for v, cut in zip(self.variables, cuts, strict=True)
        ]
        for _ in range(_rounds(scene, fixed)):
            if _number(found) > most:
                break
            for one, other in scene.pairs:
                if one.variable.index not in fixed:
                    _cut(cuts, one, other, found)
                if other.variable.index not in fixed:
                    _cut(cuts, other, one, found)
            found = [
                known if v.index in fixed else edges_of(v, cut)
                for v, cut, known in zip(self.variables, cuts, found, strict=True)
            ]
        return found


def _number(days: list[list[date]]) -> int:
    """How many days there are beside one for each variable."""
    return sum(len(each) - 1 for each in days)


def _rounds(scene: Scene, fixed: Fixed) -> int:
    """How often to hand comparisons on: along a chain of all that are compared, if that is not too often."""
    if not scene.pairs:
        return 0
    return 1 if len(scene.pairs) > _MANY_PAIRS else min(max(1, len(scene.linked(fixed)) - 1), _ROUNDS)


def _is_open(one: Moment, other: Moment, fixed: Fixed) -> bool:
    """Whether the two moments may come in either order."""
    (low, high), (other_low, other_high) = _hull(one, fixed), _hull(other, fixed)
    return low <= other_high and other_low <= high and not (low == high and other_low == other_high)


def _hull(moment: Moment, fixed: Fixed) -> Window:
    day = fixed.get(moment.variable.index)
    if day is None:
        return moment.hull
    return moment.of(day), moment.of(day)


def _since(one: Moment, other: Moment) -> date:
    """The first day on which the order of two moments may matter."""
    first = min if {one.variable.deed.kind, other.variable.deed.kind} == _RECEIPT else max
    return first(one.hull[0], other.hull[0])


def _add(cuts: list[set[date]], moment: Moment, cut: date | None) -> None:
    if cut is not None:
        cuts[moment.variable.index].add(cut)


def _cut(cuts: list[set[date]], moment: Moment, other: Moment, edges: list[list[date]]) -> None:
    """Cut the variable of `moment` where its order against `other` changes."""
    if moment.variable.is_precise:
        return
    for edge in edges[other.variable.index]:
        value = other.of(edge)
        _add(cuts, moment, moment.latest_by(value))
        if value > BEGINNING:
            _add(cuts, moment, moment.latest_by(day_before(value)))


def _firsts(variable: Variable, cuts: set[date]) -> list[date]:
    """The first day of each stretch between cuts."""
    starts: set[date] = set()
    for low, high in variable.windows:
        starts.add(low)
        starts.update(day_after(cut) for cut in cuts if low <= cut < high)
    return sorted(starts)


def _lasts(variable: Variable, cuts: set[date]) -> list[date]:
    """The last day of each stretch between cuts."""
    ends: set[date] = set()
    for low, high in variable.windows:
        ends.add(high)
        ends.update(cut for cut in cuts if low <= cut < high)
    return sorted(ends)
