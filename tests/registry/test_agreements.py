"""Instruments: how they are entered, how acts change them, and that what follows is derived with each change."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
import sqlalchemy as sa
from sqlmodel import Session

from registry import agreements, inputs
from registry.access import Actor, Audience, Role
from registry.agreements import (
    Agreement,
    AgreementDue,
    AgreementRelationKind,
    Document,
    DocumentStated,
    Laterality,
    Party,
    PartyNamed,
    Relation,
    RelationStated,
    RunningTerm,
    StatusGround,
    StatusPossibility,
    StatusSpan,
    Subject,
    Term,
    TermStated,
    TitleGiven,
)
from registry.codes import DeadlineKind, Language
from registry.errors import BadInput, Conflict, NotFound, Unsourced
from registry.history import Changes, changeset, table_behind
from registry.sources import Citation, Cited
from registry.status import Bindingness, ForceRule, InstrumentType, LegalActKind, Renewal, Terms
from tests.factories import WORDS, make_act, make_agreement, make_company, make_country, make_institution, make_source


def timeline(changes: Changes, agreement_id: int | None) -> list[tuple[str, str]]:
    """First day and status of each stretch of days."""
    spans = changes.session.scalars(sa.select(StatusSpan).filter_by(agreement_id=agreement_id).order_by("from_day"))
    return [(str(span.from_day), str(span.status)) for span in spans]


TWO_YEARS_TACIT = Terms(ForceRule.ON_SIGNATURE, duration_months=24, renewal=Renewal.TACIT, notice_months=6)


def test_an_instrument_without_any_act_is_reported_on_all_days(any_changes: Changes) -> None:
    agreement = make_agreement(any_changes)

    assert timeline(any_changes, agreement.id) == [("0001-01-01", "REPORTED")]
    assert (agreement.signed_earliest, agreement.signed_latest) == (date.max, date.min)


def test_each_act_has_the_timeline_derived_anew(any_changes: Changes) -> None:
    agreement = make_agreement(any_changes)

    make_act(any_changes, date="2024-09-15")
    assert timeline(any_changes, agreement.id) == [("0001-01-01", "NONE"), ("2024-09-15", "SIGNED")]
    assert (agreement.signed_earliest, agreement.signed_latest) == (date(2024, 9, 15), date(2024, 9, 15))
    assert (agreement.force_earliest, agreement.force_latest) == (date.max, date.min)

    make_act(any_changes, LegalActKind.ENTRY_INTO_FORCE, "2025-03-01")
    assert timeline(any_changes, agreement.id)[-1] == ("2025-03-01", "IN_FORCE")
    assert agreement.force_earliest == date(2025, 3, 1)


def test_an_act_known_to_the_year_leaves_the_status_open_through_the_year(changes: Changes) -> None:
    agreement = make_agreement(changes)

    make_act(changes, date="2024")

    spans = [("0001-01-01", "NONE"), ("2024-01-01", "UNKNOWN"), ("2024-12-31", "SIGNED")]
    assert timeline(changes, agreement.id) == spans
    possible = sa.select(StatusPossibility).filter_by(agreement_id=agreement.id, from_day=date(2024, 1, 1))
    assert {str(one.status) for one in changes.session.scalars(possible)} == {"NONE", "SIGNED"}
    assert (agreement.signed_earliest, agreement.signed_latest) == (date(2024, 1, 1), date(2024, 12, 31))


def test_a_withdrawn_act_is_kept_and_counts_no_more(changes: Changes) -> None:
    agreement = make_agreement(changes)
    act = make_act(changes)
    assert act.id is not None

    agreements.withdraw_act(changes, act_id=act.id)

    assert not act.in_record
    assert timeline(changes, agreement.id) == [("0001-01-01", "REPORTED")]
    with pytest.raises(Conflict):
        agreements.withdraw_act(changes, act_id=act.id)
    with pytest.raises(NotFound):
        agreements.withdraw_act(changes, act_id=act.id + 1)


def test_terms_and_what_falls_due_are_derived(changes: Changes) -> None:
    agreement = make_agreement(changes, term=TWO_YEARS_TACIT)
    make_act(changes, date="2020-01-15")

    on_a_day = sa.and_(sa.column("from_day") <= date(2023, 1, 1), sa.column("until_day") > date(2023, 1, 1))
    term = changes.session.scalars(sa.select(RunningTerm).where(on_a_day)).one()
    assert (term.ends_on, term.notice_by, term.renewals) == (date(2024, 1, 14), date(2023, 7, 14), 1)
    due = changes.session.scalars(sa.select(AgreementDue).filter_by(due=date(2023, 7, 14))).one()
    assert (due.kind, due.agreement_id) == (DeadlineKind.NOTICE_BEFORE_RENEWAL, agreement.id)


def test_what_a_migration_takes_away_is_derived_anew_where_it_lacks_and_nowhere_else(any_engine: sa.Engine) -> None:
    with changeset(any_engine, "A test.") as changes:
        ids = [inputs.key(make_agreement(changes, term=TWO_YEARS_TACIT))]
        make_act(changes, date="2020-01-15")
    with Session(any_engine) as session:
        before = agreements.stored_rows(session, ids)
    with any_engine.begin() as connection:
        for kind in agreements.DERIVED:
            connection.execute(sa.delete(table_behind(kind)))

    agreements.complete(any_engine)

    due = sa.select(table_behind(AgreementDue).c.id)
    with Session(any_engine) as session:
        assert agreements.stored_rows(session, ids) == before
        numbers = session.scalars(due).all()
    agreements.complete(any_engine)
    with Session(any_engine) as session:
        assert session.scalars(due).all() == numbers


def test_the_reason_names_the_acts_it_rests_on(changes: Changes) -> None:
    agreement = make_agreement(changes)
    act = make_act(changes)

    on_a_day = sa.and_(sa.column("from_day") <= date(2025, 1, 1), sa.column("until_day") > date(2025, 1, 1))
    ground = changes.session.scalars(sa.select(StatusGround).where(on_a_day)).one()

    assert ground.agreement_id == agreement.id
    assert ground.acts == [act.id]
    assert ground.explanation


def test_many_instruments_are_derived_at_once(changes: Changes) -> None:
    ids = [make_agreement(changes, f"agreement-{number}").id for number in range(3)]
    for number in range(3):
        make_act(changes, agreement=f"agreement-{number}")
    before = [timeline(changes, agreement_id) for agreement_id in ids]
    changes.session.execute(sa.delete(StatusSpan))

    agreements.derive(changes.session, [agreement_id for agreement_id in ids if agreement_id])

    assert [timeline(changes, agreement_id) for agreement_id in ids] == before


@pytest.mark.parametrize(
    ("parties", "kind", "laterality"),
    [
        ((), InstrumentType.TREATY, Laterality.BILATERAL),
        (("UZ", "DE"), InstrumentType.TREATY, Laterality.BILATERAL),
        (("UZ", "DE", "FR"), InstrumentType.TREATY, Laterality.PLURILATERAL),
        (("UZ",), InstrumentType.MULTILATERAL_INSTRUMENT, Laterality.MULTILATERAL),
    ],
)
def test_laterality_follows_from_parties_and_type(
    changes: Changes, parties: tuple[str, ...], kind: InstrumentType, laterality: Laterality
) -> None:
    assert make_agreement(changes, parties=parties, type=kind).laterality is laterality


def test_two_ministries_of_one_country_make_one_party(changes: Changes) -> None:
    for code in ("UZ", "IT"):
        make_country(changes, code)
    for name in ("labour", "interior", "agency"):
        make_institution(changes, name)
    named = [PartyNamed("UZ", "agency"), PartyNamed("IT", "labour"), PartyNamed("IT", "interior")]

    agreement = agreements.register(
        changes,
        reference="uz-it",
        title_as_printed="Memorandum",
        type=InstrumentType.MEMORANDUM_OF_UNDERSTANDING,
        parties=named,
        citations=WORDS,
    )
    for country in ("UZ", "IT"):
        make_act(changes, agreement="uz-it", party=country)

    assert agreement.laterality is Laterality.BILATERAL
    assert timeline(changes, agreement.id)[-1] == ("2024-09-15", "SIGNED")
    assert len(changes.session.scalars(sa.select(Party)).all()) == 3


def test_titles_are_ordered_and_found_by_folded(changes: Changes) -> None:
    titles = [TitleGiven(Language.EN, "Zürich Agreement"), TitleGiven(Language.RU, "Соглашение")]

    agreement = make_agreement(changes, title_as_printed="Abkommen", titles=titles)

    assert agreement.sort_key == "zurich agreement"
    assert all(word in agreement.text_key for word in ("uz-de", "abkommen", "zurich", "соглашение"))


def test_an_instrument_is_for_officials_unless_said_otherwise(changes: Changes) -> None:
    assert make_agreement(changes).audience is Audience.OFFICIAL
    assert make_agreement(changes, "open", audience=Audience.PUBLIC).audience is Audience.PUBLIC


def test_a_document_is_attached(changes: Changes) -> None:
    agreement = make_agreement(changes, documents=[DocumentStated("Text", "de", authentic=True)])
    source = make_source(changes, "journal")

    agreements.attach_document(changes, agreement="uz-de", title="Translation", language="en", source="journal")

    kept = changes.session.scalars(sa.select(Document).order_by(sa.text("id"))).all()
    assert [(one.agreement_id, one.title, one.authentic, one.source_id) for one in kept] == [
        (agreement.id, "Text", True, None),
        (agreement.id, "Translation", False, source.id),
    ]


def test_a_relation_is_kept_once_and_never_to_itself(changes: Changes) -> None:
    first, second = make_agreement(changes, "first"), make_agreement(changes, "second")
    stated = RelationStated(AgreementRelationKind.AMENDS, "first")
    for _ in range(2):
        agreements.relate(changes, agreement="second", relations=[stated, stated])

    kept = changes.session.scalars(sa.select(Relation)).all()
    assert [(one.agreement_id, one.other_id) for one in kept] == [(second.id, first.id)]
    with pytest.raises(BadInput) as refused:
        agreements.relate(changes, agreement="first", relations=[stated])
    assert refused.value.path == ("relations", "0", "agreement")


@pytest.mark.parametrize(
    ("said", "error", "path"),
    [
        ({"title_as_printed": ""}, BadInput, ("titleAsPrinted",)),
        ({"title_language": "German"}, BadInput, ("titleLanguage",)),
        ({"sectors": ["ZZ"]}, BadInput, ("sectors", "0")),
        ({"article_count": 0}, BadInput, ("articleCount",)),
        ({"term": Terms(duration_months=-6)}, BadInput, ("term", "durationMonths")),
        ({"term": Terms(renewal_months=0)}, BadInput, ("term", "renewalMonths")),
        ({"term": Terms(notice_months=-1)}, BadInput, ("term", "noticeMonths")),
        ({"term": Terms(force_delay="30 days")}, BadInput, ("term", "forceDelay")),
        (
            {"relations": [RelationStated(AgreementRelationKind.AMENDS, "nothing")]},
            NotFound,
            ("relations", "0", "agreement"),
        ),
        ({"documents": [DocumentStated("Text", "German")]}, BadInput, ("documents", "0", "language")),
        ({"documents": [DocumentStated("Text", "de", source="none")]}, NotFound, ("documents", "0", "source")),
        ({"citations": []}, Unsourced, ("citations",)),
    ],
)
def test_a_wrong_instrument_is_refused_at_its_field(
    changes: Changes, said: dict[str, Any], error: type[Exception], path: tuple[str, ...]
) -> None:
    with pytest.raises(error) as refused:
        make_agreement(changes, **said)

    assert getattr(refused.value, "path", None) == path


@pytest.mark.parametrize(
    ("party", "error", "path"),
    [
        (PartyNamed("XX"), BadInput, ("parties", "1", "country")),
        (PartyNamed("DE", institution="nobody"), NotFound, ("parties", "1", "institution")),
        (PartyNamed("DE", company="nobody"), NotFound, ("parties", "1", "company")),
    ],
)
def test_a_wrong_party_is_refused_at_its_field(
    changes: Changes, party: PartyNamed, error: type[Exception], path: tuple[str, ...]
) -> None:
    make_source(changes)
    for code in ("UZ", "DE"):
        make_country(changes, code)
    plain: dict[str, Any] = {"title_as_printed": "Contract", "type": InstrumentType.TREATY, "citations": WORDS}

    with pytest.raises(error) as refused:
        agreements.register(changes, reference="contract", parties=[PartyNamed("UZ"), party], **plain)

    assert getattr(refused.value, "path", None) == path


def test_a_company_may_be_a_party(changes: Changes) -> None:
    company = make_company(changes, "works")
    make_country(changes, "UZ")
    agreements.register(
        changes,
        reference="contract",
        title_as_printed="Contract",
        type=InstrumentType.COMPANY_CONTRACT,
        parties=[PartyNamed("UZ"), PartyNamed("DE", company="works", signatory="The director")],
        subjects=[Subject.LABOUR_MIGRATION],
        bindingness=Bindingness.BINDING,
        citations=WORDS,
    )

    kept = changes.session.scalars(sa.select(Party).order_by("position")).all()
    assert [(one.company_id, one.signatory) for one in kept] == [(None, None), (company.id, "The director")]


@pytest.mark.parametrize(
    ("said", "error", "path"),
    [
        ({"agreement": "nothing"}, NotFound, "agreement"),
        ({"date": "2024-02-30"}, BadInput, "date"),
        ({"effective": "later"}, BadInput, "effective"),
        ({"until": "2024-13"}, BadInput, "until"),
        ({"party": "XX"}, BadInput, "party"),
        ({"party": "FR"}, BadInput, "party"),
        ({"citations": []}, Unsourced, "citations"),
    ],
)
def test_a_wrong_act_is_refused_at_its_field(
    changes: Changes, said: dict[str, Any], error: type[Exception], path: str
) -> None:
    make_agreement(changes)
    make_country(changes, "FR")

    with pytest.raises(error) as refused:
        make_act(changes, **said)

    assert getattr(refused.value, "path", None) == (path,)


def test_any_country_may_act_where_the_registry_does_not_know_all_parties(changes: Changes) -> None:
    make_agreement(changes, "convention", ("UZ", "DE"), type=InstrumentType.MULTILATERAL_INSTRUMENT)
    make_country(changes, "FR")

    act = make_act(changes, LegalActKind.RATIFICATION, agreement="convention", party="FR")

    assert act.party_code == "FR"
    cited = changes.session.scalars(sa.select(Citation).filter_by(subject="LegalAct")).one()
    assert (cited.subject_id, cited.node, cited.node_id) == (act.id, "LegalAct", act.id)


# ── Revision ────────────────────────────────────────────────────────────────────────────────────────────────────────


def parties_of(changes: Changes) -> list[tuple[int, str]]:
    held = changes.session.scalars(sa.select(Party).order_by(sa.text("position")))
    return [(party.position, party.country_code) for party in held]


def test_what_a_revision_leaves_out_stays(any_changes: Changes) -> None:
    agreement = make_agreement(any_changes, subjects=[Subject.VISAS], term=TWO_YEARS_TACIT, article_count=9)

    agreements.revise(any_changes, reference="uz-de", expected_version=1, title_as_printed="A Treaty")

    assert (agreement.title_as_printed, agreement.article_count, agreement.version) == ("A Treaty", 9, 2)
    assert agreement.sort_key == "a treaty"
    assert parties_of(any_changes) == [(0, "UZ"), (1, "DE")]
    for kind in (agreements.AgreementSubject, agreements.Term, Citation):
        assert len(any_changes.session.scalars(sa.select(kind)).all()) == 1


def test_null_clears_and_what_is_never_empty_goes_back_to_how_it_begins(any_changes: Changes) -> None:
    agreement = make_agreement(
        any_changes,
        titles=[TitleGiven(Language.EN, "A Treaty")],
        subjects=[Subject.VISAS],
        term=TWO_YEARS_TACIT,
        bindingness=Bindingness.NOT_BINDING,
        bindingness_reason="It says so.",
        audience=Audience.PUBLIC,
        article_count=9,
        beneficiaries=["nurses"],
    )

    agreements.revise(
        any_changes,
        reference="uz-de",
        expected_version=1,
        titles=None,
        subjects=None,
        term=None,
        bindingness=None,
        bindingness_reason=None,
        audience=None,
        article_count=None,
        beneficiaries=None,
        documents=None,
    )

    assert (agreement.title_en, agreement.article_count, agreement.beneficiaries) == (None, None, [])
    assert (agreement.bindingness, agreement.bindingness_reason) == (Bindingness.UNASSESSED, None)
    assert agreement.audience is Audience.OFFICIAL
    for kind in (agreements.AgreementSubject, agreements.Term):
        assert any_changes.session.scalars(sa.select(kind)).all() == []


def test_a_list_replaces_the_list_and_rows_that_stay_are_left_untouched(any_changes: Changes) -> None:
    agreement = make_agreement(
        any_changes,
        parties=("UZ", "DE", "FR"),
        documents=[DocumentStated("Text", "de"), DocumentStated("Draft", "en")],
    )
    kept = any_changes.session.scalars(sa.select(Document).filter_by(title="Text")).one().id

    agreements.revise(
        any_changes,
        reference="uz-de",
        expected_version=1,
        parties=[PartyNamed("UZ"), PartyNamed("FR", signatory="The Minister")],
        documents=[DocumentStated("Translation", "ru"), DocumentStated("Text", "de")],
    )

    assert parties_of(any_changes) == [(0, "UZ"), (1, "FR")]
    assert agreement.laterality is Laterality.BILATERAL
    documents = any_changes.session.scalars(sa.select(Document)).all()
    assert {one.title for one in documents} == {"Text", "Translation"}
    assert kept in {one.id for one in documents}


def test_a_list_of_relations_replaces_those_that_whoever_revises_may_see_and_no_others(any_changes: Changes) -> None:
    administrator = any_changes.actor
    for reference, audience in {"secret": Audience.RESTRICTED, "old": Audience.PUBLIC, "new": Audience.PUBLIC}.items():
        make_agreement(any_changes, reference, audience=audience)

    def related_to(reference: str) -> list[RelationStated]:
        return [RelationStated(AgreementRelationKind.AMENDS, reference)]

    make_agreement(any_changes, relations=related_to("secret") + related_to("old"))
    any_changes.actor = Actor("editor", Role.EDITOR)
    agreements.revise(any_changes, reference="uz-de", expected_version=1, relations=related_to("new"))
    assert relations_of(any_changes) == {"secret", "new"}
    agreements.revise(any_changes, reference="uz-de", expected_version=2, relations=None)
    assert relations_of(any_changes) == {"secret"}

    any_changes.actor = administrator
    agreements.revise(any_changes, reference="uz-de", expected_version=3, relations=related_to("old"))
    assert relations_of(any_changes) == {"old"}


def relations_of(changes: Changes) -> set[str]:
    """The instruments that others do something to."""
    other, relation = table_behind(Agreement), table_behind(Relation)
    return set(changes.session.scalars(sa.select(other.c.reference).join(relation, relation.c.other_id == other.c.id)))


def test_lists_that_name_nothing_hidden_are_replaced_whole_by_whoever_may_revise(any_changes: Changes) -> None:
    make_source(any_changes, "journal")
    make_agreement(
        any_changes,
        audience=Audience.PUBLIC,
        documents=[DocumentStated("Text", "de", source="journal"), DocumentStated("Draft", "en")],
        subjects=[Subject.LABOUR_MIGRATION],
        citations=[Cited("journal", quote="One."), Cited("journal", quote="Two.")],
    )
    any_changes.actor = Actor("editor", Role.EDITOR)

    agreements.revise(
        any_changes,
        reference="uz-de",
        expected_version=1,
        parties=[PartyNamed("UZ")],
        documents=[],
        subjects=[],
        citations=[Cited("journal", quote="Three.")],
    )

    assert parties_of(any_changes) == [(0, "UZ")]
    assert any_changes.session.scalars(sa.select(Document)).all() == []
    assert any_changes.session.scalars(sa.select(agreements.AgreementSubject)).all() == []
    assert any_changes.session.scalars(sa.select(table_behind(Citation).c.quote)).all() == ["Three."]


def test_a_revision_of_terms_has_the_status_derived_anew(any_changes: Changes) -> None:
    agreement = make_agreement(any_changes)
    make_act(any_changes, date="2020-01-15")
    assert timeline(any_changes, agreement.id)[-1] == ("2020-01-15", "SIGNED")

    agreements.revise(
        any_changes, reference="uz-de", expected_version=2, term=Terms(ForceRule.ON_SIGNATURE, duration_months=12)
    )

    assert timeline(any_changes, agreement.id)[1:] == [("2020-01-15", "IN_FORCE"), ("2021-01-15", "EXPIRED")]


def test_words_are_replaced_with_the_rest(any_changes: Changes) -> None:
    make_agreement(any_changes, citations=[*WORDS, Cited("some-source", note="So it is said.")])

    agreements.revise(any_changes, reference="uz-de", expected_version=1, citations=[Cited("some-source", quote="No.")])

    assert [one.quote for one in any_changes.session.scalars(sa.select(Citation))] == ["No."]


def test_a_revision_in_ignorance_of_others_is_refused_and_told_what_they_changed(any_engine: sa.Engine) -> None:
    def change(work: Callable[[Changes], object]) -> None:
        with changeset(any_engine, "A test.") as changes:
            work(changes)

    def revise(version: int, **said: Any) -> Callable[[Changes], object]:
        return lambda changes: agreements.revise(changes, reference="uz-de", expected_version=version, **said)

    change(make_agreement)
    change(revise(1, level=agreements.AgreementLevel.INTERSTATE))
    change(make_act)
    change(revise(3, title_as_printed="A Treaty", article_count=5, parties=[PartyNamed("UZ"), PartyNamed("DE")]))

    for version, named in (
        (1, "level, LegalAct, Citation, titleAsPrinted, articleCount"),
        (2, "LegalAct, Citation, titleAsPrinted, articleCount"),
        (3, "titleAsPrinted, articleCount"),
    ):
        with pytest.raises(Conflict) as refused:
            change(revise(version, comparator=True))
        assert refused.value.path == ("expectedVersion",)
        assert refused.value.message == f"“uz-de” is at version 4, not {version}. Changed since: {named}."
    with pytest.raises(Conflict, match=r"is at version 4, not 9\.$"):
        change(revise(9, comparator=True))


def test_a_party_whose_act_is_on_record_stays_a_party(changes: Changes) -> None:
    make_agreement(changes)
    act = make_act(changes, LegalActKind.RATIFICATION, party="DE")
    alone = [PartyNamed("UZ")]

    with pytest.raises(Conflict, match="RATIFICATION"):
        agreements.revise(changes, reference="uz-de", expected_version=2, parties=alone)

    assert act.id is not None
    agreements.withdraw_act(changes, act_id=act.id)
    agreements.revise(changes, reference="uz-de", expected_version=3, parties=alone)
    assert parties_of(changes) == [(0, "UZ")]


@pytest.mark.parametrize(
    ("type", "act", "named", "path"),
    [
        (InstrumentType.TREATY, LegalActKind.RATIFICATION, {"parties": ("UZ", "DE")}, "parties"),
        (InstrumentType.MULTILATERAL_INSTRUMENT, LegalActKind.RATIFICATION, {"type": InstrumentType.TREATY}, "type"),
        (InstrumentType.TREATY, LegalActKind.RATIFICATION, {"parties": ("UZ", "FR", "DE")}, None),
        (InstrumentType.TREATY, LegalActKind.RATIFICATION, {"parties": ("UZ",)}, None),
        (InstrumentType.TREATY, LegalActKind.ACCESSION, {"parties": ("UZ", "DE")}, None),
        (InstrumentType.MULTILATERAL_INSTRUMENT, LegalActKind.RATIFICATION, {"parties": ("UZ", "DE")}, None),
        (
            InstrumentType.TREATY,
            LegalActKind.RATIFICATION,
            {"parties": ("UZ", "DE"), "type": InstrumentType.MULTILATERAL_INSTRUMENT},
            None,
        ),
    ],
)
def test_parties_are_completed_only_with_those_whose_acts_are_on_record(
    changes: Changes, type: InstrumentType, act: LegalActKind, named: dict[str, Any], path: str | None
) -> None:
    for country in ("UZ", "DE", "FR"):
        make_country(changes, country)
    make_agreement(changes, parties=() if "parties" in named else ("UZ", "DE"), type=type)
    made = make_act(changes, act, party="FR")
    if "parties" in named:
        named = named | {"parties": [PartyNamed(country) for country in named["parties"]]}

    if path is not None:
        with pytest.raises(Conflict, match=f"{act} of .* is that of FR, which would be no party") as refused:
            agreements.revise(changes, reference="uz-de", expected_version=2, **named)
        assert refused.value.path == (path,)
        agreements.withdraw_act(changes, act_id=inputs.key(made))
    agreements.revise(changes, reference="uz-de", expected_version=2 + (path is not None), **named)


def test_an_act_of_no_party_does_not_hinder_what_has_nothing_to_do_with_parties(changes: Changes) -> None:
    make_country(changes, "FR")
    make_agreement(changes, parties=())
    make_act(changes, LegalActKind.RATIFICATION, party="FR")

    assert agreements.revise(changes, reference="uz-de", expected_version=2, article_count=3).article_count == 3


def test_terms_of_the_whole_text_replace_those_on_record_and_a_part_of_them_only_that(changes: Changes) -> None:
    make_agreement(changes, term=Terms(duration_months=12, renewal=Renewal.TACIT))

    def revised(version: int, term: Terms) -> tuple[Any, ...]:
        agreements.revise(changes, reference="uz-de", expected_version=version, term=term)
        held = changes.session.scalars(sa.select(Term)).one()
        return held.duration_months, held.renewal, held.notice_months

    assert revised(1, TermStated(notice_months=3, said=frozenset({"notice_months"}))) == (12, Renewal.TACIT, 3)
    assert revised(2, Terms(notice_months=6)) == (None, Renewal.NONE, 6)


@pytest.mark.parametrize("kind", [kind for kind in LegalActKind if kind is not LegalActKind.EXTENDED])
def test_an_act_that_prolongs_to_no_day_names_none(changes: Changes, kind: LegalActKind) -> None:
    make_agreement(changes)

    with pytest.raises(BadInput) as refused:
        make_act(changes, kind, "2024", until="2030")

    assert refused.value.path == ("until",)


def test_an_extension_does_not_end_before_it_is_made(changes: Changes) -> None:
    make_agreement(changes)

    with pytest.raises(BadInput) as refused:
        make_act(changes, LegalActKind.EXTENDED, "2024-05-02", until="2024-05-01")

    assert refused.value.path == ("until",)
    assert make_act(changes, LegalActKind.EXTENDED, "2024-05-02", until="2024-05").until == "2024-05"
    assert make_act(changes, LegalActKind.EXTENDED, "../2024-05-02", until="2020").until == "2020"
