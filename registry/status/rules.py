"""The rules of status in one world, in which every act has its day: which rule decides on a day, and on what."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date

from registry.dates import add_months
from registry.status.held import Held, in_order
from registry.status.kinds import AgreementStatus, ForceRule, LegalActKind
from registry.status.notices import Notice, PassedOver, fates
from registry.status.record import CONSENTS, EXTENSIONS, SIGNATURES, Case, Event
from registry.status.terms import Course, Prolongation

K = LegalActKind
S = AgreementStatus

#: How the statuses of treaties are read for instruments that do not bind.
NOT_BINDING = {
    S.IN_FORCE: S.OPERATIVE,
    S.DENUNCIATION_PENDING: S.OPERATIVE,
    S.PROVISIONALLY_APPLIED: S.OPERATIVE,
    S.SUSPENDED: S.PAUSED,
    S.TERMINATED: S.DISCONTINUED,
    S.INVALIDATED: S.DISCONTINUED,
}
#: What takes back that a party will not become bound.
_RETURNING = (*SIGNATURES, *CONSENTS, K.PROVISIONAL_APPLICATION_START)
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


@dataclass(slots=True)
class Position:
    """Everything that the acts held so far imply, for this day and all later ones until another act comes."""

    held: Held
    invalid: Event | None = None
    force: Force | None = None
    course: Course | None = None
    suspended: Event | None = None
    notices: list[Notice] = field(default_factory=list)
    passed_over: list[PassedOver] = field(default_factory=list)
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


def position(case: Case, events: Iterable[Event], foreseen: Sequence[Event]) -> Position:
    """What the `events` held so far imply; `foreseen` are all events of the kinds `FORESEEN` on record, come or not."""
    held = Held(case, events, foreseen)
    found = Position(held)
    if not held:
        return found
    found.invalid = min(held.against_all(K.INVALIDATED), key=in_order, default=None)
    found.force = force_of(held)
    if found.force and case.has_terms:
        found.course = Course(case, found.force.day, _prolongations(held))
    for notice in fates(held, found.course):
        if isinstance(notice, PassedOver):
            found.passed_over.append(notice)
            continue
        found.notices.append(notice)
        if notice.stops_renewal and found.course:
            found.course.stop(found.course.last_after(notice.event.day))
    found.suspended = _unanswered(held.against_all(K.SUSPENDED), held.of(K.RESUMED))
    found.ends = sorted(_ends(held, found), key=lambda end: (end.day, end.order))
    return found


def force_of(held: Held) -> Force | None:
    """The day of entry into force that follows from the events, come or still ahead.

    An act of entry into force gives it on every legal day, also while it lies ahead: only failing that is there room
    for the text's rule, and for what is presumed (VCLT art. 24 (1), (2)).
    """
    entry = min(held.on_record(K.ENTRY_INTO_FORCE), key=in_order, default=None)
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
    start = max(starts, key=in_order, default=None)
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
    columns = [sorted((event for event in events if event.party == party), key=in_order) for party in everyone]
    for each in zip(*columns, strict=False):
        day = max(event.day for event in each)
        named = [event.until for event in sorted(each, key=in_order) if event.until]
        found.append(Prolongation(day, named[-1] if named else None, each))
    return found


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
            if not _is_taken_back(intent, held):
                return Verdict("NON_PARTY_INTENT", S.ABANDONED, (intent,))
    applied = _unanswered(starts, held.of(K.PROVISIONAL_APPLICATION_END))
    if applied:
        return Verdict("PROVISIONAL_APPLICATION", S.PROVISIONALLY_APPLIED, (applied,))
    consents = [*consents, *held.of(K.INTERNAL_PROCEDURES_COMPLETED)]
    if consents:
        return Verdict("CONSENT", S.PARTLY_CONSENTED, tuple(sorted((*signatures, *consents), key=in_order)))
    signed = held.of_all(SIGNATURES)
    if signed:
        return Verdict("SIGNATURE_OF_ALL", S.SIGNED, signed)
    signatures = [*signatures, *held.of(K.SIGNATURE_AD_REFERENDUM)]
    if signatures:
        return Verdict("SIGNATURE_OF_SOME", S.PARTLY_SIGNED, tuple(sorted(signatures, key=in_order)))
    return _preparation(held)


def _is_taken_back(intent: Event, held: Held) -> bool:
    """Whether a later signature, consent or provisional start is that of the party of the intent, or of all (18).

    An intent that names no party is that of all: what each of them then does by itself takes it back together.
    """
    later = [event for event in held.of(*_RETURNING) if event.day > intent.day]
    return any(event.party == intent.party for event in later) or bool(Held(held.case, later, ()).of_all(_RETURNING))


def _preparation(held: Held) -> Verdict:
    abandoned = max(held.of(K.NEGOTIATIONS_ABANDONED), key=in_order, default=None)
    for rule, status, kinds in _PREPARATION:
        events = [event for event in held.of(*kinds) if abandoned is None or event.day > abandoned.day]
        if events:
            return Verdict(rule, status, tuple(sorted(events, key=in_order)))
    if abandoned:
        return Verdict("NEGOTIATIONS_ABANDONED", S.ABANDONED, (abandoned,))
    return Verdict("OTHER_ACTS", S.REPORTED, tuple(held.of(*LegalActKind)))
