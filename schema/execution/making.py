"""The code of a plan in the making.

For each object of an answer one dict display is written, out of `repr()` of GraphQL names, positions in rows and names
made here; nothing that a client sends is part of that text.
"""

import re
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import orjson
import sqlalchemy as sa

from schema.execution import identity
from schema.execution.cursors import encode
from schema.execution.levels import Doubt, Inside, Keyed, Level, Then
from schema.execution.statement import Database, Statement


def given(value: Any) -> Any:
    """The value of a field that is never null."""
    if value is None:
        raise Doubt("null in a field that is never null")
    return value


def whole(value: int | None) -> int | None:
    """A number that GraphQL can say as an Int."""
    if value is not None and not -(2**31) <= value < 2**31:
        raise Doubt("number beyond 32 bits")
    return value


#: The code of a value that may as well stand in a text twice as be handed to a function.
_AT_HAND = re.compile(r"r\[\d+\]|total")


def code_of_given(text: str) -> str:
    """The code of a value as `given` gives it, out of the code of that value."""
    return f"({text} if {text} is not None else given(None))" if _AT_HAND.fullmatch(text) else f"given({text})"


def code_of_whole(text: str) -> str:
    """The code of a value as `whole` gives it, out of the code of that value."""
    if not _AT_HAND.fullmatch(text):
        return f"whole({text})"
    return f"({text} if {text} is None or {-(2**31)} <= {text} < {2**31} else whole({text}))"


def parsed(text: str | None) -> Any:
    """A value that SQLite keeps as JSON."""
    return None if text is None else orjson.loads(text)


def _itself(value: Any) -> Any:
    return value


def attempted(work: Callable[..., Any]) -> Callable[..., Any]:
    """The same work, but that it returns what it would raise."""

    def attempt(*values: Any) -> Any:
        try:
            return work(*values)
        except Exception as error:  # told where GraphQL meets it
            return error

    return attempt


#: What generated code may call.
CALLS = {
    "Fragment": orjson.Fragment,
    "given": given,
    "whole": whole,
    "parsed": parsed,
    "identify": identity.spelled,
    "encode": encode,
}


#: The code that makes lists of rows, by a key of theirs.
_GROUPED = """\
 def build(rows):
  found = {{}}
  for r in rows:
   made = {body}
   key = r[{key}]
   if key in found:
    found[key].append(made)
   else:
    found[key] = [made]
  return found
 return build"""


@dataclass
class Compiler:
    """A plan in the making: what is asked, and what it will need.

    `moments` tells for each legal day which arguments choose it, by their place, and which of their days it is; None is
    today. `heavy` tells whether the plan may take long, `keeps` whether a level of it makes what lasts, `pages` how
    many pages lie around the field. `built` is given for a tree of typed objects, which it makes of a type's name and
    values, in place of JSON. `snapshots` is the kind of database that holds what was known earlier; where that is being
    planned, `now` is the kind that holds the rest.
    """

    database: Database
    shapes: Sequence[Hashable]
    moments: list[tuple[int, int] | None] = field(default_factory=lambda: [None])
    heavy: bool = False
    keeps: bool = False
    pages: int = 0
    built: Callable[[str, dict[str, Any]], Any] | None = None
    snapshots: Database | None = None
    now: Database | None = None

    def moment(self, slot: int, day: int) -> int:
        """The number of the moment that a day among the arguments at a place chooses."""
        self.moments.append((slot, day))
        return len(self.moments) - 1

    def at(self, moment: int, make: Callable[["Compiler"], Level]) -> Then:
        """A level that reads what was known at a moment of its own, made for each kind of database that may hold it."""
        self.heavy = True
        now = self.now or self.database
        kinds = {each.dialect.name: each for each in (now, self.snapshots or now)}
        levels = {name: make(replace(self, database=each, now=now)) for name, each in kinds.items()}
        return Then(moment=moment, levels=levels)

    def keyed(self, rows: sa.Select[Any], making: "Making", body: str, key: int, *, single: bool, **how: Any) -> Keyed:
        """The level of the rows of a select, of each what `body` makes of it, by the key at a place in them."""
        made = making.finish_keyed(body, key, single)
        statement = Statement(rows, self.database.dialect)
        lasts = self.built is None and statement.brings == {"keys"} and "run." not in body and not making.inside
        self.keeps |= lasts
        return Keyed(statement=statement, single=single, lasts=lasts, **how, **made)


class Making:
    """The code of one level in the making: the names it uses, and the levels inside."""

    def __init__(self, compiler: Compiler) -> None:
        self.compiler = compiler
        self.inside: list[Inside] = []
        self._names: dict[str, Any] = dict(CALLS)
        if compiler.built:  # GraphQL itself then watches over what is null and what is a number
            self._names |= {"built": compiler.built, "given": _itself, "whole": _itself}

    def name(self, value: Any) -> str:
        """A name for a value that the code uses."""
        name = f"k{len(self._names)}"
        self._names[name] = value
        return name

    def calling(self, work: Callable[..., Any]) -> str:
        """A name for a function that the code calls; in a tree, what it raises is the value."""
        return self.name(attempted(work) if self.compiler.built else work)

    def within(self, level: Level, key: str | None, each: str = "for r in rows") -> str:
        """The name under which the code finds what a level inside has read, for keys that are an expression of rows."""
        text = f"def keys(run, rows):\n found = {{{key} {each}}}\n found.discard(None)\n return found"
        keys: Callable[..., Any] = self._run(text, "keys") if key else (lambda run, rows: None)
        return self.within_keys(level, keys)

    def within_keys(self, level: Level, keys: Callable[..., Any]) -> str:
        """The same, for keys that a function tells."""
        self.inside.append(Inside(level, keys))
        return f"m{len(self.inside) - 1}"

    def finish(self, body: str, arguments: str = "r") -> dict[str, Any]:
        """What the level needs to build: `body` is an expression of a row (or of other `arguments`)."""
        return self._finished(f" return lambda {arguments}: {body}")

    def finish_keyed(self, body: str, key: int, single: bool) -> dict[str, Any]:
        """The same of all rows at once, by a key of theirs: `single` where each is of one row, else of a list."""
        if single:
            return self._finished(f" return lambda rows: {{r[{key}]: {body} for r in rows}}")
        return self._finished(_GROUPED.format(key=key, body=body))

    def _finished(self, build: str) -> dict[str, Any]:
        read = "".join(f", m{number}" for number in range(len(self.inside)))
        return {"make": self._run(f"def make(run{read}):\n{build}", "make"), "inside": self.inside}

    def _run(self, text: str, name: str) -> Any:
        names = dict(self._names)
        exec(compile(text, "<plan>", "exec"), names)
        return names[name]


def display(making: Making, kind: str, fields: Iterable[tuple[str, str]]) -> str:
    """A dict display, of each key the expression for its value; in a tree, as an object of the type."""
    text = "{" + ", ".join(f"{key!r}: {value}" for key, value in fields) + "}"
    return f"built({kind!r}, {text})" if making.compiler.built else text
