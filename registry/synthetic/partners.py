"""Synthetic institutions and companies, the partnerships with companies, and their licences."""

from datetime import date
from typing import Any

from registry import companies, inputs
from registry.companies import (
    Company,
    CompanyRole,
    CompanySector,
    Licence,
    LicenceState,
    PartnerRole,
    Partnership,
    PartnershipStage,
)
from registry.dates import add_months
from registry.institutions import Institution, InstitutionKind
from registry.synthetic.lives import PRESENT
from registry.synthetic.world import HOME, Draw, World
from registry.synthetic.writing import MARK

_ROLES = (*(PartnerRole.EMPLOYER,) * 6, *(PartnerRole.PRIVATE_EMPLOYMENT_AGENCY,) * 3, *PartnerRole)
_STATES = (*(LicenceState.VALID,) * 8, *LicenceState)

#: One company in so many is at home in the home country.
_AT_HOME = 8


def add_institutions(world: World, count: int) -> None:
    """Adds a ministry for each country, and so many other institutions."""
    writer, draw = world.writer, Draw("institutions")
    for code in (HOME, *world.partners):
        world.ministries[code] = writer.add(
            Institution,
            reference=f"synthetic-ministry-{code.lower()}",
            name=f"{MARK} ministry of {world.names[code]}",
            names=[f"{MARK} ministry of {world.names[code]}"],
            kind=InstitutionKind.MINISTRY,
            country_code=code,
        )
    for number in range(count):
        code = world.country_of(number, draw)
        name = f"{MARK} institution {number + 1} of {world.names[code]}"
        writer.add(
            Institution,
            reference=f"synthetic-institution-{number + 1:05}",
            name=name,
            name_ru=f"{MARK} учреждение {number + 1}" if draw.one_in(3) else None,
            names=[name],
            kind=draw.one(tuple(InstitutionKind)),
            country_code=code if draw.one_in(2) else HOME,
            parent_id=world.ministries[code] if draw.one_in(3) else None,
        )
    for number in range(1, len(world.ministries) + count + 1):
        writer.cite(Institution, number, world.sources["register"], f"institution {number} exists")


def add_companies(world: World, count: int) -> None:
    """Adds so many companies, with their roles and sectors."""
    writer, draw = world.writer, Draw("companies")
    for number in range(count):
        code = HOME if number % _AT_HOME == _AT_HOME - 1 else world.country_of(number, draw)
        company = _add_company(world, draw, number, code)
        world.companies[code].append(company)
        writer.cite(Company, company, world.sources["register"], f"company {company} works in {world.names[code]}")
        if number % 5000 == 0:
            writer.tell("Companies", number, count)
    writer.tell("Companies", count, count)


def _add_company(world: World, draw: Draw, number: int, code: str) -> int:
    name = f"{MARK} partner {number + 1} of {world.names[code]}"
    row: dict[str, Any] = {
        "reference": f"synthetic-company-{number + 1:05}",
        "name": name,
        "names": [name, f"{name} Ltd."] if draw.one_in(4) else [name],
        "country_code": code,
        "lei": _lei(number) if draw.one_in(3) else None,
        "national_number": f"{MARK}-{number + 1}" if draw.one_in(2) else None,
    }
    sort_key, text_key = companies.keys(Company(**row))
    company = world.writer.add(Company, **row, sort_key=sort_key, text_key=text_key)
    for role in draw.some(_ROLES, 2):
        world.writer.add(CompanyRole, company_id=company, role=role)
    for sector in draw.some(world.divisions, 2):
        world.writer.add(CompanySector, company_id=company, sector_code=sector)
    return company


def _lei(number: int) -> str:
    """An identifier of the right form with right check digits (ISO 7064 mod 97-10) that no authority has issued."""
    body = f"0000SYNTHETIC{number:05}"
    digits = int("".join(str(int(sign, 36)) for sign in body) + "00")
    return f"{body}{98 - digits % 97:02}"


def add_partnerships(world: World) -> None:
    """Adds the stages that the partnership with each company has reached, and licences for some."""
    draw = Draw("partnerships")
    for code, members in world.companies.items():
        agreements = world.agreements[code] if code != HOME else []
        for company in members:
            _add_stages(world, draw, company, agreements)
            if draw.one_in(6):
                _add_licence(world, draw, company, code)


def _add_stages(world: World, draw: Draw, company: int, agreements: list[int]) -> None:
    """One stage after another, the last of which lasts; half of them under an agreement."""
    reached = draw.day(date(2012, 1, 1), PRESENT)
    stages = draw.some(tuple(PartnershipStage), 2)
    for place, stage in enumerate(sorted(stages, key=tuple(PartnershipStage).index)):
        since = add_months(reached, 14 * place)
        until = add_months(reached, 14 * place + 13).isoformat() if place + 1 < len(stages) else None
        partnership = world.writer.add(
            Partnership,
            company_id=company,
            stage=stage,
            agreement_id=draw.one(agreements) if agreements and draw.one_in(2) else None,
            **inputs.stretch(since.strftime("%Y-%m") if draw.one_in(5) else since.isoformat(), until),
        )
        words = f"{str(stage).lower().replace('_', ' ')} since {since}"
        world.writer.cite(Partnership, partnership, world.sources["register"], words, node="Company", node_id=company)


def _add_licence(world: World, draw: Draw, company: int, code: str) -> None:
    since = draw.day(date(2015, 1, 1), PRESENT)
    licence = world.writer.add(
        Licence,
        company_id=company,
        number=f"{MARK}-{company}",
        state=draw.one(_STATES),
        issued_by_id=world.ministries[code],
        **inputs.stretch(since.isoformat(), add_months(since, 60).isoformat()),
    )
    words = f"licence of company {company} from {since}"
    world.writer.cite(Licence, licence, world.sources["register"], words, node="Company", node_id=company)
