"""How far the places of quotas are used, or why that cannot be stated: the quotas of all countries in one table."""

from typing import Any

from registry.language import code_name, phrase, words
from registry.web.pages.page import Data, Page
from registry.web.pages.sheets import Sheet
from registry.web.pages.spoken import ENGLISH
from registry.web.pages.statistics import heading, notes, year
from registry.web.pages.walk import Walk

#: The columns of the file. The operator, as exports of quotas name it, has one of its own: numbers stay numbers.
COLUMNS: tuple[tuple[str, type], ...] = (
    ("Country", str),
    ("Period", str),
    ("Limited to", str),
    ("Operator", str),
    ("Places", int),
    ("Used", int),
    ("Left", int),
    ("Share", float),
    ("Remark", str),
)


def variables(walk: Walk, key: str) -> Data:
    """Which quotas: of a country, of a sector, of a year. Raises `BadInput` for a year that is none."""
    asked: Data = {name: walk.several(name) for name in ("country", "sector") if walk.several(name)}
    if number := year(walk, "year"):
        asked["year"] = [number]
    return {"filter": asked, "after": walk.one("after")}


def shape(data: Data, walk: Walk) -> Data:
    """What is limited to what, in words, for each quota; and the table as a sheet."""
    language = walk.language
    columns = [(phrase(head, language), kind) for head, kind in COLUMNS]
    rows = [_row(quota, walk) for quota in data["quotas"]["nodes"]]
    title = phrase("Use of quotas", language)
    cited = [each["source"] for quota in data["quotas"]["nodes"] for each in quota["citations"]]
    sources = list({source["reference"]: source for source in cited}.values())
    told = {quota["reference"]: _limits(quota, walk) for quota in data["quotas"]["nodes"]}
    return {"limits": told, "sheet": Sheet(title, columns, rows, *notes(data, walk, title, sources))}


def _row(quota: Data, walk: Walk) -> list[str]:
    use, language = quota["utilisation"], walk.language
    share = None if use["share"] is None else f"{use['share']:.4f}"
    period = heading(words("period", quota["period"]["edtf"], language))
    limits = ", ".join(text for text, _ in _limits(quota, walk))
    operator = code_name("ValueOperator", quota["operator"], language)
    cells = [quota["country"]["name"], period, limits, operator, quota["places"]]
    cells += [use["used"], use["remaining"], share, use["reason"]]
    return ["" if cell is None else str(cell) for cell in cells]


def _limits(quota: Data, walk: Walk) -> list[tuple[str, Any]]:
    """What a quota is limited to, in words; each with what tells its language, for `spoken`."""
    kind = heading(code_name("QuotaKind", quota["kind"], walk.language))
    named = [(quota[each]["name"], quota[each]) for each in ("sector", "occupation") if quota[each]]
    return [(kind, None), *named, *([(quota["condition"], ENGLISH)] if quota["condition"] else [])]


PAGE = Page("utilisation", "/statistics/quotas", variables, shape=shape, files=True)
