"""Institutions."""

from tests.schema.asking import Asker


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
