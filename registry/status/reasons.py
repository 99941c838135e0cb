"""Why a rule gives a status: the clause or article, the acts, the arithmetic in words, and what is missing."""

from collections.abc import Callable, Iterable, Iterator
from datetime import date
from functools import lru_cache

from registry.dates import day_before
from registry.status import messages
from registry.status.held import in_order
from registry.status.kinds import ForceRule, Renewal
from registry.status.notices import NOTICE_BY_DEFAULT, Fate, Notice, PassedOver
from registry.status.record import CONSENTS, SIGNATURES, Deed, Event
from registry.status.rules import FORCE_KINDS, Force, Position, Verdict
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
#: What is not said where the day of entry into force is known to be ahead: that something else is lacking.
_SHORT_OF_FORCE = frozenset((*_PRESUMED, "OTHER_ACTS"))
_IN_FORCE = frozenset(
    ("SUSPENDED", "DENUNCIATION_PENDING", "ENTRY_INTO_FORCE", "PRESUMED_CONSENT_OF_ALL", *ForceRule.__members__)
)


#: What is said of a notice that ends nothing, and what that rests on.
_FATES: dict[Fate, tuple[Callable[[], Message], str]] = {
    Fate.WITHOUT_CLAUSE: (messages.notice_without_effect, "VCLT art. 42 (2), 56 (1)"),
    Fate.REVOKED: (messages.notice_taken_back, "VCLT art. 68"),
    Fate.OF_ONE: (messages.notice_of_one, "VCLT art. 55, 70 (2)"),
    Fate.AWAITS_RECEIPT: (messages.notice_not_received, "VCLT art. 78"),
    Fate.AWAITS_TERMS: (messages.notice_before_terms, "clause on renewal"),
}


def reason(found: Position, day: date, verdict: Verdict) -> Reason:
    """Why `verdict` is given on `day` in the position `found`."""
    asides = _asides(found, verdict)
    named = (*_used(found, verdict), *(event for aside in asides for event in aside.events))
    return Reason(
        rule=verdict.rule,
        authority=_authority(found, verdict, asides),
        explanation=tuple(_explanation(found, day, verdict, asides)),
        acts=tuple(dict.fromkeys(number for event in named for number in event.deed.ids)),
        missing=tuple(_missing(found, verdict)),
    )


def facts(events: Iterable[Event]) -> Iterator[Message]:
    """The acts with their days, as their sources give them."""
    for event in dict.fromkeys(events):
        yield from _tellings(event.deed)


@lru_cache(maxsize=1024)
def _tellings(deed: Deed) -> tuple[Message, ...]:
    return tuple(messages.act_on(deed.kind, deed.party, ["edtf", told]) for told in deed.told)


def _used(found: Position, verdict: Verdict) -> tuple[Event, ...]:
    """The events that the verdict rests on; while it lasts, also those that prolonged its term or are to end it."""
    used = verdict.events
    if used and found.course and found.force and used[-1] in found.force.events:
        used = (*used, *found.course.acts)
    ahead = _ahead(found, verdict)
    if ahead and ahead.rule == "ENTRY_INTO_FORCE":
        used = (*used, *ahead.events)
    if verdict.rule in _ON_THE_WAY | _IN_FORCE:
        used = (*used, *(notice.event for notice in found.notices))
    return used


def _ahead(found: Position, verdict: Verdict) -> Force | None:
    """The entry into force that is still ahead: one on record, or one for which all is done but for the delay."""
    force = found.force
    if force is None or verdict.rule not in _BEGINNINGS:
        return None
    return force if verdict.rule in _ON_THE_WAY or force.rule == "ENTRY_INTO_FORCE" else None


def _authority(found: Position, verdict: Verdict, asides: list[PassedOver]) -> str:
    aside = (_FATES[one.fate][1] for one in asides if found.case.is_binding)
    return "; ".join(dict.fromkeys((*_authorities(found, verdict), *aside)))


def _authorities(found: Position, verdict: Verdict) -> Iterator[str]:
    if verdict.rule in ("NOTICE_TOOK_EFFECT", "DENUNCIATION_PENDING"):
        yield from (_notice_authority(found, notice) for notice in _deciding(found, verdict))
    else:
        yield _rule_authority(found, verdict)
        ahead = _ahead(found, verdict)
        if ahead and ahead.rule == "ENTRY_INTO_FORCE" and found.case.is_binding:
            yield _AUTHORITIES[ahead.rule]
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


def _asides(found: Position, verdict: Verdict) -> list[PassedOver]:
    """The notices that end nothing; once the instrument has ended, or before it is signed, they tell nothing."""
    if verdict.rule not in _ON_THE_WAY | _IN_FORCE:
        return []
    return sorted(found.passed_over, key=lambda aside: in_order(aside.events[0]))


def _explanation(found: Position, day: date, verdict: Verdict, asides: list[PassedOver]) -> Iterator[Message]:
    yield from facts(_used(found, verdict))
    rule = verdict.rule
    if rule in _BEGINNINGS:
        yield from _beginning(found, verdict, asides)
    elif rule in _ENDS:
        yield _ENDS[rule]()
        yield from _end_day(found, verdict)
    elif rule == "NOTICE_TOOK_EFFECT":
        yield from _how_they_bite(found, verdict)
    elif rule == "TERM_ENDED":
        yield from _term_ended(found, verdict)
    elif found.force:
        yield from _running(found, found.force, day, verdict, asides)


def _beginning(found: Position, verdict: Verdict, asides: list[PassedOver]) -> Iterator[Message]:
    rule, ahead = verdict.rule, _ahead(found, verdict)
    if ahead is None or rule not in _SHORT_OF_FORCE:
        yield _PRESUMED[rule]() if _is_presumed(found, verdict) else _BEGINNINGS[rule]()
    elif ahead.rule != "ENTRY_INTO_FORCE":
        yield messages.only_day_lacks()
    if ahead:
        yield from _force(found, ahead, is_ahead=True)
    if rule in _ON_THE_WAY:
        yield from _how_they_bite(found, verdict)
    yield from _told_aside(asides)


def _is_presumed(found: Position, verdict: Verdict) -> bool:
    """Whether it is only taken not to be in force, as how it enters into force is not known."""
    return verdict.rule in _PRESUMED and found.force is None and found.case.force_rule is ForceRule.NOT_KNOWN


def _running(found: Position, force: Force, day: date, verdict: Verdict, asides: list[PassedOver]) -> Iterator[Message]:
    """Why it is in force, and what is to end it or has not done so."""
    yield from _force(found, force)
    if verdict.rule == "SUSPENDED":
        yield messages.suspended()
    yield from _how_they_bite(found, verdict)
    overtaken = any(_term_ends_first(found, notice) for notice in _deciding(found, verdict))
    if verdict.rule == "DENUNCIATION_PENDING" and not overtaken:
        yield messages.pending()
    yield from _told_aside(asides)
    if verdict.rule == force.rule and found.course and _exact(force.events):
        yield from _arithmetic(found.course, day, none_received=not asides)


def _told_aside(asides: list[PassedOver]) -> Iterator[Message]:
    """Each notice that ends nothing, with the reason right behind it."""
    for aside in asides:
        yield from facts(aside.events)
        yield _FATES[aside.fate][0]()


def _exact(events: Iterable[Event]) -> bool:
    """Whether a day counted from these events is known to the day."""
    return all(event.deed.is_precise for event in events)


def _end_day(found: Position, verdict: Verdict) -> Iterator[Message]:
    if found.end and found.end.verdict is verdict and _exact(verdict.events):
        yield messages.takes_effect(found.end.day)


def _force(found: Position, force: Force, is_ahead: bool = False) -> Iterator[Message]:
    case = found.case
    if is_ahead and force.rule == "ENTRY_INTO_FORCE":
        (entry,) = force.events
        yield messages.entry_ahead(messages.day_of(force.day) if _exact((entry,)) else ["edtf", entry.deed.told[0]])
        return
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


def _how_they_bite(found: Position, verdict: Verdict) -> Iterator[Message]:
    """What is said of the notices that are to end it, or have done so: how the day on which they bite is found."""
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


def _arithmetic(course: Course, day: date, none_received: bool) -> Iterator[Message]:
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


def _missing(found: Position, verdict: Verdict) -> Iterator[Message]:
    rule = verdict.rule
    if _ahead(found, verdict):
        return
    if rule in ("NO_ACT", "OTHER_ACTS"):
        yield messages.any_act_lacks()
    elif rule == "PRESUMED_CONSENT_OF_ALL":
        yield messages.no_entry_into_force()
        yield messages.force_rule_lacks()
    elif rule in _ON_THE_WAY:
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
