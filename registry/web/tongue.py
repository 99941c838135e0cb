"""What is said outside of templates, in one language: phrases with their values, names of codes, days and numbers."""

from typing import Any

from registry.codes import Language
from registry.language import code_name, counted_phrase, phrase, words


class Tongue:
    """A language to say things in. English phrases are the keys of the catalogues, as in templates."""

    def __init__(self, language: Language) -> None:
        self.language = language

    def say(self, text: str, **values: Any) -> str:
        """A phrase, with its places such as `%(day)s` filled."""
        return phrase(text, self.language) % values

    def say_counted(self, one: str, many: str, n: int, **values: Any) -> str:
        """A phrase in the form for a number, which stands in its place `%(n)s` as the language writes it."""
        return counted_phrase(one, many, n, self.language) % {"n": self.number(n), **values}

    def code(self, value: str, enumeration: str) -> str:
        """What a code is called."""
        return code_name(enumeration, value, self.language)

    def title(self, value: str, enumeration: str) -> str:
        """What a code is called, as the beginning of a line."""
        return capital(self.code(value, enumeration))

    def day(self, day: str) -> str:
        """A day, given as 2024-09-15."""
        return words("day", day, self.language)

    def edtf(self, date: dict[str, Any]) -> str:
        """A date as precise as it is known."""
        return words("edtf", date["edtf"], self.language)

    def period(self, period: dict[str, Any]) -> str:
        """A period as precise as it is known."""
        return words("period", period["edtf"], self.language)

    def number(self, number: float) -> str:
        """A number as the language groups its digits."""
        return words("number", number, self.language)

    def percent(self, share: float) -> str:
        """A share of 1 in per cent."""
        return words("percent", share, self.language)


def capital(text: str) -> str:
    """A text that begins with a capital letter."""
    return text[:1].upper() + text[1:]
