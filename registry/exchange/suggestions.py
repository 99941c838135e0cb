"""What was probably meant: for a cell that is refused, what could stand there instead."""

import re
from collections.abc import Callable, Iterable
from decimal import Decimal
from difflib import get_close_matches
from functools import cache

import sqlalchemy as sa
from sqlmodel import SQLModel

from registry.codes import Code, Language
from registry.exchange.columns import LISTS, Column
from registry.exchange.country_names import CountryNames
from registry.exchange.date_forms import day_meant, period_meant
from registry.history import Changes
from registry.language import label
from registry.texts import fold
from registry.visibility import may_see

#: Of a table with many records only these are compared: those that begin alike.
_MOST_COMPARED = 2_000

#: In one import so many cells are compared with what is on record; a file that is wrong throughout needs no more.
_MOST_SOUGHT = 200

_YES = {"yes", "y", "1", "t", "да", "ha", "true", "истина"}
_NO = {"no", "n", "0", "f", "нет", "yoq", "false", "ложь"}


class Suggestions:
    """Suggests what to write instead of what was refused; asks the registry what records there are."""

    def __init__(self, changes: Changes) -> None:
        self.session = changes.session
        self.audiences = changes.actor.audiences
        self.countries = CountryNames(changes.session)
        self._sought: dict[tuple[str, str], str | None] = {}

    def instead_of(self, seen: str, column: Column) -> str | None:
        """What could stand in the column instead, or None; of a list, instead of one item of it."""
        if not seen:
            return None
        found = self._named(seen, column.names) if column.names else _of_kind(seen, column)
        return None if found == seen else found

    def _named(self, seen: str, table: str) -> str | None:
        if (table, seen) not in self._sought:
            if len(self._sought) >= _MOST_SOUGHT:
                return None
            self._sought[table, seen] = self._nearest(seen, table)
        return self._sought[table, seen]

    def _nearest(self, seen: str, table: str) -> str | None:
        columns = SQLModel.metadata.tables[table].c
        if table == "country":
            return self.countries.code(seen) or self.countries.near(seen)
        if table not in LISTS:
            return self._nearest_reference(seen, columns.reference, may_see(table, self.audiences))
        known: dict[str, str] = {
            str(row.code): str(row.name_en) for row in self.session.execute(sa.select(columns.code, columns.name_en))
        }
        padded = [code for code in known if code.lstrip("0") == seen.lstrip("0")]
        called = [code for code, name in known.items() if fold(name) == fold(seen)]
        return next(iter([*padded, *called, *_near(seen, known)]), None)

    def _nearest_reference(self, seen: str, column: sa.ColumnElement[str], shown: sa.ColumnElement[bool]) -> str | None:
        """The reference that comes nearest among those that begin alike; where none does, among the first."""
        for beginning in (seen[:3], seen[:1], ""):
            alike = sa.select(column).where(column.istartswith(beginning, autoescape=True), shown).limit(_MOST_COMPARED)
            if near := _near(seen, self.session.scalars(alike).all()):
                return near[0]
        return None


def _near(seen: str, known: Iterable[str]) -> list[str]:
    by_folded = {fold(one): one for one in known}
    return [by_folded[near] for near in get_close_matches(fold(seen), by_folded, n=1, cutoff=0.7)]


def _of_kind(seen: str, column: Column) -> str | None:
    if issubclass(column.kind, Code):
        return _code(seen, column.kind)
    if column.dated:
        return (period_meant(seen) if column.name == "period" else None) or day_meant(seen)
    put_right = _PLAIN.get(column.kind)
    return put_right(seen) if put_right else None


def _code(seen: str, kind: type[Code]) -> str | None:
    meant = _said(kind)
    near = get_close_matches(_words(seen), meant, n=1, cutoff=0.6)
    return meant[near[0]] if near else None


@cache
def _said(kind: type[Code]) -> dict[str, str]:
    """The codes by what they are called in any language, and by their own letters."""
    called = {_words(label(code, language)): str(code.value) for code in kind for language in Language}
    return called | {_words(str(code.value)): str(code.value) for code in kind}


def _words(text: str) -> str:
    return fold(text.replace("_", " ").replace("-", " "))


def _yes_or_no(seen: str) -> str | None:
    plain = fold(seen)
    return "true" if plain in _YES else "false" if plain in _NO else None


def _whole(seen: str) -> str | None:
    """Without what parts thousands, and without a fraction of nothing."""
    plain = re.sub(r"(?<=[0-9])[\s.,'\u2019\u00a0](?=[0-9]{3}(?![0-9]))", "", seen.strip())
    plain = re.sub(r"[.,]0+$", "", plain)
    return plain if re.fullmatch("[0-9]{1,18}", plain) else None


def _number(seen: str) -> str | None:
    plain = re.sub(r"\s", "", seen).replace(",", ".")
    return plain if re.fullmatch(r"[0-9]+(\.[0-9]+)?", plain) else _whole(seen)


_PLAIN: dict[type, Callable[[str], str | None]] = {bool: _yes_or_no, int: _whole, float: _number, Decimal: _number}
