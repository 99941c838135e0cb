"""The tables of instruments: what is recorded of them, and what is derived from it."""

from collections.abc import Iterator, Sequence
from datetime import date as Day
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlmodel import Session

from registry import countries, inputs
from registry import sectors as industries
from registry.access import OFFICIAL, PUBLIC, Audience
from registry.codes import Code, DeadlineKind
from registry.history import Record, Row, column
from registry.search import Findable, SearchKind, enter, in_all_languages, parts, some, spoken
from registry.status import AgreementStatus, Bindingness, ForceRule, InstrumentType, LegalActKind, Renewal

T = TypeVar("T", bound=Row)


class AgreementLevel(Code):
    """Between whom an instrument is concluded."""

    INTERSTATE = "INTERSTATE", "Between states."
    INTERGOVERNMENTAL = "INTERGOVERNMENTAL", "Between governments."
    INTERAGENCY = "INTERAGENCY", "Between ministries or agencies."
    COMPANY = "COMPANY", "With a company."
    UNSPECIFIED = "UNSPECIFIED", "No source says."


class Laterality(Code):
    """How many parties an instrument has."""

    BILATERAL = "BILATERAL", "Two parties, or fewer on record."
    PLURILATERAL = "PLURILATERAL", "A closed circle of more than two parties."
    MULTILATERAL = "MULTILATERAL", "Open to many; the registry records some of the parties only."


class Subject(Code):
    """A matter that an instrument deals with."""

    LABOUR_MIGRATION = "LABOUR_MIGRATION", "Work abroad, and how people are recruited for it."
    MIGRANT_RIGHTS = "MIGRANT_RIGHTS", "Rights of migrants and their families."
    SOCIAL_SECURITY = "SOCIAL_SECURITY", "Social insurance, pensions and their transfer."
    SKILLS_RECOGNITION = "SKILLS_RECOGNITION", "Recognition of skills and qualifications."
    VOCATIONAL_TRAINING = "VOCATIONAL_TRAINING", "Vocational education and training."
    STUDENT_MOBILITY = "STUDENT_MOBILITY", "Mobility of students and researchers."
    HEALTH_PROFESSIONALS = "HEALTH_PROFESSIONALS", "Recruitment of health professionals."
    IRREGULAR_MIGRATION = "IRREGULAR_MIGRATION", "Prevention of irregular migration."
    READMISSION = "READMISSION", "Return and readmission."
    CONSULAR_PROTECTION = "CONSULAR_PROTECTION", "Consular protection of citizens abroad."
    VISAS = "VISAS", "Visas and entry."
    TRADE = "TRADE", "Trade in goods and services."
    TRANSPORT = "TRANSPORT", "Transport by air, rail, road or water."
    MINERALS = "MINERALS", "Extraction of minerals."
    HUMAN_RIGHTS = "HUMAN_RIGHTS", "Human rights in general."
    OTHER = "OTHER", "Something else."


#: The subjects that make an instrument one about labour: work abroad, and the rights of those who work there.
ABOUT_LABOUR = (Subject.LABOUR_MIGRATION, Subject.MIGRANT_RIGHTS)


class AgreementRelationKind(Code):
    """What one instrument does to another."""

    AMENDS = "AMENDS", "Changes its text."
    SUPPLEMENTS = "SUPPLEMENTS", "Adds to it."
    IMPLEMENTS = "IMPLEMENTS", "Carries it out."
    REPLACES = "REPLACES", "Takes its place."
    EXTENDS = "EXTENDS", "Prolongs it."
    BASED_ON = "BASED_ON", "Rests on it."
    SAME_SUBJECT = "SAME_SUBJECT", "Deals with the same subject (VCLT art. 30)."


class Agreement(Record, table=True):
    """An instrument between parties, whatever its name and force."""

    reference: str = column("Stable, readable, unique; used in addresses and imports.", PUBLIC, unique=True)
    title_as_printed: str = column("Title, or the words a source uses for it where it gives no title.", PUBLIC)
    title_language: str | None = column(
        "Language of the title as printed, as a BCP 47 tag; null where nobody has said it.", PUBLIC, default=None
    )
    title_en: str | None = column("Title in English.", PUBLIC, default=None)
    title_ru: str | None = column("Title in Russian.", PUBLIC, default=None)
    title_uz: str | None = column("Title in Uzbek, Latin script.", PUBLIC, default=None)
    title_uz_cyrl: str | None = column("Title in Uzbek, Cyrillic script.", PUBLIC, default=None)
    type: InstrumentType = column("What kind of instrument it is.", PUBLIC, kind=InstrumentType, index=True)
    level: AgreementLevel = column(
        "Between whom it is concluded.", PUBLIC, kind=AgreementLevel, default=AgreementLevel.UNSPECIFIED
    )
    laterality: Laterality = column(
        "How many parties it has. Derived.", PUBLIC, kind=Laterality, default=Laterality.BILATERAL, logged=False
    )
    bindingness: Bindingness = column(
        "Whether it binds: assessed by someone, or unassessed.",
        PUBLIC,
        kind=Bindingness,
        default=Bindingness.UNASSESSED,
        index=True,
    )
    bindingness_reason: str | None = column("Who assessed it, and why so.", PUBLIC, default=None)
    beneficiaries: list[str] = column(
        "Groups of people it is for, in the source's words.", PUBLIC, kind=sa.JSON, default_factory=list
    )
    article_count: int | None = column("Number of its articles; null where no source says.", PUBLIC, default=None)
    comparator: bool = column(
        "True for an instrument of other countries kept for comparison; left out of lists and totals unless asked for.",
        PUBLIC,
        default=False,
    )
    audience: Audience = column("Whom it may be shown to.", PUBLIC, kind=Audience, default=OFFICIAL)
    version: int = column("Counts the changes to this record; send it back as expectedVersion.", PUBLIC, default=1)
    signed_earliest: Day = column(
        "First day it may have been signed by all; the last of days where no signature is on record. Derived.",
        PUBLIC,
        default=Day.max,
        index=True,
        logged=False,
    )
    signed_latest: Day = column(
        "Last day it may have been signed by all; the first of days where no signature is on record. Derived.",
        PUBLIC,
        default=Day.min,
        logged=False,
    )
    force_earliest: Day = column(
        "First day it may have begun to be in force or operative; the last of days where none is known. Derived.",
        PUBLIC,
        default=Day.max,
        index=True,
        logged=False,
    )
    force_latest: Day = column(
        "Last day it may have begun to be in force or operative; the first of days where none is known. Derived.",
        PUBLIC,
        default=Day.min,
        logged=False,
    )
    exists_from: Day | None = column(
        "First day on which its status is not NONE; null where there is none. Derived.",
        PUBLIC,
        default=None,
        logged=False,
    )
    sort_key: str = column("Title, folded for ordering. Derived.", PUBLIC, default="", index=True, logged=False)
    text_key: str = column("Reference and titles, folded for finding. Derived.", PUBLIC, default="", logged=False)

    @classmethod
    def follow(cls, session: Session, keys: Sequence[str]) -> None:
        """Lets instruments be found by their titles, kind, matters, sectors and the countries of their parties."""
        enter(session, SearchKind.AGREEMENT, keys, _findable(session, keys))


class Party(Row, table=True):
    """A party to an instrument."""

    __tablename__ = "agreement_party"
    __told_apart_by__ = ("country_code", "institution_id", "company_id")
    __table_args__ = (sa.Index("ix_agreement_party_of_country", "country_code", "agreement_id"),)

    agreement_id: int = column("The instrument.", PUBLIC, references="agreement.id", primary_key=True)
    position: int = column("Place among the parties, from 0.", PUBLIC, primary_key=True)
    country_code: str = column("The country.", PUBLIC, references="country.code")
    institution_id: int | None = column(
        "The institution that acts for it.", PUBLIC, references="institution.id", default=None, index=True
    )
    company_id: int | None = column(
        "The company, where a company is the party.", PUBLIC, references="company.id", default=None, index=True
    )
    signatory: str | None = column("Who signed for it, as the source names them.", PUBLIC, default=None)


class AgreementSubject(Row, table=True):
    """A matter that an instrument deals with."""

    __tablename__ = "agreement_subject"

    agreement_id: int = column("The instrument.", PUBLIC, references="agreement.id", primary_key=True)
    subject: Subject = column("The matter.", PUBLIC, kind=Subject, primary_key=True, index=True)


class AgreementSector(Row, table=True):
    """A sector that an instrument covers."""

    __tablename__ = "agreement_sector"

    agreement_id: int = column("The instrument.", PUBLIC, references="agreement.id", primary_key=True)
    sector_code: str = column("The sector.", PUBLIC, references="sector.code", primary_key=True, index=True)


class LegalAct(Record, table=True):
    """Something done to an instrument: a signature, a ratification, a notice."""

    __belongs_to__ = "agreement_id"

    agreement_id: int = column("The instrument.", PUBLIC, references="agreement.id", index=True)
    kind: LegalActKind = column("What was done.", PUBLIC, kind=LegalActKind)
    party_code: str | None = column(
        "The party whose act it is; null where it is the act of all.", PUBLIC, references="country.code", default=None
    )
    date: str = column("When it was done, in EDTF.", PUBLIC)
    date_earliest: Day | None = column("First day it may have been done on; null is open.", PUBLIC, default=None)
    date_latest: Day | None = column("Last day it may have been done on; null is open.", PUBLIC, default=None)
    effective: str | None = column("When it takes effect, in EDTF, where that differs.", PUBLIC, default=None)
    effective_earliest: Day | None = column("First day it may take effect on.", PUBLIC, default=None)
    effective_latest: Day | None = column("Last day it may take effect on.", PUBLIC, default=None)
    until: str | None = column("Last day that an extension names, in EDTF.", PUBLIC, default=None)
    until_earliest: Day | None = column("First day that last day may be.", PUBLIC, default=None)
    until_latest: Day | None = column("Last day that last day may be.", PUBLIC, default=None)
    place: str | None = column("Where it was done.", PUBLIC, default=None)
    by: str | None = column("Who did it, as the source names them.", PUBLIC, default=None)
    note: str | None = column("Remark.", PUBLIC, default=None)
    in_record: bool = column("False once withdrawn as mistaken; the log keeps it.", PUBLIC, default=True)


class Term(Row, table=True):
    """What the text of an instrument says of its beginning, length and end."""

    __tablename__ = "agreement_term"

    agreement_id: int = column("The instrument.", PUBLIC, references="agreement.id", primary_key=True)
    force_rule: ForceRule = column(
        "How the text says it enters into force.", PUBLIC, kind=ForceRule, default=ForceRule.NOT_KNOWN
    )
    force_delay: str | None = column(
        "ISO 8601 duration between the event and entry into force, such as P30D.", PUBLIC, default=None
    )
    force_on_first_of_month: bool = column(
        "True where force begins on the first day of the month after the delay.", PUBLIC, default=False
    )
    duration_months: int | None = column(
        "Length of the first term in months; null where it runs until ended.", PUBLIC, default=None
    )
    renewal: Renewal = column("What happens when the first term ends.", PUBLIC, kind=Renewal, default=Renewal.NONE)
    renewal_months: int | None = column(
        "Length of each renewal in months; null where it is that of the first term.", PUBLIC, default=None
    )
    notice_months: int | None = column(
        "Months of notice that the text asks for; null where it says none.", PUBLIC, default=None
    )


class Relation(Row, table=True):
    """What one instrument does to another."""

    __tablename__ = "agreement_relation"

    agreement_id: int = column("The instrument that acts.", PUBLIC, references="agreement.id", primary_key=True)
    kind: AgreementRelationKind = column("What it does.", PUBLIC, kind=AgreementRelationKind, primary_key=True)
    other_id: int = column(
        "The instrument it acts on.", PUBLIC, references="agreement.id", primary_key=True, index=True
    )


class Document(Record, table=True):
    """A text of an instrument, or one that belongs to it."""

    __part_of__ = "agreement_id"

    agreement_id: int = column("The instrument.", PUBLIC, references="agreement.id", index=True)
    title: str = column("Title as the document gives it.", PUBLIC)
    language: str = column("Its language, as a BCP 47 tag.", PUBLIC)
    authentic: bool = column("True where the instrument declares this text authentic.", PUBLIC, default=False)
    url: str | None = column("Address it was found at.", PUBLIC, default=None)
    sha256: str | None = column("SHA-256 of the document as held, in hexadecimal.", PUBLIC, default=None)
    source_id: int | None = column(
        "The source record of this document.", PUBLIC, references="source.id", default=None, index=True
    )


class StatusSpan(Row, table=True):
    """Days through which the status does not change; the stretches of an instrument partition all days. Derived."""

    __logged__ = False
    __tablename__ = "status_span"
    __table_args__ = (
        sa.Index("ix_status_span_day", "agreement_id", "from_day", "until_day"),
        sa.Index("ix_status_span_status", "status", "from_day", "until_day"),
    )

    agreement_id: int = column("The instrument.", PUBLIC, references="agreement.id", primary_key=True)
    from_day: Day = column(
        "First day of the stretch; the first of days stands for an open beginning.", PUBLIC, primary_key=True
    )
    until_day: Day = column("First day after the stretch; the last of days stands for an open end.", PUBLIC)
    status: AgreementStatus = column(
        "The status; UNKNOWN where more than one is possible.", PUBLIC, kind=AgreementStatus
    )
    possible: list[str] = column("The possible statuses.", PUBLIC, kind=sa.JSON)


class StatusPossibility(Row, table=True):
    """A status that an instrument may have through a stretch of days. Derived."""

    __logged__ = False
    __tablename__ = "status_possibility"
    __table_args__ = (sa.Index("ix_status_possibility_status", "status", "from_day", "until_day"),)

    agreement_id: int = column("The instrument.", PUBLIC, references="agreement.id", primary_key=True)
    from_day: Day = column("First day of the stretch.", PUBLIC, primary_key=True)
    status: AgreementStatus = column("The status it may have.", PUBLIC, kind=AgreementStatus, primary_key=True)
    until_day: Day = column("First day after the stretch.", PUBLIC)


class StatusGround(Row, table=True):
    """Why an instrument has its status through a stretch of days; finer than the spans. Derived."""

    __logged__ = False
    __tablename__ = "status_ground"

    agreement_id: int = column("The instrument.", PUBLIC, references="agreement.id", primary_key=True)
    from_day: Day = column("First day of the stretch.", PUBLIC, primary_key=True)
    until_day: Day = column("First day after the stretch.", PUBLIC)
    rule: str = column("Short stable code of the rule that decided.", PUBLIC)
    authority: str = column("The clause or article the rule rests on.", PUBLIC)
    explanation: list[dict[str, Any]] = column(
        "Sentences that explain it, as messages with their values.", PUBLIC, kind=sa.JSON
    )
    acts: list[int] = column("Ids of the acts that the rule used.", PUBLIC, kind=sa.JSON)
    missing: list[dict[str, Any]] = column(
        "What the registry would need to know to be sure, as messages with their values.", PUBLIC, kind=sa.JSON
    )


class RunningTerm(Row, table=True):
    """The term that runs through a stretch of days, up to the horizon of `registry.status`. Derived."""

    __logged__ = False
    __tablename__ = "running_term"

    agreement_id: int = column("The instrument.", PUBLIC, references="agreement.id", primary_key=True)
    from_day: Day = column("First day of the stretch.", PUBLIC, primary_key=True)
    until_day: Day = column("First day after the stretch.", PUBLIC)
    ends_on: Day | None = column(
        "End of the term that runs; null where none runs or the possible days disagree.",
        PUBLIC,
        default=None,
        index=True,
    )
    notice_by: Day | None = column(
        "Last day on which notice still prevents the next tacit renewal.", PUBLIC, default=None, index=True
    )
    renewals: int = column("Renewals begun so far, as far as certain.", PUBLIC, default=0)


class AgreementDue(Record, table=True):
    """A day on which something falls due under an instrument, up to the horizon of `registry.status`. Derived."""

    __logged__ = False
    __tablename__ = "agreement_due"
    # What is shown of a day is told by the index alone: of terms that go on by themselves most are yet to begin.
    __table_args__ = (
        sa.Index("ix_agreement_due_day", "due", "current_from", "known_from", "known_until", "agreement_id"),
    )

    agreement_id: int = column("The instrument.", PUBLIC, references="agreement.id", index=True)
    kind: DeadlineKind = column("What falls due.", PUBLIC, kind=DeadlineKind)
    due: Day = column("The day it falls due.", PUBLIC)
    known_from: Day = column("First legal day on which it may be shown.", PUBLIC)
    known_until: Day | None = column(
        "First legal day on which an act has changed it; null where it stands.", PUBLIC, default=None
    )
    current_from: Day = column(
        "First legal day on which it is shown without a range: that of the term it ends, or after the last notice.",
        PUBLIC,
    )
    explanation: list[dict[str, Any]] = column(
        "Sentences that explain it, as messages with their values.", PUBLIC, kind=sa.JSON
    )


def _findable(session: Session, ids: Sequence[str]) -> Iterator[Findable]:
    numbers = [int(key) for key in ids]
    parties = parts(session, Party, "agreement_id", numbers)
    matters = parts(session, AgreementSubject, "agreement_id", numbers)
    sectors = parts(session, AgreementSector, "agreement_id", numbers)
    places, branches = countries.called(session), industries.called(session)
    for one in some(session, Agreement, ids):
        number = inputs.key(one)
        yield Findable(
            number,
            [one.title_as_printed, *in_all_languages(one, "title"), one.reference],
            [
                *spoken([one.type, *(matter.subject for matter in matters[number])]),
                *places.of(*(party.country_code for party in parties[number])),
                *branches.of(*(sector.sector_code for sector in sectors[number])),
                *one.beneficiaries,
            ],
            one.comparator,
        )
