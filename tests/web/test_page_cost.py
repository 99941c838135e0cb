"""What a page costs beside its query: it is planned once, and made of the answer without much ado."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx2
import orjson
import pytest
import sqlalchemy as sa
from starlette.applications import Starlette

from registry.settings import Settings
from registry.web.app import create_app
from tests.web.addresses import ADDRESSES
from tests.web.test_consoles import given_by

#: How much more than its query a page may take of the processor.
TIMES = 3


@asynccontextmanager
async def asked(engine: sa.Engine) -> AsyncIterator[tuple[Starlette, httpx2.AsyncClient]]:
    """The application, which keeps no answers, and who asks it without any network."""
    settings = Settings(database_url=engine.url.render_as_string(), answer_cache_bytes=0)
    app = create_app(settings)
    transport = httpx2.ASGITransport(app=app)
    async with app.router.lifespan_context(app), httpx2.AsyncClient(transport=transport, base_url="http://r") as client:
        yield app, client


async def computed(client: httpx2.AsyncClient, method: str, address: str, **given: object) -> float:
    """Seconds of the processor that a request takes; not those that others take meanwhile."""
    begun = time.process_time()
    answer = await client.request(method, address, **given)  # type: ignore[arg-type]
    seconds = time.process_time() - begun
    assert answer.status_code == 200
    return seconds


@pytest.mark.parametrize("name", ADDRESSES)
def test_a_page_takes_little_more_than_its_query(seeded: sa.Engine, name: str) -> None:
    async def measured() -> tuple[float, float]:
        async with asked(seeded) as (_, client):
            given = given_by((await client.get("/graphiql", params={"page": ADDRESSES[name]})).text)
            body = {"query": given["query"], "variables": orjson.loads(given["variables"])}
            page, query = [], []
            for _ in range(7):
                query.append(await computed(client, "POST", "/graphql", json=body))
                page.append(await computed(client, "GET", ADDRESSES[name], headers={"Accept": "text/html"}))
            return min(page), min(query)

    page, query = asyncio.run(measured())

    assert page <= TIMES * query + 0.001


def test_a_page_is_planned_once(seeded: sa.Engine) -> None:
    async def misses() -> list[int]:
        async with asked(seeded) as (app, client):
            found = []
            for _ in range(3):
                for address in ADDRESSES.values():
                    await client.get(address, headers={"Accept": "text/html"})
                found.append(app.state.endpoint.direct.plans.plans.misses)
            return found

    first, second, third = asyncio.run(misses())

    assert first > 0
    assert first == second == third
