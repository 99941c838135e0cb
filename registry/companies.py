"""Partner companies, how far the partnership with each has come, and their licences."""

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Any, TypedDict, Unpack

import sqlalchemy as sa
from sqlmodel import Session, select

from registry import countries, inputs
from registry import sectors as industries
from registry.access import PUBLIC
from registry.codes import Code
from registry.database import batches
from registry.errors import BadInput, Conflict, NotFound
from registry.history import Changes, Record, Row, column, table_behind
from registry.lists import replace
from registry.search import Findable, SearchKind, enter, parts, some, spoken
from registry.sources import Cited, check_words, cite, recite, uncite
from registry.texts import fold


class PartnerRole(Code):
    """What a partner company does."""

    EMPLOYER = "EMPLOYER", "Employs the people placed."
    PRIVATE_EMPLOYMENT_AGENCY = "PRIVATE_EMPLOYMENT_AGENCY", "Finds jobs for people under a licence."
    TRAINING_PROVIDER = "TRAINING_PROVIDER", "Trains people before they leave."
    CERTIFIER = "CERTIFIER", "Certifies qualifications."
    INTERNATIONAL_ORGANISATION = "INTERNATIONAL_ORGANISATION", "International organisation that acts as a partner."


class PartnershipStage(Code):
    """How far a partnership has come."""

    PROSPECT = "PROSPECT", "Considered."
    IN_DISCUSSION = "IN_DISCUSSION", "Talks are held."
    CONTRACTED = "CONTRACTED", "A contract has been made."
    ACTIVE = "ACTIVE", "Practical cooperation runs."
    SUSPENDED = "SUSPENDED", "Cooperation is suspended."
    ENDED = "ENDED", "Cooperation has ended."


class LicenceState(Code):
    """Whether a licence entitles its holder, and if not, why."""

    VALID = "VALID", "The licence entitles."
    SUSPENDED = "SUSPENDED", "The licence is suspended."
    CANCELLED = "CANCELLED", "The licence has been cancelled."
    DELISTED = "DELISTED", "The holder has been taken off the list."
    EXPIRED = "EXPIRED", "The licence has run out."
    BANNED = "BANNED", "The holder may not act at all."


class Company(Record, table=True):
    """A partner company or organisation."""

    __table_args__ = (sa.Index("ix_company_of_country", "country_code", "reference"),)

    reference: str = column("Stable, readable, unique name.", PUBLIC, unique=True)
    name: str = column("Name as the registry's main source prints it.", PUBLIC)
    names: list[str] = column("Every spelling that a source uses.", PUBLIC, kind=sa.JSON)
    country_code: str = column("Where it is at home.", PUBLIC, references="country.code")
    lei: str | None = column(
        "Legal Entity Identifier, ISO 17442, check digits verified.", PUBLIC, default=None, unique=True
    )
    national_number: str | None = column("Number in its country's register.", PUBLIC, default=None)
    sort_key: str = column("Name, folded for ordering.", PUBLIC, index=True, logged=False)
    text_key: str = column("Reference and names, folded for finding.", PUBLIC, logged=False)
    version: int = column("Counts the changes to this record.", PUBLIC, default=1)

    @classmethod
    def follow(cls, session: Session, keys: Sequence[str]) -> None:
        """Lets companies be found by every spelling of their names, their roles, sectors and country."""
        enter(session, SearchKind.COMPANY, keys, _findable(session, keys))


def _findable(session: Session, ids: Sequence[str]) -> Iterator[Findable]:
    numbers = [int(key) for key in ids]
    roles = parts(session, CompanyRole, "company_id", numbers)
    works_in = parts(session, CompanySector, "company_id", numbers)
    places, branches = countries.called(session), industries.called(session)
    for one in some(session, Company, ids):
        number = inputs.key(one)
        others = [
            *places.of(one.country_code),
            *spoken(role.role for role in roles[number]),
            *branches.of(*(sector.sector_code for sector in works_in[number])),
        ]
        yield Findable(number, [one.name, *one.names, one.reference], others)


class CompanyRole(Row, table=True):
    """A role of a company."""

    __tablename__ = "company_role"

    company_id: int = column("The company.", PUBLIC, references="company.id", primary_key=True)
    role: PartnerRole = column("The role.", PUBLIC, kind=PartnerRole, primary_key=True, index=True)


class CompanySector(Row, table=True):
    """A sector that a company works in."""

    __tablename__ = "company_sector"

    company_id: int = column("The company.", PUBLIC, references="company.id", primary_key=True)
    sector_code: str = column("The sector.", PUBLIC, references="sector.code", primary_key=True, index=True)


class Partnership(Record, table=True):
    """A stage that the partnership with a company has reached, under an agreement or none."""

    __part_of__ = "company_id"
    company_id: int = column("The company.", PUBLIC, references="company.id", index=True)
    stage: PartnershipStage = column("How far the partnership has come.", PUBLIC, kind=PartnershipStage)
    agreement_id: int | None = column(
        "The agreement it is made under; null where none is named.",
        PUBLIC,
        references="agreement.id",
        default=None,
        index=True,
    )
    since: str | None = column("When the stage was reached, in EDTF; null where not known.", PUBLIC, default=None)
    since_earliest: date | None = column("First day it may have been reached on.", PUBLIC, default=None)
    since_latest: date | None = column("Last day it may have been reached on.", PUBLIC, default=None)
    until: str | None = column("Last day of the stage, in EDTF; null where it lasts.", PUBLIC, default=None)
    until_earliest: date | None = column("First day it may have ended on.", PUBLIC, default=None)
    until_latest: date | None = column("Last day it may have ended on.", PUBLIC, default=None)


class Licence(Record, table=True):
    """A licence of a company, and its state."""

    __part_of__ = "company_id"
    company_id: int = column("The company.", PUBLIC, references="company.id", index=True)
    number: str | None = column("Number of the licence; null where not known.", PUBLIC, default=None)
    state: LicenceState = column("Whether the licence entitles, and if not, why.", PUBLIC, kind=LicenceState)
    issued_by_id: int | None = column(
        "The institution that issued it.", PUBLIC, references="institution.id", default=None, index=True
    )
    since: str | None = column("First day of the state, in EDTF; null where not known.", PUBLIC, default=None)
    since_earliest: date | None = column("First day the state may have begun on.", PUBLIC, default=None)
    since_latest: date | None = column("Last day the state may have begun on.", PUBLIC, default=None)
    until: str | None = column("Last day of the state, in EDTF; null where it lasts.", PUBLIC, default=None)
    until_earliest: date | None = column("First day the state may end on.", PUBLIC, default=None)
    until_latest: date | None = column("Last day the state may end on.", PUBLIC, default=None, index=True)


def register(
    changes: Changes,
    *,
    reference: str,
    name: str,
    country: str,
    roles: Sequence[PartnerRole],
    citations: Sequence[Cited],
    names: Sequence[str] = (),
    sectors: Sequence[str] = (),
    lei: str | None = None,
    national_number: str | None = None,
) -> Company:
    """Enters a partner company; `names` are further spellings that sources use.

    Refuses with `Conflict` where the reference or the LEI is taken, `BadInput` on unknown codes and a LEI whose check
    digits are wrong, `NotFound` and `Unsourced`.
    """
    with inputs.checked():
        company = Company(
            reference=inputs.new_reference(changes, "company", reference),
            name=inputs.words(name, "name"),
            names=inputs.labels(name, names),
            country_code=inputs.code_of(changes, "country", country, "country"),
            lei=None if lei is None else _free_lei(changes, lei),
            national_number=inputs.remark(national_number, "nationalNumber"),
        )
        works_in = inputs.codes(changes, "sector", sectors, "sectors")
        acts_as = inputs.short(roles, "roles")
        words = check_words(changes, citations)
    company.sort_key, company.text_key = keys(company)
    changes.add(company)
    _set_roles(changes, company, acts_as)
    _set_sectors(changes, company, works_in)
    cite(changes, company, words)
    return company


class CompanyRevised(TypedDict, total=False):
    """What a revision says of a company: what it leaves out stays as it is, None clears, a list replaces the list."""

    name: str | None
    country: str | None
    roles: Sequence[PartnerRole] | None
    sectors: Sequence[str] | None
    lei: str | None
    national_number: str | None
    citations: Sequence[Cited] | None


def revise(changes: Changes, *, reference: str, expected_version: int, **revised: Unpack[CompanyRevised]) -> Company:
    """Revises the company of that reference; a former name stays among its spellings.

    Refuses with `Conflict` where the company is not at `expected_version` any more, and as `register` does.
    """
    with inputs.checked():
        company_id = inputs.id_of(changes, "company", reference, "reference")
        inputs.check_something(revised)
        inputs.check_version(changes, Company, company_id, expected_version)
        columns = _revised_columns(changes, company_id, revised)
        works_in = inputs.codes(changes, "sector", revised.get("sectors") or (), "sectors")
        acts_as = inputs.short(revised.get("roles") or (), "roles")
        words = check_words(changes, revised["citations"]) if "citations" in revised else None
    company = changes.session.get_one(Company, company_id)
    for name, value in columns.items():
        setattr(company, name, value)
    company.names = list(dict.fromkeys([company.name, *company.names]))
    company.sort_key, company.text_key = keys(company)
    company.version += 1
    if "roles" in revised:
        _set_roles(changes, company, acts_as)
    if "sectors" in revised:
        _set_sectors(changes, company, works_in)
    if words is not None:
        recite(changes, company, words)
    changes.session.flush()
    return company


def _revised_columns(changes: Changes, company_id: int, revised: CompanyRevised) -> dict[str, Any]:
    columns: dict[str, Any] = {}
    if "name" in revised:
        columns["name"] = inputs.words(revised["name"], "name")
    if "country" in revised:
        columns["country_code"] = inputs.code_of(changes, "country", revised["country"] or "", "country")
    if "lei" in revised:
        lei = revised["lei"]
        columns["lei"] = None if lei is None else _free_lei(changes, lei, but=company_id)
    if "national_number" in revised:
        columns["national_number"] = inputs.remark(revised["national_number"], "nationalNumber")
    return columns


def _set_roles(changes: Changes, company: Company, roles: Sequence[PartnerRole]) -> None:
    wanted = [{"role": role} for role in roles]
    replace(changes, CompanyRole, {"company_id": inputs.key(company)}, wanted, by=("role",))


def _set_sectors(changes: Changes, company: Company, codes: Sequence[str]) -> None:
    wanted = [{"sector_code": code} for code in codes]
    replace(changes, CompanySector, {"company_id": inputs.key(company)}, wanted, by=("sector_code",))


def keys(company: Company) -> tuple[str, str]:
    """What a company is ordered by, and what it is found by."""
    return fold(company.name), fold(" ".join([company.reference, company.name, *company.names]))


def derive(session: Session, company_ids: Iterable[int]) -> None:
    """Computes anew what these companies are ordered and found by."""
    for batch in batches(company_ids):
        for company in session.scalars(sa.select(Company).where(table_behind(Company).c.id.in_(batch))):
            company.sort_key, company.text_key = keys(company)
    session.flush()


def record_partnership(
    changes: Changes,
    *,
    company: str,
    stage: PartnershipStage,
    citations: Sequence[Cited],
    agreement: str | None = None,
    since: str | None = None,
    until: str | None = None,
) -> Partnership:
    """Records a stage that the partnership with a company has reached, from `since` to `until` in EDTF.

    Refuses with `NotFound`, `BadInput` or `Unsourced`.
    """
    with inputs.checked():
        partnership = Partnership(**_stage(changes, company, stage, agreement, since, until))
        inputs.room(changes, "partnership", "company_id", partnership.company_id, "company")
        words = check_words(changes, citations)
    changes.add(partnership)
    cite(changes, partnership, words, _changed(changes, partnership.company_id))
    return partnership


def withdraw_partnership(
    changes: Changes,
    *,
    company: str,
    stage: PartnershipStage,
    agreement: str | None = None,
    since: str | None = None,
    until: str | None = None,
) -> Company:
    """Takes out a stage that was recorded by mistake and says just this, the last one where several do.

    Refuses with `NotFound` or `BadInput`.
    """
    with inputs.checked():
        said = _stage(changes, company, stage, agreement, since, until)
    return _take_out(changes, Partnership, said, "stage")


def _stage(
    changes: Changes,
    company: str,
    stage: PartnershipStage,
    agreement: str | None,
    since: str | None,
    until: str | None,
) -> dict[str, Any]:
    return {
        "company_id": inputs.id_of(changes, "company", company, "company"),
        "stage": stage,
        "agreement_id": inputs.id_or_none(changes, "agreement", agreement, "agreement"),
        **inputs.stretch(since, until),
    }


def record_licence(
    changes: Changes,
    *,
    company: str,
    state: LicenceState,
    citations: Sequence[Cited],
    number: str | None = None,
    issued_by: str | None = None,
    since: str | None = None,
    until: str | None = None,
) -> Licence:
    """Records a state of a company's licence, from `since` to `until` in EDTF.

    Refuses with `NotFound`, `BadInput` or `Unsourced`.
    """
    with inputs.checked():
        licence = Licence(**_licence(changes, company, state, number, issued_by, since, until))
        inputs.room(changes, "licence", "company_id", licence.company_id, "company")
        words = check_words(changes, citations)
    changes.add(licence)
    cite(changes, licence, words, _changed(changes, licence.company_id))
    return licence


def withdraw_licence(
    changes: Changes,
    *,
    company: str,
    state: LicenceState,
    number: str | None = None,
    issued_by: str | None = None,
    since: str | None = None,
    until: str | None = None,
) -> Company:
    """Takes out a licence that was recorded by mistake and says just this, the last one where several do.

    Refuses with `NotFound` or `BadInput`.
    """
    with inputs.checked():
        said = _licence(changes, company, state, number, issued_by, since, until)
    return _take_out(changes, Licence, said, "state")


def _licence(
    changes: Changes,
    company: str,
    state: LicenceState,
    number: str | None,
    issued_by: str | None,
    since: str | None,
    until: str | None,
) -> dict[str, Any]:
    return {
        "company_id": inputs.id_of(changes, "company", company, "company"),
        "number": inputs.remark(number, "number"),
        "state": state,
        "issued_by_id": inputs.id_or_none(changes, "institution", issued_by, "issuedBy"),
        **inputs.stretch(since, until),
    }


def _take_out(changes: Changes, kind: type[Partnership] | type[Licence], said: dict[str, Any], path: str) -> Company:
    """Takes the last row out that says just this, with its words."""
    table = table_behind(kind)
    same = (table.c[name].is_not_distinct_from(value) for name, value in said.items())
    found = changes.session.scalars(sa.select(kind).where(*same).order_by(table.c.id.desc())).first()
    if found is None:
        message = f"No {table.name} of the company on record says just this."
        hint = "State everything as the record does; what is left out is taken to be empty there."
        raise NotFound(message, path=(path,), hint=hint)
    uncite(changes, found)
    changes.remove(found)
    return _changed(changes, said["company_id"])


def _changed(changes: Changes, company_id: int) -> Company:
    company = changes.session.get_one(Company, company_id)
    company.version += 1
    return company


def _free_lei(changes: Changes, lei: str, but: int | None = None) -> str:
    """The LEI, its check digits verified by ISO 7064 mod 97-10 (ISO 17442) and not held by another company.

    `but` is the company that may hold it.
    """
    if not re.fullmatch("[0-9A-Z]{18}[0-9]{2}", lei) or int("".join(str(int(sign, 36)) for sign in lei)) % 97 != 1:
        hint = "A LEI has 18 letters and digits and two check digits; copy it again from its source."
        inputs.refuse(BadInput(f"“{inputs.shown(lei)}” is no LEI.", path=("lei",), hint=hint))
    holder = changes.session.exec(select(Company).where(Company.lei == lei)).first()
    if holder is not None and holder.id != but:
        message = f"The LEI is that of {holder.reference}."
        inputs.refuse(Conflict(message, path=("lei",), hint="Use the company on record."))
    return lei
