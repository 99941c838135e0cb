"""Every mutation of the contract, through the schema: what it writes, and what it shows."""

from typing import Any

import sqlalchemy as sa

from registry.access import ANYONE
from registry.verification import verify
from tests.schema.asking import Asker
from tests.schema.writing import PLAIN, READER, VALID, WORDS, Editor, Input


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
  reference title(language: RU) titleAsPrinted titleLanguage type level bindingness bindingnessReason
  subjects sectors { code }
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
        titleLanguage="de",
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
        "titleLanguage": "de",
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


TERM = """agreement {
  version term { forceRule forceDelay forceOnFirstOfMonth durationMonths renewal renewalMonths noticeMonths }
}"""


def test_what_a_revision_leaves_out_of_a_term_stays_as_it_is(edit: Editor) -> None:
    def revise(version: int, **term: Any) -> dict[str, Any]:
        base: Input = {"reference": "uz-de", "expectedVersion": version, "reason": "Read again."}
        shown: dict[str, Any] = edit("agreementRevise", TERM, **base, term=term)["agreement"]["term"]
        return shown

    first = revise(1, forceRule="ON_SIGNATURE", forceOnFirstOfMonth=True, durationMonths=12, renewal="TACIT")
    assert first == {
        **{"forceRule": "ON_SIGNATURE", "forceDelay": None, "forceOnFirstOfMonth": True, "durationMonths": 12},
        **{"renewal": "TACIT", "renewalMonths": None, "noticeMonths": None},
    }
    assert revise(2, noticeMonths=3) == first | {"noticeMonths": 3}
    assert revise(3) == first | {"noticeMonths": 3}
    assert revise(4, noticeMonths=None, renewal="NONE", forceOnFirstOfMonth=False) == first | {
        "renewal": "NONE",
        "forceOnFirstOfMonth": False,
    }


def test_a_term_is_revised_in_part_wherever_in_the_request_it_stands(edit: Editor) -> None:
    def revise(version: int, variables: str, stated: str, **given: Any) -> Any:
        said = f'reference: "uz-de", expectedVersion: {version}, reason: "So.", term: {stated}'
        document = f"mutation {variables} {{ agreementRevise(input: {{ {said} }}) {{ {TERM} }} }}"
        term = edit.ask(document, **given)["agreementRevise"]["agreement"]["term"]
        return term["renewal"], term["durationMonths"], term["noticeMonths"]

    assert revise(1, "", "{ durationMonths: 12, renewal: TACIT }") == ("TACIT", 12, None)
    assert revise(2, "($term: TermInput)", "$term", term={"noticeMonths": 3}) == ("TACIT", 12, 3)
    assert revise(3, "($notice: Int)", "{ noticeMonths: $notice }", notice=6) == ("TACIT", 12, 6)
    assert revise(4, "($notice: Int)", "{ noticeMonths: $notice }") == ("TACIT", 12, 6)
    assert revise(5, "($notice: Int = 9)", "{ noticeMonths: $notice }") == ("TACIT", 12, 9)
    assert revise(6, "", "{ renewal: NONE, durationMonths: null }") == ("NONE", None, 9)


def test_a_null_term_is_cleared_and_begun_anew(edit: Editor) -> None:
    base: Input = {"reference": "uz-de", "reason": "Read again."}
    edit("agreementRevise", **base, expectedVersion=1, term={"durationMonths": 12})

    cleared = edit("agreementRevise", TERM, **base, expectedVersion=2, term=None)["agreement"]
    begun = edit("agreementRevise", TERM, **base, expectedVersion=3, term={"noticeMonths": 3})["agreement"]

    assert cleared["term"] is None
    assert (begun["term"]["durationMonths"], begun["term"]["noticeMonths"]) == (None, 3)


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


def test_a_mistaken_return_gives_way_to_the_right_ones_and_what_was_known_stays_known(edit: Editor) -> None:
    select = "placements(groupBy: [MONTH]) { total rows { month people } } knownAt"

    def report(*placements: Input) -> Any:
        edit("placementsReport", source="some-source", placements=list(placements), reason="As it came.")
        return edit.ask(f"{{ {select} }}")

    year: Input = {"period": "2024", "country": "DE", "people": 50}
    mistaken = report(year)
    assert edit.problems("placementsReport", **VALID["placementsReport"] | {"placements": [MONTHLY]}) == {
        "placements.0": "CONFLICT"
    }

    right = report(MONTHLY, year | {"withdrawn": True})

    assert (mistaken["placements"]["total"], right["placements"]["total"]) == (50, 4)
    assert right["placements"]["rows"] == [{"month": "2024-01-01", "people": 4}]
    then = edit.ask(f"query ($at: DateTime!) {{ at(knownAt: $at) {{ {select} }} }}", at=mistaken["knownAt"])
    assert then["at"] == mistaken
    (change,) = edit.ask("{ changes(last: 1) { nodes { action fields { name old new } subject { __typename } } } }")[
        "changes"
    ]["nodes"]
    (told,) = change["fields"]
    assert (change["subject"], told["name"]) == ({"__typename": "Source"}, "placements")
    assert [(side["count"], side["rows"][0]["period"]) for side in (told["old"], told["new"])] == [
        (1, "2024"),
        (1, "2024-01"),
    ]
    assert verify(edit.ask.engine) == []


MONTHLY: Input = {"period": "2024-01", "country": "DE", "people": 4}


def test_a_source_without_its_returns_is_withdrawn(edit: Editor) -> None:
    source = edit("sourceAdd", "source { id }", **VALID["sourceAdd"])["source"]["id"]
    edit("placementsReport", source="s", placements=[MONTHLY], reason="Entered in error.")
    (problem,) = edit.payload("recordWithdraw", id=source, reason="A mistake.")["userErrors"]
    assert problem["message"] == "Others rest on it: placement returns (1)."
    assert "placementsReport" in problem["hint"]

    edit("placementsReport", source="s", placements=[MONTHLY | {"withdrawn": True}], reason="A mistake.")

    assert edit("recordWithdraw", "withdrawnId", id=source, reason="A mistake.")["withdrawnId"] == source
    assert verify(edit.ask.engine) == []


def test_a_mistaken_partnership_and_a_mistaken_licence_are_withdrawn(edit: Editor) -> None:
    select = "company { stage partnerships { stage since { edtf } } licences { state number } version }"
    partnership: Input = {"company": "works", "stage": "ACTIVE", "agreement": "uz-de", "since": "2024-02"}
    licence: Input = {"company": "works", "state": "VALID", "number": "7", "issuedBy": "office", "until": "2030"}
    edit("partnershipRecord", **partnership, **PLAIN)
    edit("partnershipRecord", **partnership, **PLAIN)
    edit("licenceRecord", **licence, **PLAIN)
    known = edit.ask("{ knownAt }")["knownAt"]

    once = edit("partnershipWithdraw", select, **partnership, reason="Twice.")["company"]
    assert (once["stage"], once["partnerships"]) == ("ACTIVE", [{"stage": "ACTIVE", "since": {"edtf": "2024-02"}}])
    edit("partnershipWithdraw", **partnership, reason="A mistake.")
    shown = edit("licenceWithdraw", select, **licence, reason="A mistake.")["company"]

    assert shown == {"stage": "PROSPECT", "partnerships": [], "licences": [], "version": 7}
    then = edit.ask(
        'query ($at: DateTime!) { at(knownAt: $at) { company(reference: "works") { licences { number } version } } }',
        at=known,
    )
    assert then == {"at": {"company": {"licences": [{"number": "7"}], "version": 4}}}
    assert verify(edit.ask.engine) == []


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


def test_a_registry_stays_sound_whatever_is_written(edit: Editor, registry: sa.Engine) -> None:
    for field in sorted(VALID, key=lambda field: field.endswith(("Revise", "Withdraw"))):
        said = VALID[field]
        if field == "legalActWithdraw":
            said = said | {"id": edit("legalActRecord", "act { id }", **VALID["legalActRecord"])["act"]["id"]}
        if field == "recordWithdraw":
            said = said | {"id": edit("figureReport", "figure { id }", **VALID["figureReport"])["figure"]["id"]}
        if "expectedVersion" in said:
            noun = field.removesuffix("Revise")
            found = edit.ask(f'{{ found: {noun}(reference: "{said["reference"]}") {{ version }} }}')
            said = said | {"expectedVersion": found["found"]["version"]}
        edit(field, **said)

    assert verify(registry) == []


def test_what_is_shown_may_follow_variables(edit: Editor) -> None:
    document = """mutation ($input: AgreementRegisterInput!, $language: Language, $with: Boolean!) {
        agreementRegister(input: $input) { agreement { title(language: $language) reference @include(if: $with) } } }"""
    given = {
        "reference": "uz-de-3",
        "titleAsPrinted": "Abkommen",
        "titles": [{"language": "RU", "title": "Соглашение"}],
        "type": "PROTOCOL",
        "parties": [{"country": "UZ"}, {"country": "DE"}],
        **PLAIN,
    }

    shown = edit.ask(document, input=given, language="RU", **{"with": False})

    assert shown == {"agreementRegister": {"agreement": {"title": "Соглашение"}}}
