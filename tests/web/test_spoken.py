"""Each title, name and quotation is marked with its language: screen readers do not read it by another's rules.

WCAG 2.2, 3.1.2. What is in which language is taken from the files of the seeds, not from what pages are made of.
"""

import csv
from collections import defaultdict
from html.parser import HTMLParser
from pathlib import Path

import httpx2
import pytest
import sqlalchemy as sa

from registry.history import changeset
from registry.settings import Settings
from registry.web.pages.spoken import presumed, spoken
from registry.web.pages.walk import LANGUAGES
from tests.factories import make_figure
from tests.servers import HOME, serving
from tests.web.addresses import ADDRESSES

#: Pages beside those that every test walks, with what is in other languages than the rest.
MORE = [
    "/agreements",
    "/agreements/uz-de-declaration-of-intent-2023",
    *(f"/changes?type={kind}" for kind in ("Agreement", "Company", "Engagement", "Institution", "Programme", "Source")),
    "/compare?agreement=uz-tr-migrant-rights&first=2010-01-01",
    "/countries/KR",
    "/search?q=migration",
    "/sectors/C",
    "/sources",
    "/statistics?measure=DEPARTED&by=SECTOR",
]

#: Sources whose titles are in another language than the documents: Uzbek, there in Latin script.
_TITLES = {"uznews-org-approval": "uz"}

#: Elements that have no end.
_VOID = {"br", "col", "hr", "img", "input", "link", "meta", "wbr"}


class Texts(HTMLParser):
    """The texts of a page, each with the language that it is said to be in."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.around: list[tuple[str, str | None]] = []
        self.found: list[tuple[str, str | None]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in _VOID:
            inherited = self.around[-1][1] if self.around else None
            self.around.append((tag, dict(attrs).get("lang", inherited)))

    def handle_endtag(self, tag: str) -> None:
        while tag not in _VOID and self.around and self.around.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        if self.around and (text := folded(data)):
            self.found.append((text, self.around[-1][1]))


def folded(text: str) -> str:
    return " ".join(text.split()).casefold()


def rows(name: str) -> list[dict[str, str]]:
    with Path(HOME / "seeds" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def languages_of_texts(tag: str) -> dict[str, tuple[str, str]]:
    """What a page in a language calls records, or quotes: the language of each text, and of what it is a text.

    Texts that are there in two languages are left out.
    """
    suffix = LANGUAGES[tag][0].suffix
    found: dict[str, set[tuple[str, str]]] = defaultdict(set)

    def note(kind: str, text: str, language: str) -> None:
        if text:
            found[folded(text)].add((language, kind))

    for row in rows("agreements"):
        own = row[f"title_{suffix}"]
        note("agreement", own or row["title_as_printed"], tag if own else row["title_language"])
    for name, printed in (("sector", "name_en"), ("occupation", "name_en"), ("institution", "name")):
        for row in rows(f"{name}s"):
            own = row.get(f"name_{suffix}") or ""
            note(name, own or row[printed], tag if own else "en")
    note("reason", "The seeds were loaded.", "en")
    for row in rows("engagements"):
        note("engagement", row["title"], "en")
    for row in rows("programmes"):
        note("programme", row["name"], "en")
    told = {row["reference"]: row["language"] for row in rows("sources")}
    for row in rows("sources"):
        ours = row["title"].endswith("(headline not held)")
        note("source", row["title"], "en" if ours else _TITLES.get(row["reference"], row["language"]))
    for row in [*rows("agreements"), *rows("acts"), *rows("figures"), *rows("companies")]:
        for number in range(1, 10):
            if quotation := row.get(f"quote_{number}"):
                note("quotation", quotation, told[row[f"source_{number}"]])
    return {text: next(iter(those)) for text, those in found.items() if len({tag for tag, _ in those}) == 1}


@pytest.mark.parametrize("tag", LANGUAGES)
def test_what_is_in_another_language_than_its_page_says_so(server: str, tag: str) -> None:
    known = languages_of_texts(tag)
    wrong, foreign = [], set()
    for address in [*ADDRESSES.values(), *MORE]:
        page = httpx2.get(server + address, headers={"Cookie": f"lang={tag}", "Accept": "text/html"}).text
        for text, language in Texts(page).found:
            expected, kind = known.get(text, (language, ""))
            if language != expected:
                wrong.append(f"{address}: “{text}” is {expected} and said to be {language}")
            elif kind and expected != tag:
                foreign.add((kind, expected))

    assert wrong == []
    assert {("source", "de"), ("source", "it")} <= foreign
    if tag != "en":
        kinds = ("agreement", "institution", "engagement", "programme", "quotation", "reason")
        assert {(kind, "en") for kind in kinds} <= foreign


def test_a_title_without_a_translation_is_in_the_language_it_was_printed_in() -> None:
    printed = {"title": "Abkommen", "titleAsPrinted": "Abkommen", "titleLanguage": "de"}

    assert spoken(printed, "ru") == ' lang="de"'
    assert spoken(printed, "de") == ""
    assert spoken(printed | {"titleLanguage": None}, "ru") == ""
    assert spoken(printed | {"title": "Соглашение"}, "ru") == ""


def test_a_name_that_is_there_in_english_only_is_english() -> None:
    assert spoken({"name": "Construction", "english": "Construction"}, "uz") == ' lang="en"'
    assert spoken({"name": "Construction", "english": "Construction"}, "en") == ""
    assert spoken({"name": "Qurilish", "english": "Construction"}, "uz") == ""


def test_the_title_of_a_source_is_in_the_script_it_is_printed_in() -> None:
    assert spoken({"title": "Germaniya tasdiqladi", "language": "uz-Cyrl"}, "en") == ' lang="uz"'
    assert spoken({"title": "Германия тасдиқлади", "language": "uz-Cyrl"}, "en") == ' lang="uz-Cyrl"'
    assert spoken({"title": "Germaniya tasdiqladi", "language": "uz-Cyrl"}, "uz") == ""


def test_a_title_that_describes_what_is_not_held_is_english() -> None:
    described = {"title": "Report of 30 January 2026 (headline not held)", "language": "ru"}

    assert spoken(described, "ru") == ' lang="en"'
    assert spoken(described, "en") == ""


@pytest.mark.parametrize(
    ("reason", "language"),
    [
        ("The seeds were loaded.", "en"),
        ("Page 3 of “Gesetzblatt” \N{EN DASH} corrected; 50 %.", "en"),
        ("Исправлена дата подписания.", None),
        ("Imzolash sanasi to\N{MODIFIER LETTER TURNED COMMA}g\N{MODIFIER LETTER TURNED COMMA}rilandi.", None),
    ],
)
def test_a_reason_is_taken_for_english_unless_its_letters_show_otherwise(reason: str, language: str | None) -> None:
    assert presumed(reason) == language


def test_the_log_does_not_call_a_russian_reason_english(seeded_copy: sa.Engine) -> None:
    with changeset(seeded_copy, "Добавлена цифра.") as changes:
        make_figure(changes, reference="fresh")
    with serving(Settings(database_url=seeded_copy.url.render_as_string())) as address:
        found = Texts(httpx2.get(f"{address}/changes?lang=ru", headers={"Accept": "text/html"}).text).found

    said = dict(found)
    assert said["добавлена цифра."] == "ru", "that of the page"
    assert said["the seeds were loaded."] == "en"


def test_a_tag_never_breaks_out_of_its_attribute() -> None:
    assert spoken('"><script>', "en") == ' lang="&#34;&gt;&lt;script&gt;"'
