"""Edits of a registry by chance, as its officials might make them in years: each a change of its own."""

import random
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session

from registry import agreements, companies, placements, quotas
from registry.access import Audience
from registry.companies import LicenceState, PartnerRole, PartnershipStage
from registry.errors import RegistryError
from registry.history import Changes, RegistryState, changeset, table_behind
from registry.sources import Cited, Source
from registry.status import Bindingness, ForceRule, InstrumentType, LegalActKind, Renewal, Terms
from registry.withdrawal import PARTS, withdraw
from tests.factories import (
    make_act,
    make_agreement,
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

COUNTRIES = ("UZ", "DE", "JP", "KR", "TR")
SECTORS = ("F", "41", "A", "01")
ACTS = (
    *(LegalActKind.SIGNATURE, LegalActKind.RATIFICATION, LegalActKind.ENTRY_INTO_FORCE, LegalActKind.NOTE_RECEIVED),
    *(LegalActKind.SUSPENDED, LegalActKind.RESUMED, LegalActKind.NOTICE_RECEIVED, LegalActKind.DENOUNCED),
)


class Edits:
    """Makes edits by chance, the same ones for the same seed."""

    def __init__(self, engine: sa.Engine, seed: int = 0) -> None:
        self.engine = engine
        self.chance = random.Random(seed)
        self._count = 0
        #: Whom records may be shown to, by chance.
        self.audiences: Sequence[Audience] = (Audience.PUBLIC, Audience.PUBLIC, Audience.OFFICIAL, Audience.RESTRICTED)
        with changeset(engine, "To begin with.") as changes:
            for code in COUNTRIES:
                make_country(changes, code)
            for code in SECTORS:
                make_sector(changes, code)
            make_occupation(changes, "71")
            for reference in ("some-source", "returns", "more-returns"):
                make_source(changes, reference)

    def make(self) -> RegistryState:
        """Makes one edit, and says where the log stands then. What the registry refuses is no edit."""
        before = self.state().sequence
        while self.state().sequence == before:
            edit = self.chance.choice(_EDITS)
            try:
                with changeset(self.engine, f"Edit {self._count}: {edit.__name__.strip('_')}.") as changes:
                    edit(self, changes)
            except RegistryError:
                continue
        self._count += 1
        return self.state()

    def state(self) -> RegistryState:
        """Where the log stands."""
        with Session(self.engine) as session:
            return session.get_one(RegistryState, 1)

    # ── Edits ─────────────────────────────────────────────────────────────────────────────────────

    def _register(self, changes: Changes) -> None:
        make_agreement(changes, self._new("agreement"), **self._stated(), audience=self._audience())

    def _revise(self, changes: Changes) -> None:
        agreement: agreements.Agreement = self._any(changes, agreements.Agreement)
        stated = {name: value for name, value in self._stated().items() if self.chance.random() < 0.4}
        stated["parties"] = [agreements.PartyNamed(code) for code in stated.get("parties", ("UZ", "TR"))]
        if self.chance.random() < 0.2:
            stated["audience"] = self._audience()
        agreements.revise(
            changes,
            reference=agreement.reference,
            expected_version=agreement.version,
            citations=self._words(),
            **stated,
        )

    def _act(self, changes: Changes) -> None:
        agreement: agreements.Agreement = self._any(changes, agreements.Agreement)
        party = self.chance.choice((None, "UZ"))
        day = self._day()
        make_act(changes, self.chance.choice(ACTS), day, agreement.reference, party=party, citations=self._words())

    def _withdraw_act(self, changes: Changes) -> None:
        act: agreements.LegalAct = self._any(changes, agreements.LegalAct)
        agreements.withdraw_act(changes, act_id=act.id or 0)

    def _relate(self, changes: Changes) -> None:
        one, other = self._any(changes, agreements.Agreement), self._any(changes, agreements.Agreement)
        kind = self.chance.choice([*agreements.AgreementRelationKind])
        relation = agreements.RelationStated(kind, other.reference)
        agreements.relate(changes, agreement=one.reference, relations=[relation])

    def _company(self, changes: Changes) -> None:
        make_company(changes, self._new("company"), country=self._country(), sectors=self._some(SECTORS))

    def _revise_company(self, changes: Changes) -> None:
        company: companies.Company = self._any(changes, companies.Company)
        companies.revise(
            changes,
            reference=company.reference,
            expected_version=company.version,
            name=self._new("Name"),
            country=self._country(),
            roles=self._some([*PartnerRole]) or [PartnerRole.EMPLOYER],
        )

    def _partner(self, changes: Changes) -> None:
        agreement: agreements.Agreement = self._any(changes, agreements.Agreement)
        companies.record_partnership(
            changes,
            company=self._any(changes, companies.Company).reference,
            stage=self.chance.choice([*PartnershipStage]),
            agreement=self.chance.choice((None, agreement.reference)),
            since=self._day(),
            citations=self._words(),
        )

    def _license(self, changes: Changes) -> None:
        companies.record_licence(
            changes,
            company=self._any(changes, companies.Company).reference,
            number=str(self._count),
            state=self.chance.choice([*LicenceState]),
            since=self._day(),
            citations=self._words(),
        )

    def _allot(self, changes: Changes) -> None:
        agreement = self._any(changes, agreements.Agreement).reference if self.chance.random() < 0.3 else None
        make_quota(
            changes,
            self._new("quota"),
            country=self._country(),
            agreement=agreement,
            period=self.chance.choice(("2024", "2025", "2025-01/2025-06", "../2025-12")),
            places=self.chance.randrange(1_000),
            origins=self.chance.choice(((), ("UZ",), ("UZ",), ("UZ",), ("UZ", "TR"))),
            sector=self.chance.choice((None, None, None, *SECTORS)),
        )

    def _decide(self, changes: Changes) -> None:
        quota: quotas.Quota = self._any(changes, quotas.Quota)
        places = self.chance.randrange(1_000)
        quotas.revise(changes, quota=quota.reference, places=places, decided=self._day(), citations=self._words())

    def _report(self, changes: Changes) -> None:
        counted = [
            placements.Counted(
                period=f"{self.chance.choice((2024, 2025))}-{self.chance.randrange(1, 13):02}",
                country=self._country(),
                people=self.chance.randrange(100),
                sector=self.chance.choice((None, *SECTORS)),
                occupation=self.chance.choice((None, None, "71")),
            )
            for _ in range(self.chance.randrange(1, 7))
        ]
        placements.report(changes, source=self.chance.choice(("returns", "more-returns")), placements=counted)

    def _take_back(self, changes: Changes) -> None:
        mistaken: placements.PlacementReturn = self._any(changes, placements.PlacementReturn)
        taken = placements.Counted(
            period=mistaken.period,
            country=mistaken.country_code,
            people=mistaken.people,
            sector=mistaken.sector_code,
            occupation=mistaken.occupation_code,
            withdrawn=True,
        )
        source = changes.session.get_one(Source, mistaken.source_id).reference
        placements.report(changes, source=source, placements=[taken])

    def _withdraw_licence(self, changes: Changes) -> None:
        licence: companies.Licence = self._any(changes, companies.Licence)
        company = changes.session.get_one(companies.Company, licence.company_id).reference
        companies.withdraw_licence(
            changes, company=company, state=licence.state, number=licence.number, since=licence.since
        )

    def _others(self, changes: Changes) -> None:
        make_institution(changes, self._new("office"), country=self._country())
        make_programme(changes, self._new("programme"), country=self._country())
        make_figure(changes, destinations=self._some(COUNTRIES), period=self._day())
        make_engagement(changes, date=self._day(), audience=self._audience())

    def _withdraw(self, changes: Changes) -> None:
        kind = self.chance.choice([*PARTS])
        withdraw(changes, kind, self._any(changes, kind).id)

    # ── What they are made of ─────────────────────────────────────────────────────────────────────

    def _stated(self) -> dict[str, Any]:
        return {
            "title_as_printed": self._new("Title"),
            "type": self.chance.choice(
                (InstrumentType.INTERGOVERNMENTAL_AGREEMENT, InstrumentType.MEMORANDUM_OF_UNDERSTANDING)
            ),
            "bindingness": self.chance.choice((Bindingness.BINDING, Bindingness.UNASSESSED)),
            "bindingness_reason": "Its words say so.",
            "parties": ("UZ", *self._some(COUNTRIES[1:])[:2]) if self.chance.random() < 0.8 else ("UZ", "TR"),
            "subjects": self._some([*agreements.Subject]),
            "sectors": self._some(SECTORS),
            "term": self.chance.choice(
                (
                    None,
                    Terms(force_rule=ForceRule.ON_SIGNATURE),
                    Terms(duration_months=12, renewal=Renewal.TACIT, notice_months=3),
                )
            ),
            "documents": [agreements.DocumentStated(self._new("Text"), "en")] if self.chance.random() < 0.5 else [],
        }

    def _audience(self) -> Audience:
        return self.chance.choice(self.audiences)

    def _any(self, changes: Changes, kind: Any) -> Any:
        ids = changes.session.scalars(sa.select(table_behind(kind).c.id).order_by("id")).all()
        if not ids:
            raise RegistryError("There is none yet.")
        return changes.session.get_one(kind, self.chance.choice(ids))

    def _new(self, name: str) -> str:
        return f"{name}-{self._count}-{self.chance.randrange(1_000_000)}"

    def _words(self) -> list[Cited]:
        return [Cited("some-source", quote=self._new("It is so"))]

    def _country(self) -> str:
        return self.chance.choice(COUNTRIES[1:])

    def _day(self) -> str:
        year, month = self.chance.randrange(2015, 2027), self.chance.randrange(1, 13)
        return self.chance.choice((f"{year}", f"{year}-{month:02}", f"{year}-{month:02}-15"))

    def _some(self, values: Sequence[Any]) -> list[Any]:
        return self.chance.sample(values, self.chance.randrange(0, min(3, len(values)) + 1))


_EDITS = (
    *(Edits._register, Edits._register, Edits._revise, Edits._revise, Edits._act, Edits._act, Edits._act),
    *(Edits._withdraw_act, Edits._relate, Edits._company, Edits._revise_company, Edits._partner, Edits._license),
    *(Edits._allot, Edits._decide, Edits._report, Edits._report, Edits._others, Edits._withdraw),
    *(Edits._take_back, Edits._withdraw_licence),
)
