"""What pages tell of changes, and the words that they say in Python: in every language."""

from typing import Any

import pytest

from registry.codes import Language
from registry.history import logged_tables
from registry.history.shape import kind_of, whole_behind
from registry.language import code_name, phrase
from registry.web.pages.told import Field, told
from schema.field_changes import names_told

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


def test_returns_that_are_too_many_are_counted_first() -> None:
    rows = [{"country": "KR", "measure": "EMPLOYED", "people": 1532}]

    (field,) = told(change("Source", placements=(None, {"count": 12_000, "rows": rows})), Language.EN)

    assert field.new == ["12,000", "country: South Korea; measure: employed; people: 1532"]


def test_every_kind_of_record_has_a_table_of_its_own() -> None:
    assert {
        kind_of(table.name).__name__ for table in logged_tables() if whole_behind(kind_of(table.name)) is None
    } > CLOSED
