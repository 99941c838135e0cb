"""Rows that SQLite writes as JSON are what Python would write, and what is wrong in them is told."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import orjson
import pytest
import sqlalchemy as sa

from registry.database import WRITES, open_engine
from schema.execution import written
from tests.execution.twice import Twice

MANY = """{ quotas(first: 5) { nodes {
  reference kind unit places operator period { edtf start end } country { code name } sector { code name }
} } }"""


@pytest.fixture
def copied(generated_file: Path, tmp_path: Path) -> Iterator[Twice]:
    engine = open_engine(f"sqlite:///{shutil.copyfile(generated_file, tmp_path / 'registry.db')}")
    with Twice(engine) as twice:
        yield twice
    engine.dispose()


@pytest.fixture
def twice(seeded_copy: sa.Engine) -> Iterator[Twice]:
    with Twice(seeded_copy) as twice:
        yield twice


def change(twice: Twice, statement: str, *values: object) -> None:
    with twice.engine.connect().execution_options(**WRITES) as connection, connection.begin():
        connection.exec_driver_sql(statement, values)


def test_rows_of_many_values_are_written_by_sqlite_and_others_by_python(copied: Twice) -> None:
    assert "json_object" in "".join(copied.statements(MANY))
    assert "json_object" not in "".join(copied.statements("{ quotas(first: 5) { nodes { reference places } } }"))
    # Where others may have to be sorted first, only those that are shown should be written.
    sought = MANY.replace("first: 5", "first: 5, filter: { year: [2024] }")
    assert "json_object" not in "".join(copied.statements(sought))


def test_any_character_is_written_alike(copied: Twice) -> None:
    text = "".join(map(chr, range(1, 0x180))) + '\u2028\ufeff𝄞{"a":1}'
    change(copied, "UPDATE country SET name_en = ? || code", text)

    assert not copied.difference(MANY, {})[0]
    assert copied.planned[True]


@pytest.mark.parametrize("rate", [0.5, 1.0, 1e-05, 1e-07, 1 / 3])
def test_fractions_are_told_as_exactly_as_they_are_kept(twice: Twice, rate: float) -> None:
    change(twice, "UPDATE programme SET rate = ?", rate)
    found = orjson.loads(twice.by_plan("{ programmes(first: 1) { nodes { id } } }") or b"")
    (first,) = found["data"]["programmes"]["nodes"]
    programme = """query ($id: ID!) { nodes(ids: [$id]) { ... on Programme {
      reference name kind description currency rate country { code name } provider { reference name }
    } } }"""

    assert not twice.difference(programme, first)[0]
    (told,) = orjson.loads(twice.by_plan(programme, first) or b"")["data"]["nodes"]
    assert told["rate"] == rate


def test_an_object_of_which_only_the_type_is_asked_needs_no_column_of_its_own(copied: Twice) -> None:
    within = """{ countries(first: 20) { nodes { quotas(first: 3) { nodes {
      reference kind unit places operator period { __typename } country { __typename } sector { __typename }
    } } } } }"""

    assert "json_object" in "".join(copied.statements(within))
    assert not copied.difference(within, {})[0]
    assert copied.planned[True]


@pytest.mark.parametrize(
    "fault",
    [
        "UPDATE quota SET places = 3000000000 WHERE id = (SELECT min(id) FROM quota)",
        "UPDATE quota SET places = -3000000000",
    ],
)
def test_a_number_beyond_32_bits_in_such_a_row_is_an_error_of_its_field(copied: Twice, fault: str) -> None:
    change(copied, fault)

    assert copied.by_plan(MANY) is None
    assert not copied.difference(MANY, {})[0]


def test_a_sqlite_that_writes_otherwise_writes_nothing(copied: Twice, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(written, "writes_alike", lambda: False)

    assert "json_object" not in "".join(copied.statements(MANY))
    assert not copied.difference(MANY, {})[0]
