"""A synthetic registry of any size, for measuring and trying: it states nothing about the world.

Nothing in it depends on chance or on the clock: the same scale gives the same rows. Every source is of the kind
SYNTHETIC, and every text that could be taken for a fact says so.
"""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, time
from hashlib import sha256

import sqlalchemy as sa
from sqlmodel import Session

from registry import agreements, utilisation
from registry.errors import BadInput, Conflict
from registry.exchange import CODE_LISTS, SEEDS, holds_anything, load
from registry.history import Changes, changeset
from registry.placements import roll_up
from registry.synthetic.claims import add_engagements, add_figures, add_programmes
from registry.synthetic.instruments import add_instruments
from registry.synthetic.lives import PRESENT
from registry.synthetic.partners import add_companies, add_institutions, add_partnerships
from registry.synthetic.places import add_quotas
from registry.synthetic.returns import add_returns
from registry.synthetic.world import HOME, begin
from registry.synthetic.writing import MARK, Tell, Writer

__all__ = ["KNOWN_AT", "PRESENT", "Tell", "generate"]

#: The instant that the synthetic registry says it was last changed at.
KNOWN_AT = datetime.combine(PRESENT, time(), UTC)

#: The largest scale, with 20 million returns.
MOST = 20

_AT_ONCE = 250


def generate(engine: sa.Engine, scale: float, tell: Tell = lambda what, done, of: None) -> None:
    """Fills an empty registry: `scale` times 5,000 agreements, 20,000 companies, 50,000 quotas and a million returns.

    All of it is one change. `tell` is called as the work goes on. Raises `Conflict` where the registry holds any
    record, and `BadInput` for a scale that is not above 0 and at most `MOST`.
    """
    if not 0 < scale <= MOST:
        raise BadInput(f"There is no scale of {scale:g}.", path=("scale",), hint=f"Give one above 0, {MOST} at most.")
    with Session(engine) as session:
        _check_empty(session)  # before a lock is waited for
    with _without_collecting(), changeset(engine, "A synthetic registry was generated.") as changes:
        _check_empty(changes.session)
        changes.at = KNOWN_AT
        # Cursors of a registry that states nothing need no secret, and shall be the same each time too.
        key = sha256(f"{MARK} {scale}".encode()).hexdigest()
        changes.state.cursor_key = key
        _fill(changes, scale, tell)


@contextmanager
def _without_collecting() -> Iterator[None]:
    """Spares a tenth of the time: among so many rows the collector of cycles looks for what there is none of."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def _check_empty(session: Session) -> None:
    if holds_anything(session):
        hint = "Give the address of an empty database with --database-url."
        raise Conflict("Synthetic records go into an empty registry only, and this one holds records.", hint=hint)


def _fill(changes: Changes, scale: float, tell: Tell) -> None:
    def times(number: int) -> int:
        return max(1, round(number * scale))

    tell("Code lists", 0, 1)
    load(changes, SEEDS, only=CODE_LISTS)
    tell("Code lists", 1, 1)
    writer = Writer(changes, tell)
    world = begin(writer)
    add_institutions(world, times(500))
    add_companies(world, times(20_000))
    add_instruments(world, times(5_000))
    add_partnerships(world)
    add_quotas(world, times(50_000))
    add_figures(world, times(2_000))
    add_engagements(world, times(5_000))
    add_programmes(world, times(200))
    writer.flush()
    _derive(changes.session, times(5_000), tell)
    add_returns(world, times(1_000_000))
    writer.flush()
    tell("Sums of returns", 0, 1)
    roll_up(changes.session)
    tell("Sums of returns", 1, 1)
    tell("Utilisation", 0, 1)
    utilisation.derive_all(changes.session, HOME)
    changes.state.home_country = HOME
    tell("Utilisation", 1, 1)


def _derive(session: Session, count: int, tell: Tell) -> None:
    for first in range(1, count + 1, _AT_ONCE):
        tell("Timelines", first - 1, count)
        agreements.derive(session, range(first, min(first + _AT_ONCE, count + 1)))
        session.expunge_all()
    tell("Timelines", count, count)
