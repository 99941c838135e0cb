"""What the registry says of itself."""

import re

from registry.settings import VERSION
from tests.schema.asking import Asker


def test_the_registry_says_what_it_holds(any_ask: Asker) -> None:
    found = any_ask("{ about { version homeCountry { code } synthetic counts { type count } } }")["about"]
    counts = {count["type"]: count["count"] for count in found["counts"]}

    assert (found["version"], found["homeCountry"], found["synthetic"]) == (VERSION, {"code": "UZ"}, False)
    lists = {"Country": "countries", "Sector": "sectors", "Occupation": "occupations", "Quota": "quotas",
             "Figure": "figures", "Company": "companies", "Source": "sources", "Engagement": "engagements"}  # fmt: skip
    for kind, field in lists.items():
        assert counts[kind] == any_ask(f"{{ {field} {{ totalCount }} }}")[field]["totalCount"] > 0
    assert counts["PlacementReturn"] == 3


def test_knowledge_is_dated_by_the_last_change_and_not_by_the_clock(ask: Asker) -> None:
    first, second = (ask("{ knownAt date }") for _ in range(2))

    assert first == second
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", first["knownAt"])
