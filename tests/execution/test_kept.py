"""Lists that were made before are not read again while nothing has been committed, and are never of another moment."""

import math
from collections.abc import Iterator
from itertools import count
from typing import Any

import orjson
import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from registry.access import ANYONE
from registry.agreements import Agreement, Relation
from registry.database import WRITES
from registry.history import table_behind
from registry.settings import Settings
from schema.execution.kept import MOST_LEVELS, OVERHEAD, Kept
from tests.execution.twice import Twice

PARTNERS = "query ($n: Int) { agreements(first: $n) { nodes { reference partners { code name } } } }"
RELATIONS = "query ($n: Int) { agreements(first: $n) { nodes { reference relations { kind } } } }"
ON_A_DAY = "query ($day: Date!) { at(date: $day) { agreements(first: 9) { nodes { partners { id } } } } }"


@pytest.fixture
def twice(seeded_copy: sa.Engine) -> Iterator[Twice]:
    with Twice(seeded_copy) as made:
        yield made


def names(answer: bytes | None) -> set[str]:
    assert answer is not None
    return {part.split(b'"')[0].decode() for part in answer.split(b'"name":"')[1:]}


def test_lists_that_another_question_has_led_to_are_not_read_again(twice: Twice) -> None:
    assert len(twice.statements(PARTNERS, n=5)) == 2
    assert len(twice.statements(PARTNERS, n=4)) == 1
    assert len(twice.statements(PARTNERS, n=7)) == 2
    assert len(twice.statements(PARTNERS, n=6)) == 1


def test_what_is_kept_is_what_is_there_after_each_commit(twice: Twice) -> None:
    for number in range(3):
        twice.rename_countries(f"Name {number}")
        for n in (5, 4, 6):
            assert names(twice.by_plan(PARTNERS, {"n": n})) == {f"Name {number}"}


def test_a_commit_while_an_answer_is_read_is_in_none_of_its_lists_and_in_all_of_the_next(twice: Twice) -> None:
    texts = count()
    twice.by_plan(PARTNERS, {"n": 2})
    twice.rename_countries("First")

    with twice.between_statements(lambda: twice.rename_countries(f"Name {next(texts)}")):
        assert names(twice.by_plan(PARTNERS, {"n": 3})) == {"First"}
    assert names(twice.by_plan(PARTNERS, {"n": 4})) == {f"Name {next(texts) - 1}"}


def test_each_audience_has_lists_of_its_own(twice: Twice) -> None:
    twice.direct.patience = lambda: math.inf
    agreement, relation = table_behind(Agreement), table_behind(Relation)
    with twice.engine.connect().execution_options(**WRITES) as connection, connection.begin():
        named = agreement.c.id.in_(sa.select(relation.c.other_id))
        connection.execute(sa.update(agreement).where(named).values(audience="OFFICIAL"))

    with Twice(twice.engine, ANYONE) as public:
        public.direct = twice.direct
        for n in (70, 71, 72, 73):
            told, shown = (related(asker.by_plan(RELATIONS, {"n": n})) for asker in (twice, public))
            assert not public.difference(RELATIONS, {"n": n})[0]
    assert twice.direct.reader(ANYONE).kept.hits
    assert [reference for reference in shown if shown[reference] != told[reference]]


def related(answer: bytes | None) -> dict[str, Any]:
    nodes = orjson.loads(answer or b"")["data"]["agreements"]["nodes"]
    return {node["reference"]: node["relations"] for node in nodes}


def test_ids_that_carry_a_day_are_not_kept_for_another(twice: Twice) -> None:
    for day in ("2024-05-05", "2024-05-06"):
        different, _ = twice.difference(ON_A_DAY, {"day": day})
        assert not different


def test_nothing_is_kept_where_no_answers_are(twice: Twice) -> None:
    twice.direct.settings = Settings(answer_cache_bytes=0)
    for n in (5, 5, 4):
        assert len(twice.statements(PARTNERS, n=n)) == 2


def test_a_new_connection_has_nothing_kept(twice: Twice) -> None:
    twice.by_plan(PARTNERS, {"n": 5})
    twice.reader._leave()
    assert len(twice.statements(PARTNERS, n=4)) == 2


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(st.integers(1, 12) | st.just("commit"), min_size=2, max_size=8))
def test_whatever_was_asked_and_committed_before_lists_are_as_plain_resolvers_give_them(
    twice: Twice, steps: list[int | str]
) -> None:
    for step, number in zip(steps, count(), strict=False):
        if isinstance(step, str):
            twice.rename_countries(f"Name {number}")
        else:
            different, _ = twice.difference(PARTNERS, {"n": step})
            assert not different


# ── Bounds ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_what_was_used_longest_ago_makes_room() -> None:
    kept = Kept(3 * (OVERHEAD + 102)).at(1)
    for level in range(4):
        kept.keep(kept.shelf(level), {"key": "x" * 100}, 1)

    assert [bool(kept.shelf(level).made) for level in (1, 2, 3, 0)] == [True, True, True, False]


def test_more_than_may_be_kept_is_not_kept() -> None:
    kept = Kept(100).at(1)
    shelf = kept.shelf("level")
    kept.keep(shelf, {number: "made" for number in range(9)}, 1)

    assert len(kept) == 0
    assert len(shelf.made) == 9


def test_no_more_levels_are_kept_for_than_a_number() -> None:
    kept = Kept(1_000_000).at(1)
    for level in range(MOST_LEVELS + 50):
        kept.keep(kept.shelf(level), {"key": "made"}, 1)

    assert len(kept) == MOST_LEVELS


def test_of_another_version_nothing_is_kept() -> None:
    kept = Kept(1_000).at(1)
    kept.keep(kept.shelf("level"), {"key": "made"}, 1)

    assert len(kept.at(1)) == 1
    assert len(kept.at(2)) == 0
    assert kept.at(2).shelf("level").made == {}
