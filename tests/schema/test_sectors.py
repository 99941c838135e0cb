"""Sectors and occupations."""

from tests.schema.asking import Asker


def test_a_section_stands_for_its_divisions(any_full: Asker) -> None:
    found = any_full("""{ sector(code: "F") { level parent { code } children { code }
        agreements(first: 100) { nodes { reference sectors { code } } }
        companies(first: 100) { totalCount } quotas(first: 100) { nodes { sector { code } } } placements { total }
        } division: sector(code: "41") { parent { code } companies { totalCount } placements { total } } }""")
    section, division = found["sector"], found["division"]
    of_the_section = {"F", "41", "42", "43"}

    assert section["children"] == [{"code": "41"}, {"code": "42"}, {"code": "43"}]
    assert (section["level"], section["parent"], division["parent"]) == ("SECTION", None, {"code": "F"})
    assert all(of_the_section & {one["code"] for one in node["sectors"]} for node in section["agreements"]["nodes"])
    assert {node["sector"]["code"] for node in section["quotas"]["nodes"]} == {"F", "41", "42"}
    filtered = any_full.all("agreements", "reference", 'filter: { sector: ["F"] }')
    assert [{"reference": node["reference"]} for node in section["agreements"]["nodes"]] == filtered
    assert section["companies"]["totalCount"] > division["companies"]["totalCount"] > 0
    assert section["placements"]["total"] > division["placements"]["total"] > 0


def test_titles_come_in_the_language_or_in_english(ask: Asker) -> None:
    found = ask("""{
        sector(code: "F") { en: name ru: name(language: RU) uz: name(language: UZ) cyrl: name(language: UZ_CYRL) }
        occupation(code: "71") { en: name ru: name(language: RU) parent { code } } }""")

    assert found["sector"]["en"] == "Construction"
    assert all(found["sector"].values())
    assert found["occupation"]["parent"] == {"code": "7"}
    assert all(found["occupation"].values())


def test_codes_are_of_isic_revision_4(ask: Asker) -> None:
    assert ask('{ sector(code: "01", scheme: ISIC4) { scheme code } }')["sector"] == {"scheme": "ISIC4", "code": "01"}
