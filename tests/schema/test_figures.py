"""Figures, shown as their sources state them."""

from tests.schema.asking import Asker


def test_the_821_of_three_years_have_an_open_window_and_a_note(any_ask: Asker) -> None:
    found = any_ask("""{ figure(reference: "de-departed-three-years") { measure nature operator value unit note
        period { edtf start end } destinations { code } citations { quote source { reference } } } }""")["figure"]

    assert (found["value"], found["unit"], found["operator"], found["measure"]) == (
        "821",
        "persons",
        "EXACT",
        "DEPARTED",
    )
    assert found["period"] == {"edtf": "../..", "start": None, "end": None}
    assert "three years" in found["note"]
    assert found["destinations"] == [{"code": "DE"}]
    assert "821" in found["citations"][0]["quote"]


def test_a_merged_destination_is_no_countrys(any_ask: Asker) -> None:
    found = any_ask("""{
        figure(reference: "employed-2022-q1-kr-and-others") { destinations { code } destinationAsPrinted }
        country(code: "KR") { figures(first: 100) { nodes { reference } } } }""")

    assert found["figure"] == {"destinations": [], "destinationAsPrinted": "South Korea and other countries"}
    assert {"reference": "employed-2022-q1-kr-and-others"} not in found["country"]["figures"]["nodes"]


def test_what_sources_say_of_one_year_stands_side_by_side(any_ask: Asker) -> None:
    filter = '{ measure: [EMPLOYED], period: { from: "2021-01-01", until: "2021-12-31" } }'
    found = any_ask.all("figures", "reference value", f"filter: {filter}")
    values = {one["reference"]: one["value"] for one in found}

    assert values["employed-2021"] == "108592"
    assert values["employed-2021-part"] == "92000"
