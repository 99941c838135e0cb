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
