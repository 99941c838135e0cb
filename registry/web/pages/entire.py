"""All rows of a table of placements, for files: one answer of the graph holds a thousand.

A larger table is asked for in parts that share no return: those of some countries of destination, in some calendar
years. Every return names one country and lies within one year, so that what the parts count adds up to the whole.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from registry.web.pages.page import Ask, Data

#: Answers that a file is put together of, at most.
MOST_READ = 200

#: The fields of a row that name records, and the field of the record that tells it from others.
_KEYS = {"country": "code", "sector": "code", "company": "reference", "agreement": "reference", "occupation": "code"}


def is_whole(table: Data) -> bool:
    """Whether a table has all its rows."""
    return bool(table["rowCount"] == len(table["rows"]))


@dataclass(frozen=True)
class _Part:
    """Returns on some countries of destination, of some years."""

    countries: Sequence[str]
    first: int
    last: int

    def halves(self) -> tuple["_Part", ...]:
        """Two parts that make up this one; none where it is of one country and one year."""
        if (middle := len(self.countries) // 2) > 0:
            return (
                _Part(self.countries[:middle], self.first, self.last),
                _Part(self.countries[middle:], self.first, self.last),
            )
        if self.first < self.last:
            year = (self.first + self.last) // 2
            return _Part(self.countries, self.first, year), _Part(self.countries, year + 1, self.last)
        return ()

    def variables(self, asked: Data) -> Data:
        """What asks for this part of what is asked for."""
        period = {"from": f"{self.first:04}-01-01", "until": f"{self.last:04}-12-31"}
        return {"filter": {**asked, "country": list(self.countries), "period": period}}


async def all_rows(
    table: Data, by: Sequence[str], countries: Sequence[str], asked: Data, ask: Ask
) -> list[Data] | None:
    """All rows of a table that is cut, with their shares; None where there are too many even for several answers.

    `by` are its dimensions, `countries` all that its returns may be on; `asked` is the filter that it was asked with.
    """
    found: dict[tuple[Any, ...], Data] = {}
    parts = list(_Part(countries, *_years(table)).halves())
    for _ in range(MOST_READ):
        if not parts:
            break
        part = parts.pop()
        read = (await ask(part.variables(asked)))["table"]
        if is_whole(read):
            _add(found, read["rows"], by)
        elif halves := part.halves():
            parts += halves
        else:
            return None
    if parts or len(found) != table["rowCount"]:
        return None
    total = table["total"]
    return [{**row, "share": row["people"] / total if total else None} for row in found.values()]


def in_order(rows: Sequence[Data], by: Sequence[str], by_people: bool) -> list[Data]:
    """The rows in the order in which the graph gives them: what returns leave open comes last."""
    return sorted(
        rows,
        key=lambda row: (
            -row["people"] if by_people else 0,
            [(each is None, "" if each is None else each) for each in _stated(row, by)],
        ),
    )


def _years(table: Data) -> tuple[int, int]:
    first, _, last = table["period"]["edtf"].partition("/")
    return int(first[:4]), int(last[:4])


def _add(found: dict[tuple[Any, ...], Data], rows: Sequence[Data], by: Sequence[str]) -> None:
    """Adds people to the rows that state the same."""
    for row in rows:
        held = found.setdefault(_stated(row, by), {**row, "people": 0})
        held["people"] += row["people"]


def _stated(row: Data, by: Sequence[str]) -> tuple[Any, ...]:
    """What a row states of the dimensions that it is grouped by."""
    names = [dimension.lower() for dimension in by]
    return tuple(row[name] and row[name][_KEYS[name]] if name in _KEYS else row[name] for name in names)
