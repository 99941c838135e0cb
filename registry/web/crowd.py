"""Whether anybody would wait: one who asks alone is answered on the event loop, also what takes some milliseconds.

Who asks over one connection has no more than one question under way. Where there are others, whatever they ask would
wait for it; so what takes long is then worked out elsewhere, though that takes longer.
"""

import math
import time
from collections import OrderedDict
from collections.abc import Hashable

from schema.execution.question import SHORT

#: Seconds that the event loop may be kept busy by an answer for whoever asks alone; a newcomer waits once at most.
PATIENT = 0.01

#: Seconds for which whoever has asked counts as one who may ask again; who has hung up does not.
QUIET = 1.0

#: Askers that are remembered.
MOST_ASKERS = 100


class Crowd:
    """Who has asked of late and may ask again, in the order in which they have asked last."""

    def __init__(self) -> None:
        self._met: OrderedDict[Hashable, float] = OrderedDict()

    def met(self, asker: Hashable) -> None:
        """Notes who asks: the address and port of a connection; who is not known may be anybody."""
        asker = object() if asker is None else asker
        self._met[asker] = time.monotonic()
        self._met.move_to_end(asker)
        if len(self._met) > MOST_ASKERS:
            self._met.popitem(last=False)

    def left(self, asker: Hashable) -> None:
        """Notes that one has hung up."""
        self._met.pop(asker, None)

    def patience(self) -> float:
        """Seconds that the event loop may be kept busy by an answer for whoever has asked last."""
        latest = reversed(self._met.values())
        next(latest, None)
        return PATIENT if time.monotonic() - next(latest, -math.inf) > QUIET else SHORT
