"""Whether the words that are quoted stand in the document, where a copy of it is held.

Copies lie in one folder, each under its SHA-256 in hexadecimal as its source gives it: text in UTF-8 or HTML. Beside
what is neither, such as a scan, its text may lie under the same name with the ending `.txt`.
"""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from hashlib import sha256
from html.parser import HTMLParser
from pathlib import Path

import sqlalchemy as sa

from registry.history import Changes
from registry.lint.notices import Notice
from registry.sources import Cited, Source
from registry.texts import fold

#: Larger copies are not read.
_MOST_BYTES = 20_000_000

#: What stands for words that a quotation leaves out.
_LEFT_OUT = re.compile(r"\[?\(?(?:…|\.{3,})\)?\]?")


def of_citations(changes: Changes, citations: Sequence[Cited] | None, folder: str) -> Iterator[Notice]:
    """Quotations that do not stand in the copy of their source that the folder holds."""
    for place, cited in enumerate(citations or ()):
        source = changes.session.scalars(sa.select(Source).filter_by(reference=cited.source)).one()
        text = _text(Path(folder), source.sha256) if cited.quote and source.sha256 else None
        if text is not None and not _stands_in(cited.quote or "", text):
            yield Notice(
                "QUOTE_NOT_FOUND",
                ("citations", str(place), "quote"),
                f"These words do not stand in the copy of {source.reference} that is held.",
                "Copy them again from the document; leave words out with […]; put their mere sense in note.",
            )


def _stands_in(quote: str, text: str) -> bool:
    """Whether the parts of a quotation stand in the words of a text, in their order."""
    place = 0
    for part in (words_of(part) for part in _LEFT_OUT.split(quote)):
        found = text.find(part, place)
        if found < 0:
            return False
        place = found + len(part)
    return True


def words_of(text: str) -> str:
    """The words of a text, folded, one space between them; words broken at the end of a line are whole."""
    whole = re.sub(r"(?<=\w)[-\u00ad]\s*\n\s*(?=\w)", "", text).replace("\u00ad", "")
    return " ".join(re.findall(r"\w+", fold(whole)))


def _text(folder: Path, digest: str) -> str | None:
    """The words of the copy with this digest; None where none is held that can be read."""
    for name, check in ((f"{digest}.txt", False), (digest, True)):
        file = folder / name
        if file.is_file() and file.stat().st_size <= _MOST_BYTES:
            return _words(file, file.stat().st_mtime_ns, digest if check else None)
    return None


@lru_cache(maxsize=8)
def _words(file: Path, _changed: int, digest: str | None) -> str | None:
    held = file.read_bytes()
    if digest is not None and sha256(held).hexdigest() != digest:
        return None
    try:
        text = held.decode("utf-8-sig")
    except UnicodeDecodeError:
        return None
    return words_of(_plain(text))


def _plain(text: str) -> str:
    """Text without markup, where it is HTML."""
    if not re.match(r"\s*(<!doctype html|<html|<\?xml)", text, re.IGNORECASE):
        return text
    reader = _Reader()
    reader.feed(text)
    return "".join(reader.parts)


class _Reader(HTMLParser):
    """Collects what a reader of a page would see."""

    _UNSEEN = ("script", "style", "head")
    _INLINE = ("a", "abbr", "b", "em", "i", "span", "strong", "sub", "sup", "u", "font")

    def __init__(self) -> None:
        super().__init__()
        self.parts: list[str] = []
        self._unseen = 0

    def handle_starttag(self, tag: str, _attributes: list[tuple[str, str | None]]) -> None:
        self._unseen += tag in self._UNSEEN
        self._break(tag)

    def handle_endtag(self, tag: str) -> None:
        self._unseen -= tag in self._UNSEEN
        self._break(tag)

    def handle_data(self, data: str) -> None:
        if self._unseen <= 0:
            self.parts.append(data)

    def _break(self, tag: str) -> None:
        if tag not in self._INLINE:
            self.parts.append("\n")
