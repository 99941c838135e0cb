"""Log lines: one for each request and whatever the registry or the server has to tell, as JSON or for a terminal.

Lines hold no credential, no variables of a query and no full address of a client. A thread of its own writes them, so
that whoever does not read them never keeps a request waiting.
"""

import atexit
import ipaddress
import logging
import os
import re
import sys
import threading
import time
from collections import deque
from collections.abc import Callable
from functools import lru_cache

import orjson
import structlog
from structlog.processors import format_exc_info
from structlog.typing import EventDict, WrappedLogger

from registry.settings import Settings
from registry.telemetry import request_id

#: Lines that may wait to be written; further ones are dropped, and counted.
MOST_WAITING = 20_000

#: Seconds over which lines are gathered, to be written together.
GATHER = 0.02

#: Seconds that the last lines have to be written when the process ends.
LAST = 1.0

#: Packages that tell of their ordinary work as if it were news.
_CHATTY = ("alembic", "uvicorn", "httpx2", "httpcore2")

#: Bits of a client's address that are told: what names a network and no person.
_KEPT_BITS = {4: 24, 6: 48}

_SECRETS = re.compile(
    r"(rk_[0-9a-f]{8}_)[\w-]+|(?i:(bearer\s+))[\w.~+/=-]+|(://[^/\s:@]*:)[^/\s@]+(?=@)|(?m:(^DETAIL: ).*$)"
)


class Writer:
    """Writes lines to a file of the system, in the order they came, without letting anybody wait."""

    def __init__(self, descriptor: int) -> None:
        self.dropped = 0
        self._descriptor = descriptor
        self._lines: deque[bytes] = deque()
        self._waiting = threading.Event()
        self._ended = False
        self._thread = threading.Thread(target=self._run, name="registry-log", daemon=True)
        self._thread.start()

    def write(self, line: bytes) -> None:
        """Takes a line to be written, without its end; drops it where too many wait."""
        if len(self._lines) >= MOST_WAITING:
            self.dropped += 1
            return
        self._lines.append(line)
        if not self._waiting.is_set():
            self._waiting.set()

    def close(self) -> None:
        """Writes what waits, if somebody reads it."""
        self._ended = True
        self._waiting.set()
        self._thread.join(LAST)

    def _run(self) -> None:
        while True:
            self._waiting.wait()
            ended = self._ended
            if not ended:
                time.sleep(GATHER)
            self._waiting.clear()
            lines = [self._lines.popleft() for _ in range(len(self._lines))]
            try:
                self._write(b"".join(line + b"\n" for line in lines))
            except OSError:  # nobody can be told that nobody can be told
                self.dropped += len(lines)
            if ended:
                return

    def _write(self, text: bytes) -> None:
        while text:
            text = text[os.write(self._descriptor, text) :]


class Logs:
    """The log of this process. `tells_requests` where its level lets in a line for each request."""

    def __init__(self, settings: Settings, descriptor: int) -> None:
        self.writer = Writer(descriptor)
        self._render = _rendered(settings.log_format, os.isatty(descriptor))
        level = logging.getLevelNamesMapping()[settings.log_level.upper()]
        root = logging.getLogger()
        root.handlers = [_Handler(self.writer, self._render)]
        root.setLevel(level)
        for name in _CHATTY:
            logging.getLogger(name).setLevel(max(level, logging.WARNING) if level > logging.DEBUG else level)
        self.tells_requests = level <= logging.INFO

    def request(self, told: EventDict) -> None:
        """Writes the line of a request: straight, as there are many."""
        event = {"at": instant(time.time()), "level": "info", "event": "request", **told}
        self.writer.write(self._render(self, "info", _with_id(event)))

    def close(self) -> None:
        """Writes what waits, if somebody reads it."""
        self.writer.close()


#: The log of this process, once it has been configured.
_made: list[Logs] = []


def configure(settings: Settings, descriptor: int = 2) -> Logs:
    """Lets everything that is logged in this process be written as the settings say, to standard error."""
    logs = Logs(settings, descriptor)
    atexit.register(logs.close)
    _made[:] = [logs]
    return logs


def requests() -> Logs | None:
    """The log that wants a line for each request, if it does."""
    return _made[0] if _made and _made[0].tells_requests else None


def dropped() -> int:
    """Lines that were not written, because nobody read those before them."""
    return _made[0].writer.dropped if _made else 0


@lru_cache(4_096)
def network(address: str | None) -> str | None:
    """The network that an address belongs to, such as 192.0.2.0/24: enough to see who asks much, and nobody's name."""
    if not address:
        return None
    try:
        kept = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return None
    kept = getattr(kept, "ipv4_mapped", None) or kept
    return str(ipaddress.ip_network((kept, _KEPT_BITS[kept.version]), strict=False))


def without_secrets(text: str) -> str:
    """A text without keys, tokens, passwords in addresses and values that PostgreSQL refused, should it have any."""
    return _SECRETS.sub(lambda found: f"{next(filter(None, found.groups()))}***", text)


# ── How a line is made ──────────────────────────────────────────────────────────────────────────────────────────────


class _Handler(logging.Handler):
    """Makes lines of what modules log through Python's `logging`, uvicorn and other packages included."""

    def __init__(self, writer: Writer, render: Callable[[WrappedLogger, str, EventDict], bytes]) -> None:
        super().__init__()
        self._writer, self._render = writer, render

    def emit(self, record: logging.LogRecord) -> None:
        """Takes one record."""
        try:
            event: EventDict = {"event": record.getMessage(), "logger": record.name, "level": record.levelname.lower()}
            if record.exc_info:
                event = format_exc_info(self, "", {**event, "exc_info": record.exc_info})
            for name in ("event", "exception"):
                if name in event:
                    event[name] = without_secrets(event[name])
            event["at"] = instant(record.created)
            self._writer.write(self._render(self, event["level"], _with_id(event)))
        except Exception:
            self.handleError(record)


def _with_id(event: EventDict) -> EventDict:
    if (found := request_id()) is not None:
        event["request_id"] = found
    return event


def instant(seconds: float) -> str:
    """An instant, given in seconds since 1970, as lines tell it."""
    return f"{_second(int(seconds))}.{int(seconds % 1 * 1_000_000):06d}Z"


@lru_cache(4)
def _second(seconds: int) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(seconds))


def _rendered(form: str | None, terminal: bool) -> Callable[[WrappedLogger, str, EventDict], bytes]:
    """What makes bytes of a line: `json`, `console`, or None for what suits a terminal or a file."""
    if form == "json" or (form is None and not terminal):
        return lambda _logger, _method, event: orjson.dumps(event, default=str)
    plain = structlog.dev.ConsoleRenderer(colors=terminal and sys.platform != "win32", timestamp_key="at")
    return lambda logger, method, event: str(plain(logger, method, event)).encode("utf-8", "replace")
