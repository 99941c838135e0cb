"""The log of changes, and where it stands."""

from datetime import datetime

import sqlalchemy as sa

from registry.access import OFFICIAL, PUBLIC, Audience, Role
from registry.codes import Code
from registry.history.columns import Instant, Row, column

#: Where PostgreSQL tells whoever listens that the log has grown.
CHANNEL = "registry_changes"


class ChangeAction(Code):
    """What became of a record."""

    CREATED = "CREATED", "It was entered."
    REVISED = "REVISED", "Something about it was changed, added or taken out."
    WITHDRAWN = "WITHDRAWN", "It was taken out of every answer; the log keeps it."
    OPENED = "OPENED", "It is shown to a wider audience from now on: whoever is new to it reads it whole."
    CLOSED = "CLOSED", "It is for a closer audience from now on: whoever may not see it any more forgets it."


class Change(Row, table=True):
    """One committed change to one record: who, when, why, and each row before and after. Never altered."""

    __logged__ = False
    __tells_of__ = ("record_type", "record_key")
    __table_args__ = (
        sa.Index("ix_change_subject", "subject_type", "subject_key", "sequence"),
        sa.Index("ix_change_of_type", "subject_type", "sequence"),
        sa.Index("ix_change_record", "record_type", "record_key", "sequence"),
    )

    sequence: int = column("Position in the log, from 1, in commit order and without gaps.", PUBLIC, primary_key=True)
    at: datetime = column("Instant of the change.", PUBLIC, kind=Instant, index=True)
    actor: str = column("Who made it.", OFFICIAL)
    role: Role = column("The role they made it in.", PUBLIC, kind=Role)
    action: ChangeAction = column("What became of the record.", PUBLIC, kind=ChangeAction)
    reason: str = column("Why, in the words of whoever made it.", PUBLIC)
    subject_type: str = column("Type of the record, such as LegalAct.", PUBLIC)
    subject_key: str = column("Id or code of the record.", PUBLIC)
    record_type: str = column("Type of the record it is found with, such as Agreement for a legal act.", PUBLIC)
    record_key: str = column("Id or code of the record it is found with.", PUBLIC)
    audience: Audience = column("Whom it may be shown to: the closest of before and after.", PUBLIC, kind=Audience)
    rows: str = column("What became of each row, as JSON: table, columns, and values before and after.", PUBLIC)
    digest: str = column("SHA-256 over the digest before it and all of the above, in hexadecimal.", PUBLIC)


class ChangeCountry(Row, table=True):
    """A country that a change concerns. Derived."""

    __logged__ = False
    __tablename__ = "change_country"

    country_code: str = column("The country.", PUBLIC, primary_key=True)
    sequence: int = column("The change.", PUBLIC, references="change.sequence", primary_key=True)


class RegistryState(Row, table=True):
    """One row: how current this registry is, and the key that its cursors are signed with."""

    __logged__ = False
    __tablename__ = "registry_state"

    id: int = column("Always 1.", primary_key=True, default=1)
    known_at: datetime = column("Instant of the last change.", PUBLIC, kind=Instant)
    sequence: int = column("Position of the last change in the log.", PUBLIC, default=0)
    digest: str = column("Digest of the last change, which stands for the whole log.", PUBLIC, default="")
    cursor_key: str = column("Secret that cursors are signed with, in hexadecimal.")
    home_country: str | None = column(
        "Country that utilisation is derived for; null before all of it was derived.", PUBLIC, default=None
    )
