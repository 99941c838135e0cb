"""The statuses that are conceivable on a day, told without trying any choice of days: no choice gives another."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date

from registry.dates import add_days, add_months
from registry.status.kinds import AgreementStatus, LegalActKind, Renewal
from registry.status.notices import months_of_notice
from registry.status.record import CONSENTS, NOTICES, SIGNATURES, Case, Deed
from registry.status.rules import FORCE_KINDS, NOT_BINDING, delayed

K = LegalActKind
S = AgreementStatus
_ENDS = {
    K.TERMINATED_BY_CONSENT: S.TERMINATED,
    K.TERMINATED_FOR_BREACH: S.TERMINATED,
    K.REPLACED: S.REPLACED,
    K.EXPIRED: S.EXPIRED,
}
_CERTAIN_ENDS = (K.TERMINATED_FOR_BREACH, K.REPLACED, K.EXPIRED)
_ENDED = frozenset((S.INVALIDATED, S.TERMINATED, S.REPLACED, S.EXPIRED))
_IN_FORCE = frozenset((S.IN_FORCE, S.SUSPENDED, S.DENUNCIATION_PENDING))
_PREPARED = {
    K.NEGOTIATIONS_ABANDONED: S.ABANDONED,
    K.INITIALLED: S.INITIALLED,
    **dict.fromkeys((K.NEGOTIATIONS_OPENED, K.NEGOTIATIONS_CONCLUDED, K.FULL_POWERS, K.ADOPTED), S.UNDER_NEGOTIATION),
    K.DISCUSSIONS_HELD: S.UNDER_DISCUSSION,
    K.PROPOSED: S.PROPOSED,
}
_CONSENTED = frozenset((*CONSENTS, K.INTERNAL_PROCEDURES_COMPLETED))
_SIGNED = frozenset((*SIGNATURES, K.SIGNATURE_AD_REFERENDUM))
#: By how many days months that end on different days of the month may differ, counted forth and back.
_CLIPPED = 7


def conceivable(case: Case, day: date) -> frozenset[AgreementStatus]:
    """A superset of the statuses possible on `day`: what acts that may hold bring, less what certain ones rule out."""
    maybe = [deed for deed in case.deeds if deed.windows[0][0] <= day]
    certain = [deed for deed in case.deeds if deed.windows[-1][1] <= day]
    found = frozenset(_brought(case, maybe, day)) - frozenset(_ruled_out(case, certain, maybe))
    if not certain:
        found |= {S.NONE}
    touching = [deed for deed in certain if deed.party is None or not case.is_group]
    if any(deed.kind is K.INVALIDATED for deed in touching):
        found = frozenset((S.INVALIDATED,))
    elif any(deed.kind in _CERTAIN_ENDS or _has_bitten(case, deed, maybe, day) for deed in touching):
        found &= _ENDED
    elif _enters(case, [deed for deed in certain if _force_day(case, deed.kind, deed.windows[-1][1]) <= day]):
        found &= _ENDED | _IN_FORCE
    if any(_stands(case, deed, maybe) for deed in touching):
        found -= {S.IN_FORCE}
    return found if case.is_binding else frozenset(NOT_BINDING.get(status, status) for status in found)


def _brought(case: Case, maybe: list[Deed], day: date) -> Iterator[AgreementStatus]:
    """What these acts may bring, each for itself and together."""
    kinds = {deed.kind for deed in maybe}
    if K.INVALIDATED in kinds:
        yield S.INVALIDATED
    yield from (status for kind, status in _ENDS.items() if kind in kinds)
    may_enter = _enters(case, [deed for deed in maybe if _force_day(case, deed.kind, deed.windows[0][0]) <= day])
    notices = [deed for deed in maybe if deed.kind in NOTICES]
    if may_enter:
        yield from _running(case, kinds, notices)
    if case.has_terms and any(deed.until for deed in maybe):
        yield S.EXPIRED
    if any(deed.bites or not (case.tells_entry and case.is_tacit) for deed in notices):
        yield S.TERMINATED
    if case.is_pair and K.NON_PARTY_INTENT in kinds:
        yield S.ABANDONED
    yield from (status for kind, status in _PREPARED.items() if kind in kinds)
    if K.PROVISIONAL_APPLICATION_START in kinds:
        yield S.PROVISIONALLY_APPLIED
    if kinds & _CONSENTED:
        yield S.PARTLY_CONSENTED
    if kinds & _SIGNED:
        yield S.PARTLY_SIGNED
    if kinds & set(SIGNATURES):
        yield S.SIGNED
    if maybe or not case.deeds:
        yield S.REPORTED


def _running(case: Case, kinds: set[LegalActKind], notices: list[Deed]) -> Iterator[AgreementStatus]:
    """What may be once it has entered into force: tacit terms end by notice alone."""
    yield S.IN_FORCE
    if K.SUSPENDED in kinds:
        yield S.SUSPENDED
    if notices:
        yield S.DENUNCIATION_PENDING
    if case.has_terms and case.terms.renewal is not Renewal.UNTIL_NOTICE and (notices or not case.is_tacit):
        yield S.EXPIRED


def _ruled_out(case: Case, certain: list[Deed], maybe: list[Deed]) -> Iterator[AgreementStatus]:
    """The steps on the way that certain acts leave behind (rules 8 to 16)."""
    kinds = {deed.kind for deed in certain}
    if kinds & (_CONSENTED | _SIGNED):
        yield from (S.INITIALLED, S.UNDER_NEGOTIATION, S.UNDER_DISCUSSION, S.PROPOSED, S.REPORTED)
        if not (case.is_pair and any(deed.kind is K.NON_PARTY_INTENT for deed in maybe)):
            yield S.ABANDONED
    elif kinds & set(_PREPARED):
        yield S.REPORTED
    if kinds & _CONSENTED:
        yield from (S.SIGNED, S.PARTLY_SIGNED)
    elif _is_of_all(case, [deed for deed in certain if deed.kind in SIGNATURES]):
        yield S.PARTLY_SIGNED


def _enters(case: Case, deeds: list[Deed]) -> bool:
    """Whether these acts bring force: one of entry, or where none is on record, those of all that the text asks for."""
    if case.tells_entry:
        return any(deed.kind is K.ENTRY_INTO_FORCE for deed in deeds)
    kinds = FORCE_KINDS.get(case.force_rule, ())
    return _is_of_all(case, [deed for deed in deeds if deed.kind in kinds])


def _force_day(case: Case, kind: LegalActKind, day: date) -> date:
    """The day of entry into force that an act of this kind on a day would bring."""
    is_counted = kind is not K.ENTRY_INTO_FORCE and case.force_rule is not case.terms.force_rule.NOT_KNOWN
    return delayed(case, day) if is_counted else day


def _is_of_all(case: Case, deeds: Sequence[Deed]) -> bool:
    parties = {deed.party for deed in deeds}
    return None in parties or (bool(case.everyone) and case.everyone <= parties)


def _stands(case: Case, deed: Deed, maybe: Iterable[Deed]) -> bool:
    """Whether it is a notice that has an effect and that nobody can have taken back."""
    if deed.kind not in (K.NOTICE_RECEIVED, K.DENOUNCED):
        return False
    if not (deed.bites or case.is_tacit or months_of_notice(case) is not None):
        return False
    revoked = (other for other in maybe if other.kind is K.NOTICE_REVOKED)
    return not any(deed.party is None or other.party in (None, deed.party) for other in revoked)


def _has_bitten(case: Case, deed: Deed, maybe: Iterable[Deed], day: date) -> bool:
    """Whether a notice that stands has certainly bitten by `day`, on whatever days acts were."""
    if not _stands(case, deed, maybe):
        return False
    if deed.bites:
        return deed.bites[1] <= day
    terms, given = case.terms, deed.windows[-1][1]
    entered = min((one.windows[-1][1] for one in case.deeds if one.kind is K.ENTRY_INTO_FORCE), default=None)
    if case.has_terms and (case.is_tacit or terms.renewal is Renewal.UNTIL_NOTICE):
        if entered is None:
            return False
        bitten = add_months(entered, terms.duration_months or 0)
        if case.is_tacit:
            counted = (terms.notice_months or 0) + case.step
            return max(bitten, add_days(add_months(given, counted), _CLIPPED)) <= day
        return max(bitten, add_months(given, months_of_notice(case) or 0)) <= day
    return add_months(given, months_of_notice(case) or 0) <= day
