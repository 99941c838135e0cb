"""Text folded for ordering and for finding."""

import unicodedata

#: What stands for an apostrophe in Uzbek and other spellings; none of them tells words apart when looking for one.
_APOSTROPHES = dict.fromkeys(map(ord, "'`´ʹʻʼʽ‘’‛′＇"))

#: Letters that Unicode does not decompose.
_LETTERS = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ı": "i", "æ": "ae", "œ": "oe", "ð": "d", "þ": "th"})


def fold(text: str) -> str:
    """`text` without case, marks and apostrophes, its white space single: `Oʻzbekiston` becomes `ozbekiston`."""
    letters = unicodedata.normalize("NFKD", text.casefold()).translate(_APOSTROPHES).translate(_LETTERS)
    return " ".join("".join(letter for letter in letters if not unicodedata.combining(letter)).split())
