"""Which country a name means, in any language that the registry speaks."""

from collections.abc import Mapping
from difflib import get_close_matches
from functools import cached_property

import sqlalchemy as sa
from sqlmodel import Session

from registry.codes import Language
from registry.countries import Country
from registry.language import country_name
from registry.texts import fold


class CountryNames:
    """Looks up countries by code, and by names of the code list and the CLDR without regard to case and marks.

    `further` are names that neither of them has, such as former ones, with the codes they stand for.
    """

    def __init__(self, session: Session, further: Mapping[str, str] | None = None) -> None:
        self.session = session
        self.further = further or {}

    @cached_property
    def _codes(self) -> dict[str, str]:
        codes: dict[str, str] = {}
        ambiguous: set[str] = set()
        for country in self.session.scalars(sa.select(Country)):
            names = {country.name_en, country.name_ru, country.name_uz, country.name_uz_cyrl, country.alpha3}
            names |= {country_name(country.code, language) for language in Language}
            for name in {_plain(name) for name in names if name}:
                if codes.setdefault(name, country.code) != country.code:
                    ambiguous.add(name)
        for name in ambiguous:
            del codes[name]
        return codes | {country.lower(): country for country in codes.values()} | self._further

    @property
    def _further(self) -> dict[str, str]:
        return {_plain(name): code for name, code in self.further.items()}

    def code(self, name: str) -> str | None:
        """The code of the country of this name, or None."""
        return self._codes.get(_plain(name))

    def near(self, name: str) -> str | None:
        """The code of the country whose name comes nearest, or None."""
        found = get_close_matches(_plain(name), self._codes, n=1, cutoff=0.75)
        return self._codes[found[0]] if found else None


def _plain(name: str) -> str:
    """The name folded, with what differs from one list to the next made alike."""
    words = fold(name).replace("&", "and").replace("-", " ").replace(".", " ").replace(",", " ").split()
    return "".join({"st": "saint", "rep": "republic"}.get(word, word) for word in words if word != "the")
