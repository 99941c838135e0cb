"""Which worlds to try: for a day, such choices of days as between them give every status that any choice would give."""

from collections.abc import Iterator, Sequence
from datetime import date
from itertools import product
from math import prod

from registry.dates import day_after, day_before
from registry.status.kinds import AgreementStatus, LegalActKind
from registry.status.moments import Moment, Moments, Variable
from registry.status.record import Case, Event
from registry.status.rules import Position, position
from registry.status.worlds import World

Choice = tuple[date, ...]

#: With more undecided days than this, or more worlds to try on one day, a superset is told.
MOST_UNDECIDED = 10
MOST_WORLDS = 4000
_ROUNDS = 2


class Choices:
    """The choices of days that an imprecise record leaves open."""

    def __init__(self, case: Case) -> None:
        self.case = case
        self.moments = Moments(case)
        self.variables = self.moments.variables
        self.open = [v for v in self.variables if not v.is_precise]
        self.is_capped = len(self.open) > MOST_UNDECIDED
        self._keeps_receipts = any(v.deed.kind is LegalActKind.NOTICE_GIVEN for v in self.moments.days)
        self._relations: dict[tuple[int, ...], tuple[list[Moment], list[tuple[Moment, Moment]]]] = {}
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
        deciding, _ = self._related(numbers)
        days: set[date] = set()
        edges = self._edges(numbers, None)
        for moment in deciding:
            index = moment.variable.index
            for edge in edges[index]:
                days.add(moment.of(edge))
        return sorted(days)

    def _related(self, numbers: tuple[int, ...]) -> tuple[list[Moment], list[tuple[Moment, Moment]]]:
        if numbers not in self._relations:
            pairs = [
                pair
                for pair in self.moments.compared(numbers)
                if not (pair[0].variable.is_precise and pair[1].variable.is_precise)
            ]
            self._relations[numbers] = (self.moments.deciding(numbers), pairs)
        return self._relations[numbers]

    def _edges(self, numbers: tuple[int, ...], day: date | None) -> list[list[date]]:
        """For each variable the ends of the stretches through which no comparison with `day` or another variable changes."""
        deciding, pairs = self._related(numbers)
        cuts: list[set[date]] = [set() for _ in self.variables]
        if day is not None:
            for moment in deciding:
                _add(cuts, moment, moment.latest_by(day))
        for _ in range(_ROUNDS):
            before = [self._ends(v, cuts[v.index]) for v in self.variables]
            for one, other in pairs:
                for first, second in ((one, other), (other, one)):
                    if first.variable.is_precise:
                        continue
                    for edge in before[second.variable.index]:
                        value = second.of(edge)
                        _add(cuts, first, first.latest_by(value))
                        if value > date.min:
                            _add(cuts, first, first.latest_by(day_before(value)))
        return [self._ends(v, cuts[v.index]) for v in self.variables]

    def _ends(self, variable: Variable, cuts: set[date]) -> list[date]:
        ends: set[date] = set()
        for low, high in variable.windows:
            ends.update((low, high))
            for cut in cuts:
                if low <= cut < high:
                    ends.update((cut, day_after(cut)))
        return sorted(ends)

    def _options(self, day: date) -> list[Sequence[date]]:
        """For each variable the days worth trying on `day`; of those after it, all but receipts of notices are alike."""
        found: list[Sequence[date]] = []
        for v, edges in zip(self.variables, self._edges(self.moments.numbers(day), day), strict=True):
            is_day = v is self.moments.days[self._deed_number(v)]
            if is_day and not (self._keeps_receipts and v.deed.kind is LegalActKind.NOTICE_RECEIVED):
                held = [edge for edge in edges if edge <= day]
                found.append(held if len(held) == len(edges) else [*held, edges[len(held)]])
            else:
                found.append(edges)
        return found

    def _deed_number(self, variable: Variable) -> int:
        return self.case.deeds.index(variable.deed)

    def _try_all(self, day: date) -> dict[AgreementStatus, Choice]:
        options = self._options(day)
        if self.is_capped or prod(len(option) for option in options) > MOST_WORLDS:
            self.is_capped = True
            return self._superset(day, options)
        return self._try(day, product(*options))

    def _try(self, day: date, choices: Iterator[Choice]) -> dict[AgreementStatus, Choice]:
        found: dict[AgreementStatus, Choice] = {}
        for choice in choices:
            status = self._position(choice, day).verdict(day).status
            if status not in found:
                found[status] = choice
        return found

    def _superset(self, day: date, options: list[Sequence[date]]) -> dict[AgreementStatus, Choice]:
        return self._try(day, iter(self.corners()))

    def _position(self, choice: Choice, day: date) -> Position:
        events = [event for event in self._events(choice) if event.day <= day]
        receipts = [
            choice[v.index] for v in self.moments.days if v.deed.kind is LegalActKind.NOTICE_RECEIVED
        ]
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


def _add(cuts: list[set[date]], moment: Moment, cut: date | None) -> None:
    if cut is not None:
        cuts[moment.variable.index].add(cut)
