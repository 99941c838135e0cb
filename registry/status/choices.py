"""Which worlds to try: for a day, such choices of days as between them give every status that any choice would give."""

from collections.abc import Iterator, Sequence
from datetime import date
from itertools import product
from math import prod

from registry.dates import BEGINNING, day_after, day_before
from registry.status.conceivable import conceivable
from registry.status.kinds import AgreementStatus, LegalActKind
from registry.status.moments import Moment, Moments, Variable
from registry.status.record import Case, Event
from registry.status.rules import Position, position
from registry.status.worlds import World

Choice = tuple[date, ...]

#: With more worlds than this to try on one day, or in all, a superset is told.
MOST_WORLDS = 4000
MOST_WORLDS_IN_ALL = 15000
#: How often comparisons are handed on from one variable to the next; two undecided acts need once, three twice.
_ROUNDS = 2
Pair = tuple[Moment, Moment]


class Choices:
    """The choices of days that an imprecise record leaves open."""

    def __init__(self, case: Case) -> None:
        self.case = case
        self.moments = Moments(case)
        self.variables = self.moments.variables
        self.open = [v for v in self.variables if not v.is_precise]
        self.capped: set[date] = set()
        self._prunable = frozenset(_prunable(self.moments))
        self._relations: dict[tuple[int, ...], tuple[list[Moment], list[Pair], frozenset[int]]] = {}
        self._positions: dict[object, Position] = {}
        self._found: dict[date, dict[AgreementStatus, Choice]] = {}

    def possible_on(self, day: date) -> dict[AgreementStatus, Choice]:
        """Each status that is possible on `day`, with a choice of days that gives it."""
        if day not in self._found:
            self._found[day] = self._try_all(day)
        return self._found[day]

    def world(self, choice: Choice) -> World:
        """The world in which each variable has the day chosen."""
        return World(self.case, self._events(choice))

    def status(self, choice: Choice, day: date) -> AgreementStatus:
        """The status on `day` in the world of a choice."""
        return self._position(choice, day).verdict(day).status

    def corners(self) -> list[Choice]:
        """The choices in which all, or all but one, of the days are as early or as late as they may be."""
        lows = tuple(v.hull[0] for v in self.variables)
        highs = tuple(v.hull[1] for v in self.variables)
        found = [lows, highs]
        for v in self.open:
            for base in (lows, highs):
                for end in {end for window in v.windows for end in window}:
                    found.append((*base[: v.index], end, *base[v.index + 1 :]))
        return list(dict.fromkeys(found))

    def candidate_days(self) -> list[date]:
        """The days on which the set of possible statuses may change."""
        numbers = self.moments.numbers()
        deciding, _, _ = self._related(numbers)
        edges = [_edges(v, cuts) for v, cuts in zip(self.variables, self._cuts(numbers, None), strict=True)]
        return sorted({moment.of(edge) for moment in deciding for edge in edges[moment.variable.index]})

    def _related(self, numbers: tuple[int, ...]) -> tuple[list[Moment], list[Pair], frozenset[int]]:
        """What is compared with the day asked for, what with each other, and which open variables with open ones."""
        if numbers not in self._relations:
            pairs = [pair for pair in self.moments.compared(numbers) if _is_open(*pair)]
            linked = {
                moment.variable.index
                for pair in pairs
                if not any(moment.variable.is_precise for moment in pair)
                for moment in pair
            }
            self._relations[numbers] = (self.moments.deciding(numbers), pairs, frozenset(linked))
        return self._relations[numbers]

    def _cuts(self, numbers: tuple[int, ...], day: date | None) -> list[set[date]]:
        """For each variable the days behind which a comparison with `day` or another variable turns."""
        deciding, pairs, linked = self._related(numbers)
        cuts: list[set[date]] = [set() for _ in self.variables]
        if day is not None:
            for moment in deciding:
                _add(cuts, moment, moment.latest_by(day))
        for _ in range(min(max(1, len(linked) - 1), _ROUNDS) if pairs else 0):
            before = [_edges(v, cuts[v.index]) for v in self.variables]
            for one, other in pairs:
                _cut(cuts, one, other, before)
                _cut(cuts, other, one, before)
        return cuts

    def _options(self, day: date) -> list[Sequence[date]]:
        """For each variable the days worth trying on `day`; those after it are alike, but for receipts of notices."""
        numbers = self.moments.numbers(day)
        _, _, linked = self._related(numbers)
        found: list[Sequence[date]] = []
        for v, cuts in zip(self.variables, self._cuts(numbers, day), strict=True):
            edges = _edges(v, cuts) if v.index in linked else _one_of_each(v, cuts)
            if v.index in self._prunable:
                held = [edge for edge in edges if edge <= day]
                edges = [*held, *edges[len(held) : len(held) + 1]]
            found.append(edges)
        return found

    def _try_all(self, day: date) -> dict[AgreementStatus, Choice]:
        options = self._options(day)
        if prod(len(option) for option in options) > MOST_WORLDS or len(self._positions) > MOST_WORLDS_IN_ALL:
            self.capped.add(day)
            lows = tuple(v.hull[0] for v in self.variables)
            return {status: lows for status in conceivable(self.case, day)}
        found: dict[AgreementStatus, Choice] = {}
        for choice in product(*options):
            status = self.status(choice, day)
            if status not in found:
                found[status] = choice
        return found

    def _position(self, choice: Choice, day: date) -> Position:
        events = [event for event in self._events(choice) if event.day <= day]
        receipts = [choice[v.index] for v in self.moments.days if v.deed.kind is LegalActKind.NOTICE_RECEIVED]
        key = (tuple((e.day, e.bites, e.until, e.deed.ids) for e in events), tuple(receipts))
        found = self._positions.get(key)
        if found is None:
            found = self._positions[key] = position(self.case, events, receipts)
        return found

    def _events(self, choice: Choice) -> list[Event]:
        bites, untils = self.moments.bites, self.moments.untils
        return [
            Event(
                v.deed,
                choice[v.index],
                choice[bites[number].index] if number in bites else None,
                choice[untils[number].index] if number in untils else None,
            )
            for number, v in enumerate(self.moments.days)
        ]


def _prunable(moments: Moments) -> Iterator[int]:
    """The days of acts that do not matter before they come: all but receipts, which a notice given waits for."""
    waits = any(v.deed.kind is LegalActKind.NOTICE_GIVEN for v in moments.days)
    for v in moments.days:
        if not (waits and v.deed.kind is LegalActKind.NOTICE_RECEIVED):
            yield v.index


def _is_open(one: Moment, other: Moment) -> bool:
    """Whether the two moments may come in either order."""
    (low, high), (other_low, other_high) = one.hull, other.hull
    return low <= other_high and other_low <= high and not (low == high and other_low == other_high)


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


def _edges(variable: Variable, cuts: set[date]) -> list[date]:
    """The first and the last day of each stretch between cuts."""
    ends: set[date] = set()
    for low, high in variable.windows:
        ends.update((low, high))
        for cut in cuts:
            if low <= cut < high:
                ends.update((cut, day_after(cut)))
    return sorted(ends)


def _one_of_each(variable: Variable, cuts: set[date]) -> list[date]:
    """The first day of each stretch between cuts."""
    starts: set[date] = set()
    for low, high in variable.windows:
        starts.add(low)
        starts.update(day_after(cut) for cut in cuts if low <= cut < high)
    return sorted(starts)
