"""Which worlds to try: for a day, such choices of days as between them give every status that any choice would give."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from functools import cached_property
from itertools import chain, product
from math import prod

from registry.dates import day_after
from registry.status.comparisons import Comparisons, Fixed, Scene
from registry.status.conceivable import conceivable
from registry.status.held import Held
from registry.status.kinds import AgreementStatus, LegalActKind
from registry.status.moments import AFTER_FORCE, COUNTED, SUSPENDING, Moments, Variable
from registry.status.record import FORESEEN, Case, Event
from registry.status.rules import Position, force_of, position
from registry.status.worlds import World

Choice = tuple[date, ...]
#: The events of a world, in the order of their deeds.
Events = tuple[Event, ...]

#: So many worlds are tried without asking whether fewer would do.
_FEW_WORLDS = 200


class Budget:
    """How many worlds may be tried on a day before a superset is told.

    It is the same in whatever order days are asked for. Where there are many days on which the status may change each
    has its share; once all acts are certain, and on all days of a record that has few, there may be most.
    """

    MOST = 10_000
    LEAST = 300
    IN_ALL = 300_000

    def __init__(self, turning_days: Sequence[date]) -> None:
        self._settled = turning_days[-1]
        self._share = max(self.LEAST, min(self.MOST, self.IN_ALL // len(turning_days)))

    def on(self, day: date) -> int:
        """The number of worlds that may be tried on `day`."""
        return self.MOST if day >= self._settled else self._share


class Choices:
    """The choices of days that an imprecise record leaves open."""

    def __init__(self, case: Case) -> None:
        self.case = case
        self.moments = Moments(case)
        self.comparisons = Comparisons(self.moments)
        self.variables = self.moments.variables
        self.open = [v for v in self.variables if not v.is_precise]
        self.capped: set[date] = set()
        self.earliest: Choice = tuple(v.hull[0] for v in self.variables)
        self.latest: Choice = tuple(v.hull[1] for v in self.variables)
        self._prunable = frozenset(_prunable(self.moments))
        self._may_turn_away = any(v.deed.kind is LegalActKind.NON_PARTY_INTENT for v in self.moments.days)
        self._positions: dict[object, Position] = {}
        self._made: dict[object, Event] = {}
        self._known: list[dict[date, Event]] = [{} for _ in case.deeds]
        self._found: dict[date, dict[AgreementStatus, Choice]] = {}

    @cached_property
    def turning_days(self) -> list[date]:
        """The days on which the set of possible statuses may change."""
        return self.comparisons.turning_days()

    @cached_property
    def budget(self) -> Budget:
        """How many worlds are tried."""
        return Budget(self.turning_days)

    def possible_on(self, day: date) -> dict[AgreementStatus, Choice]:
        """Each status that is possible on `day`, with a choice of days that gives it."""
        if day not in self._found:
            self._found[day] = self._try_all(day)
        return self._found[day]

    def world(self, choice: Choice) -> World:
        """The world in which each variable has the day chosen."""
        return World(self.case, self.events(choice))

    def bare_world(self, choice: Choice) -> World:
        """The same as far as terms go: without the acts that nothing is counted from, but for the first of these."""
        counted: list[Event] = []
        others: list[Event] = []
        for event in self.events(choice):
            (counted if event.deed.kind in COUNTED else others).append(event)
        return World(self.case, [*counted, *sorted(others, key=lambda event: event.day)[:1]])

    def status(self, choice: Choice, day: date) -> AgreementStatus:
        """The status on `day` in the world of a choice."""
        return self._status(self.events(choice), day)

    @cached_property
    def corners(self) -> list[Choice]:
        """The choices in which all days, or all but one that terms are counted from, are at an end of what they may be.

        What brings force also comes a day later than its earliest, and midway: terms counted from the first and from
        the last day of a year or a month may end on one day, but those between do not.
        """
        found = [self.earliest, self.latest]
        for base in (self.earliest, self.latest):
            for between in (_day_later, _midway):
                days = {v.index: between(v) for v in self.moments.bringing_force}
                found.append(tuple(days.get(v.index, base[v.index]) for v in self.variables))
        for v in (v for v in self.open if v.deed.kind in COUNTED):
            ends = sorted({end for window in v.windows for end in window})
            for base in (self.earliest, self.latest):
                found.extend((*base[: v.index], end, *base[v.index + 1 :]) for end in ends)
        return list(dict.fromkeys(found))

    def tried_where(self, day: date, fixed: Fixed, most: int) -> Iterator[AgreementStatus] | None:
        """The statuses possible on `day` where some days are chosen; None where they are those of too many worlds."""
        options = self._options(day, self.comparisons.scene_on(day).where(fixed), fixed)
        if options is None or prod(len(option) for option in options) > most:
            return None
        return (self.status(choice, day) for choice in product(*options))

    def events(self, choice: Choice) -> list[Event]:
        """The events of a choice."""
        return [
            known.get(choice[v.index]) or self._chosen(number, choice)
            for number, (v, known) in enumerate(zip(self.moments.days, self._known, strict=True))
        ]

    def _try_all(self, day: date) -> dict[AgreementStatus, Choice]:
        conceived = conceivable(self.case, day)
        found: dict[AgreementStatus, Choice] = {}
        if len(conceived) == 1:
            return dict.fromkeys(conceived, self.earliest)
        seeds = chain(self._seeds, self._latest_by(day))
        if self._try(day, seeds, len(conceived), found) or self._try_branches(day, len(conceived), found):
            return found
        self.capped.add(day)
        return {status: found.get(status, self.earliest) for status in conceived}

    def _try_branches(self, day: date, most: int, found: dict[AgreementStatus, Choice]) -> bool:
        """Note each status that any choice gives on `day`; false where there are more worlds than may be tried."""
        left = self.budget.on(day)
        if 1 << self.comparisons.least_links_on(day) > left:
            return False
        suspensions = self._suspensions(day)
        for options in self._branches(day):
            if options is None:
                return False
            left -= prod(len(option) for option in options) * len(suspensions)
            if left < 0:
                return False
            if self._try(day, self._worlds(options, suspensions), most, found):
                break
        return True

    def _try(self, day: date, worlds: Iterable[Events], most: int, found: dict[AgreementStatus, Choice]) -> bool:
        """Note each status that these worlds have on `day`; true once there are as many as may be."""
        for events in worlds:
            status = self._status(events, day)
            if status not in found:
                found[status] = self._choice(events)
                if len(found) == most:
                    return True
        return False

    @cached_property
    def _seeds(self) -> list[Events]:
        """Worlds that show most of what is possible; of a long record few, so that no day costs much."""
        few = max(2, _FEW_WORLDS // (len(self.case.deeds) + 1))
        return [tuple(self.events(choice)) for choice in self.corners[:few]]

    def _latest_by(self, day: date) -> Iterator[Events]:
        """Worlds in which what may have come by `day` comes as late as it may: all acts, or all but those of force."""
        late = [_latest(v, day) for v in self.variables]
        early = {v.index: v.hull[0] for v in self.moments.bringing_force}
        yield tuple(self.events(tuple(late)))
        yield tuple(self.events(tuple(early.get(index, chosen) for index, chosen in enumerate(late))))

    def _worlds(self, options: list[Sequence[date]], suspensions: list[Fixed]) -> Iterator[Events]:
        """The worlds of these options; of acts that suspend or resume, each of the choices given."""
        for suspension in suspensions:
            yield from product(*(self._made_of(number, options, suspension) for number in range(len(self.case.deeds))))

    def _made_of(self, number: int, options: list[Sequence[date]], suspension: Fixed) -> list[Event]:
        """The events of one deed, of each of its options."""
        v = self.moments.days[number]
        named = self.moments.bites.get(number), self.moments.untils.get(number)
        days = [suspension[v.index]] if v.index in suspension else options[v.index]
        bites, untils = ([None] if other is None else options[other.index] for other in named)
        return [self._event(number, *chosen) for chosen in product(days, bites, untils)]

    def _chosen(self, number: int, choice: Choice) -> Event:
        """The event of a deed in a choice, noted where its day is all that is chosen of it."""
        day = choice[self.moments.days[number].index]
        bites, untils = self.moments.bites.get(number), self.moments.untils.get(number)
        event = self._event(
            number, day, choice[bites.index] if bites else None, choice[untils.index] if untils else None
        )
        if bites is None and untils is None:
            self._known[number][day] = event
        return event

    def _event(self, number: int, day: date, bites: date | None, until: date | None) -> Event:
        """An event, made once, so that a set of them is known again."""
        key = number, day, bites, until
        event = self._made.get(key)
        if event is None:
            event = self._made[key] = Event(self.case.deeds[number], day, bites, until)
        return event

    def _choice(self, events: Sequence[Event]) -> Choice:
        """The choice that has made these events."""
        chosen: dict[int, date] = {}
        for number, event in enumerate(events):
            chosen[self.moments.days[number].index] = event.day
            if event.bites:
                chosen[self.moments.bites[number].index] = event.bites
            if event.until:
                chosen[self.moments.untils[number].index] = event.until
        return tuple(chosen[v.index] for v in self.variables)

    def _status(self, events: Sequence[Event], day: date) -> AgreementStatus:
        key = (
            tuple(event for event in events if event.day <= day),
            tuple(event for event in events if event.deed.kind in FORESEEN),
        )
        found = self._positions.get(key)
        if found is None:
            found = self._positions[key] = position(self.case, *key)
        return found.verdict(day).status

    def _options(self, day: date, scene: Scene, fixed: Fixed) -> list[Sequence[date]] | None:
        """For each variable the days worth trying on `day`; those after it are alike, but for receipts of notices.

        None where they are too many to be found at all.
        """
        days_of_each = self.comparisons.firsts_on(day, scene, fixed)
        if days_of_each is None:
            return None
        entered = self.moments.has_entered(day)
        found: list[Sequence[date]] = []
        for v, firsts in zip(self.variables, days_of_each, strict=True):
            if v.index in fixed:
                found.append([fixed[v.index]])
            elif v.deed.kind in SUSPENDING or (entered and v.deed.kind not in AFTER_FORCE):
                found.append([v.hull[0]])
            elif v.index in self._prunable:
                held = [first for first in firsts if first <= day]
                found.append([*held, *firsts[len(held) : len(held) + 1]])
            else:
                found.append(firsts)
        return found

    def _branches(self, day: date) -> Iterator[list[Sequence[date]] | None]:
        """The options on `day`: of all variables at once if that is little, else for each choice of what brings force.

        Terms, and with them most comparisons, are counted from the force day alone, so that where it is chosen the
        days of the other acts fall into few stretches, each for itself.
        """
        scene = self.comparisons.scene_on(day)
        options = self._options(day, scene, {})
        if options is None:
            yield None
            return
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
                force_day = self.force_day(fixed, [option[0] for option in options])
                if force_day in known:
                    continue
                known.add(force_day)
            yield fixed

    def force_day(self, fixed: Fixed, others: Sequence[date]) -> date | None:
        """The force day that follows where some days are chosen and the others are these."""
        events = [Event(v.deed, fixed.get(v.index, others[v.index])) for v in self.moments.bringing_force]
        force = force_of(Held(self.case, events, events))
        return force.day if force else None

    def _suspensions(self, day: date) -> list[Fixed]:
        """The days of suspensions and resumptions worth trying: all that makes for one, all that makes against it.

        The rule asks only whether one suspension is later than every resumption, so each act may be taken at an end of
        its days, whatever the others do; and on days on which none need have come, as not come.
        """
        acts = self.moments.suspending
        early = {v.index: _absent(v, day) or v.hull[0] for v in acts}
        late = {v.index: _latest(v, day) for v in acts}
        suspended = {v.index for v in acts if v.deed.kind is LegalActKind.SUSPENDED}
        found = [
            early,
            {index: late[index] if index in suspended else early[index] for index in early},
            {index: early[index] if index in suspended else late[index] for index in early},
        ]
        return [one for number, one in enumerate(found) if one not in found[:number]]


def _prunable(moments: Moments) -> Iterator[int]:
    """The days of acts that do not matter before they come: all but receipts, which a notice given waits for.

    That an entry into force is ahead matters, but not by how much: until it has come nothing counted from it has.
    """
    waits = any(v.deed.kind is LegalActKind.NOTICE_GIVEN for v in moments.days)
    for v in moments.days:
        if not (waits and v.deed.kind is LegalActKind.NOTICE_RECEIVED):
            yield v.index


def _day_later(variable: Variable) -> date:
    """A day after the first that the variable may be, if it may."""
    low, high = variable.windows[0]
    return min(day_after(low), high)


def _midway(variable: Variable) -> date:
    """A day in the middle of a window of the variable."""
    low, high = max(variable.windows, key=lambda window: window[1].toordinal() - window[0].toordinal())
    return date.fromordinal((low.toordinal() + high.toordinal()) // 2)


def _absent(variable: Variable, day: date) -> date | None:
    """A day of the variable after `day`, if there is one."""
    return variable.hull[1] if variable.hull[1] > day else None


def _latest(variable: Variable, day: date) -> date:
    """The last day of the variable up to `day`, or else its first."""
    return max((min(high, day) for low, high in variable.windows if low <= day), default=variable.hull[0])
