"""What a change did to a record, in the words of the reader: each field before and after, codes by their names."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from registry.codes import Language
from registry.language import code_name, country_name, phrase, words
from schema.field_changes import codes_told

#: Fields that hold dates or periods in EDTF, and those that hold codes of countries.
_DATES = {"date", "since", "until", "decided", "effective", "published"}
_COUNTRIES = {"country", "countries", "party", "parties", "destinations", "origins"}

_DAY = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}")


@dataclass(frozen=True)
class Field:
    """A field of a record: its name, and the lines that stood there before and stand there after."""

    name: str
    old: list[str]
    new: list[str]


def told(change: dict[str, Any], language: Language) -> list[Field]:
    """The fields of a change."""
    kind = change["subjectType"]
    return [
        Field(each["name"], *([*_lines(kind, each["name"], each[end], language)] for end in ("old", "new")))
        for each in change["fields"]
    ]


def _lines(kind: str, name: str, value: Any, language: Language) -> Iterator[str]:
    if isinstance(value, dict) and value.keys() == {"count", "rows"}:
        yield words("number", value["count"], language)
        value = value["rows"]
    for item in value if isinstance(value, list) else [value]:
        if isinstance(item, dict):
            yield "; ".join(_pairs(name, item, language))
        elif item is not None:
            yield _said(kind, name, item, language)


def _pairs(part: str, row: dict[str, Any], language: Language) -> Iterator[str]:
    for name, value in row.items():
        if value is not None:
            yield f"{code_name('Field', name, language)}: {_said(part, name, value, language)}"


def _said(way: str, name: str, value: Any, language: Language) -> str:
    """A plain value, by what its field holds; `way` is the type of record, or the field whose part it stands in."""
    if isinstance(value, bool):
        return phrase("yes" if value else "no", language)
    codes = codes_told().get((way, name)) or codes_told().get((name, name))
    if codes and isinstance(value, str):
        return code_name(codes, value, language)
    if isinstance(value, str) and name in _COUNTRIES and re.fullmatch("[A-Z]{2}", value):
        return country_name(value, language)
    if isinstance(value, str) and (name in _DATES or name == "period"):
        return words("period" if name == "period" else "edtf", value, language)
    return str(value)
