"""What clients may rely on: nothing that was released goes away before it has been marked as leaving.

`released.graphql` is the schema as it was last released. What would break a client since then is refused, unless it was
marked there as leaving, by `@deprecated(reason: "Until 2027-06-01; ask `other` instead.")`, and that day has passed, or
`breaking.toml` says why it must be.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from graphql import GraphQLSchema, build_schema, find_breaking_changes, find_dangerous_changes

HERE = Path(__file__).parent
PUBLISHED, RELEASED, BREAKING = HERE / "schema.graphql", HERE / "released.graphql", HERE / "breaking.toml"

_NONE_BREAK = """\
# What breaks clients of released.graphql and must be all the same: each change as `registry schema --check` words it,
# and why, such as
#   "Field Country.capital was removed." = "It was never filled; nobody has asked for it in a year of logs."
"""

_UNTIL = re.compile(r"Until (\d{4}-\d{2}-\d{2}); .+\.")
_REMOVED = re.compile(r"(?:Field|Argument|Enum value) (\S+) was removed\.")


@dataclass(frozen=True)
class Comparison:
    """What has changed since a release, a sentence for each."""

    #: What breaks clients, without leave.
    breaking: list[str]
    #: What is said to break them, but does not.
    idle: list[str]
    #: What may surprise them, such as a new value of an enumeration.
    dangerous: list[str]


def compared(released: str, served: str, allowed: Mapping[str, str], today: date) -> Comparison:
    """Compares two schemas; `allowed` has a reason for each change that may break clients."""
    old, new = build_schema(released), build_schema(served)
    leaving = {coordinate for coordinate, reason in marked(old) if (last_day(reason) or date.max) < today}
    found = [change.description for change in find_breaking_changes(old, new)]
    broken = [change for change in found if _removed(change) not in leaving]
    return Comparison(
        breaking=[change for change in broken if not allowed.get(change, "").strip()],
        idle=[change for change in allowed if change not in broken],
        dangerous=[change.description for change in find_dangerous_changes(old, new)],
    )


def check(served: str) -> Comparison:
    """Compares the schema that is served with the one last released."""
    allowed = tomllib.loads(BREAKING.read_text(encoding="utf-8"))
    return compared(RELEASED.read_text(encoding="utf-8"), served, allowed, date.today())


def publish(served: str) -> None:
    """Writes the schema that is served to `schema.graphql`."""
    PUBLISHED.write_text(served, encoding="utf-8", newline="\n")


def release(served: str) -> None:
    """Makes the schema that is served the one that clients may rely on from now on."""
    publish(served)
    RELEASED.write_text(served, encoding="utf-8", newline="\n")
    BREAKING.write_text(_NONE_BREAK, encoding="utf-8", newline="\n")


def last_day(reason: str) -> date | None:
    """The day until which something that is leaving stays; None where its reason does not say, or not what follows."""
    found = _UNTIL.fullmatch(reason)
    return date.fromisoformat(found[1]) if found else None


def marked(schema: GraphQLSchema) -> Iterator[tuple[str, str]]:
    """The coordinates of all that is marked as leaving, such as `Query.country(code:)`, with the reasons."""
    for coordinate, described in _members(schema):
        if described.deprecation_reason is not None:
            yield coordinate, described.deprecation_reason


def _members(schema: GraphQLSchema) -> Iterator[tuple[str, Any]]:
    """All fields, arguments, input fields and enumeration values, under their coordinates."""
    for name, kind in schema.type_map.items():
        for member, described in (getattr(kind, "fields", None) or getattr(kind, "values", {})).items():
            yield f"{name}.{member}", described
            for argument, given in getattr(described, "args", {}).items():
                yield f"{name}.{member}({argument}:)", given


def _removed(change: str) -> str | None:
    """The coordinate of what a change took away."""
    found = _REMOVED.fullmatch(change)
    return found[1] if found else None
