"""The facts in seeds/ keep their words: quotations stand in the documents held, and no number stands without words."""

import csv
import hashlib
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from registry.dates import parse_edtf

HERE = Path(__file__).resolve().parent
SEEDS = HERE.parent / "seeds"
CONTRACT = (HERE / "schema" / "contract.graphql").read_text(encoding="utf-8")
#: The five documents themselves are no part of the project; they may lie in a folder beside the checkout.
DOCUMENTS = HERE.parent.parent / "shared" / "sources"

CODE_LISTS = ("countries", "regions", "sectors", "occupations")
TABLES = {path.stem: path for path in sorted(SEEDS.glob("*.csv")) if path.stem not in CODE_LISTS}
UNCITED = ("sources", "documents", "placements")
CITED = [name for name in TABLES if name not in UNCITED]

Row = dict[str, str]


def read(name: str) -> list[Row]:
    """The rows of one seed file, in file order."""
    with (SEEDS / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, strict=True))


def fold(text: str) -> str:
    """`text` with its white space single."""
    return " ".join(text.split())


def items(cell: str) -> list[str]:
    """The items of a list in a cell."""
    return cell.split(" | ") if cell else []


def citations(row: Row) -> Iterator[Row]:
    """The citations of a row that name a source or say anything, each with source, quote, locator and note."""
    for number in range(1, 20):
        cited = {field: row.get(f"{field}_{number}") or "" for field in ("source", "quote", "locator", "note")}
        if any(cited.values()):
            yield cited


def words(row: Row) -> str:
    """The quotations and notes of a row."""
    return " ".join(f"{cited['quote']} {cited['note']}" for cited in citations(row))


def states(text: str, number: str) -> bool:
    """True where `text` has this whole number, with or without separators of thousands."""
    spelt = rf"{re.escape(number)}|{re.escape(f'{int(number):,}')}"
    return re.search(rf"(?<!\d)(?<!\d[.,])(?:{spelt})(?![.,]?\d)", text) is not None


def column(name: str, field: str) -> list[tuple[str, str]]:
    """File and value of every filled cell of one column."""
    return [(name, row[field]) for row in read(name) if row.get(field)]


def codes(name: str) -> set[str]:
    """The codes of an enum of the contract."""
    found = re.search(rf"^enum {name} \{{([^}}]*)\}}", CONTRACT, re.MULTILINE)
    assert found, name
    return set(re.findall(r"\b[A-Z][A-Z_]+\b", re.sub(r'"[^"]*"', "", found[1])))


SOURCES = {row["reference"]: row for row in read("sources")}
HELD = {reference: row["sha256"] for reference, row in SOURCES.items() if row["sha256"]}


@pytest.fixture(scope="module")
def documents() -> dict[str, str]:
    """The text of the documents held, by the reference of their source; white space single."""
    if not DOCUMENTS.is_dir():
        pytest.skip("The five documents do not lie beside this checkout: their quotations are NOT checked.")
    by_digest = {hashlib.sha256(path.read_bytes()).hexdigest(): path for path in DOCUMENTS.iterdir() if path.is_file()}
    unknown = {reference for reference, digest in HELD.items() if digest not in by_digest}
    assert not unknown, f"no document has the SHA-256 of {sorted(unknown)}"
    return {reference: fold(by_digest[digest].read_text(encoding="utf-8")) for reference, digest in HELD.items()}


def test_each_of_the_five_documents_has_its_own_sha256_and_names_no_address() -> None:
    assert len(HELD) == len(set(HELD.values())) == 5
    for reference, digest in HELD.items():
        assert re.fullmatch("[0-9a-f]{64}", digest), reference
        assert not SOURCES[reference]["url"], reference


def test_the_sha256_of_the_sources_are_those_of_the_documents(documents: dict[str, str]) -> None:
    assert set(documents) == set(HELD)


@pytest.mark.parametrize("name", CITED)
def test_every_quotation_stands_in_its_document(name: str, documents: dict[str, str]) -> None:
    for row in read(name):
        for cited in citations(row):
            if cited["quote"] and cited["source"] in documents:
                assert fold(cited["quote"]) in documents[cited["source"]], (name, cited["quote"])


@pytest.mark.parametrize("name", CITED)
def test_a_document_held_is_quoted_and_a_page_that_is_not_held_gives_its_sense(name: str) -> None:
    for row in read(name):
        for cited in citations(row):
            assert bool(cited["quote"]) == (cited["source"] in HELD), (name, cited)
            assert cited["quote"] or cited["note"], (name, cited)


@pytest.mark.parametrize("name", CITED)
def test_every_fact_rests_on_a_source_on_record(name: str) -> None:
    for row in read(name):
        cited = [cited["source"] for cited in citations(row)]
        assert cited, (name, row)
        assert set(cited) <= set(SOURCES), (name, cited)


def test_placements_and_documents_name_a_source_on_record() -> None:
    for name in ("placements", "documents"):
        assert {row["source"] for row in read(name)} <= set(SOURCES)


def test_a_page_found_outside_has_its_address_and_is_secondary_or_a_copy() -> None:
    for reference, row in SOURCES.items():
        if reference not in HELD:
            assert row["url"].startswith(("http://", "https://")), reference
            assert row["copy_of"] in HELD if row["copy_of"] else row["reliability"] == "SECONDARY", reference


def test_a_copy_is_cited_by_no_fact() -> None:
    copies = {reference for reference, row in SOURCES.items() if row["copy_of"]}
    assert copies
    for name in CITED:
        for row in read(name):
            assert copies.isdisjoint(cited["source"] for cited in citations(row)), (name, row)


@pytest.mark.parametrize("name", [name for name in TABLES if "reference" in read(name)[0]])
def test_references_are_unique(name: str) -> None:
    references = [row["reference"] for row in read(name)]
    assert all(re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", reference) for reference in references)
    assert len(references) == len(set(references))


@pytest.mark.parametrize(
    ("name", "field", "noun"),
    [
        ("sources", "copy_of", "sources"),
        ("institutions", "parent", "institutions"),
        ("institutions", "succeeds", "institutions"),
        ("quotas", "part_of", "quotas"),
    ],
)
def test_a_record_is_named_only_after_it_stands(name: str, field: str, noun: str) -> None:
    standing: set[str] = set()
    for row in read(name):
        assert not row[field] or row[field] in standing, row
        standing.add(row["reference"])


def test_records_are_named_by_references_that_exist() -> None:
    named = {
        "agreements": [
            (name, value)
            for name in ("documents", "acts", "partnerships", "quotas", "placements", "engagements")
            for _, value in column(name, "agreement")
        ],
        "companies": [
            *column("partnerships", "company"),
            *column("placements", "company"),
            *column("figures", "company"),
        ],
        "institutions": column("programmes", "provider"),
    }
    for row in read("agreements"):
        named["agreements"] += [("agreements", item.split("=")[1]) for item in items(row["relations"])]
        named["institutions"] += [("agreements", item.split("=")[1]) for item in items(row["party_institutions"])]
    for noun, found in named.items():
        standing = {row["reference"] for row in read(noun)}
        assert found, noun
        assert {value for _, value in found} <= standing, noun


def test_the_act_of_one_party_is_that_of_a_party_on_record() -> None:
    parties = {row["reference"]: items(row["parties"]) for row in read("agreements")}
    for row in read("acts"):
        assert not row["party"] or row["party"] in parties[row["agreement"]], row


@pytest.mark.parametrize(
    ("noun", "fields"),
    [
        ("countries", ("country", "countries", "origins", "destinations", "parties", "party")),
        ("sectors", ("sector", "sectors")),
        ("occupations", ("occupation",)),
    ],
)
def test_codes_stand_in_the_code_lists(noun: str, fields: tuple[str, ...]) -> None:
    known = {row["code"] for row in read(noun)}
    for name in TABLES:
        for field in fields:
            for _, cell in column(name, field):
                assert set(items(cell)) <= known, (name, field, cell)


@pytest.mark.parametrize(
    ("name", "field", "enum"),
    [
        ("sources", "kind", "SourceKind"),
        ("sources", "reliability", "Reliability"),
        ("institutions", "kind", "InstitutionKind"),
        ("companies", "roles", "PartnerRole"),
        ("partnerships", "stage", "PartnershipStage"),
        ("agreements", "type", "InstrumentType"),
        ("agreements", "level", "AgreementLevel"),
        ("agreements", "bindingness", "Bindingness"),
        ("agreements", "subjects", "Subject"),
        ("agreements", "audience", "Audience"),
        ("acts", "kind", "LegalActKind"),
        ("quotas", "kind", "QuotaKind"),
        ("quotas", "basis", "QuotaBasis"),
        ("quotas", "unit", "CountedUnit"),
        ("quotas", "operator", "ValueOperator"),
        ("placements", "measure", "PlacementMeasure"),
        ("placements", "channel", "PlacementChannel"),
        ("figures", "measure", "FigureMeasure"),
        ("figures", "nature", "FigureNature"),
        ("figures", "operator", "ValueOperator"),
        ("engagements", "kind", "EngagementKind"),
        ("engagements", "audience", "Audience"),
        ("programmes", "kind", "ProgrammeKind"),
    ],
)
def test_codes_are_those_of_the_contract(name: str, field: str, enum: str) -> None:
    used = {item for _, cell in column(name, field) for item in items(cell)}
    assert used
    assert used <= codes(enum)


@pytest.mark.parametrize(("name", "field"), [("figures", "value"), ("quotas", "places"), ("programmes", "amount")])
def test_no_number_stands_without_its_words(name: str, field: str) -> None:
    for row in read(name):
        if row[field]:
            assert states(words(row), row[field]), (row["reference"], row[field])


def test_the_number_of_articles_is_quoted() -> None:
    for row in read("agreements"):
        if row["article_count"]:
            assert any(states(cited["quote"], row["article_count"]) for cited in citations(row)), row["reference"]


def test_a_number_is_told_from_a_part_of_a_longer_one() -> None:
    assert states("more than 80,000 citizens", "80000")
    assert states("16% of GDP", "16")
    assert states("in all 821.", "821")
    assert not states("180,000 or 80,000,000 or 1.80", "80000")
    assert not states("1,821 and 8212", "821")


@pytest.mark.parametrize(
    ("name", "field"),
    [
        ("sources", "published"),
        ("partnerships", "since"),
        ("acts", "date"),
        ("quotas", "period"),
        ("quotas", "decided"),
        ("placements", "period"),
        ("figures", "period"),
        ("engagements", "date"),
    ],
)
def test_every_date_is_in_a_form_that_the_registry_takes(name: str, field: str) -> None:
    for _, edtf in column(name, field):
        assert parse_edtf(edtf).edtf == edtf


@pytest.mark.parametrize(
    ("name", "field"),
    [("acts", "date"), ("quotas", "period"), ("quotas", "decided"), ("figures", "period"), ("engagements", "date")],
)
def test_no_year_stands_without_its_words_or_the_date_of_its_source(name: str, field: str) -> None:
    for row in read(name):
        stated = f"{words(row)} {row.get('note', '')}"
        stated += " ".join(SOURCES[cited["source"]]["published"] for cited in citations(row))
        for year in re.findall(r"\d{4}", re.sub(r"-\d\d", "", row[field])):
            assert year in stated, (name, row[field], year)


def test_the_day_a_number_was_decided_stands_in_its_column() -> None:
    told = [row for row in read("quotas") if "decided on" in words(row)]
    assert [(row["reference"], row["decided"]) for row in told] == [("kr-e9-2024", "2023-12-01")]


def test_whoever_joined_a_protocol_joined_those_whose_signature_is_on_record() -> None:
    (protocol,) = (row for row in read("agreements") if row["reference"] == "casca-plus-protocol")
    acts = [row for row in read("acts") if row["agreement"] == protocol["reference"]]
    days = {(row["kind"], row["party"]): row["date"] for row in acts}
    assert days.pop(("ACCESSION", "TR")) == "2021-12-17"
    others = {("SIGNATURE", party) for party in items(protocol["parties"]) if party != "TR"}
    assert days == dict.fromkeys(others, "../2021-12-17")


def test_uncertain_windows_are_explained() -> None:
    for row in read("figures"):
        if row["period"].startswith("..") or row["period"].endswith(".."):
            assert row["note"], row["reference"]
    for row in read("acts"):
        if "/" in row["date"]:
            assert row["note"], row


def test_files_are_plain_utf8_with_lf_line_ends() -> None:
    for path in TABLES.values():
        raw = path.read_bytes()
        raw.decode("utf-8")
        assert b"\r" not in raw, path.name
        assert raw.endswith(b"\n"), path.name
