"""Uzbek from Latin to Cyrillic script, with the words whose spelling no rule gives."""

import re
from functools import lru_cache

#: The turned comma that makes letters of o and g, and the tutuq belgisi, as Unicode has them for Uzbek.
TURNED_COMMA = "\N{MODIFIER LETTER TURNED COMMA}"
TUTUQ = "\N{MODIFIER LETTER APOSTROPHE}"

_APOSTROPHES = "'`\N{LEFT SINGLE QUOTATION MARK}\N{RIGHT SINGLE QUOTATION MARK}" + TURNED_COMMA + TUTUQ
_WORD = re.compile(f"[A-Za-z](?:[A-Za-z{_APOSTROPHES}]*[A-Za-z])?(?:(?<=[oOgG])[{_APOSTROPHES}]|{TUTUQ})?")
_ROMAN_NUMERAL = re.compile("[IVX]{2,}")
# An abbreviation with its suffix: YAIMdagi, AQShga. The h of Sh and Ch belongs to the letter before it.
_ABBREVIATED = re.compile(f"([A-Z][A-Z{_APOSTROPHES}]*[A-Z](?:(?<=[CS])h)?)([a-z].*)")

_LETTERS = {
    **{f"yo{TURNED_COMMA}": "йў", f"o{TURNED_COMMA}": "ў", f"g{TURNED_COMMA}": "ғ", f"s{TUTUQ}h": "сҳ", TUTUQ: "ъ"},
    **dict(zip(("sh", "ch", "yo", "yu", "ya", "ye", "ts"), "шчёюяец", strict=True)),
    **dict(zip("abdefghijklmnopqrstuvxyz", "абдефгҳижклмнопқрстувхйз", strict=True)),
}
_ES = _LETTERS["s"]
_LETTER = re.compile("|".join(sorted(map(re.escape, _LETTERS), key=len, reverse=True)))
# T and s that meet where a suffix begins are two letters, not ц: -siz (without), -sa (if), -sin (let).
_SUFFIX_AFTER_T = re.compile("(?<=t)s(?=iz|in$|inlar$|a$|alar$|am$|ang$|angiz$|ak$)")
# The s of loan words after these consonants stands for ц: konvensiya, funksiya, konsepsiya.
_LOAN_ENDING = re.compile("(?<=[nkp])siya")
_E_AS_FIRST_OF_SYLLABLE = re.compile("(?<![a-z" + TURNED_COMMA + TUTUQ + "])e|(?<=[aeiou" + TURNED_COMMA + "])e")

#: Words that begin so are spelt so; what follows goes by the rules.
_STEMS = {
    "yanvar": "январ",
    "fevral": "феврал",
    "aprel": "апрел",
    "iyun": "июн",
    "iyul": "июл",
    "sentabr": "сентябр",
    "oktabr": "октябр",
    "noyabr": "ноябр",
    "dekabr": "декабр",
    "obyekt": "объект",
    "subyekt": "субъект",
    "kompyuter": "компьютер",
    "premyer": "премьер",
    "pensiya": "пенсия",
    "ekspansiya": "экспансия",
    "konsep": "концеп",
    "prinsip": "принцип",
    "sentr": "центр",
    "senzura": "цензура",
    "sikl": "цикл",
    "sex": "цех",
    "sement": "цемент",
    "alternativ": "альтернатив",
    "multi": "мульти",
    "model": "модел",
    f"mo{TURNED_COMMA}jiza": "мўъжиза",
    f"mo{TURNED_COMMA}tabar": "мўътабар",
    f"mo{TURNED_COMMA}tadil": "мўътадил",
    f"me{TUTUQ}yor": "меъёр",
}
_STEM = re.compile("|".join(sorted(map(re.escape, _STEMS), key=len, reverse=True)))
# These are spelt with ь when no suffix follows.
_SOFT_WHEN_BARE = frozenset(
    {"yanvar", "fevral", "aprel", "iyun", "iyul", "sentabr", "oktabr", "noyabr", "dekabr"}
    | {"model", "rol", "konsol", "neft"}
)
_YEAR_OR_DAY = re.compile("(?<=[0-9])-(?=йил|январ|феврал|март|апрел|май|июн|июл|август|сентябр|октябр|ноябр|декабр)")


def to_cyrillic(text: str) -> str:
    """Uzbek `text` in Latin script, spelt in Cyrillic script.

    Any apostrophe after o or g is taken for the turned comma, any other for the tutuq belgisi. Roman numerals stay.
    The hyphen of ordinals is dropped before the year and the month only, as in official texts (`2024 йил 15 сентябрь`).
    """
    return _YEAR_OR_DAY.sub(" ", _WORD.sub(lambda match: _word(match[0]), text))


@lru_cache(maxsize=8192)
def _word(word: str) -> str:
    if _ROMAN_NUMERAL.fullmatch(word):
        return word
    if abbreviated := _ABBREVIATED.fullmatch(word):
        return _word(abbreviated[1].upper()) + _word(abbreviated[2])
    plain = with_proper_apostrophes(word).lower()
    stem = _STEM.match(plain)
    spelt = _STEMS[stem[0]] + _by_rule(plain[stem.end() :], stem[0][-1]) if stem else _by_rule(plain)
    if plain in _SOFT_WHEN_BARE:
        spelt += "ь"
    if word.isupper() and len(plain) > 1 and plain not in (f"o{TURNED_COMMA}", f"g{TURNED_COMMA}"):
        return spelt.upper()
    return spelt[0].upper() + spelt[1:] if word.lstrip(_APOSTROPHES)[0].isupper() else spelt


def _by_rule(plain: str, before: str = "") -> str:
    """The letters of a word, or of what follows its stem, which ends with the letter `before`."""
    marked = _SUFFIX_AFTER_T.sub(_ES, _LOAN_ENDING.sub("ция", before + plain))
    marked = _E_AS_FIRST_OF_SYLLABLE.sub("э", marked)
    return _LETTER.sub(lambda match: _LETTERS[match[0]], marked[len(before) :])


def with_proper_apostrophes(text: str) -> str:
    """Uzbek Latin `text` with U+02BB after o and g, and U+02BC elsewhere, whatever apostrophes were typed."""
    text = re.sub(f"(?<=[oOgG])[{_APOSTROPHES}]", TURNED_COMMA, text)
    return re.sub(f"(?<![oOgG])[{_APOSTROPHES}]", TUTUQ, text)
