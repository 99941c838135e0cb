"""The graph as it was known at an earlier moment: every earlier answer is given again."""

import asyncio
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from registry.access import ANYONE, OPERATOR, Actor, Audience, Role
from registry.agreements import Agreement, LegalAct, revise, withdraw_act
from registry.history import changeset, table_behind
from registry.knowledge import make
from registry.quotas import Quota
from registry.sources import Cited
from registry.withdrawal import withdraw
from schema import schema
from schema.context import Context
from schema.execution.direct import Direct
from tests.factories import make_act, make_agreement, make_company, make_country, make_quota, make_source
from tests.random_edits import Edits
from tests.schema.asking import Asker

READER = Actor("Jasur", Role.READER)

#: Most of what can be asked, ids apart.
EVERYTHING = """
fragment Cited on Citation { quote locator note source { reference } }
fragment Table on PlacementTable {
  total unallocated rowCount
  rows { people share year month country { code } sector { code } company { reference } agreement { reference } }
  sources { reference }
}
fragment Everything on Registry {
  date knownAt digest
  agreements(first: 100, filter: { includeComparators: true }) { totalCount nodes {
    reference title titleAsPrinted titleLanguage type level laterality bindingness bindingnessReason subjects
    beneficiaries audience version status possibleStatuses articleCount comparator
    parties { country { code } institution { reference } company { reference } signatory }
    partners { code } sectors { code } citations { ...Cited }
    acts { kind inRecord date { edtf earliest latest } party { code } place citations { ...Cited } }
    statusReason { rule authority explanation missing acts { kind } }
    timeline { status possibleStatuses from until }
    term { forceRule durationMonths renewal renewalMonths noticeMonths endsOn noticeBy renewals }
    relations { kind inverse agreement { reference } }
    documents { title language } deadlines { kind date explanation } gaps { kind explanation }
    quotas { nodes { reference } } companies { nodes { reference } } placements { ...Table }
  } }
  countries(first: 100, filter: { code: ["UZ", "DE", "JP", "KR", "TR"] }) { nodes {
    code name stage agreements { totalCount } companies { totalCount } quotas { totalCount } figures { totalCount }
    engagements { totalCount } institutions { totalCount } placements(groupBy: [SECTOR]) { ...Table }
    deadlines { totalCount } gaps { totalCount }
  } }
  companies(first: 100, orderBy: { field: NAME }) { nodes {
    reference name names country { code } roles sectors { code } stage version
    partnerships { stage agreement { reference } since { edtf } } licences { number state } citations { ...Cited }
  } }
  quotas(first: 100, orderBy: { field: PERIOD }) { nodes {
    reference kind basis agreement { reference } country { code } origins { code } sector { code } unit places version
    period { edtf start end } utilisation { comparable } revisions { places decided { edtf } citations { ...Cited } }
    citations { ...Cited }
  } }
  sectors(first: 100) { nodes { code name } }
  occupations { nodes { code } }
  placements(groupBy: [YEAR, COUNTRY]) { ...Table }
  byMonth: placements(groupBy: [MONTH]) { ...Table }
  bySector: placements(groupBy: [SECTOR]) { ...Table }
  byOccupation: placements(groupBy: [OCCUPATION]) { total }
  figures(first: 100) { nodes { reference measure value destinations { code } period { edtf } } }
  engagements(first: 100) { nodes { reference title date { edtf } countries { code } audience } }
  institutions(first: 100) { nodes { reference name country { code } } }
  programmes(first: 100) { nodes { reference name } }
  sources(first: 100) { nodes { reference facts(first: 50) { totalCount edges { citation { quote } } } } }
  deadlines(first: 100) { nodes { kind date explanation subject { __typename } } }
  search(text: "agreement", first: 100) { totalCount edges { snippet node { __typename } } }
  gaps(first: 100) { nodes { kind explanation subject { __typename } country { code } } }
}
"""
NOW = EVERYTHING + "{ ...Everything }"
THEN = EVERYTHING + "query Then($at: DateTime!) { at(knownAt: $at) { ...Everything } }"


class Lasting(Asker):
    """Asks one registry again and again by the same plans, which keep what was known earlier."""

    def __init__(self, engine: sa.Engine, actor: Actor = OPERATOR) -> None:
        super().__init__(engine, actor)
        self.direct = Direct(schema, engine, self.settings)

    def answer(self, query: str, **variables: Any) -> tuple[Any, list[dict[str, Any]]]:
        context = Context(self.engine, self.settings, self.actor, direct=self.direct)
        result = asyncio.run(schema.execute(query, variable_values=variables, context_value=context))
        return result.data, [dict(error.formatted) for error in result.errors or []]

    def bytes(self, query: str, **variables: Any) -> bytes:
        """The answer as bytes straight from rows."""
        answer = asyncio.run(self.direct.execute(query, variables, actor=self.actor))
        assert answer is not None, self.answer(query, **variables)[1]
        return answer

    def at(self, moment: str, select: str, **arguments: str) -> Any:
        """What was known at a moment."""
        more = "".join(f', {name}: "{value}"' for name, value in arguments.items())
        return self(f'{{ at(knownAt: "{moment}"{more}) {{ {select} }} }}')["at"]

    def moment(self) -> str:
        """The instant of the last change."""
        return str(self("{ knownAt }")["knownAt"])


@pytest.fixture
def edits(any_engine: sa.Engine) -> Edits:
    return Edits(any_engine, seed=2)


@pytest.fixture
def asking() -> Iterator[Callable[..., Lasting]]:
    """What makes somebody who asks a registry."""
    made: list[Lasting] = []

    def ask(engine: sa.Engine, actor: Actor = OPERATOR) -> Lasting:
        made.append(Lasting(engine, actor))
        return made[-1]

    yield ask
    for each in made:
        each.direct.close()


@pytest.mark.parametrize("actor", [OPERATOR, ANYONE], ids=["operator", "anyone"])
def test_every_earlier_answer_is_given_again(edits: Edits, asking: Callable[..., Lasting], actor: Actor) -> None:
    ask = asking(edits.engine, actor)
    if actor is ANYONE:  # what was closed since stays closed
        edits.audiences = (Audience.PUBLIC,)
    answers = {}
    for _ in range(40):
        edits.make()
        answers[ask.moment()] = ask.bytes(NOW)

    for moment, told in [*answers.items()][::-3]:
        assert ask.bytes(THEN, at=moment) == told.replace(b'{"data":', b'{"data":{"at":', 1) + b"}", moment


# ── Moments ─────────────────────────────────────────────────────────────────────────────────────────────────────────

STATUS = 'agreement(reference: "uz-de") { id titleAsPrinted status version }'


@pytest.fixture
def moments(any_engine: sa.Engine) -> list[str]:
    """The instants at which a registry had the lists, an agreement, its signature, and another title."""
    ask, found = Asker(any_engine), []

    def changed(make: Callable[[Any], Any]) -> None:
        with changeset(any_engine, "So it is.") as changes:
            make(changes)
        found.append(ask("{ knownAt }")["knownAt"])

    changed(lambda changes: [make_country(changes, code) for code in ("UZ", "DE")])
    changed(lambda changes: make_agreement(changes, audience=Audience.PUBLIC))
    changed(lambda changes: make_act(changes, date="2024-09-15"))
    changed(lambda changes: revise(changes, reference="uz-de", expected_version=2, title_as_printed="Another"))
    return found


def test_two_moments_of_knowledge_and_two_days_are_compared_in_one_question(
    any_engine: sa.Engine, moments: list[str], asking: Callable[..., Lasting]
) -> None:
    ask = asking(any_engine, ANYONE)
    found = ask(
        f"""query ($empty: DateTime!, $entered: DateTime!, $signed: DateTime!) {{
        now: {STATUS} empty: at(knownAt: $empty) {{ {STATUS} agreements {{ totalCount }} }}
        entered: at(knownAt: $entered) {{ {STATUS} knownAt }} signed: at(knownAt: $signed) {{ {STATUS} knownAt }}
        before: at(knownAt: $signed, date: "2024-09-14") {{ date {STATUS} }} }}""",
        empty=moments[0],
        entered=moments[1],
        signed=moments[2],
    )

    assert found["empty"] == {"agreement": None, "agreements": {"totalCount": 0}}
    told = {name: found[name]["agreement"] for name in ("entered", "signed", "before")}
    assert {name: agreement["status"] for name, agreement in told.items()} == {
        "entered": "REPORTED",
        "signed": "SIGNED",
        "before": "NONE",
    }
    assert [agreement["version"] for agreement in (*told.values(), found["now"])] == [1, 2, 2, 3]
    assert (told["signed"]["titleAsPrinted"], found["now"]["titleAsPrinted"]) == ("An Agreement", "Another")
    assert [found[name]["knownAt"] for name in ("entered", "signed")] == moments[1:3]
    assert found["before"]["date"] == "2024-09-14"


def test_a_moment_between_two_changes_is_that_of_the_one_before(
    any_engine: sa.Engine, moments: list[str], asking: Callable[..., Lasting]
) -> None:
    ask = asking(any_engine)
    later = datetime.fromisoformat(moments[2]) - timedelta(microseconds=1)

    assert ask.at(later.isoformat(), f"knownAt {STATUS}")["agreement"]["version"] == 1
    assert ask.at(later.isoformat(), "knownAt")["knownAt"] == moments[1]
    assert ask.at("2999-01-01T00:00:00Z", f"knownAt {STATUS}")["agreement"]["version"] == 3
    assert ask.at("2999-01-01T00:00:00Z", "knownAt")["knownAt"] == moments[-1] == ask.moment()
    assert len(ask.direct.knowledge) == 1, "what is known now needs no snapshot"


def test_before_the_first_change_nothing_was_known_which_is_told_where_it_is_asked(
    any_engine: sa.Engine, moments: list[str], asking: Callable[..., Lasting]
) -> None:
    ask = asking(any_engine)
    data, errors = ask.answer(f'{{ {STATUS} then: at(knownAt: "2001-01-01T00:00:00Z") {{ {STATUS} }} }}')

    assert data is None or data["then"] is None
    (error,) = errors
    assert error["path"] == ["then"]
    assert (error["extensions"]["code"], error["extensions"]["argument"]) == ("BAD_USER_INPUT", ["knownAt"])
    assert error["message"] == "Nothing was known yet at that moment."


def test_a_filter_may_name_what_was_on_record_then_and_nothing_else(
    any_engine: sa.Engine, moments: list[str], asking: Callable[..., Lasting]
) -> None:
    ask = asking(any_engine)
    query = """query ($at: DateTime!) { at(knownAt: $at) {
        companies(filter: { agreement: ["uz-de"] }) { totalCount }
        node(id: "Q291bnRyeTpERQ") { ...Companies } } }
    fragment Companies on Country { companies(filter: { agreement: ["uz-de"] }) { totalCount } }"""

    assert ask(query, at=moments[1])["at"]["companies"] == {"totalCount": 0}
    _, errors = ask.answer(query, at=moments[0])
    assert {error["extensions"]["code"] for error in errors} == {"NOT_FOUND"}


def test_pages_go_on_within_a_moment(edits: Edits, asking: Callable[..., Lasting]) -> None:
    for _ in range(20):
        edits.make()
    ask = asking(edits.engine)
    moment, earlier = ask.moment(), ask.all("agreements", "reference")
    for _ in range(20):
        edits.make()

    within = f'at(knownAt: "{moment}")'
    assert ask.all("agreements", "reference", within=within) == earlier
    assert [edge["node"] for edge in ask.walk("agreements", "reference", 2, within=within)] == earlier


def test_what_is_committed_while_a_question_is_read_does_not_mix_with_it(
    any_engine: sa.Engine, moments: list[str], asking: Callable[..., Lasting], monkeypatch: pytest.MonkeyPatch
) -> None:
    ask = asking(any_engine)
    positions = ask.direct.knowledge.positions
    asked: list[int] = []

    def stale(instants: Any) -> Any:
        found = positions(instants)
        if not asked:
            with changeset(any_engine, "Meanwhile.") as changes:
                make_company(changes)
        asked.append(found[0])
        return found

    monkeypatch.setattr(ask.direct.knowledge, "positions", stale)
    found = ask.at("2999-01-01T00:00:00Z", "knownAt companies { nodes { id } }")

    assert len(asked) == 2
    (company,) = found["companies"]["nodes"]
    assert found["knownAt"] == ask.moment() > moments[-1]
    assert b64decode(company["id"] + "==").decode().endswith(f"@{asked[1]}")


# ── Ids ─────────────────────────────────────────────────────────────────────────────────────────────────────────────

NODES = "query ($ids: [ID!]!) { nodes(ids: $ids) { id ... on Agreement { titleAsPrinted version } } }"


def test_an_id_finds_the_same_state_again(
    any_engine: sa.Engine, moments: list[str], asking: Callable[..., Lasting]
) -> None:
    ask = asking(any_engine)
    entered, signed, last = (ask.at(moment, STATUS)["agreement"] for moment in moments[1:])
    now, on_day = ask(f'{{ {STATUS} at(date: "2024-01-01") {{ {STATUS} }} }}').values()
    with changeset(any_engine, "Another title still.") as changes:
        revise(changes, reference="uz-de", expected_version=3, title_as_printed="Third")

    ids = [now["id"], entered["id"], on_day["agreement"]["id"], signed["id"], last["id"], entered["id"]]
    found = ask(NODES, ids=ids)["nodes"]
    assert [node["id"] for node in found] == ids
    assert [node["version"] for node in found] == [4, 1, 4, 2, 3, 1]
    assert ask(f'{{ node(id: "{last["id"]}") {{ ... on Agreement {{ titleAsPrinted }} }} }}')["node"] == {
        "titleAsPrinted": "Another"
    }
    within = ask.at(moments[2], f'same: node(id: "{entered["id"]}") {{ id }} day: node(id: "{ids[2]}") {{ {NODE} }}')
    assert within == {"same": {"id": entered["id"]}, "day": {"id": ids[2], "version": 4}}


NODE = "id ... on Agreement { version }"


def test_an_id_is_the_same_each_time_and_another_at_each_moment(
    any_engine: sa.Engine, moments: list[str], asking: Callable[..., Lasting]
) -> None:
    ask = asking(any_engine)
    first, again = ([ask.at(moment, STATUS)["agreement"]["id"] for moment in moments[1:]] for _ in range(2))

    assert first == again
    assert len({*first, ask(f"{{ {STATUS} }}")["agreement"]["id"]}) == 4


def test_an_id_of_a_position_that_the_log_does_not_have_is_refused(
    any_engine: sa.Engine, moments: list[str], asking: Callable[..., Lasting]
) -> None:
    ask = asking(any_engine)
    for text in ("Agreement:1@2024-01-01@99", "Agreement:1@2024-01-01@0", "Agreement:1@2024-01-01@", "Agreement:1@1"):
        made = b64encode(text.encode()).decode().rstrip("=")
        refused = ask.refusal("query ($id: ID!) { node(id: $id) { id } }", id=made)
        assert (refused["code"], refused["argument"]) == ("BAD_USER_INPUT", ["id"])


# ── What who may see ────────────────────────────────────────────────────────────────────────────────────────────────


def test_what_was_closed_since_is_not_seen_in_the_past_either(
    any_engine: sa.Engine, moments: list[str], asking: Callable[..., Lasting]
) -> None:
    everyone, officials, administrators = (asking(any_engine, actor) for actor in (ANYONE, READER, OPERATOR))
    with changeset(any_engine, "Places.") as changes:
        make_quota(changes, agreement="uz-de")
    moment = everyone.moment()
    select = f'{STATUS} quotas {{ totalCount }} sources {{ totalCount }} country(code: "DE") {{ stage }}'
    open_to_all = everyone.at(moment, select)
    assert open_to_all == officials.at(moment, select) == administrators.at(moment, select)

    def show(audience: Audience, version: int) -> None:
        with changeset(any_engine, "Who may see it.") as changes:
            revise(changes, reference="uz-de", expected_version=version, audience=audience)

    closed = {
        "agreement": None,
        "quotas": {"totalCount": 0},
        "sources": {"totalCount": 0},
        "country": {"stage": "NONE"},
    }
    show(Audience.OFFICIAL, 3)
    assert everyone.at(moment, select) == closed
    assert officials.at(moment, select) == administrators.at(moment, select) == open_to_all
    show(Audience.RESTRICTED, 4)
    assert everyone.at(moment, select) == officials.at(moment, select) == closed
    assert administrators.at(moment, select) == open_to_all
    show(Audience.PUBLIC, 5)
    assert everyone.at(moment, select) == open_to_all

    show(Audience.RESTRICTED, 6)
    for kind in (Quota, LegalAct, Agreement):
        with changeset(any_engine, "By mistake.") as changes:
            for number in changes.session.scalars(sa.select(table_behind(kind).c.id)):
                withdraw(changes, kind, number) if kind is not LegalAct else withdraw_act(changes, act_id=number)
    assert everyone.at(moment, select) == officials.at(moment, select) == closed
    assert administrators.at(moment, select) == open_to_all
    assert asking(any_engine, ANYONE).at(moment, select) == closed, "nor where the snapshot is made only now"


def test_a_source_that_a_hidden_agreement_came_to_rest_on_is_not_seen_before_or_after_it_did(
    any_engine: sa.Engine, asking: Callable[..., Lasting]
) -> None:
    official, administrator = asking(any_engine, READER), asking(any_engine, OPERATOR)
    with changeset(any_engine, "A test.") as changes:
        make_source(changes)
    with changeset(any_engine, "A test.") as changes:
        make_source(changes, "one")
    moments = [administrator.moment()]
    select = 'source(reference: "one") { title }'
    assert official.at(moments[0], select) == administrator.at(moments[0], select)
    with changeset(any_engine, "A test.") as changes:
        make_agreement(changes, audience=Audience.RESTRICTED, citations=[Cited("one", note="So.")])
    moments.append(administrator.moment())
    with changeset(any_engine, "By mistake.") as changes:
        withdraw(changes, Agreement, 1)
    moments.append(administrator.moment())

    for asker in (official, asking(any_engine, READER)):
        assert [asker.at(moment, select)["source"] for moment in moments] == [None] * 3
        assert asker('{ source(reference: "one") { title } }') == {"source": None}
    assert all(administrator.at(moment, select)["source"] for moment in moments)


def test_what_was_open_to_the_end_is_seen_in_the_past_also_where_it_was_closed_before(
    any_engine: sa.Engine, moments: list[str], asking: Callable[..., Lasting]
) -> None:
    for version, audience in ((3, Audience.OFFICIAL), (4, Audience.PUBLIC)):
        with changeset(any_engine, "Who may see it.") as changes:
            revise(changes, reference="uz-de", expected_version=version, audience=audience)
    everyone = asking(any_engine, ANYONE)
    moment = everyone.moment()
    before = everyone.at(moment, STATUS)
    for kind in (LegalAct, Agreement):
        with changeset(any_engine, "By mistake.") as changes:
            for number in changes.session.scalars(sa.select(table_behind(kind).c.id)):
                withdraw(changes, kind, number) if kind is Agreement else withdraw_act(changes, act_id=number)

    assert before["agreement"] is not None
    assert everyone.at(moment, STATUS) == before
    assert asking(any_engine, ANYONE).at(moment, STATUS) == before


def test_history_read_in_the_past_ends_there(
    any_engine: sa.Engine, moments: list[str], asking: Callable[..., Lasting]
) -> None:
    ask = asking(any_engine, ANYONE)
    history = 'agreement(reference: "uz-de") { history { totalCount nodes { at action subject { __typename } } } }'
    found = ask.at(moments[2], history)["agreement"]["history"]

    assert [(change["at"], change["action"]) for change in found["nodes"]] == [
        (moments[1], "CREATED"),
        (moments[2], "CREATED"),
    ]
    assert found["nodes"][1]["subject"] == {"__typename": "LegalAct"}
    assert ask(f"{{ {history} }}")["agreement"]["history"]["totalCount"] == 3


# ── How it is made ready ────────────────────────────────────────────────────────────────────────────────────────────


def test_a_moment_is_made_ready_once_also_for_those_who_ask_at_the_same_time(
    any_engine: sa.Engine, moments: list[str], asking: Callable[..., Lasting], monkeypatch: pytest.MonkeyPatch
) -> None:
    ask, makings = asking(any_engine), []

    def counting(engine: sa.Engine, sequence: int, *how: Any) -> int:
        makings.append(sequence)
        return make(engine, sequence, *how)

    monkeypatch.setattr("registry.knowledge.keeping.make", counting)
    query = f'{{ at(knownAt: "{moments[1]}") {{ {STATUS} }} }}'

    async def at_once() -> list[bytes | None]:
        return await asyncio.gather(*(ask.direct.execute(query, actor=actor) for actor in (OPERATOR, ANYONE) * 3))

    answers = asyncio.run(at_once())
    assert len(set(answers)) == 1
    assert answers[0] is not None
    assert ask.bytes(query) == answers[0]
    assert len(makings) == 1


def test_a_question_may_ask_for_a_few_moments_only(
    any_engine: sa.Engine, moments: list[str], asking: Callable[..., Lasting]
) -> None:
    ask = asking(any_engine)
    few = [f'a{place}: at(knownAt: "20{place}-01-01T00:00:00Z") {{ date }}' for place in range(10, 15)]
    refused = ask.refusal(f"{{ {' '.join(few)} }}")

    assert refused["code"] == "QUERY_TOO_LARGE"
    assert ask.refusal(f"{{ {' '.join(few[:1])} }}")["code"] == "BAD_USER_INPUT"


def test_when_too_many_ask_it_is_told_where_the_moment_is_asked_for(
    any_engine: sa.Engine, moments: list[str], asking: Callable[..., Lasting], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("registry.knowledge.keeping.MOST_WAITING", 0)
    refused = asking(any_engine).refusal(f'{{ then: at(knownAt: "{moments[1]}") {{ {STATUS} }} }}')

    assert (refused["code"], refused["path"]) == ("TOO_BUSY", ["then"])
