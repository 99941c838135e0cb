"""Meetings, visits and other dealings."""

from tests.schema.asking import Asker


def test_a_day_without_a_year_is_found_in_every_year(any_ask: Asker) -> None:
    query = """query ($from: Date, $until: Date) {
        engagements(filter: { country: ["LV"], date: { from: $from, until: $until } }) {
            nodes { reference date { edtf earliest latest } } } }"""
    expected = [
        {"reference": "latvia-meeting-january", "date": {"edtf": "XXXX-01-14", "earliest": None, "latest": None}}
    ]

    for year in ("1990", "2024", "2050"):
        assert any_ask(query, **{"from": f"{year}-01-01", "until": f"{year}-12-31"})["engagements"]["nodes"] == expected


def test_a_dealing_names_its_countries_and_what_it_was_about(any_ask: Asker) -> None:
    found = any_ask("""{ engagement(reference: "sweden-talks-2025") { kind title date { edtf } countries { code } topics
        audience agreement { reference } citations { source { reference } note quote } } }""")["engagement"]

    assert found["countries"] == [{"code": "SE"}, {"code": "UZ"}]
    assert found["agreement"] == {"reference": "uz-se-migration-mobility-draft"}
    assert (found["kind"], found["date"], found["audience"]) == ("MEETING", {"edtf": "2025-10"}, "PUBLIC")
    assert found["topics"]
    assert found["citations"]


def test_dealings_come_in_the_order_of_the_first_day_they_may_have_been_held_on(any_full: Asker) -> None:
    found = any_full.all("engagements", "reference date { earliest }", "orderBy: { field: DATE, direction: DESC }")
    days = [one["date"]["earliest"] or "0001-01-01" for one in found]

    assert days[-1] == "0001-01-01"
    assert len(set(days)) > 5
    assert days == sorted(days, reverse=True)
