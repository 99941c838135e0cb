"""Sectors by ISIC Rev. 4 code and occupations by ISCO-08 code."""

import re
from collections.abc import Iterator, Sequence
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, select

from registry import inputs
from registry.access import PUBLIC
from registry.codes import Code
from registry.errors import BadInput
from registry.history import Changes, Row, column, table_behind
from registry.search import Called, Findable, SearchKind, enter, in_all_languages, some
from registry.texts import fold


class SectorScheme(Code):
    """Classification that a sector code belongs to."""

    ISIC4 = "ISIC4", "International Standard Industrial Classification of All Economic Activities, revision 4."


class SectorLevel(Code):
    """Level of a sector within its classification."""

    SECTION = "SECTION", "Section, a letter such as F."
    DIVISION = "DIVISION", "Division, two digits such as 41."
    GROUP = "GROUP", "Group, three digits."
    CLASS = "CLASS", "Class, four digits."


class Sector(Row, table=True):
    """A sector of economic activity."""

    code: str = column("Code within the classification, such as F or 41.", PUBLIC, primary_key=True)
    scheme: SectorScheme = column("The classification.", PUBLIC, kind=SectorScheme)
    level: SectorLevel = column("Level within the classification.", PUBLIC, kind=SectorLevel, index=True)
    parent_code: str | None = column(
        "The sector it is part of; null for a section.", PUBLIC, references="sector.code", default=None, index=True
    )
    name_en: str = column("Official title in English.", PUBLIC)
    name_ru: str | None = column("Official title in Russian.", PUBLIC, default=None)
    name_uz: str | None = column("Official title in Uzbek, Latin script.", PUBLIC, default=None)
    name_uz_cyrl: str | None = column("Official title in Uzbek, Cyrillic script.", PUBLIC, default=None)
    text_key: str = column("Code and titles, folded for finding.", PUBLIC, logged=False)

    @classmethod
    def follow(cls, session: Session, keys: Sequence[str]) -> None:
        """Lets sectors be found by their names and codes."""
        enter(session, SearchKind.SECTOR, keys, _findable(session, keys))


def _findable(session: Session, codes: Sequence[str]) -> Iterator[Findable]:
    sectors = called(session)
    for sector in some(session, Sector, codes):
        above = sectors.of(sector.parent_code)
        yield Findable(sector.code, in_all_languages(sector, "name"), [sector.code, *above])


def called(session: Session) -> Called:
    """What sectors are called, in all languages, for finding what concerns them."""
    return Called(session, Sector, lambda sector: in_all_languages(sector, "name"))


class SectorPart(Row, table=True):
    """That a sector is covered by another, or by itself: a section stands for its divisions too. Derived."""

    __logged__ = False
    __tablename__ = "sector_part"

    whole_code: str = column("The sector that covers.", PUBLIC, references="sector.code", primary_key=True)
    part_code: str = column("The sector covered.", PUBLIC, references="sector.code", primary_key=True, index=True)


class Occupation(Row, table=True):
    """An occupation group."""

    code: str = column("ISCO-08 code, such as 2 or 22.", PUBLIC, primary_key=True)
    parent_code: str | None = column(
        "The group it is part of; null for a major group.",
        PUBLIC,
        references="occupation.code",
        default=None,
        index=True,
    )
    name_en: str = column("Official title in English.", PUBLIC)
    name_ru: str | None = column("Official title in Russian.", PUBLIC, default=None)
    name_uz: str | None = column("Official title in Uzbek, Latin script.", PUBLIC, default=None)
    name_uz_cyrl: str | None = column("Official title in Uzbek, Cyrillic script.", PUBLIC, default=None)


class OccupationPart(Row, table=True):
    """That an occupation group is covered by another, or by itself. Derived."""

    __logged__ = False
    __tablename__ = "occupation_part"

    whole_code: str = column("The group that covers.", PUBLIC, references="occupation.code", primary_key=True)
    part_code: str = column("The group covered.", PUBLIC, references="occupation.code", primary_key=True, index=True)


_FORMS = {
    SectorLevel.SECTION: "[A-U]",
    SectorLevel.DIVISION: "[0-9]{2}",
    SectorLevel.GROUP: "[0-9]{3}",
    SectorLevel.CLASS: "[0-9]{4}",
}


def add(
    changes: Changes,
    *,
    code: str,
    level: SectorLevel,
    name_en: str,
    parent: str | None = None,
    name_ru: str | None = None,
    name_uz: str | None = None,
    name_uz_cyrl: str | None = None,
    scheme: SectorScheme = SectorScheme.ISIC4,
) -> Sector:
    """Adds a sector, and that each sector above it covers it; raises `BadInput` on a malformed or unknown code."""
    if not re.fullmatch(_FORMS[level], code):
        hint = "A section is a letter; divisions, groups and classes have two, three and four digits."
        raise BadInput(f"“{code}” is not the code of a {level.lower()}.", path=("code",), hint=hint)
    if (parent is None) is not (level is SectorLevel.SECTION):
        hint = "A section stands alone; every other sector is part of one."
        raise BadInput(f"“{code}” has the wrong place among the sectors.", path=("parent",), hint=hint)
    sector = Sector(
        code=code,
        scheme=scheme,
        level=level,
        parent_code=inputs.code_or_none(changes, "sector", parent, "parent"),
        name_en=inputs.words(name_en, "nameEn"),
        name_ru=name_ru,
        name_uz=name_uz,
        name_uz_cyrl=name_uz_cyrl,
    )
    sector.text_key = _text_key(sector)
    changes.add(sector)
    wholes = changes.session.exec(select(SectorPart.whole_code).where(SectorPart.part_code == parent)).all()
    for whole in (*wholes, code):
        changes.add(SectorPart(whole_code=whole, part_code=code))
    return sector


def add_occupation(
    changes: Changes,
    *,
    code: str,
    name_en: str,
    parent: str | None = None,
    name_ru: str | None = None,
    name_uz: str | None = None,
    name_uz_cyrl: str | None = None,
) -> Occupation:
    """Adds an occupation group, and that each above covers it; raises `BadInput` on a malformed or unknown code."""
    if not re.fullmatch("[0-9]{1,4}", code) or (parent or "") != code[:-1]:
        hint = "A code has one to four digits; without its last digit it is that of the group it is part of."
        raise BadInput(f"“{code}” under “{parent or ''}” is not of ISCO-08.", path=("code",), hint=hint)
    occupation: Occupation = changes.add(
        Occupation(
            code=code,
            parent_code=inputs.code_or_none(changes, "occupation", parent, "parent"),
            name_en=inputs.words(name_en, "nameEn"),
            name_ru=name_ru,
            name_uz=name_uz,
            name_uz_cyrl=name_uz_cyrl,
        )
    )
    wholes = changes.session.exec(select(OccupationPart.whole_code).where(OccupationPart.part_code == parent)).all()
    for whole in (*wholes, code):
        changes.add(OccupationPart(whole_code=whole, part_code=code))
    return occupation


def derive(session: Session) -> None:
    """Computes anew what sectors are found by, and which sector and which occupation covers which others."""
    for sector in session.scalars(sa.select(Sector)):
        sector.text_key = _text_key(sector)
    session.flush()
    kinds: tuple[tuple[Any, Any], ...] = ((Sector, SectorPart), (Occupation, OccupationPart))
    for kind, part in kinds:
        parents = {code: above for code, above in session.execute(sa.select(kind.code, kind.parent_code))}
        pairs = [
            {"whole_code": whole, "part_code": code} for code in parents for whole in (*_above(code, parents), code)
        ]
        session.execute(sa.delete(table_behind(part)))
        if pairs:
            session.execute(sa.insert(table_behind(part)), pairs)


def _text_key(sector: Sector) -> str:
    names = (sector.name_en, sector.name_ru, sector.name_uz, sector.name_uz_cyrl)
    return fold(" ".join(filter(None, (sector.code, *names))))


def _above(code: str, parents: dict[str, str | None]) -> Iterator[str]:
    while (above := parents[code]) is not None:
        yield above
        code = above
