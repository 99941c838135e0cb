"""Worked examples of what can be asked and recorded: offered by both consoles, listed in the README, run by tests.

An example is `registry/web/examples/<name>.graphql`: its first line is its title, the comment below says what it is
about, and `<name>.json` beside it holds its variables. A new one gets its place in `NAMES`, and its title its
translations in `registry/locale/*/examples.po`.
"""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent.parent / "examples"

#: The examples in the order in which they are offered: asking first, then keeping in step, then recording.
NAMES = (
    "in-force-today",
    "as-of-a-day",
    "as-known-at",
    "what-falls-due",
    "gaps",
    "agreement-quotas-placements",
    "placements-by-year-and-sector",
    "search-in-uzbek",
    "who-says-so",
    "dashboard",
    "export",
    "delta-sync",
    "follow-changes",
    "add-source",
    "record-ratification",
)


@dataclass(frozen=True)
class Example:
    """An operation with its title, what it is about, and its variables as JSON."""

    name: str
    title: str
    about: str
    query: str
    variables: str


@cache
def examples() -> tuple[Example, ...]:
    """All examples, in their order."""
    return tuple(_read(name) for name in NAMES)


def example(name: str) -> Example | None:
    """The example of that name."""
    return next((each for each in examples() if each.name == name), None)


def _read(name: str) -> Example:
    query = (FOLDER / f"{name}.graphql").read_text(encoding="utf-8")
    comment = [line.removeprefix("#").strip() for line in query.splitlines() if line.startswith("#")]
    variables = (FOLDER / f"{name}.json").read_text(encoding="utf-8")
    return Example(name, comment[0], " ".join(comment[1:]).strip(), query, variables)
