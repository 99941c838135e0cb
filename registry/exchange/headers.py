"""What the headers of a file may be called, and which column each of them means."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache

from registry.errors import BadInput
from registry.exchange.columns import INFORMS, NUMBERED, columns_of
from registry.exchange.sheets import Sheet
from registry.texts import fold

#: Other names of columns, in the languages of those who fill files; case, blanks and hyphens do not matter.
SYNONYMS: Mapping[str, tuple[str, ...]] = {
    "reference": ("ref", "id", "identifier", "код", "идентификатор", "identifikator"),
    "title": ("heading", "название", "заголовок", "nomi", "sarlavha"),
    "title_as_printed": ("title", "printed title", "название", "наименование", "nomi"),
    "title_en": ("english title", "название на английском", "inglizcha nomi"),
    "title_ru": ("russian title", "название на русском", "ruscha nomi"),
    "title_uz": ("uzbek title", "название на узбекском", "oʻzbekcha nomi"),
    "name": ("organisation", "organization", "название", "наименование", "nomi"),
    "names": ("other names", "spellings", "другие названия", "boshqa nomlari"),
    "type": ("instrument type", "тип", "вид документа", "turi"),
    "kind": ("act", "вид", "тип", "turi"),
    "parties": ("countries", "стороны", "tomonlar"),
    "agreement": ("agreement reference", "treaty", "соглашение", "договор", "bitim", "kelishuv"),
    "company": ("company reference", "employer", "компания", "работодатель", "kompaniya", "ish beruvchi"),
    "country": ("destination", "country of destination", "страна", "страна назначения", "mamlakat", "davlat"),
    "countries": ("country", "страны", "mamlakatlar"),
    "destinations": ("country", "countries", "страны назначения", "mamlakatlar"),
    "party": ("country", "сторона", "страна", "tomon"),
    "period": ("time period", "период", "davr"),
    "people": ("number of people", "persons", "workers", "количество", "число людей", "odamlar soni", "soni"),
    "places": ("number of places", "количество мест", "мест", "квота", "oʻrinlar soni", "kvota"),
    "measure": ("counted", "indicator", "показатель", "koʻrsatkich"),
    "sector": ("isic", "industry", "отрасль", "сектор", "tarmoq", "soha"),
    "sectors": ("sector", "industries", "отрасли", "tarmoqlar", "sohalar"),
    "occupation": ("isco", "profession", "профессия", "kasb"),
    "sex": ("gender", "пол", "jins"),
    "channel": ("through", "канал", "kanal"),
    "date": ("day", "дата", "sana"),
    "published": ("publication date", "дата публикации", "nashr sanasi"),
    "since": ("from", "valid from", "start", "с", "начало", "boshlanishi"),
    "until": ("to", "valid until", "end", "по", "до", "окончание", "tugashi"),
    "number": ("licence number", "license number", "номер", "raqami"),
    "issued_by": ("issuer", "authority", "кем выдана", "kim bergan"),
    "stage": ("state of partnership", "этап", "bosqich"),
    "state": ("status", "состояние", "holati"),
    "value": ("number", "значение", "qiymat"),
    "unit": ("единица", "birlik"),
    "note": ("remark", "comment", "примечание", "izoh"),
    "url": ("link", "address", "адрес", "havola"),
    "language": ("lang", "язык", "til"),
    "source_1": ("source", "источник", "manba"),
    "quote_1": ("quote", "цитата", "iqtibos"),
    "locator_1": ("locator", "page", "страница", "sahifa"),
    "note_1": ("source note", "примечание к источнику", "manba izohi"),
}


@dataclass(frozen=True)
class Header:
    """The columns that a file's headers mean, in the order of the file; None for one that only informs.

    `nameless` are the places of those without a name, under which nothing may stand.
    """

    columns: tuple[str | None, ...]
    nameless: tuple[int, ...]


@cache
def header_of(sheet: Sheet, names: tuple[str, ...]) -> Header:
    """What the headers of a file mean. Raises `BadInput`, with the header as its path, where one means nothing here."""
    columns: list[str | None] = []
    for name in names:
        left_aside = not name or name.startswith(INFORMS)
        column = None if left_aside else column_meant(sheet, name)
        if column is None and not left_aside:
            raise BadInput(f"Column {name} is not known.", path=(name,), hint=_known(sheet))
        if column is not None and column in columns:
            raise BadInput(f"Column {name} stands there twice.", path=(name,), hint="Leave one of the two out.")
        columns.append(column)
    return Header(tuple(columns), tuple(place for place, name in enumerate(names) if not name))


def check_header(sheet: Sheet, names: tuple[str, ...]) -> None:
    """Raises `BadInput`, with the header as its path, where one means nothing here or one that rows need is missing."""
    there = header_of(sheet, names).columns
    for column in columns_of(sheet):
        if column.required and column.name not in there:
            hint = f"Every row needs it: {column.meaning}"
            raise BadInput(f"Column {column.name} is missing.", path=(column.name,), hint=hint)


def column_meant(sheet: Sheet, name: str) -> str | None:
    """The column that a header means, if any."""
    plain = _plain(name)
    numbered = NUMBERED.fullmatch(plain)
    base, number = (f"{numbered[1]}_1", numbered[2]) if numbered else (plain, "1")
    found = _meanings(sheet).get(plain) or _meanings(sheet).get(base)
    if found and found.endswith("_1"):
        return f"{found[:-1]}{number}"
    return found if found and (not numbered or _meanings(sheet).get(plain)) else None


def nearest_column(sheet: Sheet, name: str) -> str | None:
    """The column whose name, or other name, comes nearest to a header that means none."""
    near = nearest(_plain(name), list(_meanings(sheet)))
    return _meanings(sheet)[near] if near else None


def nearest(name: str, names: Sequence[str]) -> str | None:
    """The one of some names that comes nearest to one that is not among them."""
    return next(iter(get_close_matches(name, names, n=1)), None)


def numbered_column(sheet: Sheet, name: str) -> bool:
    """Whether the sheet has a column of just this name, of those that are numbered with any number."""
    columns = [column.name for column in columns_of(sheet)]
    numbered = NUMBERED.fullmatch(name)
    return name in columns or (numbered is not None and f"{numbered[1]}_1" in columns)


def synonyms_of(sheet: Sheet, column: str) -> list[str]:
    """The other names that a column has in this sheet."""
    return [name for name in SYNONYMS.get(column, ()) if column_meant(sheet, name) == column]


@cache
def _meanings(sheet: Sheet) -> dict[str, str]:
    """The columns by their names and, where these leave room, by their other names."""
    columns = [column.name for column in columns_of(sheet)]
    meant = {column: column for column in columns}
    for column in columns:
        for name in SYNONYMS.get(column, ()):
            meant.setdefault(_plain(name), column)
            if column.endswith("_1"):
                meant.setdefault(f"{_plain(name)}_1", column)
    return meant


def _plain(name: str) -> str:
    apart = re.sub("(?<=[a-z0-9])(?=[A-Z])", "_", name.strip())
    return re.sub(r"[\W_]+", "_", fold(apart)).strip("_")


def _known(sheet: Sheet) -> str:
    return f"The columns are {', '.join(column.name for column in columns_of(sheet))}."
