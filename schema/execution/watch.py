"""Work in a thread that may have to stop before it has ended: the statement under way is interrupted."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from threading import Lock
from typing import Any


class Watch:
    """What some work in a thread reads with, so that somebody outside can stop it. `stopped` is why it was stopped."""

    def __init__(self) -> None:
        self.stopped: BaseException | None = None
        self.begun: float | None = None
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
