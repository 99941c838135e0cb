"""Facts all alike, so that nothing but the number of records differs."""

from typing import Any

import sqlalchemy as sa

from registry import agreements, companies, placements, quotas
from registry.agreements import AgreementRelationKind, DocumentStated, PartyNamed, RelationStated, Subject
from registry.companies import LicenceState, PartnershipStage
from registry.history import Changes, changeset
from registry.placements import Counted
from registry.status import ForceRule, InstrumentType, LegalActKind, Renewal, Terms
from tests.factories import (
    WORDS,
    make_act,
    make_company,
    make_country,
    make_engagement,
    make_figure,
    make_institution,
    make_occupation,
    make_programme,
    make_quota,
    make_sector,
    make_source,
)

COUNTRIES = ("DE", "JP", "KR", "PL", "TR")
EACH = 4


def add_uniform_facts(engine: sa.Engine) -> None:
    """Five countries with four agreements each, all alike, so that nothing but the number of records differs."""
    with changeset(engine, "Facts for tests.") as changes:
        make_source(changes, "original")
        make_source(changes, copy_of="original")
        for code in ("01", "41"):
            make_sector(changes, code)
        make_occupation(changes, "71")
        make_country(changes, "UZ")
        for place, country in enumerate(COUNTRIES):
            for number in range(EACH):
                _add_uniform(changes, f"{place}-{number}", country)


def _add_uniform(changes: Changes, name: str, country: str) -> None:
    make_country(changes, country)
    make_institution(changes, f"office-{name}", country=country)
    make_institution(changes, f"heir-{name}", country=country, parent=f"office-{name}", succeeds=f"office-{name}")
    terms = Terms(ForceRule.ON_SIGNATURE, None, False, 60, Renewal.TACIT, 12, 6)
    parties = [PartyNamed("UZ"), PartyNamed(country, institution=f"office-{name}")]
    agreements.register(
        changes,
        reference=name,
        title_as_printed="An Agreement",
        type=InstrumentType.TREATY,
        parties=parties,
        citations=WORDS,
        sectors=["41"],
        subjects=[Subject.LABOUR_MIGRATION],
        term=terms,
        documents=[DocumentStated("Text", "en", source="some-source")],
        relations=[RelationStated(AgreementRelationKind.SAME_SUBJECT, "0-0")] if name != "0-0" else [],
    )
    make_act(changes, LegalActKind.SIGNATURE, "2020-01-15", name)
    make_act(changes, LegalActKind.ENTRY_INTO_FORCE, "2020-02-15", name)
    make_act(changes, LegalActKind.SIGNATURE, "2020-01-16", name)
    make_company(changes, name, country=country, sectors=["41"])
    about: dict[str, Any] = {"company": name, "citations": WORDS}
    companies.record_partnership(changes, stage=PartnershipStage.ACTIVE, agreement=name, since="2021", **about)
    companies.record_licence(changes, state=LicenceState.VALID, issued_by=f"office-{name}", until="2035", **about)
    scope = {"country": country, "sector": "41", "origins": ["UZ"], "agreement": name}
    make_quota(changes, name, period="2030", occupation="71", **scope)
    make_quota(changes, f"part-{name}", period="2025", part_of=name, **scope)
    make_quota(changes, f"unused-{name}", period="2024", **scope)
    quotas.revise(changes, quota=f"part-{name}", places=90, citations=WORDS)
    counted: dict[str, Any] = {"agreement": name, "company": name, "sector": "41", "occupation": "71"}
    placements.report(changes, source="some-source", placements=[Counted("2025-01", country, 5, **counted)])
    make_figure(changes, destinations=[country], company=name, sector="41")
    make_engagement(changes, countries=[country], agreement=name)
    make_programme(changes, name, country=country, provider=f"office-{name}")
