"""What operators learn of the registry while it runs. Here: the id that all that is told of a request carries."""

import logging
import os
import re
from contextvars import ContextVar

#: A request's id as a client or a proxy may give it: nothing that could break a line of a log or a header.
_GIVEN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:=+/-]{0,127}")

_REQUEST: ContextVar[str | None] = ContextVar("request_id", default=None)


def numbered(given: str | None = None) -> str:
    """The id of the request that is being answered, which the log is told with every line until it ends.

    It is the one `given`, where that has the form of an id, so that it can be followed through several services.
    """
    request_id = given if given and _GIVEN.fullmatch(given) else os.urandom(16).hex()
    _REQUEST.set(request_id)
    return request_id


def request_id() -> str | None:
    """The id of the request that is being answered, also in the threads that work for it; None outside of any."""
    return _REQUEST.get()


def note_fault(log: logging.Logger, error: BaseException, what: str) -> str:
    """Writes a fault of the registry itself to the log, whole; gives the id to find it by, which is all one tells."""
    log_id = os.urandom(6).hex()
    log.error("%s: internal error %s", what, log_id, exc_info=error)
    return log_id
