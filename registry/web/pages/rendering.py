"""Templates in the languages of the pages: what a template may say, and how it writes names, days and numbers."""

from collections.abc import Callable
from decimal import Decimal
from functools import cache, partial
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from registry.codes import Language
from registry.language import code_name, counted_phrase, country_name, phrase, words
from registry.search import pieces
from registry.settings import VERSION
from registry.web import assets
from registry.web.pages import charts
from registry.web.pages.alphabet import alphabetical
from registry.web.pages.basis import basis
from registry.web.pages.figures import told_figure
from registry.web.pages.labour import LABOUR
from registry.web.pages.quotas import is_bound, number_of_places, places, whose_and_of_what, with_parts
from registry.web.pages.spoken import presumed, spoken
from registry.web.pages.told import told, who
from registry.web.pages.walk import LANGUAGES, Walk
from registry.web.paper.typesetting import can_print
from registry.web.tongue import Tongue

TEMPLATES = Path(__file__).parent.parent / "templates"

#: Extensions that templates are written with; the tests that look for untranslated strings read them alike.
EXTENSIONS = ("jinja2.ext.i18n",)

#: What kind of state a code stands for, which badges show by their shape: in force, on the way, halted, over, open.
STANDINGS = {
    **dict.fromkeys(
        ("IN_FORCE", "OPERATIVE", "PROVISIONALLY_APPLIED", "AGREEMENT_IN_FORCE", "ACTIVE", "VALID"), "force"
    ),
    **dict.fromkeys(("INITIALLED", "PARTLY_SIGNED", "SIGNED", "PARTLY_CONSENTED", "AGREEMENT_SIGNED"), "way"),
    **dict.fromkeys(("PROPOSED", "UNDER_DISCUSSION", "UNDER_NEGOTIATION"), "talks"),
    **dict.fromkeys(("IN_DISCUSSION", "COOPERATING", "CONTRACTED", "PROSPECT"), "talks"),
    **dict.fromkeys(("DENUNCIATION_PENDING", "SUSPENDED", "PAUSED"), "halt"),
    **dict.fromkeys(("TERMINATED", "EXPIRED", "REPLACED", "INVALIDATED", "DISCONTINUED", "ABANDONED", "ENDED"), "over"),
    **dict.fromkeys(("CANCELLED", "DELISTED", "BANNED"), "over"),
}

#: Addresses of the records that have a page, by the name of the page; `registry.web.pages` fills it.
ADDRESSES: dict[str, str] = {}


def render(template: str, walk: Walk, **values: Any) -> str:
    """The page that a template makes, in the language of the walk."""
    known = {"walk": walk, "href": walk.href, "here": walk.here, "to": partial(_address, walk)}
    return environment(walk.language).get_template(template).render(known | values)


@cache
def environment(language: Language) -> Environment:
    """What templates are read with, for one language."""
    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        extensions=EXTENSIONS,
    )
    made.install_gettext_callables(  # type: ignore[attr-defined]
        lambda text: phrase(text, language),
        lambda one, many, number: counted_phrase(one, many, number, language),
        newstyle=True,
    )
    made.filters.update(_filters(language))
    made.filters.update(_of_records(Tongue(language)))
    made.policies["json.dumps_kwargs"] = {"ensure_ascii": False}
    made.globals.update(asset=assets.address, charts=charts, version=VERSION, languages=LANGUAGES, standings=STANDINGS)
    made.globals.update(can_print=can_print, LABOUR=LABOUR)
    made.filters["pieces"] = pieces
    tag = next(tag for tag, (each, _) in LANGUAGES.items() if each is language)
    made.filters["spoken"] = partial(spoken, page=tag)
    made.filters["told"] = partial(told, language=language, page=tag)
    made.filters["who"] = partial(who, language=language)
    made.globals["translated"] = lambda text: phrase(text, language)
    made.globals["country_name"] = lambda code: country_name(code, language)
    return made


class Counted(int):
    """A number that is written as the reader's language writes it, and counts as itself for forms of the plural."""

    said: str

    @classmethod
    def of(cls, number: int, language: Language) -> "Counted":
        made = cls(number)
        made.said = words("number", number, language)
        return made

    def __str__(self) -> str:
        return self.said


#: What stands between lines.
_BREAK = Markup("<br>")


def _filters(language: Language) -> dict[str, Callable[..., Any]]:
    def said(kind: str) -> Callable[[Any], str]:
        return lambda value: words(kind, value, language)

    return {
        "day": said("day"),
        "edtf": lambda date: words("edtf", date["edtf"], language),
        "period": lambda period: words("period", period["edtf"], language),
        "number": said("number"),
        "counted": lambda number: Counted.of(number, language),
        "percent": said("percent"),
        "exact": lambda number: words("exact", Decimal(number), language),
        "share": said("share"),
        "months": said("months"),
        "duration": said("duration"),
        "tongue": lambda tag: words("language", tag, language),
        "field": lambda name: code_name("Field", name, language),
        "code": lambda value, enumeration: code_name(enumeration, value, language),
        "by_name": lambda records: sorted(records, key=lambda record: alphabetical(language)(record["name"])),
        "lines": _BREAK.join,
        "capital": lambda text: text[:1].upper() + text[1:],
    }


def _of_records(tongue: Tongue) -> dict[str, Callable[..., Any]]:
    """How records, or parts of them, are told."""
    return {
        "basis": partial(basis, tongue=tongue),
        "is_bound": is_bound,
        "number_of_places": partial(number_of_places, tongue=tongue),
        "places": partial(places, tongue=tongue),
        "presumed": presumed,
        "stated": partial(told_figure, tongue=tongue),
        "whose": partial(whose_and_of_what, tongue=tongue),
        "with_parts": with_parts,
    }


def _address(walk: Walk, page: str, key: str = "", **parameters: Any) -> str | None:
    """The address of a record's page or, without a key, of a page; None where the registry has no such page."""
    path = ADDRESSES.get(page)
    if path is None:
        return None
    before, brace, _ = path.partition("{")
    return walk.href(before + key if brace else path, **parameters)
