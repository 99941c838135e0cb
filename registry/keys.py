"""API keys: who may read more than the public, or write, without a person at a log-in page.

A key is `rk_<prefix>_<secret>`, the secret being 256 random bits. It is shown once, when it is made; stored are its
prefix, to tell keys apart, and the SHA-256 of all of it. A slow hash would guard a secret that a person thought of;
nobody guesses this one.
"""

import hmac
import secrets
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from hashlib import sha256

import sqlalchemy as sa
from sqlmodel import Session

from registry import inputs
from registry.access import RESTRICTED, Actor, Role
from registry.away import reached
from registry.errors import BadInput, Conflict, NotFound, Unauthenticated
from registry.history import Changes, Instant, Record, column, table_behind, unlogged

#: What every key begins with, so that one which went astray is known for what it is.
MARK = "rk_"

_ROLES = (Role.READER, Role.EDITOR, Role.ADMIN)
_HINT = "Ask an administrator for a key that works."


class ApiKey(Record, table=True):
    """A key, by what may be told of it."""

    __tablename__ = "api_key"
    __audience__ = RESTRICTED

    name: str = column("Whom it was given to; the log of changes names them so.", RESTRICTED, index=True)
    role: Role = column("What its holder may do.", RESTRICTED, kind=Role)
    prefix: str = column("Beginning of the key, by which it is told from others.", RESTRICTED, unique=True)
    hash: str = column("SHA-256 of the key, in hexadecimal.", RESTRICTED, index=True, logged=False)
    created: datetime = column("Instant it was made at.", RESTRICTED, kind=Instant)
    expires: datetime | None = column(
        "Instant from which on it opens nothing; null where it lasts.", RESTRICTED, kind=Instant, default=None
    )
    revoked: datetime | None = column("Instant it was revoked at.", RESTRICTED, kind=Instant, default=None)
    last_used: datetime | None = column(
        "Instant of its last use, to the minute.", RESTRICTED, kind=Instant, default=None, logged=False
    )


def create(changes: Changes, *, name: str, role: Role, expires: datetime | None = None) -> tuple[ApiKey, str]:
    """Makes a key for somebody, and gives it with the secret, which nobody can ever read again.

    Raises `Conflict` where somebody of that name has a key that works, and `BadInput` for an empty name, the role
    PUBLIC, which needs no key, or an instant of expiry that has passed.
    """
    with inputs.checked():
        name = inputs.words(name, "name")
        if role not in _ROLES:
            inputs.refuse(BadInput("What is public needs no key.", path=("role",), hint=f"Give {_named(_ROLES)}."))
        if expires is not None and expires <= changes.begun:
            inputs.refuse(BadInput("The key would have expired already.", path=("expires",), hint="Give a later day."))
        held = changes.session.scalars(sa.select(ApiKey).filter_by(name=name))
        if any(state(key, changes.begun) == "works" for key in held):
            hint = "Revoke that key first, or give another name: the log tells changes apart by it."
            inputs.refuse(Conflict(f"“{inputs.shown(name)}” has a key already.", path=("name",), hint=hint))
    prefix = secrets.token_hex(4)
    secret = f"{MARK}{prefix}_{secrets.token_urlsafe(32)}"
    made = ApiKey(name=name, role=role, prefix=prefix, hash=_hash(secret), created=changes.begun, expires=expires)
    changes.add(made)
    return made, secret


def prefix_of(key: str) -> str:
    """The part of a key that may be told, whether all of the key is given, its beginning or only that part."""
    return key.removeprefix(MARK).split("_")[0]


def revoke(changes: Changes, key: str) -> ApiKey:
    """Lets the key with this beginning open nothing from now on.

    Raises `NotFound`, or `Conflict` where it has been revoked already.
    """
    found = changes.session.scalars(sa.select(ApiKey).filter_by(prefix=prefix_of(key))).one_or_none()
    if found is None:
        shown = inputs.shown(prefix_of(key))
        raise NotFound(f"No key begins with {MARK}{shown}.", path=("key",), hint="List the keys.")
    if found.revoked is not None:
        raise Conflict(f"The key of {found.name} has been revoked already.", path=("key",))
    found.revoked = changes.begun
    return found


def list_all(engine: sa.Engine) -> list[ApiKey]:
    """All keys there ever were, oldest first."""
    with Session(engine) as session:
        return list(session.scalars(sa.select(ApiKey).order_by("id")))


def state(key: ApiKey | sa.Row[tuple[ApiKey]], now: datetime) -> str:
    """Whether a key `works`, is `revoked` or `expired`."""
    if key.revoked is not None:
        return "revoked"
    return "expired" if key.expires is not None and key.expires <= now else "works"


def holder(engine: sa.Engine, secret: str) -> tuple[int, Actor]:
    """Whom a key was given to, and its id.

    Raises `Unauthenticated` where it is unknown, revoked or has expired, and `DatabaseUnavailable`.
    """
    table, hashed = table_behind(ApiKey), _hash(secret)
    with reached(), engine.connect() as connection:
        key = connection.execute(sa.select(table).where(table.c.hash == hashed)).one_or_none()
    if key is None or not hmac.compare_digest(key.hash, hashed):
        raise Unauthenticated("The key is not known here.", hint=_HINT)
    held = state(key, datetime.now(UTC))
    if held != "works":
        raise Unauthenticated(f"The key is {held}.", hint=_HINT)
    return key.id, Actor(key.name, key.role)


def note_uses(engine: sa.Engine, used: Mapping[int, datetime]) -> None:
    """Writes down when keys, by their ids, were last used."""
    table = table_behind(ApiKey)
    with unlogged(engine) as session:
        for key, instant in used.items():
            session.connection().execute(sa.update(table).where(table.c.id == key).values(last_used=instant))


def lasting(days: int | None, now: datetime) -> datetime | None:
    """The instant so many days from now; None where a key lasts. Raises `BadInput` beyond the end of the calendar."""
    try:
        return None if days is None else now + timedelta(days=days)
    except OverflowError:
        hint = "Give fewer days, or none: then it works until it is revoked."
        raise BadInput(f"No key works for {days} days: there is no such date.", path=("expires",), hint=hint) from None


def _hash(secret: str) -> str:
    return sha256(secret.encode()).hexdigest()


def _named(roles: tuple[Role, ...]) -> str:
    return ", ".join(roles)
