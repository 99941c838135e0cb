"""Who asks: each is told of themselves, also by answers that are kept."""

import asyncio

import orjson
import pytest
import sqlalchemy as sa

from registry.access import ANYONE, Actor, Role
from registry.settings import Settings
from schema import schema
from schema.execution.direct import Direct
from tests.schema.asking import Asker

DILNOZA, AZIZ = Actor("Dilnoza", Role.EDITOR), Actor("Aziz", Role.EDITOR)
QUERY = "{ viewer { name role audiences } me: viewer { name } }"


@pytest.mark.parametrize("role", Role)
def test_a_viewer_is_told_what_they_may_see_and_do(seeded: sa.Engine, role: Role) -> None:
    actor = Actor("Dilnoza", role)

    assert Asker(seeded, actor)("{ viewer { name role audiences } }")["viewer"] == {
        "name": "Dilnoza",
        "role": role.value,
        "audiences": [audience.value for audience in actor.audiences],
    }


def test_nobody_is_answered_in_the_place_of_another(seeded: sa.Engine) -> None:
    direct = Direct(schema, seeded, Settings())

    async def ask() -> list[str]:
        answers = [await direct.execute(QUERY, actor=actor) for actor in (DILNOZA, AZIZ, ANYONE, DILNOZA)]
        return [orjson.loads(answer or b"")["data"]["me"]["name"] for answer in answers]

    assert asyncio.run(ask()) == ["Dilnoza", "Aziz", "anyone", "Dilnoza"]
    assert direct.repeated == 1
    direct.close()
