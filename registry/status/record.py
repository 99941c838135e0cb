"""What the acts on record say happened: each act once, however often told, and what is known of its days."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from registry.dates import BEGINNING, FOREVER, Duration, UncertainDate, parse_duration
from registry.status.kinds import Bindingness, ForceRule, InstrumentType, LegalActKind, Renewal
from registry.status.values import Act, Instrument, Terms

K = LegalActKind
Window = tuple[date, date]

SIGNATURES = (K.SIGNATURE, K.EXCHANGE_OF_NOTES)
CONSENTS = (
    K.RATIFICATION,
    K.ACCEPTANCE,
    K.APPROVAL,
    K.ACCESSION,
    K.SUCCESSION,
    K.NOTE_RECEIVED,
    K.INSTRUMENTS_EXCHANGED,
)
NOTICES = (K.NOTICE_RECEIVED, K.DENOUNCED, K.NOTICE_GIVEN)
EXTENSIONS = (K.EXTENDED, K.RENEWED_EXPRESSLY)
#: What counts on every legal day once it is on record, though its own day be ahead: a receipt tells when a notice given
#: counts (VCLT art. 78), an entry into force when it will be in force, so that nothing else is presumed (24 (2)).
FORESEEN = (K.NOTICE_RECEIVED, K.ENTRY_INTO_FORCE)
#: Kinds whose `until` counts: the last day to which they prolong.
NAMING_LAST_DAY = (K.EXTENDED,)
#: Kinds that happen once for each party named, so that two records tell one act.
ONCE = frozenset(
    (
        *SIGNATURES,
        *CONSENTS,
        K.ENTRY_INTO_FORCE,
        K.INVALIDATED,
        K.TERMINATED_BY_CONSENT,
        K.TERMINATED_FOR_BREACH,
        K.REPLACED,
        K.EXPIRED,
    )
)


@dataclass(frozen=True, eq=False)
class Deed:
    """One act, told once or more often: the days it may have happened on, and the days it names.

    `windows` are the stretches its day lies in, both ends included: more than one where sources disagree. `bites` is
    the stated effective day of a notice, `until` the day to which an EXTENDED prolongs, `named` that day in EDTF.
    """

    kind: LegalActKind
    party: str | None
    windows: tuple[Window, ...]
    told: tuple[str, ...]
    ids: tuple[int, ...]
    bites: Window | None = None
    until: Window | None = None
    named: str | None = None

    @property
    def is_precise(self) -> bool:
        """Whether its day, and each day it names, can be one day only."""
        return self.is_day_known and all(window[0] == window[1] for window in (self.bites, self.until) if window)

    @property
    def is_day_known(self) -> bool:
        """Whether its day can be one day only."""
        return len(self.windows) == 1 and self.windows[0][0] == self.windows[0][1]


@dataclass(frozen=True, slots=True, eq=False)
class Event:
    """A deed with its days chosen."""

    deed: Deed
    day: date
    bites: date | None = None
    until: date | None = None

    @property
    def party(self) -> str | None:
        """The party whose act it is; None where it is the act of all."""
        return self.deed.party


@dataclass(frozen=True, eq=False)
class Case:
    """An instrument as the rules need it.

    `everyone` holds the parties whose acts together are the act of all, and is empty where only an act without a party
    can be that; `is_pair` and `is_group` tell two-party instruments and those of more than two apart.
    """

    deeds: tuple[Deed, ...]
    everyone: frozenset[str]
    is_pair: bool
    is_group: bool
    is_binding: bool
    terms: Terms
    delay: Duration | None

    @property
    def force_rule(self) -> ForceRule:
        """How it enters into force; what does not bind takes effect on signature unless its text says otherwise."""
        if not self.is_binding and self.terms.force_rule is ForceRule.NOT_KNOWN:
            return ForceRule.ON_SIGNATURE
        return self.terms.force_rule

    @property
    def tells_entry(self) -> bool:
        """Whether an act of entry into force is on record, so that nothing else tells the day of it."""
        return any(deed.kind is K.ENTRY_INTO_FORCE for deed in self.deeds)

    @property
    def has_terms(self) -> bool:
        """Whether its text sets a duration that months can be counted by."""
        return bool(self.terms.duration_months and self.terms.duration_months > 0)

    @property
    def step(self) -> int:
        """How many months a renewal lasts."""
        return self.terms.renewal_months or self.terms.duration_months or 0

    @property
    def is_tacit(self) -> bool:
        """Whether terms renew tacitly."""
        return self.has_terms and self.terms.renewal is Renewal.TACIT


def case_of(instrument: Instrument) -> Case:
    """The case that the record of an instrument makes."""
    parties = frozenset(instrument.parties)
    is_multilateral = instrument.type is InstrumentType.MULTILATERAL_INSTRUMENT
    knows_all = len(parties) >= 2 and not is_multilateral
    terms = instrument.terms or Terms()
    return Case(
        deeds=tuple(_deeds(instrument.acts)),
        everyone=parties if knows_all else frozenset(),
        is_pair=len(parties) == 2 and not is_multilateral,
        is_group=len(parties) > 2 or is_multilateral,
        is_binding=instrument.bindingness is not Bindingness.NOT_BINDING,
        terms=terms,
        delay=parse_duration(terms.force_delay) if terms.force_delay else None,
    )


def window_of(day: UncertainDate) -> Window:
    """The first and the last day a date may be; open ends reach to the ends of the calendar."""
    return day.earliest or BEGINNING, day.latest or FOREVER


def _deeds(acts: Iterable[Act]) -> Iterable[Deed]:
    told: dict[object, list[Act]] = {}
    for act in sorted(acts, key=lambda act: act.id):
        key = (act.kind, act.party) if act.kind in ONCE else act.id
        told.setdefault(key, []).append(act)
    return [_deed(records) for records in told.values()]


def _deed(records: list[Act]) -> Deed:
    first = records[0]
    is_notice = first.kind in NOTICES
    named = first.effective if is_notice else first.until if first.kind in NAMING_LAST_DAY else None
    days = [act.date if is_notice else act.effective or act.date for act in records]
    return Deed(
        kind=first.kind,
        party=first.party,
        windows=_days_agreed([window_of(day) for day in days]),
        told=tuple(dict.fromkeys(day.edtf for day in days)),
        ids=tuple(act.id for act in records),
        bites=window_of(named) if is_notice and named else None,
        until=window_of(named) if not is_notice and named else None,
        named=named.edtf if named else None,
    )


def _days_agreed(windows: list[Window]) -> tuple[Window, ...]:
    """The days that all tellings allow; where there are none, those of each, or of each group that agrees."""
    if len(windows) == 1:
        return (windows[0],)
    groups = {frozenset(window for window in windows if window[0] <= day <= window[1]) for day, _ in windows}
    agreed = [group for group in groups if not any(group < other for other in groups)]
    return tuple(sorted((max(low for low, _ in group), min(high for _, high in group)) for group in agreed))
