"""Partner companies, their partnerships and licences."""

from typing import Any

import pytest
import sqlalchemy as sa

from registry import companies
from registry.companies import CompanyRole, CompanySector, LicenceState, PartnerRole, PartnershipStage
from registry.errors import BadInput, Conflict, NotFound, Unsourced
from registry.history import Changes
from registry.sources import Citation
from tests.factories import WORDS, make_agreement, make_company, make_country, make_institution, make_sector

SIEMENS = "W38RGI023J3WT1HWRP32"  # Siemens AG, as the global index of LEIs prints it


def test_a_company_is_found_by_every_spelling(changes: Changes) -> None:
    company = make_company(changes, name="SBH WEST GmbH", names=["SBH WeST GmbH", "SBH WEST GmbH"])

    assert company.names == ["SBH WEST GmbH", "SBH WeST GmbH"]
    assert company.sort_key == "sbh west gmbh"
    assert "works" in company.text_key


def test_roles_and_sectors_stand_once_each(changes: Changes) -> None:
    make_sector(changes, "41")

    make_company(changes, roles=[PartnerRole.EMPLOYER, PartnerRole.CERTIFIER, PartnerRole.EMPLOYER], sectors=["41"])

    roles = changes.session.scalars(sa.select(CompanyRole)).all()
    assert {one.role for one in roles} == {PartnerRole.EMPLOYER, PartnerRole.CERTIFIER}
    assert [one.sector_code for one in changes.session.scalars(sa.select(CompanySector))] == ["41"]


def test_a_lei_with_right_check_digits_is_kept(changes: Changes) -> None:
    assert make_company(changes, lei=SIEMENS).lei == SIEMENS


@pytest.mark.parametrize(
    "lei", [SIEMENS[:-1] + "3", SIEMENS.replace("38", "83"), SIEMENS.lower(), SIEMENS[:-1], SIEMENS + "0", ""]
)
def test_a_lei_with_wrong_check_digits_is_refused(changes: Changes, lei: str) -> None:
    with pytest.raises(BadInput) as refused:
        make_company(changes, lei=lei)

    assert refused.value.path == ("lei",)


def test_two_companies_cannot_have_one_lei(changes: Changes) -> None:
    make_company(changes, "first", lei=SIEMENS)

    with pytest.raises(Conflict, match="first"):
        make_company(changes, "second", lei=SIEMENS)


def test_a_company_in_no_country_of_the_list_is_refused(changes: Changes) -> None:
    make_country(changes, "DE")
    with pytest.raises(BadInput) as refused:
        make_company(changes, sectors=["41"])

    assert refused.value.path == ("sectors", "0")


def test_a_partnership_belongs_to_its_company_and_may_rest_on_an_agreement(changes: Changes) -> None:
    agreement, company = make_agreement(changes), make_company(changes)

    partnership = companies.record_partnership(
        changes,
        company="works",
        stage=PartnershipStage.ACTIVE,
        agreement="uz-de",
        since="../2026-11-21",
        citations=WORDS,
    )

    assert (partnership.company_id, partnership.agreement_id) == (company.id, agreement.id)
    assert partnership.since_earliest is None
    assert str(partnership.since_latest) == "2026-11-21"
    assert company.version == 2
    cited = changes.session.scalars(sa.select(Citation).filter_by(subject="Partnership")).one()
    assert (cited.node, cited.node_id) == ("Company", company.id)


@pytest.mark.parametrize(
    ("said", "error", "path"),
    [
        ({"company": "nobody"}, NotFound, "company"),
        ({"agreement": "nothing"}, NotFound, "agreement"),
        ({"since": "2024-02", "until": "2024-01"}, BadInput, "until"),
        ({"since": "soon"}, BadInput, "since"),
        ({"citations": []}, Unsourced, "citations"),
    ],
)
def test_a_wrong_partnership_is_refused_at_its_field(
    changes: Changes, said: dict[str, Any], error: type[Exception], path: str
) -> None:
    make_company(changes)
    plain: dict[str, Any] = {"company": "works", "stage": PartnershipStage.CONTRACTED, "citations": WORDS}

    with pytest.raises(error) as refused:
        companies.record_partnership(changes, **plain | said)

    assert getattr(refused.value, "path", None) == (path,)


def test_a_licence_names_who_issued_it(changes: Changes) -> None:
    make_company(changes)
    office = make_institution(changes, "office")

    licence = companies.record_licence(
        changes, company="works", state=LicenceState.VALID, issued_by="office", until="2026", citations=WORDS
    )

    assert licence.issued_by_id == office.id
    assert str(licence.until_latest) == "2026-12-31"
    with pytest.raises(NotFound) as refused:
        companies.record_licence(
            changes, company="works", state=LicenceState.VALID, issued_by="nobody", citations=WORDS
        )
    assert refused.value.path == ("issuedBy",)


def test_a_company_is_revised_and_its_former_name_stays_among_its_spellings(any_changes: Changes) -> None:
    make_sector(any_changes, "41")
    company = make_company(any_changes, sectors=["41"], national_number="HRB 1", lei=SIEMENS)

    companies.revise(
        any_changes,
        reference="works",
        expected_version=1,
        name="Neue Werke AG",
        lei=SIEMENS,
        national_number=None,
        roles=[PartnerRole.CERTIFIER],
    )

    assert (company.name, company.names) == ("Neue Werke AG", ["Neue Werke AG", "Works GmbH"])
    assert (company.sort_key, company.lei, company.national_number) == ("neue werke ag", SIEMENS, None)
    assert company.version == 2
    assert [one.role for one in any_changes.session.scalars(sa.select(CompanyRole))] == [PartnerRole.CERTIFIER]
    assert [one.sector_code for one in any_changes.session.scalars(sa.select(CompanySector))] == ["41"]
    assert len(any_changes.session.scalars(sa.select(Citation)).all()) == 1


def test_a_company_is_not_revised_in_ignorance_of_another_change(changes: Changes) -> None:
    make_company(changes)
    companies.revise(changes, reference="works", expected_version=1, sectors=[], citations=WORDS, country="DE")

    with pytest.raises(Conflict) as refused:
        companies.revise(changes, reference="works", expected_version=1, name="Other")

    assert refused.value.path == ("expectedVersion",)


PARTNERSHIP: dict[str, Any] = {
    **{"company": "works", "stage": PartnershipStage.ACTIVE, "agreement": "uz-de"},
    **{"since": "2024-02", "until": "2025"},
}
LICENCE: dict[str, Any] = {
    **{"company": "works", "state": LicenceState.VALID, "number": "7", "issued_by": "office"},
    **{"since": "2024", "until": "2030-05-31"},
}


@pytest.fixture
def entered(any_changes: Changes) -> Changes:
    """A registry with a partnership and a licence that were recorded by mistake."""
    make_agreement(any_changes)
    make_company(any_changes)
    make_institution(any_changes, "office")
    companies.record_partnership(any_changes, **PARTNERSHIP, citations=WORDS)
    companies.record_licence(any_changes, **LICENCE, citations=WORDS)
    return any_changes


def stand(changes: Changes) -> list[int]:
    """How many partnerships, licences and citations of either are on record."""
    about = sa.select(Citation).where(sa.column("subject").in_(("Partnership", "Licence")))
    every: tuple[sa.Select[Any], ...] = (sa.select(companies.Partnership), sa.select(companies.Licence), about)
    return [len(changes.session.scalars(each).all()) for each in every]


def test_what_was_recorded_of_a_company_by_mistake_is_withdrawn_with_its_words(entered: Changes) -> None:
    company = companies.withdraw_partnership(entered, **PARTNERSHIP)
    assert (stand(entered), company.version) == ([0, 1, 1], 4)

    companies.withdraw_licence(entered, **LICENCE)

    assert (stand(entered), company.version) == ([0, 0, 0], 5)


def test_of_twins_one_is_withdrawn_and_the_first_stays(entered: Changes) -> None:
    first = entered.session.scalars(sa.select(companies.Licence)).one()
    companies.record_licence(entered, **LICENCE, citations=WORDS)

    companies.withdraw_licence(entered, **LICENCE)

    assert entered.session.scalars(sa.select(companies.Licence)).all() == [first]


@pytest.mark.parametrize(
    "said", [{"stage": PartnershipStage.ENDED}, {"agreement": None}, {"since": "2024"}, {"until": None}]
)
def test_a_partnership_that_says_otherwise_is_not_withdrawn(entered: Changes, said: dict[str, Any]) -> None:
    with pytest.raises(NotFound) as refused:
        companies.withdraw_partnership(entered, **PARTNERSHIP | said)

    assert refused.value.path == ("stage",)
    assert stand(entered) == [1, 1, 2]


@pytest.mark.parametrize("said", [{"state": LicenceState.EXPIRED}, {"number": "8"}, {"issued_by": None}])
def test_a_licence_that_says_otherwise_is_not_withdrawn(entered: Changes, said: dict[str, Any]) -> None:
    with pytest.raises(NotFound) as refused:
        companies.withdraw_licence(entered, **LICENCE | said)

    assert refused.value.path == ("state",)
    assert stand(entered) == [1, 1, 2]
