"""Agreements: their parties, acts and terms, and the status that follows from them on a day."""

from dataclasses import replace
from datetime import date
from typing import Any

import sqlalchemy as sa
import strawberry
from strawberry import UNSET, auto

from registry import agreements, companies, countries, institutions, sectors, sources
from registry.access import Audience
from registry.agreements import AgreementRelationKind
from registry.agreements import LegalAct as Act
from registry.codes import Language
from registry.dates import BEGINNING, FOREVER
from registry.deadlines import ORDER as DEADLINE_ORDER
from registry.deadlines import deadlines_on
from registry.gaps import ORDER as GAP_ORDER
from registry.gaps import gaps_on
from registry.history import table_behind
from registry.language import render
from registry.statistics import PlacementDimension
from registry.status import AgreementStatus, ForceRule, LegalActKind, Message, Renewal
from schema.changes import Change, history_of
from schema.context import Context, Moment
from schema.dates import UncertainDate
from schema.execution.field import children, cited, computed, declare, localised, through
from schema.execution.source import (
    Column,
    Derived,
    Gathered,
    Link,
    Listed,
    Localised,
    Summary,
    ToMany,
    ToOne,
    Values,
    Worked,
    on_day,
)
from schema.execution.source import UncertainDay as Dated
from schema.listings import COMPANIES, QUOTAS, under
from schema.placements import placements
from schema.references import (
    CitationType,
    CompanyType,
    CountryType,
    DeadlineType,
    GapType,
    InstitutionType,
    PlacementTableType,
    QuotaType,
    SectorType,
    SourceType,
)
from schema.relay import Connection, Node, Shown, node, page, part
from schema.scalars import LanguageTag, Spoken, enum

for kind in (
    AgreementRelationKind,
    Audience,
    ForceRule,
    LegalActKind,
    Renewal,
    agreements.AgreementLevel,
    agreements.Laterality,
):
    enum(kind)


@part(agreements.Party)
class Party(Shown):
    """A party to an instrument."""

    country: CountryType = declare(
        ToOne(countries.Country, "country_code"), "The state that is bound, or whose body or company is."
    )
    institution: InstitutionType | None = declare(
        ToOne(institutions.Institution, "institution_id"), "The body that acts for it; null where no source says."
    )
    company: CompanyType | None = declare(
        ToOne(companies.Company, "company_id"), "Where a company is the party, as in a company contract."
    )
    signatory: auto


@node(agreements.LegalAct)
class LegalAct(Node):
    """Something done to an instrument: a signature, a ratification, a notice."""

    agreement: "Agreement" = declare(ToOne(agreements.Agreement, "agreement_id"), "The instrument it was done to.")
    kind: auto
    party: CountryType | None = declare(
        ToOne(countries.Country, "party_code"), "The party whose act it is; null where it is the act of all."
    )
    date: UncertainDate = declare(Dated("date"), "When it was done.")
    effective: UncertainDate | None = declare(Dated("effective"), "When it takes effect, where that differs.")
    until: UncertainDate | None = declare(Dated("until"), "Where an EXTENDED names its last day.")
    place: auto
    by: auto
    note: auto
    in_record: auto
    citations: list[CitationType] = cited("LegalAct")


@part(agreements.StatusGround)
class StatusReason(Shown):
    """Why an instrument has its status on the legal day."""

    rule: auto
    authority: auto

    @computed("The rule, the acts and the arithmetic, in words.", source=Worked(("explanation",)))
    def explanation(self, language: Spoken = Language.EN) -> str:
        return render([Message.from_json(message) for message in self.row.explanation], language)

    acts: list[LegalAct] = declare(Listed(Act, "acts"), "The acts that the rule rests on.")

    @computed("What the registry would need to know to be sure.", source=Worked(("missing",)))
    def missing(self, language: Spoken = Language.EN) -> list[str]:
        return [render(Message.from_json(message), language) for message in self.row.missing]


@part(agreements.StatusSpan)
class StatusSpan(Shown):
    """A stretch of days, from inclusive to exclusive, through which the status does not change."""

    @computed("First day of the stretch; null for the first one.", name="from", source=Worked(("from_day",)))
    def from_day(self) -> date | None:
        day: date = self.row.from_day
        return None if day == BEGINNING else day

    @computed("First day after the stretch; null for the last one.", source=Worked(("until_day",)))
    def until(self) -> date | None:
        day: date = self.row.until_day
        return None if day == FOREVER else day

    status: auto
    possible_statuses: list[AgreementStatus] = declare(
        Column("possible"), "All statuses it may have; one where it is certain."
    )


def _running(column: str, otherwise: Any = None) -> Derived:
    return replace(_RUNNING, key="agreement_id", take=column, otherwise=otherwise)


_RUNNING = on_day(agreements.RunningTerm, "agreement_id")


@part(agreements.Term)
class Term(Shown):
    """What the text itself says of its beginning, length and end, and the term that runs on the day."""

    force_rule: auto
    force_delay: auto
    force_on_first_of_month: auto
    duration_months: auto
    renewal: auto
    renewal_months: auto
    notice_months: auto

    ends_on: date | None = declare(
        _running("ends_on"), "End of the term that runs on the day; null where none runs or its end is not certain."
    )
    notice_by: date | None = declare(
        _running("notice_by"), "Last day on which notice still prevents the next tacit renewal."
    )
    renewals: int = declare(_running("renewals", 0), "Renewals begun by the day, as far as certain.")


@strawberry.type(description="What one instrument does to another.")
class AgreementRelation(Shown):
    kind: AgreementRelationKind = declare(Column("kind"), "What the acting instrument does to the other.")
    inverse: bool = declare(Column("inverse"), "True where the other instrument is the one that acts on this one.")
    agreement: "Agreement" = declare(ToOne(agreements.Agreement, "other_id"), "The other instrument.")


@part(agreements.Document)
class Document(Shown):
    """A text of an instrument, or one that belongs to it."""

    title: auto
    language: LanguageTag = declare(Column("language"), "Language of the text.")
    authentic: auto
    url: auto
    sha256: auto
    source: SourceType | None = declare(ToOne(sources.Source, "source_id"), "The registry's record of it as a source.")


def _partners(context: Context) -> list[sa.Select[Any]]:
    party = table_behind(agreements.Party)
    pairs = sa.select(party.c.agreement_id.label("parent"), party.c.country_code.label("child")).distinct()
    return [pairs.where(party.c.country_code != context.home)]


def _companies(context: Context) -> list[sa.Select[Any]]:
    return under("agreement_id", "company_id")


def _terms(moment: Moment, context: Context, ids: list[Any]) -> sa.Select[Any]:
    table = table_behind(agreements.Term)
    return sa.select(table).where(table.c.agreement_id.in_(ids))


def _relations(moment: Moment, context: Context, ids: list[Any]) -> sa.Select[Any]:
    table = table_behind(agreements.Relation)
    stated = sa.select(
        table.c.agreement_id.label("parent_key"), table.c.other_id, table.c.kind, sa.literal(False).label("inverse")
    ).where(table.c.agreement_id.in_(ids))
    inverse = sa.select(
        table.c.other_id.label("parent_key"),
        table.c.agreement_id.label("other_id"),
        table.c.kind,
        sa.literal(True).label("inverse"),
    ).where(table.c.other_id.in_(ids))
    both = sa.union_all(stated, inverse).subquery()
    return sa.select(both).order_by(both.c.inverse, both.c.kind, both.c.other_id)


def _deadlines(moment: Moment, context: Context, ids: list[Any]) -> sa.Select[Any]:
    rows = deadlines_on(moment.day, context.home, agreement_ids=ids).subquery()
    return sa.select(rows, rows.c.subject_id.label("parent_key")).order_by(*(rows.c[name] for name in DEADLINE_ORDER))


def _gaps(moment: Moment, context: Context, ids: list[Any]) -> sa.Select[Any]:
    rows = gaps_on(moment.day, context.home, agreement_ids=ids).subquery()
    return sa.select(rows, rows.c.agreement_id.label("parent_key")).order_by(*(rows.c[name] for name in GAP_ORDER))


@node(agreements.Agreement)
class Agreement(Node):
    """An instrument between parties, whatever its name and force."""

    reference: auto
    title: str = localised(
        Localised("title", "title_as_printed"),
        "Title in the language, else as printed; without a language, as printed.",
        UNSET,
    )
    title_as_printed: auto
    title_language: LanguageTag | None = declare(
        Column("title_language"), "Language of the title as printed; null where nobody has said it."
    )
    type: auto
    level: auto
    laterality: auto
    bindingness: auto
    bindingness_reason: auto
    subjects: list[agreements.Subject] = declare(
        Values(ToMany(agreements.AgreementSubject, Link(column="agreement_id"), ("subject",)), "subject"),
        "What it deals with.",
    )
    parties: list[Party] = children(agreements.Party, "agreement_id", "Those between whom it is made.", "position")
    partners: list[CountryType] = declare(
        ToMany(countries.Country, Link(pairs=_partners, child="code"), ("code",)),
        "The parties other than the registry's home country.",
    )
    sectors: list[SectorType] = through(
        sectors.Sector, agreements.AgreementSector, "agreement_id", "sector_code", "Sectors that it covers.", "code"
    )
    beneficiaries: auto
    article_count: auto
    comparator: auto
    audience: auto
    acts: list[LegalAct] = declare(
        ToMany(agreements.LegalAct, Link(column="agreement_id"), ("date_earliest", "date_latest", "id")),
        "What was done to it, oldest first; those withdrawn as mistaken are kept and marked.",
    )
    status: AgreementStatus = declare(
        on_day(agreements.StatusSpan, "agreement_id", "status", total=True),
        "Its state on the legal day; UNKNOWN where more than one is possible.",
    )
    possible_statuses: list[AgreementStatus] = declare(
        on_day(agreements.StatusSpan, "agreement_id", "possible", total=True),
        "More than one where dates are imprecise or sources disagree.",
    )
    status_reason: StatusReason = declare(
        on_day(agreements.StatusGround, "agreement_id", total=True), "Why it has this status on the legal day."
    )
    timeline: list[StatusSpan] = children(
        agreements.StatusSpan,
        "agreement_id",
        "Its status through all days, in stretches that leave no day out.",
        "from_day",
    )
    term: Term | None = declare(
        Derived(agreements.Term, _terms, "agreement_id", holds=lambda rows, moment: ()),
        "What its text says of beginning, length and end; null where nobody has read it.",
    )
    documents: list[Document] = children(agreements.Document, "agreement_id", "Texts that belong to it.", "id")
    quotas: Connection[QuotaType] = page(QUOTAS, "Places that rest on it.", Link(column="agreement_id"))
    companies: Connection[CompanyType] = page(
        COMPANIES, "Partners under it, and companies that are party to it.", Link(pairs=_companies)
    )
    placements: PlacementTableType = placements("People placed under it.", Summary(PlacementDimension.AGREEMENT))
    citations: list[CitationType] = cited("Agreement")
    history: Connection[Change] = history_of("Agreement")
    version: auto

    relations: list[AgreementRelation] = declare(
        Gathered(_relations, ("inverse", "kind", "other_id")), "What it does to other instruments, and they to it."
    )
    deadlines: list[DeadlineType] = declare(
        Gathered(_deadlines, DEADLINE_ORDER), "What falls due under it from the legal day onward, soonest first."
    )
    gaps: list[GapType] = declare(Gathered(_gaps, GAP_ORDER), "What is missing, contradictory or unused about it.")
