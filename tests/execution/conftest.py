"""Registries to ask by plans and the plain way."""

from collections.abc import Iterator

import pytest

from tests.execution.twice import Twice
from tests.schema.asking import Asker
from tests.schema.conftest import any_full, full, full_postgres, new_postgres, new_sqlite

__all__ = ["any_full", "full", "full_postgres", "new_postgres", "new_sqlite"]


@pytest.fixture
def twice(full: Asker) -> Iterator[Twice]:
    """Asks a registry on SQLite."""
    with Twice(full.engine) as made:
        yield made


@pytest.fixture
def any_twice(any_full: Asker) -> Iterator[Twice]:
    """The same on each database."""
    with Twice(any_full.engine) as made:
        yield made
