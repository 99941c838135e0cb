"""What an actor exports imports unchanged, also where it names what the actor may not see; and guesses are not told."""

import csv
import io
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from registry import agreements, companies, placements, quotas
from registry.access import Actor, Audience, Role
from registry.agreements import AgreementRelationKind, RelationStated
from registry.exchange import CODE_LISTS, SEEDS, load
from registry.exchange import importing as imports
from registry.exchange.exporting import export
from registry.exchange.formats import Format
from registry.exchange.report import Report
from registry.exchange.sheets import SHEETS, Sheet, sheet_of
from registry.history import Changes, changeset
from registry.placements import Counted
from registry.sources import Cited, SourceKind
from registry.visibility import viewing
from tests.factories import (
    WORDS,
    make_act,
    make_agreement,
    make_company,
    make_engagement,
    make_figure,
    make_institution,
    make_programme,
    make_quota,
    make_source,
)

FACTS = [sheet for sheet in SHEETS if sheet.file not in CODE_LISTS]
EDITOR, ADMIN = Actor("editor", Role.EDITOR), Actor("admin", Role.ADMIN)

#: The agreements of the registry, each with its audience.
SHOWN_TO = {
    "open": Audience.PUBLIC,
    "other": Audience.PUBLIC,
    "official": Audience.OFFICIAL,
    "secret": Audience.RESTRICTED,
    "sealed": Audience.RESTRICTED,
}

#: What only administrators see: those references, where they stand in a cell.
HIDDEN = re.compile("secret|sealed|hidden-source")

Bring = Callable[..., Report]


@pytest.fixture
def registry(any_engine: sa.Engine) -> sa.Engine:
    """A registry in which records for everyone, for officials and for administrators name one another."""
    with changeset(any_engine, "A test.") as changes:
        load(changes, SEEDS, only=CODE_LISTS)
        make_source(changes, "hidden-source")
        make_source(changes, "a-copy", copy_of="hidden-source")
        make_source(changes, "returns", kind=SourceKind.STATISTICAL_RETURN)
        make_institution(changes)
        make_company(changes)
        _add_agreements(changes)
        _add_what_names_them(changes)
        _add_returns(changes)
        make_figure(changes, company="works")
        make_programme(changes)
    return any_engine


def _add_agreements(changes: Changes) -> None:
    for reference, audience in SHOWN_TO.items():
        words = [Cited("hidden-source", "So.")] if audience is Audience.RESTRICTED else WORDS
        make_agreement(changes, reference, audience=audience, citations=words)
    for reference in SHOWN_TO:
        said = [RelationStated(AgreementRelationKind.SUPPLEMENTS, other) for other in SHOWN_TO if other != reference]
        agreements.relate(changes, agreement=reference, relations=said)
        make_act(changes, agreement=reference)
        agreements.attach_document(changes, agreement=reference, title="Text", language="en", source="a-copy")


def _add_what_names_them(changes: Changes) -> None:
    for number, reference in enumerate(SHOWN_TO):
        companies.record_partnership(
            changes,
            company="works",
            stage=companies.PartnershipStage.CONTRACTED,
            agreement=reference,
            since="2025",
            citations=WORDS,
        )
        make_quota(changes, f"under-{reference}", agreement=reference, basis=quotas.QuotaBasis.AGREEMENT)
        make_quota(changes, f"part-{number}", part_of=f"under-{reference}", places=10)
        quotas.revise(changes, quota=f"under-{reference}", places=120, decided="2025-02", citations=WORDS)
        for shown in Audience:
            make_engagement(changes, reference=f"talks-{number}-{shown.lower()}", agreement=reference, audience=shown)


def _add_returns(changes: Changes) -> None:
    """Returns of one month under each agreement, which the editor cannot tell apart where they are hidden."""
    counted = [
        Counted("2025-02", "DE", people, company="works", agreement=reference)
        for people, reference in enumerate(SHOWN_TO, start=50)
    ]
    counted.append(Counted("2025-03", "DE", 7, company="works", agreement="secret"))
    placements.report(changes, source="returns", placements=counted)


@pytest.fixture
def bring(registry: sa.Engine, tmp_path: Path) -> Bring:
    """Imports a text as a file of a kind, as an editor unless another is named."""

    def bring(kind: str, text: str | bytes, *, actor: Actor = EDITOR, form: str = "csv", **options: Any) -> Report:
        file = tmp_path / f"{kind}.{form}"
        file.write_bytes(text if isinstance(text, bytes) else text.encode())
        return imports.import_files(registry, imports.given(file), reason="A test.", actor=actor, **options)

    return bring


def exported(registry: sa.Engine, sheet: Sheet, actor: Actor, form: Format = Format.CSV) -> bytes:
    return b"".join(export(viewing(registry, actor.audiences), sheet, form))


def became(report: Report) -> dict[str, int]:
    """What has become of rows, of whatever kind."""
    (counts,) = report.counts.values()
    return {name: number for name, number in vars(counts).items() if number}


def told(report: Report) -> list[str]:
    return [fault.message for fault in report.faults.told]


def in_full(registry: sa.Engine) -> dict[str, bytes]:
    return {sheet.file: exported(registry, sheet, ADMIN) for sheet in FACTS}


# ── Unchanged ───────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("form", [Format.CSV, Format.JSONL])
@pytest.mark.parametrize("actor", [EDITOR, ADMIN], ids=["editor", "admin"])
def test_what_anybody_exports_and_imports_again_changes_nothing_for_anybody(
    registry: sa.Engine, bring: Bring, actor: Actor, form: Format
) -> None:
    before = in_full(registry)

    for sheet in FACTS:
        content = exported(registry, sheet, actor, form)
        report = bring(sheet.file, content, actor=actor, form=form.suffix[1:])
        assert not told(report), sheet.file
        assert became(report).keys() <= {"unchanged"}, sheet.file

    assert in_full(registry) == before


@pytest.mark.parametrize("kind", ["agreements", "partnerships", "quotas", "placements", "engagements", "sources"])
def test_an_editor_sees_blanks_where_an_administrator_sees_references(registry: sa.Engine, kind: str) -> None:
    whole, seen = (exported(registry, sheet_of(kind), actor).decode() for actor in (ADMIN, EDITOR))

    assert HIDDEN.search(whole)
    assert not HIDDEN.search(seen)


# ── Guesses ─────────────────────────────────────────────────────────────────────────────────────────────────────────


#: What a cell that an editor sees blank may be guessed to hold: the row that it stands in, by the kind of record.
GUESSED = {
    "agreements": ("reference", "open", "relations", "SUPPLEMENTS=official | SUPPLEMENTS=other | SUPPLEMENTS={}"),
    "partnerships": ("agreement", "", "agreement", "{}"),
    "quotas": ("reference", "part-3", "part_of", "under-{}"),
    "engagements": ("reference", "talks-3-public", "agreement", "{}"),
    "placements": ("agreement", "", "agreement", "{}"),
}


@pytest.mark.parametrize("kind", GUESSED)
def test_a_right_guess_at_a_hidden_reference_is_answered_as_a_wrong_one(
    registry: sa.Engine, bring: Bring, kind: str
) -> None:
    name, value, column, cell = GUESSED[kind]
    rows = list(csv.DictReader(io.StringIO(exported(registry, sheet_of(kind), EDITOR).decode())))
    row = next(row for row in rows if row[name] == value)

    def answer(guess: str) -> Any:
        guessed = written(row | {column: cell.format(guess)})
        report = bring(kind, guessed, dry_run=True)
        return json.dumps(report.to_json()).replace(guess, "GUESS")

    assert answer("secret") == answer("nought")
    assert became(bring(kind, written(row), dry_run=True)) == {"unchanged": 1}


def test_what_an_editor_may_see_is_still_compared(registry: sa.Engine, bring: Bring) -> None:
    row = {"reference": "talks-2-public", "kind": "MEETING", "title": "Talks", "date": "2024", "countries": "DE"}
    row |= {"audience": "PUBLIC", "source_1": "some-source", "quote_1": "It is so."}

    assert became(bring("engagements", written(row | {"agreement": "official"}))) == {"unchanged": 1}
    assert told(bring("engagements", written(row | {"agreement": ""}))) == [
        "“talks-2-public” is on record with another agreement."
    ]


# ── What is hidden stays ────────────────────────────────────────────────────────────────────────────────────────────


def test_a_return_under_a_hidden_agreement_takes_a_new_number_and_stays_under_it(
    registry: sa.Engine, bring: Bring
) -> None:
    row = {"source": "returns", "period": "2025-03", "country": "DE", "people": "9", "company": "works"}

    assert became(bring("placements", written(row))) == {"revised": 1}

    placements = exported(registry, sheet_of("placements"), ADMIN).decode()
    assert [line for line in placements.splitlines() if "2025-03" in line and ",9," in line and ",secret," in line]
    assert became(bring("placements", written(row | {"withdrawn": "true"}))) == {"withdrawn": 1}
    assert "2025-03" not in exported(registry, sheet_of("placements"), ADMIN).decode()


def test_it_is_not_guessed_which_of_several_hidden_returns_is_meant(registry: sa.Engine, bring: Bring) -> None:
    before = in_full(registry)
    row = {"source": "returns", "period": "2025-02", "country": "DE", "people": "99", "company": "works"}

    (message,) = told(bring("placements", written(row)))

    assert "would count people twice" in message
    assert in_full(registry) == before


def test_an_agreement_that_is_revised_keeps_its_relations_to_hidden_ones(registry: sa.Engine, bring: Bring) -> None:
    rows = csv.DictReader(io.StringIO(exported(registry, sheet_of("agreements"), EDITOR).decode()))
    row = next(row for row in rows if row["reference"] == "open")
    whole = relations_of(registry, "open")

    assert became(bring("agreements", written(row | {"article_count": "7"}))) == {"revised": 1}
    assert "secret" in whole
    assert relations_of(registry, "open") == whole


def relations_of(registry: sa.Engine, agreement: str) -> str:
    rows = csv.DictReader(io.StringIO(exported(registry, sheet_of("agreements"), ADMIN).decode()))
    return next(row["relations"] for row in rows if row["reference"] == agreement)


def written(row: dict[str, str]) -> str:
    """A row as CSV, under its header."""
    text = io.StringIO()
    writer = csv.DictWriter(text, row.keys())
    writer.writeheader()
    writer.writerow(row)
    return text.getvalue()
