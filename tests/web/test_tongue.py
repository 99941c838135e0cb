"""Nothing that is said outside of templates is left in English: every phrase of the code is in every catalogue."""

import io
from pathlib import Path

import pytest
from babel.messages.extract import extract
from babel.messages.pofile import read_po

from registry import web
from registry.codes import Language
from registry.language import phrase, words
from registry.web.tongue import Tongue
from tests.web.test_translations import CATALOGUES, LOCALE, SAID

KEYWORDS = {"say": None, "say_counted": (1, 2), "Phrase": None}
SOURCES = sorted(Path(web.__file__).parent.rglob("*.py"))


def said() -> set[str | tuple[str, ...]]:
    """Each phrase, with its plural if it has one."""
    found: set[str | tuple[str, ...]] = set()
    for path in SOURCES:
        for _line, text, _comments, _context in extract("python", io.BytesIO(path.read_bytes()), KEYWORDS):
            found.add(text if isinstance(text, str) else tuple(text))
    return found


def test_there_are_phrases_in_the_code() -> None:
    assert "Digest of the log:" in said()
    assert ("%(n)s more in the registry.", "%(n)s more in the registry.") in said()


@pytest.mark.parametrize("folder", CATALOGUES)
def test_every_phrase_of_the_code_is_translated(folder: str) -> None:
    missing = [text for text in said() if not all(SAID[folder].get(text) or [""])]

    assert missing == [], f"add them to registry/locale/{folder}/paper.po"


@pytest.mark.parametrize("folder", CATALOGUES)
def test_no_phrase_is_translated_that_the_code_does_not_say(folder: str) -> None:
    with (LOCALE / folder / "paper.po").open("rb") as file:
        kept = {tuple(each.id) if each.pluralizable else str(each.id) for each in read_po(file) if each.id}

    assert kept - said() == set()


def test_a_tongue_fills_places_and_writes_numbers_in_its_own_way() -> None:
    russian, cyrillic = Tongue(Language.RU), Tongue(Language.UZ_CYRL)

    assert (
        russian.say("Legal day: %(day)s", day=russian.day("2024-09-15"))
        == f"Правовая дата: {words('day', '2024-09-15', Language.RU)}"
    )
    assert russian.say_counted("%(n)s more in the registry.", "%(n)s more in the registry.", 1200).startswith("еще 1")
    assert cyrillic.say("Page") == phrase("Page", Language.UZ_CYRL) == "Саҳифа"
