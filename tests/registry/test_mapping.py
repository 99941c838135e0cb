"""Files of another layout, through a mapping: a made-up list of treaties, with the faults that such lists have."""

from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from registry.errors import BadInput
from registry.exchange import CODE_LISTS, SEEDS, load
from registry.exchange import importing as imports
from registry.exchange.mapping import Mapping
from registry.exchange.report import Report
from registry.history import changeset

MAPPINGS = Path(imports.__file__).parent / "mappings"
HEADER = "treatyID,countryA,countryB,year,datesigned,ratified,more\n"


@pytest.fixture
def bring(engine: sa.Engine, tmp_path: Path) -> Any:
    """Imports rows in the layout of the data set on bilateral labour agreements."""
    with changeset(engine, "A test.") as changes:
        load(changes, SEEDS, only=CODE_LISTS)

    def bring(*rows: str, header: str = HEADER) -> Report:
        file = tmp_path / "list.csv"
        file.write_text(header + "\n".join(rows), encoding="utf-8")
        mapping = Mapping.read(MAPPINGS / "bla.toml")
        files = imports.given(file, mapped=True)
        return imports.import_files(engine, files, reason="A test.", skip=True, mapping=mapping)

    return bring


def stories(engine: sa.Engine) -> list[tuple[Any, ...]]:
    """The acts of each agreement."""
    with engine.connect() as connection:
        rows = connection.exec_driver_sql(
            "SELECT reference, group_concat(kind || ' ' || date, ', ') FROM agreement"
            " LEFT JOIN legalact ON agreement_id = agreement.id GROUP BY reference ORDER BY reference"
        )
        return [tuple(row) for row in rows]


def test_a_row_becomes_an_agreement_and_its_acts(bring: Any, engine: sa.Engine) -> None:
    report = bring(
        "1,France,West Germany,1950,7/10/1950,1/31/1951,x",
        "2,Türkiye,Federal Republic of Nowhere,1950,,,",
        "3,South Korea,Viet Nam,1993,,,",
        "4,Côte d'Ivoire,St. Lucia,9999,,,",
    )

    assert stories(engine) == [
        ("bla-1", "SIGNATURE 1950-07-10, RATIFICATION 1951-01-31"),
        ("bla-3", "SIGNATURE 1993"),
        ("bla-4", None),
    ]
    assert report.rows == 4
    (fault,) = report.faults.told
    assert (fault.row, fault.column, fault.seen) == (3, "countryB", "Federal Republic of Nowhere")
    with engine.connect() as connection:
        assert set(connection.exec_driver_sql("SELECT comparator FROM agreement").scalars()) == {1}
        parties = connection.exec_driver_sql("SELECT country_code FROM agreement_party ORDER BY agreement_id, position")
        assert list(parties.scalars()) == ["FR", "DE", "KR", "VN", "CI", "LC"]


def test_the_same_list_again_changes_nothing(bring: Any) -> None:
    rows = ("1,France,Italy,1950,7/10/1950,1/31/1951,", "2,France,Spain,1950,,,")
    bring(*rows)

    report = bring(*rows)

    assert [(kind, counts.unchanged, counts.created) for kind, counts in report.counts.items()] == [
        ("sources", 1, 0),
        ("agreements", 2, 0),
        ("acts", 3, 0),
    ]


@pytest.mark.parametrize(
    ("row", "column", "message", "meant"),
    [
        ("1,France,Italy,2007,5/2/2997,,", "datesigned", "The date contradicts the year.", "5/2/2007"),
        ("1,France,Italy,1951,1/26/1951 and later,,", "datesigned", "The cell is no date in that form.", None),
        ("1,France,Italy,1951,25/6/1951,,", "datesigned", "The calendar has no such day.", "1951-06-25"),
        ("1,France,Italy,1951,2/3/1951,2/2/1951,", "ratified", "The day is before one that it follows.", None),
        ("1,France,Itly,1951,2/3/1951,,", "countryB", "“Itly” is the name of no country.", "IT"),
        ("1,France,Yugoslavia,1951,2/3/1951,,", "countryB", "“Yugoslavia” is the name of no country.", None),
    ],
)
def test_what_cannot_be_read_is_told_by_the_columns_of_the_file(
    bring: Any, row: str, column: str, message: str, meant: str | None
) -> None:
    report = bring(row)

    (fault,) = report.faults.told
    assert (fault.row, fault.column, fault.message, fault.suggestion) == (2, column, message, meant)
    assert fault.seen in row.split(",")


def test_a_day_that_could_be_a_month_is_remarked(bring: Any) -> None:
    days = ("2/3/1951", "2/2/1951", "2/13/1951")

    report = bring(*(f"{number},France,Italy,1951,{day},," for number, day in enumerate(days)))

    assert [(remark.row, remark.seen) for remark in report.remarks.told] == [(2, "2/3/1951")]


def test_rows_may_be_left_out_with_a_reason(bring: Any) -> None:
    report = bring("1,Russia,Uzbekistan,2007,4/7/2007,7/15/2009,")

    assert report.counts["agreements"].left_out == 1
    assert report.counts["agreements"].created == 0
    assert "better sources" in report.remarks.told[0].message


def test_a_file_without_a_column_that_the_mapping_reads_is_refused(bring: Any) -> None:
    with pytest.raises(BadInput, match="reads column countryB") as refused:
        bring(header="treatyID,countryA,country_B,year,datesigned,ratified\n")

    assert refused.value.hint == "Did you mean country_B?"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("about = ", "cannot be read"),
        ('about = "x"\n[[records]]\nkind = "treaties"\ncells = {}', "records.0.kind"),
        ('about = "x"\nabuot = "y"\n[[records]]\nkind = "acts"\ncells = {}', "abuot"),
        ('about = "x"\nrecords = []', "records"),
    ],
)
def test_a_mapping_that_is_wrong_is_refused_by_the_name_of_what_is_wrong(tmp_path: Path, text: str, words: str) -> None:
    (tmp_path / "wrong.toml").write_text(text, encoding="utf-8")

    with pytest.raises(BadInput, match=r"wrong\.toml") as refused:
        Mapping.read(tmp_path / "wrong.toml")

    assert words in refused.value.message
