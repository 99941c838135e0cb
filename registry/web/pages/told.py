"""What a change did to a record, in the words of the reader: each field before and after, codes by their names.

A title, a name, a quotation or a remark is marked with the language that it is in, where the registry knows that: of a
quotation it is that of its source, as far as the record still cites it.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from markupsafe import Markup

from registry.access import Role
from registry.codes import Language
from registry.language import code_name, country_name, phrase, words
from registry.web.pages.spoken import ENGLISH, spoken, title_language
from schema.field_changes import codes_told

Data = dict[str, Any]

#: Fields that hold codes of countries.
_COUNTRIES = {"country", "countries", "party", "parties", "destinations", "origins"}

#: Fields that hold dates, periods, durations, shares and tags of languages, by how to say them.
_FORMS = {
    **dict.fromkeys(("date", "since", "until", "decided", "effective", "published"), "edtf"),
    **dict.fromkeys(("language", "titleLanguage"), "language"),
    "period": "period",
    "forceDelay": "duration",
    "rate": "share",
}

#: Fields that hold exact numbers, which are written as texts.
_EXACT = {"amount", "value"}

_DURATION = re.compile("P([0-9]+[YMWD])+")

#: Titles and names that a record has in several languages.
_OWN_TAG = re.compile("(?:name|title)(En|Ru|UzCyrl|Uz)")
_TAGS = {"En": "en", "Ru": "ru", "Uz": "uz", "UzCyrl": "uz-Cyrl"}

#: Fields whose language another field beside them tells.
_BESIDE = {"title": "language", "titleAsPrinted": "titleLanguage"}

#: Fields in the words of whoever keeps the registry, which are English, as `spoken` has it.
_IN_ENGLISH = {"beneficiaries", "bindingnessReason", "by", "condition", "description", "destinationAsPrinted", "note"}
_IN_ENGLISH |= {"place", "signatory", "topics", "unit"}
_NAMES_IN_ENGLISH = {("Engagement", "title"), ("Institution", "name"), ("Institution", "names"), ("Programme", "name")}


@dataclass(frozen=True)
class Field:
    """A field of a record: its name, and the lines that stood there before and stand there after."""

    name: str
    old: list[str]
    new: list[str]


#: What the log has for whoever made a change, where the reader may not see names.
_ROLES = frozenset(Role)


def who(actor: str, language: Language) -> str:
    """Whoever made a change: by name, or by the role as the reader's language calls it."""
    return code_name("Role", actor, language) if actor in _ROLES else actor


def told(change: Data, language: Language, page: str) -> list[Field]:
    """The fields of a change, for a page in a language; `page` is the tag of that."""
    return _Teller(change, language, page).fields()


class _Teller:
    """What tells of one change. `way` is the type of record, or the field whose part something stands in."""

    def __init__(self, change: Data, language: Language, page: str) -> None:
        self._change, self._language, self._page = change, language, page
        self._subject: Data = change.get("subject") or {}
        parts = (each for part in ("licences", "partnerships", "revisions") for each in self._subject.get(part, ()))
        cited = (citation["source"] for each in (self._subject, *parts) for citation in each.get("citations", ()))
        self._tongues = {source["reference"]: source["language"] for source in cited}

    def fields(self) -> list[Field]:
        """Each field before and after."""
        told = self._change["fields"]
        beside = {end: self._subject | {each["name"]: each[end] for each in told} for end in ("old", "new")}
        return [
            Field(each["name"], *([*self._lines(each["name"], each[end], row)] for end, row in beside.items()))
            for each in told
        ]

    def _lines(self, name: str, value: Any, row: Data) -> Iterator[str]:
        if isinstance(value, dict) and value.keys() == {"count", "rows"}:
            yield words("number", value["count"], self._language)
            value = value["rows"]
        for item in value if isinstance(value, list) else [value]:
            if isinstance(item, dict):
                yield Markup("; ").join(self._pairs(name, item))
            elif item is not None:
                yield self._marked(self._change["subjectType"], name, item, row)

    def _pairs(self, part: str, row: Data) -> Iterator[str]:
        for name, value in row.items():
            if name == "citations":
                for item in value:
                    yield from self._pairs(name, item)
            elif value is not None:
                label = code_name("Field", name, self._language)
                yield Markup("{}: {}").format(label, self._marked(part, name, value, row))

    def _marked(self, way: str, name: str, value: Any, row: Data) -> str:
        """A plain value, with the language that it is in where that is not the page's."""
        said = _said(way, name, value, self._language)
        lang = spoken(self._tongue_of(way, name, row), self._page) if said == value else ""
        return Markup("<span{}>{}</span>").format(lang, said) if lang else said

    def _tongue_of(self, way: str, name: str, row: Data) -> str | None:
        """The language of a text, given what stands beside it; None where it has none, or where nobody has said it."""
        if own := _OWN_TAG.fullmatch(name):
            return _TAGS[own[1]]
        if name in ("quote", "locator"):
            return self._tongues.get(row.get("source", ""))
        if name in _IN_ENGLISH or (way, name) in _NAMES_IN_ENGLISH:
            return ENGLISH
        beside: str | None = row.get(_BESIDE[name]) if name in _BESIDE else None
        return title_language(row[name], beside) if beside and row.get(name) else beside


def _said(way: str, name: str, value: Any, language: Language) -> str:
    """A plain value, by what its field holds."""
    if isinstance(value, bool):
        return phrase("yes" if value else "no", language)
    if name in _EXACT:
        return words("exact", Decimal(value), language)
    if isinstance(value, int | float):
        return words(_FORMS.get(name, "exact"), value, language)
    codes = codes_told().get((way, name)) or codes_told().get((name, name))
    if codes and isinstance(value, str):
        return code_name(codes, value, language)
    if isinstance(value, str) and name in _COUNTRIES and re.fullmatch("[A-Z]{2}", value):
        return country_name(value, language)
    form = _FORMS.get(name)
    if isinstance(value, str) and form and (form != "duration" or _DURATION.fullmatch(value)):
        return words(form, value, language)
    return str(value)
