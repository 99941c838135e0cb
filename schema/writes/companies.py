"""Companies are registered and revised; stages of the partnership and licences come and go one by one."""

from strawberry import UNSET

from registry import companies
from registry.companies import LicenceState, PartnerRole, PartnershipStage
from schema.mutations import REASON, VERSION, Payload, asked, meant, payload, record
from schema.references import CompanyType
from schema.scalars import EDTF, CountryCode
from schema.writes.sources import CITATIONS, CitationInput

_ROLES = "What it does as a partner."
_SECTORS = "Codes of the sectors that it works in."


@asked(companies.Company)
class CompanyRegisterInput:
    """A partner company or organisation that enters the registry."""

    reference: str
    name: str
    country: CountryCode
    roles: list[PartnerRole] = meant(_ROLES)
    sectors: list[str] = meant(_SECTORS, [])
    lei: str | None = UNSET
    national_number: str | None = UNSET
    citations: list[CitationInput] = meant(CITATIONS)
    reason: str = REASON


@asked(companies.Company)
class CompanyReviseInput:
    """What changes about a company: a field left out stays as it is, null clears it, a list replaces the list."""

    reference: str = meant("Which company, by its reference.")
    expected_version: int = VERSION
    name: str | None = meant("Its new name; the former one stays among its spellings.", UNSET)
    country: CountryCode | None = UNSET
    roles: list[PartnerRole] | None = meant(_ROLES, UNSET)
    sectors: list[str] | None = meant(_SECTORS, UNSET)
    lei: str | None = UNSET
    national_number: str | None = UNSET
    citations: list[CitationInput] | None = meant(CITATIONS, UNSET)
    reason: str = REASON


@asked(companies.Licence)
class LicenceRecordInput:
    """A licence of a company, and its state."""

    company: str = meant("Reference of the company.")
    number: str | None = UNSET
    state: LicenceState
    issued_by: str | None = meant("Reference of the institution.", UNSET)
    since: EDTF | None = UNSET
    until: EDTF | None = UNSET
    citations: list[CitationInput] = meant(CITATIONS)
    reason: str = REASON


@asked(companies.Partnership)
class PartnershipRecordInput:
    """A stage that the partnership with a company has reached."""

    company: str = meant("Reference of the company.")
    stage: PartnershipStage
    agreement: str | None = meant("Reference of the agreement that it is made under; left out where none is.", UNSET)
    since: EDTF | None = UNSET
    until: EDTF | None = UNSET
    citations: list[CitationInput] = meant(CITATIONS)
    reason: str = REASON


@asked(companies.Licence)
class LicenceWithdrawInput:
    """A licence that was recorded by mistake, as it is on record; what is left out is empty there."""

    company: str = meant("Reference of the company.")
    number: str | None = UNSET
    state: LicenceState
    issued_by: str | None = meant("Reference of the institution.", UNSET)
    since: EDTF | None = UNSET
    until: EDTF | None = UNSET
    reason: str = REASON


@asked(companies.Partnership)
class PartnershipWithdrawInput:
    """A stage that was recorded by mistake, as it is on record; what is left out is empty there."""

    company: str = meant("Reference of the company.")
    stage: PartnershipStage
    agreement: str | None = meant("Reference of the agreement that it is made under; left out where none is.", UNSET)
    since: EDTF | None = UNSET
    until: EDTF | None = UNSET
    reason: str = REASON


@payload
class CompanyPayload(Payload):
    """What became of a company that was to be entered or revised, or of what was to be recorded of it or withdrawn."""

    company: CompanyType | None = record(companies.Company, "The company; null where the input was refused.")
