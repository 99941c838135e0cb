"""Partner companies."""

from tests.schema.asking import Asker


def test_sbh_west_is_one_company_with_two_spellings(any_ask: Asker) -> None:
    for text in ("SBH WEST", "sbh west gmbh", "WeST"):
        found = any_ask("query ($t: String) { companies(filter: { text: $t }) { nodes { reference names } } }", t=text)
        assert found["companies"]["nodes"] == [{"reference": "sbh-west", "names": ["SBH WEST GmbH", "SBH WeST GmbH"]}]


def test_a_company_shows_its_partnerships_and_licences_with_their_words(any_full: Asker) -> None:
    found = any_full("""{ company(reference: "works-03") { name country { code } roles sectors { code } lei stage
        partnerships { stage agreement { reference } since { edtf } until { edtf latest }
            citations { note source { reference } } }
        licences { number state issuedBy { name } until { edtf } citations { note } } version } }""")["company"]

    assert (found["name"], found["country"]["code"]) == ("Works GmbH", "PL")
    (partnership,) = found["partnerships"]
    assert partnership["agreement"] == {"reference": "made-03"}
    assert partnership["since"] == {"edtf": "../2024-06-30"}
    assert partnership["until"] == {"edtf": "2025-12-31", "latest": "2025-12-31"}
    assert partnership["citations"] == [{"note": "So it says.", "source": {"reference": "some-source"}}]
    (licence,) = found["licences"]
    assert (licence["state"], licence["until"], licence["issuedBy"]) == ("VALID", {"edtf": "2031-05-31"}, None)


def test_the_stage_of_a_company_follows_the_day(any_full: Asker) -> None:
    query = (
        """query ($day: Date!) { at(date: $day) { company(reference: "works-09") { stage partnerships { stage } } } }"""
    )
    stages = {day: any_full(query, day=day)["at"]["company"] for day in ("2023-01-01", "2025-06-30", "2026-06-30")}

    (partnership,) = stages["2023-01-01"]["partnerships"]
    assert stages["2025-06-30"]["stage"] in (partnership["stage"], "PROSPECT")
    assert stages["2026-06-30"]["stage"] == "ENDED"
    assert stages["2023-01-01"]["stage"] == "PROSPECT"


def test_what_falls_due_for_a_company_is_that_of_all_deadlines(any_full: Asker) -> None:
    about = "kind date subject { ... on Company { reference } }"
    every = any_full.all("deadlines", about, 'filter: { kind: [LICENCE_END], range: { from: "2026-01-01" } }')
    companies = any_full.all("companies", f"reference deadlines {{ {about} }}", within='at(date: "2026-01-01")')

    own = {company["reference"]: company["deadlines"] for company in companies}

    assert [due for dues in own.values() for due in dues if due["kind"] != "LICENCE_END"] == []
    assert sorted(due["subject"]["reference"] for due in every) == sorted(name for name, dues in own.items() if dues)
    assert all(due["subject"] == {"reference": name} for name, dues in own.items() for due in dues)


def test_a_lapsed_licence_is_a_gap_of_its_company_from_the_day_after_its_last(any_full: Asker) -> None:
    query = """query ($day: Date!) { at(date: $day) { company(reference: "works-03") {
        gaps { kind explanation subject { ... on Company { reference } } } } } }"""

    def kinds(day: str) -> list[str]:
        gaps = any_full(query, day=day)["at"]["company"]["gaps"]
        assert all(gap["subject"] == {"reference": "works-03"} for gap in gaps)
        return [gap["kind"] for gap in gaps]

    assert "LICENCE_LAPSED" not in kinds("2031-05-31")
    assert "LICENCE_LAPSED" in kinds("2031-06-01")


def test_a_company_has_the_gaps_that_name_it(any_full: Asker) -> None:
    gap = "kind explanation subject { ... on Company { reference } }"
    every = any_full.all("gaps", gap)
    own = any_full.all("companies", f"gaps {{ {gap} }}")

    found = [each for company in own for each in company["gaps"]]
    assert found
    assert sorted(map(str, found)) == sorted(str(each) for each in every if each["subject"])


def test_a_company_and_a_sector_have_the_figures_limited_to_them(any_full: Asker) -> None:
    found = any_full("""{
        company(reference: "works-04") { figures(first: 100) { nodes { reference } } }
        sector(code: "F") { figures(first: 100) { nodes { reference } } }
        ofCompany: figures(filter: { company: ["works-04"] }, first: 100) { nodes { reference } }
        ofSector: figures(filter: { sector: ["F"] }, first: 100) { nodes { reference } } }""")

    assert found["company"]["figures"] == found["ofCompany"]
    assert found["sector"]["figures"] == found["ofSector"]
    assert found["ofCompany"]["nodes"]
    assert found["ofSector"]["nodes"]


def test_the_stage_of_a_company_is_that_of_a_partnership_that_runs(any_full: Asker) -> None:
    select = "stage partnerships { stage runs since { earliest latest } until { latest } }"
    seen = set()
    for day in ("2023-06-30", "2024-06-30", "2026-06-30"):
        for company in any_full.all("companies", select, within=f'at(date: "{day}")'):
            running = {each["stage"] for each in company["partnerships"] if each["runs"]}
            assert company["stage"] in (running or {"PROSPECT", "ENDED"})
            for each in company["partnerships"]:
                seen.add(each["runs"])
                since, until = each["since"] or {"latest": day}, each["until"] or {"latest": None}
                begun = since["latest"] is not None and since["latest"] <= day
                assert each["runs"] == (begun and (until["latest"] or day) >= day)

    assert seen == {True, False}
