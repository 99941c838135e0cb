"""Connections that threads read from, each kept for the next read.

To take one from a pool, to see whether it still stands, and to give it back in order costs a server over the network
several times what a small read does.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import Lock
from typing import Any

import sqlalchemy as sa

from registry.database import open_snapshot

#: Seconds after which it is seen to whether a kept connection still stands, before anybody reads from it.
SEEN_TO_AFTER = 1.0

#: Seconds after which a connection that nobody has read from is closed, and between two looks at which those are.
IDLE, LOOK_EVERY = 60.0, 10.0


class Together:
    """The connections kept for all who read from one registry, each audience having its own.

    A server takes only so many: those that are idle for one audience are closed when another needs one or reads.
    """

    def __init__(self) -> None:
        self._all: list[Connections] = []
        self._looked = time.monotonic()

    def add(self, connections: "Connections") -> None:
        """Lets connections be closed with the others."""
        self._all.append(connections)

    def look(self) -> None:
        """Closes what has been idle for long, being asked often and looking seldom."""
        if time.monotonic() - self._looked >= LOOK_EVERY:
            self._looked = time.monotonic()
            self.close_idle(IDLE)

    def close_idle(self, seconds: float) -> int:
        """Closes what nobody has read from for so many seconds, and tells how many were."""
        return sum(each.close_idle(seconds) for each in list(self._all))


class Connections:
    """Connections of an engine, as many as are read from at the same time."""

    def __init__(self, engine: sa.Engine, together: Together | None = None) -> None:
        self._engine = engine
        self._together = together or Together()
        self._together.add(self)
        self._sqlite = engine.dialect.name == "sqlite"
        self._lock = Lock()
        self._kept: list[tuple[sa.Connection, float]] = []
        self._closed = False

    @contextmanager
    def reading(self, alone: bool) -> Iterator[Any]:
        """A driver's connection, all of whose reads are of one moment; with `alone` there is to be one statement.

        Raises `sqlalchemy.exc.SQLAlchemyError` where there is none to be had.
        """
        connection = self._taken() or self._opened()
        raw = driven(connection)
        try:
            self._begin(raw, alone)
            yield raw
        finally:  # nothing was changed: what has been read stands, however that ends
            self._end(connection)

    def close(self) -> None:
        """Closes those that nobody reads from, and the others once that is over."""
        self._closed = True
        self._let_go()

    def close_idle(self, seconds: float) -> int:
        """Closes those that nobody has read from for so many seconds, and tells how many were."""
        until = time.monotonic() - seconds
        with self._lock:
            idle = [connection for connection, since in self._kept if since <= until]
            self._kept = [(connection, since) for connection, since in self._kept if since > until]
        for connection in idle:
            _close(connection)
        return len(idle)

    def _opened(self) -> sa.Connection:
        try:
            return opened(self._engine)
        except sa.exc.OperationalError:  # which a server that takes no more says by no code of its own
            if self._sqlite or not self._together.close_idle(0):
                raise
            return opened(self._engine)

    def _let_go(self) -> None:
        with self._lock:
            kept, self._kept = self._kept, []
        for connection, _ in kept:
            _close(connection)

    def _begin(self, raw: Any, alone: bool) -> None:
        if not self._sqlite:
            raw.autocommit = alone  # what follows begins a transaction by itself
        elif not alone:
            raw.execute("BEGIN")

    def _taken(self) -> sa.Connection | None:
        with self._lock:
            if not self._kept:
                return None
            connection, since = self._kept.pop()
        if not self._sqlite and time.monotonic() - since > SEEN_TO_AFTER and not _stands(driven(connection)):
            _close(connection)
            self._let_go()
            return None
        return connection

    def _end(self, connection: sa.Connection) -> None:
        """Ends what was begun, and keeps the connection; where that cannot be done, all that are kept may be lost."""
        try:
            driven(connection).rollback()
        except self._engine.dialect.loaded_dbapi.Error:
            _close(connection)
            self._let_go()
            return
        with self._lock:
            if kept := not self._closed:
                self._kept.append((connection, time.monotonic()))
        if not kept:
            _close(connection)
        self._together.look()


def opened(engine: sa.Engine) -> sa.Connection:
    """A connection that stays with whoever asks for it, and whose transactions read one moment each."""
    connection = open_snapshot(engine)
    connection.detach()
    return connection


def driven(connection: sa.Connection) -> Any:
    """The driver's connection behind one that was opened so."""
    return connection.connection.dbapi_connection


def _stands(raw: Any) -> bool:
    try:
        raw.autocommit = True
        raw.execute("SELECT 1")
    except Exception:  # whatever the driver says of a connection that is lost
        return False
    return True


def _close(connection: sa.Connection) -> None:
    """Closes a connection, be it lost: nothing is asked of it any more."""
    with suppress(Exception):
        driven(connection).close()
    with suppress(Exception):
        connection.invalidate()
