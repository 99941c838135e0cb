"""Registries to ask twice: by plans and the plain way."""

from tests.schema.conftest import any_full, full, full_postgres, new_postgres, new_sqlite

__all__ = ["any_full", "full", "full_postgres", "new_postgres", "new_sqlite"]
