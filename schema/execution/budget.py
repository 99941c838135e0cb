"""What one request may take: its time, and how much it may cost whoever sent it.

It goes along with the request wherever that leads, so that whatever takes long can ask for it.
"""

import time
from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from typing import Protocol

from registry.telemetry.noting import current
from schema.execution import cost


class Purse(Protocol):
    """What a client may spend."""

    def spend(self, points: int) -> None:
        """Takes points; raises `RateLimited` where there are not as many."""

    def give_back(self, points: int) -> None:
        """Gives points back that were taken and not needed."""


class Budget:
    """What one request may take. `until` is when its answer must be there; None is never, as of a subscription.

    `hung_up` ends once the client has gone. `points` are what the answer costs as it is reckoned before, and `records`
    those among them for records; both are 0 until that is known. `told` says that the client wants to know, `planned`
    how many characters of SQL have been paid for, or else that not even making something of the document has.
    """

    __slots__ = ("hung_up", "planned", "points", "purse", "records", "told", "until")

    def __init__(
        self,
        seconds: float | None = None,
        purse: Purse | None = None,
        hung_up: Callable[[], Awaitable[object]] | None = None,
    ) -> None:
        self.until = None if seconds is None else time.monotonic() + seconds
        self.purse = purse
        self.hung_up = hung_up
        self.points = self.records = 0.0
        self.told = False
        self.planned: int | None = None

    def charge(self, points: float, records: float = 0) -> None:
        """Charges what an answer costs, once. Raises `RateLimited`."""
        if self.points == 0:
            self.points, self.records = points, records
            told = cost.told(points)
            if (noted := current.get()) is not None:
                noted.cost = told
            if self.purse is not None:
                self.purse.spend(told)

    def settle(self, records: int) -> None:
        """Gives back what was charged for records that there were not."""
        if self.purse is not None and records < self.records:
            self.purse.give_back(int(self.records - records))


#: The budget of the request that is being answered.
BUDGET: ContextVar[Budget | None] = ContextVar("budget", default=None)
