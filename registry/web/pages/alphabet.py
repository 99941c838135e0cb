"""The order in which readers of a language look up names."""

from collections.abc import Callable, Mapping

from registry.codes import Language
from registry.texts import fold
from registry.transliteration import TURNED_COMMA

#: Comes after all letters: a letter with it stands between that letter and the next.
_AFTER = "\U0010ffff"

#: Letters that stand elsewhere in an alphabet than their characters do: how they are written, and what they go by.
#: Uzbek has them at the end, whatever its script; in Russian yo goes with ye.
_PLACES: Mapping[Language, Mapping[str, str]] = {
    Language.RU: {"\u0451": "\u0435"},
    Language.UZ: {
        letter: f"z{_AFTER * place}"
        for place, letter in enumerate((f"o{TURNED_COMMA}", f"g{TURNED_COMMA}", "sh", "ch"), 1)
    },
    Language.UZ_CYRL: {"\u0451": "\u0435", "\u0493": f"\u049b{_AFTER}"},
}


def alphabetical(language: Language) -> Callable[[str], str]:
    """What names are ordered by in a language: without case and, in Latin script, without marks."""
    places = _PLACES.get(language, {})

    def key(name: str) -> str:
        small = name.casefold()
        for letter, place in places.items():
            small = small.replace(letter, place)
        return fold(small) if language in (Language.EN, Language.UZ) else small

    return key
