"""Whether anybody would wait: one who asks alone is answered on the event loop, also what takes some milliseconds.

Who asks over one connection has no more than one question under way. Where there are others, whatever they ask would
wait for it; so what takes long is then worked out elsewhere, though that takes longer.
"""

import time

from schema.execution.question import SHORT

#: Seconds that the event loop may be kept busy by an answer for whoever asks alone; a newcomer waits once at most.
PATIENT = 0.01

#: Seconds without anybody else after which one asks alone.
QUIET = 1.0


class Crowd:
    """Who has asked of late, as far as it matters: whether that was one and the same."""

    def __init__(self) -> None:
        self._last: object = None
        self._since = time.monotonic()

    def met(self, asker: object) -> None:
        """Notes who asks: the address and port of a connection; who is not known may be anybody."""
        if asker is None or asker != self._last:
            self._last, self._since = asker, time.monotonic()

    def patience(self) -> float:
        """Seconds that the event loop may be kept busy by an answer."""
        return PATIENT if time.monotonic() - self._since > QUIET else SHORT
