"""What is missing, contradictory or unused, and why the registry thinks so.

Each kind of gap is one select over the stored facts; `gaps_on` puts them together, `explain` says one row in words.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from registry.agreements import Agreement, AgreementSubject, LegalAct, Party, StatusPossibility, StatusSpan, Subject
from registry.codes import Code, Language
from registry.companies import Company, Licence, LicenceState
from registry.cooperation import LegalDay, day_of, involves, runs_on
from registry.countries import Country
from registry.deadlines import is_about, partner, partners
from registry.engagements import Engagement, EngagementCountry, EngagementKind
from registry.figures import Figure, FigureDestination
from registry.history import Coded
from registry.history import table_behind as table
from registry.institutions import Institution
from registry.language import render
from registry.placements import PlacementReturn
from registry.programmes import Programme
from registry.quotas import Quota, ValueOperator
from registry.sources import Citation
from registry.status import AgreementStatus, InstrumentType, LegalActKind, Message
from registry.utilisation import Outcome, QuotaUtilisation

#: Columns that put gaps into one order; rows of `per_country` need `country_code` after them.
ORDER = ("kind_rank", "subject_type", "subject_reference", "subject_id")


class GapKind(Code):
    """What is missing, contradictory or unused."""

    REPORTED_WITHOUT_ACT = "REPORTED_WITHOUT_ACT", "An instrument is spoken of, but no act of its life is on record."
    SIGNED_NOT_IN_FORCE = "SIGNED_NOT_IN_FORCE", "An instrument has been signed or consented to, but is not in force."
    IN_FORCE_WITHOUT_DATE = "IN_FORCE_WITHOUT_DATE", "An instrument is in force, but since which day is not known."
    PLACEMENTS_WITHOUT_AGREEMENT_IN_FORCE = (
        "PLACEMENTS_WITHOUT_AGREEMENT_IN_FORCE",
        "People are placed in a country with which no agreement is certainly in force or operative.",
    )
    IN_FORCE_WITHOUT_QUOTA = (
        "IN_FORCE_WITHOUT_QUOTA",
        "A labour agreement is in force or operative without a quota under it.",
    )
    QUOTA_UNUSED = "QUOTA_UNUSED", "A quota's period has begun, and nobody is on record who used it."
    QUOTA_EXCEEDED = "QUOTA_EXCEEDED", "More people were counted than a quota has places."
    LICENCE_LAPSED = "LICENCE_LAPSED", "A licence on record as valid has run out."
    DESTINATION_WITHOUT_AGREEMENT = (
        "DESTINATION_WITHOUT_AGREEMENT",
        "A country is a destination, but no agreement with it is on record.",
    )
    SOURCES_CONTRADICT = "SOURCES_CONTRADICT", "Sources put one and the same act on different days."
    UNQUOTED = "UNQUOTED", "Facts rest on sources whose exact words are not held."


#: What each kind of gap means, with the places that `explain` fills.
SENTENCES = {
    GapKind.REPORTED_WITHOUT_ACT: "This instrument is reported, but no act of its life is on record.",
    GapKind.SIGNED_NOT_IN_FORCE: "Status on the day: {status}. No entry into force is established.",
    GapKind.IN_FORCE_WITHOUT_DATE: "In force on the day, but since which day is not known.",
    GapKind.PLACEMENTS_WITHOUT_AGREEMENT_IN_FORCE: (
        "Placement returns name {country} as destination, but no agreement with it is certainly in force or operative."
    ),
    GapKind.IN_FORCE_WITHOUT_QUOTA: "This labour agreement is in force or operative, but has no quota on record.",
    GapKind.QUOTA_UNUSED: "The period of this quota has begun, but nobody is on record who used it. Places: {places}.",
    GapKind.QUOTA_EXCEEDED: "People counted: {used}. Places: {places}.",
    GapKind.LICENCE_LAPSED: "A licence on record as valid ran out on {until}.",
    GapKind.DESTINATION_WITHOUT_AGREEMENT: "{country} is a destination, but no agreement with it is on record.",
    GapKind.SOURCES_CONTRADICT: "Sources put the same act, {act}, on different days: {first} and {second}.",
    GapKind.UNQUOTED: "Facts of this record whose source's exact words are not held: {facts}.",
}

_IN_FORCE = (AgreementStatus.IN_FORCE, AgreementStatus.DENUNCIATION_PENDING)
_LABOUR = (Subject.LABOUR_MIGRATION, Subject.MIGRANT_RIGHTS)
_MAXIMA = (ValueOperator.EXACT, ValueOperator.AT_MOST, ValueOperator.LESS_THAN)

#: Kinds of gap that an agreement, or an act of one, may have.
_OF_AGREEMENTS = (
    GapKind.REPORTED_WITHOUT_ACT,
    GapKind.SIGNED_NOT_IN_FORCE,
    GapKind.IN_FORCE_WITHOUT_DATE,
    GapKind.IN_FORCE_WITHOUT_QUOTA,
    GapKind.SOURCES_CONTRADICT,
    GapKind.UNQUOTED,
)

#: Acts that happen once for each party named, so that two records of them are one act.
_ONCE = (
    LegalActKind.SIGNATURE,
    LegalActKind.EXCHANGE_OF_NOTES,
    LegalActKind.RATIFICATION,
    LegalActKind.ACCEPTANCE,
    LegalActKind.APPROVAL,
    LegalActKind.ACCESSION,
    LegalActKind.SUCCESSION,
    LegalActKind.NOTE_RECEIVED,
    LegalActKind.INSTRUMENTS_EXCHANGED,
    LegalActKind.ENTRY_INTO_FORCE,
    LegalActKind.INVALIDATED,
    LegalActKind.TERMINATED_BY_CONSENT,
    LegalActKind.TERMINATED_FOR_BREACH,
    LegalActKind.REPLACED,
    LegalActKind.EXPIRED,
)


def gaps_on(
    day: LegalDay,
    home_country: str,
    *,
    kinds: Collection[GapKind] | None = None,
    countries: Collection[str] | None = None,
    agreement_ids: Collection[int] | None = None,
    per_country: bool = False,
) -> sa.Select[Any]:
    """What is missing, contradictory or unused on the day, one row for each kind and subject.

    Columns: `kind_rank`, `kind`; `subject_type`, `subject_id` (null for a Country: `country_code` names it) and
    `subject_reference`; `country_code`, for an agreement its first partner, with `per_country` each partner in a row of
    its own; `agreement_id`, where the subject is an agreement or an act of one; and what `explain` needs.
    `countries` finds an agreement by its other partners too; `agreement_ids` leaves only gaps of these and their acts.
    What is kept for comparison, and agreements that do not exist yet on the day, have no gaps.
    """
    finder = _Finder(day, home_country, per_country)
    possible = GapKind if agreement_ids is None else _OF_AGREEMENTS
    wanted = [kind for kind in possible if kinds is None or kind in kinds]
    found = sa.union_all(*(finder.find(kind) for kind in wanted or GapKind)).subquery("found")
    rows = sa.select(found) if wanted else sa.select(found).where(sa.false())
    if countries is not None:
        rows = rows.where(is_about(found, countries, home_country, per_country))
    if agreement_ids is not None:
        rows = rows.where(found.c.agreement_id.in_(agreement_ids))
    return rows


def explain(row: Mapping[str, Any] | sa.Row[Any], language: Language) -> str:
    """What a row of `gaps_on` means, in words."""
    values: Any = row._mapping if isinstance(row, sa.Row) else row
    kind: GapKind = values["kind"]
    return render(Message(SENTENCES[kind], _PLACES[kind](values) if kind in _PLACES else {}), language)


_PLACES: dict[GapKind, Callable[[Mapping[str, Any]], dict[str, Any]]] = {
    GapKind.SIGNED_NOT_IN_FORCE: lambda row: {"status": ["status", str(row["status"])]},
    GapKind.PLACEMENTS_WITHOUT_AGREEMENT_IN_FORCE: lambda row: {"country": ["country", row["country_code"]]},
    GapKind.QUOTA_UNUSED: lambda row: {"places": ["number", row["places"]]},
    GapKind.QUOTA_EXCEEDED: lambda row: {"used": ["number", int(row["number"])], "places": ["number", row["places"]]},
    GapKind.LICENCE_LAPSED: lambda row: {"until": ["day", row["until"].isoformat()]},
    GapKind.DESTINATION_WITHOUT_AGREEMENT: lambda row: {"country": ["country", row["country_code"]]},
    GapKind.SOURCES_CONTRADICT: lambda row: {
        "act": ["act", str(row["act"])],
        "first": ["edtf", row["first"]],
        "second": ["edtf", row["second"]],
    },
    GapKind.UNQUOTED: lambda row: {"facts": ["number", int(row["number"])]},
}


@dataclass(frozen=True)
class _Finder:
    """The select behind each kind of gap, all with the same columns."""

    day: LegalDay
    home_country: str
    per_country: bool

    def find(self, kind: GapKind) -> sa.Select[Any]:
        select: Callable[[], sa.Select[Any]] = getattr(self, f"_{kind.value.lower()}")
        return select()

    # ── Agreements ─────────────────────────────────────────────────────────────────────────────────

    def _reported_without_act(self) -> sa.Select[Any]:
        agreement, act = table(Agreement), table(LegalAct)
        done = sa.exists().where(act.c.agreement_id == agreement.c.id, act.c.in_record)
        return self._agreements(GapKind.REPORTED_WITHOUT_ACT).where(
            self._certainly(agreement.c.id, (AgreementStatus.REPORTED,)), sa.not_(done)
        )

    def _signed_not_in_force(self) -> sa.Select[Any]:
        agreement, span = table(Agreement), table(StatusSpan)
        status = sa.select(span.c.status).where(span.c.agreement_id == agreement.c.id, runs_on(span, self.day))
        rows = self._agreements(GapKind.SIGNED_NOT_IN_FORCE, status=status.scalar_subquery())
        return rows.where(self._certainly(agreement.c.id, (AgreementStatus.SIGNED, AgreementStatus.PARTLY_CONSENTED)))

    def _in_force_without_date(self) -> sa.Select[Any]:
        agreement = table(Agreement)
        return self._agreements(GapKind.IN_FORCE_WITHOUT_DATE).where(
            self._certainly(agreement.c.id, (*_IN_FORCE, AgreementStatus.SUSPENDED)),
            agreement.c.force_earliest != agreement.c.force_latest,
        )

    def _in_force_without_quota(self) -> sa.Select[Any]:
        agreement, subject, quota = table(Agreement), table(AgreementSubject), table(Quota)
        return self._agreements(GapKind.IN_FORCE_WITHOUT_QUOTA).where(
            self._certainly(agreement.c.id, (*_IN_FORCE, AgreementStatus.OPERATIVE)),
            sa.exists().where(subject.c.agreement_id == agreement.c.id, subject.c.subject.in_(_LABOUR)),
            sa.not_(sa.exists().where(quota.c.agreement_id == agreement.c.id)),
        )

    def _sources_contradict(self) -> sa.Select[Any]:
        agreement, pair = table(Agreement), _first_contradiction().subquery("pair")
        rows = self._agreements(
            GapKind.SOURCES_CONTRADICT,
            join=(pair, "agreement_id"),
            act=pair.c.kind,
            first=pair.c.first,
            second=pair.c.second,
        )
        return rows.where(self._exists(agreement.c.id))

    # ── Countries ──────────────────────────────────────────────────────────────────────────────────

    def _placements_without_agreement_in_force(self) -> sa.Select[Any]:
        country = table(Country)
        status = (*_IN_FORCE, AgreementStatus.OPERATIVE)
        return self._countries(GapKind.PLACEMENTS_WITHOUT_AGREEMENT_IN_FORCE).where(
            country.c.code.in_(self._placed_in()),
            country.c.code.not_in(
                self._partners_by(
                    lambda agreement: sa.and_(
                        self._certainly(agreement.c.id, status), agreement.c.type != InstrumentType.COMPANY_CONTRACT
                    )
                )
            ),
        )

    def _destination_without_agreement(self) -> sa.Select[Any]:
        country = table(Country)
        figure, destination = table(Figure), table(FigureDestination)
        engagement, taking_part = table(Engagement), table(EngagementCountry)
        stated = (
            sa.select(destination.c.country_code)
            .join_from(destination, figure, figure.c.id == destination.c.figure_id)
            .where(sa.or_(figure.c.period_start.is_(None), figure.c.period_start <= day_of(self.day)))
        )
        cooperating = (
            sa.select(taking_part.c.country_code)
            .join_from(taking_part, engagement, engagement.c.id == taking_part.c.engagement_id)
            .where(engagement.c.kind == EngagementKind.COOPERATION, engagement.c.date_latest <= day_of(self.day))
        )
        destinations = sa.union(self._placed_in(), stated, cooperating).subquery("destinations")
        return self._countries(GapKind.DESTINATION_WITHOUT_AGREEMENT).where(
            country.c.code.in_(sa.select(destinations.c.country_code)),
            country.c.code.not_in(self._partners_by(lambda agreement: self._exists(agreement.c.id))),
        )

    def _placed_in(self) -> sa.Select[Any]:
        placed = table(PlacementReturn)
        return sa.select(placed.c.country_code).where(placed.c.period_start <= day_of(self.day)).distinct()

    def _partners_by(self, condition: Callable[[sa.Table], sa.ColumnElement[bool]]) -> sa.Select[Any]:
        """Parties to the agreements of the home country that a condition holds for."""
        agreement, party = table(Agreement), table(Party)
        return (
            sa.select(party.c.country_code)
            .join_from(party, agreement, agreement.c.id == party.c.agreement_id)
            .where(agreement.c.comparator.is_(False))
            .where(involves(agreement.c.id, self.home_country), condition(agreement))
        )

    # ── Quotas and licences ────────────────────────────────────────────────────────────────────────

    def _quota_unused(self) -> sa.Select[Any]:
        use = table(QuotaUtilisation)
        nobody = sa.and_(use.c.outcome == Outcome.COMPARABLE, use.c.counted == 0)
        return self._quotas(GapKind.QUOTA_UNUSED).where(sa.or_(use.c.outcome == Outcome.NO_RETURNS, nobody))

    def _quota_exceeded(self) -> sa.Select[Any]:
        quota, use = table(Quota), table(QuotaUtilisation)
        return self._quotas(GapKind.QUOTA_EXCEEDED).where(use.c.remaining < 0, quota.c.operator.in_(_MAXIMA))

    def _quotas(self, kind: GapKind) -> sa.Select[Any]:
        """Quotas whose period has begun, with how far they are used; those of others are never comparable."""
        quota, use, agreement = table(Quota), table(QuotaUtilisation), table(Agreement)
        begun = sa.or_(quota.c.period_start.is_(None), quota.c.period_start <= day_of(self.day))
        kept_for_comparison = sa.exists().where(agreement.c.id == quota.c.agreement_id, agreement.c.comparator)
        columns = _columns(
            kind,
            "Quota",
            quota.c.id,
            quota.c.reference,
            quota.c.country_code,
            places=quota.c.places,
            number=use.c.counted,
        )
        joined = quota.join(use, use.c.quota_id == quota.c.id)
        return columns.select_from(joined).where(begun, sa.not_(kept_for_comparison))

    def _licence_lapsed(self) -> sa.Select[Any]:
        company, licence, later = table(Company), table(Licence), table(Licence).alias("later")
        goes_on = sa.exists().where(
            later.c.company_id == licence.c.company_id,
            later.c.number.is_not_distinct_from(licence.c.number),
            later.c.id != licence.c.id,
            sa.or_(later.c.until_latest.is_(None), later.c.until_latest > licence.c.until_latest),
        )
        lapsed = (
            sa.select(licence.c.company_id, sa.func.max(licence.c.until_latest).label("until"))
            .where(licence.c.state == LicenceState.VALID, licence.c.until_latest < day_of(self.day), sa.not_(goes_on))
            .group_by(licence.c.company_id)
            .subquery("lapsed")
        )
        columns = _columns(
            GapKind.LICENCE_LAPSED,
            "Company",
            company.c.id,
            company.c.reference,
            company.c.country_code,
            until=lapsed.c.until,
        )
        return columns.select_from(company.join(lapsed, lapsed.c.company_id == company.c.id))

    # ── Words ──────────────────────────────────────────────────────────────────────────────────────

    def _unquoted(self) -> sa.Select[Any]:
        citation = table(Citation)
        fact = (citation.c.node, citation.c.node_id, citation.c.subject, citation.c.subject_id)
        silent = sa.select(*fact).group_by(*fact).having(sa.func.count(citation.c.quote) == 0).subquery("silent")
        counted = (
            sa.select(silent.c.node, silent.c.node_id, sa.func.count().label("facts"))
            .group_by(silent.c.node, silent.c.node_id)
            .subquery("counted")
        )
        nodes = sa.union_all(*self._nodes()).subquery("nodes")
        columns = _columns(
            GapKind.UNQUOTED,
            nodes.c.node,
            nodes.c.id,
            nodes.c.reference,
            nodes.c.country_code,
            agreement_id=nodes.c.agreement_id,
            number=counted.c.facts,
        )
        same = sa.and_(counted.c.node == nodes.c.node, counted.c.node_id == nodes.c.id)
        return columns.select_from(nodes.join(counted, same))

    def _nodes(self) -> list[sa.Select[Any]]:
        """Every record that a citation may belong to, as far as it is in lists on the day."""
        agreement, act, engagement = table(Agreement), table(LegalAct), table(Engagement)
        institution, programme, company = table(Institution), table(Programme), table(Company)
        figure, quota = table(Figure), table(Quota)
        destination, taking_part = table(FigureDestination), table(EngagementCountry)
        shown, country, joined = self._shown_agreements(agreement)
        return [
            _node("Agreement", agreement, country, agreement_id=agreement.c.id)
            .select_from(joined(agreement))
            .where(*shown, self._exists(agreement.c.id)),
            _node("LegalAct", act, country, reference=agreement.c.reference, agreement_id=agreement.c.id)
            .select_from(joined(act.join(agreement, agreement.c.id == act.c.agreement_id)))
            .where(*shown, act.c.in_record, self._exists(agreement.c.id)),
            _node("Company", company, company.c.country_code),
            _node("Quota", quota, quota.c.country_code),
            _node("Figure", figure, self._first(destination, destination.c.figure_id == figure.c.id)),
            _node("Engagement", engagement, self._first(taking_part, taking_part.c.engagement_id == engagement.c.id)),
            _node("Institution", institution, institution.c.country_code).where(institution.c.comparator.is_(False)),
            _node("Programme", programme, programme.c.country_code).where(programme.c.comparator.is_(False)),
        ]

    # ── What the selects share ─────────────────────────────────────────────────────────────────────

    def _agreements(
        self, kind: GapKind, *, join: tuple[sa.FromClause, str] | None = None, **details: sa.ColumnElement[Any]
    ) -> sa.Select[Any]:
        agreement = table(Agreement)
        shown, country, joined = self._shown_agreements(agreement)
        rows: sa.FromClause = (
            agreement if join is None else agreement.join(join[0], join[0].c[join[1]] == agreement.c.id)
        )
        columns = _columns(
            kind, "Agreement", agreement.c.id, agreement.c.reference, country, agreement_id=agreement.c.id, **details
        )
        return columns.select_from(joined(rows)).where(*shown)

    def _shown_agreements(
        self, agreement: sa.Table
    ) -> tuple[list[sa.ColumnElement[bool]], sa.ColumnElement[Any], Callable[[sa.FromClause], sa.FromClause]]:
        """Which agreements count, the partner that each row is about, and the join that this needs."""
        shown: list[sa.ColumnElement[bool]] = [agreement.c.comparator.is_(False)]
        if not self.per_country:
            first: sa.ColumnElement[Any] = partner(agreement.c.id, self.home_country)
            return shown, first, lambda rows: rows
        each = partners(self.home_country)
        same = each.c.agreement_id == agreement.c.id
        return shown, each.c.country_code, lambda rows: rows.join(each, same)

    def _countries(self, kind: GapKind) -> sa.Select[Any]:
        country = table(Country)
        nobody = sa.cast(sa.null(), sa.Integer())
        return _columns(kind, "Country", nobody, country.c.code, country.c.code).where(
            country.c.code != self.home_country
        )

    def _certainly(
        self, agreement_id: sa.ColumnElement[int], statuses: Collection[AgreementStatus]
    ) -> sa.ColumnElement[bool]:
        """That every status which the agreement may have on the day is one of these."""
        possible = table(StatusPossibility).alias()
        other = sa.case((possible.c.status.in_(statuses), 0), else_=1)
        certain = (
            sa.select(possible.c.agreement_id).where(runs_on(possible, self.day)).group_by(possible.c.agreement_id)
        )
        return agreement_id.in_(certain.having(sa.func.max(other) == 0))

    def _exists(self, agreement_id: sa.ColumnElement[int]) -> sa.ColumnElement[bool]:
        """That lists on the day hold the agreement."""
        span = table(StatusSpan).alias()
        there = sa.select(span.c.agreement_id).where(runs_on(span, self.day), span.c.status != AgreementStatus.NONE)
        return agreement_id.in_(there)

    def _first(self, countries: sa.Table, condition: sa.ColumnElement[bool]) -> sa.ScalarSelect[str]:
        """The first country of a list other than the home country."""
        return (
            sa.select(countries.c.country_code)
            .where(condition, countries.c.country_code != self.home_country)
            .order_by(countries.c.position)
            .limit(1)
            .scalar_subquery()
        )


def _first_contradiction() -> sa.Select[Any]:
    """For each agreement the first two records of one act that allow no common day, the earlier day first."""
    one, other = table(LegalAct).alias("one"), table(LegalAct).alias("other")
    place = sa.func.row_number().over(partition_by=one.c.agreement_id, order_by=(one.c.id, other.c.id))
    same = sa.and_(
        other.c.agreement_id == one.c.agreement_id,
        other.c.kind == one.c.kind,
        other.c.party_code.is_not_distinct_from(one.c.party_code),
    )
    pairs = (
        sa.select(
            one.c.agreement_id,
            one.c.kind,
            sa.func.coalesce(one.c.effective, one.c.date).label("first"),
            sa.func.coalesce(other.c.effective, other.c.date).label("second"),
            place.label("place"),
        )
        .join_from(one, other, same)
        .where(one.c.kind.in_(_ONCE), one.c.in_record, other.c.in_record)
        .where(_bound(one, "latest") < _bound(other, "earliest"))
        .subquery("pairs")
    )
    return sa.select(pairs).where(pairs.c.place == 1)


def _bound(act: sa.FromClause, end: str) -> sa.ColumnElement[Any]:
    """The earliest or latest day of an act: of its taking effect where that is told."""
    return sa.case((act.c.effective.is_not(None), act.c[f"effective_{end}"]), else_=act.c[f"date_{end}"])


def _node(
    name: str,
    record: sa.Table,
    country_code: sa.ColumnElement[Any],
    *,
    reference: sa.ColumnElement[str] | None = None,
    agreement_id: sa.ColumnElement[int] | None = None,
) -> sa.Select[Any]:
    return sa.select(
        sa.literal(name, sa.String()).label("node"),
        record.c.id.label("id"),
        (record.c.reference if reference is None else reference).label("reference"),
        country_code.label("country_code"),
        (sa.cast(sa.null(), sa.Integer()) if agreement_id is None else agreement_id).label("agreement_id"),
    )


#: What `explain` needs of a gap, and of what type it is.
_DETAILS: dict[str, Any] = {
    "agreement_id": sa.Integer(),
    "status": Coded(AgreementStatus),
    "act": Coded(LegalActKind),
    "first": sa.String(),
    "second": sa.String(),
    "until": sa.Date(),
    "places": sa.Integer(),
    "number": sa.BigInteger(),
}

#: The columns that `explain` reads.
EXPLAINING = ("kind", "country_code", *_DETAILS)


def _columns(
    kind: GapKind,
    subject_type: str | sa.ColumnElement[str],
    subject_id: sa.ColumnElement[Any],
    subject_reference: sa.ColumnElement[str],
    country_code: sa.ColumnElement[Any],
    **details: sa.ColumnElement[Any],
) -> sa.Select[Any]:
    named = sa.literal(subject_type, sa.String()) if isinstance(subject_type, str) else subject_type
    return sa.select(
        sa.literal(list(GapKind).index(kind), sa.Integer()).label("kind_rank"),
        sa.literal(kind, Coded(GapKind)).label("kind"),
        named.label("subject_type"),
        subject_id.label("subject_id"),
        subject_reference.label("subject_reference"),
        country_code.label("country_code"),
        *(details.get(name, sa.cast(sa.null(), type_)).label(name) for name, type_ in _DETAILS.items()),
    )
