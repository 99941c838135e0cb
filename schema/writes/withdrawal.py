"""Records entered by mistake are withdrawn."""

import strawberry

from registry import withdrawal
from registry.history import Changes
from schema.execution.identity import spelled
from schema.mutations import REASON, Payload, asked, meant, named, payload, value


@asked()
class RecordWithdrawInput:
    """A record that was entered by mistake: acts, partnerships, licences and returns have withdrawals of their own."""

    id: strawberry.ID = meant("Id of the record, from an answer.")
    reason: str = REASON


@payload
class RecordWithdrawPayload(Payload):
    """What became of a record that was to be withdrawn."""

    withdrawn_id: strawberry.ID | None = value("Id of the record that was withdrawn; null where that was refused.")


def withdraw_record(changes: Changes, id: str) -> str:
    """Takes the record that an id names out of every answer, and gives its id, whatever moment that one was read at."""
    kind, key = named(id)
    withdrawal.withdraw(changes, kind, key)
    return spelled(kind.__name__, key, "")
