"""Pages and ids: every list is walked in one total order, and every id leads back to its record."""

import base64
import json
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa

from registry.agreements import Agreement, RunningTerm
from registry.companies import Company
from registry.countries import Country
from registry.history import changeset
from registry.quotas import Quota
from registry.withdrawal import withdraw
from tests.factories import make_company, make_country
from tests.schema.asking import Asker

#: The lists of the root: what tells their records apart, and arguments that leave some 20 of them.
LISTS = {
    "countries": ("code", 'filter: { text: "land" }'),
    "agreements": ("reference", 'filter: { text: "made", includeComparators: true }'),
    "companies": ("reference", ""),
    "sectors": ("code", "filter: { level: SECTION }"),
    "occupations": ("code", ""),
    "quotas": ("reference", 'filter: { country: ["PL", "TR", "JP"] }'),
    "figures": ("reference", 'filter: { country: ["DE", "KR"] }'),
    "engagements": ("reference", 'filter: { country: ["DE", "TR"] }'),
    "institutions": ("reference", ""),
    "programmes": ("reference", "filter: { includeComparators: true }"),
    "sources": ("reference", ""),
    "deadlines": ("kind date subject { id }", ""),
    "gaps": ("kind subject { id } country { code }", "filter: { kind: [SIGNED_NOT_IN_FORCE, QUOTA_UNUSED] }"),
}

#: Lists inside a record, and the record.
INNER = {
    "agreements": ("reference", 'country(code: "TR")'),
    "companies": ("reference", 'sector(code: "F")'),
    "quotas": ("reference", 'sector(code: "A")'),
    "figures": ("reference", 'country(code: "DE")'),
    "engagements": ("reference", 'country(code: "TR")'),
    "institutions": ("reference", 'country(code: "UZ")'),
    "deadlines": ("kind date subject { id }", 'country(code: "KR")'),
    "gaps": ("kind subject { id } country { code }", 'country(code: "TR")'),
    "facts": ("id", 'source(reference: "bmi-2024-09-15")'),
}


#: Sizes of page and ends to read from; fewer where the list is long or takes long to find.
MANY = ((1, False), (2, True), (3, False), (7, True))
FEW = ((3, False), (7, True))


@pytest.mark.parametrize("field", LISTS)
def test_pages_of_any_size_from_either_end_make_up_the_same_list(any_full: Asker, field: str) -> None:
    select, arguments = LISTS[field]
    whole = any_full.walk(field, select, 100, arguments=arguments)
    cursors = [edge["cursor"] for edge in whole]

    assert len(set(cursors)) == len(cursors) > 7
    for size, backward in FEW if field == "gaps" or len(whole) > 20 else MANY:
        assert any_full.walk(field, select, size, backward=backward, arguments=arguments) == whole


@pytest.mark.parametrize("field", INNER)
def test_pages_inside_a_record_make_up_its_list(any_full: Asker, field: str) -> None:
    select, within = INNER[field]
    whole = any_full.walk(field, select, 100, within=within)

    assert len(whole) > 2
    for size, backward in FEW if field == "gaps" or len(whole) > 20 else MANY:
        assert any_full.walk(field, select, size, backward=backward, within=within) == whole


def stored(ask: Asker, kind: Any) -> list[sa.Row[Any]]:
    with ask.engine.connect() as connection:
        return list(connection.execute(sa.select(kind.__table__)))


def term_ends(ask: Asker) -> dict[int, Any]:
    today = ask("{ date }")["date"]
    return {
        row.agreement_id: row.ends_on
        for row in stored(ask, RunningTerm)
        if row.from_day.isoformat() <= today < row.until_day.isoformat() and row.ends_on
    }


ORDERS: dict[tuple[str, str], tuple[Any, Callable[[Any, Any], Any]]] = {
    ("countries", "NAME"): (Country, lambda row, ends: row.sort_key),
    ("countries", "CODE"): (Country, lambda row, ends: row.code),
    ("agreements", "REFERENCE"): (Agreement, lambda row, ends: row.reference),
    ("agreements", "TITLE"): (Agreement, lambda row, ends: row.sort_key),
    ("agreements", "SIGNED"): (Agreement, lambda row, ends: str(row.signed_earliest)),
    ("agreements", "IN_FORCE"): (Agreement, lambda row, ends: str(row.force_earliest)),
    ("agreements", "TERM_END"): (Agreement, lambda row, ends: str(ends.get(row.id, "9999-12-31"))),
    ("companies", "REFERENCE"): (Company, lambda row, ends: row.reference),
    ("companies", "NAME"): (Company, lambda row, ends: row.sort_key),
    ("quotas", "REFERENCE"): (Quota, lambda row, ends: row.reference),
    ("quotas", "PERIOD"): (Quota, lambda row, ends: str(row.period_start or "0001-01-01")),
    ("quotas", "PLACES"): (Quota, lambda row, ends: row.places),
}


@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize(("field", "order"), ORDERS)
def test_every_order_is_total_and_ties_go_by_reference(
    any_full: Asker, field: str, order: str, descending: bool
) -> None:
    kind, key = ORDERS[field, order]
    name = "code" if field == "countries" else "reference"
    ends = term_ends(any_full)
    rows = sorted(stored(any_full, kind), key=lambda row: getattr(row, name))
    rows.sort(key=lambda row: key(row, ends), reverse=descending)
    arguments = f"orderBy: {{ field: {order}, direction: {'DESC' if descending else 'ASC'} }}"
    if field == "agreements":
        arguments += " filter: { includeComparators: true }"
    size = 90 if field == "countries" else 7

    forward = any_full.walk(field, name, size, arguments=arguments)

    assert [edge["node"][name] for edge in forward] == [getattr(row, name) for row in rows]
    assert any_full.walk(field, name, size + 6, backward=True, arguments=arguments) == forward


def test_a_page_says_whether_there_is_more_on_either_side(full: Asker) -> None:
    def info(arguments: str) -> tuple[bool, bool]:
        page = full.page("programmes", "reference", arguments)["pageInfo"]
        return page["hasPreviousPage"], page["hasNextPage"]

    whole = [edge["cursor"] for edge in full.walk("programmes", "id", 100)]
    third = whole[2]

    assert info("first: 2") == (False, True)
    assert info(f"first: {len(whole)}") == (False, False)
    assert info("last: 2") == (True, False)
    assert info(f"last: {len(whole)}") == (False, False)
    assert info(f'first: 1, after: "{third}"') == (True, True)
    assert info(f'last: 1, before: "{third}"') == (True, True)
    assert info(f'last: 2, before: "{third}"') == (False, True)
    assert info(f'first: 1, before: "{third}"') == (False, True)
    assert info(f'first: 2, before: "{third}"') == (False, True)
    assert info(f'last: 1, after: "{third}"') == (True, False)
    assert info(f'last: {len(whole) - 3}, after: "{third}"') == (True, False)


def test_a_page_past_the_end_is_empty(full: Asker) -> None:
    last = full.walk("programmes", "id", 100)[-1]["cursor"]
    page = full.page("programmes", "id", f'first: 3, after: "{last}"')

    assert page["edges"] == []
    assert page["pageInfo"] == {"hasNextPage": False, "hasPreviousPage": True, "startCursor": None, "endCursor": None}


def test_after_and_before_together_give_what_lies_between(full: Asker) -> None:
    whole = full.walk("programmes", "reference", 100)
    between = f'after: "{whole[1]["cursor"]}", before: "{whole[6]["cursor"]}"'

    assert full.page("programmes", "reference", between)["edges"] == whole[2:6]
    assert full.page("programmes", "reference", between + " first: 2")["edges"] == whole[2:4]
    assert full.page("programmes", "reference", between + " last: 2")["edges"] == whole[4:6]


def test_what_is_entered_or_withdrawn_between_pages_neither_hides_nor_repeats_others(any_engine: sa.Engine) -> None:
    ask = Asker(any_engine)
    with changeset(any_engine, "A test.") as changes:
        for name in "bdfhj":
            make_company(changes, name)

    def page(arguments: str) -> tuple[list[str], str, str]:
        found = ask.page("companies", "reference", f"orderBy: {{ field: REFERENCE }} {arguments}")
        info = found["pageInfo"]
        return [edge["node"]["reference"] for edge in found["edges"]], info["startCursor"], info["endCursor"]

    first, _, forward = page("first: 2")
    last, backward, _ = page("last: 2")
    assert (first, last) == (["b", "d"], ["h", "j"])

    with changeset(any_engine, "A test.") as changes:
        for name in "aegk":
            make_company(changes, name)
        for name in "dh":  # the records that the cursors name
            gone = changes.session.scalars(sa.select(Company).filter_by(reference=name)).one()
            assert gone.id is not None
            withdraw(changes, Company, gone.id)

    assert page(f'first: 9 after: "{forward}"')[0] == ["e", "f", "g", "j", "k"]
    assert page(f'last: 9 before: "{backward}"')[0] == ["a", "b", "e", "f", "g"]


def test_twenty_records_come_where_nobody_says_how_many(full: Asker) -> None:
    assert len(full("{ countries { nodes { code } } }")["countries"]["nodes"]) == 20


def test_pages_inside_a_list_are_those_of_the_whole_list_filtered(any_full: Asker) -> None:
    query = """{ countries(filter: { code: ["DE", "TR", "KR", "FR"] }) { nodes { code
        agreements(first: 2, orderBy: { field: TITLE, direction: DESC }) { totalCount nodes { reference } }
        quotas(last: 3) { totalCount nodes { reference } }
        gaps(first: 2) { totalCount nodes { kind subject { id } } }
        deadlines(first: 2) { totalCount nodes { kind date subject { id } } } } } }"""
    for country in any_full(query)["countries"]["nodes"]:
        filtered = f'filter: {{ country: ["{country["code"]}"] }}'
        asked = f"""{{ agreements({filtered} first: 2, orderBy: {{ field: TITLE, direction: DESC }})
              {{ totalCount nodes {{ reference }} }}
            quotas({filtered} last: 3) {{ totalCount nodes {{ reference }} }}
            gaps({filtered} first: 2) {{ totalCount nodes {{ kind subject {{ id }} }} }}
            deadlines({filtered} first: 2) {{ totalCount nodes {{ kind date subject {{ id }} }} }} }}"""
        assert {"code": country["code"], **any_full(asked)} == country


def test_a_cursor_of_one_list_does_not_open_another(full: Asker) -> None:
    cursor = full.page("agreements", "id", "first: 1")["pageInfo"]["endCursor"]
    for other in (
        f'companies(after: "{cursor}")',
        f'quotas(before: "{cursor}")',
        f'agreements(orderBy: {{ field: TITLE }}, after: "{cursor}")',
        f'agreements(orderBy: {{ field: REFERENCE, direction: DESC }}, after: "{cursor}")',
    ):
        refused = full.refusal(f"{{ {other} {{ totalCount }} }}")
        assert refused["code"] == "BAD_USER_INPUT"
        assert refused["argument"] in (["after"], ["before"])


def test_a_cursor_that_was_tampered_with_is_refused(full: Asker) -> None:
    cursor = full.page("agreements", "id", "first: 1")["pageInfo"]["endCursor"]
    raw = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
    order, _reference = json.loads(raw[9:])
    forged = raw[:9] + json.dumps([order, "m"], separators=(",", ":")).encode()
    for bad in ("", "x", cursor[:-1], cursor + "A", cursor + "=", cursor.swapcase(), f" {cursor}", "é",
                base64.urlsafe_b64encode(forged).decode().rstrip("=")):  # fmt: skip
        refused = full.refusal("query ($after: String) { agreements(after: $after) { totalCount } }", after=bad)
        assert (refused["code"], refused["path"]) == ("BAD_USER_INPUT", ["agreements"])


def test_a_refused_field_leaves_no_connection_open(full: Asker) -> None:
    (id, *_) = ids_of(full, "Quota")
    for _ in range(3):
        full.refusal(NODES, ids=[id, "garbled"])
        full.refusal("{ agreements(first: 0) { totalCount } gaps { totalCount } sources { nodes { title } } }")

    assert isinstance(full.engine.pool, sa.QueuePool)
    assert full.engine.pool.checkedout() == 0


def test_a_cursor_of_another_registry_is_refused(full: Asker, engine: sa.Engine) -> None:
    with changeset(engine, "Another registry.") as changes:
        make_country(changes, "AD")
    cursor = Asker(engine).page("countries", "id", "first: 1")["pageInfo"]["endCursor"]

    assert full.refusal(f'{{ countries(after: "{cursor}") {{ totalCount }} }}')["code"] == "BAD_USER_INPUT"


#: A field that leads to some record of each type that has an identity.
RECORDS = {
    "Agreement": "agreements(first: 3) { nodes { id } }",
    "Company": "companies(first: 3) { nodes { id } }",
    "Country": "countries(first: 3) { nodes { id } }",
    "Engagement": "engagements(first: 3) { nodes { id } }",
    "Figure": "figures(first: 3) { nodes { id } }",
    "Institution": "institutions(first: 3) { nodes { id } }",
    "LegalAct": 'nodes: agreement(reference: "made-01") { nodes: acts { id } }',
    "Occupation": "occupations(first: 3) { nodes { id } }",
    "Programme": "programmes(first: 3) { nodes { id } }",
    "Quota": "quotas(first: 3) { nodes { id } }",
    "Sector": "sectors(first: 3) { nodes { id } }",
    "Source": "sources(first: 3) { nodes { id } }",
}
NODES = "query ($ids: [ID!]!) { nodes(ids: $ids) { __typename id } }"


def ids_of(ask: Asker, kind: str, within: str = "{ %s }") -> list[str]:
    (found,) = ask(within % f"found: {RECORDS[kind].removeprefix('nodes: ')}").values()
    return [node["id"] for node in found.get("found", found)["nodes"]]


@pytest.mark.parametrize("kind", RECORDS)
def test_an_id_leads_back_to_its_record(any_full: Asker, kind: str) -> None:
    ids = ids_of(any_full, kind)

    assert ids
    assert any_full(NODES, ids=ids)["nodes"] == [{"__typename": kind, "id": id} for id in ids]
    assert any_full("query ($id: ID!) { node(id: $id) { id } }", id=ids[0]) == {"node": {"id": ids[0]}}


@pytest.mark.parametrize("kind", RECORDS)
def test_an_id_read_at_a_day_is_another_and_leads_back_to_that_day(full: Asker, kind: str) -> None:
    plain = ids_of(full, kind)
    pinned = ids_of(full, kind, '{ at(date: "2024-06-01") { %s } }')

    assert not set(plain) & set(pinned)
    assert full(NODES, ids=pinned)["nodes"] == [{"__typename": kind, "id": id} for id in pinned]


def test_nodes_keeps_the_order_and_has_null_for_what_is_missing(full: Asker) -> None:
    first, second = ids_of(full, "Country")[:2]
    missing = base64.urlsafe_b64encode(b"Quota:99999").decode().rstrip("=")

    found = full(NODES, ids=[second, missing, first, second])["nodes"]

    assert [node and node["id"] for node in found] == [second, None, first, second]
    assert full(NODES, ids=[]) == {"nodes": []}


def encoded(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


@pytest.mark.parametrize(
    "bad",
    [
        "",
        "garbled",
        "é",
        encoded("Quota"),
        encoded("Quota:"),
        encoded("Quota:x"),
        encoded("Quota:01"),
        encoded("Quota:-1"),
        encoded("Quota:2147483648"),
        encoded("Quota:1") + "=",
        encoded("Quota:1@"),
        encoded("Quota:1@20240101"),
        encoded("Quota:1@2024-02-30"),
        encoded("Secret:1"),
        encoded("Country:\0"),
    ],
)
def test_what_is_no_id_is_refused(any_full: Asker, bad: str) -> None:
    refused = any_full.refusal("query ($id: ID!) { node(id: $id) { id } }", id=bad)
    assert (refused["code"], refused["path"], refused["argument"]) == ("BAD_USER_INPUT", ["node"], ["id"])

    refused = any_full.refusal(NODES, ids=[encoded("Quota:1"), bad])
    assert (refused["path"], refused["argument"]) == (["nodes"], ["ids", "1"])


def test_more_ids_than_a_page_holds_are_refused(full: Asker) -> None:
    (id, *_) = ids_of(full, "Quota")

    assert len(full(NODES, ids=[id] * 100)["nodes"]) == 100
    refused = full.refusal(NODES, ids=[id] * 101)
    assert (refused["code"], refused["argument"]) == ("BAD_USER_INPUT", ["ids"])
