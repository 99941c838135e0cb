"""The language that a text on a page is in, where it is not the page's: screen readers need `lang` to speak it rightly.

That is WCAG 2.2, 3.1.2 (Language of Parts). A title or name is in the language of the page where the record has one in
it; else it is as printed, and the record says in which language. What has no language on record is English, as
whoever keeps the registry writes it.
"""

import re
from collections.abc import Mapping
from typing import Any

from markupsafe import Markup

ENGLISH = "en"

#: How the title of a source ends that the registry describes in English, as it does not hold the document's own.
_OURS = "(headline not held)"

_CYRILLIC = re.compile("[\u0400-\u04ff]")


def spoken(text: Mapping[str, Any] | str | None, page: str) -> Markup:
    """The attribute `lang` for what a page calls a record, or for a text of which the BCP 47 tag is given.

    Empty where the text is in the language of the page, or in one that nobody has said.
    """
    tag = text if text is None or isinstance(text, str) else language_of(text)
    return Markup("") if tag in (None, page) else Markup(' lang="{}"').format(tag)


def language_of(record: Mapping[str, Any]) -> str | None:
    """The language of the title or name of a record, as the shared fragments ask for it; None where it is the page's.

    Of an agreement they ask the title as printed with its language, of a sector, an occupation group or an institution
    the name in English too, which is what a page has where there is none in its own language.
    """
    if "titleAsPrinted" in record:
        printed: str | None = record["titleLanguage"]
        return printed if record["title"] == record["titleAsPrinted"] else None
    if "english" in record:
        return ENGLISH if record["name"] == record["english"] else None
    language: str | None = record.get("language")
    return title_language(record["title"], language) if language and "title" in record else language


def title_language(title: str, document: str) -> str:
    """The language of the title of a source, given that of the document.

    The two differ where the title is a description by the registry, and where Uzbek is there in another script.
    """
    if title.endswith(_OURS):
        return ENGLISH
    return document if _CYRILLIC.search(title) else document.removesuffix("-Cyrl")


def presumed(text: str) -> str | None:
    """English, as whoever keeps the registry writes it; None where letters show that a text is in another language."""
    return ENGLISH if all(letter.isascii() for letter in text if letter.isalpha()) else None
