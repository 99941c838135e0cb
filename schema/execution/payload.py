"""What a mutation or a subscription shows: a record as it stands after the commit, with all that is asked of it."""

from typing import Any


async def shown(info: Any, table: Any, key: Any) -> Any:
    """The record of `table` with this primary key as of what was committed last; None where there is none.

    `info` is that of the field whose value the record is, such as `agreement` of a payload: what the field asks of the
    record is read together. To be called after the commit, from the field's own resolver.
    """
    return await info.context.direct.record(info, table, key)
