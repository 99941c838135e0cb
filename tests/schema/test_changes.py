"""The log of changes as clients read it."""

import re
from typing import Any

import pytest
import sqlalchemy as sa
from graphql import GraphQLObjectType
from sqlmodel import SQLModel

from registry import agreements, companies
from registry.access import ANYONE, OPERATOR, Actor, Audience, Role
from registry.agreements import Agreement, AgreementRelationKind, PartyNamed, RelationStated, Subject
from registry.countries import Region
from registry.errors import BadInput
from registry.history import changeset, logged_tables, table_behind
from registry.history.shape import kind_of, whole_behind
from registry.migrations import tables
from registry.placements import Counted, report
from registry.quotas import Quota, revise
from registry.sources import Cited
from registry.status import LegalActKind, Terms
from registry.withdrawal import withdraw
from schema import schema
from schema.changes import cursor_of, position_of
from schema.execution.cursors import encode
from schema.execution.identity import spelled
from schema.field_changes import names_told
from schema.row_changes import PARTS
from tests.factories import (
    WORDS,
    make_act,
    make_agreement,
    make_company,
    make_country,
    make_key,
    make_quota,
    make_sector,
    make_source,
)
from tests.schema.asking import Asker

EDITOR, READER = Actor("Dilnoza", Role.EDITOR), Actor("Jasur", Role.READER)


def test_a_cursor_of_the_log_names_a_position() -> None:
    assert position_of(cursor_of(7, "key"), "key") == 7


@pytest.mark.parametrize(
    "cursor", [cursor_of(7, "another key"), encode([7], "Agreement.REFERENCE.False", "key"), "7", ""]
)
def test_a_cursor_that_was_not_given_for_the_log_is_refused(cursor: str) -> None:
    with pytest.raises(BadInput) as refusal:
        position_of(cursor, "key")

    assert refusal.value.path == ("after",)


# ── The log ─────────────────────────────────────────────────────────────────────────────────────────────────────────

FIELDS = "action subjectType reason actor fields { name old new }"


@pytest.fixture
def engine_with_facts(any_engine: sa.Engine) -> sa.Engine:
    """A registry with an agreement, a company and a quota, each entered by itself."""
    with changeset(any_engine, "Lists.") as changes:
        for code in ("UZ", "DE", "JP"):
            make_country(changes, code)
        make_sector(changes, "41")
        make_source(changes)
    with changeset(any_engine, "Found in the journal.", EDITOR) as changes:
        make_agreement(changes, sectors=["41"], audience=Audience.PUBLIC)
    with changeset(any_engine, "Its list of partners.", EDITOR) as changes:
        make_company(changes)
    with changeset(any_engine, "The protocol says so.", EDITOR) as changes:
        make_quota(changes, agreement="uz-de")
    return any_engine


def told(ask: Asker, arguments: str = "last: 1", select: str = FIELDS) -> Any:
    """The changes of a page of the log."""
    return ask(f"{{ changes({arguments}) {{ nodes {{ {select} }} }} }}")["changes"]["nodes"]


def fields(change: Any) -> dict[str, tuple[Any, Any]]:
    return {field["name"]: (field["old"], field["new"]) for field in change["fields"]}


def test_the_log_is_read_page_by_page_and_resumed_with_any_cursor(engine_with_facts: sa.Engine) -> None:
    ask = Asker(engine_with_facts, OPERATOR)
    edges = ask.walk("changes", "sequence cursor at", 3)
    state = ask("{ knownAt about { sequence digest } }")

    assert [edge["node"]["sequence"] for edge in edges] == list(range(1, state["about"]["sequence"] + 1))
    assert all(edge["cursor"] == edge["node"]["cursor"] for edge in edges)
    assert edges[-1]["node"]["at"] == state["knownAt"]
    (last,) = told(ask, f'after: "{edges[-2]["cursor"]}"', "sequence")
    assert last["sequence"] == state["about"]["sequence"]
    assert re.fullmatch("[0-9a-f]{64}", state["about"]["digest"])
    assert ask.walk("changes", "sequence cursor at", 4, backward=True) == edges


def test_a_record_that_is_entered_is_told_with_all_that_is_said_of_it(engine_with_facts: sa.Engine) -> None:
    ask = Asker(engine_with_facts, OPERATOR)
    (change,) = told(ask, 'last: 1, filter: { subjectType: ["Agreement"] }')

    assert (change["action"], change["reason"], change["actor"]) == ("CREATED", "Found in the journal.", "Dilnoza")
    assert fields(change) == {
        "reference": (None, "uz-de"),
        "titleAsPrinted": (None, "An Agreement"),
        "type": (None, "INTERGOVERNMENTAL_AGREEMENT"),
        "level": (None, "UNSPECIFIED"),
        "bindingness": (None, "UNASSESSED"),
        "beneficiaries": (None, []),
        "comparator": (None, False),
        "audience": (None, "PUBLIC"),
        "parties": (None, [{"country": "UZ"}, {"country": "DE"}]),
        "sectors": (None, ["41"]),
        "citations": (None, [{"source": "some-source", "quote": "It is so."}]),
    }


def test_a_revision_tells_what_differs_before_and_after(engine_with_facts: sa.Engine) -> None:
    with changeset(engine_with_facts, "Corrected.", EDITOR) as changes:
        agreements.revise(
            changes,
            reference="uz-de",
            expected_version=1,
            title_as_printed="The Agreement",
            parties=[PartyNamed("UZ"), PartyNamed("JP", company="works")],
            term=Terms(duration_months=12),
        )
    ask = Asker(engine_with_facts, OPERATOR)
    (change,) = told(ask)
    term = {"forceRule": "NOT_KNOWN", "forceOnFirstOfMonth": False, "durationMonths": 12, "renewal": "NONE"}

    assert change["action"] == "REVISED"
    assert fields(change) == {
        "titleAsPrinted": ("An Agreement", "The Agreement"),
        "parties": ([{"country": "DE"}], [{"country": "JP", "company": "works"}]),
        "term": (None, term),
    }


def test_a_part_that_is_revised_is_told_with_what_tells_it_apart(engine_with_facts: sa.Engine) -> None:
    cited = [Cited("some-source", "It is so.", locator) for locator in ("p. 1", "p. 2")]
    with changeset(engine_with_facts, "Read.", EDITOR) as changes:
        agreements.revise(changes, reference="uz-de", expected_version=1, citations=cited)
    with changeset(engine_with_facts, "Read again.", EDITOR) as changes:
        parties = [PartyNamed("UZ", signatory="A. Karimov"), PartyNamed("DE", company="works")]
        cited[1] = Cited("some-source", "It is so.", "p. 3")
        agreements.revise(changes, reference="uz-de", expected_version=2, parties=parties, citations=cited)
    with changeset(engine_with_facts, "Corrected.", EDITOR) as changes:
        parties = [PartyNamed("UZ"), PartyNamed("DE", company="works", signatory="B. Schmidt")]
        agreements.revise(changes, reference="uz-de", expected_version=3, parties=parties)
    read, corrected = (by_country(change) for change in told(Asker(engine_with_facts, OPERATOR), "last: 2"))
    words, works = {"source": "some-source", "quote": "It is so."}, {"country": "DE", "company": "works"}
    signed = {"country": "UZ", "signatory": "A. Karimov"}

    assert read["parties"] == ([{"country": "DE"}, {"country": "UZ"}], [works, signed])
    assert read["citations"] == ([words | {"locator": "p. 2"}], [words | {"locator": "p. 3"}])
    assert corrected["parties"] == ([works, signed], [works | {"signatory": "B. Schmidt"}, {"country": "UZ"}])


def by_country(change: Any) -> dict[str, Any]:
    """The fields of a change, parts in an order that does not depend on which was written first."""
    told = fields(change)
    old, new = (sorted(end, key=lambda party: str(party["country"])) for end in told["parties"])
    return told | {"parties": (old, new)}


#: Parts of which rows are added and taken out, but never revised; and those that need no telling apart: a record has
#: one term, and returns are looked up whole.
NEVER_REVISED = {"document", "engagement_country", "figure_destination", "licence", "partnership", "quota_revision"}
PLAIN_BY_THEMSELVES = {"agreement_term", "placement_return"}


def test_every_part_that_may_be_revised_says_what_tells_it_apart() -> None:
    tables()
    for table in PARTS:
        columns = SQLModel.metadata.tables[table].c
        apart = kind_of(table).__told_apart_by__
        all_key = all(column.primary_key for column in columns)
        assert bool(apart) != (all_key or table in NEVER_REVISED | PLAIN_BY_THEMSELVES), table
        assert set(apart) <= set(columns.keys())


def test_an_act_is_told_in_the_history_of_its_agreement(engine_with_facts: sa.Engine) -> None:
    with changeset(engine_with_facts, "The note was read.", EDITOR) as changes:
        number = make_act(changes, LegalActKind.NOTE_RECEIVED, "2024-10", party="DE").id
    with changeset(engine_with_facts, "It was another note.", EDITOR) as changes:
        agreements.withdraw_act(changes, act_id=number or 0)
    history = "history { totalCount nodes { subjectType action fields { name old new } subject { __typename } } }"
    found = Asker(engine_with_facts, OPERATOR)(f'{{ agreement(reference: "uz-de") {{ {history} }} }}')
    of_agreement, entered, withdrawn = found["agreement"]["history"]["nodes"]

    assert found["agreement"]["history"]["totalCount"] == 3
    assert (of_agreement["subjectType"], of_agreement["action"]) == ("Agreement", "CREATED")
    assert entered["subject"] == withdrawn["subject"] == {"__typename": "LegalAct"}
    said = fields(entered)
    assert (said["kind"], said["party"], said["date"]) == ((None, "NOTE_RECEIVED"), (None, "DE"), (None, "2024-10"))
    assert said["agreement"] == (None, "uz-de")
    assert withdrawn["action"] == "WITHDRAWN"
    assert fields(withdrawn) == {"inRecord": (True, False)}


def test_other_records_are_named_by_reference_even_once_they_were_taken_out(engine_with_facts: sa.Engine) -> None:
    ask = Asker(engine_with_facts, OPERATOR)
    (quota,) = told(ask, 'last: 1, filter: { subjectType: ["Quota"] }')
    assert fields(quota)["agreement"] == (None, "uz-de")

    for kind, reference in ((Quota, "de-2025"), (Agreement, "uz-de")):
        with changeset(engine_with_facts, "By mistake.") as changes:
            found = sa.select(table_behind(kind).c.id).filter_by(reference=reference)
            withdraw(changes, kind, changes.session.execute(found).scalar_one())
    (quota,) = told(ask, 'first: 1, filter: { subjectType: ["Quota"] }', f"{FIELDS} subject {{ id }}")
    assert fields(quota)["agreement"] == (None, "uz-de")
    assert quota["subject"] is None


def test_returns_are_told_as_changes_of_their_source_counted_and_some_of_them_shown(
    engine_with_facts: sa.Engine,
) -> None:
    months = [f"{year}-{month:02}" for year in (2023, 2024) for month in range(1, 13)]
    with changeset(engine_with_facts, "The return came.") as changes:
        report(changes, source="some-source", placements=[Counted(month, "DE", 5, sector="41") for month in months])
    with changeset(engine_with_facts, "The return was corrected.") as changes:
        report(changes, source="some-source", placements=[Counted("2024-03", "DE", 7, sector="41")])
    came, corrected = told(
        Asker(engine_with_facts, OPERATOR), "last: 2", f"{FIELDS} subject {{ ... on Source {{ reference }} }}"
    )
    row = {"period": "2024-03", "measure": "DEPARTED", "country": "DE", "sector": "41"}

    assert came["subject"] == {"reference": "some-source"}
    (_, new) = fields(came)["placements"]
    assert (new["count"], len(new["rows"])) == (24, 20)
    assert new["rows"][0] == row | {"period": "2023-01", "people": 5}
    assert fields(corrected) == {
        "placements": ({"count": 1, "rows": [row | {"people": 5}]}, {"count": 1, "rows": [row | {"people": 7}]})
    }


def test_a_corrected_return_tells_what_it_was_about_also_once_it_was_taken_back(engine_with_facts: sa.Engine) -> None:
    asker = Asker(engine_with_facts, OPERATOR)
    for reason, people, withdrawn in (("It came.", 5, False), ("Corrected.", 7, False), ("Taken back.", 7, True)):
        with changeset(engine_with_facts, reason) as changes:
            stated = [Counted("2024-03", "DE", people, sector="41", withdrawn=withdrawn)]
            report(changes, source="some-source", placements=[*stated, Counted("2024-04", "DE", 1)])
        if reason == "Corrected.":
            (then,) = told(asker)
    _, corrected, taken_back = told(asker, "last: 3")
    row = {"period": "2024-03", "measure": "DEPARTED", "country": "DE", "sector": "41"}

    assert fields(corrected) == fields(then)
    assert fields(then)["placements"][1] == {"count": 1, "rows": [row | {"people": 7}]}
    assert fields(taken_back) == {"placements": ({"count": 1, "rows": [row | {"people": 7}]}, None)}


def test_returns_beyond_those_shown_are_counted_however_they_changed(engine_with_facts: sa.Engine) -> None:
    months = [f"{year}-{month:02}" for year in (2023, 2024) for month in range(1, 13)]

    def told_of(people: int, months: list[str]) -> tuple[Any, Any]:
        with changeset(engine_with_facts, "As the source has it.") as changes:
            placements = [Counted(month, "DE", people, sector="41") for month in months]
            report(changes, source="some-source", placements=placements)
        return fields(told(Asker(engine_with_facts, OPERATOR))[0])["placements"]

    assert told_of(5, months)[0] is None
    before, after = told_of(7, months)
    assert (before["count"], after["count"]) == (24, 24)
    shown = {row["period"] for row in before["rows"]}
    assert len(shown) == 20
    assert shown <= set(months)
    assert [row | {"people": 7} for row in before["rows"]] == after["rows"]
    assert all(row["people"] == 5 and row["sector"] == "41" for row in before["rows"])


def test_whoever_asks_is_told_of_every_return_so_that_they_may_be_counted_unseen() -> None:
    tables()
    (table,) = (table for table, name in PARTS.items() if name == "placements")
    columns = {column.name: column for column in SQLModel.metadata.tables[table].c}

    assert columns["period"].info["audience"] == Audience.PUBLIC
    assert not columns["period"].nullable
    by_id = {name for name, column in columns.items() for key in column.foreign_keys if key.column.name == "id"}
    assert [name for name in by_id if not columns[name].nullable] == ["source_id"]


def test_what_an_agreement_is_about_is_told(engine_with_facts: sa.Engine) -> None:
    with changeset(engine_with_facts, "Entered with its subjects.", EDITOR) as changes:
        make_agreement(changes, "uz-jp", ("UZ", "JP"), subjects=[Subject.LABOUR_MIGRATION, Subject.MIGRANT_RIGHTS])
    (change,) = told(Asker(engine_with_facts, OPERATOR))

    assert fields(change)["subjects"] == (None, ["LABOUR_MIGRATION", "MIGRANT_RIGHTS"])


@pytest.mark.parametrize(
    ("filter", "types"),
    [
        ('subjectType: ["Company", "Quota"]', ["Company", "Quota"]),
        ('country: ["JP"]', ["Country"]),
        ('country: ["DE"]', ["Country", "Agreement", "Company", "Quota"]),
        ("subjectId: $id", ["Agreement"]),
        ("subjectType: []", []),
    ],
)
def test_the_log_is_filtered(engine_with_facts: sa.Engine, filter: str, types: list[str]) -> None:
    ask = Asker(engine_with_facts, OPERATOR)
    given = ask('{ agreement(reference: "uz-de") { id } }')["agreement"]["id"]
    filter = filter.replace("$id", f'"{given}"')
    found = ask(f"{{ changes(filter: {{ {filter} }}) {{ totalCount nodes {{ subjectType }} }} }}")["changes"]

    assert [change["subjectType"] for change in found["nodes"]] == types
    assert found["totalCount"] == len(types)


SOUGHT = "query ($filter: ChangeFilter) { changes(filter: $filter) { totalCount } }"


@pytest.mark.parametrize(
    ("filter", "argument", "reason", "value"),
    [
        ({"subjectType": ["Agreement", "agreement"]}, ["filter", "subjectType", "1"], "NO_SUCH_CHOICE", "agreement"),
        ({"subjectType": ["Change"]}, ["filter", "subjectType", "0"], "NO_SUCH_CHOICE", "Change"),
        ({"since": "2026-01-02T00:00:00Z", "until": "2026-01-01T00:00:00Z"}, ["filter", "until"], "PERIOD", None),
    ],
)
def test_what_no_change_can_be_is_refused(
    engine_with_facts: sa.Engine, filter: dict[str, Any], argument: list[str], reason: str, value: str | None
) -> None:
    refused = Asker(engine_with_facts, OPERATOR).refusal(SOUGHT, filter=filter)

    assert (refused["code"], refused["path"], refused["argument"]) == ("BAD_USER_INPUT", ["changes"], argument)
    assert (refused["reason"], refused["value"]) == (reason, value)


def test_a_type_that_the_log_does_not_know_is_refused_with_those_that_it_knows(engine_with_facts: sa.Engine) -> None:
    ask = Asker(engine_with_facts, OPERATOR)
    _, (error,) = ask.answer(SOUGHT, filter={"subjectType": ["Treaty"]})

    named = error["extensions"]["hint"].removeprefix("Ask for one of these: ").removesuffix(".").split(", ")
    assert {"Agreement", "LegalAct", "ApiKey", "Region"} <= set(named)
    assert ask(SOUGHT, filter={"subjectType": named})["changes"] == ask("{ changes { totalCount } }")["changes"]


def test_the_log_is_filtered_by_any_record_that_it_tells_of(engine_with_facts: sa.Engine) -> None:
    with changeset(engine_with_facts, "Where it lies.") as changes:
        changes.add(Region(code="145", name_en="Western Asia"))
        make_key(changes, READER)
    ask = Asker(engine_with_facts, OPERATOR)
    every = ask("{ changes(first: 100) { nodes { sequence subjectId subjectType } } }")["changes"]["nodes"]
    assert {"Region", "ApiKey", "Agreement", "Country"} <= {change["subjectType"] for change in every}

    for change in every:
        found = told(ask, f'filter: {{ subjectId: "{change["subjectId"]}" }}', "sequence subjectId subjectType")
        assert change in found

    (region,) = (change["subjectId"] for change in every if change["subjectType"] == "Region")
    (key,) = (change["subjectId"] for change in every if change["subjectType"] == "ApiKey")
    for given in (region[:-1], spelled("Party", 1, ""), spelled("Region", "1\0", "")):
        query = f'{{ changes(filter: {{ subjectId: "{given}" }}) {{ totalCount }} }}'
        assert ask.refusal(query)["argument"] == ["filter", "subjectId"]
    assert told(Asker(engine_with_facts, READER), f'filter: {{ subjectId: "{key}" }}') == []


# ── What who may see ────────────────────────────────────────────────────────────────────────────────────────────────


def test_who_may_not_see_names_is_told_the_role(engine_with_facts: sa.Engine) -> None:
    (seen,) = told(Asker(engine_with_facts, ANYONE))
    (known,) = told(Asker(engine_with_facts, READER))

    assert (seen["actor"], known["actor"]) == ("EDITOR", "Dilnoza")


def audience(engine: sa.Engine, audience: Audience) -> None:
    with changeset(engine, "Who may see it.", OPERATOR) as changes:
        agreement = changes.session.scalars(sa.select(Agreement)).one()
        agreements.revise(changes, reference="uz-de", expected_version=agreement.version, audience=audience)


def test_changes_of_a_record_that_is_hidden_now_do_not_show(engine_with_facts: sa.Engine) -> None:
    everyone, officials = Asker(engine_with_facts, ANYONE), Asker(engine_with_facts, READER)
    select = "sequence action subjectType subject { id } fields { new }"
    before = told(everyone, "first: 100", select)
    assert {"Agreement", "Quota"} <= {change["subjectType"] for change in before}

    audience(engine_with_facts, Audience.OFFICIAL)
    *after, closed = told(everyone, "first: 100", select)
    assert (closed["action"], closed["subjectType"]) == ("CLOSED", "Agreement")
    assert (closed["subject"], closed["fields"]) == (None, [])
    assert {"Agreement", "Quota"}.isdisjoint(change["subjectType"] for change in after)
    assert "uz-de" not in str(after)
    assert [change for change in told(officials, "first: 100", select) if change in before] == before
    assert everyone("{ changes { totalCount } }")["changes"]["totalCount"] == len(after) + 1


def test_changes_of_a_record_that_was_hidden_then_do_not_show(engine_with_facts: sa.Engine) -> None:
    ask = Asker(engine_with_facts, ANYONE)
    before = told(ask, "first: 100", "sequence")
    audience(engine_with_facts, Audience.RESTRICTED)
    with changeset(engine_with_facts, "Secret.") as changes:
        make_act(changes)
    audience(engine_with_facts, Audience.PUBLIC)
    with changeset(engine_with_facts, "Open.") as changes:
        make_act(changes, date="2024-09-16")
    after = told(ask, "first: 100", "sequence action reason")

    *then, closed, opened, last = after
    assert [change["sequence"] for change in then] == [change["sequence"] for change in before]
    assert [change["action"] for change in (closed, opened)] == ["CLOSED", "OPENED"]
    assert "Who may see it." not in (closed["reason"], opened["reason"])
    assert last["reason"] == "Open."


def test_what_was_hidden_when_it_was_taken_out_stays_hidden(engine_with_facts: sa.Engine) -> None:
    ask = Asker(engine_with_facts, ANYONE)
    audience(engine_with_facts, Audience.RESTRICTED)
    for kind, reference in ((Quota, "de-2025"), (Agreement, "uz-de")):
        with changeset(engine_with_facts, "By mistake.") as changes:
            found = sa.select(table_behind(kind).c.id).filter_by(reference=reference)
            withdraw(changes, kind, changes.session.execute(found).scalar_one())
    *left, closed = told(ask, "first: 100", "action subjectType fields { name old new }")

    assert closed == {"action": "CLOSED", "subjectType": "Agreement", "fields": []}
    assert {"Agreement", "Quota"}.isdisjoint(change["subjectType"] for change in left)
    assert "uz-de" not in str(left)


def test_a_row_that_cannot_be_without_a_hidden_record_is_left_out(engine_with_facts: sa.Engine) -> None:
    with changeset(engine_with_facts, "Another.") as changes:
        make_agreement(changes, "hidden", audience=Audience.OFFICIAL)
    with changeset(engine_with_facts, "It rests on that.") as changes:
        relation = RelationStated(AgreementRelationKind.AMENDS, "hidden")
        agreements.relate(changes, agreement="uz-de", relations=[relation])
    with changeset(engine_with_facts, "A partner under it.") as changes:
        companies.record_partnership(
            changes, company="works", stage=companies.PartnershipStage.ACTIVE, agreement="hidden", citations=WORDS
        )
    related, partnered = (fields(change) for change in told(Asker(engine_with_facts, READER), "last: 2"))
    assert related["relations"] == (None, [{"kind": "AMENDS", "agreement": "hidden"}])
    assert partnered["partnerships"][1][0]["agreement"] == "hidden"

    related, partnered = (fields(change) for change in told(Asker(engine_with_facts, ANYONE), "last: 2"))
    assert related == {}
    words = {"source": "some-source", "quote": "It is so."}
    assert partnered["partnerships"] == (None, [{"stage": "ACTIVE", "citations": [words]}])


def test_a_column_for_another_audience_is_left_out(
    engine_with_facts: sa.Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(table_behind(Agreement).c.title_as_printed.info, "audience", Audience.OFFICIAL)
    (seen,) = told(Asker(engine_with_facts, ANYONE), 'last: 1, filter: { subjectType: ["Agreement"] }')
    (known,) = told(Asker(engine_with_facts, READER), 'last: 1, filter: { subjectType: ["Agreement"] }')

    assert set(fields(known)) - set(fields(seen)) == {"titleAsPrinted"}


# ── Words ───────────────────────────────────────────────────────────────────────────────────────────────────────────

CITATIONS = "citations { source { reference } quote locator }"


def replayed(engine: sa.Engine, type_: str, *names: str) -> dict[str, list[Any]]:
    """Lists of a record as somebody holds them who follows its changes: what they tell is taken out and put in."""
    held: dict[str, list[Any]] = {name: [] for name in names}
    for change in told(Asker(engine, ANYONE), f'first: 100, filter: {{ subjectType: ["{type_}"] }}'):
        for name in set(names) & set(fields(change)):
            old, new = fields(change)[name]
            for item in old or ():
                held[name].remove(item)
            held[name] += new or ()
    return held


def shown(row: Any) -> Any:
    """A row of an answer as changes tell it: what is null left out, and sources and dates by their plain names."""
    if isinstance(row, list):
        return [shown(each) for each in row]
    if not isinstance(row, dict):
        return row
    if plain := row.get("reference") or row.get("edtf"):
        return plain
    return {name: shown(value) for name, value in row.items() if value is not None}


def test_words_that_go_over_to_an_earlier_decision_are_told_with_it(engine_with_facts: sa.Engine) -> None:
    for places, decided, locator in ((150, "2025-03", "p. 2"), (180, "2025-06", "p. 3")):
        with changeset(engine_with_facts, "A later decision.") as changes:
            words = [Cited("some-source", "It is so.", locator), Cited("some-source", "And so.", locator)]
            revise(changes, quota="de-2025", places=places, decided=decided, citations=words)
    query = f'{{ quota(reference: "de-2025") {{ {CITATIONS} revisions {{ places decided {{ edtf }} {CITATIONS} }} }} }}'
    quota = shown(Asker(engine_with_facts, ANYONE)(query)["quota"])

    assert [len(each["citations"]) for each in (quota, *quota["revisions"])] == [2, 1, 2]
    assert replayed(engine_with_facts, "Quota", "citations", "revisions") == quota


def test_words_for_the_licences_of_a_company_are_told_with_each_of_them(engine_with_facts: sa.Engine) -> None:
    states = {"p. 1": companies.LicenceState.VALID, "p. 2": companies.LicenceState.EXPIRED}
    with changeset(engine_with_facts, "Its licences.") as changes:
        for locator, state in states.items():
            companies.record_licence(
                changes, company="works", state=state, citations=[Cited("some-source", "It is so.", locator)]
            )
    query = f'{{ company(reference: "works") {{ {CITATIONS} licences {{ state {CITATIONS} }} }} }}'
    company = shown(Asker(engine_with_facts, ANYONE)(query)["company"])
    assert replayed(engine_with_facts, "Company", "citations", "licences") == company

    with changeset(engine_with_facts, "By mistake.") as changes:
        companies.withdraw_licence(changes, company="works", state=companies.LicenceState.VALID)
    company["licences"] = [each for each in company["licences"] if each["state"] != "VALID"]
    assert replayed(engine_with_facts, "Company", "citations", "licences") == company


def test_words_that_are_told_later_than_their_part_are_told_as_a_change_of_it(
    engine_with_facts: sa.Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("registry.history.changes._HELD", 1)
    with changeset(engine_with_facts, "Its licence.") as changes:
        companies.record_licence(changes, company="works", state=companies.LicenceState.VALID, citations=WORDS)
    licence, words = {"state": "VALID"}, [{"source": "some-source", "quote": "It is so."}]
    of_company = told(Asker(engine_with_facts, ANYONE), 'last: 2, filter: { subjectType: ["Company"] }')

    assert [fields(each) for each in of_company] == [
        {"licences": (None, [licence])},
        {"licences": ([licence], [licence | {"citations": words}])},
    ]


# ── Names ───────────────────────────────────────────────────────────────────────────────────────────────────────────

#: The types whose citations are told.
CITED = ("Agreement", "LegalAct", "Company", "Quota", "Figure", "Engagement", "Institution", "Programme")

#: Fields that clients know by another way than by a field of that name on the record.
OTHERWISE = {
    *(f"{name}{language}" for name in ("title", "name") for language in ("En", "Ru", "Uz", "UzCyrl")),
    "placements",
    "decided",  # the day of a decision, which revisions have and `QuotaReviseInput` states
}


def test_every_field_that_is_told_bears_the_name_that_the_contract_has_for_it() -> None:
    tables()
    unknown = []
    for table in logged_tables():
        whole = whole_behind(kind_of(table.name))
        types = CITED if table.name == "citation" else (whole[0] if whole else kind_of(table.name).__name__,)
        for served in (schema._schema.type_map.get(name) for name in types):
            if isinstance(served, GraphQLObjectType):  # a region is shown as a name of a country's
                names = names_told(table.name) - OTHERWISE
                unknown += [f"{served.name}.{name}" for name in sorted(names) if name not in served.fields]

    assert unknown == []


# ── By instant ──────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_log_is_narrowed_to_what_was_made_between_two_instants(any_ask: Asker) -> None:
    everything = any_ask.all("changes", "sequence at")
    instants = sorted({change["at"] for change in everything})
    first, last = instants[0], instants[-1]

    def between(bounds: str) -> list[int]:
        return [change["sequence"] for change in any_ask.all("changes", "sequence", f"filter: {{ {bounds} }},")]

    for instant in {first, instants[len(instants) // 2], last}:
        earlier = [change["sequence"] for change in everything if change["at"] <= instant]
        later = [change["sequence"] for change in everything if change["at"] >= instant]
        assert between(f'until: "{instant}"') == earlier
        assert between(f'since: "{instant}"') == later
    assert between('until: "2000-01-01T00:00:00Z"') == []
    assert between('since: "2999-01-01T00:00:00Z"') == []
    assert between('until: "0999-01-01T00:00:00Z"') == []
