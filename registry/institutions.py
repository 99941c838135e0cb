"""Authorities, ministries, funds, representations abroad and other institutions."""

from collections.abc import Iterator, Sequence

import sqlalchemy as sa
from sqlmodel import Session

from registry import countries, inputs
from registry.access import PUBLIC
from registry.codes import Code
from registry.history import Changes, Record, column
from registry.search import Findable, SearchKind, enter, in_all_languages, some, spoken
from registry.sources import Cited, check_words, cite


class InstitutionKind(Code):
    """What kind of institution it is."""

    AUTHORITY = "AUTHORITY", "State authority or agency."
    MINISTRY = "MINISTRY", "Department of a government."
    REPRESENTATION_ABROAD = "REPRESENTATION_ABROAD", "Representation in another country."
    ATTACHE = "ATTACHE", "Labour migration attachés at embassies."
    FUND = "FUND", "Fund that pays for help."
    TRAINING_CENTRE = "TRAINING_CENTRE", "Training centre, or a network of them."
    QUALIFICATIONS_BODY = "QUALIFICATIONS_BODY", "Body that certifies qualifications."
    INTERNATIONAL_ORGANISATION = "INTERNATIONAL_ORGANISATION", "Organisation of states, or of the United Nations."
    OTHER = "OTHER", "Something else."


class Institution(Record, table=True):
    """An institution that acts under agreements or helps those who move."""

    reference: str = column("Stable, readable, unique name.", PUBLIC, unique=True)
    name: str = column("Name as the registry's main source gives it.", PUBLIC)
    name_ru: str | None = column("Name in Russian, where a source gives one.", PUBLIC, default=None)
    name_uz: str | None = column("Name in Uzbek, Latin script, where a source gives one.", PUBLIC, default=None)
    name_uz_cyrl: str | None = column("Name in Uzbek, Cyrillic script, where a source gives one.", PUBLIC, default=None)
    names: list[str] = column("Every label that a source uses.", PUBLIC, kind=sa.JSON)
    kind: InstitutionKind = column("What kind of institution it is.", PUBLIC, kind=InstitutionKind, index=True)
    country_code: str | None = column(
        "Where it sits; null where no source says.", PUBLIC, references="country.code", default=None, index=True
    )
    parent_id: int | None = column(
        "The institution it belongs to.", PUBLIC, references="institution.id", default=None, index=True
    )
    succeeds_id: int | None = column(
        "The institution whose successor it is.", PUBLIC, references="institution.id", default=None, index=True
    )
    comparator: bool = column(
        "True for another country's institution kept for comparison; left out of lists unless asked for.",
        PUBLIC,
        default=False,
    )
    version: int = column("Counts the changes to this record.", PUBLIC, default=1)

    @classmethod
    def follow(cls, session: Session, keys: Sequence[str]) -> None:
        """Lets institutions be found by every label of theirs, their kind and where they sit."""
        enter(session, SearchKind.INSTITUTION, keys, _findable(session, keys))


def _findable(session: Session, ids: Sequence[str]) -> Iterator[Findable]:
    places = countries.called(session)
    for one in some(session, Institution, ids):
        names = [one.name, *in_all_languages(one, "name"), *one.names, one.reference]
        others = [*spoken([one.kind]), *places.of(one.country_code)]
        yield Findable(inputs.key(one), names, others, one.comparator)


def register(
    changes: Changes,
    *,
    reference: str,
    name: str,
    kind: InstitutionKind,
    citations: Sequence[Cited],
    names: Sequence[str] = (),
    name_ru: str | None = None,
    name_uz: str | None = None,
    name_uz_cyrl: str | None = None,
    country: str | None = None,
    parent: str | None = None,
    succeeds: str | None = None,
    comparator: bool = False,
) -> Institution:
    """Enters an institution; `names` are further labels that sources use, `parent` and `succeeds` references of others.

    Refuses with `Conflict`, `NotFound`, `BadInput` or `Unsourced`.
    """
    with inputs.checked():
        institution = Institution(
            reference=inputs.new_reference(changes, "institution", reference),
            name=inputs.words(name, "name"),
            name_ru=inputs.remark(name_ru, "nameRu"),
            name_uz=inputs.remark(name_uz, "nameUz"),
            name_uz_cyrl=inputs.remark(name_uz_cyrl, "nameUzCyrl"),
            names=inputs.labels(name, names),
            kind=kind,
            country_code=inputs.code_or_none(changes, "country", country, "country"),
            parent_id=inputs.id_or_none(changes, "institution", parent, "parent"),
            succeeds_id=inputs.id_or_none(changes, "institution", succeeds, "succeeds"),
            comparator=comparator,
        )
        words = check_words(changes, citations)
    changes.add(institution)
    cite(changes, institution, words)
    return institution
