"""No field is promised never to be null unless it rests on something that never is."""

from typing import Any

import pytest

from registry import agreements, quotas
from registry.settings import Settings
from registry.web.app import create_app
from schema import schema
from schema.execution.foundation import Unfounded, unfounded
from schema.execution.source import Column, Localised, Lookup, ToOne, on_day


def test_every_field_that_is_never_null_is_founded() -> None:
    assert unfounded(schema) == []


def declared(kind: str, name: str) -> Any:
    definition: Any = schema._schema.type_map[kind]
    return definition.fields[name].extensions["strawberry-definition"]


@pytest.mark.parametrize(
    ("kind", "name", "source", "fault"),
    [
        ("Agreement", "type", Column("bindingness_reason"), "agreement.bindingness_reason may be null"),
        ("Quota", "period", Column("condition"), "quota.condition may be null"),
        ("LegalAct", "agreement", ToOne(agreements.Agreement, "party_code"), "legalact.party_code may be null"),
        ("Agreement", "reference", Localised("title", "title_en"), "agreement.title_en may be null"),
        ("Agreement", "status", on_day(agreements.StatusSpan, "agreement_id"), "may have no row for some parent"),
        ("Query", "about", Lookup(quotas.Quota, "reference"), "there may be no such record"),
        ("PlacementTable", "total", Column("period_start"), "PlacementTable.period_start may be None"),
        ("Quota", "reference", None, "does not say where its value comes from"),
    ],
)
def test_a_field_without_foundation_is_found_and_nothing_is_served(
    monkeypatch: pytest.MonkeyPatch, kind: str, name: str, source: Any, fault: str
) -> None:
    monkeypatch.setattr(declared(kind, name), "source", source)

    (found,) = unfounded(schema)
    assert found.startswith(f"{kind}.{name} ")
    assert fault in found
    with pytest.raises(Unfounded, match=f"{kind}.{name}"):
        create_app(Settings())


def test_a_column_that_is_not_shown_to_everyone_is_no_foundation(monkeypatch: pytest.MonkeyPatch) -> None:
    column = agreements.Agreement.__table__.c.type  # type: ignore[attr-defined]
    monkeypatch.setattr(column, "info", {})

    assert unfounded(schema) == ["Agreement.type is never null, but agreement.type is not shown to everyone."]
