"""The statuses that are conceivable on a day where there are too many choices to try them all."""

from collections.abc import Iterator
from datetime import date

from registry.status.kinds import AgreementStatus, LegalActKind, Renewal
from registry.status.record import CONSENTS, NOTICES, SIGNATURES, Case, Deed
from registry.status.rules import FORCE_KINDS, NOT_BINDING

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
_BEFORE_FORCE = {
    K.NON_PARTY_INTENT: S.ABANDONED,
    K.NEGOTIATIONS_ABANDONED: S.ABANDONED,
    K.PROVISIONAL_APPLICATION_START: S.PROVISIONALLY_APPLIED,
    K.INTERNAL_PROCEDURES_COMPLETED: S.PARTLY_CONSENTED,
    **dict.fromkeys(CONSENTS, S.PARTLY_CONSENTED),
    K.SIGNATURE_AD_REFERENDUM: S.PARTLY_SIGNED,
    K.INITIALLED: S.INITIALLED,
    **dict.fromkeys((K.NEGOTIATIONS_OPENED, K.NEGOTIATIONS_CONCLUDED, K.FULL_POWERS, K.ADOPTED), S.UNDER_NEGOTIATION),
    K.DISCUSSIONS_HELD: S.UNDER_DISCUSSION,
    K.PROPOSED: S.PROPOSED,
}


def conceivable(case: Case, day: date) -> frozenset[AgreementStatus]:
    """A superset of the statuses possible on `day`: what acts that may hold bring, less what certain ones rule out."""
    maybe = [deed for deed in case.deeds if deed.windows[0][0] <= day]
    certain = [deed for deed in case.deeds if deed.windows[-1][1] <= day]
    entered = any(deed.kind is K.ENTRY_INTO_FORCE for deed in certain)
    found = frozenset(_brought(case, maybe, not certain))
    found |= frozenset(_noticed(case, maybe, entered, S.IN_FORCE in found))
    touching = [deed for deed in certain if deed.party is None or not case.is_group]
    if any(deed.kind is K.INVALIDATED for deed in touching):
        found = frozenset((S.INVALIDATED,))
    elif any(deed.kind in _CERTAIN_ENDS for deed in touching):
        found &= _ENDED
    elif entered:
        found &= _ENDED | _IN_FORCE
    return found if case.is_binding else frozenset(NOT_BINDING.get(status, status) for status in found)


def _brought(case: Case, maybe: list[Deed], may_be_none: bool) -> Iterator[AgreementStatus]:
    """What these acts may bring, each for itself and together."""
    kinds = {deed.kind for deed in maybe}
    if may_be_none:
        yield S.NONE
    if K.INVALIDATED in kinds:
        yield S.INVALIDATED
    yield from (status for kind, status in _ENDS.items() if kind in kinds)
    if kinds & {K.ENTRY_INTO_FORCE, *FORCE_KINDS.get(case.force_rule, ())}:
        yield S.IN_FORCE
        if K.SUSPENDED in kinds:
            yield S.SUSPENDED
        if case.has_terms and case.terms.renewal is not Renewal.UNTIL_NOTICE:
            yield S.EXPIRED
    yield from (status for kind, status in _BEFORE_FORCE.items() if kind in kinds)
    if kinds & set(SIGNATURES):
        yield from (S.SIGNED, S.PARTLY_SIGNED)
    if maybe:
        yield S.REPORTED


def _noticed(case: Case, maybe: list[Deed], entered: bool, may_enter: bool) -> Iterator[AgreementStatus]:
    """What notices may bring: in tacit terms, which run once it has entered, they end it only with its term."""
    notices = [deed for deed in maybe if deed.kind in NOTICES]
    if notices and may_enter:
        yield S.DENUNCIATION_PENDING
    if any(deed.bites or not (entered and case.is_tacit) for deed in notices):
        yield S.TERMINATED
