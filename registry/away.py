"""Databases that are out of reach or refuse something: what their drivers say, and what whoever asks is told."""

import logging
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock
from typing import Any

import sqlalchemy as sa

from registry.errors import DatabaseUnavailable

LOG = logging.getLogger("registry.database")
LOG.addHandler(logging.NullHandler())  # commands, which have no log, tell the cause themselves

#: Seconds between two warnings of the same, and the most of them that are remembered for it.
WARN_EVERY, MOST_WARNINGS = 60.0, 100

#: What the driver of PostgreSQL, which need not be installed, raises where the server is away or ends a connection.
_AWAY_THERE = "psycopg.OperationalError"

#: What PostgreSQL calls it (SQLSTATE) that nothing may be written, or that the role lacks a right.
_READ_ONLY, _NO_RIGHT = "25006", "42501"

_NOTHING_WRITTEN = "The database is read-only at the moment."
_NO_ROOM = "There is no room left for the database."

#: What is told of causes that do not pass by themselves, by SQLSTATE or SQLite's code.
_LASTING: dict[str | int, str] = {
    _READ_ONLY: _NOTHING_WRITTEN,
    _NO_RIGHT: "The database denies the registry a right that it needs.",
    "53100": _NO_ROOM,
    sqlite3.SQLITE_READONLY: _NOTHING_WRITTEN,
    sqlite3.SQLITE_FULL: _NO_ROOM,
    sqlite3.SQLITE_IOERR: "The disk of the database cannot be read or written.",
}

#: What whoever runs the registry can do about them.
_TODO: dict[str | int, str] = {
    _READ_ONLY: "Let it be written to (default_transaction_read_only), or give the address of one that may be.",
    _NO_RIGHT: "This role may not do that: grant it, or give the address of a role that may.",
    sqlite3.SQLITE_READONLY: "Let whoever runs this write to the file and its folder.",
    sqlite3.SQLITE_FULL: "Make room.",
}


def cause_of(error: BaseException) -> str:
    """What a driver says of an error: its first line, in which there is nothing of what records hold."""
    cause = _original(error)
    said = str(cause.args[0] if isinstance(cause, sa.exc.SQLAlchemyError) and cause.args else cause)
    return said.strip().split("\n")[0].rstrip(".") or type(cause).__name__


def todo_for(error: BaseException) -> str | None:
    """What whoever runs the registry can do about an error; None where nothing is known."""
    return _TODO.get(_kind(error))


def code_of(error: sqlite3.Error) -> int:
    """SQLite's code of an error; 0 where it is none of SQLite's."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF


def is_held(error: sqlite3.Error) -> bool:
    """Whether SQLite could not do something because others hold the file."""
    return code_of(error) in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)


def is_away(error: BaseException) -> bool:
    """Whether an error tells that the database is out of reach, held or closed to us, not that a statement is wrong."""
    if isinstance(error, sa.exc.TimeoutError):
        return True
    cause = _original(error)
    if isinstance(cause, sqlite3.OperationalError):
        return code_of(cause) != sqlite3.SQLITE_ERROR
    if _kind(error) in _LASTING:
        return True
    return any(f"{kind.__module__}.{kind.__name__}" == _AWAY_THERE for kind in type(cause).__mro__)


def is_denied(error: BaseException) -> bool:
    """Whether the role lacks a right."""
    return _kind(error) == _NO_RIGHT


@contextmanager
def reached() -> Iterator[None]:
    """Tells by `DatabaseUnavailable` that the database is out of reach, whatever its driver says."""
    try:
        yield
    except Exception as error:
        if not is_away(error):
            raise
        raise unreached(error) from error


def unreached(error: BaseException) -> DatabaseUnavailable:
    """What whoever asks is told where `is_away`; the log has why."""
    warn(f"The database cannot be used: {cause_of(error)}.")
    if (told := _LASTING.get(_kind(error))) is not None:
        return DatabaseUnavailable(told, hint="Those who run the registry have to mend it; its log says why.")
    return DatabaseUnavailable("The database does not answer at the moment.", hint="Ask again in a moment.")


def refused(error: BaseException) -> DatabaseUnavailable:
    """What whoever runs the registry is told where the database does not do something."""
    return DatabaseUnavailable(f"The database cannot be used for this: {cause_of(error)}.", hint=todo_for(error))


def _original(error: BaseException) -> BaseException:
    """The driver's own error."""
    cause = error.orig if isinstance(error, sa.exc.DBAPIError) else None
    return error if cause is None else cause


def _kind(error: BaseException) -> str | int:
    """What the database calls an error: SQLSTATE, or SQLite's code."""
    cause: Any = _original(error)
    return code_of(cause) if isinstance(cause, sqlite3.Error) else getattr(cause, "sqlstate", None) or ""


def warn(sentence: str) -> None:
    """Writes what is amiss with the database into the log: once a minute, however many requests meet it."""
    now = time.monotonic()
    with _LOCK:
        if now - _WARNED.get(sentence, float("-inf")) < WARN_EVERY:
            return
        if len(_WARNED) >= MOST_WARNINGS:
            _WARNED.clear()
        _WARNED[sentence] = now
    LOG.warning("%s", sentence)


_LOCK = Lock()
_WARNED: dict[str, float] = {}
