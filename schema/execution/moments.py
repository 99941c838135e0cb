"""Where what was known at the moments of a request is held: in the registry as it is, or in snapshots of it."""

import asyncio
from collections.abc import AsyncIterator, Callable, Collection, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager, closing, contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from registry.access import Audience
from registry.database import open_snapshot
from registry.errors import BadInput
from registry.knowledge import Knowledge
from registry.visibility import viewing
from schema.context import Moment
from schema.execution.asked import Picked
from schema.execution.identity import no_id
from schema.execution.levels import Run
from schema.execution.statement import Database
from schema.execution.watch import watched

#: The number of a moment, among those that a plan asks for.
Number = int


class Moved(Exception):
    """The registry has changed while it was made ready to be read as it is now: the same is to be tried anew."""


@dataclass(frozen=True)
class Places:
    """What each moment that asks for earlier knowledge rests on, and where that is held.

    `positions` are those in the log, by the number of the moment; `snapshots` the registries that hold what was known
    at a position, other than that of the last change; `refused` why a moment cannot be read.
    """

    positions: Mapping[Number, int]
    snapshots: Mapping[int, sa.Engine]
    refused: Mapping[Number, Exception]

    def moments(self, picked: Sequence[Picked | None], today: date) -> list[Moment]:
        """The moments as ids and answers tell them."""
        return [
            Moment(today) if each is None else Moment(each.day or today, True, self.positions.get(number))
            for number, each in enumerate(picked)
        ]

    @contextmanager
    def opened(
        self, base: Run, picked: Sequence[Picked | None], database: Database, audiences: Collection[Audience]
    ) -> Iterator[None]:
        """Lets the run of a request read what was known earlier, each in one read transaction, and see of it what is
        for these audiences. Raises `Moved`.
        """
        if not self.positions:
            base.then.update((number, base) for number in range(len(picked)) if number not in self.refused)
            yield
            return
        with ExitStack() as stack:
            runs: dict[int | None, Run] = {None: base}
            for position in set(self.positions.values()):
                if position in self.snapshots:
                    read = stack.enter_context(_reading(viewing(self.snapshots[position], audiences, earlier=True)))
                    runs[position] = base.at(database, read)
                elif base.state.sequence == position:
                    runs[position] = base
                else:
                    raise Moved
            for number in range(len(picked)):
                if number not in self.refused:
                    base.then[number] = runs[self.positions.get(number)]
            yield


#: Where no moment asks for earlier knowledge.
NOTHING_EARLIER = Places({}, {}, {})


@contextmanager
def _reading(engine: sa.Engine) -> Iterator[Callable[[str, Any], list[Any]]]:
    with open_snapshot(engine) as connection, connection.begin():
        raw: Any = connection.connection.driver_connection
        watch = watched()
        with closing(raw.cursor()) as cursor, watch.over(raw):
            yield lambda text, values: watch.rows(cursor, text, values)


@asynccontextmanager
async def found(knowledge: Knowledge, picked: Sequence[Picked | None]) -> AsyncIterator[Places]:
    """What each moment rests on and where that is held, for as long as it is being read."""
    wanted = {number: each for number, each in enumerate(picked) if each and each.known is not None}
    instants = [each.known for each in wanted.values() if isinstance(each.known, datetime)]
    last, at = await asyncio.to_thread(knowledge.positions, instants)
    positions: dict[Number, int] = {}
    refused: dict[Number, Exception] = {}
    snapshots: dict[int, sa.Engine] = {}
    async with AsyncExitStack() as stack:
        for number, each in wanted.items():
            try:
                position = positions[number] = _position(each, last, at)
                if position != last and position not in snapshots:
                    snapshots[position] = await stack.enter_async_context(knowledge.at(position))
            except Exception as error:  # told at the field that asks for the moment
                refused[number] = error
                positions.pop(number, None)
        yield Places(positions, snapshots, refused)


def nothing_known(path: tuple[str, ...]) -> BadInput:
    """Why a moment before the first change is refused."""
    hint = "The first of `changes` tells when the registry begins."
    return BadInput("Nothing was known yet at that moment.", path=path, hint=hint)


def _position(picked: Picked, last: int, at: Mapping[datetime, int]) -> int:
    if isinstance(picked.known, datetime):
        position = at[picked.known]
        if position == 0:
            raise nothing_known(picked.path)
        return position
    assert picked.known is not None
    if picked.known > last:
        raise no_id(picked.path)
    return picked.known
