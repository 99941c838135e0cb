"""What a payload is to show is looked through before anything is written; what it cannot show is not written."""

from typing import Any

import pytest
import sqlalchemy as sa

from registry.access import ANYONE
from tests.schema.asking import Asker
from tests.schema.writing import EDITOR, VALID, Editor, rows

ADD = """%s: sourceAdd(input: {
  reference: "%s", title: "A", kind: PRESS, reliability: UNVERIFIED, language: "en", reason: "So."
}) { source { %s } userErrors { code } }"""

#: What cannot be shown of a source: what is asked of it, with which variables, and what is refused where.
WRONG: dict[str, tuple[str, str, dict[str, Any], str, list[str] | None, list[str] | None]] = {
    "a page that is too large": (
        *("", "facts(first: 1000) { totalCount }", {}, "BAD_USER_INPUT"),
        *(["made", "source", "facts"], ["first"]),
    ),
    "a page of a page, in a fragment": (
        *("", "... on Source { facts { nodes { ... on Agreement { all: quotas(last: 0) { totalCount } } } } }", {}),
        *("BAD_USER_INPUT", ["made", "source", "facts", "nodes", "all"], ["last"]),
    ),
    "a size of a page that a variable tells": (
        *("($n: Int)", "facts(first: $n) { totalCount }", {"n": 0}, "BAD_USER_INPUT"),
        *(["made", "source", "facts"], ["first"]),
    ),
    "a cursor of no list": (
        *("", 'history(after: "x") { totalCount }', {}, "BAD_USER_INPUT"),
        *(["made", "source", "history"], ["after"]),
    ),
    "a directive with a null": (
        *("($s: Boolean = true)", "title @skip(if: $s)", {"s": None}, "BAD_USER_INPUT"),
        *(["made", "source", "title"], ["if"]),
    ),
    "a directive with a null further in": (
        *("($s: Boolean = true)", "copyOf { title @include(if: $s) }", {"s": None}, "BAD_USER_INPUT"),
        *(["made", "source", "copyOf", "title"], ["if"]),
    ),
    "more records than one answer may hold": (
        *("", "facts(first: 100) { nodes { ... on Agreement { quotas(first: 100) { nodes { reference } } } } }", {}),
        *("QUERY_TOO_LARGE", None, None),
    ),
}


@pytest.mark.parametrize("what", WRONG)
def test_what_cannot_be_shown_is_refused_before_it_is_written(registry: sa.Engine, what: str) -> None:
    heading, select, variables, code, path, argument = WRONG[what]
    before = rows(registry)
    ask = Asker(registry, EDITOR, query_records_max=5_000)

    data, (error,) = ask.answer(f"mutation {heading} {{ {ADD % ('made', 's', select)} }}", **variables)

    assert data is None
    assert (error["extensions"]["code"], error.get("path")) == (code, path)
    assert error["extensions"].get("argument") == argument
    assert rows(registry) == before


def test_nothing_is_written_where_only_the_last_of_several_payloads_cannot_be_shown(registry: sa.Engine) -> None:
    before = rows(registry)
    wrong = "facts(first: 1000) { totalCount } history(first: 0) { totalCount }"

    data, errors = Asker(registry, EDITOR).answer(
        f"mutation {{ {ADD % ('a', 's', 'title')} {ADD % ('b', 't', wrong)} }}"
    )

    assert data is None
    assert [error["path"] for error in errors] == [["b", "source", "facts"], ["b", "source", "history"]]
    assert rows(registry) == before


def test_a_payload_itself_with_a_null_in_a_directive_is_refused_before_it_is_written(registry: sa.Engine) -> None:
    before = rows(registry)
    query = f"mutation ($s: Boolean = true) {{ {ADD % ('made', 's', 'title')} }}".replace(
        "userErrors", "userErrors @skip(if: $s)"
    )

    refused = Asker(registry, EDITOR).refusal(query, s=None)

    assert (refused["code"], refused["argument"]) == ("BAD_USER_INPUT", ["if"])
    assert rows(registry) == before


def test_what_can_be_shown_is_written_and_shown(registry: sa.Engine) -> None:
    ask = Asker(registry, EDITOR)
    query = "mutation ($after: String, $s: Boolean!) { %s }"
    select = "title @skip(if: $s) history(first: 100, after: $after) { totalCount edges { cursor } }"
    first = ask(query % ADD % ("made", "s", select), s=True)["made"]
    (edge,) = first["source"]["history"]["edges"]

    again = ask(query % ADD % ("made", "t", select), s=False, after=edge["cursor"])["made"]

    assert (first["userErrors"], again["userErrors"]) == ([], [])
    assert "title" not in first["source"]
    assert again["source"]["title"] == "A"
    assert len(again["source"]["history"]["edges"]) == 1


def test_whoever_may_not_write_is_told_so_whatever_they_would_be_shown(registry: sa.Engine) -> None:
    wrong = f"mutation {{ {ADD % ('made', 's', 'facts(first: 1000) { totalCount }')} }}"

    assert Asker(registry, ANYONE).refusal(wrong)["code"] == "FORBIDDEN"


def test_a_record_that_is_withdrawn_is_named_by_its_own_id_whatever_day_it_was_read_on(edit: Editor) -> None:
    edit("companyRegister", **VALID["companyRegister"] | {"reference": "gone"})
    query = '{ company(reference: "gone") { id } at(date: "2026-01-01") { company(reference: "gone") { id } } }'
    read = edit.ask(query)
    pinned, own = read["at"]["company"]["id"], read["company"]["id"]

    assert pinned != own
    assert edit("recordWithdraw", "withdrawnId", id=pinned, reason="A mistake.")["withdrawnId"] == own
