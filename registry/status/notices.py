"""What becomes of a notice: when it bites, or why it ends nothing (rule 2; VCLT art. 54, 56, 68, 70, 78)."""

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from enum import Enum, auto

from registry.dates import FOREVER, add_months
from registry.status.held import Held, in_order
from registry.status.kinds import LegalActKind, Renewal
from registry.status.record import NOTICES, Case, Event
from registry.status.terms import Course

K = LegalActKind

#: Months after which a notice ends a treaty that sets neither a duration nor a notice period (VCLT art. 56 (2)).
NOTICE_BY_DEFAULT = 12


@dataclass(frozen=True, slots=True)
class Notice:
    """A notice that is not revoked, and the first day without the instrument if it has its way."""

    event: Event
    bites: date
    stops_renewal: bool = False


class Fate(Enum):
    """Why a notice ends nothing."""

    WITHOUT_CLAUSE = auto()
    REVOKED = auto()
    OF_ONE = auto()
    AWAITS_RECEIPT = auto()
    AWAITS_TERMS = auto()


@dataclass(frozen=True, slots=True)
class PassedOver:
    """A notice that ends nothing, and the acts that tell why: it itself, and what revoked it."""

    events: tuple[Event, ...]
    fate: Fate


def fates(held: Held, course: Course | None) -> Iterator[Notice | PassedOver]:
    """What becomes of each notice that holds; one given is told of by its receipt, once that has come."""
    receipts = held.on_record(K.NOTICE_RECEIVED)
    revocations = _Revocations(held)
    for event in held.of(*NOTICES):
        is_given = event.deed.kind is K.NOTICE_GIVEN
        if is_given and _is_received(event, held.of(K.NOTICE_RECEIVED)):
            continue
        notice = None if is_given and _is_received(event, receipts) else _effect(held.case, event, course)
        if notice is None or _is_of_one(held.case, event) or revocations.first_of(event, notice.bites):
            yield _passed_over(held.case, event, revocations)
        else:
            yield notice


def _passed_over(case: Case, event: Event, revocations: "_Revocations") -> PassedOver:
    # What has no effect is told so first: it is certain even where the days of a revocation are not.
    if event.bites is None and not case.is_tacit and months_of_notice(case) is None:
        return PassedOver((event,), Fate.WITHOUT_CLAUSE)
    revoked = revocations.first_of(event, FOREVER)
    if revoked:
        return PassedOver((event, revoked), Fate.REVOKED)
    if _is_of_one(case, event):
        return PassedOver((event,), Fate.OF_ONE)
    return PassedOver((event,), Fate.AWAITS_RECEIPT if event.deed.kind is K.NOTICE_GIVEN else Fate.AWAITS_TERMS)


def _is_of_one(case: Case, event: Event) -> bool:
    """Whether it is that of one party, which leaves an instrument of more than two as it is (VCLT art. 55, 70 (2))."""
    return case.is_group and event.party is not None


def _is_received(given: Event, receipts: Iterable[Event]) -> bool:
    """Whether the receipt of this very notice is on record: a notice of the other party is one of its own."""
    return any(receipt.day >= given.day and _may_be_of_one(receipt, given) for receipt in receipts)


def _may_be_of_one(one: Event, other: Event) -> bool:
    """Whether two acts on a notice may be those of one party, the one whose notice it is; no party may be any."""
    return one.party is None or other.party in (None, one.party)


def _effect(case: Case, event: Event, course: Course | None) -> Notice | None:
    terms = case.terms
    if event.bites is not None:
        return Notice(event, event.bites)
    if course and case.is_tacit:
        return Notice(event, course.term_end(course.last_after(event.day)), stops_renewal=True)
    months = months_of_notice(case)
    if months is None:
        return None
    bites = add_months(event.day, months)
    if course and terms.renewal is Renewal.UNTIL_NOTICE:
        bites = max(bites, course.term_end(0))
    return Notice(event, bites)


def months_of_notice(case: Case) -> int | None:
    """How long after its day a notice bites that names no day and stops no renewal; None where it has no effect.

    As the text says; else at once where the instrument does not bind; else after twelve months, unless the text sets a
    duration (VCLT art. 56). To run on “until notice” is itself a clause on notice, and what then runs on has no
    duration (56 (2)).
    """
    terms = case.terms
    if terms.notice_months is not None:
        return terms.notice_months
    if not case.is_binding:
        return 0
    return NOTICE_BY_DEFAULT if not case.has_terms or terms.renewal is Renewal.UNTIL_NOTICE else None


class _Revocations:
    """The revocations that hold, in the order of their days."""

    def __init__(self, held: Held) -> None:
        self._events = sorted(held.of(K.NOTICE_REVOKED), key=in_order)
        self._days = [event.day for event in self._events]

    def first_of(self, given: Event, before: date) -> Event | None:
        """The first that can be of this notice: of its day or later, and `before` the day on which it bites (68)."""
        if not self._days:
            return None
        first, last = bisect_left(self._days, given.day), bisect_left(self._days, before)
        return next((event for event in self._events[first:last] if _may_be_of_one(event, given)), None)
