"""Every mutation of the contract, through the schema: what it writes, what it shows, and what it refuses."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlmodel import SQLModel

from registry.access import ANYONE, Actor, Role
from registry.database import open_engine
from registry.engagements import EngagementKind
from registry.history import changeset
from registry.repeats import Repeatable
from schema import schema
from tests.factories import (
    make_agreement,
    make_company,
    make_country,
    make_engagement,
    make_figure,
    make_institution,
    make_occupation,
    make_quota,
    make_sector,
    make_source,
)
from tests.schema.asking import Asker

EDITOR = Actor("An editor", Role.EDITOR)
READER = Actor("A reader", Role.READER)

Input = dict[str, Any]

WORDS = [{"source": "some-source", "quote": "It is so."}]
NOWHERE = [{"source": "nowhere", "quote": " "}]
PLAIN: Input = {"citations": WORDS, "reason": "As the source says."}


def type_of_input(field: str) -> str:
    """The name of the type of a mutation's input."""
    mutation = schema._schema.mutation_type
    assert mutation is not None
    return str(mutation.fields[field].args["input"].type)


class Editor:
    """Writes to one registry."""

    def __init__(self, engine: sa.Engine, actor: Actor = EDITOR, **settings: Any) -> None:
        self.ask = Asker(engine, actor, **settings)

    def document(self, field: str, select: str) -> str:
        told = "userErrors { code path message hint } warnings { code path message hint }"
        return f"mutation ($input: {type_of_input(field)}) {{ {field}(input: $input) {{ {select} {told} }} }}"

    def __call__(self, field: str, select: str = "", **said: Any) -> dict[str, Any]:
        """What is shown of a write that must be accepted."""
        payload = self.payload(field, select, **said)
        assert payload["userErrors"] == []
        return payload

    def payload(self, field: str, select: str = "", **said: Any) -> dict[str, Any]:
        data = self.ask(self.document(field, select or "__typename"), input=said)
        shown: dict[str, Any] = data[field]
        return shown

    def problems(self, field: str, **said: Any) -> dict[str, str]:
        """Where an input is refused, and by which code."""
        payload = self.payload(field, **said)
        for problem in payload["userErrors"]:
            assert problem["message"]
            assert problem["hint"]
        assert payload["warnings"] == []
        return {".".join(problem["path"]): problem["code"] for problem in payload["userErrors"]}


@pytest.fixture
def registry(any_engine: sa.Engine) -> sa.Engine:
    """A registry with something to write about, on each database."""
    with changeset(any_engine, "A test.") as changes:
        for code in ("UZ", "DE"):
            make_country(changes, code)
        make_sector(changes, "41")
        make_occupation(changes, "22")
        make_source(changes)
        make_agreement(changes, "uz-de", titles=[])
        make_company(changes, "works")
        make_institution(changes, "office")
        make_quota(changes, "whole")
    return any_engine


@pytest.fixture
def edit(registry: sa.Engine) -> Editor:
    return Editor(registry)


def rows(engine: sa.Engine) -> dict[str, list[Any]]:
    """All rows of all tables."""
    with engine.connect() as connection:
        return {table.name: [tuple(row) for row in connection.execute(sa.select(table))] for table in _tables()}


def _tables() -> Iterator[sa.Table]:
    yield from SQLModel.metadata.sorted_tables


# ── What each writes and shows ──────────────────────────────────────────────────────────────────────────────────────


def test_a_source_is_added(edit: Editor) -> None:
    shown = edit(
        "sourceAdd",
        "source { id reference kind reliability language published { edtf } copyOf { reference } }",
        reference="journal",
        title="A journal",
        kind="OFFICIAL_JOURNAL",
        reliability="OFFICIAL",
        language="uz-Cyrl",
        published="2024-05",
        copyOf="some-source",
        reason="Found.",
    )["source"]

    assert shown.pop("id")
    assert shown == {
        "reference": "journal",
        "kind": "OFFICIAL_JOURNAL",
        "reliability": "OFFICIAL",
        "language": "uz-Cyrl",
        "published": {"edtf": "2024-05"},
        "copyOf": {"reference": "some-source"},
    }


AGREEMENT = """agreement {
  reference title(language: RU) titleAsPrinted type level bindingness bindingnessReason subjects sectors { code }
  parties { country { code } institution { reference } signatory } beneficiaries articleCount audience version status
  term { forceRule forceDelay durationMonths renewal } relations { kind inverse agreement { reference } }
  documents { title language authentic source { reference } } citations { quote note }
}"""


def test_an_agreement_is_registered_with_all_that_is_stated_of_it(edit: Editor) -> None:
    shown = edit(
        "agreementRegister",
        AGREEMENT,
        reference="uz-de-2",
        titleAsPrinted="Abkommen",
        titles=[{"language": "RU", "title": "Соглашение"}],
        type="PROTOCOL",
        level="INTERGOVERNMENTAL",
        bindingness="BINDING",
        bindingnessReason="It says so.",
        parties=[{"country": "UZ", "institution": "office", "signatory": "The Minister"}, {"country": "DE"}],
        subjects=["LABOUR_MIGRATION"],
        sectors=["41"],
        beneficiaries=["nurses"],
        articleCount=9,
        term={"forceRule": "ON_LAST_CONSENT", "forceDelay": "P30D", "durationMonths": 60, "renewal": "TACIT"},
        relations=[{"kind": "AMENDS", "agreement": "uz-de"}],
        documents=[{"title": "Text", "language": "de", "authentic": True, "source": "some-source"}],
        audience="PUBLIC",
        citations=[*WORDS, {"source": "some-source", "note": "The sense."}],
        reason="Received.",
    )["agreement"]

    assert shown == {
        "reference": "uz-de-2",
        "title": "Соглашение",
        "titleAsPrinted": "Abkommen",
        "type": "PROTOCOL",
        "level": "INTERGOVERNMENTAL",
        "bindingness": "BINDING",
        "bindingnessReason": "It says so.",
        "subjects": ["LABOUR_MIGRATION"],
        "sectors": [{"code": "41"}],
        "parties": [
            {"country": {"code": "UZ"}, "institution": {"reference": "office"}, "signatory": "The Minister"},
            {"country": {"code": "DE"}, "institution": None, "signatory": None},
        ],
        "beneficiaries": ["nurses"],
        "articleCount": 9,
        "audience": "PUBLIC",
        "version": 1,
        "status": "REPORTED",
        "term": {"forceRule": "ON_LAST_CONSENT", "forceDelay": "P30D", "durationMonths": 60, "renewal": "TACIT"},
        "relations": [{"kind": "AMENDS", "inverse": False, "agreement": {"reference": "uz-de"}}],
        "documents": [{"title": "Text", "language": "de", "authentic": True, "source": {"reference": "some-source"}}],
        "citations": [{"quote": "It is so.", "note": None}, {"quote": None, "note": "The sense."}],
    }


def test_the_public_does_not_see_what_is_registered_without_an_audience(edit: Editor, registry: sa.Engine) -> None:
    parties = [{"country": "UZ"}, {"country": "DE"}]
    plain: Input = {"titleAsPrinted": "T", "type": "TREATY", "parties": parties, **PLAIN}

    assert edit("agreementRegister", "agreement { audience }", reference="quiet", **plain)["agreement"] == {
        "audience": "OFFICIAL"
    }

    found = 'query { agreement(reference: "quiet") { reference } }'
    assert Asker(registry, ANYONE)(found) == {"agreement": None}
    assert Asker(registry, READER)(found) == {"agreement": {"reference": "quiet"}}


def test_a_revision_changes_what_it_says_and_nothing_else(edit: Editor) -> None:
    shown = edit(
        "agreementRevise",
        "agreement { titleAsPrinted sectors { code } articleCount version parties { country { code } } }",
        reference="uz-de",
        expectedVersion=1,
        titleAsPrinted="A Treaty",
        sectors=["41"],
        reason="Read again.",
    )["agreement"]

    assert shown == {
        "titleAsPrinted": "A Treaty",
        "sectors": [{"code": "41"}],
        "articleCount": None,
        "version": 2,
        "parties": [{"country": {"code": "UZ"}}, {"country": {"code": "DE"}}],
    }

    cleared = edit(
        "agreementRevise",
        "agreement { sectors { code } version }",
        reference="uz-de",
        expectedVersion=2,
        sectors=None,
        reason="Read once more.",
    )["agreement"]
    assert cleared == {"sectors": [], "version": 3}


def test_the_status_that_follows_from_an_act_is_in_the_payload(edit: Editor) -> None:
    def record(kind: str, date: str) -> dict[str, Any]:
        select = "act { id kind date { edtf } inRecord } agreement { status acts { kind } version }"
        return edit("legalActRecord", select, agreement="uz-de", kind=kind, date=date, **PLAIN)

    signed = record("SIGNATURE", "2019-12-01")
    assert signed["act"]["kind"] == "SIGNATURE"
    assert signed["agreement"] == {"status": "SIGNED", "acts": [{"kind": "SIGNATURE"}], "version": 2}
    force = record("ENTRY_INTO_FORCE", "2020-03-01")
    assert force["agreement"]["status"] == "IN_FORCE"

    withdrawn = edit(
        "legalActWithdraw", "act { inRecord } agreement { status version }", id=force["act"]["id"], reason="A mistake."
    )
    assert withdrawn["act"] == {"inRecord": False}
    assert withdrawn["agreement"] == {"status": "SIGNED", "version": 4}


def test_a_company_is_registered_and_revised(edit: Editor) -> None:
    shown = edit(
        "companyRegister",
        "company { reference roles sectors { code } nationalNumber version stage }",
        reference="clinic",
        name="Clinic",
        country="DE",
        roles=["EMPLOYER"],
        sectors=["41"],
        nationalNumber="HRB 1",
        **PLAIN,
    )["company"]
    assert shown == {
        "reference": "clinic",
        "roles": ["EMPLOYER"],
        "sectors": [{"code": "41"}],
        "nationalNumber": "HRB 1",
        "version": 1,
        "stage": "PROSPECT",
    }

    revised = edit(
        "companyRevise",
        "company { name names nationalNumber version }",
        reference="clinic",
        expectedVersion=1,
        name="Hospital",
        nationalNumber=None,
        reason="Renamed.",
    )["company"]
    assert revised == {
        "name": "Hospital",
        "names": ["Hospital", "Clinic"],
        "nationalNumber": None,
        "version": 2,
    }


def test_a_partnership_and_a_licence_are_recorded(edit: Editor) -> None:
    partner = edit(
        "partnershipRecord",
        "company { stage partnerships { stage agreement { reference } since { edtf } } }",
        company="works",
        stage="ACTIVE",
        agreement="uz-de",
        since="2024",
        **PLAIN,
    )["company"]
    licensed = edit(
        "licenceRecord",
        "company { licences { number state issuedBy { reference } until { edtf } } version }",
        company="works",
        number="7",
        state="VALID",
        issuedBy="office",
        until="2030",
        **PLAIN,
    )["company"]

    assert partner["stage"] == "ACTIVE"
    assert partner["partnerships"] == [
        {"stage": "ACTIVE", "agreement": {"reference": "uz-de"}, "since": {"edtf": "2024"}}
    ]
    assert licensed["licences"] == [
        {"number": "7", "state": "VALID", "issuedBy": {"reference": "office"}, "until": {"edtf": "2030"}}
    ]
    assert licensed["version"] == 3


def test_an_institution_is_registered(edit: Editor) -> None:
    shown = edit(
        "institutionRegister",
        "institution { reference names country { code } parent { reference } }",
        reference="branch",
        name="Branch",
        names=["Filiale"],
        kind="REPRESENTATION_ABROAD",
        country="DE",
        parent="office",
        **PLAIN,
    )["institution"]

    assert shown == {
        "reference": "branch",
        "names": ["Branch", "Filiale"],
        "country": {"code": "DE"},
        "parent": {"reference": "office"},
    }


def test_a_quota_is_allotted_and_revised(edit: Editor) -> None:
    select = """quota {
      places operator unit origins { code } partOf { reference } agreement { reference } sector { code }
      occupation { code } condition period { edtf } version revisions { places citations { quote } } citations { quote }
    }"""
    shown = edit(
        "quotaAllot",
        select,
        reference="part",
        kind="CEILING",
        basis="AGREEMENT",
        agreement="uz-de",
        country="DE",
        origins=["UZ"],
        partOf="whole",
        sector="41",
        occupation="22",
        condition="seasonal",
        period="2025",
        places=60,
        **PLAIN,
    )["quota"]
    assert shown == {
        "places": 60,
        "operator": "EXACT",
        "unit": "PERSONS",
        "origins": [{"code": "UZ"}],
        "partOf": {"reference": "whole"},
        "agreement": {"reference": "uz-de"},
        "sector": {"code": "41"},
        "occupation": {"code": "22"},
        "condition": "seasonal",
        "period": {"edtf": "2025"},
        "version": 1,
        "revisions": [],
        "citations": [{"quote": "It is so."}],
    }

    later = [{"source": "some-source", "quote": "Seventy."}]
    revised = edit(
        "quotaRevise",
        select,
        reference="part",
        expectedVersion=1,
        places=70,
        decided="2025-06",
        citations=later,
        reason="Raised.",
    )["quota"]
    assert (revised["places"], revised["version"], revised["citations"]) == (70, 2, [{"quote": "Seventy."}])
    assert revised["revisions"] == [{"places": 60, "citations": [{"quote": "It is so."}]}]


def test_returns_are_reported_and_reported_again(edit: Editor) -> None:
    def report(people: int) -> int:
        one = {"period": "2024-01", "country": "DE", "people": people, "sector": "41", "company": "works"}
        two = {"period": "2024-02", "country": "DE", "people": 5, "measure": "ARRIVED", "sex": "FEMALE"}
        accepted = edit("placementsReport", "accepted", source="some-source", placements=[one, two], reason="Sent.")
        count: int = accepted["accepted"]
        return count

    assert report(10) == 2
    assert report(12) == 2
    assert edit.ask("{ placements { total } }") == {"placements": {"total": 12}}


def test_a_figure_is_reported_under_a_reference_that_the_registry_makes(edit: Editor) -> None:
    shown = edit(
        "figureReport",
        "figure { reference value unit operator destinations { code } company { reference } }",
        measure="DEPARTED",
        nature="FLOW",
        operator="MORE_THAN",
        value="80000.50",
        period="2025-01/2025-06",
        destinations=["DE"],
        company="works",
        **PLAIN,
    )["figure"]

    assert shown == {
        "reference": "figure-1",
        "value": "80000.50",
        "unit": "persons",
        "operator": "MORE_THAN",
        "destinations": [{"code": "DE"}],
        "company": {"reference": "works"},
    }


def test_an_engagement_is_recorded(edit: Editor) -> None:
    shown = edit(
        "engagementRecord",
        "engagement { reference title countries { code } agreement { reference } topics audience }",
        kind="MEETING",
        title="Talks",
        date="2024-05",
        countries=["UZ", "DE"],
        agreement="uz-de",
        topics=["nursing"],
        **PLAIN,
    )["engagement"]

    assert shown == {
        "reference": "engagement-1",
        "title": "Talks",
        "countries": [{"code": "DE"}, {"code": "UZ"}],
        "agreement": {"reference": "uz-de"},
        "topics": ["nursing"],
        "audience": "OFFICIAL",
    }


def test_a_record_is_withdrawn_unless_others_rest_on_it(edit: Editor) -> None:
    found = edit.ask('{ company(reference: "works") { id } source(reference: "some-source") { id } }')
    company, source = found["company"]["id"], found["source"]["id"]

    payload = edit.payload("recordWithdraw", "withdrawnId", id=source, reason="A mistake.")
    assert payload["withdrawnId"] is None
    (problem,) = payload["userErrors"]
    assert (problem["code"], problem["path"]) == ("CONFLICT", ["id"])
    assert "company works" in problem["message"]

    assert edit("recordWithdraw", "withdrawnId", id=company, reason="A mistake.")["withdrawnId"] == company
    assert edit.ask('{ company(reference: "works") { id } }') == {"company": None}


# ── What is refused ─────────────────────────────────────────────────────────────────────────────────────────────────

VALID: dict[str, Input] = {
    "sourceAdd": {
        "reference": "s",
        "title": "T",
        "kind": "PRESS",
        "reliability": "SECONDARY",
        "language": "en",
        "reason": "So.",
    },
    "agreementRegister": {
        "reference": "a",
        "titleAsPrinted": "T",
        "type": "TREATY",
        "parties": [{"country": "UZ"}],
        **PLAIN,
    },
    "agreementRevise": {"reference": "uz-de", "expectedVersion": 1, "comparator": True, "reason": "So."},
    "legalActRecord": {"agreement": "uz-de", "kind": "SIGNATURE", "date": "2024", **PLAIN},
    "legalActWithdraw": {"id": "TGVnYWxBY3Q6MQ", "reason": "So."},
    "companyRegister": {"reference": "c", "name": "C", "country": "DE", "roles": ["EMPLOYER"], **PLAIN},
    "companyRevise": {"reference": "works", "expectedVersion": 1, "name": "N", "reason": "So."},
    "partnershipRecord": {"company": "works", "stage": "ACTIVE", **PLAIN},
    "licenceRecord": {"company": "works", "state": "VALID", **PLAIN},
    "institutionRegister": {"reference": "i", "name": "I", "kind": "FUND", **PLAIN},
    "quotaAllot": {
        "reference": "q",
        "kind": "CEILING",
        "basis": "EMPLOYER",
        "country": "DE",
        "origins": [],
        "period": "2025",
        "places": 1,
        **PLAIN,
    },
    "quotaRevise": {"reference": "whole", "expectedVersion": 1, "places": 1, **PLAIN},
    "placementsReport": {
        "source": "some-source",
        "placements": [{"period": "2024", "country": "DE", "people": 1}],
        "reason": "So.",
    },
    "figureReport": {"measure": "DEPARTED", "nature": "FLOW", "value": "1", "period": "2024", **PLAIN},
    "engagementRecord": {"kind": "VISIT", "title": "T", "date": "2024", "countries": ["DE"], **PLAIN},
    "recordWithdraw": {"id": "Q29tcGFueTox", "reason": "So."},
}

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


# ── Several in one request ──────────────────────────────────────────────────────────────────────────────────────────


def test_several_writes_are_made_one_after_the_other_each_by_itself(edit: Editor) -> None:
    def act(alias: str, kind: str, date: str, more: str = "") -> str:
        said = f'agreement: "uz-de", kind: {kind}, date: "{date}", reason: "So.", citations: $words {more}'
        return f"{alias}: legalActRecord(input: {{{said}}}) {{ agreement {{ status }} userErrors {{ path }} }}"

    acts = (
        act("signed", "SIGNATURE", "2019-12-01"),
        act("refused", "RATIFICATION", "soon"),
        act("force", "ENTRY_INTO_FORCE", "2020-03-01"),
    )
    data = edit.ask(f"mutation ($words: [CitationInput!]!) {{ {' '.join(acts)} }}", words=WORDS)

    assert data == {
        "signed": {"agreement": {"status": "SIGNED"}, "userErrors": []},
        "refused": {"agreement": None, "userErrors": [{"path": ["date"]}]},
        "force": {"agreement": {"status": "IN_FORCE"}, "userErrors": []},
    }


def test_each_write_is_told_in_the_log_with_its_reason_and_who_made_it(edit: Editor, registry: sa.Engine) -> None:
    edit("companyRevise", **VALID["companyRevise"] | {"reason": " Renamed. "})

    with registry.connect() as connection:
        told = connection.execute(sa.text("SELECT actor, role, reason FROM change ORDER BY sequence DESC")).first()
    assert told is not None
    assert tuple(told) == ("An editor", "EDITOR", "Renamed.")


# ── What is accepted although it looks odd ──────────────────────────────────────────────────────────────────────────


def test_what_looks_odd_is_written_and_told(registry: sa.Engine, tmp_path: Path) -> None:
    text = "It was signed in Tashkent."
    digest = sha256(text.encode()).hexdigest()
    (tmp_path / digest).write_text(text, encoding="utf-8")
    edit = Editor(registry, documents_dir=str(tmp_path))
    source = VALID["sourceAdd"] | {"reference": "held", "sha256": digest}
    edit("sourceAdd", **source)
    edit("legalActRecord", **VALID["legalActRecord"] | {"date": "2024-03-05"})
    words = [{"source": "held", "quote": "signed in Berlin"}]

    shown = edit(
        "legalActRecord",
        "act { date { edtf } }",
        **VALID["legalActRecord"] | {"date": "2024-05-03", "citations": words},
    )

    assert shown["act"] == {"date": {"edtf": "2024-05-03"}}
    swapped, quote = shown["warnings"]
    assert (swapped["code"], swapped["path"]) == ("DAY_AND_MONTH_SWAPPED", ["date"])
    assert "some-source puts the SIGNATURE on 2024-03-05" in swapped["message"]
    assert swapped["hint"]
    assert (quote["code"], quote["path"]) == ("QUOTE_NOT_FOUND", ["citations", "0", "quote"])


ODD: list[tuple[str, Input, str, str]] = [
    ("agreementRegister", {"term": {"durationMonths": 12}}, "TERM_WITHOUT_FORCE", "term.durationMonths"),
    ("agreementRevise", {"bindingness": "BINDING"}, "ASSESSED_WITHOUT_REASON", "bindingnessReason"),
    ("quotaAllot", {"basis": "DOMESTIC_RULE"}, "DUPLICATE", "reference"),
    ("quotaRevise", {"places": 1_000}, "TENFOLD_JUMP", "places"),
    (
        "placementsReport",
        {
            "placements": [
                {"period": "2024", "country": "DE", "people": 1},
                {"period": "2025", "country": "DE", "people": 1_000},
            ]
        },
        "TENFOLD_JUMP",
        "placements.0.people",
    ),
    ("figureReport", {"value": "1000", "destinations": ["DE"]}, "TENFOLD_JUMP", "value"),
    ("engagementRecord", {"date": "2024-05-01"}, "DUPLICATE", "date"),
]


@pytest.mark.parametrize(("field", "said", "code", "path"), ODD, ids=[case[0] for case in ODD])
def test_each_write_is_looked_at(
    edit: Editor, registry: sa.Engine, field: str, said: Input, code: str, path: str
) -> None:
    with changeset(registry, "A test.") as changes:
        make_quota(changes, "before", period="2024", places=10)
        make_figure(changes, value=Decimal(1), period="2023", destinations=["DE"])
        make_engagement(changes, kind=EngagementKind.VISIT, date="2024-05-01", countries=["DE"])

    payload = edit(field, **VALID[field] | said)

    assert (code, path) in [(warning["code"], ".".join(warning["path"])) for warning in payload["warnings"]]


# ── Requests that come again ────────────────────────────────────────────────────────────────────────────────────────


Again = Callable[..., Editor]


@pytest.fixture
def again(registry: sa.Engine) -> Iterator[Again]:
    """Makes editors of the registry after a restart, with a request under a key."""
    opened: list[sa.Engine] = []

    def make(key: str = "k", request: str = "q") -> Editor:
        opened.append(open_engine(registry.url.render_as_string(hide_password=False)))
        edit = Editor(opened[-1])
        edit.ask.repeatable = Repeatable.of(EDITOR, key, request, hours=1)
        return edit

    yield make
    for engine in opened:
        engine.dispose()


def test_a_request_that_comes_again_after_a_restart_writes_nothing_more_and_shows_the_same(
    registry: sa.Engine, again: Again
) -> None:
    said = VALID["legalActRecord"] | {"date": "2024-05-03"}
    select = "act { id } agreement { version }"
    Editor(registry)("legalActRecord", **said)
    first = again()("legalActRecord", select, **said)
    assert [warning["code"] for warning in first["warnings"]] == ["DUPLICATE"]
    before = rows(registry)

    assert again()("legalActRecord", select, **said) == first
    assert rows(registry) == before

    other = again(key="l")("legalActRecord", select, **said)
    assert other["act"] != first["act"]


def test_a_request_that_broke_off_in_between_goes_on_where_it_broke_off(registry: sa.Engine, again: Again) -> None:
    said = 'kind: SIGNATURE, date: "2024", reason: "So.", citations: [{ source: "some-source", note: "So." }]'
    first = f'a: legalActRecord(input: {{ agreement: "uz-de", {said} }}) {{ act {{ id }} }}'
    second = f'b: legalActRecord(input: {{ agreement: "uz-de", {said} }}) {{ act {{ id }} }}'
    shown = again().ask(f"mutation {{ {first} }}")

    both = again().ask(f"mutation {{ {first} {second} }}")

    assert both["a"] == shown["a"]
    assert both["b"] != shown["a"]
    with registry.connect() as connection:
        assert connection.execute(sa.text("SELECT count(*) FROM legalact")).scalar_one() == 2


def test_a_key_that_was_given_with_another_request_is_refused(registry: sa.Engine, again: Again) -> None:
    again()("companyRevise", **VALID["companyRevise"])
    before = rows(registry)

    assert again(request="r").problems("companyRevise", **VALID["companyRevise"]) == {"": "CONFLICT"}

    assert rows(registry) == before
