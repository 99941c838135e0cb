"""Which worlds to try: for a day, such choices of days as between them give every status that any choice would give."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import product
from math import prod

from registry.dates import BEGINNING, day_after, day_before
from registry.status.conceivable import conceivable
from registry.status.kinds import AgreementStatus, LegalActKind
from registry.status.moments import AFTER_FORCE, Moment, Moments, Variable
from registry.status.record import Case, Event, Window
from registry.status.rules import Held, Position, force_of, position
from registry.status.worlds import World

Choice = tuple[date, ...]

#: With more worlds than this to try on one day, or in all, a superset is told.
MOST_WORLDS = 10_000
MOST_WORLDS_IN_ALL = 120_000
#: How often comparisons are handed on from one variable to the next; two undecided acts need once, three twice.
_ROUNDS = 2
#: So many worlds are tried without asking whether fewer would do.
_FEW_WORLDS = 200
_SUSPENDING = frozenset((LegalActKind.SUSPENDED, LegalActKind.RESUMED))
Pair = tuple[Moment, Moment]
#: Variables, by their index, of which the day is chosen.
Fixed = Mapping[int, date]


@dataclass(frozen=True)
class Scene:
    """The moments that are compared with the day asked for, and the pairs that are compared with each other."""

    deciding: list[Moment]
    pairs: list[Pair]

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


class Choices:
    """The choices of days that an imprecise record leaves open."""

    def __init__(self, case: Case) -> None:
        self.case = case
        self.moments = Moments(case)
        self.variables = self.moments.variables
        self.open = [v for v in self.variables if not v.is_precise]
        self.capped: set[date] = set()
        self._prunable = frozenset(_prunable(self.moments))
        self._relations: dict[tuple[tuple[int, ...], bool], Scene] = {}
        self._tried = 0
        self._may_turn_away = any(v.deed.kind is LegalActKind.NON_PARTY_INTENT for v in self.moments.days)
        self._positions: dict[object, Position] = {}
        self._made: dict[object, Event] = {}
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
        """The choices in which all, or all but one, of the days are as early or as late as they may be.

        An act of entry into force also comes a day later than its earliest: on most days it may have come on either.
        """
        lows = tuple(v.hull[0] for v in self.variables)
        highs = tuple(v.hull[1] for v in self.variables)
        found = [lows, highs]
        for v in self.open:
            ends = {end for window in v.windows for end in window}
            if v.deed.kind is LegalActKind.ENTRY_INTO_FORCE:
                ends.update(min(day_after(low), high) for low, high in v.windows)
            for base in (lows, highs):
                found.extend((*base[: v.index], end, *base[v.index + 1 :]) for end in sorted(ends))
        return list(dict.fromkeys(found))

    def candidate_days(self) -> list[date]:
        """The days on which the set of possible statuses may change."""
        scene = self._related(self.moments.numbers(), entered=False)
        cuts = self._cuts(scene, None, {})
        edges = [_edges(v, cuts[v.index]) for v in self.variables]
        return sorted({moment.of(edge) for moment in scene.deciding for edge in edges[moment.variable.index]})

    def _related(self, numbers: tuple[int, ...], entered: bool) -> Scene:
        """What is compared with the day asked for, and what with each other, on whatever day it be."""
        if (numbers, entered) not in self._relations:
            pairs = [pair for pair in self.moments.compared(numbers, entered) if _is_open(*pair, {})]
            self._relations[numbers, entered] = Scene(self.moments.deciding(numbers, entered), pairs)
        return self._relations[numbers, entered]

    def _scene(self, day: date) -> Scene:
        """What is compared on `day`: an order is asked for only once both have come, but for receipts of notices."""
        related = self._related(self.moments.numbers(day), self.moments.has_entered(day))
        pairs = [pair for pair in related.pairs if _matters(*pair, day)]
        return Scene(related.deciding, pairs)

    def _cuts(self, scene: Scene, day: date | None, fixed: Fixed) -> list[set[date]]:
        """For each variable the days behind which a comparison with `day` or another variable turns."""
        cuts: list[set[date]] = [set() for _ in self.variables]
        if day is not None:
            for moment in scene.deciding:
                if moment.variable.index not in fixed:
                    _add(cuts, moment, moment.latest_by(day))
        linked = scene.linked(fixed)
        for _ in range(min(max(1, len(linked) - 1), _ROUNDS) if scene.pairs else 0):
            before = [
                [fixed[v.index]] if v.index in fixed else _edges(v, cut)
                for v, cut in zip(self.variables, cuts, strict=True)
            ]
            for one, other in scene.pairs:
                if one.variable.index not in fixed:
                    _cut(cuts, one, other, before)
                if other.variable.index not in fixed:
                    _cut(cuts, other, one, before)
        return cuts

    def _options(self, day: date, scene: Scene, fixed: Fixed) -> list[Sequence[date]]:
        """For each variable the days worth trying on `day`; those after it are alike, but for receipts of notices."""
        linked = scene.linked(fixed)
        entered = self.moments.has_entered(day)
        found: list[Sequence[date]] = []
        for v, cuts in zip(self.variables, self._cuts(scene, day, fixed), strict=True):
            if v.index in fixed:
                found.append([fixed[v.index]])
                continue
            if v.deed.kind in _SUSPENDING or (entered and v.deed.kind not in AFTER_FORCE):
                found.append([v.hull[0]])
                continue
            edges = _edges(v, cuts) if v.index in linked else _one_of_each(v, cuts)
            if v.index in self._prunable:
                held = [edge for edge in edges if edge <= day]
                edges = [*held, *edges[len(held) : len(held) + 1]]
            found.append(edges)
        return found

    def _branches(self, day: date) -> Iterator[list[Sequence[date]]]:
        """The options on `day`: of all variables at once if that is little, else for each choice of what brings force.

        Terms, and with them most comparisons, are counted from the force day alone, so that where it is chosen the
        days of the other acts fall into few stretches, each for itself.
        """
        scene = self._scene(day)
        options = self._options(day, scene, {})
        hub = sorted(scene.linked({}) & {moment.variable.index for moment in self.moments.forces})
        if not hub or prod(len(option) for option in options) <= _FEW_WORLDS:
            yield options
            return
        for fixed in self._force_choices(day, hub, options):
            yield self._options(day, scene.where(fixed), fixed)

    def _force_choices(self, day: date, hub: list[int], options: list[Sequence[date]]) -> Iterator[Fixed]:
        """The choices of what brings force; once all of it certainly holds, one for each force day is enough."""
        forces = self.moments.bringing_force
        is_settled = all(v.hull[1] <= day for v in forces) and not self._may_turn_away
        known: set[date | None] = set()
        for chosen in product(*(options[index] for index in hub)):
            fixed = dict(zip(hub, chosen, strict=True))
            if is_settled:
                events = (Event(v.deed, fixed.get(v.index, options[v.index][0])) for v in forces)
                force = force_of(Held(self.case, events, ()))
                force_day = force.day if force else None
                if force_day in known:
                    continue
                known.add(force_day)
            yield fixed

    def _try_all(self, day: date) -> dict[AgreementStatus, Choice]:
        conceived = conceivable(self.case, day)
        found: dict[AgreementStatus, Choice] = {}
        suspensions = self._suspensions(day)
        tried = 0
        for options in self._branches(day):
            tried += prod(len(option) for option in options) * len(suspensions)
            if tried > MOST_WORLDS or self._tried + tried > MOST_WORLDS_IN_ALL:
                self.capped.add(day)
                lows = tuple(v.hull[0] for v in self.variables)
                return {status: found.get(status, lows) for status in conceived}
            for choice in self._choices(options, suspensions):
                status = self.status(choice, day)
                if status not in found:
                    found[status] = choice
                    if len(found) == len(conceived):
                        return found
        self._tried += tried
        return found

    def _choices(self, options: list[Sequence[date]], suspensions: list[Fixed]) -> Iterator[Choice]:
        for choice in product(*options):
            for suspension in suspensions:
                yield tuple(suspension.get(index, day) for index, day in enumerate(choice)) if suspension else choice

    def _suspensions(self, day: date) -> list[Fixed]:
        """The days of suspensions and resumptions worth trying: all that makes for one, all that makes against it.

        The rule asks only whether one suspension is later than every resumption, so each act may be taken at an end of
        its days, whatever the others do; and on days on which none need have come, as not come.
        """
        acts = [v for v in self.variables if v.deed.kind in _SUSPENDING]
        early = {v.index: _absent(v, day) or v.hull[0] for v in acts}
        late = {v.index: _latest(v, day) for v in acts}
        suspended = {v.index for v in acts if v.deed.kind is LegalActKind.SUSPENDED}
        found = [
            early,
            {index: late[index] if index in suspended else early[index] for index in early},
            {index: early[index] if index in suspended else late[index] for index in early},
        ]
        return [one for number, one in enumerate(found) if one not in found[:number]]

    def _position(self, choice: Choice, day: date) -> Position:
        events = self._events(choice)
        key = (
            tuple(event for event in events if event.day <= day),
            tuple(event for event in events if event.deed.kind is LegalActKind.NOTICE_RECEIVED),
        )
        found = self._positions.get(key)
        if found is None:
            found = self._positions[key] = position(self.case, *key)
        return found

    def _events(self, choice: Choice) -> list[Event]:
        """The events of a choice, each made once, so that a set of them is known again."""
        bites, untils = self.moments.bites, self.moments.untils
        found = []
        for number, v in enumerate(self.moments.days):
            days = (
                choice[v.index],
                choice[bites[number].index] if number in bites else None,
                choice[untils[number].index] if number in untils else None,
            )
            event = self._made.get((number, days))
            if event is None:
                event = self._made[number, days] = Event(v.deed, *days)
            found.append(event)
        return found


def _prunable(moments: Moments) -> Iterator[int]:
    """The days of acts that do not matter before they come: all but receipts, which a notice given waits for."""
    waits = any(v.deed.kind is LegalActKind.NOTICE_GIVEN for v in moments.days)
    for v in moments.days:
        if not (waits and v.deed.kind is LegalActKind.NOTICE_RECEIVED):
            yield v.index


def _is_open(one: Moment, other: Moment, fixed: Fixed) -> bool:
    """Whether the two moments may come in either order."""
    (low, high), (other_low, other_high) = _hull(one, fixed), _hull(other, fixed)
    return low <= other_high and other_low <= high and not (low == high and other_low == other_high)


def _hull(moment: Moment, fixed: Fixed) -> Window:
    day = fixed.get(moment.variable.index)
    if day is None:
        return moment.hull
    return moment.of(day), moment.of(day)


def _matters(one: Moment, other: Moment, day: date) -> bool:
    """Whether the order of two moments may matter on `day`."""
    kinds = {one.variable.deed.kind, other.variable.deed.kind}
    if kinds == {LegalActKind.NOTICE_RECEIVED, LegalActKind.NOTICE_GIVEN}:
        return min(one.hull[0], other.hull[0]) <= day
    return one.hull[0] <= day and other.hull[0] <= day and not kinds <= _SUSPENDING


def _absent(variable: Variable, day: date) -> date | None:
    """A day of the variable after `day`, if there is one."""
    return variable.hull[1] if variable.hull[1] > day else None


def _latest(variable: Variable, day: date) -> date:
    """The last day of the variable up to `day`, or else its first."""
    low, high = variable.hull
    return max(low, min(high, day))


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
