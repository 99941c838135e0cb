"""What a payload shows is as it stands after the commit."""

import asyncio
from typing import Any

import sqlalchemy as sa
import strawberry
from strawberry.schema.config import StrawberryConfig

from registry.countries import Country as Stored
from registry.database import WRITES
from registry.settings import Settings
from schema import PublishedSchema
from schema.context import Context
from schema.countries import Country
from schema.execution.direct import Direct
from schema.execution.payload import shown
from schema.execution.reading import Known
from schema.scalars import SCALARS


@strawberry.type
class Payload:
    code: strawberry.Private[str]

    @strawberry.field
    async def country(self, info: strawberry.Info[Any, Any]) -> Country | None:
        found: Country | None = await shown(info, Stored, self.code)
        return found


@strawberry.type
class Query:
    nothing: int = 0


@strawberry.type
class Mutation:
    @strawberry.mutation
    def rename(self, info: strawberry.Info[Any, Any], code: str, name: str) -> Payload:
        with info.context.engine.connect().execution_options(**WRITES) as connection, connection.begin():
            connection.execute(sa.update(Stored).where(sa.column("code") == code).values(name_en=name))
        return Payload(code=code)


SCHEMA = PublishedSchema(Query, Mutation, extensions=[Known], config=StrawberryConfig(scalar_map=SCALARS))
RENAME = 'rename(code: "DE", name: "%s") { country { id name agreements { totalCount nodes { partners { name } } } } }'


def ask(engine: sa.Engine, query: str) -> Any:
    return asyncio.run(SCHEMA.execute(query, context_value=Context(engine, Settings())))


def test_each_payload_shows_the_record_as_its_own_change_left_it(seeded_copy: sa.Engine) -> None:
    result = ask(seeded_copy, f"mutation {{ a: {RENAME % 'One'} b: {RENAME % 'Two'} }}")

    assert result.errors is None
    for key, name in (("a", "One"), ("b", "Two")):
        country = result.data[key]["country"]
        assert country["name"] == name
        assert {name} <= {each["name"] for node in country["agreements"]["nodes"] for each in node["partners"]}


def test_what_a_document_asks_of_records_is_planned_once(seeded_copy: sa.Engine) -> None:
    direct = Direct(SCHEMA, seeded_copy, Settings())
    document = """mutation ($name: String!, $n: Int!, $all: Boolean!) {
      a: rename(code: "DE", name: $name) { country { name agreements(first: $n) { nodes { id } } } }
      b: rename(code: "PL", name: $name) { country { alpha: name code @include(if: $all) } }
    }"""

    def told(name: str, n: int, every: bool) -> Any:
        async def told_() -> Any:
            await direct.document(document)
            context = Context(seeded_copy, Settings(), direct=direct)
            return await SCHEMA.execute(document, {"name": name, "n": n, "all": every}, context_value=context)

        result = asyncio.run(told_())
        assert result.errors is None
        return result.data["a"]["country"], result.data["b"]["country"]

    try:
        first, other = told("One", 1, False)
        assert (first["name"], len(first["agreements"]["nodes"]), other) == ("One", 1, {"alpha": "One"})
        made = len(direct.plans.plans)
        first, other = told("Two", 2, False)
        assert (first["name"], len(first["agreements"]["nodes"]), other) == ("Two", 2, {"alpha": "Two"})
        assert (made, len(direct.plans.plans)) == (2, 2)
        assert told("Three", 1, True)[1] == {"alpha": "Three", "code": "PL"}
    finally:
        direct.close()


def test_what_is_not_on_record_is_null(seeded_copy: sa.Engine) -> None:
    result = ask(seeded_copy, 'mutation { rename(code: "XX", name: "One") { country { name } } }')

    assert result.errors is None
    assert result.data == {"rename": {"country": None}}
