"""Facts from CSV files: the law holds for them, and what is refused is named to the cell."""

import csv
from pathlib import Path

import pytest
import sqlalchemy as sa

from registry import agreements, companies, institutions, quotas
from registry.errors import BadInput
from registry.exchange import SEEDS, load, load_seeds
from registry.exchange.columns import columns_of
from registry.exchange.sheets import SHEETS
from registry.history import Changes, changeset
from registry.sources import Citation

COUNTRIES = "code,alpha3,numeric,name_en\nUZ,UZB,860,Uzbekistan\nDE,DEU,276,Germany\n"
SOURCES = "reference,title,kind,reliability,language\nletter,A letter,PRESS,SECONDARY,en\n"
FOLDER = {"countries": COUNTRIES, "sources": SOURCES}
AGREEMENTS = (
    "reference,title_as_printed,type,parties,party_institutions,party_companies,signatories,relations,"
    "title_en,title_ru,title_uz,title_uz_cyrl,source_1,note_1\n"
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with two countries and a source."""
    write(tmp_path, **FOLDER)
    return tmp_path


def write(folder: Path, **files: str) -> None:
    for name, text in files.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")


def rows(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8", newline="") as opened:
        return list(csv.DictReader(opened))


# ── The seeds ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_every_row_of_the_seeds_is_loaded(any_engine: sa.Engine) -> None:
    counts = load_seeds(any_engine)

    assert counts == {file.stem: len(rows(file)) for file in SEEDS.glob("*.csv")}
    with any_engine.connect() as connection:
        for table in ("country", "source", "agreement", "legalact", "quota", "figure"):
            held = connection.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar()
            assert held == counts[{"country": "countries", "legalact": "acts"}.get(table, f"{table}s")]


def test_seeds_are_loaded_once(seeded_copy: sa.Engine) -> None:
    with seeded_copy.connect() as connection:
        before = connection.exec_driver_sql("SELECT known_at FROM registry_state").all()

    assert load_seeds(seeded_copy) == {}

    with seeded_copy.connect() as connection:
        assert connection.exec_driver_sql("SELECT known_at FROM registry_state").all() == before


def test_seeds_stay_out_of_a_registry_that_holds_something(engine: sa.Engine, folder: Path) -> None:
    with changeset(engine, "A test.") as changes:
        load(changes, folder)

    assert load_seeds(engine) == {}


def test_a_quotation_of_the_seeds_arrives_word_for_word(seeded: sa.Engine) -> None:
    cells = {row["quote_1"].strip() for row in rows(SEEDS / "agreements.csv") if row["quote_1"]}

    with seeded.connect() as connection:
        kept = set(connection.exec_driver_sql("SELECT quote FROM citation").scalars())
    assert cells <= kept


# ── What cells become ───────────────────────────────────────────────────────────────────────────────────────────────


def test_the_files_have_the_columns_of_the_functions_that_take_their_rows() -> None:
    by_file = {sheet.file: [column.name for column in columns_of(sheet)] for sheet in SHEETS}

    assert by_file["acts"] == [
        *("agreement", "kind", "date", "effective", "until", "party", "place", "by", "note"),
        *("source_1", "quote_1", "locator_1", "note_1"),
    ]
    for file in SEEDS.glob("*.csv"):
        header = rows(file)[0]
        assert {column for column in header if not column[-1].isdigit()} <= set(by_file[file.stem])


def test_parties_terms_titles_and_relations_are_read(changes: Changes, folder: Path) -> None:
    write(
        folder,
        institutions="reference,name,kind,source_1,note_1\noffice,Office,OTHER,letter,So.\nbureau,B,OTHER,letter,So.\n",
        companies="reference,name,country,roles,source_1,note_1\nworks,Works,DE,EMPLOYER | CERTIFIER,letter,So.\n",
        agreements=AGREEMENTS.replace("relations,", "relations,duration_months,renewal,force_on_first_of_month,")
        + "later,Later,PROTOCOL,UZ | DE,UZ=office | UZ=bureau,DE=works,UZ=A = B,AMENDS=first | BASED_ON=first,"
        "12,TACIT,true,Later,Позже,,,letter,So.\n"
        "first,First,TREATY,,,,,,,,,,,,,letter,So.\n",
    )

    assert load(changes, folder)["agreements"] == 2

    later = changes.session.scalars(sa.select(agreements.Agreement).filter_by(reference="later")).one()
    parties = changes.session.scalars(sa.select(agreements.Party).order_by("position")).all()
    assert [(one.country_code, one.signatory) for one in parties] == [("UZ", "A = B"), ("UZ", None), ("DE", None)]
    assert [bool(one.institution_id) for one in parties] == [True, True, False]
    assert parties[2].company_id
    term = changes.session.scalars(sa.select(agreements.Term)).one()
    assert (term.agreement_id, term.duration_months, term.renewal, term.force_on_first_of_month) == (
        *(later.id, 12),
        *("TACIT", True),
    )
    assert (later.title_en, later.title_ru, later.title_uz) == ("Later", "Позже", None)
    relations = {(one.agreement_id, str(one.kind)) for one in changes.session.scalars(sa.select(agreements.Relation))}
    assert relations == {(later.id, "AMENDS"), (later.id, "BASED_ON")}
    roles = changes.session.scalars(sa.select(companies.CompanyRole))
    assert {str(one.role) for one in roles} == {"EMPLOYER", "CERTIFIER"}


def test_a_row_may_name_one_further_down(changes: Changes, folder: Path) -> None:
    text = "reference,name,kind,parent,succeeds,source_1,note_1\n"
    write(
        folder,
        institutions=text + "c,C,OTHER,b,a,letter,So.\nb,B,OTHER,a,,letter,So.\na,A,OTHER,,,letter,So.\n",
    )

    load(changes, folder)

    held = changes.session.scalars(sa.select(institutions.Institution).order_by("reference")).all()
    assert [(one.reference, one.parent_id) for one in held] == [("a", None), ("b", held[0].id), ("c", held[1].id)]


def test_citations_are_numbered_and_empty_ones_left_out(changes: Changes, folder: Path) -> None:
    header = "reference,name,country,roles,source_1,quote_1,note_1,source_3,quote_3,locator_3\n\n"
    write(
        folder, companies=header + 'works,Works,DE,,letter,"So, it is.",,letter,Again.,p. 3\nb,B,DE,,letter,,So.,,,\n'
    )

    load(changes, folder)

    held = changes.session.scalars(sa.select(Citation).order_by(sa.text("id"))).all()
    assert [(one.position, one.quote, one.locator, one.note) for one in held] == [
        (0, "So, it is.", None, None),
        (1, "Again.", "p. 3", None),
        (0, None, None, "So."),
    ]


def test_earlier_decisions_on_a_quota_stand_behind_the_one_in_force(changes: Changes, folder: Path) -> None:
    write(
        folder,
        quotas="reference,kind,basis,country,period,places,decided,source_1,note_1\n"
        "de,CEILING,DOMESTIC_RULE,DE,2025,120,2025-03,letter,More.\n",
        quota_revisions="quota,places,decided,source_1,note_1\nde,100,,letter,So.\nde,110,2025-02,letter,So.\n",
    )

    load(changes, folder)

    assert changes.session.scalars(sa.select(quotas.Quota)).one().places == 120
    former = changes.session.scalars(sa.select(quotas.QuotaRevision).order_by("position")).all()
    assert [(one.places, one.decided) for one in former] == [(100, None), (110, "2025-02")]


def test_returns_are_reported_for_each_source(changes: Changes, folder: Path) -> None:
    with (folder / "sources.csv").open("a", encoding="utf-8") as file:
        file.write("report,A report,STATISTICAL_RETURN,OFFICIAL,en\n")
    write(
        folder,
        placements="source,period,country,measure,people,sex\n"
        "report,2024,DE,DEPARTED,10,\nletter,2023,DE,,5,FEMALE\nreport,2024,UZ,RETURNED,3,\n",
    )

    assert load(changes, folder)["placements"] == 3

    held = changes.session.connection().exec_driver_sql(
        "SELECT reference, people FROM placement_return JOIN source ON source.id = source_id ORDER BY people"
    )
    assert [tuple(row) for row in held] == [("report", 3), ("letter", 5), ("report", 10)]


# ── What is refused ─────────────────────────────────────────────────────────────────────────────────────────────────

ACTS = "agreement,kind,date,party,source_1,note_1\n"
ONE = AGREEMENTS + "first,First,TREATY,UZ | DE,,,,,,,,,letter,So.\n"


@pytest.mark.parametrize(
    ("file", "text", "path", "words"),
    [
        ("acts", ACTS + "first,SIGNED,2024,,letter,So.\n", "acts.csv 2 kind", "Seen: “SIGNED”"),
        (
            "acts",
            ACTS + "first,SIGNATURE,2024,,letter,So.\nfirst,SIGNATURE,2024-13,,letter,\n",
            "acts.csv 3 date",
            "13",
        ),
        ("acts", ACTS + "second,SIGNATURE,2024,,letter,So.\n", "acts.csv 2 agreement", "second"),
        ("acts", ACTS + "first,SIGNATURE,,,letter,So.\n", "acts.csv 2 date", "empty"),
        ("acts", ACTS + "first,SIGNATURE,2024,,,\n", "acts.csv 2 source_1", "source"),
        ("acts", ACTS + "first,SIGNATURE,2024,,,So.\n", "acts.csv 2 source_1", "empty"),
        ("acts", ACTS + "first,SIGNATURE,2024,,gossip,So.\n", "acts.csv 2 source_1", "gossip"),
        ("acts", ACTS + "first,SIGNATURE,2024,,letter,\n", "acts.csv 2 quote_1", "words"),
        ("acts", ACTS + "first,SIGNATURE,2024,letter,So.\n", "acts.csv 2", "5 cells under 6 columns"),
        ("acts", ACTS.replace("party", "partie"), "acts.csv 1 partie", "not known"),
        ("acts", ACTS.replace("party", "date"), "acts.csv 1 date", "twice"),
        ("acts", ACTS.replace("party", "source_x"), "acts.csv 1 source_x", "not known"),
        ("agreements", ONE.replace(",UZ | DE,", ",UZ | XX,"), "agreements.csv 2 parties", "XX"),
        ("agreements", ONE.replace(",UZ | DE,,", ",UZ | DE,FR=office,"), "agreements.csv 2 party_institutions", "FR"),
        ("agreements", ONE.replace(",UZ | DE,,,,,", ",UZ | DE,,,,AMENDS=x,"), "agreements.csv 2 relations", "AMENDS=x"),
        ("agreements", ONE.replace(",UZ | DE,,,,,", ",UZ | DE,,,,BY=x,"), "agreements.csv 2 relations", "BY=x"),
        (
            "agreements",
            ONE.replace("relations,", "relations,duration_months,").replace("DE,,,,,", "DE,,,,,-3,"),
            "agreements.csv 2 duration_months",
            "-3",
        ),
        (
            "agreements",
            ONE.replace("relations,", "relations,comparator,").replace("DE,,,,,", "DE,,,,,yes,"),
            "agreements.csv 2 comparator",
            "yes",
        ),
        ("placements", "source,period,country,people\nletter,2024,DE,many\n", "placements.csv 2 people", "many"),
        (
            "placements",
            "source,period,country,people\nletter,2024,DE,1\nletter,2024,UZ,1\nletter,2024-03,UZ,1\n",
            "placements.csv 4",
            "overlaps",
        ),
        (
            "placements",
            "source,period,country,people\nletter,2024,DE,1\nletter,2024-04/2024-08,UZ,1\n",
            "placements.csv 3 period",
            "2024-04/2024-08",
        ),
        ("placements", "source,period,country,people\ngossip,2024,DE,1\n", "placements.csv 2 source", "gossip"),
        ("placements", "source,period,country,people\nletter,2024,DE,\n", "placements.csv 2 people", "empty"),
        ("placements", "source,period,country,people\nletter,,,\n", "placements.csv 2 period", "empty"),
        ("agreement", ONE, "", "agreement.csv is no file of facts"),
    ],
)
def test_a_fault_is_named_to_the_cell(
    changes: Changes, folder: Path, file: str, text: str, path: str, words: str
) -> None:
    write(folder, **{"agreements": ONE, file: text})

    with pytest.raises(BadInput) as refused:
        load(changes, folder)

    assert " ".join(refused.value.path) == path
    assert words in refused.value.message


def test_a_file_that_is_not_utf_8_is_refused(changes: Changes, folder: Path) -> None:
    (folder / "sources.csv").write_bytes("reference,title\na,Übersicht\n".encode("latin-1"))

    with pytest.raises(BadInput, match=r"sources\.csv: Line 2 is not in UTF-8\."):
        load(changes, folder)


def test_a_fault_leaves_nothing_behind(engine: sa.Engine, folder: Path) -> None:
    write(folder, agreements=ONE, acts=ACTS + "first,SIGNED,2024,,letter,So.\n")

    def enter() -> None:
        with changeset(engine, "A test.") as changes:
            load(changes, folder)

    with pytest.raises(BadInput):
        enter()

    with engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM country").scalar() == 0
