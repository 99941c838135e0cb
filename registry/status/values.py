"""Plain values that the status engine takes and gives; no database stands behind them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from registry.codes import DeadlineKind
from registry.dates import UncertainDate
from registry.status.kinds import AgreementStatus, Bindingness, ForceRule, InstrumentType, LegalActKind, Renewal

#: Spans of terms and days on which something falls due are worked out up to this day: terms renewed tacitly have no
#: last one. The terms of one day can be asked for beyond it.
HORIZON = date(2100, 12, 31)


@dataclass(frozen=True)
class Act:
    """A legal act in the record. Acts withdrawn as mistaken are left out by the caller."""

    id: int
    kind: LegalActKind
    date: UncertainDate
    effective: UncertainDate | None = None
    until: UncertainDate | None = None
    party: str | None = None


@dataclass(frozen=True)
class Terms:
    """What the text says of its beginning, length and end; lengths in months."""

    force_rule: ForceRule = ForceRule.NOT_KNOWN
    force_delay: str | None = None
    force_on_first_of_month: bool = False
    duration_months: int | None = None
    renewal: Renewal = Renewal.NONE
    renewal_months: int | None = None
    notice_months: int | None = None


@dataclass(frozen=True)
class Instrument:
    """An instrument as the law sees it: its type, whether it binds, its parties by country code, its acts and terms."""

    type: InstrumentType
    bindingness: Bindingness
    parties: tuple[str, ...]
    acts: tuple[Act, ...]
    terms: Terms | None = None


@dataclass(frozen=True)
class Message:
    """A sentence in English with named places, such as `{day}`, and the values that belong there.

    A value is a plain JSON value, or a pair of its kind and a plain value, such as `["day", "2024-09-15"]`,
    `["edtf", "2024"]`, `["country", "DE"]`, `["act", "SIGNATURE"]`,
    `["status", "IN_FORCE"]`, `["months", 12]`; `registry.language` renders it.
    """

    text: str
    values: Mapping[str, Any] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """The message as plain JSON values."""
        return {"text": self.text, "values": dict(self.values)}

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> "Message":
        """The message that `to_json` has made plain."""
        return cls(stored["text"], stored["values"])


@dataclass(frozen=True)
class Reason:
    """Why a status holds: the rule that decided, what it rests on, the acts it used, and what is missing to be sure."""

    rule: str
    authority: str
    explanation: tuple[Message, ...]
    acts: tuple[int, ...] = ()
    missing: tuple[Message, ...] = ()


@dataclass(frozen=True)
class Span:
    """A stretch of days, from inclusive to exclusive, with one set of possible statuses.

    `date.min` and `date.max` are open ends.
    """

    from_day: date
    until_day: date
    status: AgreementStatus
    possible: tuple[AgreementStatus, ...]


@dataclass(frozen=True)
class ReasonSpan:
    """A stretch of days through which the reason does not change."""

    from_day: date
    until_day: date
    reason: Reason


@dataclass(frozen=True)
class TermSpan:
    """A stretch of days with the term that runs through it; the days are null where none runs or choices disagree."""

    from_day: date
    until_day: date
    ends_on: date | None
    notice_by: date | None
    renewals: int


@dataclass(frozen=True)
class Due:
    """A day on which something falls due.

    It is known from the legal day `known_from` to before `known_until`, by the acts that have come by then; `date.max`
    is an open end. `current_from` is the first day of the term that it ends; of a notice so long that it is due before
    that day, the day after the one for the term before was due.
    """

    kind: DeadlineKind
    day: date
    known_from: date
    known_until: date
    current_from: date
    explanation: tuple[Message, ...]


@dataclass(frozen=True)
class Possible:
    """A day known by its bounds: the first and the last day it may be."""

    earliest: date
    latest: date


@dataclass(frozen=True)
class Timeline:
    """Everything that follows from an instrument's acts and terms, for all days.

    `signed` and `force` are null where no such day may be.
    """

    spans: tuple[Span, ...]
    reasons: tuple[ReasonSpan, ...]
    terms: tuple[TermSpan, ...]
    deadlines: tuple[Due, ...]
    signed: Possible | None
    force: Possible | None


@dataclass(frozen=True)
class Assessment:
    """What holds on one day."""

    status: AgreementStatus
    possible: tuple[AgreementStatus, ...]
    reason: Reason
    ends_on: date | None
    notice_by: date | None
    renewals: int
