"""Text folded for ordering and for finding; which texts can be written and seen, and the one way to write a tag."""

import re
import unicodedata

#: What stands for an apostrophe in Uzbek and other spellings; none of them tells words apart when looking for one.
APOSTROPHES = "'`\u00b4\u02b9\u02bb\u02bc\u02bd\u2018\u2019\u201b\u2032\uff07"
_APOSTROPHES = dict.fromkeys(map(ord, APOSTROPHES))

#: Letters that Unicode does not decompose.
_LETTERS = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "\u0131": "i", "æ": "ae", "œ": "oe", "ð": "d", "þ": "th"})

#: Control characters but for tabs and ends of lines, and halves of characters: not every database and form takes them.
_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")

#: Letters, marks and a symbol that are blank: fillers of Hangul, a joiner, selectors of variants, Braille without dots.
_BLANK = re.compile("[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]")

#: What begins a stretch of text of another direction, and what ends it.
_ENDED_BY = {
    **dict.fromkeys("\u202a\u202b\u202d\u202e", "\u202c"),
    **dict.fromkeys("\u2066\u2067\u2068", "\u2069"),
}
_DIRECTIONS = re.compile("[\u202a-\u202e\u2066-\u2069]")


def fold(text: str) -> str:
    """`text` without case, marks and apostrophes, its white space single: `Türkiye` becomes `turkiye`."""
    letters = text.casefold().translate(_APOSTROPHES)
    if letters.isascii():
        return " ".join(letters.split())
    letters = unicodedata.normalize("NFKD", letters).translate(_APOSTROPHES).translate(_LETTERS)
    return " ".join("".join(letter for letter in letters if not unicodedata.combining(letter)).split())


def is_writable(text: str) -> bool:
    """Whether a text can be kept, and told again, on every database and in every form."""
    return text.isprintable() or not _UNWRITABLE.search(text)


def is_visible(text: str) -> bool:
    """Whether anything of a text can be seen: a letter, a digit or a sign, and not white space and controls alone."""
    return any(unicodedata.category(sign)[0] not in "CZ" and not _BLANK.match(sign) for sign in text)


def is_balanced(text: str) -> bool:
    """Whether every change of direction that a text begins ends in it, so that nothing behind it is turned round."""
    begun: list[str] = []
    for sign in _DIRECTIONS.findall(text):
        if sign in _ENDED_BY:
            begun.append(_ENDED_BY[sign])
        elif not begun or begun.pop() != sign:
            return False
    return not begun


def plain_tag(tag: str) -> str:
    """A language tag as BCP 47 writes it, in which case means nothing: `UZ-cyrl` becomes `uz-Cyrl`, `pt-br` `pt-BR`."""
    first, *others = tag.lower().split("-")
    cased = {2: str.upper, 4: str.capitalize}
    return "-".join([first, *(cased.get(len(part), str)(part) for part in others)])
