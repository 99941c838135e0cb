"""Made facts, for tests of lists for which the seeds are too few: many records alike, so that orders have ties."""

from decimal import Decimal
from itertools import cycle, islice
from typing import Any

import sqlalchemy as sa

from registry import agreements, companies, placements
from registry.access import PUBLIC
from registry.agreements import AgreementRelationKind, DocumentStated, PartyNamed, RelationStated, Subject
from registry.codes import CountedUnit
from registry.companies import LicenceState, PartnerRole, PartnershipStage
from registry.engagements import EngagementKind
from registry.figures import FigureMeasure, FigureNature
from registry.history import Changes, changeset
from registry.institutions import InstitutionKind
from registry.placements import Counted, PlacementChannel, PlacementMeasure, Sex
from registry.programmes import ProgrammeKind
from registry.quotas import QuotaBasis, QuotaKind
from registry.sources import Cited
from registry.status import Bindingness, ForceRule, InstrumentType, LegalActKind, Renewal, Terms
from tests.factories import (
    WORDS,
    make_act,
    make_agreement,
    make_company,
    make_engagement,
    make_figure,
    make_institution,
    make_programme,
    make_quota,
    make_source,
)

COUNTRIES = ("DE", "KR", "TR", "PL", "JP")
SECTORS = ("F", "41", "42", "A", "01", "86")
PERIODS = ("2024", "2024-01/2024-06", "2024-06-15/..", "../2024-03-31", "2023/2025", "XXXX-05-01")
MADE = 24


def add_facts(engine: sa.Engine) -> None:
    """Adds the facts to a registry that holds the seeds."""
    with changeset(engine, "Facts for tests.") as changes:
        make_source(changes)
        _add_agreements(changes)
        _add_companies(changes)
        _add_quotas(changes)
        _add_the_rest(changes)
        placements.report(changes, source="some-source", placements=_returns())


def _add_agreements(changes: Changes) -> None:
    types, kinds, subjects = cycle(list(InstrumentType)[:5]), cycle(Bindingness), cycle(list(Subject)[:4])
    for number in range(MADE):
        partner = COUNTRIES[number % 5]
        third = [COUNTRIES[(number + 1) % 5]] if number % 7 == 0 else []
        make_agreement(
            changes,
            f"made-{number:02}",
            ["UZ", partner, *third],
            title_as_printed=("An Agreement", "100 % of wages", "A_b treaty")[number % 3],
            type=next(types),
            bindingness=next(kinds),
            subjects=list(islice(subjects, 2)),
            sectors=[SECTORS[number % 6]] if number % 4 else [],
            term=Terms(ForceRule.ON_SIGNATURE, None, False, 60, Renewal.TACIT, 12, 6) if number % 2 else None,
            relations=[RelationStated(AgreementRelationKind.AMENDS, "made-00")] if number else [],
            documents=[DocumentStated("Text", "en"), DocumentStated("Текст", "ru", source="some-source")],
            comparator=number % 11 == 5,
            audience=PUBLIC,
        )
        if number % 5:
            date = ("2020-01-15", "2020-01-15", "2021", "2022-03", "../2023-01-01")[number % 5]
            words = [Cited("some-source", quote="It is so."), Cited("bmi-2024-09-15", note="Likewise.")]
            make_act(changes, LegalActKind.SIGNATURE, date, f"made-{number:02}", citations=words)
        if number % 3 == 1:
            make_act(changes, LegalActKind.ENTRY_INTO_FORCE, "2023-05-01", f"made-{number:02}")


def _add_companies(changes: Changes) -> None:
    roles, stages = cycle(PartnerRole), cycle(PartnershipStage)
    for number in range(12):
        reference = f"works-{number:02}"
        make_company(
            changes,
            reference,
            name=("Works GmbH", "Würth & Söhne", "100% Care_Ltd")[number % 3],
            country=COUNTRIES[number % 5],
            roles=list(islice(roles, 2)),
            sectors=[SECTORS[number % 6]] if number % 3 else [],
        )
        since = (None, "2024-01-01", "2025", "../2024-06-30")[number % 4]
        cited = [Cited("some-source", note="So it says.")]
        companies.record_partnership(
            changes,
            company=reference,
            stage=next(stages),
            agreement=f"made-{number:02}" if number % 2 else None,
            since=since,
            until="2025-12-31" if number % 3 == 0 else None,
            citations=cited,
        )
        if number % 3 == 0:
            companies.record_licence(
                changes, company=reference, state=LicenceState.VALID, until="2031-05-31", citations=cited
            )
    contract = [PartyNamed("UZ"), PartyNamed("KR", company="works-01")]
    plain: dict[str, Any] = {"title_as_printed": "Contract", "citations": WORDS}
    agreements.register(
        changes, reference="made-contract", parties=contract, **plain, type=InstrumentType.COMPANY_CONTRACT
    )


def _add_quotas(changes: Changes) -> None:
    kinds, bases = cycle(QuotaKind), cycle(QuotaBasis)
    for number in range(MADE):
        make_quota(
            changes,
            f"made-{number:02}",
            kind=next(kinds),
            basis=next(bases),
            country=COUNTRIES[number % 5],
            agreement=f"made-{number:02}" if number % 3 else None,
            sector=SECTORS[number % 6] if number % 4 else None,
            period=PERIODS[number % 6],
            places=(100, 100, 2500)[number % 3],
            part_of=f"made-{number - 1:02}" if number % 6 == 1 else None,
            origins=["UZ"] if number % 2 else [],
        )
    make_quota(changes, "made-comparable", country="PL", origins=["UZ"], period="2024", places=400)
    make_quota(changes, "made-exceeded", country="PL", origins=["UZ"], period="2024", places=200)
    make_quota(changes, "made-visas", country="PL", origins=["UZ"], period="2024", places=50, unit=CountedUnit.VISAS)


def _returns() -> list[Counted]:
    made = []
    for month in range(1, 7):
        for sector, company, agreement, occupation, sex, channel in (
            ("41", "works-03", "made-03", "71", Sex.MALE, PlacementChannel.STATE_AGENCY),
            ("86", "works-08", None, "22", Sex.FEMALE, PlacementChannel.PRIVATE_AGENCY),
        ):
            named: dict[str, Any] = {"company": company, "agreement": agreement, "occupation": occupation, "sex": sex}
            made.append(Counted(f"2024-{month:02}", "PL", 20 + month, sector=sector, channel=channel, **named))
    made.append(Counted("2024-07/2024-09", "PL", 40, sector="41"))
    made.append(Counted("2024-07/2024-12", "PL", 11, sector="86"))
    made.append(Counted("2023", "PL", 70))
    made.append(Counted("2023", "JP", 70, sector="F"))
    made.append(Counted("2023", "DE", 0, sector="F"))
    made.append(Counted("2024", "PL", 44, measure=PlacementMeasure.VISA_ISSUED))
    return made


def _add_the_rest(changes: Changes) -> None:
    for number in range(MADE):
        make_figure(
            changes,
            measure=list(FigureMeasure)[number % 4],
            nature=list(FigureNature)[number % 4],
            value=Decimal(number),
            period=PERIODS[number % 6],
            destinations=[COUNTRIES[number % 5], "FR"][: number % 3],
            sector=SECTORS[number % 6] if number % 2 else None,
            company=f"works-{number % 12:02}" if number % 4 == 0 else None,
        )
        make_engagement(
            changes,
            kind=list(EngagementKind)[number % 8],
            date=PERIODS[number % 6],
            countries=[COUNTRIES[number % 5], "UZ"],
            agreement=f"made-{number:02}" if number % 3 == 0 else None,
            audience=PUBLIC,
        )
    for number in range(9):
        country = COUNTRIES[number % 5] if number % 4 else None
        kept = {"country": country, "comparator": number % 3 == 2}
        make_institution(changes, f"office-{number}", kind=list(InstitutionKind)[number % 4], **kept)
        make_programme(
            changes, f"loans-{number}", kind=list(ProgrammeKind)[number % 4], provider=f"office-{number}", **kept
        )
    documents = (("doc-a", "de"), ("doc-b", "uz-Cyrl"), ("Doc-c", "de"))
    for reference, language in documents:
        make_source(changes, reference, language=language, published="2024-05")
