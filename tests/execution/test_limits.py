"""What a document may hold and a query may cost: counted in no time, refused with what was counted, and told."""

import asyncio
import time
from contextvars import copy_context
from typing import Any

import pytest
import sqlalchemy as sa
from graphql import get_introspection_query

from registry.errors import RateLimited, TooLarge
from registry.settings import Settings
from schema import schema
from schema.context import Context
from schema.execution import limits, size, watch
from schema.execution.budget import BUDGET, Budget
from schema.execution.direct import Direct
from tests.execution.twice import Twice

NAME = '{ country(code: "DE") { name } }'


def fragments(levels: int, last: str = "date") -> str:
    """A document of fragments each of which spreads the next twice: two to the power of `levels` fields."""
    made = [f"fragment F{n} on Query {{ ...F{n + 1} at {{ date }} ...F{n + 1} }}" for n in range(levels)]
    return " ".join(["{ ...F0 }", *made, f"fragment F{levels} on Query {{ {last} }}"])


HOSTILE = {
    "fragments, 20 levels": (fragments(20), "fields"),
    "fragments, 60 levels": (fragments(60), "fields"),
    "one field 1,500 times": ("{" + "date " * 1_500 + "}", "fields"),
    "one field 900 times": ("{" + "date " * 900 + "}", "repeated fields"),
    "one field 900 times, further in": ("{ at {" + "date " * 900 + "} }", "repeated fields"),
    "one field with another 400 times": ("{" + "at { date } " * 400 + "}", "repeated fields"),
    "unused fragments": (
        "{ date } " + " ".join(f"fragment F{n} on Query {{ date }}" for n in range(700)),
        "definitions",
    ),
    "deep": ("{ sector " + "{ parent " * 40 + "{ code }" + " }" * 41, "depth"),
    "10,000 braces": ("{ a " * 10_000, "depth"),
    "2,000 braces": ("{ a " * 2_000, "depth"),
    "deep lists": ("{ countries(filter: {code: " + "[" * 2_000 + "]" * 2_000 + "}) { totalCount } }", "depth"),
    "deep in a fragment that is not used": (
        "{ date } fragment F on Query " + "{ at " * 30 + "{ date }" + "}" * 30,
        "depth",
    ),
    "aliases": ("{" + " ".join(f"a{n}: date" for n in range(301)) + "}", "aliases"),
    "directives": ("{ date " + "@include(if: true) " * 101 + "}", "directives"),
    "roots": ("{" + " ".join(f"a{n}: date" for n in range(201)) + "}", "root fields"),
    "variables": (f"query ({' '.join(f'$v{n}: Int' for n in range(201))}) {{ date }}", "variables"),
    "spreads": ("{" + " ...F" * 501 + "} fragment F on Query { date }", "spreads of fragments"),
    "words": ("{ a: date " * 1_300, "depth"),
    "words in a row": ("{" + "date, " * 5_001 + "}", "tokens"),
    "spaces": ("{ date }" + " " * 50_000, "characters"),
    "a long text": ('{ search(text: "' + "%" * 100_000 + '") { totalCount } }', "characters"),
}


@pytest.mark.parametrize("document", HOSTILE)
def test_a_hostile_document_is_refused_with_what_was_counted_before_any_rule_looks_at_it(
    document: str, seeded: sa.Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("schema.execution.prepared.validate", lambda *_: pytest.fail("a rule has looked at it"))
    query, counted = HOSTILE[document]
    direct = Direct(schema, seeded, Settings())

    async def ask() -> Any:
        assert await direct.execute(query) is None
        return await schema.execute(query, context_value=Context(seeded, direct.settings, direct=direct))

    (error,) = asyncio.run(ask()).errors
    direct.close()

    assert error.extensions["code"] == "QUERY_TOO_LARGE"
    assert error.extensions["counted"] == counted
    assert error.extensions["found"] > error.extensions["limit"]
    assert error.extensions["hint"]


def test_counting_takes_each_fragment_once_however_often_it_is_spread() -> None:
    seconds = []
    for levels in (30, 60, 120):
        document = limits.parsed(fragments(levels), 100_000)
        begun = time.thread_time()
        with pytest.raises(TooLarge):
            limits.check(document, Settings())
        seconds.append(time.thread_time() - begun)

    assert seconds[2] < 1  # two to the power of 120 steps would take longer than the universe has


@pytest.mark.parametrize(
    "query",
    [
        "{ ...A } fragment A on Query { ...A }",
        "{ ...A } fragment A on Query { date ...B } fragment B on Query { at { ...A } ...B }",
        "{ ...Nowhere date }",
        "{ at { ...A } } fragment A on Snapshot { at { ...A ...A ...A } }",
        "{ " + " ".join(f"nothing{n}: nothing" for n in range(150)) + " }",
    ],
)
def test_rings_of_fragments_and_names_of_nothing_are_left_to_the_rules(query: str, seeded: sa.Engine) -> None:
    twice = Twice(seeded)
    _, data, errors = twice.walked(query)

    assert data is None
    assert 1 <= len(errors) <= 5
    assert {error.extensions["code"] for error in errors} == {"GRAPHQL_VALIDATION_FAILED"}


def test_what_clients_ask_of_the_schema_passes_and_what_no_client_asks_does_not(seeded: sa.Engine) -> None:
    twice = Twice(seeded)
    asked = get_introspection_query(specified_by_url=True, directive_is_repeatable=True, schema_description=True)
    twice.direct.settings = twice.direct.plans.settings = Settings()
    several = "{" + " ".join(f"a{n}: __schema {{ ...S }}" for n in range(90)) + "} fragment S on __Schema { types {"
    several += " name fields { name type { name fields { name } } } } }"

    assert twice.walked(asked)[2] == []
    (error,) = twice.walked(several)[2]
    assert (error.extensions["code"], error.extensions["counted"]) == ("QUERY_TOO_LARGE", "cost")


def test_variables_with_more_values_than_a_request_may_have_are_refused(seeded: sa.Engine) -> None:
    twice = Twice(seeded)
    query = "query ($codes: [CountryCode!]) { countries(filter: {code: $codes}) { totalCount } }"
    many = {"codes": ["DE"] * 20_001}
    hidden = {"codes": ["DE"], "more": [[{"a": [1] * 10}] * 1_000] * 3}

    for variables in (many, hidden):
        _, data, (error,) = twice.walked(query, variables)
        assert data is None
        assert error.extensions["code"] == "QUERY_TOO_LARGE"
        assert error.extensions["counted"] == "values of variables"


# ── What it costs ───────────────────────────────────────────────────────────────────────────────────────────────────


def points(direct: Direct, query: str, **variables: Any) -> float:
    return direct.plans.question(query, variables, None).frame.points


@pytest.fixture(scope="module")
def direct(seeded: sa.Engine) -> Direct:
    return Direct(schema, seeded, Settings())


def test_what_is_inside_a_page_costs_for_each_record_of_the_page(direct: Direct) -> None:
    query = "query ($n: Int) { countries(first: $n) { nodes { code agreements(first: $n) { nodes { title } } } } }"
    costs = [points(direct, query, n=n) for n in (10, 20, 40)]

    assert costs[0] > 100
    assert 3 < costs[1] / costs[0] < 4.1
    assert 3 < costs[2] / costs[1] < 4.1


def test_lists_without_pages_inside_one_another_multiply_too(direct: Direct) -> None:
    def ring(times: int) -> str:
        return "{ agreements { nodes { " + "acts { agreement { " * times + "id" + " } }" * times + " } } }"

    assert 3 < points(direct, ring(3)) / points(direct, ring(2)) < 5
    with pytest.raises(TooLarge) as refusal:
        points(direct, ring(9))
    assert refusal.value.details["counted"] == "cost"


@pytest.mark.parametrize(
    ("dear", "cheap"),
    [
        ('{ companies(filter: {text: "a"}) { nodes { name } } }', "{ companies { nodes { name } } }"),
        ("{ gaps { nodes { explanation } } }", "{ countries { nodes { name } } }"),
        ('{ search(text: "a") { nodes { __typename } } }', "{ countries { nodes { __typename } } }"),
        ("{ placements { total } }", "{ date }"),
        ('{ at(knownAt: "2026-01-01T00:00:00Z") { date } }', "{ at { date } }"),
    ],
)
def test_what_reads_more_than_it_shows_costs_more(direct: Direct, dear: str, cheap: str) -> None:
    assert points(direct, dear) > 100 + points(direct, cheap)


@pytest.mark.parametrize(
    ("asked", "far"),
    [
        ("groupBy: [COMPANY]", True),
        ("groupBy: [OCCUPATION, YEAR]", True),
        ("groupBy: [MONTH, COUNTRY, SECTOR]", True),
        ('groupBy: [SEX], filter: {country: ["DE"]}', True),
        ("filter: {channel: [DIRECT]}", True),
        ("groupBy: [MONTH, COUNTRY]", False),
        ("groupBy: [COUNTRY, SECTOR]", False),
        ('filter: {period: {from: "2020-03-01"}}', False),
        ('filter: {agreement: ["A"]}, groupBy: [SEX]', False),
        ('filter: {source: ["S"]}', False),
    ],
)
def test_sums_that_are_made_from_all_returns_cost_ten_times_those_that_are_kept(
    direct: Direct, asked: str, far: bool
) -> None:
    kept, found = points(direct, "{ placements { total } }"), points(direct, f"{{ placements({asked}) {{ total }} }}")

    assert (found > 10 * kept) is far
    assert found < Settings().query_cost_max / 10


@pytest.mark.parametrize(
    ("parents", "group_by", "far"),
    [
        ("companies", "YEAR", False),
        ("agreements", "SEX", False),
        ("countries", "YEAR", False),
        ("countries", "SEX", True),
    ],
)
def test_sums_for_each_of_many_cost_no_more_where_each_has_few_returns(
    direct: Direct, parents: str, group_by: str, far: bool
) -> None:
    asked = f"{{ {parents}(first: 2) {{ nodes {{ placements(groupBy: [{group_by}]) {{ total }} }} }} }}"

    assert (points(direct, asked) > 3_000) is far


def test_deadlines_cost_no_more_than_other_lists(direct: Direct) -> None:
    assert points(direct, "{ deadlines { nodes { kind } } }") == points(direct, "{ agreements { nodes { title } } }")


class Purse:
    """A purse that notes what goes in and out."""

    def __init__(self, most: int = 1_000_000) -> None:
        self.most = most
        self.spent: list[int] = []
        self.given_back = 0

    def spend(self, points: int) -> None:
        if points > self.most:
            raise RateLimited("No more.", seconds=1)
        self.spent.append(points)

    def give_back(self, points: int) -> None:
        self.given_back += points


def charged(direct: Direct, purse: Purse, query: str) -> Any:
    async def ask() -> Any:
        BUDGET.set(Budget(30, purse))
        return await direct.execute(query)

    return asyncio.run(ask())


def test_a_query_is_charged_once_before_it_is_read_and_what_was_not_there_is_given_back(seeded: sa.Engine) -> None:
    direct, purse = Direct(schema, seeded, Settings()), Purse()
    query = '{ country(code: "FJ") { agreements(first: 100) { nodes { title } } } }'

    assert charged(direct, purse, query) is not None
    made, asked = purse.spent
    assert 1 <= made < len(query)  # a document that is not known costs something too
    assert asked == round(points(direct, query))
    assert 90 <= purse.given_back <= asked
    charged(direct, purse, query)
    assert purse.spent[2:] == [1]  # kept from before
    direct.close()


def test_who_has_no_points_left_is_refused_and_nothing_is_read(seeded: sa.Engine) -> None:
    with Twice(seeded) as twice:
        with pytest.raises(RateLimited):
            charged(twice.direct, Purse(most=9), "{ countries { nodes { code } } }")
        assert twice.sent == []
        assert charged(twice.direct, Purse(most=9), NAME) is not None


# ── How large the answer is ─────────────────────────────────────────────────────────────────────────────────────────


def test_an_answer_that_tells_few_records_in_many_places_is_refused(
    seeded: sa.Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    query = "{ agreements(first: 5) { nodes { " + "acts { agreement { " * 5 + "id" + " } }" * 5 + " } } }"
    with Twice(seeded) as twice:
        monkeypatch.setattr(size, "MOST_OBJECTS", 100_000)
        large = twice.by_plan(query)
        assert large is not None
        objects = large.count(b"{")
        monkeypatch.setattr(size, "MOST_OBJECTS", objects - 2)
        assert twice.by_plan(query + " ") is None
        _, data, (error,) = twice.walked(query)
    assert data is None
    assert error.extensions["code"] == "QUERY_TOO_LARGE"
    assert error.extensions["counted"] == "objects"


def test_an_answer_made_in_pieces_has_the_same_bytes(seeded: sa.Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    query = '{ date agreements(first: 5) { nodes { title acts { kind } } totalCount } none: sector(code: "x") { id } }'
    answers = set()
    for few in (0, 10_000):
        monkeypatch.setattr(size, "FEW_OBJECTS", few)
        monkeypatch.setattr(size, "_PIECE", 2)
        with Twice(seeded) as twice:
            answers.add(twice.by_plan(query))

    assert len(answers) == 1
    assert None not in answers


# ── What a plan may take ────────────────────────────────────────────────────────────────────────────────────────────

#: A short document whose plan is long.
MANY = "{" + " ".join(f"a{n}: gaps(first: 1) {{ totalCount }}" for n in range(6)) + "}"


def test_a_document_whose_plan_would_take_long_is_refused_before_it_is_made(
    seeded: sa.Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watch, "MOST_WRITTEN", 100_000)
    written: list[int] = []
    monkeypatch.setattr(watch.Watch, "wrote", _noting(watch.Watch.wrote, written))
    direct = Direct(schema, seeded, Settings())

    async def ask() -> Any:
        assert await direct.execute(MANY) is None
        return await schema.execute(MANY, context_value=Context(seeded, direct.settings, direct=direct))

    (error,) = asyncio.run(ask()).errors
    direct.close()

    assert error.extensions["code"] == "QUERY_TOO_LARGE"
    assert error.extensions["limit"] == 100_000
    assert error.extensions["hint"]
    assert sum(written) < 3 * 66_000  # once up to the limit, and beyond it by one statement


def _noting(wrote: Any, written: list[int]) -> Any:
    def noting(self: watch.Watch, characters: int) -> None:
        written.append(characters)
        wrote(self, characters)

    return noting


def test_a_plan_that_nobody_waits_for_any_more_is_given_up(seeded: sa.Engine) -> None:
    direct = Direct(schema, seeded, Settings())
    asked = direct.plans.question(MANY, {}, None)
    kept = watch.Watch()
    kept.stop(RateLimited("Whoever asked has gone.", seconds=1))
    context = copy_context()
    context.run(watch.WATCH.set, kept)

    with pytest.raises(RateLimited, match="has gone"):
        context.run(lambda: direct.plans.plan(asked, tree=False))
    assert len(direct.plans.plans) == 0
    direct.close()


def test_a_plan_is_paid_for_when_it_is_made_and_not_when_it_is_there(seeded: sa.Engine) -> None:
    direct = Direct(schema, seeded, Settings(answer_cache_bytes=0))
    query = "{ gaps(first: 1) { totalCount } }"

    async def ask() -> int:
        purse = Purse()
        BUDGET.set(Budget(purse=purse))
        assert await direct.execute(query)
        return sum(purse.spent)

    first, second = asyncio.run(ask()), asyncio.run(ask())
    direct.close()

    assert first - second > 0.2 * len(query) + 5_000
