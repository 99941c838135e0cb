"""Programmes of help."""

from tests.schema.asking import Asker


def test_an_amount_is_exact_and_has_its_currency(any_ask: Asker) -> None:
    found = any_ask("""{
        programme(reference: "return-subsidy") { kind amount currency rate provider { reference } country { code } }
        refund: programme(reference: "language-refund") { amount currency rate } }""")

    assert found["programme"] == {
        "kind": "RETURN_SUBSIDY",
        "amount": "500000",
        "currency": "UZS",
        "rate": None,
        "provider": {"reference": "labour-support-fund"},
        "country": {"code": "UZ"},
    }
    assert found["refund"] == {"amount": None, "currency": None, "rate": 0.5}


def test_programmes_of_other_countries_are_kept_for_comparison(any_ask: Asker) -> None:
    every = any_ask.all("programmes", "reference comparator", "filter: { includeComparators: true }")
    shown = any_ask.all("programmes", "reference")

    assert {one["reference"] for one in every} - {one["reference"] for one in shown} == {"kg-amanat", "kg-mekendeshter"}


def test_a_country_has_the_programmes_that_it_runs(any_ask: Asker) -> None:
    found = any_ask("""{ country(code: "UZ") { programmes(first: 100) { nodes { reference } } }
        programmes(filter: { country: ["UZ"] }, first: 100) { nodes { reference } } }""")

    assert found["country"]["programmes"] == found["programmes"]
    assert found["programmes"]["nodes"]
