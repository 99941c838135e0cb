"""The questions of the bench: what is asked in GraphQL, which statement the floor has for it, and with what values.

Each lies in `questions/` as a pair of files, the query and the statement.
"""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import Enum
from itertools import count
from pathlib import Path
from typing import Any

import orjson

from registry.bench.driving import Connection, NotMeasured, Server

FOLDER = Path(__file__).parent / "questions"

#: Records that a page of the bulk question has; the servers measured are set to allow it.
BULK = 1000


class Manner(Enum):
    """How one request follows another."""

    COLD = "cold", "Each time a document and values that the server has not seen."
    DISTINCT = "distinct", "One document, each time other values."
    REPEAT = "repeat", "The same document and values again and again."

    def __init__(self, label: str, meaning: str) -> None:
        self.label = label
        self.meaning = meaning


@dataclass(frozen=True)
class Values:
    """The values of a request: as variables of the query, and as parameters of the statement."""

    variables: dict[str, Any]
    parameters: dict[str, Any]


@dataclass(frozen=True)
class Question:
    """A question, and the values with which it is asked for the first, second, … time; no two are alike for long."""

    name: str
    values: Callable[[int], Values]

    @property
    def query(self) -> str:
        """The query in GraphQL."""
        return (FOLDER / f"{self.name}.graphql").read_text(encoding="utf-8")

    def to_server(self, manner: Manner) -> Iterator[bytes]:
        """Requests to the registry, without end."""
        query = self.query
        for number in _numbers(manner):
            text = query.replace("(", f"{number}(", 1) if manner is Manner.COLD else query
            yield orjson.dumps({"query": text, "variables": self.values(number).variables})

    def to_floor(self, manner: Manner) -> Iterator[bytes]:
        """The same requests to the floor, without end; it knows no documents, so `COLD` is as `DISTINCT`."""
        for number in _numbers(manner):
            yield orjson.dumps({"question": self.name, "variables": self.values(number).parameters})


#: Where each manner begins to count, so that none asks what another has asked before.
_BEGINS = {Manner.COLD: 1_000_000, Manner.DISTINCT: 2_000_000}


def _numbers(manner: Manner) -> Iterator[int]:
    return iter(lambda: 0, 1) if manner is Manner.REPEAT else count(_BEGINS[manner])


#: Pages of companies that are asked for by their names.
_PAGES = 20

_FIRST_DAY, _DAYS, _YEARS = date(2025, 1, 1), 600, 12


def questions(server: Server) -> list[Question]:
    """The questions that can be put to the data of a server that is running."""
    with Connection(server) as connection:
        codes, companies = _codes(connection), _companies(connection, BULK)
        agreements = _places(connection, "agreements", {"agreements": "first: 1000"})
        quotas = _places(connection, "quotas", {"quotas": "first: 1000"})

    def page(number: int) -> Values:
        cursor, reference = agreements[number % len(agreements)]
        return Values({"date": _day(number), "after": cursor}, {"date": _day(number), "after": reference})

    def dashboard(number: int) -> Values:
        code, year = codes[number % len(codes)], 2014 + number // len(codes) % _YEARS
        common = {"date": _day(number), "code": code}
        return Values({**common, "year": year}, {**common, "year": str(year)})

    def groups(number: int) -> Values:
        # Whole years, always with all returns in them, and yet each time other values.
        first, last = divmod(number % 1_000_000, 1000)
        days = {"from": f"{1000 + first}-01-01", "until": f"{2090 + last}-12-31"}
        return Values(days, days)

    def bulk(number: int) -> Values:
        cursor, reference = quotas[number % len(quotas)]
        return Values({"after": cursor}, {"after": reference})

    return [_tiny(companies), *(Question(values.__name__, values) for values in (page, dashboard, groups, bulk))]


def small(server: Server) -> Question:
    """The smallest of them; a server whose limits are those that it has by default answers it too."""
    with Connection(server) as connection:
        return _tiny(_companies(connection, 100))


def _tiny(companies: list[str]) -> Question:
    def values(number: int) -> Values:
        reference = {"reference": companies[number % len(companies)]}
        return Values(reference, reference)

    return Question("tiny", values)


def _day(number: int) -> str:
    return str(_FIRST_DAY + timedelta(days=number * 7 % _DAYS))


def _companies(connection: Connection, size: int) -> list[str]:
    """The companies of the first pages of a size: so many that it takes long to come back to one, if they are there."""
    companies, after = list[str](), "null"
    for _ in range(_PAGES):
        fields = "nodes { reference } pageInfo { endCursor hasNextPage }"
        page = _asked(connection, f"{{ companies(first: {size}, after: {after}) {{ {fields} }} }}")["companies"]
        companies += [node["reference"] for node in page["nodes"]]
        if not page["pageInfo"]["hasNextPage"]:
            break
        after = f'"{page["pageInfo"]["endCursor"]}"'
    if not companies:
        raise NotMeasured("There is nothing to measure: the database holds no companies.")
    return companies


def _codes(connection: Connection) -> list[str]:
    """The countries that people are placed in."""
    rows = _asked(
        connection, f"{{ placements(groupBy: [COUNTRY], first: {BULK}) {{ rows {{ country {{ code }} }} }} }}"
    )
    codes = [row["country"]["code"] for row in rows["placements"]["rows"]]
    if not codes:
        raise NotMeasured("There is nothing to measure: the database holds no placement returns.")
    return codes


def _places(connection: Connection, name: str, fields: dict[str, str]) -> list[tuple[str | None, str]]:
    """Where pages may begin: a cursor, and the reference of the record before."""
    found = _asked(connection, f"{{ {name}({fields[name]}) {{ edges {{ cursor node {{ reference }} }} }} }}")
    return [(None, ""), *((edge["cursor"], edge["node"]["reference"]) for edge in found[name]["edges"])]


def _asked(connection: Connection, query: str) -> Any:
    answer = orjson.loads(connection.ask(orjson.dumps({"query": query})))
    if "errors" in answer:
        raise NotMeasured(f"A server refuses what the bench asks: {answer['errors'][0]['message']}")
    return answer["data"]


def check_agreement(asked: list[Question], name: str, server: Server, floor: Server | None) -> None:
    """Raises `NotMeasured` where a server answers a question with an error, or the floor answers it otherwise."""
    for question in asked:
        for manner in (Manner.REPEAT, Manner.DISTINCT):
            with Connection(server) as connection:
                answer = orjson.loads(connection.ask(next(question.to_server(manner))))
            if "errors" in answer:
                raise NotMeasured(f"The question {question.name} is refused: {answer['errors'][0]['message']}")
            if floor:
                with Connection(floor) as connection:
                    hand_made = orjson.loads(connection.ask(next(question.to_floor(manner))))
                if not _alike(answer, hand_made):
                    raise NotMeasured(f"The floor and the server {name} do not give one answer to {question.name}.")


def _alike(one: Any, other: Any) -> bool:
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(_alike(one[name], other[name]) for name in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(_alike, one, other))
    if isinstance(one, float) and isinstance(other, float):
        return math.isclose(one, other, rel_tol=1e-9)
    return type(one) is type(other) and bool(one == other)
