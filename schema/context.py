"""What a resolver receives: who asks, and what answers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from registry.access import ANYONE, Actor
from registry.following import Follower
from registry.repeats import Repeatable
from registry.settings import Settings

if TYPE_CHECKING:
    from schema.execution.direct import Direct
    from schema.execution.prepared import Document
    from schema.execution.telling import Telling


@dataclass(frozen=True)
class Moment:
    """The legal day that answers hold for, and the position of the log that they rest on; None is the last.

    `pinned` is true inside `at`, where records carry both in their id.
    """

    day: date
    pinned: bool = False
    known: int | None = None


@dataclass
class Stream:
    """A subscription that is being answered.

    `follower` and `telling` are shared by all. `after` is the cursor to resume it from, before what the operation
    itself says; `cursor` that of what is being told.
    """

    follower: Follower
    telling: "Telling"
    after: str | None = None
    cursor: str | None = None


class Context:
    """One request: who asks, the registry that is asked, and the plans that answer.

    `engine` sees everything, and is where changes are written; what is read is what the actor may see. Where there is
    no `direct`, the schema makes plans for this request alone.
    """

    def __init__(
        self,
        engine: sa.Engine,
        settings: Settings,
        actor: Actor = ANYONE,
        stream: Stream | None = None,
        *,
        direct: "Direct | None" = None,
    ) -> None:
        self.engine = engine
        self.settings = settings
        self.actor = actor
        self.stream = stream
        #: What the request is known by where it comes again, and whether anything was to be written by it.
        self.repeatable: Repeatable | None = None
        self.wrote = False
        #: The values of its variables, as the client has sent them.
        self.given: Mapping[str, Any] = {}
        self.direct = direct
        #: The document that is being executed, where it was read before.
        self.document: Document | None = None
        self.home: str = settings.home_country

    @property
    def today(self) -> date:
        """The legal day that it is now at home."""
        return datetime.now(ZoneInfo(self.settings.time_zone)).date()

    async def read(self, statement: sa.Select[Any]) -> Sequence[sa.Row[Any]]:
        """The rows of a statement, as of what was committed last."""
        assert self.direct is not None
        return await self.direct.reader(self.actor).select(statement)
