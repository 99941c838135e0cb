"""What has become of a record since somebody read it, as the log tells it."""

from typing import Any

import orjson
import sqlalchemy as sa
from sqlmodel import Session

from registry.history.columns import Row, table_behind
from registry.history.shape import kind_of
from registry.history.tables import Change


def changed_since(session: Session, kind: type[Row], key: int, version: int) -> list[str]:
    """What others have changed of a record after it was at that version: names of its columns, and types of its parts.

    In the order in which they were changed, each once.
    """
    change = table_behind(Change)
    about = (change.c.record_type == kind.__name__, change.c.record_key == str(key))
    found: list[str] = []
    for told in session.scalars(sa.select(change.c.rows).where(*about).order_by(change.c.sequence.desc())):
        steps = orjson.loads(told)
        found[:0] = _names(kind, steps)
        if _version_before(kind, steps) == version:
            break
    return list(dict.fromkeys(found))


def _names(kind: type[Row], steps: list[dict[str, Any]]) -> list[str]:
    names = []
    for step in steps:
        if step["table"] != kind.__tablename__:
            names.append(kind_of(step["table"]).__name__)
        for revised in step.get("revised", ()) if step["table"] == kind.__tablename__ else ():
            names.extend(name for name in revised["new"] if name != "version")
    return names


def _version_before(kind: type[Row], steps: list[dict[str, Any]]) -> int | None:
    """The version that the record had before a change; None where the change says nothing of it."""
    for step in steps:
        if step["table"] == kind.__tablename__:
            for revised in step.get("revised", ()):
                if "version" in revised["old"]:
                    return int(revised["old"]["version"])
    return None
