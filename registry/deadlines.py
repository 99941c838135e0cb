"""What falls due: terms, notices and denunciations of agreements, periods of quotas, licences of companies.

`deadlines_on` is one select over the stored due days; `explain` says in words what one of its rows means.
"""

from collections.abc import Collection, Mapping
from datetime import date as Day
from typing import Any, TypedDict, Unpack

import sqlalchemy as sa

from registry.agreements import Agreement, AgreementDue, Party
from registry.codes import DeadlineKind, Language, ValueOperator
from registry.companies import Company, Licence, LicenceState
from registry.cooperation import LegalDay, day_of
from registry.history import Coded
from registry.history import table_behind as table
from registry.language import render, stated
from registry.quotas import Quota
from registry.status import Message

#: Codes or ids, or a select of them.
Among = Collection[Any] | sa.Select[Any]

#: Columns that put deadlines into one order, soonest first.
ORDER = ("due", "kind", "subject_reference", "detail_id")

QUOTA_ENDS = "Last day of the period of this quota. Number of places: {places}."
LICENCE_ENDS = "Last day of the licence."
NUMBERED_LICENCE_ENDS = "Last day of licence {number}."


class Asked(TypedDict, total=False):
    """Which deadlines are asked for; what is left out or None asks for all."""

    kinds: Collection[DeadlineKind] | None
    countries: Among | None
    range_from: LegalDay | None
    range_until: LegalDay | None
    agreement_ids: Collection[int] | None
    company_ids: Collection[int] | None
    per_country: bool


def deadlines_on(day: LegalDay, home_country: str, **asked: Unpack[Asked]) -> sa.Select[Any]:
    """What falls due, as far as it is known on the day: from the day onward, or within the range where one is given.

    Columns: `kind`, `due`, `subject_type` (Agreement, Quota or Company) and `subject_id`, `subject_reference`,
    `detail_id` (of the due day, quota or licence), `country_code`, `agreement_id` and, for `explain`, `explanation`,
    `number`, `places`, `operator`. No two rows agree in all columns of `ORDER`, but for `per_country`, which gives each
    agreement once for each partner; without it `country_code` is the first partner.
    Without a range only the running term of an agreement is shown, and the next notice where that is due before the
    term begins that it makes the last; both days of a range belong to it.
    Instruments kept for comparison are left out, unless `agreement_ids` names them; it leaves out quotas and licences,
    as `company_ids` leaves only the licences of these companies.
    """
    return sa.select(sa.union_all(*deadline_parts_on(day, home_country, **asked)).subquery("found"))


def deadline_parts_on(day: LegalDay, home_country: str, **asked: Unpack[Asked]) -> list[sa.Select[Any]]:
    """The same as `deadlines_on`, of agreements, quotas and licences apart."""
    parts, kinds = _Due(day, home_country, asked).parts(), asked.get("kinds")
    if kinds is None:
        return parts
    found = [part.subquery() for part in parts]
    return [sa.select(part).where(part.c.kind.in_(kinds)) for part in found]


def is_known(due: sa.FromClause, day: LegalDay) -> sa.ColumnElement[bool]:
    """That a due day of an agreement follows from the acts that have come by the legal day."""
    moment = day_of(day)
    return sa.and_(due.c.known_from <= moment, sa.or_(due.c.known_until.is_(None), due.c.known_until > moment))


def explain(row: Mapping[str, Any] | sa.Row[Any], language: Language) -> str:
    """What a row of `deadlines_on` means, in words."""
    values = row._mapping if isinstance(row, sa.Row) else row
    if values["kind"] is DeadlineKind.QUOTA_PERIOD_END:
        places = stated(values["operator"], values["places"], language)
        return render(Message(QUOTA_ENDS, {"places": ["text", places]}), language)
    if values["kind"] is DeadlineKind.LICENCE_END:
        number = values["number"]
        return render(
            Message(NUMBERED_LICENCE_ENDS, {"number": ["text", number]}) if number else Message(LICENCE_ENDS), language
        )
    return render([Message.from_json(message) for message in values["explanation"]], language)


def partner(agreement_id: sa.ColumnElement[int], home_country: str) -> sa.ScalarSelect[str]:
    """The first party of an agreement other than the home country; null where there is none."""
    party = table(Party).alias()
    return (
        sa.select(party.c.country_code)
        .where(party.c.agreement_id == agreement_id, party.c.country_code != home_country)
        .order_by(party.c.position)
        .limit(1)
        .scalar_subquery()
    )


def partners(home_country: str, countries: Among | None = None) -> sa.Subquery:
    """Every partner of every agreement once, or those among `countries`: `agreement_id`, `country_code`."""
    party = table(Party)
    rows = sa.select(party.c.agreement_id, party.c.country_code).where(party.c.country_code != home_country)
    if countries is not None:
        rows = rows.where(party.c.country_code.in_(countries))
    return rows.distinct().subquery("partners")


class _Due:
    """The three kinds of things that fall due, with the same columns."""

    def __init__(self, day: LegalDay, home_country: str, asked: Asked) -> None:
        self.day = day_of(day)
        self.home_country = home_country
        self.range = (asked.get("range_from"), asked.get("range_until"))
        self.countries = asked.get("countries")
        self.agreement_ids = asked.get("agreement_ids")
        self.company_ids = asked.get("company_ids")
        self.per_country = asked.get("per_country", False)

    def parts(self) -> list[sa.Select[Any]]:
        """The selects of what is asked for."""
        if self.agreement_ids is not None:
            return [self.of_agreements()]
        if self.company_ids is not None:
            return [self.of_licences()]
        return [self.of_agreements(), self.of_quotas(), self.of_licences()]

    def of_agreements(self) -> sa.Select[Any]:
        agreement, due = table(Agreement), table(AgreementDue)
        joined: sa.FromClause = due.join(agreement, agreement.c.id == due.c.agreement_id)
        country: sa.ColumnElement[Any] = partner(agreement.c.id, self.home_country)
        if self.per_country:
            each = partners(self.home_country, self.countries)
            joined = joined.join(each, each.c.agreement_id == agreement.c.id)
            country = each.c.country_code
        rows = (
            _columns(
                due.c.kind,
                due.c.due,
                "Agreement",
                agreement,
                due.c.id,
                country,
                agreement_id=agreement.c.id,
                explanation=due.c.explanation,
            )
            .select_from(joined)
            .where(self._falls(due.c.due), is_known(due, self.day))
        )
        if all(end is None for end in self.range):
            rows = rows.where(due.c.current_from <= self.day)
        if self.countries is not None and not self.per_country:
            among = partners(self.home_country, self.countries)
            rows = rows.where(due.c.agreement_id.in_(sa.select(among.c.agreement_id)))
        if self.agreement_ids is None:
            return rows.where(agreement.c.comparator.is_(False))
        return rows.where(agreement.c.id.in_(self.agreement_ids))

    def of_quotas(self) -> sa.Select[Any]:
        quota, agreement = table(Quota), table(Agreement)
        kind = sa.literal(DeadlineKind.QUOTA_PERIOD_END, Coded(DeadlineKind))
        kept_for_comparison = sa.exists().where(agreement.c.id == quota.c.agreement_id, agreement.c.comparator)
        stated = {"places": quota.c.places, "operator": quota.c.operator}
        return _columns(kind, quota.c.period_end, "Quota", quota, quota.c.id, quota.c.country_code, **stated).where(
            self._falls(quota.c.period_end), sa.not_(kept_for_comparison), self._about(quota.c.country_code)
        )

    def of_licences(self) -> sa.Select[Any]:
        licence, company = table(Licence), table(Company)
        kind = sa.literal(DeadlineKind.LICENCE_END, Coded(DeadlineKind))
        rows = (
            _columns(
                kind,
                licence.c.until_latest,
                "Company",
                company,
                licence.c.id,
                company.c.country_code,
                number=licence.c.number,
            )
            .select_from(licence.join(company, company.c.id == licence.c.company_id))
            .where(self._falls(licence.c.until_latest), licence.c.state == LicenceState.VALID)
            .where(self._about(company.c.country_code))
        )
        return rows if self.company_ids is None else rows.where(company.c.id.in_(self.company_ids))

    def _about(self, country_code: sa.ColumnElement[str]) -> sa.ColumnElement[bool]:
        return sa.true() if self.countries is None else country_code.in_(self.countries)

    def _falls(self, due: sa.ColumnElement[Day | None]) -> sa.ColumnElement[bool]:
        start, end = self.range
        if start is None and end is None:
            return due >= self.day
        return sa.and_(
            due.is_not(None), *([] if start is None else [due >= start]), *([] if end is None else [due <= end])
        )


def _columns(
    kind: sa.ColumnElement[Any],
    due: sa.ColumnElement[Any],
    subject_type: str,
    subject: sa.FromClause,
    detail_id: sa.ColumnElement[int],
    country_code: sa.ColumnElement[Any],
    *,
    agreement_id: sa.ColumnElement[Any] | None = None,
    explanation: sa.ColumnElement[Any] | None = None,
    number: sa.ColumnElement[Any] | None = None,
    places: sa.ColumnElement[Any] | None = None,
    operator: sa.ColumnElement[Any] | None = None,
) -> sa.Select[Any]:
    def given(column: sa.ColumnElement[Any] | None, kind: Any) -> sa.ColumnElement[Any]:
        return sa.cast(sa.null(), kind) if column is None else column

    return sa.select(
        kind.label("kind"),
        due.label("due"),
        sa.literal(subject_type, sa.String()).label("subject_type"),
        subject.c.id.label("subject_id"),
        subject.c.reference.label("subject_reference"),
        detail_id.label("detail_id"),
        country_code.label("country_code"),
        given(agreement_id, sa.Integer()).label("agreement_id"),
        given(explanation, sa.JSON()).label("explanation"),
        given(number, sa.String()).label("number"),
        given(places, sa.Integer()).label("places"),
        given(operator, Coded(ValueOperator)).label("operator"),
    )
