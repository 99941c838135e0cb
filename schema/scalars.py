"""Scalars of the contract, strict about their form, and enumerations that tell what each value means."""

import re
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any, NewType, TypeVar

import strawberry
from strawberry.types.scalar import ScalarDefinition

from registry.codes import Code, Language
from registry.countries import ISO_3166_1
from registry.errors import BadInput, Reason
from registry.history import instant_text

CountryCode = NewType("CountryCode", str)
Json = NewType("Json", object)
EDTF = NewType("EDTF", str)
LanguageTag = NewType("LanguageTag", str)

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_INSTANT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,6})?(Z|[+-]\d{2}:\d{2})")
_TAG = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*")
_NUMBER = re.compile(r"-?\d{1,30}(\.\d{1,10})?")


def parse_day(text: object) -> date:
    """A calendar date in the one form `YYYY-MM-DD`; `20240105` and `2024-W05` are refused."""
    if isinstance(text, str) and _DAY.fullmatch(text):
        try:
            return date.fromisoformat(text)
        except ValueError:
            pass
    hint = "Write a day of the calendar as YYYY-MM-DD, such as 2026-11-21."
    raise BadInput(f"{_shown(text)} is not a day.", hint=hint, details=Reason.DAY.told(_short(text)))


def parse_instant(text: object) -> datetime:
    """An instant with its offset, in the form `2026-11-21T09:30:00Z`."""
    if isinstance(text, str) and _INSTANT.fullmatch(text):
        try:
            return datetime.fromisoformat(text).astimezone(UTC)
        except (ValueError, OverflowError):
            pass
    raise BadInput(f"{_shown(text)} is not an instant.", hint="Write it with its offset, such as 2026-11-21T09:30:00Z.")


def format_instant(instant: datetime) -> str:
    """The instant in UTC, to the microsecond."""
    return instant_text(instant)


def parse_country_code(text: object) -> CountryCode:
    """An assigned ISO 3166-1 alpha-2 code in capitals."""
    if isinstance(text, str) and text in ISO_3166_1:
        return CountryCode(text)
    hint = "Write an ISO 3166-1 alpha-2 code in capitals, such as DE."
    raise BadInput(f"{_shown(text)} is not a country code.", hint=hint, details=Reason.COUNTRY_CODE.told(_short(text)))


def parse_date_expression(text: object) -> EDTF:
    """A date or period as it is written. Dates stand in inputs only, and are read with the rest of the input there, so
    that one which cannot be read is told in the payload together with all that is wrong."""
    if not isinstance(text, str):
        raise BadInput(
            f"{_shown(text)} is not a date in EDTF.", hint="Write it in quotes, such as 2024-10 or ../2026-01."
        )
    return EDTF(text)


def parse_language_tag(text: object) -> LanguageTag:
    """A well-formed BCP 47 tag, in small letters: case means nothing in it, and what is written is cased anew."""
    if isinstance(text, str) and _TAG.fullmatch(text):
        return LanguageTag(text.lower())
    raise BadInput(f"{_shown(text)} is not a language tag.", hint="Write a BCP 47 tag, such as de or uz-Cyrl.")


def parse_decimal(text: object) -> Decimal:
    """An exact decimal number in a string."""
    if isinstance(text, str) and _NUMBER.fullmatch(text):
        try:
            return Decimal(text)
        except InvalidOperation:
            pass
    raise BadInput(f"{_shown(text)} is not an exact number.", hint='Write it in quotes, such as "0.16".')


def _shown(value: object) -> str:
    return _short(f'"{value}"' if isinstance(value, str) else value)


def _short(value: object) -> str:
    text = str(value)
    return text if len(text) <= 60 else text[:57] + "…"


def _itself(value: Any) -> Any:
    return value


def _scalar(name: str, description: str, specification: str, serialize: Any, parse: Any) -> ScalarDefinition:
    return strawberry.scalar(
        name=name, description=description, specified_by_url=specification, serialize=serialize, parse_value=parse
    )


_BCP47 = "https://www.rfc-editor.org/info/bcp47"
_EDTF_MEANING = """A date or period as precise as its source: Extended Date/Time Format, ISO 8601-2 levels 0 and 1.
Examples: 2024-09-15, 2024-10, 2024, ../2026-01, 2024~, 2025-01/2025-06, XXXX-01-14."""

SCALARS: dict[object, ScalarDefinition] = {
    date: _scalar(
        "Date",
        "ISO 8601 calendar date, such as 2026-11-21.",
        "https://www.rfc-editor.org/rfc/rfc3339#section-5.6",
        date.isoformat,
        parse_day,
    ),
    datetime: _scalar(
        "DateTime",
        "ISO 8601 instant in UTC.",
        "https://www.rfc-editor.org/rfc/rfc3339",
        format_instant,
        parse_instant,
    ),
    CountryCode: _scalar(
        "CountryCode",
        "ISO 3166-1 alpha-2 code in capitals, such as DE.",
        "https://www.iso.org/iso-3166-country-codes.html",
        str,
        parse_country_code,
    ),
    EDTF: _scalar("EDTF", _EDTF_MEANING, "https://www.loc.gov/standards/datetime/", str, parse_date_expression),
    LanguageTag: _scalar("LanguageTag", "BCP 47 language tag, such as de or uz-Cyrl.", _BCP47, str, parse_language_tag),
    Decimal: _scalar(
        "Decimal",
        "Exact decimal number in a string.",
        "https://www.w3.org/TR/xmlschema11-2/#decimal",
        lambda number: format(number, "f"),
        parse_decimal,
    ),
    Json: _scalar("JSON", "Any JSON value.", "https://www.rfc-editor.org/rfc/rfc8259", _itself, _itself),
}

E = TypeVar("E", bound=type[Code])


def enum(kind: E) -> E:
    """Serves a `Code` as a GraphQL enumeration, with the meaning of the code and of each of its values."""
    if "__strawberry_definition__" not in vars(kind):
        strawberry.enum(kind, description=(kind.__doc__ or "").strip())
        for value in kind.__strawberry_definition__.values:  # type: ignore[attr-defined]
            value.description = kind[value.name].description
    return kind


enum(Language)

#: The argument that chooses the language of an answer.
Spoken = Annotated[Language, strawberry.argument(description="Language of the answer.")]
