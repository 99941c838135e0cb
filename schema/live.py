"""What can be subscribed to: the log of changes as it grows.

A subscriber has a position in the log and reads on from it, a few changes at a time, so that nothing is held for those
who are slow. What is read is committed, and positions follow the order of commits: nothing is missed or told twice.
"""

from collections.abc import AsyncGenerator, Sequence
from typing import Annotated, Any

import sqlalchemy as sa
import strawberry

from registry.errors import BadInput
from registry.history import Change as Told
from registry.history import RegistryState, table_behind
from schema.changes import CHANGES, Change, ChangeFilter, cursor_of, position_of
from schema.context import Context, Moment
from schema.execution.asked import check_sizes, filter_values
from schema.execution.payload import shown
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
        assert context.stream is not None
        values = filter_values(CHANGES, {"filter": filter or None})
        check_sizes(values)
        rows, moment = table_behind(Told), Moment(context.today)
        conditions = [CHANGES.conditions[name](rows, value, moment) for name, value in values.items()]
        start = await _start(context, context.stream.after or after or None)
        return _told(info, [condition for condition in conditions if condition is not None], start)


async def _start(context: Context, after: str | None) -> int:
    state = await _state(context)
    position = state.sequence if after is None else position_of(after, state.cursor_key)
    if position > state.sequence:
        hint = "The registry may have been restored from a copy: read it anew."
        raise BadInput("This cursor is beyond the end of the log.", path=("after",), hint=hint)
    return int(position)


async def _state(context: Context) -> sa.Row[Any]:
    (row,) = await context.read(sa.select(table_behind(RegistryState)))
    return row


async def _told(
    info: strawberry.Info[Any, Any], conditions: Sequence[Condition], position: int
) -> AsyncGenerator[Change, None]:
    context: Context = info.context
    stream = context.stream
    assert stream is not None
    while True:
        state = await _state(context)
        found = await _following(context, conditions, position)
        for sequence in found:
            change = await shown(info, Told, sequence)
            if change is not None:
                stream.cursor = cursor_of(sequence, state.cursor_key)
                yield change
            position = sequence
        if len(found) < _AT_ONCE:
            position = max(position, state.sequence)
            await stream.follower.beyond(position)


async def _following(context: Context, conditions: Sequence[Condition], position: int) -> list[int]:
    """The positions of the next changes that the asker may see, as far as they fit."""
    sequence = table_behind(Told).c.sequence
    statement = sa.select(sequence).where(sequence > position, *conditions).order_by(sequence).limit(_AT_ONCE)
    return [row.sequence for row in await context.read(statement)]
