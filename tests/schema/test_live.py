"""What subscribers are told: as if each asked alone, though those who ask the same are told out of one reading."""

import asyncio
from collections.abc import Iterator
from contextlib import aclosing
from typing import Any

import pytest
import sqlalchemy as sa
from strawberry.http import process_result

from registry.access import ANYONE, OFFICIAL, OPERATOR, PUBLIC, RESTRICTED, Actor, Role
from registry.agreements import TitleGiven
from registry.codes import Language
from registry.following import Follower
from registry.history import changeset
from registry.settings import Settings
from schema import schema
from schema.changes import cursor_of
from schema.context import Context, Stream
from schema.execution.budget import BUDGET, Budget
from schema.execution.direct import Direct
from schema.execution.telling import Ready, Telling
from tests.factories import make_agreement, make_country

READER = Actor("reader", Role.READER)

QUERY = """subscription Live($after: String, $filter: ChangeFilter, $language: Language, $more: Boolean = true) {
    told: changes(after: $after, filter: $filter) {
        ...What
        place: sequence
        subject { __typename ... on Agreement { reference title(language: $language) parties { country { code } } } }
        cursor @include(if: $more)
    }
}
fragment What on Change { id sequence actor at action reason subjectType subjectId fields { name old new } }"""


class Audience:
    """All who subscribe to one registry, through the schema."""

    def __init__(self, engine: sa.Engine) -> None:
        self.engine = engine
        self.direct = Direct(schema, engine, Settings())
        self.telling = Telling(self.direct)

    def hear(self, *asked: tuple[Actor, dict[str, Any]], query: str = QUERY, number: int = 1) -> list[list[Any]]:
        """For each subscriber the results of a number of events, heard at the same time."""

        async def all_at_once() -> list[list[Any]]:
            follower = Follower(self.engine)
            try:
                async with asyncio.timeout(20):
                    return await asyncio.gather(*(self._one(follower, query, number, *each) for each in asked))
            finally:
                await follower.close()

        return asyncio.run(all_at_once())

    async def _one(
        self, follower: Follower, query: str, number: int, actor: Actor, variables: dict[str, Any]
    ) -> list[Any]:
        stream = Stream(follower, self.telling)
        context = Context(self.engine, Settings(), actor, stream, direct=self.direct)
        heard: list[Any] = []
        async with aclosing(await schema.stream(query, variables, context)) as results:
            async for result in results:
                heard.append(_plain(process_result(result)))
                if len(heard) == number:
                    break
        return heard

    def cursor(self, sequence: int) -> str:
        with self.engine.connect() as connection:
            return cursor_of(sequence, connection.scalar(sa.text("SELECT cursor_key FROM registry_state")))


def _plain(told: Any) -> Any:
    import orjson

    return orjson.loads(orjson.dumps(told))


@pytest.fixture
def audience(any_engine: sa.Engine) -> Iterator[Audience]:
    """A log of a source, two countries and three agreements, each for another audience; then one that is public."""
    with changeset(any_engine, "What is public.") as changes:
        make_agreement(changes, "open", audience=PUBLIC, titles=[TitleGiven(Language.RU, "Соглашение")])
    with changeset(any_engine, "For officials.") as changes:
        make_agreement(changes, "official", audience=OFFICIAL)
    with changeset(any_engine, "For administrators.") as changes:
        make_agreement(changes, "closed", audience=RESTRICTED)
    with changeset(any_engine, "What is public again.") as changes:
        make_country(changes, "KR")
    made = Audience(any_engine)
    yield made
    made.direct.close()


def reasons(heard: list[Any]) -> list[str]:
    return [result["data"]["told"]["reason"] for result in heard]


def test_each_hears_what_they_may_see_and_what_comes_after_it(audience: Audience) -> None:
    asked = {"after": audience.cursor(0), "filter": {"subjectType": ["Agreement", "Country"]}}
    public = ["What is public."] * 3
    official, closed, last = ["For officials."], ["For administrators."], ["What is public again."]

    assert reasons(audience.hear((ANYONE, asked), number=4)[0]) == public + last
    assert reasons(audience.hear((READER, asked), number=5)[0]) == public + official + last
    assert reasons(audience.hear((OPERATOR, asked), number=6)[0]) == public + official + closed + last

    at_once = audience.hear((ANYONE, asked), (READER, asked), (OPERATOR, asked), number=4)
    assert [reasons(heard)[3:] for heard in at_once] == [last, official, official]


def test_what_is_told_as_bytes_is_what_a_tree_would_tell(audience: Audience, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = {"after": audience.cursor(0), "language": "RU", "more": False}
    kinds: list[type] = []
    tell = audience.telling.tell

    async def watched(*what: Any) -> list[Any]:
        told = await tell(*what)
        kinds.extend(type(each) for each in told)
        return told

    monkeypatch.setattr(audience.telling, "tell", watched)
    (as_bytes,) = audience.hear((OPERATOR, asked), number=7)
    assert set(kinds) == {Ready}
    kinds.clear()

    def fail(*_what: Any) -> None:
        raise LookupError

    monkeypatch.setattr(audience.telling, "_read", fail)
    monkeypatch.setattr(audience.telling, "_results", {})
    (as_trees,) = audience.hear((OPERATOR, asked), number=7)
    assert Ready not in kinds

    assert as_bytes == as_trees
    assert as_bytes[3]["data"]["told"]["subject"] == {
        "__typename": "Agreement",
        "reference": "open",
        "title": "Соглашение",
        "parties": [{"country": {"code": "UZ"}}, {"country": {"code": "DE"}}],
    }


def test_who_asks_the_same_is_told_out_of_one_reading_and_who_asks_otherwise_is_not(
    audience: Audience, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[Any] = []
    plain = audience.telling._read

    def watched(*what: Any) -> list[Any]:
        read.append(what)
        return plain(*what)

    monkeypatch.setattr(audience.telling, "_read", watched)
    begin = {"after": audience.cursor(3), "filter": {"subjectType": ["Agreement"]}}

    same = audience.hear(*[(OPERATOR, begin)] * 5)
    assert len(read) == 1
    assert same == [same[0]] * 5

    others = audience.hear((OPERATOR, begin | {"language": "RU"}), (OPERATOR, begin | {"more": False}), (READER, begin))
    titles = [heard[0]["data"]["told"]["subject"]["title"] for heard in others]
    assert titles == ["Соглашение", "An Agreement", "An Agreement"]
    assert ["cursor" in heard[0]["data"]["told"] for heard in others] == [True, False, True]
    assert len(read) == 4


def test_what_is_wrong_with_one_field_is_told_there(audience: Audience) -> None:
    query = """subscription($after: String) {
        changes(after: $after) { sequence subject { ... on Country { agreements(first: 1000) { totalCount } } } } }"""
    last = {"after": audience.cursor(6)}

    ((told,),) = audience.hear((ANYONE, last), query=query)

    assert told["data"] is None or told["data"]["changes"]["sequence"] == 7
    (error,) = told["errors"]
    assert error["extensions"]["code"] == "BAD_USER_INPUT"
    assert error["path"][:2] == ["changes", "subject"]


def test_one_who_gives_up_does_not_take_along_the_others(audience: Audience) -> None:
    async def test() -> None:
        telling, go_on = audience.telling, asyncio.Event()

        async def work() -> int:
            await go_on.wait()
            return 5

        first, second = (asyncio.ensure_future(telling.once(1, "work", work)) for _ in range(2))
        await asyncio.sleep(0)
        first.cancel()
        await asyncio.sleep(0)
        go_on.set()
        assert await second == 5

    asyncio.run(test())


def test_what_is_told_to_all_is_read_on_nobodys_budget() -> None:
    unread: Any = None

    async def read() -> Any:
        return BUDGET.get()

    async def asked() -> tuple[Any, Any]:
        BUDGET.set(own := Budget(seconds=1))
        return await Telling(unread).once(1, "all", read), BUDGET.get() is own

    assert asyncio.run(asked()) == (None, True)


def test_what_has_failed_is_tried_again(audience: Audience) -> None:
    outcomes = iter([LookupError, None])

    async def work() -> int:
        if failure := next(outcomes):
            raise failure
        return 5

    async def test() -> None:
        with pytest.raises(LookupError):
            await audience.telling.once(1, "work", work)
        assert await audience.telling.once(1, "work", work) == 5

    asyncio.run(test())
