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


class Connections:
    """Connections of an engine, as many as are read from at the same time."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine
        self._sqlite = engine.dialect.name == "sqlite"
        self._lock = Lock()
        self._kept: list[tuple[sa.Connection, float]] = []
        self._closed = False

    @contextmanager
    def reading(self, alone: bool) -> Iterator[Any]:
        """A driver's connection, all of whose reads are of one moment; with `alone` there is to be one statement.

        Raises `sqlalchemy.exc.SQLAlchemyError` where there is none to be had.
        """
        connection = self._taken() or opened(self._engine)
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
            if not self._closed:
                self._kept.append((connection, time.monotonic()))
                return
        _close(connection)


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
