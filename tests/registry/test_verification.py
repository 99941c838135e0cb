"""Verification finds what is not as it should be, and nothing else."""

import sqlite3
from contextlib import closing

import pytest
import sqlalchemy as sa

from registry import companies, quotas
from registry.history import Record, changeset
from registry.sources import Cited
from registry.verification import FACTS, verify
from tests.factories import make_source


def test_the_seeds_are_sound(any_seeded: sa.Engine) -> None:
    assert verify(any_seeded) == []


AGREEMENT = "(SELECT id FROM agreement WHERE reference = 'uz-de-migration-mobility-2024')"

FAULTS = [
    (
        f"DELETE FROM status_span WHERE agreement_id = {AGREEMENT}",
        "The timeline of uz-de-migration-mobility-2024 has gaps",
    ),
    (
        f"UPDATE status_span SET until_day = '2020-01-01' WHERE agreement_id = {AGREEMENT} AND status = 'SIGNED'",
        "The timeline of uz-de-migration-mobility-2024 has gaps or overlaps.",
    ),
    (
        f"UPDATE status_span SET status = 'IN_FORCE', possible = '[\"IN_FORCE\"]' WHERE agreement_id = {AGREEMENT}",
        "The timeline of uz-de-migration-mobility-2024 has neighbours that do not differ.",
    ),
    (
        f"UPDATE status_span SET status = 'IN_FORCE' WHERE agreement_id = {AGREEMENT} AND until_day = '9999-12-31'",
        "The StatusSpan of uz-de-migration-mobility-2024 is not what follows",
    ),
    (
        f"DELETE FROM status_possibility WHERE agreement_id = {AGREEMENT}",
        "The StatusPossibility of uz-de-migration-mobility-2024 is not what follows",
    ),
    (
        f"UPDATE status_ground SET rule = 'OTHER' WHERE agreement_id = {AGREEMENT}",
        "The StatusGround of uz-de-migration-mobility-2024 is not what follows",
    ),
    (
        f"INSERT INTO running_term VALUES ({AGREEMENT}, '2020-01-01', '2021-01-01', NULL, NULL, 0)",
        "The RunningTerm of uz-de-migration-mobility-2024 is not what follows",
    ),
    (
        "INSERT INTO agreement_due (agreement_id, kind, due, known_from, current_from, explanation)"
        f" VALUES ({AGREEMENT}, 'TERM_END', '2026-01-01', '2020-01-01', '2020-01-01', '[]')",
        "The AgreementDue of uz-de-migration-mobility-2024 is not what follows",
    ),
    (
        f"UPDATE agreement SET signed_latest = '2025-01-01' WHERE id = {AGREEMENT}",
        "The Agreement of uz-de-migration-mobility-2024 is not what follows",
    ),
    (f"UPDATE agreement SET sort_key = 'x' WHERE id = {AGREEMENT}", "The Agreement of uz-de-migration-mobility-2024"),
    (
        f"UPDATE legalact SET in_record = 0 WHERE agreement_id = {AGREEMENT}",
        "The StatusSpan of uz-de-migration-mobility-2024 is not what follows",
    ),
    ("UPDATE quota SET period_end = '2030-12-31' WHERE period = '2025'", "The bounds of 2025 in quota.period"),
    ("UPDATE legalact SET date = 'soon' WHERE date = '2024-09-15'", "The bounds of soon in legalact.date"),
    ("UPDATE quota SET period_key = '2030-12-31' WHERE reference = 'kr-e9-2024'", "Quota kr-e9-2024 is ordered by"),
    ("UPDATE country SET text_key = 'x' WHERE code = 'DE'", "Country DE is ordered or found by"),
    ("UPDATE source SET text_key = 'x' WHERE id = 1", "is found by other words than its own."),
    (
        "UPDATE company SET sort_key = 'x' WHERE reference = 'proud-partners'",
        "Company proud-partners is ordered or found",
    ),
    ("DELETE FROM sector_part WHERE whole_code = 'F' AND part_code = '41'", "sector_part is wrong of F and 41."),
    (
        "UPDATE placements_of_year SET people = people + 1 WHERE kept = 'COUNTRY'",
        "rows of placements_of_year that keep apart COUNTRY are not what the returns add up to.",
    ),
    ("UPDATE placements_of_year SET period_end = '2031-01-01'", "rows of placements_of_year that keep apart NOTHING"),
    ("DELETE FROM placements_of_period WHERE kept = 'SECTOR'", "rows of placements_of_period that keep apart SECTOR"),
    ("UPDATE placement_return SET people = people + 1", "rows of placements_of_period that keep apart NOTHING"),
    ("INSERT INTO occupation_part VALUES ('1', '22')", "occupation_part is wrong of 1 and 22."),
    ("UPDATE citation SET quote = NULL, note = ' '", "Citation 1 has neither words nor their sense."),
    ("UPDATE citation SET subject_id = 9999 WHERE subject = 'Figure' AND subject_id = 1", "Figure 1 has no source."),
    ("UPDATE citation SET subject_id = 9999 WHERE subject = 'Figure' AND subject_id = 1", "belongs to no Figure."),
    ("UPDATE citation SET node_id = 9999 WHERE subject = 'Partnership'", "belongs to no Partnership."),
    ("UPDATE citation SET subject = 'Rumour' WHERE id = 1", "Citations speak of Rumour, which is no kind of fact."),
    (
        "UPDATE citation SET source_id = 9999 WHERE id = 1",
        "citation.source_id names 1 rows of source that do not exist.",
    ),
]


@pytest.mark.parametrize(("tampering", "fault"), FAULTS)
def test_what_is_tampered_with_is_found(seeded_copy: sa.Engine, tampering: str, fault: str) -> None:
    tamper(seeded_copy, tampering)

    assert any(fault in found for found in verify(seeded_copy))


@pytest.mark.parametrize("fact", FACTS, ids=lambda fact: str(fact.__name__))
def test_a_fact_that_has_lost_its_source_is_found(seeded_copy: sa.Engine, fact: type[Record]) -> None:
    with changeset(seeded_copy, "A test.") as changes:
        words = [Cited(make_source(changes).reference, note="For this test.")]
        companies.record_licence(changes, company="proud-partners", state=companies.LicenceState.VALID, citations=words)
        quotas.revise(changes, quota="kr-e9-2024", places=160_000, citations=words)
    assert verify(seeded_copy) == []

    tamper(seeded_copy, f"DELETE FROM citation WHERE subject = '{fact.__name__}'")

    assert f"{fact.__name__} 1 has no source." in verify(seeded_copy)


def tamper(engine: sa.Engine, statement: str) -> None:
    """Changes the file behind the registry's back, where no foreign key is enforced."""
    with closing(sqlite3.connect(str(engine.url.database))) as connection:
        connection.execute(statement)
        connection.commit()
