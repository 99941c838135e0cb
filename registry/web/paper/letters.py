"""Which letters the fonts of the sheet have. They come with the typesetter, so that every machine sets alike."""

import re

#: Scripts whose letters are all there: Latin, Greek, Cyrillic, Armenian, Hebrew, Arabic, Devanagari, and common signs.
SHOWN = (
    "\u0020-\u007e\u00a0-\u04ff\u0531-\u05f4\u0621-\u063a\u0640-\u0652\u0660-\u0669\u0900-\u097f\u1e00-\u1fff"
    "\u2010-\u2027\u2030-\u2040\u2044-\u2051\u2070-\u20bf\u2100-\u211e\u2122\u2190-\u23ff\u2500-\u25ff"
)

#: What stands for a letter that is not there.
MISSING = "\u25a1"

_SPACE = re.compile("[\u0000-\u0020\u007f-\u009f\u2028\u2029]+")
_UNSEEN = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff]")
_NOT_SHOWN = re.compile(f"[^{SHOWN}]")


def plain(text: str, longest: int) -> str:
    """A text as it can be set: white space single, no more than so many characters, a box for each letter not there."""
    said = _SPACE.sub(" ", _UNSEEN.sub("", text)).replace("\u202f", "\u00a0").strip()
    if len(said) > longest:
        said = said[:longest].rsplit(" ", 1)[0].rstrip(" ,;:.") + " …"
    return _NOT_SHOWN.sub(MISSING, said)
