"""Placements by what the reader picks: a measure, one or two dimensions, a country, a sector and years."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from registry.codes import Language
from registry.errors import BadInput
from registry.language import code_name, phrase, words
from registry.placements import PlacementMeasure
from registry.statistics import PlacementDimension
from registry.web.pages import charts
from registry.web.pages.page import Data, Page
from registry.web.pages.placements import tables
from registry.web.pages.sheets import Sheet
from registry.web.pages.walk import Walk

#: Dimensions along which time runs: their chart stands upright, in the order of time.
TIMES = ("YEAR", "QUARTER", "MONTH")

#: Bars that a chart shows of those that are no times; the table has the rest.
MOST_BARS = 25

#: Dimensions that have a page, by its name, and the fields of a row that name them.
RECORDS = {
    "COUNTRY": ("country", "code", "name"),
    "SECTOR": ("sector", "code", "name"),
    "COMPANY": ("company", "reference", "name"),
    "AGREEMENT": ("agreement", "reference", "title"),
    "OCCUPATION": ("occupation", "code", "name"),
}
CODES = {"SEX": "Sex", "CHANNEL": "PlacementChannel"}


@dataclass(frozen=True)
class Value:
    """What a row stands for in one dimension, in words, and the page and the record that it leads to, if any."""

    text: str
    page: str = ""
    key: str = ""
    record: Data | None = None


def variables(walk: Walk, key: str) -> Data:
    """The table that is asked for. Raises `BadInput` for years that are none, and for more than two dimensions."""
    measure = walk.one("measure")
    by = dimensions(walk)
    asked: Data = {name: walk.several(name) for name in ("country", "sector") if walk.several(name)}
    period = {end: year(walk, end) for end in ("from", "until")}
    if any(period.values()):
        days = {"from": "01-01", "until": "12-31"}
        asked["period"] = {end: f"{number:04}-{days[end]}" for end, number in period.items() if number}
    by_people = walk.one("sort") == "people" and len(by) == 1
    return {
        "chosen": measure is not None,
        "all": measure is None,
        "measure": measure or PlacementMeasure.EMPLOYED.value,
        "groupBy": by,
        "filter": asked,
        "orderBy": {"field": "PEOPLE"} if by_people else None,
    }


def dimensions(walk: Walk) -> list[str]:
    """The dimensions that were picked, each once; years where none was. Raises `BadInput` for more than two."""
    by = list(dict.fromkeys(walk.several("by"))) or ["YEAR"]
    if len(by) > 2:
        raise BadInput("A table has one dimension or two.", path=("by",), hint="Leave the others out.")
    return by


def year(walk: Walk, name: str) -> int | None:
    """The year that a parameter of the address names; None where it names none. Raises `BadInput`."""
    given = walk.one(name)
    if given is None:
        return None
    if not (given.isascii() and given.isdigit() and 1 <= int(given) <= 9999):
        raise BadInput(f"“{given}” is no year.", path=(name,), hint="Give a year, such as 2025.")
    return int(given)


def shape(data: Data, walk: Walk) -> Data:
    """The rows in words, their chart, and the same as a sheet; without a measure, those of each by year."""
    measures = [measure.value for measure in PlacementMeasure]
    forms = {"measures": measures, "dimensions": [each.value for each in PlacementDimension], "times": TIMES}
    if "table" not in data:
        found = tables(data)
        return {"table": None, "tables": found, "sheet": _overview(found, data, walk), **forms}
    table, by = data["table"], dimensions(walk)
    lines = [([_value(row, each, walk.language) for each in by], row) for row in table["rows"]]
    groups = [(first, list(those)) for first, those in groupby(lines, key=lambda line: line[0][0])]
    return {
        "groups": groups,
        "by": by,
        "chart": _chart(groups, by),
        "upright": by[0] in TIMES,
        "whole": table["rowCount"] == len(table["rows"]),
        "sheet": _sheet(lines, by, data, walk),
        **forms,
    }


def _value(row: Data, dimension: str, language: Language) -> Value:
    if dimension in RECORDS:
        page, key, name = RECORDS[dimension]
        record = row[page]
        if record is None:
            return Value(phrase("not stated", language))
        return Value(record[name], page, record[key], record)
    plain = row[dimension.lower()]
    if plain is None:
        return Value(phrase("not stated", language))
    if dimension in CODES:
        return Value(code_name(CODES[dimension], plain, language))
    return Value(words("edtf", plain[:7], language) if dimension == "MONTH" else str(plain))


def _chart(groups: Sequence[tuple[Value, list[Any]]], by: Sequence[str]) -> charts.Chart:
    shown = groups if by[0] in TIMES else groups[:MOST_BARS]
    return charts.chart(
        [
            (first.text, [(line[0][-1].text if len(by) > 1 else "", line[1]["people"]) for line in those])
            for first, those in shown
        ]
    )


def _sheet(lines: Sequence[tuple[list[Value], Data]], by: Sequence[str], data: Data, walk: Walk) -> Sheet:
    """The table as it is shown: its rows, and below them what they add up to and what is left out."""
    language, table = walk.language, data["table"]
    kinds = [int if each in ("YEAR", "QUARTER") else str for each in by]
    heads = [heading(code_name("PlacementDimension", each, language)) for each in by]
    columns = [*zip(heads, kinds, strict=True), (phrase("People", language), int), (phrase("Share", language), float)]
    rows = [
        [*(value.text for value in values), str(row["people"]), "" if row["share"] is None else f"{row['share']:.4f}"]
        for values, row in lines
    ]
    blank = [""] * (len(by) - 1)
    for sentence, number in totals(table):
        rows.append([phrase(sentence, language), *blank, str(number), ""])
    name = heading(code_name("PlacementMeasure", table["measure"], language))
    return Sheet(name, columns, rows, *notes(data, walk, name, table["sources"]))


#: What stands below a table, in the words of its page.
TOGETHER = "Together"
UNALLOCATED = "In returns too long for these periods"
STRADDLING = "Only partly within these years, not counted"


def totals(table: Data) -> list[tuple[str, int]]:
    """What the rows add up to with what no row has, and what is in none of it."""
    lines = [(UNALLOCATED, table["unallocated"]), (TOGETHER, table["total"]), (STRADDLING, table["straddling"])]
    return [(sentence, number) for sentence, number in lines if number or sentence == TOGETHER]


def _overview(found: Sequence[Data], data: Data, walk: Walk) -> Sheet:
    language = walk.language
    columns = [(phrase("Measure", language), str), (phrase("Year", language), str), (phrase("People", language), int)]
    rows = []
    for table in found:
        name = heading(code_name("PlacementMeasure", table["measure"], language))
        rows += [[name, str(row["year"]), str(row["people"])] for row in table["rows"]]
        rows += [[name, phrase(TOGETHER, language), str(table["total"])]] if len(table["rows"]) > 1 else []
    sources = {source["reference"]: source for table in found for source in table["sources"]}
    title = phrase("Statistics", language)
    return Sheet(title, columns, rows, *notes(data, walk, title, list(sources.values())))


def notes(data: Data, walk: Walk, title: str, sources: Sequence[Data]) -> tuple[str, list[tuple[str, str]]]:
    """What a workbook tells of its table: what was asked of whom, as known when, and who says so."""
    language = walk.language
    told = [
        (title, _page_of(walk)),
        (phrase("As of", language), words("day", data["date"], language)),
        (phrase("As known on", language), f"{data['knownAt'][:16].replace('T', ' ')} UTC"),
        *((phrase("Source", language), f"{each['title']} ({each['reference']})") for each in sources),
    ]
    return phrase("Sources", language), told


def _page_of(walk: Walk) -> str:
    """The address of the page that a file shows."""
    path, dot, _ = walk.path.rpartition(".")
    return walk.here(lang=walk.tag).replace(walk.path, path if dot else walk.path, 1)


def heading(text: str) -> str:
    """A name of a code where it begins a line."""
    return text[:1].upper() + text[1:]


PAGE = Page("statistics", "/statistics", variables, shape=shape, files=True)
