"""What mutations refuse: all that is wrong at once, to whom, and nothing is written."""

from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa

from registry.access import ANYONE, Actor, Role
from registry.history import changeset
from schema import schema
from tests.factories import make_agreement
from tests.schema.asking import Asker
from tests.schema.writing import NOWHERE, READER, VALID, Editor, Input, rows

UNCITED = {"citations.0.quote": "UNSOURCED", "citations.0.source": "NOT_FOUND"}
NO_REASON = {"reason": "BAD_USER_INPUT"}

WRONG: dict[str, tuple[Input, dict[str, str]]] = {
    "sourceAdd": (
        {"reference": "some-source", "title": "", "published": "soon", "url": "x", "sha256": "x", "copyOf": "nothing"},
        {
            **{"reference": "CONFLICT", "title": "BAD_USER_INPUT", "published": "BAD_USER_INPUT"},
            **{"url": "BAD_USER_INPUT", "sha256": "BAD_USER_INPUT", "copyOf": "NOT_FOUND"},
        },
    ),
    "agreementRegister": (
        {
            "reference": "uz-de",
            "titleAsPrinted": " ",
            "parties": [{"country": "UZ"}, {"country": "DE", "company": "nobody"}],
            "audience": "RESTRICTED",
            "term": {"noticeMonths": -1},
            "citations": NOWHERE,
        },
        {
            **{"reference": "CONFLICT", "titleAsPrinted": "BAD_USER_INPUT", "parties.1.company": "NOT_FOUND"},
            **{"audience": "FORBIDDEN", "term.noticeMonths": "BAD_USER_INPUT"},
            **UNCITED,
        },
    ),
    "agreementRevise": (
        {"expectedVersion": 3, "type": None, "titleAsPrinted": None, "sectors": ["none"], "citations": []},
        {
            **{"expectedVersion": "CONFLICT", "type": "BAD_USER_INPUT", "titleAsPrinted": "BAD_USER_INPUT"},
            **{"sectors.0": "BAD_USER_INPUT", "citations": "UNSOURCED"},
        },
    ),
    "legalActRecord": (
        {"date": "2024-13", "effective": "2024-02-30", "party": "FR", "citations": NOWHERE},
        {"date": "BAD_USER_INPUT", "effective": "BAD_USER_INPUT", "party": "BAD_USER_INPUT", **UNCITED},
    ),
    "legalActWithdraw": ({}, {"id": "NOT_FOUND"}),
    "companyRegister": (
        {"reference": "two words", "name": "", "lei": "W38RGI023J3WT1HWRP33", "citations": NOWHERE},
        {"reference": "BAD_USER_INPUT", "name": "BAD_USER_INPUT", "lei": "BAD_USER_INPUT", **UNCITED},
    ),
    "companyRevise": (
        {"expectedVersion": 9, "name": None, "sectors": ["none"], "citations": None},
        {
            **{"expectedVersion": "CONFLICT", "name": "BAD_USER_INPUT", "sectors.0": "BAD_USER_INPUT"},
            **{"citations": "UNSOURCED"},
        },
    ),
    "partnershipRecord": (
        {"company": "nobody", "agreement": "nothing", "since": "2025", "until": "2024", "citations": NOWHERE},
        {"company": "NOT_FOUND", "agreement": "NOT_FOUND", "until": "BAD_USER_INPUT", **UNCITED},
    ),
    "licenceRecord": (
        {"company": "nobody", "issuedBy": "nobody", "since": "soon", "citations": []},
        {
            **{"company": "NOT_FOUND", "issuedBy": "NOT_FOUND", "since": "BAD_USER_INPUT"},
            **{"citations": "UNSOURCED"},
        },
    ),
    "partnershipWithdraw": (
        {"company": "nobody", "agreement": "nothing", "since": "2025", "until": "2024"},
        {"company": "NOT_FOUND", "agreement": "NOT_FOUND", "until": "BAD_USER_INPUT"},
    ),
    "licenceWithdraw": (
        {"since": "soon", "issuedBy": "nobody"},
        {"since": "BAD_USER_INPUT", "issuedBy": "NOT_FOUND"},
    ),
    "institutionRegister": (
        {"reference": "office", "name": "", "parent": "nobody", "succeeds": "nobody", "citations": []},
        {
            **{"reference": "CONFLICT", "name": "BAD_USER_INPUT", "parent": "NOT_FOUND", "succeeds": "NOT_FOUND"},
            **{"citations": "UNSOURCED"},
        },
    ),
    "quotaAllot": (
        {"reference": "whole", "places": -1, "period": "2025-02-30", "partOf": "nothing", "occupation": "99"},
        {
            **{"reference": "CONFLICT", "places": "BAD_USER_INPUT", "period": "BAD_USER_INPUT"},
            **{"partOf": "NOT_FOUND", "occupation": "BAD_USER_INPUT"},
        },
    ),
    "quotaRevise": (
        {"expectedVersion": 9, "places": 2_000_000_000, "decided": "soon", "citations": []},
        {
            **{"expectedVersion": "CONFLICT", "places": "BAD_USER_INPUT", "decided": "BAD_USER_INPUT"},
            **{"citations": "UNSOURCED"},
        },
    ),
    "placementsReport": (
        {
            "source": "nowhere",
            "placements": [
                {"period": "2024", "country": "DE", "people": 1},
                {"period": "2024-02/2024-05", "country": "DE", "people": -1, "agreement": "nothing"},
            ],
        },
        {
            **{"source": "NOT_FOUND", "placements.1.period": "BAD_USER_INPUT"},
            **{"placements.1.people": "BAD_USER_INPUT", "placements.1.agreement": "NOT_FOUND"},
        },
    ),
    "figureReport": (
        {"reference": "a b", "value": "999999999", "unit": "", "period": "when", "company": "x", "citations": NOWHERE},
        {
            **{"reference": "BAD_USER_INPUT", "value": "BAD_USER_INPUT", "unit": "BAD_USER_INPUT"},
            **{"period": "BAD_USER_INPUT", "company": "NOT_FOUND"},
            **UNCITED,
        },
    ),
    "engagementRecord": (
        {"title": "", "date": "", "agreement": "nothing", "audience": "RESTRICTED", "citations": NOWHERE},
        {
            **{"title": "BAD_USER_INPUT", "date": "BAD_USER_INPUT", "agreement": "NOT_FOUND"},
            **{"audience": "FORBIDDEN"},
            **UNCITED,
        },
    ),
    "recordWithdraw": ({"id": "nonsense"}, {"id": "BAD_USER_INPUT"}),
}


def test_every_mutation_is_tried() -> None:
    mutation = schema._schema.mutation_type
    assert mutation is not None
    assert set(mutation.fields) == set(VALID) == set(WRONG)


@pytest.mark.parametrize("field", WRONG)
def test_all_problems_are_told_at_once_and_nothing_is_written(edit: Editor, registry: sa.Engine, field: str) -> None:
    said, problems = WRONG[field]
    before = rows(registry)

    assert edit.problems(field, **VALID[field] | said | {"reason": " "}) == problems | NO_REASON

    assert rows(registry) == before


@pytest.mark.parametrize("field", VALID)
@pytest.mark.parametrize("actor", [ANYONE, READER], ids=["anyone", "reader"])
def test_whoever_may_not_write_is_refused_and_nothing_is_written(registry: sa.Engine, field: str, actor: Actor) -> None:
    before = rows(registry)

    refusal = Asker(registry, actor).refusal(Editor(registry).document(field, "__typename"), input=VALID[field])

    assert (refusal["code"], refusal["path"]) == ("FORBIDDEN", [field])
    assert rows(registry) == before


def test_nobody_of_the_home_country_goes_under_an_agreement_kept_for_comparison(
    edit: Editor, registry: sa.Engine
) -> None:
    with changeset(registry, "A test.") as changes:
        make_agreement(changes, "mx-us", ("MX", "US"), comparator=True)
    said: Input = {"period": "2024", "country": "US", "people": 5, "agreement": "mx-us"}

    problems = edit.problems("placementsReport", source="some-source", placements=[said], reason="So.")

    assert problems == {"placements.0.agreement": "BAD_USER_INPUT"}


def test_what_is_not_on_record_is_not_withdrawn(edit: Editor, registry: sa.Engine) -> None:
    said: Input = {"period": "2024", "country": "DE", "people": 5}
    report: Input = {"source": "some-source", "reason": "So."}
    edit("placementsReport", placements=[said], **report)
    before = rows(registry)

    wrong = [said | {"period": "2023"}, said | {"sex": "MALE"}, said | {"people": 6}]
    problems = edit.problems("placementsReport", placements=[one | {"withdrawn": True} for one in wrong], **report)
    assert problems == {
        **{"placements.0": "NOT_FOUND", "placements.1": "NOT_FOUND"},
        **{"placements.2.people": "CONFLICT"},
    }
    assert edit.problems("partnershipWithdraw", **VALID["partnershipWithdraw"]) == {"stage": "NOT_FOUND"}
    assert edit.problems("licenceWithdraw", **VALID["licenceWithdraw"]) == {"state": "NOT_FOUND"}
    assert rows(registry) == before


def test_an_administrator_may_write_what_only_administrators_see(registry: sa.Engine) -> None:
    admin = Editor(registry, Actor("An administrator", Role.ADMIN))
    said = VALID["agreementRegister"] | {"audience": "RESTRICTED"}

    assert admin("agreementRegister", "agreement { audience }", **said)["agreement"] == {"audience": "RESTRICTED"}

    edit = Editor(registry)
    assert edit.problems("legalActRecord", **VALID["legalActRecord"] | {"agreement": "a"}) == {"agreement": "NOT_FOUND"}
    revision: Input = {"reference": "a", "expectedVersion": 1, "comparator": True, "reason": "So."}
    assert edit.problems("agreementRevise", **revision) == {"reference": "NOT_FOUND"}


def test_text_that_cannot_be_stored_is_refused_at_its_place(edit: Editor, registry: sa.Engine) -> None:
    before = rows(registry)
    said = VALID["companyRegister"] | {"name": "A\0B", "citations": [{"source": "some-source", "quote": "\x07"}]}

    problems = edit.problems("companyRegister", **said | {"reason": "\0"})

    assert problems == dict.fromkeys(("name", "citations.0.quote", "reason"), "BAD_USER_INPUT")
    assert rows(registry) == before


@pytest.mark.parametrize("text", ["\u200b", "\ufeff", "\u2060\u200d", "\u202e\u202e", "Works\u202e"])
def test_text_that_nobody_sees_or_that_turns_what_follows_is_refused_at_its_place(
    edit: Editor, registry: sa.Engine, text: str
) -> None:
    before = rows(registry)
    said = VALID["companyRegister"] | {"name": text, "citations": [{"source": "some-source", "note": text}]}

    problems = edit.problems("companyRegister", **said | {"reason": text})

    assert problems == dict.fromkeys(("name", "citations.0.note", "reason"), "BAD_USER_INPUT")
    assert rows(registry) == before


def test_whoever_gives_no_reason_is_told_what_it_is_for(edit: Editor) -> None:
    payload = edit.payload("sourceAdd", **VALID["sourceAdd"] | {"reason": "", "title": " "})

    hints = {problem["path"][0]: problem["hint"] for problem in payload["userErrors"]}
    assert hints == {
        "reason": "Say why this is entered; the log of changes keeps it.",
        "title": "Give at least one letter, digit or sign.",
    }


def test_the_decision_on_record_is_refused_as_a_later_one(edit: Editor, registry: sa.Engine) -> None:
    with registry.connect() as connection:
        places = connection.exec_driver_sql("SELECT places FROM quota WHERE reference = 'whole'").scalar_one()
    before = rows(registry)

    assert edit.problems("quotaRevise", **VALID["quotaRevise"] | {"places": places}) == {"": "BAD_USER_INPUT"}
    assert rows(registry) == before


def test_items_of_lists_and_days_that_mean_nothing_are_refused_at_their_place(edit: Editor) -> None:
    blank = {"names": ["", " x "]}
    assert edit.problems("institutionRegister", **VALID["institutionRegister"] | blank) == {"names.0": "BAD_USER_INPUT"}
    until = {"until": "2030"}
    assert edit.problems("legalActRecord", **VALID["legalActRecord"] | until) == {"until": "BAD_USER_INPUT"}


def test_of_two_editors_who_read_the_same_version_the_second_is_told_what_the_first_changed(edit: Editor) -> None:
    base: Input = {"reference": "uz-de", "expectedVersion": 1, "reason": "Read."}
    edit("agreementRevise", **base, articleCount=5)

    payload = edit.payload("agreementRevise", "agreement { version }", **base, articleCount=6)

    assert payload["agreement"] is None
    (problem,) = payload["userErrors"]
    assert (problem["code"], problem["path"]) == ("CONFLICT", ["expectedVersion"])
    assert "version 2" in problem["message"]
    assert "articleCount" in problem["message"]
    assert edit.ask('{ agreement(reference: "uz-de") { articleCount version } }') == {
        "agreement": {"articleCount": 5, "version": 2}
    }


def test_of_editors_who_revise_at_the_same_moment_one_wins(registry: sa.Engine) -> None:
    def revise(count: int) -> list[str]:
        said: Input = {"reference": "uz-de", "expectedVersion": 1, "articleCount": count, "reason": "Read."}
        return [problem["code"] for problem in Editor(registry).payload("agreementRevise", **said)["userErrors"]]

    with ThreadPoolExecutor(6) as threads:
        told = list(threads.map(revise, range(1, 7)))

    assert sorted(told) == [[], *[["CONFLICT"]] * 5]
    asked = Editor(registry).ask('{ agreement(reference: "uz-de") { articleCount version } }')["agreement"]
    assert asked == {"articleCount": told.index([]) + 1, "version": 2}


@pytest.mark.parametrize("field", ["agreementRevise", "companyRevise"])
def test_a_revision_that_changes_nothing_is_refused(edit: Editor, field: str) -> None:
    reference = VALID[field]["reference"]

    assert edit.problems(field, reference=reference, expectedVersion=1, reason="So.") == {"": "BAD_USER_INPUT"}


def test_of_very_many_problems_as_many_are_told_as_a_list_is_long(edit: Editor) -> None:
    wrong = {"period": "soon", "country": "DE", "people": 1}

    problems = edit.problems("placementsReport", source="some-source", placements=[wrong] * 600, reason="So.")

    assert len(problems) == 500
