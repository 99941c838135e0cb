"""Which gaps are asked for, and what the selects behind all kinds of them share."""

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from registry.agreements import Agreement
from registry.companies import Company
from registry.cooperation import LegalDay, day_of
from registry.deadlines import Among, partner, partners
from registry.gaps.kinds import DETAILS, GapKind
from registry.history import Coded
from registry.history import table_behind as table


@dataclass(frozen=True)
class Scope:
    """Which gaps are asked for."""

    day: LegalDay
    home_country: str
    countries: Among | None
    agreement_ids: Among | None
    company_ids: Among | None
    per_country: bool

    @property
    def narrowed(self) -> bool:
        """Whether only a few records are asked for, so that it pays to begin with these."""
        return any(each is not None for each in (self.countries, self.agreement_ids, self.company_ids))

    def of_agreements(
        self, rows: sa.FromClause
    ) -> tuple[sa.FromClause, sa.ColumnElement[Any], list[sa.ColumnElement[bool]]]:
        """Rows with agreements in them, joined to the partner that each is about, and which agreements count."""
        agreement = table(Agreement)
        shown: list[sa.ColumnElement[bool]] = [agreement.c.comparator.is_(False)]
        if self.agreement_ids is not None:
            shown.append(agreement.c.id.in_(self.agreement_ids))
        among = partners(self.home_country, self.countries)
        if self.per_country:
            joined = rows.join(among, among.c.agreement_id == agreement.c.id)
            return joined, among.c.country_code, shown
        if self.countries is not None:
            shown.append(agreement.c.id.in_(sa.select(among.c.agreement_id)))
        return rows, partner(agreement.c.id, self.home_country), shown

    def exists(self) -> sa.ColumnElement[bool]:
        """That lists on the day hold the agreement."""
        return table(Agreement).c.exists_from <= day_of(self.day)

    def about(self, country_code: sa.ColumnElement[Any]) -> list[sa.ColumnElement[bool]]:
        """That a row about this country is asked for."""
        return [] if self.countries is None else [country_code.in_(self.countries)]

    def of_companies(self) -> list[sa.ColumnElement[bool]]:
        """That a row with a company in it is asked for."""
        return [] if self.company_ids is None else [table(Company).c.id.in_(self.company_ids)]


def gaps_of(
    kind: GapKind,
    subject_type: str,
    subject_id: sa.ColumnElement[Any],
    subject_reference: sa.ColumnElement[str],
    country_code: sa.ColumnElement[Any],
    **details: sa.ColumnElement[Any],
) -> sa.Select[Any]:
    """The select of gaps of a kind, with the columns that all kinds have; `details` are what `explain` needs of it."""
    return sa.select(
        sa.literal(list(GapKind).index(kind), sa.Integer()).label("kind_rank"),
        sa.literal(kind, Coded(GapKind)).label("kind"),
        sa.literal(subject_type, sa.String()).label("subject_type"),
        subject_id.label("subject_id"),
        sa.func.coalesce(subject_id, 0).label("subject_key"),
        subject_reference.label("subject_reference"),
        country_code.label("country_code"),
        *(details.get(name, sa.cast(sa.null(), type_)).label(name) for name, type_ in DETAILS.items()),
    )
