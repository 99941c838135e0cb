"""The law: acts and terms to spans of status with reasons, as plain functions over plain values."""

from registry.status.kinds import AgreementStatus, Bindingness, ForceRule, InstrumentType, LegalActKind, Renewal
from registry.status.record import NAMING_LAST_DAY
from registry.status.timeline import assess, status_on
from registry.status.values import (
    HORIZON,
    Act,
    Assessment,
    Due,
    Instrument,
    Message,
    Possible,
    Reason,
    ReasonSpan,
    Span,
    Terms,
    TermSpan,
    Timeline,
)

__all__ = [
    "HORIZON",
    "NAMING_LAST_DAY",
    "Act",
    "AgreementStatus",
    "Assessment",
    "Bindingness",
    "Due",
    "ForceRule",
    "Instrument",
    "InstrumentType",
    "LegalActKind",
    "Message",
    "Possible",
    "Reason",
    "ReasonSpan",
    "Renewal",
    "Span",
    "TermSpan",
    "Terms",
    "Timeline",
    "assess",
    "status_on",
]
