"""What is exported imports again: where it came from nothing changes, in an empty registry the same appears."""

import io
import json
from decimal import Decimal
from pathlib import Path

import hypothesis.strategies as st
import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from python_calamine import CalamineWorkbook

from registry import agreements, companies
from registry.exchange import CODE_LISTS, SEEDS, load
from registry.exchange import importing as imports
from registry.exchange.exporting import export, write
from registry.exchange.formats import Format, opened
from registry.exchange.lists import Cell, items, joined, pairs
from registry.exchange.report import Report
from registry.exchange.sheets import SHEETS
from registry.exchange.writing import written
from registry.history import Changes, changeset
from registry.sources import Cited
from registry.status import InstrumentType
from tests.commands import run
from tests.factories import (
    make_act,
    make_agreement,
    make_company,
    make_engagement,
    make_figure,
    make_institution,
    make_programme,
    make_quota,
)

FACTS = [sheet for sheet in SHEETS if sheet.file not in CODE_LISTS]
FORMATS = list(Format)


def exported(engine: sa.Engine, form: Format, folder: Path) -> dict[str, bytes]:
    """All facts as files in a folder, and their bytes."""
    folder.mkdir()
    for sheet in FACTS:
        write(export(engine, sheet, form), folder / f"{sheet.file}{form.suffix}")
    return {file.name: file.read_bytes() for file in sorted(folder.iterdir())}


def imported(engine: sa.Engine, folder: Path) -> Report:
    """What became of the files of a folder."""
    files = [one for file in sorted(folder.iterdir()) for one in imports.given(file)]
    return imports.import_files(engine, files, reason="A test.")


def outcomes(report: Report) -> set[str]:
    """What has become of any row."""
    assert report.written, [fault.sentence for fault in report.faults.told]
    return {name for counts in report.counts.values() for name, number in vars(counts).items() if number}


def add_code_lists(engine: sa.Engine) -> None:
    with changeset(engine, "A test.") as changes:
        load(changes, SEEDS, only=CODE_LISTS)


@pytest.mark.parametrize("form", FORMATS)
def test_the_seeds_go_out_and_into_an_empty_registry_and_out_again(
    seeded: sa.Engine, any_engine: sa.Engine, tmp_path: Path, form: Format, capsys: pytest.CaptureFixture[str]
) -> None:
    source, target = (each.url.render_as_string(hide_password=False) for each in (seeded, any_engine))
    options = ("--format", form.lower(), "--database-url")
    assert run("export", "--folder", str(tmp_path / "first"), *options, source) == 0
    files = sorted((tmp_path / "first").iterdir())

    report = ("--reason", "A test.", "--json", f"{tmp_path}/report.json")
    assert run("import", *map(str, files), *report, "--database-url", target) == 0

    counts = json.loads((tmp_path / "report.json").read_bytes())["counts"]
    assert {name for each in counts.values() for name, number in each.items() if number} == {"created"}
    assert run("export", "--folder", str(tmp_path / "second"), *options, target) == 0
    assert [file.read_bytes() for file in sorted((tmp_path / "second").iterdir())] == [
        file.read_bytes() for file in files
    ]
    assert "Wrote" in capsys.readouterr().out


@pytest.mark.parametrize("form", FORMATS)
def test_what_was_exported_changes_nothing_where_it_came_from(
    seeded_copy: sa.Engine, tmp_path: Path, form: Format
) -> None:
    first = exported(seeded_copy, form, tmp_path / "first")

    assert outcomes(imported(seeded_copy, tmp_path / "first")) == {"unchanged"}

    assert exported(seeded_copy, form, tmp_path / "second") == first


@pytest.fixture
def odd(engine: sa.Engine) -> sa.Engine:
    """A registry of records that are hard to write in cells."""
    add_code_lists(engine)
    with changeset(engine, "A test.") as changes:
        _add_odd_records(changes)
    return engine


def _add_odd_records(changes: Changes) -> None:
    make_institution(changes, names=["A | B", "=1+1", "C:\\", "\\|", " | "])
    make_institution(changes, "bureau")
    make_company(changes, name="@Works", sectors=["F", "C"], national_number="007")
    agreements.register(
        changes,
        reference="uz-de",
        type=InstrumentType.TREATY,
        title_as_printed="-An 'Agreement'",
        title_language="en",
        bindingness_reason="'=said so",
        parties=[
            agreements.PartyNamed("UZ", "office", signatory="A = B | C"),
            agreements.PartyNamed("DE", company="works"),
            agreements.PartyNamed("UZ", "bureau"),
        ],
        beneficiaries=["'quoted'", "two\nlines", "a|b"],
        citations=[
            Cited("some-source", quote="+49 “is so”, he said;\ttwice."),
            Cited("some-source", note="2024-01-01"),
        ],
    )
    ring = agreements.RelationStated(agreements.AgreementRelationKind.SAME_SUBJECT, "uz-de")
    make_agreement(changes, "uz-de-2", relations=[ring])
    agreements.relate(
        changes,
        agreement="uz-de",
        relations=[agreements.RelationStated(agreements.AgreementRelationKind.SAME_SUBJECT, "uz-de-2")],
    )
    make_act(changes, date="2024", note="first")
    make_act(changes, date="2024", note="second")
    make_act(changes, date="../2024-05-06", note="withdrawn").in_record = False
    make_quota(changes, "whole")
    make_quota(changes, "part", part_of="whole", decided="2024-05~", origins=["UZ", "DE"])
    companies.record_licence(
        changes, company="works", state=companies.LicenceState.VALID, citations=[Cited("some-source", "So.")]
    )
    make_figure(changes, value=Decimal("0.10"), unit="per cent")
    make_programme(changes, rate=0.00001, amount=Decimal("10.50"), currency="UZS")
    make_engagement(changes, countries=["DE", "UZ"], topics=["a", "b | c"])


@pytest.mark.parametrize("form", FORMATS)
def test_odd_records_go_out_and_in_unchanged(odd: sa.Engine, tmp_path: Path, form: Format) -> None:
    exported(odd, form, tmp_path / "first")

    assert outcomes(imported(odd, tmp_path / "first")) == {"unchanged"}


@pytest.mark.parametrize("form", FORMATS)
def test_odd_records_appear_in_an_empty_registry(
    odd: sa.Engine, postgres_engine: sa.Engine, tmp_path: Path, form: Format
) -> None:
    add_code_lists(postgres_engine)
    first = exported(odd, form, tmp_path / "first")

    assert outcomes(imported(postgres_engine, tmp_path / "first")) == {"created"}

    assert exported(postgres_engine, form, tmp_path / "second") == first


def test_nothing_of_a_workbook_or_a_csv_is_a_formula(odd: sa.Engine, tmp_path: Path) -> None:
    csv = exported(odd, Format.CSV, tmp_path / "csv")["agreements.csv"].decode()

    assert ",'-An 'Agreement'," in csv
    assert "'+49 “is so”" in csv
    assert ",=" not in csv


TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), min_size=1, max_size=12) | st.sampled_from(
    [
        "=1",
        "'=1",
        "''",
        "'",
        "'x",
        " x ",
        "\\",
        "\\|",
        "|",
        " | ",
        "a | b",
        "\\ ",
        "\n",
        "UZ=DE",
        "2024-01",
        "007",
        "true",
    ]
)


def read_again(form: Format, cells: list[Cell], folder: Path) -> list[Cell]:
    """A row of cells after it was written and read."""
    file = folder / f"table{form.suffix}"
    columns = [(f"column{place}", str) for place in range(len(cells))]
    file.write_bytes(b"".join(written(form, "table", [("key", str), *columns], [["key", *cells]])))
    with opened(file, form) as table:
        ((_number, names, values),) = table.rows
    assert isinstance(values, list)
    stated = dict(zip(names, values, strict=True))
    return [stated.get(name, "") for name, _kind in columns]


@pytest.mark.parametrize("form", [Format.CSV, Format.JSONL])
@given(texts=st.lists(TEXT, min_size=1, max_size=3))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_text_is_read_as_it_was_written(tmp_path: Path, form: Format, texts: list[str]) -> None:
    assert read_again(form, list(texts), tmp_path) == texts


@given(text=TEXT)
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_workbook_keeps_any_text(tmp_path: Path, text: str) -> None:
    assert read_again(Format.XLSX, [text], tmp_path) == [text]


def test_numbers_of_a_table_are_numbers_in_each_file_and_texts_are_guarded() -> None:
    columns: list[tuple[str, type]] = [("whole", int), ("share", float), ("exact", Decimal), ("text", str)]
    rows = [["-20", "0.5000", "1.50", "-20"], ["none", "1.0000", "2.5", "=1"]]

    sent = b"".join(written(Format.CSV, "table", columns, rows)).decode().splitlines()
    workbook = CalamineWorkbook.from_filelike(io.BytesIO(b"".join(written(Format.XLSX, "table", columns, rows))))

    assert sent[1:] == ["-20,0.5000,1.50,'-20", "none,1.0000,2.5,'=1"]
    assert workbook.get_sheet_by_index(0).to_python()[1:] == [[-20, 0.5, "1.50", "-20"], ["none", 1, 2.5, "=1"]]


@given(listed=st.lists(TEXT.filter(str.strip), max_size=4))
def test_any_list_is_read_as_it_was_joined(listed: list[str]) -> None:
    assert items(joined(listed)) == listed


@given(value=TEXT.map(str.strip))
def test_any_value_of_a_pair_is_read_as_it_was_joined(value: str) -> None:
    assert pairs(joined([f"UZ={value}", "DE="]), "parties", ["UZ", "DE"]) == {"UZ": [value], "DE": [""]}
