"""One family of errors: a stable code for machines, a sentence for people, the path to the culprit, and what to do."""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any


class Reason(StrEnum):
    """What exactly is wrong with what people write or follow by themselves, for those who say it in other languages."""

    COUNTRY_CODE = "COUNTRY_CODE"
    CURSOR = "CURSOR"
    DAY = "DAY"
    DAY_TOO_FAR = "DAY_TOO_FAR"
    NO_SUCH_CHOICE = "NO_SUCH_CHOICE"
    NO_SUCH_NAME = "NO_SUCH_NAME"
    NO_SUCH_RECORD = "NO_SUCH_RECORD"
    PERIOD = "PERIOD"
    YEAR = "YEAR"

    def told(self, value: str = "") -> dict[str, str]:
        """The details of an error that has this reason, and of which `value` is the culprit."""
        return {"reason": self.value} | ({"value": value} if value else {})


class RegistryError(Exception):
    """Something the registry refuses to do, told so that the asker can mend it.

    `details` are what a program may want to know beside the code, such as a limit and what went beyond it.
    """

    code = "INTERNAL_SERVER_ERROR"

    def __init__(
        self,
        message: str,
        *,
        path: tuple[str, ...] = (),
        hint: str | None = None,
        details: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.path = path
        self.hint = hint
        self.details = details or {}


class BadInput(RegistryError):
    """The input is not of the form that the registry takes."""

    code = "BAD_USER_INPUT"


class NotFound(RegistryError):
    """Something that the input names is not on record."""

    code = "NOT_FOUND"


class Conflict(RegistryError):
    """The input contradicts what is on record."""

    code = "CONFLICT"


class Forbidden(RegistryError):
    """Whoever asks may not do this."""

    code = "FORBIDDEN"


class TooLarge(RegistryError):
    """A query asks for more than one answer should hold."""

    code = "QUERY_TOO_LARGE"


class TurnedAway(RegistryError):
    """A request with which nothing is wrong, and which is not answered now; `seconds` later it may be."""

    def __init__(self, message: str, *, seconds: int, hint: str | None = None, **given: Any) -> None:
        super().__init__(message, hint=hint or f"Ask again in {seconds} s.", **given)
        self.seconds = seconds


class RateLimited(TurnedAway):
    """Whoever asks has asked for more, in the last minutes, than one client may."""

    code = "RATE_LIMITED"


class Overloaded(TurnedAway):
    """As much work is waiting as may wait."""

    code = "OVERLOADED"


class DatabaseHeld(Overloaded):
    """Others have been writing for longer than one waits for them."""


class TooBusy(TurnedAway):
    """More earlier moments of knowledge are asked for at once than can be made ready."""

    code = "TOO_BUSY"


class DeadlineExceeded(TurnedAway):
    """An answer took longer than it may; the work for it has been stopped."""

    code = "DEADLINE_EXCEEDED"


class Unauthenticated(RegistryError):
    """A credential that opens nothing: not known, wrong, run out or revoked."""

    code = "UNAUTHENTICATED"


class Unavailable(RegistryError):
    """Something that the answer needs and that lies outside the registry does not answer; `seconds` later it may."""

    code = "UNAVAILABLE"
    seconds = 60


class DatabaseUnavailable(Unavailable):
    """The database cannot be opened, or does not answer."""

    code = "DATABASE_UNAVAILABLE"
    seconds = 5


class Unsourced(RegistryError):
    """A fact came without a source, or its citation without words and without their sense."""

    code = "UNSOURCED"


class Refused(RegistryError):
    """An input with several problems, all of which it tells; its own words are those of the first."""

    def __init__(self, problems: Sequence[RegistryError]) -> None:
        first = problems[0]
        super().__init__(first.message, path=first.path, hint=first.hint)
        self.code = first.code
        self.problems = tuple(problems)
