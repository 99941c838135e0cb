"""The clients that others use, against a server of the seeds: each does here what its users expect of it."""

import pytest

from tests.clients.conftest import Desk, Written


@pytest.mark.parametrize(
    ("script", "checks"), [("graphql-http", 61), ("graphql-ws", 7), ("graphql-sse", 7), ("apollo", 15), ("urql", 17)]
)
def test_a_client_finds_nothing_wrong(desk: Desk, written: Written, script: str, checks: int) -> None:
    desk.check(f"{script}.mjs", checks, **written.environment)


def test_relay_compiles_the_schema_and_runs_what_it_has_made(desk: Desk, written: Written) -> None:
    assert "warn" not in desk.run("relay-compiler", "relay.config.json").lower()
    desk.check("relay.mjs", 7, **written.environment)
