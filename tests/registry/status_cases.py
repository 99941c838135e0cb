"""Acts and instruments for the tests of the law, written as shortly as the law's worked cases."""

from collections.abc import Sequence
from datetime import date
from itertools import count
from typing import Any

from registry.dates import UncertainDate, parse_edtf
from registry.status import (
    Act,
    AgreementStatus,
    Assessment,
    Bindingness,
    Instrument,
    InstrumentType,
    LegalActKind,
    Terms,
    status_on,
)

_numbers = count(1)


def act(
    kind: str, day: str, party: str | None = None, *, effective: str | None = None, until: str | None = None
) -> Act:
    """An act of a kind on a day in EDTF, of a party or of all."""
    return Act(next(_numbers), LegalActKind[kind], parse_edtf(day), _edtf(effective), _edtf(until), party)


def instrument(
    *acts: Act,
    parties: Sequence[str] = ("UZ", "DE"),
    kind: InstrumentType = InstrumentType.INTERGOVERNMENTAL_AGREEMENT,
    bindingness: Bindingness = Bindingness.BINDING,
    **terms: Any,
) -> Instrument:
    """An instrument between two parties, binding unless said otherwise, with these acts and terms."""
    return Instrument(kind, bindingness, tuple(parties), acts, Terms(**terms) if terms else None)


def on(made: Instrument, day: str) -> Assessment:
    """What holds on a day."""
    return status_on(made, date.fromisoformat(day))


def status(made: Instrument, day: str) -> str:
    """The status on a day, or what is possible, such as `UNKNOWN NONE SIGNED`."""
    found = on(made, day)
    if found.status is AgreementStatus.UNKNOWN:
        return " ".join(["UNKNOWN", *(one.value for one in found.possible)])
    assert found.possible == (found.status,)
    return str(found.status)


def statuses(made: Instrument, *days: str) -> list[str]:
    """The statuses on these days."""
    return [status(made, day) for day in days]


def _edtf(text: str | None) -> UncertainDate | None:
    return parse_edtf(text) if text else None
