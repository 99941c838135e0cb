"""Where a reader is: language, legal day and moment of knowledge, which every link of a page takes along."""

from collections.abc import Hashable, Iterable
from datetime import date, datetime, time
from typing import Any, TypeVar
from urllib.parse import quote, urlencode
from zoneinfo import ZoneInfo

from starlette.requests import Request

from registry.codes import Language
from registry.dates import FOREVER, add_months, day_before
from registry.errors import BadInput, Reason
from registry.language import words
from registry.settings import Settings
from registry.transliteration import TURNED_COMMA
from schema.scalars import format_instant, parse_day

#: The languages of the pages by the tag that addresses and documents carry (BCP 47), each with its own name.
LANGUAGES = {
    "en": (Language.EN, "English"),
    "ru": (Language.RU, "Русский"),
    "uz": (Language.UZ, f"O{TURNED_COMMA}zbekcha"),
    "uz-Cyrl": (Language.UZ_CYRL, "Ўзбекча"),
}

#: Parameters that every link keeps as long as the address has them.
KEPT = ("as_of", "known_on", "lang")


#: What periods begin and end with: days and instants as text, or years.
Placed = TypeVar("Placed", str, int)


class Walk:
    """A reader's request as pages see it: what was chosen, and addresses that keep it."""

    def __init__(self, request: Request, settings: Settings) -> None:
        self.path = request.url.path
        self.settings = settings
        self._asked = [(name, value) for name, value in request.query_params.multi_items() if value]
        self._kept = [(name, value) for name, value in self._asked if name in KEPT]
        self.tag = _tag(request)
        self.language: Language = LANGUAGES[self.tag][0]

    @property
    def followed(self) -> tuple[Hashable, ...]:
        """All that a page may follow beside the answer that it is made of."""
        return self.path, self.tag, tuple(self._asked), datetime.now(self._zone).date()

    def one(self, name: str) -> str | None:
        """The value of a parameter of the address; None where it has none."""
        return next(iter(self.several(name)), None)

    def several(self, name: str) -> list[str]:
        """All values of a parameter that may be given more than once."""
        return [value for asked, value in self._asked if asked == name]

    def among(self, name: str, choices: Iterable[str]) -> list[str]:
        """The values of a parameter that has to be chosen. Raises `BadInput` for what is none of the choices."""
        values, known = self.several(name), set(choices)
        for value in values:
            if value not in known:
                said, hint = f"“{value}” is no choice for `{name}`.", "Choose one that the page offers."
                raise BadInput(said, path=(name,), hint=hint, details=Reason.NO_SUCH_CHOICE.told(value))
        return values

    def forget(self, *names: str) -> None:
        """Leaves some of what is kept out of the links from here on."""
        self._kept = [(name, value) for name, value in self._kept if name not in names]

    @property
    def kept(self) -> list[tuple[str, str]]:
        """What every link from here takes along, for forms to send along too."""
        return list(self._kept)

    @property
    def pinned(self) -> bool:
        """Whether the reader looks at another day or moment than now."""
        return bool(self.one("as_of") or self.one("known_on"))

    @property
    def day(self) -> date:
        """The legal day: the one chosen, else today in the home country. Raises `BadInput` where it is no day."""
        chosen = self.one("as_of")
        return parse_day(chosen) if chosen else datetime.now(self._zone).date()

    @property
    def year_ahead(self) -> date:
        """The last day of the twelve months that begin with the legal day."""
        return self.months_ahead(12)

    def months_ahead(self, months: int) -> date:
        """The last day of so many months that begin with the legal day; of those that the calendar has, the last."""
        following = add_months(self.day, months)
        return following if following == FOREVER else day_before(following)

    @property
    def known_day(self) -> str | None:
        """The day of knowledge that was chosen, where it is over: until it is, all is known that is known now."""
        chosen = self.one("known_on")
        return chosen if chosen and parse_day(chosen) < datetime.now(self._zone).date() else None

    def day_of(self, instant: str) -> str:
        """The day of an instant in the home country."""
        return self._at_home(instant).date().isoformat()

    def clock_of(self, instant: str) -> str:
        """The time of day of an instant in the home country, and how far that is from UTC: `23:16 UTC+05:00`."""
        at_home = self._at_home(instant)
        return f"{at_home:%H:%M} UTC{at_home.isoformat()[-6:]}"

    def moment_of(self, instant: str) -> str:
        """The day of an instant in the home country, as the reader's language writes it, and the time of day."""
        return f"{words('day', self.day_of(instant), self.language)}, {self.clock_of(instant)}"

    def _at_home(self, instant: str) -> datetime:
        return datetime.fromisoformat(instant).astimezone(self._zone)

    def moment(self) -> dict[str, str | None]:
        """The variables of a document that choose the moment. What is known on a day is known at its end.

        Raises `BadInput` where a day that was given is none.
        """
        return {
            "asOf": self.day.isoformat() if self.one("as_of") else None,
            "knownOn": self.instant("known_on", time.max),
        }

    def instant(self, name: str, clock: time) -> str | None:
        """A time of the day that a parameter of the address names, as an instant; None where it names none.

        Raises `BadInput` where it names no day.
        """
        given = self.one(name)
        if given is None:
            return None
        try:
            return format_instant(datetime.combine(parse_day(given), clock, self._zone))
        except OverflowError:
            hint, details = "Give a nearer day.", Reason.DAY_TOO_FAR.told(given)
            raise BadInput(f"“{given}” is too far away.", path=(name,), hint=hint, details=details) from None

    @property
    def _zone(self) -> ZoneInfo:
        return ZoneInfo(self.settings.time_zone)

    def href(self, path: str, **parameters: Any) -> str:
        """An address within the registry that keeps language, day and moment."""
        return _address(path, [*_pairs(parameters), *self._kept])

    def file(self, path: str, *kept: str, **parameters: Any) -> str:
        """An address of a file, which says its language itself: programs that fetch it have no cookie."""
        asked = {name: self.one(name) for name in kept} | parameters
        return _address(path, [*_pairs(asked), ("lang", self.tag)])

    def here(self, **parameters: Any) -> str:
        """This very page with some parameters changed; a value of None, or an empty one, drops its parameter."""
        others = [(name, value) for name, value in self._asked if name not in parameters]
        return _address(self.path, [*others, *_pairs(parameters)])

    def sheet(self, suffix: str) -> str:
        """What this very page shows, as a file, which says its language itself too."""
        asked = [(name, value) for name, value in self._asked if name not in ("format", "lang")]
        return _address(self.path + suffix, [*asked, ("lang", self.tag)])

    def without(self, name: str, value: str) -> str:
        """This very page without one of the values of a parameter, from its first page on."""
        return self.here(**{name: [each for each in self.several(name) if each != value], "after": None})

    def others(self, *names: str) -> list[tuple[str, str]]:
        """What a form on this page has to send along besides its own fields."""
        return [(name, value) for name, value in self._asked if name not in names]


def check_order(first: Placed | None, last: Placed | None, name: str) -> None:
    """Raises `BadInput` where a period ends before it begins; `name` is the parameter of its end."""
    if first is not None and last is not None and first > last:
        hint = "Give an end that is not before the beginning."
        raise BadInput("The period ends before it begins.", path=(name,), hint=hint, details=Reason.PERIOD.told())


def _pairs(parameters: dict[str, Any]) -> list[tuple[str, str]]:
    """Names with single values; a list gives its name several times, nothing gives none."""
    pairs = []
    for name, value in parameters.items():
        values: Iterable[Any] = value if isinstance(value, list | tuple) else [value]
        pairs += [(name, str(each)) for each in values if each not in (None, "")]
    return pairs


def _address(path: str, pairs: list[tuple[str, str]]) -> str:
    return quote(path, safe="/") + (f"?{urlencode(pairs)}" if pairs else "")


def _tag(request: Request) -> str:
    """The tag of the language to answer in: of the address, else of the cookie, else what the browser prefers."""
    for chosen in (request.query_params.get("lang"), request.cookies.get("lang")):
        if chosen in LANGUAGES:
            return chosen
    return _preferred(request.headers.get("accept-language", ""))


def _preferred(header: str) -> str:
    """The language that an `Accept-Language` ranks highest among those there are; English where it names none."""
    ranked = []
    for place, part in enumerate(header.split(",")):
        tag, _, quality = part.strip().lower().partition(";q=")
        name = "uz-Cyrl" if tag.startswith("uz-cyrl") else tag.split("-")[0]
        try:
            weight = float(quality or 1)
        except ValueError:
            weight = 0.0
        if name in LANGUAGES and weight > 0:
            ranked.append((-weight, place, name))
    return min(ranked)[2] if ranked else "en"
