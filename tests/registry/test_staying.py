"""What a file leaves out stays as it is on record, a blank cell clears it, and the report tells what is revised."""

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from registry import agreements
from registry.access import Audience
from registry.codes import Language
from registry.exchange import CODE_LISTS, SEEDS, load
from registry.exchange import importing as imports
from registry.exchange.exporting import export
from registry.exchange.formats import Format
from registry.exchange.report import Report
from registry.exchange.sheets import sheet_of
from registry.history import changeset
from registry.sources import Cited
from registry.status import InstrumentType, Renewal, Terms
from tests.factories import make_act, make_company, make_institution, make_quota, make_source

Bring = Callable[..., Report]
Cells = dict[str, str]

#: The agreement as it is on record, in the columns that every row needs.
ROW = {"reference": "uz-de", "title_as_printed": "An Agreement", "type": "INTERGOVERNMENTAL_AGREEMENT"}
ROW |= {"parties": "UZ | DE"}


@pytest.fixture
def registry(engine: sa.Engine) -> sa.Engine:
    """A registry with an agreement of which much is known, its signature, a company and a quota."""
    with changeset(engine, "A test.") as changes:
        load(changes, SEEDS, only=CODE_LISTS)
        make_source(changes)
        make_source(changes, "letter")
        make_institution(changes)
        agreements.register(
            changes,
            reference="uz-de",
            title_as_printed="An Agreement",
            type=InstrumentType.INTERGOVERNMENTAL_AGREEMENT,
            parties=[agreements.PartyNamed("UZ", "office", signatory="A. B."), agreements.PartyNamed("DE")],
            title_language="en",
            titles=[agreements.TitleGiven(language, f"In {language}") for language in (Language.EN, Language.RU)],
            subjects=[agreements.Subject.LABOUR_MIGRATION],
            article_count=12,
            term=Terms(duration_months=36, renewal=Renewal.TACIT),
            audience=Audience.PUBLIC,
            citations=[Cited("some-source", quote=f"Words {number}.", locator=f"p. {number}") for number in range(5)],
        )
        make_act(changes, place="Berlin", note="Signed.")
        make_company(changes, lei=None, national_number="007")
        make_quota(changes, decided="2025-01", citations=[Cited("some-source", "So."), Cited("letter", "Yes.")])
    return engine


@pytest.fixture
def bring(registry: sa.Engine, tmp_path: Path) -> Bring:
    """Imports rows as a CSV of a kind, or texts as JSON Lines."""

    def bring(kind: str, *rows: dict[str, Any], form: str = "csv", **options: Any) -> Report:
        text = io.StringIO()
        if form == "csv":
            writer = csv.DictWriter(text, rows[0].keys())
            writer.writeheader()
            writer.writerows(rows)
        else:
            text.writelines(json.dumps(row) + "\n" for row in rows)
        file = tmp_path / f"{kind}.{form}"
        file.write_text(text.getvalue(), encoding="utf-8")
        return imports.import_files(registry, imports.given(file), reason="A test.", **options)

    return bring


def on_record(engine: sa.Engine, kind: str) -> Cells:
    """The first record of a kind, as an export has it."""
    text = b"".join(export(engine, sheet_of(kind), Format.CSV)).decode()
    return {name: cell for name, cell in next(csv.DictReader(io.StringIO(text))).items() if cell}


def became(report: Report) -> set[str]:
    assert report.written or report.dry_run, [fault.sentence for fault in report.faults.told]
    return {name for counts in report.counts.values() for name, number in vars(counts).items() if number}


def apart(one: Cells, other: Cells) -> set[str]:
    """The columns in which two records differ."""
    return {name for name in one.keys() | other.keys() if one.get(name) != other.get(name)}


# ── Columns ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_columns_that_a_file_does_not_have_say_nothing(bring: Bring, registry: sa.Engine) -> None:
    before = on_record(registry, "agreements")
    cited = {"source_1": "some-source", "quote_1": "Words 0.", "locator_1": "p. 0", "note_1": ""}

    report = bring("agreements", ROW | {"title_as_printed": "Another title", "title_language": "en"} | cited)

    assert became(report) == {"revised"}
    after = on_record(registry, "agreements")
    assert apart(before, after) == {"title_as_printed"}
    assert (after["audience"], after["signatories"], after["duration_months"]) == ("PUBLIC", "UZ=A. B.", "36")
    assert after["quote_5"] == "Words 4."
    (revised,) = report.revisions.told
    assert (revised.record, revised.fields, revised.row) == ("uz-de", ("title_as_printed",), 2)


def test_a_row_that_says_in_fewer_columns_what_is_on_record_changes_nothing(bring: Bring) -> None:
    assert became(bring("agreements", ROW)) == {"unchanged"}
    assert became(bring("acts", {"agreement": "uz-de", "kind": "SIGNATURE", "date": "2024-09-15"})) == {"unchanged"}
    assert became(
        bring("companies", {"reference": "works", "name": "Works GmbH", "country": "DE", "roles": "EMPLOYER"})
    )


def test_a_blank_cell_clears_what_is_on_record(bring: Bring, registry: sa.Engine) -> None:
    before = on_record(registry, "agreements")

    report = bring("agreements", ROW | {"audience": "", "article_count": "", "signatories": "", "renewal": ""})

    assert became(report) == {"revised"}
    after = on_record(registry, "agreements")
    assert apart(before, after) == {"audience", "article_count", "signatories", "renewal"}
    assert after["audience"] == "OFFICIAL"
    assert set(report.revisions.told[0].fields) == {"audience", "article_count", "signatories", "renewal"}


def test_a_part_of_a_term_and_a_title_in_a_language_are_columns_of_their_own(bring: Bring, registry: sa.Engine) -> None:
    before = on_record(registry, "agreements")

    report = bring("agreements", ROW | {"duration_months": "48", "title_uz": "Bitim"})

    after = on_record(registry, "agreements")
    assert apart(before, after) == {"duration_months", "title_uz"}
    assert set(report.revisions.told[0].fields) == {"duration_months", "title_uz"}
    assert report.to_json()["revisedFields"] == [
        {"kind": "agreements", "field": "title_uz", "records": 1},
        {"kind": "agreements", "field": "duration_months", "records": 1},
    ]


def test_who_is_no_party_any_more_leaves_what_stood_beside_it(bring: Bring, registry: sa.Engine) -> None:
    assert became(bring("agreements", ROW | {"parties": "DE | KZ"})) == {"revised"}

    after = on_record(registry, "agreements")
    assert after["parties"] == "DE | KZ"
    assert after.keys().isdisjoint(("party_institutions", "signatories"))


def test_a_new_record_has_the_defaults_in_columns_that_are_left_out_and_needs_a_source(
    bring: Bring, registry: sa.Engine
) -> None:
    new = ROW | {"reference": "a-new-one"}

    (fault,) = bring("agreements", new).faults.told
    assert fault.code == "UNSOURCED"

    assert became(bring("agreements", new | {"source_1": "letter", "note_1": "So."})) == {"created"}
    assert on_record(registry, "agreements")["audience"] == "OFFICIAL"


def test_a_company_takes_another_name_where_its_other_names_are_left_out(bring: Bring, registry: sa.Engine) -> None:
    row = {"reference": "works", "name": "Works AG", "country": "DE", "roles": "EMPLOYER"}

    assert became(bring("companies", row)) == {"revised"}

    after = on_record(registry, "companies")
    assert (after["name"], after["national_number"], after["source_1"]) == ("Works AG", "007", "some-source")
    assert became(bring("companies", row)) == {"unchanged"}


def test_an_act_told_otherwise_keeps_what_is_left_out(bring: Bring, registry: sa.Engine) -> None:
    row = {"agreement": "uz-de", "kind": "SIGNATURE", "date": "2024-09-15", "note": "Signed by both."}

    assert became(bring("acts", row)) == {"revised"}

    after = on_record(registry, "acts")
    assert (after["note"], after["place"], after["source_1"]) == ("Signed by both.", "Berlin", "some-source")


def test_a_dry_run_tells_the_fields_too_and_they_stay(bring: Bring, registry: sa.Engine) -> None:
    before = on_record(registry, "agreements")

    report = bring("agreements", ROW | {"article_count": "25"}, dry_run=True)

    assert [one.fields for one in report.revisions.told] == [("article_count",)]
    assert on_record(registry, "agreements") == before


# ── Lines of JSON ───────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_key_that_is_missing_says_nothing_and_null_clears(bring: Bring, registry: sa.Engine) -> None:
    before = on_record(registry, "agreements")
    row = ROW | {"parties": ["UZ", "DE"]}
    assert became(bring("agreements", row, form="jsonl")) == {"unchanged"}

    report = bring("agreements", row | {"article_count": None, "subjects": []}, form="jsonl")

    assert became(report) == {"revised"}
    assert apart(before, on_record(registry, "agreements")) == {"article_count", "subjects"}


# ── Citations ───────────────────────────────────────────────────────────────────────────────────────────────────────


def cited(*sources: str) -> Cells:
    """Columns of citations, of so many numbers; those of an empty text are blank."""
    return {
        name: cell
        for number, source in enumerate(sources, start=1)
        for name, cell in ((f"source_{number}", source), (f"note_{number}", source and f"From {source}."))
    }


@pytest.mark.parametrize(
    ("columns", "kept"),
    [
        (cited("letter"), ["From letter.", "Words 1.", "Words 2.", "Words 3.", "Words 4."]),
        ({"source_1": "some-source", "quote_1": "Words 3."}, [f"Words {number}." for number in range(5)]),
        (cited("letter", ""), ["From letter."]),
        ({**cited("letter"), "source_2": "some-source", "quote_2": "Words 1."}, None),
    ],
)
def test_sources_that_the_file_has_no_room_for_stay_and_a_blank_one_ends_the_list(
    bring: Bring, registry: sa.Engine, columns: Cells, kept: list[str] | None
) -> None:
    kept = kept or ["From letter.", *(f"Words {number}." for number in range(1, 5))]

    bring("agreements", ROW | columns)

    after = on_record(registry, "agreements")
    words = [after.get(f"quote_{number}", after.get(f"note_{number}")) for number in range(1, 6)]
    assert [one for one in words if one] == kept
    assert became(bring("agreements", ROW | columns)) == {"unchanged"}


def test_a_page_stays_with_its_words_and_not_with_others(bring: Bring, registry: sa.Engine) -> None:
    same = {"source_1": "some-source", "quote_1": "Words 0."}
    assert became(bring("agreements", ROW | same)) == {"unchanged"}

    assert became(bring("agreements", ROW | same | {"quote_1": "Other words."})) == {"revised"}

    after = on_record(registry, "agreements")
    assert after["quote_1"] == "Other words."
    assert "locator_1" not in after


def test_another_number_of_places_needs_a_source_and_a_day_of_its_own(bring: Bring, registry: sa.Engine) -> None:
    row = {"reference": "de-2025", "kind": "CEILING", "basis": "DOMESTIC_RULE", "country": "DE", "period": "2025"}
    assert became(bring("quotas", row | {"places": "100"})) == {"unchanged"}

    (fault,) = bring("quotas", row | {"places": "120"}).faults.told
    assert fault.code == "UNSOURCED"

    assert became(bring("quotas", row | {"places": "120"} | cited("letter"))) == {"revised"}
    after = on_record(registry, "quotas")
    assert (after["places"], after["source_1"]) == ("120", "letter")
    assert after.keys().isdisjoint(("decided", "source_2"))
