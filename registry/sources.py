"""Documents that facts are taken from, and the words of them that each fact rests on."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session

from registry import inputs
from registry.access import PUBLIC
from registry.codes import Code
from registry.errors import Unsourced
from registry.history import Changes, Record, column
from registry.lists import replace
from registry.search import some
from registry.texts import fold


class SourceKind(Code):
    """What kind of document a source is."""

    TREATY_TEXT = "TREATY_TEXT", "The text of an instrument itself."
    OFFICIAL_JOURNAL = "OFFICIAL_JOURNAL", "An official journal or treaty collection."
    GOVERNMENT_STATEMENT = "GOVERNMENT_STATEMENT", "A statement by a government or one of its bodies."
    STATISTICAL_RETURN = "STATISTICAL_RETURN", "A return of counted people or places."
    PRESS = "PRESS", "A newspaper, agency or other medium."
    ACADEMIC = "ACADEMIC", "A scholarly work."
    DATASET = "DATASET", "A compiled data set."
    SYNTHETIC = "SYNTHETIC", "Generated for measuring and trying; states nothing about the world."


class Reliability(Code):
    """How far a source can be trusted on the matter it is cited for."""

    AUTHENTIC = "AUTHENTIC", "The authentic text itself."
    OFFICIAL = "OFFICIAL", "An official record of the body that acted."
    INTERESTED_PARTY = "INTERESTED_PARTY", "A statement by somebody with an interest in the matter."
    SECONDARY = "SECONDARY", "A report by somebody else."
    UNVERIFIED = "UNVERIFIED", "Nobody has checked it."


class Source(Record, table=True):
    """A document that facts are taken from."""

    reference: str = column("Stable, readable, unique name.", PUBLIC, unique=True)
    title: str = column("Title as the document gives it.", PUBLIC)
    publisher: str | None = column("Who published it; null where not known.", PUBLIC, default=None)
    kind: SourceKind = column("What kind of document it is.", PUBLIC, kind=SourceKind, index=True)
    reliability: Reliability = column(
        "How far it can be trusted on what it is cited for.", PUBLIC, kind=Reliability, index=True
    )
    language: str = column("Language of the document, as a BCP 47 tag.", PUBLIC, index=True)
    published: str | None = column("When it was published, in EDTF; null where nothing is known.", PUBLIC, default=None)
    published_earliest: date | None = column("First day the publication may fall on.", PUBLIC, default=None)
    published_latest: date | None = column("Last day the publication may fall on.", PUBLIC, default=None)
    url: str | None = column("Address it was found at; null where it names none.", PUBLIC, default=None)
    sha256: str | None = column(
        "SHA-256 of the document as held, in hexadecimal; null where no copy is held.", PUBLIC, default=None
    )
    copy_of_id: int | None = column(
        "The source this one merely copies, if known.", PUBLIC, references="source.id", default=None, index=True
    )
    text_key: str = column(
        "Reference, title and publisher, folded for finding. Derived.", PUBLIC, default="", logged=False
    )

    @classmethod
    def follow(cls, session: Session, keys: Sequence[str]) -> None:
        """Lets sources be found by their words."""
        for source in some(session, cls, keys):
            source.text_key = text_key(source)


class Citation(Record, table=True):
    """The words of a source that a fact rests on, the fact being `subject` and `subject_id`."""

    __part_of__ = ("node", "node_id")
    __told_apart_by__ = ("source_id", "quote", "locator", "note")
    __table_args__ = (
        sa.Index("ix_citation_subject", "subject", "subject_id", "position", unique=True),
        sa.Index("ix_citation_node", "node", "node_id"),
        sa.Index(
            "ix_citation_unquoted",
            *("node", "node_id", "subject", "subject_id", "position"),
            sqlite_where=sa.text("quote IS NULL"),
            postgresql_where=sa.text("quote IS NULL"),
        ),
    )

    subject: str = column("Type of the fact, such as LegalAct.", PUBLIC)
    subject_id: int = column("Id of the fact.", PUBLIC)
    position: int = column("Place among the citations of the fact, from 0.", PUBLIC)
    node: str = column("Type of the record that the fact belongs to, such as Company for a partnership.", PUBLIC)
    node_id: int = column("Id of the record that the fact belongs to.", PUBLIC)
    source_id: int = column("The source.", PUBLIC, references="source.id", index=True)
    quote: str | None = column("Exact words of the source; null where only their sense is held.", PUBLIC, default=None)
    locator: str | None = column("Where in the source: page, paragraph or article.", PUBLIC, default=None)
    note: str | None = column(
        "Remark on the citation, or the sense where no exact words are held.", PUBLIC, default=None
    )


@dataclass(frozen=True)
class Cited:
    """What a fact is said to rest on: a source by its reference, and its exact words or else their sense in a note."""

    source: str
    quote: str | None = None
    locator: str | None = None
    note: str | None = None


def text_key(source: Source) -> str:
    """What a source is found by."""
    return fold(" ".join(filter(None, (source.reference, source.title, source.publisher))))


def add(
    changes: Changes,
    *,
    reference: str,
    title: str,
    kind: SourceKind,
    reliability: Reliability,
    language: str,
    publisher: str | None = None,
    published: str | None = None,
    url: str | None = None,
    sha256: str | None = None,
    copy_of: str | None = None,
) -> Source:
    """Adds a source. `published` is EDTF, `language` a BCP 47 tag, `copy_of` the reference of the source it copies.

    Refuses with `Conflict` where the reference is taken, `NotFound` where the copied source is not on record, or
    `BadInput`.
    """
    with inputs.checked():
        source = Source(
            reference=inputs.new_reference(changes, "source", reference),
            title=inputs.words(title, "title"),
            publisher=inputs.remark(publisher, "publisher"),
            kind=kind,
            reliability=reliability,
            language=inputs.language_tag(language, "language"),
            url=inputs.address(url, "url"),
            sha256=inputs.digest(sha256, "sha256"),
            copy_of_id=inputs.id_or_none(changes, "source", copy_of, "copyOf"),
            **inputs.dated("published", published),
        )
    changes.add(source)
    return source


#: The columns of citations that have been checked, in order.
Words = list[dict[str, Any]]


def check_words(changes: Changes, citations: Sequence[Cited] | None) -> Words:
    """What a fact is said to rest on, checked, for `cite` or `recite` to write down.

    Refuses with `Unsourced` where no source is given, or one with neither its words nor their sense, and `NotFound`
    where a source is not on record.
    """
    if not citations:
        hint = "Name at least one source, with its exact words in quote or their sense in note."
        inputs.refuse(Unsourced("A fact needs a source.", path=("citations",), hint=hint))
    return [_checked(changes, cited, *path) for path, cited in inputs.numbered(citations or (), "citations")]


def _checked(changes: Changes, cited: Cited, *path: str) -> dict[str, Any]:
    quote, note = inputs.remark(cited.quote, *path, "quote"), inputs.remark(cited.note, *path, "note")
    if not quote and not note:
        hint = "Give the exact words in quote, or their sense in note."
        inputs.refuse(Unsourced("A citation needs words.", path=(*path, "quote"), hint=hint))
    source_id = inputs.id_of(changes, "source", cited.source, *path, "source")
    locator = inputs.remark(cited.locator, *path, "locator")
    return {"source_id": source_id, "quote": quote, "locator": locator, "note": note}


def cite(changes: Changes, fact: Record, words: Words, belongs_to: Record | None = None) -> None:
    """Writes down what a fact rests on; `belongs_to` is the record it is part of, where that is not the fact itself."""
    about = _about(fact, belongs_to or fact)
    for position, columns in enumerate(words):
        changes.add(Citation(**about, position=position, **columns))


def uncite(changes: Changes, fact: Record) -> None:
    """Takes out what a fact rests on, which is about to be taken out itself."""
    about = sa.select(Citation).filter_by(subject=type(fact).__name__, subject_id=fact.id)
    for citation in changes.session.scalars(about).all():
        changes.remove(citation)


def recite(changes: Changes, fact: Record, words: Words, belongs_to: Record | None = None) -> None:
    """Makes what a fact rests on be these words and no others."""
    wanted = [{"position": position, **columns} for position, columns in enumerate(words)]
    replace(changes, Citation, _about(fact, belongs_to or fact), wanted, by=("position",))


def _about(fact: Record, node: Record) -> dict[str, Any]:
    return {
        "subject": type(fact).__name__,
        "subject_id": inputs.key(fact),
        "node": type(node).__name__,
        "node_id": inputs.key(node),
    }
