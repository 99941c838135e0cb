"""One address for each page, on the registry of seeds; a page without one fails the tests."""

from registry.web.pages import PAGES

ADDRESSES = {
    "home": "/",
    "countries": "/countries",
    "country": "/countries/DE",
    "agreements": "/agreements?status=SIGNED&status=IN_FORCE",
    "agreement": "/agreements/uz-de-migration-mobility-2024",
    "companies": "/companies?country=DE&stage=ACTIVE",
    "company": "/companies/sbh-west",
    "sectors": "/sectors",
    "sector": "/sectors/F",
    "institutions": "/institutions",
    "institution": "/institutions/migration-agency",
    "programmes": "/programmes?kind=COST_REIMBURSEMENT",
    "programme": "/programmes/return-subsidy",
    "engagements": "/engagements?country=TR&from=2020-01-01",
    "engagement": "/engagements/sweden-talks-2025",
    "deadlines": "/deadlines?country=KR&from=2026-01-01",
    "gaps": "/gaps?kind=UNQUOTED&kind=SIGNED_NOT_IN_FORCE",
    "search": "/search?q=Germany",
    "statistics": "/statistics?measure=EMPLOYED&by=COUNTRY&by=CHANNEL",
    "utilisation": "/statistics/quotas?year=2026",
    "changes": "/changes?type=LegalAct&type=Quota",
    "sources": "/sources?kind=PRESS",
    "source": "/sources/kun-2022-04-06",
    "compare": "/compare?a=KR&b=TR",
}

#: More addresses that show what the first ones do not: quotas, placements, nothing at all, a refusal, the console.
MORE = {
    "country with quotas": "/countries/KR",
    "country with nothing": "/countries/FJ",
    "home country": "/countries/UZ",
    "agreements that do not exist": "/agreements?status=INVALIDATED",
    "companies that do not exist": "/companies?role=PRIVATE_EMPLOYMENT_AGENCY",
    "programmes kept for comparison": "/programmes?all=yes",
    "all countries": "/countries?all=yes",
    "search for nothing": "/search",
    "another day": "/agreements/uz-tr-migrant-rights?as_of=2010-01-01",
    "all measures": "/statistics",
    "a column of years": "/statistics?measure=EMPLOYED&by=YEAR&by=COUNTRY&from=2020",
    "no placements": "/statistics?measure=RETURNED",
    "two days": "/compare?agreement=uz-tr-migrant-rights&first=2010-01-01&second=2026-11-01",
    "nothing to compare yet": "/compare",
    "no such page": "/nowhere",
    "console": "/graphql",
}


def test_every_page_has_an_address_to_be_tested_at() -> None:
    assert set(ADDRESSES) == {page.name for page in PAGES}
