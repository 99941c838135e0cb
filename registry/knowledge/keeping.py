"""Snapshots that were asked for are kept for the next time, within bounds of number, size and time."""

import asyncio
import logging
import tempfile
import threading
import time
from collections.abc import AsyncIterator, Collection, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import sqlalchemy as sa
from sqlmodel import Session

from registry.database import WRITES, open_engine, open_snapshot
from registry.errors import TooBusy
from registry.folders import OwnFolder
from registry.history import Change, RegistryState, table_behind
from registry.knowledge.closing import anything_closed, close_since
from registry.knowledge.making import Held, make
from registry.settings import Settings
from registry.utilisation import derive_under

LOG = logging.getLogger("registry.knowledge")

#: Snapshots that may wait to be made; who asks for one more is told to come again.
MOST_WAITING = 16

#: Seconds after which they may.
_AGAIN = 5

_PREFIX = "registry-snapshots-"


@dataclass
class _Kept:
    """A snapshot that is kept or being made: who reads it now, and when it was last read."""

    sequence: int
    file: Path
    made: "Future[sa.Engine]"
    closed_at: int = 0
    closing: threading.Lock = field(default_factory=threading.Lock)
    readers: int = 0
    used: float = field(default_factory=time.monotonic)

    @property
    def was_made(self) -> bool:
        """Whether it has been made."""
        return self.made.done() and not self.made.cancelled() and self.made.exception() is None

    @property
    def ready(self) -> bool:
        """Whether it has been made and is still there: others may clear away what is temporary."""
        return self.was_made and self.file.exists()

    @property
    def size(self) -> int:
        return sum(_size_of(each) for each in self.files())

    def files(self) -> Iterator[Path]:
        yield from (self.file.with_name(self.file.name + ending) for ending in ("", "-wal", "-shm"))


class Knowledge:
    """What one registry knew at earlier moments."""

    def __init__(self, engine: sa.Engine, settings: Settings) -> None:
        self._engine, self._settings = engine, settings
        self._lock = threading.RLock()
        self._kept: dict[int, _Kept] = {}
        self._folder: OwnFolder | None = None
        self._makers: ThreadPoolExecutor | None = None
        self._timer: threading.Timer | None = None

    def __len__(self) -> int:
        return len(self._kept)

    @property
    def size(self) -> int:
        """Bytes that all snapshots take on disk."""
        with self._lock:
            return sum(each.size for each in self._kept.values())

    @property
    def folder(self) -> Path | None:
        """The folder that snapshots are made in; None before the first, and where it has been cleared away."""
        folder = self._folder
        return folder.path if folder is not None and folder.path.is_dir() else None

    def positions(self, instants: Collection[datetime] = ()) -> tuple[int, dict[datetime, int]]:
        """The position of the last change, and of the last at each of these instants or before it; 0 for none."""
        change = table_behind(Change)
        last = sa.select(sa.func.max(change.c.sequence))
        with open_snapshot(self._engine) as connection:
            found = {each: connection.execute(last.where(change.c.at <= each)).scalar() or 0 for each in instants}
            return connection.execute(last).scalar() or 0, found

    @asynccontextmanager
    async def at(self, sequence: int) -> AsyncIterator[sa.Engine]:
        """The registry as it was known at a position of its log: an SQLite registry, to be read only.

        It is made if it is not kept, once for all who ask for it meanwhile. Raises `TooBusy`.
        """
        kept = self._taken(sequence)
        try:
            engine = await asyncio.shield(asyncio.wrap_future(kept.made))
            await asyncio.to_thread(self._close_since, kept, engine)
            yield engine
        finally:
            self._release(kept)

    def close(self) -> None:
        """Forgets everything that is kept, once what is being made is done."""
        with self._lock:
            makers, timer = self._makers, self._timer
            self._makers = self._timer = None
        if timer is not None:
            timer.cancel()
        if makers is not None:
            makers.shutdown(cancel_futures=True)
        with self._lock:
            for kept in list(self._kept.values()):
                self._forget(kept)
            if self._folder is not None:
                self._folder.close()
                self._folder = None

    # ── Taking and releasing ──────────────────────────────────────────────────────────────────────

    def _taken(self, sequence: int) -> _Kept:
        with self._lock:
            kept = self._kept.get(sequence)
            if kept is not None and kept.was_made and not kept.ready:
                self._forget(kept)
                kept = None
            if kept is None:
                waiting = sum(not each.made.done() for each in self._kept.values())
                if waiting >= MOST_WAITING:
                    raise TooBusy("Too many earlier moments are asked for at once.", seconds=_AGAIN)
                kept = self._kept[sequence] = self._begun(sequence)
            kept.readers += 1
            return kept

    def _begun(self, sequence: int) -> _Kept:
        if self._makers is None:
            self._makers = ThreadPoolExecutor(self._settings.snapshots_makers, "registry-snapshot")
        file = self._place() / f"{sequence}.db"
        kept = _Kept(sequence, file, Future())
        kept.made = self._makers.submit(self._make, kept)
        return kept

    def _place(self) -> Path:
        """The folder of this process, which is made anew where it has been cleared away."""
        if self._folder is None or not self._folder.path.is_dir():
            if self._folder is not None:
                self._folder.close()
            within = self._settings.snapshots_dir or Path(tempfile.gettempdir())
            within.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._folder = OwnFolder(_PREFIX, within)
        return self._folder.path

    def _make(self, kept: _Kept) -> sa.Engine:
        begun, sequence, file = time.monotonic(), kept.sequence, kept.file
        with self._borrowed() as held:
            kept.closed_at = make(self._engine, sequence, file, held)
        LOG.info("The registry as known at change %d was made in %.1f s.", sequence, time.monotonic() - begun)
        return open_engine(f"sqlite:///{file}")

    def _close_since(self, kept: _Kept, engine: sa.Engine) -> None:
        """Lets a snapshot know what has been closed by now to some who could see it."""
        with kept.closing, open_snapshot(self._engine) as registry, registry.begin():
            last = registry.execute(sa.select(table_behind(RegistryState).c.sequence)).scalar_one()
            if last > kept.closed_at and anything_closed(registry, kept.closed_at):
                with engine.connect().execution_options(**WRITES) as copy, copy.begin():
                    moved = close_since(registry, copy, kept.sequence)
                    with Session(copy, autoflush=False) as session:
                        derive_under(session, moved)
            kept.closed_at = last

    @contextmanager
    def _borrowed(self) -> Iterator[list[Held]]:
        """The snapshots that are ready, none of which is forgotten meanwhile."""
        with self._lock:
            ready = [each for each in self._kept.values() if each.ready]
            for each in ready:
                each.readers += 1
        try:
            yield [Held(each.sequence, each.file) for each in ready]
        finally:
            with self._lock:
                for each in ready:
                    each.readers -= 1

    def _release(self, kept: _Kept) -> None:
        with self._lock:
            kept.readers -= 1
            kept.used = time.monotonic()
            self._tidy()

    # ── Bounds ────────────────────────────────────────────────────────────────────────────────────

    def _tidy(self) -> None:
        """Forgets what nobody reads: what failed, what is too old, and what was read longest ago of too many."""
        with self._lock:
            now, longest = time.monotonic(), self._settings.snapshots_minutes * 60
            idle = [each for each in self._kept.values() if not each.readers and each.made.done()]
            for kept in sorted(idle, key=lambda each: each.used):
                if not kept.ready or now - kept.used >= longest or self._too_many():
                    self._forget(kept)
            self._wind(longest)

    def _too_many(self) -> bool:
        sizes = [each.size for each in self._kept.values()]
        return len(sizes) > self._settings.snapshots_max or sum(sizes) > self._settings.snapshots_bytes_max

    def _wind(self, seconds: float) -> None:
        """Lets somebody look again when nobody asks any more."""
        if self._timer is None and self._kept and self._makers is not None:
            self._timer = threading.Timer(seconds, self._ring)
            self._timer.daemon = True
            self._timer.start()

    def _ring(self) -> None:
        with self._lock:
            self._timer = None
            self._tidy()

    def _forget(self, kept: _Kept) -> None:
        del self._kept[kept.sequence]
        if kept.was_made:
            kept.made.result().dispose()
        for file in kept.files():
            file.unlink(missing_ok=True)


def _size_of(file: Path) -> int:
    """Bytes of a file; 0 where it has gone."""
    try:
        return file.stat().st_size
    except FileNotFoundError:
        return 0
