"""What is noted of a request while it is answered, by whoever has a hand in it: for its log line, counters and span."""

import time
from contextvars import ContextVar
from dataclasses import dataclass
from threading import Lock
from typing import Any

#: The code of a request that was answered without errors.
OK = "OK"


@dataclass(slots=True)
class Noted:
    """What is known of one request or operation.

    `way` says how it was answered: `kept` from memory, by a `plan`, or by a `walk` of graphql-core, and `reason` why by
    that; `apart` whether that was done in the annex. `seconds` is what its SQL statements took, `took` what its plan
    took of a processor, in seconds. `span` is its span, where there are traces.
    """

    operation: str = ""
    kind: str = ""
    code: str = OK
    way: str = ""
    reason: str = ""
    apart: bool = False
    statements: int = 0
    seconds: float = 0.0
    took: float | None = None
    cost: int | None = None
    span: Any = None


#: What is noted of the request that is being answered; None outside of requests.
current: ContextVar[Noted | None] = ContextVar("registry_noted", default=None)


def note_code(code: str) -> None:
    """Notes why the request that is being answered was refused, or failed; the first reason counts."""
    noted = current.get()
    if noted is not None and noted.code is OK:
        noted.code = code


def note_way(way: str, reason: str = "") -> None:
    """Notes how the request that is being answered was answered, and why so."""
    noted = current.get()
    if noted is not None:
        noted.way, noted.reason = way, reason


def note_took(seconds: float) -> None:
    """Notes how long a processor has run the plan of the request that is being answered."""
    noted = current.get()
    if noted is not None:
        noted.took = seconds


class Statements:
    """How many SQL statements this process has run, and for how many seconds; `tell` is told of each, by its text."""

    def __init__(self) -> None:
        self.count = 0
        self.seconds = 0.0
        self.tell: Any = None
        self._lock = Lock()

    def ran(self, text: str, begun: float) -> None:
        """Notes a statement that has run since `begun`, an instant of `time.perf_counter`."""
        seconds = time.perf_counter() - begun
        self.add(1, seconds)
        if self.tell is not None:
            self.tell(text, seconds, current.get())

    def add(self, count: int, seconds: float) -> None:
        """Notes statements that have run for the request that is being answered, here or elsewhere."""
        with self._lock:
            self.count += count
            self.seconds += seconds
        noted = current.get()
        if noted is not None:
            noted.statements += count
            noted.seconds += seconds


#: Those of this process.
STATEMENTS = Statements()
