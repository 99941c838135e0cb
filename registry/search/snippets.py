"""The matched words in their context."""

from collections.abc import Sequence

from registry.search.forms import forms, plain, tells_nothing, words
from registry.search.glossary import meanings

#: Characters of context kept on each side of the words found.
_CONTEXT = 60


def snippet(texts: Sequence[str], question: str) -> str:
    """The text that has most of the words sought, shortened around the first of them; else the first text."""
    asked = [word for word in words(question) if not tells_nothing(word)] or words(question)
    best, at, most = texts[0], 0, (0, 0)
    for text in texts:
        held = [word for word in words(text) if any(same(word, one) for one in asked)]
        many = sum(any(same(word, one) for word in held) for one in asked)
        alike = sum(word.casefold().startswith(one.casefold()) for word in held for one in asked)
        if (many, alike) > most:
            best, at, most = text, text.index(held[0]), (many, alike)
    return _around(best, at)


def same(word: str, asked: str) -> bool:
    """Whether a word is, begins with, or means in another language the one that is asked for."""
    if plain(word).startswith(plain(asked)) or not set(forms(word)).isdisjoint(forms(asked)[1:]):
        return True
    return not meanings(word).isdisjoint(forms(asked))


def pieces(text: str, question: str) -> list[tuple[str, bool]]:
    """A text in pieces, each with whether it is a word that is asked for."""
    asked = [word for word in words(question) if not tells_nothing(word)] or words(question)
    found, at = [], 0
    for word in words(text):
        begin = text.index(word, at)
        if any(same(word, one) for one in asked):
            found += [(text[at:begin], False)] if begin > at else []
            found.append((word, True))
        else:
            found.append((text[at : begin + len(word)], False))
        at = begin + len(word)
    return [*found, (text[at:], False)] if at < len(text) else found


def _around(text: str, at: int) -> str:
    begin, end = max(0, at - _CONTEXT), min(len(text), at + 2 * _CONTEXT)
    if begin:
        begin = text.find(" ", begin, at) + 1 or begin
    if end < len(text):
        end = text.rfind(" ", at + 1, end) if " " in text[at + 1 : end] else end
    return ("… " if begin else "") + text[begin:end].strip() + (" …" if end < len(text) else "")
