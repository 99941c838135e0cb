"""One way to write a word, whichever of the languages and scripts it is written in.

A word is indexed under several forms, and sought under as many; two words are the same if they share a form. A form is
written in plain Latin letters: without case, marks and apostrophes, Cyrillic letters spelt as Uzbek and Russian are
read, endings taken off by the rules of each language that the word may be in.
"""

import re
from functools import lru_cache

import snowballstemmer

from registry.texts import APOSTROPHES, fold

_WORD = re.compile(rf"[^\W_]+(?:[{APOSTROPHES}][^\W_]+)*", re.UNICODE)
_CYRILLIC = re.compile("[\u0400-\u04ff]")

_CYRILLIC_LETTERS = "абвгдежзийклмнопрстуфхцъыьэўқғҳёчшщюя"
_READ = "a b v g d e j z i y k l m n o p r s t u f x ts - i - e o q g h yo ch sh sh yu ya"
_LETTERS = str.maketrans(dict(zip(_CYRILLIC_LETTERS, (read.strip("-") for read in _READ.split()), strict=True)))
_YO, _YE = "\u0451", "\u0435"

#: Spellings that differ between the two sides of the Atlantic.
_AMERICAN = (("our", "or"), ("isa", "iza"), ("ise", "ize"), ("centre", "center"), ("programme", "program"))

#: Spellings that differ between the languages and scripts for one sound.
_ONE_SOUND = (("ye", "e"), ("ts", "s"), ("kh", "x"), ("zh", "j"), ("ia", "iya"), ("iyya", "iya"), *_AMERICAN)

_ENGLISH = snowballstemmer.stemmer("english")
_RUSSIAN = snowballstemmer.stemmer("russian")

#: Endings of Uzbek nouns, as plain letters: plural, possessive, and case.
_UZBEK = re.compile("(?:lar)?(?:imiz|ingiz|lari|si|im|ing|i)?(?:ning|ni|ga|ka|qa|dagi|da|dan|gacha|cha|dek)?$")
_SHORTEST_STEM = 4

_TELLING_NOTHING = """
a an and at by for from in of on or the to with
i s so v vo o ob na po k iz dlya ot mejdu
va bilan uchun haqida togrisida boyicha ortasida
qilish etish bolish bolgan qilingan
"""

#: Words that every text has: English, Russian and Uzbek, in plain letters.
STOP_WORDS = frozenset(_TELLING_NOTHING.split())


def words(text: str) -> list[str]:
    """The words of a text as they are written, in their order."""
    return [match[0] for match in _WORD.finditer(text)]


@lru_cache(maxsize=65536)
def plain(word: str) -> str:
    """The word in plain Latin letters, with all its endings."""
    small = word.casefold()
    if _CYRILLIC.search(small):
        small = small.translate(_LETTERS)
    return _sounded(fold(small))


@lru_cache(maxsize=65536)
def forms(word: str) -> tuple[str, ...]:
    """All forms of a word, the plain one first."""
    small = word.casefold()
    found = {plain(word): None}
    if _CYRILLIC.search(small):
        found[plain(_RUSSIAN.stemWord(small.replace(_YO, _YE)))] = None
    else:
        found[_sounded(_ENGLISH.stemWord(fold(small)))] = None
    found |= dict.fromkeys(_uzbek_stems(plain(word)))
    return tuple(form for form in found if form)


def tells_nothing(word: str) -> bool:
    """Whether a word is one of those that every text has."""
    return plain(word) in STOP_WORDS


def _sounded(letters: str) -> str:
    for spelt, sound in _ONE_SOUND:
        letters = letters.replace(spelt, sound)
    return letters


@lru_cache(maxsize=65536)
def _uzbek_stems(letters: str) -> tuple[str, ...]:
    """Letters without the longest run of Uzbek endings that leaves a stem; k, q and g at its end are one letter.

    A run that begins with ni or si may be the ending -i after a stem in n or s: then that is a stem too.
    """
    if not letters.isalpha():
        return (letters,)
    ends = (end for end in range(_SHORTEST_STEM, len(letters)) if _UZBEK.fullmatch(letters, end))
    end = next(ends, len(letters))
    stems = [letters[:end]] + ([letters[: end + 1]] if letters.startswith(("ni", "si"), end) else [])
    return tuple(f"{stem[:-1]}k" if stem[-1] in "gq" else stem for stem in stems)
