"""What files of each form may hold: where one cannot be read, which line it is and what to do about it."""

from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from registry.errors import BadInput
from registry.exchange import importing as imports
from registry.exchange.report import Report

SOURCES = "reference,title,kind,reliability,language\n"
GOOD = "{0},A title,PRESS,SECONDARY,en\n"
QUOTED = 'src-r,"Доклад "Миграция" 2024",PRESS,SECONDARY,ru\n'


@pytest.fixture
def bring(engine: sa.Engine, tmp_path: Path) -> Any:
    """Imports bytes or a text as a file of some name."""

    def bring(name: str, content: str | bytes, **options: Any) -> Report:
        file = tmp_path / name
        file.write_bytes(content.encode() if isinstance(content, str) else content)
        return imports.import_files(engine, imports.given(file), reason="A test.", **options)

    return bring


def references(engine: sa.Engine) -> list[str]:
    with engine.connect() as connection:
        return list(connection.exec_driver_sql("SELECT reference FROM source ORDER BY reference").scalars())


# ── CSV ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_stray_quotation_mark_is_told_with_its_line_and_what_to_do(bring: Any, engine: sa.Engine) -> None:
    report = bring("sources.csv", SOURCES + GOOD.format("a") + QUOTED + GOOD.format("b"))

    (fault,) = report.faults.told
    assert (fault.file, fault.row) == ("sources.csv", 3)
    assert fault.message == "On line 3 a quotation mark stands where none can."
    assert fault.rule is not None
    assert 'double each one that is part of the text: "Report ""Migration""' in fault.rule
    assert references(engine) == []


def test_a_line_with_a_stray_quotation_mark_may_be_left_out(bring: Any, engine: sa.Engine) -> None:
    report = bring("sources.csv", SOURCES + GOOD.format("a") + QUOTED + GOOD.format("b"), skip=True)

    assert report.counts["sources"].refused == 1
    assert references(engine) == ["a", "b"]


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ('a,"A\n"title",PRESS', r"sources\.csv: On line 3 .* in the row that begins on line 2"),
        ('a,"A title,PRESS\nb,B,PRESS', r"sources\.csv: A quotation mark is missing in the row that begins on line 2"),
    ],
)
def test_where_the_next_row_begins_is_not_guessed(bring: Any, engine: sa.Engine, rows: str, words: str) -> None:
    with pytest.raises(BadInput, match=words) as refused:
        bring("sources.csv", f"{SOURCES}{rows},SECONDARY,en\n{GOOD.format('c')}", skip=True)

    assert "double each one" in str(refused.value.hint)
    assert references(engine) == []


@pytest.mark.parametrize("lines", [1, 5_000])
def test_a_file_in_another_encoding_is_told_with_the_line_and_how_to_save_it(
    bring: Any, engine: sa.Engine, lines: int
) -> None:
    text = SOURCES + "".join(GOOD.format(f"a{number}") for number in range(lines))

    with pytest.raises(BadInput) as refused:
        bring("sources.csv", text.encode() + "b,Доклад,PRESS,SECONDARY,ru\n".encode("cp1251"), skip=True)

    assert refused.value.message == f"sources.csv: Line {lines + 2} is not in UTF-8."
    assert "CSV UTF-8" in str(refused.value.hint)
    assert references(engine) == []


def test_a_database_that_cannot_write_a_text_is_not_taken_for_a_file_that_cannot_be_read(
    bring: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(*_: Any) -> None:
        "Ж".encode("latin-1")

    monkeypatch.setattr("registry.exchange.entering.known", failing)

    with pytest.raises(UnicodeEncodeError):
        bring("sources.csv", SOURCES + GOOD.format("a"))


def test_a_row_of_blanks_is_passed_over(bring: Any, engine: sa.Engine) -> None:
    report = bring("sources.csv", SOURCES + " ,  , , ,\n" + GOOD.format("a") + " , \n")

    assert report.written
    assert report.counts["sources"].refused == 0
    assert references(engine) == ["a"]


# ── JSON Lines ──────────────────────────────────────────────────────────────────────────────────────────────────────

LINE = '{"reference": "a", "kind": "PRESS", "reliability": "SECONDARY", "language": "en", "title": "T"%s}\n'


@pytest.mark.parametrize(
    ("more", "column"),
    [
        (', "publisher": {"en": "Law"}', "publisher"),
        (', "publisher": [1, 2]', "publisher"),
        (', "publisher": ["A", "B"]', "publisher"),
        (', "publisher": true', "publisher"),
        (', "published": false', "published"),
    ],
)
def test_what_is_no_text_is_not_written_as_one(bring: Any, engine: sa.Engine, more: str, column: str) -> None:
    report = bring("sources.jsonl", LINE % more)

    (fault,) = report.faults.told
    assert (fault.row, fault.column, fault.code) == (1, column, "BAD_USER_INPUT")
    assert str(fault.rule).startswith("Give one text")
    assert references(engine) == []


def test_a_list_stands_only_where_the_column_takes_several(bring: Any) -> None:
    (fault,) = bring("agreements.jsonl", '{"reference": "a", "title_en": ["A", "B"]}').faults.told

    assert fault.column == "title_en"
    (fault,) = bring("agreements.jsonl", '{"reference": "a", "subjects": [1]}').faults.told
    assert fault.column == "subjects"


def test_truths_numbers_and_null_are_read_where_they_belong(bring: Any, engine: sa.Engine) -> None:
    report = bring("sources.jsonl", LINE % ', "published": 2024, "publisher": null')

    assert report.written, report.faults.told
    with engine.connect() as connection:
        assert tuple(connection.exec_driver_sql("SELECT published, publisher FROM source").one()) == ("2024", None)


# ── Nothing of it ───────────────────────────────────────────────────────────────────────────────────────────────────


def test_where_every_row_is_left_out_nothing_is_written(bring: Any) -> None:
    report = bring("sources.csv", SOURCES + GOOD.replace("PRESS", "GOSSIP").format("a"), skip=True)

    assert not report.written
    assert report.failed
    assert report.ending == "Nothing was written."


def test_where_all_is_on_record_nothing_had_to_be_written(bring: Any) -> None:
    bring("sources.csv", SOURCES + GOOD.format("a"))

    report = bring("sources.csv", SOURCES + GOOD.format("a"))

    assert not report.failed
    assert report.ending == "Nothing had to be written."
