"""Sources, and what rests on them."""

import sqlalchemy as sa

from registry.history import changeset
from tests.factories import make_source
from tests.schema.asking import Asker

FACTS = (
    """totalCount edges { node { __typename id } citation { quote note locator source { reference } } } nodes { id }"""
)


def test_a_source_shows_every_fact_that_rests_on_it_with_its_words(any_ask: Asker) -> None:
    query = f'{{ source(reference: "bmi-2024-09-15") {{ facts(first: 100) {{ {FACTS} }} }} }}'
    facts = any_ask(query)["source"]["facts"]

    assert {"Agreement", "LegalAct"} <= {edge["node"]["__typename"] for edge in facts["edges"]}
    assert [edge["node"]["id"] for edge in facts["edges"]] == [node["id"] for node in facts["nodes"]]
    assert facts["totalCount"] == len(facts["edges"])
    for edge in facts["edges"]:
        assert edge["citation"]["source"] == {"reference": "bmi-2024-09-15"}
        assert edge["citation"]["quote"] or edge["citation"]["note"]


def test_words_of_a_partnership_lead_to_the_company(any_full: Asker) -> None:
    within, facts = 'source(reference: "some-source")', "facts(last: 100%s) { edges { %s } pageInfo { startCursor } }"
    select = "node { __typename ... on Company { reference } } citation { note }"
    before, partners = "", []
    while page := any_full(f"{{ {within} {{ {facts % (before, select)} }} }}")["source"]["facts"]["edges"]:
        partners += [edge["node"] for edge in page if edge["citation"]["note"] == "So it says."]
        start = any_full(f"{{ {within} {{ {facts % (before, 'cursor')} }} }}")["source"]["facts"]["pageInfo"]
        before = f', before: "{start["startCursor"]}"'

    assert {partner["__typename"] for partner in partners} == {"Company"}
    assert {partner["reference"] for partner in partners} == {f"works-{number:02}" for number in range(12)}
    assert len(partners) == 12 + 4


def test_a_copy_names_its_original(any_ask: Asker) -> None:
    found = any_ask("""{
        source(reference: "copy-uzbekistan-geneva") { copyOf { reference } kind language published { edtf } url }
        original: source(reference: "mission-statement-serbia") { copyOf { reference } reliability } }""")

    assert found["source"]["copyOf"] == {"reference": "mission-statement-serbia"}
    assert found["source"]["published"] is None
    assert found["original"] == {"copyOf": None, "reliability": "INTERESTED_PARTY"}


def test_every_citation_of_the_registry_is_a_fact_of_some_source(full: Asker) -> None:
    counts = full.all("sources", "facts { totalCount }")
    with full.engine.connect() as connection:
        citations = connection.exec_driver_sql("SELECT count(*) FROM citation").scalar_one()

    assert sum(source["facts"]["totalCount"] for source in counts) == citations > 100


def test_a_language_is_asked_for_in_any_case_whichever_a_source_was_entered_with(any_engine: sa.Engine) -> None:
    with changeset(any_engine, "A test.") as changes:
        make_source(changes, "now", language="DE")
        make_source(changes, "once").language = "De"
        make_source(changes, "other", language="uz-Latn")
    query = "query ($tags: [LanguageTag!]) { sources(filter: { language: $tags }) { nodes { reference language } } }"

    for tags in (["de"], ["DE"], ["uz-Cyrl", "dE"]):
        found = Asker(any_engine)(query, tags=tags)["sources"]["nodes"]
        assert found == [{"reference": "now", "language": "de"}, {"reference": "once", "language": "De"}]
    assert Asker(any_engine)('{ sources(filter: { language: ["UZ-LATN"] }) { totalCount } }') == {
        "sources": {"totalCount": 1}
    }


def test_sources_come_in_the_order_in_which_they_may_have_been_published(any_ask: Asker) -> None:
    order = "orderBy: { field: PUBLISHED, direction: DESC }"
    query = f"{{ sources({order}, first: 100) {{ nodes {{ reference published {{ earliest }} }} }} }}"
    nodes = any_ask(query)["sources"]["nodes"]
    days = [each["published"]["earliest"] if each["published"] else None for each in nodes]

    assert sum(day is not None for day in days) > 1
    assert days == sorted(days, key=lambda day: day or "", reverse=True)
