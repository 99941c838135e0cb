"""Placements by what the reader picks: a measure, one or two dimensions, a country, a sector and years."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from registry.codes import Language
from registry.errors import BadInput, Reason
from registry.language import code_name, phrase, words
from registry.placements import PlacementMeasure
from registry.statistics import MOST_ROWS, PlacementDimension
from registry.web.pages import charts, entire
from registry.web.pages.alphabet import alphabetical
from registry.web.pages.page import Ask, Data, Page
from registry.web.pages.placements import tables
from registry.web.pages.sheets import Sheet
from registry.web.pages.walk import Walk, check_order

#: Dimensions along which time runs: their chart stands upright, in the order of time.
TIMES = ("YEAR", "QUARTER", "MONTH")

#: Bars that a chart shows of those that are no times, the largest; the table has the rest.
MOST_BARS = 25

#: Periods of an axis that has all of them, a century of months: one mistyped year must not make a page of bars.
MOST_PERIODS = 1200

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


#: A row of the table, with what it stands for in each dimension.
Line = tuple[list[Value], Data]

#: What rows have in common in the first dimension, and these rows.
Group = tuple[Value, list[Line]]


def variables(walk: Walk, key: str) -> Data:
    """The table that is asked for. Raises `BadInput` for years that are none or out of order."""
    measure = _measure(walk)
    by = dimensions(walk)
    asked: Data = {name: walk.several(name) for name in ("country", "sector") if walk.several(name)}
    period = {end: year(walk, end) for end in ("from", "until")}
    check_order(period["from"], period["until"], "until")
    if any(period.values()):
        days = {"from": "01-01", "until": "12-31"}
        asked["period"] = {end: f"{number:04}-{days[end]}" for end, number in period.items() if number}
    return {
        "chosen": measure is not None,
        "all": measure is None,
        "measure": measure or PlacementMeasure.EMPLOYED.value,  # the document wants one, but does not use it
        "groupBy": by,
        "filter": asked,
        "orderBy": {"field": "PEOPLE"} if by_people(walk) else None,
        "figures": {"measure": [measure]} if measure else {},
        "after": walk.one("after"),
        "drawn": by[:1],
        "drawnBy": None if by[0] in TIMES else {"field": "PEOPLE"},
        "bars": MOST_ROWS if by[0] in TIMES else MOST_BARS,
    }


def _measure(walk: Walk) -> str | None:
    """What is counted; None for the overview of all measures, which nothing narrows and nothing divides but years."""
    narrowed = any(walk.several(name) for name in ("by", "country", "sector", "from", "until"))
    return walk.one("measure") or (PlacementMeasure.EMPLOYED.value if narrowed else None)


def by_people(walk: Walk) -> bool:
    """Whether rows are wanted in the order of how many people they count."""
    return walk.one("sort") == "people"


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
        hint, details = "Give a year, such as 2025.", Reason.YEAR.told(given)
        raise BadInput(f"“{given}” is no year.", path=(name,), hint=hint, details=details)
    return int(given)


async def whole(data: Data, walk: Walk, ask: Ask) -> Data:
    """The answer with all rows of its table, which a single answer may cut; as it is where they are far too many."""
    table = data.get("table")
    if table is None or entire.is_whole(table):
        return data
    by, asked = dimensions(walk), variables(walk, "")["filter"]
    countries = asked.get("country") or [row["country"]["code"] for row in data["reached"]["rows"]]
    rows = await entire.all_rows(table, by, countries, asked, ask)
    return data if rows is None else data | {"table": table | {"rows": entire.in_order(rows, by, by_people(walk))}}


def shape(data: Data, walk: Walk) -> Data:
    """The rows in words, their chart, and the same as a sheet; without a measure, those of each by year."""
    measures = [measure.value for measure in PlacementMeasure]
    forms = {"measures": measures, "dimensions": [each.value for each in PlacementDimension], "times": TIMES}
    forms["headline"] = [figure for figure in data["figures"]["nodes"] if not figure["destinations"]]
    if "table" not in data:
        found = tables(data)
        return {"table": None, "tables": found, "sheet": _overview(found, data, walk), **forms}
    table, by = data["table"], dimensions(walk)
    groups = _grouped(_lines(table, by, walk.language), by, walk)
    is_whole = entire.is_whole(table)
    return {
        "groups": groups,
        "by": by,
        "chart": _chart(groups, by) if is_whole else _chart_beside(data["drawn"], by[:1], walk.language),
        "upright": by[0] in TIMES,
        "whole": is_whole,
        "sheet": _sheet([line for _, those in groups for line in those], by, data, walk),
        **forms,
    }


def _lines(table: Data, by: Sequence[str], language: Language) -> list[Line]:
    return [([_value(row, each, language) for each in by], row) for row in table["rows"]]


def _grouped(lines: Sequence[Line], by: Sequence[str], walk: Walk) -> list[Group]:
    """The rows under what they have in common in the first dimension, and in their own order there.

    In the order of people rows of all groups come mixed: groups then go by their sums, but times stay in order. Else
    countries go by their names in the reader's language.
    """
    found: dict[tuple[str, str], Group] = {}
    for line in lines:
        first = line[0][0]
        found.setdefault((first.text, first.key), (first, []))[1].append(line)
    groups = list(found.values())
    if by_people(walk) and len(by) > 1:
        groups.sort(key=lambda group: _number(group, by[0]) if by[0] in TIMES else -_people(group))
    if not by_people(walk) and "COUNTRY" in by:
        _sort_countries(groups, by, alphabetical(walk.language))
    return groups


def _sort_countries(groups: list[Group], by: Sequence[str], key: Callable[[str], str]) -> None:
    if by[0] == "COUNTRY":
        groups.sort(key=lambda group: key(group[0].text))
    else:
        for _, lines in groups:
            lines.sort(key=lambda line: key(line[0][-1].text))


def _people(group: Group) -> int:
    return sum(row["people"] for _, row in group[1])


def _number(group: Group, dimension: str) -> int:
    """The period that a group is of, as a number: the next one has the next number."""
    period = group[1][0][1][dimension.lower()]
    if dimension != "MONTH":
        return int(period)
    year, month, _ = map(int, period.split("-"))
    return 12 * year + month - 1


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


def _chart(groups: Sequence[Group], by: Sequence[str]) -> charts.Chart:
    """The groups as bars: along time with a place for each period, also where nobody was counted; else the largest."""
    if by[0] not in TIMES:
        return charts.chart([(first.text, _parts(lines, by)) for first, lines in groups], MOST_BARS)
    counted = {_number(group, by[0]): group[1] for group in groups}
    periods: Sequence[int] = sorted(counted)
    if periods and periods[-1] - periods[0] < MOST_PERIODS:
        periods = range(periods[0], periods[-1] + 1)
    bars = [(_short(number, by[0]), _parts(counted.get(number, ()), by)) for number in periods]
    return charts.chart(bars, cycle=12 if by[0] == "MONTH" else 1)


def _chart_beside(drawn: Data, first: Sequence[str], language: Language) -> charts.Chart:
    """The chart of a table that is cut, from sums by its first dimension alone: what is cut off is in none of its rows.

    No chart where there are more periods than an answer holds: the last would be missing.
    """
    if first[0] in TIMES and not entire.is_whole(drawn):
        return charts.chart([])
    groups = [(values[0], [(values, row)]) for values, row in _lines(drawn, first, language)]
    return replace(_chart(groups, first), of=drawn["rowCount"])


def _parts(lines: Sequence[Line], by: Sequence[str]) -> list[tuple[str, int]]:
    return [(values[-1].text if len(by) > 1 else "", row["people"]) for values, row in lines]


def _short(number: int, dimension: str) -> str:
    """A period in figures: names of months are too long to stand under bars."""
    return f"{number % 12 + 1:02}.{number // 12}" if dimension == "MONTH" else str(number)


def _sheet(lines: Sequence[Line], by: Sequence[str], data: Data, walk: Walk) -> Sheet:
    """The table as it is shown: its rows, and below them what they add up to, what is left out and what is missing."""
    language, table = walk.language, data["table"]
    kinds = [int if each in ("YEAR", "QUARTER") else str for each in by]
    heads = [heading(code_name("PlacementDimension", each, language)) for each in by]
    name, people = heading(code_name("PlacementMeasure", table["measure"], language)), phrase("People", language)
    if not walk.one("measure"):  # else whoever reads the file knows what was asked for
        people = f"{people}: {name}"
    columns = [*zip(heads, kinds, strict=True), (people, int), (phrase("Share", language), float)]
    rows = [
        [*(value.text for value in values), str(row["people"]), "" if row["share"] is None else f"{row['share']:.4f}"]
        for values, row in lines
    ]
    blank = [""] * (len(by) - 1)
    for sentence, number in totals(table):
        rows.append([phrase(sentence, language), *blank, str(number), ""])
    if missing := table["rowCount"] - len(lines):
        rows.append([left_out(missing, language), *blank, "", ""])
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
    columns = [(phrase("Measure", language), str), (phrase("Year", language), int), (phrase("People", language), int)]
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
        (phrase("As known on", language), walk.moment_of(data["knownAt"])),
        *((phrase("Source", language), f"{each['title']} ({each['reference']})") for each in sources),
    ]
    return phrase("Sources", language), told


def _page_of(walk: Walk) -> str:
    """The address of the page that a file shows."""
    path, dot, _ = walk.path.rpartition(".")
    return walk.here(lang=walk.tag).replace(walk.path, path if dot else walk.path, 1)


def left_out(rows: int, language: Language) -> str:
    """What stands below the rows of a file where not all of them could be read."""
    sentence = phrase("Rows that are not in this file: %(number)s. Narrow the question to have all.", language)
    return sentence % {"number": words("number", rows, language)}


def heading(text: str) -> str:
    """A name of a code where it begins a line."""
    return text[:1].upper() + text[1:]


PAGE = Page("statistics", "/statistics", variables, shape=shape, files=True, whole=whole)
