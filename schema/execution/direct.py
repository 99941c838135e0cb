"""Answers queries by plans: bytes straight from rows where nothing is wrong, else a tree that GraphQL walks."""

import asyncio
import logging
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from datetime import date, datetime
from functools import partial
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from strawberry import Schema

from registry.access import ANYONE, Actor, Audience
from registry.errors import DatabaseUnavailable, DeadlineExceeded, RegistryError, TurnedAway
from registry.knowledge import Knowledge
from registry.settings import Settings
from registry.telemetry.noting import current, note_took, note_way
from registry.visibility import viewing
from schema.context import Context
from schema.execution import size
from schema.execution.annex import Annex, Away, Walked
from schema.execution.answers import Answers, Key
from schema.execution.asked import Check, Picked
from schema.execution.budget import BUDGET
from schema.execution.kept import Kept
from schema.execution.lanes import AGAIN
from schema.execution.levels import Doubt, Failed, Run
from schema.execution.limits import are_many
from schema.execution.moments import NOTHING_EARLIER, Moved, Places, found
from schema.execution.prepared import (
    MOST_DOCUMENTS,
    MOST_TEXT,
    Cold,
    Document,
    Plan,
    Plans,
    Recent,
    Unplanned,
)
from schema.execution.question import SHORT, Question
from schema.execution.run import Lanes, Reader, Several, TooLong
from schema.execution.showing import Showing
from schema.execution.statement import Database
from schema.execution.watch import TooMuchHere, watched

T = TypeVar("T")

LOG = logging.getLogger("registry.execution")

#: Points up to which an answer is worked out on the event loop, where its plan says nothing else.
LIGHT = 500

#: Points of an answer that was kept; of each character of a document that was not, and of the SQL of its plan.
KEPT, MADE, WRITTEN = 1.0, 0.2, 0.4

#: What a character of a new document counts for in the queue, in points: a few hundred can ask for a long plan.
LATER = 100

#: Characters of the SQL of a plan that nothing is charged for.
ORDINARY = 1_000

#: Characters up to which a document does not wait for longer ones to be planned; among those each counts for less.
FEW_CHARACTERS, SOONER = 1_000, 0.5

#: Characters of the SQL of a plan up to which it is made among short ones: about a tenth of a second.
BRIEF = 20_000

#: What is remembered of a document that was met: that it came, or that its plan is beyond that bound.
MET, LARGE = "met", "large"

#: Documents that may wait to be planned here, some milliseconds each, where there is another place for them.
FEW = 5

#: Different reasons that are counted; further ones are counted together.
MOST_REASONS = 100


class Direct:
    """Answers queries on one database. `fallbacks` counts by reason what was not answered with bytes from rows."""

    def __init__(self, schema: Schema, engine: sa.Engine, settings: Settings) -> None:
        self.settings = settings
        self._engine, self._readers = engine, dict[frozenset[Audience], Reader]()
        self.lanes = Lanes(settings)
        self._versions = Reader(engine, self.lanes)
        self.plans = Plans(schema, settings, Database(engine.dialect, Context(engine, settings)))
        self.knowledge = Knowledge(engine, settings)
        self.answers = Answers(settings.answer_cache_bytes)
        self.fallbacks: Counter[str] = Counter()
        self.direct = self.repeated = 0
        self._zone = ZoneInfo(settings.time_zone)

        #: What cursors are signed with, once that has been read: it never changes.
        self._cursor_key: str | None = None

        #: Where queries are answered that take long; while there is no such place, they are answered here.
        self.annex: Annex | None = None

        #: Tells how many seconds of a processor the event loop may be kept busy by an answer.
        self.patience: Callable[[], float] = lambda: SHORT
        self._met: Recent[str] = Recent(MOST_DOCUMENTS, MOST_TEXT)

    async def open(self) -> None:
        """Opens what whoever bears no credential is answered from, so that the first of them need not wait for it."""
        with suppress(DatabaseUnavailable):
            for reader in (self._versions, self.reader(ANYONE)):
                await reader.open()

    def close(self) -> None:
        """Closes the connections that plans read from, and forgets what was known earlier."""
        for reader in (self._versions, *self._readers.values()):
            reader.close()
        self.lanes.close()
        self.knowledge.close()

    def reader(self, actor: Actor) -> Reader:
        """What reads all that the actor may see, and nothing else."""
        audiences = frozenset(actor.audiences)
        if audiences not in self._readers:
            kept = Kept(self.settings.answer_cache_bytes // 2)
            self._readers[audiences] = Reader(viewing(self._engine, audiences), self.lanes, kept)
        return self._readers[audiences]

    @property
    def kept(self) -> Sequence[Kept]:
        """What is kept of lists, for each audience that has asked."""
        return [reader.kept for reader in self._readers.values()]

    # ── Bytes ─────────────────────────────────────────────────────────────────────────────────────

    async def execute(
        self,
        query: str,
        variables: Mapping[str, Any] | None = None,
        operation_name: str | None = None,
        *,
        actor: Actor = ANYONE,
    ) -> bytes | None:
        """The bytes of the answer to what an actor asks, or None where GraphQL has to walk the tree, or to say what is
        wrong; where that was done elsewhere, they are `Walked`. Raises `TurnedAway`.
        """
        try:
            answer = await self._kept_or_new(query, variables or {}, operation_name, actor)
        except Unplanned as reason:
            self._left(f"unplanned: {reason}")
        except Doubt as reason:
            self._left(f"doubt: {reason}")
        except RegistryError as reason:
            self._left(f"refused: {reason.code}")
            if isinstance(reason, TurnedAway):
                raise
        except Exception as error:
            LOG.debug("no direct answer", exc_info=True)
            self._left(f"failed: {type(error).__name__}")
        else:
            if isinstance(answer, Walked):
                self._left(answer.reason)
            else:
                self.direct += 1
            return answer
        return None

    def _left(self, reason: str) -> None:
        note_way("walk", reason)
        self.fallbacks[reason if reason in self.fallbacks or len(self.fallbacks) < MOST_REASONS else "other"] += 1

    async def _kept_or_new(
        self, query: str, variables: Mapping[str, Any], operation_name: str | None, actor: Actor
    ) -> bytes:
        today = self._today()
        keeps = self.settings.answer_cache_bytes
        # Whoever asks for themselves is answered for themselves; the field's name stands in every such document.
        who = actor if "viewer" in query else actor.audiences
        asked = Key.of(query, variables, operation_name, (today, who)) if keeps else None
        # Read before the answer is worked out: what is committed meanwhile makes the answer newer, never older.
        version = await self._versions.version() if asked else None
        note_way("plan")
        if asked is None or version is None:
            return await self._made(query, variables, operation_name, today, actor)
        budget = BUDGET.get()
        kept = None if budget is not None and budget.told else self.answers.get(asked, version)
        if kept is not None:
            self.repeated += 1
            note_way("kept")
            if budget is not None:
                budget.charge(KEPT)
            return kept
        answer = await self._made(query, variables, operation_name, today, actor)
        if not isinstance(answer, Walked):
            self.answers.keep(asked, version, answer)
        return answer

    async def _made(
        self, query: str, variables: Mapping[str, Any], operation_name: str | None, today: date, actor: Actor
    ) -> bytes:
        """An answer that was not kept, worked out here unless it takes long. Raises `Unplanned` where there is none."""
        try:
            asked, plan = await self._planned(query, variables, operation_name, tree=False)
            if self._long(asked, plan.heavy) and self._away:
                raise Away(asked.prepared)
            return await self._read(plan, asked, actor, today, partial(_answered, plan, asked))
        except Away as away:
            assert self.annex is not None
            answer = await self.annex.answer(query, variables, operation_name, actor)
            if away.prepared is not None and (noted := current.get()) is not None and noted.took is not None:
                away.prepared.ran(noted.took)
        if answer is None:
            raise Unplanned("operation")
        return answer

    @property
    def _away(self) -> bool:
        return self.annex is not None and self.annex.open

    async def document(self, query: str) -> Document:
        """A document as it was read, valid or not. Raises `TurnedAway`."""
        try:
            return self.plans.document(query, kept=True)
        except Cold:
            return await self._making(lambda: self.plans.document(query), query)

    async def _planned(
        self, query: str, variables: Mapping[str, Any], operation_name: str | None, *, tree: bool
    ) -> tuple[Question, Plan]:
        """What is asked and its plan: at once where both are kept, else made in a thread. Charges what it costs."""

        def planned(kept: bool) -> tuple[Question, Plan]:
            asked = self.plans.question(query, variables, operation_name, kept=kept)
            if budget := BUDGET.get():
                budget.charge(asked.frame.points, asked.frame.listed)
            if not tree:
                if asked.prepared.selection.introspects:
                    raise Away if self._away else Unplanned("introspection")
                for refusal in asked.refused.values():
                    raise refusal
                if self._long(asked) and self._away:
                    raise Away(asked.prepared)
            return asked, self.plans.plan(asked, tree=tree, kept=kept)

        try:
            return planned(kept=True)
        except Cold:
            pass
        here = tree or not self._away
        if not here:
            self._meet(query, variables)
        return await self._making(lambda: planned(kept=False), query, here)

    def _meet(self, query: str, variables: Mapping[str, Any]) -> None:
        """Raises `Away` for a document unless it comes again and is made something of soon: most never do."""
        met = self._met.get(query)
        if met != MET or self.lanes.brief.waiting > FEW or are_many(variables):
            self._met.keep(query, met or MET, len(query))
            raise Away

    async def _making(self, work: Callable[[], T], query: str, here: bool = True) -> T:
        """What is made of a document that is not kept: valid or not, that costs something too, though only once.

        A short one does not wait for longer ones, unless its plan turns out to be long. Where it is not to be made
        `here` at any cost, that raises `Away`.
        """
        paid = self._paid(work, query)
        if not here or (len(query) <= FEW_CHARACTERS and self._met.get(query) != LARGE):
            try:
                return await self.lanes.brief.run(partial(_briefly, paid), len(query) * SOONER)
            except TooMuchHere:
                self._met.keep(query, LARGE, len(query))
        if not here:
            raise Away
        return await self.lanes.making.run(paid, len(query) * LATER)

    def _paid(self, work: Callable[[], T], query: str) -> Callable[[], T]:
        """The same work, paid for by whoever asks, as far as that has not been done."""
        budget = BUDGET.get()
        if budget is None or (purse := budget.purse) is None:
            return work
        if budget.planned is None:
            purse.spend(round(len(query) * MADE))
            budget.planned = ORDINARY

        def paid() -> T:
            try:
                return work()
            finally:
                if (beyond := watched().written - (budget.planned or 0)) > 0:
                    budget.planned = watched().written
                    purse.spend(round(beyond * WRITTEN))

        return paid

    # ── Trees ─────────────────────────────────────────────────────────────────────────────────────

    async def root(
        self,
        query: str,
        variables: Mapping[str, Any] | None = None,
        operation_name: str | None = None,
        *,
        actor: Actor = ANYONE,
    ) -> Any:
        """Where GraphQL begins its walk, with everything read that a query asks for; None for what is no valid query.

        Raises `RegistryError` for a request of which nothing is to be executed.
        """
        try:
            asked, plan = await self._planned(query, variables or {}, operation_name, tree=True)
        except Unplanned:
            return None
        if not any(each.declared for each in asked.prepared.selection.fields):
            return self.plans.built("Query", {})
        try:
            return await self._tree(plan, asked, actor, lambda run: plan.root.builder(run, ())(None))
        except TurnedAway:
            raise
        except Exception as error:  # told at every field of the root
            self._left(f"failed: {getattr(error, 'code', type(error).__name__)}")
            return self.plans.built("Query", Failed(error))

    async def record(self, info: Any, table: Any, key: Any) -> Any:
        """The record of a table as the asker sees it now, with all that the field of `info` asks of it; None for none.

        Raises `TooLarge`, and whatever goes wrong in reading.
        """
        asked, plan = self.plans.shown(Showing.of(info._raw_info), table, info.context.document)
        return await self._tree(plan, asked, info.context.actor, lambda run: plan.root.read(run, [key]).get(key))

    async def _tree(self, plan: Plan, asked: Question, actor: Actor, build: Callable[[Run], Any]) -> Any:
        def read_all(run: Run) -> Any:
            for place, check in asked.checks:
                for each in _runs(run, plan, asked, place):
                    if refusal := _refusal(check, each):
                        run.refused.setdefault(place, refusal)
            built = build(run)
            size.check(built, run.size)
            return built

        return await self._read(plan, asked, actor, self._today(), read_all, dict(asked.refused))

    async def _read(
        self,
        plan: Plan,
        asked: Question,
        actor: Actor,
        today: date,
        work: Callable[[Run], T],
        refused: dict[int, Exception] | None = None,
    ) -> T:
        """What `work` makes of a run; with `refused`, what is wrong with arguments is told there and not raised."""
        picked = [None if moment is None else asked.values[moment[0]].moments[moment[1]] for moment in plan.moments]

        def read_all(places: Places, read: Any, kept: Kept | None) -> T:
            begun = time.thread_time()
            base = Run(self.plans.database, read, places.moments(picked, today), asked.values, refused, actor, kept)
            if self._cursor_key:
                base.cursor_key = self._cursor_key
            if asked.frame.earlier:
                with places.opened(base, picked, self.plans.snapshots, actor.audiences):
                    made = work(base)
                seen = sum(each.seen for each in {base, *base.then.values()})
            else:
                base.then = dict.fromkeys(range(len(picked)), base)
                made, seen = work(base), base.seen
            self._cursor_key = self._cursor_key or vars(base).get("cursor_key")
            if budget := BUDGET.get():
                budget.settle(seen)
            took = time.thread_time() - begun
            asked.prepared.ran(took)
            note_took(took)
            return made

        heavy, shown, earlier = self._long(asked, plan.heavy), refused is None, asked.frame.earlier
        keeps = shown and plan.keeps and not earlier and self.settings.answer_cache_bytes > 0
        # What may take long is not begun without a transaction, lest it be done twice.
        reader, how = self.reader(actor), (heavy, shown and plan.alone and not heavy, keeps)
        try:
            if not earlier:
                return await reader.run(partial(read_all, NOTHING_EARLIER), *how)
            async with self._found(picked) as places:
                _refuse(places, plan, refused)
                return await reader.run(partial(read_all, places), *how)
        except TooLong:
            plan.heavy = True
            asked.prepared.was_broken_off()
            if refused is None and self._away:
                raise Away from None
        except Several:
            plan.alone = False
        except Moved:
            pass
        return await self._read(plan, asked, actor, today, work, refused)

    @asynccontextmanager
    async def _found(self, picked: Sequence[Picked | None]) -> AsyncIterator[Places]:
        """What is known of moments, for as long as it is being read. Raises `DeadlineExceeded`."""
        budget = BUDGET.get()
        until = None if budget is None or budget.until is None else budget.until - time.monotonic()
        async with AsyncExitStack() as stack:
            try:
                async with asyncio.timeout(until):
                    places = await stack.enter_async_context(found(self.knowledge, picked))
            except TimeoutError:
                hint = "It is being made ready; ask again in a moment."
                said = "What was known at that moment was not ready in time."
                raise DeadlineExceeded(said, seconds=AGAIN, hint=hint) from None
            yield places

    def _long(self, asked: Question, heavy: bool = False) -> bool:
        """Whether an answer, by a plan that is `heavy` or not, is to be worked out elsewhere than on the event loop."""
        frame = asked.frame
        return (heavy or frame.points > LIGHT) and (frame.earlier or not asked.prepared.is_short(self.patience()))

    def _today(self) -> date:
        return datetime.now(self._zone).date()


def _briefly(work: Callable[[], T]) -> T:
    """What some work gives. Raises `TooMuchHere` where it writes more SQL than whoever is brief should wait for."""
    watched().most_written = BRIEF
    return work()


def _answered(plan: Plan, asked: Question, run: Run) -> bytes:
    """The bytes of an answer. Raises `Doubt` where what is asked for is refused by what is on record."""
    for place, check in asked.checks:
        if any(check.refusal(each) for each in _runs(run, plan, asked, place)):
            raise Doubt("refused by what is on record")
    return b'{"data":' + size.dumped(plan.root.builder(run, ())(None), run.size) + b"}"


def _runs(run: Run, plan: Plan, asked: Question, place: int) -> list[Run]:
    """The runs that the arguments at a place belong to: of what was known at the moments that are chosen around it."""
    around = asked.prepared.selection.slots[place].around
    while around is not None:
        chosen = [number for number, moment in enumerate(plan.moments) if moment and moment[0] == around]
        if chosen:
            return [run.then[number] for number in chosen if number in run.then]
        around = asked.prepared.selection.slots[around].around
    return [run]


def _refuse(places: Places, plan: Plan, refused: dict[int, Exception] | None) -> None:
    """Notes why moments cannot be read, by the places of the arguments that choose them; or raises the first."""
    for number, refusal in places.refused.items():
        if refused is None:
            raise refusal
        moment = plan.moments[number]
        assert moment is not None
        refused.setdefault(moment[0], refusal)


def _refusal(check: Check, run: Run) -> Exception | None:
    try:
        return check.refusal(run)
    except Exception as error:  # told at the field that the arguments belong to
        return error
