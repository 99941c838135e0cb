"""What the registry knew at an earlier moment is known again, from whichever side one comes to it."""

from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlmodel import SQLModel

from registry.database import open_engine
from registry.knowledge.making import Held, make
from tests.random_edits import Edits

#: Edits in a row; each kind of edit comes up several times.
EDITS = 60


def held(engine: sa.Engine) -> dict[str, list[Any]]:
    """All rows of all tables, ids of what is derived apart."""
    tables = {}
    with engine.connect() as connection:
        for table in SQLModel.metadata.sorted_tables:
            columns = [column for column in table.c if str(column) != "agreement_due.id"]
            tables[table.name] = sorted(map(repr, connection.execute(sa.select(*columns))))
    return tables


def recorded(engine: sa.Engine, edits: int) -> dict[int, dict[str, list[Any]]]:
    """All rows of all tables as they were after each of so many edits, by the position of the log."""
    made = Edits(engine)
    known = {made.state().sequence: held(engine)}
    for _ in range(edits):
        sequence = made.make().sequence
        known[sequence] = held(engine)
    return known


def made(engine: sa.Engine, sequence: int, file: Path, *near: Held) -> dict[str, list[Any]]:
    """All rows of a snapshot."""
    make(engine, sequence, file, near)
    snapshot = open_engine(f"sqlite:///{file}")
    try:
        return held(snapshot)
    finally:
        snapshot.dispose()


def test_what_was_known_is_known_again(any_engine: sa.Engine, tmp_path: Path) -> None:
    known = recorded(any_engine, EDITS)

    for sequence in [*known][::6]:
        assert made(any_engine, sequence, tmp_path / f"{sequence}.db") == known[sequence], f"at {sequence}"


@pytest.mark.parametrize("beginning", ["nothing", "now", "earlier", "later"])
def test_every_beginning_leads_to_the_same(
    engine: sa.Engine, tmp_path: Path, beginning: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = recorded(engine, 40)
    positions = [*known]
    wanted = positions[20]
    near = []
    if beginning in ("earlier", "later"):
        place = positions[19 if beginning == "earlier" else 21]
        make(engine, place, tmp_path / "near.db")
        near = [Held(place, tmp_path / "near.db")]
    monkeypatch.setattr("registry.knowledge.making._BYTES_A_CHANGE", {"nothing": 1}.get(beginning, 10**15))

    assert made(engine, wanted, tmp_path / "wanted.db", *near) == known[wanted]
