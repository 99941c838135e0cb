"""Files that come in: what became of each row, what is refused and what was probably meant."""

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
import xlsxwriter

from registry.errors import BadInput
from registry.exchange import CODE_LISTS, SEEDS, load
from registry.exchange import importing as imports
from registry.exchange.columns import columns_of
from registry.exchange.exporting import export
from registry.exchange.formats import Format
from registry.exchange.report import REASONS_TOLD, Fault, Report, Told
from registry.exchange.sheets import sheet_of
from registry.history import Change, changeset
from tests.factories import make_act, make_agreement, make_company, make_quota, make_source

WORDS = ",source_1,note_1\n"
SAID = ",some-source,So.\n"


@pytest.fixture
def registry(engine: sa.Engine) -> sa.Engine:
    """A registry with the code lists, a source, an agreement with its signature, a company and a quota."""
    with changeset(engine, "A test.") as changes:
        load(changes, SEEDS, only=CODE_LISTS)
        make_source(changes)
        make_agreement(changes)
        make_act(changes)
        make_company(changes)
        make_quota(changes)
    return engine


@pytest.fixture
def bring(registry: sa.Engine, tmp_path: Path) -> Any:
    """Imports a text as a file of some name: `bring("acts.csv", text, skip=True)`."""

    def bring(name: str, text: str, **options: Any) -> Report:
        file = tmp_path / name
        file.write_text(text, encoding="utf-8")
        return imports.import_files(registry, imports.given(file), reason="A test.", **options)

    return bring


def counts(report: Report, kind: str) -> dict[str, int]:
    """What became of the rows of a kind, as far as anything did."""
    return {name: number for name, number in vars(report.counts[kind]).items() if number}


def changes_on(engine: sa.Engine) -> int:
    with engine.connect() as connection:
        return int(connection.execute(sa.select(sa.func.count()).select_from(Change)).scalar_one())


# ── New, revised, unchanged ─────────────────────────────────────────────────────────────────────────────────────────

ACTS = "agreement,kind,date,party,note" + WORDS


def test_a_file_imported_twice_changes_nothing_the_second_time(bring: Any, registry: sa.Engine) -> None:
    text = ACTS + "uz-de,RATIFICATION,2025-01-02,UZ,," + SAID[1:] + "uz-de,RATIFICATION,2025-03,DE,," + SAID[1:]
    assert counts(bring("acts.csv", text), "acts") == {"created": 2}
    before = changes_on(registry)

    assert counts(bring("acts.csv", text), "acts") == {"unchanged": 2}

    assert changes_on(registry) == before


def test_an_act_told_otherwise_takes_the_place_of_the_one_on_record(bring: Any, registry: sa.Engine) -> None:
    text = ACTS + "uz-de,SIGNATURE,2024-09-15,,In Samarkand.,some-source,So.\n"

    assert counts(bring("acts.csv", text), "acts") == {"revised": 1}
    assert counts(bring("acts.csv", text), "acts") == {"unchanged": 1}

    with registry.connect() as connection:
        rows = connection.exec_driver_sql("SELECT note, in_record FROM legalact ORDER BY id").all()
    assert [tuple(row) for row in rows] == [(None, 0), ("In Samarkand.", 1)]


def test_an_agreement_that_differs_is_revised_and_nothing_else_of_it(bring: Any, registry: sa.Engine) -> None:
    header = "reference,title_as_printed,type,parties,title_en,source_1,quote_1\n"
    text = header + "uz-de,An Agreement,INTERGOVERNMENTAL_AGREEMENT,UZ | DE,A title,some-source,It is so.\n"

    assert counts(bring("agreements.csv", text), "agreements") == {"revised": 1}

    with registry.connect() as connection:
        row = connection.exec_driver_sql("SELECT title_en, version FROM agreement").one()
    assert tuple(row) == ("A title", 3)
    assert counts(bring("agreements.csv", text), "agreements") == {"unchanged": 1}


def test_another_number_of_places_is_a_later_decision(bring: Any, registry: sa.Engine) -> None:
    header = "reference,kind,basis,country,period,places,decided" + WORDS

    report = bring("quotas.csv", header + "de-2025,CEILING,DOMESTIC_RULE,DE,2025,120,2025-03" + SAID)

    assert counts(report, "quotas") == {"revised": 1}

    with registry.connect() as connection:
        assert connection.exec_driver_sql("SELECT places FROM quota").scalar() == 120
        assert connection.exec_driver_sql("SELECT places FROM quota_revision").scalar() == 100


def test_a_row_that_differs_in_what_cannot_be_revised_is_refused_and_says_in_what(bring: Any) -> None:
    header = "reference,title,kind,reliability,language\n"

    report = bring("sources.csv", header + "some-source,Another title,GOVERNMENT_STATEMENT,OFFICIAL,en\n")

    (fault,) = report.faults.told
    assert (fault.row, fault.column, fault.seen, fault.code) == (2, "title", "Another title", "CONFLICT")
    assert fault.message == "“some-source” is on record with another title."


def test_a_return_under_an_agreement_kept_for_comparison_is_refused(bring: Any, registry: sa.Engine) -> None:
    with changeset(registry, "A test.") as changes:
        make_agreement(changes, "mx-us", ("MX", "US"), comparator=True)

    report = bring("placements.csv", "source,period,country,people,agreement\nsome-source,2024,US,5,mx-us\n")

    (fault,) = report.faults.told
    assert (fault.row, fault.column, fault.code) == (2, "agreement", "BAD_USER_INPUT")
    assert "kept for comparison" in fault.message


def test_returns_are_new_take_another_number_or_stay(bring: Any) -> None:
    header = "source,period,country,people,sex\n"
    bring("returns.csv", header + "some-source,2024,DE,5,MALE\nsome-source,2024,UZ,5,\n")

    report = bring(
        "returns.csv",
        header + "some-source,2024,DE,6,MALE\nsome-source,2024,UZ,5,\nsome-source,2023,UZ,1,\n",
    )

    assert counts(report, "placements") == {"created": 1, "revised": 1, "unchanged": 1}


def test_returns_are_taken_back_by_rows_that_say_so_and_the_right_ones_come_with_them(bring: Any) -> None:
    header = "source,period,country,people,withdrawn\n"
    bring("returns.csv", header + "some-source,2024,DE,5,\nsome-source,2023,DE,7,false\n")
    text = header + "some-source,2024,DE,5,true\nsome-source,2024-01,DE,2,\nsome-source,2023,DE,7,\n"

    assert counts(bring("returns.csv", text), "placements") == {"created": 1, "withdrawn": 1, "unchanged": 1}

    again = bring("returns.csv", text)
    (fault,) = again.faults.told
    assert (fault.row, fault.code) == (2, "NOT_FOUND")
    assert not again.written


def test_what_an_import_is_to_do_with_a_row_is_no_column_of_exports(registry: sa.Engine) -> None:
    sheet = sheet_of("returns")

    header = b"".join(export(registry, sheet, Format.CSV)).decode().strip().split(",")

    (asks,) = (column for column in columns_of(sheet) if column.name not in header)
    assert (asks.name, asks.form) == ("withdrawn", "true or false")


def test_rows_that_name_one_another_in_a_ring_are_entered(bring: Any) -> None:
    header = "reference,title_as_printed,type,parties,relations" + WORDS
    text = (
        header
        + "a,A,TREATY,UZ | DE,SAME_SUBJECT=b | AMENDS=uz-de"
        + SAID
        + "b,B,TREATY,UZ | DE,SAME_SUBJECT=a"
        + SAID
        + "c,C,TREATY,UZ | DE,SAME_SUBJECT=d"
        + SAID
    )

    report = bring("agreements.csv", text, skip=True)

    assert counts(report, "agreements") == {"created": 2, "refused": 1}
    (fault,) = report.faults.told
    assert (fault.row, fault.column, fault.seen) == (4, "relations", "SAME_SUBJECT=d")
    assert counts(bring("agreements.csv", text, skip=True), "agreements") == {"unchanged": 2, "refused": 1}


# ── Stop, skip, try ─────────────────────────────────────────────────────────────────────────────────────────────────

FAULTY = ACTS + "uz-de,RATIFICATION,2025,,,some-source,So.\nuz-de,SIGNED,2024,,,some-source,So.\n"


def test_the_first_refusal_stops_an_import_and_nothing_of_it_stays(bring: Any, registry: sa.Engine) -> None:
    before = changes_on(registry)

    report = bring("acts.csv", FAULTY)

    assert not report.written
    assert report.faults.count == 1
    assert changes_on(registry) == before


def test_refused_rows_are_left_out_where_the_others_are_to_stay(bring: Any, registry: sa.Engine) -> None:
    report = bring("acts.csv", FAULTY, skip=True)

    assert report.written
    assert counts(report, "acts") == {"created": 1, "refused": 1}
    with registry.connect() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM legalact").scalar() == 2


def test_a_dry_run_reports_and_writes_nothing(bring: Any, registry: sa.Engine) -> None:
    before = changes_on(registry)

    report = bring("acts.csv", FAULTY, skip=True, dry_run=True)

    assert counts(report, "acts") == {"created": 1, "refused": 1}
    assert not report.written
    assert changes_on(registry) == before


def test_returns_that_overlap_are_left_out_one_by_one(bring: Any) -> None:
    rows = [f"some-source,2024-{month:02},DE,{month}" for month in range(1, 13)]
    rows[5:5] = ["some-source,2024-01/2024-03,DE,9", "some-source,2024,DE,99"]

    report = bring("returns.csv", "source,period,country,people\n" + "\n".join(rows), skip=True)

    assert counts(report, "placements") == {"created": 12, "refused": 2}
    assert [fault.row for fault in report.faults.told] == [7, 8]
    assert all("count people twice" in fault.message for fault in report.faults.told)


def test_a_reference_given_twice_is_refused_the_second_time(bring: Any) -> None:
    header = "reference,name,country,roles" + WORDS
    report = bring("companies.csv", header + ("smith,Smith,DE,EMPLOYER" + SAID) * 2, skip=True)

    assert counts(report, "companies") == {"created": 1, "refused": 1}
    assert report.faults.told[0].message == "The file has “smith” twice, first in row 2."


def test_all_that_is_wrong_with_a_row_is_told(bring: Any) -> None:
    header = "reference,name,country,roles,sectors" + WORDS

    report = bring("companies.csv", header + "smith,Smith,XX,EMPLOYER,ZZ,gossip,So.\n")

    assert {fault.column for fault in report.faults.told} == {"country", "sectors", "source_1"}
    assert counts(report, "companies") == {"refused": 1}


def test_a_row_needs_a_reference_even_where_the_registry_could_make_one(bring: Any) -> None:
    header = "measure,nature,value,period" + WORDS

    report = bring("figures.csv", header + "DEPARTED,FLOW,5,2024" + SAID)

    assert report.faults.told[0].column == "reference"


# ── What was probably meant ─────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("file", "header", "row", "column", "meant"),
    [
        ("acts", "agreement,kind,date", "uz-de,SIGNATUR,2024", "kind", "SIGNATURE"),
        ("acts", "agreement,kind,date", "uz-de,подписание,2024", "kind", "SIGNATURE"),
        ("acts", "agreement,kind,date", "uz-d,SIGNATURE,2024", "agreement", "uz-de"),
        ("acts", "agreement,kind,date", "uz-de,SIGNATURE,2024-15-09", "date", "2024-09-15"),
        ("acts", "agreement,kind,date", "uz-de,SIGNATURE,15.09.2024", "date", "2024-09-15"),
        ("acts", "agreement,kind,date", "uz-de,SIGNATURE,9/15/2024", "date", "2024-09-15"),
        ("acts", "agreement,kind,date,party", "uz-de,SIGNATURE,2024,Germany", "party", "DE"),
        ("acts", "agreement,kind,date,party", "uz-de,SIGNATURE,2024,Германия", "party", "DE"),
        ("acts", "agreement,kind,date,party", "uz-de,SIGNATURE,2024,DEU", "party", "DE"),
        ("companies", "reference,name,country,roles,sectors", "a,A,DE,,F | 1", "sectors", "01"),
        ("companies", "reference,name,country,roles,sectors", "a,A,DE,,construction", "sectors", "F"),
        ("companies", "reference,name,country,roles", "a,A,Deutschlnd,", "country", None),
        ("institutions", "reference,name,kind,comparator", "a,A,OTHER,да", "comparator", "true"),
        ("quotas", "reference,kind,basis,country,period,places", "a,TARGET,EMPLOYER,DE,2025,1 200", "places", "1200"),
        ("quotas", "reference,kind,basis,country,period,places", 'a,TARGET,EMPLOYER,DE,2025,"1,200"', "places", "1200"),
        ("figures", "reference,measure,nature,value,period", 'a,DEPARTED,RATIO,"0,5",2024', "value", "0.5"),
        ("returns", "source,period,country,people", "some-source,2024-07-01,DE,5", "period", "2024-07"),
        ("returns", "source,period,country,people", "some-source,Q3 2024,DE,5", "period", "2024-07/2024-09"),
        ("returns", "source,period,country,people", "some-source,07.2024,DE,5", "period", "2024-07"),
        ("returns", "source,period,country,people", "some-sourc,2024,DE,5", "source", "some-source"),
    ],
)
def test_a_refused_cell_comes_with_what_was_probably_meant(
    bring: Any, file: str, header: str, row: str, column: str, meant: str | None
) -> None:
    cited = (WORDS, SAID) if file != "returns" else ("\n", "\n")

    report = bring(f"{file}.csv", header + cited[0] + row + cited[1])

    assert [(fault.column, fault.suggestion) for fault in report.faults.told] == [(column, meant)]


def test_a_header_that_means_nothing_is_refused_with_the_one_that_was_meant(bring: Any) -> None:
    report = bring("acts.csv", ACTS.replace("party", "prty"))

    (fault,) = report.faults.told
    assert (fault.row, fault.column, fault.suggestion) == (1, "prty", "party")


def test_a_column_that_every_row_needs_is_missed_once_and_not_in_every_row(bring: Any) -> None:
    report = bring("acts.csv", "agreement,kind\nuz-de,SIGNATURE\nuz-de,RATIFICATION\n", skip=True)

    (fault,) = report.faults.told
    assert (fault.row, fault.column, fault.message) == (1, "date", "Column date is missing.")
    assert fault.rule == "Every row needs it: When it was done, in EDTF."
    assert fault.suggestion is None
    assert not report.written


@pytest.mark.parametrize(
    "header",
    [
        "Agreement;Kind;Date;Source;Source Note",
        "соглашение;вид;дата;источник;примечание к источнику",
        "bitim;turi;sana;manba;manba izohi",
        "agreement;act;day;source 1;Note-1",
    ],
)
def test_headers_are_understood_by_other_names_and_in_other_languages(bring: Any, header: str) -> None:
    report = bring("acts.csv", f"{header}\nuz-de;RATIFICATION;2025;some-source;So.\n")

    assert counts(report, "acts") == {"created": 1}


# ── Files ───────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("name", "sheet"), [("returns-2025", "placements"), ("Acts", "acts"), ("actsofgod", None)])
def test_a_file_is_named_for_what_is_in_it(name: str, sheet: str | None) -> None:
    found = imports.sheet_called(name)

    assert (found and found.file) == sheet


def test_a_file_whose_kind_is_not_clear_is_refused(tmp_path: Path) -> None:
    (tmp_path / "list.csv").touch()

    with pytest.raises(BadInput, match=r"Which kind of record is in list\.csv\?"):
        imports.given(tmp_path / "list.csv")
    assert imports.given(tmp_path / "list.csv", "acts")[0].sheet is not None
    with pytest.raises(BadInput, match="no form that is read here"):
        imports.given(tmp_path / "acts.doc")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('{"agreement": "uz-de"', "cannot be read as JSON"),
        ('["uz-de"]', "no JSON object"),
        ('{"agreement": "uz-de", "kind": "SIGNATURE", "dat": 1}', "Column dat is not known"),
        ('{"agreement": "uz-de", "kind": "SIGNATURE", "date": ["2024"]}', "cannot be read"),
    ],
)
def test_a_line_of_json_that_makes_no_row_is_refused_by_itself(bring: Any, text: str, words: str) -> None:
    good = '{"agreement": "uz-de", "kind": "RATIFICATION", "date": "2025", "source_1": "some-source", "note_1": "So."}'

    report = bring("acts.jsonl", f"{text}\n{good}\n", skip=True)

    assert counts(report, "acts") == {"created": 1, "refused": 1}
    assert words in report.faults.told[0].message


def test_the_sheet_of_a_workbook_that_is_named_for_its_kind_is_read(registry: sa.Engine, tmp_path: Path) -> None:
    book = xlsxwriter.Workbook(tmp_path / "list.xlsx")
    book.add_worksheet("Notes").write_row(0, 0, ["What", "this", "is"])
    sheet = book.add_worksheet("Acts")
    sheet.write_row(0, 0, ["agreement", "kind", "date", "source_1", "note_1", ""])
    sheet.write_row(1, 0, ["uz-de", "RATIFICATION", 2025, "some-source", "So.", ""])
    sheet.write_row(2, 0, ["uz-de", "SIGNED", 2025, "some-source", "So."])
    sheet.write_datetime(3, 2, datetime(2025, 1, 2), book.add_format({"num_format": "dd.mm.yyyy"}))
    sheet.write_row(3, 0, ["uz-de", "ENTRY_INTO_FORCE"])
    sheet.write_row(3, 3, ["some-source", "So."])
    book.close()

    report = imports.import_files(registry, imports.given(tmp_path / "list.xlsx"), reason="A test.", skip=True)
    by_kind = imports.import_files(registry, imports.given(tmp_path / "list.xlsx", "acts"), reason="A test.", skip=True)

    assert counts(report, "acts") == {"created": 2, "refused": 1}
    assert [(fault.file, fault.row) for fault in report.faults.told] == [("list.xlsx, sheet Acts", 3)]
    assert counts(by_kind, "acts") == {"unchanged": 2, "refused": 1}
    with registry.connect() as connection:
        dates = connection.exec_driver_sql("SELECT date FROM legalact ORDER BY id").scalars()
        assert list(dates) == ["2024-09-15", "2025", "2025-01-02"]


def test_a_cell_under_no_header_is_refused(bring: Any) -> None:
    report = bring("acts.csv", "agreement,kind,date,source_1,note_1,\nuz-de,RATIFICATION,2025,some-source,So.,what?\n")

    assert "without a name" in report.faults.told[0].message


def test_a_file_that_is_no_workbook_is_refused(bring: Any) -> None:
    with pytest.raises(BadInput, match="cannot be read as a workbook"):
        bring("acts.xlsx", "agreement,kind,date\n")


# ── What looks odd ──────────────────────────────────────────────────────────────────────────────────────────────────


def test_what_looks_odd_is_entered_and_remarked(bring: Any) -> None:
    header = "reference,kind,basis,country,period,places,part_of" + WORDS

    report = bring("quotas.csv", header + "part,CEILING,DOMESTIC_RULE,DE,2025,101,de-2025" + SAID)

    assert counts(report, "quotas") == {"created": 1}
    assert report.faults.count == 0
    (remark,) = report.remarks.told
    assert (remark.row, remark.column, remark.seen) == (2, "places", "101")
    assert remark.code == "PARTS_DO_NOT_ADD_UP"
    assert report.to_json()["remarks"][0]["rule"] == remark.rule


# ── Texts as they are entered ───────────────────────────────────────────────────────────────────────────────────────

SOURCES = "reference,title,kind,reliability,language\n"


def test_a_row_with_characters_that_cannot_be_written_is_refused_at_its_cells(
    any_engine: sa.Engine, tmp_path: Path
) -> None:
    csv, lines = tmp_path / "sources.csv", tmp_path / "sources.jsonl"
    csv.write_text(f"{SOURCES}n\0,T\0x\x07,PRESS,OFFICIAL,en\nn1,T,PRESS,OFFICIAL,en\n", encoding="utf-8")
    lines.write_text('{"reference": "n\\u0000", "title": "T\\u001b"}\n', encoding="utf-8")

    report = imports.import_files(any_engine, [*imports.given(csv), *imports.given(lines)], reason="So.", skip=True)

    assert counts(report, "sources") == {"created": 1, "refused": 2}
    assert [(fault.file, fault.column, fault.code) for fault in report.faults.told] == [
        (file.name, column, "BAD_USER_INPUT") for file in (csv, lines) for column in ("reference", "title")
    ]


def test_a_list_and_a_return_with_such_characters_are_refused_too(bring: Any) -> None:
    text = '{"reference": "a", "name": "A", "kind": "FUND", "names": ["B", "C\\u0000"], "source_1": "some-source"}\n'

    (fault,) = bring("institutions.jsonl", text).faults.told
    assert (fault.column, fault.code) == ("names", "BAD_USER_INPUT")

    (fault,) = bring("returns.csv", "source,period,country,people\nsome\0,2024,DE,5\n").faults.told
    assert (fault.column, fault.code) == ("source", "BAD_USER_INPUT")


def test_a_reason_that_cannot_be_written_is_refused(registry: sa.Engine, tmp_path: Path) -> None:
    file = tmp_path / "sources.csv"
    file.write_text(SOURCES, encoding="utf-8")

    with pytest.raises(BadInput) as refused:
        imports.import_files(registry, imports.given(file), reason="a\0b")

    assert refused.value.path == ("reason",)


@pytest.mark.parametrize("text", ["\u200b", "\u2060\u200d", "\u202e\u202e", "Works\u202e"])
def test_cells_that_nobody_sees_or_that_turn_what_follows_are_refused_in_their_column(bring: Any, text: str) -> None:
    row = "a,{},DE,EMPLOYER,some-source,{}\n"
    header = "reference,name,country,roles,source_1,note_1\n"

    named = bring("companies.csv", header + row.format(text, "So."))
    noted = bring("companies.csv", header + row.format("Works", text))

    assert [fault.column for fault in (*named.faults.told, *noted.faults.told)] == ["name", "note_1"]
    assert counts(named, "companies").keys() == counts(noted, "companies").keys() == {"refused"}


def test_an_import_without_a_reason_is_told_what_it_is_for(registry: sa.Engine, tmp_path: Path) -> None:
    file = tmp_path / "sources.csv"
    file.write_text(SOURCES, encoding="utf-8")

    with pytest.raises(BadInput) as refused:
        imports.import_files(registry, imports.given(file), reason=" ")

    assert refused.value.hint == "Say why this is entered; the log of changes keeps it."


def test_blank_items_are_refused_and_blanks_around_others_do_not_count(bring: Any) -> None:
    row = '{"reference": "a", "name": " A ", "kind": "FUND", "names": ["%s", " x "], "source_1": "some-source"'
    row += ', "note_1": " So. "}\n'

    (fault,) = bring("institutions.jsonl", row % " ").faults.told
    assert (fault.column, fault.message) == ("names", "The field is empty.")

    assert counts(bring("institutions.jsonl", row % "y"), "institutions") == {"created": 1}
    assert counts(bring("institutions.jsonl", row % "y"), "institutions") == {"unchanged": 1}


def test_case_means_nothing_in_a_language_tag(bring: Any, registry: sa.Engine) -> None:
    text = SOURCES + "a,T,PRESS,OFFICIAL,UZ-cyrl\n"
    documents = "agreement,title,language\nuz-de,Text,DE\n"

    assert counts(bring("sources.csv", text), "sources") == {"created": 1}
    assert counts(bring("documents.csv", documents), "documents") == {"created": 1}

    assert counts(bring("sources.csv", text.replace("UZ", "uz")), "sources") == {"unchanged": 1}
    assert counts(bring("documents.csv", documents.replace("DE", "de")), "documents") == {"unchanged": 1}
    with registry.connect() as connection:
        kept = sa.text("SELECT language FROM source WHERE reference = 'a' UNION ALL SELECT language FROM document")
        assert list(connection.execute(kept).scalars()) == ["uz-Cyrl", "de"]


def test_a_source_on_record_in_capitals_is_found_again(bring: Any, registry: sa.Engine) -> None:
    with changeset(registry, "As once.") as changes:
        make_source(changes).language = "EN"

    row = "some-source,A statement,GOVERNMENT_STATEMENT,OFFICIAL,en\n"

    assert counts(bring("sources.csv", SOURCES + row), "sources") == {"unchanged": 1}


# ── Reasons ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_reasons_are_few_however_many_rows_are_refused_and_whatever_their_messages_name(bring: Any) -> None:
    rows = "".join(
        f"uz-de,SIGNATURE,2024-01-{1 + number % 28:02},no-{'abc'[number % 3]}{number}x,So.\n" for number in range(1_100)
    )

    told = bring("acts.csv", "agreement,kind,date,source_1,note_1\n" + rows, skip=True, dry_run=True).to_json()

    (reason,) = told["reasons"]
    assert (reason["kind"], reason["column"], reason["code"], reason["rows"]) == (
        "acts",
        "source_1",
        "NOT_FOUND",
        1_100,
    )
    assert reason["message"] == "No source has the reference “…”."
    assert (told["reasonsNotTold"], told["faultsNotTold"]) == (0, 100)


def test_what_is_refused_for_ever_new_reasons_is_counted_together_in_the_end() -> None:
    told = Told()

    for number in range(500):
        told.add(
            Fault("acts", "acts.csv", number, f"agreement-{chr(97 + number % 26) * (number + 1)}: no.", "CONFLICT")
        )

    assert len(list(told.to_json())) == REASONS_TOLD
    assert told.reasons_not_told == 500 - REASONS_TOLD
