"""Which days of an undecided act a rule can tell apart: the moments counted from it, and what each is compared with."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

from registry.dates import add_months, day_after
from registry.status.kinds import LegalActKind, Renewal
from registry.status.notices import months_of_notice
from registry.status.record import CONSENTS, EXTENSIONS, NOTICES, SIGNATURES, Case, Deed, Window
from registry.status.rules import FORCE_KINDS, delayed
from registry.status.terms import Course

K = LegalActKind

#: Of each pair of kinds, the rules ask which act came first. That they ask it of suspensions and resumptions too is
#: no matter of days: see `Choices`.
_ORDERED: tuple[tuple[tuple[LegalActKind, ...], tuple[LegalActKind, ...]], ...] = (
    ((K.NOTICE_REVOKED,), NOTICES),
    ((K.NOTICE_RECEIVED,), (K.NOTICE_GIVEN,)),
    ((K.PROVISIONAL_APPLICATION_END,), (K.PROVISIONAL_APPLICATION_START,)),
    ((K.NON_PARTY_INTENT,), (*SIGNATURES, *CONSENTS, K.PROVISIONAL_APPLICATION_START)),
    (
        (K.NEGOTIATIONS_ABANDONED,),
        (
            K.INITIALLED,
            K.NEGOTIATIONS_OPENED,
            K.NEGOTIATIONS_CONCLUDED,
            K.FULL_POWERS,
            K.ADOPTED,
            K.DISCUSSIONS_HELD,
            K.PROPOSED,
        ),
    ),
    (EXTENSIONS, EXTENSIONS),
)
#: What may still change the status once it has entered into force.
AFTER_FORCE = frozenset(
    (
        *(K.ENTRY_INTO_FORCE, K.INVALIDATED, K.TERMINATED_BY_CONSENT, K.TERMINATED_FOR_BREACH, K.REPLACED, K.EXPIRED),
        *(*NOTICES, K.NOTICE_REVOKED, *EXTENSIONS, K.SUSPENDED, K.RESUMED),
    )
)
#: Renewals under which the parties may prolong.
_PROLONGED = (Renewal.NONE, Renewal.EXPRESS)
#: What leaves an instrument of more than two as it is where it names one of them.
_OF_ONE = frozenset(
    (*(K.INVALIDATED, K.TERMINATED_FOR_BREACH, K.REPLACED, K.EXPIRED, K.SUSPENDED), K.DENOUNCED, K.NOTICE_GIVEN)
)
SUSPENDING = frozenset((K.SUSPENDED, K.RESUMED))
#: What signature, force, terms and what falls due may be counted from, or be ended by.
COUNTED = (AFTER_FORCE - SUSPENDING) | {*SIGNATURES, *CONSENTS}
_END_ACTS = (K.TERMINATED_BY_CONSENT, K.TERMINATED_FOR_BREACH, K.REPLACED, K.EXPIRED)
#: Of many tacit terms, so many are looked at on either side of a day: notice is due up to that long before a term ends.
_NEAR = 2
#: So many renewals are looked at all, wherever the day; more are so far apart that few of them are near it.
_MOST = 10


@dataclass(frozen=True, eq=False)
class Variable:
    """One day that may not be known: that of a deed, or one that it names."""

    index: int
    deed: Deed
    windows: tuple[Window, ...]

    @cached_property
    def hull(self) -> Window:
        """The first and the last day it may be."""
        return self.windows[0][0], self.windows[-1][1]

    @property
    def is_precise(self) -> bool:
        """Whether it can be one day only."""
        return self.hull[0] == self.hull[1]


@dataclass(eq=False)
class Moment:
    """A day counted from a variable, never earlier where the variable is later. `count` None is the variable itself."""

    variable: Variable
    count: Callable[[date], date] | None = None
    _known: dict[date, date | None] = field(default_factory=dict)
    _counted: dict[date, date] = field(default_factory=dict)

    def of(self, day: date) -> date:
        """The moment, where the variable is `day`."""
        if self.count is None:
            return day
        if day not in self._counted:
            self._counted[day] = self.count(day)
        return self._counted[day]

    @cached_property
    def hull(self) -> Window:
        """The first and the last day it may be."""
        low, high = self.variable.hull
        return self.of(low), self.of(high)

    def latest_by(self, day: date) -> date | None:
        """The last day of the variable whose moment is `day` or earlier; None where there is none, or all are."""
        low, high = self.variable.hull
        if self.count is None:
            return day if low <= day < high else None
        if day not in self._known:
            self._known[day] = self._search(day, low, high)
        return self._known[day]

    def _search(self, day: date, low: date, high: date) -> date | None:
        if self.of(low) > day or self.of(high) <= day:
            return None
        first, last = low.toordinal(), high.toordinal()
        while last - first > 1:
            middle = (first + last) // 2
            if self.of(date.fromordinal(middle)) <= day:
                first = middle
            else:
                last = middle
        return date.fromordinal(first)


class Moments:
    """The variables of a case, the moments that decide on a day, and the pairs of moments that are compared."""

    def __init__(self, case: Case) -> None:
        self.case = case
        self.days: list[Variable] = []
        self.bites: dict[int, Variable] = {}
        self.untils: dict[int, Variable] = {}
        self.variables: list[Variable] = []
        for number, deed in enumerate(case.deeds):
            self.days.append(self._variable(deed, deed.windows))
            if deed.bites:
                self.bites[number] = self._variable(deed, (deed.bites,))
            if deed.until:
                self.untils[number] = self._variable(deed, (deed.until,))
        self.itself = [Moment(variable) for variable in self.variables]
        #: The kinds that bring force: where an act of entry into force is on record, nothing else does.
        self._force_kinds = (K.ENTRY_INTO_FORCE,) if case.tells_entry else FORCE_KINDS.get(case.force_rule, ())
        self.bringing_force = [v for v in self.days if v.deed.kind in self._force_kinds]
        #: The moments of force, of the acts whose exact day may matter to it.
        self.forces = list(self._forces())
        self.acting = [v for v in self.days if not self._is_idle(v.deed)]
        self.notices = [v for v in self.acting if v.deed.kind in NOTICES]
        #: Those that do not name the day on which they bite.
        self.plain_notices = [v for v in self.notices if not v.deed.bites]
        self.suspending = [v for v in self.days if v.deed.kind in SUSPENDING]
        self.prolonging = [v for v in self.acting if v.deed.kind in EXTENSIONS]
        self._terms: dict[int, list[Moment]] = {}
        self._notice_by: dict[int, list[Moment]] = {}

    def _variable(self, deed: Deed, windows: tuple[Window, ...]) -> Variable:
        variable = Variable(len(self.variables), deed, windows)
        self.variables.append(variable)
        return variable

    def has_entered(self, day: date) -> bool:
        """Whether an act of entry into force holds on `day`, so that no other act can bring force or tell of before."""
        return any(v.deed.kind is K.ENTRY_INTO_FORCE and v.hull[1] <= day for v in self.days)

    def of_kinds(self, kinds: Iterable[LegalActKind]) -> list[Moment]:
        """The days of the acts of these kinds that a rule asks for."""
        wanted = frozenset(kinds)
        return [self.itself[v.index] for v in self.acting if v.deed.kind in wanted]

    def _is_idle(self, deed: Deed) -> bool:
        """Whether no rule asks more of this act than that it has come: on its own, or of one of many, it does nothing.

        Receipts always act: they matter to notices given.
        """
        case, kind = self.case, deed.kind
        if kind in EXTENSIONS and not (self.forces and case.has_terms and case.terms.renewal in _PROLONGED):
            return True
        if kind in (K.TERMINATED_BY_CONSENT, *EXTENSIONS) and not self._may_be_of_all(deed, (kind,)):
            return True
        return case.is_group and deed.party is not None and kind in _OF_ONE

    def _may_be_of_all(self, deed: Deed, kinds: Iterable[LegalActKind]) -> bool:
        """Whether the act is, or may with others of these kinds make, the act of all."""
        everyone = self.case.everyone
        return deed.party is None or (
            bool(everyone) and everyone <= {v.deed.party for v in self.days if v.deed.kind in kinds}
        )

    def _forces(self) -> Iterator[Moment]:
        case = self.case
        if case.tells_entry:
            entries = self.bringing_force
            yield from (self.itself[v.index] for v in entries if not any(_precedes(other, v) for other in entries))
            return
        counts = case.delay is not None or case.terms.force_on_first_of_month
        if case.force_rule is case.terms.force_rule.NOT_KNOWN:
            counts = False
        acts = self.bringing_force
        for v in acts:
            if self._may_be_of_all(v.deed, self._force_kinds) and not self._is_awaiting(v, acts):
                yield Moment(v, lambda day: delayed(case, day)) if counts else self.itself[v.index]

    def _is_awaiting(self, act: Variable, acts: list[Variable]) -> bool:
        """Whether another party certainly acts later, so that the day of all is never that of this act."""
        return act.deed.party is not None and any(
            all(_precedes(act, other) for other in acts if other.deed.party == party)
            for party in self.case.everyone - {act.deed.party}
        )

    def terms(self, number: int) -> list[Moment]:
        """The ends of the term of that number, as counted from each act that may bring force."""
        if number not in self._terms:
            self._terms[number] = [self._counted(f, lambda c: c.term_end(number)) for f in self.forces]
        return self._terms[number]

    def notice_by(self, number: int) -> list[Moment]:
        """The last days for notice in the term of that number."""
        if number not in self._notice_by:
            self._notice_by[number] = [self._counted(f, lambda c: c.notice_by(number)) for f in self.forces]
        return self._notice_by[number]

    def _counted(self, force: Moment, count: Callable[[Course], date]) -> Moment:
        return Moment(force.variable, lambda day: count(Course(self.case, force.of(day))))

    @cached_property
    def plain_bites(self) -> list[Moment]:
        """The days on which notices bite that are counted from the day of the notice alone."""
        months = months_of_notice(self.case)
        if months is None:
            return []
        counted = months
        return [Moment(v, lambda day: add_months(day, counted)) for v in self.plain_notices]

    @cached_property
    def prolonged_ends(self) -> list[Moment]:
        """The ends of terms that an EXTENDED names, and those counted from them."""
        step = self.case.step

        def end(steps: int) -> Callable[[date], date]:
            return lambda day: add_months(day_after(day), steps * step)

        untils = [v for number, v in self.untils.items() if self.days[number] in self.prolonging]
        return [Moment(v, end(steps)) for v in untils for steps in range(len(self.prolonging))]

    def numbers(self) -> tuple[int, ...]:
        """The numbers of the terms whose ends matter on any day: all within reach if few, else those near a notice."""
        return self._numbers_near([end for v in self.plain_notices for end in v.hull])

    def numbers_on(self, day: date) -> tuple[int, ...]:
        """The numbers of the terms whose ends matter on `day`: all within reach if few, else those near it."""
        return self._numbers_near([day])

    def _numbers_near(self, anchors: Sequence[date]) -> tuple[int, ...]:
        case = self.case
        if not case.has_terms or not self.forces:
            return ()
        if case.terms.renewal is Renewal.UNTIL_NOTICE:
            return (0,)
        if case.terms.renewal is not Renewal.TACIT:
            return tuple(range(min(len(self.prolonging), _MOST) + 1))
        low, high = self._reach
        if high - low <= _MOST:
            return tuple(range(low, high + 1))
        near = {low, low + 1}
        for number in {course.number_on(day) for course in self._courses for day in anchors}:
            near.update(range(number - _NEAR, number + _NEAR + 1))
        return tuple(sorted(n for n in near if low <= n <= high))

    @cached_property
    def _reach(self) -> tuple[int, int]:
        """The numbers of the first and the last term that a notice may make the last; none if there is no notice."""
        reach = [c.last_after(end) for c in self._courses for v in self.plain_notices for end in v.hull]
        return (min(reach), max(reach)) if reach else (0, -1)

    @cached_property
    def _courses(self) -> list[Course]:
        return [Course(self.case, day) for day in sorted({f.of(end) for f in self.forces for end in f.variable.hull})]

    def ends(self, numbers: Iterable[int]) -> list[Moment]:
        """All moments that may end the instrument; in tacit terms from a day on record a notice only ends the term."""
        stated = [self.itself[v.index] for number, v in self.bites.items() if self.days[number] in self.notices]
        plain = [] if self.case.tells_entry and self.case.is_tacit else self.plain_bites
        counted = [moment for number in numbers for moment in self.terms(number)]
        return [*self.of_kinds(_END_ACTS), *stated, *plain, *self.prolonged_ends, *counted]

    def deciding(self, numbers: tuple[int, ...]) -> list[Moment]:
        """The moments that are compared with the day asked for."""
        days = [self.itself[v.index] for v in self.days]
        forces = [moment for moment in self.forces if moment.count]
        return [*days, *forces, *(m for m in self.ends(numbers) if m.count or m.variable not in self.days)]

    def ordered(self) -> Iterator[tuple[Moment, Moment]]:
        """The pairs of acts, of different variables, of which a rule asks which is first."""
        for firsts, seconds in _ORDERED:
            yield from _pairs(self.of_kinds(firsts), self.of_kinds(seconds))

    def counted(self, numbers: tuple[int, ...]) -> Iterator[tuple[Moment, Moment]]:
        """The same of moments counted from acts: ends, and the last days for notice, in terms of these numbers."""
        ends = self.ends(numbers)
        bites = [end for end in ends if end.variable.deed.kind not in _END_ACTS]
        yield from _pairs(self.of_kinds((K.NOTICE_REVOKED,)), bites)
        if self.prolonging:
            yield from _pairs(self.of_kinds(EXTENSIONS), ends)
        if self.case.is_tacit:
            plain = [self.itself[v.index] for v in self.plain_notices]
            for number in numbers:
                yield from _pairs(plain, self.notice_by(number))
        for place, end in enumerate(ends):
            yield from _pairs([end], [other for other in ends[place + 1 :] if _status(other) != _status(end)])


def _precedes(one: Variable, other: Variable) -> bool:
    """Whether one is certainly no later than the other; of those that are of one day, the one told first."""
    return (one.hull[1], one.index) < (other.hull[0], other.index)


def _status(end: Moment) -> object:
    """What tells the kinds of ends apart, as far as they lead to different statuses."""
    kind = end.variable.deed.kind
    if kind in (*NOTICES, K.TERMINATED_BY_CONSENT, K.TERMINATED_FOR_BREACH):
        return "TERMINATED"
    return "REPLACED" if kind is K.REPLACED else "EXPIRED"


def _pairs(firsts: Iterable[Moment], seconds: Iterable[Moment]) -> Iterator[tuple[Moment, Moment]]:
    others = list(seconds)
    for first in firsts:
        for second in others:
            if first.variable is not second.variable:
                yield first, second
