"""What can be subscribed to: the log of changes as it grows.

A subscriber has a position in the log and reads on from it, a few changes at a time, so that nothing is held for those
who are slow. What is read is committed, and positions follow the order of commits: nothing is missed or told twice.
"""

from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Annotated, Any

import sqlalchemy as sa
import strawberry

from registry.errors import Conflict
from registry.history import Change as Told
from registry.history import RegistryState, table_behind
from schema.changes import CHANGES, Change, ChangeFilter, cursor_of, position_of
from schema.context import Context, Moment, Stream
from schema.execution.asked import check_sizes, filter_values
from schema.execution.cursors import RESTORED, check_logged
from schema.execution.source import Condition

#: Changes that are looked up at once.
_AT_ONCE = 50


@strawberry.type(description="What can be followed as it happens.")
class Subscription:
    @strawberry.subscription(  # type: ignore[untyped-decorator]
        description="Each committed change, in commit order; `after` resumes from the cursor of a change."
    )
    async def changes(
        self,
        info: strawberry.Info[Any, Any],
        filter: Annotated[
            ChangeFilter | None, strawberry.argument(description="Which changes; left out, all.")
        ] = strawberry.UNSET,
        after: Annotated[
            str | None,
            strawberry.argument(description="Cursor to go on after; left out, changes from now on."),
        ] = strawberry.UNSET,
    ) -> AsyncGenerator[Change, None]:
        context: Context = info.context
        values = filter_values(CHANGES, {"filter": filter or None})
        check_sizes(values)
        rows, moment = table_behind(Told), Moment(context.today)
        conditions = [CHANGES.conditions[name](rows, value, moment) for name, value in CHANGES.meant(values).items()]
        sought = _Sought(
            repr(sorted(values.items(), key=lambda item: item[0])),
            [condition for condition in conditions if condition is not None],
        )
        stream = context.stream
        assert stream is not None
        state = await _state(context)
        position = _position(state, stream.after or after or None)
        return _told(info, stream, sought, position, state.cursor_key)


@dataclass(frozen=True)
class _Sought:
    """Which changes; `name` is the same for the same ones."""

    name: str
    conditions: Sequence[Condition]


async def _state(context: Context) -> sa.Row[Any]:
    (row,) = await context.read(sa.select(table_behind(RegistryState)))
    return row


def _position(state: sa.Row[Any], after: str | None) -> int:
    position = int(state.sequence) if after is None else position_of(after, state.cursor_key)
    check_logged(position, int(state.sequence), ("after",))
    return position


async def _told(
    info: strawberry.Info[Any, Any], stream: Stream, sought: _Sought, position: int, key: str
) -> AsyncGenerator[Any, None]:
    context: Context = info.context
    seen, telling = context.actor.audiences, stream.telling
    told = telling.told(info, Told)
    while True:
        end = await stream.follower.beyond(position)
        found, read_to = await telling.once(
            end, (sought.name, seen, position), partial(_following, context, sought.conditions, position)
        )
        if not position <= end <= read_to:
            raise Conflict("The log of changes has been put back.", hint=RESTORED)
        events = await telling.once(
            end, (told.name, seen, context.today, *found), partial(telling.tell, told, info, Told, found)
        )
        for sequence, event in zip(found, events, strict=True):
            if event is not None:
                stream.cursor = cursor_of(sequence, key)
                yield event
            position = sequence
        if len(found) < _AT_ONCE:
            position = max(position, read_to)


async def _following(context: Context, conditions: Sequence[Condition], position: int) -> tuple[list[int], int]:
    """The positions of the next changes that the asker may see, as far as they fit, and the end that the log had."""
    state = await _state(context)  # first: what is committed between the two is found and not passed over
    sequence = table_behind(Told).c.sequence
    statement = sa.select(sequence).where(sequence > position, *conditions).order_by(sequence).limit(_AT_ONCE)
    return [row.sequence for row in await context.read(statement)], int(state.sequence)
