"""What attackers send to a server of their own: every request is answered, nothing breaks, and the next is served."""

import asyncio
import json
import re
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
import sqlalchemy as sa

from registry.settings import Settings
from registry.web.app import create_app
from registry.web.pages import PAGES
from registry.web.pages.documents import document
from registry.web.pages.examples import examples
from registry.web.rates import MOST_CLIENTS, Rates
from schema import schema
from schema.execution import limits
from schema.execution.budget import BUDGET, Budget
from schema.execution.direct import WRITTEN, Direct
from schema.execution.watch import MOST_WRITTEN
from tests.execution.test_limits import HOSTILE
from tests.servers import served
from tests.web.addresses import ADDRESSES
from tests.web.talking import talk
from tests.web.test_consoles import given_by

JSON = "application/json"
TINY = '{ country(code: "DE") { name } }'

#: Statuses that an attacker may see: an answer, a mistake of theirs, too much of it, or a server that is busy.
FAIR = {200, 400, 405, 408, 413, 415, 429, 503}


@pytest.fixture(scope="module")
def attacked(
    seeded: sa.Engine, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A server in a process of its own, and its address."""
    url = seeded.url.render_as_string()
    with served("--database-url", url, folder=tmp_path_factory.mktemp("attacked")) as (process, address):
        yield process, address


@pytest.fixture(scope="module")
def http(attacked: tuple[Any, str]) -> Iterator[httpx2.Client]:
    with httpx2.Client(base_url=attacked[1], headers={"Accept": JSON}, timeout=60) as client:
        yield client


@pytest.fixture(autouse=True)
def _serves_the_next(http: httpx2.Client) -> Iterator[None]:
    yield
    assert http.post("/graphql", json={"query": TINY}).json() == {"data": {"country": {"name": "Germany"}}}


def nested(levels: int) -> str:
    """Pages inside pages inside pages."""
    inside = "code"
    for level in range(levels):
        inside = f"agreements {{ nodes {{ partners {{ {inside} }} }} }}" if level else "code"
    return f"{{ countries {{ nodes {{ {inside} }} }} }}"


QUERIES: dict[str, Any] = {
    **{name: {"query": query} for name, (query, _) in HOSTILE.items()},
    **{f"pages, {levels} levels": {"query": nested(levels)} for levels in (4, 6, 8)},
    "acts of acts": {"query": "{ agreements { nodes {" + "acts { agreement {" * 9 + " id " + "} }" * 9 + "} } }"},
    "the schema in rings": {"query": "{ __schema { types { " + "fields { type { " * 5 + "name" + " } }" * 5 + " } } }"},
    "the schema many times": {
        "query": "{" + " ".join(f"a{n}: __schema {{ ...S }}" for n in range(150)) + "} fragment S on __Schema {"
        " types { name fields { name args { name type { name ofType { name ofType { name } } } } } } }"
    },
    "a long pattern": {
        "query": "query ($t: String!) { search(text: $t) { totalCount } }",
        "variables": {"t": "%_" * 50_000},
    },
    "a long list": {
        "query": "query ($c: [CountryCode!]) { countries(filter: {code: $c}) { totalCount } }",
        "variables": {"c": ["DE"] * 100_000},
    },
    "a large number": {"query": "query ($n: Int) { countries(first: $n) { totalCount } }", "variables": {"n": 10**18}},
    "deep variables": {"query": TINY, "variables": {"a": json.loads("[" * 400 + "]" * 400)}},
    "many variables": {"query": TINY, "variables": {f"v{n}": n for n in range(50_000)}},
    "a long name": {"query": "{ " + "a" * 40_000 + " }"},
    "an operation of a long name": {"query": "query A { date }", "operationName": "A" * 100_000},
    "a subscription in a comment": {"query": "# subscription\n{ " + "date " * 4_000 + "}"},
    "trace": {"query": "{ __typename }", "extensions": {"tracing": True, "cost": True}},
}


@pytest.mark.parametrize("name", QUERIES)
def test_a_hostile_query_is_answered(http: httpx2.Client, name: str) -> None:
    answer = http.post("/graphql", json=QUERIES[name])

    assert answer.status_code in FAIR - {503}, answer.text[:500]
    body = answer.json()
    assert "data" in body or body["errors"]
    assert len(body.get("errors", ())) <= 5
    assert {error["extensions"]["code"] for error in body.get("errors", ())} <= {
        *("QUERY_TOO_LARGE", "BAD_USER_INPUT", "GRAPHQL_VALIDATION_FAILED", "GRAPHQL_PARSE_FAILED", "BAD_REQUEST")
    }


#: What graphql-cop and its like try: each is refused, or does no harm.
PROBES: dict[str, dict[str, Any]] = {
    "batch": {"method": "POST", "json": [{"query": TINY}] * 100},
    "mutation by GET": {"method": "GET", "params": {"query": "mutation { __typename }"}},
    "mutation as a form": {"method": "POST", "data": {"query": "mutation { __typename }"}},
    "query as text": {"method": "POST", "content": TINY, "headers": {"Content-Type": "text/plain"}},
    "multipart": {"method": "POST", "files": {"operations": (None, '{"query": "{ __typename }"}')}},
    "deep JSON": {"method": "POST", "content": b"[" * 500_000, "headers": {"Content-Type": JSON}},
    "digits": {"method": "POST", "content": b'{"query":' + b"9" * 500_000 + b"}", "headers": {"Content-Type": JSON}},
    "large body": {"method": "POST", "content": b" " * 2_000_000, "headers": {"Content-Type": JSON}},
}


@pytest.mark.parametrize("name", PROBES)
def test_a_probe_is_refused(http: httpx2.Client, name: str) -> None:
    answer = http.request(url="/graphql", **PROBES[name])

    assert 400 <= answer.status_code < 500, answer.text[:500]


def test_many_attackers_at_once_get_answers_and_memory_comes_back(
    attacked: tuple[subprocess.Popen[str], str], http: httpx2.Client
) -> None:
    process, address = attacked

    def held() -> int:
        status = Path(f"/proc/{process.pid}/status").read_text(encoding="ascii")
        return int(re.findall(r"VmRSS:\s+(\d+) kB", status)[0]) // 1_024

    async def attack(round_: int) -> set[int]:
        async with httpx2.AsyncClient(base_url=address, timeout=120) as client:
            bodies = [
                {**asked, "query": f"{asked['query']} #{round_}.{number}" if number % 2 else asked["query"]}
                for number in range(2)
                for asked in QUERIES.values()
            ]
            answers = await asyncio.gather(*(client.post("/graphql", json=body) for body in bodies))
        return {answer.status_code for answer in answers}

    asyncio.run(attack(0))
    level = held()
    statuses = asyncio.run(attack(1)) | asyncio.run(attack(2))

    assert statuses <= FAIR
    assert held() < level + 80


def test_half_a_request_does_not_hold_up_others(attacked: tuple[Any, str], http: httpx2.Client) -> None:
    host, port = attacked[1].removeprefix("http://").split(":")
    halves = [
        b"POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{",
        b"POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n5\r",
        b"GET /graphql?query={",
    ]
    open_ = [socket.create_connection((host, int(port))) for _ in range(40) for _ in halves]
    try:
        for number, each in enumerate(open_):
            each.sendall(halves[number % len(halves)])
        assert http.post("/graphql", json={"query": TINY}).status_code == 200
    finally:
        for each in open_:
            each.close()


def test_sockets_full_of_operations_are_answered(attacked: tuple[Any, str]) -> None:
    query = "query ($n: Int) { agreements(first: $n) { totalCount nodes { title acts { kind } } } }"
    for _ in range(5):
        with talk(attacked[1]) as spoken:
            for number in range(100):
                spoken.ask(f"o{number}", query, n=1 + number)
            done: set[str] = set()
            while len(done) < 100:
                heard = spoken.hear(60)
                if heard["type"] in ("complete", "error"):
                    done.add(heard["id"])


# ── What is honest passes ───────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_what_pages_ask_is_far_below_the_limits(seeded: sa.Engine, page: Any) -> None:
    narrow = Settings(query_tokens_max=2_500, query_depth_max=18, query_fields_max=700, query_aliases_max=60)

    limits.check(limits.parsed(document(page.name), narrow.query_tokens_max), narrow)


def test_what_the_bench_asks_is_far_below_the_limits(seeded: sa.Engine) -> None:
    direct = Direct(schema, seeded, Settings(page_size_max=1_000))
    days = {"date": "2025-01-01", "year": 2025, "from": "2020-01-01", "until": "2025-01-01"}
    given = {"code": "DE", "reference": "any", **days}
    for file in Path("registry/bench/questions").glob("*.graphql"):
        asked = direct.plans.question(file.read_text(encoding="utf-8"), given, None)
        assert asked.frame.points < direct.settings.query_cost_max / 5, file.name


class Spent:
    """A purse that is never empty, and knows what was taken out of it."""

    def __init__(self) -> None:
        self.points = 0

    def spend(self, points: int) -> None:
        self.points += points

    def give_back(self, points: int) -> None:
        self.points -= points


def test_what_pages_and_examples_ask_costs_less_than_half_of_what_it_may(seeded: sa.Engine) -> None:
    settings = Settings(database_url=seeded.url.render_as_string(), answer_cache_bytes=0)
    app = create_app(settings)
    direct = app.state.endpoint.direct

    async def asked_by_pages() -> dict[str, tuple[str, str]]:
        found = {each.name: (each.query, each.variables) for each in examples()}
        async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url="http://r") as client:
            for name, address in ADDRESSES.items():
                given = given_by((await client.get("/graphiql", params={"page": address})).text)
                found[name] = given["query"], given["variables"]
        return found

    async def costs(query: str, variables: str) -> Budget:
        budget = Budget(None, Spent())
        BUDGET.set(budget)
        if await direct.execute(query, json.loads(variables or "{}")) is None:
            await direct.document(query)  # of what is no query, its document costs
        return budget

    async def ask_all() -> None:
        async with app.router.lifespan_context(app):
            for name, (query, variables) in (await asked_by_pages()).items():
                budget = await asyncio.create_task(costs(query, variables))
                is_query = re.search("^(mutation|subscription) ", query, re.MULTILINE) is None
                assert isinstance(budget.purse, Spent)
                assert (budget.points > 0) is is_query, name
                assert budget.points < settings.query_cost_max / 2, name
                assert 0 < budget.purse.points < min(settings.client_points_burst, MOST_WRITTEN * WRITTEN) / 2, name

    asyncio.run(ask_all())


# ── What each client may spend ──────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def metered(seeded: sa.Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[httpx2.Client]:
    """A server at which one client has few points, which hardly come back."""
    monkeypatch.setenv("REGISTRY_CLIENT_POINTS_PER_SECOND", "1")
    monkeypatch.setenv("REGISTRY_CLIENT_POINTS_BURST", "400")
    with (
        served("--database-url", seeded.url.render_as_string(), folder=tmp_path) as (_, address),
        httpx2.Client(base_url=address, headers={"Accept": JSON}, timeout=60) as client,
    ):
        yield client


def test_who_has_spent_all_points_is_told_when_to_come_again_and_may_still_ask_small_things(
    metered: httpx2.Client,
) -> None:
    large = {"query": "{ countries(first: 100) { nodes { code name } } }"}
    first = metered.post("/graphql", json=large, headers={"X-GraphQL-Cost": "1"})
    told = first.json()["extensions"]["cost"]

    assert first.headers["ratelimit-policy"] == '"points";q=400;w=400'
    assert 100 < told["points"] < 200
    assert told["limit"] == 100_000
    left = int(re.findall(r"r=(\d+)", first.headers["ratelimit"])[0])
    assert 0 < left < 400
    refused = [metered.post("/graphql", json=large, headers={"X-GraphQL-Cost": "1"}) for _ in range(6)][-1]
    (error,) = refused.json()["errors"]
    assert refused.status_code == 429
    assert error["extensions"]["code"] == "RATE_LIMITED"
    assert error["extensions"]["hint"]
    assert 1 <= int(refused.headers["retry-after"]) <= 400
    assert metered.post("/graphql", json={"query": "{ __typename }"}).status_code == 200
    elsewhere = metered.post("/graphql", json=large, headers={"X-GraphQL-Cost": "1", "X-Forwarded-For": "192.0.2.1"})
    assert elsewhere.status_code == 429  # nobody is believed to be somebody else
    assert metered.get("/export/agreements.csv").status_code == 429
    assert metered.get("/search?q=Germany", headers={"Accept": "text/html"}).status_code == 429
    assert metered.get("/health/live").status_code == 200


def test_clients_are_told_apart_by_address_and_networks_of_ipv6_and_no_more_than_so_many_are_remembered() -> None:
    rates = Rates(Settings())

    def bucket(address: str) -> Any:
        return rates.bucket({"client": (address, 1)})

    one = bucket("2001:db8::1")
    assert bucket("2001:db8::2") is one
    assert bucket("2001:db8:0:1::1") is not one
    assert bucket("192.0.2.1") is not bucket("192.0.2.2")
    for number in range(MOST_CLIENTS + 10):
        bucket(f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}")
    assert len(rates) == MOST_CLIENTS
