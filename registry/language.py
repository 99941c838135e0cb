"""What the registry says, in the languages it speaks: explanations, names of codes, dates, countries and counts.

English sentences are the keys of the catalogues in `locale/`; a sentence without a translation is said in English.
Uzbek in Cyrillic script is made from Uzbek in Latin script, except for names of countries: the CLDR gives them in both.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, Protocol

from babel import Locale, UnknownLocaleError
from babel.dates import format_date
from babel.lists import format_list
from babel.messages.pofile import read_po
from babel.numbers import format_decimal, format_percent
from babel.units import format_unit

from registry.codes import Code, Language, ValueOperator
from registry.transliteration import to_cyrillic, with_proper_apostrophes


class Saying(Protocol):
    """A sentence in English with named places, such as `{day}`, and the values that belong there."""

    @property
    def text(self) -> str:
        """The sentence."""
        ...

    @property
    def values(self) -> Mapping[str, Any]:
        """What stands in its places."""
        ...


_CATALOGUES = Path(__file__).parent / "locale"
_LANGUAGES = {Language.EN: "en", Language.RU: "ru", Language.UZ: "uz", Language.UZ_CYRL: "uz"}
_LOCALES = {
    Language.EN: Locale.parse("en_GB"),
    Language.RU: Locale.parse("ru"),
    Language.UZ: Locale.parse("uz"),
    Language.UZ_CYRL: Locale.parse("uz_Cyrl"),
}
_CODES = {
    "act": "LegalActKind",
    "status": "AgreementStatus",
    "rule": "ForceRule",
    "renewal": "Renewal",
    "type": "InstrumentType",
    "bindingness": "Bindingness",
    "deadline": "DeadlineKind",
}
_LISTS = {"countries": "country", "statuses": "status", "acts": "act"}
_PLACE = re.compile(r"\{(\w+)\}")
_PARTS = re.compile(r"(\{\w+\})")
# In the phrases of an interface these are no words: places for values, and names that are written in Latin script.
_KEPT = re.compile(
    r"%\(\w+\)s|\b(?:GraphQL|GraphiQL|JavaScript|JSON|PDF|SVG|SHA-256|EDTF|CSV|XLSX|ISO|ISIC|LEI|API|UTC|Ctrl|Enter)\b"
)
_KEPT_PARTS = re.compile(f"({_KEPT.pattern})")
_PLURAL_TAGS = ("zero", "one", "two", "few", "many", "other")  # in the order that catalogues have them
_DURATION = re.compile(r"([0-9]+)([YMWD])")
_DURATION_UNITS = {"Y": "year", "M": "month", "W": "week", "D": "day"}
# What must stay as it is goes round the transliteration under a number between two characters for private use.
_PUT_ASIDE = re.compile("\ue000([0-9]+)\ue001")
_DATE = re.compile("(?P<year>[0-9]{4}|XXXX)(?:-(?P<month>[0-9]{2}))?(?:-(?P<day>[0-9]{2}))?(?P<mark>[~?%]?)")
_MARKS = {"~": "about {date}", "?": "possibly {date}", "%": "possibly about {date}"}
_OPEN = ("", "..")
_LEAP_YEAR = 2024

Plain = str | int | float


def render(messages: Saying | Sequence[Saying], language: Language) -> str:
    """One message, or several, as sentences: each begins with a capital letter and ends with a full stop.

    A value of a message is a plain JSON value, or a pair of its kind and a plain value. The kinds are `day`, `edtf`,
    `period` (EDTF), `country`, `act`, `status`, `rule`, `renewal`, `type`, `bindingness`, `deadline`, `months`, `days`,
    `duration` (ISO 8601), `language` (BCP 47), `number` and `text` (verbatim), and for lists `countries`, `acts`
    (joined by “and”) and `statuses` (by “or”: they are what is possible). A place without a value stays visible.
    """
    several = messages if isinstance(messages, Sequence) else (messages,)
    return " ".join(_sentence(message, language) for message in several)


def label(code: Code, language: Language) -> str:
    """A short noun phrase for a code, such as “entry into force”, without a capital letter of its own."""
    return code_name(type(code).__name__, code.value, language)


def code_name(enumeration: str, value: str, language: Language) -> str:
    """As `label`, for the code that an answer names: `code_name("AgreementStatus", "IN_FORCE", …)`."""
    name = _code(enumeration, value, language)
    is_uzbek = language is Language.UZ_CYRL and (enumeration, value) in _catalogue("uz")
    return _cyrillic(name) if is_uzbek else name


def words(kind: str, value: Any, language: Language) -> str:
    """A value of one of the kinds that `render` knows, by itself: `words("day", "2024-09-15", …)`."""
    name = _one(kind, value, language)
    return to_cyrillic(name) if language is Language.UZ_CYRL and kind not in ("country", "text") else name


def stated(operator: ValueOperator, number: int, language: Language) -> str:
    """A number with what says how it is to be read: `≥ 1,000`."""
    return operator.sign + words("number", number, language)


def phrase(text: str, language: Language) -> str:
    """What an interface says, such as a heading, with its places in the form `%(name)s` left as they are."""
    return _in_script(_catalogue(_LANGUAGES[language]).get((None, text), text), text, language)


def counted_phrase(one: str, many: str, number: int, language: Language) -> str:
    """As `phrase`, in the form that the language has for the number; `one` and `many` are the English forms."""
    forms = _plurals(_LANGUAGES[language]).get(one)
    if forms is None:
        return one if number == 1 else many
    rule = _latin(language).plural_form
    tags = [tag for tag in _PLURAL_TAGS if tag in rule.tags or (tag == "other" and len(forms) > len(rule.tags))]
    return _in_script(forms[tags.index(rule(number))], one, language)


@lru_cache(maxsize=4096)
def _in_script(said: str, text: str, language: Language) -> str:
    """Uzbek, where there is a translation, in the script of the language; places and tags are left as they are."""
    if language is not Language.UZ_CYRL or said == text:
        return said
    return _cyrillic(said)


def _cyrillic(said: str) -> str:
    """Uzbek in Cyrillic script, with places and names that are written in Latin script left as they are."""
    return "".join(part if _KEPT.fullmatch(part) else to_cyrillic(part) for part in _KEPT_PARTS.split(said))


def country_name(code: str, language: Language) -> str:
    """The name of the country with this ISO 3166-1 code, from the CLDR; the code itself where the CLDR has none."""
    name = str(_LOCALES[language].territories.get(code, code))
    return with_proper_apostrophes(name) if language is Language.UZ else name


def _sentence(message: Saying, language: Language) -> str:
    """The message as a sentence, with its values in their places."""
    aside: list[str] = []

    def keep(text: str) -> str:
        if language is not Language.UZ_CYRL:
            return text
        aside.append(text)
        return f"\ue000{len(aside) - 1}\ue001"

    def fill(place: re.Match[str]) -> str:
        name = place[1]
        return _value(message.values[name], language, keep) if name in message.values else keep(place[0])

    text = _catalogue(_LANGUAGES[language]).get((None, message.text))
    if text is None:
        text = "".join(part if _PLACE.fullmatch(part) else keep(part) for part in _PARTS.split(message.text))
    said = _PLACE.sub(fill, text)
    if language is Language.UZ_CYRL:
        said = _PUT_ASIDE.sub(lambda place: aside[int(place[1])], to_cyrillic(said))
    said = said[:1].upper() + said[1:]
    return said if said.endswith((".", "!", "?", "…")) else f"{said}."


def _translated(text: str, language: Language, context: str) -> str:
    """The text in the language, in Latin script for Uzbek; the text itself where no catalogue has it."""
    return _catalogue(_LANGUAGES[language]).get((context, text), text)


@cache
def _catalogue(language: str) -> dict[tuple[str | None, str], str]:
    """All that the language's files say, by context and English text; unfinished entries are left out."""
    return {(entry.context, str(entry.id)): str(entry.string) for entry in _entries(language) if not entry.pluralizable}


@cache
def _plurals(language: str) -> dict[str, tuple[str, ...]]:
    """What the language's files say of counted things, by the English text for one of them."""
    return {entry.id[0]: tuple(entry.string) for entry in _entries(language) if entry.pluralizable}


def _entries(language: str) -> Iterator[Any]:
    for path in sorted((_CATALOGUES / language).glob("*.po")):
        with path.open("rb") as file:
            yield from (each for each in read_po(file, locale=language) if each.id and each.string and not each.fuzzy)


def _value(value: Any, language: Language, keep: Callable[[str], str]) -> str:
    """A value as words; for Uzbek in Cyrillic script still in Latin script, with what must stay as it is put aside."""
    kind, plain = value if _is_pair(value) else ("text", value)
    one = _LISTS.get(kind, kind)
    words = [_one(one, item, language) for item in (plain if isinstance(plain, (list, tuple)) else [plain])]
    if one in ("country", "text"):
        words = [keep(word) for word in words]
    return format_list(words, "or" if kind == "statuses" else "standard", locale=_latin(language))


def _is_pair(value: Any) -> bool:
    return isinstance(value, (list, tuple)) and len(value) == 2 and value[0] in (*_KINDS, *_LISTS)


def _latin(language: Language) -> Locale:
    return _LOCALES[Language.UZ if language is Language.UZ_CYRL else language]


@lru_cache(maxsize=16384, typed=True)
def _one(kind: str, plain: Plain, language: Language) -> str:
    """One plain value of a kind, as words."""
    return _KINDS[kind](plain, language)


def _code(enumeration: str, value: str, language: Language) -> str:
    """A code as its catalogue names it, else the code in small letters."""
    name = _translated(value, language, enumeration)
    return name if name != value else _translated(value, Language.EN, enumeration).replace("_", " ").lower()


def _code_of(enumeration: str) -> Callable[[Any, Language], str]:
    return lambda value, language: _code(enumeration, value, language)


def _day(text: str, language: Language) -> str:
    return _dated(date.fromisoformat(text), "d MMMM y", language)


def _dated(day: date, pattern: str, language: Language) -> str:
    """The day by a pattern of the CLDR, where MMMM is a month within a phrase and LLLL one that stands alone."""
    return format_date(day, _translated(pattern, language, "date"), _latin(language))


def _edtf(text: str, language: Language) -> str:
    """A date in EDTF in words: “not later than 20 January 2026”."""
    phrases = ("between {start} and {ending}", "not later than {end}", "not earlier than {start}")
    return _interval(text, language, phrases)


def _period(text: str, language: Language) -> str:
    """A period in EDTF in words: “from 2024 to 2026”."""
    return _interval(text, language, ("from {start} to {ending}", "until {ending}", "from {start} on"))


def _interval(text: str, language: Language, phrases: tuple[str, str, str]) -> str:
    """An interval by the phrase for both ends, the one for its end alone or the one for its start alone.

    In a phrase an inflected language has the genitive for `{start}` and `{end}`, the accusative for `{ending}`.
    """
    start, slash, end = text.partition("/")
    if not slash and not re.match("[0-9]+X", text):
        return _date(text, "LLLL y", language)
    if not slash:
        start = end = text
    if start in _OPEN and end in _OPEN:
        return _translated("an unknown date", language, "date")
    phrase = phrases[1] if start in _OPEN else phrases[2] if end in _OPEN else phrases[0]
    first, last = re.sub("(?<!-)X", "0", start.replace("-XX", "")), end.replace("-XX", "").replace("X", "9")
    parts = {"start": (first, "MMMM y"), "end": (last, "MMMM y"), "ending": (last, "LLLL y")}
    said = _translated(phrase, language, "date")
    return _PLACE.sub(lambda place: _date(*parts[place[1]], language), said)


def _date(text: str, month_pattern: str, language: Language) -> str:
    """A day, month or year, or one of them in an unknown year, with what its mark says of it."""
    match = _DATE.match(text)
    if match is None:
        return text
    year, month, day = match["year"], match["month"], match["day"]
    patterns = ("d MMMM", "LLLL") if year == "XXXX" else ("d MMMM y", month_pattern)
    pattern = patterns[0] if day else patterns[1] if month else "y"
    said = _dated(date(_LEAP_YEAR if year == "XXXX" else int(year), int(month or 1), int(day or 1)), pattern, language)
    if year == "XXXX":
        said = _in_place(said, "{date} of an unknown year" if month else "an unknown year", language)
    return _in_place(said, _MARKS[match["mark"]], language) if match["mark"] else said


def _in_place(said: str, phrase: str, language: Language) -> str:
    return _translated(phrase, language, "date").replace("{date}", said)


def _unit(unit: str) -> Callable[[Any, Language], str]:
    """A count of calendar units; the CLDR has the full words for Uzbek as its short ones only."""

    def counted(number: Any, language: Language) -> str:
        locale = _latin(language)
        return format_unit(number, f"duration-{unit}", "short" if locale.language == "uz" else "long", locale=locale)

    return counted


def _tongue(tag: str, language: Language) -> str:
    """The name of a language, of a tag of BCP 47, from the CLDR; the tag itself where the CLDR has none."""
    try:
        return Locale.parse(tag, sep="-").get_display_name(_latin(language)) or tag
    except (UnknownLocaleError, ValueError):
        return tag


def _duration(text: str, language: Language) -> str:
    parts = [_unit(_DURATION_UNITS[unit])(int(number), language) for number, unit in _DURATION.findall(text)]
    return format_list(parts, locale=_latin(language))


def _percent(share: float, language: Language) -> str:
    """In whole per cent; with as many decimals as it takes not to call a part the whole, or more than the whole it."""
    exact = Decimal(repr(share))
    if exact == 1 or round(exact, 2) != 1:
        return format_percent(share, locale=_latin(language))
    told = next((near for near in (round(exact, places) for places in range(3, 20)) if near != 1), exact)
    return format_percent(told, locale=_latin(language), decimal_quantization=False)


_KINDS: dict[str, Callable[[Any, Language], str]] = {
    **{kind: _code_of(enumeration) for kind, enumeration in _CODES.items()},
    "day": _day,
    "edtf": _edtf,
    "period": _period,
    "country": country_name,
    "days": _unit("day"),
    "months": _unit("month"),
    "duration": _duration,
    "language": _tongue,
    "number": lambda number, language: format_decimal(number, locale=_latin(language)),
    "percent": _percent,
    # As the log has them: to the last digit, so that no change is rounded away.
    "exact": lambda number, language: format_decimal(number, locale=_latin(language), decimal_quantization=False),
    "share": lambda share, language: format_percent(share, locale=_latin(language), decimal_quantization=False),
    "text": lambda text, language: str(text),
}
