"""What the registry knew at an earlier moment is known again, from whichever side one comes to it."""

import asyncio
import fcntl
import os
import shutil
import stat
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlmodel import Session, SQLModel

from registry.database import open_engine
from registry.errors import TooBusy
from registry.history import Change, RegistryState
from registry.knowledge import Held, Knowledge, make
from registry.settings import Settings
from tests.random_edits import Edits

#: Edits in a row; each kind of edit comes up several times.
EDITS = 60


def held(engine: sa.Engine) -> dict[str, list[Any]]:
    """All rows of all tables, ids of what is derived apart."""
    tables = {}
    with engine.connect() as connection:
        for table in SQLModel.metadata.sorted_tables:
            columns = [column for column in table.c if str(column) not in ("agreement_due.id", "search_entry.id")]
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


# ── Kept for the next time, in bounds ───────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def edited(engine: sa.Engine) -> Edits:
    edits = Edits(engine)
    for _ in range(12):
        edits.make()
    return edits


@pytest.fixture
def keeping(edited: Edits, tmp_path: Path) -> Iterator[Callable[..., Knowledge]]:
    """What makes a `Knowledge` with other settings."""
    opened: list[Knowledge] = []

    def keep(**settings: Any) -> Knowledge:
        opened.append(Knowledge(edited.engine, Settings(snapshots_dir=tmp_path / "snapshots", **settings)))
        return opened[-1]

    yield keep
    for knowledge in opened:
        knowledge.close()


def read(knowledge: Knowledge, *positions: int) -> list[int]:
    """Where the logs of snapshots stand that are read one after another."""

    async def ask() -> list[int]:
        found = []
        for position in positions:
            async with knowledge.at(position) as engine:
                with Session(engine) as session:
                    found.append(session.get_one(RegistryState, 1).sequence)
        return found

    return asyncio.run(ask())


def files(folder: Path) -> list[str]:
    return sorted(file.name for file in folder.glob("snapshots/*/*.db"))


def test_a_snapshot_is_made_once_and_kept(keeping: Callable[..., Knowledge], monkeypatch: pytest.MonkeyPatch) -> None:
    makings = count_makings(monkeypatch)
    knowledge = keeping()

    assert read(knowledge, 20, 25, 20, 25) == [20, 25, 20, 25]
    assert makings == [20, 25]


def test_those_who_ask_for_the_same_at_once_share_one_making(
    keeping: Callable[..., Knowledge], monkeypatch: pytest.MonkeyPatch
) -> None:
    makings = count_makings(monkeypatch, seconds=0.2)
    knowledge = keeping()

    async def ask() -> list[sa.Engine]:
        async def one() -> sa.Engine:
            async with knowledge.at(20) as engine:
                return engine

        ticks = asyncio.create_task(count_ticks())
        engines = await asyncio.gather(*(one() for _ in range(5)))
        ticks.cancel()
        assert turns[0] > 5, "the loop goes on meanwhile"
        return engines

    turns = [0]

    async def count_ticks() -> None:
        while True:
            turns[0] += 1
            await asyncio.sleep(0.01)

    engines = asyncio.run(ask())
    assert len(set(map(id, engines))) == 1
    assert makings == [20]


def count_makings(monkeypatch: pytest.MonkeyPatch, seconds: float = 0) -> list[int]:
    """The positions of the snapshots that are made from now on, each of which takes so long."""
    makings: list[int] = []

    def counting(engine: sa.Engine, sequence: int, *how: Any) -> int:
        makings.append(sequence)
        time.sleep(seconds)
        return make(engine, sequence, *how)

    monkeypatch.setattr("registry.knowledge.keeping.make", counting)
    return makings


@pytest.mark.parametrize("bound", [{"snapshots_max": 2}, {"snapshots_bytes_max": 2_000_000}])
def test_what_was_read_longest_ago_makes_room(
    keeping: Callable[..., Knowledge], tmp_path: Path, bound: dict[str, int]
) -> None:
    knowledge = keeping(**bound)
    read(knowledge, 20, 21, 20, 22)

    assert files(tmp_path) == ["20.db", "22.db"]
    assert len(knowledge) == 2


def test_what_is_being_read_is_never_forgotten(keeping: Callable[..., Knowledge]) -> None:
    knowledge = keeping(snapshots_max=1)

    async def ask() -> None:
        async with knowledge.at(20) as engine:
            async with knowledge.at(21):
                pass
            assert held(engine)["registry_state"]

    asyncio.run(ask())
    assert read(knowledge, 20) == [20]


def test_what_nobody_reads_any_more_is_forgotten(
    keeping: Callable[..., Knowledge], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    knowledge = keeping()
    monkeypatch.setattr(knowledge, "_settings", knowledge._settings.model_copy(update={"snapshots_minutes": 0.002}))
    read(knowledge, 20)
    for _ in range(100):
        if not len(knowledge):
            break
        time.sleep(0.05)

    assert files(tmp_path) == []


def test_a_making_that_fails_is_told_to_all_who_wait_and_tried_anew(
    keeping: Callable[..., Knowledge], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    knowledge = keeping()

    def failing(*how: Any) -> None:
        raise OSError("No space is left.")

    with monkeypatch.context() as broken:
        broken.setattr("registry.knowledge.keeping.make", failing)
        with pytest.raises(OSError, match="No space"):
            read(knowledge, 20)
    assert len(knowledge) == 0
    assert read(knowledge, 20) == [20]


def test_too_many_who_wait_are_told_to_come_again(
    keeping: Callable[..., Knowledge], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("registry.knowledge.keeping.MOST_WAITING", 2)
    count_makings(monkeypatch, seconds=0.2)
    knowledge = keeping()

    async def ask() -> list[Any]:
        async def one(position: int) -> None:
            async with knowledge.at(position):
                pass

        return await asyncio.gather(*(one(position) for position in (20, 21, 22, 20)), return_exceptions=True)

    assert [type(each) for each in asyncio.run(ask())] == [type(None), type(None), TooBusy, type(None)]


def test_snapshots_are_for_nobody_else_to_read_and_go_when_the_registry_is_closed(
    keeping: Callable[..., Knowledge], tmp_path: Path
) -> None:
    knowledge = keeping()
    read(knowledge, 20)
    (folder,) = (tmp_path / "snapshots").iterdir()

    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    knowledge.close()
    assert not folder.exists()


def test_what_a_process_that_died_has_left_is_cleared_away(keeping: Callable[..., Knowledge], tmp_path: Path) -> None:
    left, running = (tmp_path / "snapshots" / f"registry-snapshots-{name}" for name in ("left", "running"))
    for folder in (left, running):
        folder.mkdir(parents=True)
        (folder / "20.db").touch()
    hold = os.open(running, os.O_RDONLY)
    fcntl.flock(hold, fcntl.LOCK_EX)
    for folder in (left, running):
        os.utime(folder, (0, 0))
    read(keeping(), 20)
    os.close(hold)

    assert not left.exists()
    assert (running / "20.db").exists()


def test_a_process_that_works_keeps_its_folder_whatever_is_cleared_away_within(
    keeping: Callable[..., Knowledge], tmp_path: Path
) -> None:
    first = keeping()
    read(first, 20)
    (folder,) = (tmp_path / "snapshots").iterdir()
    for file in folder.iterdir():
        file.unlink()
    os.utime(folder, (0, 0))
    read(keeping(), 20)

    assert folder.is_dir()
    assert read(first, 20) == [20]


@pytest.mark.parametrize("all_of_it", [True, False], ids=["the folder", "a file in it"])
def test_snapshots_that_were_cleared_away_are_made_anew(
    keeping: Callable[..., Knowledge], monkeypatch: pytest.MonkeyPatch, all_of_it: bool
) -> None:
    makings = count_makings(monkeypatch)
    knowledge = keeping()
    read(knowledge, 20)
    folder = knowledge.folder
    assert folder is not None
    if all_of_it:
        shutil.rmtree(folder)
        assert knowledge.folder is None
    else:
        (folder / "20.db").unlink()

    assert read(knowledge, 21, 20, 21) == [21, 20, 21]
    assert makings == [20, 21, 20]


FAR_OFF = datetime.max.replace(tzinfo=UTC)


def test_the_position_of_a_moment_is_that_of_the_last_change_at_it_or_before(
    edited: Edits, keeping: Callable[..., Knowledge]
) -> None:
    knowledge, moment = keeping(), timedelta(microseconds=1)
    with Session(edited.engine) as session:
        changes = list(session.scalars(sa.select(Change).order_by("sequence")))

    instants = {change.at: change.sequence for change in changes}
    last, found = knowledge.positions([*instants, *(at - moment for at in instants), FAR_OFF])

    assert last == found[FAR_OFF] == changes[-1].sequence
    assert found[changes[0].at - moment] == 0
    for at, later in pairwise(instants):
        assert found[at] == found[later - moment] == instants[at]
