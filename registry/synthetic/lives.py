"""The lives that synthetic instruments lead: what is done to them, when, and which status that brings them to.

Each life says the status that it has reached on `PRESENT`; together they reach every status that there is.
"""

from dataclasses import dataclass
from datetime import date
from enum import Enum

from registry.status import AgreementStatus, ForceRule, InstrumentType, LegalActKind, Renewal, Terms

#: The day that the synthetic world is told from. It is fixed: the same scale gives the same registry on any day.
PRESENT = date(2026, 1, 1)

K = LegalActKind
S = AgreementStatus


class Doer(Enum):
    """Whose act a step is."""

    ALL = "one act of all parties"
    EACH = "one act of each party"
    HOME = "an act of the first party"
    PARTNER = "an act of each other party"


ALL, EACH, HOME, PARTNER = Doer


@dataclass(frozen=True)
class Step:
    """Something done so many months after the beginning, or after `PRESENT` where it is `late`.

    `written` is a date in EDTF that takes the place of the day; `effective` counts months from the act to its effect.
    """

    kind: LegalActKind
    months: int
    doer: Doer = ALL
    late: bool = False
    written: str | None = None
    effective: int | None = None


@dataclass(frozen=True)
class Life:
    """A course that an instrument's life may take; `weight` says how common it is, `first` in which year it may begin.

    `lasts` are the months that it takes at least to reach its status, where the last step does not bring it at once.
    `terms` are the terms that its text may set, one of them for each instrument. A life that is `common` to more than
    two parties may be led by any number of them.
    """

    reaches: AgreementStatus
    weight: int
    steps: tuple[Step, ...]
    terms: tuple[Terms | None, ...] = (None,)
    first: int = 1992
    binds: bool = True
    common: bool = False
    type: InstrumentType | None = None
    lasts: int = 0

    @property
    def months(self) -> int:
        """How long before `PRESENT` it must have begun at least."""
        return max(self.lasts, *(step.months for step in self.steps if not step.late and not step.written), 0)


def _running(rule: ForceRule, delay: str | None = None) -> tuple[Terms, ...]:
    """Terms under which an instrument still runs, however long ago it began."""
    return (
        Terms(rule, delay),
        Terms(rule, delay, notice_months=6),
        Terms(rule, delay, True, 60, Renewal.TACIT, 12, 6),
        Terms(rule, delay, False, 36, Renewal.TACIT, None, 3),
        Terms(rule, delay, False, 60, Renewal.TACIT, None, 6),
        Terms(rule, delay, False, 60, Renewal.UNTIL_NOTICE, None, 6),
    )


_SIGNED_BY_ALL = Step(K.SIGNATURE, 0)
_NOTIFIED = (_SIGNED_BY_ALL, Step(K.NOTE_RECEIVED, 4, HOME), Step(K.NOTE_RECEIVED, 8, PARTNER))
_ON_SIGNATURE = Terms(ForceRule.ON_SIGNATURE)
_RENEWED = tuple(Step(K.RENEWED_EXPRESSLY, 119 + 120 * number) for number in range(3))

LIVES = (
    # In force
    Life(S.IN_FORCE, 22, _NOTIFIED, _running(ForceRule.ON_LAST_NOTIFICATION, "P30D"), common=True),
    Life(S.IN_FORCE, 14, (_SIGNED_BY_ALL,), _running(ForceRule.ON_SIGNATURE), common=True),
    Life(
        S.IN_FORCE,
        10,
        (Step(K.SIGNATURE, 0, EACH), Step(K.RATIFICATION, 7, EACH), Step(K.PUBLISHED, 12, HOME)),
        _running(ForceRule.ON_LAST_CONSENT, "P1M"),
        common=True,
    ),
    Life(
        S.IN_FORCE,
        4,
        (_SIGNED_BY_ALL, Step(K.INSTRUMENTS_EXCHANGED, 10)),
        _running(ForceRule.ON_EXCHANGE_OF_INSTRUMENTS),
    ),
    Life(
        S.IN_FORCE,
        4,
        (_SIGNED_BY_ALL, Step(K.APPROVAL, 5, HOME), Step(K.ACCEPTANCE, 6, PARTNER), Step(K.JOINT_COMMITTEE_MET, 20)),
    ),
    Life(S.IN_FORCE, 3, (_SIGNED_BY_ALL, Step(K.ENTRY_INTO_FORCE, 6)), (Terms(ForceRule.ON_FIXED_DATE),)),
    Life(S.IN_FORCE, 2, (_SIGNED_BY_ALL, Step(K.ENTRY_INTO_FORCE, 6), Step(K.ENTRY_INTO_FORCE, 7))),  # sources disagree
    Life(S.IN_FORCE, 3, (Step(K.EXCHANGE_OF_NOTES, 0),), (_ON_SIGNATURE,), type=InstrumentType.EXCHANGE_OF_NOTES),
    Life(
        S.IN_FORCE,
        3,
        (_SIGNED_BY_ALL, *_RENEWED),
        (Terms(ForceRule.ON_SIGNATURE, None, False, 120, Renewal.EXPRESS, None, 6),),
        first=1995,
    ),
    Life(
        S.IN_FORCE,
        2,
        (Step(K.ADOPTED, 0), Step(K.ENTRY_INTO_FORCE, 18), Step(K.ACCESSION, 30, HOME)),
        type=InstrumentType.MULTILATERAL_INSTRUMENT,
    ),
    Life(
        S.DENUNCIATION_PENDING,
        3,
        (*_NOTIFIED, Step(K.NOTICE_RECEIVED, -4, PARTNER, late=True)),
        (Terms(ForceRule.ON_LAST_NOTIFICATION, notice_months=12), Terms(ForceRule.ON_LAST_NOTIFICATION)),
    ),
    Life(
        S.DENUNCIATION_PENDING,
        1,
        (_SIGNED_BY_ALL, Step(K.DENOUNCED, -2, HOME, late=True, effective=6)),
        (_ON_SIGNATURE,),
    ),
    Life(S.SUSPENDED, 2, (_SIGNED_BY_ALL, Step(K.SUSPENDED, 40)), (_ON_SIGNATURE,)),
    Life(S.IN_FORCE, 1, (_SIGNED_BY_ALL, Step(K.SUSPENDED, 40), Step(K.RESUMED, 52)), (_ON_SIGNATURE,)),
    Life(
        S.IN_FORCE,
        1,
        (_SIGNED_BY_ALL, Step(K.NOTICE_RECEIVED, 40, PARTNER), Step(K.NOTICE_REVOKED, 43, PARTNER)),
        (_ON_SIGNATURE,),
    ),
    # On the way
    Life(S.PROPOSED, 2, (Step(K.PROPOSED, 0, HOME),), first=2020),
    Life(S.UNDER_DISCUSSION, 3, (Step(K.PROPOSED, 0, HOME), Step(K.DISCUSSIONS_HELD, 3)), first=2018),
    Life(
        S.UNDER_NEGOTIATION,
        3,
        (Step(K.DISCUSSIONS_HELD, 0), Step(K.NEGOTIATIONS_OPENED, 6), Step(K.FULL_POWERS, 8, HOME)),
        first=2018,
    ),
    Life(S.INITIALLED, 2, (Step(K.NEGOTIATIONS_OPENED, 0), Step(K.INITIALLED, 12)), first=2018),
    Life(S.PARTLY_SIGNED, 2, (Step(K.SIGNATURE, 0, PARTNER),), first=2015),
    Life(S.PARTLY_SIGNED, 1, (Step(K.SIGNATURE_AD_REFERENDUM, 0, HOME),), first=2015),
    Life(S.SIGNED, 6, (Step(K.INITIALLED, 0), Step(K.SIGNATURE, 4)), first=2010, common=True),
    Life(
        S.PARTLY_CONSENTED,
        4,
        (_SIGNED_BY_ALL, Step(K.INTERNAL_PROCEDURES_COMPLETED, 3, HOME), Step(K.NOTE_RECEIVED, 4, HOME)),
        (Terms(ForceRule.ON_LAST_NOTIFICATION, "P30D"),),
        first=2012,
    ),
    Life(S.PROVISIONALLY_APPLIED, 2, (_SIGNED_BY_ALL, Step(K.PROVISIONAL_APPLICATION_START, 1)), first=2012),
    Life(S.UNKNOWN, 2, (_SIGNED_BY_ALL, Step(K.ENTRY_INTO_FORCE, 6, written="2025-01/2027-12")), first=2015),
    Life(S.REPORTED, 2, ()),
    Life(S.REPORTED, 1, (Step(K.PUBLISHED, 0, HOME),)),
    Life(S.NONE, 1, (Step(K.SIGNATURE, 9, late=True), Step(K.ENTRY_INTO_FORCE, 12, late=True))),
    # Over
    Life(S.ABANDONED, 1, (Step(K.NEGOTIATIONS_OPENED, 0), Step(K.NEGOTIATIONS_ABANDONED, 24))),
    Life(S.ABANDONED, 1, (_SIGNED_BY_ALL, Step(K.NON_PARTY_INTENT, 20, PARTNER))),
    Life(S.TERMINATED, 3, (*_NOTIFIED, Step(K.NOTICE_RECEIVED, 60, PARTNER)), lasts=75),
    Life(S.TERMINATED, 1, (_SIGNED_BY_ALL, Step(K.TERMINATED_BY_CONSENT, 70)), (_ON_SIGNATURE,), common=True),
    Life(S.TERMINATED, 1, (_SIGNED_BY_ALL, Step(K.TERMINATED_FOR_BREACH, 30)), (_ON_SIGNATURE,)),
    Life(
        S.EXPIRED,
        5,
        (_SIGNED_BY_ALL, Step(K.JOINT_COMMITTEE_MET, 11)),
        (Terms(ForceRule.ON_SIGNATURE, None, False, 36), Terms(ForceRule.ON_SIGNATURE, None, False, 24)),
        common=True,
        lasts=38,
    ),
    Life(
        S.EXPIRED,
        2,
        (_SIGNED_BY_ALL, Step(K.NOTICE_RECEIVED, 50, HOME)),
        (Terms(ForceRule.ON_SIGNATURE, None, False, 60, Renewal.TACIT, 12, 6),),
        lasts=80,
    ),
    Life(S.REPLACED, 3, (_SIGNED_BY_ALL, Step(K.REPLACED, 80)), (_ON_SIGNATURE,)),
    Life(S.INVALIDATED, 1, (_SIGNED_BY_ALL, Step(K.INVALIDATED, 30)), (_ON_SIGNATURE,)),
    # Not binding
    Life(S.OPERATIVE, 9, (_SIGNED_BY_ALL,), (None, Terms(duration_months=36, renewal=Renewal.TACIT)), binds=False),
    Life(S.PAUSED, 1, (_SIGNED_BY_ALL, Step(K.SUSPENDED, 12)), binds=False),
    Life(S.DISCONTINUED, 2, (_SIGNED_BY_ALL, Step(K.NOTICE_RECEIVED, 24, HOME)), binds=False, lasts=26),
)
