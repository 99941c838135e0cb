"""What pages tell of changes, and the words that they say in Python: in every language."""

import re
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import httpx2
import pytest
import sqlalchemy as sa

from registry.codes import Language
from registry.history import logged_tables
from registry.history.shape import kind_of, whole_behind
from registry.language import code_name, phrase, words
from registry.settings import Settings
from registry.web.pages.told import Field
from registry.web.pages.told import told as told_on
from registry.web.pages.walk import LANGUAGES
from schema.field_changes import names_told
from tests.servers import serving

HTML = {"Accept": "text/html"}

#: Types of records that only administrators hear of.
CLOSED = {"ApiKey"}
NAMES = sorted(
    {name for table in logged_tables() if kind_of(table.name).__name__ not in CLOSED for name in names_told(table.name)}
)


def change(type_: str, /, **fields: tuple[Any, Any]) -> dict[str, Any]:
    return {
        "subjectType": type_,
        "fields": [{"name": name, "old": old, "new": new} for name, (old, new) in fields.items()],
    }


def told(change: dict[str, Any], language: Language) -> list[Field]:
    """The fields of a change on a page in a language."""
    return told_on(change, language, next(tag for tag, (each, _) in LANGUAGES.items() if each is language))


@pytest.mark.parametrize("name", [*NAMES, "durationMonths", "forceRule", "issuedBy", "people", "quote", "signatory"])
def test_a_field_that_the_log_may_tell_of_has_a_name_in_every_language(name: str) -> None:
    english, russian, latin, cyrillic = (code_name("Field", name, language) for language in Language)

    assert english not in (russian, latin)
    assert name.lower() not in (russian, latin, cyrillic)


@pytest.mark.parametrize("word", ["not stated", "yes", "no", "Source"])
def test_a_word_that_pages_say_in_python_is_translated(word: str) -> None:
    assert word not in {phrase(word, language) for language in Language if language is not Language.EN}


def test_values_are_told_in_the_language_of_the_reader() -> None:
    made = change(
        "LegalAct",
        kind=(None, "RATIFICATION"),
        party=(None, "DE"),
        date=("2024-09", "2024-09-15"),
        inRecord=(True, False),
    )

    assert told(made, Language.EN) == [
        Field("kind", [], ["ratification"]),
        Field("party", [], ["Germany"]),
        Field("date", ["September 2024"], ["15 September 2024"]),
        Field("inRecord", ["yes"], ["no"]),
    ]
    assert told(made, Language.RU)[1].new == ["Германия"]
    assert told(made, Language.UZ_CYRL)[3].old == ["ҳа"]


def test_parts_are_told_one_on_a_line_with_the_names_of_what_they_hold() -> None:
    made = change(
        "Agreement",
        parties=([{"country": "UZ"}], [{"country": "UZ", "signatory": "A. Karimov"}, {"country": "DE"}]),
        subjects=(None, ["VISAS"]),
        term=(None, {"renewal": "TACIT", "noticeMonths": 6}),
    )

    parties, subjects, term = told(made, Language.EN)
    assert parties.old == ["country: Uzbekistan"]
    assert parties.new == ["country: Uzbekistan; signed by: A. Karimov", "country: Germany"]
    assert subjects.new == [code_name("Subject", "VISAS", Language.EN)]
    assert term.new == [f"renewal: {code_name('Renewal', 'TACIT', Language.EN)}; months of notice: 6"]


def test_words_that_a_part_rests_on_are_told_beside_it() -> None:
    words = {"source": "the-list", "quote": "It is so.", "locator": "p. 2"}

    (field,) = told(change("Company", licences=(None, [{"state": "VALID", "citations": [words]}])), Language.EN)

    assert field.new == ["state: valid; source: the-list; quotation: It is so.; place in the source: p. 2"]


def test_returns_that_are_too_many_are_counted_first() -> None:
    rows = [{"country": "KR", "measure": "EMPLOYED", "people": 1532}]

    (field,) = told(change("Source", placements=(None, {"count": 12_000, "rows": rows})), Language.EN)

    assert field.new == ["12,000", "country: South Korea; measure: employed; people: 1,532"]


def test_numbers_shares_durations_and_languages_are_told_as_pages_say_them() -> None:
    programme = change("Programme", amount=(None, "500000"), rate=(0.5, 0.75), comparator=(None, False))
    agreement = change(
        "Agreement", articleCount=(None, 1200), titleLanguage=(None, "de"), term=(None, {"forceDelay": "P1M10D"})
    )

    assert [each.new for each in told(programme, Language.EN)] == [["500,000"], ["75%"], ["no"]]
    amount, rate, _ = told(programme, Language.RU)
    assert (amount.new, rate.old) == ([words("number", 500_000, Language.RU)], [words("percent", 0.5, Language.RU)])
    assert [each.new[0] for each in told(agreement, Language.RU)][1:] == [
        "немецкий",
        "отсрочка вступления в силу: 1 месяц и 10 дней",
    ]
    assert told(agreement, Language.EN)[0].new == ["1,200"]


def test_no_change_of_a_number_is_rounded_away() -> None:
    made = change("Programme", rate=(0.501, 0.504), amount=("0.00041", "0.00042"))

    assert told(made, Language.EN) == [
        Field("rate", ["50.1%"], ["50.4%"]),
        Field("amount", ["0.00041"], ["0.00042"]),
    ]


def test_a_duration_that_is_none_is_told_as_it_stands() -> None:
    made = change("Agreement", term=(None, {"forceDelay": "at once"}))

    assert told(made, Language.EN)[0].new == ["delay of force: at once"]


def test_titles_and_remarks_are_marked_where_they_are_not_in_the_language_of_the_page() -> None:
    made = change(
        "Agreement",
        titleRu=(None, "Соглашение"),
        titleUzCyrl=(None, "Битим"),
        titleAsPrinted=(None, "Abkommen <1>"),
        titleLanguage=(None, "de"),
        bindingnessReason=(None, "Treaty department"),
        reference=(None, "uz-de"),
        documents=(None, [{"title": "Abkommen", "language": "de"}]),
    )
    own, cyrillic, printed, _, reason, reference, documents = told(made, Language.RU)

    assert own.new == ["Соглашение"]
    assert cyrillic.new == ['<span lang="uz-Cyrl">Битим</span>']
    assert printed.new == ['<span lang="de">Abkommen &lt;1&gt;</span>']
    assert reason.new == ['<span lang="en">Treaty department</span>']
    assert reference.new == ["uz-de"]
    assert documents.new == ['заглавие: <span lang="de">Abkommen</span>; язык: немецкий']
    assert [each.new[0][:10] for each in told(made, Language.EN)][:2] == ["<span lang", "<span lang"]
    assert told(made, Language.EN)[4].new == ["Treaty department"]


def test_a_revised_title_is_in_the_language_that_the_record_says() -> None:
    made = change("Source", title=("Gesetz", "Gesetze")) | {"subject": {"language": "de"}}

    assert told(made, Language.EN) == [
        Field("title", ['<span lang="de">Gesetz</span>'], ['<span lang="de">Gesetze</span>'])
    ]


def test_a_quotation_is_in_the_language_of_its_source_while_the_record_cites_it() -> None:
    rows = [{"source": "bmi", "quote": "Es gilt; ab", "note": "Sense."}, {"source": "gone", "quote": "A & B"}]
    licences = [{"citations": [{"source": {"reference": "bmi", "language": "de"}}]}]
    made = change("Company", citations=(None, rows)) | {"subject": {"citations": [], "licences": licences}}

    assert told(made, Language.EN)[0].new == [
        'source: bmi; quotation: <span lang="de">Es gilt; ab</span>; note: Sense.',
        "source: gone; quotation: A &amp; B",
    ]


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Etc/GMT+12"])
def test_a_change_stands_under_the_day_by_which_it_is_found(seeded: sa.Engine, zone: str) -> None:
    """At any time of day the day in one of these zones is another than in UTC."""
    settings = Settings(database_url=seeded.url.render_as_string(), time_zone=zone)
    with serving(settings) as address:
        log = httpx2.get(f"{address}/changes?format=json", timeout=60).json()["data"]
        at = datetime.fromisoformat(log["changes"]["nodes"][-1]["at"]).astimezone(ZoneInfo(zone))
        found = httpx2.get(f"{address}/changes?since={at.date()}&until={at.date()}&lang=en", headers=HTML, timeout=60)

    (when, *_) = re.findall('<div class="when"><time[^>]*>(.*?)</time>', found.text)
    clock = f"{at:%H:%M} UTC{at.isoformat()[-6:]}"
    assert when == f"{words('day', at.date().isoformat(), Language.EN)}<br>{clock}"
    assert f"State of knowledge: {words('day', at.date().isoformat(), Language.EN)}, {clock}" in found.text


def test_every_kind_of_record_has_a_table_of_its_own() -> None:
    assert {
        kind_of(table.name).__name__ for table in logged_tables() if whole_behind(kind_of(table.name)) is None
    } > CLOSED
