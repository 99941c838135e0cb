"""Requests that may come twice: one that was answered is answered again with the same words, and writes nothing more.

A client whose connection broke does not know whether its change was made. It gives each request a key of its own, and
asks again with the same key. What was done under a key is kept in the transaction that did it, so that it is never done
twice, whatever breaks in between; the words of the answer follow as soon as they are known.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

import orjson
import sqlalchemy as sa
from sqlmodel import Session

from registry.access import Actor
from registry.away import reached
from registry.errors import Conflict
from registry.history import Changes, Instant, Row, column, table_behind, unlogged


class KeptAnswer(Row, table=True):
    """What was done under a key, and how it was answered."""

    __logged__ = False
    __tablename__ = "kept_answer"

    key: str = column("SHA-256 over who asked and the key they gave, in hexadecimal.", primary_key=True)
    request: str = column("SHA-256 over what was asked, in hexadecimal.")
    done: dict[str, Any] = column("What was done, by field of the answer.", kind=sa.JSON, default_factory=dict)
    answer: bytes | None = column("The answer; null until it is known.", kind=sa.LargeBinary, default=None)
    at: datetime = column("Instant of the last of it.", kind=Instant, index=True)


@dataclass(frozen=True)
class Repeatable:
    """A request under a key, and for how long what became of it is kept."""

    key: str
    request: str
    hours: int

    @classmethod
    def of(cls, actor: Actor, key: str, request: Any, hours: int) -> "Repeatable":
        """The request of somebody under a key; `request` is what JSON can tell.

        Whoever has another role is somebody else, though of the same name: what they may do is another matter.
        """
        asked = orjson.dumps(request, option=orjson.OPT_SORT_KEYS)
        who = "\n".join([actor.role, actor.name, *filter(None, [actor.subject])])
        return cls(sha256(f"{who}\n{key}".encode()).hexdigest(), sha256(asked).hexdigest(), hours)

    def answer(self, engine: sa.Engine) -> bytes | None:
        """How the request was answered, or None.

        Raises `Conflict` where the key was given with another request, and `DatabaseUnavailable`.
        """
        with reached(), Session(engine) as session:
            kept = self._kept(session)
            return None if kept is None else kept.answer

    def done(self, changes: Changes, field: str) -> Any:
        """What a field of the answer has done already, or None. Raises `Conflict` as `answer` does."""
        kept = self._kept(changes.session)
        return None if kept is None else kept.done.get(field)

    def keep_done(self, changes: Changes, field: str, done: Any) -> None:
        """Keeps what a field of the answer does, together with the change itself."""
        kept = self._kept(changes.session) or self._new(changes.session)
        kept.done = {**kept.done, field: done}
        kept.at = datetime.now(UTC)
        changes.session.flush()

    def keep_answer(self, engine: sa.Engine, answer: bytes) -> None:
        """Keeps the answer, unless there is one: the first holds."""
        with unlogged(engine) as session:
            kept = self._kept(session) or self._new(session)
            if kept.answer is None:
                kept.answer, kept.at = answer, datetime.now(UTC)

    def _new(self, session: Session) -> KeptAnswer:
        """Begins to keep, and lets go of what is old."""
        now = datetime.now(UTC)
        kept = table_behind(KeptAnswer)
        session.execute(sa.delete(kept).where(kept.c.at < now - timedelta(hours=self.hours)))
        made = KeptAnswer(key=self.key, request=self.request, done={}, at=now)
        session.add(made)
        return made

    def _kept(self, session: Session) -> KeptAnswer | None:
        kept = session.get(KeptAnswer, self.key)
        if kept is None:
            return None
        if kept.at < datetime.now(UTC) - timedelta(hours=self.hours):
            session.expunge(kept)
            return None
        if kept.request != self.request:
            hint = "Give each request a key of its own; give the same key again only to repeat the very same request."
            raise Conflict("The idempotency key was given with another request.", hint=hint)
        return kept
