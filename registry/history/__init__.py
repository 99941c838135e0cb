"""The one mechanism of change: every write is told in the log, and whatever was known can be known again."""

from registry.history.adoption import adopt
from registry.history.changes import Changes, changeset, follow, unlogged
from registry.history.columns import Coded, Exact, Instant, Record, Row, column, instant_text, table_behind
from registry.history.shape import logged_tables
from registry.history.since import changed_since
from registry.history.tables import CHANNEL, Change, ChangeAction, ChangeCountry, RegistryState
from registry.history.undated import digest_of

__all__ = [
    "CHANNEL",
    "Change",
    "ChangeAction",
    "ChangeCountry",
    "Changes",
    "Coded",
    "Exact",
    "Instant",
    "Record",
    "RegistryState",
    "Row",
    "adopt",
    "changed_since",
    "changeset",
    "column",
    "digest_of",
    "follow",
    "instant_text",
    "logged_tables",
    "table_behind",
    "unlogged",
]
