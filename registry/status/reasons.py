"""Why a rule gives a status: the clause or article, the acts, the arithmetic in words, and what is missing."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from registry.dates import day_before
from registry.status import messages
from registry.status.kinds import ForceRule, LegalActKind, Renewal
from registry.status.record import CONSENTS, NOTICES, SIGNATURES, Event
from registry.status.rules import FORCE_KINDS, NOTICE_BY_DEFAULT, Force, Notice, Position, Verdict
from registry.status.terms import Course
from registry.status.values import Message, Reason

#: What a rule rests on where neither the text nor a treaty says it.
REGISTRY_RULE = "registry rule"
_AUTHORITIES = {
    "INVALIDATED": "VCLT art. 46-53, 69",
    "TERMINATED_BY_CONSENT": "VCLT art. 54 (b)",
    "TERMINATED_FOR_BREACH": "VCLT art. 60",
    "REPLACED": "VCLT art. 59",
    "EXPIRED": "VCLT art. 54 (a)",
    "TERM_ENDED": "clause on duration; VCLT art. 54 (a)",
    "SUSPENDED": "VCLT art. 57, 58, 60, 72",
    "ENTRY_INTO_FORCE": "VCLT art. 24",
    "PRESUMED_CONSENT_OF_ALL": "VCLT art. 24 (2)",
    "NON_PARTY_INTENT": "VCLT art. 18, 25 (2)",
    "PROVISIONAL_APPLICATION": "VCLT art. 25",
    "CONSENT": "VCLT art. 11-16",
    "SIGNATURE_OF_ALL": "VCLT art. 12, 13",
    "SIGNATURE_OF_SOME": "VCLT art. 12",
    "INITIALLED": "VCLT art. 10",
    **{rule.value: "clause on entry into force; VCLT art. 24 (1)" for rule in ForceRule},
}
_ENDS: dict[str, Callable[[], Message]] = {
    "INVALIDATED": messages.void,
    "TERMINATED_BY_CONSENT": messages.ended_by_consent,
    "TERMINATED_FOR_BREACH": messages.ended_for_breach,
    "REPLACED": messages.replaced,
    "EXPIRED": messages.expired,
}
_BEGINNINGS: dict[str, Callable[[], Message]] = {
    "NO_ACT": messages.no_act,
    "BEFORE_FIRST_ACT": messages.before_first_act,
    "NON_PARTY_INTENT": messages.will_not_become_party,
    "PROVISIONAL_APPLICATION": messages.applied_provisionally,
    "CONSENT": messages.consent_of_some,
    "SIGNATURE_OF_ALL": messages.signed_by_all,
    "SIGNATURE_OF_SOME": messages.signed_by_some,
    "NEGOTIATIONS_ABANDONED": messages.negotiations_given_up,
    "INITIALLED": messages.initialled,
    "NEGOTIATION": messages.negotiated,
    "DISCUSSION": messages.discussed,
    "PROPOSAL": messages.proposed,
    "OTHER_ACTS": messages.only_other_acts,
}
#: What is said instead where nobody knows what entry into force takes: that it takes more than was done is presumed.
_PRESUMED: dict[str, Callable[[], Message]] = {
    "CONSENT": messages.consent_presumed_lacking,
    "SIGNATURE_OF_ALL": messages.signature_presumed_not_enough,
}
_ON_THE_WAY = frozenset(("PROVISIONAL_APPLICATION", "CONSENT", "SIGNATURE_OF_ALL", "SIGNATURE_OF_SOME"))
_IN_FORCE = frozenset(
    ("SUSPENDED", "DENUNCIATION_PENDING", "ENTRY_INTO_FORCE", "PRESUMED_CONSENT_OF_ALL", *ForceRule.__members__)
)


@dataclass(frozen=True, slots=True)
class Aside:
    """A notice on record that ends nothing: the acts that tell of it, why it ends nothing, and what that rests on."""

    events: tuple[Event, ...]
    why: Message
    authority: str


def reason(found: Position, day: date, verdict: Verdict) -> Reason:
    """Why `verdict` is given on `day` in the position `found`."""
    return Reason(
        rule=verdict.rule,
        authority=_authority(found, verdict),
        explanation=tuple(_explanation(found, day, verdict)),
        acts=tuple(dict.fromkeys(number for event in _named(found, verdict) for number in event.deed.ids)),
        missing=tuple(_missing(found, day, verdict)),
    )


def facts(events: Iterable[Event]) -> Iterator[Message]:
    """The acts with their days, as their sources give them."""
    for event in dict.fromkeys(events):
        for told in event.deed.told:
            yield messages.act_on(event.deed.kind, event.party, ["edtf", told])


def _named(found: Position, verdict: Verdict) -> tuple[Event, ...]:
    """All events that the reason names: those used, and those of the notices that end nothing."""
    return (*_used(found, verdict), *(event for aside in _asides(found, verdict) for event in aside.events))


def _used(found: Position, verdict: Verdict) -> tuple[Event, ...]:
    """The events that the verdict rests on; while it lasts, also those that prolonged its term or are to end it."""
    used = verdict.events
    if used and found.course and found.force and used[-1] in found.force.events:
        used = (*used, *found.course.acts)
    if verdict.rule in _ON_THE_WAY | _IN_FORCE:
        used = (*used, *(notice.event for notice in found.notices))
    return used


def _authority(found: Position, verdict: Verdict) -> str:
    asides = (aside.authority for aside in _asides(found, verdict) if found.case.is_binding)
    return "; ".join(dict.fromkeys((*_authorities(found, verdict), *asides)))


def _authorities(found: Position, verdict: Verdict) -> Iterator[str]:
    if verdict.rule in ("NOTICE_TOOK_EFFECT", "DENUNCIATION_PENDING"):
        yield from (_notice_authority(found, notice) for notice in _deciding(found, verdict))
    else:
        yield _rule_authority(found, verdict)
        if _is_presumed(found, verdict):
            yield "VCLT art. 24 (2)"


def _rule_authority(found: Position, verdict: Verdict) -> str:
    if not found.case.is_binding:
        stated = found.case.terms.force_rule is not ForceRule.NOT_KNOWN and verdict.rule in ForceRule.__members__
        return "clause on entry into force" if stated else REGISTRY_RULE
    return _AUTHORITIES.get(verdict.rule, REGISTRY_RULE)


def _notice_authority(found: Position, notice: Notice) -> str:
    if notice.event.bites:
        return "notice as given; VCLT art. 67" if found.case.is_binding else "notice as given"
    if notice.stops_renewal:
        return "clause on renewal"
    if found.case.terms.notice_months is not None:
        return "clause on termination"
    return "VCLT art. 56 (2)" if found.case.is_binding else REGISTRY_RULE


def _deciding(found: Position, verdict: Verdict) -> list[Notice]:
    """The notice that has ended it; else those that may be the one that will: none that an earlier end forestalls."""
    if verdict.rule == "NOTICE_TOOK_EFFECT":
        return [notice for notice in found.notices if notice.event in verdict.events]
    known = [notice.bites for notice in found.notices if _is_day_known(found, notice)]
    return [n for n in found.notices if not _is_day_known(found, n) or n.bites <= min(known)]


def _asides(found: Position, verdict: Verdict) -> list[Aside]:
    """The notices that end nothing; once the instrument has ended, or before it is signed, they tell nothing."""
    if verdict.rule not in _ON_THE_WAY | _IN_FORCE:
        return []
    standing = {notice.event for notice in found.notices}
    passed_over = [event for event in found.held.of(*NOTICES) if event not in standing]
    asides = (_aside(found, event) for event in passed_over if not _is_received(found, event))
    return sorted(asides, key=lambda aside: (aside.events[0].day, aside.events[0].deed.ids))


def _aside(found: Position, event: Event) -> Aside:
    # What has no effect is told so first: it is certain even where the days of a revocation are not.
    if _is_without_clause(found, event):
        return Aside((event,), messages.notice_without_effect(), "VCLT art. 42 (2), 56 (1)")
    revocations = [revoked for revoked in found.held.of(LegalActKind.NOTICE_REVOKED) if _is_same(event, revoked)]
    if revocations:
        return Aside((event, revocations[0]), messages.notice_taken_back(), "VCLT art. 68")
    if found.case.is_group and event.party is not None:
        return Aside((event,), messages.notice_of_one(), "VCLT art. 55, 70 (2)")
    if event.deed.kind is LegalActKind.NOTICE_GIVEN:
        return Aside((event,), messages.notice_not_received(), "VCLT art. 78")
    return Aside((event,), messages.notice_before_terms(), "clause on renewal")


def _is_received(found: Position, event: Event) -> bool:
    """Whether it is a notice given whose receipt holds, so that what becomes of it is told of the receipt."""
    receipts = found.held.of(LegalActKind.NOTICE_RECEIVED)
    return event.deed.kind is LegalActKind.NOTICE_GIVEN and any(_is_same(event, other) for other in receipts)


def _is_same(notice: Event, other: Event) -> bool:
    """Whether a receipt or a revocation can be that of the notice."""
    return notice.day <= other.day and (None in (notice.party, other.party) or notice.party == other.party)


def _is_without_clause(found: Position, event: Event) -> bool:
    """Whether the text sets a duration and nothing says that, or when, a notice takes effect."""
    case = found.case
    provided = case.is_tacit or case.terms.renewal is Renewal.UNTIL_NOTICE or case.terms.notice_months is not None
    return case.is_binding and case.has_terms and event.bites is None and not provided


def _explanation(found: Position, day: date, verdict: Verdict) -> Iterator[Message]:
    yield from facts(_used(found, verdict))
    rule = verdict.rule
    if rule in _BEGINNINGS:
        yield from _beginning(found, day, verdict)
    elif rule in _ENDS:
        yield _ENDS[rule]()
        yield from _end_day(found, verdict)
    elif rule == "NOTICE_TOOK_EFFECT":
        yield from _notices(found, verdict)
    elif rule == "TERM_ENDED":
        yield from _term_ended(found, verdict)
    elif found.force:
        yield from _running(found, found.force, day, verdict)


def _beginning(found: Position, day: date, verdict: Verdict) -> Iterator[Message]:
    rule = verdict.rule
    ahead = found.force if found.force and rule in _ON_THE_WAY and found.force.day > day else None
    if ahead and rule in _PRESUMED:
        yield messages.only_day_lacks()
    else:
        yield _PRESUMED[rule]() if _is_presumed(found, verdict) else _BEGINNINGS[rule]()
    if ahead:
        yield from _force(found, ahead, is_ahead=True)
    if rule in _ON_THE_WAY:
        yield from _notices(found, verdict)
    yield from _told_aside(found, verdict)


def _is_presumed(found: Position, verdict: Verdict) -> bool:
    """Whether it is only taken not to be in force, as how it enters into force is not known."""
    return verdict.rule in _PRESUMED and found.case.force_rule is ForceRule.NOT_KNOWN


def _running(found: Position, force: Force, day: date, verdict: Verdict) -> Iterator[Message]:
    """Why it is in force, and what is to end it or has not done so."""
    yield from _force(found, force)
    if verdict.rule == "SUSPENDED":
        yield messages.suspended()
    yield from _notices(found, verdict)
    overtaken = any(_term_ends_first(found, notice) for notice in _deciding(found, verdict))
    if verdict.rule == "DENUNCIATION_PENDING" and not overtaken:
        yield messages.pending()
    yield from _told_aside(found, verdict)
    if verdict.rule == force.rule and found.course and _exact(force.events):
        yield from _terms(found.course, day, none_received=not _asides(found, verdict))


def _told_aside(found: Position, verdict: Verdict) -> Iterator[Message]:
    """Each notice that ends nothing, with the reason right behind it."""
    for aside in _asides(found, verdict):
        yield from facts(aside.events)
        yield aside.why


def _exact(events: Iterable[Event]) -> bool:
    """Whether a day counted from these events is known to the day."""
    return all(event.deed.is_precise for event in events)


def _end_day(found: Position, verdict: Verdict) -> Iterator[Message]:
    if found.end and found.end.verdict is verdict and _exact(verdict.events):
        yield messages.takes_effect(found.end.day)


def _force(found: Position, force: Force, is_ahead: bool = False) -> Iterator[Message]:
    case = found.case
    if force.rule == "PRESUMED_CONSENT_OF_ALL":
        yield messages.force_presumed()
    elif force.rule != "ENTRY_INTO_FORCE":
        yield messages.force_by_text(case.force_rule, case.is_binding)
        if case.terms.force_delay:
            yield messages.force_after(case.terms.force_delay)
        if case.terms.force_on_first_of_month:
            yield messages.force_on_first_of_month()
    if _exact(force.events):
        yield messages.force_ahead(force.day) if is_ahead else messages.in_force_since(force.day, case.is_binding)


def _notices(found: Position, verdict: Verdict) -> Iterator[Message]:
    for notice in _deciding(found, verdict):
        yield _mode(found, notice)
        until_notice = found.case.terms.renewal is Renewal.UNTIL_NOTICE
        if until_notice and found.course and notice.bites == found.course.term_end(0) and not notice.event.bites:
            yield messages.bites_after_first_term()
        last_day = _term_ends_first(found, notice)
        if last_day:
            yield messages.term_ends_first()
            yield messages.last_term_ended(last_day)
        elif _is_day_known(found, notice):
            yield messages.takes_effect(notice.bites)


def _term_ends_first(found: Position, notice: Notice) -> date | None:
    """The last day of the term, where it is known to end before the notice takes effect."""
    end = found.end
    if notice.stops_renewal or end is None or end.verdict.rule != "TERM_ENDED":
        return None
    is_known = _exact((notice.event, *end.verdict.events))
    return day_before(end.day) if is_known and end.day < notice.bites else None


def _is_day_known(found: Position, notice: Notice) -> bool:
    counted = found.force.events if found.force and found.course and not notice.event.bites else ()
    return _exact((notice.event, *counted))


def _mode(found: Position, notice: Notice) -> Message:
    """How the day on which a notice bites is found."""
    terms = found.case.terms
    if notice.event.bites:
        return messages.bites_as_stated()
    if notice.stops_renewal and found.course:
        if not _is_day_known(found, notice):
            return messages.notice_stops_renewal()
        last = found.course.last_after(notice.event.day)
        return messages.notice_in_time(day_before(notice.bites), found.course.notice_by(last))
    if terms.notice_months is not None:
        return messages.bites_after_period(terms.notice_months)
    if not found.case.is_binding:
        return messages.bites_at_once()
    return messages.bites_by_default(NOTICE_BY_DEFAULT, has_duration=found.case.has_terms)


def _term_ended(found: Position, verdict: Verdict) -> Iterator[Message]:
    course, force = found.course, found.force
    if course is None or force is None or course.end is None:
        return
    yield from _force(found, force)
    if not _exact(verdict.events):
        yield messages.first_term_length(course.case.terms.duration_months or 0)
        yield messages.term_over()
        return
    yield messages.first_term(course.case.terms.duration_months or 0, day_before(course.term_end(0)))
    if course.last is not None:
        if course.last:
            yield messages.renewals_made(course.last, course.case.step)
        yield messages.notice_in_time(day_before(course.end), course.notice_by(course.last))
    elif course.prolonged:
        yield messages.prolonged(len(course.prolonged), day_before(course.end))
    else:
        yield messages.no_renewal_on_record()
    yield messages.last_term_ended(day_before(course.end))


def _terms(course: Course, day: date, none_received: bool) -> Iterator[Message]:
    """The arithmetic of the terms on a day on which the instrument is in force."""
    terms = course.case.terms
    first_end = course.term_end(0)
    yield messages.first_term(terms.duration_months or 0, day_before(first_end))
    if terms.renewal is Renewal.TACIT and day >= first_end:
        yield messages.renewed_tacitly(course.case.step, course.notice_by(0), none_received)
    elif terms.renewal is Renewal.UNTIL_NOTICE and day >= first_end:
        yield messages.runs_until_notice()
    elif course.prolonged:
        yield messages.prolonged(len(course.prolonged), day_before(course.prolonged[-1][1]))


def _missing(found: Position, day: date, verdict: Verdict) -> Iterator[Message]:
    rule = verdict.rule
    if rule in ("NO_ACT", "OTHER_ACTS"):
        yield messages.any_act_lacks()
    elif rule == "PRESUMED_CONSENT_OF_ALL":
        yield messages.no_entry_into_force()
        yield messages.force_rule_lacks()
    elif rule in _ON_THE_WAY and not (found.force and found.force.day > day):
        yield from _lacking(found, rule)


def _lacking(found: Position, rule: str) -> Iterator[Message]:
    """What entry into force would take."""
    case = found.case
    yield messages.no_entry_into_force()
    if case.force_rule is ForceRule.NOT_KNOWN:
        yield messages.force_rule_lacks()
    if not case.everyone:
        yield messages.parties_lack()
    if rule == "SIGNATURE_OF_SOME":
        yield from map(messages.signature_lacks, _without(found, SIGNATURES))
    elif case.force_rule is not ForceRule.ON_SIGNATURE:
        yield from map(messages.consent_lacks, _without(found, FORCE_KINDS.get(case.force_rule, CONSENTS)))


def _without(found: Position, kinds: Iterable[object]) -> list[str]:
    """The parties whose act of these kinds is not on record."""
    wanted = set(kinds)
    done = {event.party for event in found.held.events if event.deed.kind in wanted}
    return [] if None in done else sorted(found.case.everyone - done)
