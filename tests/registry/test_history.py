"""The log of changes: what is written is told, in order, and can be done again and undone."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from itertools import product
from time import perf_counter
from typing import Any

import orjson
import pytest
import sqlalchemy as sa
from sqlmodel import Session, SQLModel

from registry import companies, countries, quotas, sources, verification
from registry.access import Actor, Audience, Role
from registry.agreements import record_act
from registry.errors import Unsourced
from registry.history import (
    Change,
    ChangeAction,
    ChangeCountry,
    RegistryState,
    adopt,
    changeset,
    logged_tables,
    unlogged,
)
from registry.history.entries import Entry, Touched, fold_counts
from registry.history.replay import FAR, changes_between, replaying, undo
from registry.history.shape import Named
from registry.knowledge import Knowledge
from registry.settings import Settings
from registry.sources import Citation, Cited
from registry.status import LegalActKind
from tests.factories import make_company

EDITOR = Actor("Dilnoza", Role.EDITOR)


@pytest.fixture
def source(seeded_copy: sa.Engine) -> str:
    with seeded_copy.connect() as connection:
        return str(connection.scalar(sa.text("SELECT reference FROM source ORDER BY id LIMIT 1")))


def log(engine: sa.Engine, after: int = 0) -> list[Change]:
    with Session(engine) as session:
        return list(session.scalars(sa.select(Change).where(Change.sequence > after).order_by(Change.sequence)))  # type: ignore[arg-type]


def state(engine: sa.Engine) -> RegistryState:
    with Session(engine) as session:
        return session.get_one(RegistryState, 1)


def test_an_act_is_told_as_a_change_to_itself_found_with_its_agreement(seeded_copy: sa.Engine, source: str) -> None:
    before = state(seeded_copy)
    with changeset(seeded_copy, "The note was read.", EDITOR) as changes:
        act = record_act(
            changes,
            agreement="uz-de-migration-mobility-2024",
            kind=LegalActKind.NOTE_RECEIVED,
            date="2026-10",
            party="DE",
            citations=[Cited(source, note="A note came.")],
        )
        number = act.id

    (change,) = log(seeded_copy, before.sequence)
    assert (change.actor, change.role, change.reason) == ("Dilnoza", Role.EDITOR, "The note was read.")
    assert (change.action, change.subject_type, change.subject_key) == (ChangeAction.CREATED, "LegalAct", str(number))
    assert change.record_type == "Agreement"
    assert change.sequence == before.sequence + 1
    assert change.at > before.known_at
    steps = orjson.loads(change.rows)
    assert [(step["table"], next(what for what in step if what not in ("table", "columns"))) for step in steps] == [
        ("legalact", "created"),
        ("citation", "created"),
        ("agreement", "revised"),
    ]
    assert [*steps[2]["revised"][0]["new"]] == ["version"]
    with Session(seeded_copy) as session:
        about = session.scalars(sa.select(ChangeCountry.country_code).where(ChangeCountry.sequence == change.sequence))  # type: ignore[call-overload]
        assert set(about) == {"DE", "UZ"}


def test_nothing_is_told_of_a_change_that_fails(seeded_copy: sa.Engine) -> None:
    before = state(seeded_copy)
    with pytest.raises(Unsourced), changeset(seeded_copy, "A test.") as changes:
        companies.register(
            changes, reference="new", name="New", country="DE", roles=[companies.PartnerRole.EMPLOYER], citations=[]
        )

    assert log(seeded_copy, before.sequence) == []
    assert state(seeded_copy).digest == before.digest


def test_what_is_tried_and_undone_is_not_told(seeded_copy: sa.Engine, source: str) -> None:
    before = state(seeded_copy)
    with changeset(seeded_copy, "A test.") as changes:
        for number, citations in enumerate(([Cited(source, note="So.")], [], [Cited(source, note="So.")])):
            try:
                with changes.attempt():
                    companies.register(
                        changes,
                        reference=f"new-{number}",
                        name="New",
                        country="DE",
                        roles=[companies.PartnerRole.EMPLOYER],
                        citations=citations,
                    )
            except Unsourced:
                continue

    references = [orjson.loads(change.rows)[0]["created"][0][1] for change in log(seeded_copy, before.sequence)]
    assert references == ["new-0", "new-2"]
    assert verification.verify(seeded_copy) == []


def test_the_same_change_gives_nothing_to_tell(seeded_copy: sa.Engine) -> None:
    before = state(seeded_copy)
    with changeset(seeded_copy, "A test.") as changes:
        company = changes.session.scalars(sa.select(companies.Company).limit(1)).one()
        company.name = str(company.name)

    assert state(seeded_copy).sequence == before.sequence
    assert state(seeded_copy).known_at == before.known_at


def test_an_id_is_not_given_again(any_engine: sa.Engine) -> None:
    def add(reference: str) -> int | None:
        with changeset(any_engine, "A test.") as changes:
            made = sources.add(
                changes,
                reference=reference,
                title="T",
                kind=sources.SourceKind.PRESS,
                reliability=sources.Reliability.SECONDARY,
                language="en",
            )
            return made.id

    first = add("first")
    with changeset(any_engine, "Entered by mistake.") as changes:
        changes.remove(changes.session.get_one(sources.Source, first))

    assert add("second") != first
    assert [change.action for change in log(any_engine)] == ["CREATED", "WITHDRAWN", "CREATED"]
    assert verification.verify(any_engine) == []


def test_writing_past_the_log_fails(seeded_copy: sa.Engine) -> None:
    table = SQLModel.metadata.tables["company"]
    with pytest.raises(AssertionError), changeset(seeded_copy, "A test.") as changes:
        changes.session.execute(sa.update(table).values(name="x"))
    with pytest.raises(AssertionError), unlogged(seeded_copy) as session:
        session.scalars(sa.select(companies.Company).limit(1)).one().name = "x"


@pytest.mark.parametrize("statement", ["DELETE FROM change", "UPDATE change SET reason = 'x'"])
def test_the_database_refuses_to_alter_the_log(any_engine: sa.Engine, statement: str) -> None:
    with changeset(any_engine, "A test.") as changes:
        countries.add_region(changes, code="001", name_en="World")
    with pytest.raises(sa.exc.DBAPIError, match="only ever added to"), any_engine.begin() as connection:
        connection.exec_driver_sql(statement)


@pytest.mark.parametrize(
    ("damage", "fault"),
    [
        ("UPDATE company SET name = 'x' WHERE id = 1", "1 rows of company are not as the log tells."),
        ("DELETE FROM citation WHERE id = 1", "1 rows of citation are not as the log tells."),
        ("UPDATE registry_state SET sequence = 7", "The log does not end where the registry says it does."),
        (
            "UPDATE change SET reason = 'x' WHERE sequence = 3",
            "Change 3 of the log is not what its digest was made of.",
        ),
        ("DELETE FROM change WHERE sequence = 3", "The log has change 4 where 3 should be."),
    ],
)
def test_verification_finds_what_the_log_does_not_tell(seeded_copy: sa.Engine, damage: str, fault: str) -> None:
    with seeded_copy.connect() as connection:
        raw = connection.connection.driver_connection
        assert raw is not None
        raw.execute("PRAGMA foreign_keys = OFF")
        raw.execute("DROP TRIGGER change_keeps_UPDATE")
        raw.execute("DROP TRIGGER change_keeps_DELETE")
        raw.execute(damage)
        raw.execute("PRAGMA foreign_keys = ON")

    assert any(told.startswith(fault) for told in verification.verify(seeded_copy))


def test_every_change_can_be_undone(seeded_copy: sa.Engine, source: str) -> None:
    """Back to nothing, through a revision, a withdrawal and parts that were replaced."""
    with changeset(seeded_copy, "A later decision.") as changes:
        quota = changes.session.scalars(sa.select(quotas.Quota).limit(1)).one()
        quotas.revise(changes, quota=quota.reference, places=5, citations=[Cited(source, note="Five.")])
    with changeset(seeded_copy, "Entered by mistake.") as changes:
        for row in changes.session.scalars(sa.select(Citation).where(Citation.subject == "Figure")):  # type: ignore[arg-type]
            changes.remove(row)

    with replaying(seeded_copy) as connection:
        for change in [*changes_between(connection, 0, FAR, backward=True)]:
            undo(connection, change.rows)
        held = {
            table.name: connection.scalar(sa.select(sa.func.count()).select_from(table)) for table in logged_tables()
        }
    assert {name: count for name, count in held.items() if count} == {}


def test_records_from_before_the_log_are_taken_over(seeded_copy: sa.Engine) -> None:
    with seeded_copy.begin() as connection:
        connection.exec_driver_sql("DROP TRIGGER change_keeps_DELETE")
        connection.exec_driver_sql("DELETE FROM change_country")
        connection.exec_driver_sql("DELETE FROM change")
        connection.exec_driver_sql("UPDATE registry_state SET sequence = 0, digest = ''")
    adopt(seeded_copy)

    assert verification.verify(seeded_copy) == []
    told = state(seeded_copy)
    adopt(seeded_copy)
    assert state(seeded_copy).digest == told.digest


def test_moments_of_knowledge_never_run_back(engine: sa.Engine) -> None:
    for code in ("001", "002"):
        with changeset(engine, "A test.") as changes:
            if code == "001":
                changes.at = changes.begun + timedelta(days=1)
            countries.add_region(changes, code=code, name_en="World")

    first, second = log(engine)
    assert second.at > first.at


@pytest.mark.parametrize("held", [20_000, 1], ids=["in memory", "set aside"])
def test_what_was_known_while_a_change_was_made_is_still_so_once_it_is_committed(
    any_engine: sa.Engine, held: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("registry.history.changes._HELD", held)
    monkeypatch.setattr("registry.history.undated._IN_MEMORY", held)
    knowledge = Knowledge(any_engine, Settings())
    with changeset(any_engine, "A first.") as changes:
        countries.add_region(changes, code="001", name_en="World")
    with changeset(any_engine, "A long one.") as changes:
        countries.add_region(changes, code="142", name_en="Asia")
        countries.add_region(changes, code="150", name_en="Europe")
        asked = datetime.now(UTC)
        before = knowledge.positions([asked])
    after = knowledge.positions([asked, log(any_engine)[-1].at])

    assert before == (1, {asked: 1})
    assert after == (3, {asked: 1, changes.at: 3})
    assert verification.verify(any_engine) == []


def test_a_source_that_was_set_aside_is_told_to_be_opened(
    any_engine: sa.Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("registry.history.changes._HELD", 1)
    with changeset(any_engine, "A company became known.") as changes:
        make_company(changes)

    told = [(change.action, change.audience) for change in log(any_engine) if change.subject_type == "Source"]
    assert told == [(ChangeAction.CREATED, Audience.OFFICIAL), (ChangeAction.OPENED, Audience.PUBLIC)]


def test_what_is_told_before_a_change_becomes_known_a_moment_before_it(any_engine: sa.Engine) -> None:
    with changeset(any_engine, "The second.") as changes:
        with changes.before("The first."):
            countries.add_region(changes, code="001", name_en="World")
        countries.add_region(changes, code="142", name_en="Asia")

    first, second = log(any_engine)
    assert (first.reason, second.reason) == ("The first.", "The second.")
    assert second.at - first.at == timedelta(microseconds=1)
    assert state(any_engine).known_at == second.at


def test_many_rows_at_once_get_ids_that_none_had(any_engine: sa.Engine) -> None:
    def row(reference: str) -> dict[str, Any]:
        made = sources.Source(
            reference=reference,
            title="T",
            kind=sources.SourceKind.PRESS,
            reliability=sources.Reliability.SECONDARY,
            language="en",
        )
        return made.model_dump()

    with changeset(any_engine, "Some.") as changes:
        changes.insert(sources.Source, [row("one"), row("two")])
        changes.remove(changes.session.get_one(sources.Source, 2))
    with changeset(any_engine, "More.") as changes:
        more = [row("three"), row("four")]
        changes.insert(sources.Source, more)
        single = changes.add(sources.Source(**row("five"))).id

    assert [one["id"] for one in more] == [3, 4]
    assert single == 5
    assert verification.verify(any_engine) == []


# ── What merely counts the versions of a record ─────────────────────────────────────────────────────────────────────

Told = tuple[list[Entry], list[Named]]


def counted(number: int) -> tuple[Named, Named, Touched]:
    """That an agreement has another version, as it is told by itself."""
    its = Named("Agreement", str(number))
    return its, its, Touched(its, "agreement", {"id": number}, {"version": 1}, {"version": 2})


def retitled(number: int) -> tuple[Named, Named, Touched]:
    its = Named("Agreement", str(number))
    return its, its, Touched(its, "agreement", {"id": number}, {"title_en": "A"}, {"title_en": "B"})


def acted(number: int) -> tuple[Named, Named, Touched]:
    """That something was done to an agreement, with which it is found."""
    act = Named("LegalAct", str(number))
    return act, Named("Agreement", str(number)), Touched(act, "legalact", {"id": number}, None, {"id": number})


def told(happened: Iterable[tuple[Named, Named, Touched]]) -> Told:
    """Entries and the records that they are found with; the place of each stands in its row."""
    entries, records = [], []
    for place, (subject, record, row) in enumerate(happened):
        entries.append(Entry(subject, [row._replace(key=row.key | {"place": place})]))
        records.append(record)
    return entries, records


def folded_one_after_another(entries: list[Entry], records: list[Named]) -> Told:
    """What `fold_counts` makes of them, written as it is said."""
    for place in reversed(range(len(entries))):
        if entries[place].only_counts:
            others = [n for n, record in enumerate(records) if n != place and record == entries[place].subject]
            if others:
                entries[others[0]].rows.extend(entries[place].rows)
                del entries[place], records[place]
    return entries, records


def test_counts_go_with_the_first_change_of_their_record_in_whatever_order_they_come() -> None:
    kinds = [counted(1), retitled(1), acted(1), counted(2), acted(2)]
    for length in range(6):
        for happened in product(kinds, repeat=length):
            entries, records = told(happened)
            fold_counts(entries, records)
            assert (entries, records) == folded_one_after_another(*told(happened))


def test_the_counts_of_many_records_are_put_where_they_go_at_once() -> None:
    entries, records = told(kind(number) for number in range(10_000) for kind in (acted, counted))
    begun = perf_counter()
    fold_counts(entries, records)

    assert perf_counter() - begun < 2  # rather than some twelve seconds, were all looked through for each
    assert len(entries) == len(records) == 10_000
