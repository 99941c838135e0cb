"""Institutions."""

from tests.schema.asking import Asker
from tests.schema.writing import PLAIN, Editor


def test_an_institution_names_its_predecessor_and_its_successor(any_ask: Asker) -> None:
    institutions = any_ask.all("institutions", "reference succeeds { reference } succeededBy { reference }")
    heirs = [one for one in institutions if one["succeeds"]]

    assert heirs
    for heir in heirs:
        (former,) = [one for one in institutions if one["reference"] == heir["succeeds"]["reference"]]
        assert former["succeededBy"] == {"reference": heir["reference"]}
    assert sum(1 for one in institutions if one["succeededBy"]) == len(heirs)


def test_an_institution_has_every_name_that_a_source_uses(any_ask: Asker) -> None:
    found = any_ask("""{ institution(reference: "iskur") { name russian: name(language: RU) names kind country { code }
        parent { name } citations { note } } }""")["institution"]

    assert (found["name"], found["russian"], found["names"]) == ("İŞKUR", "İŞKUR", ["İŞKUR"])
    assert (found["kind"], found["country"], found["parent"]) == ("AUTHORITY", {"code": "TR"}, None)


def test_an_institution_leads_back_to_all_that_names_it(any_ask: Asker) -> None:
    every = any_ask.all(
        "institutions",
        """reference parent { reference } parts { reference }
        programmes { nodes { reference } } agreements { nodes { reference } }""",
    )
    programmes = any_ask.all("programmes", "reference provider { reference }")
    agreements = any_ask.all("agreements", "reference parties { institution { reference } }")

    for one in every:
        name = {"reference": one["reference"]}
        parts = [{"reference": other["reference"]} for other in every if other["parent"] == name]
        assert one["parts"] == parts
        assert one["programmes"]["nodes"] == [
            {"reference": each["reference"]} for each in programmes if each["provider"] == name
        ]
        assert one["agreements"]["nodes"] == [
            {"reference": each["reference"]}
            for each in agreements
            if any(party["institution"] == name for party in each["parties"])
        ]
    for field in ("parts", "programmes", "agreements"):
        assert any(one[field] and one[field] != {"nodes": []} for one in every), field


def test_an_institution_names_the_companies_that_it_gave_a_licence_once_each(edit: Editor) -> None:
    for number in ("1", "2"):
        edit("licenceRecord", company="works", state="VALID", number=number, issuedBy="office", **PLAIN)
    found = edit.ask('{ institution(reference: "office") { companies { totalCount nodes { reference } } } }')

    assert found["institution"]["companies"] == {"totalCount": 1, "nodes": [{"reference": "works"}]}
