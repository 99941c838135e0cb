"""What an audience sees of each table, on each database, and that every table has been thought of."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

import pytest
import sqlalchemy as sa
from sqlmodel import SQLModel

from registry.access import OFFICIAL, PUBLIC, RESTRICTED, Audience
from registry.agreements import Agreement, AgreementRelationKind, Document, LegalAct, Relation, Subject
from registry.codes import DeadlineKind
from registry.companies import Company, Partnership, PartnershipStage
from registry.cooperation import company_stage_on
from registry.database import open_engine
from registry.engagements import EngagementKind
from registry.history import ChangeAction, Changes, changeset, table_behind
from registry.migrations import tables
from registry.quotas import Quota
from registry.sources import Cited, Reliability, Source, SourceKind
from registry.status import AgreementStatus, LegalActKind
from registry.visibility import _VIEWING, SERVER, going_along, is_seen_with, may_see, viewing, views
from registry.withdrawal import withdraw
from tests.factories import make_act, make_agreement, make_company, make_country, make_quota, make_source
from tests.registry.small_facts import Facts

SIGNED = ("2024-01-01", AgreementStatus.SIGNED)
SOURCE: dict[str, Any] = {
    "title": "Copy",
    "kind": SourceKind.PRESS,
    "reliability": Reliability.SECONDARY,
    "language": "en",
}

#: Tables that everybody sees all rows of, and why.
OPEN = {
    "country": "a code list",
    "region": "a code list",
    "sector": "a code list",
    "sector_part": "a code list",
    "occupation": "a code list",
    "occupation_part": "a code list",
    "institution": "a public body",
    "programme": "a public offer",
    "company": "a partner is public, even where an agreement with it is not",
    "company_role": "part of a company",
    "company_sector": "part of a company",
    "licence": "part of a company",
    "partnership": "part of a company; an agreement that is hidden is not named",
    "figure": "a published number",
    "figure_destination": "part of a figure",
    "placement_return": "a count of people; an agreement that is hidden is not named",
    "placements_of_period": "sums of returns, which are open",
    "placements_of_year": "sums of returns, which are open",
}


def test_every_table_is_open_for_a_reason_or_filtered_for_the_public() -> None:
    tables()
    dialect = sa.create_mock_engine("sqlite://", lambda *_: None).dialect
    made = {view.split()[3]: view for view in views(dialect, "main", [PUBLIC])}
    filtered = {name for name, view in made.items() if "\nWHERE " in view}

    assert filtered.isdisjoint(OPEN)
    assert filtered | set(OPEN) | SERVER == set(SQLModel.metadata.tables)


# ── What goes with a record, what stays, and what names it no longer ────────────────────────────────────────────────


@pytest.fixture
def facts(any_engine: sa.Engine) -> Facts:
    return Facts(any_engine)


@pytest.fixture
def hidden(facts: Facts) -> Facts:
    """A registry in which “A” is public, “B” for officials and “C” restricted, each with all that an agreement has."""
    facts.source("cited")
    for reference, audience in (("A", PUBLIC), ("B", OFFICIAL), ("C", RESTRICTED)):
        agreement = facts.agreement(reference, SIGNED, audience=audience)
        facts.subject(agreement, Subject.VISAS)
        act = facts.act(agreement, LegalActKind.SIGNATURE, "2024-01-01")
        facts.due(agreement, DeadlineKind.TERM_END, "2030-01-01")
        own = facts.source(f"only {reference}")
        facts.write(Document(agreement_id=agreement, title=reference, language="en", source_id=own))
        facts.citation("LegalAct", act, "So it is.")
        quota = facts.quota(f"Q{reference}", 5, None, None, agreement_id=agreement)
        facts.quota(f"part of Q{reference}", 5, None, None, part_of_id=quota)
        facts.citation("Quota", quota, "So it is.")
        facts.engagement(f"about {reference}", EngagementKind.MEETING, "2024-01-01", "DE", agreement_id=agreement)
        facts.engagement(reference, EngagementKind.MEETING, "2024-01-01", "DE", audience=audience)
        facts.write(Relation(agreement_id=1, kind=AgreementRelationKind.BASED_ON, other_id=agreement))
    return facts


def seen(facts: Facts, table: str, column: str, *audiences: Audience) -> list[Any]:
    """The values of a column that the audiences see, in order."""
    select: sa.Select[Any] = sa.select(sa.column(column)).select_from(sa.table(table)).order_by(sa.column(column))
    with facts.seen_by(*audiences).engine.connect() as connection:
        return list(connection.execute(select).scalars())


@pytest.mark.parametrize(
    ("audiences", "references"),
    [((PUBLIC,), ["A"]), ((PUBLIC, OFFICIAL), ["A", "B"]), ((PUBLIC, OFFICIAL, RESTRICTED), ["A", "B", "C"]), ((), [])],
)
def test_a_record_takes_along_what_cannot_be_without_it(
    hidden: Facts, audiences: tuple[Audience, ...], references: list[str]
) -> None:
    ids = [ord(reference) - ord("A") + 1 for reference in references]

    assert seen(hidden, "agreement", "reference", *audiences) == references
    for table in ("agreement_subject", "agreement_due", "legalact", "document"):
        assert seen(hidden, table, "agreement_id", *audiences) == ids
    for table in ("agreement_party", "status_span", "status_possibility"):
        assert seen(hidden, table, "agreement_id", *audiences) == [id for id in ids for _ in ("UZ", "DE")]
    assert seen(hidden, "agreement_relation", "other_id", *audiences) == ids
    assert seen(hidden, "engagement_country", "engagement_id", *audiences) == seen(
        hidden, "engagement", "id", *audiences
    )


ALONG = [
    pytest.param(key.parent, key.column, id=str(key.parent))
    for table in tables().sorted_tables
    for key in going_along(table)
    if is_seen_with(key.parent, key.column)
]


@pytest.mark.parametrize("audiences", [(PUBLIC,), (PUBLIC, OFFICIAL)])
@pytest.mark.parametrize(("key", "named"), ALONG)
def test_what_is_seen_with_a_record_is_seen_whole_by_whoever_sees_it(
    hidden: Facts, key: sa.Column[Any], named: sa.Column[Any], audiences: tuple[Audience, ...]
) -> None:
    with hidden.engine.connect() as everything:
        rows = [row._asdict() for row in everything.execute(sa.select(key.table))]
    with hidden.seen_by(*audiences).engine.connect() as connection:
        seen = [row._asdict() for row in connection.execute(sa.select(key.table))]
        records = set(connection.execute(sa.select(named)).scalars())

    assert seen == [row for row in rows if row[key.name] in records]


def test_what_may_be_hidden_for_another_reason_is_not_seen_with_a_record() -> None:
    found = {str(key) for key, _ in (param.values for param in ALONG)}

    assert {"legalact.agreement_id", "status_span.agreement_id", "quota_utilisation.quota_id"} <= found
    assert found.isdisjoint(
        {"quota.agreement_id", "agreement_relation.other_id", "agreement_sector.sector_code", "citation.subject_id"}
    )


def test_a_quota_goes_with_the_agreement_that_it_rests_on_and_its_parts_name_it_no_longer(hidden: Facts) -> None:
    assert seen(hidden, "quota", "reference", PUBLIC) == ["QA", *(f"part of Q{letter}" for letter in "ABC")]
    assert len(seen(hidden, "quota_origin", "quota_id", PUBLIC)) == 4
    with hidden.seen_by(PUBLIC).engine.connect() as connection:
        named = connection.exec_driver_sql("SELECT reference FROM quota WHERE part_of_id IS NOT NULL")
        assert named.scalars().all() == ["part of QA"]


def test_a_dealing_about_a_hidden_agreement_names_none(hidden: Facts) -> None:
    with hidden.seen_by(PUBLIC).engine.connect() as connection:
        about = connection.exec_driver_sql("SELECT reference, agreement_id FROM engagement ORDER BY reference")
        assert list(about) == [("A", None), ("about A", 1), ("about B", None), ("about C", None)]


def test_citations_go_with_the_record_and_sources_with_all_that_rests_on_them(hidden: Facts) -> None:
    facts = hidden
    facts.source("unused")
    facts.write(Source(**SOURCE, reference="copy of B", copy_of_id=3), Source(**SOURCE, reference="copy", copy_of_id=1))

    assert seen(facts, "citation", "subject", PUBLIC) == ["LegalAct", "Quota"]
    assert seen(facts, "source", "reference", PUBLIC) == ["cited", "copy", "only A"]
    officials = ["cited", "copy", "copy of B", "only A", "only B", "unused"]
    assert seen(facts, "source", "reference", PUBLIC, OFFICIAL) == officials


def test_a_citation_of_a_kind_of_record_that_has_none_is_hidden(facts: Facts) -> None:
    facts.source()
    facts.citation("Nothing", 1, "So it is.")

    assert seen(facts, "citation", "id", PUBLIC) == []
    assert seen(facts, "citation", "id", *Audience) == [1]


def test_the_stage_of_a_partner_takes_a_hidden_agreement_for_none(facts: Facts) -> None:
    agreement = facts.agreement("A", SIGNED, audience=OFFICIAL)
    company = facts.company("C")
    facts.partnership(company, PartnershipStage.ACTIVE, "2023-01-01")
    days: dict[str, Any] = {"since": "2024", "since_earliest": date(2024, 1, 1), "since_latest": date(2024, 12, 31)}
    facts.write(Partnership(company_id=company, stage=PartnershipStage.IN_DISCUSSION, agreement_id=agreement, **days))

    def stage(facts: Facts) -> PartnershipStage:
        with facts.engine.connect() as connection:
            found: PartnershipStage = connection.execute(company_stage_on(date(2025, 1, 1))).one().stage
            return found

    assert stage(facts) is PartnershipStage.ACTIVE
    assert stage(facts.seen_by(PUBLIC)) is PartnershipStage.IN_DISCUSSION


# ── The log of changes ──────────────────────────────────────────────────────────────────────────────────────────────


def told(engine: sa.Engine, *audiences: Audience) -> list[str]:
    """Why changes were made that the audiences are told of."""
    with viewing(engine, audiences).connect() as connection:
        return list(connection.exec_driver_sql("SELECT DISTINCT reason FROM change ORDER BY reason").scalars())


@contextmanager
def change(engine: sa.Engine, reason: str) -> Iterator[Changes]:
    with changeset(engine, reason) as changes:
        yield changes


def revised(engine: sa.Engine, reference: str, reason: str, audience: Audience) -> None:
    with change(engine, reason) as changes:
        changes.session.scalars(sa.select(Agreement).filter_by(reference=reference)).one().audience = audience


def withdrawn(engine: sa.Engine, kind: type[Any], reference: str, reason: str) -> None:
    with change(engine, reason) as changes:
        row = changes.session.scalars(sa.select(kind).filter_by(reference=reference)).one()
        withdraw(changes, kind, row.id)


def test_what_becomes_hidden_takes_its_past_along_and_what_becomes_public_leaves_it(any_engine: sa.Engine) -> None:
    with change(any_engine, "1 public") as changes:
        make_agreement(changes, "A", audience=PUBLIC)
        make_agreement(changes, "B", audience=OFFICIAL)
    revised(any_engine, "A", "2 hidden", OFFICIAL)
    revised(any_engine, "B", "3 shown", PUBLIC)
    with change(any_engine, "4 after") as changes:
        make_act(changes, agreement="B")

    # Their source and countries were entered in the first change.
    closed, opened = ChangeAction.CLOSED.description, ChangeAction.OPENED.description
    assert told(any_engine, PUBLIC) == ["1 public", "4 after", closed, opened]
    assert told(any_engine, PUBLIC, OFFICIAL) == ["1 public", "2 hidden", "3 shown", "4 after", closed, opened]
    withdrawn(any_engine, Agreement, "A", "5 withdrawn")
    assert told(any_engine, PUBLIC) == ["1 public", "4 after", closed, opened]


def actions(engine: sa.Engine, *audiences: Audience) -> list[tuple[str, str, str]]:
    """What the audiences are told of agreements and their acts: the action, and the fields before and after."""
    query = "SELECT action, subject_type, \"rows\" FROM change WHERE record_type = 'Agreement' ORDER BY sequence"
    with viewing(engine, audiences).connect() as connection:
        return [(row[0], row[1], row[2]) for row in connection.exec_driver_sql(query)]


def test_who_gains_or_loses_sight_of_a_record_is_told_that_and_nothing_else(any_engine: sa.Engine) -> None:
    with change(any_engine, "1") as changes:
        make_agreement(changes, "A", audience=RESTRICTED)
    for audience in (OFFICIAL, PUBLIC):
        revised(any_engine, "A", f"to {audience}", audience)
    assert actions(any_engine, PUBLIC) == [("OPENED", "Agreement", "[]")]
    for audience in (OFFICIAL, RESTRICTED):
        revised(any_engine, "A", f"to {audience}", audience)

    assert actions(any_engine, PUBLIC) == [("CLOSED", "Agreement", "[]")]
    assert [action for action, *_ in actions(any_engine, PUBLIC, OFFICIAL)] == ["CLOSED", "CLOSED"]
    assert [action for action, *_ in actions(any_engine, *Audience)] == [
        "CREATED",
        *("REVISED", "OPENED") * 2,
        *("REVISED", "CLOSED") * 2,
    ]


def test_what_was_opened_and_is_withdrawn_is_told_to_those_who_saw_it_to_the_end(any_engine: sa.Engine) -> None:
    with change(any_engine, "1") as changes:
        make_agreement(changes, "A", audience=OFFICIAL)
        make_act(changes, agreement="A")
    revised(any_engine, "A", "2", PUBLIC)
    with change(any_engine, "3") as changes:
        changes.session.scalars(sa.select(Agreement)).one().article_count = 9
    with change(any_engine, "4") as changes:
        changes.session.scalars(sa.select(LegalAct)).one().in_record = False
    before = actions(any_engine, PUBLIC)
    withdrawn(any_engine, Agreement, "A", "5")

    assert [row[:2] for row in before] == [
        ("OPENED", "Agreement"),
        ("REVISED", "Agreement"),
        ("WITHDRAWN", "LegalAct"),
    ]
    after = actions(any_engine, PUBLIC)
    assert after[:3] == before
    assert sorted(row[:2] for row in after[3:]) == [("WITHDRAWN", "Agreement"), ("WITHDRAWN", "LegalAct")]


def test_what_is_withdrawn_is_told_to_those_who_could_see_it(any_engine: sa.Engine) -> None:
    with change(any_engine, "0 sources") as changes:
        make_source(changes, "some-source")
        make_agreement(changes, "open", audience=PUBLIC)
    for number, (reference, audience) in enumerate((("A", PUBLIC), ("B", OFFICIAL), ("C", RESTRICTED)), 1):
        with change(any_engine, f"{number} agreement") as changes:
            make_agreement(changes, reference, audience=audience)
        with change(any_engine, f"{number} quota") as changes:
            make_quota(changes, reference, agreement=reference)
        withdrawn(any_engine, Quota, reference, f"{number} quota withdrawn")

    public = ["0 sources", "1 agreement", "1 quota", "1 quota withdrawn"]
    official = [*public, "2 agreement", "2 quota", "2 quota withdrawn"]
    assert told(any_engine, PUBLIC) == public
    assert told(any_engine, PUBLIC, OFFICIAL) == official
    assert len(told(any_engine, *Audience)) == 10


def test_a_source_is_told_of_to_those_who_could_see_it_then(any_engine: sa.Engine) -> None:
    with change(any_engine, "0 countries") as changes:
        for code in ("UZ", "DE"):
            make_country(changes, code)
    with change(any_engine, "1 unused") as changes:
        make_source(changes, "some-source")
    with change(any_engine, "2 for administrators") as changes:
        make_source(changes, "secret")
        make_agreement(changes, "A", audience=RESTRICTED, citations=[Cited("secret", note="So.")])
    with change(any_engine, "3 used") as changes:
        make_source(changes, "used")
        make_company(changes, citations=[Cited("used", note="So."), Cited("secret", note="So.")])

    opened = ChangeAction.OPENED.description  # of the source that had been for administrators
    assert told(any_engine, PUBLIC) == ["0 countries", "3 used", opened]
    assert told(any_engine, PUBLIC, OFFICIAL) == ["0 countries", "1 unused", "3 used", opened]


def of_sources(engine: sa.Engine, *audiences: Audience) -> list[str]:
    """What the audiences are told of sources, but that which every record of the factories cites."""
    query = """
        SELECT action, coalesce(source.reference, 'unseen')
        FROM change LEFT JOIN source ON CAST(source.id AS TEXT) = subject_key
        WHERE subject_type = 'Source' ORDER BY sequence
    """
    with viewing(engine, audiences).connect() as connection:
        found = [(row[0], row[1]) for row in connection.exec_driver_sql(query)]
    return [f"{action} {reference}" for action, reference in found if reference != "some-source"]


def test_who_gains_or_loses_sight_of_a_source_by_what_rests_on_it_is_told_so(any_engine: sa.Engine) -> None:
    with change(any_engine, "1") as changes:
        make_source(changes, "original")
        make_source(changes, "copy", copy_of="original")
    assert of_sources(any_engine, PUBLIC) == []
    with change(any_engine, "2") as changes:
        make_agreement(changes, "A", audience=PUBLIC, citations=[Cited("original", note="So.")])
    assert of_sources(any_engine, PUBLIC) == ["OPENED original", "OPENED copy"]
    revised(any_engine, "A", "3", RESTRICTED)

    # Officials see the copy still, as they do whatever nothing rests on.
    assert of_sources(any_engine, PUBLIC) == ["CLOSED unseen", "CLOSED unseen"]
    assert of_sources(any_engine, PUBLIC, OFFICIAL)[-3:] == ["CLOSED unseen", "CLOSED copy", "OPENED copy"]
    revised(any_engine, "A", "4", OFFICIAL)
    assert of_sources(any_engine, PUBLIC, OFFICIAL)[-1:] == ["OPENED original"]
    revised(any_engine, "A", "5", PUBLIC)

    assert of_sources(any_engine, PUBLIC)[-2:] == ["OPENED original", "OPENED copy"]
    assert of_sources(any_engine, *Audience) == [
        *("CREATED original", "CREATED copy", "OPENED original", "OPENED copy"),
        *("CLOSED original", "OPENED original", "CLOSED copy", "OPENED copy"),
        "OPENED original",
        *("OPENED original", "OPENED copy"),
    ]


def test_a_source_is_not_told_of_anew_where_the_same_people_see_it(any_engine: sa.Engine) -> None:
    with change(any_engine, "1") as changes:
        make_source(changes, "one")
        make_agreement(changes, "A", audience=PUBLIC, citations=[Cited("one", note="So.")])
    with change(any_engine, "2") as changes:
        make_agreement(changes, "B", audience=OFFICIAL, citations=[Cited("one", note="So.")])
    revised(any_engine, "B", "3", RESTRICTED)

    assert of_sources(any_engine, *Audience) == ["CREATED one"]


@pytest.mark.parametrize(("last", "officials"), [(RESTRICTED, []), (OFFICIAL, ["one"]), (PUBLIC, ["one"])])
def test_a_source_that_nothing_rests_on_any_more_stays_hidden_from_whom_it_was(
    any_engine: sa.Engine, last: Audience, officials: list[str]
) -> None:
    with change(any_engine, "0") as changes:
        make_source(changes, "some-source")
    with change(any_engine, "1") as changes:
        make_source(changes, "one")
    with change(any_engine, "2") as changes:
        make_agreement(changes, "A", audience=last, citations=[Cited("one", note="So.")])
    cited = {audiences: of_sources(any_engine, *audiences) for audiences in ((PUBLIC,), (PUBLIC, OFFICIAL))}
    withdrawn(any_engine, Agreement, "A", "3")

    unused = sa.text("SELECT reference FROM source WHERE reference <> 'some-source'")
    for audiences, seen in (((PUBLIC,), []), ((PUBLIC, OFFICIAL), officials), (tuple(Audience), ["one"])):
        with viewing(any_engine, audiences).connect() as reader, any_engine.connect() as writer:
            assert reader.execute(unused).scalars().all() == seen
            its = sa.select(table_behind(Source).c.reference).where(may_see("source", audiences))
            assert writer.execute(its.where(table_behind(Source).c.reference == "one")).scalars().all() == seen
    moved = ["CLOSED unseen"] if last is PUBLIC else []
    assert of_sources(any_engine, PUBLIC)[-1:] == moved
    told_now = of_sources(any_engine, PUBLIC, OFFICIAL)
    if last is RESTRICTED:
        assert told_now == cited[PUBLIC, OFFICIAL] == ["CLOSED unseen"]
    else:
        assert "CREATED one" in told_now


def test_a_source_that_was_hidden_is_shown_to_whom_something_new_that_rests_on_it_is(any_engine: sa.Engine) -> None:
    with change(any_engine, "1") as changes:
        make_source(changes, "one")
        make_agreement(changes, "A", audience=RESTRICTED, citations=[Cited("one", note="So.")])
    withdrawn(any_engine, Agreement, "A", "2")
    assert of_sources(any_engine, PUBLIC, OFFICIAL) == []
    with change(any_engine, "3") as changes:
        make_agreement(changes, "B", audience=OFFICIAL, citations=[Cited("one", note="So.")])
    assert of_sources(any_engine, PUBLIC, OFFICIAL)[-1:] == ["OPENED one"]
    withdrawn(any_engine, Agreement, "B", "4")
    assert of_sources(any_engine, PUBLIC, OFFICIAL)[-1:] == ["OPENED one"]
    assert of_sources(any_engine, PUBLIC) == []


def test_a_change_that_is_hidden_concerns_no_country(any_engine: sa.Engine) -> None:
    with change(any_engine, "1") as changes:
        make_agreement(changes, "A", audience=OFFICIAL, parties=("UZ", "KR"))
    with viewing(any_engine, [PUBLIC]).connect() as connection:
        named = connection.exec_driver_sql("SELECT country_code FROM change_country ORDER BY country_code")
        assert named.scalars().all() == ["KR", "UZ"]  # the entries of the code list
    with viewing(any_engine, [PUBLIC, OFFICIAL]).connect() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM change_country").scalar() == 4


# ── Columns ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_column_for_another_audience_is_null(facts: Facts, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("registry.visibility._WRITTEN", {})  # views as they were before
    monkeypatch.setitem(table_behind(Agreement).c.title_en.info, "audience", OFFICIAL)
    facts.agreement("A", SIGNED, title_en="Title")

    assert seen(facts, "agreement", "title_en", PUBLIC) == [None]
    assert seen(facts, "agreement", "title_en", PUBLIC, OFFICIAL) == ["Title"]


def test_a_table_without_an_open_column_has_no_rows(facts: Facts, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("registry.visibility._WRITTEN", {})  # views as they were before
    for column in table_behind(Company).c:
        if column.name != "id":
            monkeypatch.delitem(column.info, "audience")
    facts.company("C")

    assert seen(facts, "company", "id", PUBLIC, OFFICIAL) == []
    assert seen(facts, "company", "id", *Audience) == [1]


# ── Engines ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_writers_are_told_the_same_as_readers_are_shown(hidden: Facts) -> None:
    hidden.source("unused")
    for audiences in ((), (PUBLIC,), (PUBLIC, OFFICIAL)):
        for table in SQLModel.metadata.sorted_tables:
            if table.name in SERVER:
                continue
            told = sa.select(sa.func.count()).select_from(table).where(may_see(table.name, audiences))
            with hidden.engine.connect() as writer, hidden.seen_by(*audiences).engine.connect() as reader:
                shown = reader.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()
                assert (table.name, writer.execute(told).scalar_one()) == (table.name, shown)


def test_an_engine_for_an_audience_is_made_once_and_closed_with_its_own(engine: sa.Engine) -> None:
    assert viewing(engine, list(Audience)) is engine
    narrowed = viewing(engine, [PUBLIC])
    assert viewing(engine, (PUBLIC,)) is narrowed is not viewing(engine, [PUBLIC, OFFICIAL])

    narrowed.connect().close()
    assert isinstance(narrowed.pool, sa.QueuePool)
    assert narrowed.pool.checkedin() == 1
    engine.dispose()
    assert isinstance(narrowed.pool, sa.QueuePool)
    assert narrowed.pool.checkedin() == 0


def test_engines_for_audiences_are_forgotten_with_their_own(engine: sa.Engine) -> None:
    gc.collect()
    before = len(_VIEWING)
    for _ in range(3):
        another = open_engine(engine.url.render_as_string(hide_password=False))
        viewing(another, [PUBLIC]).connect().close()
        another.dispose()
        del another
    gc.collect()

    assert len(_VIEWING) <= before
