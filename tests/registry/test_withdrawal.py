"""Records that were entered by mistake are taken out, unless others rest on them."""

from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from sqlmodel import SQLModel

from registry import agreements, companies, countries, engagements, figures, institutions, placements, programmes
from registry import quotas as places
from registry.access import OPERATOR, PUBLIC, RESTRICTED, Actor, Role
from registry.agreements import AgreementRelationKind, PartyNamed, RelationStated
from registry.errors import BadInput, Conflict, NotFound
from registry.history import Changes, Record, changeset
from registry.placements import Counted
from registry.sources import Cited, Source
from registry.status import InstrumentType, Terms
from registry.withdrawal import PARTS, withdraw
from tests.factories import (
    WORDS,
    make_act,
    make_agreement,
    make_company,
    make_country,
    make_engagement,
    make_figure,
    make_institution,
    make_programme,
    make_quota,
    make_sector,
    make_source,
)


def counts(changes: Changes) -> dict[str, int]:
    """How many rows each table has."""
    changes.session.flush()
    tables = SQLModel.metadata.sorted_tables
    return {table.name: changes.session.scalar(sa.select(sa.func.count()).select_from(table)) or 0 for table in tables}


def agreement(changes: Changes) -> Record:
    made = make_agreement(
        changes,
        "mistaken",
        sectors=["F"],
        subjects=[agreements.Subject.VISAS],
        term=Terms(duration_months=12),
        relations=[RelationStated(AgreementRelationKind.AMENDS, "other")],
        documents=[agreements.DocumentStated("Text", "de")],
    )
    act = make_act(changes, agreement="mistaken")
    assert act.id is not None
    agreements.withdraw_act(changes, act_id=act.id)
    return made


def company(changes: Changes) -> Record:
    made = make_company(changes, "mistaken", sectors=["F"])
    companies.record_partnership(
        changes, company="mistaken", stage=companies.PartnershipStage.ACTIVE, agreement="other", citations=WORDS
    )
    companies.record_licence(changes, company="mistaken", state=companies.LicenceState.VALID, citations=WORDS)
    return made


def quota(changes: Changes) -> Record:
    made = make_quota(changes, "mistaken", origins=["UZ"])
    places.revise(changes, quota="mistaken", places=1, citations=WORDS)
    return made


MAKERS: dict[type[Record], Callable[[Changes], Record]] = {
    agreements.Agreement: agreement,
    companies.Company: company,
    places.Quota: quota,
    figures.Figure: lambda changes: make_figure(changes, destinations=["DE"]),
    engagements.Engagement: lambda changes: make_engagement(changes, agreement="other"),
    institutions.Institution: lambda changes: make_institution(changes, "mistaken", parent="office"),
    programmes.Programme: lambda changes: make_programme(changes, "mistaken"),
    Source: lambda changes: make_source(changes, "mistaken", copy_of="some-source"),
}


@pytest.mark.parametrize("kind", PARTS, ids=lambda kind: kind.__name__)
def test_a_record_goes_with_its_parts_and_its_words_and_leaves_everything_else(
    any_changes: Changes, kind: type[Record]
) -> None:
    make_agreement(any_changes, "other")
    make_act(any_changes, agreement="other")
    make_sector(any_changes, "F")
    make_institution(any_changes, "office")
    before = counts(any_changes)

    record = MAKERS[kind](any_changes)
    assert record.id is not None
    assert counts(any_changes) != before
    withdraw(any_changes, kind, record.id)

    assert counts(any_changes) == before


def test_the_id_of_a_record_that_was_withdrawn_is_not_given_again(any_changes: Changes) -> None:
    first = make_figure(any_changes)
    assert first.id is not None
    withdraw(any_changes, figures.Figure, first.id)

    assert make_figure(any_changes).id != first.id


def on_agreement(changes: Changes) -> str:
    make_quota(changes, "de-2025", agreement="mistaken")
    return "quota de-2025"


def on_agreement_by_partnership(changes: Changes) -> str:
    make_company(changes, "works")
    stage = companies.PartnershipStage.ACTIVE
    companies.record_partnership(changes, company="works", stage=stage, agreement="mistaken", citations=WORDS)
    return "company works"


def on_agreement_by_relation(changes: Changes) -> str:
    make_agreement(changes, "later", relations=[RelationStated(AgreementRelationKind.AMENDS, "mistaken")])
    return "agreement later"


def on_agreement_by_returns(changes: Changes) -> str:
    placements.report(changes, source="some-source", placements=[Counted("2024", "DE", people=3, agreement="mistaken")])
    return "placement returns (1)"


def on_agreement_by_act(changes: Changes) -> str:
    make_act(changes, agreement="mistaken", date="2024-05")
    return "the act SIGNATURE of 2024-05"


@pytest.mark.parametrize(
    "rest",
    [on_agreement, on_agreement_by_partnership, on_agreement_by_relation, on_agreement_by_returns, on_agreement_by_act],
)
def test_an_agreement_stays_while_others_rest_on_it_and_they_are_named(
    changes: Changes, rest: Callable[[Changes], str]
) -> None:
    made = make_agreement(changes, "mistaken")
    assert made.id is not None
    named = rest(changes)
    before = counts(changes)

    with pytest.raises(Conflict) as refused:
        withdraw(changes, agreements.Agreement, made.id)

    assert refused.value.message == f"Others rest on it: {named}."
    assert counts(changes) == before


def test_an_agreement_goes_once_returns_and_partnerships_that_rest_on_it_were_withdrawn(any_changes: Changes) -> None:
    made = make_agreement(any_changes, "mistaken")
    assert made.id is not None
    on_agreement_by_partnership(any_changes)
    on_agreement_by_returns(any_changes)

    stage = companies.PartnershipStage.ACTIVE
    companies.withdraw_partnership(any_changes, company="works", stage=stage, agreement="mistaken")
    taken = Counted("2024", "DE", people=3, agreement="mistaken", withdrawn=True)
    placements.report(any_changes, source="some-source", placements=[taken])

    withdraw(any_changes, agreements.Agreement, made.id)


def test_a_source_stays_while_facts_cite_it(changes: Changes) -> None:
    source = make_source(changes, "cited")
    make_agreement(changes, citations=[Cited("cited", note="So.")])
    make_act(changes, citations=[Cited("cited", note="So.")])
    make_source(changes, "copy", copy_of="cited")
    assert source.id is not None

    with pytest.raises(Conflict) as refused:
        withdraw(changes, Source, source.id)

    named = {"agreement uz-de", "an act of agreement uz-de", "source copy"}
    assert set(refused.value.message.removeprefix("Others rest on it: ").removesuffix(".").split(", ")) == named


def test_of_many_that_rest_on_a_record_some_are_named(changes: Changes) -> None:
    made = make_institution(changes, "office")
    for number in range(9):
        make_institution(changes, f"branch-{number}", parent="office")
    assert made.id is not None

    with pytest.raises(Conflict, match="branch-4 and others"):
        withdraw(changes, institutions.Institution, made.id)


def test_a_company_that_is_a_party_stays(changes: Changes) -> None:
    made = make_company(changes, "works")
    make_country(changes, "UZ")
    plain: dict[str, Any] = {"title_as_printed": "Contract", "type": InstrumentType.COMPANY_CONTRACT}
    party = PartyNamed("DE", company="works")
    agreements.register(changes, reference="contract", parties=[party], citations=WORDS, **plain)
    assert made.id is not None

    with pytest.raises(Conflict, match="agreement contract"):
        withdraw(changes, companies.Company, made.id)


def test_an_act_and_entries_of_code_lists_are_not_withdrawn_so(changes: Changes) -> None:
    make_agreement(changes)
    act = make_act(changes)
    assert act.id is not None
    with pytest.raises(BadInput) as refused:
        withdraw(changes, agreements.LegalAct, act.id)
    assert "legalActWithdraw" in (refused.value.hint or "")
    with pytest.raises(BadInput):
        withdraw(changes, countries.Country, 1)
    with pytest.raises(NotFound):
        withdraw(changes, figures.Figure, 99)


def test_an_editor_neither_withdraws_nor_is_told_of_what_is_hidden_from_them(engine: sa.Engine) -> None:
    editor = Actor("editor", Role.EDITOR)
    with changeset(engine, "A test.", OPERATOR) as changes:
        source = make_source(changes, "cited")
        hidden = make_agreement(
            changes, "secret", audience=RESTRICTED, citations=[Cited("cited", note="So.")], bindingness_reason="x"
        )
        act = make_act(changes, agreement="secret", citations=[Cited("cited", note="So.")])
        make_agreement(changes, "open", audience=PUBLIC, citations=[Cited("cited", note="So.")])
        keys = (source.id, hidden.id, act.id)
    assert None not in keys
    source_id, hidden_id, act_id = (key or 0 for key in keys)

    def attempt(work: Callable[[Changes], object], error: type[Exception]) -> str:
        with changeset(engine, "A test.", editor) as changes:
            with pytest.raises(error) as refused:
                work(changes)
            return str(refused.value)

    attempt(lambda changes: withdraw(changes, agreements.Agreement, hidden_id), NotFound)
    attempt(lambda changes: agreements.withdraw_act(changes, act_id=act_id), NotFound)
    said = attempt(lambda changes: withdraw(changes, Source, source_id), Conflict)
    assert "secret" not in said
    assert "a record that you may not see" in said
    assert "agreement open" in said
