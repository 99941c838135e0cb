"""Text folded for ordering and for finding; which texts can be written, and the one way to write a language tag."""

import re
import unicodedata

#: What stands for an apostrophe in Uzbek and other spellings; none of them tells words apart when looking for one.
APOSTROPHES = "'`\u00b4\u02b9\u02bb\u02bc\u02bd\u2018\u2019\u201b\u2032\uff07"
_APOSTROPHES = dict.fromkeys(map(ord, APOSTROPHES))

#: Letters that Unicode does not decompose.
_LETTERS = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "\u0131": "i", "æ": "ae", "œ": "oe", "ð": "d", "þ": "th"})

#: Control characters but for tabs and ends of lines, and halves of characters: not every database and form takes them.
_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")


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


def plain_tag(tag: str) -> str:
    """A language tag as BCP 47 writes it, in which case means nothing: `UZ-cyrl` becomes `uz-Cyrl`, `pt-br` `pt-BR`."""
    first, *others = tag.lower().split("-")
    cased = {2: str.upper, 4: str.capitalize}
    return "-".join([first, *(cased.get(len(part), str)(part) for part in others)])
