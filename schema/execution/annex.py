"""What takes long may be worked out elsewhere: what plans expect of such a place, whoever runs it."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from registry.access import Actor


class Away(Exception):
    """What is asked takes longer than it should take here, and there is another place for it.

    `prepared` learns how long that takes, where it is known here what is asked.
    """

    def __init__(self, prepared: "Timed | None" = None) -> None:
        super().__init__()
        self.prepared = prepared


class Timed(Protocol):
    """What learns how long it takes."""

    def ran(self, seconds: float) -> None:
        """Notes how long it has taken."""


class Walked(bytes):
    """The bytes of an answer that GraphQL itself has walked elsewhere, with what is wrong told in it.

    `executed` says whether anything of the request was, `status` how the answer is told over HTTP, `codes` what went
    wrong, and `reason` why no plan has answered by itself.
    """

    executed: bool
    status: int
    codes: Sequence[str]
    reason: str

    @classmethod
    def of(cls, body: bytes, executed: bool, status: int, codes: Sequence[str], reason: str) -> "Walked":
        """An answer, with what is known of it."""
        walked = cls(body)
        walked.executed, walked.status, walked.codes, walked.reason = executed, status, codes, reason
        return walked


class Annex(Protocol):
    """Another place where queries are answered."""

    @property
    def open(self) -> bool:
        """Whether it takes queries now."""

    async def answer(
        self, query: str, variables: Mapping[str, Any], operation_name: str | None, actor: Actor
    ) -> bytes | None:
        """The answer by a plan, or one that is `Walked`; None for what is no query. What it costs is charged, if
        it was not before.

        Raises `TurnedAway`.
        """
