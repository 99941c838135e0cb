"""What the address of an export asks for: a legal day, a language, and a moment of knowledge."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from starlette.datastructures import QueryParams

from registry.codes import Language
from registry.errors import BadInput
from schema.scalars import parse_day, parse_instant

#: What the parameters mean; each has one name as in the API, and one as in the addresses of pages.
_MEANT = {
    "at": "at",
    "as_of": "at",
    "language": "language",
    "lang": "language",
    "knownAt": "known",
    "known_on": "known",
}


@dataclass(frozen=True)
class Wanted:
    """What is wanted of an export, where it is: the state on a day, names in a language, what was known by an instant.

    `known_by` is the parameter that the instant was given by.
    """

    at: date | None = None
    language: Language | None = None
    known: datetime | None = None
    known_by: str = "knownAt"


def wanted(query: QueryParams, zone: ZoneInfo) -> Wanted:
    """What an address asks for; what is known on a day is known at its end in the time zone.

    Raises `BadInput` for a parameter that there is not, one that says again what another says, or a value that is none.
    """
    said: dict[str, tuple[str, str]] = {}
    for name, value in query.multi_items():
        if name not in _MEANT:
            hint = f"There are {', '.join(_MEANT)}."
            raise BadInput(f"An export has no option “{name[:60]}”.", path=(name[:60],), hint=hint)
        other, _value = said.setdefault(_MEANT[name], (name, value))
        if (other, _value) != (name, value):
            raise BadInput(f"{name} and {other} say the same twice.", path=(name,), hint="Give one of them, once.")
    readers: dict[str, Callable[[str, str], object]] = {
        "at": _day,
        "language": _language,
        "known": lambda name, value: _instant(name, value, zone),
    }
    read = {meant: readers[meant](name, value) for meant, (name, value) in said.items() if value}
    known_by = said.get("known", ("knownAt",))[0]
    return Wanted(**read, known_by=known_by)  # type: ignore[arg-type]


def _day(name: str, text: str) -> date:
    try:
        return parse_day(text)
    except BadInput as error:
        raise BadInput(error.message, path=(name,), hint=error.hint, details=error.details) from None


def _language(name: str, text: str) -> Language:
    try:
        return Language[text.upper().replace("-", "_")]
    except KeyError:
        hint = f"Give one of {', '.join(Language)}."
        raise BadInput(f"“{text[:60]}” is no language of the registry.", path=(name,), hint=hint) from None


def _instant(name: str, text: str, zone: ZoneInfo) -> datetime:
    if name == "known_on":
        return end_of(_day(name, text), name, zone)
    try:
        return parse_instant(text)
    except BadInput as error:
        raise BadInput(error.message, path=(name,), hint=error.hint, details=error.details) from None


def end_of(day: date, name: str, zone: ZoneInfo) -> datetime:
    """The last instant of a day in the time zone; raises `BadInput` for one that no clock will tell."""
    try:
        return datetime.combine(day, time.max, zone).astimezone(UTC)
    except OverflowError:
        raise BadInput(f"{day} is too far off.", path=(name,), hint="Give an earlier day.") from None
