"""Agreements are registered and revised, and what is done to them is recorded; their status follows by itself."""

import strawberry
from strawberry import UNSET

from registry import agreements
from registry.access import OFFICIAL, Audience
from registry.agreements import (
    AgreementLevel,
    AgreementRelationKind,
    DocumentStated,
    PartyNamed,
    RelationStated,
    Subject,
    TermStated,
    TitleGiven,
)
from registry.codes import Language
from registry.errors import BadInput
from registry.history import Changes
from registry.status import Bindingness, ForceRule, InstrumentType, LegalActKind, Renewal
from schema.mutations import REASON, VERSION, Payload, asked, meant, named, payload, record
from schema.references import AgreementType, LegalActType
from schema.scalars import EDTF, CountryCode, LanguageTag
from schema.writes.sources import CITATIONS, CitationInput

_SUBJECTS = "Matters that it deals with."
_SECTORS = "Codes of the sectors that it covers."
_PARTIES = "Those between whom it is made, the first named first."
_TITLES = "Its title in some of the languages."
_TERM = "What its text says of beginning, length and end."
_RELATIONS = "What it does to other instruments."
_DOCUMENTS = "Texts that belong to it."


@asked(agreements.Party, becomes=PartyNamed)
class PartyInput:
    """A party to an instrument."""

    country: CountryCode = meant("The state that is bound, or whose body or company is.")
    institution: str | None = meant("Reference of the institution that acts for it.", UNSET)
    company: str | None = meant("Reference of the company, where a company is the party.", UNSET)
    signatory: str | None = UNSET


@asked(becomes=TitleGiven)
class TitleInput:
    """A title in one language; one for each."""

    language: Language = meant("The language that the title is in.")
    title: str = meant("The title as it reads there.")


@asked(agreements.Relation, becomes=RelationStated)
class RelationInput:
    """What one instrument does to another."""

    kind: AgreementRelationKind
    agreement: str = meant("Reference of the other instrument.")


@asked(agreements.Document, becomes=DocumentStated)
class DocumentInput:
    """A text of an instrument, or one that belongs to it."""

    title: str
    language: LanguageTag
    authentic: bool = False
    url: str | None = UNSET
    sha256: str | None = UNSET
    source: str | None = meant("Reference of the source record of this document.", UNSET)


@asked(agreements.Term, becomes=TermStated, in_part=True)
class TermInput:
    """What the text of an instrument says of its beginning, length and end."""

    force_rule: ForceRule = ForceRule.NOT_KNOWN
    force_delay: str | None = UNSET
    force_on_first_of_month: bool = False
    duration_months: int | None = UNSET
    renewal: Renewal = Renewal.NONE
    renewal_months: int | None = UNSET
    notice_months: int | None = UNSET


@asked(agreements.Agreement)
class AgreementRegisterInput:
    """An instrument that enters the registry. Its acts are recorded one by one, by `legalActRecord`."""

    reference: str
    title_as_printed: str
    title_language: LanguageTag | None = UNSET
    titles: list[TitleInput] = meant(_TITLES, [])
    type: InstrumentType
    level: AgreementLevel = AgreementLevel.UNSPECIFIED
    bindingness: Bindingness = Bindingness.UNASSESSED
    bindingness_reason: str | None = UNSET
    parties: list[PartyInput] = meant(_PARTIES)
    subjects: list[Subject] = meant(_SUBJECTS, [])
    sectors: list[str] = meant(_SECTORS, [])
    beneficiaries: list[str] = meant("Groups of people it is for, in the source's words.", [])
    article_count: int | None = UNSET
    term: TermInput | None = meant(_TERM, UNSET)
    relations: list[RelationInput] = meant(_RELATIONS, [])
    documents: list[DocumentInput] = meant(_DOCUMENTS, [])
    comparator: bool = False
    audience: Audience = meant("Whom it may be shown to; left out, the public does not see it.", OFFICIAL)
    citations: list[CitationInput] = meant(CITATIONS)
    reason: str = REASON


@asked(agreements.Agreement)
class AgreementReviseInput:
    """What changes about an instrument: a field left out stays as it is, null clears it, a list replaces the list."""

    reference: str = meant("Which instrument, by its reference.")
    expected_version: int = VERSION
    title_as_printed: str | None = UNSET
    title_language: LanguageTag | None = UNSET
    titles: list[TitleInput] | None = meant(_TITLES, UNSET)
    type: InstrumentType | None = UNSET
    level: AgreementLevel | None = UNSET
    bindingness: Bindingness | None = UNSET
    bindingness_reason: str | None = UNSET
    parties: list[PartyInput] | None = meant(_PARTIES, UNSET)
    subjects: list[Subject] | None = meant(_SUBJECTS, UNSET)
    sectors: list[str] | None = meant(_SECTORS, UNSET)
    beneficiaries: list[str] | None = UNSET
    article_count: int | None = UNSET
    term: TermInput | None = meant(
        f"{_TERM} What is left out of it stays as it is too: defaults are for what was not stated before.", UNSET
    )
    relations: list[RelationInput] | None = meant(_RELATIONS, UNSET)
    documents: list[DocumentInput] | None = meant(_DOCUMENTS, UNSET)
    comparator: bool | None = UNSET
    audience: Audience | None = UNSET
    citations: list[CitationInput] | None = meant(CITATIONS, UNSET)
    reason: str = REASON


@asked(agreements.LegalAct)
class LegalActRecordInput:
    """Something done to an instrument: a signature, a ratification, a notice."""

    agreement: str = meant("Reference of the instrument.")
    kind: LegalActKind
    date: EDTF
    effective: EDTF | None = UNSET
    until: EDTF | None = UNSET
    party: CountryCode | None = UNSET
    place: str | None = UNSET
    by: str | None = UNSET
    note: str | None = UNSET
    citations: list[CitationInput] = meant(CITATIONS)
    reason: str = REASON


@asked()
class LegalActWithdrawInput:
    """An act that was recorded by mistake."""

    id: strawberry.ID = meant("Id of the act, from an answer.")
    reason: str = REASON


@payload
class AgreementPayload(Payload):
    """What became of an instrument that was to be entered or revised."""

    agreement: AgreementType | None = record(agreements.Agreement, "The instrument; null where it was refused.")


@payload
class LegalActPayload(Payload):
    """What became of an act that was to be recorded or withdrawn."""

    act: LegalActType | None = record(agreements.LegalAct, "The act; null where it was refused.")
    agreement: AgreementType | None = record(
        agreements.Agreement, "Its instrument, with the status that follows now; null where the act was refused."
    )


def withdraw_act(changes: Changes, id: str) -> agreements.LegalAct:
    """Takes the act that an id names out of the record."""
    kind, key = named(id)
    if kind is not agreements.LegalAct:
        message, hint = "This is not the id of an act.", "Give the id of an act of an agreement."
        raise BadInput(message, path=("id",), hint=hint)
    return agreements.withdraw_act(changes, act_id=key)
