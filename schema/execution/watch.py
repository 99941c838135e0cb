"""Work in a thread that may have to stop before it has ended: the statement under way is interrupted."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from threading import Lock
from typing import Any

from registry.errors import TooLarge

#: Characters of SQL that may be written for one piece of work; a plan takes a second for some two hundred thousand.
MOST_WRITTEN = 500_000


class TooMuchHere(Exception):
    """More SQL than may be written here; elsewhere it may. Nobody who asks is told so, nor is it told in a tree."""


class Watch:
    """What some work in a thread reads with, so that somebody outside can stop it.

    `stopped` is why it was stopped, `written` how many characters of SQL were written for it, and `most_written` how
    many may be.
    """

    def __init__(self) -> None:
        self.stopped: BaseException | None = None
        self.begun: float | None = None
        self.written, self.most_written = 0, MOST_WRITTEN
        self._lock = Lock()
        self._connections: list[Any] = []

    def stop(self, why: BaseException) -> None:
        """Interrupts what is being read; whatever is to be read after that raises `why`."""
        with self._lock:
            self.stopped = self.stopped or why
            for each in self._connections:
                each.interrupt() if hasattr(each, "interrupt") else each.cancel_safe(timeout=CANCEL)

    def check(self) -> None:
        """Raises why the work was stopped, where it was."""
        if self.stopped is not None:
            raise self.stopped

    def wrote(self, characters: int) -> None:
        """Notes that so much SQL has been written. Raises why the work was stopped, `TooLarge` for too much, and
        `TooMuchHere` for more than may be written here.

        A document of a few kilobytes may need a statement of its own at each of a hundred places.
        """
        self.check()
        if self is UNWATCHED:
            return
        self.written += characters
        if self.written > MOST_WRITTEN:
            details = {"counted": "characters of plan", "found": self.written, "limit": MOST_WRITTEN}
            hint = "Ask in several queries for what is sought, summed or worked out."
            raise TooLarge("The query asks for too much of different kinds at once.", hint=hint, details=details)
        if self.written > self.most_written:
            raise TooMuchHere

    @contextmanager
    def over(self, connection: Any) -> Iterator[None]:
        """Lets what a driver's connection reads be interrupted."""
        with self._lock:
            self._connections.append(connection)
        try:
            yield
        finally:
            with self._lock:  # whoever gets the connection next must not be interrupted in place of this one
                self._connections.remove(connection)

    def rows(self, cursor: Any, text: str, values: Any) -> list[Any]:
        """The rows of a statement."""
        self.check()
        self.begun = time.monotonic()
        try:
            return list(cursor.execute(text, values or ()).fetchall())
        except Exception:
            self.check()
            raise
        finally:
            self.begun = None


#: Seconds that PostgreSQL has to take notice that a statement is to be cancelled.
CANCEL = 2

#: The watch over the work that the thread does.
WATCH: ContextVar[Watch | None] = ContextVar("watch", default=None)


def watched() -> Watch:
    """The watch over the work that the thread does; one that nobody keeps where there is none."""
    return WATCH.get() or UNWATCHED


#: What nobody will stop.
UNWATCHED = Watch()
