"""Small facts written straight into the tables, for tests of what follows from them."""

from copy import copy
from datetime import date
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, SQLModel

from registry.access import PUBLIC, Audience
from registry.agreements import (
    Agreement,
    AgreementDue,
    AgreementSubject,
    LegalAct,
    Party,
    StatusPossibility,
    StatusSpan,
)
from registry.companies import Company, Licence, LicenceState, Partnership, PartnershipStage
from registry.countries import Country
from registry.engagements import Engagement, EngagementCountry, EngagementKind
from registry.figures import Figure, FigureDestination
from registry.history import table_behind
from registry.placements import PlacementMeasure, PlacementReturn, roll_up
from registry.quotas import Quota, QuotaBasis, QuotaKind, QuotaOrigin
from registry.sectors import Occupation, OccupationPart, Sector, SectorLevel, SectorPart, SectorScheme
from registry.sources import Citation, Reliability, Source, SourceKind
from registry.status import AgreementStatus, InstrumentType
from registry.utilisation import derive
from registry.visibility import viewing

COUNTRIES = ("UZ", "DE", "GB", "IT", "JP", "KR", "RU")
SECTORS = {"A": None, "01": "A", "F": None, "41": "F", "42": "F"}
OCCUPATIONS = {"2": None, "22": "2"}


class Facts:
    """Writes records, commits them and gives back their ids; a test says only what it is about."""

    def __init__(self, engine: sa.Engine) -> None:
        self.engine = engine
        with Session(engine) as session:
            for number, code in enumerate(COUNTRIES):
                names: dict[str, Any] = {
                    "alpha3": f"{code}X",
                    "numeric": f"{number:03}",
                    "name_en": code,
                    "sort_key": code,
                    "text_key": code,
                }
                session.add(Country(code=code, **names))
            for code, parent in SECTORS.items():
                level = SectorLevel.DIVISION if parent else SectorLevel.SECTION
                session.add(Sector(code=code, scheme=SectorScheme.ISIC4, level=level, name_en=code, text_key=code))
            for code in OCCUPATIONS:
                session.add(Occupation(code=code, name_en=code))
            session.flush()
            for part, parts in ((SectorPart, SECTORS), (OccupationPart, OCCUPATIONS)):
                for code, parent in parts.items():
                    for whole in {code, parent or code}:
                        session.add(part(whole_code=whole, part_code=code))
            session.commit()

    def write(self, *rows: SQLModel) -> int:
        """Writes rows in this order and gives the id of the first; 0 where it has none."""
        with Session(self.engine, expire_on_commit=False) as session:
            for row in rows:
                session.add(row)
                session.flush()
            if any(isinstance(row, PlacementReturn) for row in rows):
                roll_up(session)
            if any(isinstance(row, (PlacementReturn, Quota, QuotaOrigin)) for row in rows):
                derive(session, session.scalars(sa.select(table_behind(Quota).c.id)).all())
            session.commit()
        return getattr(rows[0], "id", None) or 0

    def seen_by(self, *audiences: Audience) -> "Facts":
        """The same registry as these audiences may see it: to be read only."""
        seen = copy(self)
        seen.engine = viewing(self.engine, audiences)
        return seen

    def source(self, reference: str = "S1", **columns: Any) -> int:
        return self.write(
            Source(
                reference=reference,
                title=reference,
                kind=SourceKind.STATISTICAL_RETURN,
                reliability=Reliability.OFFICIAL,
                language="en",
                **columns,
            )
        )

    def agreement(
        self,
        reference: str,
        *spans: tuple[str, AgreementStatus | tuple[AgreementStatus, ...]],
        parties: tuple[str, ...] = ("UZ", "DE"),
        **columns: Any,
    ) -> int:
        """An agreement and its status: each span is its first day and its status, or possible statuses."""
        values: dict[str, Any] = {
            "title_as_printed": reference,
            "type": InstrumentType.INTERGOVERNMENTAL_AGREEMENT,
            "audience": PUBLIC,
        }
        there = (date.fromisoformat(start) for start, state in spans if state is not AgreementStatus.NONE)
        values["exists_from"] = next(there, None)
        agreement_id = self.write(Agreement(**{"reference": reference, **values, **columns}))
        starts = [date.min, *(date.fromisoformat(start) for start, _ in spans)]
        states: list[Any] = [AgreementStatus.NONE, *(status for _, status in spans)]
        rows: list[SQLModel] = [
            Party(agreement_id=agreement_id, position=place, country_code=code) for place, code in enumerate(parties)
        ]
        for start, until, state in zip(starts, [*starts[1:], date.max], states, strict=True):
            possible = state if type(state) is tuple else (state,)
            status = possible[0] if len(possible) == 1 else AgreementStatus.UNKNOWN
            span: dict[str, Any] = {"agreement_id": agreement_id, "from_day": start, "until_day": until}
            rows.append(StatusSpan(**span, status=status, possible=[str(one) for one in possible]))
            rows.extend(StatusPossibility(**span, status=one) for one in possible)
        self.write(*rows)
        return agreement_id

    def subject(self, agreement_id: int, subject: Any) -> None:
        self.write(AgreementSubject(agreement_id=agreement_id, subject=subject))

    def act(self, agreement_id: int, kind: Any, on: str, **columns: Any) -> int:
        day: dict[str, Any] = {
            "date": on,
            "date_earliest": date.fromisoformat(on),
            "date_latest": date.fromisoformat(on),
        }
        return self.write(LegalAct(**{"agreement_id": agreement_id, "kind": kind, **day, **columns}))

    def due(
        self,
        agreement_id: int,
        kind: Any,
        due: str,
        *,
        current: str = "2020-01-01",
        known: str = "2020-01-01",
        changed: str | None = None,
    ) -> int:
        days: dict[str, Any] = {"due": date.fromisoformat(due), "known_from": date.fromisoformat(known)}
        days["known_until"] = _day(changed)
        message = {"text": "The term ends on {day}.", "values": {"day": ["day", due]}}
        current_from = date.fromisoformat(current)
        row = AgreementDue(
            agreement_id=agreement_id, kind=kind, **days, current_from=current_from, explanation=[message]
        )
        return self.write(row)

    def company(self, reference: str, country: str = "DE") -> int:
        names: dict[str, Any] = {"name": reference, "names": [], "sort_key": reference, "text_key": reference}
        return self.write(Company(reference=reference, country_code=country, **names))

    def partnership(
        self, company_id: int, stage: PartnershipStage, since: str | None = None, until: str | None = None
    ) -> int:
        days: dict[str, Any] = {"since": since, "since_earliest": _day(since), "since_latest": _day(since)}
        ends: dict[str, Any] = {"until": until, "until_earliest": _day(until), "until_latest": _day(until)}
        return self.write(Partnership(company_id=company_id, stage=stage, **days, **ends))

    def licence(
        self, company_id: int, until: str | None, state: LicenceState = LicenceState.VALID, **columns: Any
    ) -> int:
        ends: dict[str, Any] = {"until": until, "until_earliest": _day(until), "until_latest": _day(until)}
        return self.write(Licence(company_id=company_id, state=state, **ends, **columns))

    def engagement(self, reference: str, kind: EngagementKind, on: str, *countries: str, **columns: Any) -> int:
        days: dict[str, Any] = {
            "date": on,
            "date_earliest": date.fromisoformat(on),
            "date_latest": date.fromisoformat(on),
        }
        values: dict[str, Any] = {
            "reference": reference,
            "kind": kind,
            "title": reference,
            "audience": PUBLIC,
            **days,
            **columns,
        }
        engagement_id = self.write(Engagement(**values))
        taking_part = (
            EngagementCountry(engagement_id=engagement_id, position=p, country_code=c) for p, c in enumerate(countries)
        )
        self.write(*taking_part)
        return engagement_id

    def figure(self, reference: str, measure: Any, nature: Any, country: str, start: str | None = None) -> int:
        figure_id = self.write(
            Figure(
                reference=reference,
                measure=measure,
                nature=nature,
                value=Decimal(1),
                period=start or "../..",
                period_start=_day(start),
            )
        )
        self.write(FigureDestination(figure_id=figure_id, position=0, country_code=country))
        return figure_id

    def placed(self, people: int, start: str, end: str, frequency: Any, country: str = "DE", **columns: Any) -> int:
        """A return; DEPARTED from the first source on record unless said otherwise."""
        period: dict[str, Any] = {
            "period": f"{start}/{end}",
            "period_start": date.fromisoformat(start),
            "period_end": date.fromisoformat(end),
        }
        values: dict[str, Any] = {
            "measure": PlacementMeasure.DEPARTED,
            "source_id": 1,
            "frequency": frequency,
            **columns,
        }
        return self.write(PlacementReturn(people=people, country_code=country, **period, **values))

    def quota(
        self,
        reference: str,
        places: int,
        start: str | None,
        end: str | None,
        origins: tuple[str, ...] = ("UZ",),
        **columns: Any,
    ) -> int:
        period: dict[str, Any] = {
            "period": f"{start or '..'}/{end or '..'}",
            "period_start": _day(start),
            "period_end": _day(end),
        }
        values: dict[str, Any] = {
            "kind": QuotaKind.CEILING,
            "basis": QuotaBasis.DOMESTIC_RULE,
            "country_code": "DE",
            **columns,
        }
        quota_id = self.write(
            Quota(reference=reference, places=places, period_key=_day(start) or date.min, **period, **values)
        )
        if origins:
            self.write(*(QuotaOrigin(quota_id=quota_id, country_code=code) for code in origins))
        return quota_id

    def citation(
        self,
        subject: str,
        subject_id: int,
        quote: str | None,
        node: str | None = None,
        node_id: int = 0,
        place: int = 0,
        source_id: int = 1,
    ) -> int:
        record: dict[str, Any] = {"node": node or subject, "node_id": node_id or subject_id}
        fact: dict[str, Any] = {"subject": subject, "subject_id": subject_id, "position": place}
        return self.write(Citation(**fact, source_id=source_id, quote=quote, note="sense", **record))


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
