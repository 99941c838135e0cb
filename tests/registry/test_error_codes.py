"""The table of codes is complete, stands in the schema that clients fetch, and fits the statuses that are sent."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from registry.error_codes import CODES, status_of
from schema import schema
from schema.published import sdl

HOME = Path(__file__).resolve().parents[2]
_CODE = re.compile("[A-Z]+(_[A-Z]+)+|[A-Z]{8,}")

#: What no client is ever told.
ONLY_ON_THE_COMMAND_LINE = {"BAD_BACKUP"}

#: What makes errors out of a code that is given by its place.
_MAKERS = {"Refused", "Refusal", "_Apollo"}


def codes_in(source: str) -> set[str]:
    """The codes that a module gives to errors, wherever it says them."""
    return {
        each.value
        for node in ast.walk(ast.parse(source))
        for given in _given(node)
        for each in ast.walk(given)
        if isinstance(each, ast.Constant) and isinstance(each.value, str) and _CODE.fullmatch(each.value)
    }


def _given(node: ast.AST) -> Iterator[ast.AST]:
    if isinstance(node, ast.Assign | ast.AnnAssign) and node.value:
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        if any(isinstance(target, ast.Name) and target.id == "code" for target in targets):
            yield node.value
    elif isinstance(node, ast.arguments):
        named = [
            *zip(reversed(node.args), reversed(node.defaults), strict=False),
            *zip(node.kwonlyargs, node.kw_defaults, strict=True),
        ]
        yield from (default for argument, default in named if argument.arg == "code" and default)
    elif isinstance(node, ast.keyword) and node.arg == "code":
        yield node.value
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in _MAKERS:
        yield from node.args
    elif isinstance(node, ast.Dict):
        pairs = zip(node.keys, node.values, strict=True)
        yield from (value for key, value in pairs if isinstance(key, ast.Constant) and key.value == "code")


def test_every_code_that_the_registry_gives_is_in_the_table() -> None:
    given = {
        code
        for package in ("registry", "schema")
        for file in (HOME / package).rglob("*.py")
        for code in codes_in(file.read_text(encoding="utf-8"))
    }

    assert given - CODES.keys() == ONLY_ON_THE_COMMAND_LINE
    assert {"GRAPHQL_VALIDATION_FAILED", "BAD_REQUEST", "NOT_FOUND", "PERSISTED_QUERY_NOT_FOUND"} <= given


@pytest.mark.parametrize(
    "source",
    [
        "class Odd(RegistryError):\n    code = 'ODD_CODE'",
        "raise Refused(418, 'A teapot.', 'ODD_CODE')",
        "def refuse(message, code='ODD_CODE'): ...",
        "told('Odd.', code='ODD_CODE' if teapot else 'BAD_REQUEST')",
        "{'extensions': {'code': 'ODD_CODE'}}",
    ],
)
def test_a_code_is_found_wherever_it_is_given(source: str) -> None:
    assert "ODD_CODE" in codes_in(source)


def test_the_schema_that_clients_fetch_begins_with_the_table() -> None:
    head = sdl(schema).split("\n\n")[0]

    assert all(line.startswith("#") for line in head.splitlines())
    for code, meaning in CODES.items():
        assert re.search(rf"^#   {code} +{meaning.status}  {re.escape(meaning.sentence)}$", head, re.MULTILINE)


def test_a_code_that_nobody_knows_is_the_registrys_own_fault() -> None:
    assert (status_of("NOT_FOUND"), status_of("ODD_CODE")) == (404, 500)
