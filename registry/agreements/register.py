"""How instruments enter the registry and how their life is recorded.

Every function that changes acts, terms, parties, type or bindingness has what follows from them derived anew.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlmodel import select

from registry import inputs
from registry.access import OFFICIAL, Audience
from registry.agreements.derivation import derive
from registry.agreements.tables import (
    Agreement,
    AgreementLevel,
    AgreementRelationKind,
    AgreementSector,
    AgreementSubject,
    Document,
    LegalAct,
    Party,
    Relation,
    Subject,
    Term,
)
from registry.codes import Language
from registry.dates import parse_duration
from registry.errors import BadInput, Conflict, NotFound
from registry.history import Changes
from registry.sources import Cited, cite
from registry.status import Bindingness, InstrumentType, LegalActKind, Terms


@dataclass(frozen=True)
class PartyNamed:
    """A party by its country, and the reference of the institution that acts for it, or of the company that it is."""

    country: str
    institution: str | None = None
    company: str | None = None
    signatory: str | None = None


@dataclass(frozen=True)
class RelationStated:
    """What the instrument does to another, named by its reference."""

    kind: AgreementRelationKind
    agreement: str


@dataclass(frozen=True)
class DocumentStated:
    """A text of the instrument; `source` is the reference of the source record of the same document."""

    title: str
    language: str
    authentic: bool = False
    url: str | None = None
    sha256: str | None = None
    source: str | None = None


def register(
    changes: Changes,
    *,
    reference: str,
    title_as_printed: str,
    type: InstrumentType,
    parties: Sequence[PartyNamed],
    citations: Sequence[Cited],
    titles: Mapping[Language, str] | None = None,
    level: AgreementLevel = AgreementLevel.UNSPECIFIED,
    bindingness: Bindingness = Bindingness.UNASSESSED,
    bindingness_reason: str | None = None,
    subjects: Sequence[Subject] = (),
    sectors: Sequence[str] = (),
    beneficiaries: Sequence[str] = (),
    article_count: int | None = None,
    term: Terms | None = None,
    relations: Sequence[RelationStated] = (),
    documents: Sequence[DocumentStated] = (),
    comparator: bool = False,
    audience: Audience = OFFICIAL,
) -> Agreement:
    """Enters an instrument, with its parties, terms, relations and documents, and derives its status.

    Raises `Conflict` where the reference is taken, `NotFound`, `BadInput` or `Unsourced`.
    """
    agreement: Agreement = changes.add(
        Agreement(
            reference=inputs.new_reference(changes, "agreement", reference),
            title_as_printed=inputs.words(title_as_printed, "titleAsPrinted"),
            **_title_columns(titles or {}),
            type=type,
            level=level,
            bindingness=bindingness,
            bindingness_reason=bindingness_reason,
            beneficiaries=inputs.short(beneficiaries, "beneficiaries"),
            article_count=inputs.number_within(article_count, 1, 10_000, "articleCount"),
            comparator=comparator,
            audience=audience,
        )
    )
    agreement_id = inputs.key(agreement)
    _add_parties(changes, agreement_id, parties)
    _add_matters(changes, agreement_id, subjects, sectors)
    if term is not None:
        changes.add(Term(agreement_id=agreement_id, **_term_columns(term)))
    _add_relations(changes, agreement_id, relations)
    for place, document in enumerate(inputs.short(documents, "documents")):
        _add_document(changes, agreement_id, document, "documents", str(place))
    cite(changes, agreement, citations)
    derive(changes.session, [agreement_id])
    return agreement


def record_act(
    changes: Changes,
    *,
    agreement: str,
    kind: LegalActKind,
    date: str,
    citations: Sequence[Cited],
    effective: str | None = None,
    until: str | None = None,
    party: str | None = None,
    place: str | None = None,
    by: str | None = None,
    note: str | None = None,
) -> LegalAct:
    """Records what was done to the instrument of that reference; days in EDTF, `party` a country code, null for all.

    Raises `NotFound`, `Unsourced`, or `BadInput`, also where the party is none of those on record.
    """
    instrument = _instrument(changes, agreement, "agreement")
    inputs.room(changes, "legalact", "agreement_id", instrument.id, "agreement")
    act: LegalAct = changes.add(
        LegalAct(
            agreement_id=inputs.key(instrument),
            kind=kind,
            party_code=None if party is None else _party_on_record(changes, instrument, kind, party),
            place=place,
            by=by,
            note=note,
            **inputs.dated("date", date),
            **inputs.dated("effective", effective),
            **inputs.dated("until", until),
        )
    )
    cite(changes, act, citations)
    derive(changes.session, [act.agreement_id])
    return act


def withdraw_act(changes: Changes, *, act_id: int) -> LegalAct:
    """Takes a mistaken act out of the record; it is kept, and counts no more. Raises `NotFound` or `Conflict`."""
    act = changes.session.get(LegalAct, act_id)
    if act is None:
        raise NotFound("No such act is on record.", path=("id",), hint="Give the id of an act of an agreement.")
    if not act.in_record:
        raise Conflict("The act has been withdrawn already.", path=("id",))
    act.in_record = False
    derive(changes.session, [act.agreement_id])
    return act


def relate(changes: Changes, *, agreement: str, relations: Sequence[RelationStated]) -> Agreement:
    """Adds what the instrument of that reference does to others. Raises `NotFound` or `BadInput`."""
    instrument = _instrument(changes, agreement, "agreement")
    _add_relations(changes, inputs.key(instrument), relations)
    instrument.version += 1
    changes.session.flush()
    return instrument


def attach_document(
    changes: Changes,
    *,
    agreement: str,
    title: str,
    language: str,
    authentic: bool = False,
    url: str | None = None,
    sha256: str | None = None,
    source: str | None = None,
) -> Document:
    """Attaches a text to the instrument of that reference. Raises `NotFound` or `BadInput`."""
    instrument = _instrument(changes, agreement, "agreement")
    inputs.room(changes, "document", "agreement_id", instrument.id, "agreement")
    document = _add_document(
        changes,
        inputs.key(instrument),
        DocumentStated(title, language, authentic, url=url, sha256=sha256, source=source),
    )
    instrument.version += 1
    changes.session.flush()
    return document


def _instrument(changes: Changes, reference: str, *path: str) -> Agreement:
    return changes.session.get_one(Agreement, inputs.id_of(changes, "agreement", reference, *path))


def _title_columns(titles: Mapping[Language, str]) -> dict[str, Any]:
    return {f"title_{language.suffix}": title for language, title in titles.items()}


def _add_parties(changes: Changes, agreement_id: int, parties: Sequence[PartyNamed]) -> None:
    for position, party in enumerate(inputs.short(parties, "parties")):
        path = ("parties", str(position))
        changes.add(
            Party(
                agreement_id=agreement_id,
                position=position,
                country_code=inputs.code_of(changes, "country", party.country, *path, "country"),
                institution_id=inputs.id_or_none(changes, "institution", party.institution, *path, "institution"),
                company_id=inputs.id_or_none(changes, "company", party.company, *path, "company"),
                signatory=party.signatory,
            )
        )


def _add_matters(changes: Changes, agreement_id: int, subjects: Sequence[Subject], sectors: Sequence[str]) -> None:
    for subject in inputs.short(subjects, "subjects"):
        changes.add(AgreementSubject(agreement_id=agreement_id, subject=subject))
    for place, sector in enumerate(inputs.short(sectors, "sectors")):
        code = inputs.code_of(changes, "sector", sector, "sectors", str(place))
        changes.add(AgreementSector(agreement_id=agreement_id, sector_code=code))


_LONGEST_TERM = 1_200  # months: a century


def _term_columns(term: Terms) -> dict[str, Any]:
    if term.force_delay is not None:
        try:
            parse_duration(term.force_delay)
        except BadInput as refused:
            raise BadInput(refused.message, path=("term", "forceDelay"), hint=refused.hint) from None
    for name, least in (("duration_months", 1), ("renewal_months", 1), ("notice_months", 0)):
        field = name.replace("_m", "M")
        inputs.number_within(getattr(term, name), least, _LONGEST_TERM, "term", field)
    return vars(term)


def _add_relations(changes: Changes, agreement_id: int, relations: Sequence[RelationStated]) -> None:
    for place, relation in enumerate(inputs.short(relations, "relations")):
        path = ("relations", str(place), "agreement")
        other_id = inputs.id_of(changes, "agreement", relation.agreement, *path)
        if other_id == agreement_id:
            raise BadInput("An instrument does nothing to itself.", path=path, hint="Name another instrument.")
        row = Relation(agreement_id=agreement_id, kind=relation.kind, other_id=other_id)
        if changes.session.get(Relation, (agreement_id, relation.kind, other_id)) is None:
            changes.add(row)


def _add_document(changes: Changes, agreement_id: int, stated: DocumentStated, *path: str) -> Document:
    document: Document = changes.add(
        Document(
            agreement_id=agreement_id,
            title=inputs.words(stated.title, *path, "title"),
            language=inputs.language_tag(stated.language, *path, "language"),
            authentic=stated.authentic,
            url=inputs.address(stated.url, *path, "url"),
            sha256=inputs.digest(stated.sha256, *path, "sha256"),
            source_id=inputs.id_or_none(changes, "source", stated.source, *path, "source"),
        )
    )
    return document


_JOINS = (LegalActKind.ACCESSION, LegalActKind.SUCCESSION)


def _party_on_record(changes: Changes, agreement: Agreement, kind: LegalActKind, country: str) -> str:
    """The code of a party of the instrument; where the registry may not know all parties, that of any country."""
    code = inputs.code_of(changes, "country", country, "party")
    parties = set(changes.session.exec(select(Party.country_code).where(Party.agreement_id == agreement.id)))
    all_known = len(parties) > 1 and agreement.type is not InstrumentType.MULTILATERAL_INSTRUMENT
    if all_known and kind not in _JOINS and code not in parties:
        hint = f"Its parties are {', '.join(sorted(parties))}."
        raise BadInput(f"{code} is no party to {agreement.reference}.", path=("party",), hint=hint)
    return code
