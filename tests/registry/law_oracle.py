"""The law read a second time: a slow evaluator written from the domain page alone, to hold the engine against.

It walks the rules in their order for one choice of days at a time and tries every choice. Each function quotes the
sentence it carries out. It shares with the engine the codes, the plain values and the arithmetic of months, no more.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from itertools import product

from registry.dates import UncertainDate, add_months, day_after, day_before, parse_duration
from registry.status import Act, AgreementStatus, Bindingness, ForceRule, Instrument, InstrumentType, Renewal, Terms
from registry.status import LegalActKind as Kind

NOTICES = {Kind.NOTICE_GIVEN, Kind.NOTICE_RECEIVED, Kind.DENOUNCED}
SIGNATURE = {Kind.SIGNATURE, Kind.EXCHANGE_OF_NOTES}
CONSENT = {
    Kind.RATIFICATION,
    Kind.ACCEPTANCE,
    Kind.APPROVAL,
    Kind.ACCESSION,
    Kind.SUCCESSION,
    Kind.NOTE_RECEIVED,
    Kind.INSTRUMENTS_EXCHANGED,
}
END_ACTS = {Kind.TERMINATED_BY_CONSENT, Kind.TERMINATED_FOR_BREACH, Kind.REPLACED, Kind.EXPIRED}
ONCE = SIGNATURE | CONSENT | END_ACTS | {Kind.ENTRY_INTO_FORCE, Kind.INVALIDATED}
NEGOTIATING = {Kind.NEGOTIATIONS_OPENED, Kind.NEGOTIATIONS_CONCLUDED, Kind.FULL_POWERS, Kind.ADOPTED}
READ_AS = {
    AgreementStatus.IN_FORCE: AgreementStatus.OPERATIVE,
    AgreementStatus.DENUNCIATION_PENDING: AgreementStatus.OPERATIVE,
    AgreementStatus.PROVISIONALLY_APPLIED: AgreementStatus.OPERATIVE,
    AgreementStatus.SUSPENDED: AgreementStatus.PAUSED,
    AgreementStatus.TERMINATED: AgreementStatus.DISCONTINUED,
    AgreementStatus.INVALIDATED: AgreementStatus.DISCONTINUED,
}


@dataclass(frozen=True)
class Done:
    """An act in one choice of days."""

    kind: Kind
    party: str | None
    day: date
    effective: date | None = None
    until: date | None = None


@dataclass(frozen=True)
class Running:
    """The term that runs on a day."""

    ends_on: date | None
    notice_by: date | None
    renewals: int


# ---- every choice of days -------------------------------------------------------------------------------------------


def days_of(when: UncertainDate) -> range:
    """The days of an interval, as ordinals; an open end is not walked here."""
    assert when.earliest is not None
    assert when.latest is not None
    return range(when.earliest.toordinal(), when.latest.toordinal() + 1)


def closed(instrument: Instrument, first: date, last: date) -> Instrument:
    """The instrument with its open ends drawn at `first` and `last`, so that every day can be tried."""

    def close(when: UncertainDate) -> UncertainDate:
        return UncertainDate(when.edtf, when.earliest or first, when.latest or last)

    acts = (
        replace(act, date=close(act.date), effective=act.effective and close(act.effective)) for act in instrument.acts
    )
    return replace(instrument, acts=tuple(acts))


def when_of(act: Act) -> UncertainDate:
    """“An act's day is its `effective` if given, else its `date`; only for notices and DENOUNCED is it the `date`.”"""
    return act.date if act.kind in NOTICES or act.effective is None else act.effective


def tellings(acts: list[Act]) -> list[list[Act]]:
    """“Two records of one such kind and party are one act: on the days both allow; if … none, … each is tried in turn.”

    Of three or more, those that allow a common day are told together.
    """
    days = sorted({day for act in acts for day in days_of(when_of(act))})
    agreeing = {frozenset(act for act in acts if day in days_of(when_of(act))) for day in days}
    return [list(some) for some in agreeing if not any(some < more for more in agreeing)]


def days_allowed(acts: list[Act]) -> set[int]:
    """The days that the tellings of one act leave to choose from."""
    return {
        day for telling in tellings(acts) for day in set.intersection(*(set(days_of(when_of(act))) for act in telling))
    }


def choices_of_act(acts: list[Act]) -> list[Done]:
    """Every day, day of effect and last day that one act may have had."""
    kind, party = acts[0].kind, acts[0].party
    days = [date.fromordinal(day) for day in sorted(days_allowed(acts))]
    bites = stated_days(acts[0].effective if kind in NOTICES else None)
    untils = stated_days(acts[0].until if kind is Kind.EXTENDED else None)
    return [Done(kind, party, *chosen) for chosen in product(days, bites, untils)]


def stated_days(when: UncertainDate | None) -> list[date | None]:
    """The days that a stated day may be; none where it is not stated."""
    return [None] if when is None else [date.fromordinal(day) for day in days_of(when)]


def worlds(instrument: Instrument) -> Iterator[tuple[Done, ...]]:
    """“Each act happened on one day of its interval, independently of the others.”"""
    once: dict[tuple[Kind, str | None], list[Act]] = {}
    groups: list[list[Act]] = []
    for act in instrument.acts:
        if act.kind in ONCE:
            once.setdefault((act.kind, act.party), []).append(act)
        else:
            groups.append([act])
    yield from product(*(choices_of_act(group) for group in [*groups, *once.values()]))


def possible(instrument: Instrument, day: date) -> tuple[AgreementStatus, ...]:
    """The statuses of every choice of days, in the order of the enum."""
    found = {status_in_world(instrument, world, day) for world in worlds(instrument)}
    return tuple(status for status in AgreementStatus if status in found)


def status_on_day(instrument: Instrument, day: date) -> AgreementStatus:
    """“If the set has one member it is the `status`, else `status` is UNKNOWN.”"""
    found = possible(instrument, day)
    return found[0] if len(found) == 1 else AgreementStatus.UNKNOWN


def term_on_day(instrument: Instrument, day: date) -> Running:
    """The days are “null … where the choices of days disagree”; `renewals` counts “as far as certain”."""
    terms = {term_in_world(instrument, world, day) for world in worlds(instrument)}
    ends, notices = {term.ends_on for term in terms}, {term.notice_by for term in terms}
    return Running(
        ends.pop() if len(ends) == 1 else None,
        notices.pop() if len(notices) == 1 else None,
        min(term.renewals for term in terms),
    )


# ---- who acted ------------------------------------------------------------------------------------------------------


def terms_of(instrument: Instrument) -> Terms:
    return instrument.terms or Terms()


def all_known(instrument: Instrument) -> bool:
    """“With fewer than two parties on record, or type MULTILATERAL_INSTRUMENT, nobody knows all.”"""
    return len(set(instrument.parties)) >= 2 and instrument.type is not InstrumentType.MULTILATERAL_INSTRUMENT


def survives_one(instrument: Instrument) -> bool:
    """“With more than two parties, or that type, … that names one party leaves the rest as it is.”"""
    return len(set(instrument.parties)) > 2 or instrument.type is InstrumentType.MULTILATERAL_INSTRUMENT


def counted(instrument: Instrument, done: Done) -> bool:
    """“An end, invalidity, notice or suspension that names one party leaves the rest as it is.”"""
    return done.party is None or not survives_one(instrument)


def days_of_all(instrument: Instrument, done: Iterable[Done]) -> list[date]:
    """“Need all parties: one record with party null, or one of each party, on the day of the last.”

    The days on which all had acted once, twice, and so on.
    """
    acts = sorted(done, key=lambda act: act.day)
    days = [act.day for act in acts if act.party is None]
    if all_known(instrument):
        by_party = [[act.day for act in acts if act.party == party] for party in sorted(set(instrument.parties))]
        days += [max(turn) for turn in zip(*by_party, strict=False)]
    return sorted(days)


def day_of_all(instrument: Instrument, done: Iterable[Done]) -> date | None:
    days = days_of_all(instrument, done)
    return days[0] if days else None


def without_absent(world: tuple[Done, ...], day: date) -> tuple[Done, ...]:
    """An act later than D “is absent”, but for two that count where they are “on record”.

    The receipt of a notice, and an entry into force: “act ENTRY_INTO_FORCE, the earliest” is first in the order by
    which the force day is found, and may be “ahead” (rule 8).
    """
    foreseen = {Kind.NOTICE_RECEIVED, Kind.ENTRY_INTO_FORCE}
    return tuple(done for done in world if done.day <= day or done.kind in foreseen)


def of_kind(world: Iterable[Done], *kinds: Kind) -> list[Done]:
    return [done for done in world if done.kind in kinds]


# ---- rule 5: the force day ------------------------------------------------------------------------------------------


def force_day(instrument: Instrument, world: tuple[Done, ...]) -> date | None:
    """“Force day, in this order: act ENTRY_INTO_FORCE, the earliest, of whatever party; the text's force rule.”"""
    entries = [done.day for done in of_kind(world, Kind.ENTRY_INTO_FORCE)]
    if entries:
        return min(entries)
    rule = terms_of(instrument).force_rule
    if rule is ForceRule.NOT_KNOWN and instrument.bindingness is Bindingness.NOT_BINDING:
        rule = ForceRule.ON_SIGNATURE  # “NOT_KNOWN is read as ON_SIGNATURE”
    if rule is ForceRule.NOT_KNOWN:  # “the day on which consent of all parties is established”
        return day_of_all(instrument, of_kind(world, *CONSENT))
    kinds = {
        ForceRule.ON_SIGNATURE: SIGNATURE,
        ForceRule.ON_LAST_NOTIFICATION: {Kind.NOTE_RECEIVED},
        ForceRule.ON_EXCHANGE_OF_INSTRUMENTS: {Kind.INSTRUMENTS_EXCHANGED},
        ForceRule.ON_LAST_CONSENT: CONSENT,
        ForceRule.ON_FIXED_DATE: set(),  # “has its day in act ENTRY_INTO_FORCE”
    }[rule]
    day = day_of_all(instrument, of_kind(world, *kinds))
    return None if day is None else delayed(terms_of(instrument), day)


def delayed(terms: Terms, day: date) -> date:
    """“+ `forceDelay`, then the first day of the following month where `forceOnFirstOfMonth`, even from a first.”"""
    if terms.force_delay is not None:
        day = parse_duration(terms.force_delay).after(day)
    return add_months(day.replace(day=1), 1) if terms.force_on_first_of_month else day


# ---- terms ----------------------------------------------------------------------------------------------------------


def term_end(terms: Terms, force: date, renewals: int) -> date:
    """“Always counts from F (F + `durationMonths` + k times `renewalMonths`)”; `endsOn` is the day before."""
    return day_before(add_months(force, (terms.duration_months or 0) + renewals * renewal_of(terms)))


def renewal_of(terms: Terms) -> int:
    """“`renewalMonths` null = `durationMonths`.”"""
    return (terms.duration_months or 0) if terms.renewal_months is None else terms.renewal_months


def notice_by(terms: Terms, ends_on: date) -> date:
    """“`noticeBy` = `endsOn` less `noticeMonths` (null = 0).”"""
    return add_months(ends_on, -(terms.notice_months or 0))


def has_terms(instrument: Instrument, force: date | None) -> bool:
    return force is not None and terms_of(instrument).duration_months is not None


def tacit(instrument: Instrument, force: date | None) -> bool:
    """“Where terms from a known force day renew tacitly.”"""
    return has_terms(instrument, force) and terms_of(instrument).renewal is Renewal.TACIT


def stopped_renewal(terms: Terms, force: date, noticed: date) -> date:
    """The end of the first term whose `noticeBy` the notice met: “a later notice stops the next renewal after that”."""
    renewals = 0
    while notice_by(terms, term_end(terms, force, renewals)) < noticed:
        renewals += 1
    return term_end(terms, force, renewals)


def prolonged(instrument: Instrument, world: tuple[Done, ...], force: date, day: date) -> tuple[date, list[date]]:
    """“Each EXTENDED or RENEWED_EXPRESSLY no later than the day after `endsOn` adds `renewalMonths` from its day on.”

    The last day as it stands on `day`, and the days of the prolongations that took effect. “An EXTENDED with `until`
    sets `endsOn` to that day instead”; months are then counted from the day after it.
    """
    terms = terms_of(instrument)
    ends_on, origin, months = term_end(terms, force, 0), force, terms.duration_months or 0
    made = []
    for when, until in prolongations(instrument, world):
        if when > day or when > day_after(ends_on):
            continue
        made.append(when)
        if until is not None:
            ends_on, origin, months = until, day_after(until), 0
        else:
            months += renewal_of(terms)
            ends_on = day_before(add_months(origin, months))
    return ends_on, made


def prolongations(instrument: Instrument, world: tuple[Done, ...]) -> list[tuple[date, date | None]]:
    """The prolongations by all parties in the order of their days, with their `until`."""
    found: list[tuple[date, date | None]] = []
    for kind in (Kind.EXTENDED, Kind.RENEWED_EXPRESSLY):
        acts = of_kind(world, kind)
        for until in {act.until for act in acts}:
            same = [act for act in acts if act.until == until]
            found += [(day, until) for day in days_of_all(instrument, same)]
    return sorted(found, key=lambda pair: (pair[0], pair[1] or date.min))


def term_in_world(instrument: Instrument, world: tuple[Done, ...], day: date) -> Running:
    """“On days when no term runs (before force, after the end, no duration) `endsOn` and `noticeBy` are null.”"""
    world = without_absent(world, day)
    force = force_day(instrument, world)
    if force is None or not has_terms(instrument, force):
        return Running(None, None, 0)
    ended = end_day(instrument, world, day)
    terms = terms_of(instrument)
    if terms.renewal is Renewal.TACIT:
        return tacit_term(terms, force, day, ended)
    if terms.renewal is Renewal.UNTIL_NOTICE:
        ends_on, made = term_end(terms, force, 0), list[date]()
    else:
        ends_on, made = prolonged(instrument, world, force, day)
    runs = force <= day <= ends_on and ended is None
    return Running(ends_on if runs else None, None, len([when for when in made if ended is None or when < ended]))


def tacit_term(terms: Terms, force: date, day: date, ended: date | None) -> Running:
    """The tacit term that runs; “`renewals` counts the tacit ones begun”."""
    last = day if ended is None else min(day, day_before(ended))
    renewals = 0
    while term_end(terms, force, renewals) < last:
        renewals += 1
    if day < force or ended is not None:
        return Running(None, None, renewals)
    ends_on = term_end(terms, force, renewals)
    return Running(ends_on, notice_by(terms, ends_on), renewals)


# ---- notices --------------------------------------------------------------------------------------------------------


def notices(instrument: Instrument, world: tuple[Done, ...]) -> list[Done]:
    """“NOTICE_RECEIVED, DENOUNCED, and NOTICE_GIVEN where no receipt on or after its day is on record.”"""
    return [
        done
        for done in of_kind(world, *NOTICES)
        if counted(instrument, done) and not (done.kind is Kind.NOTICE_GIVEN and received(world, done))
    ]


def received(world: tuple[Done, ...], given: Done) -> bool:
    """Its receipt, which is of the party whose notice it is: what another party gave notice of is another notice."""
    return any(
        receipt.day >= given.day and same_party(receipt, given) for receipt in of_kind(world, Kind.NOTICE_RECEIVED)
    )


def same_party(one: Done, other: Done) -> bool:
    """“By the same party (null: any).”"""
    return one.party == other.party or one.party is None or other.party is None


def by_term(instrument: Instrument, world: tuple[Done, ...], notice: Done) -> bool:
    """Whether the notice ends the instrument with its term: “the end is EXPIRED”."""
    return notice.effective is None and tacit(instrument, force_day(instrument, world))


def bites_on(instrument: Instrument, world: tuple[Done, ...], notice: Done) -> date | None:
    """“A notice bites on its `effective` if stated; else, where terms … renew tacitly, see Terms; else …”"""
    terms, force = terms_of(instrument), force_day(instrument, world)
    if notice.effective is not None:
        return notice.effective
    if force is not None and tacit(instrument, force):
        return day_after(stopped_renewal(terms, force, notice.day))
    if terms.notice_months is not None:  # “else after the text's `noticeMonths`”
        bite = add_months(notice.day, terms.notice_months)
    elif instrument.bindingness is Bindingness.NOT_BINDING:  # “a notice without `noticeMonths` bites on its day”
        bite = notice.day
    elif terms.duration_months is None or terms.renewal is Renewal.UNTIL_NOTICE:
        # “Else, where the text sets no duration, after 12 months (56 (2))”. To run on “until notice” is a clause on
        # notice, without a period: “without a notice clause has no effect” is not said of it, and none is set after
        # the first term.
        bite = add_months(notice.day, 12)
    else:  # “a notice against a set duration without a notice clause has no effect”
        return None
    if force is not None and has_terms(instrument, force) and terms.renewal is Renewal.UNTIL_NOTICE:
        bite = max(bite, day_after(term_end(terms, force, 0)))  # “not before the first term ends”
    return bite


def undone(instrument: Instrument, world: tuple[Done, ...], notice: Done, day: date) -> bool:
    """“NOTICE_REVOKED by the same party (null: any) on or after its day and before it bites undoes it (68).”"""
    bite = bites_on(instrument, world, notice)
    return any(
        same_party(revoked, notice) and notice.day <= revoked.day <= day and (bite is None or revoked.day < bite)
        for revoked in of_kind(world, Kind.NOTICE_REVOKED)
    )


# ---- rule 2: ends ---------------------------------------------------------------------------------------------------


def ends(instrument: Instrument, world: tuple[Done, ...], day: date) -> list[tuple[date, int, AgreementStatus]]:
    """The ends that have taken effect by `day`: their first day, their place in the list, and their name."""
    found = [
        *((when, 0, AgreementStatus.TERMINATED) for when in terminations(instrument, world, day)),
        *((when, 1, AgreementStatus.REPLACED) for when in end_acts(instrument, world, Kind.REPLACED)),
        *((when, 2, AgreementStatus.EXPIRED) for when in end_acts(instrument, world, Kind.EXPIRED)),
        *((when, 2, AgreementStatus.EXPIRED) for when in terms_over(instrument, world, day)),
    ]
    return sorted(end for end in found if end[0] <= day)


def end_acts(instrument: Instrument, world: tuple[Done, ...], kind: Kind) -> list[date]:
    return [done.day for done in of_kind(world, kind) if counted(instrument, done)]


def terminations(instrument: Instrument, world: tuple[Done, ...], day: date) -> list[date]:
    """“TERMINATED_BY_CONSENT (54 b); TERMINATED_FOR_BREACH (60); a notice that bites → TERMINATED.”"""
    return [
        *days_of_all(instrument, of_kind(world, Kind.TERMINATED_BY_CONSENT)),
        *end_acts(instrument, world, Kind.TERMINATED_FOR_BREACH),
        *(bite for notice, bite in live_notices(instrument, world, day) if not by_term(instrument, world, notice)),
    ]


def live_notices(instrument: Instrument, world: tuple[Done, ...], day: date) -> list[tuple[Done, date]]:
    """The notices that hold on `day` and are not undone by then, with the day each bites."""
    return [
        (notice, bite)
        for notice in notices(instrument, world)
        if notice.day <= day
        and (bite := bites_on(instrument, world, notice)) is not None
        and not undone(instrument, world, notice, day)
    ]


def terms_over(instrument: Instrument, world: tuple[Done, ...], day: date) -> list[date]:
    """“End of term → EXPIRED (54 a)”; “EXPIRED from the day after `endsOn`”."""
    force = force_day(instrument, world)
    if force is None or not has_terms(instrument, force):
        return []
    if terms_of(instrument).renewal is Renewal.TACIT:
        return [bite for notice, bite in live_notices(instrument, world, day) if by_term(instrument, world, notice)]
    if terms_of(instrument).renewal is Renewal.UNTIL_NOTICE:
        return []
    return [day_after(prolonged(instrument, world, force, day)[0])]


def end_day(instrument: Instrument, world: tuple[Done, ...], day: date) -> date | None:
    """The first day without the instrument, if it has come by `day`."""
    void = [when for when in end_acts(instrument, world, Kind.INVALIDATED) if when <= day]
    return min([*void, *(end[0] for end in ends(instrument, world, day))], default=None)


# ---- the rules in their order ---------------------------------------------------------------------------------------


def status_in_world(instrument: Instrument, world: tuple[Done, ...], day: date) -> AgreementStatus:
    """The status on `day` where every act happened on the day that `world` gives it."""
    if not world:
        return AgreementStatus.REPORTED  # “No act on record at all: REPORTED on every day.”
    if not any(done.day <= day for done in world):
        return AgreementStatus.NONE  # “If no act has come by D the status is NONE.”
    status = first_rule(instrument, without_absent(world, day), day)
    return READ_AS.get(status, status) if instrument.bindingness is Bindingness.NOT_BINDING else status


def first_rule(instrument: Instrument, world: tuple[Done, ...], day: date) -> AgreementStatus:
    """“First rule that holds decides.”"""
    come = [done for done in world if done.day <= day]
    if any(counted(instrument, done) for done in of_kind(come, Kind.INVALIDATED)):
        return AgreementStatus.INVALIDATED
    over = ends(instrument, world, day)
    if over:
        return over[0][2]
    force = force_day(instrument, world)
    if force is not None and force <= day:
        return in_force(instrument, world, day)
    return before_force(instrument, come)


def in_force(instrument: Instrument, world: tuple[Done, ...], day: date) -> AgreementStatus:
    """Rules 3 to 5."""
    if suspended(instrument, [done for done in world if done.day <= day]):
        return AgreementStatus.SUSPENDED
    if any(bite > day for _, bite in live_notices(instrument, world, day)):
        return AgreementStatus.DENUNCIATION_PENDING
    return AgreementStatus.IN_FORCE


def suspended(instrument: Instrument, come: list[Done]) -> bool:
    """“In force, act SUSPENDED holds, no RESUMED on or after its day.”"""
    resumed = [done.day for done in of_kind(come, Kind.RESUMED)]
    begun = [done.day for done in of_kind(come, Kind.SUSPENDED) if counted(instrument, done)]
    return any(all(after < day for after in resumed) for day in begun)


def before_force(instrument: Instrument, come: list[Done]) -> AgreementStatus:
    """Rules 6 to 16."""
    if turned_away(instrument, come):
        return AgreementStatus.ABANDONED
    if provisionally_applied(come):
        return AgreementStatus.PROVISIONALLY_APPLIED
    if of_kind(come, *CONSENT, Kind.INTERNAL_PROCEDURES_COMPLETED):
        return AgreementStatus.PARTLY_CONSENTED
    if day_of_all(instrument, of_kind(come, *SIGNATURE)) is not None:
        return AgreementStatus.SIGNED
    if of_kind(come, *SIGNATURE, Kind.SIGNATURE_AD_REFERENDUM):
        return AgreementStatus.PARTLY_SIGNED
    return before_signature(come)


def turned_away(instrument: Instrument, come: list[Done]) -> bool:
    """“NON_PARTY_INTENT and no later signature, consent or provisional start of that party or of all.”"""
    if len(set(instrument.parties)) != 2 or instrument.type is InstrumentType.MULTILATERAL_INSTRUMENT:
        return False
    returning = of_kind(come, *SIGNATURE, *CONSENT, Kind.PROVISIONAL_APPLICATION_START)
    return any(
        not taken_back(instrument, intent, [act for act in returning if act.day > intent.day])
        for intent in of_kind(come, Kind.NON_PARTY_INTENT)
    )


def taken_back(instrument: Instrument, intent: Done, later: list[Done]) -> bool:
    """“Of that party or of all”: one act without a party, or one of each; so it is where the intent was that of all."""
    return any(act.party == intent.party for act in later) or day_of_all(instrument, later) is not None


def provisionally_applied(come: list[Done]) -> bool:
    """“Started, no end on or after the start (25).”"""
    over = [done.day for done in of_kind(come, Kind.PROVISIONAL_APPLICATION_END)]
    begun = [done.day for done in of_kind(come, Kind.PROVISIONAL_APPLICATION_START)]
    return any(all(after < day for after in over) for day in begun)


def before_signature(come: list[Done]) -> AgreementStatus:
    """“Acts of rules 12 to 15 up to its day no longer count; if none is left, ABANDONED.”"""
    given_up = [done.day for done in of_kind(come, Kind.NEGOTIATIONS_ABANDONED)]
    early = [
        (AgreementStatus.INITIALLED, {Kind.INITIALLED}),
        (AgreementStatus.UNDER_NEGOTIATION, NEGOTIATING),
        (AgreementStatus.UNDER_DISCUSSION, {Kind.DISCUSSIONS_HELD}),
        (AgreementStatus.PROPOSED, {Kind.PROPOSED}),
    ]
    for status, kinds in early:
        if any(all(done.day > day for day in given_up) for done in of_kind(come, *kinds)):
            return status
    return AgreementStatus.ABANDONED if given_up else AgreementStatus.REPORTED
