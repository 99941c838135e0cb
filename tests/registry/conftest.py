"""An open change, for tests of what is written."""

from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from registry.history import Changes, changeset


@pytest.fixture
def changes(engine: sa.Engine) -> Iterator[Changes]:
    """An open change of an empty SQLite registry."""
    with changeset(engine, "A test.") as changes:
        yield changes


@pytest.fixture
def any_changes(any_engine: sa.Engine) -> Iterator[Changes]:
    """An open change of an empty registry, on each database."""
    with changeset(any_engine, "A test.") as changes:
        yield changes
