"""Text folded for ordering and for finding."""

import unicodedata

#: What stands for an apostrophe in Uzbek and other spellings; none of them tells words apart when looking for one.
APOSTROPHES = "'`\u00b4\u02b9\u02bb\u02bc\u02bd\u2018\u2019\u201b\u2032\uff07"
_APOSTROPHES = dict.fromkeys(map(ord, APOSTROPHES))

#: Letters that Unicode does not decompose.
_LETTERS = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "\u0131": "i", "æ": "ae", "œ": "oe", "ð": "d", "þ": "th"})


def fold(text: str) -> str:
    """`text` without case, marks and apostrophes, its white space single: `Türkiye` becomes `turkiye`."""
    letters = text.casefold().translate(_APOSTROPHES)
    if letters.isascii():
        return " ".join(letters.split())
    letters = unicodedata.normalize("NFKD", letters).translate(_APOSTROPHES).translate(_LETTERS)
    return " ".join("".join(letter for letter in letters if not unicodedata.combining(letter)).split())
