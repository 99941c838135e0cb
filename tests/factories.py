"""Records for tests: valid by default, so that a test says only what it is about."""

import csv
import secrets
from collections.abc import Sequence
from decimal import Decimal
from functools import cache
from hashlib import sha256
from typing import Any

import sqlalchemy as sa

from registry import agreements, companies, countries, engagements, figures, institutions, programmes, quotas, sectors
from registry import sources as documents
from registry.access import Actor
from registry.exchange import SEEDS
from registry.history import Changes
from registry.keys import ApiKey
from registry.sources import Cited
from registry.status import InstrumentType, LegalActKind

WORDS = (Cited("some-source", quote="It is so."),)


@cache
def _rows(name: str) -> dict[str, dict[str, str]]:
    with (SEEDS / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return {row["code"]: row for row in csv.DictReader(file)}


def make_country(changes: Changes, code: str = "DE") -> countries.Country:
    """A country of the code list, without its regions."""
    row = _rows("countries")[code]
    held = changes.session.get(countries.Country, code)
    names = ("code", "alpha3", "numeric", "name_en")
    return held or countries.add(changes, **{name: row[name] for name in names})


def make_sector(changes: Changes, code: str) -> sectors.Sector:
    """A sector of the code list, with what it is part of."""
    row, held = _rows("sectors")[code], changes.session.get(sectors.Sector, code)
    if row["parent"] and held is None:
        make_sector(changes, row["parent"])
    level = sectors.SectorLevel[row["level"]]
    return held or sectors.add(changes, code=code, level=level, name_en=row["name_en"], parent=row["parent"] or None)


def make_occupation(changes: Changes, code: str) -> sectors.Occupation:
    """An occupation group of the code list, with what it is part of."""
    row, held = _rows("occupations")[code], changes.session.get(sectors.Occupation, code)
    if row["parent"] and held is None:
        make_occupation(changes, row["parent"])
    return held or sectors.add_occupation(changes, code=code, name_en=row["name_en"], parent=row["parent"] or None)


def make_source(changes: Changes, reference: str = "some-source", **said: Any) -> documents.Source:
    """A source; the one that `WORDS` cite unless named."""
    held = changes.session.scalars(sa.select(documents.Source).filter_by(reference=reference)).one_or_none()
    plain: dict[str, Any] = {
        "title": "A statement",
        "kind": documents.SourceKind.GOVERNMENT_STATEMENT,
        "reliability": documents.Reliability.OFFICIAL,
        "language": "en",
    }
    return held or documents.add(changes, reference=reference, **plain | said)


def make_agreement(
    changes: Changes, reference: str = "uz-de", parties: Sequence[str] = ("UZ", "DE"), **said: Any
) -> agreements.Agreement:
    """An instrument between countries, without any act."""
    make_source(changes)
    for code in parties:
        make_country(changes, code)
    plain: dict[str, Any] = {
        "title_as_printed": "An Agreement",
        "type": InstrumentType.INTERGOVERNMENTAL_AGREEMENT,
        "parties": [agreements.PartyNamed(code) for code in parties],
        "citations": WORDS,
    }
    return agreements.register(changes, reference=reference, **plain | said)


def make_act(
    changes: Changes,
    kind: LegalActKind = LegalActKind.SIGNATURE,
    date: str = "2024-09-15",
    agreement: str = "uz-de",
    **said: Any,
) -> agreements.LegalAct:
    """An act of all parties to an instrument that is on record."""
    return agreements.record_act(changes, agreement=agreement, kind=kind, date=date, **{"citations": WORDS} | said)


def make_company(changes: Changes, reference: str = "works", **said: Any) -> companies.Company:
    """An employer in Germany."""
    make_source(changes)
    make_country(changes, said.get("country", "DE"))
    plain: dict[str, Any] = {
        "name": "Works GmbH",
        "country": "DE",
        "roles": [companies.PartnerRole.EMPLOYER],
        "citations": WORDS,
    }
    return companies.register(changes, reference=reference, **plain | said)


def make_institution(changes: Changes, reference: str = "office", **said: Any) -> institutions.Institution:
    """A state authority."""
    make_source(changes)
    plain: dict[str, Any] = {"name": "Office", "kind": institutions.InstitutionKind.AUTHORITY, "citations": WORDS}
    return institutions.register(changes, reference=reference, **plain | said)


def make_quota(changes: Changes, reference: str = "de-2025", **said: Any) -> quotas.Quota:
    """A ceiling of 100 persons in Germany in 2025."""
    make_source(changes)
    make_country(changes, "DE")
    plain: dict[str, Any] = {
        "kind": quotas.QuotaKind.CEILING,
        "basis": quotas.QuotaBasis.DOMESTIC_RULE,
        "country": "DE",
        "period": "2025",
        "places": 100,
        "citations": WORDS,
    }
    return quotas.allot(changes, reference=reference, **plain | said)


def make_figure(changes: Changes, **said: Any) -> figures.Figure:
    """821 people sent in 2024."""
    make_source(changes)
    plain: dict[str, Any] = {
        "measure": figures.FigureMeasure.DEPARTED,
        "nature": figures.FigureNature.FLOW,
        "value": Decimal(821),
        "period": "2024",
        "citations": WORDS,
    }
    return figures.report(changes, **plain | said)


def make_engagement(changes: Changes, **said: Any) -> engagements.Engagement:
    """A meeting with Germany in 2024."""
    make_source(changes)
    make_country(changes, "DE")
    plain: dict[str, Any] = {
        "kind": engagements.EngagementKind.MEETING,
        "title": "Talks",
        "date": "2024",
        "countries": ["DE"],
        "citations": WORDS,
    }
    return engagements.record(changes, **plain | said)


def make_programme(changes: Changes, reference: str = "loans", **said: Any) -> programmes.Programme:
    """A programme of small loans."""
    make_source(changes)
    plain: dict[str, Any] = {
        "name": "Loans",
        "kind": programmes.ProgrammeKind.MICROLOAN,
        "description": "Small loans for the way.",
        "citations": WORDS,
    }
    return programmes.register(changes, reference=reference, **plain | said)


def make_key(changes: Changes, actor: Actor) -> str:
    """What somebody sends as `Authorization`, with a key of their own."""
    secret = f"rk_{secrets.token_hex(4)}_{secrets.token_urlsafe(32)}"
    prefix, hashed = secret[3:11], sha256(secret.encode()).hexdigest()
    changes.add(ApiKey(name=actor.name, role=actor.role, prefix=prefix, hash=hashed, created=changes.begun))
    return f"Bearer {secret}"
