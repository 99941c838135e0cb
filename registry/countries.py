"""Countries by ISO 3166-1 code, in UN M49 regions."""

import re
from collections.abc import Iterable, Iterator, Sequence

import sqlalchemy as sa
from sqlmodel import Session

from registry import inputs
from registry.access import PUBLIC
from registry.database import batches
from registry.errors import BadInput
from registry.history import Changes, Row, column, table_behind
from registry.search import Called, Findable, SearchKind, enter, in_all_languages, some
from registry.texts import fold

_ASSIGNED = """
AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ CA
CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR GA
GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP
KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS
MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS
RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW
TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW
"""

#: Every alpha-2 code that ISO 3166-1 assigns.
ISO_3166_1 = frozenset(_ASSIGNED.split())


#: Names that people use beside those of the CLDR.
ALSO_CALLED = {
    "AE": "UAE, Emirates, ОАЭ, Эмираты, BAA",
    "BY": "Белоруссия",
    "CN": "People’s Republic of China, PRC, КНР",
    "CZ": "Czech Republic, Чешская Республика, Chexiya Respublikasi",
    "GB": "Great Britain, Britain, England, UK, Англия, Buyuk Britaniya, Angliya",
    "KG": "Kyrgyz Republic, Киргизская Республика, Кыргызстан",
    "KR": "South Korea, Republic of Korea, Южная Корея, Janubiy Koreya, Koreya Respublikasi",
    "MD": "Молдавия",
    "RU": "Russian Federation, Российская Федерация, РФ, Rossiya Federatsiyasi",
    "SA": "KSA, КСА",
    "TR": "Turkey",
    "US": "USA, America, США, Америка, AQSH, Amerika",
}


class Region(Row, table=True):
    """A region or subregion of UN M49."""

    code: str = column("UN M49 code, three digits.", PUBLIC, primary_key=True)
    name_en: str = column("Name in English.", PUBLIC)
    name_ru: str | None = column("Name in Russian.", PUBLIC, default=None)
    name_uz: str | None = column("Name in Uzbek, Latin script.", PUBLIC, default=None)
    name_uz_cyrl: str | None = column("Name in Uzbek, Cyrillic script.", PUBLIC, default=None)


class Country(Row, table=True):
    """A country or territory of ISO 3166-1."""

    code: str = column("ISO 3166-1 alpha-2 code.", PUBLIC, primary_key=True)
    alpha3: str = column("ISO 3166-1 alpha-3 code.", PUBLIC, unique=True)
    numeric: str = column("ISO 3166-1 numeric code, three digits.", PUBLIC, unique=True)
    name_en: str = column("Name in English.", PUBLIC)
    name_ru: str | None = column("Name in Russian.", PUBLIC, default=None)
    name_uz: str | None = column("Name in Uzbek, Latin script.", PUBLIC, default=None)
    name_uz_cyrl: str | None = column("Name in Uzbek, Cyrillic script.", PUBLIC, default=None)
    region_code: str | None = column(
        "UN M49 region; null where M49 gives none.", PUBLIC, references="region.code", default=None, index=True
    )
    subregion_code: str | None = column(
        "UN M49 subregion; null where M49 gives none.", PUBLIC, references="region.code", default=None, index=True
    )
    sort_key: str = column("English name, folded for ordering.", PUBLIC, index=True, logged=False)
    text_key: str = column("All names and codes, folded for finding.", PUBLIC, logged=False)

    @classmethod
    def follow(cls, session: Session, keys: Sequence[str]) -> None:
        """Lets countries be found by their names in all languages and by their codes."""
        enter(session, SearchKind.COUNTRY, keys, _findable(session, keys))


def _findable(session: Session, codes: Sequence[str]) -> Iterator[Findable]:
    for country in some(session, Country, codes):
        regions = [session.get_one(Region, code) for code in (country.region_code, country.subregion_code) if code]
        others = [name for region in regions for name in in_all_languages(region, "name")]
        yield Findable(country.code, _names(country), [country.code, country.alpha3, *others])


def also_called(code: str) -> list[str]:
    """Names that people use for a country beside those that it has in the registry."""
    return [name for name in ALSO_CALLED.get(code, "").split(", ") if name]


def called(session: Session) -> Called:
    """What countries are called, in all languages and by people, for finding what concerns them."""
    return Called(session, Country, _names)


def _names(country: Country) -> list[str]:
    return [*in_all_languages(country, "name"), *also_called(country.code)]


def add_region(
    changes: Changes,
    *,
    code: str,
    name_en: str,
    name_ru: str | None = None,
    name_uz: str | None = None,
    name_uz_cyrl: str | None = None,
) -> Region:
    """Adds a region or subregion by its UN M49 code; raises `BadInput` where that is not three digits."""
    _check_form(code, "[0-9]{3}", "code", "UN M49 codes are three digits.")
    region: Region = changes.add(
        Region(code=code, name_en=name_en, name_ru=name_ru, name_uz=name_uz, name_uz_cyrl=name_uz_cyrl)
    )
    return region


def add(
    changes: Changes,
    *,
    code: str,
    alpha3: str,
    numeric: str,
    name_en: str,
    name_ru: str | None = None,
    name_uz: str | None = None,
    name_uz_cyrl: str | None = None,
    region: str | None = None,
    subregion: str | None = None,
) -> Country:
    """Adds a country by its ISO 3166-1 codes, in regions by UN M49 code; raises `BadInput` on wrong codes."""
    _check_form(code, "[A-Z]{2}", "code", "ISO 3166-1 alpha-2 codes are two capitals.")
    _check_form(alpha3, "[A-Z]{3}", "alpha3", "ISO 3166-1 alpha-3 codes are three capitals.")
    _check_form(numeric, "[0-9]{3}", "numeric", "ISO 3166-1 numeric codes are three digits.")
    country = Country(
        code=code,
        alpha3=alpha3,
        numeric=numeric,
        name_en=inputs.words(name_en, "nameEn"),
        name_ru=name_ru,
        name_uz=name_uz,
        name_uz_cyrl=name_uz_cyrl,
        region_code=inputs.code_or_none(changes, "region", region, "region"),
        subregion_code=inputs.code_or_none(changes, "region", subregion, "subregion"),
    )
    country.sort_key, country.text_key = keys(country)
    changes.add(country)
    return country


def keys(country: Country) -> tuple[str, str]:
    """What a country is ordered by, and what it is found by."""
    names = (country.name_en, country.name_ru, country.name_uz, country.name_uz_cyrl)
    found_by = " ".join(filter(None, (country.code, country.alpha3, country.numeric, *names)))
    return fold(country.name_en), fold(found_by)


def derive(session: Session, codes: Iterable[str]) -> None:
    """Computes anew what these countries are ordered and found by."""
    for batch in batches(codes):
        for country in session.scalars(sa.select(Country).where(table_behind(Country).c.code.in_(batch))):
            country.sort_key, country.text_key = keys(country)
    session.flush()


def _check_form(code: str, form: str, field: str, rule: str) -> None:
    if not re.fullmatch(form, code):
        raise BadInput(f"“{code}” is malformed.", path=(field,), hint=rule)
