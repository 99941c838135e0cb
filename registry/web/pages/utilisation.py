"""How far the places of quotas are used, or why that cannot be stated: the quotas of all countries in one table."""

from typing import Any

from registry.codes import Language, ValueOperator
from registry.language import code_name, phrase, words
from registry.web.pages import entire
from registry.web.pages.page import Ask, Data, Page
from registry.web.pages.quotas import is_bound
from registry.web.pages.sheets import Sheet
from registry.web.pages.spoken import ENGLISH
from registry.web.pages.statistics import heading, left_out, notes, year
from registry.web.pages.walk import Walk

#: The columns of the file. The operator, as exports of quotas name it, has one of its own: numbers stay numbers. What
#: names a quota and what tells it from others has the names of its fields.
COLUMNS: tuple[tuple[str, type], ...] = (
    ("Reference", str),
    ("Country", str),
    ("Period", str),
    ("Limited to", str),
    ("agreement", str),
    ("origins", str),
    ("Operator", str),
    ("Places", int),
    ("unit", str),
    ("Used", int),
    ("Left", int),
    ("Share", float),
    ("Remark", str),
)


#: Quotas that are asked for at once for a file.
_AT_ONCE = 100


def variables(walk: Walk, key: str) -> Data:
    """Which quotas: of a country, of a sector, of a year. Raises `BadInput` for a year that is none."""
    asked: Data = {name: walk.several(name) for name in ("country", "sector") if walk.several(name)}
    if number := year(walk, "year"):
        asked["year"] = [number]
    return {"filter": asked, "after": walk.one("after")}


async def whole(data: Data, walk: Walk, ask: Ask) -> Data:
    """All quotas that fit, from the first on, whichever page of them the reader is on."""
    page = data if not walk.one("after") else await ask({"after": None})
    quotas: Data = {**page["quotas"]}
    more = {"first": min(_AT_ONCE, walk.settings.page_size_max), "quotasOnly": True}
    for _ in range(entire.MOST_READ):
        if not quotas["pageInfo"]["hasNextPage"]:
            break
        following = (await ask({"after": quotas["pageInfo"]["endCursor"], **more}))["quotas"]
        quotas |= {"nodes": quotas["nodes"] + following["nodes"], "pageInfo": following["pageInfo"]}
    return {**data, "quotas": quotas}


def shape(data: Data, walk: Walk) -> Data:
    """What is limited to what, in words, for each quota; and the table as a sheet."""
    language = walk.language
    columns = [(_head(head, language), kind) for head, kind in COLUMNS]
    rows = [_row(quota, walk) for quota in data["quotas"]["nodes"]]
    if missing := data["quotas"]["totalCount"] - len(rows):
        rows.append([left_out(missing, language), *[""] * (len(COLUMNS) - 1)])
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
    agreement = quota["agreement"] and quota["agreement"]["reference"]
    origins = ", ".join(country["name"] for country in quota["origins"])
    cells = [quota["reference"], quota["country"]["name"], period, limits, agreement, origins]
    cells += [operator, quota["places"], code_name("CountedUnit", quota["unit"], language)]
    cells += [use["used"], use["remaining"], share, use["reason"] or remark(quota, language)]
    return ["" if cell is None else str(cell) for cell in cells]


def remark(quota: Data, language: Language) -> str:
    """How what is left of places that can be compared is to be read, where their number is not exact."""
    if quota["operator"] == ValueOperator.EXACT:
        return ""
    if is_bound(quota):
        return phrase("At most so many are left, as the number of places is not exact.", language)
    return phrase("How many are left is not known, as the number of places is not exact.", language)


def _head(head: str, language: Language) -> str:
    return phrase(head, language) if head[:1].isupper() else heading(code_name("Field", head, language))


def _limits(quota: Data, walk: Walk) -> list[tuple[str, Any]]:
    """What a quota is limited to, in words; each with what tells its language, for `spoken`."""
    kind = heading(code_name("QuotaKind", quota["kind"], walk.language))
    named = [(quota[each]["name"], quota[each]) for each in ("sector", "occupation") if quota[each]]
    return [(kind, None), *named, *([(quota["condition"], ENGLISH)] if quota["condition"] else [])]


PAGE = Page("utilisation", "/statistics/quotas", variables, shape=shape, files=True, whole=whole)
