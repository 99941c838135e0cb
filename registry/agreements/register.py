"""How instruments enter the registry and are revised, with all that is stated of them but their acts.

Whatever is said is checked as a whole before any of it is written; afterwards what follows from it is derived anew.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, TypedDict, Unpack

from sqlmodel import select

from registry import inputs, utilisation
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
from registry.errors import BadInput, Conflict
from registry.history import Changes, Row
from registry.lists import replace
from registry.sources import Cited, Words, check_words, cite, recite
from registry.status import Bindingness, InstrumentType, LegalActKind, Terms


@dataclass(frozen=True)
class TitleGiven:
    """A title in a language."""

    language: Language
    title: str


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


@dataclass(frozen=True)
class TermStated(Terms):
    """A term of which only the fields in `said` are stated: in a revision the others stay as they are."""

    said: frozenset[str] = frozenset()


class AgreementRevised(TypedDict, total=False):
    """What a revision says of an instrument: what it leaves out stays, None clears, a list replaces the list.

    The list is what whoever revises may see of it: relations to instruments hidden from them stay.
    `Terms` are those of the whole text, and `TermStated` revises some of them.
    """

    title_as_printed: str | None
    title_language: str | None
    titles: Sequence[TitleGiven] | None
    type: InstrumentType | None
    level: AgreementLevel | None
    bindingness: Bindingness | None
    bindingness_reason: str | None
    parties: Sequence[PartyNamed] | None
    subjects: Sequence[Subject] | None
    sectors: Sequence[str] | None
    beneficiaries: Sequence[str] | None
    article_count: int | None
    term: Terms | None
    relations: Sequence[RelationStated] | None
    documents: Sequence[DocumentStated] | None
    comparator: bool | None
    audience: Audience | None
    citations: Sequence[Cited] | None


def register(
    changes: Changes,
    *,
    reference: str,
    title_as_printed: str,
    type: InstrumentType,
    parties: Sequence[PartyNamed],
    citations: Sequence[Cited],
    title_language: str | None = None,
    titles: Sequence[TitleGiven] = (),
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

    Refuses with `Conflict` where the reference is taken, `NotFound`, `BadInput` or `Unsourced`.
    """
    said = {name: value for name, value in locals().items() if name not in ("changes", "reference")}
    with inputs.checked():
        free = inputs.new_reference(changes, "agreement", reference)
        stated = _checked(changes, said)
    agreement = Agreement(reference=free, **stated.columns)
    changes.add(agreement)
    for kind, rows in stated.parts.items():
        for columns in rows:
            changes.add(kind(**{"agreement_id": agreement.id} | columns))
    cite(changes, agreement, stated.words or [])
    derive(changes.session, [inputs.key(agreement)])
    return agreement


def revise(
    changes: Changes, *, reference: str, expected_version: int, **revised: Unpack[AgreementRevised]
) -> Agreement:
    """Revises the instrument of that reference, and derives its status anew.

    Refuses with `Conflict` where it is not at `expected_version` any more, or an act on record is that of a country
    that would be no party; and as `register` does.
    """
    with inputs.checked():
        agreement_id = inputs.id_of(changes, "agreement", reference, "reference")
        inputs.check_something(revised)
        inputs.check_version(changes, Agreement, agreement_id, expected_version)
        stated = _checked(changes, revised, agreement_id)
        _check_that_acts_keep_their_party(changes, agreement_id, revised)
    agreement = changes.session.get_one(Agreement, agreement_id)
    shown_to = agreement.audience
    for name, value in stated.columns.items():
        setattr(agreement, name, value)
    agreement.version += 1
    for kind, rows in stated.parts.items():
        replace(changes, kind, {"agreement_id": agreement_id}, rows, by=_MATCHED_BY[kind])
    if stated.words is not None:
        recite(changes, agreement, stated.words)
    derive(changes.session, [agreement_id])
    if agreement.audience is not shown_to:
        utilisation.derive_under(changes.session, [agreement_id])
    return agreement


def relate(changes: Changes, *, agreement: str, relations: Sequence[RelationStated]) -> Agreement:
    """Adds what the instrument of that reference does to others. Refuses with `NotFound` or `BadInput`."""
    with inputs.checked():
        agreement_id = inputs.id_of(changes, "agreement", agreement, "agreement")
        rows = _relations(changes, relations, agreement_id)
    for row in rows:
        if changes.session.get(Relation, (agreement_id, row["kind"], row["other_id"])) is None:
            changes.add(Relation(agreement_id=agreement_id, **row))
    return changed(changes, agreement_id)


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
    """Attaches a text to the instrument of that reference. Refuses with `NotFound` or `BadInput`."""
    with inputs.checked():
        agreement_id = inputs.id_of(changes, "agreement", agreement, "agreement")
        inputs.room(changes, "document", "agreement_id", agreement_id, "agreement")
        columns = _document(changes, DocumentStated(title, language, authentic, url, sha256, source))
    document: Document = changes.add(Document(agreement_id=agreement_id, **columns))
    changed(changes, agreement_id)
    return document


def changed(changes: Changes, agreement_id: int) -> Agreement:
    """Counts a change to an instrument."""
    agreement = changes.session.get_one(Agreement, agreement_id)
    agreement.version += 1
    changes.session.flush()
    return agreement


# ── What is stated, checked ─────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class _Stated:
    """What an input says of an instrument, and nothing else: its columns, the rows of its parts, its words."""

    columns: dict[str, Any]
    parts: dict[type[Row], list[dict[str, Any]]]
    words: Words | None


#: What stands where a revision clears a column that is never empty.
_CLEARED: dict[str, Any] = {
    "level": AgreementLevel.UNSPECIFIED,
    "bindingness": Bindingness.UNASSESSED,
    "comparator": False,
    "audience": OFFICIAL,
}

_DOCUMENT = ("title", "language", "authentic", "url", "sha256", "source_id")
_MATCHED_BY: dict[type[Row], tuple[str, ...]] = {
    Party: ("position",),
    AgreementSubject: ("subject",),
    AgreementSector: ("sector_code",),
    Term: (),
    Relation: ("kind", "other_id"),
    Document: _DOCUMENT,
}


def _checked(changes: Changes, said: Mapping[str, Any], agreement_id: int = 0) -> _Stated:
    """What is said of an instrument, checked; `agreement_id` is the one on record."""
    parts: dict[str, tuple[type[Row], Callable[[Any], list[dict[str, Any]]]]] = {
        "parties": (Party, lambda parties: _parties(changes, parties)),
        "subjects": (AgreementSubject, lambda given: [{"subject": one} for one in inputs.short(given, "subjects")]),
        "sectors": (AgreementSector, lambda given: _sectors(changes, given)),
        "term": (Term, lambda term: [_term(changes, term, agreement_id)] if term else []),
        "relations": (Relation, lambda relations: _relations(changes, relations, agreement_id)),
        "documents": (Document, lambda documents: _documents(changes, documents)),
    }
    return _Stated(
        _columns(changes, said),
        {kind: rows(said[name] or ()) for name, (kind, rows) in parts.items() if name in said},
        check_words(changes, said["citations"]) if "citations" in said else None,
    )


def _columns(changes: Changes, said: Mapping[str, Any]) -> dict[str, Any]:
    columns = {name: value for name, value in said.items() if name in ("type", *_CLEARED)}
    for name, value in columns.items():
        if value is None and name == "type":
            inputs.refuse(BadInput("Every instrument has a type.", path=("type",), hint="Leave it out, or give one."))
        columns[name] = _CLEARED.get(name) if value is None else value
    if "audience" in columns:
        columns["audience"] = inputs.audience(changes, columns["audience"])
    if "title_as_printed" in said:
        columns["title_as_printed"] = inputs.words(said["title_as_printed"], "titleAsPrinted")
    if "title_language" in said:
        tag = said["title_language"]
        columns["title_language"] = None if tag is None else inputs.language_tag(tag, "titleLanguage")
    if "titles" in said:
        columns |= _titles(said["titles"] or ())
    if "bindingness_reason" in said:
        columns["bindingness_reason"] = inputs.remark(said["bindingness_reason"], "bindingnessReason")
    if "beneficiaries" in said:
        columns["beneficiaries"] = inputs.texts(said["beneficiaries"] or (), "beneficiaries")
    if "article_count" in said:
        columns["article_count"] = inputs.number_within(said["article_count"], 1, 10_000, "articleCount")
    return columns


def _titles(titles: Sequence[TitleGiven]) -> dict[str, Any]:
    columns: dict[str, Any] = {f"title_{language.suffix}": None for language in Language}
    for path, given in inputs.numbered(titles, "titles"):
        name = f"title_{given.language.suffix}"
        if columns[name] is not None:
            message = f"There are two titles in the language {given.language}."
            inputs.refuse(BadInput(message, path=(*path, "language"), hint="Give one for each language."))
        columns[name] = inputs.words(given.title, *path, "title")
    return columns


def _parties(changes: Changes, parties: Sequence[PartyNamed]) -> list[dict[str, Any]]:
    return [
        {
            "position": position,
            "country_code": inputs.code_of(changes, "country", party.country, *path, "country"),
            "institution_id": inputs.id_or_none(changes, "institution", party.institution, *path, "institution"),
            "company_id": inputs.id_or_none(changes, "company", party.company, *path, "company"),
            "signatory": inputs.remark(party.signatory, *path, "signatory"),
        }
        for position, (path, party) in enumerate(inputs.numbered(parties, "parties"))
    ]


_JOINS = (LegalActKind.ACCESSION, LegalActKind.SUCCESSION)


def acts_as_no_party(kind: LegalActKind, country: str, type: InstrumentType, parties: Collection[str]) -> bool:
    """Whether an act is that of a country which is surely no party: the registry may not know all parties."""
    all_known = len(parties) > 1 and type is not InstrumentType.MULTILATERAL_INSTRUMENT
    return all_known and kind not in _JOINS and country not in parties


def _check_that_acts_keep_their_party(changes: Changes, agreement_id: int, revised: Mapping[str, Any]) -> None:
    if not agreement_id or revised.keys().isdisjoint(("parties", "type")):
        return
    former = set(changes.session.exec(select(Party.country_code).where(Party.agreement_id == agreement_id)))
    parties = {party.country for party in revised["parties"] or ()} if "parties" in revised else former
    type = revised.get("type") or changes.session.get_one(Agreement, agreement_id).type
    path = ("parties",) if "parties" in revised else ("type",)
    acts = select(LegalAct).where(LegalAct.agreement_id == agreement_id, LegalAct.in_record)
    for act in changes.session.exec(acts):
        country = act.party_code or ""
        gone = country in former - parties
        if gone or (country and acts_as_no_party(act.kind, country, type, parties)):
            told = "would be no party any more" if gone else "would be no party"
            message = f"The act {act.kind} of {act.date} is that of {country}, which {told}."
            inputs.refuse(Conflict(message, path=path, hint="Withdraw the act first, or name the party."))


def _sectors(changes: Changes, sectors: Sequence[str]) -> list[dict[str, Any]]:
    return [{"sector_code": code} for code in inputs.codes(changes, "sector", sectors, "sectors")]


_LONGEST_TERM = 1_200  # months: a century


def _term(changes: Changes, term: Terms, agreement_id: int) -> dict[str, Any]:
    if term.force_delay is not None:
        try:
            parse_duration(term.force_delay)
        except BadInput as refused:
            inputs.refuse(BadInput(refused.message, path=("term", "forceDelay"), hint=refused.hint))
    for name, least in (("duration_months", 1), ("renewal_months", 1), ("notice_months", 0)):
        field = name.replace("_m", "M")
        inputs.number_within(getattr(term, name), least, _LONGEST_TERM, "term", field)
    columns = {one.name: getattr(term, one.name) for one in fields(Terms)}
    if isinstance(term, TermStated) and (held := changes.session.get(Term, agreement_id)) is not None:
        columns |= {name: getattr(held, name) for name in columns.keys() - term.said}
    return columns


def _relations(changes: Changes, relations: Sequence[RelationStated], agreement_id: int) -> list[dict[str, Any]]:
    rows = []
    for path, relation in inputs.numbered(relations, "relations"):
        other_id = inputs.id_of(changes, "agreement", relation.agreement, *path, "agreement")
        if agreement_id and other_id == agreement_id:
            message, hint = "An instrument does nothing to itself.", "Name another instrument."
            inputs.refuse(BadInput(message, path=(*path, "agreement"), hint=hint))
        rows.append({"kind": relation.kind, "other_id": other_id})
    return rows


def _documents(changes: Changes, documents: Sequence[DocumentStated]) -> list[dict[str, Any]]:
    return [_document(changes, stated, *path) for path, stated in inputs.numbered(documents, "documents")]


def _document(changes: Changes, stated: DocumentStated, *path: str) -> dict[str, Any]:
    return {
        "title": inputs.words(stated.title, *path, "title"),
        "language": inputs.language_tag(stated.language, *path, "language"),
        "authentic": stated.authentic,
        "url": inputs.address(stated.url, *path, "url"),
        "sha256": inputs.digest(stated.sha256, *path, "sha256"),
        "source_id": inputs.id_or_none(changes, "source", stated.source, *path, "source"),
    }
