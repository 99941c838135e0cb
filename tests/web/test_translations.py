"""Nothing on a page is left in English: every string and every code of the templates is in every catalogue."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from jinja2 import Environment, nodes

from registry import language
from registry.codes import Code, Language
from registry.language import code_name, counted_phrase, phrase
from registry.web.pages.rendering import TEMPLATES, environment

SOURCES = {path.name: path.read_text(encoding="utf-8") for path in sorted(TEMPLATES.glob("*.html"))}
LOCALE = Path(language.__file__).parent / "locale"
CATALOGUES = ("ru", "uz")
SPOKEN = {"aria-label", "title", "alt", "placeholder", "content", "label"}
LETTERS = re.compile(r"[^\W\d_]{2,}")
#: What a template may say untranslated: letters of the page's own make-up, and a name.
PLAIN = {"width=device-width, initial-scale=1", "GraphiQL", "GraphiQL \u2013"}


def strings(environment: Environment, source: str) -> set[tuple[str, ...]]:
    """What a template asks translations of, each with its plural if it has one."""
    found = environment.extract_translations(source)  # type: ignore[attr-defined]  # of the i18n extension
    return {tuple(part for part in _parts(text) if part is not None) for _, _, text in found}


def _parts(text: str | tuple[str | None, ...]) -> tuple[str | None, ...]:
    return (text,) if isinstance(text, str) else text


STRINGS = {text for source in SOURCES.values() for text in strings(environment(Language.EN), source)}


def catalogue(folder: str) -> dict[str | tuple[str, ...], str | tuple[str, ...]]:
    """What the files of a folder say of strings without a context."""
    found: dict[str | tuple[str, ...], str | tuple[str, ...]] = {}
    for path in sorted((LOCALE / folder).glob("*.po")):
        with path.open("rb") as file:
            for entry in read_po(file, locale=folder, abort_invalid=True):
                if entry.id and not entry.context and not entry.fuzzy:
                    key = tuple(entry.id) if isinstance(entry.id, list | tuple) else str(entry.id)
                    found[key] = tuple(entry.string) if isinstance(entry.string, list | tuple) else str(entry.string)
    return found


SAID = {folder: catalogue(folder) for folder in CATALOGUES}


@pytest.mark.parametrize("folder", CATALOGUES)
def test_every_string_of_a_template_is_translated_with_the_same_places(folder: str) -> None:
    missing, broken = [], []
    for text in sorted(STRINGS):
        said = SAID[folder].get(text if len(text) > 1 else text[0])
        forms = said if isinstance(said, tuple) else (said,)
        if not all(forms):
            missing.append(text)
        places = [sorted(set(re.findall(r"%\(\w+\)s", str(form)))) for form in (*text, *forms)]
        if said and any(each != places[0] for each in places):
            broken.append(text)

    assert missing == [], f"add them to registry/locale/{folder}/pages.po"
    assert broken == []


@pytest.mark.parametrize("folder", CATALOGUES)
def test_nothing_is_translated_that_no_template_says(folder: str) -> None:
    with (LOCALE / folder / "pages.po").open("rb") as file:
        kept = {tuple(each.id) if each.pluralizable else (str(each.id),) for each in read_po(file) if each.id}

    assert kept - STRINGS == set()


def bare(environment: Environment, source: str) -> Iterator[str]:
    """The words of a template that stand outside of any translation."""
    parts = [
        part.data if isinstance(part, nodes.TemplateData) else "\ue000"
        for output in environment.parse(source).find_all(nodes.Output)
        for part in output.nodes
    ]
    reader = Words()
    reader.feed("".join(parts))
    yield from (text for text in reader.found if LETTERS.search(text) and text not in PLAIN)


class Words(HTMLParser):
    """Texts, and attributes that are read out."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found += [value for name, value in attrs if value and (name in SPOKEN or name.startswith("data-"))]

    def handle_data(self, data: str) -> None:
        self.found.append(data.strip("\ue000 \n"))


@pytest.mark.parametrize("name", SOURCES)
def test_no_words_stand_in_a_template_outside_of_translations(name: str) -> None:
    assert list(bare(environment(Language.EN), SOURCES[name])) == []


def test_words_outside_of_translations_are_found() -> None:
    planted = '<p title="bare title">{{ _("said") }} bare text {{ 1 }}</p><b aria-label="{{ 2 }}">+</b>'

    assert list(bare(environment(Language.EN), planted)) == ["bare title", "bare text"]


def codes() -> dict[str, type[Code]]:
    """All enumerations of codes, by name."""
    import schema

    assert schema
    return {kind.__name__: kind for kind in Code.__subclasses__()}


def shown() -> set[str]:
    """The enumerations whose codes templates name."""
    text = "\n".join(SOURCES.values())
    found = set(re.findall(r'code\("(\w+)"\)', text)) | set(re.findall(r'badge\([^()]*, "(\w+)"\)', text))
    return {name.removesuffix("Inverse") for name in found}


@pytest.mark.parametrize("name", sorted(shown() | {"InstrumentType", "Role", "Subject"}))
def test_every_code_that_a_page_may_show_has_its_own_name_in_every_language(name: str) -> None:
    entries = {folder: _labelled(folder, name) for folder in ("en", *CATALOGUES)}
    members = [member.value for member in codes()[name]]

    for folder, labelled in entries.items():
        assert set(members) - labelled == set(), f"name them in registry/locale/{folder}/labels.po"
    for spoken in Language:
        assert len({code_name(name, member, spoken) for member in members}) == len(members)


def _labelled(folder: str, enumeration: str) -> set[str]:
    with (LOCALE / folder / "labels.po").open("rb") as file:
        return {str(each.id) for each in read_po(file) if each.context == enumeration and each.string}


@pytest.mark.parametrize("text", sorted(text[0] for text in STRINGS if len(text) == 1))
def test_uzbek_in_cyrillic_script_keeps_latin_letters_only_for_names_of_formats(text: str) -> None:
    said = re.sub(r"%\(\w+\)s", "", phrase(text, Language.UZ_CYRL))

    assert set(re.findall("[A-Za-z]{2,}", said)) <= {
        "GraphQL",
        "GraphiQL",
        "JavaScript",
        "JSON",
        "PDF",
        "UTC",
        "Ctrl",
        "Enter",
        "API",
        "CSV",
        "XLSX",
        "SHA",
    }


@pytest.mark.parametrize(
    ("number", "russian"),
    [(1, "%(n)s источник"), (2, "%(n)s источника"), (5, "%(n)s источников"), (21, "%(n)s источник")],
)
def test_counted_things_have_the_plural_of_the_language(number: int, russian: str) -> None:
    asked = ("%(n)s source", "%(n)s sources", number)

    assert counted_phrase(*asked, Language.RU) == russian
    assert counted_phrase(*asked, Language.UZ) == "%(n)s ta manba"
    assert counted_phrase(*asked, Language.UZ_CYRL) == "%(n)s та манба"
    assert counted_phrase(*asked, Language.EN) == ("%(n)s source" if number == 1 else "%(n)s sources")


@pytest.mark.parametrize(
    ("one", "many", "said"),
    [
        (
            "%(number)s partner company",
            "%(number)s partner companies",
            {
                Language.RU: ("компания-партнер", "компании-партнера", "компаний-партнеров"),
                Language.UZ: "hamkor kompaniya",
            },
        ),
        (
            "%(number)s partner country",
            "%(number)s partner countries",
            {Language.RU: ("страна-партнер", "страны-партнера", "стран-партнеров"), Language.UZ: "hamkor mamlakat"},
        ),
        (
            "%(number)s instrument on labour",
            "%(number)s instruments on labour",
            {
                Language.RU: ("документ о труде", "документа о труде", "документов о труде"),  # noqa: RUF001
                Language.UZ: "ta mehnatga oid hujjat",
            },
        ),
    ],
)
def test_numbers_at_the_entrance_have_the_form_of_their_number(
    one: str, many: str, said: dict[Language, tuple[str, ...]]
) -> None:
    assert (one, many) in STRINGS
    for number, form in ((1, 0), (22, 1), (3, 1), (11, 2)):
        russian = counted_phrase(one, many, number, Language.RU)
        assert russian == f"%(number)s {said[Language.RU][form]}"
        assert counted_phrase(one, many, number, Language.UZ) == f"%(number)s {said[Language.UZ]}", "never a plural"
        assert counted_phrase(one, many, number, Language.EN) == (one if number == 1 else many)


def test_a_counted_thing_without_translation_is_said_in_english() -> None:
    assert [counted_phrase("one goose", "geese", number, Language.UZ_CYRL) for number in (1, 2)] == [
        "one goose",
        "geese",
    ]


# One thing has one word, and words agree


def entries(folder: str) -> Iterator[tuple[str | None, str, str]]:
    """Context, English text or code, and translation of all that the files of a folder say; each plural by itself."""
    for path in sorted((LOCALE / folder).glob("*.po")):
        with path.open("rb") as file:
            for entry in read_po(file, locale=folder):
                text = entry.id[0] if isinstance(entry.id, list | tuple) else entry.id
                for said in entry.string if isinstance(entry.string, list | tuple) else [entry.string]:
                    if text:
                        yield entry.context, str(text), str(said)


def test_russian_is_written_with_ie_throughout() -> None:
    assert [said for _, _, said in entries("ru") if "\u0451" in said.lower()] == []


@pytest.mark.parametrize(
    "kind", ["AgreementStatus", "GapKind", "AgreementRelationKind", "AgreementRelationKindInverse"]
)
def test_what_is_said_of_an_agreement_in_russian_is_neuter_as_that_word_is(kind: str) -> None:
    masculine = re.compile(r"^\w+(?:ан|ен)\b")

    assert [said for context, _, said in entries("ru") if context == kind and masculine.match(said)] == []


def test_uzbek_calls_a_country_by_one_word() -> None:
    countries = re.compile("countr|destination|origins", re.IGNORECASE)
    said = [uzbek for _, text, uzbek in entries("uz") if countries.search(text)]

    assert len(said) > 20
    assert [uzbek for uzbek in said if re.search("davlat|manzil", uzbek.lower())] == []


@pytest.mark.parametrize(
    ("word", "sentence"),
    [
        ("figure", "No figure is on record."),
        ("engagement", "No engagement is on record."),
        ("engagement", "Engagements"),
        ("country", "No country fits."),
        ("legal act", "This instrument is reported, but no act of its life is on record."),
        ("Stage", "No stage of the partnership is on record."),
        ("Stage", "Stage of cooperation"),
    ],
)
@pytest.mark.parametrize("spoken", [Language.RU, Language.UZ])
def test_a_thing_is_called_in_lists_as_it_is_in_sentences(word: str, sentence: str, spoken: Language) -> None:
    called = phrase(word, spoken).lower()

    assert called[: max(4, len(called) - 2)] in phrase(sentence, spoken).lower()


@pytest.mark.parametrize("spoken", [Language.RU, Language.UZ])
def test_the_institution_that_another_succeeds_is_called_its_predecessor(spoken: Language) -> None:
    assert code_name("Field", "succeeds", spoken) == phrase("Took the place of", spoken).lower()


@pytest.mark.parametrize("spoken", [Language.RU, Language.UZ])
def test_a_country_without_a_stage_is_said_to_have_none_of_what_the_heading_names(spoken: Language) -> None:
    assert code_name("CooperationStage", "NONE", spoken).startswith(phrase("Stage", spoken).lower())


def test_consent_of_one_party_is_not_said_to_be_that_of_all() -> None:
    said = {spoken: code_name("AgreementStatus", "PARTLY_CONSENTED", spoken) for spoken in Language}

    assert said[Language.EN] == "consent under way, not yet in force"
    assert "оформляется" in said[Language.RU]
    assert "rasmiylashtirilmoqda" in said[Language.UZ]


def test_uzbek_tells_a_day_that_is_too_late_from_one_that_is_not() -> None:
    before = [phrase(text, Language.UZ) for text in ("before %(until)s", "from %(day)s, until before %(until)s")]

    assert all(said.endswith("%(until)s kunidan oldin") for said in before)
    assert phrase("notice by %(day)s", Language.UZ).endswith("%(day)s kunidan kechikmay")


def test_names_in_uzbek_cyrillic_script_keep_what_is_written_in_latin() -> None:
    named = {(context, code) for context, code, _ in entries("uz") if context and context != "date"}
    said = {code_name(context, code, Language.UZ_CYRL) for context, code in named}

    assert {each for each in said if re.search("[A-Za-z]", each)} == {"LEI коди", "нусханинг SHA-256 коди"}
