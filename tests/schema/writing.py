"""Writes to a registry through the schema, for tests of mutations."""

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from sqlmodel import SQLModel

from registry.access import Actor, Role
from schema import schema
from tests.schema.asking import Asker

EDITOR = Actor("An editor", Role.EDITOR)
READER = Actor("A reader", Role.READER)

Input = dict[str, Any]

WORDS = [{"source": "some-source", "quote": "It is so."}]
NOWHERE = [{"source": "nowhere", "quote": " "}]
PLAIN: Input = {"citations": WORDS, "reason": "As the source says."}


def type_of_input(field: str) -> str:
    """The name of the type of a mutation's input."""
    mutation = schema._schema.mutation_type
    assert mutation is not None
    return str(mutation.fields[field].args["input"].type)


class Editor:
    """Writes to one registry."""

    def __init__(self, engine: sa.Engine, actor: Actor = EDITOR, **settings: Any) -> None:
        self.ask = Asker(engine, actor, **settings)

    def document(self, field: str, select: str) -> str:
        told = "userErrors { code path message hint } warnings { code path message hint }"
        return f"mutation ($input: {type_of_input(field)}) {{ {field}(input: $input) {{ {select} {told} }} }}"

    def __call__(self, field: str, select: str = "", **said: Any) -> dict[str, Any]:
        """What is shown of a write that must be accepted."""
        payload = self.payload(field, select, **said)
        assert payload["userErrors"] == []
        return payload

    def payload(self, field: str, select: str = "", **said: Any) -> dict[str, Any]:
        data = self.ask(self.document(field, select or "__typename"), input=said)
        shown: dict[str, Any] = data[field]
        return shown

    def problems(self, field: str, **said: Any) -> dict[str, str]:
        """Where an input is refused, and by which code."""
        payload = self.payload(field, **said)
        for problem in payload["userErrors"]:
            assert problem["message"]
            assert problem["hint"]
        assert payload["warnings"] == []
        return {".".join(problem["path"]): problem["code"] for problem in payload["userErrors"]}


def rows(engine: sa.Engine) -> dict[str, list[Any]]:
    """All rows of all tables."""
    with engine.connect() as connection:
        return {table.name: [tuple(row) for row in connection.execute(sa.select(table))] for table in _tables()}


def _tables() -> Iterator[sa.Table]:
    yield from SQLModel.metadata.sorted_tables


VALID: dict[str, Input] = {
    "sourceAdd": {
        "reference": "s",
        "title": "T",
        "kind": "PRESS",
        "reliability": "SECONDARY",
        "language": "en",
        "reason": "So.",
    },
    "agreementRegister": {
        "reference": "a",
        "titleAsPrinted": "T",
        "type": "TREATY",
        "parties": [{"country": "UZ"}],
        **PLAIN,
    },
    "agreementRevise": {"reference": "uz-de", "expectedVersion": 1, "comparator": True, "reason": "So."},
    "legalActRecord": {"agreement": "uz-de", "kind": "SIGNATURE", "date": "2024", **PLAIN},
    "legalActWithdraw": {"id": "TGVnYWxBY3Q6MQ", "reason": "So."},
    "companyRegister": {"reference": "c", "name": "C", "country": "DE", "roles": ["EMPLOYER"], **PLAIN},
    "companyRevise": {"reference": "works", "expectedVersion": 1, "name": "N", "reason": "So."},
    "partnershipRecord": {"company": "works", "stage": "ACTIVE", **PLAIN},
    "licenceRecord": {"company": "works", "state": "VALID", **PLAIN},
    "partnershipWithdraw": {"company": "works", "stage": "ACTIVE", "reason": "So."},
    "licenceWithdraw": {"company": "works", "state": "VALID", "reason": "So."},
    "institutionRegister": {"reference": "i", "name": "I", "kind": "FUND", **PLAIN},
    "quotaAllot": {
        "reference": "q",
        "kind": "CEILING",
        "basis": "EMPLOYER",
        "country": "DE",
        "origins": [],
        "period": "2025",
        "places": 1,
        **PLAIN,
    },
    "quotaRevise": {"reference": "whole", "expectedVersion": 1, "places": 1, **PLAIN},
    "placementsReport": {
        "source": "some-source",
        "placements": [{"period": "2024", "country": "DE", "people": 1}],
        "reason": "So.",
    },
    "figureReport": {"measure": "DEPARTED", "nature": "FLOW", "value": "1", "period": "2024", **PLAIN},
    "engagementRecord": {"kind": "VISIT", "title": "T", "date": "2024", "countries": ["DE"], **PLAIN},
    "recordWithdraw": {"id": "Q29tcGFueTox", "reason": "So."},
}
