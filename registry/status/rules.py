"""The rules of status in one world, in which every act has its day: which rule decides on a day, and on what."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date

from registry.dates import add_months
from registry.status.kinds import AgreementStatus, ForceRule, LegalActKind, Renewal
from registry.status.record import CONSENTS, EXTENSIONS, NOTICES, SIGNATURES, Case, Event
from registry.status.terms import Course, Prolongation

K = LegalActKind
S = AgreementStatus

#: Months after which a notice ends a treaty that sets neither a duration nor a notice period (VCLT art. 56 (2)).
NOTICE_BY_DEFAULT = 12

#: How the statuses of treaties are read for instruments that do not bind.
NOT_BINDING = {
    S.IN_FORCE: S.OPERATIVE,
    S.DENUNCIATION_PENDING: S.OPERATIVE,
    S.PROVISIONALLY_APPLIED: S.OPERATIVE,
    S.SUSPENDED: S.PAUSED,
    S.TERMINATED: S.DISCONTINUED,
    S.INVALIDATED: S.DISCONTINUED,
}
_NEGOTIATION = (K.NEGOTIATIONS_OPENED, K.NEGOTIATIONS_CONCLUDED, K.FULL_POWERS, K.ADOPTED)
#: Rules 12 to 15, which negotiations given up take back.
_PREPARATION = (
    ("INITIALLED", S.INITIALLED, (K.INITIALLED,)),
    ("NEGOTIATION", S.UNDER_NEGOTIATION, _NEGOTIATION),
    ("DISCUSSION", S.UNDER_DISCUSSION, (K.DISCUSSIONS_HELD,)),
    ("PROPOSAL", S.PROPOSED, (K.PROPOSED,)),
)
FORCE_KINDS = {
    ForceRule.ON_SIGNATURE: SIGNATURES,
    ForceRule.ON_LAST_NOTIFICATION: (K.NOTE_RECEIVED,),
    ForceRule.ON_EXCHANGE_OF_INSTRUMENTS: (K.INSTRUMENTS_EXCHANGED,),
    ForceRule.ON_LAST_CONSENT: CONSENTS,
    ForceRule.NOT_KNOWN: CONSENTS,
}


@dataclass(frozen=True, slots=True)
class Verdict:
    """The rule that decides, the status it gives and the events it rests on."""

    rule: str
    status: AgreementStatus
    events: tuple[Event, ...] = ()


@dataclass(frozen=True, slots=True)
class Force:
    """The day of entry into force, how it is known, and the events it is counted from on `base`."""

    day: date
    rule: str
    base: date
    events: tuple[Event, ...]


@dataclass(frozen=True, slots=True)
class End:
    """An end and the first day without the instrument; `order` decides between ends of one day."""

    day: date
    order: int
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Notice:
    """A notice that is not revoked, and the first day without the instrument if it has its way."""

    event: Event
    bites: date
    stops_renewal: bool = False


@dataclass(slots=True)
class Position:
    """Everything that the acts held so far imply, for this day and all later ones until another act comes."""

    held: "Held"
    invalid: Event | None = None
    force: Force | None = None
    course: Course | None = None
    suspended: Event | None = None
    notices: list[Notice] = field(default_factory=list)
    ends: list[End] = field(default_factory=list)

    @property
    def case(self) -> Case:
        """The case it is a position in."""
        return self.held.case

    @property
    def end(self) -> End | None:
        """The earliest end, which decides for good."""
        return self.ends[0] if self.ends else None

    def turns(self) -> list[date]:
        """The days on which the status may change though no act comes."""
        days = [self.ends[0].day] if self.ends else []
        if self.force:
            days.append(self.force.day)
        return days

    def verdict(self, day: date) -> Verdict:
        """The first rule that holds on `day`."""
        found = self._verdict(day)
        if self.case.is_binding or found.status not in NOT_BINDING:
            return found
        return Verdict(found.rule, NOT_BINDING[found.status], found.events)

    def _verdict(self, day: date) -> Verdict:
        if self.invalid:
            return Verdict("INVALIDATED", S.INVALIDATED, (self.invalid,))
        if self.ends and self.ends[0].day <= day:
            return self.ends[0].verdict
        if self.force is None or self.force.day > day:
            return _before_force(self.held) if self.held else Verdict("BEFORE_FIRST_ACT", S.NONE)
        if self.suspended:
            return Verdict("SUSPENDED", S.SUSPENDED, (self.suspended, *self.force.events))
        if self.notices:
            events = tuple(notice.event for notice in self.notices)
            return Verdict("DENUNCIATION_PENDING", S.DENUNCIATION_PENDING, (*events, *self.force.events))
        return Verdict(self.force.rule, S.IN_FORCE, self.force.events)


class Held:
    """The events that hold, by kind, each kind in order of days."""

    __slots__ = ("_by_kind", "case", "events", "receipts")

    def __init__(self, case: Case, events: Iterable[Event], receipts: Sequence[Event]) -> None:
        self.case = case
        self.events = tuple(events)
        self.receipts = receipts
        self._by_kind: dict[LegalActKind, list[Event]] = {}
        for event in self.events:
            self._by_kind.setdefault(event.deed.kind, []).append(event)

    def __bool__(self) -> bool:
        return bool(self._by_kind)

    def of(self, *kinds: LegalActKind) -> list[Event]:
        """The events of these kinds."""
        if len(kinds) == 1:
            return self._by_kind.get(kinds[0], [])
        return [event for kind in kinds for event in self._by_kind.get(kind, ())]

    def against_all(self, *kinds: LegalActKind) -> list[Event]:
        """The events of these kinds that touch all (VCLT art. 55, 69 (4), 70 (2)): in a group, none of one party."""
        found = self.of(*kinds)
        return [event for event in found if event.party is None] if self.case.is_group else found

    def of_all(self, kinds: Sequence[LegalActKind]) -> tuple[Event, ...]:
        """The events that first make these kinds the act of all parties; empty where some are lacking."""
        found = self.of(*kinds)
        if not found:
            return ()
        firsts: dict[str | None, Event] = {}
        for event in found:
            known = firsts.get(event.party)
            if known is None or event.day < known.day:
                firsts[event.party] = event
        joint = firsts.get(None)
        everyone = self.case.everyone
        if everyone and everyone <= firsts.keys():
            each = tuple(sorted((firsts[party] for party in everyone), key=_order))
            if joint is None or each[-1].day < joint.day:
                return each
        return (joint,) if joint else ()


def position(case: Case, events: Iterable[Event], receipts: Sequence[Event]) -> Position:
    """What the `events` held so far imply; `receipts` are all receipts of notices on record, come or not."""
    held = Held(case, events, receipts)
    found = Position(held)
    if not held:
        return found
    found.invalid = min(held.against_all(K.INVALIDATED), key=_order, default=None)
    found.force = force_of(held)
    if found.force and case.has_terms:
        found.course = Course(case, found.force.day, _prolongations(held))
    found.notices = list(_notices(held, found.course))
    found.suspended = _unanswered(held.against_all(K.SUSPENDED), held.of(K.RESUMED))
    found.ends = sorted(_ends(held, found), key=lambda end: (end.day, end.order))
    return found


def _order(event: Event) -> tuple[date, tuple[int, ...]]:
    return event.day, event.deed.ids


def force_of(held: Held) -> Force | None:
    """The day of entry into force that follows from the events, come or still ahead."""
    entry = min(held.of(K.ENTRY_INTO_FORCE), key=_order, default=None)
    if entry:
        return Force(entry.day, "ENTRY_INTO_FORCE", entry.day, (entry,))
    case = held.case
    rule = case.force_rule
    events = held.of_all(FORCE_KINDS[rule]) if rule in FORCE_KINDS else ()
    if not events:
        return None
    base = events[-1].day
    if rule is ForceRule.NOT_KNOWN:
        return Force(base, "PRESUMED_CONSENT_OF_ALL", base, events)
    return Force(delayed(case, base), rule.value, base, events)


def delayed(case: Case, base: date) -> date:
    """The force day that the text counts from `base`."""
    day = case.delay.after(base) if case.delay else base
    return add_months(day.replace(day=1), 1) if case.terms.force_on_first_of_month else day


def _unanswered(starts: list[Event], stops: list[Event]) -> Event | None:
    """The latest start with no stop on or after its day."""
    start = max(starts, key=_order, default=None)
    if start and all(stop.day < start.day for stop in stops):
        return start
    return None


def _prolongations(held: Held) -> list[Prolongation]:
    return [made for kind in EXTENSIONS for made in _prolongations_by(held, held.of(kind))]


def _prolongations_by(held: Held, events: list[Event]) -> list[Prolongation]:
    """One for each act of all; where each party acts by itself, the first acts of all make the first, and so on."""
    found = [Prolongation(event.day, event.until, (event,)) for event in events if event.party is None]
    everyone = held.case.everyone
    if not everyone or len(found) == len(events):
        return found
    columns = [sorted((event for event in events if event.party == party), key=_order) for party in everyone]
    for each in zip(*columns, strict=False):
        day = max(event.day for event in each)
        named = [event.until for event in sorted(each, key=_order) if event.until]
        found.append(Prolongation(day, named[-1] if named else None, each))
    return found


def _notices(held: Held, course: Course | None) -> Iterable[Notice]:
    """The notices that have an effect and are not revoked; those that stop a tacit renewal also stop the course."""
    for event in held.against_all(*NOTICES):
        if event.deed.kind is K.NOTICE_GIVEN and _is_received(event, held.receipts):
            continue
        notice = _effect(held.case, event, course)
        if notice is None or _is_revoked(notice, held.of(K.NOTICE_REVOKED)):
            continue
        if notice.stops_renewal and course:
            course.stop(course.last_after(event.day))
        yield notice


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
    if terms.notice_months is not None:
        bites = add_months(event.day, terms.notice_months)
    elif not case.is_binding:
        bites = event.day
    elif not case.has_terms or terms.renewal is Renewal.UNTIL_NOTICE:
        # To run on “until notice” is itself a clause on notice, and what then runs on has no duration (56 (2)).
        bites = add_months(event.day, NOTICE_BY_DEFAULT)
    else:
        return None
    if course and terms.renewal is Renewal.UNTIL_NOTICE:
        bites = max(bites, course.term_end(0))
    return Notice(event, bites)


def _is_revoked(notice: Notice, revocations: list[Event]) -> bool:
    given = notice.event
    return any(given.day <= event.day < notice.bites and _may_be_of_one(event, given) for event in revocations)


def _ends(held: Held, found: Position) -> Iterable[End]:
    consent = held.of_all((K.TERMINATED_BY_CONSENT,))
    if consent:
        yield End(consent[-1].day, 0, Verdict("TERMINATED_BY_CONSENT", S.TERMINATED, consent))
    for event in held.against_all(K.TERMINATED_FOR_BREACH):
        yield End(event.day, 1, Verdict("TERMINATED_FOR_BREACH", S.TERMINATED, (event,)))
    for notice in found.notices:
        if not notice.stops_renewal:
            yield End(notice.bites, 2, Verdict("NOTICE_TOOK_EFFECT", S.TERMINATED, (notice.event,)))
    for event in held.against_all(K.REPLACED):
        yield End(event.day, 3, Verdict("REPLACED", S.REPLACED, (event,)))
    for event in held.against_all(K.EXPIRED):
        yield End(event.day, 4, Verdict("EXPIRED", S.EXPIRED, (event,)))
    if found.force and found.course and found.course.end:
        stops = tuple(n.event for n in found.notices if n.stops_renewal and n.bites == found.course.end)
        yield End(
            found.course.end, 5, Verdict("TERM_ENDED", S.EXPIRED, (*found.force.events, *found.course.acts, *stops))
        )


def _before_force(held: Held) -> Verdict:
    signatures = held.of(*SIGNATURES)
    consents = held.of(*CONSENTS)
    starts = held.of(K.PROVISIONAL_APPLICATION_START)
    if held.case.is_pair:
        for intent in held.of(K.NON_PARTY_INTENT):
            later = (event for event in (*signatures, *consents, *starts) if event.day > intent.day)
            if not any(event.party in (None, intent.party) for event in later):
                return Verdict("NON_PARTY_INTENT", S.ABANDONED, (intent,))
    applied = _unanswered(starts, held.of(K.PROVISIONAL_APPLICATION_END))
    if applied:
        return Verdict("PROVISIONAL_APPLICATION", S.PROVISIONALLY_APPLIED, (applied,))
    consents = [*consents, *held.of(K.INTERNAL_PROCEDURES_COMPLETED)]
    if consents:
        return Verdict("CONSENT", S.PARTLY_CONSENTED, tuple(sorted((*signatures, *consents), key=_order)))
    signed = held.of_all(SIGNATURES)
    if signed:
        return Verdict("SIGNATURE_OF_ALL", S.SIGNED, signed)
    signatures = [*signatures, *held.of(K.SIGNATURE_AD_REFERENDUM)]
    if signatures:
        return Verdict("SIGNATURE_OF_SOME", S.PARTLY_SIGNED, tuple(sorted(signatures, key=_order)))
    return _preparation(held)


def _preparation(held: Held) -> Verdict:
    abandoned = max(held.of(K.NEGOTIATIONS_ABANDONED), key=_order, default=None)
    for rule, status, kinds in _PREPARATION:
        events = [event for event in held.of(*kinds) if abandoned is None or event.day > abandoned.day]
        if events:
            return Verdict(rule, status, tuple(sorted(events, key=_order)))
    if abandoned:
        return Verdict("NEGOTIATIONS_ABANDONED", S.ABANDONED, (abandoned,))
    return Verdict("OTHER_ACTS", S.REPORTED, tuple(held.of(*LegalActKind)))
