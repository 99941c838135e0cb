"""What a status rests on is said in the reader's language: nothing of the registry's shorthand is left."""

import re
from pathlib import Path

import httpx2
import pytest

from registry.codes import Language
from registry.status import reasons
from registry.transliteration import TURNED_COMMA
from registry.web.pages.basis import basis
from registry.web.tongue import Tongue
from tests.web.test_record_pages import words_of

#: The convention in Russian.
CONVENTION = "Венская конвенция \N{CYRILLIC SMALL LETTER O} праве международных договоров"

#: All that reasons name, as their source has it.
_NAMED = re.compile(r'"((?:VCLT art\.|clause on|notice as given|registry rule)[^"]*)"')
NAMED = sorted(set(_NAMED.findall(Path(reasons.__file__).read_text(encoding="utf-8"))))


def test_there_is_what_reasons_name() -> None:
    assert {"VCLT art. 24", "VCLT art. 56 (2)", "registry rule", "clause on renewal"} <= set(NAMED)


@pytest.mark.parametrize("authority", NAMED)
@pytest.mark.parametrize("language", [Language.RU, Language.UZ, Language.UZ_CYRL])
def test_all_that_a_status_may_rest_on_is_said_in_every_language(authority: str, language: Language) -> None:
    said = basis(authority, Tongue(language))

    assert not re.search(r"VCLT|\b(?:art|clause|rule|notice)", said)
    assert re.findall("[0-9]+", said) == re.findall("[0-9]+", authority), "and no article is lost"


def test_an_article_is_cited_as_the_language_cites_it() -> None:
    authority = "VCLT art. 11-16; VCLT art. 24 (2)"

    english = "Vienna Convention on the Law of Treaties"
    assert basis(authority, Tongue(Language.EN)) == f"{english}, arts 11\N{EN DASH}16; {english}, art. 24 (2)"
    assert basis("VCLT art. 24 (2)", Tongue(Language.RU)) == f"{CONVENTION}, ст. 24 (2)"
    uzbek = f"Xalqaro shartnomalar huquqi to{TURNED_COMMA}g{TURNED_COMMA}risidagi Vena konvensiyasi"
    assert basis(authority, Tongue(Language.UZ)) == f"{uzbek}, 11\N{EN DASH}16-moddalar; {uzbek}, 24 (2)-modda"


def test_what_the_registry_has_no_words_for_is_left_as_it_is() -> None:
    assert basis("decree 12", Tongue(Language.RU)) == "decree 12"


@pytest.mark.parametrize(
    "address",
    [
        "/agreements/uz-de-migration-mobility-2024?as_of=2026-11-21&lang=ru",
        "/compare?agreement=uz-de-migration-mobility-2024&first=2010-01-01&second=2026-11-21&lang=ru",
    ],
)
def test_pages_say_what_a_status_rests_on_without_codes(server: str, address: str) -> None:
    text = words_of(httpx2.get(server + address).text)

    assert f"{CONVENTION}, ст. 24 (2)" in text
    assert "VCLT" not in text
    assert "CONSENT" not in text
    assert "BEFORE_FIRST_ACT" not in text
