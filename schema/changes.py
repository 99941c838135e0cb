"""The log of changes as clients read it: for delta synchronisation, and as the history of a record."""

from schema.execution.cursors import decode, encode

#: What cursors of the log go by, in the query and in the subscription: the position, oldest first.
ORDER = "Change.SEQUENCE.False"


def cursor_of(sequence: int, key: str) -> str:
    """The cursor that resumes the log after the change at this position; `key` is the registry's own."""
    return encode([sequence], ORDER, key)


def position_of(cursor: str, key: str, path: tuple[str, ...] = ("after",)) -> int:
    """The position that a cursor of the log names. Raises `BadInput` for one that was not given for the log."""
    (sequence,) = decode(cursor, ORDER, key, path)
    return int(sequence)
